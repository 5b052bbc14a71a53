"""Tapes and documents over HTTP, by the typed client: sent, checked, imported, mended; kept, listed, opened."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files as shipped

import httpx
import pytest

from duecourse import app
from duecourse.casework.jobs import Shop, work_off
from duecourse.casework.token import LENDER_ONLY
from duecourse.client import Client, Conflict, Invalid, NoScope, NotFound, OtherRequest, new_key
from duecourse.client.shapes.tapes import Fault
from duecourse.core.ids import loan_key
from duecourse.storage import jobs, log
from duecourse.storage.tokens import Scope
from duecourse.web.api.envelope import BODY_BYTES_MAX
from duecourse.web.api.problem import Kind
from tests.casework.test_documents import PDF
from tests.desk import person
from tests.tapes import LOANS, PAYMENTS
from tests.web.conftest import Site, problem
from tests.web.test_cases import case

__all__ = ["case"]

TAPES = (Scope.TAPE_SEND, Scope.TAPE_READ, Scope.JOB_READ, Scope.JOB_START)
OWN = ("mine.yaml", (shipped("duecourse.book") / "mappings" / "standard.yaml").read_bytes())
WRONG = LOANS.replace("C2,1200000", "C2,12OO000")


@pytest.fixture
def tapes(site: Site) -> Iterator[Client]:
    """A client of the lender that has no book before."""
    token = site.token(*TAPES, name="loader", lender="other")
    with Client(site.url.removesuffix("/api/v1"), token) as client:
        yield client


def work(site: Site) -> None:
    """What a worker does in its next round."""
    where = app.settings({"DUECOURSE_HOME": str(site.home), "DUECOURSE_LENDER": "other"})
    shop = Shop(site.database, site.vault, lambda _lender: app.store_of(where), site.now)
    while work_off(shop, "other"):
        pass


def patch(faults: list[tuple[str, int, str, str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([("source", "row", "field", "value"), *faults])
    return out.getvalue().encode()


def by_pages(tapes: Client) -> list[Fault]:
    """All faults in quarantine, asked for one row at a time."""
    found: list[Fault] = []
    cursor = None
    while True:
        page = tapes.list_quarantine(most=1, cursor=cursor)
        assert len({(one.source, one.row) for one in page.faults}) == 1
        found += page.faults
        if (cursor := page.next) is None:
            return found


def test_a_tape_is_sent_checked_imported_and_mended(site: Site, tapes: Client) -> None:
    payments = PAYMENTS + "L1,P9,2026-02-21,7x\n"
    files = [("loans.csv", WRONG.encode()), ("payments.csv", payments.encode())]
    key = new_key()
    sent = tapes.send_tape(file=files, key=key)
    assert (sent.kind, sent.state, sent.actor) == ("tape_check", "queued", "system:loader")
    assert tapes.send_tape(file=files, key=key) == sent, "the same request again is done once"
    with pytest.raises(OtherRequest):
        tapes.send_tape(file=files[:1], key=key)
    with pytest.raises(Conflict):
        tapes.ask_import(sent.job)  # it was not checked yet
    work(site)
    checked = tapes.show_job(sent.job).found
    assert checked is not None
    assert (checked["quarantined"], checked["loans_new"]) == (3, 1)
    assert (checked["columns_not_read"], checked["loans_of_nothing_count"], checked["loans_by_number"]) == ([], 0, 1)
    assert len(checked["rates_ppm"]) == 2
    assert tapes.list_quarantine().faults == (), "a check imports nothing"
    imported = tapes.ask_import(sent.job)
    work(site)
    done = tapes.show_job(imported.job)
    assert (done.state, (done.found or {})["version"]) == ("finished", 1)
    faults = {(one.file, one.row, one.field): one for one in tapes.list_quarantine().faults}
    assert by_pages(tapes) == list(tapes.list_quarantine().faults)
    loan, payment = faults["loans.csv", 2, "principal_minor"], faults["payments.csv", 2, "loan_ref"]
    assert (loan.rule, payment.rule) == ("form", "depends")
    assert loan.source == sha256(WRONG.encode()).hexdigest()

    mend = patch([(loan.source[:16], loan.row, loan.field, "1200000")])
    again = tapes.send_tape(file=files, patch=("mine.csv", mend))
    work(site)
    found = tapes.show_job(again.job).found or {}
    assert (found["quarantined"], found["loans_new"]) == (1, 1)
    mended = tapes.ask_import(again.job)
    work(site)
    assert (tapes.show_job(mended.job).found or {})["version"] == 2
    assert [one.version for one in tapes.list_versions(most=2).versions] == [2, 1]
    differs = tapes.list_breaks()
    assert [(one.kind, one.loan) for one in differs.breaks] == [("payment_unmatched", str(loan_key("other", "L1")))]
    assert (differs.count, differs.next) == (1, None), "money that could not be read"
    with pytest.raises(Invalid, match="the quarantine has changed"):
        tapes.list_quarantine(cursor=f"{'0' * 64}-7")
    with site.database.transaction("other") as tx:
        assert tx.value("SELECT count(*) FROM upload WHERE gone_at IS NULL") == 0, "the files went with their work"
        assert tx.value("SELECT count(*) FROM log_entry WHERE kind = 'book.import'") == 2
        assert "12OO000" not in str(jobs.every(tx))


def test_what_cannot_be_a_tape_is_told_before_anything_is_kept(site: Site, tapes: Client) -> None:
    loans = ("loans.csv", LOANS.encode())
    for wrong in (
        {"file": [loans, loans]},
        {"file": [loans], "mapping": "nobodys"},
        {"file": [loans], "mapping": "mine", "mapping_file": ("mine.yaml", b"\xff\xfe")},
        {"file": [loans], "mapping": "mine", "mapping_file": ("mine.yaml", b"nothing: here")},
        {"file": [("loans.csv", b"")]},
    ):
        with pytest.raises(Invalid):
            tapes.send_tape(**wrong)
    with site.client(*TAPES, name="loader", lender="other") as client:
        key = {"Idempotency-Key": new_key()}
        problem(client.post("/tapes", json={"file": []}, headers=key), Kind.NOT_JSON)
        problem(client.post("/tapes", data={"mapping": "standard"}, files={"other": loans}, headers=key), Kind.INVALID)
        client.headers["authorization"] = "Bearer nobody"
        large = [("file", ("loans.csv", b"x" * (BODY_BYTES_MAX + 1)))]
        problem(client.post("/tapes", files=large, headers=key), Kind.NO_TOKEN)
    with site.client(Scope.JOB_READ, name="reader", lender="other") as client:
        problem(client.post("/tapes", files=[("file", loans)], headers={"Idempotency-Key": "k"}), Kind.NO_SCOPE)
    assert set(TAPES) | {Scope.DOCUMENT_KEEP, Scope.DOCUMENT_OPEN} <= LENDER_ONLY


def test_a_tape_may_be_larger_than_other_bodies(site: Site, tapes: Client) -> None:
    text = LOANS + "".join(
        f"B{number},C{number},1200000,2026-01-05,2026-02-05,12,90000,equal_instalment,135000\n"
        for number in range(10, 5_000)
    )
    assert len(text) > BODY_BYTES_MAX
    sent = tapes.send_tape(file=[("loans.csv", text.encode())], mapping="mine", mapping_file=OWN)
    work(site)
    assert (tapes.show_job(sent.job).found or {})["loans_new"] >= 4_990


def test_documents_are_kept_listed_and_opened_on_record(site: Site, case: tuple[int, int]) -> None:
    number, borrower = case
    base = site.url.removesuffix("/api/v1")
    with Client(base, site.token(Scope.CASE_READ, Scope.DOCUMENT_KEEP, Scope.DOCUMENT_OPEN, name="files")) as desk:
        key = new_key()
        kept = desk.keep_document(str(number), file=("工资单.pdf", PDF), kind="income", key=key).document
        assert desk.keep_document(str(number), file=("工资单.pdf", PDF), kind="income", key=key).document == kept
        (one,) = desk.list_documents(str(number)).documents
        assert (one.document, one.kind, one.media_type, one.size) == (kept, "income", "application/pdf", len(PDF))
        assert one.sha256 == sha256(PDF).hexdigest()
        assert desk.open_document(str(number), kept, purpose="dispute") == PDF
        with pytest.raises(Invalid):
            desk.open_document(str(number), kept, purpose="curiosity")  # type: ignore[arg-type]
        with pytest.raises(NotFound):
            desk.open_document(str(number), "999999", purpose="dispute")
        with pytest.raises(NotFound):
            desk.list_documents("999999999")
        with pytest.raises(Invalid):
            desk.keep_document(str(number), file=("empty.pdf", b""), kind="income")
    with site.client(Scope.DOCUMENT_OPEN, name="opener") as opener:
        answer: httpx.Response = opener.post(f"/cases/{number}/documents/{kept}/opening", json={"purpose": "claim"})
        assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''%E5%B7%A5%E8%B5%84%E5%8D%95.pdf"
    with Client(base, site.token(Scope.CASE_READ, name="reader")) as reader, pytest.raises(NoScope):
        reader.open_document(str(number), kept, purpose="dispute")
    with site.database.transaction("demo") as tx:
        kinds = [(one.kind, one.actor) for one in log.of_person(tx, person(borrower))]
    assert kinds.count(("document.kept", "system:files")) == 1
    assert kinds.count(("person.reveal", "system:files")) == 1
    assert kinds.count(("person.reveal", "system:opener")) == 1
