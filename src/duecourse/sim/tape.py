"""The files that the demo lender sends: a full tape, then a delta for each of the days after it.

Columns are those of the standard layout (``docs/tape.md``); what is no business of a tape (collectors, contacts made
before) goes into the folder ``desk``, in the columns named in `DESK`. Large kinds of record are Parquet, the others
CSV. The same rows give the same bytes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

import polars as pl

from duecourse.core.contract import Category, Method, Terms, Walk
from duecourse.core.events import MONEY_IN, PAUSE_DPD, PAUSE_INTEREST, PAUSE_PENALTY, Event, Kind
from duecourse.sim.lender import CURRENCY, DELTA_DAYS, FULL_DAY, LAST_DAY, instant
from duecourse.sim.life import Life
from duecourse.sim.people import Human
from duecourse.sim.products import BUSINESS, CARD

Row: TypeAlias = tuple[Any, ...]
Columns: TypeAlias = dict[str, Any]

CONVENTIONS: Final = {
    "method": pl.String, "day_count": pl.String, "period_months": pl.Int64, "period_days": pl.Int64,
    "level_from": pl.String, "holiday_shift": pl.String, "holiday_interest": pl.Boolean, "penalty_mode": pl.String,
    "penalty_rounding": pl.String, "compound_on": pl.String, "settlement_day": pl.Int64, "grace_days": pl.Int64,
    "dpd_grace": pl.String, "penalty_grace": pl.String, "tolerance_minor": pl.Int64, "materiality_minor": pl.Int64,
    "walk": pl.String, "late_order_from_dpd": pl.Int64, "early_money": pl.String, "reversal": pl.String,
    "card_late_fee_ppm": pl.Int64, "card_minimum_floor": pl.Int64,
}  # fmt: skip
"""The conventions in which the demo's products differ; the others have their defaults and no column."""

TAPE: Final[dict[str, Columns]] = {
    "loans": {
        "loan_ref": pl.String, "borrower_ref": pl.String, "contract_ref": pl.String, "product": pl.String,
        "region": pl.String, "currency": pl.String, "principal_minor": pl.Int64, "start": pl.Date,
        "first_due": pl.Date, "instalment_count": pl.Int64, "rate_ppm": pl.Int64, "penalty_ppm": pl.Int64,
        "compound_ppm": pl.Int64, "secured": pl.Boolean, **CONVENTIONS, "known": pl.String,
    },
    "instalments": {
        "loan_ref": pl.String, "due": pl.Date, "days": pl.Int64, "principal_minor": pl.Int64,
        "interest_minor": pl.Int64, "fee_minor": pl.Int64, "set_ref": pl.String, "known": pl.String,
    },
    "openings": {
        "loan_ref": pl.String, "day": pl.Date, "not_due_minor": pl.Int64, "principal_minor": pl.Int64,
        "interest_minor": pl.Int64, "fee_minor": pl.Int64, "penalty_minor": pl.Int64, "compound_minor": pl.Int64,
        "oldest_due": pl.Date, "known": pl.String,
    },
    "payments": {
        "loan_ref": pl.String, "payment_ref": pl.String, "paid_on": pl.Date, "amount_minor": pl.Int64,
        "kind": pl.String, "reduce_term": pl.Boolean, "known": pl.String,
    },
    "adjustments": {
        "loan_ref": pl.String, "ref": pl.String, "effective": pl.Date, "kind": pl.String, "amount_minor": pl.Int64,
        "category": pl.String, "rate_ppm": pl.Int64, "penalty_ppm": pl.Int64, "compound_ppm": pl.Int64,
        "until": pl.Date, "target": pl.String, "days": pl.Int64, "months": pl.Int64, "pause": pl.String,
        "capitalised": pl.String, "with_interest": pl.Boolean, "known": pl.String,
    },
    "balances": {
        "loan_ref": pl.String, "day": pl.Date, "item": pl.String, "value": pl.Int64, "known": pl.String,
    },
    "persons": {
        "person_ref": pl.String, "kind": pl.String, "name": pl.String, "id_kind": pl.String, "id_number": pl.String,
        "birth": pl.Date, "known": pl.String,
    },
    "parties": {
        "loan_ref": pl.String, "person_ref": pl.String, "relation": pl.String, "from_day": pl.Date,
        "proof_kind": pl.String, "proof_until": pl.Date, "named_by_debtor": pl.Boolean, "known": pl.String,
    },
    "contact_points": {
        "person_ref": pl.String, "kind": pl.String, "label": pl.String, "value": pl.String, "zone": pl.String,
        "consent": pl.String, "known": pl.String,
    },
    "holds": {
        "person_ref": pl.String, "loan_ref": pl.String, "kind": pl.String, "from_day": pl.Date, "to_day": pl.Date,
        "known": pl.String,
    },
}  # fmt: skip
"""Files of a tape: a part of the columns of the standard layout (a test compares)."""

