"""Days in sentences are written out, in the reader's language; tables and figures have them as ISO."""

from __future__ import annotations

import re

from duecourse.casework.actor import Role
from duecourse.web.components.render import WEB
from tests.permit_desk import BEGAN
from tests.web.reader import Ground
from tests.web.test_typed import a_case, chinese

SHORT = re.compile(r"\.format\([^{}]*\| day\b")
"""A day as tables have it, filled into a sentence."""

ISO = re.compile(r"20\d\d-\d\d-\d\d")


def test_no_sentence_of_a_page_has_the_day_of_a_table() -> None:
    templates = sorted(WEB.glob("*/templates/*.html"))
    assert len(templates) > 50
    assert {one.name for one in templates if SHORT.search(one.read_text(encoding="utf-8"))} == set()


def test_the_register_of_staff_says_since_when_in_words(house: Ground) -> None:
    reader = house.reader(Role.ADMIN)
    english = reader.get("/staff").text.partition("<table")[2].partition("</table>")[0]
    assert f"since {BEGAN.day} {BEGAN:%b} {BEGAN.year}" in english
    assert not ISO.search(english)
    page = chinese(reader).get("/staff").text.partition("<table")[2].partition("</table>")[0]
    del reader.client.cookies["language"]
    assert f"{BEGAN.year}年{BEGAN.month}月{BEGAN.day}日" in page
    assert not ISO.search(page)


def test_a_promise_stands_in_the_case_and_its_timeline_by_a_day_in_words(ground: Ground) -> None:
    number = a_case(ground)
    reader = ground.reader(Role.COLLECTOR)
    given = reader.post(f"/cases/{number}/promises", "/account", amount="5", due="2026-03-05")
    assert given.status_code == 303, given.text
    for place in (f"/cases/{number}", f"/cases/{number}/happenings"):
        assert "5.00 by 5 Mar 2026" in reader.get(place).text, place
    chinese(reader)
    for place in (f"/cases/{number}", f"/cases/{number}/happenings"):
        page = reader.get(place).text
        assert "2026年3月5日" in page, place
        assert "2026-03-05" not in page.partition("<dialog")[0], place
