"""No mixed screens: a Chinese page says nothing in English but names, codes and the program's own name."""

from __future__ import annotations

import html
import re

from duecourse.casework.actor import Role
from duecourse.casework.rights import Right, may
from duecourse.web import site
from duecourse.web.page import Open
from tests.web.reader import Ground, Reader

TAGS = re.compile(r"<(style|script|svg|head|code|kbd|textarea)\b.*?</\1>|<[^>]+>", re.DOTALL)
NAMES = re.compile(
    r"one-\w+"  # users of the test
    r"|\b[\w.+-]*\d[\w.:+-]*"  # codes with a number in them
    r"|\b[\w-]+(?:[.:/_][\w-]+)+"  # ids of rules, figures, rights, zones
    r"|duecourse(?: [a-z]+)*|\bEnglish\b|[a-z]{32}|\b(?:HTTP|HTTPS|SIP|JSON|CSV|XLSX|PDF|YAML|Parquet|PostgreSQL|CNY)\b"
    r"|\bStandard Webhooks\b|https|(?<![A-Za-z])LPR(?![A-Za-z])"
    r"|\b(?:house|first|acme|gate)\b"  # names that things have: packs, strategies, firms
)
LATIN = re.compile(r"[A-Za-z]{3,}")


def left(page: str) -> list[str]:
    """English words in what a page shows."""
    text = html.unescape(TAGS.sub(" ", page.replace("<wbr>", "")))  # where a name may break, it is one word still
    return LATIN.findall(NAMES.sub(" ", text))


def test_every_chinese_page_is_chinese(house: Ground) -> None:
    assert left('<p class="x">Not found</p>') == ["Not", "found"]
    wrong = {}
    for page in site.pages():
        if page.method != "GET" or "{" in page.path:
            continue
        needs = page.needs
        role = next((one for one in Role if may([one], needs)), Role.ADMIN) if isinstance(needs, Right) else Role.ADMIN
        reader = house.reader(role)
        reader.client.cookies.set("language", "zh-CN")
        if needs is Open.EVERYBODY:
            with Reader(house, **{"Accept-Language": "zh"}) as nobody:
                answer = nobody.get(page.path)
        else:
            answer = reader.get(page.path)
        reader.client.cookies.delete("language")
        if answer.headers.get("content-type", "").startswith("text/html") and (words := left(answer.text)):
            wrong[page.path] = words
    assert not wrong, "\n".join(f"{path}: {' '.join(words)}" for path, words in wrong.items())


def test_a_rule_is_read_in_the_readers_language(house: Ground) -> None:
    reader = house.reader(Role.COMPLIANCE)
    reader.client.cookies.set("language", "zh-CN")
    shown = reader.get("/law/rules/cn.class.loss").text
    assert "界限为“超过”，故第360天仍在其下。" in shown
    assert "The bound is strict" not in shown
    reader.client.cookies.set("language", "en")
    assert "The bound is strict, so day 360 is still below." in reader.get("/law/rules/cn.class.loss").text
