"""What another law would change, over the lender's own contacts: planned ones (diff), past ones (replay); coverage.

These read much and take their time: a web process works on one at a time and tells others to come back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime, timedelta
from enum import Enum
from threading import Lock
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field, JsonValue

from duecourse.casework import lender_law, planned
from duecourse.casework.scenario import run_scenarios
from duecourse.law.check import mutants, run_cases, survivors
from duecourse.law.coverage import PackCoverage, coverage
from duecourse.law.diff import Difference, as_of, compare, recall
from duecourse.law.pack import Pack
from duecourse.law.rulebook import Rulebook
from duecourse.law.scenario import Verdict
from duecourse.storage import runs
from duecourse.storage.tokens import Scope
from duecourse.trouble import N_, Said
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.law import OWN, WITHOUT, Name, OwnVersion, law_of
from duecourse.web.api.problem import Kind, Problem
from duecourse.web.api.shapes import PREFIX, Day, Shape, Told, problems

router = APIRouter(prefix=f"{PREFIX}/law", tags=["law"])

DAYS_MAX = 31
"""Days over which one request may ask."""

_EXACT = 2**53
_one_at_a_time = Lock()
Analyst = Annotated[Inquiry, admitted(Scope.LAW_ANALYSE)]


class LawVersion(Shape):
    """A law: what binds the lender, or with other packs of its own, without some policy packs; as on a day if named."""

    without: list[Name] | None = Field(default=None, max_length=16, description=WITHOUT)
    own: list[OwnVersion] | None = Field(default=None, max_length=16, description=OWN)
    as_of: Day | None = None


class DiffAsk(Shape):
    """Two laws, over the contacts that day runs have planned on some days; the latest where none is named."""

    before: LawVersion = LawVersion()
    after: LawVersion = LawVersion()
    first: Day | None = None
    last: Day | None = None
    most: Annotated[int, Field(strict=True, ge=0, le=1_000)] = Field(
        default=20, description="Contacts to list, of each kind of change."
    )


class ReplayAsk(Shape):
    """A law, over the permits that were asked for on some days of the lender's clock, both ends included."""

    law: LawVersion = LawVersion()
    first: Day
    last: Day
    most: Annotated[int, Field(strict=True, ge=0, le=1_000)] = 20


class DifferenceShape(Shape):
    """What the change of law changes: counts, by rule and by group, and the first contacts of each kind of change."""

    before: str
    after: str
    contacts: int
    allowed_before: int
    allowed_after: int
    stopped: int
    opened: int
    reasons: int
    rules: list[dict[str, JsonValue]]
    groups: list[dict[str, JsonValue]]
    changed: list[dict[str, JsonValue]]
    edits: dict[str, list[str]]
    without_facts: int = Field(description="Past contacts whose facts were not kept and that cannot be asked again.")


class PackSums(Shape):
    """The sums of one pack."""

    pack: str
    rules: int
    cases: int
    branches: int
    branches_without_case: int
    limits: int
    killed: int = Field(description="Changes of the pack's limits that a case notices.")


class CoverageSums(Shape):
    """What the cases of the packs exercise."""

    packs: list[PackSums]


@router.post("/diff", responses=problems(Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON))
def compare_laws(ask: DiffAsk, inquiry: Analyst) -> DifferenceShape:
    """Say what another law would change over the contacts that day runs have planned."""
    lender = inquiry.lender_id
    with _alone():
        frames = planned.planned_days(
            inquiry.parts.database, inquiry.parts.store(lender), lender_id=lender, days=_days(ask, inquiry)
        )
        found = compare(
            _book(inquiry, ask.before),
            _book(inquiry, ask.after),
            frames,
            turns=planned.TURNS,
            group=("treatment",),
            most=ask.most,
        )
    return _shape(found)


@router.post("/replay", responses=problems(Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON))
def replay(ask: ReplayAsk, inquiry: Analyst) -> DifferenceShape:
    """Say which permits of past days a law would have refused, and which refusals it would have granted."""
    _span(ask.first, ask.last)
    with _alone():
        book = _book(inquiry, ask.law)
        past = planned.permits_between(inquiry.parts.database, inquiry.lender_id, ask.first, ask.last, book)
        found = recall(book, [past.permits] if past.permits.height else [], group=("channel",), most=ask.most)
    return _shape(found, past.without_facts)


class CheckAsk(Shape):
    """Packs whose cases and changes are run; or a scenario, as people write them (docs/scenarios.md)."""

    packs: list[Name] = Field(default=[], max_length=4, description="Installed, or the lender's own that bind.")
    own: list[OwnVersion] = Field(default=[], max_length=4, description="Kept versions of the lender's own packs.")
    scenario: Annotated[str, Field(strict=True, max_length=20_000)] = ""


class Unnoticed(Shape):
    """A change to a rule that none of its cases notices."""

    rule: str
    change: str


