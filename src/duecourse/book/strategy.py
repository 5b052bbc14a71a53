"""The strategy: which treatments a case gets, as data that is validated before it runs and explained after.

A strategy is one YAML file. Its conditions are SQL boolean expressions over `FACTS`; its treatments name template,
channel and local slot, and never a purpose: that is the template's. It proposes; the law decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

import polars as pl
import sqlglot
import yaml
from sqlglot import exp

from duecourse.law.document import twice
from duecourse.law.terms import Relation
from duecourse.trouble import N_, BadInput, Said

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

FACTS: dict[str, str] = {
    "dpd": "contractual days past due: the case's highest, or the loan's",
    "plan_dpd": "days past due under the agreed plan; the contractual ones where there is none",
    "on_plan": "a plan is agreed",
    "stage_rank": "stage: 0 = M0, 1 = M1, … 6 = M6, 7 = M6+",
    "class_rank": "five-tier class: 1 = normal … 5 = loss",
    "loans": "loans of the case",
    "overdue_minor": "to be current today, minor units",
    "due_minor": "due today or before, minor units",
    "settle_minor": "to settle everything today, minor units",
    "next_minor": "amount of the next instalment, minor units",
    "days_to_due": "days until the next instalment falls due",
    "days_since_paid": "days since the last payment; a large number where there was none",
    "days_to_promise": "days until the promise that stands falls due; a large number where none stands",
    "promise_left_minor": "what of the promise that stands has not come yet, minor units; 0 where none stands",
    "days_in_case": "days since the case was opened; 0 on its first day",
    "written_off": "a loan of the case is written off",
    "card": "a loan of the case is a card",
    "secured": "a loan of the case is secured",
    "unreachable": "the borrower could not be reached by any known number",
    "hold_dispute": "a dispute stands",
    "hold_hardship": "hardship was found",
    "hold_bereavement": "a bereavement stands, or the borrower has died",
    "hold_breathing_space": "a breathing space runs",
    "hold_cease": "the borrower asked that contact cease",
    "hold_insolvency": "an insolvency procedure runs",
    "hold_identity_theft": "the loan may be somebody else's doing",
    "hold_other": "another hold stands: court stay, complaint, vulnerability, representation …",
    "warn_rank": "early warning of the models, 0 where none ran",
    "score": "score of the models, 0 where none ran",
}
"""What a condition may ask. Numbers are whole; flags are true or false; none is ever missing."""

FLAGS = frozenset(name for name in FACTS if name.startswith("hold_")) | {
    "on_plan", "written_off", "card", "secured", "unreachable",
}  # fmt: skip

ANY_AMOUNT = 1
"""The least of ``at_least_minor``, and its default: any amount that is overdue makes a case."""

_ALLOWED = (
    exp.And, exp.Or, exp.Not, exp.Paren, exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.EQ, exp.NEQ, exp.LT,
    exp.LTE, exp.GT, exp.GTE, exp.Between, exp.In, exp.Neg,
)  # fmt: skip


class BadStrategy(BadInput):
    """A strategy file that cannot be used: where, what, and what to do."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(N_("strategy {where}: {what}"), where=where, what=what)


@dataclass(frozen=True, slots=True)
class Condition:
    """A validated condition; ``text`` is SQL."""

    text: str

    @property
    def expression(self) -> pl.Expr:
        """The condition on a frame with columns `FACTS`."""
        return pl.sql_expr(self.text)


@dataclass(frozen=True, slots=True)
class Treatment:
    """What is wanted for a case, or for one loan before it is due; ``slot`` is a second of the recipient's day."""

    name: str
    says: Mapping[str, str]
    scope: str  # case | loan
    when: Condition
    by: str  # collector | system | nobody (a candidate for referral or for court)
    to: str = ""  # relation of the recipient
    channel: str = ""
    template: str = ""
    slot: int = 0


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A state in which nothing is proposed."""

    name: str
    when: Condition
    says: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Points:
    """Points toward a case's place in the worklist."""

    points: int
    when: Condition
    says: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill that a collector needs for certain cases."""

    skill: str
    when: Condition


@dataclass(frozen=True, slots=True)
class Strategy:
    """One strategy, as its file says."""

    name: str
    version: int
    says: Mapping[str, str]
    opens_when: Condition
    at_least_minor: int  # overdue over the loans of a case, minor units of its currency; below it there is no case
    never: tuple[Exclusion, ...]
    treatments: tuple[Treatment, ...]
    priority: tuple[Points, ...]
    skills: tuple[Skill, ...]
    hash: str  # SHA-256 of the file, hex

    @property
    def id(self) -> str:
        """Name and version, as results cite it."""
        return f"{self.name}@{self.version}"


FIRST = "first"
"""The strategy that comes with duecourse, for a lender that has activated none."""

_BY_LETTER = {
    "UK": ("英国", "the United Kingdom"),
    "HK": ("香港", "Hong Kong"),
    "IN": ("印度", "India"),
    "EU": ("欧盟", "the European Union"),
}
"""Places whose first strategy is one text, each with the templates approved there; their names in zh and en."""

_FIRST_IN = {"US": "first-us", **{place: f"first-{place.lower()}" for place in _BY_LETTER}}


def first_in(jurisdiction: str) -> str:
    """The name of the first strategy where the texts of `FIRST` are approved, or of the place's own."""
    return _FIRST_IN.get(jurisdiction, FIRST)


