"""What the lender says once of all its claims, or of the lines of one house: read, said, ended; each act on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from starlette.responses import Response

from duecourse.casework.lender_facts import SAYABLE, end_lender_fact, state_lender_fact, unsaid
from duecourse.casework.rights import Right
from duecourse.casework.stating import read_value
from duecourse.law import wording
from duecourse.law.fact import Kind
from duecourse.law.facts import FACTS
from duecourse.law.silence import OF_THE_SENDER
from duecourse.storage import lender_facts
from duecourse.storage.lender_facts import LenderFact
from duecourse.trouble import Trouble
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("oversight")


@dataclass(frozen=True, slots=True)
class Sayable:
    """A fact that may be said of all claims, and what stands of it by house."""

    name: str
    means: str
    options: list[tuple[str, str]]  # the values it can have, as forms send them and as people read them
    of_lines: bool
    asked: bool  # the law asks it of plans and nobody has said it
    stands: list[LenderFact]


@pages.get("/law/facts", right=Right.LAW_READ)
def lender_says(visit: Visit) -> Response:
    """What stands, what the law asks and nobody has said, and everything that was ever said."""
    return _page(visit)


@pages.post("/law/facts/{fact}", right=Right.LENDER_STATE)
def say(visit: Visit) -> Response:
    """Say a fact, with its proof; days begin at midnight in the lender's zone."""
    fact = str(visit.path["fact"])
    try:
        with visit.transaction() as tx:
            state_lender_fact(
                tx, vault=visit.parts.vault, fact=fact, value=read_value(visit.text("value")),
                source=visit.text("source"), actor=visit.actor, now=visit.now, from_at=_midnight(visit, "from"),
                until=_midnight(visit, "until"), firm=visit.text("firm"),
            )  # fmt: skip
    except Trouble as error:
        return _page(visit, error=sentence(error, visit.choice.language))
    return visit.go("/law/facts", said=visit.say("It is on record."))


@pages.post("/law/facts/{number}/end", right=Right.LENDER_STATE)
def end(visit: Visit) -> Response:
    """End a fact that stands, now."""
    number = visit.number("number", visit.path)
    try:
        with visit.transaction() as tx:
            end_lender_fact(tx, vault=visit.parts.vault, stated_id=number, actor=visit.actor, now=visit.now)
    except Trouble as error:
        return _page(visit, error=sentence(error, visit.choice.language))
    return visit.go("/law/facts", said=visit.say("It is ended."))


def _midnight(visit: Visit, name: str) -> datetime | None:
    return datetime.combine(visit.day(name), time(), visit.zone) if visit.text(name) else None


def _page(visit: Visit, *, error: str = "") -> Response:
    with visit.transaction() as tx:
        every, open_ones = lender_facts.every(tx), set(unsaid(tx, visit.now))
    said = [_sayable(visit, name, every, asked=name in open_ones) for name in SAYABLE]
    return visit.page(
        "oversight/lender_says.html", status=422 if error else 200, error=error, every=every, open=len(open_ones),
        facts=sorted(said, key=lambda one: (not one.asked, not one.stands)), stands=lambda one: stands(one, visit.now),
        meaning=lambda name: wording.meaning(name, visit.lang),
        shown=lambda one: wording.shown(one.fact, one.value, visit.lang),
    )  # fmt: skip


def stands(said: LenderFact, now: datetime) -> bool:
    """Whether a fact holds, or will: whether there is anything to end."""
    return said.to_at is None or now < said.to_at


def _sayable(visit: Visit, name: str, every: list[LenderFact], *, asked: bool) -> Sayable:
    fact = FACTS[name]
    values = (True, False) if fact.kind is Kind.BOOL else fact.options
    holding: dict[str, LenderFact] = {}  # by house; of several the latest known counts
    for one in every:
        if one.fact == name and one.from_at <= visit.now and stands(one, visit.now):
            holding.setdefault(one.firm, one)
    return Sayable(
        name, wording.meaning(name, visit.lang),
        [(str(one).lower(), wording.shown(name, one, visit.lang)) for one in values],
        fact.source in OF_THE_SENDER, asked, list(holding.values()),
    )  # fmt: skip
