"""Journeys of a collector: ten cases worked by keyboard alone, a number read on record, several at once, live news."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import monotonic
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from duecourse import app
from duecourse.book.store import Store
from duecourse.casework.actor import Role
from duecourse.casework.stating import state_fact
from duecourse.evidence.record import read
from duecourse.storage import cases, server
from duecourse.storage.connection import Database
from duecourse.storage.entries import EntryState, Filter, Published
from tests import work_desk
from tests.browser.conftest import PATIENCE_MS, Stand, findings
from tests.conftest import _base, _new_database
from tests.permit_desk import OPERATOR
from tests.web.conftest import serving
from tests.work_desk import NOW, every

CASES = 10
SECONDS_MAX = 10
CASE = re.compile(r"/cases/\d+$")


class Desk(Stand):
    """The site over a desk with a published day; the clock stands at 10:00 of it until a test moves it."""

    shown: Published
    clock: Path

    def at(self, hours: int) -> None:
        self.clock.write_text((NOW + timedelta(hours=hours)).isoformat(), encoding="utf-8")


@pytest.fixture
def desk(postgres: server.Place, migrated: str) -> Iterator[Desk]:
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    clock = home / "clock"
    clock.write_text(NOW.isoformat(), encoding="utf-8")
    with _new_database(postgres, migrated) as url, Database(url) as database:
        vault = app.vault_of(app.settings({"DUECOURSE_HOME": str(home)}))
        shown = work_desk.set_up(database, Store(home / "book" / "demo"), vault, loans=700)
        with serving(url, home, clock) as (address, _process):
            made = Desk(address.removesuffix("/api/v1"), database, vault)
            made.shown, made.clock = shown, clock
            made.user("a0", Role.COLLECTOR)
            made.user("a1", Role.COLLECTOR)
            yield made


def list_of(desk: Desk, collector: str, **more: object) -> list[int]:
    """The case numbers of a collector's list."""
    wanted = Filter(collector_id=collector, **more)  # type: ignore[arg-type]
    return [one.case_id for one in every(desk.database, desk.shown, wanted, most=50)]


def press(page: Page, key: str, until: str) -> None:
    """Strike a key, and wait for what it brings."""
    page.keyboard.press(key)
    page.wait_for_selector(until)


def test_ten_cases_by_keyboard_alone(desk: Desk, context: BrowserContext) -> None:
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    desk.sign_in(page, "a0")
    before = list_of(desk, "a0")
    assert len(before) >= CASES
    page.wait_for_selector("#entries")
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url(CASE)
    for number in range(CASES):
        here = page.url
        page.wait_for_selector(".way-button")
        press(page, "1", ".script")
        press(page, "p", "[data-key='d']")
        assert page.locator("[data-number]").count() == 0, "no permit used, no number"
        press(page, "d", "[data-number]")
        begun = monotonic()
        if number % 3 == 1:
            page.keyboard.press("w")
            page.keyboard.type("will look at it on Friday")
            page.keyboard.press("Escape")
        page.keyboard.press(("5", "1", "2")[number % 3])
        page.wait_for_function("was => location.href !== was", arg=here)
        page.wait_for_url(CASE)
        assert monotonic() - begun < SECONDS_MAX
    assert list_of(desk, "a0", state=EntryState.DONE) == before[:CASES]
    with desk.database.transaction("demo") as tx:
        contacts: dict[int, str] = dict(
            tx.execute(
                "SELECT contact_id, outcome FROM contact WHERE sender = 'lender/a0' AND state = 'reported'"
            ).fetchall()
        )
        looked = [
            read(bytes(content))["stated"]
            for (content,) in tx.execute("SELECT bytes FROM log_entry WHERE kind = 'person.reveal'")
        ]
        promised = tx.value("SELECT count(*) FROM promise")
        noted = tx.value("SELECT count(*) FROM note")
    assert sorted(contacts.values()) == ["connected"] * 3 + ["promised"] * 3 + ["unanswered"] * 4
    assert {str(one["permit"]) for one in looked} == {str(number) for number in contacts}  # type: ignore[index,call-overload]
    assert (promised, noted) == (3, 3)
    assert not wrong


def contacts_of(desk: Desk, sender: str = "lender/a0") -> list[tuple[str, str | None]]:
    with desk.database.transaction("demo") as tx:
        return tx.execute(
            "SELECT state, outcome FROM contact WHERE sender = %s ORDER BY contact_id", (sender,)
        ).fetchall()


