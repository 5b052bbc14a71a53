"""What a wish to be left alone puts on record beyond the address that it came from: facts, each stated once."""

from __future__ import annotations

from datetime import datetime

from duecourse.casework.actor import Actor
from duecourse.casework.stating import state_fact
from duecourse.storage import lenders, stated
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault

US = "US"

REVOKED = "consent_revoked"
"""The fact that consent to calls and texts by machines is revoked: 47 CFR 64.1200(a)(10)."""


def revoke(tx: Tx, *, vault: Vault, person_id: int, source: str, actor: Actor, now: datetime) -> None:
    """Put on record that consent to be called by machines is revoked, where the law asks it: once, whoever is told."""
    if lenders.get(tx).jurisdiction == US:
        state_once(tx, vault=vault, person_id=person_id, fact=REVOKED, source=source, actor=actor, now=now)


def state_once(tx: Tx, *, vault: Vault, person_id: int, fact: str, source: str, actor: Actor, now: datetime) -> bool:
    """State that a fact holds of a person, of all debts and at all hours, unless that stands already."""
    known = [one for one in stated.of_person(tx, person_id) if one.fact == fact and one.to_at is None]
    whole = [
        one.stated_id
        for one in known
        if one.value is True
        and one.loan_key is None
        and not one.firm
        and one.second_from is None
        and one.from_at <= now
    ]
    undone = [one.stated_id for one in known if one.value is not True]
    if max(whole, default=0) > max(undone, default=0):
        return False
    state_fact(tx, vault=vault, person_id=person_id, fact=fact, value=True, source=source, actor=actor, now=now)
    return True
