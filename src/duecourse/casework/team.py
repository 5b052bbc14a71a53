"""Teams, skills, capacity, absence of those who work cases; the day run assigns by them. Each act leaves a record."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from duecourse.book.strategy import Strategy, first_in, read_strategy, shipped
from duecourse.casework.actor import Actor, Role
from duecourse.casework.staff import OfStaff
from duecourse.evidence.record import Fact
from duecourse.storage import collectors, lenders, log, senders, strategies, teams, users
from duecourse.storage.collectors import Absence, Collector
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Refused

ABSENCES: Final = ("leave", "sick", "training", "suspended", "other")
CAPACITY_MAX: Final = 10_000
_WORD = re.compile(r"[A-Za-z0-9._-]{1,64}")


class NotAStaffNumber(BadInput):
    """A staff number that cannot be one."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "a collector is named by the staff number: 1 to 64 letters, digits, dots, dashes or underscores, not a "
                "name of a person"
            )
        )


class CollectorExists(Refused):
    """Somebody is entered twice as a collector."""

    def __init__(self, collector_id: str) -> None:
        super().__init__(
            N_("{collector} is a collector already, and was not entered again; change what is kept of this one"),
            collector=collector_id,
        )


class NotATime(BadInput):
    """A collector who leaves before the first day."""

    def __init__(self) -> None:
        super().__init__(N_("the first day on which a collector is gone is later than the first day of work"))


class NotACapacity(BadInput):
    """Cases a day that cannot be."""

    def __init__(self) -> None:
        super().__init__(N_("cases a day are a whole number from 0 to {most}"), most=CAPACITY_MAX)


class NotAWord(BadInput):
    """A team, skill or language that cannot be one."""

    def __init__(self) -> None:
        super().__init__(N_("team, skills and languages are words of letters, digits, dots, dashes and underscores"))


class NotAnAbsence(BadInput):
    """Days or a kind that cannot be."""

    def __init__(self) -> None:
        super().__init__(N_("an absence has a kind, a first day, and a first day back that is later"))


class NotALeader(BadInput):
    """Somebody who does not answer for collectors."""

    def __init__(self, user_id: str) -> None:
        super().__init__(N_("{user} is no supervisor who may sign in, so does not lead a team"), user=user_id)


@dataclass(frozen=True, slots=True)
class Lacks:
    """What a collector still lacks; the day run assigns cases to one all the same.

    ``unasked`` are skills that the strategy in use asks of nobody, ``asked`` those that it asks for.
    """

    user: bool
    post: bool
    unasked: tuple[str, ...]
    asked: tuple[str, ...]


def add_collector(
    tx: Tx,
    *,
    vault: Vault,
    collector_id: str,
    team: str,
    skills: Sequence[str],
    languages: Sequence[str],
    capacity: int,
    from_day: date,
    to_day: date | None = None,
    actor: Actor,
    now: datetime,
) -> Collector:
    """Enter a collector; the next day run from ``from_day`` on assigns cases; on ``to_day`` the collector is gone.

    Who signs in under the same staff number works these cases. Raises `NotAStaffNumber`, `CollectorExists`, `NotATime`,
    and what `change_collector` does.
    """
    if not _WORD.fullmatch(collector_id):
        raise NotAStaffNumber
    _check(team, skills, languages, capacity)
    if to_day is not None and to_day <= from_day:
        raise NotATime
    made = Collector(collector_id, team, list(skills), list(languages), capacity, from_day, to_day)
    if not collectors.add(tx, made):
        raise CollectorExists(collector_id)
    log.append(
        tx, vault=vault, kind="collector.added", at=now, actor=str(actor),
        stated={
            **_stated(vault, tx.lender_id, made), "first": from_day.isoformat(),
            "gone": None if to_day is None else to_day.isoformat(),
        },
    )  # fmt: skip
    return made


def skills_asked(tx: Tx, day: date) -> tuple[str, ...]:
    """The skills that the strategy of a day asks for."""
    return tuple(sorted({one.skill for one in strategy_of(tx, day).skills}))


def strategy_of(tx: Tx, day: date) -> Strategy:
    """The strategy of a day: the one in use, else the first that ships."""
    kept = strategies.in_use(tx, day)
    return read_strategy(shipped(first_in(lenders.get(tx).jurisdiction)) if kept is None else kept.content)


def lacks(tx: Tx, collector: Collector, *, day: date) -> Lacks:
    """What a collector lacks on a day to sign in, to get a permit, to be given cases."""
    asked = skills_asked(tx, day)
    records = senders.of(tx, "", collector.collector_id)
    here = any(
        one.kind == OfStaff.POST and one.from_day <= day and (one.to_day is None or day < one.to_day) for one in records
    )
    return Lacks(
        user=users.find(tx, collector.collector_id) is None, post=not here,
        unasked=tuple(one for one in collector.skills if one not in asked), asked=asked,
    )  # fmt: skip