def shipped(name: str = FIRST) -> str:
    """The text of a strategy that comes with duecourse."""
    folder = files("duecourse.book") / "strategies"
    for place, (zh, en) in _BY_LETTER.items():
        if name == _FIRST_IN[place]:
            text = Template((folder / "first-by-letter.yaml").read_text(encoding="utf-8"))
            return text.substitute(place=place.lower(), name_zh=zh, name_en=en)
    return (folder / f"{name}.yaml").read_text(encoding="utf-8")


def read_strategy(text: str, where: str = "first.yaml") -> Strategy:
    """Read and validate a strategy. Raises `BadStrategy` naming the entry, the word and the nearest known one."""
    try:
        again = twice(yaml.compose(text, Loader=yaml.SafeLoader))
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadStrategy(where, Said(N_("is not YAML: {error}"), error=error)) from error
    if again:
        name, line, first = again
        raise BadStrategy(
            Said(N_("{where}, line {line}"), where=where, line=line),
            Said(N_("{name!r} stands twice, first in line {first}"), name=name, first=first),
        )
    if not isinstance(document, dict):
        raise BadStrategy(where, N_("must be a mapping with strategy, version, case, never, treatments, priority"))
    top = _Entry(where, document)
    top.only("strategy", "version", "says", "case", "never", "treatments", "priority", "skills")
    case = _Entry(f"{where}, case", top.of("case", dict))
    case.only("opens_when", "at_least_minor")
    return Strategy(
        name=top.of("strategy", str),
        version=top.of("version", int),
        says=top.says(),
        opens_when=case.condition("opens_when"),
        at_least_minor=case.minimum("at_least_minor"),
        never=tuple(_exclusion(entry) for entry in top.entries("never", "name")),
        treatments=tuple(_treatment(entry) for entry in top.entries("treatments", "treatment")),
        priority=tuple(_points(entry) for entry in top.entries("priority", "when")),
        skills=tuple(_skill(entry) for entry in top.entries("skills", "skill")),
        hash=sha256(text.encode()).hexdigest(),
    )


