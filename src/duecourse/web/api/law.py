"""The law over HTTP: rules, facts and templates as data, and one contact explained at any instant.

`explain` answers about a contact that is described, not looked up: nobody's data is read, nothing is reserved.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field, JsonValue

from duecourse.casework import lender_law
from duecourse.law import wording
from duecourse.law.clock import UnknownZone, known_zone, local, zone
from duecourse.law.coverage import rule_coverage
from duecourse.law.decide import Decision, decide_at, next_open
from duecourse.law.facts import VOCABULARY, Value
from duecourse.law.ordinary import ORDINARY, text_facts
from duecourse.law.pack import country
from duecourse.law.plain import plain_fact, plain_rule, plain_source, plain_template
from duecourse.law.rule import Rule
from duecourse.law.rulebook import Rulebook
from duecourse.law.templates import UnknownTemplate
from duecourse.law.terms import Channel, Purpose, Relation
from duecourse.storage import lenders
from duecourse.storage.tokens import Scope
from duecourse.trouble import N_
from duecourse.web.api import problem
from duecourse.web.api.facts import FactName, FactValue, read_fact, scalar
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.parts import Parts
from duecourse.web.api.problem import Problem
from duecourse.web.api.shapes import PREFIX, Finding, Instant, Shape, Told, finding, problems

router = APIRouter(prefix=f"{PREFIX}/law", tags=["law"])

LawReader = Annotated[Inquiry, admitted(Scope.LAW_READ)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,99}$")]
OwnVersion = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}@[1-9][0-9]{0,8}$", examples=["mine@2"])]
Jurisdiction = Annotated[str, Field(pattern=r"^[A-Z]{2}$", examples=["CN"])]

WITHOUT = "Policy packs to leave out; where nothing is said, those that are switched off for the lender."
OWN = "Versions of the lender's own packs that bind, PACK@VERSION; where nothing is said, those that bind it today."


class RuleLine(Shape):
    """One rule in the list."""

    rule: str
    pack: str
    effect: str
    says: str
    since: str = Field(description="The day from which its latest values hold.")
    source: dict[str, JsonValue]


class PackLine(Shape):
    """One pack of the rulebook."""

    pack: str
    kind: str
    status: str
    sha256: str


class Rules(Shape):
    """The rules that bind together, in the order in which answers name them."""

    jurisdiction: str
    rulebook: str = Field(description="SHA-256 of jurisdiction and packs.")
    packs: list[PackLine]
    rules: list[RuleLine]


class RuleWhole(Shape):
    """A rule as its file says it, cases and all, in both languages."""

    pack: str
    file: str
    content: dict[str, JsonValue]


class Facts(Shape):
    """The vocabulary: every fact a condition may ask."""

    facts: list[dict[str, JsonValue]]


class Templates(Shape):
    """The register of approved templates and scripts."""

    register_hash: str
    templates: list[dict[str, JsonValue]]


class Described(Shape):
    """One contact, described. The purpose comes with the template; to try one out, name it without a template."""

    channel: Channel
    at: Instant
    template: Annotated[Name | None, Field(examples=["m1.call"])] = None
    purpose: Purpose | None = None
    relation: Relation = Relation.BORROWER
    zones: list[Annotated[str, Field(max_length=64)]] = Field(
        default=[], max_length=8, description="Other zones in which the person may be; all must be open."
    )
    facts: dict[FactName, FactValue] = Field(
        default={}, max_length=200, description="Facts by name (GET /law/facts); null leaves one out."
    )
    assume: Annotated[str, Field(pattern="^(ordinary|nothing)$")] = Field(
        default="nothing", description="What to take for granted where nothing is said; the answer lists it."
    )
    jurisdiction: Jurisdiction | None = Field(default=None, description="The lender's own where it is left out.")
    without: list[Name] | None = Field(default=None, max_length=16, description=WITHOUT)
    own: list[OwnVersion] | None = Field(default=None, max_length=16, description=OWN)


class Explanation(Shape):
    """Allowed or refused, with every rule that was asked and applied."""

    allowed: bool
    sentence: str
    at: Told
    next_open: Told | None = Field(description="The next instant at which it would be allowed, within 14 days.")
    jurisdiction: str
    rulebook: str
    refusals: list[Finding]
    others: list[Finding]
    missing: dict[str, str] = Field(description="Facts for want of which rules refuse, and what they mean.")
    lifts: list[str] = Field(description="Facts each of which alone would lift every refusal.")
    assumed: dict[str, bool | int | str]


class Coverage(Shape):
    """What the cases of a rule exercise; cases are named by their line in the rule's file."""

    rule: str
    cases: int
    failing: list[int]
    branches: dict[str, list[int]]
    limits: dict[str, list[int]]
    without_case: list[str] = Field(description="What the rule may say and no case makes it say.")
    unnoticed: list[str] = Field(description="Changes of the rule that no case notices.")


