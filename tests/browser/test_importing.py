"""A tape sent on screen, checked and imported by a worker, its wrong row mended; a document kept and opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import polars as pl
import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from duecourse import app
from duecourse.book.store import Store
from duecourse.casework.actor import Role
from duecourse.casework.jobs import Shop, work_off
from duecourse.storage import cases, log, server
from duecourse.storage.connection import BATCH, Database
from tests.browser.conftest import Stand, findings
from tests.conftest import _base, _new_database
from tests.desk import enter, loan, person
from tests.tapes import LOANS, PAYMENTS
from tests.web.conftest import serving

WRONG = LOANS.replace("C2,1200000", "C2,12OO000")


@pytest.fixture
def bare(postgres: server.Place, migrated: str) -> Iterator[tuple[Stand, Shop]]:
    """The site over a lender that has nothing yet, and what a worker needs beside it."""
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    clock = home / "clock"
    clock.write_text("", encoding="utf-8")
    with _new_database(postgres, migrated) as url, Database(url) as database:
        vault = app.vault_of(app.settings({"DUECOURSE_HOME": str(home)}))
        enter(database)
        with serving(url, home, clock) as (address, _process), Database(url, limits=BATCH) as batch:
            shop = Shop(batch, vault, lambda lender: Store(home / "book" / lender), app.now)
            yield Stand(address.removesuffix("/api/v1"), database, vault), shop


def sent(text: str, name: str) -> FilePayload:
    """A file as a form sends it."""
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


def fill(page: Page, label: str, *files: FilePayload) -> None:
    page.get_by_label(label, exact=True).set_input_files(list(files))


def test_a_tape_is_sent_checked_imported_and_mended(bare: tuple[Stand, Shop], context: BrowserContext) -> None:
    stand, shop = bare
    page = context.new_page()
    stand.sign_in(page, stand.user("d1", Role.ADMIN))
    page.goto(f"{stand.url}/jobs")
    expect(page.get_by_text("No job yet")).to_be_visible()
    page.get_by_role("link", name="Import a tape").click()
    fill(page, "Files of the tape", sent(WRONG, "loans.csv"), sent(PAYMENTS, "payments.csv"))
    page.get_by_role("button", name="Check it").click()
    page.wait_for_url(re.compile(r"/jobs/\d+$"))
    expect(page.get_by_text("queued").first).to_be_visible()
    assert work_off(shop, "demo") == 1
    expect(page.get_by_text("Rows that would be quarantined: 2.")).to_be_visible()  # without anybody reloading it
    assert findings(page) == []
    page.get_by_role("button", name="Import it").click()
    expect(page.get_by_text("The import is asked for.")).to_be_visible()
    assert work_off(shop, "demo") == 1
    expect(page.get_by_text("The book is at version 1.")).to_be_visible()
    page.get_by_role("link", name="Mend the quarantined rows").click()
    page.get_by_label("What row 2, field principal_minor should have been").first.fill("1200000")
    fill(page, "The lender's own file, as it was sent", sent(WRONG, "loans.csv"), sent(PAYMENTS, "payments.csv"))
    page.get_by_role("button", name="Mend and import").click()
    expect(page.get_by_text("Mended; nothing of this file is in quarantine any more.")).to_be_visible()

    page.goto(f"{stand.url}/book/import")
    fill(page, "Files of the tape", sent("a,b\n1,2\n", "nothing.csv"))
    page.get_by_role("button", name="Check it").click()
    page.wait_for_url(re.compile(r"/jobs/\d+$"))
    assert work_off(shop, "demo") == 1
    expect(page.get_by_role("button", name="Do it again")).to_be_visible()
    assert findings(page) == []


def test_a_document_is_kept_and_opened_for_a_purpose(stand: Stand, context: BrowserContext) -> None:
    people = pl.Series([person(1)])
    today = app.now().date()
    with stand.database.transaction("demo") as tx:
        cases.open_many(tx, people, day=today, by="test")
        cases.set_loans(tx, pl.DataFrame({"person_id": people, "loan_key": [loan(1)]}), day=today)
        number = cases.of_person(tx, person(1))[0].case_id
    page = context.new_page()
    stand.sign_in(page, stand.user("E01", Role.COLLECTOR))
    page.goto(f"{stand.url}/cases/{number}")
    documents = page.get_by_role("region", name="Documents")
    documents.get_by_role("button", name="Add").click()
    page.get_by_label("What it is").select_option("receipt")
    fill(page, "File", sent("paid 100.00", "bank slip.txt"))
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("The document is kept, sealed.")).to_be_visible()
    assert findings(page) == []
    documents.get_by_role("button", name="Open").click()
    with page.expect_download() as arriving:
        page.get_by_role("dialog").get_by_role("button", name="Open").click()
    assert arriving.value.suggested_filename == "bank slip.txt"
    assert Path(arriving.value.path()).read_text(encoding="utf-8") == "paid 100.00"
    with stand.database.transaction("demo") as tx:
        looked, kept, *_ = log.of_person(tx, person(1))
    assert (looked.kind, kept.kind, looked.actor) == ("person.reveal", "document.kept", "collector:E01")
