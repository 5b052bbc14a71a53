"""Notices: what must be so and on file, one record each, found by their code alone, proved from the paper."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest

from duecourse.casework.bundle import bundle_of_case
from duecourse.casework.issue_notice import (
    EndedAlready,
    NoMandate,
    NotApproved,
    NotOfTheCase,
    NotToThem,
    NoVerifyAddress,
    issue_notice,
    preview,
    withdraw_notice,
)
from duecourse.casework.notice_code import normal
from duecourse.casework.notice_figures import MUST_BE, Figures, NotSo
from duecourse.casework.notice_paper import OpenedNotice, open_notice, paper, pdf
from duecourse.casework.notice_said import CannotBe, NoSuchSlot, NotSaid, checked
from duecourse.casework.notice_values import ValuesLacking
from duecourse.casework.permit import Sender
from duecourse.casework.registers import NotInPost, end_record, put_on_record
from duecourse.casework.reveal import NoPurpose
from duecourse.casework.sequencing import Sequencer
from duecourse.casework.staff import OfFirm, OfStaff
from duecourse.casework.verify_notice import ADDRESS_MISSES_MAX, WINDOW, Genuine, TooManyMisses, verify_notice
from duecourse.channels.render import text
from duecourse.core.events import Event, GridRow, Kind
from duecourse.evidence.record import read
from duecourse.evidence.verifier.main import main
from duecourse.law.templates import DOCUMENTS, load_register
from duecourse.law.terms import SenderType
from duecourse.storage import log, notices
from duecourse.storage.connection import Database
from duecourse.storage.published import Published
from duecourse.storage.request_keys import KeyTaken
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import REAL, enter
from tests.notice_desk import COLLECTOR, FIRM, OFFICER, Desk, notice_desk
from tests.work_desk import NOW

VAULT = Vault(new_ring())


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return notice_desk(database, tmp_path / "book", VAULT)


def opened(desk: Desk, number: int, purpose: str = "contact") -> OpenedNotice:
    with desk.database.transaction("demo") as tx:
        return open_notice(tx, vault=VAULT, notice_id=number, purpose=purpose, actor=COLLECTOR, now=NOW)


def asked(desk: Desk, code: str, address: str = "10.0.0.1", later: timedelta = timedelta()) -> Genuine | None:
    return verify_notice(desk.database, vault=VAULT, usual="demo", text=code, address=address, now=NOW + later)


def sequence(desk: Desk, folder: Path) -> str:
    published = Published(folder)
    Sequencer(desk.database, "demo", VAULT, published, lambda: NOW, "duecourse.test/log/demo").run()
    return (published.key() or b"").decode().strip()


def test_a_notice_says_what_register_and_book_know_and_leaves_a_record_that_commits_to_it(desk: Desk) -> None:
    number = desk.issue()
    found = opened(desk, number)
    said = json.loads(found.content)
    for words in ("本行 App", "七日后再次联系您", "演示消费金融"):
        assert words in found.content.decode()
    with desk.database.transaction("demo") as tx:
        kept = notices.get(tx, number)
        entry = log.get(tx, kept.entry_id)
    assert entry is not None
    told = read(entry.content)
    assert told["kind"] == "notice.issued"
    assert told["stated"]["template_hash"] == bytes(kept.template_hash).hex()  # type: ignore[index,call-overload]
    assert set(told["commitments"]) == {"content", "code", "amount", "currency", "as_of", "loans"}  # type: ignore[arg-type]
    assert sha256(found.content).digest() == bytes(kept.content_hash)
    plain = json.dumps(dict(kept.shown), ensure_ascii=False) + entry.content.decode()
    for secret in (said["code"], normal(said["code"]) or "", said["window"][1]):
        assert secret
        assert secret not in plain
    assert paper(found).canonical() == found.content


def test_the_amounts_add_up_and_are_those_of_the_published_day(desk: Desk) -> None:
    with desk.database.transaction("demo") as tx:
        on, content = preview(tx, desk.store, desk.wanted(), now=NOW)
        row = tx.execute(
            "SELECT overdue_minor FROM case_snapshot WHERE person_id = %s ORDER BY day DESC", (desk.person,)
        ).fetchone()
    owed = on.figures
    assert owed.due == owed.principal + owed.interest + owed.charges > 0
    assert row is not None
    assert owed.due >= row[0]  # the case counts what fell due before the day, the letter what is due on it
    assert content.verify is None
    assert "*" in text(content).partition("（")[0]  # masked


def test_trying_a_notice_opens_and_keeps_nothing(desk: Desk) -> None:
    with desk.database.transaction("demo") as tx:
        before = log.last_id(tx)
        preview(tx, desk.store, desk.wanted(), now=NOW)
        assert log.last_id(tx) == before
        assert not notices.of_person(tx, desk.person)


def test_the_same_request_twice_is_one_notice_and_another_under_its_key_is_refused(desk: Desk) -> None:
    first = desk.issue(key="same")
    assert desk.issue(key="same") == first
    with pytest.raises(KeyTaken):
        desk.issue(desk.wanted(lang="en"), key="same")
    with desk.database.transaction("demo") as tx:
        assert len(notices.of_person(tx, desk.person)) == 1


@pytest.mark.parametrize("document", ["receipt", "paid_in_full", "plan_confirmation"])
def test_what_is_not_so_is_not_certified(desk: Desk, document: str) -> None:
    desk.approve(document)
    with desk.database.transaction("demo") as tx:
        on, _ = preview(tx, desk.store, desk.wanted(), now=NOW)
    so = {"receipt": bool(on.figures.payments), "paid_in_full": False, "plan_confirmation": on.figures.plan is not None}
    if so[document]:
        desk.issue(desk.wanted(document))
        return
    with pytest.raises(NotSo):
        desk.issue(desk.wanted(document))


def test_what_must_be_so_is_known_of_every_kind_of_document() -> None:
    assert set(MUST_BE) == set(DOCUMENTS)


def test_a_certificate_may_be_about_a_loan_that_left_the_case_and_about_nobody_elses(desk: Desk) -> None:
    desk.approve("paid_in_full")
    with desk.database.transaction("demo") as tx:
        mine, others = (
            int(str(tx.value(
                "SELECT min(p.loan_key) FROM party p WHERE p.relation = 'borrower' AND (p.person_id = %s) = %s "
                "AND p.loan_key NOT IN (SELECT l.loan_key FROM case_loan l WHERE l.case_id = %s)",
                (desk.person, own, desk.case),
            )))
            for own in (True, False)
        )  # fmt: skip
    with pytest.raises(NotOfTheCase):
        desk.issue(desk.wanted("paid_in_full", loan_keys=(others,)))
    with pytest.raises(NotOfTheCase):
        desk.issue(desk.wanted(loan_keys=(mine,)))
    with pytest.raises(NotSo, match="not paid in full"):
        desk.issue(desk.wanted("paid_in_full", loan_keys=(mine,)))


def test_no_loan_that_runs_is_reported_as_ended(desk: Desk) -> None:
    desk.approve("credit_repair")
    with pytest.raises(NotSo, match="not paid in full"):
        desk.issue(desk.wanted("credit_repair", said={"reported_on": NOW.date().isoformat()}))


CANNOT_BE = (
    ("settlement_offer", "amount_offer", "99,999,999.00 CNY", "no offer is above that"),
    ("settlement_offer", "amount_offer", "0.00 CNY", "above zero"),
    ("settlement_offer", "amount_offer", "1.00 USD", "currency of the loan"),
    ("settlement_offer", "amount_offer", "1.005 CNY", "currency of the loan"),
    ("settlement_offer", "amount_offer", "一元", "currency of the loan"),
    ("settlement_offer", "valid_until", "2025-06-09", "stands until 2025-06-10 at least"),
    ("settlement_offer", "valid_until", "随便", "day of the calendar"),
    ("plan_confirmation", "amount_offer", "1.00 CNY", "add up to 300.50 CNY"),
    ("assignment_notice", "assigned_on", "2031-13-45", "day of the calendar"),
    ("assignment_notice", "assigned_on", "2025-06-11", "2025-06-10 at the latest"),
    ("credit_repair", "reported_on", "2025-06-11", "2025-06-10 at the latest"),
    ("credit_repair", "reported_on", "2025-06-01", "last payment came on 2025-06-02"),
    ("validation_notice", "validation_end", "2025-07-09", "until 2025-07-17 at least"),
    ("validation_notice", "changes_since", "interest, some", "each line is words"),
    ("validation_notice", "changes_since", "interest|1.01 CNY", "is due"),
)
CAN_BE = {
    "settlement_offer": {"amount_offer": "100.50 CNY", "valid_until": "2025-06-10"},
    "plan_confirmation": {"amount_offer": "300.50 CNY"},
    "assignment_notice": {"assigned_on": "2025-06-10"},
    "credit_repair": {"reported_on": "2025-06-02"},
    "validation_notice": {"validation_end": "2025-07-17", "changes_since": "利息|1.00 CNY"},
}


def test_what_is_said_is_a_day_or_an_amount_that_can_be() -> None:
    paid, plan = (
        Event(
            kind=kind, effective=date(2025, 6, 2), known=NOW, ref="x",
            grid=(GridRow(date(2025, 7, 1), 30, 100_00), GridRow(date(2025, 8, 1), 31, 200_50)),
        )
        for kind in (Kind.PAYMENT, Kind.PLAN)
    )  # fmt: skip
    owed = Figures(
        NOW.date(), "CNY", ("L1",), principal=100_00, interest=50, charges=0, not_due=900_00, settle=100_50, dpd=1,
        due_day=None, settled=False, plan=plan, payments=(paid,), lower="",
    )  # fmt: skip
    register = load_register(jurisdiction=None).templates.values()
    texts = {one.document: one for one in register if one.document in CAN_BE}
    then = {"validation_notice": {"amount_then": "99.50 CNY"}}
    for document, slot, said, why in CANNOT_BE:
        told = then.get(document, {}) | {slot: said}
        with pytest.raises(CannotBe, match=why):
            checked(texts[document], told, figures=owed, today=NOW.date())
    for document, good in CAN_BE.items():
        told = then.get(document, {}) | good
        assert checked(texts[document], told, figures=owed, today=NOW.date()) == told


def test_nobody_writes_under_a_number_that_the_register_of_the_house_does_not_know_today(desk: Desk) -> None:
    for staff, firm in (("ZZZ", ""), ("a0", "lawco")):
        sender = Sender(SenderType.LAW_FIRM if firm else SenderType.LENDER, firm, staff)
        with pytest.raises(NotInPost, match=f"staff number {staff} has no post at"):
            desk.issue(desk.wanted(sender=sender))
    said = opened(desk, desk.issue()).content.decode()
    assert "本机构工作人员" in said
    assert said.count("a0") == 1
    with desk.database.transaction("demo") as tx:
        end_record(tx, vault=VAULT, firm="", staff="a0", kind=OfStaff.POST, to_day=NOW.date(), actor=OFFICER, now=NOW)
    with pytest.raises(NotInPost):
        desk.issue()


def test_a_letter_of_a_law_firm_needs_firm_lawyer_and_mandate_on_file(desk: Desk) -> None:
    desk.approve("lawyer_letter")
    wanted = desk.wanted("lawyer_letter", sender=FIRM)
    with pytest.raises(NoMandate, match="a law firm as sender"):
        desk.issue(desk.wanted("lawyer_letter"))
    with pytest.raises(NoMandate, match="its admission, its contract, law_firm, lawyer, mandate"):
        desk.issue(wanted)
    with desk.database.transaction("demo") as tx:
        for kind in (OfFirm.ADMISSION, OfFirm.CONTRACT):
            put_on_record(
                tx, vault=VAULT, firm="lawco", staff="", kind=kind, from_day=NOW.date(), source="contract",
                actor=OFFICER, now=NOW,
            )  # fmt: skip
    desk.enter({"law_firm": "演示律师事务所", "lawyer": "律师甲"}, "lawco")
    with pytest.raises(NoMandate, match="it lacks mandate"):
        desk.issue(wanted)
    desk.enter({"mandate": "2025-017"}, "lawco")
    found = asked(desk, json.loads(opened(desk, desk.issue(wanted)).content)["code"])
    assert found is not None
    assert (found.shown["sender"], found.shown["mandate"]) == ("law_firm", "2025-017")


def test_nothing_is_issued_to_strangers_about_other_loans_by_other_words_or_without_an_address(desk: Desk) -> None:
    for wanted, trouble in (
        (desk.wanted(person_id=desk.person + 1), NotToThem),
        (desk.wanted(loan_keys=(1,)), NotOfTheCase),
        (desk.wanted(template_id="own.nothing"), NotApproved),
        (desk.wanted(template_id="m1.call"), NotApproved),
        (desk.wanted(lang="fr"), NotApproved),
        (desk.wanted(said={}), ValuesLacking),
        (desk.wanted(said={"next_step": "x", "amount_due": "1.00"}), NotSaid),
        (desk.wanted(said={"next_step": "x\u202ey"}), NotSaid),
        (desk.wanted(said={"next_step": "x", "plan_terms": "y"}), NoSuchSlot),
    ):
        with pytest.raises(trouble):
            desk.issue(wanted)
    with pytest.raises(NoVerifyAddress), desk.database.transaction("demo") as tx:
        issue_notice(
            tx, vault=VAULT, store=desk.store, wanted=desk.wanted(), public_url=None, request_key="k", actor=COLLECTOR,
            now=NOW, chance=bytes,
        )  # fmt: skip
    with desk.database.transaction("demo") as tx:
        assert not notices.of_person(tx, desk.person)


def test_whoever_has_the_code_learns_what_it_is_and_whoever_has_not_learns_nothing(desk: Desk) -> None:
    enter(desk.database, REAL)
    code = json.loads(opened(desk, desk.issue()).content)["code"]
    for typed in (
        code,
        code.lower(),
        code.replace("-", " "),
        normal(code) or "",
        code.replace("0", "O").replace("1", "l"),
    ):
        found = asked(desk, typed)
        assert found is not None
        assert found.lender.lender_id == "demo"
        assert found.shown["pay_at"] == "本行 App"
        assert "张" not in json.dumps(dict(found.shown), ensure_ascii=False)
    for wrong in ("", "x", code[:-1] + ("0" if code[-1] != "0" else "1"), "0000-0000-0000-0000", "' OR 1=1", "\0" * 99):
        assert asked(desk, wrong) is None


def test_guessing_tires_by_address_and_shuts_out_nobody_else(desk: Desk) -> None:
    code = json.loads(opened(desk, desk.issue()).content)["code"]
    for guess in range(ADDRESS_MISSES_MAX):
        assert asked(desk, f"{guess:016d}") is None
    for typed in (code, "0000"):
        with pytest.raises(TooManyMisses):
            asked(desk, typed)
    assert asked(desk, code, address="10.0.0.2")
    assert asked(desk, code, later=WINDOW + timedelta(minutes=2))


def test_a_notice_taken_back_or_replaced_says_so(desk: Desk) -> None:
    first = desk.issue()
    second = desk.issue(desk.wanted(replaces=first))
    with pytest.raises(EndedAlready):
        desk.issue(desk.wanted(replaces=first))
    with pytest.raises(notices.NoSuchNotice):
        desk.issue(desk.wanted(replaces=999))
    with desk.database.transaction("demo") as tx:
        withdraw_notice(tx, vault=VAULT, notice_id=second, actor=OFFICER, now=NOW)
    with pytest.raises(EndedAlready), desk.database.transaction("demo") as tx:
        withdraw_notice(tx, vault=VAULT, notice_id=second, actor=OFFICER, now=NOW)
    states = [asked(desk, json.loads(opened(desk, one).content)["code"]) for one in (first, second)]
    assert [one.ended_as if one else None for one in states] == ["superseded", "withdrawn"]
    with pytest.raises(NoPurpose):
        opened(desk, first, "curiosity")


def test_the_proof_of_a_notice_holds_without_us_and_tampering_is_told(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = desk.issue()
    assert opened(desk, number).proof is None  # its record has no place yet
    key = sequence(desk, tmp_path / "log")
    found = opened(desk, number)
    assert found.proof is not None
    file = tmp_path / "proof.json"
    file.write_bytes(found.proof)
    assert main([str(file), "--key", key]) == 0
    assert "本行 App" in capsys.readouterr().out
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(pdf(found, certificate=None, now=NOW))
    assert main([str(letter), "--key", key]) == 0
    assert "compare them with the page" in capsys.readouterr().out
    letter.write_bytes(pdf(replace(found, proof=None), certificate=None, now=NOW))
    assert main([str(letter), "--key", key]) == 1
    said = json.loads(found.proof)
    code = json.loads(found.content)["code"]
    assert not [one for one in said["openings"] if one["field"] == "code"]
    amount = next(one["value"] for one in said["openings"] if one["field"] == "amount")
    for old, new in (
        ("本行 App", "私人账户"), (code, "0000-0000-0000-0000"), (f'"value":{amount}', f'"value":{amount + 1}'),
        ('\\"kind\\":\\"notice.issued\\"', '\\"kind\\":\\"note.recorded\\"'),
    ):  # fmt: skip
        assert old in found.proof.decode(), old
        file.write_text(found.proof.decode().replace(old, new), encoding="utf-8")
        assert main([str(file), "--key", key]) == 1, old


def test_a_notice_is_printed_as_issued_whatever_becomes_of_its_template(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.issue()
    before = pdf(opened(desk, number), certificate=None, now=NOW)
    desk.approve("dunning_letter", 2)
    monkeypatch.setattr("duecourse.channels.render.content.VALUE_MAX", 0)  # composing is stricter than it was
    found = opened(desk, number)
    assert pdf(found, certificate=None, now=NOW) == before
    assert paper(found).canonical() == found.content


def test_a_bundle_shows_the_words_by_their_hash_and_never_the_code(desk: Desk, tmp_path: Path) -> None:
    number = desk.issue()
    sequence(desk, tmp_path / "log")
    code = json.loads(opened(desk, number).content)["code"]
    with desk.database.transaction("demo") as tx:
        made = bundle_of_case(tx, vault=VAULT, case_id=desk.case, actor=OFFICER, now=NOW)
    file = tmp_path / "bundle.zip"
    file.write_bytes(made.content)
    with ZipFile(file) as packed:
        told = "".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
    assert '"field": "content"' in told
    assert code not in told
    assert (normal(code) or code) not in told