@router.get("/rules", responses=problems(problem.Kind.INVALID))
def list_rules(
    inquiry: LawReader,
    jurisdiction: Annotated[Jurisdiction | None, Query()] = None,
    without: Annotated[list[Name] | None, Query(max_length=16, description=WITHOUT)] = None,
) -> Rules:
    """List the rules that bind the lender in a jurisdiction, its own among them, in the order of answers."""
    book = law_of(inquiry, jurisdiction, without)
    return Rules(
        jurisdiction=book.jurisdiction,
        rulebook=book.hash,
        packs=[PackLine(pack=one.id, kind=one.kind, status=one.status, sha256=one.hash) for one in book.packs],
        rules=[
            RuleLine(
                rule=rule.id,
                pack=rule.pack,
                effect=rule.effect,
                says=rule.says[inquiry.lang],
                since=rule.versions[-1].start.isoformat(),
                source=_json(plain_source(rule.source)),
            )
            for rule in book.rules
        ],
    )


@router.get("/rules/{rule}", responses=problems(problem.Kind.NOT_FOUND, problem.Kind.INVALID))
def read_rule(inquiry: LawReader, rule: Annotated[Name, Path()]) -> RuleWhole:
    """Show one rule of any jurisdiction, or of the lender's own packs, as its file says it, cases and all."""
    return RuleWhole.model_validate(plain_rule(_rule(inquiry, rule)))


@router.get("/facts", responses=problems())
def list_facts(inquiry: LawReader) -> Facts:
    """List the vocabulary: every fact a condition may ask, with type, unit, meaning and source."""
    del inquiry
    return Facts(facts=[_json(plain_fact(one)) for one in VOCABULARY])


@router.get("/templates", responses=problems())
def list_templates(inquiry: LawReader) -> Templates:
    """List the approved templates and scripts, from which the gate reads the purpose."""
    register = inquiry.parts.gate.register(inquiry.caller.lender)
    return Templates(
        register_hash=register.hash,
        templates=[_json(plain_template(one)) for one in register.templates.values()],
    )


@router.post("/explain", responses=problems(problem.Kind.INVALID, problem.Kind.TOO_LARGE, problem.Kind.NOT_JSON))
def explain(ask: Described, inquiry: LawReader) -> Explanation:
    """Explain one contact at any instant: allowed or refused, by which rules, when it would be open, what instead."""
    book = law_of(inquiry, ask.jurisdiction, ask.without, ask.own)
    said, assumed = known_of(ask, inquiry, book)
    known = {**assumed, **said}
    decision = decide_at(book, known, ask.at, ask.zones)
    opens = None if decision.allowed else next_open(book, known, ask.at, zones=ask.zones)
    asked = {name for found in decision.findings for name in found.rule.facts}
    return Explanation(
        allowed=decision.allowed,
        sentence=wording.sentence(decision, inquiry.lang),
        at=ask.at,
        next_open=opens,
        jurisdiction=book.jurisdiction,
        rulebook=decision.rulebook,
        refusals=[finding(found, inquiry.lang) for found in decision.refusals],
        others=[finding(found, inquiry.lang) for found in decision.findings if not found.outcome.says_no],
        missing=_missing(decision, inquiry.lang),
        lifts=list(decision.lifts),
        assumed={name: scalar(value) for name, value in assumed.items() if name not in said and name in asked},
    )


