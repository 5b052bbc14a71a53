"""Documents of a case: sealed with their names, opened for a purpose on record, gone with the person's secret."""

from __future__ import annotations

import os

import polars as pl
import pytest

from duecourse.casework import documents
from duecourse.casework.actor import Actor, Role
from duecourse.casework.documents import BYTES_MAX, NotADocument, keep_document, open_document
from duecourse.casework.reveal import NoPurpose
from duecourse.evidence.record import read
from duecourse.storage import cases, log
from duecourse.storage import documents as kept
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import loan, person
from tests.permit_desk import MORNING, set_up

VAULT = Vault(new_ring())
WORKER = Actor(Role.COLLECTOR, "E01")
PDF = b"%PDF-1.7 the passport of somebody"


def case_of(database: Database, number: int) -> int:
    people = pl.Series([person(number)])
    with database.transaction("demo") as tx:
        if not cases.of_person(tx, person(number)):
            cases.open_many(tx, people, day=MORNING.date(), by="test")
            loans = pl.DataFrame({"person_id": people, "loan_key": [loan(number)]})
            cases.set_loans(tx, loans, day=MORNING.date())
        return cases.of_person(tx, person(number))[0].case_id


@pytest.fixture
def case(database: Database) -> int:
    set_up(database, VAULT, 1, 2)
    return case_of(database, 1)


def keep(database: Database, case: int, content: bytes = PDF, kind: str = "identity") -> int:
    with database.transaction("demo") as tx:
        return keep_document(
            tx, vault=VAULT, case_id=case, kind=kind, name="letters/ä passport.pdf", content=content, actor=WORKER,
            now=MORNING, chance=os.urandom,
        )  # fmt: skip


def test_a_document_is_sealed_listed_and_opened_on_record(database: Database, case: int) -> None:
    number = keep(database, case)
    with database.transaction("demo") as tx:
        (listed,) = kept.of_person(tx, person(1))
        assert (listed.kind, listed.media_type, listed.size) == ("identity", "application/pdf", len(PDF))
        sealed = kept.sealed(tx, person(1), number)
        assert b"passport" not in sealed.content_sealed + sealed.name_sealed + sealed.key_sealed
        opened = open_document(
            tx, vault=VAULT, case_id=case, document_id=number, purpose="identify", actor=WORKER, now=MORNING
        )
        assert (opened.name, opened.content) == ("ä passport.pdf", PDF)
        looked, record, *_ = log.of_person(tx, person(1))
        assert (looked.kind, read(looked.content)["stated"]) == (
            "person.reveal", {"purpose": "identify", "field": "document"}
        )  # fmt: skip
        assert (record.kind, str(len(PDF)) in str(read(record.content)["stated"])) == ("document.kept", True)
        assert b"passport" not in record.content


def test_what_is_no_document_and_no_purpose_is_refused(database: Database, case: int) -> None:
    for content, kind in ((b"", "identity"), (b"x" * (BYTES_MAX + 1), "identity"), (PDF, "selfie")):
        with pytest.raises(NotADocument):
            keep(database, case, content, kind)
    number, other = keep(database, case), case_of(database, 2)
    with database.transaction("demo") as tx:
        for wanted, purpose, trouble in (
            (case, "curiosity", NoPurpose), (other, "identify", kept.NoSuchDocument)
        ):  # fmt: skip
            with pytest.raises(trouble):
                open_document(
                    tx, vault=VAULT, case_id=wanted, document_id=number, purpose=purpose, actor=WORKER, now=MORNING
                )


def test_what_a_document_is_its_content_says(database: Database, case: int) -> None:
    for content, media_type in (
        (b"\x89PNG\r\n\x1a\n...", "image/png"), (b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("还款证明".encode(), "text/plain"),
        (b"<html>\0", "application/octet-stream"), (b"\xfe\xfe", "application/octet-stream"),
    ):  # fmt: skip
        keep(database, case, content, documents.DocumentKind.OTHER)
        with database.transaction("demo") as tx:
            assert kept.of_person(tx, person(1))[0].media_type == media_type