def test_what_is_struck_twice_is_done_once_and_a_page_opened_anew_has_what_is_in_hand(
    desk: Desk, context: BrowserContext
) -> None:
    page = context.new_page()
    desk.sign_in(page, "a0")
    page.goto(f"{desk.url}/cases/{list_of(desk, 'a0')[0]}")
    page.wait_for_selector(".way-button")
    press(page, "1", ".script")
    page.evaluate("() => { const b = document.querySelector(\"[data-key='p']\"); b.click(); b.form.requestSubmit(b) }")
    page.wait_for_selector("#contact [data-key='d']")
    assert contacts_of(desk) == [("reserved", None)]
    page.reload()
    page.wait_for_selector("#contact [data-key='d']")
    use = page.locator("#contact form[action$='/redemption']").get_attribute("action")
    assert use
    press(page, "d", "[data-number]")
    number = page.locator("[data-number]").inner_text()
    page.reload()
    page.wait_for_selector("#contact .outcomes")
    assert page.locator("[data-number]").count() == 0, "what was read is read again only when asked for"
    page.locator("#contact").get_by_text("Show the number again").click()
    page.wait_for_selector("[data-number]")
    assert page.locator("[data-number]").inner_text() == number
    assert contacts_of(desk) == [("redeemed", None)]
    with desk.database.transaction("demo") as tx:
        assert tx.value("SELECT count(*) FROM log_entry WHERE kind = 'person.reveal'") == 2
    page.reload()
    page.wait_for_selector("#contact .outcomes")
    page.locator("#o-due").fill("2020-01-01")
    page.locator("#contact [value='promised']").click()
    page.get_by_text("what is paid later is a plan").first.wait_for()
    assert contacts_of(desk) == [("redeemed", None)], "a promise that is refused leaves the outcome to be told"
    page.locator("#contact [value='connected']").click()
    page.wait_for_url(re.compile(r"/cases/\d+$"))
    page.wait_for_function("() => !document.querySelector('#contact .outcomes')")
    assert contacts_of(desk) == [("reported", "connected")]


@pytest.mark.parametrize(("locale", "said"), [("zh-CN", "而解除"), ("en-GB", "Lifted by")])
def test_what_was_lifted_stands_beside_the_permit(desk: Desk, browser: Browser, locale: str, said: str) -> None:
    first = list_of(desk, "a0")[0]
    with desk.database.transaction("demo") as tx:
        state_fact(
            tx, vault=desk.vault, person_id=cases.get(tx, first).person_id, fact="time_consent_recorded", value=True,
            source="recording 12", actor=OPERATOR, now=NOW,
        )  # fmt: skip
    desk.at(13)  # 23:00
    page = browser.new_context(locale=locale, viewport={"width": 1280, "height": 720}).new_page()
    desk.sign_in(page, "a0")
    page.goto(f"{desk.url}/cases/{first}")
    page.wait_for_selector(".way-button")
    press(page, "1", ".script")
    press(page, "p", "[data-key='d']")
    lifted = page.locator(".banner.warn", has_text=said)
    assert lifted.count() == 1
    assert "cn.contact.window" in lifted.inner_text()
    assert "GB/T 45251-2025 §5.3" in lifted.inner_text()
    assert findings(page) == []
    if folder := os.environ.get("DUECOURSE_PICTURES"):
        page.screenshot(path=Path(folder) / f"lifted-{locale}.png", full_page=True)
    page.context.close()


def test_who_looked_is_told_and_the_keys_are_shown(desk: Desk, context: BrowserContext) -> None:
    page = context.new_page()
    desk.sign_in(page, "a0")
    case = list_of(desk, "a0")[0]
    page.goto(f"{desk.url}/cases/{case}")
    page.wait_for_selector(".way-button")
    press(page, "1", ".script")
    press(page, "p", "[data-key='d']")
    press(page, "d", "[data-number]")
    shown = page.locator("[data-number]").inner_text()
    assert re.fullmatch(r"154[ \d]+", shown)
    page.keyboard.press("5")
    page.wait_for_function("was => location.href !== was", arg=f"{desk.url}/cases/{case}")
    page.goto(f"{desk.url}/cases/{case}")
    expect(page.locator(".timeline .looked")).to_contain_text("A protected value was read")
    expect(page.locator(".timeline")).to_contain_text("call: unanswered")
    expect(page.locator("main")).not_to_contain_text(shown)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("Next case")
    page.keyboard.press("Escape")
    for key, field in (("n", "#note textarea"), ("m", "#promise input:not([type=hidden])"), ("h", "#hold select")):
        page.keyboard.press(key)
        expect(page.locator(field).first).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("e")
    expect(page.locator("details.loan[open] table").first).to_contain_text("Sum")


