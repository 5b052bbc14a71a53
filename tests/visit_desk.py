"""A desk with cases whose borrowers live somewhere: invented addresses, invented places around an office."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from duecourse.casework import visits
from duecourse.casework.parties import POINTS, Batch
from duecourse.casework.visit_route import Place
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from tests.desk import persons, register, ties
from tests.notice_desk import COLLECTOR, Desk, notice_desk
from tests.work_desk import NOW

OFFICE: Place = (31_230_000, 121_470_000)
PLACES: tuple[Place, ...] = ((31_250_000, 121_470_000), (31_250_000, 121_500_000), (31_231_000, 121_471_000))


def visit_desk(database: Database, folder: Path, vault: Vault, many: int = 3) -> tuple[Desk, list[int]]:
    """The desk, and cases whose borrowers' addresses have a place."""
    desk = notice_desk(database, folder, vault)
    with database.transaction("demo") as tx:
        rows = tx.execute(
            "SELECT case_id, person_id FROM cases WHERE lender_id = 'demo' AND closed_day IS NULL "
            "ORDER BY case_id LIMIT %s",
            (many,),
        ).fetchall()
    homes = [
        {
            "person_id": person, "kind": "address", "label": "home", "value": f"演示省演示市东区幸福路{place}号",
            "zone": None, "consent": "contract",
        }
        for place, (_case, person) in enumerate(rows, 1)
    ]  # fmt: skip
    register(database, vault, Batch(persons(), pl.DataFrame(homes, schema=POINTS), ties()), now=NOW)
    with database.transaction("demo") as tx:
        for (_case, person), place in zip(rows, PLACES, strict=False):
            visits.locate(tx, vault=vault, person_id=int(person), place=place, actor=COLLECTOR, now=NOW)
    return desk, [int(case) for case, _person in rows]
