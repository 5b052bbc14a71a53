"""What changes by itself in what stands about a contact: consents and holds that end, hours that open, days that pass.

The facts of a later instant are reckoned as the gate would reckon them then, if nothing happens until then. A permit
that is out counts as used: whoever has it may still speak.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from duecourse.casework.ground import BEGAN, HOLD_FACTS, RECKONED, Moment
from duecourse.law.clock import change, instants
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


def changes(standing: Standing, moment: Moment, days: int) -> list[datetime]:
    """The instants after a moment, over some days, at which what stands about a person changes, in order.

    Hours are those of the moment's clock. What changes with the day alone is left out: every midnight is asked anyway.
    """
    until = moment.at + timedelta(days=days + 1)
    return sorted({at for at in _changes(standing, moment, days) if moment.at < at <= until})


def _changes(standing: Standing, moment: Moment, days: int) -> Iterator[datetime]:
    for row in (*standing.holds, *standing.of_lender):
        yield from (instant(micros) for micros in row[3:5] if micros is not None)
    for name, _value, _loan, begins, ends, opens, closes, *_whose in standing.stated:
        yield from (instant(micros) for micros in (begins, ends) if micros is not None)
        if opens is not None:
            yield from _hours((opens, closes), moment, days)
        if name in FACTS and FACTS[name].ages:
            yield from _grows(instant(begins), moment.at, days)


def _hours(seconds: tuple[int, int], moment: Moment, days: int) -> Iterator[datetime]:
    """When hours of the day begin or end; where the clocks jump, they may do so within the jump."""
    for day in (moment.day + timedelta(days=ahead) for ahead in range(days + 1)):
        jump = change(day, moment.zone)
        yield from () if jump is None else (jump,)
        for second in seconds:
            yield from instants(day + timedelta(days=second // 86_400), second % 86_400, moment.zone)


def _grows(begun: datetime, now: datetime, days: int) -> Iterator[datetime]:
    """When a number of days that was said at an instant grows (`law.fact.grown`)."""
    passed = (now - begun) // _DAY
    for ahead in range(passed, passed + days + 2):
        at = begun + ahead * _DAY
        yield from (at - _HOUR + timedelta(microseconds=1), at + _HOUR)


def instant(micros: int) -> datetime:
    """The instant of a row: microseconds since 1970."""
    return BEGAN + timedelta(microseconds=micros)
