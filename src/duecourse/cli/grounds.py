"""What stands against a proposal, in words: a rule of law, the strategy's own restraint, or a fact that was missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from duecourse.cli.words import _, lang

if TYPE_CHECKING:
    from duecourse.book.strategy import Strategy
    from duecourse.casework.registers import Barred
    from duecourse.law.rule import Rule
    from duecourse.storage.worklists import Proposal

MISSING = "missing "
"""Before the name of a fact that was needed and not there."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground in words: what it says, where it stands, what may be done instead (empty where nothing is said)."""

    says: str
    where: str
    instead: str = ""


def causes_of(one: Proposal, known: Mapping[str, Rule]) -> list[str]:
    """The grounds of a proposal's answer, as day runs name them, the telling one first."""
    from duecourse.book.saying import against

    reached = one.channel is None or one.contact_point_id is not None
    missing, rules = against(one.rules, one.missing, known, reached=reached)
    facts = [MISSING + name for name in missing]
    return [*rules, *facts] if reached else [*facts, *rules]


def ground(cause: str, strategy: Strategy | None, known: Mapping[str, Rule]) -> Ground:
    """A ground in the reader's language.

    ``strategy`` is the one of the run, for its own restraints; ``known`` are the rules by id (`rules_named`).
    """
    from duecourse.law.wording import cited, instead, meaning

    if cause.startswith(MISSING):
        name = cause.removeprefix(MISSING)
        return Ground(meaning(name, lang()), _("a fact that was needed") + f": {name}")
    if ":never." in cause:
        said = {one.name: one.says[lang()] for one in strategy.never} if strategy else {}
        by, _dot, name = cause.partition(":never.")
        return Ground(said.get(name, name), _("strategy {name}, left alone").format(name=by))
    rule = known.get(cause)
    if rule is None:
        return Ground(cause, "")
    return Ground(rule.says[lang()], f"{cause}, {cited(rule.source, lang())}", instead(rule, lang()))


def not_by(one: Barred, known: Mapping[str, Rule]) -> str:
    """Why the gate refuses calls and visits of a collector."""
    if not one.known:
        return _("not in the staff register")
    return "; ".join(ground(rule, None, known).says for rule in one.rules)
