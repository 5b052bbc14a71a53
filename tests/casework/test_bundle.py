"""Bundles: the verifier finds that all of it holds, also after the data was destroyed; nothing personal is in it."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest

from duecourse.casework import bundle, handing
from duecourse.casework.assignment import Handover, assign_case
from duecourse.casework.gate import Gate
from duecourse.casework.lender_facts import state_lender_fact
from duecourse.casework.outcomes import Outcome
from duecourse.casework.proving import NotPublishedYet
from duecourse.casework.redemption import redeem_permit
from duecourse.casework.registers import put_on_record
from duecourse.casework.reveal import reveal
from duecourse.casework.sequencing import NoLog, Sequencer
from duecourse.casework.settling import record_outcome
from duecourse.casework.staff import OfStaff
from duecourse.evidence.verifier.main import main
from duecourse.storage import cases, checkpoints, collectors, log, persons
from duecourse.storage.collectors import Collector
from duecourse.storage.connection import Database
from duecourse.storage.permits import NoSuchPermit
from duecourse.storage.published import Published
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import NOW, TODAY, loan, person
from tests.evidence.sample import zipped
from tests.permit_desk import CLOSING, CONTENT, OFFICE, OPERATOR, Clock, ask, granted, refused, set_up

VAULT = Vault(new_ring())
GATE = Gate(VAULT)


@pytest.fixture
def matter(database: Database, tmp_path: Path) -> tuple[int, int]:
    """A call that was allowed, made and settled, and one that was refused; the log sequenced. Both permits' numbers."""
    set_up(database, VAULT, 1, 2)
    clock = Clock()
    permit = granted(ask(database, GATE, clock)).permit_id
    redeem_permit(
        database, "demo", gate=GATE, permit_id=permit, sender=OFFICE, content_hash=CONTENT, actor=OPERATOR, clock=clock
    )
    record_outcome(
        database, "demo", gate=GATE, permit_id=permit, outcome=Outcome.CONNECTED, sender=OFFICE, actor=OPERATOR,
        clock=clock,
    )  # fmt: skip
    clock.at = CLOSING
    late = ask(database, GATE, clock)
    assert refused(late)
    with database.transaction("demo") as tx:
        reveal(tx, vault=VAULT, person_id=person(1), field="name", purpose="identify", actor=OPERATOR, now=NOW)
    sequence(database, tmp_path)
    return permit, late.permit_id


def sequence(database: Database, folder: Path) -> None:
    Sequencer(database, "demo", VAULT, Published(folder / "log"), lambda: NOW).run()


def key_of(database: Database) -> str:
    with database.transaction("demo") as tx:
        origin = checkpoints.origin(tx)
    assert origin
    return str(origin.key)


