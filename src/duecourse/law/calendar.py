"""When a person may be contacted over the next days, by channel: open windows, and why the rest is closed.

The answer is searched as `law.decide.next_open` searches it: between two neighbouring instants at which a rule's answer
can change, it cannot, so each stretch is asked once and the windows are exact to the second, over changes of the clocks
too. What is known to change (a hold that ends, a counter of several days from which a contact falls out) is given as
`Later`.

What does not belong here: gathering the facts of a person (casework), printing (cli).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from duecourse.law.clock import instants, known_zone, local, zone
from duecourse.law.decide import days_on, decide_at, places, turns
from duecourse.law.judge import Finding
from duecourse.law.rulebook import Rulebook

DAYS = 14
"""Local days that a calendar shows, the first of them begun."""

CELLS = 48
"""Cells of a day's chart: half an hour each."""

OPEN, PARTLY, CLOSED, NEVER_WAS = "█", "▌", "·", " "
"""A half-hour that is open, partly open, closed, or left out by the clocks (or before the first instant)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One way of contact that a calendar is asked about."""

    channel: str
    facts: Mapping[str, object]  # purpose, text, relation, counters and holds as they are now
    label: str = ""  # template or purpose, for people
    falling: Mapping[str, Sequence[int]] = field(default_factory=dict)  # as for `law.decide.next_open`
    ask: Callable[[datetime], Mapping[str, object]] | None = None  # the facts at any instant, where they can be told


@dataclass(frozen=True, slots=True)
class Later:
    """Facts that are known to be otherwise from an instant on."""

    at: datetime
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time with one answer; ``until`` is not part of it."""

    at: datetime
    until: datetime
    refusals: tuple[Finding, ...]  # empty where it is open

    @property
    def open(self) -> bool:
        """Whether the contact is allowed throughout."""
        return not self.refusals

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that close it."""
        return tuple(one.rule.id for one in self.refusals)


@dataclass(frozen=True, slots=True)
class Way:
    """The spans of one way of contact, one after the other without gap."""

    channel: str
    label: str
    spans: tuple[Span, ...]

    @property
    def windows(self) -> tuple[Span, ...]:
        """The open ones."""
        return tuple(span for span in self.spans if span.open)

    def on(self, day: date, clock: str) -> tuple[Span, ...]:
        """The spans of one local day, cut at its midnights."""
        start, end = _bounds(day, clock)
        return tuple(
            Span(max(span.at, start), min(span.until, end), span.refusals)
            for span in self.spans
            if span.at < end and span.until > start
        )


@dataclass(frozen=True, slots=True)
class Calendar:
    """The ways of contact over some days."""

    at: datetime
    until: datetime
    clock: str  # zone in which days are shown
    zones: tuple[str, ...]  # zones of which all must be open
    ways: tuple[Way, ...]
    rulebook: str

    @property
    def days(self) -> tuple[date, ...]:
        """The local days shown, the first of them perhaps begun."""
        first = local(self.at, zone(self.clock))[0]
        last = local(self.until - timedelta(microseconds=1), zone(self.clock))[0]
        return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def calendar(
    book: Rulebook,
    wanted: Sequence[Wanted],
    at: datetime,
    *,
    zones: Iterable[str] = (),
    homes: Iterable[Mapping[str, object]] = (),
    later: Iterable[Later] = (),
    days: int = DAYS,
) -> Calendar:
    """The calendar of a person from an instant to the end of the last of so many local days.

    ``zones`` and ``homes`` are where the person may be, as for `law.decide.decide_at`; days are shown in the first
    zone, else in the law's. Everything but the clock stays as it is, save what each later day changes by itself
    (counters of the day, days since something) and what ``later`` says. Raises `ValueError` without any known zone.
    """
    names, lives = places(book, zones), [dict(home) for home in homes]
    known = [name for name in names if known_zone(name)]
    clock = next((name for name in zones if known_zone(name)), known[0] if known else "")
    if not clock:
        raise ValueError("a calendar needs a zone that is known: the law's or the person's")
    end = _bounds(local(at, zone(clock))[0] + timedelta(days=days - 1), clock)[1]
    changes = sorted((one for one in later if one.at < end), key=lambda one: one.at)
    marks = {moment for moment in turns(book, at, days + 1, known) if moment < end}
    cuts = sorted({*marks, *(one.at for one in changes if one.at > at), at, end})
    ways = []
    for way in wanted:
        spans: list[Span] = []
        for start, stop in pairwise(cuts):
            facts = _facts_at(book, way, changes, at=start, begun=at, known=known)
            refusals = decide_at(book, facts, start, names, lives).refusals
            _join(spans, Span(start, stop, refusals))
        ways.append(Way(way.channel, way.label, tuple(spans)))
    return Calendar(at, end, clock, names, tuple(ways), book.hash)


