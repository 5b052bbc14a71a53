"""The ways to pay of a case in a browser: compared to the cent, what is refused names its rule, one is offered."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, expect

from duecourse.storage import plans
from tests.browser.conftest import findings
from tests.browser.test_working import Desk, desk, list_of

__all__ = ["desk"]


def test_a_way_to_pay_is_compared_and_offered(desk: Desk, context: BrowserContext) -> None:
    page = context.new_page()
    desk.sign_in(page, "a0")
    for case in list_of(desk, "a0"):
        page.goto(f"{desk.url}/cases/{case}/ways")
        if page.locator("form[action$='/plans'] button").count():
            break
    expect(page.locator("body")).to_contain_text("house.plan.re_age")
    assert not findings(page)
    page.locator("form[action$='/plans'] button").first.click()
    expect(page.locator("body")).to_contain_text("The plan")
    with desk.database.transaction("demo") as tx:
        (made,) = plans.of_case(tx, case)
    assert made.offered_by == "collector:a0"
    page.goto(f"{desk.url}/cases/{case}")
    page.get_by_role("link", name="Ways to pay").click()
    expect(page.locator("#agreed")).to_be_visible()
