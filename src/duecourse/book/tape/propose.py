"""A first mapping for files nobody has mapped yet: guessed from headings and values, with every doubt in a comment.

A heading that is a known name of a field is taken at its word; one that is merely like it is marked. Units, day forms
and codes are guessed from the values, and said to be guesses. Values are looked at but never written down, except
codes of closed lists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import polars as pl

from duecourse.book.tape.intake import files
from duecourse.book.tape.layout import Field, Records, Shape, conventions, fields
from duecourse.book.tape.names import NAMES
from duecourse.book.tape.readers import ROW, read
from duecourse.book.tape.values import DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SAMPLE_ROWS = 2_000
_LIKE = 0.8
_CODES_MAX = 24
_CONVENTIONS = {each.name for each in conventions()}  # taken by their exact names only

WORDS = {
    "等额本息": "equal_instalment",
    "等额本金": "equal_principal",
    "先息后本": "interest_only",
    "按月付息": "interest_only",
    "到期还本付息": "bullet",
    "一次性还本付息": "bullet",
    "利随本清": "bullet",
    "信用卡": "card",
    "annuity": "equal_instalment",
    "担保人": "guarantor",
    "保证人": "guarantor",
    "共同借款人": "co_borrower",
    "共借人": "co_borrower",
    "配偶": "spouse",
    "紧急联系人": "contact_person",
    "联系人": "contact_person",
    "亲属": "contact_person",
    "朋友": "contact_person",
    "同事": "contact_person",
    "单位": "employer",
    "继承人": "heir",
    "律师": "lawyer",
    "代理人": "representative",
    "个人": "natural",
    "自然人": "natural",
    "企业": "firm",
    "公司": "firm",
    "对公": "firm",
    "正常还款": "payment",
    "还款": "payment",
    "提前还款": "prepayment",
    "核销后收回": "recovery",
    "冲正": "reversal",
    "减免": "waiver",
    "展期": "extension",
    "核销": "write_off",
    "重组": "restructure",
}
"""Codes of closed lists as lenders write them."""


_BY_HEADING = (Records.CONTACT_POINTS, "kind")
"""Needed, and said by the heading of the value itself."""

_FILES = {
    Records.INSTALMENTS: ("计划", "期供", "schedule", "instal"),
    Records.PAYMENTS: ("流水", "实还", "还款明细", "payment", "repay"),
    Records.CONTACT_POINTS: ("联系方式", "手机", "电话", "contact", "phone"),
    Records.PARTIES: ("关系人", "担保", "联系人", "part", "guarant"),
    Records.PERSONS: ("客户", "借款人", "person", "customer", "borrower"),
    Records.BALANCES: ("余额", "balance"),
    Records.ADJUSTMENTS: ("调整", "减免", "adjust", "waiver"),
    Records.HOLDS: ("冻结", "hold"),
    Records.LOANS: ("借据", "贷款", "loan", "account"),
}
"""What the name of a file says of its rows; it decides between kinds that the headings fit alike."""

_NAMED = 0.2  # what a file's name counts beside its headings
_CLOSE = 0.9  # of the best score: another kind that fits nearly as well is named

LABELS = {
    "mobile": ("手机", "移动", "mobile", "cell"),
    "work": ("单位", "公司", "办公", "work", "office"),
    "home": ("家庭", "住宅", "居住", "家", "home"),
}
"""Labels of contact points by their headings."""


@dataclass(slots=True)
class _Guess:
    """A file as one kind of record: field → (heading, how alike)."""

    records: Records
    fields: dict[str, tuple[str, float]] = field(default_factory=dict)

    @property
    def score(self) -> float:
        known = fields(self.records)
        needed = [name for name, each in known.items() if each.required and (self.records, name) != _BY_HEADING]
        found = sum(likeness for _, likeness in self.fields.values())
        return found / 4 + 2 * sum(name in self.fields for name in needed) / len(needed)


def propose(samples: Iterable[Path]) -> str:
    """A mapping as YAML text for these files, and for those in folders, to be read and corrected.

    Raises what reading raises.
    """
    lines = [
        "# Proposed from samples. Read every line; what is marked ?? is a guess.",
        "mapping: proposed",
        "zone: Asia/Shanghai   # ?? the lender's zone",
        "currency: CNY         # ?? the lender's currency",
        "tables:",
    ]
    for pattern, path in _patterns(files(samples)):
        lines += _file(path, pattern)
    return "\n".join(lines) + "\n"


def _patterns(paths: list[Path]) -> list[tuple[str, Path]]:
    """Names of files for the mapping, each with one file to look at; numbered or dated parts have one name."""
    found: dict[tuple[str, str], list[Path]] = {}
    for path in paths:
        stem = re.sub(r"[._\- ]*\d[\d._\-]*$", "", path.stem)
        found.setdefault((stem or path.stem, path.suffix), []).append(path)
    return [
        (parts[0].name if len(parts) == 1 else f"{stem}*{ending}", parts[0]) for (stem, ending), parts in found.items()
    ]


def _file(path: Path, pattern: str) -> list[str]:
    raw = read(path, rows=SAMPLE_ROWS)
    guesses = sorted((_guess(records, raw) for records in Records), key=lambda g: -_fit(g, path))
    best, next_best = guesses[:2]
    exact = [guess for guess in guesses if path.stem.lower().startswith(str(guess.records))]
    doubt = ""
    if exact:
        best = exact[0]
    elif _fit(next_best, path) >= _CLOSE * _fit(best, path):
        doubt = f"   # ?? by its headings; it may also be {next_best.records}"
    else:
        doubt = "   # by its headings"
    made = [best]
    people = {guess.records: guess for guess in guesses if "person_ref" in guess.fields}
    named = people.get(Records.PERSONS)
    if best.records is Records.LOANS and named and named.fields.get("name", ("", 0.0))[1] == 1.0:
        made.append(named)
    if best.records in {Records.LOANS, Records.PERSONS, Records.CONTACT_POINTS} and Records.CONTACT_POINTS in people:
        made = [guess for guess in made if guess.records is not Records.CONTACT_POINTS]
        made += _each_point(people[Records.CONTACT_POINTS], raw)
    lines = _table(pattern, made[0], raw, doubt)
    for guess in made[1:]:
        lines += _table(pattern, guess, raw)
    used = {heading for guess in made for heading, _ in guess.fields.values()}
    unused = [name for name in raw.columns if name != ROW and name not in used]
    if unused:
        lines.append(f"  # columns of {pattern} that nothing takes: {', '.join(unused)}")
    return lines


def _fit(guess: _Guess, path: Path) -> float:
    """How well a kind of record fits a file, by its headings and a little by its name."""
    name = path.stem.lower()
    return guess.score + _NAMED * any(sign in name for sign in _FILES.get(guess.records, ()))


def _each_point(guess: _Guess, raw: pl.DataFrame) -> list[_Guess]:
    """A file of contact points for each column that holds one: a row of the lender's may have several."""
    if "value" in guess.fields and "kind" in guess.fields:
        return [guess]
    headings = [name for name in raw.columns if name != ROW and _likeness(Records.CONTACT_POINTS, "value", name) == 1.0]
    return [_Guess(guess.records, {**guess.fields, "value": (heading, 1.0)}) for heading in headings]


