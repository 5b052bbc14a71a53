"""Destroying a person's data where the law gives a right to it: the secret goes, and nothing opens any more.

The values stay on disk as noise, masked forms are blanked, records and their proofs stay valid. There is no way back.
While a claim stands, its data are kept: deletion is for when their purpose is gone (PIPL art. 47).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum

from duecourse.casework import legal_hold
from duecourse.casework.actor import Actor
from duecourse.storage import cases, log, persons
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, Refused


class Ground(StrEnum):
    """Why the data are destroyed: the cases of PIPL art. 47 (1)."""

    PURPOSE_GONE = "purpose_gone"  # (1) achieved, out of reach, or no longer necessary
    RETENTION_OVER = "retention_over"  # (2) the service ended, or the time for keeping is over
    CONSENT_WITHDRAWN = "consent_withdrawn"  # (3)
    UNLAWFUL = "unlawful"  # (4) processed against law or agreement
    OTHER_LAW = "other_law"  # (5)


class StillNeeded(Refused):
    """Data that a standing claim or case needs."""


def destroy(
    tx: Tx,
    *,
    vault: Vault,
    person_id: int,
    ground: Ground,
    standing: Collection[str],
    day: date,
    actor: Actor,
    now: datetime,
) -> None:
    """Destroy the secret of a person, with the last record that their key made.

    ``standing`` names the loans that the person is tied to and that are not at their end (`book.loan.standing`): with
    any, or with an open case, it is refused, and so it is while a legal hold stands on ``day``. Raises `StillNeeded`,
    `legal_hold.Held`, `persons.NoSuchPerson`, `vault.Destroyed`.
    """
    persons.lock(tx, [person_id])
    held = legal_hold.standing(tx, person_id, day)
    if held is not None:
        raise legal_hold.Held(person_id, held)
    if standing:
        raise StillNeeded(
            N_(
                "person {person_id} is tied to loans that are not at their end: {standing}. Their data are needed "
                "until then (PIPL art. 47); for consent that was withdrawn, end the contact points"
            ),
            person_id=person_id,
            standing=", ".join(sorted(standing)),
        )
    if any(case.closed_day is None for case in cases.of_person(tx, person_id)):
        raise StillNeeded(
            N_("person {person_id} has an open case; it is closed by the day run when nothing is overdue"),
            person_id=person_id,
        )
    key = vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
    log.append(
        tx, vault=vault, kind="person.destroy", at=now, actor=str(actor), subject=key, stated={"ground": ground.value}
    )
    persons.destroy(tx, person_id, now=now)
