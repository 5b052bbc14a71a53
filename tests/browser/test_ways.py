"""The ways to pay of a case in a browser: compared to the cent, what is refused names its rule, one is offered."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from duecourse.storage import plans, waivers
from tests.browser.conftest import findings
from tests.browser.test_working import Desk, desk, list_of
from tests.work_desk import NOW

__all__ = ["desk"]
PICTURES = os.environ.get("DUECOURSE_PICTURES")


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


def test_a_part_is_given_up_and_told_and_a_settlement_asks_a_second_person(desk: Desk, context: BrowserContext) -> None:
    page = context.new_page()
    desk.sign_in(page, "a0")
    for case in list_of(desk, "a0"):
        page.goto(f"{desk.url}/cases/{case}/ways")
        if page.locator("details.give input[name=penalty]").count():
            break
    give = page.locator("details.give", has=page.locator("input[name=penalty]")).first
    give.locator("summary").click()
    assert not findings(page)
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / "giving.png", full_page=True)
    give.locator("input[name=penalty]").fill("999999.00")
    give.locator("button").click()
    expect(page.locator("body")).to_contain_text("nothing is given up beyond that")
    give.locator("summary").click()
    give.locator("input[name=penalty]").fill("0.01")
    give.locator("button").click()
    expect(page.locator("#given")).to_be_visible()
    with desk.database.transaction("demo") as tx:
        (made,) = waivers.of_case(tx, case)
    assert (dict(made.given), made.state, made.offered_by) == ({"penalty": 1}, "approved", "collector:a0")
    page.locator(f"form[action$='/waivers/{made.waiver_id}/notice'] button").click()
    expect(page.locator("body")).to_contain_text("The borrower was told; it stands.")
    with desk.database.transaction("demo") as tx:
        assert waivers.get(tx, made.waiver_id).entered
    assert page.locator("form[action$='/withdrawal']").count() == 0, "what was told is not taken back"

    settle = page.locator("details.settle").first
    settle.locator("summary").click()
    settle.locator("input[name=pay]").fill("1.00")
    settle.locator("input[name=by]").fill((NOW + timedelta(days=30)).date().isoformat())
    settle.locator("input[name=reason]").fill("lost the work")
    settle.locator("button").click()
    expect(page.locator("body")).to_contain_text("It waits for a second person.")
    page.locator("form[action$='/withdrawal'] button").click()
    expect(page.locator("body")).to_contain_text("The offer is taken back.")


def test_of_many_loans_the_first_stands_open_and_the_others_are_folded(desk: Desk, context: BrowserContext) -> None:
    case = list_of(desk, "a0")[0]
    with desk.database.transaction("demo") as tx:
        others = tx.execute(
            "SELECT loan_key, from_day FROM case_loan WHERE case_id <> %s AND to_day IS NULL ORDER BY 1 LIMIT 11",
            (case,),
        ).fetchall()
        tx.execute("UPDATE case_loan SET to_day = from_day WHERE loan_key = ANY(%s)", ([key for key, _ in others],))
        for key, day in others:
            tx.execute(
                "INSERT INTO case_loan (lender_id, person_id, case_id, loan_key, from_day) "
                "SELECT lender_id, person_id, case_id, %s, %s FROM cases WHERE case_id = %s",
                (key, day, case),
            )
    page = context.new_page()
    desk.sign_in(page, "a0")
    page.goto(f"{desk.url}/cases/{case}/ways")
    expect(page.locator("details.one-loan")).to_have_count(12)
    expect(page.locator("details.one-loan[open]")).to_have_count(1)
    assert not findings(page)
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / "many-ways.png", full_page=True)
    page.goto(f"{desk.url}/cases/{case}")
    expect(page.get_by_text("4 more loans")).to_be_visible()
    expect(page.locator("details.loan:visible")).to_have_count(8)
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / "many-loans.png", full_page=True)
    assert not findings(page)
