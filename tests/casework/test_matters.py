"""What is raised stops contact with it, has the clock of the packs, and is answered once."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from duecourse.casework import acceleration, matters
from duecourse.casework.acceleration import NotNow
from duecourse.casework.actor import Actor, Role
from duecourse.casework.documents import BYTES_MAX, NotADocument, open_document
from duecourse.casework.holds import NotYetBegun
from duecourse.casework.matter_kinds import MatterKind
from duecourse.casework.matters import NotAMatter
from duecourse.casework.reveal import NoPurpose
from duecourse.core.ids import person_id
from duecourse.storage import documents, holds, log
from duecourse.storage import matters as kept
from duecourse.storage.matters import Matter
from tests.casework.test_plans import BOSS, COLLECTOR, L1, NOW, TODAY, Desk, here
from tests.tapes import VAULT

__all__ = ["here"]
C1 = person_id("demo", "C1")


def raised(here: Desk, kind: MatterKind, category: str, **more: object) -> Matter:
    with here.database.transaction("demo") as tx:
        return matters.open_matter(
            tx, vault=VAULT, case_id=here.case, kind=kind, category=category, words="这笔钱我已经还过了。",
            actor=COLLECTOR, clock=lambda: NOW, **more,  # type: ignore[arg-type]
        )  # fmt: skip


def standing(here: Desk) -> set[str]:
    with here.database.transaction("demo") as tx:
        return {one.kind for one in holds.of_person(tx, C1) if one.to_at is None}


def test_a_dispute_freezes_contact_and_reporting_at_once_until_it_is_answered(here: Desk) -> None:
    made = raised(here, MatterKind.DISPUTE, "paid", loan_key=L1)
    assert standing(here) == {"dispute"}
    assert (made.due_day, made.due_rule) == (TODAY + timedelta(days=20), "cn.credit.dispute_days")
    assert "还过".encode() not in made.words_sealed
    with here.database.transaction("demo") as tx:
        assert matters.reporting_frozen(tx, L1)
        with pytest.raises(NotNow, match="disputed"):
            acceleration.may_be_told(tx, loan_keys=[L1], to_debtor=True)
    with here.database.transaction("demo") as tx:
        done = matters.answer_matter(
            tx, vault=VAULT, matter_id=made.matter_id, answer="rejected", cause="none", actor=BOSS,
            clock=lambda: NOW + timedelta(days=3),
        )  # fmt: skip
        assert not matters.reporting_frozen(tx, L1)
        assert done.ended_as == "rejected"
    assert standing(here) == set()
    with pytest.raises(NotAMatter), here.database.transaction("demo") as tx:
        matters.answer_matter(
            tx, vault=VAULT, matter_id=made.matter_id, answer="upheld", cause="none", actor=BOSS, clock=lambda: NOW
        )
    with here.database.transaction("demo") as tx:
        assert {"matter.opened", "matter.answered", "hold.placed", "hold.ended"} <= {
            one.kind for one in log.of_person(tx, C1)
        }


@pytest.mark.parametrize(("severity", "days"), [("ordinary", 15), ("complex", 30), ("special", 60)])
def test_a_complaint_has_the_clock_of_its_severity(here: Desk, severity: str, days: int) -> None:
    made = raised(here, MatterKind.COMPLAINT, "conduct", severity=severity)
    assert (made.due_day, made.due_rule) == (TODAY + timedelta(days=days), "cn.complaint.days")


def test_what_went_up_is_answered_by_compliance_and_counted_by_cause(here: Desk) -> None:
    made = raised(here, MatterKind.COMPLAINT, "frequency")
    with here.database.transaction("demo") as tx:
        matters.escalate_matter(tx, vault=VAULT, matter_id=made.matter_id, actor=COLLECTOR, now=NOW)
    asked = {"matter_id": made.matter_id, "answer": "upheld", "cause": "agency", "redress": 5_000}
    with pytest.raises(NotAMatter, match="compliance"), here.database.transaction("demo") as tx:
        matters.answer_matter(tx, vault=VAULT, actor=BOSS, clock=lambda: NOW, **asked)  # type: ignore[arg-type]
    late = NOW + timedelta(days=16)
    with here.database.transaction("demo") as tx:
        matters.answer_matter(
            tx, vault=VAULT, actor=Actor(Role.COMPLIANCE, "k1"), clock=lambda: late,
            **asked,  # type: ignore[arg-type]
        )  # fmt: skip
        (found,) = kept.causes(tx, since=TODAY, until=TODAY, today=late.date())
    assert (found.cause, found.matters, found.upheld, found.late, found.redress_minor) == ("agency", 1, 1, 1, 5_000)


@pytest.mark.parametrize(
    ("category", "hold"),
    [("income", "hardship"), ("bereavement", "bereavement"), ("breathing_space", "breathing_space"),
     ("vulnerable", "vulnerable")],
)  # fmt: skip
def test_hardship_pauses_and_is_looked_at_again(here: Desk, category: str, hold: str) -> None:
    made = raised(here, MatterKind.HARDSHIP, category, review_days=60)
    assert standing(here) == {hold}
    assert made.due_day == TODAY + timedelta(days=60)


def test_a_second_dispute_finds_contact_stopped(here: Desk) -> None:
    first = raised(here, MatterKind.DISPUTE, "paid", loan_key=L1)
    second = raised(here, MatterKind.DISPUTE, "amount", loan_key=L1)
    assert (first.hold_id is not None, second.hold_id) == (True, None)


@pytest.mark.parametrize(
    ("kind", "category", "more"),
    [
        (MatterKind.DISPUTE, "luck", {}), (MatterKind.HARDSHIP, "income", {}),
        (MatterKind.COMPLAINT, "data", {"severity": "x"}),
        (MatterKind.DISPUTE, "paid", {"loan_key": 5}), (MatterKind.ACCELERATION, "notice", {}),
        (MatterKind.DISPUTE, "paid", {"review_days": 3}),
    ],
)  # fmt: skip
def test_what_is_no_matter_is_refused_and_stops_nothing(
    here: Desk, kind: MatterKind, category: str, more: dict[str, object]
) -> None:
    with pytest.raises(NotAMatter):
        raised(here, kind, category, **more)
    assert standing(here) == set()


def test_evidence_is_sealed_on_the_case_and_brought_only_while_the_matter_is_open(here: Desk) -> None:
    made = raised(here, MatterKind.HARDSHIP, "illness", review_days=60)
    paper = {"kind": "medical", "name": "letter.pdf", "content": b"%PDF-1.7 ill", "chance": os.urandom}

    def bring(**changed: object) -> int:
        with here.database.transaction("demo") as tx:
            return matters.bring_evidence(
                tx, vault=VAULT, matter_id=made.matter_id, actor=COLLECTOR, now=NOW,
                **(paper | changed),  # type: ignore[arg-type]
            )  # fmt: skip

    number = bring()
    wrongs: list[dict[str, object]] = [{"kind": "rumour"}, {"content": b""}, {"content": bytes(BYTES_MAX + 1)}]
    for wrong in wrongs:
        with pytest.raises(NotADocument):
            bring(**wrong)
    with here.database.transaction("demo") as tx:
        assert [one.document_id for one in documents.of_matter(tx, made.matter_id)] == [number]
        assert documents.of_person(tx, C1)[0].case_id == here.case
        opened = open_document(
            tx, vault=VAULT, case_id=here.case, document_id=number, purpose="dispute", actor=BOSS, now=NOW
        )
        assert (opened.content, opened.media_type) == (b"%PDF-1.7 ill", "application/pdf")
        assert "matter.evidence" in {one.kind for one in log.of_person(tx, C1)}
        matters.answer_matter(
            tx, vault=VAULT, matter_id=made.matter_id, answer="over", cause="none", actor=BOSS,
            clock=lambda: NOW + timedelta(hours=1),
        )  # fmt: skip
    with pytest.raises(NotAMatter, match="answered"):
        bring()


def test_what_was_said_is_read_for_a_purpose_and_on_record(here: Desk) -> None:
    made = raised(here, MatterKind.COMPLAINT, "conduct")
    with here.database.transaction("demo") as tx:
        asked = {"vault": VAULT, "matter_id": made.matter_id, "actor": BOSS, "now": NOW}
        with pytest.raises(NoPurpose):
            matters.read_words(tx, purpose="curiosity", **asked)  # type: ignore[arg-type]
        before = len(log.of_person(tx, C1))
        assert matters.read_words(tx, purpose="dispute", **asked) == "这笔钱我已经还过了。"  # type: ignore[arg-type]
        (*_older, kept_now) = reversed(log.of_person(tx, C1))
        assert len(log.of_person(tx, C1)) == before + 1
    assert kept_now.kind == "person.reveal"


def test_a_hold_that_has_not_begun_is_not_said_to_have_ended(here: Desk) -> None:
    made = raised(here, MatterKind.DISPUTE, "paid", loan_key=L1)
    with pytest.raises(NotYetBegun), here.database.transaction("demo") as tx:
        matters.answer_matter(
            tx, vault=VAULT, matter_id=made.matter_id, answer="upheld", cause="none", actor=BOSS, clock=lambda: NOW
        )
    with here.database.transaction("demo") as tx:
        assert kept.get(tx, made.matter_id).ended_at is None
    assert standing(here) == {"dispute"}