DESK: Final[dict[str, Columns]] = {
    "collectors": {
        "collector_id": pl.String,  # staff number
        "team": pl.String,
        "skills": pl.String,  # words of the strategy, spaces between
        "languages": pl.String,  # zh, yue, en; spaces between
        "capacity": pl.Int64,  # cases a day
        "from_day": pl.Date,
        "to_day": pl.Date,  # first day on which the collector is gone
    },
    "absences": {
        "collector_id": pl.String,
        "from_day": pl.Date,
        "to_day": pl.Date,  # first day back
        "kind": pl.String,  # leave, sick, training
    },
    "contacts": {
        "contact_ref": pl.String,  # the lender's number of the contact
        "person_ref": pl.String,  # who was spoken to
        "debtor_ref": pl.String,  # whose debt it was about
        "loan_refs": pl.String,  # spaces between
        "relation": pl.String,
        "point_kind": pl.String,  # kind and label name one of the person's contact points
        "point_label": pl.String,
        "channel": pl.String,
        "purpose": pl.String,
        "direction": pl.String,  # out or in
        "at": pl.String,  # instant
        "outcome": pl.String,  # a word of `desk.Outcome`
        "connected": pl.Boolean,
        "collector_id": pl.String,
    },
}
"""Files of the folder ``desk``, by day: what the lender's people did before duecourse."""

PARQUET: Final = frozenset({"payments", "instalments", "balances"})
"""Kinds of the full tape, and of the last day's balances, that are too large for text."""

_CATEGORY: Final = {category: category.name.lower() for category in Category}
_PAUSES: Final = {PAUSE_INTEREST: "interest", PAUSE_PENALTY: "penalty", PAUSE_DPD: "dpd"}
_DEFAULTS: Final = Terms(method=Method.FREE, rate_ppm=0)


@dataclass(slots=True)
class Bundle:
    """Rows by day of sending and kind of record. Before they are written, nothing of them is on a disk."""

    rows: defaultdict[tuple[date, str], list[Row]] = field(default_factory=lambda: defaultdict(list))
    desk: defaultdict[tuple[date, str], list[Row]] = field(default_factory=lambda: defaultdict(list))

    def add(self, kind: str, known: datetime, *rows: Row) -> None:
        """Put rows into the tape of the day on which they became known; that instant is the last value of each."""
        stamp = known.isoformat()
        self.rows[max(known.date(), FULL_DAY), kind].extend((*row, stamp) for row in rows)

    def life(self, life: Life) -> datetime:
        """Put a loan with all that happened to it; returns the instant from which the lender had it."""
        deal, terms = life.deal, life.deal.terms
        begun = instant(life.events[0].effective if deal.product.taken_over else deal.start, 28_800)
        self.add(
            "loans", begun,
            (
                deal.ref, deal.borrower_ref, f"K{deal.ref[1:]}", deal.product.code, deal.region, CURRENCY,
                deal.principal, deal.start, deal.first_due, deal.count, terms.rate_ppm, terms.penalty_ppm,
                terms.compound_ppm, deal.product.secured, *conventions(terms),
            ),
        )  # fmt: skip
        if terms.method in {Method.FREE, Method.CARD} or terms.holiday_shift is not _DEFAULTS.holiday_shift:
            amounts = terms.method is Method.FREE
            self.add("instalments", begun, *_schedule(deal.ref, deal.grid, None, amounts=amounts))
        parted = deal.product is CARD or (deal.product is BUSINESS and life.events[0].amount < deal.principal)
        for event in life.events:
            self._event(life, event, parted=parted)
        return begun

    def _event(self, life: Life, event: Event, *, parted: bool) -> None:
        ref = life.deal.ref
        if event.kind in MONEY_IN:
            shorter = bool(event.parts and event.parts[0]) if event.kind is Kind.PREPAYMENT else None
            name = None if event.ref in life.unreferenced else event.ref
            self.add(
                "payments",
                event.known,
                (ref, name, event.effective, event.amount, event.kind.name.lower(), shorter),
            )
        elif event.kind is Kind.OPENING:
            oldest = event.until if event.parts else None
            parts = event.parts or (None,) * 5
            self.add("openings", event.known, (ref, event.effective, event.amount, *parts, oldest))
        elif event.kind is not Kind.DRAWDOWN or parted:
            self.add("adjustments", event.known, adjustment(ref, event))
            if event.grid:
                given = event.kind is not Kind.RESTRUCTURE or bool(event.parts[1])
                self.add("instalments", event.known, *_schedule(ref, event.grid, event.ref, amounts=given))

    def person(self, human: Human, known: datetime) -> None:
        """Put a person and all ways to reach them."""
        self.add("persons", known, (human.ref, human.kind, human.name, human.id_kind, human.id_number, human.birth))
        self.add(
            "contact_points",
            known,
            *((human.ref, p.kind, p.label, p.value, p.zone or None, p.consent or None) for p in human.points),
        )

    def write(self, out: Path) -> dict[str, int]:
        """Write all files; returns the rows of each, by its name within the folder."""
        written: dict[str, int] = {}
        for (day, kind), rows in sorted(self.rows.items()):
            large = kind in PARQUET and day in {FULL_DAY, LAST_DAY if kind == "balances" else FULL_DAY}
            path = out / day.isoformat() / f"{kind}.{'parquet' if large else 'csv'}"
            written[str(path.relative_to(out))] = _write(path, rows, TAPE[kind])
        for (day, kind), rows in sorted(self.desk.items()):
            path = out / "desk" / day.isoformat() / f"{kind}.csv"
            written[str(path.relative_to(out))] = _write(path, rows, DESK[kind])
        return written


