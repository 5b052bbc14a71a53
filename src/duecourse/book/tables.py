"""The columns of the book's tables: names, types, units and order.

One book per lender. Every table is partitioned by ``shard`` (of the person) and kept in the order named in `ORDER`.
Facts carry ``effective`` (when they count) and ``known`` (when we learnt them); rows are added, never changed.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, get_type_hints

import polars as pl

from duecourse.core.contract import Category, Terms

if TYPE_CHECKING:
    from collections.abc import Mapping

INSTANT = pl.Datetime("us", "UTC")

LOANS: dict[str, Any] = {
    "shard": pl.Int16,
    "loan_key": pl.Int64,
    "person_id": pl.Int64,
    "loan_ref": pl.String,  # the lender's own loan number
    "contract_ref": pl.String,
    "product": pl.String,
    "region": pl.String,
    "currency": pl.String,
    "conventions": pl.String,  # id of a row of `conventions`
    "rate_ppm": pl.Int64,
    "penalty_ppm": pl.Int64,
    "compound_ppm": pl.Int64,
    "start": pl.Date,
    "maturity": pl.Date,
    "principal_minor": pl.Int64,
    "secured": pl.Boolean,
    "known": INSTANT,
    "source": pl.String,  # hash of the file it came from
}
"""One row per loan and instant of knowledge; the latest known row counts."""

INSTALMENTS: dict[str, Any] = {
    "shard": pl.Int16,
    "loan_key": pl.Int64,
    "set_no": pl.Int64,  # 0 = the contract's schedule; else `set_no` of the event that gave the schedule
    "due": pl.Date,
    "days": pl.Int32,  # days of interest in the period
    "principal_minor": pl.Int64,  # amounts are 0 where the method lays them (see `core.schedule`)
    "interest_minor": pl.Int64,
    "fee_minor": pl.Int64,
    "known": INSTANT,
}

EVENTS: dict[str, Any] = {
    "shard": pl.Int16,
    "loan_key": pl.Int64,
    "effective": pl.Date,
    "rank": pl.Int8,  # order within the day: `core.events.RANK`
    "kind": pl.Int8,  # `core.events.Kind`
    "known": INSTANT,
    "ref": pl.String,
    "amount": pl.Int64,
    "p1": pl.Int64,  # the event's `parts`, in order; null where it has fewer
    "p2": pl.Int64,
    "p3": pl.Int64,
    "p4": pl.Int64,
    "p5": pl.Int64,
    "until": pl.Date,
    "target": pl.String,
    "set_no": pl.Int64,  # the schedule in `instalments` that comes with this event; 0 = none
    "source": pl.String,
}

OBSERVATIONS: dict[str, Any] = {
    "shard": pl.Int16,
    "loan_key": pl.Int64,
    "day": pl.Date,  # last day of the month observed
    "bucket": pl.String,  # the lender's own status code, never turned into DPD
    "known": INSTANT,
    "source": pl.String,
}

BALANCES: dict[str, Any] = {
    "shard": pl.Int16,
    "loan_key": pl.Int64,
    "day": pl.Date,
    "item": pl.String,  # principal_outstanding, overdue_total, dpd …: what the lender says of the loan
    "value": pl.Int64,  # minor units, or days
    "known": INSTANT,
    "source": pl.String,
}

AGES: dict[str, Any] = {
    "shard": pl.Int16,
    "day": pl.Date,
    "loan_key": pl.Int64,
    "person_id": pl.Int64,
    "currency": pl.String,
    "product": pl.String,
    "status": pl.String,  # `core.reading.Status`
    "dpd": pl.Int32,
    "plan_dpd": pl.Int32,
    "stage_rank": pl.Int32,
    "class_rank": pl.Int32,
    "cost": pl.Int64,  # from here on minor units, as `core.reading.Reading` defines them
    "fee": pl.Int64,
    "interest": pl.Int64,
    "penalty": pl.Int64,
    "compound": pl.Int64,
    "principal": pl.Int64,
    "not_due": pl.Int64,
    "accrued": pl.Int64,
    "credit": pl.Int64,
    "overdue": pl.Int64,
    "oldest_due": pl.Date,
    "next_due": pl.Date,
    "next_amount": pl.Int64,
    "due_in_week": pl.Int64,
    "paid_total": pl.Int64,
    "last_payment": pl.Date,
    "warn_rank": pl.Int32,
    "score": pl.Int32,
    "known": INSTANT,
}
"""What a day run found for each loan; for a day and loan the row known last counts."""

CONVENTIONS: dict[str, Any] = {"conventions": pl.String, "currency": pl.String, "terms": pl.String}
"""Distinct sets of terms less the rates, as canonical JSON; not partitioned."""

TABLES = {
    "loans": LOANS,
    "instalments": INSTALMENTS,
    "events": EVENTS,
    "observations": OBSERVATIONS,
    "balances": BALANCES,
    "ages": AGES,
    "conventions": CONVENTIONS,
}

ORDER = {
    "loans": ["loan_key", "known"],
    "instalments": ["loan_key", "set_no", "due"],
    "events": ["loan_key", "effective", "rank", "known", "ref"],
    "observations": ["loan_key", "day"],
    "balances": ["loan_key", "day", "item"],
    "ages": ["day", "loan_key", "known"],
    "conventions": ["conventions"],
}


def latest(instalments: pl.DataFrame) -> pl.DataFrame:
    """Of several versions of a schedule the one known last. Rows of one version are known at one instant."""
    if instalments.is_empty() or instalments["known"].min() == instalments["known"].max():
        return instalments
    return instalments.filter(pl.col("known") == pl.col("known").max().over("loan_key", "set_no"))


DESK = "desk:"
"""Begins the ``source`` of events that came from the desk: provisional until a tape confirms them."""

RATES = ("rate_ppm", "penalty_ppm", "compound_ppm")


def conventions_json(terms: Terms) -> dict[str, Any]:
    """A contract's conventions without its rates, as plain values for canonical JSON."""
    plain = {name: value for name, value in asdict(terms).items() if name not in RATES}
    for order in ("order", "late_order"):
        plain[order] = [category.name.lower() for category in plain[order]]
    return {name: str(value) if hasattr(value, "value") else value for name, value in plain.items()}


def conventions_id(canonical: bytes) -> str:
    """The id of a set of conventions: a digest of its canonical JSON."""
    return blake2b(canonical, digest_size=8).hexdigest()


@cache
def _types() -> dict[str, Any]:
    return get_type_hints(Terms)


def terms_from(plain: Mapping[str, Any], *, rate_ppm: int, penalty_ppm: int, compound_ppm: int) -> Terms:
    """The terms of a loan from its conventions and rates. Raises `ValueError` on a value outside its closed list."""
    hints = _types()
    values: dict[str, Any] = {}
    for name, value in plain.items():
        if name in {"order", "late_order"}:
            values[name] = tuple(Category[item.upper()] for item in value)
        else:
            values[name] = hints[name](value) if hasattr(hints[name], "__members__") else value
    return replace(
        Terms(method=values["method"], rate_ppm=rate_ppm), **values, penalty_ppm=penalty_ppm, compound_ppm=compound_ppm
    )
