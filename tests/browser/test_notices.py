"""The public page of a notice as a phone shows it, in both languages and themes, found without fault by axe."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser

from duecourse import app
from duecourse.casework.notice_paper import open_notice
from duecourse.storage.connection import Database
from tests.browser.conftest import findings
from tests.conftest import _base
from tests.notice_desk import COLLECTOR, Desk, notice_desk
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
