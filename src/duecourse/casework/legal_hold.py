"""Legal holds: what somebody must keep for a court, a regulator or a dispute. One places one at once; two release it.

A legal hold keeps; it stops no contact. While one stands nothing of the person, or of whoever turned out to be the
same, is destroyed by anybody, whatever period is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from duecourse.casework.actor import Actor, Role
from duecourse.casework.approval import Kind
from duecourse.storage import log, persons, retention
from duecourse.storage.approvals import Approval
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Refused

FIELD = "legal hold"
"""Under which a reason is sealed."""

TEXT_MAX = 2_000


class NotALegalHold(BadInput):
    """A legal hold without a matter or a reason, or with an end that is over."""

    def __init__(self) -> None:
        super().__init__(
            N_("a legal hold names its matter (at most 200 characters) and its reason, and ends on a day to come")
        )


class Held(Refused):
    """A legal hold stands, so nothing is destroyed."""

    def __init__(self, person_id: int, hold_id: int) -> None:
        super().__init__(
            N_("legal hold {hold} keeps the data of person {person}: only two people together release it"),
            hold=hold_id, person=person_id,
        )  # fmt: skip


def place(
    tx: Tx, *, vault: Vault, person_id: int, source: str, reason: str, until: date | None, actor: Actor, day: date,
    now: datetime,
) -> int:  # fmt: skip
    """Keep what there is of a person, at once; returns the hold's number. ``source`` names the matter.

    ``until`` is the first day on which it stands no more. Raises `NotALegalHold`, `persons.NoSuchPerson`,
    `vault.Destroyed`.
    """
    matter, said = source.strip(), reason.strip()
    if not 1 <= len(matter) <= 200 or not 1 <= len(said) <= TEXT_MAX or (until is not None and until <= day):
        raise NotALegalHold
    persons.lock(tx, [person_id])
    key = vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
    number = retention.place(
        tx, person_id=person_id, source=matter, reason_sealed=vault.seal(key, FIELD, said), until=until,
        actor=str(actor), now=now,
    )  # fmt: skip
    log.append(
        tx, vault=vault, kind="legal_hold.placed", at=now, actor=str(actor), subject=key,
        stated={"legal_hold": str(number), "until": until.isoformat() if until else None},
        facts={"source": matter, "reason": said},
    )  # fmt: skip
    return number


def standing(tx: Tx, person_id: int, day: date) -> int | None:
    """The number of a legal hold that keeps the data of a person on a day, None where none does."""
    found = [one for one in retention.holds_of(tx, persons.same(tx, person_id)) if one.stands(day)]
    return found[0].legal_hold_id if found else None


def _check(tx: Tx, asked: Mapping[str, Any]) -> None:
    number = int(asked["hold"])
    if retention.legal_hold(tx, number).released_at is not None:
        raise retention.NoSuchLegalHold(number)


def _carry_out(tx: Tx, request: Approval, vault: Vault, actor: Actor, now: datetime) -> None:
    number = int(request.asked["hold"])
    found = retention.legal_hold(tx, number)
    retention.release(tx, number, actor=str(actor), approval_id=request.approval_id, now=now)
    key = vault.person(tx.lender_id, found.person_id, persons.wrapped(tx, found.person_id))
    log.append(
        tx, vault=vault, kind="legal_hold.released", at=now, actor=str(actor), subject=key,
        stated={"legal_hold": str(number), "request": request.approval_id},
    )  # fmt: skip


RELEASE = Kind(
    kind="retention.release",
    says=N_("release legal hold {hold}: what it kept may be destroyed when its periods are over"),
    asks=frozenset({Role.COMPLIANCE}),
    decides=frozenset({Role.COMPLIANCE, Role.ADMIN}),
    carry_out=_carry_out,
    check=_check,
)
"""Four eyes over the end of a legal hold."""