def change_collector(
    tx: Tx,
    *,
    vault: Vault,
    collector_id: str,
    team: str,
    skills: Sequence[str],
    languages: Sequence[str],
    capacity: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Change a collector; it counts from the next day run on.

    Raises `collectors.NoSuchCollector`, `NotAWord`, `NotACapacity`.
    """
    found = collectors.get(tx, collector_id)
    _check(team, skills, languages, capacity)
    changed = replace(found, team=team, skills=list(skills), languages=list(languages), capacity=capacity)
    collectors.put(tx, changed)
    log.append(
        tx, vault=vault, kind="collector.changed", at=now, actor=str(actor),
        stated=_stated(vault, tx.lender_id, changed),
    )  # fmt: skip


def set_leaving(
    tx: Tx, *, vault: Vault, collector_id: str, to_day: date | None, actor: Actor, now: datetime
) -> Collector:
    """Say on which day a collector is gone; None: nobody leaves. The cases go to others by the day runs from then on.

    Raises `collectors.NoSuchCollector`, `NotATime`.
    """
    found = collectors.get(tx, collector_id)
    if to_day is not None and to_day <= found.from_day:
        raise NotATime
    changed = replace(found, to_day=to_day)
    collectors.put(tx, changed)
    gone = None if to_day is None else to_day.isoformat()
    _record(tx, vault, "collector.leaving", collector_id, by=actor, now=now, gone=gone)
    return changed


def set_leader(tx: Tx, *, vault: Vault, team_id: str, user_id: str | None, actor: Actor, now: datetime) -> None:
    """Say who leads a team: a user who answers for collectors; None: nobody. Raises `NotALeader`, `NotAWord`."""
    if not _WORD.fullmatch(team_id):
        raise NotAWord
    leader = users.get(tx, user_id) if user_id else None
    if leader is not None and (Role.SUPERVISOR not in leader.roles or leader.disabled_at is not None):
        raise NotALeader(leader.user_id)
    teams.set_leader(tx, team_id, leader.user_id if leader else None, by=str(actor), now=now)
    log.append(
        tx, vault=vault, kind="team.leader_set", at=now, actor=str(actor),
        stated={
            "team": team_id,
            "user": vault.actor_pseudonym(tx.lender_id, f"user:{leader.user_id}") if leader else None,
        },
    )  # fmt: skip


def enter_absence(
    tx: Tx, *, vault: Vault, collector_id: str, from_day: date, to_day: date, kind: str, actor: Actor, now: datetime
) -> None:
    """Enter an absence; ``to_day`` is the first day back. Raises `NotAnAbsence`, `collectors.NoSuchCollector`."""
    collectors.get(tx, collector_id)
    if kind not in ABSENCES or to_day <= from_day:
        raise NotAnAbsence
    collectors.put_absence(tx, Absence(collector_id, from_day, to_day, kind))
    _record(
        tx,
        vault,
        "collector.absent",
        collector_id,
        by=actor,
        now=now,
        first=from_day.isoformat(),
        back=to_day.isoformat(),
    )


def remove_absence(tx: Tx, *, vault: Vault, collector_id: str, from_day: str, actor: Actor, now: datetime) -> bool:
    """Take an absence away that begins on a day; False where there is none."""
    try:
        day = date.fromisoformat(from_day)
    except ValueError:
        raise NotAnAbsence from None
    if not collectors.remove_absence(tx, collector_id, day):
        return False
    _record(tx, vault, "collector.present", collector_id, by=actor, now=now, first=day.isoformat())
    return True


def _check(team: str, skills: Sequence[str], languages: Sequence[str], capacity: int) -> None:
    if not 0 <= capacity <= CAPACITY_MAX:
        raise NotACapacity
    if not all(_WORD.fullmatch(word) for word in (team, *skills, *languages)):
        raise NotAWord


def _stated(vault: Vault, lender_id: str, collector: Collector) -> dict[str, Fact]:
    """A collector as records state one: by pseudonym."""
    return {
        "collector": vault.actor_pseudonym(lender_id, f"collector:{collector.collector_id}"), "team": collector.team,
        "skills": collector.skills, "languages": collector.languages, "capacity": collector.capacity,
    }  # fmt: skip


def _record(tx: Tx, vault: Vault, kind: str, collector_id: str, *, by: Actor, now: datetime, **stated: Fact) -> None:
    log.append(
        tx, vault=vault, kind=kind, at=now, actor=str(by),
        stated={"collector": vault.actor_pseudonym(tx.lender_id, f"collector:{collector_id}"), **stated},
    )  # fmt: skip
