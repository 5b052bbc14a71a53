"""An audit in a real browser: drawn, answered without the mouse, found; both languages and themes without fault."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from duecourse import app
from duecourse.casework.actor import Role
from duecourse.casework.audits import drawing
from duecourse.storage import audits, server
from duecourse.storage.connection import Database
from tests.audit_desk import LATER, OTHER, PLAN, lived
from tests.browser.conftest import PATIENCE_MS, Stand, findings
from tests.conftest import _base, _new_database
from tests.web.conftest import serving


@pytest.fixture
def audited(postgres: server.Place, migrated: str) -> Iterator[Stand]:
    """The site over a desk with something to audit."""
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    told = home / "clock"
    told.write_text("", encoding="utf-8")
    with _new_database(postgres, migrated) as url, Database(url) as database:
        vault = app.vault_of(app.settings({"DUECOURSE_HOME": str(home)}))
        lived(database, vault)
        with database.transaction("demo") as tx:
            drawing.keep_plan(tx, vault=vault, content=PLAN, file="plan.yaml", actor=OTHER, now=LATER)
        with serving(url, home, told) as (address, _process):
            yield Stand(address.removesuffix("/api/v1"), database, vault)


def someone(stand: Stand, browser: Browser) -> tuple[BrowserContext, Page]:
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 720})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    stand.sign_in(page, stand.user("looker", Role.AUDITOR))
    return context, page


def test_an_audit_is_answered_by_keyboard(audited: Stand, browser: Browser) -> None:
    context, page = someone(audited, browser)
    audited.user("boss", Role.SUPERVISOR)
    page.goto(f"{audited.url}/audits")
    page.keyboard.press("d")
    page.get_by_label("Plan").select_option("test.calls")
    page.get_by_label("First day").fill("2026-03-02")
    page.get_by_label("Last day").fill("2026-03-02")
    page.get_by_role("button", name="Announce and draw").click()
    page.wait_for_url(re.compile(r"/audits/\d+$"))
    audit = page.url
    number = int(audit.rpartition("/")[2])
    shown(page, "audit")
    page.keyboard.press("a")
    page.wait_for_url(re.compile(r"/items/1$"))
    shown(page, "item")
    page.keyboard.press("m")
    page.keyboard.type("nobody said who speaks")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("n")
    with audited.database.transaction("demo") as tx:
        plan, items = drawing.plan_of(tx, audits.get(tx, number)), audits.items(tx, number)
    asked = sum(len(plan.sample(one.sample).questions) for one in items)
    for _left in range(asked - 1):
        with page.expect_navigation():
            page.keyboard.press("y")
    expect(page).to_have_url(audit)
    expect(page.get_by_text("Every question that is yours to answer is answered.")).to_be_visible()
    page.keyboard.press("f")
    page.get_by_label("What was found").fill("The caller did not say who speaks.")
    page.get_by_label("Owner").select_option("boss")
    page.get_by_label("Due by").fill("2099-01-05")
    expect(page.get_by_label("Items")).to_have_value("1")
    page.get_by_role("button", name="Put on record").click()
    expect(page.get_by_role("cell", name="The caller did not say who speaks.")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Close the audit").click()
    page.wait_for_url(re.compile(r"/report$"))
    expect(page.get_by_text("beyond the tolerable rate")).to_be_visible()
    with audited.database.transaction("demo") as tx:
        said = {(one.item, one.question): one.answer for one in audits.answers(tx, number)}
        assert audits.get(tx, number).closed_by == "auditor:looker"
    assert [of for of, answer in said.items() if answer == "no"] == [(1, "identity")]
    assert len(said) == asked
    faultless(page, audited.url, audit)
    context.close()


def faultless(page: Page, url: str, audit: str) -> None:
    """Every page, in both languages and themes, without a fault that axe finds."""
    places = ("", "/items/1", "/report", "/replay")
    paths = [
        f"{url}/audits",
        f"{url}/audits/findings",
        f"{url}/audits/findings/1",
        *(f"{audit}{one}" for one in places),
    ]
    for language in ("en", "zh-CN"):
        for theme in ("light", "dark"):
            for name, value in (("language", language), ("theme", theme)):
                page.goto(f"{audit}/report")
                page.evaluate("() => document.querySelector('details.account').open = true")
                page.locator(f".account button[name={name}][value={value}]").click()
            for number, path in enumerate(paths):
                page.goto(path)
                shown(page, f"{number}-{language}-{theme}")
                assert findings(page) == [], path


def shown(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look."""
    folder = os.environ.get("DUECOURSE_PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