def _guess(records: Records, raw: pl.DataFrame) -> _Guess:
    guess = _Guess(records)
    free = [name for name in raw.columns if name != ROW]
    candidates = [
        (likeness, name, heading)
        for name in fields(records)
        for heading in free
        if (likeness := _likeness(records, name, heading)) >= _LIKE
    ]
    for likeness, name, heading in sorted(candidates, key=lambda c: -c[0]):
        taken = {there for there, _ in guess.fields.values()}
        if name not in guess.fields and heading not in taken:
            guess.fields[name] = (heading, likeness)
    return guess


def _likeness(records: Records, name: str, heading: str) -> float:
    plain = _plain(heading)
    known = [name, *NAMES.get((records, name), ())]
    bare = [_plain(each) for each in known] + [_plain(name).removesuffix("minor").removesuffix("ppm")]
    if plain in bare:
        return 1.0
    if not plain or name in _CONVENTIONS:
        return 0.0
    return 0.99 * max(SequenceMatcher(None, plain, each).ratio() for each in bare if each)


def _plain(text: str) -> str:
    unit = re.sub(r"[((\[].*?[))\]]", "", text)
    return re.sub(r"[\s_\-./:：]", "", unit).lower()


def _table(pattern: str, guess: _Guess, raw: pl.DataFrame, doubt: str = "") -> list[str]:
    known = fields(guess.records)
    lines = [f"  - records: {guess.records}{doubt}", f"    file: {_quoted(pattern)}", "    fields:"]
    for name, each in known.items():
        if name not in guess.fields:
            continue
        heading, likeness = guess.fields[name]
        extra, doubts = _reading(each, raw[heading], heading)
        if likeness < 1:
            doubts.insert(0, f"heading is {likeness:.0%} like a known one")
        inside = ", ".join([f"column: {_quoted(heading)}", *extra])
        value = f"{{{inside}}}" if extra else _quoted(heading)
        lines.append(f"      {name}: {value}" + (f"   # ?? {'; '.join(doubts)}" if doubts else ""))
    if guess.records is Records.CONTACT_POINTS and "kind" not in guess.fields:
        known = {name: each for name, each in known.items() if name != "kind"}
        heading = guess.fields["value"][0] if "value" in guess.fields else ""
        lines.append(f"      kind: {{value: {_point_kind(heading)}}}   # ?? by the heading")
        if "label" not in guess.fields and (label := _label(heading)):
            lines.append(f"      label: {{value: {label}}}   # ?? by the heading")
    lines += [
        f"      # {name}: MISSING, needed: {each.says}"
        for name, each in known.items()
        if each.required and name not in guess.fields
    ]
    if guess.records is Records.LOANS and "method" not in guess.fields:
        lines.append("      # method: {value: equal_instalment}   # MISSING: how the loans are repaid")
    return lines


