"""Reading a protected value: the only way from sealed to clear, for a stated purpose, leaving a record."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum

from duecourse.casework import storage_only
from duecourse.casework.actor import Actor
from duecourse.storage import log, persons, points
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Clear, Vault
from duecourse.trouble import N_, BadInput, Refused, Said

SHOWN_FOR = timedelta(seconds=30)
"""For how long a value may be shown; then its masked form again."""


class RevealPurpose(StrEnum):
    """Why a value is read. There is no "other": a purpose that is missing here is asked for, not worked around."""

    CONTACT = "contact"  # to reach the person in a contact that is permitted
    IDENTIFY = "identify"  # to make sure that the person spoken to is the one meant
    DOCUMENT = "document"  # to print it in a notice or agreement addressed to the person
    CLAIM = "claim"  # court, arbitration or enforcement asks for it
    DISPUTE = "dispute"  # to answer a dispute or complaint of the person
    SUBJECT_REQUEST = "subject_request"  # the person asked what we hold
    CORRECTION = "correction"  # to correct it
    SUPERVISION = "supervision"  # regulator, auditor or compliance officer


class NoPurpose(Refused):
    """No purpose, or none of the list."""

    def __init__(self, given: str) -> None:
        said = Said(N_("{given!r} is not one"), given=given) if given else N_("none was given")
        super().__init__(
            N_(
                "reading a protected value needs a purpose, and {said}: choose one of {purposes}. Lists and "
                "searches show the masked form without one."
            ),
            said=said,
            purposes=", ".join(RevealPurpose),
        )


class NoSuchField(BadInput):
    """A field that persons do not have."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "a protected field is one of {fields}, or point/N, the N-th contact point (`duecourse person show` "
                "lists them)"
            ),
            fields=", ".join(persons.FIELDS),
        )


class NothingThere(BadInput):
    """The person has no value in the field."""

    def __init__(self, person_id: int, field: str) -> None:
        super().__init__(N_("person {person_id} has no {field} on file"), person_id=person_id, field=field)


_POINT = re.compile(r"contact_point/(\d{1,19})")


def reveal(tx: Tx, *, vault: Vault, person_id: int, field: str, purpose: str, actor: Actor, now: datetime) -> Clear:
    """Open one value: ``name``, ``id``, ``birth``, ``reference`` or ``contact_point/ID``.

    The record, which the person can see, is written in ``tx``; if ``tx`` is undone, nothing may be shown. Raises
    `NoPurpose`, `NoSuchField`, `NothingThere`, `persons.NoSuchPerson`, `vault.Destroyed`, `vault.Tampered`.
    """
    if purpose not in set(RevealPurpose):
        raise NoPurpose(purpose)
    point = _POINT.fullmatch(field)
    if field not in persons.FIELDS and point is None:
        raise NoSuchField
    storage_only.guard(tx, person_id, now=now, purpose=purpose)
    key = vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
    sealed = points.sealed(tx, person_id, int(point.group(1))) if point else persons.sealed(tx, person_id, field)
    value = key.open(field, sealed)
    if value is None:
        raise NothingThere(person_id, field)
    log.append(
        tx,
        vault=vault,
        kind="person.reveal",
        at=now,
        actor=str(actor),
        subject=key,
        stated={"purpose": purpose, "field": field.partition("/")[0]},
        facts={"field": field, "value": value.value},
    )
    return value
