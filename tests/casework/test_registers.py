"""The registers of who may speak: collectors to whom the law about who speaks says no."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from duecourse.casework.registers import NotYet, barred, put_on_record
from duecourse.casework.staff import OfFirm, OfStaff
from duecourse.storage import collectors
from duecourse.storage.collectors import Collector
from duecourse.storage.connection import Database
from duecourse.storage.lenders import Lender
from tests import desk
from tests.day_desk import ACTOR
from tests.tapes import VAULT

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
UK = Lender("demo", "Demo Credit", "UK", "Europe/London", "GBP", "bank", demo=True, masters={})


STAFF_RULES = tuple(f"house_cn.staff.{name}" for name in ("breach", "confidentiality", "exam", "training"))


@pytest.mark.parametrize(("lender", "asked"), [(desk.DEMO, True), (UK, False)], ids=["CN", "UK"])
def test_collectors_whom_the_law_lets_speak_to_nobody_are_named_where_it_asks(
    database: Database, lender: Lender, *, asked: bool
) -> None:
    desk.enter(database, lender)
    with database.transaction("demo") as tx:
        for number in range(4):
            collectors.put(tx, Collector(f"a{number}", "team", ["early"], ["zh"], 15, date(2020, 1, 1)))
        on_record = [
            *(("a0", kind, date(2026, 1, 5)) for kind in (OfStaff.POST, OfStaff.EXAM, OfStaff.TRAINING)),
            ("a0", OfStaff.UNDERTAKING, date(2026, 1, 5)),
            ("a1", OfStaff.POST, date(2026, 3, 3)),  # the day after
            ("a2", OfStaff.POST, date(2026, 1, 5)), ("a2", OfStaff.TRAINING, date(2026, 1, 5)),
        ]  # fmt: skip
        for staff, kind, since in on_record:
            put_on_record(
                tx, vault=VAULT, firm="", staff=staff, kind=kind, from_day=since, source="paper", actor=ACTOR, now=NOW
            )
        found = barred(tx, DAY)
    assert {name: (one.known, sorted(one.rules)) for name, one in found.items()} == (
        {
            "a1": (False, list(STAFF_RULES)),
            "a2": (True, ["house_cn.staff.confidentiality", "house_cn.staff.exam"]),
            "a3": (False, list(STAFF_RULES)),
        }
        if asked
        else {}
    )


def test_what_took_place_is_put_on_record_from_its_day_on_by_the_lenders_clock(database: Database) -> None:
    desk.enter(database, desk.DEMO)
    late = datetime(2026, 3, 2, 15, 59, tzinfo=UTC)  # one minute to midnight in Shanghai
    with database.transaction("demo") as tx:

        def put(kind: OfStaff | OfFirm, day: date, now: datetime = late) -> int:
            staff, firm = ("a0", "") if isinstance(kind, OfStaff) else ("", "acme")
            return put_on_record(
                tx, vault=VAULT, firm=firm, staff=staff, kind=kind, from_day=day, source="paper", actor=ACTOR, now=now
            )

        put(OfStaff.POST, date(2026, 1, 5))
        put(OfFirm.ADMISSION, date(2026, 1, 5))
        for kind in (OfStaff.TRAINING, OfStaff.EXAM, OfStaff.UNDERTAKING, OfFirm.EVALUATION, OfFirm.INSPECTION):
            with pytest.raises(NotYet, match=r"on 2026-03-03 has not taken place yet: today is 2026-03-02"):
                put(kind, date(2026, 3, 3))
            put(kind, date(2026, 3, 2))
        put(OfStaff.TRAINING, date(2026, 3, 3), datetime(2026, 3, 2, 16, 0, tzinfo=UTC))
        put(OfFirm.CONTRACT, date(2026, 6, 1))  # an agreement may begin on a day to come
