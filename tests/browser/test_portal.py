"""The portal as a phone shows it: both languages and themes, without fault by axe, without a script, small enough."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response, expect
from pypdf import PdfReader

from duecourse.casework.ledger import enter, read_loan
from duecourse.casework.promise_settling import settle_promises
from duecourse.casework.promises import record_promise
from duecourse.core.contract import Method
from duecourse.core.events import Kind
from duecourse.core.money import Money
from duecourse.storage import lenders
from duecourse.storage import portal as stored
from duecourse.storage.connection import Database
from duecourse.web.components.render import SECTIONS
from tests.browser.conftest import findings
from tests.notice_desk import COLLECTOR
from tests.permit_desk import OPERATOR
from tests.portal_desk import Portal, Somebody, Visitor, offered, portal_desk
from tests.work_desk import NOW

PICTURES = os.environ.get("DUECOURSE_PICTURES")
FIRST_PAGE_MAX = 100_000
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def portal(database: Database, tmp_path: Path) -> Iterator[Portal]:
    with portal_desk(database, tmp_path) as made:
        yield made


def sizes(page: Page, url: str) -> int:
    """All bytes that a browser with an empty cache is sent for a page, heads and bodies."""
    found: list[Response] = []
    page.on("response", lambda one: found.append(one))  # noqa: PLW0108 - Playwright marks what it is given
    page.goto(url, wait_until="networkidle")
    total = 0
    for one in found:
        size = one.request.sizes()
        total += size["responseHeadersSize"] + size["responseBodySize"]
    return total


def cookies_of(visitor: Visitor) -> list[Any]:
    """The cookies of somebody who is in, for a browser with a screen."""
    return [
        {"name": one.name, "value": one.value or "", "domain": "127.0.0.1", "path": one.path}
        for one in visitor.client.cookies.jar
    ]


def picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page, where a folder for them is named."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_every_page_fits_a_phone_and_has_no_fault(portal: Portal, browser: Browser) -> None:
    visitor = portal.entered(portal.people[0])
    cookies = cookies_of(visitor)
    mine = [("door", "/my"), ("code", "/my/code"), *own_pages(visitor)]
    for lang, dark in (("zh-CN", False), ("zh-CN", True), ("en", False), ("en", True)):
        context = browser.new_context(
            locale=lang, color_scheme="dark" if dark else "light", viewport=PHONE,  # type: ignore[arg-type]
        )  # fmt: skip
        page = context.new_page()
        for name, path in mine:
            context.clear_cookies()
            if name not in {"door", "code"}:
                context.add_cookies(cookies)
            answer = page.goto(f"{portal.url}{path}")
            assert answer is not None
            assert answer.status == (404 if name == "nothing" else 200), path
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (path, lang)
            assert page.evaluate("document.scripts.length") == 0
            assert findings(page) == [], (path, lang)
            if PICTURES:
                shade = "dark" if dark else "light"
                page.screenshot(path=Path(PICTURES) / f"{name}-{lang}-{shade}.png", full_page=True)
        context.close()


def own_pages(visitor: Visitor) -> list[tuple[str, str]]:
    """Names and addresses of the portal's pages: its sections, a loan, forms."""
    loan = re.search(r'href="(/my/loans/-?[0-9]+)"', visitor.get("/my/home").text)
    assert loan
    plan = offered(visitor)
    plans = next(
        path
        for path in re.findall(r'href="(/my/loans/-?[0-9]+/plans)"', visitor.get("/my/home").text)
        if 'name="kind"' in visitor.get(path).text
    )
    sections = [(path.rpartition("/")[2], path) for path, _text in SECTIONS]
    forms = [
        ("promise", "/my/promise"),
        ("dispute", "/my/write/dispute"),
        ("hardship", "/my/write/hardship"),
        ("nothing", "/my/loans/7"),
    ]
    return [*sections, ("loan", loan.group(1)), ("plans", plans), ("plan", plan), *forms]


def test_the_first_page_is_small(portal: Portal, browser: Browser) -> None:
    context = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    assert sizes(context.new_page(), f"{portal.url}/my") <= FIRST_PAGE_MAX
    context.close()


