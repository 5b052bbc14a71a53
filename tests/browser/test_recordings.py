"""A recording on the case page: said what for, heard in pieces, read with what the guard found in what we said."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
from playwright.sync_api import Browser, Page

from duecourse import app
from duecourse.casework import recordings
from duecourse.casework.actor import Role
from duecourse.casework.gate import Gate
from duecourse.storage import cases
from tests.browser.conftest import Stand, findings
from tests.casework.test_transcripts import VTT, sound
from tests.desk import loan, person
from tests.permit_desk import OPERATOR, Clock, ask, granted

PICTURES = os.environ.get("DUECOURSE_PICTURES")


def picture(page: Page, name: str) -> None:
    """A picture to look at, where a folder for them is named."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def recorded(stand: Stand) -> tuple[int, int]:
    """A case, and the recording of a call about it."""
    now = app.now()
    permit = granted(ask(stand.database, Gate(stand.vault), Clock(_morning(now))))
    with stand.database.transaction("demo") as tx:
        people = pl.Series([person(1)])
        cases.open_many(tx, people, day=now.date(), by="test")
        cases.set_loans(tx, pl.DataFrame({"person_id": people, "loan_key": [loan(1)]}), day=now.date())
        number = recordings.keep(
            tx, vault=stand.vault, contact_id=permit.permit_id, content=sound(), actor=OPERATOR, now=now,
            chance=os.urandom,
        )  # fmt: skip
        return cases.of_person(tx, person(1))[0].case_id, number


def _morning(now: datetime) -> datetime:
    """Yesterday at 10:00 in Shanghai: a call that was allowed."""
    return (now - timedelta(days=1)).replace(hour=2, minute=0)


def test_a_recording_is_heard_for_a_purpose_and_read(stand: Stand, browser: Browser, tmp_path: Path) -> None:
    case, number = recorded(stand)
    for name in ("c1", "c2"):
        stand.user(name, Role.COLLECTOR)
    words = tmp_path / "words.vtt"
    words.write_text(VTT + "\n00:00:06.100 --> 00:00:06.900\n<v them>我真的撑不下去了。\n", encoding="utf-8")
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    stand.sign_in(page, "c1")
    page.goto(f"{stand.url}/cases/{case}")
    page.locator(f"a[href='/cases/{case}/recordings/{number}']").click()
    page.wait_for_selector("#hear-purpose")
    at = f"{stand.url}/cases/{case}/recordings/{number}"
    assert page.request.get(f"{at}/sound").status == 409  # nobody said what for
    page.select_option("#hear-purpose", "contact")
    page.locator("form[action$='/hearing'] button").click()
    page.wait_for_function("() => document.querySelector('audio')?.duration > 6.9")
    piece = page.request.get(f"{at}/sound", headers={"Range": "bytes=0-3"})
    assert (piece.status, piece.body()) == (206, b"RIFF")
    assert page.request.get(f"{at}/sound", headers={"Range": "bytes=999999999-"}).status == 416
    page.set_input_files("#f-words", str(words))
    page.locator("form[action$='/transcript'] button").click()
    page.wait_for_selector(".turn.us .bad-text")
    assert page.locator(".turn").count() == 4
    assert findings(page) == []
    picture(page, "recording-en")
    for name, more in (("phone", {"viewport": {"width": 390, "height": 844}}), ("dark", {"color_scheme": "dark"})):
        other = browser.new_context(locale="zh-CN", storage_state=context.storage_state(), **more)
        seen = other.new_page()
        seen.goto(at)
        seen.wait_for_selector(".turn.us")
        assert seen.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
        picture(seen, f"recording-{name}-zh")
        seen.goto(f"{stand.url}/cases/{case}")
        picture(seen, f"case-{name}-zh")
        other.close()
    looked_at(stand, page, case, number)
    context.close()
    stranger = browser.new_context(locale="zh-CN")
    page = stranger.new_page()
    stand.sign_in(page, "c2")
    assert page.request.get(f"{at}/sound").status == 409  # what for is said by each for himself
    stranger.close()


def looked_at(stand: Stand, page: Page, case: int, number: int) -> None:
    """A call in which a turn sounds distressed waits in the inbox until somebody looked; the case shows the turns."""
    page.reload()
    page.wait_for_selector("#look-title")  # a turn sounds distressed: somebody looks
    assert page.locator(".turn .badge").count() == 1
    page.goto(f"{stand.url}/inbox?whose=all")
    page.locator(f"a[href='/cases/{case}/recordings/{number}']").click()
    page.locator("form[action$='/look'] button").click()
    page.wait_for_selector(".banner.good")
    assert page.locator("#look-title").count() == 0
    page.goto(f"{stand.url}/cases/{case}")
    page.wait_for_selector(".mood-trend circle.distressed")
    assert page.locator(".mood-trend circle").count() == 2
    assert findings(page) == []
    picture(page, "case-mood-en")
