"""Audit plans: YAML files that say what is looked at, how much of it, and what is asked of each item.

    plan: cn.collection
    says: {zh: …, en: …}
    basis: [{instrument: 个人信息保护法, clause: 第五十四条, grade: text}]
    period: quarter
    confidence_percent: 95
    samples:
      - name: calls
        says: {zh: …, en: …}
        population: contact
        where: {channel: [call, robot_call]}
        tolerable_permille: 50
        size: {expected: 0}          # or {count: 60}, {percent: 10}, {by: collector, each: 5}
        always: [near_miss]
        questions:
          - {id: identified, asks: {zh: …, en: …}, rule: cn.identity.stated}

The format is described in ``docs/audit.md``. A question is answered yes where all is as it should be, else no. What it
rests on is a rule of the lender's packs, or an article with its grade; nothing where it is the house's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TypeVar

from duecourse.core.days import add_months
from duecourse.law.document import Flaw, Flaws, Node, read
from duecourse.law.facts import nearest
from duecourse.law.terms import Channel, Grade, Purpose
from duecourse.storage.audit_populations import FLAGS, HAS, POPULATIONS
from duecourse.storage.audits import NoSuchPlan

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_TOP = ("plan", "says", "basis", "period", "confidence_percent", "samples")
_SAMPLE = ("name", "says", "population", "where", "tolerable_permille", "size", "always", "questions")
_QUESTION = ("id", "asks", "rule", "source")
_CITED = ("instrument", "clause", "grade")
_SIZES = {("count",), ("percent",), ("percent", "least"), ("by", "each"), ("by", "each", "percent"), ("expected",)}
_DIVIDED = ("collector", "channel", "firm")
_T = TypeVar("_T")


class Every(StrEnum):
    """For which stretch of days an audit is made."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Cited:
    """An article, and how well it is known."""

    instrument: str
    clause: str
    grade: Grade


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the checklist: yes is as it should be."""

    id: str
    asks: Mapping[str, str]
    rule: str | None
    source: Cited | None


@dataclass(frozen=True, slots=True)
class Size:
    """How many: a number, a share, so many of each, or (``expected``) as the tolerable rate demands."""

    count: int | None = None
    percent: int | None = None
    least: int = 0
    by: str | None = None
    each: int | None = None
    expected: int | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """What is drawn from one population, and what is asked of each item."""

    name: str
    says: Mapping[str, str]
    population: str
    where: Mapping[str, tuple[str, ...]]
    tolerable_permille: int | None
    size: Size
    always: tuple[str, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan."""

    plan: str
    says: Mapping[str, str]
    basis: tuple[Cited, ...]
    period: Every
    confidence: int
    samples: tuple[Sample, ...]

    def sample(self, name: str) -> Sample:
        """One of its samples."""
        return next(one for one in self.samples if one.name == name)

    def last_period(self, today: date) -> tuple[date, date]:
        """The first and the last day of the last whole period before a day."""
        months = {Every.MONTH: 1, Every.QUARTER: 3, Every.YEAR: 12}[self.period]
        begun = date(today.year, today.month - (today.month - 1) % months, 1)
        return add_months(begun, -months), begun - timedelta(days=1)


def plan_hash(text: str) -> bytes:
    """What a plan is known by."""
    return sha256(text.encode()).digest()


def shipped() -> tuple[str, ...]:
    """The plans that come with the software, by name."""
    return tuple(sorted(one.name.removesuffix(".yaml") for one in files(__package__).joinpath("plans").iterdir()))


def shipped_text(name: str) -> str:
    """The text of a plan that comes with the software. Raises `NoSuchPlan`."""
    if name not in shipped():
        raise NoSuchPlan(name)
    return files(__package__).joinpath("plans", f"{name}.yaml").read_text(encoding="utf-8")


@cache
def kept_plan(text: str) -> Plan:
    """A plan that was checked when it was kept; the law may have moved on since, so its rules are not looked up."""
    return read_plan(text, "kept", None)


