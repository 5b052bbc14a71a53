"""Journeys at the entrance: signing in with an authenticator, four eyes by two browsers, reading a name on record."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from duecourse import app
from duecourse.casework.actor import Role
from duecourse.storage import log
from tests.browser.conftest import Stand, findings
from tests.conftest import _base
from tests.desk import DEMO, enter, person
from tests.web.conftest import _listening

PAGES = (
    "/account",
    "/users",
    "/sessions",
    "/teams",
    "/approvals",
    "/account/password",
    "/account/authenticator",
    "/nowhere",
)


def test_sign_in_with_the_authenticator(stand: Stand, context: BrowserContext) -> None:
    stand.user("admin1", Role.ADMIN)
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{stand.url}/users")
    expect(page).to_have_url(f"{stand.url}/sign-in?next=/users")
    stand.sign_in(page, "admin1")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.type("users")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{stand.url}/users")
    expect(page.locator("table")).to_contain_text("admin1")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("Command palette")
    assert not wrong


def test_the_way_to_the_single_sign_on_takes_the_lender_that_is_typed(stand: Stand, context: BrowserContext) -> None:
    enter(stand.database, replace(DEMO, lender_id="other"))
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    where = replace(app.settings({"DUECOURSE_HOME": str(home)}), sso=app.SsoSettings("http://127.0.0.1:9", "d", "s"))
    with _listening(app.web(app.Desk(where, stand.database))) as url:
        page = context.new_page()
        page.goto(f"{url}/sign-in?next=/account")
        link = page.get_by_role("link", name="single sign-on")
        page.locator("#f-lender").fill("")
        link.click()
        expect(page).to_have_url(f"{url}/sign-in?next=/account")  # the browser asks for the lender
        page.locator("#f-lender").fill("other")
        link.click()
        expect(page).to_have_url(f"{url}/sign-in/sso?next=%2Faccount&lender=other")
        expect(page.locator(".banner.bad")).to_contain_text("Sign in with a password meanwhile.")
        expect(page.locator("#f-lender")).to_have_value("other")


def test_a_role_of_power_takes_two_browsers(stand: Stand, browser: Browser) -> None:
    for name, role in (("admin1", Role.ADMIN), ("officer", Role.COMPLIANCE), ("E01", Role.COLLECTOR)):
        stand.user(name, role)
    with browser.new_context(locale="en-GB") as one, browser.new_context(locale="zh-CN") as two:
        asks, decides = one.new_page(), two.new_page()
        stand.sign_in(asks, "admin1")
        asks.goto(f"{stand.url}/users/E01")
        asks.locator("#f-role").select_option("supervisor")
        asks.locator("#f-reason").fill("leads the late team from Monday")
        asks.get_by_role("button", name="Give or ask").click()
        expect(asks.locator(".banner.info")).to_contain_text("Waits for approval")
        asks.goto(f"{stand.url}/approvals")
        asks.get_by_role("link", name="Give E01 the role supervisor").click()
        expect(asks.locator("main")).to_contain_text("You asked for it, so somebody else decides.")
        stand.sign_in(decides, "officer")
        decides.goto(f"{stand.url}/approvals")
        decides.get_by_role("link", name="授予 E01 角色：主管").click()
        decides.get_by_role("button", name="批准").click()
        expect(decides.locator(".banner.good")).to_contain_text("已批准并执行")
        asks.goto(f"{stand.url}/users/E01")
        expect(asks.locator("section").first).to_contain_text("supervisor")


def test_a_name_is_read_for_a_purpose_for_a_short_time_and_on_record(stand: Stand, context: BrowserContext) -> None:
    stand.user("E01", Role.COLLECTOR)
    whom = person(1)
    page = context.new_page()
    page.clock.install()
    stand.sign_in(page, "E01")
    page.evaluate(f"htmx.ajax('GET', '/people/{whom}/masked?field=name', {{target: '#main', swap: 'innerHTML'}})")
    expect(page.locator(".masked")).to_have_text("张*")
    page.get_by_role("button", name="Show 张* in clear").click()
    page.get_by_role("button", name="Show, on record").click()  # without a purpose the browser itself says no
    expect(page.locator(".revealed")).to_have_count(0)
    page.locator("select[name=purpose]").select_option("identify")
    page.get_by_role("button", name="Show, on record").click()
    expect(page.locator(".revealed")).to_have_text("张三")
    page.clock.fast_forward(31_000)
    expect(page.locator(".masked")).to_have_text("张*")
    expect(page.locator(".revealed")).to_have_count(0)
    page.evaluate(f"htmx.ajax('GET', '/people/{whom}/lookings', {{target: '#main', swap: 'innerHTML'}})")
    expect(page.locator("#main table")).to_contain_text("E01")
    with stand.database.transaction("demo") as tx:
        assert [one.actor for one in log.of_person(tx, whom) if one.kind == "person.reveal"] == ["collector:E01"]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(stand: Stand, context: BrowserContext, language: str, theme: str) -> None:
    stand.user("E01", Role.COLLECTOR)
    stand.user("admin1", Role.ADMIN)
    page: Page = context.new_page()
    context.add_cookies(
        [{"name": name, "value": value, "url": stand.url} for name, value in (("language", language), ("theme", theme))]
    )
    page.goto(f"{stand.url}/sign-in")
    found = {"/sign-in": findings(page)}
    stand.sign_in(page, "admin1")
    for path in (*PAGES, "/users/E01"):
        page.goto(f"{stand.url}{path}")
        found[path] = findings(page)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}
