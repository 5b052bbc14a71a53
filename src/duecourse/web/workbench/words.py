"""What the workbench says of proposals, answers and happenings, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from duecourse.book.saying import against, why
from duecourse.book.strategy import Strategy, read_strategy
from duecourse.law.wording import cited, instead, meaning
from duecourse.storage import strategies
from duecourse.storage.connection import Tx
from duecourse.trouble import N_

if TYPE_CHECKING:
    from duecourse.law.rule import Rule
    from duecourse.storage.entries import Alternative, Published
    from duecourse.storage.worklists import Proposal
    from duecourse.web.visit import Visit

LEAVE_ALONE = "leave_alone"

HAPPENED: Mapping[str, str] = {
    "contact": N_("Contact"),
    "inbound": N_("Message that came in"),
    "refusal": N_("Refused by the gate"),
    "note": N_("Note"),
    "promise": N_("Promise"),
    "promise_end": N_("Promise ended"),
    "hold": N_("Hold placed"),
    "hold_end": N_("Hold ended"),
    "assignment": N_("Changed hands"),
    "skip": N_("Skipped"),
    "record": N_("Record"),
}
"""Headings of what happened, by kind."""


@lru_cache(maxsize=64)
def _read(content: str, name: str) -> Strategy:
    return read_strategy(content, name)


def strategy_of(tx: Tx, shown: Published | None) -> Strategy | None:
    """The strategy of the day shown, read once for each process."""
    if shown is None or shown.strategy is None or shown.strategy_version is None:
        return None
    kept = strategies.get(tx, shown.strategy, shown.strategy_version)
    return None if kept is None else _read(kept.content, kept.strategy_id)


def treatment(visit: Visit, name: str | None, strategy: Strategy | None) -> str:
    """A treatment as its strategy says it."""
    if name is None:
        return visit.say(N_("nothing proposed"))
    if name == LEAVE_ALONE:
        return visit.say(N_("left alone"))
    said = next((one.says[visit.lang] for one in strategy.treatments if one.name == name), "") if strategy else ""
    return said or visit.say(name.replace("_", " "))


def earned(visit: Visit, strategy: Strategy | None, reasons: Mapping[str, Any] | None) -> list[str]:
    """What earned a case its place, a reason each."""
    if strategy is None or not reasons:
        return []
    return why(strategy, {**reasons, "treatment": None}, visit.lang)


def grounds(
    visit: Visit, known: Mapping[str, Rule], strategy: Strategy | None, one: Proposal | Alternative
) -> list[tuple[str, str, str]]:
    """What stands against a proposal: sentence, source, what may be done instead; a line each.

    ``known`` are the rules by id (`lender_law.rules_named`).
    """
    reached = one.channel is None or one.contact_point_id is not None
    missing, rules = against(one.rules, one.missing, known, reached=reached)
    never = {one.name: one.says[visit.lang] for one in strategy.never} if strategy else {}
    found = []
    for cause in rules:
        if ":never." in cause:
            found.append((never.get(cause.partition(":never.")[2], cause), visit.say(N_("strategy")), ""))
        elif cause in known:
            rule = known[cause]
            found.append(
                (rule.says[visit.lang], f"{cause}, {cited(rule.source, visit.lang)}", instead(rule, visit.lang))
            )
        else:
            found.append((cause, "", ""))
    lacks = [(visit.say(N_("missing: {fact}"), fact=meaning(name, visit.lang)), name, "") for name in missing]
    return [*found, *lacks] if reached else [*lacks, *found]


def by(visit: Visit, actor: str | None) -> str:
    """Who did it: the role in words and the staff number; of contacts the firm, if it was not the lender's own."""
    if not actor:
        return ""
    if "/" in actor:
        house, _slash, staff = actor.partition("/")
        return staff if house == "lender" else f"{house.partition(':')[2]} {staff}"
    role, _colon, ref = actor.partition(":")
    return f"{spoken_role(visit, role)} {ref}".strip()


def spoken_role(visit: Visit, role: str) -> str:
    """A role in words: as who acted, where the same word means something else elsewhere."""
    named = f"role {role}"
    said = visit.say(named)
    return visit.say(role.replace("_", " ")) if said == named else said