def test_a_browser_without_scripts_comes_in(portal: Portal, browser: Browser) -> None:
    one = portal.people[0]
    context = browser.new_context(java_script_enabled=False, locale="en-GB", viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{portal.url}/my")
    page.locator("#f-code").fill(one.code.lower())
    page.locator("input[value=email]").check()
    page.locator("form[action='/my/enter'] button").click()
    portal.queued(1)
    portal.work()
    words = portal.mailed(one.mailbox)[0]
    digits = next(word for word in words.replace(".", " ").split() if word.isdecimal() and len(word) == 6)
    page.locator("#f-code").fill(digits)
    page.locator("form[action='/my/code'] button").click()
    assert page.url == f"{portal.url}/my/home"
    page.locator("button[lang='zh-CN']").click()
    expect(page.locator("main")).to_contain_text("我的事项")
    page.locator("form[action='/my/leave'] button").click()
    assert page.url == f"{portal.url}/my"
    context.close()


@pytest.mark.parametrize(
    ("lang", "broken", "folded"),
    [("zh-CN", "届时没有款项到账", "其余全部方式"), ("en", "By then nothing had come", "All other ways")],
)
def test_a_passed_promise_says_what_became_of_it_and_folded_ways_open_without_a_script(
    portal: Portal, browser: Browser, lang: str, broken: str, folded: str
) -> None:
    one, now = portal.people[0], portal.clock()
    with portal.database.transaction("demo") as tx:
        lenders.set_masters(tx, {"payment": "desk"})
        record_promise(
            tx, vault=one.desk.vault, case_id=one.desk.case, amount=Money(90_000, "CNY"), actor=COLLECTOR,
            due=(now - timedelta(days=3)).date(), now=now - timedelta(days=10),
        )  # fmt: skip
        settle_promises(tx, one.desk.store, vault=one.desk.vault, actor=OPERATOR, now=now)
    visitor = portal.entered(one)
    context = browser.new_context(java_script_enabled=False, locale=lang, viewport=PHONE)  # type: ignore[arg-type]
    context.add_cookies(cookies_of(visitor))
    page = context.new_page()
    page.goto(f"{portal.url}/my/home")
    assert broken in page.locator(".banner.warn").inner_text()
    picture(page, f"promise-{lang}")
    plans = dict(own_pages(visitor))["plans"]
    page.goto(f"{portal.url}{plans}")
    assert 2 <= page.locator("form.card:visible").count() <= 4
    picture(page, f"plans-{lang}")
    page.locator("summary", has_text=folded).click()
    assert page.locator("form.card:visible").count() > 4
    page.locator("details form.card button").first.click()
    assert re.fullmatch(rf"{portal.url}/my/plans/[0-9]+", page.url)
    context.close()


@pytest.mark.parametrize(("lang", "title"), [("zh-CN", "借款对账单"), ("en", "Statement of your loan")])
def test_statement_plan_and_certificate_are_taken_on_a_phone_without_a_script(
    portal: Portal, browser: Browser, lang: str, title: str
) -> None:
    planner, one = portal.people
    one.desk.approve("paid_in_full")
    key = _loan(one)
    context = browser.new_context(java_script_enabled=False, locale=lang, viewport=PHONE)  # type: ignore[arg-type]
    context.add_cookies(cookies_of(portal.entered(one)))
    page = context.new_page()
    page.goto(f"{portal.url}/my/loans/{key}")
    assert title in taken(page, "a[href$='/statement']", f"statement-{lang}")
    with portal.database.transaction("demo") as tx:
        enter(
            tx, one.desk.store, vault=one.desk.vault, loan_key=key, kind=Kind.PREPAYMENT, parts=(0,),
            amount=read_loan(tx, one.desk.store, loan_key=key, now=portal.clock()).on(NOW.date()).settle,
            effective=NOW.date(), source="test:2", actor=OPERATOR, now=portal.clock(),
        )  # fmt: skip
    page.goto(f"{portal.url}/my/home")
    picture(page, f"settled-home-{lang}")
    page.goto(f"{portal.url}/my/loans/{key}")
    page.locator("form[action$='/certificate'] button").click()
    picture(page, f"certificate-{lang}")
    assert taken(page, "a[href^='/my/notices/']", f"certificate-{lang}")
    visitor = portal.entered(planner)
    address = offered(visitor)
    assert visitor.post(f"{address}/sign", address).status_code == 303
    context.add_cookies(cookies_of(visitor))
    page.goto(f"{portal.url}{address}")
    picture(page, f"signed-plan-{lang}")
    assert "duecourse plan 1" in taken(page, "a[href$='/paper']", f"plan-{lang}")
    context.close()


def _loan(one: Somebody) -> int:
    """A loan of somebody's on which something is owed, and no card: a card that is paid stays open."""
    with one.desk.database.transaction("demo") as tx:
        keys = [key for key, _relation in stored.loans(tx, [one.desk.person], ["borrower"])]
        read = {key: read_loan(tx, one.desk.store, loan_key=key, now=NOW) for key in keys}
    return next(
        key for key, each in read.items()
        if each.loan.terms.method is not Method.CARD and each.on(NOW.date()).settle > 0
    )  # fmt: skip


def taken(page: Page, link: str, name: str) -> str:
    """The words of a PDF that a link of the page gives."""
    with page.expect_download() as waited:
        page.locator(link).first.click()
    content = waited.value.path().read_bytes()
    if PICTURES:
        (Path(PICTURES) / f"{name}.pdf").write_bytes(content)
    return " ".join(" ".join(each.extract_text() for each in PdfReader(io.BytesIO(content)).pages).split())