class ScenarioContact(Shape):
    """The answer to one contact that a scenario tells of."""

    case: str
    line: int
    at: Told
    what: str
    allowed: bool
    refused_by: list[str]
    next_open: Told | None
    wrong: list[str] = Field(description="What the scenario expects and does not hold.")


class CheckedLaw(Shape):
    """What a check found: cases that fail, changes that no case notices; lines of a scenario that do not hold."""

    rules: int
    cases: int
    failures: list[str]
    mutants: int
    survivors: list[Unnoticed]
    contacts: list[ScenarioContact]
    faults: list[str]


@router.post("/check", responses=problems(Kind.INVALID, Kind.CONFLICT, Kind.TOO_LARGE, Kind.NOT_JSON))
def check_law(ask: CheckAsk, inquiry: Analyst) -> CheckedLaw:
    """Run every case of packs and change every rule to see whether a case notices; or run a scenario."""
    if bool(ask.packs or ask.own) is bool(ask.scenario):
        raise Problem(Kind.INVALID, N_("Name packs, or give a scenario: one of the two."))
    with _alone():
        rules = [rule for pack in _packs(inquiry, ask.packs, ask.own) for rule in pack.rules]
        told, faults = run_scenarios({"scenario": ask.scenario}, _known(inquiry), inquiry.lang)
        return CheckedLaw(
            rules=len(rules),
            cases=sum(len(rule.cases) for rule in rules),
            failures=[str(one) for one in run_cases(rules)],
            mutants=sum(1 for rule in rules for _ in mutants(rule)),
            survivors=[Unnoticed(rule=one.rule.id, change=one.change) for rule in rules for one in survivors(rule)],
            contacts=[_contact(of.case, one) for of in told for one in of.verdicts],
            faults=faults,
        )


def _contact(case: str, found: Verdict) -> ScenarioContact:
    return ScenarioContact(
        case=case, line=found.line, at=found.at, what=found.what, allowed=found.decision.allowed,
        refused_by=[one.rule.id for one in found.decision.refusals], next_open=found.next_open, wrong=list(found.wrong),
    )  # fmt: skip


def _packs(inquiry: Inquiry, names: Sequence[str], own: Sequence[str] = ()) -> list[Pack]:
    chosen = [one for one in _known(inquiry) if one.id in names]
    if len(chosen) != len(set(names)):
        raise Problem(Kind.INVALID, N_("There is no such pack; GET /api/v1/law/rules lists those that bind."))
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return [*chosen, *(lender_law.kept_pack(tx, one) for one in own)]


def _known(inquiry: Inquiry) -> tuple[Pack, ...]:
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return lender_law.packs_of(tx)


@router.get("/coverage", responses=problems(Kind.INVALID, Kind.CONFLICT))
def show_sums(inquiry: Analyst, pack: Annotated[list[Name], Query(min_length=1, max_length=4)]) -> CoverageSums:
    """Give what the cases of these packs exercise; of one rule, GET /law/rules/{rule}/coverage gives all."""
    chosen = _packs(inquiry, pack)
    with _alone():
        found = coverage(chosen)
    return CoverageSums(packs=[_sums(one) for one in found.packs])


def _sums(found: PackCoverage) -> PackSums:
    return PackSums(**asdict(found))


def _book(inquiry: Inquiry, version: LawVersion) -> Rulebook:
    book = law_of(inquiry, None, version.without, version.own)
    return as_of(book, version.as_of) if version.as_of else book


def _days(ask: DiffAsk, inquiry: Inquiry) -> list[date]:
    if ask.first is None:
        with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
            return [runs.published(tx).day]
    last = ask.last or ask.first
    _span(ask.first, last)
    days = planned.days_kept(inquiry.parts.database, inquiry.lender_id, ask.first, last)
    if not days:
        raise Problem(Kind.INVALID, N_("No plan is kept for these days."))
    return days


def _span(first: date, last: date) -> None:
    if not first <= last < first + timedelta(days=DAYS_MAX):
        raise Problem(
            Kind.INVALID, Said(N_("The days begin with the first, and are {most} at the most."), most=DAYS_MAX)
        )


@contextmanager
def _alone() -> Iterator[None]:
    if not _one_at_a_time.acquire(blocking=False):
        raise Problem(Kind.CONFLICT, N_("This process works on such a question already; ask again later."))
    try:
        yield
    finally:
        _one_at_a_time.release()


def _shape(found: Difference, without_facts: int = 0) -> DifferenceShape:
    return DifferenceShape.model_validate({**_plain(asdict(found)), "without_facts": without_facts})


def _plain(value: Any) -> Any:  # noqa: ANN401 - a dataclass as JSON
    """A value as JSON: days and instants as text, and whole numbers too large to be exact everywhere."""
    match value:
        case dict():
            return {str(name): _plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case datetime() | date():
            return value.isoformat()
        case Enum():
            return value.value
        case int() if not isinstance(value, bool) and abs(value) >= _EXACT:
            return str(value)
        case _:
            return value
