"""A real browser on a served site: Debian's chromium by Playwright, two languages, two themes, axe for accessibility.

``stand``    the site served by a process of its own over a demo lender, its clock set by the test
``browser``  chromium; a test makes a context of it for each person who takes part
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from duecourse import app
from duecourse.casework import authenticator, password
from duecourse.casework.actor import Role
from duecourse.casework.sign_in import owner
from duecourse.casework.user import add_user
from duecourse.storage import server, users
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.web.components.assets import BUILT
from tests.conftest import _base, _new_database, without
from tests.permit_desk import OPERATOR, set_up
from tests.web.conftest import serving

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
AXE = BUILT.parent / "node_modules" / "axe-core" / "axe.min.js"
WORD = "seven loud mules sing"
PATIENCE_MS = 20_000


@dataclass
class Stand:
    """A served site and what stands behind it."""

    url: str
    database: Database
    vault: Vault
    secrets: dict[str, bytes] = field(default_factory=dict)

    def user(self, name: str, *roles: Role) -> str:
        """Enter a user with the password `WORD` and, for roles of power, an authenticator."""
        now = app.now()
        secret = os.urandom(authenticator.SECRET_BYTES)
        with self.database.transaction("demo") as tx:
            add_user(tx, vault=self.vault, user_id=name, team=None, actor=OPERATOR, now=now)
            for role in roles:
                users.grant(tx, "demo", name, role.value, by="test", now=now)
            users.set_password(tx, name, password.hashed(WORD), must_change=False, now=now)
            if set(roles) - {Role.COLLECTOR}:
                users.set_totp(tx, name, self.vault.seal_secret("demo", owner(name), secret))
                users.take_step(tx, name, 0, now=now)
                self.secrets[name] = secret
        return name

    def sign_in(self, page: Page, name: str, *, at: datetime | None = None) -> None:
        """Sign in as people do, with the code of the authenticator where there is one; ``at``: when a clock stands."""
        page.goto(f"{self.url}/sign-in")
        page.locator("#f-name").fill(name)
        page.locator("#f-password").fill(WORD)
        page.locator("form[action='/sign-in'] button[type=submit]").click()
        if name in self.secrets:
            code = authenticator.code_at(self.secrets[name], at or app.now())
            page.locator("#f-code").fill(code)
            page.locator("form[action='/sign-in/code'] button[type=submit]").click()
        page.wait_for_selector(".account")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium."""
    if not CHROMIUM.exists():
        without("chromium", "`make system` installs it")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One person's browser, in English, at the smallest width of a desk."""
    made = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 720})
    made.set_default_timeout(PATIENCE_MS)
    yield made
    made.close()


@pytest.fixture
def stand(postgres: server.Place, migrated: str, request: pytest.FixtureRequest) -> Iterator[Stand]:
    """The site over a demo lender, served by a process of its own."""
    assert request.node
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    clock = home / "clock"
    clock.write_text("", encoding="utf-8")
    with _new_database(postgres, migrated) as url, Database(url) as database:
        vault = app.vault_of(app.settings({"DUECOURSE_HOME": str(home)}))
        set_up(database, vault, *range(1, 6))
        with serving(url, home, clock) as (address, _process):
            yield Stand(address.removesuffix("/api/v1"), database, vault)


TWICE = """() => {
  const all = [...document.querySelectorAll("[id]")].map((one) => one.id);
  return all.filter((one, at) => all.indexOf(one) !== at);
}"""
"""Names that two parts of a page bear: a label or a key would find the wrong one."""


def findings(page: Page) -> list[str]:
    """What axe finds wrong with a page, and names that stand twice on it."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [f"the id {one} stands twice" for one in page.evaluate(TWICE)] + [
        f"{one['id']} ({one['impact']}): {node['html'][:200]} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
