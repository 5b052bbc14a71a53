"""Notices in a browser: the public page on a phone in both languages and themes; the picture downloaded by a permit."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import polars as pl
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from duecourse import app
from duecourse.casework.actor import Role
from duecourse.casework.holds import HoldKind, place
from duecourse.casework.notice_paper import open_notice
from duecourse.casework.parties import POINTS, Batch
from duecourse.storage import messages
from duecourse.storage.connection import Database
from tests.browser.conftest import PATIENCE_MS, Stand, findings
from tests.conftest import _base
from tests.desk import persons, register, ties
from tests.notice_desk import COLLECTOR, URL, Desk, notice_desk
from tests.permit_desk import Clock
from tests.web.conftest import _listening
from tests.work_desk import NOW

PICTURES = os.environ.get("DUECOURSE_PICTURES")


@pytest.fixture
def shown(database: Database) -> Iterator[tuple[str, Desk]]:
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    where = app.settings({"DUECOURSE_HOME": str(home)})
    desk = notice_desk(database, home / "book" / "demo", app.vault_of(where), 60)
    with _listening(app.web(app.Desk(where, database), clock=Clock(NOW))) as url:
        yield url, desk


def test_the_page_fits_a_phone_needs_no_script_and_has_no_fault(shown: tuple[str, Desk], browser: Browser) -> None:
    url, desk = shown
    number = desk.issue()
    with desk.database.transaction("demo") as tx:
        opened = open_notice(tx, vault=desk.vault, notice_id=number, purpose="contact", actor=COLLECTOR, now=NOW)
    code = json.loads(opened.content)["code"]
    for lang, dark, width in (("zh-CN", False, 390), ("en", True, 390), ("en", False, 1280)):
        for name, path in (("form", "/v"), ("genuine", f"/v/{code}"), ("unknown", "/v/0000000000000000")):
            context = browser.new_context(
                locale=lang, color_scheme="dark" if dark else "light", viewport={"width": width, "height": 800}
            )
            page = context.new_page()
            page.goto(f"{url}{path}")
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (name, lang)
            assert findings(page) == []
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"{name}-{lang}-{width}.png", full_page=True)
            context.close()
    bare = browser.new_context(java_script_enabled=False)
    page = bare.new_page()
    page.goto(f"{url}/v")
    page.locator("#f-code").fill(code.lower())
    page.locator("form[action='/v'] button").click()
    assert page.locator(".verdict-word").inner_text() == "Genuine"
    bare.close()


def code_of(desk: Desk, number: int) -> str:
    """The code that a notice bears."""
    with desk.database.transaction("demo") as tx:
        opened = open_notice(tx, vault=desk.vault, notice_id=number, purpose="contact", actor=COLLECTOR, now=NOW)
    return str(json.loads(opened.content)["code"]).replace("-", "")


def permits(desk: Desk) -> list[tuple[str, str, str]]:
    """State and outcome of every contact by picture, with what the gate answered."""
    with desk.database.transaction("demo") as tx:
        found = tx.execute(
            "SELECT r.answer, c.state, c.outcome FROM permit_request r LEFT JOIN contact c "
            "ON c.lender_id = r.lender_id AND c.contact_id = r.contact_id WHERE r.channel = 'mms_image' "
            "ORDER BY r.permit_id"
        )
        return [tuple(row) for row in found]


def downloaded(page: Page, number: int) -> Path:
    """The file that the button gives."""
    with page.expect_download() as got:
        page.locator(f"#image-{number} button.primary").click()
    assert got.value.suggested_filename == f"notice-{number}.png"
    return Path(got.value.path())


def test_the_picture_is_downloaded_by_a_permit_and_its_code_leads_to_the_verify_page(
    shown: tuple[str, Desk], browser: Browser
) -> None:
    url, desk = shown
    mobile = {
        "person_id": desk.person, "kind": "phone", "label": "hand", "value": "154 0000 7777", "zone": None,
        "consent": "contract",
    }  # fmt: skip
    register(desk.database, desk.vault, Batch(persons(), pl.DataFrame([mobile], schema=POINTS), ties()), now=NOW)
    letter = desk.issue()
    desk.approve("dunning_image")
    number = desk.issue(desk.wanted("dunning_image"))
    stand = Stand(url, desk.database, desk.vault)
    stand.user("a0", Role.COLLECTOR)
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800}, accept_downloads=True)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    stand.sign_in(page, "a0")
    page.goto(f"{url}/cases/{desk.case}/notices")
    assert page.locator(f"[data-opens='image-{letter}']").count() == 0, "a letter is no picture"
    page.locator(f"[data-opens='image-{number}']").click()
    expect(page.locator(f"#image-{number}")).to_contain_text("Downloading it is the contact")
    page.locator(f"#channel-{number}").select_option("mms_image")
    assert findings(page) == []
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / "notice-picture-dialog.png")
    assert permits(desk) == [], "looking at the form asks for nothing"
    file = downloaded(page, number)
    if PICTURES:
        (Path(PICTURES) / "notice-picture.png").write_bytes(file.read_bytes())
    with Image.open(file) as picture:
        assert (picture.format, picture.size[0]) == ("PNG", 1080)
        (found,) = zxingcpp.read_barcodes(picture.convert("L"))
    code = code_of(desk, number)
    assert (found.format, found.text) == (zxingcpp.BarcodeFormat.QRCode, f"{URL}/v/{code}")
    assert permits(desk) == [("granted", "reported", "sent")]
    assert downloaded(page, number).read_bytes() == file.read_bytes(), "pressed again it is the same picture"
    assert len(permits(desk)) == 1, "and no second contact"
    with desk.database.transaction("demo") as tx:
        assert [(one.channel, one.state, one.notice_id) for one in messages.latest(tx)] == [
            ("mms_image", "sent", number)
        ]
    page.goto(f"{url}/v/{code}")
    assert page.locator(".verdict-word").inner_text() == "Genuine"

    with desk.database.transaction("demo") as tx:
        place(
            tx, vault=desk.vault, person_id=desk.person, kind=HoldKind.CEASE, source="letter:1", actor=COLLECTOR,
            clock=Clock(NOW),
        )  # fmt: skip
    page.goto(f"{url}/cases/{desk.case}/notices")
    page.locator(f"[data-opens='image-{number}']").click()
    page.locator(f"#channel-{number}").select_option("mms_image")
    page.locator(f"#image-{number} button.primary").click()
    expect(page.locator("main .banner.bad")).to_contain_text("hold")
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / "notice-picture-refused.png")
    assert [one[0] for one in permits(desk)] == ["granted", "refused"]
    context.close()