def _point_kind(heading: str) -> str:
    words = {"email": ("mail", "邮箱", "邮件"), "address": ("address", "地址"), "im": ("微信", "wechat", "qq")}
    plain = heading.lower()
    return next((kind for kind, signs in words.items() if any(sign in plain for sign in signs)), "phone")


def _label(heading: str) -> str:
    plain = heading.lower()
    return next((label for label, signs in LABELS.items() if any(sign in plain for sign in signs)), "")


def _quoted(text: str) -> str:
    return (
        text
        if re.fullmatch(r"[A-Za-z_\u4e00-\u9fff][\w\u4e00-\u9fff.]*", text)
        else '"' + text.replace('"', '\\"') + '"'
    )


def _reading(target: Field, values: pl.Series, heading: str) -> tuple[list[str], list[str]]:
    """What to say of a column in the mapping, and what is doubtful about it."""
    texts = values.drop_nulls().cast(pl.String).str.strip_chars()
    texts = texts.filter(texts != "")
    if texts.is_empty():
        return [], ["the column is empty in the sample"]
    match target.shape:
        case Shape.MONEY:
            return _money(texts, heading)
        case Shape.RATE:
            return _rate(texts, heading)
        case Shape.DAY:
            return _day(texts, values.dtype)
        case Shape.WORD:
            return _codes(target, texts)
        case _:
            return [], []


def _money(texts: pl.Series, heading: str) -> tuple[list[str], list[str]]:
    if "万" in heading:
        return ["unit: ten_thousand"], []
    if "分" in heading or heading.endswith("_minor"):
        return [], []
    if texts.str.contains(r"\.\d").any() or "元" in heading:
        return ["unit: major"], []
    return ["unit: major"], ["whole numbers: are these yuan (major) or fen (minor)?"]


def _rate(texts: pl.Series, heading: str) -> tuple[list[str], list[str]]:
    highest = texts.str.replace_all("[%,]", "").cast(pl.Float64, strict=False).max()
    per = ["per: month"] if "月" in heading else ["per: day_360"] if "日" in heading else []
    doubts = ["a day rate: is the year 360 or 365 days?"] if per == ["per: day_360"] else []
    if not isinstance(highest, float):
        return per, ["not a number"]
    if heading.endswith("_ppm"):
        return [], []
    if highest <= 1 and "%" not in heading and "‰" not in heading:
        return ["unit: fraction", *per], [*doubts, "values up to 1 are taken as fractions"]
    return [f"unit: {'permille' if '‰' in heading else 'percent'}", *per], doubts


def _day(texts: pl.Series, kind: pl.DataType) -> tuple[list[str], list[str]]:
    if kind.is_temporal():
        return [], []
    for form in (*DAYS, "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%Y"):
        if (
            texts.str.slice(0, 10 if len(form) == 8 and "%Y" in form else None)
            .str.to_date(form, strict=False)
            .has_nulls()
        ):
            continue
        doubt = ["day before month, or month before day?"] if form in {"%d/%m/%Y", "%m/%d/%Y"} else []
        return ([] if form in DAYS else [f'format: "{form}"']), doubt
    serial = texts.cast(pl.Int64, strict=False)
    if not serial.has_nulls() and serial.is_between(20_000, 80_000).all():
        return ["format: excel"], []
    return [], ["the form of the days is not known; give `format:`"]


def _codes(target: Field, texts: pl.Series) -> tuple[list[str], list[str]]:
    distinct = texts.unique().sort()
    if distinct.is_in(list(target.words)).all():
        return [], []
    if distinct.len() > _CODES_MAX:
        return [], [f"{distinct.len()} different values; known words: {', '.join(target.words)}"]
    codes, unknown = [], []
    for text in distinct:
        word = text if text in target.words else WORDS.get(text)
        if word in target.words:
            codes.append(f"{_quoted(text)}: {word}")
        else:
            unknown.append(text)
    doubts = [f"no word for {', '.join(unknown)}; known: {', '.join(target.words)}"] if unknown else []
    return ([f"codes: {{{', '.join(codes)}}}"] if codes else []), doubts
