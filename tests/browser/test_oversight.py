"""Journeys of those who answer for others: cases given to others in bulk, and a strategy from draft to day run."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from duecourse import app
from duecourse.book.store import Store
from duecourse.casework.actor import Role
from duecourse.casework.figures.figure import Ground
from duecourse.casework.figures.preparing import prepare_costly
from duecourse.storage import runs, server
from duecourse.storage.connection import Database
from tests.browser.conftest import PATIENCE_MS, Stand, findings
from tests.conftest import _base, _new_database
from tests.day_desk import DAY, clock, fill, run_day
from tests.web.conftest import serving

PAGES = {
    Role.SUPERVISOR: (
        "/overview", "/floor", "/floor/reassign", "/figures", "/figures/case.open", "/figures/case.open/rows",
        "/refusals", "/strategies", "/suspense", "/statements", "/book", "/book/breaks", "/teams", "/approvals",
    ),
    Role.COMPLIANCE: (
        "/law", "/law/rules/cn.contact.window", "/law/packs", "/law/compare", "/law/scenarios",
        "/law/coverage?pack=house", "/staff",
    ),
    Role.ADMIN: (
        "/administration", "/administration/keys", "/administration/webhooks", "/book/quarantine", "/jobs",
        "/book/import", "/users", "/sessions",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def lived(postgres: server.Place, migrated: str) -> Iterator[Stand]:
    """The site over a lender whose day was run."""
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    told = home / "clock"
    told.write_text("", encoding="utf-8")
    with _new_database(postgres, migrated) as url, Database(url) as database:
        vault = app.vault_of(app.settings({"DUECOURSE_HOME": str(home)}))
        store = Store(Path(home) / "book" / "demo")
        fill(database, store, vault)
        run_day(database, store, vault)
        with database.transaction("demo") as tx:
            prepare_costly(DAY, clock(), Ground(tx, store, clock()))
        with serving(url, home, told) as (address, _process):
            yield Stand(address.removesuffix("/api/v1"), database, vault)


def someone(stand: Stand, browser: Browser, name: str, role: Role) -> tuple[BrowserContext, Page]:
    """A browser of somebody's own, signed in."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 720})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    if name not in stand.secrets:
        stand.user(name, role)
    stand.sign_in(page, name)
    return context, page


def test_cases_are_given_to_others_after_a_preview(lived: Stand, browser: Browser) -> None:
    with lived.database.transaction("demo") as tx:
        giver, had = tx.execute(
            "SELECT collector_id, count(*) FROM cases WHERE closed_day IS NULL AND collector_id IS NOT NULL "
            "GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
        ).fetchone() or ("", 0)
    most = min(3, had)
    context, page = someone(lived, browser, "super-1", Role.SUPERVISOR)
    page.goto(f"{lived.url}/floor")
    page.get_by_role("link", name="Reassign cases").click()
    page.get_by_label("Cases of").select_option(giver)
    page.get_by_label("At most").fill(str(most))
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text(f"Cases that would change hands: {most}")).to_be_visible()
    shown = [one.inner_text() for one in page.locator("table").last.locator("tbody tr td:first-child").all()]
    page.get_by_role("button", name="Give them").click()
    expect(page.get_by_text(f"Cases that changed hands: {most}.")).to_be_visible()
    with lived.database.transaction("demo") as tx:
        moved = {
            str(row[0]): row[1]
            for row in tx.execute("SELECT case_id, from_collector FROM case_assignment WHERE reason = 'reassigned'")
        }
        records = tx.value(
            "SELECT count(*) FROM log_entry WHERE kind = 'case.assigned' AND actor = 'supervisor:super-1'"
        )
    assert moved == dict.fromkeys(shown, giver)
    assert records == most
    context.close()


