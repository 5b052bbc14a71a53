"""What a case's bundle shows: every fact that the desk still knows, and each decision that the kept days made."""

from __future__ import annotations

import ast
import json
import os
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import psycopg
import pytest

from duecourse.book.store import Store
from duecourse.casework import bundle, disclosure
from duecourse.casework.actor import Actor, Role
from duecourse.casework.documents import DocumentKind, keep_document, open_document
from duecourse.casework.gate import Gate
from duecourse.casework.holds import HoldKind, end, place
from duecourse.casework.language import note_language
from duecourse.casework.merge import Reason, merge
from duecourse.casework.notes import read_notes, record_note
from duecourse.casework.outcomes import Outcome
from duecourse.casework.promises import record_promise
from duecourse.casework.reveal import reveal
from duecourse.casework.sequencing import NoLog, Sequencer
from duecourse.casework.settling import record_inbound
from duecourse.casework.stating import state_fact
from duecourse.core.money import Money
from duecourse.evidence.verifier.checks import checked
from duecourse.evidence.verifier.report import FAILS, UNCHECKED
from duecourse.law.terms import Channel
from duecourse.storage import cases, checkpoints, persons, points
from duecourse.storage.connection import Database
from duecourse.storage.published import Published
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.day_desk import DAY, fill, run_day
from tests.day_desk import clock as day_clock

VAULT = Vault(new_ring())
WORKER = Actor(Role.COLLECTOR, "a0")
CASEWORK = Path(bundle.__file__).parent


@pytest.fixture
def case(database: Database, tmp_path: Path) -> int:
    """A case of a day that ran, with its day's decisions in the log."""
    store = Store(tmp_path / "book")
    fill(database, store, VAULT, 60)
    run_day(database, store, VAULT)
    with database.transaction("demo") as tx:
        found = tx.value(
            "SELECT c.case_id FROM cases c JOIN proposal p USING (lender_id, person_id) GROUP BY c.case_id "
            "ORDER BY count(*) DESC, c.case_id LIMIT 1"
        )
    return int(str(found))


def sequence(database: Database, folder: Path) -> str:
    Sequencer(database, "demo", VAULT, Published(folder / "log"), day_clock).run()
    with database.transaction("demo") as tx:
        origin = checkpoints.origin(tx)
    assert origin
    return str(origin.key)


def of_case(database: Database, case_id: int) -> bundle.Bundle:
    with database.transaction("demo") as tx:
        return bundle.bundle_of_case(tx, vault=VAULT, case_id=case_id, actor=WORKER, now=day_clock())


def test_every_fact_that_the_desk_still_knows_is_shown(database: Database, case: int, tmp_path: Path) -> None:
    now, later = day_clock(), day_clock() + timedelta(minutes=1)
    with database.transaction("demo") as tx:
        whom = cases.get(tx, case).person_id
        loan = int(str(tx.value("SELECT min(loan_key) FROM party WHERE person_id = %s", (whom,))))
        currency = str(tx.value("SELECT currency FROM case_snapshot WHERE person_id = %s", (whom,)))
        (point, *_) = points.of_person(tx, whom)
        other = int(str(tx.value("SELECT max(person_id) FROM person WHERE person_id <> %s", (whom,))))
        record_note(tx, vault=VAULT, case_id=case, text="想分三期还", actor=WORKER, now=now)
        read_notes(tx, vault=VAULT, person_id=whom, purpose="identify", actor=WORKER, now=now)
        record_note(tx, vault=VAULT, case_id=case, text="written after they were read", actor=WORKER, now=later)
        number = keep_document(
            tx, vault=VAULT, case_id=case, kind=DocumentKind.RECEIPT, name="回单.txt", content=b"paid", actor=WORKER,
            now=now, chance=os.urandom,
        )  # fmt: skip
        open_document(tx, vault=VAULT, case_id=case, document_id=number, purpose="identify", actor=WORKER, now=now)
        amount = Money(10_000, currency)
        record_promise(tx, vault=VAULT, case_id=case, amount=amount, due=DAY + timedelta(3), actor=WORKER, now=now)
        note_language(tx, vault=VAULT, person_id=whom, language="yue", actor=WORKER, now=now)
        for field in ("name", points.field_name(point.contact_point_id)):
            reveal(tx, vault=VAULT, person_id=whom, field=field, purpose="identify", actor=WORKER, now=now)
        state_fact(
            tx, vault=VAULT, person_id=whom, fact="time_consent_recorded", value=True, source="recording 12",
            reason="asked for late calls", actor=WORKER, now=now,
        )  # fmt: skip
        held = place(
            tx, vault=VAULT, person_id=whom, kind=HoldKind.DISPUTE, source="letter 9", reason="says it is paid",
            actor=WORKER, clock=lambda: now,
        )  # fmt: skip
        end(tx, vault=VAULT, person_id=whom, hold_id=held.hold_id or 0, actor=WORKER, clock=lambda: later)
        merge(tx, vault=VAULT, person_id=other, into=whom, reason=Reason.SAME_DOCUMENT, actor=WORKER, now=now)
    record_inbound(
        database, "demo", gate=Gate(VAULT), person_id=whom, loan_keys=[loan], channel=Channel.CALL,
        outcome=Outcome.CONNECTED, at=now, actor=WORKER, clock=lambda: now,
    )  # fmt: skip
    key = sequence(database, tmp_path)
    made = of_case(database, case)
    report = checked([("b.zip", made.content)], key, [])
    told = [line.said[0] for line in report.lines if line.about == "fact"]
    for shown in (
        'text = "想分三期还"', 'text = "written after they were read"', 'name = "回单.txt"', "amount = 10000",
        'language = "yue"', 'field = "name"', f'field = "contact_point/{point.contact_point_id}"',
        f'field = "document/{number}"', 'source = "recording 12"', 'reason = "asked for late calls"',
        'source = "letter 9"', 'reason = "says it is paid"', "reason = null", f'with = "{other}"', "value = true",
        'outcome = "connected"', f'loans = ["{loan}"]',
    ):  # fmt: skip
        assert any(shown in line for line in told), shown
    assert sum("notes = [" in line for line in told) == 1
    closed = [line.said[0] for line in report.lines if line.about == "fact" and line.mark == UNCHECKED]
    assert len(closed) == made.closed == 2
    assert all("the fact “value” is not shown" in line for line in closed)  # a name, a number: they would name somebody
    assert not [line for line in report.lines if line.mark == FAILS]


