"""A collector calls by click: says which telephone is his, presses call, takes it, talks, records what came of it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from duecourse.casework.channel_setup import set_up
from duecourse.casework.desk_calls import work_calls
from duecourse.casework.gate import Gate
from duecourse.casework.handover import Post
from duecourse.storage import cases, permits, points
from tests.browser.conftest import PATIENCE_MS, findings
from tests.browser.test_recordings import picture
from tests.browser.test_working import Desk, desk, list_of
from tests.permit_desk import OPERATOR
from tests.voice_peer import PROGRAMS, callee, tone
from tests.work_desk import NOW

__all__ = ["desk"]


@pytest.mark.parametrize(("locale", "shade"), [("en-GB", "dark"), ("zh-CN", "light")])
def test_a_call_by_click_from_the_case_page(  # noqa: PLR0917 - fixtures, and what is looked at
    desk: Desk,
    browser: Browser,
    tmp_path: Path,
    tool: Callable[[str], Path],
    locale: str,
    shade: Literal["dark", "light"],
) -> None:
    for program in PROGRAMS:
        tool(program)
    case = list_of(desk, "a0")[0]
    with desk.database.transaction("demo") as tx:
        person = cases.get(tx, case).person_id
        masked = next(one.value_masked for one in points.of_person(tx, person) if one.kind == "phone")
    hums, speaks = tone(tmp_path / "hums.wav", ("beep", 90_000)), tone(tmp_path / "speaks.wav", ("voice", 90_000))
    number = f"+861540000{masked[-4:]}"
    post = Post(desk.database, Gate(desk.vault), lambda: datetime.fromisoformat(desk.clock.read_text(encoding="utf-8")))
    worker = threading.Thread(target=work_calls, args=(post,), kwargs={"once": False, "chance": os.urandom})
    context = browser.new_context(locale=locale, color_scheme=shade, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    desk.sign_in(page, "a0")
    with (
        callee("hear 9000", "hang up", greeting=hums, users=[number]) as borrower,
        callee("1", users=["a0"], greeting=speaks) as own,
    ):
        with desk.database.transaction("demo") as tx:
            set_up(
                tx, vault=desk.vault, name="voice", given=borrower.settings(), actor=OPERATOR, now=NOW
            )  # fmt: skip
        page.goto(f"{desk.url}/cases/{case}")
        _way(page)
        assert page.locator("form[action$='/calls'] button").count() == 0  # no telephone of his is kept
        _his_telephone(page, f"{desk.url}/account", f"a0@127.0.0.1:{own.port}")
        picture(page, f"account-{locale}")
        page.goto(f"{desk.url}/cases/{case}")
        _way(page)
        picture(page, f"call-offered-{locale}")
        worker.start()
        try:
            page.locator("form[action$='/calls'] button").click()
            page.wait_for_selector("#call-state")
            picture(page, f"call-asked-{locale}")
            page.wait_for_selector(".outcomes", timeout=60_000)
            picture(page, f"call-talking-{locale}")
            assert not findings(page)
            page.reload()  # whoever comes back finds his call where it stands
            page.wait_for_selector(".outcomes", timeout=60_000)
            page.wait_for_function(
                "() => !document.querySelector('#call-state')?.hasAttribute('hx-get')", timeout=90_000
            )
            picture(page, f"call-over-{locale}")
            assert number[3:] not in page.content()
            page.locator(".outcomes button[value=connected]").click()
            page.wait_for_url(lambda url: not url.endswith(f"/cases/{case}"))
        finally:
            post.stopping.set()
            worker.join()
    with desk.database.transaction("demo") as tx:
        permit = int(str(tx.value("SELECT permit_id FROM desk_call WHERE case_id = %s", (case,))))
        made = permits.reserved(permits.contact(tx, person, permit))
        recorded = tx.value("SELECT count(*) FROM recording WHERE contact_id = %s", (permit,))
    assert made is not None
    assert (made.state, made.outcome, recorded) == ("reported", "connected", 1)
    context.close()


def _his_telephone(page: Page, account: str, address: str) -> None:
    """Say which telephone is his; a public number is refused."""
    for given in ("13800000000", address):
        page.goto(account)
        page.locator("input[name=phone]").fill(given)
        page.locator("form[action='/account/phone'] button").click()
        if given != address:
            expect(page.locator("body")).to_contain_text("c017@pbx.lender.example")
    expect(page.locator("input[name=phone]")).to_have_value(address)


def _way(page: Page) -> None:
    """Choose the way by call."""
    page.locator(".way-button[hx-get*='channel=call']").first.click()
    page.wait_for_selector(".script")