def test_a_strategy_goes_from_draft_to_day_run_by_two_people(lived: Stand, browser: Browser) -> None:
    writes, one = someone(lived, browser, "writer", Role.STRATEGIST)
    one.goto(f"{lived.url}/strategies")
    one.get_by_role("button", name="Begin a draft").click()
    one.wait_for_url(re.compile(r"/strategies/drafts/\d+$"))
    text = one.get_by_label("Text of the strategy")
    whole = text.input_value()
    text.fill(whole.replace("dpd BETWEEN 4 AND 30", "ddp BETWEEN 4 AND 30"))
    one.get_by_role("button", name="Keep and check").click()
    expect(one.get_by_text("did you mean 'dpd'?")).to_be_visible()
    expect(one.get_by_role("button", name="Ask for activation")).to_be_disabled()
    one.get_by_label("Text of the strategy").fill(
        whole.replace("dpd BETWEEN 4 AND 30", "dpd BETWEEN 10 AND 30").replace("version: 1", "version: 2")
    )
    one.get_by_role("button", name="Keep and check").click()
    expect(one.get_by_text("It can run: words, conditions and templates are in order.")).to_be_visible()
    draft = one.url
    one.get_by_role("button", name="What would it change?").click()
    one.wait_for_url(re.compile(r"/strategies/trials/\d+"))
    expect(one.get_by_role("heading", name="What it would change")).to_be_visible()
    assert findings(one) == []
    one.goto(draft)
    assert findings(one) == []
    one.get_by_role("button", name="Ask for activation").click()
    one.get_by_label("Why").fill("fewer calls in the first days")
    one.get_by_role("button", name="Ask for it").click()
    one.wait_for_url(re.compile(r"/approvals/\d+$"))
    expect(one.get_by_text("You asked for it, so somebody else decides.")).to_be_visible()

    decides, two = someone(lived, browser, "super-2", Role.SUPERVISOR)
    two.goto(one.url)
    against = two.get_by_role("region", name="Against first@1, which is in use")
    expect(against.locator(".added", has_text="dpd BETWEEN 10 AND 30")).to_be_visible()
    expect(against.locator(".removed", has_text="dpd BETWEEN 4 AND 30")).to_be_visible()
    expect(two.get_by_role("link", name="See it in full")).to_have_attribute("href", draft.removeprefix(lived.url))
    assert findings(two) == []
    if folder := os.environ.get("DUECOURSE_PICTURES"):
        two.screenshot(path=Path(folder) / "approval.png", full_page=True)
    two.get_by_label("Reason").fill("agreed")
    two.get_by_role("button", name="Approve").click()
    expect(two.get_by_text("It is approved and done.")).to_be_visible()

    store = Store(_home(lived) / "book" / "demo")
    run_day(lived.database, store, lived.vault, DAY + timedelta(days=1))
    with lived.database.transaction("demo") as tx:
        manifest = runs.published(tx, DAY + timedelta(days=1)).manifest or {}
    assert manifest["inputs"]["strategy"]["version"] == 2  # type: ignore[index]
    one.goto(f"{lived.url}/strategies")
    expect(one.get_by_text("first@2")).to_be_visible()
    for context in (writes, decides):
        context.close()


def _home(stand: Stand) -> Path:
    """The data folder of the served site: the one whose key ring its vault has."""
    return next(one.parent for one in _base().glob("*/keys.json") if app.vault_of(
        app.settings({"DUECOURSE_HOME": str(one.parent)})
    ).ring == stand.vault.ring)  # fmt: skip


@pytest.mark.parametrize("role", list(PAGES))
def test_axe_finds_nothing_on_the_pages_of(lived: Stand, browser: Browser, role: Role) -> None:
    context, page = someone(lived, browser, f"reader-{role.value}", role)
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    for path in PAGES[role]:
        page.goto(f"{lived.url}{path}")
        page.wait_for_load_state("networkidle")
        assert findings(page) == [], path
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, f"{path} is wider than the screen"
    assert wrong == []
    context.close()