def test_each_kind_of_record_with_facts_says_how_they_are_opened() -> None:
    found = set()
    for path in CASEWORK.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and {"kind", "facts", "subject"} <= {one.arg for one in node.keywords}:
                kinds = [one.value for one in node.keywords if one.arg == "kind"]
                found |= {one.value for one in kinds if isinstance(one, ast.Constant)}
    assert len(found) >= 8
    assert found <= set(disclosure._GIVE), "a bundle could not show the facts of these"


def test_the_days_decisions_about_the_case_are_in_it_and_lead_to_the_log(
    database: Database, case: int, tmp_path: Path
) -> None:
    with pytest.raises(NoLog):
        of_case(database, case)
    key = sequence(database, tmp_path)
    with database.transaction("demo") as tx:
        whom = cases.get(tx, case).person_id
        rows = tx.execute("SELECT ordinal, treatment FROM proposal WHERE person_id = %s", (whom,)).fetchall()
    made = of_case(database, case)
    assert made.decisions == len(rows) > 0
    report = checked([("b.zip", made.content)], key, [])
    told = [line.said[0] for line in report.lines if line.about == "decision"]
    for ordinal, treatment in rows:
        assert any(f"decisions/{DAY}-{ordinal}.json: the decision of {DAY}" in one and treatment in one for one in told)
    assert not report.failed
    with zipfile.ZipFile(BytesIO(made.content)) as opened:
        shown = json.loads(opened.read(f"decisions/{DAY}-1.json"))
    changes: list[dict[str, object]] = [
        {"row": shown["row"] + " "}, {"salt": "00" * 32}, {"index": shown["index"] + 1}, {"path": []},
    ]  # fmt: skip
    for spoiled in changes:
        again = checked([("d.json", json.dumps(shown | spoiled).encode())], key, [])
        assert again.failed, spoiled
    with psycopg.connect(database.url) as owner:
        owner.execute("SELECT set_config('duecourse.lender_id', 'demo', true)")
        owner.execute("UPDATE proposal SET treatment = 'visit' WHERE person_id = %s", (whom,))
    without = of_case(database, case)
    assert (without.decisions, list(without.unproven)) == (0, [DAY])
    report = checked([("b.zip", without.content)], key, [])
    assert any("the bundle has no proof of them" in line.said[0] for line in report.lines)


def test_nothing_is_decided_about_somebody_whose_data_was_destroyed(
    database: Database, case: int, tmp_path: Path
) -> None:
    sequence(database, tmp_path)
    with database.transaction("demo") as tx:
        persons.destroy(tx, cases.get(tx, case).person_id, now=day_clock())
    made = of_case(database, case)
    assert (made.decisions, made.facts) == (0, 0)
