"""What the day run reads from the desk: frames of facts about people, frozen with the run so that it can be repeated.

The desk fills them (`casework.day_run`); the book never asks the desk. They hold pseudonymous ids and states, no
names, numbers or addresses; ``value_index`` is the keyed blind index of a number, which counters of law attach to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol

import polars as pl

INSTANT = pl.Datetime("us", "UTC")

SCHEMAS: dict[str, dict[str, Any]] = {
    "parties": {
        "loan_key": pl.Int64,
        "person_id": pl.Int64,
        "relation": pl.String,
        "proof_kind": pl.String,
        "proof_until": pl.Date,
        "named_by_debtor": pl.Boolean,
        "refused": pl.Boolean,
        "renounced": pl.Boolean,
        "estate_left_minor": pl.Int64,
    },
    "points": {
        "person_id": pl.Int64,
        "contact_point_id": pl.Int64,
        "ordinal": pl.Int16,
        "kind": pl.String,
        "value_index": pl.String,
        "zone": pl.String,
        "state": pl.String,
        "takes_text": pl.Boolean,
    },
    "holds": {"person_id": pl.Int64, "loan_key": pl.Int64, "kind": pl.String},
    "persons_today": {
        "person_id": pl.Int64,
        "connected_calls": pl.Int64,
        "sms": pl.Int64,
        "push": pl.Int64,
    },
    "numbers_today": {"value_index": pl.String, "unanswered_calls": pl.Int64},
    "reach": {
        "debtor_id": pl.Int64,
        "value_index": pl.String,
        "attempts": pl.Int64,
        "days": pl.Int64,
        "reached": pl.Boolean,
    },
    "cases": {
        "person_id": pl.Int64,
        "opened_day": pl.Date,
        "collector_id": pl.String,
    },
    "collectors": {"collector_id": pl.String, "skills": pl.String, "capacity": pl.Int32},
    "aliases": {"person_id": pl.Int64, "root_id": pl.Int64},
    "promises": {"person_id": pl.Int64, "due_day": pl.Date, "left_minor": pl.Int64},
    "attempts": {"person_id": pl.Int64, "attempts_day": pl.Int64, "attempts_week": pl.Int64},
    "stated": {
        "stated_id": pl.Int64,
        "person_id": pl.Int64,
        "loan_key": pl.Int64,
        "fact": pl.String,
        "value": pl.String,
        "from_at": INSTANT,
        "to_at": INSTANT,
        "second_from": pl.Int32,
        "second_to": pl.Int32,
    },
    "of_lender": {
        "stated_id": pl.Int64,
        "fact": pl.String,
        "value": pl.String,
        "from_at": INSTANT,
        "to_at": INSTANT,
    },
}
"""Columns of each frame. ``reach``: calls to each of a debtor's numbers over the days before the run.

``promises``: the promise of each debtor whose day has not passed and whose money is not all here, the next one due.
``attempts`` is read where the law asks it of plans. ``stated`` are facts on record about persons and debts,
``of_lender`` those that the lender said of all its claims; their values are JSON.
"""

KEYS: dict[str, list[str]] = {
    "parties": ["loan_key", "person_id", "relation"],
    "points": ["person_id", "contact_point_id"],
    "holds": ["person_id", "kind", "loan_key"],
    "persons_today": ["person_id"],
    "numbers_today": ["value_index"],
    "reach": ["debtor_id", "value_index"],
    "cases": ["person_id"],
    "collectors": ["collector_id"],
    "aliases": ["person_id"],
    "promises": ["person_id"],
    "attempts": ["person_id"],
    "stated": ["stated_id"],
    "of_lender": ["stated_id"],
}


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk as it stood when the run began. Persons are roots: merged persons count as one (``aliases``).

    ``parties`` and ``points`` may be those alone that a run asked for (`People`), and of the debtors called of late.
    """

    parties: pl.DataFrame
    points: pl.DataFrame
    holds: pl.DataFrame
    persons_today: pl.DataFrame
    numbers_today: pl.DataFrame
    reach: pl.DataFrame
    cases: pl.DataFrame
    collectors: pl.DataFrame
    aliases: pl.DataFrame
    promises: pl.DataFrame
    attempts: pl.DataFrame
    stated: pl.DataFrame
    of_lender: pl.DataFrame

    def frames(self) -> dict[str, pl.DataFrame]:
        """The frames by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


class People(Protocol):
    """Who can be asked about people as a run needs them: there are far more than it is about."""

    def parties(self, loans: pl.Series) -> pl.DataFrame:
        """The parties of these loans beside the borrower, in the columns of `SCHEMAS`."""
        ...

    def points(self, persons: pl.Series) -> pl.DataFrame:
        """The contact points of these persons, likewise."""
        ...

    def stated(self, persons: pl.Series, names: Sequence[str]) -> pl.DataFrame:
        """What is on record of these persons, as far as it is one of these facts, likewise."""
        ...

    def attempts(self, persons: pl.Series) -> pl.DataFrame:
        """What was tried with these persons on the day and in the seven days to it, likewise."""
        ...


def empty() -> Desk:
    """A desk that knows nobody."""
    return Desk(**{name: pl.DataFrame(schema=schema) for name, schema in SCHEMAS.items()})
