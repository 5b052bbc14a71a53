"""Counting for one contact, under lock: the counters of `storage.counters` over the contacts that were read.

The conditions are those that PostgreSQL evaluates for a whole day run, compiled to Python; a test counts random
contacts both ways.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from duecourse.law.condition import parse_condition
from duecourse.law.fact import NEVER, Fact, Kind, flag, word
from duecourse.law.program import compile_value
from duecourse.law.terms import Channel, Purpose, Relation
from duecourse.storage.counters import COLUMNS, COUNTERS, EVER, Counter, Gives, Over
from duecourse.storage.standing import MADE

_SAID = "contacts"
_WORDS = (
    word("channel", Channel, "by which way", "渠道", _SAID),
    word("purpose", Purpose, "why", "目的", _SAID),
    word("relation", Relation, "what the person is to the debt", "关系", _SAID),
    Fact("direction", Kind.WORD, "who started it", "方向", _SAID, options=("out", "in")),
)
VOCABULARY = {
    **{one.name: one for one in _WORDS},
    **{name: flag(name, name, name, _SAID) for name in COLUMNS if name not in {one.name for one in _WORDS}},
}
"""What a counter's condition may ask of a contact."""

Made = Mapping[str, Any]
"""A contact as `storage.standing.MADE` names it, with ``local_day`` as a day."""


@dataclass(frozen=True, slots=True)
class About:
    """What is counted for: the contact that is asked about."""

    day: date
    point_index: str | None
    loan_keys: tuple[int, ...]
    firm: str


def made(rows: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    """The contacts of `storage.standing.Standing.made`, named."""
    found = [dict(zip(MADE, row, strict=True)) for row in rows]
    for one in found:
        one["local_day"] = date.fromisoformat(one["local_day"])
    return found


def count(contacts: Sequence[Made], about: About, names: Iterable[str] = COUNTERS) -> dict[str, int]:
    """The counters of these names for one contact; ``contacts`` are live ones only."""
    return {name: _value(COUNTERS[name], contacts, about, _test(name)) for name in names if name in COUNTERS}


def _value(counter: Counter, contacts: Sequence[Made], about: About, test: Callable[[Made], object]) -> int:
    first = date.min if counter.days == EVER else about.day - timedelta(days=counter.days - 1)
    counted = [
        one
        for one in contacts
        if first <= one["local_day"] <= about.day
        and _attached(counter.over, one, about)
        and (not counter.same_sender or (one["agency"] or "") == about.firm)
        and test(one)
    ]
    if counter.over is not Over.DEBT:
        return _given(counter, counted, about.day)
    each = [
        _given(counter, [one for one in counted if loan in one["loan_keys"]], about.day) for loan in about.loan_keys
    ]
    return max(each) if counter.gives is Gives.COUNT else min(each)


def _given(counter: Counter, counted: Sequence[Made], day: date) -> int:
    if counter.gives is Gives.COUNT:
        return len(counted)
    return min((min((day - one["local_day"]).days, NEVER) for one in counted), default=NEVER)


def _attached(over: Over, one: Made, about: About) -> bool:
    match over:
        case Over.PERSON:
            return bool(one["with_person"])
        case Over.POINT:
            return about.point_index is not None and one["point_index"] == about.point_index
        case Over.DEBTOR:
            return bool(one["about_debtor"] or one["with_person"])
        case Over.DEBT:
            return bool(one["with_person"])  # which debt: see `_value`
        case Over.LOCATED:
            return bool(one["with_person"] and one["about_debtor"])


@cache
def _test(name: str) -> Callable[[Made], object]:
    return compile_value(parse_condition(COUNTERS[name].where, VOCABULARY, {}))