def read_plan(text: str, file: str, rules: Collection[str] | None) -> Plan:
    """A plan, checked whole: `Flaws` name every place, line by line. ``rules`` are those it may rest on."""
    reading = _Reading(rules, [])
    try:
        root = read(text, file)
        root.mapping(_TOP, ("plan", "says", "period", "confidence_percent", "samples"))
    except Flaw as flaw:
        raise Flaws([flaw]) from None
    basis = root.get("basis")
    kept = (
        reading.of(lambda: _id(root["plan"])),
        reading.of(root["says"].both),
        tuple(reading.of(lambda one=one: _cited(one)) for one in basis.items()) if basis else (),  # type: ignore[misc]
        reading.of(lambda: Every(root["period"].one_of(tuple(Every)))),
        reading.of(lambda: _between(root["confidence_percent"], 50, 99)),
        tuple(reading.of(lambda one=one: reading.sample(one)) for one in root["samples"].items()),  # type: ignore[misc]
    )
    _once("name", root["samples"], reading)
    if reading.flaws:
        raise Flaws(reading.flaws)
    return Plan(*kept)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What is read against, and what was found wrong so far."""

    rules: Collection[str] | None
    flaws: list[Flaw]

    def of(self, act: Callable[[], _T]) -> _T | None:
        """A part of the plan; what is wrong in it is noted, and reading goes on."""
        try:
            return act()
        except Flaw as flaw:
            self.flaws.append(flaw)
            return None

    def sample(self, node: Node) -> Sample:
        node.mapping(_SAMPLE, ("name", "says", "population", "size", "questions"))
        population = node["population"].one_of(POPULATIONS)
        tolerable = node.get("tolerable_permille")
        made = Sample(
            name=_id(node["name"]),
            says=node["says"].both(),
            population=population,
            where=_where(node.get("where"), population),
            tolerable_permille=None if tolerable is None else _between(tolerable, 1, 999),
            size=_size(node["size"], population),
            always=_always(node.get("always"), population),
            questions=tuple(one for one in (self.question(each) for each in node["questions"].items()) if one),
        )
        if made.size.expected is not None and made.tolerable_permille is None:
            raise node["size"].flaw(
                "the size cannot be worked out: say tolerable_permille, the rate beyond which the audit must see it"
            )
        _once("id", node["questions"], self)
        return made

    def question(self, node: Node) -> Question | None:
        return self.of(lambda: self._question(node))

    def _question(self, node: Node) -> Question:
        node.mapping(_QUESTION, ("id", "asks"))
        rule, source = node.get("rule"), node.get("source")
        if rule is not None and self.rules is not None and rule.text() not in self.rules:
            raise node.flaw(
                f"rule {rule.text()!r} binds this lender by no pack{nearest(rule.text(), sorted(self.rules))}", "rule"
            )
        if rule is not None and source is not None:
            raise node.flaw("a question rests on a rule, which names its article itself, or on a source: not both")
        return Question(
            _id(node["id"]), node["asks"].both(), rule.text() if rule else None, _cited(source) if source else None
        )


def _id(node: Node) -> str:
    text = node.text()
    if not _ID.fullmatch(text):
        raise node.flaw(f"{text!r} is no name: small letters, digits, dots, dashes and underscores, at most 64")
    return text


def _between(node: Node, least: int, most: int) -> int:
    number = node.number()
    if not least <= number <= most:
        raise node.flaw(f"{number} is not between {least} and {most}")
    return number


def _cited(node: Node) -> Cited:
    node.mapping(_CITED, _CITED)
    return Cited(node["instrument"].text(), node["clause"].text(), Grade(node["grade"].one_of(tuple(Grade))))


def _where(node: Node | None, population: str) -> dict[str, tuple[str, ...]]:
    if node is None:
        return {}
    closed: dict[str, tuple[str, ...]] = {"channel": tuple(Channel), "purpose": tuple(Purpose)}
    found = {}
    for name, values in node.mapping(HAS[population]).items():
        found[name] = tuple(one.one_of(closed[name]) if name in closed else one.text() for one in values.items())
        if not found[name]:
            raise node.flaw(f"{name} names no value: leave it out to take all", name)
    return found


def _size(node: Node, population: str) -> Size:
    held = node.mapping(("count", "percent", "least", "by", "each", "expected"))
    if tuple(sorted(held)) not in {tuple(sorted(one)) for one in _SIZES}:
        raise node.flaw(
            "a size is {count}, {percent}, {percent, least}, {by, each}, {by, each, percent}, or {expected} with the "
            "sample's tolerable_permille"
        )
    has = tuple(one for one in _DIVIDED if one in HAS[population])
    return Size(
        count=_between(held["count"], 1, 5_000) if "count" in held else None,
        percent=_between(held["percent"], 1, 100) if "percent" in held else None,
        least=_between(held["least"], 1, 5_000) if "least" in held else 0,
        by=held["by"].one_of(has) if "by" in held else None,
        each=_between(held["each"], 1, 5_000) if "each" in held else None,
        expected=_between(held["expected"], 0, 100) if "expected" in held else None,
    )


def _always(node: Node | None, population: str) -> tuple[str, ...]:
    if node is None:
        return ()
    known = FLAGS.get(population, ())
    if not known:
        raise node.flaw(f"items of {population} bear no flags to be always looked at")
    return tuple(one.one_of(known) for one in node.items())


def _once(name: str, node: Node, reading: _Reading) -> None:
    """Note a list that is empty, and every part of it whose name stood before."""
    seen: set[object] = set()
    if not node.items():
        reading.flaws.append(node.flaw("the list is empty"))
    for one in node.items():
        held = one.held.get(name) if isinstance(one.held, dict) else None
        if held is not None and held.held in seen:
            reading.flaws.append(held.flaw(f"{held.show()} stands twice"))
        elif held is not None and isinstance(held.held, str):
            seen.add(held.held)
