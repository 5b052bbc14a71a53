"""Takes the pictures of README from a running demo: ``python -m tests.browser.pictures`` while `make run` serves.

Each picture is of a page as one of the demo's users sees it, at 1280 x 800, in both languages.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from duecourse import app
from duecourse.casework import authenticator, sign_in
from duecourse.sim.lender import LENDER_ID
from duecourse.sim.users import password_of
from duecourse.storage import users
from tests.browser.conftest import ARGUMENTS, CHROMIUM, PATIENCE_MS

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
SETTLES_MS = 6_000
"""Charts are drawn and answers of the gate have come by then; a picture is looked at before it is kept."""

SITE = "http://127.0.0.1:8800"
LANGUAGES = {"en": "en", "zh-CN": "zh"}


def code_of(name: str) -> str | None:
    """The code that a demo user's authenticator shows now; None where there is none."""
    where = app.settings()
    with app.open_desk(where) as desk, desk.database.transaction(LENDER_ID) as tx:
        kept = users.secrets(tx, name).totp
        if kept is None:
            return None
        secret = app.vault_of(where).open_secret(LENDER_ID, sign_in.owner(name), kept)
    return authenticator.code_at(secret, app.now())


def signed_in(context: BrowserContext, name: str) -> Page:
    """A page of somebody signed in."""
    page = context.new_page()
    page.goto(f"{SITE}/sign-in")
    page.locator("#f-name").fill(name)
    page.locator("#f-password").fill(password_of(app.vault_of(app.settings()), name))
    page.locator("form[action='/sign-in'] button[type=submit]").click()
    code = code_of(name)
    if code is not None:
        page.locator("#f-code").fill(code)
        page.locator("form[action='/sign-in/code'] button[type=submit]").click()
    page.wait_for_selector(".account")
    return page


def settled(page: Page) -> None:
    """Wait until nothing is on its way; what is asked again and again, like news, goes on."""
    page.wait_for_load_state()
    expect(page.locator("main .loading:visible")).to_have_count(0, timeout=PATIENCE_MS)
    page.wait_for_timeout(SETTLES_MS)


def take(page: Page, name: str, language: str) -> None:
    """Write one picture."""
    settled(page)
    path = FOLDER / f"{name}.{LANGUAGES[language]}.png"
    page.screenshot(path=path)
    sys.stdout.write(f"{path}\n")


def main(only: str = "") -> None:
    """All pictures, or those whose name begins so."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        for who in dict.fromkeys(one for one, _path in PICTURES.values()):
            wanted = {name: path for name, (one, path) in PICTURES.items() if one == who and name.startswith(only)}
            with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
                page = signed_in(context, who)  # once for all: a code opens once
                for language in LANGUAGES:
                    context.add_cookies([{"name": "language", "value": language, "url": SITE}])
                    for name, path in wanted.items():
                        page.goto(f"{SITE}{path}")
                        if name == "case":
                            page.locator("#entries a").first.click()
                        take(page, name, language)
        browser.close()


PICTURES = {
    "worklist": ("L01", "/worklist"),
    "case": ("L01", "/worklist"),
    "overview": ("supervisor", "/overview"),
    "law": ("compliance", "/law"),
}
"""By name: who looks at which page."""

if __name__ == "__main__":
    main(*sys.argv[1:])
