"""Who may speak for the lender: the registers of staff and of outside firms, and the facts of law that they give.

Each record says one thing of one member of staff, or of one firm, from a day on. Staff are known by number, never by
name. Nothing is deleted: a record ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from duecourse.casework.permit import Sender
from duecourse.law.fact import NEVER, Value, nearest
from duecourse.law.terms import SenderType
from duecourse.storage import senders
from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput


class UnknownFirm(BadInput):
    """An outside firm that nobody put on record."""

    def __init__(self, firm: str, known: Sequence[str]) -> None:
        super().__init__(
            N_("no firm {firm!r} is known here{near}; it is entered by `duecourse staff record --firm`"),
            firm=firm, near=nearest(firm, known),
        )  # fmt: skip


def check_firm(tx: Tx, firm: str) -> None:
    """Raises `UnknownFirm`; the lender itself, the empty code, is known."""
    if firm and firm not in (known := senders.firms(tx)):
        raise UnknownFirm(firm, known)


class OfStaff(StrEnum):
    """What may be on record of a member of staff."""

    POST = "post"  # works here, or at the firm: without it nothing else counts
    EXAM = "exam"  # passed the exam before taking the post
    TRAINING = "training"  # attended training with exam
    UNDERTAKING = "undertaking"  # signed to keep personal data confidential
    BREACH = "breach"  # a serious breach; open until it is closed
    CERTIFICATE = "certificate"  # holds the certificate of the trade
    DEGREE = "degree"  # holds a university degree


class OfFirm(StrEnum):
    """What may be on record of an outside firm."""

    ADMISSION = "admission"  # is known here: without it nothing else counts
    LISTING = "listing"  # stands on the lender's list of those admitted
    PUBLICATION = "publication"  # name and contact are published by the lender
    CONTRACT = "contract"  # a contract with the safeguards that the law asks, from its first to its last day
    EVALUATION = "evaluation"  # was evaluated
    INSPECTION = "inspection"  # was inspected, as every year after it was listed
    VIOLENCE = "violence"  # has a record of violent collection
    SUBDELEGATION = "subdelegation"  # passed cases on to another firm
    SUBDELEGATION_CONSENT = "subdelegation_consent"  # the lender agreed to that
    IMPACT_ASSESSMENT = "impact_assessment"  # impact on personal information was assessed
    PRIVATE_ACCOUNTS = "private_accounts"  # its collectors use their own phones or accounts
    REGISTRATION = "registration"  # stands in the public register of its trade


TOOK_PLACE: frozenset[OfStaff | OfFirm] = frozenset(
    {
        OfStaff.EXAM, OfStaff.TRAINING, OfStaff.UNDERTAKING, OfFirm.EVALUATION, OfFirm.INSPECTION,
        OfFirm.IMPACT_ASSESSMENT,
    }
)  # fmt: skip
"""What is proved by something that took place: nothing proves it before its day."""

STANDS: dict[str, OfStaff | OfFirm] = {
    "staff_exam_passed": OfStaff.EXAM,
    "staff_confidentiality_signed": OfStaff.UNDERTAKING,
    "staff_open_breach": OfStaff.BREACH,
    "agent_certified": OfStaff.CERTIFICATE,
    "graduate": OfStaff.DEGREE,
    "agency_listed": OfFirm.LISTING,
    "agency_published": OfFirm.PUBLICATION,
    "agency_contract_in_date": OfFirm.CONTRACT,
    "agency_violent_record": OfFirm.VIOLENCE,
    "agency_subdelegated": OfFirm.SUBDELEGATION,
    "subdelegation_consent_recorded": OfFirm.SUBDELEGATION_CONSENT,
    "agency_impact_assessed": OfFirm.IMPACT_ASSESSMENT,
    "agency_private_accounts": OfFirm.PRIVATE_ACCOUNTS,
    "servicer_registered": OfFirm.REGISTRATION,
}
"""Facts that are true while a record of the kind stands."""

AGES: dict[str, tuple[OfStaff | OfFirm, ...]] = {
    "staff_training_age_days": (OfStaff.TRAINING,),
    "agency_evaluation_age_days": (OfFirm.EVALUATION,),
    "agency_inspection_age_days": (OfFirm.INSPECTION, OfFirm.LISTING),
}
"""Facts that are the days since the latest record of the first of these kinds that there is one of."""


def counted_as(records: Sequence[Sequence[Any]], sender: Sender) -> str:
    """For whom what a sender owes in outcomes is counted: a member of staff whom the register knows, else the house.

    ``contact_standings`` counts by the same reading.
    """
    known = any(row[0] is True and row[1] == OfStaff.POST for row in records)
    return str(sender) if known or not sender.staff else str(Sender(sender.type, sender.firm))


def sender_facts(records: Sequence[Sequence[Any]], sender: Sender, day: date) -> dict[str, Value | None]:
    """The facts about who makes the contact.

    ``records`` are rows of `storage.standing`: whether of the person who speaks, kind, first day, first day no longer.
    Somebody who is not in the register has no facts: they are missing, and refuse where a rule asks for them.
    """
    found: dict[str, Value | None] = {}
    for speaks, here, kinds in ((True, OfStaff.POST, OfStaff), (False, OfFirm.ADMISSION, OfFirm)):
        if (speaks and not sender.staff) or (not speaks and sender.type is SenderType.LENDER):
            continue
        own = [
            (str(row[1]), date.fromisoformat(row[2]), None if row[3] is None else date.fromisoformat(row[3]))
            for row in records
            if row[0] is speaks
        ]
        standing = {kind for kind, first, end in own if first <= day and (end is None or day < end)}
        if here not in standing:
            continue
        found |= {name: kind in standing for name, kind in STANDS.items() if kind in kinds}
        for name, of in AGES.items():
            if of[0] in kinds:
                since = [
                    [(day - first).days for own_kind, first, _ in own if own_kind == kind and first <= day]
                    for kind in of
                ]
                found[name] = next((min(NEVER, *days) for days in since if days), NEVER)
    return found
