"""Quantities that rules give: the class and stage of a loan, the order of allocation; later caps and periods.

Rules that apply are joined by the quantity's own direction: ``max`` takes the largest, ``min`` the smallest,
``special`` the one rule that no other applying rule overrides. The base of a quantity (class normal, stage M0) holds
where at least one rule is in force and binds. Nothing is assumed: a missing fact, two special rules that differ, or
no rule that speaks is an answer without value that says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from duecourse.law.columns import Facts, Truth, either, expression, some
from duecourse.law.condition import Expr, Known, fold
from duecourse.law.facts import Value
from duecourse.law.judge import Answer, Finding, Judge, Outcome, clean
from duecourse.law.quantities import QUANTITIES, Quantity
from duecourse.law.rulebook import Rulebook
from duecourse.law.series import Gap, filled
from duecourse.law.terms import Combine
from duecourse.trouble import N_, BadInput


class NoColumnForm(BadInput):
    """A quantity that is not a number has no columnar form."""

    def __init__(self, quantity: str) -> None:
        super().__init__(
            N_("{quantity} is an order, not a number; ask `law.measure` for one loan or one contract"),
            quantity=quantity,
        )


@dataclass(frozen=True, slots=True)
class Measure:
    """What the rules give, by which of them, or why there is no answer."""

    quantity: Quantity
    value: Answer | None
    by: tuple[Finding, ...]  # the rules that determined the value
    missing: tuple[str, ...]  # facts that rules lacked; then there is no value
    disagree: tuple[Finding, ...] = ()  # special rules that give different values; then there is none either
    gaps: tuple[Gap, ...] = ()  # values of dated tables that are missing, where that is why there is none

    @property
    def label(self) -> str:
        """The value's English word where it has one, else the value as text; empty without a value."""
        return self._word(self.quantity.labels)

    @property
    def label_zh(self) -> str:
        """The value's Chinese word where it has one."""
        return self._word(self.quantity.labels_zh)

    def _word(self, labels: tuple[str, ...]) -> str:
        if self.value is None:
            return ""
        if isinstance(self.value, tuple):
            return ", ".join(self.value)
        return labels[self.value - self.quantity.base] if labels else str(self.value)


def measure(book: Rulebook, quantity: str, facts: Mapping[str, object]) -> Measure:
    """The value of a quantity for one set of facts. Raises `KeyError` for an unknown quantity or fact."""
    wanted = QUANTITIES[quantity]
    known, gaps = filled(book.series, clean(facts))
    asked = [judge.ask(known) for judge in _givers(book, quantity)]
    missing = tuple(dict.fromkeys(name for one in asked for name in one.missing))
    given = [one for one in asked if one.outcome is Outcome.GIVES and one.answer is not None]
    if missing:
        return Measure(wanted, None, (), missing, gaps=tuple(gap for gap in gaps if gap.fact in missing))
    if wanted.combine is Combine.SPECIAL:
        return _special(wanted, given)
    numbers = [one.answer for one in given if isinstance(one.answer, int)]
    if wanted.labels and any(one.outcome not in (Outcome.NOT_IN_FORCE, Outcome.NOT_BOUND) for one in asked):
        numbers.append(wanted.base)
    if not numbers:
        return Measure(wanted, None, (), ())
    value = max(numbers) if wanted.combine is Combine.MAX else min(numbers)
    return Measure(wanted, value, tuple(one for one in given if one.answer == value), ())


def _special(wanted: Quantity, given: list[Finding]) -> Measure:
    overridden = {name for one in given for name in one.rule.overrides}
    left = tuple(one for one in given if one.rule.id not in overridden)
    if len({one.answer for one in left}) == 1:
        return Measure(wanted, left[0].answer, left, ())
    return Measure(wanted, None, (), (), left)


def _givers(book: Rulebook, quantity: str) -> list[Judge]:
    return [judge for judge in book.givers if judge.rule.gives and judge.rule.gives.quantity.name == quantity]


