"""What is known of a planned contact beside the case: facts on record, what silence means, days of rest.

The same reading as the gate's (`casework.ground`), in columns: what is on record of the person goes before what the
lender said of all its claims, that before silence. What is not known stays missing, and refuses where it is needed.
What a contact uses up, and what was said to one house alone (`law.once`), opens no plan: the gate reckons it when the
contact is made.
"""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from duecourse.law.columns import dtype_of
from duecourse.law.condition import Known, fold
from duecourse.law.fact import Tightens, grown
from duecourse.law.facts import FACTS, Kind, Value
from duecourse.law.once import GIVEN_TO, NO_PLAN
from duecourse.law.restdays import day_of_rest
from duecourse.law.silence import OF_THE_DEBT, OF_THE_DEBTOR, SILENT

if TYPE_CHECKING:
    from duecourse.book.desk import Desk
    from duecourse.law.fact import Fact
    from duecourse.law.rulebook import Rulebook

ATTEMPTS = frozenset({"attempts_person_day", "attempts_person_7d"})
"""Counters that a run reads only where the law asks them of plans."""

_HELD = {
    "vulnerable": "vulnerable",
    "capacity_limited": "incapable",
    "attorney_known": "represented",
    "hold_court_stay": "court_stay",
    "hold_complaint": "complaint",
    "hold_other": "other",
}
"""Facts that a hold of the kind sets, of the person contacted or of the debtor, beside those of the strategy."""


def asked_of_plans(book: Rulebook) -> frozenset[str]:
    """Every fact that a rule of the gate may ask of a plan."""
    moment = {"moment": "plan"}
    rules = (judge.rule for judge in book.gate)
    return frozenset(name for rule in rules if fold(rule.applies, moment) != Known(value=False) for name in rule.facts)


def on_record(rows: pl.DataFrame, desk: Desk, book: Rulebook) -> dict[str, pl.Series]:
    """Facts of each row that are on record, that the lender said, or about which silence says no.

    ``rows`` have person_id, recipient_id, about (the loans), slot_at and law_second.
    """
    asked = book.gate_facts
    found: dict[str, pl.Series] = {}
    for name in asked:
        if name in SILENT:
            silent = pl.Series(name, [SILENT[name]], dtype=dtype_of(name)).new_from_index(0, rows.height)
            found[name] = rows.select(_held(desk, _HELD[name]).alias(name)).to_series() if name in _HELD else silent
    for row in desk.of_lender.iter_rows(named=True):
        name = row["fact"]
        if name in asked:
            there = pl.col("slot_at") >= row["from_at"]
            there = there if row["to_at"] is None else there & (pl.col("slot_at") < row["to_at"])
            found[name] = _over(rows, found.get(name), name, there, _value(name, row["value"]))
    if not desk.stated.is_empty():
        for fact in sorted((set(desk.stated["fact"]) & set(asked)) - NO_PLAN - GIVEN_TO):
            found[fact] = _stated(rows, desk.stated.filter(pl.col("fact") == fact), fact, found.get(fact))
    return found


def _held(desk: Desk, kind: str) -> pl.Expr:
    who = desk.holds.filter(pl.col("kind") == kind)["person_id"].unique().implode()
    return pl.col("recipient_id").is_in(who) | pl.col("person_id").is_in(who)


def _value(name: str, text: str) -> Value:
    value: Value = json.loads(text)
    return date.fromisoformat(str(value)) if FACTS[name].kind is Kind.DATE else value


def _over(rows: pl.DataFrame, below: pl.Series | None, name: str, there: pl.Expr, value: object) -> pl.Series:
    """A fact's column with a value wherever a condition holds, and what was known before elsewhere."""
    base = pl.Series(name, [None] * rows.height, dtype=dtype_of(name)) if below is None else below
    return rows.with_columns(base.alias("_base")).select(
        pl.when(there).then(pl.lit(value, dtype=dtype_of(name))).otherwise(pl.col("_base")).alias(name)
    ).to_series()  # fmt: skip


