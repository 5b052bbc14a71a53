"""A small desk for tests: a demo lender and invented people, entered through the same acts as anybody's."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl

from duecourse.casework import parties
from duecourse.casework.actor import Actor, Role
from duecourse.casework.parties import Batch, Registered
from duecourse.core.ids import loan_key, person_id
from duecourse.storage import lenders
from duecourse.storage.connection import Database
from duecourse.storage.lenders import Lender
from duecourse.storage.vault import Vault

NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 1)
IMPORT = Actor(Role.SCHEDULE, "import")
DEMO = Lender("demo", "演示消费金融", "CN", "Asia/Shanghai", "CNY", "consumer_finance", demo=True, masters={})
REAL = Lender("bank", "某银行", "CN", "Asia/Shanghai", "CNY", "bank", demo=False, masters={"payment": "tape"})


def person(number: int, lender: Lender = DEMO) -> int:
    """The person id of borrower C<number>."""
    return person_id(lender.lender_id, f"C{number}")


def loan(number: int, lender: Lender = DEMO) -> int:
    """The loan key of loan L<number>."""
    return loan_key(lender.lender_id, f"L{number}")


def persons(*numbers: int, lender: Lender = DEMO, **changed: object) -> pl.DataFrame:
    """Borrowers C<number>, all named 张三, born 1990; ``changed`` replaces columns."""
    rows = [
        {
            "person_id": person(n, lender),
            "kind": "natural",
            "name": "张三",
            "id_kind": "resident_id",
            "id": f"9901011990{n:07d}X",
            "birth": date(1990, 5, 17),
            "reference": f"C{n}",
        }
        | changed
        for n in numbers
    ]
    return pl.DataFrame(rows, schema=parties.PERSONS)


def phones(*numbers: int, lender: Lender = DEMO, **changed: object) -> pl.DataFrame:
    """A mobile 154 0000 <number> for each borrower."""
    rows = [
        {
            "person_id": person(n, lender),
            "kind": "phone",
            "label": "mobile",
            "value": f"154 0000 {n:04d}",
            "zone": None,
            "consent": "contract",
        }
        | changed
        for n in numbers
    ]
    return pl.DataFrame(rows, schema=parties.POINTS)


def ties(*numbers: int, lender: Lender = DEMO, **changed: object) -> pl.DataFrame:
    """Borrower C<number> owes loan L<number>."""
    rows = [
        {
            "person_id": person(n, lender),
            "loan_key": loan(n, lender),
            "relation": "borrower",
            "from_day": date(2025, 1, 1),
            "proof_kind": "contract",
            "proof_until": None,
            "named_by_debtor": False,
        }
        | changed
        for n in numbers
    ]
    return pl.DataFrame(rows, schema=parties.PARTIES)


def batch(*numbers: int) -> Batch:
    """Borrowers with a mobile and a loan each."""
    return Batch(persons(*numbers), phones(*numbers), ties(*numbers))


def enter(database: Database, lender: Lender = DEMO) -> None:
    """Enter a lender."""
    with database.transaction(lender.lender_id) as tx:
        lenders.add(tx, lender, now=NOW)


def register(
    database: Database, vault: Vault, what: Batch, *, lender: Lender = DEMO, now: datetime = NOW, day: date = TODAY
) -> Registered:
    """Register a batch of which every row is fit."""
    fit, findings = parties.inspect(lender, what)
    assert findings == []
    with database.transaction(lender.lender_id) as tx:
        return parties.register_parties(tx, vault=vault, fit=fit, source="test", day=day, actor=IMPORT, now=now)
