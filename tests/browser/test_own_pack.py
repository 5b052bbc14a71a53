"""A lender's own pack on its whole way: sent, mended, compared, bound by two people, and read where it refuses."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import Browser, Page, expect

from duecourse.book.store import Store
from duecourse.casework.actor import Role
from tests.browser.conftest import Stand, findings
from tests.browser.test_oversight import _home, lived, someone
from tests.casework.test_own_pack import FILES, RULE
from tests.day_desk import DAY, run_day
from tests.web.test_own_packs import packed

__all__ = ["lived"]  # the fixture of the other journeys of oversight, on a database of its own

SAYS = {
    "en": ("No call before noon", "our handbook (lender policy, shall not, product)", "call after noon"),
    "zh-CN": ("午前不打电话", "our handbook（机构政策、不应、产品规定）", "午后再打"),
}
"""What stands beside a refusal: the sentence, the source with its grade, what may be done instead."""
NEXT = DAY + timedelta(days=1)


def send(page: Page, files: dict[str, str]) -> None:
    """Send a folder as people do."""
    page.get_by_role("button", name="Send a pack").click()
    page.get_by_label("The pack's folder as a ZIP file").set_input_files(
        {"name": "mine.zip", "mimeType": "application/zip", "buffer": packed(files)}
    )
    page.get_by_role("button", name="Check and keep it").click()


def refused_by(stand: Stand, rule: str) -> int:
    """A case in a worklist of which the day run wanted something else too, which a rule refused."""
    with stand.database.transaction("demo") as tx:
        found = tx.value(
            "SELECT c.case_id FROM cases c JOIN worklist w USING (person_id) JOIN proposal p USING (person_id, day) "
            "WHERE c.closed_day IS NULL AND w.day = %(day)s AND %(rule)s = ANY (p.rules) AND p.ordinal <> w.ordinal "
            "AND w.collector_id = 'a0' "
            "ORDER BY w.place LIMIT 1",
            {"day": NEXT, "rule": rule},
        )
    assert isinstance(found, int), "nothing was refused by the rule"
    return found


def test_sent_compared_bound_by_two_people_and_read_where_it_refuses(lived: Stand, browser: Browser) -> None:
    asks, one = someone(lived, browser, "officer-1", Role.COMPLIANCE)
    one.goto(f"{lived.url}/law/packs")
    send(one, FILES | {"mine/contact/noon.yaml": RULE.replace("second_local <", "second_lokal <")})
    expect(one.get_by_text("The pack is not in order, and was not kept:")).to_be_visible()
    expect(one.get_by_text("mine/contact/noon.yaml:6")).to_be_visible()
    send(one, FILES)
    expect(one.get_by_text("Version 1 of pack mine is kept; nothing binds by that.")).to_be_visible()
    assert findings(one) == []

    one.get_by_role("region", name="Packs of this lender's own").get_by_role("link", name="Compare").click()
    one.get_by_role("group", name="After").get_by_label("Own pack mine").select_option("mine@1")
    one.get_by_role("button", name="Compare").click()
    row = one.get_by_role("row", name=re.compile("mine.contact.noon")).first
    expect(row).to_be_visible()
    stopped, opened = (int(cell.replace(",", "")) for cell in row.get_by_role("cell").all_inner_texts()[-2:])
    assert (stopped > 0, opened) == (True, 0)
    assert findings(one) == []

    one.goto(f"{lived.url}/law/packs")
    one.get_by_role("button", name="Let it bind").click()
    one.get_by_role("dialog").get_by_label("Why").fill("mornings are for work")
    one.get_by_role("dialog").get_by_role("button", name="Ask for it").click()
    one.wait_for_url(re.compile(r"/approvals/\d+$"))
    expect(one.get_by_text("You asked for it, so somebody else decides.")).to_be_visible()

    decides, two = someone(lived, browser, "officer-2", Role.COMPLIANCE)
    two.goto(one.url)
    two.get_by_label("Reason").fill("agreed")
    two.get_by_role("button", name="Approve").click()
    expect(two.get_by_text("It is approved and done.")).to_be_visible()
    two.goto(f"{lived.url}/law?q=mine.contact.noon")
    expect(two.get_by_text("No call before noon")).to_be_visible()

    run_day(lived.database, Store(_home(lived) / "book" / "demo"), lived.vault, NEXT)
    case = refused_by(lived, "mine.contact.noon")
    works, three = someone(lived, browser, "a0", Role.COLLECTOR)
    for language, says in SAYS.items():
        works.add_cookies([{"name": "language", "value": language, "url": lived.url}])
        three.goto(f"{lived.url}/cases/{case}")
        for text in says:
            expect(three.get_by_text(text).filter(visible=True).first).to_be_visible()
        assert findings(three) == []
        three.goto(f"{lived.url}/worklist")
        line = three.locator("tr", has=three.locator(f"a[href='/cases/{case}']"))
        line.locator("summary").first.click()
        for text in says:
            expect(line.get_by_text(text).first).to_be_visible()
    for context in (asks, decides, works):
        context.close()
