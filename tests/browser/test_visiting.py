"""A round on a phone: taken along, worked without a network, handed in when there is one again."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from duecourse import app
from duecourse.casework import visits
from duecourse.casework.actor import Role
from duecourse.storage import documents, server
from duecourse.storage import visits as rows
from duecourse.storage.connection import Database
from tests.browser.conftest import PATIENCE_MS, Stand, findings
from tests.conftest import _base, _new_database
from tests.visit_desk import visit_desk
from tests.web.conftest import serving
from tests.work_desk import NOW

PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture
def town(postgres: server.Place, migrated: str) -> Iterator[tuple[Stand, list[int]]]:
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    clock = home / "clock"
    clock.write_text(NOW.isoformat(), encoding="utf-8")
    with _new_database(postgres, migrated) as url, Database(url) as database:
        vault = app.vault_of(app.settings({"DUECOURSE_HOME": str(home)}))
        _desk, cases = visit_desk(database, home / "book" / "demo", vault)
        with serving(url, home, clock) as (address, _process):
            yield Stand(address.removesuffix("/api/v1"), database, vault), cases


def plan(page: Page, stand: Stand, cases: list[int]) -> None:
    page.goto(f"{stand.url}/visits")
    page.locator("[data-opens=plan]").click()
    page.locator("#f-plan-cases").fill(", ".join(map(str, cases)))
    page.locator("#f-plan-leaves").fill("2025-06-10T10:30")
    page.locator("#f-plan-second").fill("a1")
    page.locator("#f-plan-start").fill("31.230000, 121.470000")
    page.get_by_role("button", name="Plan it").click()
    page.get_by_role("button", name="Open map and addresses").click()
    expect(page.locator(".round-stop")).to_have_count(len(cases))
    assert findings(page) == []
    page.get_by_role("link", name="Back").click()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Set out").click()
    expect(page.get_by_text("permitted")).to_have_count(len(cases))


def fill(page: Page, stop: Locator) -> None:
    """What a collector enters at the door; what is missing is said."""
    stop.locator("summary").first.click()
    stop.get_by_role("button", name="Keep the report").click()
    expect(stop.locator("[data-wrong]")).to_have_text("Both show their passes first.")
    stop.locator("[name=passes_shown]").check()
    stop.locator("[name=entered]").check()
    stop.get_by_role("button", name="Keep the report").click()
    expect(stop.locator("[data-wrong]")).to_have_text("Say who let you in.")
    stop.locator("[name=consent_by]").fill("the borrower")
    stop.locator("[name=present]").fill("the borrower")
    picture = BytesIO()
    Image.new("RGB", (64, 48), "#0b5563").save(picture, "PNG")
    stop.locator("[name=photo]").set_input_files(
        {"name": "door.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    )
    expect(stop.locator("[data-photos]")).to_have_text("1")
    stop.locator("[name=signer]").fill("the borrower")
    canvas = stop.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 30, steps=5)
    page.mouse.up()
    stop.get_by_role("button", name="Keep the report").click()


def test_a_round_without_a_network(browser: Browser, town: tuple[Stand, list[int]]) -> None:
    stand, cases = town
    name = stand.user("a0", Role.COLLECTOR)
    context = browser.new_context(
        locale="en-GB", viewport=PHONE, has_touch=True, permissions=["geolocation"],
        geolocation={"latitude": 31.25, "longitude": 121.47},
    )  # fmt: skip
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.clock.set_fixed_time(NOW)
    stand.sign_in(page, name)
    plan(page, stand, cases)
    page.goto(f"{stand.url}/visits/phone")
    page.locator("#phone[data-kept]").wait_for()
    page.locator("[data-takes]").click()
    expect(page.locator(".phone-stop")).to_have_count(3)
    assert findings(page) == []

    context.set_offline(True)
    assert page.evaluate("() => fetch('/worklist').then(() => 'reached', () => 'cut')") == "cut"
    page.reload()
    expect(page.locator(".phone-stop")).to_have_count(3)
    expect(page.locator("#phone-net")).to_contain_text("No network")
    stop = page.locator(".phone-stop").first
    fill(page, stop)
    expect(page.locator(".phone-stop").first.locator("[data-state]")).to_have_text("kept on the phone")
    assert made(stand) == []
    page.reload()
    expect(page.locator("#phone-net")).to_contain_text("1 reports wait")

    page.clock.set_fixed_time(NOW.replace(hour=7))
    page.reload()
    second = page.locator(".phone-stop").nth(1)
    expect(second.locator("[data-state]")).to_have_text("too late")
    second.locator("summary").first.click()
    second.locator("[name=passes_shown]").check()
    second.get_by_role("button", name="Keep the report").click()
    expect(second.locator("[data-wrong]")).to_contain_text("Too late for this visit")

    context.set_offline(False)
    expect(page.locator(".phone-stop")).to_have_count(2)
    (row,) = made(stand)
    assert (row.outcome, row.entered) == ("connected", True)
    with stand.database.transaction("demo") as tx:
        told = visits.read_report(tx, vault=stand.vault, visit_id=row.visit_id)
        assert told["photos"][0]["place"] == [31_250_000, 121_470_000]
        assert told["signature"]["signer"] == "the borrower"
        assert sorted(one.kind for one in documents.of_person(tx, row.person_id)) == ["agreement", "other"]
    assert page.evaluate(
        "() => new Promise((done) => { const base = indexedDB.open('duecourse-visits'); base.onsuccess = () => { "
        "const asked = base.result.transaction('reports').objectStore('reports').count(); "
        "asked.onsuccess = () => done(asked.result); }; })"
    ) == 0, "what was handed in is not on the phone any more"  # fmt: skip
    context.close()


def made(stand: Stand) -> list[rows.VisitRow]:
    with stand.database.transaction("demo") as tx:
        return [one for one in rows.of_round(tx, 1) if one.handed_in_at is not None]


def test_the_form_of_a_visit_asks_for_what_a_door_can_come_to(browser: Browser, town: tuple[Stand, list[int]]) -> None:
    stand, cases = town
    page = browser.new_context(locale="en-GB").new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.clock.set_fixed_time(NOW)
    stand.sign_in(page, stand.user("a0", Role.COLLECTOR))
    plan(page, stand, cases[:1])
    with stand.database.transaction("demo") as tx:
        permit = tx.value("SELECT permit_id FROM visit WHERE case_id = %s", (cases[0],))
    page.goto(f"{stand.url}/cases/{cases[0]}/permits/{permit}")
    page.locator("form[action$='/redemption'] button").click()
    offered = page.locator("button[name=outcome]")
    expect(offered).to_have_count(8)
    assert [one.get_attribute("value") for one in offered.all()] == [
        "connected", "promised", "hung_up", "other_person", "unanswered", "wrong_number", "refused", "not_sent",
    ]  # fmt: skip
