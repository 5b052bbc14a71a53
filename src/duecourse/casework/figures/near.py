"""Near misses: permits that were given one step before a refusal, found by asking the same rules one step further."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from duecourse.law.decide import decide_at
from duecourse.law.fact import Kind
from duecourse.law.facts import FACTS
from duecourse.law.rulebook import Rulebook
from duecourse.storage.counters import COUNTERS, Gives

MARGIN = timedelta(minutes=15)
"""How long before a window's end a contact counts as planned at the limit."""

COUNTER, CLOSING = "counter", "closing_time"


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A rule that would have refused one step further, and what the step is."""

    rule: str
    kind: str
    fact: str


def near_misses(
    book: Rulebook, facts: Mapping[str, Any], at: datetime, zones: tuple[str, ...], margin: timedelta = MARGIN
) -> Iterator[NearMiss]:
    """What would have refused an allowed contact: one more on any counter, or the same a quarter of an hour later."""
    known = {name: _value(name, value) for name, value in facts.items() if name in FACTS}
    refused = {one.rule.id for one in decide_at(book, known, at, zones).refusals}
    for name, counter in COUNTERS.items():
        value = known.get(name)
        if counter.gives is Gives.COUNT and isinstance(value, int):
            for one in decide_at(book, {**known, name: value + 1}, at, zones).refusals:
                if one.rule.id not in refused:
                    yield NearMiss(one.rule.id, COUNTER, name)
    for one in decide_at(book, known, at + margin, zones).refusals:
        if one.rule.id not in refused and "second_local" in one.rule.facts:
            yield NearMiss(one.rule.id, CLOSING, "second_local")


def _value(name: str, value: object) -> object:
    """A fact as the gate was asked it; days were kept as text."""
    return date.fromisoformat(value) if FACTS[name].kind is Kind.DATE and isinstance(value, str) else value
