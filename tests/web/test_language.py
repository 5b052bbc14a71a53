"""No mixed screens: a Chinese page says nothing in English but names, codes and the program's own name."""

from __future__ import annotations

import html
import re

from duecourse.casework.actor import Role
from duecourse.casework.rights import Right, may
from duecourse.web import site
from duecourse.web.page import Open
from tests.web.reader import Ground, Reader

TAGS = re.compile(r"<(style|script|svg|head|code|kbd)\b.*?</\1>|<[^>]+>", re.DOTALL)
NAMES = re.compile(
    r"one-\w+|\b[\w.+-]*\d[\w.:+-]*|duecourse(?: [a-z]+)*|\bEnglish\b|\b[a-z]+:[a-z]+\b|[a-z]{32}|\bHTTP\b|\bJSON\b"
)
LATIN = re.compile(r"[A-Za-z]{3,}")


def left(page: str) -> list[str]:
    """English words in what a page shows."""
    text = html.unescape(TAGS.sub(" ", page))
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
    assert wrong == {}
