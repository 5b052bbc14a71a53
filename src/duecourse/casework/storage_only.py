"""Data that are only stored and protected: no contact, no search, no case page, no reading (PIPL art. 47).

Retention puts a person into the state when every period is over, or somebody does when the purpose is gone and only the
law still wants the records kept; a new loan takes him out. In between two people may let a court's or a regulator's
question be answered, for a day. The state is a hold of its own kind, so the gate refuses by it and permits are void.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from duecourse.casework.actor import Actor, Role
from duecourse.casework.approval import Kind
from duecourse.casework.holds import HoldKind, locked
from duecourse.casework.kept import Kept, Phase
from duecourse.storage import holds, log, permits, persons, retention
from duecourse.storage.approvals import Approval
from duecourse.storage.connection import Tx
from duecourse.storage.retention import Stored
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Refused

READ_FOR = ("claim", "supervision")
"""The purposes for which what is only stored may be read: a court's, a regulator's."""

READABLE = timedelta(days=1)

SOURCE = "retention"


class StorageOnly(Refused):
    """Somebody wants to use what is only stored."""

    def __init__(self, person_id: int) -> None:
        super().__init__(
            N_(
                "the data of person {person} are only stored and protected (PIPL art. 47, rule "
                "cn.information.storage_only): two people may let them be read for a court or a regulator "
                "(`duecourse retention read`)"
            ),
            person=person_id,
        )


class StillInUse(Refused):
    """A person whose data have a purpose yet."""

    def __init__(self, person_id: int, running: tuple[str, ...]) -> None:
        super().__init__(
            N_("the data of person {person} are in use: a loan runs or is not in the book, or a case is open: {loans}"),
            person=person_id, loans=", ".join(running) or "–",
        )  # fmt: skip


class NotStored(BadInput):
    """Nothing to read apart, or to bring back."""

    def __init__(self) -> None:
        super().__init__(N_("these data are not only stored: they are read as those of anybody"))


class NotForThat(BadInput):
    """A purpose for which what is only stored is not read."""

    def __init__(self) -> None:
        super().__init__(
            N_("what is only stored is read for claim (a court) or supervision (a regulator), nothing else")
        )


def guard(tx: Tx, person_id: int, *, now: datetime, purpose: str | None = None) -> None:
    """Raise `StorageOnly` if the data of a person are only stored, unless two people let them be read now.

    Without a ``purpose`` any that they decided will do: a page that shows masked forms.
    """
    same = persons.same(tx, person_id)
    if retention.stored_since(tx, same, now) is None:
        return
    readable = retention.readable_for(tx, same, now)
    if not readable or (purpose is not None and purpose not in readable):
        raise StorageOnly(person_id)


def store(tx: Tx, *, vault: Vault, kept: Kept, actor: Actor, clock: Callable[[], datetime]) -> int:
    """Let the data of a person be stored and no more, from now on; returns the number of the state.

    ``kept`` is what the schedule says today. Raises `StillInUse`, `holds.HoldStands`, `persons.NoSuchPerson`.
    """
    if kept.phase is Phase.IN_USE or kept.ended is None:
        raise StillInUse(kept.person_id, kept.running)
    key = vault.person(tx.lender_id, kept.person_id, persons.wrapped(tx, kept.person_id))
    now = locked(tx, kept.person_id, clock)
    number = holds.place(
        tx, person_id=kept.person_id, kind=HoldKind.STORAGE_ONLY.value, from_at=now, source=SOURCE, now=now
    )
    voided = permits.void(tx, persons.same(tx, kept.person_id), now=now)
    log.append(
        tx, vault=vault, kind="retention.stored", at=now, actor=str(actor), subject=key, rules=kept.by,
        stated={
            "hold": str(number), "ended": kept.ended.isoformat(), "voided": voided,
            "until": kept.until.isoformat() if kept.until else None,
        },
    )  # fmt: skip
    return number


def restore(tx: Tx, *, vault: Vault, stored: Stored, actor: Actor, clock: Callable[[], datetime]) -> None:
    """Bring the data of a person back into use, since they have a purpose again: a loan runs. Raises `NotStored`."""
    key = vault.person(tx.lender_id, stored.person_id, persons.wrapped(tx, stored.person_id))
    now = locked(tx, stored.person_id, clock)
    if not holds.end(tx, person_id=stored.person_id, hold_id=stored.hold_id, to_at=now, ended_by=str(actor)):
        raise NotStored
    log.append(
        tx, vault=vault, kind="retention.restored", at=now, actor=str(actor), subject=key,
        stated={"hold": str(stored.hold_id)},
    )  # fmt: skip


def wanted(tx: Tx, person_id: int, purpose: str, now: datetime) -> dict[str, Any]:
    """What is asked for when what is only stored shall be read. Raises `NotStored`, `NotForThat`."""
    stored = retention.stored_since(tx, persons.same(tx, person_id), now)
    if stored is None:
        raise NotStored
    if purpose not in READ_FOR:
        raise NotForThat
    return {"hold": stored.hold_id, "purpose": purpose}


def _check(tx: Tx, asked: Mapping[str, Any]) -> None:
    if retention.stored_of(tx, int(asked["hold"])) is None:
        raise NotStored
    if asked["purpose"] not in READ_FOR:
        raise NotForThat


def _carry_out(tx: Tx, request: Approval, vault: Vault, actor: Actor, now: datetime) -> None:
    stored = retention.stored_of(tx, int(request.asked["hold"]))
    if stored is None:
        raise NotStored
    until = now + READABLE
    retention.let_read(
        tx, person_id=stored.person_id, approval_id=request.approval_id, purpose=request.asked["purpose"],
        asked_by=request.asked_by, now=now, until=until,
    )  # fmt: skip
    key = vault.person(tx.lender_id, stored.person_id, persons.wrapped(tx, stored.person_id))
    log.append(
        tx, vault=vault, kind="retention.readable", at=now, actor=str(actor), subject=key,
        stated={
            "hold": str(stored.hold_id), "purpose": request.asked["purpose"], "request": request.approval_id,
            "until": until.isoformat(),
        },
    )  # fmt: skip


READ = Kind(
    kind="retention.read",
    says=N_("let what is only stored (state {hold}) be read for a day, purpose: {purpose}"),
    asks=frozenset({Role.COMPLIANCE}),
    decides=frozenset({Role.COMPLIANCE, Role.ADMIN}),
    carry_out=_carry_out,
    check=_check,
)
"""Four eyes over reading what is only stored."""
