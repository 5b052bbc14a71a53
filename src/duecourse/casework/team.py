"""Teams, skills, capacity, absence of those who work cases; the day run assigns by them. Each act leaves a record."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from duecourse.casework.actor import Actor, Role
from duecourse.storage import collectors, log, teams, users
from duecourse.storage.collectors import Absence
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput

ABSENCES: Final = ("leave", "sick", "training", "suspended", "other")
CAPACITY_MAX: Final = 10_000
_WORD = re.compile(r"[A-Za-z0-9._-]{1,64}")


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
    """Change a collector; it counts from the next day run on. Raises `collectors.NoSuchCollector`, `NotAWord`."""
    found = collectors.get(tx, collector_id)
    if not 0 <= capacity <= CAPACITY_MAX:
        raise NotACapacity
    if not all(_WORD.fullmatch(word) for word in (team, *skills, *languages)):
        raise NotAWord
    collectors.put(tx, replace(found, team=team, skills=list(skills), languages=list(languages), capacity=capacity))
    log.append(
        tx, vault=vault, kind="collector.changed", at=now, actor=str(actor),
        stated={
            "collector": vault.actor_pseudonym(tx.lender_id, f"collector:{collector_id}"), "team": team,
            "skills": list(skills), "languages": list(languages), "capacity": capacity,
        },
    )  # fmt: skip


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


def _record(tx: Tx, vault: Vault, kind: str, collector_id: str, *, by: Actor, now: datetime, **stated: str) -> None:
    log.append(
        tx, vault=vault, kind=kind, at=now, actor=str(by),
        stated={"collector": vault.actor_pseudonym(tx.lender_id, f"collector:{collector_id}"), **stated},
    )  # fmt: skip