@router.get("/rules/{rule}/coverage", responses=problems(problem.Kind.NOT_FOUND, problem.Kind.INVALID))
def show_coverage(inquiry: LawReader, rule: Annotated[Name, Path()]) -> Coverage:
    """Show which cases of a rule exercise each of its branches and limits, and which nobody exercises."""
    found = rule_coverage(_rule(inquiry, rule))
    return Coverage(
        rule=found.rule,
        cases=found.cases,
        failing=list(found.failing),
        branches={one.says: list(one.cases) for one in found.branches},
        limits={one.change: list(one.cases) for one in found.limits},
        without_case=list(found.without_case),
        unnoticed=list(found.unnoticed),
    )


def law_of(
    inquiry: Inquiry,
    jurisdiction: str | None = None,
    without: Sequence[str] | None = None,
    own: Sequence[str] | None = None,
) -> Rulebook:
    """The law that a request means: what binds the lender where it says nothing else. Raises `NoSuchOwnPack`."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        lender = lenders.get(tx)
        packs = lender_law.own_of(tx) if own is None else [lender_law.kept_pack(tx, one) for one in own]
    off = lender_law.off_of(lender, (*inquiry.parts.law.packs, *packs)) if without is None else without
    return inquiry.parts.law.book(country(jurisdiction or lender.jurisdiction), off, packs)


def _rule(inquiry: Inquiry, name: str) -> Rule:
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = lender_law.rules_named(tx).get(name)
    if found is None:
        raise Problem(problem.Kind.NOT_FOUND, N_("There is no rule of this id; GET /api/v1/law/rules lists them."))
    return found


def known_of(ask: Described, inquiry: Inquiry, book: Rulebook) -> tuple[dict[str, object], dict[str, Value]]:
    """What was said of the contact, the lender and the token included, and what is taken for granted besides.

    Raises `UnknownZone`, `Problem`.
    """
    for name in ask.zones:
        if not known_zone(name):
            raise UnknownZone(name)
    day = local(ask.at, zone(book.zone))[0] if book.zone else ask.at.date()
    text = _text(ask, inquiry.parts, book, day)
    said: dict[str, object] = {"channel": ask.channel.value, "relation": ask.relation.value}
    said |= {"lender_type": inquiry.caller.lender.lender_type, "sender_type": inquiry.caller.sender_type.value}
    said |= text if ask.template else {}
    if ask.purpose is not None and not ask.template:
        said["purpose"] = ask.purpose.value
    said |= {name: read_fact(name, value) for name, value in ask.facts.items()}
    assumed: dict[str, Value] = {**ORDINARY, **text} if ask.assume == "ordinary" else {}
    return said, assumed


def _text(ask: Described, parts: Parts, book: Rulebook, day: date) -> dict[str, Value]:
    register = parts.law.register(book.jurisdiction)
    purpose = None if ask.purpose is None else ask.purpose.value
    try:
        return text_facts(register, template=ask.template, purpose=purpose, day=day, channel=ask.channel.value)
    except UnknownTemplate:
        raise Problem(
            problem.Kind.INVALID,
            N_("The register of the jurisdiction has no such template; GET /api/v1/law/templates."),
        ) from None


def _missing(decision: Decision, lang: str) -> dict[str, str]:
    return {name: wording.meaning(name, lang) for name in decision.missing}


def _json(plain: Any) -> dict[str, JsonValue]:  # noqa: ANN401 - the law's plain values are JSON
    return dict(plain)
