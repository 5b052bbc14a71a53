"""Whose case it is: taken, handed back, or given to somebody; and worklist entries passed over with a reason."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from duecourse.casework.actor import Actor
from duecourse.law.clock import zone
from duecourse.storage import assignments, cases, changes, collectors, lenders, log, persons, runs
from duecourse.storage.cases import Case
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Refused


class Handover(StrEnum):
    """Why a case changes hands."""

    TAKEN = "taken"  # a collector takes a case that is nobody's, or a colleague's who gives it
    HANDED_BACK = "handed_back"  # the collector gives it up
    REASSIGNED = "reassigned"  # somebody who answers for collectors gives it to another
    ABSENCE = "absence"  # its collector is away


class SkipReason(StrEnum):
    """Why an entry of the worklist is passed over for the day."""

    NO_CONTACT_POINT = "no_contact_point"
    WAIT_FOR_CALLBACK = "wait_for_callback"
    WAIT_FOR_PAYMENT = "wait_for_payment"
    WAIT_FOR_DOCUMENT = "wait_for_document"
    NEEDS_SUPERVISOR = "needs_supervisor"
    LANGUAGE = "language"  # the person speaks one that the collector does not
    LATER_TODAY = "later_today"
    OTHER = "other"


_HAS = N_("case {case} did not change hands: it is {collector}'s already")
_ANOTHERS = N_("case {case} did not change hands: it is {collector}'s; a supervisor reassigns it, or it is handed back")
_NOBODY = N_("case {case} did not change hands: it is nobody's already")


class NotAssigned(Refused):
    """A case that is not given to whom was named."""


class NotSkipped(BadInput):
    """An entry that is not passed over, or was not."""


def assign_case(
    tx: Tx, *, vault: Vault, case_id: int, to: str | None, reason: Handover, actor: Actor, now: datetime
) -> Case:
    """Give an open case to a collector, or to nobody; returns it as it is then.

    Who takes a case takes one that is nobody's. Raises `NotAssigned`, `cases.NoSuchCase`.
    """
    case = _locked(tx, case_id)
    today = now.astimezone(zone(lenders.get(tx).zone)).date()
    if case.closed_day is not None:
        raise NotAssigned(N_("case {case} was closed on {day}"), case=case_id, day=case.closed_day)
    if case.collector_id == to:
        raise NotAssigned(_HAS if to else _NOBODY, case=case_id, collector=to)
    if reason is Handover.TAKEN and case.collector_id is not None:
        raise NotAssigned(
            _ANOTHERS,
            case=case_id, collector=case.collector_id,
        )  # fmt: skip
    if to is not None:
        _works(tx, case_id, to, today)
    assignments.change(
        tx, person_id=case.person_id, case_id=case_id, was=case.collector_id, to=to, reason=reason.value,
        actor=str(actor), now=now, day=today,
    )  # fmt: skip
    key = vault.person(tx.lender_id, case.person_id, persons.wrapped(tx, case.person_id))
    log.append(
        tx, vault=vault, kind="case.assigned", at=now, actor=str(actor), subject=key,
        stated={
            "case": str(case_id), "reason": reason.value,
            "from": _named(tx, vault, case.collector_id), "to": _named(tx, vault, to),
        },
    )  # fmt: skip
    changes.tell(tx, case.person_id, by=str(actor))
    return cases.get(tx, case_id)


def _named(tx: Tx, vault: Vault, collector_id: str | None) -> str | None:
    """A collector as records name him."""
    return collector_id and vault.actor_pseudonym(tx.lender_id, f"collector:{collector_id}")


def skip_entry(
    tx: Tx, *, vault: Vault, case_id: int, reason: SkipReason, actor: Actor, now: datetime, day: date | None = None
) -> int:
    """Pass an entry of a day's worklist over, the last published day's without one; returns the skip's number.

    It stands at the end of the list until it is taken back or the next day is run. Raises `NotSkipped`,
    `assignments.SkippedAlready`, `cases.NoSuchCase`.
    """
    case = _locked(tx, case_id)
    the_day = day or runs.published(tx).day
    if case.closed_day is not None:
        raise NotSkipped(N_("case {case} was closed on {day}"), case=case_id, day=case.closed_day)
    skip_id = assignments.skip(
        tx, person_id=case.person_id, case_id=case_id, day=the_day, reason=reason.value, actor=str(actor), now=now
    )
    _told(
        tx, vault, case, "worklist.skipped", {"day": the_day.isoformat(), "reason": reason.value}, actor=actor, now=now
    )
    return skip_id


def take_back_skip(tx: Tx, *, vault: Vault, case_id: int, actor: Actor, now: datetime, day: date | None = None) -> None:
    """Bring a skipped entry back to its place; raises `NotSkipped`."""
    case = _locked(tx, case_id)
    the_day = day or runs.published(tx).day
    if not assignments.take_back(tx, person_id=case.person_id, day=the_day, actor=str(actor), now=now):
        raise NotSkipped(N_("case {case} is not skipped on {day}"), case=case_id, day=the_day)
    _told(tx, vault, case, "worklist.returned", {"day": the_day.isoformat()}, actor=actor, now=now)


def _told(tx: Tx, vault: Vault, case: Case, kind: str, stated: dict[str, str], *, actor: Actor, now: datetime) -> None:
    key = vault.person(tx.lender_id, case.person_id, persons.wrapped(tx, case.person_id))
    log.append(
        tx, vault=vault, kind=kind, at=now, actor=str(actor), subject=key,
        stated={"case": str(case.case_id), **stated},
    )  # fmt: skip
    changes.tell(tx, case.person_id, by=str(actor))


def _locked(tx: Tx, case_id: int) -> Case:
    """The case, its row locked, so that of two who take it one does."""
    tx.execute("SELECT FROM cases WHERE lender_id = %s AND case_id = %s FOR UPDATE", (tx.lender_id, case_id))
    return cases.get(tx, case_id)


def _works(tx: Tx, case_id: int, collector: str, today: date) -> None:
    found = next((one for one in collectors.every(tx) if one.collector_id == collector), None)
    if found is None:
        raise NotAssigned(
            N_("case {case} did not change hands: {collector} is no collector of this lender"), case=case_id,
            collector=collector,
        )  # fmt: skip
    if found.from_day > today or (found.to_day is not None and found.to_day <= today):
        raise NotAssigned(
            N_("case {case} did not change hands: {collector} does not work on {day}"), case=case_id,
            collector=collector, day=today,
        )  # fmt: skip