def _facts_at(
    book: Rulebook,
    way: Wanted,
    changes: Sequence[Later],
    *,
    at: datetime,
    begun: datetime,
    known: Sequence[str],
) -> Mapping[str, object]:
    """The facts at an instant: as said last, and as many days on as have passed since everywhere."""
    if way.ask is not None:
        return {**way.ask(at), "channel": way.channel}
    clocks = [zone(name) for name in ([book.zone] if book.zone else known)]

    def passed(since: datetime) -> int:
        return min((local(at, clock)[0] - local(since, clock)[0]).days for clock in clocks)

    found = {**days_on(way.facts, passed(begun), way.falling), "channel": way.channel}
    for one in changes:
        if one.at <= at:
            found |= days_on(one.facts, passed(max(one.at, begun)), {})
    return found


def _join(spans: list[Span], span: Span) -> None:
    """Add a span; one with the answer of the span before it lengthens that."""
    if spans and _told(spans[-1]) == _told(span):
        spans[-1] = Span(spans[-1].at, span.until, spans[-1].refusals)
    else:
        spans.append(span)


def _told(span: Span) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((one.rule.id, one.missing) for one in span.refusals)


def _bounds(day: date, clock: str) -> tuple[datetime, datetime]:
    """The first instants of a local day and of the next; where midnight is left out, the day begins after it."""
    there = zone(clock)
    start, end = (
        next(at for at in instants(one, 0, there) if local(at, there)[0] == one)
        for one in (day, day + timedelta(days=1))
    )
    return start, end


def chart(way: Way, day: date, clock: str, cells: int = CELLS) -> str:
    """A local day as so many cells, by the local clock; times that the clocks show twice are one cell."""
    spans = way.on(day, clock)
    if not spans:
        return NEVER_WAS * cells
    size = 86_400 // cells
    return "".join(_cell(spans, day, clock, cell * size, size) for cell in range(cells))


def _cell(spans: Sequence[Span], day: date, clock: str, second: int, size: int) -> str:
    there = zone(clock)
    lies = [at for at in instants(day, second, there) if local(at, there) == (day, second)]
    length, opened = timedelta(), timedelta()
    for start in lies:
        stop = start + timedelta(seconds=size)
        for span in spans:
            part = min(stop, span.until) - max(start, span.at)
            if part > timedelta():
                length += part
                opened += part if span.open else timedelta()
    if not length:
        return NEVER_WAS
    return OPEN if opened == length else PARTLY if opened else CLOSED


def shown(span: Span, clock: str) -> str:
    """A span of one local day as clocks show it; seconds only where they matter, the day's end as 24:00.

    >>> from datetime import UTC
    >>> at = datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
    >>> shown(Span(at, at + timedelta(hours=14), ()), "Asia/Shanghai")
    '08:00-22:00'
    """
    there = zone(clock)
    start, stop = (one.astimezone(there) for one in (span.at, span.until))
    words = [f"{one:%H:%M:%S}" if one.second else f"{one:%H:%M}" for one in (start, stop)]
    if stop.time() == time() and stop.date() > start.date():
        words[1] = "24:00"
    return "-".join(words)
