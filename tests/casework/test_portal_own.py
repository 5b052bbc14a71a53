"""The loans that somebody sees in the portal: all that he answers for, whoever owes them."""

from __future__ import annotations

from pathlib import Path

from duecourse.casework.portal.own import Own, loans, whose
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.notice_desk import notice_desk
from tests.permit_desk import MORNING


def test_loans_of_several_debtors_are_all_there(database: Database, tmp_path: Path) -> None:
    desk = notice_desk(database, tmp_path / "book", Vault(new_ring()))
    with database.transaction("demo") as tx:
        rows = tx.execute(
            "SELECT DISTINCT ON (person_id) loan_key, person_id FROM party WHERE relation = 'borrower' "
            "ORDER BY person_id"
        ).fetchall()
        every = tuple((int(loan), "guarantor") for loan, _person in rows)
        mine = Own((desk.person,), (desk.person,), every, None)
        found = loans(tx, desk.store, mine, day=MORNING.date(), now=MORNING)
        assert [one.key for one in found] == [key for key, _relation in every]
        assert len(every) > 40
        for loan, person in rows[:3]:
            assert int(person) in whose(tx, int(loan))
