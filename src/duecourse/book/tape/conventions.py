"""The conventions of loans: distinct combinations of the columns that name them, as terms, with their id and faults."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import rfc8785

from duecourse.book.tables import CONVENTIONS, conventions_id, conventions_json, terms_from
from duecourse.book.tape.layout import Shape, conventions
from duecourse.core.contract import Method, PenaltyMode, Walk, faults

USED = {
    "method": pl.String,
    "day_count": pl.String,
    "period_months": pl.Int64,
    "period_days": pl.Int64,
    "holiday_shift": pl.String,
    "holiday_interest": pl.Boolean,
    "first_period": pl.String,
    "beside": pl.Boolean,
}
"""What schedules and checks read of the terms, attached to each loan."""


def attach(loans: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Loans with ``conventions`` (an id), the columns of `USED`, and ``terms_fault`` (null where they stand).

    Also the table of conventions. Loans have ``currency`` filled in; a convention that is null takes its default, a
    method that is null is a fault.
    """
    names = ["currency", *(field.name for field in conventions() if field.name in loans.columns)]
    distinct = loans.select(names).unique(maintain_order=True).with_row_index("combination")
    made = [_combination(row) for row in distinct.drop("combination").iter_rows(named=True)]
    facts = pl.DataFrame(
        [{"combination": n, **facts} for n, (facts, _) in enumerate(made)],
        schema={"combination": pl.UInt32, "conventions": pl.String, "terms_fault": pl.String, **USED},
    )
    rows = {facts["conventions"]: row for facts, row in made if row is not None}
    table = pl.DataFrame(list(rows.values()), schema=CONVENTIONS)
    given = {name: f"given:{name}" for name in names}
    keyed = distinct.rename(given).join(facts, on="combination").drop("combination")
    attached = loans.rename(given).join(
        keyed, on=list(given.values()), how="left", nulls_equal=True, maintain_order="left"
    )
    return attached.rename({"given:currency": "currency"}).drop(list(given.values()), strict=False), table


def _combination(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    plain = {name: value for name, value in given.items() if value is not None}
    if "method" not in plain:
        return {"terms_fault": "the method of repayment is not said"}, None
    for field in conventions():
        if field.shape is Shape.WORDS and field.name in plain:
            plain[field.name] = plain[field.name].split()
    if plain.get("period_days") and "period_months" not in plain:
        plain["period_months"] = 0
    if plain["method"] == Method.CARD:
        plain.setdefault("walk", str(Walk.BY_CATEGORY))
    terms = terms_from(plain, rate_ppm=0, penalty_ppm=0, compound_ppm=0)
    wrong = "; ".join(f"{name}: {why}" for name, why in faults(terms))
    full = conventions_json(terms)
    canonical = rfc8785.dumps(full)
    digest = conventions_id(canonical)
    facts = {name: full[name] for name in USED if name in full}
    facts |= {"conventions": digest, "terms_fault": wrong or None}
    facts["beside"] = terms.penalty_mode is PenaltyMode.BESIDE
    return facts, {"conventions": digest, "currency": terms.currency, "terms": canonical.decode()}


def used_of(table: pl.DataFrame) -> pl.DataFrame:
    """The columns of `USED` for each id of a table of conventions."""
    rows = []
    for digest, terms in table.select("conventions", "terms").iter_rows():
        full = json.loads(terms)
        beside = full["penalty_mode"] == PenaltyMode.BESIDE
        rows.append({"conventions": digest, **{name: full[name] for name in USED if name in full}, "beside": beside})
    return pl.DataFrame(rows, schema={"conventions": pl.String, **USED})
