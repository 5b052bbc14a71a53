"""The registers of who may speak: collectors whom they do not know."""

from __future__ import annotations

from datetime import date

import pytest

from duecourse.casework.registers import not_in_register, put_on_record
from duecourse.casework.staff import OfStaff
from duecourse.storage import collectors
from duecourse.storage.collectors import Collector
from duecourse.storage.connection import Database
from duecourse.storage.lenders import Lender
from tests import desk
from tests.day_desk import ACTOR, KNOWN
from tests.tapes import VAULT

DAY = date(2026, 3, 2)
UK = Lender("demo", "Demo Credit", "UK", "Europe/London", "GBP", "bank", demo=True, masters={})


@pytest.mark.parametrize(("lender", "asked"), [(desk.DEMO, True), (UK, False)], ids=["CN", "UK"])
def test_collectors_whom_the_register_does_not_know_are_named_where_the_law_asks(
    database: Database, lender: Lender, *, asked: bool
) -> None:
    desk.enter(database, lender)
    with database.transaction("demo") as tx:
        for number in range(3):
            collectors.put(tx, Collector(f"a{number}", "team", ["early"], ["zh"], 15, date(2020, 1, 1)))
        for staff, since in (("a0", date(2026, 1, 5)), ("a1", date(2026, 3, 3))):
            put_on_record(
                tx, vault=VAULT, firm="", staff=staff, kind=OfStaff.POST, from_day=since, source="contract",
                actor=ACTOR, now=KNOWN,
            )  # fmt: skip
        assert not_in_register(tx, DAY) == (["a1", "a2"] if asked else [])
