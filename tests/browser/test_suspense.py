"""The suspense queue by keyboard: a line is opened and placed with the likeliest debtor; another is nobody's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args
from uuid import uuid4

import polars as pl
import pytest
from playwright.sync_api import Browser, BrowserContext

from duecourse import app
from duecourse.book.store import Store
from duecourse.casework.actor import Actor, Role
from duecourse.casework.statements import import_statement, look_at
from duecourse.storage import payments, server, statements
from duecourse.storage.connection import Database
from tests import payment_desk
from tests.browser.conftest import PATIENCE_MS, Stand, findings
from tests.conftest import _base, _new_database
from tests.payment_desk import DAY, yuan
from tests.statement_files import mapping, write
from tests.web.conftest import serving

Shade = Literal["dark", "light"]
BY = Actor(Role.SUPERVISOR, "s9")


@pytest.fixture
def desk(postgres: server.Place, migrated: str) -> Iterator[Stand]:
    """Four lines that wait: a loan's number with too much money, a namesake, one of nobody, a large one."""
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    (home / "clock").write_text("", encoding="utf-8")
    with _new_database(postgres, migrated) as url, Database(url) as database:
        where = app.settings({"DUECOURSE_HOME": str(home), "DUECOURSE_DATABASE_URL": url})
        vault, store = app.vault_of(where), Store(home / "book" / "demo")
        owing = payment_desk.owing(database, store, vault, 40).filter(
            pl.col("alone") & (pl.col("status") == 1) & (pl.col("settle") < 900_000)
        )
        one, other = owing.head(2).rows(named=True)
        rows = [
            (DAY, yuan(one["settle"] + 1_234), "S1", "王小测", "6222154000000009", "", f"归还借款{one['loan_ref']}"),
            (DAY, yuan(other["due"]), "S2", "张三", "6222154000000008", "", "还款"),
            (DAY, "0.37", "S3", "演示银行", "", "", "结息"),
            (DAY, "28000.00", "S4", "演示商贸有限公司", "6222154000000007", "", f"代还 {other['loan_ref']}"),
        ]
        looked = look_at(write(home / "a.csv", rows), mapping=mapping())
        with database.transaction("demo") as tx:
            import_statement(tx, vault=vault, looked=looked, quarantine_file=home / "w.csv", actor=BY, now=app.now())
        with serving(url, home, home / "clock") as (address, _process):
            made = Stand(address.removesuffix("/api/v1"), database, vault)
            made.user("boss", Role.SUPERVISOR)
            yield made


def pictures(context: BrowserContext, desk: Stand, name: str) -> None:
    """Pictures for whoever looks, light and dark, where DUECOURSE_PICTURES names a folder."""
    folder = os.environ.get("DUECOURSE_PICTURES")
    page, shades = context.pages[0], get_args(Shade) if folder else ()
    for shade in shades:
        page.emulate_media(color_scheme=shade)
        page.screenshot(path=str(Path(folder or "") / f"{name}-{shade}.png"), full_page=True)
    assert desk.url


def test_lines_are_decided_by_keyboard(desk: Stand, context: BrowserContext) -> None:
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    desk.sign_in(page, "boss")
    page.goto(f"{desk.url}/suspense")
    assert page.locator("button.inbox-line").count() == 4
    page.keyboard.press("m")
    page.wait_for_selector(".banner.good")
    pictures(context, desk, "suspense")
    page.keyboard.press("o")
    page.wait_for_selector("#message .words")
    assert "归还借款" in page.locator("#message .words").inner_text()
    assert page.locator("#message h2").inner_text() == "王小测"
    assert findings(page) == []
    pictures(context, desk, "suspense-line")
    page.keyboard.press("1")
    page.wait_for_selector(".banner.good")
    with desk.database.transaction("demo") as tx:
        (paid,) = payments.latest(tx)
        assert (paid.over_minor, paid.by) == (1_234, "supervisor:boss")
        assert tx.value("SELECT count(*) FROM log_entry WHERE kind = 'statement.line_read'") == 1
    page.locator("button.inbox-line").nth(1).click()
    page.wait_for_selector("#s-reason")
    page.keyboard.press("w")
    page.locator("#s-reason").fill("interest of the bank")
    page.keyboard.press("Enter")
    page.wait_for_selector(".banner.good")
    page.locator("button.inbox-line").nth(1).click()
    page.wait_for_selector("#message .banner.info")
    pictures(context, desk, "suspense-large")
    page.keyboard.press("1")
    page.wait_for_selector(".banner.good")
    with desk.database.transaction("demo") as tx:
        assert sorted(one.state for one in statements.lines(tx)) == ["applied", "dismissed", "waiting", "waiting"]
        assert tx.value("SELECT kind FROM approval") == "payment.place"
    assert wrong == []


def test_without_script_and_in_chinese_it_works_too(desk: Stand, browser: Browser) -> None:
    context = browser.new_context(locale="zh-CN", java_script_enabled=False, viewport={"width": 1280, "height": 720})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    desk.sign_in(page, "boss")
    page.goto(f"{desk.url}/suspense")
    page.locator("form[action='/suspense/matching'] button").click()
    page.locator("button.inbox-line").first.click()
    page.wait_for_selector("#message .words")
    assert page.locator("h1").inner_text() == "待认领队列"
    pictures(context, desk, "suspense-zh")
    page.locator("form[action$='/placement'] button").first.click()
    page.wait_for_selector(".banner.good")
    with desk.database.transaction("demo") as tx:
        assert len(payments.latest(tx)) == 1
    context.close()
