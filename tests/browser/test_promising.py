"""A promise on the case page: recorded, renegotiated with a reason, and what was counted shown; in both languages."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, expect

from duecourse.book.store import Store
from duecourse.casework.actor import Actor, Role
from duecourse.casework.promise_settling import settle_promises
from duecourse.casework.promises import record_promise
from duecourse.core.money import Money
from duecourse.storage import lenders
from tests.browser.conftest import findings
from tests.browser.test_working import Desk, desk, list_of
from tests.work_desk import NOW

__all__ = ["desk"]


@pytest.mark.parametrize(
    ("language", "renegotiate", "done"), [("en", "Renegotiate", "renegotiated"), ("zh-CN", "重新约定", "重新约定")]
)
def test_a_promise_is_renegotiated_on_its_case_and_settled_ones_say_what_was_counted(
    desk: Desk, context: BrowserContext, language: str, renegotiate: str, done: str
) -> None:
    case, actor = list_of(desk, "a0")[0], Actor(Role.COLLECTOR, "a0")
    with desk.database.transaction("demo") as tx:
        lenders.set_masters(tx, {"payment": "desk"})
        for day, at in ((-9, -10), (2, 0)):
            record_promise(
                tx, vault=desk.vault, case_id=case, amount=Money(500, "CNY"), actor=actor,
                due=(NOW + timedelta(days=day)).date(), now=NOW + timedelta(days=at),
            )  # fmt: skip
        settle_promises(tx, Store(desk.clock.parent / "book" / "demo"), vault=desk.vault, actor=actor, now=NOW)
    page = context.new_page()
    context.add_cookies([{"name": "language", "value": language, "url": desk.url}])
    desk.sign_in(page, "a0")
    page.goto(f"{desk.url}/cases/{case}")
    card = page.locator("section[aria-labelledby=promises-title]")
    card.get_by_role("button", name=renegotiate, exact=True).click()
    dialog = page.locator("dialog[open]")
    dialog.locator("[name=amount]").fill("4.00")
    dialog.locator("[name=why]").select_option("income_late")
    if folder := os.environ.get("DUECOURSE_TEST_PICTURES"):
        page.screenshot(path=f"{folder}/promise-dialog-{language}.png")
    dialog.locator("button.primary").click()
    expect(card).to_contain_text(done)
    expect(card.get_by_role("button", name=renegotiate, exact=True)).to_have_count(0)  # once, and no more
    card.locator("summary").first.click()
    assert findings(page) == []
    if folder:
        card.screenshot(path=f"{folder}/promise-card-{language}.png")
        page.screenshot(path=f"{folder}/promise-page-{language}.png", full_page=True)
