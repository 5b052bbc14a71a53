"""Giving many cases to others at once: first who would get which, then the same and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from duecourse.casework.actor import Actor
from duecourse.casework.assignment import Handover, assign_case
from duecourse.storage import collectors, floor
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


class CasesMoved(Busy):
    """Something changed between the preview and the act."""

    def __init__(self) -> None:
        super().__init__(N_("some of these cases changed hands or were closed since the preview; look at it again"))


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
class Preview:
    """What would be done; ``seen`` is what the act is held to."""

    moves: tuple[Move, ...]
    loads: tuple[tuple[str, int, int], ...]  # collector, cases now, cases then
    seen: str


def preview(tx: Tx, choice: Choice, *, today: date) -> Preview:
    """Who would get which case: the longest overdue first, each to whoever has the most room left.

    Room is capacity less open cases. Raises `NobodyThere`.
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
    loads = tuple((name, now[name], then[name]) for name in sorted(now))
    return Preview(tuple(moves), loads, _seen([(one.case.case_id, one.case.collector_id) for one in moves]))


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
    if _seen([(case, whose.get(case)) for case, _to in moves]) != seen or any(case not in whose for case, _to in moves):
        raise CasesMoved
    for case, to in moves:
        assign_case(tx, vault=vault, case_id=case, to=to, reason=reason, actor=actor, now=now)
    return len(moves)


def _seen(pairs: Sequence[tuple[int, str | None]]) -> str:
    """What the preview saw: whose each case is."""
    return sha256(repr(sorted((case, whose or "") for case, whose in pairs)).encode()).hexdigest()
