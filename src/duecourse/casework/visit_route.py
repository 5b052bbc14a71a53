"""The order of a round: the shortest way from the office through all places and back, by PyVRP.

Distances are great circles times `DETOUR`, for want of streets: no map of roads is needed, and none is asked. It is a
plan for people who know their town. What does not belong here: whose the places are (`casework.visits`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from duecourse.trouble import N_, BadInput

EARTH_M = 6_371_000
DETOUR = 1.3
METRES_A_SECOND = 6
STAY_S = 20 * 60
ROUNDS = 200
"""Iterations of the search: a dozen places are done long before."""

Place = tuple[int, int]
"""North and east, in millionths of a degree."""


@dataclass(frozen=True, slots=True)
class Route:
    """In which order places are seen, how many seconds after leaving each is reached, and how long the way is."""

    order: tuple[int, ...]
    after_s: tuple[int, ...]
    length_m: int


def metres(one: Place, other: Place) -> int:
    """The way between two places.

    >>> metres((0, 0), (0, 1_000_000)) // 1000  # one degree of the equator is 111 km, with its detours 144
    144
    >>> metres((31_230_000, 121_470_000), (31_230_000, 121_470_000))
    0
    """
    north, east, there_north, there_east = (radians(value / 1_000_000) for value in (*one, *other))
    half = sin((there_north - north) / 2) ** 2 + cos(north) * cos(there_north) * sin((there_east - east) / 2) ** 2
    return int(2 * EARTH_M * asin(sqrt(half)) * DETOUR)


def route(start: Place, places: Sequence[Place]) -> Route:
    """The round from a start through all places and back to it."""
    order = list(range(len(places))) if len(places) < 2 else _shortest(start, places)
    at, here, length, after = 0, start, 0, []
    for place in order:
        way = metres(here, places[place])
        length, at = length + way, at + way // METRES_A_SECOND
        after.append(at)
        at, here = at + STAY_S, places[place]
    return Route(tuple(order), tuple(after), length + (metres(here, start) if order else 0))


def _shortest(start: Place, places: Sequence[Place]) -> list[int]:
    from pyvrp import Model  # noqa: PLC0415 - an extra (visits), and half a second
    from pyvrp.stop import MaxIterations  # noqa: PLC0415 - as above

    model = Model()
    every = [start, *places]
    there = [model.add_location(x=0, y=0) for _ in every]
    depot = model.add_depot(there[0])
    for location in there[1:]:
        model.add_client(location)
    model.add_vehicle_type(1, start_depot=depot, end_depot=depot)
    for one, here in enumerate(every):
        for other, beyond in enumerate(every):
            if one != other:
                model.add_edge(there[one], there[other], distance=metres(here, beyond))
    found = model.solve(MaxIterations(ROUNDS), seed=1, display=False)
    return [one.idx for one in found.best.routes()[0] if one.is_client()]


class NotAPlace(BadInput):
    """Coordinates that are nowhere."""

    def __init__(self) -> None:
        super().__init__(
            N_("a place is north and east in degrees with a point, such as 31.230416 121.473701; nothing was kept")
        )


def read_place(north: str, east: str) -> Place:
    """A place in millionths of a degree from its text; raises `NotAPlace`.

    >>> read_place("31.230416", "-121.4737")
    (31230416, -121473700)
    """
    found = []
    for text, most in ((north.strip(), 90), (east.strip(), 180)):
        whole, _point, part = text.removeprefix("-").partition(".")
        if not (whole + part).isascii() or not whole.isdecimal() or not (part or "0").isdecimal() or len(whole) > 3:
            raise NotAPlace
        value = int(whole) * 1_000_000 + int(part[:6].ljust(6, "0"))
        if value > most * 1_000_000:
            raise NotAPlace
        found.append(-value if text.startswith("-") else value)
    return found[0], found[1]
