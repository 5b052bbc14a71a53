"""The run of retention: what nobody needs is only stored, what is needed comes back, what was approved is destroyed.

People are taken in slices, each in a transaction of its own: a run that dies leaves whole slices behind, and the next
one goes on. A dry run says the same and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from duecourse.book.store import Store
from duecourse.casework import destruction, storage_only
from duecourse.casework.actor import Actor
from duecourse.casework.kept import Kept, Phase
from duecourse.casework.retention import schedule
from duecourse.storage import retention
from duecourse.storage.connection import Database, Tx
from duecourse.storage.vault import Vault

SLICE = 200


@dataclass(slots=True)
class Done:
    """What a run found and did; of a dry run, what it would do."""

    day: date
    people: dict[str, int] = field(default_factory=dict)  # by phase
    stored: list[int] = field(default_factory=list)
    restored: list[int] = field(default_factory=list)
    certificates: list[Mapping[str, Any]] = field(default_factory=list)


def run(
    database: Database,
    lender_id: str,
    *,
    vault: Vault,
    store: Store,
    day: date,
    actor: Actor,
    clock: Callable[[], datetime],
    dry: bool = False,
) -> Done:
    """Carry out retention on a day; approved destructions first, then the states of everybody."""
    done = Done(day)
    if not dry:
        with database.transaction(lender_id) as tx:
            for one in retention.approved(tx):
                done.certificates.append(
                    destruction.carry_out(tx, vault=vault, store=store, found=one, day=day, actor=actor, now=clock())
                )
    after = -1
    while True:
        with database.transaction(lender_id) as tx:
            people = retention.candidates(tx, after=after, most=SLICE)
            if not people:
                return done
            for kept in schedule(tx, store=store, person_ids=people, day=day, now=clock()):
                done.people[kept.phase.value] = done.people.get(kept.phase.value, 0) + 1
                _settle(tx, kept, done, vault=vault, actor=actor, clock=clock, dry=dry)
        after = people[-1]


def _settle(
    tx: Tx, kept: Kept, done: Done, *, vault: Vault, actor: Actor, clock: Callable[[], datetime], dry: bool
) -> None:
    """Bring one person into the state that the schedule gives."""
    over = kept.until is not None and kept.until <= done.day and kept.phase in (Phase.OVER, Phase.HELD)
    if kept.stored is not None and kept.running and kept.stored.person_id == kept.person_id:
        done.restored.append(kept.person_id)
        if not dry:
            storage_only.restore(tx, vault=vault, stored=kept.stored, actor=actor, clock=clock)
    elif kept.stored is None and over:
        done.stored.append(kept.person_id)
        if not dry:
            storage_only.store(tx, vault=vault, kept=kept, actor=actor, clock=clock)