def verdict(database: Database, folder: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    path = folder / "bundle.zip"
    path.write_bytes(content)
    status = main([str(path), "--key", key_of(database)])
    return status, capsys.readouterr().out


def put_together(database: Database, permit_id: int) -> bundle.Bundle:
    with database.transaction("demo") as tx:
        return bundle.bundle_of_permit(tx, vault=VAULT, permit_id=permit_id, actor=OPERATOR, now=NOW)


def test_a_permit_from_question_to_outcome(
    database: Database, matter: tuple[int, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = put_together(database, matter[0])
    assert (made.records, made.facts, made.closed) == (3, 6, 0)
    status, said = verdict(database, tmp_path, made.content, capsys)
    assert status == 0, said
    for kind in ("permit.granted", "permit.redeemed", "contact.settled"):
        assert kind in said
    assert f'"person":"{person(1)}"' in said
    assert 'outcome = "connected"' in said
    assert "DOES NOT HOLD" not in said
    refusal = put_together(database, matter[1])
    status, said = verdict(database, tmp_path, refusal.content, capsys)
    assert (status, refusal.records, refusal.facts) == (0, 1, 2), said


@pytest.mark.usefixtures("matter")
def test_a_case_has_every_record_about_its_person(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.transaction("demo") as tx:
        cases.open_many(tx, pl.Series([person(1)]), day=TODAY, by="test")
        (case,) = cases.of_person(tx, person(1))
        made = bundle.bundle_of_case(tx, vault=VAULT, case_id=case.case_id, actor=OPERATOR, now=NOW)
    assert (made.records, made.facts, made.closed) == (5, 9, 1)  # who was named is not shown
    status, said = verdict(database, tmp_path, made.content, capsys)
    assert status == 0, said
    assert "person.reveal" in said
    assert "the fact “value” is not shown" in said


def test_it_names_nobody_and_its_making_is_on_record(
    database: Database, matter: tuple[int, int], tmp_path: Path
) -> None:
    made = put_together(database, matter[0])
    with zipfile.ZipFile(BytesIO(made.content)) as opened:
        names = set(opened.namelist())
        whole = b"".join(opened.read(name) for name in names)
    assert {"README.en.md", "README.zh-CN.md", "verify_duecourse.py", "key", "checkpoint", "bundle.json"} <= names
    for personal in ("张三", "1540000", "990101"):
        assert personal.encode() not in whole
    sequence(database, tmp_path)
    with database.transaction("demo") as tx:
        told = tx.value("SELECT convert_from(bytes, 'UTF8') FROM log_entry WHERE kind = 'evidence.bundled'")
    stated = json.loads(str(told))["stated"]
    assert (stated["permit"], stated["records"], stated["facts"]) == (str(matter[0]), 3, 6)


@pytest.mark.usefixtures("matter")
def test_no_record_names_a_person_or_a_loan(database: Database) -> None:
    with database.transaction("demo") as tx:
        rows = tx.execute("SELECT kind, convert_from(bytes, 'UTF8') FROM log_entry").fetchall()
    assert len({kind for kind, _ in rows}) >= 6
    for number in (1, 2):
        for personal in (
            "张三",
            f"0000 {number:04d}",
            f"0000{number:04d}",
            "990101",
            str(person(number)),
            str(loan(number)),
        ):
            assert [kind for kind, text in rows if personal in text] == [], personal


@pytest.mark.usefixtures("matter")
def test_what_somebody_typed_and_who_works_a_case_stands_in_no_record(database: Database) -> None:
    with database.transaction("demo") as tx:
        put_on_record(
            tx, vault=VAULT, firm="", staff="E77", kind=OfStaff.POST, from_day=TODAY, source="李四的聘书",
            actor=OPERATOR, now=NOW,
        )  # fmt: skip
        state_lender_fact(
            tx, vault=VAULT, fact="call_recorded", value=True, source="王五的线路清单", actor=OPERATOR, now=NOW
        )
        collectors.put(tx, Collector("zhao-liu", "team", ["call"], ["zh"], 15, TODAY - timedelta(days=9)))
        cases.open_many(tx, pl.Series([person(1)]), day=TODAY, by="test")
        (case,) = cases.of_person(tx, person(1))
        assign_case(
            tx, vault=VAULT, case_id=case.case_id, to="zhao-liu", reason=Handover.TAKEN, actor=OPERATOR, now=NOW
        )
        rows = tx.execute("SELECT kind, convert_from(bytes, 'UTF8') FROM log_entry").fetchall()
    assert {"staff.recorded", "lender.fact_stated", "case.assigned"} <= {kind for kind, _ in rows}
    assert [text for _, text in rows if any(typed in text for typed in ("李四", "王五", "E77", "zhao-liu"))] == []


def test_destroyed_data_leaves_every_proof_valid(
    database: Database, matter: tuple[int, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = put_together(database, matter[0])
    with database.transaction("demo") as tx:
        persons.destroy(tx, person(1), now=NOW)
    after = put_together(database, matter[0])
    assert (after.records, after.facts, after.closed) == (3, 0, 6)
    status, said = verdict(database, tmp_path, after.content, capsys)
    assert (status, "DOES NOT HOLD" in said) == (0, False)
    assert verdict(database, tmp_path, before.content, capsys)[0] == 0  # what was shown before stays proven


@pytest.mark.parametrize("part", ["json", "tlog-proof", "facts.json", "bundle.json", "key", "strange"])
def test_a_bundle_that_was_changed_does_not_hold(
    database: Database, matter: tuple[int, int], tmp_path: Path, capsys: pytest.CaptureFixture[str], part: str
) -> None:
    made = put_together(database, matter[0])
    changed = BytesIO()
    with zipfile.ZipFile(BytesIO(made.content)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            if name.endswith(f".{part}") and name.startswith("records/"):
                text = text.replace('"connected"', '"voicemail"').replace('"at":"2026', '"at":"2025')
                text = text.replace("index ", "index 1")
            if name == part == "bundle.json":
                text = text.replace(".tlog-proof", ".proof")
            if name == part == "key":
                text = "nothing"
            new.writestr(name, text)
        if part == "strange":
            new.writestr("records/0.json", "{}")
    status, said = verdict(database, tmp_path, changed.getvalue(), capsys)
    assert (status, "DOES NOT HOLD" in said) == (1, True), said
    assert part != "strange" or "records/0.json: not listed" in said


def test_the_log_commits_to_every_file_that_was_handed_over(
    database: Database, matter: tuple[int, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = put_together(database, matter[0]).content
    status, said = verdict(database, tmp_path, made, capsys)
    assert (status, "no proof of the record of it" in said) == (0, True), said
    assert "covered by bundle.json alone, not by the records: README.en.md" in said
    with database.transaction("demo") as tx, pytest.raises(NotPublishedYet):
        handing.sealed(tx, made)
    sequence(database, tmp_path)
    with database.transaction("demo") as tx:
        sealed = handing.sealed(tx, made)
    status, said = verdict(database, tmp_path, sealed, capsys)
    assert (status, "the lender handed over just these files" in said) == (0, True), said
    assert ("no proof of the record" in said, "Found to hold: records 3, facts 6, decisions 0." in said) == (
        False,
        True,
    )
    proof = tmp_path / "handed.tlog-proof"  # the holder of the first one asks for the proof, and gives it beside
    proof.write_bytes(files_of(sealed)["handed.tlog-proof"])
    (tmp_path / "bundle.zip").write_bytes(made)
    assert main([str(tmp_path / "bundle.zip"), str(proof), "--key", key_of(database)]) == 0
    assert "the lender handed over just these files" in capsys.readouterr().out
    for name in sorted(files_of(sealed)):
        files = files_of(sealed)
        files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])
        assert verdict(database, tmp_path, zipped(files), capsys)[0] == 1, name
    for content in (b"", zipped({"handed.json": b"{}"}), zipped(files_of(made) | {"bundle.json": b'{"size": 1}'})):
        with database.transaction("demo") as tx, pytest.raises(handing.NotABundle):
            handing.sealed(tx, content)


def test_a_bundle_of_nothing_is_not_said_to_hold(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up(database, VAULT, 1)
    with database.transaction("demo") as tx:
        log.append(tx, vault=VAULT, kind="case.test", at=NOW, actor="operator:x")
    sequence(database, tmp_path)
    permit = granted(ask(database, GATE, Clock())).permit_id  # its record has no place yet
    status, said = verdict(database, tmp_path, put_together(database, permit).content, capsys)
    assert (status, "there is nothing to check" in said) == (1, True), said


def files_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(content)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_what_is_not_there_makes_no_bundle(database: Database) -> None:
    set_up(database, VAULT, 1)
    permit = granted(ask(database, GATE, Clock())).permit_id
    with pytest.raises(NoLog):
        put_together(database, permit)
    with pytest.raises(NoSuchPermit):
        put_together(database, 10**9)
