"""Numbers that are somebody's: identity, phone, bank card; found however they are spaced, in figures or in Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from stdnum import luhn
from stdnum.cn import ric

from duecourse.insight.guard import fold

SAYS = {
    "number.identity": {"zh": "含居民身份证号码", "en": "a number of an identity card"},
    "number.phone": {"zh": "含手机号码", "en": "a number of a mobile phone"},
    "number.card": {"zh": "含银行卡号", "en": "a number of a bank card"},
}
_FIGURES = str.maketrans("〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖幺", "001234567891234567891")
_FIGURE = "[0-9〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖幺]"
_RUN = re.compile(rf"(?:{_FIGURE}[\s\-.,()_·]{{0,2}}){{10,22}}(?:{_FIGURE}|x)")
_LINE = re.compile(r"[^\n]+")
_PHONE = re.compile(r"(?:0?086|86)?(1[3-9][0-9]{9})")


@dataclass(frozen=True, slots=True)
class Number:
    """A number of somebody, with its place in the text."""

    rule: str
    start: int
    end: int
    disguised: bool


def find(text: str, words: str, own: Iterable[str] = ()) -> Iterator[Number]:
    """The numbers of people in a text, which is given folded (`fold.words_text`) too.

    ``own`` are numbers of the lender, written in any way.
    """
    if not _RUN.search(words):
        return
    form = fold.words(text)
    known = {"".join(filter(str.isdigit, one))[-11:] for one in own}
    for run in _RUN.finditer(form.text):
        pieces = [(run.start(), run.end())]  # a number may be parted by lines, and other figures may stand on the next
        if "\n" in run.group():
            pieces += [(run.start() + one.start(), run.start() + one.end()) for one in _LINE.finditer(run.group())]
        for begins, ends in pieces:
            bare = re.sub(r"[^0-9x]", "", form.text[begins:ends].translate(_FIGURES))
            rule = _rule(bare)
            if rule is not None and bare[-11:] not in known:
                start, end = form.span(begins, ends)
                yield Number(rule, start, end, disguised=text[start:end].lower() != bare)


def _rule(bare: str) -> str | None:
    if len(bare) == 18 and ric.is_valid(bare.upper()):
        return "number.identity"
    if _PHONE.fullmatch(bare):
        return "number.phone"
    if 15 <= len(bare) <= 19 and bare.isdigit() and luhn.is_valid(bare) and len(set(bare)) > 2:
        return "number.card"
    return None
