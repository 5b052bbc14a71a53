"""The inbox by keyboard: what is urgent first, a promise made as it was read, and the case that tells it."""

from __future__ import annotations

import re
from datetime import timedelta

import polars as pl
from playwright.sync_api import Browser, BrowserContext

from duecourse.casework.gate import Gate
from duecourse.casework.inbound import Inbound, receive
from duecourse.casework.parties import Batch
from duecourse.law.terms import Channel
from duecourse.storage import inbound, persons, points
from duecourse.storage.entries import Filter
from tests.browser.conftest import PATIENCE_MS, findings
from tests.browser.test_working import Desk, desk
from tests.desk import persons as people
from tests.desk import phones, register, ties
from tests.permit_desk import OPERATOR
from tests.work_desk import NOW, every

__all__ = ["desk"]

TEXTS = ("发工资就还一千五，15号", "再逼我我就去跳楼")


def hear(desk: Desk) -> list[int]:
    """A reply from each of the first borrowers of a list; their case numbers."""
    found = every(desk.database, desk.shown, Filter(collector_id="a0"), most=50)[: len(TEXTS)]
    with desk.database.transaction("demo") as tx:
        for number, (one, text) in enumerate(zip(found, TEXTS, strict=True)):
            place = next(at for at in points.of_person(tx, one.person_id) if at.kind == "phone" and at.to_at is None)
            key = desk.vault.person("demo", one.person_id, persons.wrapped(tx, one.person_id))
            sealed = points.sealed(tx, one.person_id, place.contact_point_id)
            sender = key.open(points.field_name(place.contact_point_id), sealed)
            assert sender is not None
            came = Inbound(
                channel=Channel.SMS, sender=sender.value, receiver="1069", text=text, at=NOW,
                provider_ref=f"mo-{number}",
            )  # fmt: skip
            receive(tx, gate=Gate(desk.vault), came=came, actor=OPERATOR, clock=lambda: NOW + timedelta(minutes=1))
    return [one.case_id for one in found]


def test_a_promise_is_confirmed_by_keyboard_and_told_on_the_case(desk: Desk, context: BrowserContext) -> None:
    case, _other = hear(desk)
    page = context.new_page()
    desk.sign_in(page, "a0")
    page.goto(f"{desk.url}/inbox")
    page.keyboard.press("o")
    page.wait_for_selector(".script-steps")  # words of self-harm stand first, with what to do
    assert page.locator(".words").inner_text() == TEXTS[1]
    for key in ("j", "j", "o"):
        page.keyboard.press(key)
    page.wait_for_selector("#i-amount[value='1500.00']")
    assert page.locator("#i-due").input_value() == "2025-06-15"
    assert findings(page) == []
    page.keyboard.press("y")
    page.wait_for_selector(".banner.good")
    assert page.locator("button.inbox-line").count() == 1
    with desk.database.transaction("demo") as tx:
        assert tx.value("SELECT amount_minor FROM promise WHERE case_id = %s", (case,)) == 150_000
        assert tx.value("SELECT count(*) FROM log_entry WHERE kind = 'person.reveal'") == 2
    page.goto(f"{desk.url}/cases/{case}")
    page.wait_for_selector(".timeline .inbound .badge.good")


def test_without_script_the_message_opens_within_the_whole_page(desk: Desk, browser: Browser) -> None:
    """A button struck before the scripts run gives what one without scripts gives: never a bare piece of a page."""
    case, _other = hear(desk)
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    desk.sign_in(page, "a0")
    page.goto(f"{desk.url}/inbox")
    page.locator("button.inbox-line").nth(1).click()
    page.wait_for_selector("#message #i-amount[value='1500.00']")
    assert page.locator("#message .words").inner_text() == TEXTS[0]
    assert page.locator("button.inbox-line").count() == 2
    page.locator("#message form[action$='/decision'] button[value='promise']").click()
    page.wait_for_selector(".banner.good")
    with desk.database.transaction("demo") as tx:
        assert tx.value("SELECT amount_minor FROM promise WHERE case_id = %s", (case,)) == 150_000
    context.close()


def test_what_nobody_knows_is_placed_or_erased_by_its_buttons(desk: Desk, context: BrowserContext) -> None:
    """Two people share a number: whose it is, a person says; what is nobody's is erased, and its words with it."""
    first, second = every(desk.database, desk.shown, Filter(collector_id="a0"), most=50)[:2]
    number = number_of(desk, first.person_id)
    theirs = phones(1, label="work", value=number).with_columns(person_id=pl.lit(second.person_id, pl.Int64))
    both = Batch(people(), theirs, ties())
    register(desk.database, desk.vault, both, now=NOW)  # the second has the same number from now on
    shared = bring(desk, number, "我知道了，下周联系", "shared")
    nobody = bring(desk, "+8615412349999", "恭喜您中奖", "nobody")
    page = context.new_page()
    desk.sign_in(page, "a0")
    page.goto(f"{desk.url}/inbox?whose=all")
    page.locator(f"form[action='/inbox/{shared}/opening'] button").click()
    homes = page.locator("form[action$='/place'] button")
    homes.first.wait_for()
    assert homes.count() == 2
    assert findings(page) == []
    page.locator(f"form[action$='/place'] button[value='{second.person_id}/{second.case_id}']").click()
    page.wait_for_selector(".banner.good")
    assert str(second.case_id) in page.locator(".banner.good").inner_text()
    page.locator(f"form[action='/inbox/{nobody}/opening'] button").click()
    page.locator("form[action$='/dismissal'] button").click()
    page.wait_for_selector(".banner.good")
    page.wait_for_url(re.compile("/inbox"))
    assert page.locator(f"form[action='/inbox/{nobody}/opening']").count() == 0
    with desk.database.transaction("demo") as tx:
        placed, gone = inbound.get(tx, shared), inbound.get(tx, nobody)
        assert (placed.person_id, placed.case_id, placed.placed_by) == (
            second.person_id, second.case_id, "collector:a0",
        )  # fmt: skip
        assert (gone.state, inbound.sealed(tx, nobody)) == ("dismissed", (None, None))
        kinds = [str(kind) for (kind,) in tx.execute("SELECT kind FROM log_entry WHERE kind LIKE 'inbound.%%'")]
        assert {"inbound.placed", "inbound.dismissed"} <= set(kinds)


def number_of(desk: Desk, whose: int) -> str:
    """The number at which somebody is reached, in clear."""
    with desk.database.transaction("demo") as tx:
        place = next(at for at in points.of_person(tx, whose) if at.kind == "phone" and at.to_at is None)
        key = desk.vault.person("demo", whose, persons.wrapped(tx, whose))
        found = key.open(points.field_name(place.contact_point_id), points.sealed(tx, whose, place.contact_point_id))
    assert found is not None
    return found.value


def bring(desk: Desk, sender: str, text: str, name: str) -> int:
    """A text from a number; its own number in the inbox."""
    with desk.database.transaction("demo") as tx:
        came = Inbound(
            channel=Channel.SMS, sender=sender, receiver="1069", text=text, at=NOW, provider_ref=f"mo-{name}"
        )
        clock = lambda: NOW + timedelta(minutes=1)  # noqa: E731 - a clock that stands
        return receive(tx, gate=Gate(desk.vault), came=came, actor=OPERATOR, clock=clock).row.inbound_id