def unusable(strategy: Strategy, templates: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Each treatment whose template is not in the register, or not for its channel; ``templates``: id to channels."""
    for treatment in strategy.treatments:
        if treatment.by == "nobody":
            continue
        if treatment.template not in templates:
            near = _nearest(treatment.template, tuple(templates))
            yield f"{treatment.name}: template {treatment.template!r} is not in the register{near}"
        elif treatment.channel not in templates[treatment.template]:
            yield f"{treatment.name}: template {treatment.template!r} is not approved for {treatment.channel}"


class _Entry:
    """One mapping of the file, with its place for messages."""

    def __init__(self, where: str, values: Mapping[str, Any]) -> None:
        self.where, self.values = where, values

    def only(self, *names: str) -> None:
        for name in self.values:
            if name not in names:
                raise BadStrategy(
                    self.where,
                    Said(N_("{name!r} is not known here{near}"), name=name, near=_nearest(str(name), names)),
                )

    def of(self, name: str, kind: type[Any]) -> Any:  # noqa: ANN401 - the caller names the type
        value = self.values.get(name)
        if value is None:
            raise BadStrategy(
                self.where, Said(N_("{name} is missing: write {form}"), name=name, form=_form(kind, name))
            )
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise BadStrategy(
                self.where,
                Said(N_("{name} holds {found}: write {form}"), name=name, found=_found(value), form=_form(kind, name)),
            )
        return value

    def one_of(self, name: str, words: tuple[str, ...]) -> str:
        value = self.of(name, str)
        if value not in words:
            raise BadStrategy(
                self.where,
                Said(
                    N_("{name} {value!r} is none of {words}{near}"),
                    name=name,
                    value=value,
                    words=", ".join(words),
                    near=_nearest(value, words),
                ),
            )
        return str(value)

    def says(self) -> Mapping[str, str]:
        value = self.of("says", dict)
        if sorted(value) != ["en", "zh"] or not all(isinstance(text, str) and text for text in value.values()):
            raise BadStrategy(self.where, N_("says must hold a text in zh and one in en"))
        return dict(value)

    def entries(self, name: str, key: str) -> Iterator[_Entry]:
        for place, entry in enumerate(self.of(name, list), start=1):
            if not isinstance(entry, dict):
                raise BadStrategy(
                    self.where, Said(N_("{name} entry {place} must be a mapping"), name=name, place=place)
                )
            yield _Entry(f"{self.where}, {name} {place} ({entry.get(key, '?')})", entry)

    def minimum(self, name: str) -> int:
        if name not in self.values:
            return ANY_AMOUNT
        found = int(self.of(name, int))
        if found < ANY_AMOUNT:
            raise BadStrategy(
                self.where,
                Said(
                    N_("{name} must be at least {least} (minor units), not {found}"),
                    name=name,
                    least=ANY_AMOUNT,
                    found=found,
                ),
            )
        return found

    def condition(self, name: str) -> Condition:
        text = self.of(name, str)
        try:
            tree = sqlglot.parse_one(text, dialect="postgres")
        except sqlglot.errors.ParseError as error:
            raise BadStrategy(
                self.where, Said(N_("{name}: {text!r} is not a condition: {error}"), name=name, text=text, error=error)
            ) from error
        for node in tree.walk():
            if not isinstance(node, _ALLOWED):
                raise BadStrategy(
                    self.where,
                    Said(
                        N_(
                            "{name}: {part!r} may not stand in a condition: write facts, numbers and words in single "
                            "quotes with AND, OR, NOT, =, <>, <, <=, >, >=, BETWEEN and IN"
                        ),
                        name=name,
                        part=node.sql(),
                    ),
                )
            if isinstance(node, exp.Column) and node.name not in FACTS:
                raise BadStrategy(
                    self.where,
                    Said(
                        N_("{name}: {part!r} is not a fact{near}"),
                        name=name,
                        part=node.name,
                        near=_nearest(node.name, tuple(FACTS)),
                    ),
                )
        condition = Condition(text)
        try:
            blank = {fact: [False] if fact in FLAGS else [0] for fact in FACTS}
            answer = pl.DataFrame(blank).select(condition.expression.alias("answer"))["answer"]
        except pl.exceptions.PolarsError as error:
            raise BadStrategy(
                self.where, Said(N_("{name}: {text!r} cannot be asked: {error}"), name=name, text=text, error=error)
            ) from error
        if answer.dtype != pl.Boolean:
            raise BadStrategy(self.where, Said(N_("{name}: {text!r} is not true or false"), name=name, text=text))
        return condition

    def slot(self) -> int:
        text = self.of("slot", str)
        hours, _, minutes = text.partition(":")
        if not (hours.isdigit() and minutes.isdigit() and int(hours) < 24 and int(minutes) < 60):
            raise BadStrategy(
                self.where, Said(N_("slot {text!r} must be a local time such as '09:30' (in quotes)"), text=text)
            )
        return int(hours) * 3600 + int(minutes) * 60


_FORMS: dict[type[Any], str] = {
    dict: N_("`{name}:` and below it, indented, lines of the form `name: value`"),
    list: N_("`{name}:` and below it, indented, lines that begin with `- `"),
    str: N_("`{name}:` and a text"),
    int: N_("`{name}:` and a whole number"),
}


def _form(kind: type[Any], name: str) -> Said:
    """How a value of a kind is written in the file."""
    return Said(_FORMS[kind], name=name)


def _found(value: object) -> str:
    """What stands in the file where something else should, as its writer would name it."""
    match value:
        case dict():
            return Said(N_("lines of the form `name: value`"))
        case list():
            return Said(N_("a list"))
        case bool():
            return Said(N_("yes or no"))
        case str():
            return Said(N_("the text {value!r}"), value=value)
        case int() | float():
            return Said(N_("the number {value}"), value=value)
        case _:
            return Said(N_("a day or a time, {value}"), value=value)


def _nearest(word: str, known: tuple[str, ...]) -> str:
    found = get_close_matches(word, known, n=1, cutoff=0.5)
    return Said(N_("; did you mean {name!r}?"), name=found[0]) if found else ""


def _exclusion(entry: _Entry) -> Exclusion:
    entry.only("name", "when", "says")
    return Exclusion(entry.of("name", str), entry.condition("when"), entry.says())


def _treatment(entry: _Entry) -> Treatment:
    entry.only("treatment", "says", "scope", "when", "by", "to", "channel", "template", "slot")
    name, by = entry.of("treatment", str), entry.one_of("by", ("collector", "system", "nobody"))
    scope = entry.one_of("scope", ("case", "loan"))
    if by == "nobody":
        return Treatment(name, entry.says(), scope, entry.condition("when"), by)
    return Treatment(
        name, entry.says(), scope, entry.condition("when"), by,
        to=entry.one_of("to", tuple(one.value for one in Relation)), channel=entry.of("channel", str),
        template=entry.of("template", str), slot=entry.slot(),
    )  # fmt: skip


def _points(entry: _Entry) -> Points:
    entry.only("points", "when", "says")
    return Points(entry.of("points", int), entry.condition("when"), entry.says())


def _skill(entry: _Entry) -> Skill:
    entry.only("skill", "when")
    return Skill(entry.of("skill", str), entry.condition("when"))
