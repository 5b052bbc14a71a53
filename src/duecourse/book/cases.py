"""From loans to cases: the facts a strategy asks about, per borrower and per loan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from duecourse.book.strategy import FACTS, FLAGS

if TYPE_CHECKING:
    from datetime import date

    from duecourse.book.desk import Desk

NEVER_PAID = 36_500
"""Days since the last payment where there was none, and days to what never comes."""

HOLDS = {
    "dispute": "hold_dispute",
    "hardship": "hold_hardship",
    "bereavement": "hold_bereavement",
    "deceased": "hold_bereavement",
    "breathing_space": "hold_breathing_space",
    "cease": "hold_cease",
    "insolvency": "hold_insolvency",
    "identity_theft": "hold_identity_theft",
}
"""Kinds of hold by the strategy fact they set; every other kind sets ``hold_other``."""

HOLD_FACTS = sorted({*HOLDS.values(), "hold_other"})

UNREACHABLE_ATTEMPTS, UNREACHABLE_DAYS = 3, 3
"""Calls to each known number, on this many days, without an answer: then the debtor counts as unreachable.

The law does not define it (无法联系); this is the product's evidenced reading."""


def holds_by_person(desk: Desk) -> pl.DataFrame:
    """One row per person with a hold: ``person_id`` and a flag per `HOLD_FACTS`, and whether dead or incapable."""
    fact = pl.col("kind").replace_strict(HOLDS, default="hold_other")
    return (
        desk.holds.with_columns(fact=fact)
        .group_by("person_id")
        .agg(
            *((pl.col("fact") == name).any().alias(name) for name in HOLD_FACTS),
            (pl.col("kind") == "deceased").any().alias("dead"),
            (pl.col("kind") == "incapable").any().alias("incapable"),
        )
    )


def unreachable(desk: Desk) -> pl.DataFrame:
    """Persons none of whose valid numbers answered, each tried often enough on enough days: column ``person_id``."""
    numbers = desk.points.filter((pl.col("kind") == "phone") & (pl.col("state") == "ok"))
    tried = numbers.join(
        desk.reach, left_on=["person_id", "value_index"], right_on=["debtor_id", "value_index"], how="left"
    )
    silent = (
        (pl.col("attempts").fill_null(0) >= UNREACHABLE_ATTEMPTS)
        & (pl.col("days").fill_null(0) >= UNREACHABLE_DAYS)
        & ~pl.col("reached").fill_null(value=False)
    )
    every = tried.group_by("person_id").agg(silent.all().alias("silent")).filter("silent")
    answered = desk.reach.filter("reached").select(person_id="debtor_id").unique()
    return every.select("person_id").join(answered, on="person_id", how="anti")


def facts_by_person(desk: Desk) -> pl.DataFrame:
    """What the strategy asks about a person and the desk knows; one row for each of whom there is something to say."""
    silent = unreachable(desk).with_columns(unreachable=pl.lit(value=True))
    opened = desk.cases.select("person_id", "opened_day")
    given = desk.promises.select("person_id", promise_due="due_day", promise_left_minor="left_minor")
    held = holds_by_person(desk).join(silent, on="person_id", how="full", coalesce=True)
    known = held.join(opened, on="person_id", how="full", coalesce=True)
    return known.join(given, on="person_id", how="full", coalesce=True)


def loan_facts(aged: pl.DataFrame, persons: pl.DataFrame, day: date) -> pl.DataFrame:
    """The aged loans with the strategy's facts of each, as columns `FACTS`; ``persons`` from `facts_by_person`."""
    facts = aged.join(persons, on="person_id", how="left")
    return facts.with_columns(
        loans=pl.lit(1, dtype=pl.Int32),
        overdue_minor=pl.col("overdue"),
        due_minor=pl.col("due"),
        settle_minor=pl.col("settle"),
        next_minor=pl.col("next_amount"),
        days_to_due=(pl.col("next_due") - day).dt.total_days().fill_null(NEVER_PAID),
        days_since_paid=(day - pl.col("last_payment")).dt.total_days().fill_null(NEVER_PAID),
        days_to_promise=(pl.col("promise_due") - day).dt.total_days().fill_null(NEVER_PAID),
        promise_left_minor=pl.col("promise_left_minor").fill_null(0),
        days_in_case=(day - pl.col("opened_day")).dt.total_days().fill_null(0),
        **{name: pl.col(name).fill_null(value=False) for name in [*HOLD_FACTS, "dead", "incapable", "unreachable"]},
    )


CLAIMED = ("active", "written_off")
"""Statuses under which something can be asked for."""


def case_facts(loans: pl.DataFrame, opens_when: pl.Expr, at_least_minor: int) -> pl.DataFrame:
    """One row per person who has a case: facts over the loans that make it, and the loans themselves.

    A case holds every claimed loan of the borrower that meets ``opens_when``. Amounts of loans in another currency than
    that of the largest overdue amount stand in a case of their own only when the first is cured. Where less than
    ``at_least_minor`` is overdue over these loans together, there is no case, and one that was open is over.
    """
    claimed = loans.filter(pl.col("status").is_in(CLAIMED) & opens_when)
    main = (
        claimed.sort("overdue_minor", "currency", descending=[True, False])
        .group_by("person_id", maintain_order=True)
        .agg(pl.col("currency").first())
    )
    kept = claimed.join(main, on=["person_id", "currency"], how="semi")
    rules: dict[str, Any] = {}
    for name in FACTS:
        if name in FLAGS:
            rules[name] = pl.col(name).any()
        elif name in {"loans", "overdue_minor", "due_minor", "settle_minor"}:
            rules[name] = pl.col(name).sum()
        elif name in {"days_to_due", "days_since_paid", "days_to_promise"}:
            rules[name] = pl.col(name).min()
        else:
            rules[name] = pl.col(name).max()
    return (
        kept.group_by("person_id")
        .agg(
            *(rule.alias(name) for name, rule in rules.items()),
            pl.col("shard").first(),
            pl.col("currency").first(),
            pl.col("oldest_due").min(),
            *(
                pl.col(name).sum()
                for name in ("principal", "interest", "penalty", "compound", "cost", "fee", "not_due")
            ),
            pl.col("dead").any(),
            pl.col("incapable").any(),
            pl.col("loan_key").sort(),
        )
        .filter(pl.col("overdue_minor") >= at_least_minor)
        .sort("person_id")
    )
