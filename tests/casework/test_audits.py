"""Audits: nobody picks the sample, nobody answers for what he did, nobody closes what is his; the sums are exact."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from duecourse.casework.actor import Actor, Role
from duecourse.casework.audits import answering, drawing, findings, sampling
from duecourse.casework.audits import plan as plans
from duecourse.casework.audits.report import as_csv, report
from duecourse.casework.destroy import Ground, destroy
from duecourse.evidence.record import read
from duecourse.storage import audits, checkpoints, log, rotation
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.audit_desk import (
    AUDITOR,
    FIRST,
    LAST,
    LATER,
    OTHER,
    OWNER,
    PLAN,
    TODAY,
    all_answered,
    announced,
    answered,
    calls,
    chance,
    drawn,
    lived,
    publish,
)

VAULT = Vault(new_ring())
DUE = date(2026, 4, 1)


@pytest.fixture
def desk(database: Database) -> Database:
    lived(database, VAULT)
    return database


def the_items(database: Database, audit_id: int) -> list[audits.Item]:
    with database.transaction("demo") as tx:
        return audits.items(tx, audit_id)


def the_records(database: Database, kind: str) -> list[dict[str, object]]:
    with database.transaction("demo") as tx:
        rows = tx.execute("SELECT bytes FROM log_entry WHERE kind = %s ORDER BY entry_id", (kind,))
        return [read(bytes(row[0])) for row in rows]  # type: ignore[misc]


def found(database: Database, audit_id: int, *, owner: str = "su1", items: tuple[int, ...] = (1,)) -> int:
    with database.transaction("demo") as tx:
        return findings.record_finding(
            tx, vault=VAULT, audit_id=audit_id, severity="high", rule="cn.identity.stated", items=items,
            text="names were not said", owner=owner, due=DUE, actor=AUDITOR, today=TODAY, now=LATER, chance=chance,
        )  # fmt: skip


def follow(database: Database, number: int, step: str, actor: Actor, text: str = "done", **more: object) -> None:
    with database.transaction("demo") as tx:
        findings.follow(
            tx, vault=VAULT, finding_id=number, step=step, text=text,
            **({"owner": None, "due": None} | more),  # type: ignore[arg-type]
            actor=actor, today=TODAY, now=LATER, chance=chance,
        )  # fmt: skip


# Drawing


def test_the_seed_comes_from_a_checkpoint_that_nobody_knew(desk: Database, tmp_path: Path) -> None:
    publish(desk, VAULT, tmp_path)  # a head without the announcement gives no seed
    audit = announced(desk, VAULT)
    with desk.transaction("demo") as tx, pytest.raises(drawing.NotPublishedYet):
        drawing.draw(tx, vault=VAULT, audit_id=audit.audit_id, actor=AUDITOR, now=LATER)
    publish(desk, VAULT, tmp_path)
    with desk.transaction("demo") as tx:
        made = drawing.draw(tx, vault=VAULT, audit_id=audit.audit_id, actor=AUDITOR, now=LATER)
        entry = log.get(tx, audit.announced_entry)
        head = checkpoints.of_size(tx, made.drawn_size or 0)
    assert entry is not None
    assert entry.seq is not None
    assert head is not None
    assert entry.seq < head.size
    (told,), (did,) = the_records(desk, "audit.announced"), the_records(desk, "audit.drawn")
    assert isinstance(told["stated"], dict)
    assert isinstance(did["stated"], dict)
    assert told["stated"]["plan_sha256"] == plans.plan_hash(PLAN).hex()
    assert told["stated"]["populations"]["calls"]["count"] == 8
    assert did["stated"]["root"] == head.root.hex()
    assert did["stated"]["seed"] == (made.seed or b"").hex()


def test_what_is_drawn_is_what_the_plan_says(desk: Database, tmp_path: Path) -> None:
    audit = drawn(desk, VAULT, tmp_path)
    items = the_items(desk, audit.audit_id)
    by = {name: [one for one in items if one.sample == name] for name in ("calls", "staff", "holds", "reveals")}
    assert len(by["calls"]) == sampling.size_for(8, confidence=90, tolerable_permille=300, expected=0)
    assert sorted(one.stratum for one in by["staff"]) == ["E01", "a017"]
    assert (len(by["holds"]), len(by["reveals"])) == (1, 2)
    assert all(one.acted == ["E01"] for one in by["reveals"])
    assert by["holds"][0].acted == ["co1"]
    assert by["holds"][0].shown["what"] == "dispute"


def test_an_audit_is_worked_out_again_and_a_change_is_told(desk: Database, tmp_path: Path) -> None:
    audit = drawn(desk, VAULT, tmp_path)
    with desk.transaction("demo") as tx:
        again = drawing.replay(tx, audit.audit_id)
    assert again.same
    assert (again.missing, again.extra) == ((), ())
    calls(desk, VAULT, 2)  # one more call on a day that was drawn from
    with desk.transaction("demo") as tx:
        again = drawing.replay(tx, audit.audit_id)
    assert not again.same
    assert again.seed_holds
    assert again.record_holds
    told = {one.sample: (one.announced, one.found, one.same) for one in again.populations}
    assert told["calls"] == (8, 9, False)
    assert told["holds"] == (1, 1, True)


def test_a_sample_that_was_changed_is_told(desk: Database, tmp_path: Path) -> None:
    audit = drawn(desk, VAULT, tmp_path)
    with desk.transaction("demo") as tx, pytest.raises(psycopg.Error):
        tx.execute("UPDATE audit_item SET key = '0' WHERE item = 1")
    with psycopg.connect(desk.url) as owner:  # whoever owns the tables gets past the triggers, and is seen
        owner.execute("ALTER TABLE audit_item DISABLE TRIGGER audit_item_stays")
        owner.execute("ALTER TABLE audit_item NO FORCE ROW LEVEL SECURITY")
        owner.execute("UPDATE audit_item SET key = '0' WHERE item = 1")
    with desk.transaction("demo") as tx:
        again = drawing.replay(tx, audit.audit_id)
    assert not again.record_holds
    assert "calls 0" in again.extra
    assert not again.same


def test_the_same_days_are_not_drawn_until_it_suits(desk: Database, tmp_path: Path) -> None:
    first = announced(desk, VAULT)  # announced and left lying counts too
    with pytest.raises(drawing.DrawnBefore, match=f"audit {first.audit_id}"):
        announced(desk, VAULT)
    second = drawn(desk, VAULT, tmp_path, again="a collector was on leave")
    assert second.again == "a collector was on leave"
    told = the_records(desk, "audit.announced")[-1]["stated"]
    assert isinstance(told, dict)
    assert told["earlier"] == [first.audit_id]


def test_days_that_are_not_over_and_days_without_anything(desk: Database) -> None:
    for days, trouble in (
        ((FIRST, TODAY), drawing.NotDays),
        ((LAST, FIRST - timedelta(days=1)), drawing.NotDays),
        ((date(2024, 1, 1), date(2025, 6, 1)), drawing.NotDays),
        ((date(2025, 6, 1), date(2025, 6, 2)), drawing.NothingToDraw),
    ):
        with desk.transaction("demo") as tx, pytest.raises(trouble):
            drawing.announce(
                tx, vault=VAULT, name="cn.collection", days=days, again=None, actor=AUDITOR, today=TODAY, now=LATER,
                chance=chance,
            )  # fmt: skip


def test_a_population_that_changes_between_is_not_drawn_from(desk: Database, tmp_path: Path) -> None:
    audit = announced(desk, VAULT)
    publish(desk, VAULT, tmp_path)
    calls(desk, VAULT, 2)
    with desk.transaction("demo") as tx, pytest.raises(drawing.PopulationChanged, match="8 items then, 9"):
        drawing.draw(tx, vault=VAULT, audit_id=audit.audit_id, actor=AUDITOR, now=LATER)


def test_the_plan_that_ships_draws_from_every_population(desk: Database, tmp_path: Path) -> None:
    with desk.transaction("demo") as tx:
        audit = drawing.announce(
            tx, vault=VAULT, name="cn.collection", days=(FIRST, LAST), again=None, actor=AUDITOR, today=TODAY,
            now=LATER, chance=chance,
        )  # fmt: skip
    publish(desk, VAULT, tmp_path)
    with desk.transaction("demo") as tx:
        audit = drawing.draw(tx, vault=VAULT, audit_id=audit.audit_id, actor=AUDITOR, now=LATER)
        kept = audits.plans(tx)
        assert drawing.replay(tx, audit.audit_id).same
    assert [(one.plan, one.version) for one in kept] == [("cn.collection", 1)]
    assert {one.sample for one in the_items(desk, audit.audit_id)} >= {
        "calls",
        "collectors",
        "holds",
        "reveals",
        "staff",
    }


# Answers


def test_nobody_answers_for_what_he_did(desk: Database, tmp_path: Path) -> None:
    audit = drawn(desk, VAULT, tmp_path)
    (hold,) = (one.item for one in the_items(desk, audit.audit_id) if one.sample == "holds")
    for actor in (OTHER, Actor(Role.AUDITOR, "CO1"), Actor(Role.AUDITOR, "co1@bank")):
        with pytest.raises(answering.OwnAct):
            answered(desk, VAULT, audit, (hold, "proof"), "yes", actor=actor)
    answered(desk, VAULT, audit, (hold, "proof"), "yes")
    (record,) = the_records(desk, "audit.answered")
    assert record["subject"] is None  # the case page of the person does not tell whose work is looked at


def test_a_note_is_sealed_read_on_record_and_ends_with_its_person(desk: Database, tmp_path: Path) -> None:
    audit = drawn(desk, VAULT, tmp_path)
    item = the_items(desk, audit.audit_id)[0]
    answered(desk, VAULT, audit, (item.item, "identity"), "no", note="张三 was not told who speaks")
    with desk.transaction("demo") as tx:
        held = bytes(str(tx.value("SELECT note_sealed FROM audit_answer")), "utf-8")
        assert "张三".encode() not in held
        before = tx.value("SELECT count(*) FROM log_entry WHERE kind = 'person.reveal'")
        (note,) = answering.read_notes(tx, vault=VAULT, audit_id=audit.audit_id, actor=OTHER, now=LATER)
        assert note.text is not None
        assert note.text.value == "张三 was not told who speaks"
        assert tx.value("SELECT count(*) FROM log_entry WHERE kind = 'person.reveal'") == int(str(before)) + 1
    assert "张三" not in json.dumps(the_records(desk, "audit.answered"), ensure_ascii=False)
    with desk.transaction("demo") as tx:
        destroy(
            tx, vault=VAULT, person_id=item.person_id or 0, ground=Ground.CONSENT_WITHDRAWN, standing=(), day=TODAY,
            actor=OTHER, now=LATER,
        )  # fmt: skip
    with desk.transaction("demo") as tx:
        (note,) = answering.read_notes(tx, vault=VAULT, audit_id=audit.audit_id, actor=OTHER, now=LATER)
    assert note.text is None


def test_wrong_answers_say_what_would_be_right(desk: Database, tmp_path: Path) -> None:
    audit = drawn(desk, VAULT, tmp_path)
    with pytest.raises(answering.NotAnAnswer, match="yes, no, not_applicable"):
        answered(desk, VAULT, audit, (1, "identity"), "maybe")
    with pytest.raises(answering.NoSuchQuestion, match="did you mean 'identity'"):
        answered(desk, VAULT, audit, (1, "identty"), "yes")
    with pytest.raises(audits.NoSuchItem):
        answered(desk, VAULT, audit, (99, "identity"), "yes")
    with pytest.raises(answering.NotAText):
        answered(desk, VAULT, audit, (1, "identity"), "yes", note="x" * 4001)


def test_the_latest_answer_counts_and_the_earlier_stays(desk: Database, tmp_path: Path) -> None:
    audit = drawn(desk, VAULT, tmp_path)
    answered(desk, VAULT, audit, (1, "identity"), "no")
    answered(desk, VAULT, audit, (1, "identity"), "yes")
    with desk.transaction("demo") as tx:
        assert [one.answer for one in audits.answers(tx, audit.audit_id)] == ["yes"]
        assert tx.value("SELECT count(*) FROM audit_answer") == 2


# Findings, follow-up, closing


def test_a_finding_is_answered_by_its_owner_and_accepted_by_somebody_else(desk: Database, tmp_path: Path) -> None:
    number = found(desk, drawn(desk, VAULT, tmp_path).audit_id)
    with pytest.raises(findings.OthersFinding):
        follow(desk, number, "answered", AUDITOR)
    with pytest.raises(findings.NotNow):
        follow(desk, number, "accepted", AUDITOR)
    follow(desk, number, "measure", OWNER, "the script is read aloud at the start")
    follow(desk, number, "answered", OWNER)
    for actor in (OWNER, Actor(Role.COMPLIANCE, "SU1")):  # in another role, too
        with pytest.raises(findings.OwnFinding):
            follow(desk, number, "accepted", actor)
    follow(desk, number, "sent_back", AUDITOR, "two calls of last week are the same")
    follow(desk, number, "answered", OWNER)
    follow(desk, number, "accepted", OTHER)
    follow(desk, number, "reopened", AUDITOR, "again")
    with desk.transaction("demo") as tx:
        told = findings.read_finding(tx, vault=VAULT, finding_id=number)
    assert told.text == "names were not said"
    assert [one.step for one in told.steps] == [
        "assigned", "measure", "answered", "sent_back", "answered", "accepted", "reopened",
    ]  # fmt: skip
    assert len(the_records(desk, "audit.followed")) == 6


def test_overdue_is_what_is_neither_answered_nor_accepted_in_time(desk: Database, tmp_path: Path) -> None:
    number = found(desk, drawn(desk, VAULT, tmp_path).audit_id)

    def overdue(day: date) -> bool:
        with desk.transaction("demo") as tx:
            return findings.read_finding(tx, vault=VAULT, finding_id=number).overdue(day)

    assert (overdue(DUE), overdue(DUE + timedelta(days=1))) == (False, True)
    follow(desk, number, "answered", OWNER)
    assert not overdue(DUE + timedelta(days=1))
    follow(desk, number, "sent_back", AUDITOR, "no")
    assert overdue(DUE + timedelta(days=1))
    follow(desk, number, "assigned", AUDITOR, "more time", due=DUE + timedelta(days=9))
    assert not overdue(DUE + timedelta(days=1))


def test_who_cannot_own_a_finding(desk: Database, tmp_path: Path) -> None:
    audit = drawn(desk, VAULT, tmp_path)
    with pytest.raises(findings.NotAnOwner):
        found(desk, audit.audit_id, owner="au1")  # an auditor audits
    with pytest.raises(audits.NoSuchItem):
        found(desk, audit.audit_id, items=(99,))
    unknown = pytest.raises(findings.UnknownRule, match=r"did you mean 'cn\.identity\.stated'")
    with desk.transaction("demo") as tx, unknown:
        findings.record_finding(
            tx, vault=VAULT, audit_id=audit.audit_id, severity="low", rule="cn.identity.statd", items=(), text="t",
            owner="su1", due=DUE, actor=AUDITOR, today=TODAY, now=LATER, chance=chance,
        )  # fmt: skip
    with desk.transaction("demo") as tx, pytest.raises(findings.NotADueDay):
        findings.record_finding(
            tx, vault=VAULT, audit_id=audit.audit_id, severity="low", rule=None, items=(), text="t", owner="su1",
            due=TODAY, actor=AUDITOR, today=TODAY, now=LATER, chance=chance,
        )  # fmt: skip


def test_an_audit_is_closed_when_all_is_answered_and_every_no_is_found(desk: Database, tmp_path: Path) -> None:
    audit = drawn(desk, VAULT, tmp_path)

    def close() -> audits.Audit:
        with desk.transaction("demo") as tx:
            return answering.close(tx, vault=VAULT, audit_id=audit.audit_id, actor=AUDITOR, now=LATER)

    with pytest.raises(answering.Unfinished, match="questions have no answer"):
        close()
    all_answered(desk, VAULT, audit, but={(1, "identity"): "no"})
    with pytest.raises(
        answering.Unfinished, match="0 questions have no answer, and a no stands in no finding at items 1"
    ):
        close()
    number = found(desk, audit.audit_id)
    assert close().closed_by == "auditor:au1"
    with pytest.raises(answering.Closed):
        answered(desk, VAULT, audit, (1, "identity"), "yes")
    follow(desk, number, "answered", OWNER)  # what was found goes on
    assert len(the_records(desk, "audit.closed")) == 1


def test_the_secret_of_an_audit_moves_to_the_newest_key(desk: Database, tmp_path: Path) -> None:
    number = found(desk, drawn(desk, VAULT, tmp_path).audit_id)
    ring = VAULT.ring.with_new("second")
    rotation.rotate(desk, "demo", Vault(ring))
    with desk.transaction("demo") as tx:
        assert rotation.count_by_key(tx).keys() == {"second"}
        assert findings.read_finding(tx, vault=Vault(ring), finding_id=number).text == "names were not said"


# The report


def test_the_report_counts_and_bounds(desk: Database, tmp_path: Path) -> None:
    audit = drawn(desk, VAULT, tmp_path)
    all_answered(desk, VAULT, audit, but={(1, "identity"): "no", (2, "identity"): "not_applicable"})
    with desk.transaction("demo") as tx:
        made = report(tx, vault=VAULT, audit_id=audit.audit_id, today=TODAY)
    by = {(one.sample, one.question, one.part, one.stratum): one for one in made.lines}
    one = by["calls", "identity", "drawn", ""]
    size = sampling.size_for(8, confidence=90, tolerable_permille=300, expected=0)
    assert (one.population, one.items, one.yes, one.no, one.not_applicable, one.open) == (8, size, size - 2, 1, 1, 0)
    assert one.rate_ppm == (2 * 1_000_000 + size - 1) // (2 * (size - 1))
    assert one.upper_ppm == sampling.clopper_pearson_ppm(size - 1, 1, confidence=90)
    assert one.most == sampling.most_deviating(8, size, 1, confidence=90)
    assert (one.tolerated, one.within) == (2, False)
    assert by["calls", "outcome", "drawn", ""].within is True
    assert by["staff", "note", "drawn", ""].most is None  # drawn with different chances: no bound of the whole
    assert by["staff", "note", "stratum", "E01"].most is not None
    all_of_them = by["holds", "proof", "drawn", ""]
    assert (all_of_them.most, all_of_them.upper_ppm) == (0, 0)  # nothing is left to guess
    table = as_csv(made).splitlines()
    assert len(table) == 1 + len(made.lines)
    assert table[1].startswith(f"calls,identity,drawn,,8,{size},{size - 2},1,1,0,")


def test_no_bound_is_said_while_an_answer_is_open(desk: Database, tmp_path: Path) -> None:
    audit = drawn(desk, VAULT, tmp_path)
    answered(desk, VAULT, audit, (1, "identity"), "yes")
    with desk.transaction("demo") as tx:
        made = report(tx, vault=VAULT, audit_id=audit.audit_id, today=TODAY)
    assert made.open > 0
    assert all(one.most is None and one.upper_ppm is None for one in made.lines)


def test_what_is_always_looked_at_stands_apart(desk: Database, tmp_path: Path) -> None:
    with desk.transaction("demo") as tx:  # as the sweep finds them
        tx.execute(
            "INSERT INTO near_miss (lender_id, permit_id, rule, kind, fact, day, debtor_id, channel, firm, staff, at) "
            "SELECT lender_id, permit_id, 'cn.contact.window', 'closing_time', 'second_local', at::date, debtor_id, "
            "channel, firm, staff, at FROM permit_request WHERE answer = 'granted' ORDER BY permit_id LIMIT 2"
        )
    content = PLAN.replace("size: {expected: 0}", "size: {expected: 0}\n    always: [near_miss]")
    audit = drawn(desk, VAULT, tmp_path, content=content)
    items = [one for one in the_items(desk, audit.audit_id) if one.sample == "calls"]
    assert sum(one.always for one in items) == 2
    all_answered(desk, VAULT, audit, but={(one.item, "identity"): "no" for one in items if one.always})
    with desk.transaction("demo") as tx:
        made = report(tx, vault=VAULT, audit_id=audit.audit_id, today=TODAY)
    by = {(one.sample, one.question, one.part): one for one in made.lines}
    assert (by["calls", "identity", "drawn"].population, by["calls", "identity", "drawn"].no) == (6, 0)
    apart = by["calls", "identity", "always"]
    assert (apart.population, apart.items, apart.no, apart.most) == (2, 2, 2, None)
