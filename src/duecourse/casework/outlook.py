"""What changes by itself in what stands about a contact: consents and holds that end, hours that open, days that pass.

The facts of a later instant are reckoned as the gate would reckon them then, if nothing happens until then. A permit
that is out counts as used: whoever has it may still speak.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from duecourse.casework.ground import BEGAN, HOLD_FACTS, RECKONED, Moment
from duecourse.law.clock import instants, zone
from duecourse.law.facts import FACTS
from duecourse.law.once import NOTICE, USED_UP
from duecourse.storage.standing import Standing

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)

ONCE = USED_UP | {NOTICE}
"""Facts that were said, and that the days and the contacts since may end."""

_STAYS = frozenset({
    "channel", "purpose", "moment", "lender_type", "sender_type", "contact_person_refused", "contact_point_valid",
    "wrong_number", "point_takes_text", "at_workplace", "number_mobile", "debt_collector",
})  # fmt: skip
"""Facts that are reckoned from tables and stay until somebody does something."""


def moving(standing: Standing, names: Iterable[str], moment: Moment) -> frozenset[str]:
    """Those of these facts that may change after a moment without anybody's doing."""
    now = moment.micros
    held = frozenset(HOLD_FACTS.values())
    ends = {HOLD_FACTS.get(kind) for _, kind, _, begins, end in standing.holds if begins > now or end}
    said = {name for name, _, _, begins, end, opens, *_ in standing.stated if begins > now or end or opens is not None}
    said |= {name for name, _, _, begins, end in standing.of_lender if begins > now or end}
    return frozenset(
        name
        for name in names
        if name in ends
        or name in said
        or name in ONCE
        or (name in RECKONED and name not in _STAYS and name not in held)
    )


def changes(standing: Standing, here: str, now: datetime, days: int) -> list[datetime]:
    """The instants after ``now``, over some days, at which what stands about a person changes, in order.

    Hours are those of the zone ``here``. What changes with the day alone is left out: every midnight is asked anyway.
    """
    until = now + timedelta(days=days + 1)
    return sorted({at for at in _changes(standing, here, now, days) if now < at <= until})


def _changes(standing: Standing, here: str, now: datetime, days: int) -> Iterator[datetime]:
    where = zone(here)
    for row in (*standing.holds, *standing.of_lender):
        yield from (instant(micros) for micros in row[3:5] if micros is not None)
    for name, _value, _loan, begins, ends, opens, closes, *_whose in standing.stated:
        yield from (instant(micros) for micros in (begins, ends) if micros is not None)
        for second in (opens, closes):
            for ahead in range(days + 1) if second is not None else ():
                day = now.astimezone(where).date() + timedelta(days=ahead)
                yield from instants(day + timedelta(days=second // 86_400), second % 86_400, where)
        if name in FACTS and FACTS[name].ages:
            yield from _grows(instant(begins), now, days)


def _grows(begun: datetime, now: datetime, days: int) -> Iterator[datetime]:
    """When a number of days that was said at an instant grows (`law.fact.grown`)."""
    passed = (now - begun) // _DAY
    for ahead in range(passed, passed + days + 2):
        at = begun + ahead * _DAY
        yield from (at - _HOUR + timedelta(microseconds=1), at + _HOUR)


def instant(micros: int) -> datetime:
    """The instant of a row: microseconds since 1970."""
    return BEGAN + timedelta(microseconds=micros)
