"""Matters in a browser: a collector opens a dispute, contact stops with it; compliance reads, takes proof, answers."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, expect

from duecourse.casework.actor import Role
from duecourse.casework.matters import reporting_frozen
from duecourse.casework.sequencing import Sequencer
from duecourse.evidence.verifier.checks import checked
from duecourse.evidence.verifier.report import FAILS
from duecourse.storage import cases, documents, holds, log, matters
from duecourse.storage.published import Published
from tests.browser.conftest import PATIENCE_MS, findings
from tests.browser.test_working import Desk, desk, list_of
from tests.work_desk import NOW

__all__ = ["desk"]
PICTURES = os.environ.get("DUECOURSE_PICTURES")
WORDS = "这笔钱我上个月就还清了,有转账记录。"


def test_a_dispute_from_its_opening_to_its_answer(
    desk: Desk, context: BrowserContext, browser: Browser, tmp_path: Path
) -> None:
    case = list_of(desk, "a0")[0]
    page = context.new_page()
    desk.sign_in(page, "a0")
    page.goto(f"{desk.url}/cases/{case}/ways")
    page.locator("#raise summary").click()
    page.locator("#m-about").select_option("dispute/paid")
    page.locator("#m-words").fill(WORDS)
    page.locator("#raise button").click()
    expect(page.locator("h1")).to_contain_text("Matter")
    assert not findings(page)
    number = int(page.url.rsplit("/", 1)[1].partition("?")[0])
    with desk.database.transaction("demo") as tx:
        made, person = matters.get(tx, number), cases.get(tx, case).person_id
        assert [one.kind for one in holds.of_person(tx, person) if one.to_at is None] == ["dispute"]
        assert all(reporting_frozen(tx, key) for key in cases.loans_of(tx, case))
    assert made.actor == "collector:a0"
    expect(page.locator("main")).not_to_contain_text(WORDS)
    assert page.locator("form[action$='/answer']").count() == 0, "who ends no hold answers nothing"
    page.locator("form[action$='/opening'] button").click()
    expect(page.locator("blockquote")).to_have_text(WORDS)
    page.locator("form[action$='/documents'] select").select_option("receipt")
    paper = {"name": "slip.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 paid"}
    page.locator("form[action$='/documents'] input[type=file]").set_input_files(paper)  # type: ignore[arg-type]
    page.locator("form[action$='/documents'] button").click()
    expect(page.locator("main ul.promises li")).to_contain_text("1 kB")
    with desk.database.transaction("demo") as tx:
        (kept,) = documents.of_matter(tx, number)
    assert (kept.kind, kept.person_id, kept.media_type) == ("receipt", person, "application/pdf")
    page.locator("form[action$='/escalation'] button").click()
    expect(page.locator("main")).to_contain_text("Went up")

    answered_by_compliance(desk, browser, number, tmp_path)
    with desk.database.transaction("demo") as tx:
        done = matters.get(tx, number)
        assert (done.ended_as, done.cause, done.redress_minor, done.ended_by) == (
            "upheld",
            "data",
            1250,
            "compliance:c1",
        )
        assert [one.kind for one in holds.of_person(tx, person) if one.to_at is None] == []
        kinds = [one.kind for one in log.of_person(tx, person)]
    assert {"matter.opened", "person.reveal", "matter.escalated", "matter.answered"} <= set(kinds)


def answered_by_compliance(desk: Desk, browser: Browser, number: int, folder: Path) -> None:
    """The list, the matter, its evidence in one file, the answer; in Chinese and in the dark."""
    desk.user("c1", Role.COMPLIANCE)
    desk.at(1)
    wide = browser.new_context(locale="zh-CN", color_scheme="dark", viewport={"width": 1280, "height": 720})
    wide.set_default_timeout(PATIENCE_MS)
    page = wide.new_page()
    desk.sign_in(page, "c1", at=NOW + timedelta(hours=1))
    page.goto(f"{desk.url}/matters")
    assert not findings(page)
    shot(page.screenshot(full_page=True), "matters")
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url(f"{desk.url}/matters/{number}")
    assert not findings(page)
    shot(page.screenshot(full_page=True), "matter")
    page.locator("form[action$='/evidence'] button[value=regulator]").click()
    expect(page.locator("main")).to_contain_text("尚未开始")  # no log, no proof
    published = Published(folder / "log")
    Sequencer(desk.database, "demo", desk.vault, published, lambda: NOW + timedelta(hours=1)).run()
    with page.expect_download(timeout=90_000) as taken:
        page.locator("form[action$='/evidence'] button[value=regulator]").click()
    with Path(taken.value.path()).open("rb") as file:
        report = checked([("case.zip", file.read())], (published.key() or b"").decode(), [])
    assert not [line.said for line in report.lines if line.mark == FAILS]
    page.locator("#m-answer").select_option("upheld")
    page.locator("#m-cause").select_option("data")
    page.locator("#m-redress").fill("12.50")
    page.locator("form[action$='/answer'] button").click()
    expect(page.locator("main")).to_contain_text("成立")
    wide.close()


def shot(picture: bytes, name: str) -> None:
    """Keep a picture where one is asked for."""
    if PICTURES:
        (Path(PICTURES) / f"{name}.png").write_bytes(picture)


def test_what_cannot_be_is_said(desk: Desk, context: BrowserContext) -> None:
    case = list_of(desk, "a0")[0]
    page = context.new_page()
    desk.sign_in(page, "a0")
    page.goto(f"{desk.url}/cases/{case}/ways")
    page.locator("#raise summary").click()
    page.locator("#m-about").select_option("hardship/illness")
    page.locator("#m-words").fill("x")
    page.locator("#m-review").evaluate("one => { one.type = 'text'; one.value = '999' }")
    page.locator("#raise button").click()
    expect(page.locator("body")).to_contain_text("within 184 days")
    with desk.database.transaction("demo") as tx:
        assert matters.listed(tx, case_id=case) == []
