"""Keeping the registers of staff and outside firms: two acts, each with its record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from duecourse.casework.actor import Actor
from duecourse.casework.lender_law import law_of
from duecourse.casework.permit import Sender
from duecourse.casework.staff import AGES, STANDS, TOOK_PLACE, OfFirm, OfStaff, sender_facts
from duecourse.law.clock import zone
from duecourse.law.judge import clean
from duecourse.law.terms import Channel, Moment, Purpose, SenderType
from duecourse.storage import collectors, lenders, log, senders
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Refused


class NotInRegister(BadInput):
    """Something is put on record of somebody who is not in the register."""

    def __init__(self, whose: str, entry: str) -> None:
        super().__init__(
            N_("{whose} is not in the register on that day; enter it first with `{entry}`"), whose=whose, entry=entry
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


class NotYet(BadInput):
    """Something is put on record as having taken place on a day to come."""

    def __init__(self, kind: str, day: date, today: date) -> None:
        super().__init__(
            N_("{kind} on {day} has not taken place yet: today is {today}, and nothing proves it before its day"),
            kind=kind, day=day, today=today,
        )  # fmt: skip


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


@dataclass(frozen=True, slots=True)
class Barred:
    """A collector whose calls and visits the gate refuses whoever they go to, by rules about who speaks."""

    collector_id: str
    known: bool  # to the register of staff, on the day
    rules: tuple[str, ...]


_OF_WHO_SPEAKS = frozenset(
    name
    for name, kinds in (*((name, (kind,)) for name, kind in STANDS.items()), *AGES.items())
    if isinstance(kinds[0], OfStaff)
)


def barred(tx: Tx, day: date) -> dict[str, Barred]:
    """Collectors at work on a day who may not speak to anybody then, by staff number.

    The day run cannot ask it of a plan, which is checked before anybody is chosen: it is asked once cases are assigned.
    """
    judges = [one for one in law_of(tx).gate if not _OF_WHO_SPEAKS.isdisjoint(one.rule.facts)]
    if not judges:
        return {}
    records = senders.every(tx)
    found = {}
    for staff in collectors.present(tx, day)["collector_id"].to_list():
        own = [
            (True, one.kind, one.from_day.isoformat(), one.to_day.isoformat() if one.to_day else None)
            for one in records
            if (one.firm, one.staff) == ("", staff)
        ]
        known = sender_facts(own, Sender(SenderType.LENDER, staff=staff), day)
        asked = clean({**_A_CALL, "on": day, **known})
        findings = [one.ask(asked) for one in judges]
        no = tuple(one.rule.id for one in findings if one.outcome.says_no and _OF_WHO_SPEAKS.issuperset(one.missing))
        if no:
            found[staff] = Barred(staff, bool(known), no)
    return found


_A_CALL = {
    "moment": Moment.PERMIT,
    "channel": Channel.CALL,
    "purpose": Purpose.COLLECT,
    "sender_type": SenderType.LENDER,
}
"""What rules about who speaks are asked of."""


def _entered_by(firm: str, staff: str) -> str:
    """The command that enters a member of staff, or a firm."""
    if not staff:
        return f"duecourse staff record {OfFirm.ADMISSION} --firm {firm}"
    return f"duecourse staff add {staff}" + (f" --firm {firm}" if firm else "")


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

    ``source`` names the document that proves it. Raises `NotARecord`, `NotYet`, `NotInRegister`, `AlreadyThere`.
    """
    if not (firm or staff) or not source or (to_day is not None and to_day < from_day):
        raise NotARecord
    today = now.astimezone(zone(lenders.get(tx).zone)).date()
    if kind in TOOK_PLACE and from_day > today:
        raise NotYet(kind.value, from_day, today)
    whose, entry = named(firm, staff), OfStaff.POST if staff else OfFirm.ADMISSION
    if kind != entry and not any(
        one.kind == entry and one.from_day <= from_day and (one.to_day is None or from_day < one.to_day)
        for one in senders.of(tx, firm, staff)
    ):
        raise NotInRegister(whose, _entered_by(firm, staff))
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