def _stated(rows: pl.DataFrame, part: pl.DataFrame, name: str, below: pl.Series | None) -> pl.Series:
    """What is on record of the person contacted, or, of the debt, of the debtor: the latest that holds then.

    Of several debts it is what is strictest of theirs (`Fact.strictest`).
    """
    numbered = rows.select("person_id", "recipient_id", "about", "slot_at", "law_second").with_row_index("row")
    debtors = pl.col("recipient_id") == pl.col("person_id")
    own = numbered.join(part, left_on="recipient_id", right_on="person_id", how="inner")
    if FACTS[name].source == OF_THE_DEBTOR:
        own = own.filter(debtors)
    elif FACTS[name].source in OF_THE_DEBT:  # what others say of debts is of those that they name, or of their own
        own = own.filter(debtors | pl.col("loan_key").is_not_null())
    found = [own.drop("person_id")]
    if FACTS[name].source in OF_THE_DEBT:
        others = numbered.filter(~debtors)
        found.append(others.join(part, on="person_id", how="inner").drop("person_id"))
    begun = pl.col("second_from") <= pl.col("law_second")
    before = pl.col("law_second") < pl.col("second_to")
    holds = (
        (pl.col("from_at") <= pl.col("slot_at"))
        & (pl.col("to_at").is_null() | (pl.col("slot_at") < pl.col("to_at")))
        & (
            pl.col("second_from").is_null()
            | (begun & before)
            | ((begun | before) & (pl.col("second_from") > pl.col("second_to")))  # over midnight
        )
    )
    said = pl.concat(found, how="diagonal").filter(holds).explode("about")
    said = said.filter(pl.col("loan_key").is_null() | (pl.col("loan_key") == pl.col("about")))
    said = said.sort("stated_id").unique(["row", "about"], keep="last")
    told = [_value(name, text) for text in said["value"]]
    if FACTS[name].ages:
        later = (said["slot_at"] - said["from_at"]).dt.total_microseconds()
        told = [grown(FACTS[name], int(str(one)), us) for one, us in zip(told, later, strict=True)]
    values = pl.Series("value", told, dtype=dtype_of(name))
    column = pl.Series(name, [None] * rows.height, dtype=dtype_of(name)) if below is None else below
    if said.is_empty():
        return column
    debts = numbered.select("row", "about", column.alias("_base")).filter(pl.col("row").is_in(said["row"].implode()))
    known = debts.explode("about").join(said.select("row", "about", values), on=["row", "about"], how="left")
    each = known.select("row", value=pl.coalesce("value", "_base")).group_by("row").agg(_strictest(FACTS[name]))
    return numbered.select("row", column.alias("_base")).join(each, on="row", how="left", maintain_order="left").select(
        pl.when(pl.col("row").is_in(each["row"].implode())).then(pl.col("value")).otherwise(pl.col("_base")).alias(name)
    ).to_series()  # fmt: skip


def _strictest(fact: Fact) -> pl.Expr:
    """`Fact.strictest` of the values of a group."""
    value = pl.col("value")
    if fact.kind is Kind.BOOL and fact.tightens is not Tightens.NEITHER:
        worst = value.any() if fact.tightens is Tightens.UP else (~value).any()
        else_ = pl.lit(fact.tightens is Tightens.UP)
    else:
        worst = (value.null_count() == 0) & pl.lit(fact.tightens is not Tightens.NEITHER)
        else_ = value.max() if fact.tightens is Tightens.UP else value.min()
    return pl.when(value.n_unique() == 1).then(value.first()).when(worst).then(else_).otherwise(None).alias("value")


def rest_days(days: pl.Series, territories: pl.Series | None, jurisdiction: str) -> pl.Series:
    """The fact `day_of_rest_local` of each row, by its local day and where the person lives."""
    where = pl.Series([None] * len(days), dtype=pl.String) if territories is None else territories.cast(pl.String)
    rows = pl.DataFrame({"day": days, "where": where})
    known = rows.unique().rows()
    table = pl.DataFrame(
        {
            "day": [day for day, _ in known],
            "where": [place for _, place in known],
            "rest": [None if day is None else day_of_rest(jurisdiction, day, place) for day, place in known],
        },
        schema={"day": pl.Date, "where": pl.String, "rest": pl.Boolean},
    )
    return rows.join(table, on=["day", "where"], how="left", nulls_equal=True, maintain_order="left")["rest"]
