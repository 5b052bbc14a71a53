"""The number behind a permit: shown in the clear to who redeemed it, for this contact, and to nobody without one.

No permit, no number. The reading is an act like any other (`casework.reveal`), bound to the permit by its number in
the record.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from duecourse.casework.actor import Actor
from duecourse.casework.permit import Sender
from duecourse.casework.reveal import NothingThere, RevealPurpose
from duecourse.law.terms import SenderType
from duecourse.storage import log, permits, persons, points
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Clear, Vault
from duecourse.trouble import N_, Refused

SHOWN_FOR = timedelta(minutes=10)
"""How long after redeeming the number may be read."""


class NoNumber(Refused):
    """A number that is not shown."""

    def __init__(self, permit_id: int, why: str) -> None:
        super().__init__(N_("the number of permit {permit} is not shown: {why}"), permit=permit_id, why=why)


def reveal_number(tx: Tx, *, vault: Vault, permit_id: int, sender: Sender, actor: Actor, now: datetime) -> Clear:
    """Open the contact point of a permit that was redeemed a moment ago and whose outcome is still owed.

    The record names the permit. Raises `NoNumber`, `permits.NoSuchPermit`, `vault.Destroyed`.
    """
    row = permits.get(tx, permit_id)
    own = Sender(SenderType(row.sender_type), row.firm, row.staff)
    if row.answer != "granted":
        raise NoNumber(permit_id, N_("it was refused"))
    if own != sender:
        raise NoNumber(permit_id, N_("it was given to another sender"))
    state = permits.reserved(permits.contact(tx, row.person_id, permit_id))
    if state is None or state.state != "redeemed" or state.redeemed_at is None:
        raise NoNumber(permit_id, N_("it is not redeemed, or its outcome was reported; redeem it when you dial"))
    if now - state.redeemed_at > SHOWN_FOR:
        raise NoNumber(permit_id, N_("it was redeemed too long ago; report its outcome"))
    field = points.field_name(row.contact_point_id)
    key = vault.person(tx.lender_id, row.person_id, persons.wrapped(tx, row.person_id))
    value = key.open(field, points.sealed(tx, row.person_id, row.contact_point_id))
    if value is None:
        raise NothingThere(row.person_id, field)
    log.append(
        tx, vault=vault, kind="person.reveal", at=now, actor=str(actor), subject=key,
        stated={"purpose": RevealPurpose.CONTACT.value, "field": "contact_point", "permit": str(permit_id)},
        facts={"field": field, "value": value.value},
    )  # fmt: skip
    return value
