"""Local days and seconds from UTC instants, by the pinned `tzdata` package alone.

The system's own zone files are not read: two machines must give the same answer. An instant is an aware UTC datetime.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from duecourse.law.facts import nearest
from duecourse.trouble import N_, BadInput


class UnknownZone(BadInput):
    """A zone name that the pinned tzdata does not have."""

    def __init__(self, name: str) -> None:
        super().__init__(
            N_("zone {name!r} is not in the tzdata of this installation{near}; use an IANA name such as Asia/Shanghai"),
            name=name,
            near=nearest(name, _names()),
        )


@cache
def _names() -> tuple[str, ...]:
    return tuple((files("tzdata") / "zones").read_text().split())


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name. Raises `UnknownZone`."""
    if name not in _names():
        raise UnknownZone(name)
    place = files("tzdata") / "zoneinfo"
    for part in name.split("/"):
        place = place / part
    with place.open("rb") as stream:
        return ZoneInfo.from_file(stream, key=name)


def known_zone(name: str) -> bool:
    """Whether the pinned tzdata has the zone."""
    return name in _names()


def local(instant: datetime, where: ZoneInfo) -> tuple[date, int]:
    """The local day and second of the day of an instant.

    >>> local(datetime(2026, 3, 1, 14, 10, tzinfo=UTC), zone("Asia/Shanghai"))
    (datetime.date(2026, 3, 1), 79800)
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no zone: an instant is a UTC datetime")
    there = instant.astimezone(where)
    return there.date(), there.hour * 3600 + there.minute * 60 + there.second


def instants(day: date, second: int, where: ZoneInfo) -> tuple[datetime, ...]:
    """The UTC instants that the local clock shows as this second of this day: one, two when clocks go back.

    A second that clocks jump over yields the same time reckoned by either offset, in ascending order.
    """
    naive = datetime.combine(day, time()) + timedelta(seconds=second)
    both = {naive.replace(tzinfo=where, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return tuple(sorted(both))


def change(day: date, where: ZoneInfo) -> datetime | None:
    """The instant of this local day at which the zone's offset changes, if it does."""
    low = instants(day, 0, where)[0]
    high = instants(day + timedelta(days=1), 0, where)[-1]

    def offset(at: datetime) -> timedelta | None:
        return at.astimezone(where).utcoffset()

    if offset(low) == offset(high):
        return None
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
    return high