def measure_columns(book: Rulebook, quantity: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The value of a numeric quantity for each row, and the rule that gave it.

    Columns: ``value`` (Int64; null where a rule lacked a fact or none gives it), ``by`` (an Enum of the ids of the
    rules that give the quantity; the first that gave the value, null where only the base holds). Raises `NoColumnForm`.
    """
    wanted = QUANTITIES[quantity]
    if wanted.combine is Combine.SPECIAL:
        raise NoColumnForm(quantity)
    judges = _givers(book, quantity)
    facts = Facts(frame, tuple(dict.fromkeys(name for judge in judges for name in judge.rule.facts)))
    given: list[pl.Expr] = []
    lacking: Truth = False
    for judge in judges:
        number, gap = _given(facts, judge)
        given.append(number.alias(judge.rule.id))
        lacking = either(lacking, gap)
    spoken = pl.any_horizontal(pl.lit(value=False), *(facts.speaks(judge.rule) for judge in judges))
    base = pl.when(spoken & bool(wanted.labels)).then(pl.lit(wanted.base, dtype=pl.Int64))
    columns = facts.frame.select(*given, facts.whole(lacking).alias("lacking"), base.alias("base"))
    join = pl.max_horizontal if wanted.combine is Combine.MAX else pl.min_horizontal
    value = pl.when(~pl.col("lacking")).then(join(*(pl.col(judge.rule.id) for judge in judges), "base"))
    ids = pl.Enum([judge.rule.id for judge in judges])
    by: list[pl.Expr] = [
        pl.when(pl.col(judge.rule.id) == pl.col("value")).then(pl.lit(judge.rule.id, dtype=ids)) for judge in judges
    ] or [pl.lit(None, dtype=ids)]
    return columns.with_columns(value.alias("value")).select("value", pl.coalesce(by).alias("by"))


def _given(facts: Facts, judge: Judge) -> tuple[pl.Expr, Truth]:
    """What one rule gives in each row (null where it gives nothing), and where it lacks a fact."""
    rule = judge.rule
    number: Expr = rule.gives.number if rule.gives and rule.gives.number else Known(0)
    says, lacking = facts.ask(rule)
    gap: Truth = some(lacking.values())
    found = pl.lit(None, dtype=pl.Int64)
    for version in rule.versions:
        known: dict[str, Value] = {**facts.constants, **version.values}
        value = expression(fold(number, known)).cast(pl.Int64)
        found = pl.when(facts.in_force(version)).then(value).otherwise(found)
    return pl.when(facts.whole(says)).then(found), gap


def classify(book: Rulebook, facts: Mapping[str, object]) -> Measure:
    """The five-tier class (`class_rank`, 1 normal to 5 loss) from `on`, `lender_type` and `days_past_due`.

    Of a loan that is `restructured` at least that of its observation, from `observed_periods` and `observed_years`.
    """
    found = measure(book, "class_rank", facts)
    floor = measure(book, "observed_class_rank", facts) if facts.get("restructured") else None
    if (
        floor is None
        or not isinstance(floor.value, int)
        or (isinstance(found.value, int) and found.value > floor.value)
    ):
        return found
    return replace(floor, by=(*found.by, *floor.by)) if found.value == floor.value else floor


def classify_columns(book: Rulebook, frame: pl.DataFrame) -> pl.DataFrame:
    """Class and stage of each row from columns `on`, `lender_type` and `days_past_due`.

    Columns: ``class_rank`` and ``stage_rank`` (Int64), ``class_by`` and ``stage_by`` (Enum of rule ids).
    """
    ranks = measure_columns(book, "class_rank", frame).rename({"value": "class_rank", "by": "class_by"})
    return ranks.hstack(measure_columns(book, "stage_rank", frame).rename({"value": "stage_rank", "by": "stage_by"}))
