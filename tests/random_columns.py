"""Random loans as the book's columns: what an importer would have written for them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl
import rfc8785

from duecourse.book.tables import CONVENTIONS, EVENTS, INSTALMENTS, LOANS, ORDER, conventions_id, conventions_json
from duecourse.core.events import RANK, Event, GridRow, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from duecourse.core.delinquency import Loan

EARLY = datetime(2000, 1, 1, tzinfo=UTC)


class Book(NamedTuple):
    """The tables that the engine reads."""

    loans: pl.DataFrame
    conventions: pl.DataFrame
    instalments: pl.DataFrame
    events: pl.DataFrame


def book(loans: Sequence[Loan], *, shuffled: bool = False) -> Book:
    """The columns of some loans, in order or not; loan ``i`` has the key ``1000 + i``."""
    conventions: dict[str, dict[str, Any]] = {}
    tables: dict[str, list[dict[str, Any]]] = {"loans": [], "instalments": [], "events": []}
    for key, loan in enumerate(loans, start=1000):
        canonical = rfc8785.dumps(conventions_json(loan.terms))
        name = conventions_id(canonical)
        conventions[name] = {"conventions": name, "currency": loan.terms.currency, "terms": canonical.decode()}
        tables["loans"].append(_loan(key, loan, name))
        tables["instalments"] += _rows(key, 0, loan.grid, EARLY)
        for number, event in enumerate(loan.events, start=1):
            tables["events"].append(_event(key, number, event))
            tables["instalments"] += _rows(key, number, event.grid, event.known)
    made = Book(
        pl.DataFrame(tables["loans"], schema=LOANS),
        pl.DataFrame(list(conventions.values()), schema=CONVENTIONS),
        pl.DataFrame(tables["instalments"], schema=INSTALMENTS),
        pl.DataFrame(tables["events"], schema=EVENTS),
    )
    if shuffled:
        return Book(
            made.loans.sample(fraction=1, shuffle=True, seed=1),
            made.conventions,
            made.instalments.sort("due", maintain_order=True),
            made.events.sample(fraction=1, shuffle=True, seed=2),
        )
    return Book(
        made.loans.sort(ORDER["loans"]),
        made.conventions,
        made.instalments.sort(ORDER["instalments"], maintain_order=True),
        made.events.sort(ORDER["events"]),
    )


def _loan(key: int, loan: Loan, conventions: str) -> dict[str, Any]:
    terms = loan.terms
    return {
        "shard": key % 8,
        "loan_key": key,
        "person_id": key // 2,
        "loan_ref": loan.ref,
        "contract_ref": loan.ref,
        "product": "test",
        "region": "",
        "currency": terms.currency,
        "conventions": conventions,
        "rate_ppm": terms.rate_ppm,
        "penalty_ppm": terms.penalty_ppm,
        "compound_ppm": terms.compound_ppm,
        "start": loan.start,
        "maturity": loan.grid[-1].due,
        "principal_minor": 0,
        "secured": False,
        "known": EARLY,
        "source": "test",
    }


def _rows(key: int, set_no: int, grid: Iterable[GridRow], known: datetime) -> list[dict[str, Any]]:
    return [
        {
            "shard": key % 8,
            "loan_key": key,
            "set_no": set_no,
            "due": row.due,
            "days": row.days,
            "principal_minor": row.principal,
            "interest_minor": row.interest,
            "fee_minor": row.fee,
            "known": known,
        }
        for row in grid
    ]


def _event(key: int, number: int, event: Event) -> dict[str, Any]:
    return {
        "shard": key % 8,
        "loan_key": key,
        "effective": event.effective,
        "rank": RANK.get(event.kind, 0),
        "kind": int(event.kind),
        "known": event.known,
        "ref": event.ref,
        "amount": event.amount,
        **{f"p{place}": part for place, part in enumerate(event.parts, start=1)},
        "until": event.until if event.kind in {Kind.PAUSE, Kind.OPENING} else None,
        "target": event.target or None,
        "set_no": number if event.grid else 0,
        "source": json.dumps("test"),
    }
