"""Keeping the registers of staff and outside firms: two acts, each with its record."""

from __future__ import annotations

from datetime import date, datetime

from duecourse.casework.actor import Actor
from duecourse.casework.lender_law import law_of
from duecourse.casework.permit import Sender
from duecourse.casework.staff import OfFirm, OfStaff
from duecourse.law.terms import SenderType
from duecourse.storage import collectors, log, senders
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Refused


class NotInRegister(BadInput):
    """Something is put on record of somebody who is not in the register."""

    def __init__(self, whose: str) -> None:
        super().__init__(
            N_("{whose} is not in the register on that day; enter it first with `duecourse staff add`"), whose=whose
        )


class AlreadyThere(BadInput):
    """Somebody is entered twice."""

    def __init__(self, whose: str) -> None:
        super().__init__(
            N_("{whose} is in the register already; `duecourse staff show` lists what is on record"), whose=whose
        )


class NotARecord(BadInput):
    """A record of nobody, or one that ends before it begins."""

    def __init__(self) -> None:
        super().__init__(N_("a record names staff or a firm and what proves it, and does not end before it begins"))


class NothingOpen(BadInput):
    """There is no open record of the kind to be ended."""

    def __init__(self, whose: str, kind: str) -> None:
        super().__init__(
            N_("{whose} has no open record {kind!r} that began by that day; `duecourse staff show` lists all"),
            whose=whose,
            kind=kind,
        )


class NotInPost(Refused):
    """A staff number that the sending house has nobody of today."""

    def __init__(self, staff: str, whose: str, day: date) -> None:
        super().__init__(
            N_(
                "staff number {staff} has no post at {whose} on {day}, and nobody writes under a number that the "
                "register does not know: enter it with `duecourse staff add`, or name who handles it"
            ),
            staff=staff, whose=whose, day=day,
        )  # fmt: skip


def in_post(tx: Tx, sender: Sender, day: date) -> None:
    """Raise `NotInPost` unless whoever the sender names has a post at its house on a day."""
    if sender.staff and not any(
        one.kind == OfStaff.POST and one.from_day <= day and (one.to_day is None or day < one.to_day)
        for one in senders.of(tx, sender.firm, sender.staff)
    ):
        raise NotInPost(sender.staff, str(Sender(sender.type, sender.firm)), day)


def not_in_register(tx: Tx, day: date) -> list[str]:
    """Collectors at work on a day whom the register does not know, where the law asks: it refuses their calls."""
    if "staff_exam_passed" not in law_of(tx).gate_facts:
        return []
    known = {
        one.staff
        for one in senders.every(tx)
        if one.firm == "" and one.kind == OfStaff.POST and one.from_day <= day and (not one.to_day or day < one.to_day)
    }
    return [one for one in collectors.present(tx, day)["collector_id"].to_list() if one not in known]


def put_on_record(
    tx: Tx,
    *,
    vault: Vault,
    firm: str,
    staff: str,
    kind: OfStaff | OfFirm,
    from_day: date,
    source: str,
    actor: Actor,
    now: datetime,
    to_day: date | None = None,
) -> int:
    """Put one thing on record, of a member of staff or (``staff`` empty) of a firm; returns the record's id.

    ``source`` names the document that proves it. Raises `NotARecord`, `NotInRegister`, `AlreadyThere`.
    """
    if not (firm or staff) or not source or (to_day is not None and to_day < from_day):
        raise NotARecord
    whose, entry = named(firm, staff), OfStaff.POST if staff else OfFirm.ADMISSION
    if kind != entry and not any(
        one.kind == entry and one.from_day <= from_day and (one.to_day is None or from_day < one.to_day)
        for one in senders.of(tx, firm, staff)
    ):
        raise NotInRegister(whose)
    record_id = senders.add(
        tx, firm=firm, staff=staff, kind=kind.value, from_day=from_day, to_day=to_day, source=source,
        actor=str(actor), now=now,
    )  # fmt: skip
    if record_id is None:
        raise AlreadyThere(whose)
    log.append(
        tx, vault=vault, kind="staff.recorded" if staff else "firm.recorded", at=now, actor=str(actor),
        stated={
            "whose": vault.actor_pseudonym(tx.lender_id, whose), "record": record_id, "kind": kind.value,
            "from": from_day.isoformat(), "to": to_day.isoformat() if to_day else None,
            "source": vault.text_pseudonym(tx.lender_id, source),
        },
    )  # fmt: skip
    return record_id


def end_record(
    tx: Tx,
    *,
    vault: Vault,
    firm: str,
    staff: str,
    kind: OfStaff | OfFirm,
    to_day: date,
    actor: Actor,
    now: datetime,
    record_id: int | None = None,
) -> int:
    """End the open records of a kind (a breach closed, a post left, a contract ended), or the one named.

    ``to_day`` is the first day on which it is so no longer. Raises `NothingOpen`.
    """
    whose = named(firm, staff)
    ended = senders.end(
        tx, firm=firm, staff=staff, kind=kind.value, to_day=to_day, ended_by=str(actor), record_id=record_id
    )
    if not ended:
        raise NothingOpen(whose, kind.value)
    log.append(
        tx, vault=vault, kind="staff.ended" if staff else "firm.ended", at=now, actor=str(actor),
        stated={
            "whose": vault.actor_pseudonym(tx.lender_id, whose), "kind": kind.value, "to": to_day.isoformat(),
            "records": ended,
        },
    )  # fmt: skip
    return ended


def named(firm: str, staff: str) -> str:
    """Whose records these are, as messages and records say it; raises `permit.NotARequest` for names that cannot be."""
    return str(Sender(SenderType.AGENCY if firm else SenderType.LENDER, firm, staff))
