"""At the widths of desks and tablets nothing of the head or the worklist is covered or cut off, in both languages."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from duecourse.casework.actor import Role
from duecourse.storage import users
from tests.browser.conftest import PATIENCE_MS, Stand
from tests.browser.test_oversight import lived

__all__ = ["lived"]  # the fixture of the journeys of oversight, on a database of its own

APART = """() => {
  const boxes = [...document.querySelectorAll("header.top > *, .sections > *")]
    .filter((one) => one.getClientRects().length && !one.matches(".sections"))
    .map((one) => [one.innerText.split("\\n")[0], one.getBoundingClientRect()]);
  const found = [];
  boxes.forEach(([name, a], i) => boxes.slice(i + 1).forEach(([other, b]) => {
    const across = a.left < b.right - 1 && b.left < a.right - 1;
    if (across && a.top < b.bottom - 1 && b.top < a.bottom - 1) found.push(`${name} / ${other}`);
  }));
  return found;
}"""
"""Parts of the head that lie on one another."""

CUT = """() => {
  const frame = document.querySelector("#entries").closest(".table-frame").getBoundingClientRect();
  return [...document.querySelectorAll("#entries thead th")].filter((one) => one.getClientRects().length)
    .slice(0, 7).filter((one) => one.getBoundingClientRect().right > frame.right + 1).map((one) => one.innerText);
}"""
"""Columns up to the answer of now that are cut off."""


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_head_and_worklist_are_whole_at_every_width(lived: Stand, browser: Browser, language: str) -> None:
    for role in (Role.SUPERVISOR, Role.COMPLIANCE, Role.COLLECTOR):
        context = browser.new_context(locale=language)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        name = "a0" if role is Role.COLLECTOR else f"width-{role.value}-{language[:2]}"
        with lived.database.transaction("demo") as tx:
            known = users.find(tx, name) is not None
        if not known:
            lived.user(name, role)
        lived.sign_in(page, name)
        page.goto(f"{lived.url}/{'worklist' if role is Role.COLLECTOR else 'account'}")
        for width in (768, 1024, 1100, 1280, 1440, 1600):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(APART) == [], (role, width)
            if role is Role.COLLECTOR:
                assert page.locator("#entries tbody tr").count() > 0
                expect(page.locator("#entries [aria-busy=true]")).to_have_count(0, timeout=PATIENCE_MS)
                assert page.evaluate(CUT) == [], width
            if folder := os.environ.get("DUECOURSE_PICTURES"):
                page.screenshot(path=Path(folder) / f"{role.value}-{language}-{width}.png")
        context.close()