def test_what_is_refused_in_a_dialog_is_said_in_it_and_nothing_typed_is_lost(
    desk: Desk, context: BrowserContext
) -> None:
    case = list_of(desk, "a0")[0]
    page = context.new_page()
    desk.sign_in(page, "a0")
    page.goto(f"{desk.url}/cases/{case}")
    press(page, "m", "#promise[open]")
    amount = page.get_by_label("Amount", exact=True)
    amount.fill("about 100")
    page.keyboard.press("Enter")
    expect(page.locator("#promise .notice.bad")).to_contain_text("Amount takes an amount")
    expect(amount).to_have_value("about 100")
    amount.fill("100.00")
    page.keyboard.press("Enter")
    expect(page.locator(".banner.good")).to_contain_text("The promise is on record.")
    expect(page.locator("main")).to_contain_text("100.00")


def test_at_night_the_law_says_until_when(desk: Desk, context: BrowserContext) -> None:
    case = list_of(desk, "a0")[0]
    page = context.new_page()
    page.clock.install(time=NOW + timedelta(hours=13))
    desk.at(13)
    desk.sign_in(page, "a0")
    page.goto(f"{desk.url}/cases/{case}")
    shut = page.locator(".way.shut").first
    expect(shut.locator(".countdown")).to_have_text(re.compile(r"^0[89]:[0-5][0-9]:[0-5][0-9]$"))
    shut.locator("summary").click()
    expect(shut).to_contain_text("cn.contact.window")
    page.goto(f"{desk.url}/worklist")
    expect(page.locator(f"#now-{case} .countdown")).to_be_visible()


def test_several_at_once_with_a_preview(desk: Desk, context: BrowserContext) -> None:
    first, second, *_ = list_of(desk, "a0")
    page = context.new_page()
    desk.sign_in(page, "a0")
    page.wait_for_selector("#entries")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    press(page, "s", "#preview table")
    expect(page.locator("#preview select")).to_be_focused()
    page.keyboard.press("Escape")
    box = page.locator(f"#entries input[value='{second}']")
    for _twice in range(2):
        box.click()
    page.keyboard.press("k")  # a box that was ticked by mouse holds the focus, and keys go on
    expect(page.locator("#entries tr[aria-selected]")).to_contain_text(str(first))
    press(page, "s", "#preview table")
    expect(page.locator("#preview table")).to_contain_text(str(second))
    assert list_of(desk, "a0", state=EntryState.SKIPPED) == []
    page.locator("#preview select").select_option("wait_for_payment")
    page.locator("#preview button.primary").click()
    expect(page.locator(".banner.good")).to_contain_text("Cases done: 2.")
    assert list_of(desk, "a0", state=EntryState.SKIPPED) == [first, second]
    page.goto(f"{desk.url}/worklist?state=skipped")
    page.locator(".views summary").click()
    page.locator("#view-name").fill("Waiting")
    page.locator(".save-view button").click()
    page.goto(f"{desk.url}/worklist")
    page.locator(".views summary").click()
    page.locator(".views").get_by_role("link", name="Waiting").click()
    expect(page).to_have_url(f"{desk.url}/worklist?state=skipped")
    assert page.locator("#entries tbody tr").count() == 2


def test_the_preview_without_script_is_a_whole_page_and_works(desk: Desk, browser: Browser) -> None:
    first, *_ = list_of(desk, "a0")
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    desk.sign_in(page, "a0")
    page.locator(f"#entries input[value='{first}']").check()
    page.locator("#several button[value='skip']").click()
    expect(page.locator("main table")).to_contain_text(str(first))
    expect(page.locator("header.top")).to_be_visible()
    page.locator("main form[action='/worklist/several'] button.primary").click()
    expect(page.locator(".banner.good")).to_contain_text("Cases done: 1.")
    assert list_of(desk, "a0", state=EntryState.SKIPPED) == [first]
    context.close()


