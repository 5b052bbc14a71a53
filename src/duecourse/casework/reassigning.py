"""Giving many cases to others at once: first who would get which, then the same and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

import polars as pl

from duecourse.book.strategy import Skill
from duecourse.casework.actor import Actor
from duecourse.casework.assignment import Handover, assign_case
from duecourse.casework.registers import Barred, barred
from duecourse.casework.team import strategy_of
from duecourse.core.reading import Stage
from duecourse.storage import collectors, floor
from duecourse.storage.collectors import Collector
from duecourse.storage.connection import Tx
from duecourse.storage.floor import Held
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Busy

MOST = 500
"""Cases that change hands in one act."""


class NobodyThere(BadInput):
    """Nobody to give cases to."""

    def __init__(self) -> None:
        super().__init__(
            N_("there is nobody to give them to: choose collectors who are here today and are not the giver")
        )


class NotHere(BadInput):
    """Some that were chosen cannot get a case."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            N_("these cannot get a case, as they are unknown, away today or the giver: {names}; choose others"),
            names=", ".join(names),
        )


class CasesMoved(Busy):
    """What is asked for is not what the preview showed, or no longer."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "these are not the moves of the preview, or some of the cases changed hands or were closed since; "
                "look at it again"
            )
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """Which cases, and who may get them; no ``to``: everybody of the giver's team who is here."""

    from_collector: str | None = None
    from_team: str | None = None
    stages: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    most: int = 50


@dataclass(frozen=True, slots=True)
class Move:
    """A case and who would get it."""

    case: Held
    to: str


@dataclass(frozen=True, slots=True)
class Load:
    """How many open cases somebody would have, and what stands against it; neither hinders the act.

    ``barred`` where the gate refuses the collector's calls and visits whoever they go to; ``lacks`` are skills that
    the strategy asks for cases the collector would get, each with how many.
    """

    collector_id: str
    capacity: int
    now: int
    then: int
    barred: Barred | None = None
    lacks: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be done; ``seen`` is what the act is held to.

    ``untold`` are skills that nobody is compared with: what they are asked for stands in the book, not at the desk.
    """

    moves: tuple[Move, ...]
    loads: tuple[Load, ...]
    seen: str
    untold: tuple[str, ...] = ()


def preview(tx: Tx, choice: Choice, *, today: date) -> Preview:
    """Who would get which case: the longest overdue first, each to whoever has the most room left.

    Room is capacity less open cases. Raises `NobodyThere`, and `NotHere` where some of those chosen cannot get any.
    """
    found = floor.held(
        tx, collector=choice.from_collector, team=choice.from_team, stages=choice.stages, most=min(choice.most, MOST)
    )
    away = {one.collector_id for one in collectors.absences(tx, since=today) if one.from_day <= today}
    here = [
        one
        for one in collectors.every(tx)
        if one.from_day <= today
        and (one.to_day is None or today < one.to_day)
        and one.collector_id not in away
        and one.collector_id != choice.from_collector
    ]
    team = choice.from_team or next(
        (one.team for one in collectors.every(tx) if one.collector_id == choice.from_collector), None
    )
    if absent := sorted({*choice.to} - {one.collector_id for one in here}):
        raise NotHere(absent)
    takers = [one for one in here if (one.collector_id in choice.to if choice.to else one.team == team)]
    if not takers:
        raise NobodyThere
    load = floor.loads(tx)
    now = {one.collector_id: load.get(one.collector_id, 0) for one in takers}
    then = dict(now)
    moves = []
    for case in found:
        options = [one for one in takers if one.collector_id != case.collector_id]
        if not options:
            continue
        best = min(options, key=lambda one: (then[one.collector_id] - one.capacity, one.collector_id))
        then[best.collector_id] += 1
        moves.append(Move(case, best.collector_id))
    skills, no = strategy_of(tx, today).skills, barred(tx, today)
    loads = tuple(
        Load(
            one.collector_id, one.capacity, now[one.collector_id], then[one.collector_id], no.get(one.collector_id),
            _lacking(one, [move.case for move in moves if move.to == one.collector_id], skills),
        )
        for one in sorted(takers, key=lambda one: one.collector_id)
    )  # fmt: skip
    return Preview(
        tuple(moves), loads, _seen([(one.case.case_id, one.case.collector_id, one.to) for one in moves]),
        tuple(sorted({one.skill for one in skills if not _told(one)})),
    )  # fmt: skip


def reassign(
    tx: Tx,
    *,
    vault: Vault,
    moves: Sequence[tuple[int, str]],
    seen: str,
    reason: Handover,
    actor: Actor,
    now: datetime,
) -> int:
    """Give the cases of a preview, each with its record, all or none; returns how many. Raises `CasesMoved`."""
    if not moves or len(moves) > MOST:
        raise NobodyThere
    whose = floor.whose(tx, [case for case, _to in moves])
    if _seen([(case, whose.get(case), to) for case, to in moves]) != seen or any(
        case not in whose for case, _to in moves
    ):
        raise CasesMoved
    for case, to in moves:
        assign_case(tx, vault=vault, case_id=case, to=to, reason=reason, actor=actor, now=now)
    return len(moves)


_FACTS: dict[str, pl.DataType | type[pl.DataType]] = {
    "dpd": pl.Int64, "plan_dpd": pl.Int64, "stage_rank": pl.Int64, "loans": pl.Int64, "overdue_minor": pl.Int64,
    "settle_minor": pl.Int64,
}  # fmt: skip
"""What a strategy may ask and the desk knows of a case, as the last run found it."""


def _told(skill: Skill) -> bool:
    """Whether the desk knows all that a skill's condition asks."""
    return set(skill.when.expression.meta.root_names()) <= set(_FACTS)


def _lacking(taker: Collector, cases: Iterable[Held], skills: Iterable[Skill]) -> tuple[tuple[str, int], ...]:
    """Skills that somebody lacks for cases, each with how many; cases that no run has seen ask for none."""
    stages = list(Stage)
    facts = pl.DataFrame(
        [
            (one.dpd, one.plan_dpd, stages.index(Stage(one.stage)), one.loans, one.overdue_minor, one.settle_minor)
            for one in cases
            if one.stage is not None
        ],
        schema=_FACTS, orient="row",
    )  # fmt: skip
    asked: dict[str, int] = {}
    for one in skills:
        if one.skill not in taker.skills and _told(one):
            asked[one.skill] = asked.get(one.skill, 0) + facts.filter(one.when.expression).height
    return tuple(sorted((name, number) for name, number in asked.items() if number))


def _seen(moves: Sequence[tuple[int, str | None, str]]) -> str:
    """What the preview showed: whose each case is, and whose it would be."""
    return sha256(repr(sorted((case, whose or "", to) for case, whose, to in moves)).encode()).hexdigest()
