"""The demo lender's collectors may speak, but for the two who may not."""

from __future__ import annotations

from duecourse.casework.permit import Sender
from duecourse.casework.staff import sender_facts
from duecourse.law.terms import SenderType
from duecourse.sim import staff
from duecourse.sim.desk import COLLECTORS
from duecourse.sim.lender import LAST_DAY


def test_all_but_two_may_speak() -> None:
    barred = set()
    for number in (str(one[0]) for one in COLLECTORS):
        rows = [(True, kind.value, since.isoformat(), None) for who, kind, since in staff.records() if who == number]
        known = sender_facts(rows, Sender(SenderType.LENDER, staff=number), LAST_DAY)
        assert known["staff_exam_passed"] is True
        assert known["staff_confidentiality_signed"] is True
        age = known["staff_training_age_days"]
        assert isinstance(age, int)
        if known["staff_open_breach"] or age > 365:
            barred.add(number)
    assert barred == set(staff.OVERDUE) | set(staff.IN_BREACH)