def test_what_another_does_is_news(desk: Desk, browser: Browser) -> None:
    case = list_of(desk, "a0")[0]
    with browser.new_context(locale="en-GB") as one, browser.new_context(locale="zh-CN") as two:
        mine, hers = one.new_page(), two.new_page()
        desk.sign_in(mine, "a0")
        desk.sign_in(hers, "a1")
        with mine.expect_request("**/live/**"):
            mine.goto(f"{desk.url}/cases/{case}")
        hers.goto(f"{desk.url}/cases/{case}")
        hers.keyboard.press("n")
        hers.locator("#note textarea").fill("客户来电，约周五还款")
        hers.locator("#note button.primary").click()
        expect(hers.locator(".banner.good")).to_contain_text("备注已写入并加密")
        expect(mine.locator("#notices")).to_contain_text("Somebody changed this case.")
        assert hers.locator("#notices .notice").count() == 0, "one's own act is no news"
        mine.get_by_role("link", name="Show the news").click()
        mine.wait_for_selector("#notes")
        mine.keyboard.press("r")
        expect(mine.locator("#notes")).to_contain_text("约周五还款")


def test_search_finds_whole_values_masked(desk: Desk, context: BrowserContext) -> None:
    page = context.new_page()
    desk.sign_in(page, "a0")
    case = list_of(desk, "a0")[0]
    page.keyboard.press("Control+k")
    page.keyboard.type(str(case))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/search$"))
    expect(page.locator("tbody")).to_contain_text("张*")
    page.locator("#q").fill("张三三")
    page.keyboard.press("Enter")
    expect(page.locator(".empty")).to_contain_text("Nobody has this value")
    assert "三" not in page.url


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh-CN", "dark")])
def test_axe_finds_nothing(desk: Desk, context: BrowserContext, language: str, theme: str) -> None:
    page = context.new_page()
    context.add_cookies(
        [{"name": name, "value": value, "url": desk.url} for name, value in (("language", language), ("theme", theme))]
    )
    desk.sign_in(page, "a0")
    page.wait_for_selector("td .badge.good")
    assert findings(page) == []
    page.goto(f"{desk.url}/cases/{list_of(desk, 'a0')[0]}")
    page.wait_for_selector(".way-button")
    press(page, "1", ".script")
    press(page, "p", "[data-key='d']")
    press(page, "d", "[data-number]")
    page.keyboard.press("e")
    page.wait_for_selector("details.loan[open] table")
    assert findings(page) == []
    for path in ("/search", "/search?q=1", "/worklist?scope=lost", "/worklist?scope=nobody&stage=M6%2B"):
        page.goto(f"{desk.url}{path}")
        assert findings(page) == [], path


def test_who_contacts_nobody_sees_what_the_collector_of_the_case_may_do_now(
    desk: Desk, context: BrowserContext
) -> None:
    desk.user("super", Role.SUPERVISOR)
    desk.user("comply", Role.COMPLIANCE)
    number = list_of(desk, "a0")[0]
    page = context.new_page()
    desk.sign_in(page, "super", at=NOW)
    page.goto(f"{desk.url}/worklist?whose=a0")
    expect(page.locator(f"#now-{number}")).to_contain_text("open")
    page.context.clear_cookies()
    desk.sign_in(page, "comply", at=NOW)
    page.goto(f"{desk.url}/cases/{number}")
    expect(page.locator(".way.open").first).to_be_visible()
    assert page.locator(".way-button").count() == 0, "he sees it and cannot act on it"


def test_each_filter_of_the_list_can_be_chosen_alone(desk: Desk, context: BrowserContext) -> None:
    page = context.new_page()
    desk.sign_in(page, "a0")
    page.wait_for_selector("#entries")
    chosen = {
        name: page.locator(f"form.filters select[name={name}] option").evaluate_all("all => all.map(one => one.value)")
        for name in ("whose", "stage", "product", "channel", "state")
    }
    for name, options in chosen.items():
        assert len(options) > 1, name
        page.goto(f"{desk.url}/worklist")
        page.locator(f"form.filters select[name={name}]").select_option(options[-1])
        page.wait_for_url(re.compile(rf"[?&]{name}="))
        expect(page.locator(f"form.filters select[name={name}]")).to_have_value(options[-1])