def folders(out: Path) -> list[Path]:
    """The folders of the tapes, in the order in which they are imported."""
    return [out / day.isoformat() for day in (FULL_DAY, *DELTA_DAYS)]


def conventions(terms: Terms) -> Row:
    """The values of `CONVENTIONS`; None where the terms have the default that an import gives them."""
    usual = replace(_DEFAULTS, walk=Walk.BY_CATEGORY) if terms.method is Method.CARD else _DEFAULTS
    return tuple(
        (str(value) if hasattr(value, "value") else value) if value != getattr(usual, name) else None
        for name in CONVENTIONS
        for value in (getattr(terms, name),)
    )


def adjustment(ref: str, event: Event) -> Row:
    """An event other than money in, as a row of the adjustments without its last column."""
    kind, parts = event.kind, event.parts
    cells: dict[str, Any] = dict.fromkeys(TAPE["adjustments"])
    del cells["known"]
    cells |= {"loan_ref": ref, "ref": event.ref, "effective": event.effective, "kind": kind.name.lower()}
    if kind in {Kind.DRAWDOWN, Kind.FEE, Kind.SALE} or (kind is Kind.WAIVER and event.amount >= 0):
        cells["amount_minor"] = event.amount
    if kind in {Kind.FEE, Kind.WAIVER}:
        cells["category"] = _CATEGORY[Category(parts[0])]
    elif kind is Kind.RATE_CHANGE:
        cells["rate_ppm"] = event.amount
        cells["penalty_ppm"], cells["compound_ppm"] = (None if rate < 0 else rate for rate in parts)
    elif kind is Kind.RESTRUCTURE:
        cells["rate_ppm"] = event.amount
        cells["capitalised"] = " ".join(name for category, name in _CATEGORY.items() if parts[0] >> category & 1)
    elif kind is Kind.GRACE:
        cells["days"] = event.amount
    elif kind is Kind.PAUSE:
        cells["until"] = event.until
        cells["pause"] = " ".join(word for bit, word in _PAUSES.items() if parts[0] & bit)
    elif kind is Kind.EXTENSION:
        cells["months"], cells["days"], cells["with_interest"] = parts[0], parts[1], bool(parts[2])
    elif kind is Kind.REVERSAL:
        cells["target"] = event.target
    return tuple(cells.values())


def _schedule(ref: str, grid: tuple[Any, ...], set_ref: str | None, *, amounts: bool) -> list[Row]:
    if amounts:
        return [(ref, row.due, row.days, row.principal, row.interest, row.fee, set_ref) for row in grid]
    return [(ref, row.due, row.days, None, None, None, set_ref) for row in grid]


def _write(path: Path, rows: list[Row], columns: Columns) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    if path.suffix == ".csv":
        frame.write_csv(path)
        return frame.height
    known = pl.col("known").str.to_datetime("%Y-%m-%dT%H:%M:%S%:z", time_unit="us", time_zone="UTC")
    frame.with_columns(known).write_parquet(path, compression="zstd", statistics=False)
    return frame.height
