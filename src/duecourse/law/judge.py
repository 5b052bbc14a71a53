"""One rule asked about one contact.

The order of asking is the same here, in ``law.columns`` and in ``law.referee``: the day; whom the rule binds; whether
it applies; whether it refuses. Before each question the facts it needs must be there; the first question that lacks one
ends the asking, and the rule refuses and names them. A no ends it too. A lift that is missing does not lift.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from duecourse.law.condition import fold
from duecourse.law.facts import FACTS, Value
from duecourse.law.program import Asking, compile_value
from duecourse.law.rule import Effect, Rule, Version

Answer = int | tuple[str, ...]
"""What a rule gives: a whole number, or an order of parts."""


class Outcome(StrEnum):
    """What one rule says of one contact."""

    NOT_IN_FORCE = "not in force"
    NOT_BOUND = "not bound"
    NOT_APPLICABLE = "does not apply"
    PASSES = "passes"
    LIFTED = "lifted"  # would refuse, but consent, agreement or an override lifts it
    MISSING = "missing"  # a needed fact is missing, so it refuses
    REFUSES = "refuses"
    ADVISES = "advises"
    GIVES = "gives"

    @property
    def says_no(self) -> bool:
        """Whether the contact is refused by this."""
        return self in (Outcome.MISSING, Outcome.REFUSES)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule said, and on which facts and values."""

    rule: Rule
    outcome: Outcome
    version: Version | None = None
    missing: tuple[str, ...] = ()
    known: Mapping[str, Value] = field(default_factory=dict, repr=False)  # what was known of the contact
    lifted_by: tuple[str, ...] = ()  # the lifts that were there and true
    answer: Answer | None = None

    @property
    def facts(self) -> tuple[tuple[str, Value], ...]:
        """Those that the rule asked and that were there; picked out when somebody wants to see them."""
        return tuple((name, self.known[name]) for name in self.rule.facts if name in self.known)

    @property
    def because(self) -> str:
        """The outcome in the words that cases use: ``missing second_local``, ``lifted by time_agreed``."""
        if self.outcome is Outcome.MISSING:
            return f"missing {', '.join(self.missing)}"
        if self.outcome is Outcome.LIFTED:
            return f"lifted by {', '.join(self.lifted_by)}"
        return self.outcome.value


def clean(facts: Mapping[str, object]) -> dict[str, Value]:
    """The facts that are known and believable. Raises `KeyError` for a name outside the vocabulary."""
    known: dict[str, Value] = {}
    for name, value in facts.items():
        read = None if value is None else _READERS[name](value)
        if read is not None:
            known[name] = read
    return known


_READERS = {name: fact.reader() for name, fact in FACTS.items()}


class Judge:
    """A rule, compiled to ask it about one contact at a time."""

    __slots__ = ("_answer", "_stages", "rule")

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        no = (Outcome.NOT_BOUND, Outcome.NOT_APPLICABLE, Outcome.PASSES)
        self._stages = [
            (stage.facts, compile_value(stage.test), otherwise)
            for stage, otherwise in zip(rule.stages, no, strict=True)
        ]
        self._answer: Callable[[Mapping[str, Value]], Value] | None = (
            compile_value(rule.gives.number) if rule.gives and rule.gives.number else None
        )

    def asking(self, day: date) -> list[Asking] | None:
        """The rule's questions on a day, its values put in, for `program.compile_speaking`; None if not in force."""
        version = self.rule.version(day)
        if version is None:
            return None
        return [Asking(stage.facts, fold(stage.test, version.values)) for stage in self.rule.stages]

    def ask(self, facts: Mapping[str, Value]) -> Finding:
        """What the rule says of cleaned facts."""
        rule, day = self.rule, facts.get("on")
        if day is None:
            return Finding(rule, Outcome.MISSING, missing=("on",))
        version = rule.version(day)  # type: ignore[arg-type]  # `clean` lets only a date be `on`
        if version is None:
            return Finding(rule, Outcome.NOT_IN_FORCE)
        known = {**facts, **version.values} if version.values else facts
        for needed, test, otherwise in self._stages:
            for name in needed:
                if name not in facts:
                    missing = tuple(name for name in needed if name not in facts)
                    return Finding(rule, Outcome.MISSING, version, missing, facts)
            if not test(known):
                return Finding(rule, otherwise, version, known=facts)
        if rule.gives is not None:
            given = self._answer(known) if self._answer else rule.gives.order
            return Finding(rule, Outcome.GIVES, version, known=facts, answer=given)  # type: ignore[arg-type]
        if rule.effect is Effect.ADVISE:
            return Finding(rule, Outcome.ADVISES, version, known=facts)
        lifts = tuple(name for name in rule.lifted_by if facts.get(name) is True)
        return Finding(rule, Outcome.LIFTED if lifts else Outcome.REFUSES, version, known=facts, lifted_by=lifts)
