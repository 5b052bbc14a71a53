"""What is asked of the gate and what it answers: the request, the permit, the refusal.

A permit is the gate's yes: signed, expiring, for one contact. It binds the person, the contact point, the debts, the
channel, the template with its purpose, what is sent, who sends it, and when; `casework.permits` gives and redeems it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from duecourse.law.document import Plain
from duecourse.law.terms import Channel, Purpose, Relation, SenderType
from duecourse.trouble import N_, BadInput, Said

LOANS_MAX = 100
"""Debts that one contact may be about."""

_CODE = re.compile(r"[A-Za-z0-9._@-]{1,64}")
_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_HASH = re.compile(r"[0-9a-f]{64}")


class NotARequest(BadInput):
    """A request for a permit that cannot be asked."""

    def __init__(self, field: str, what: str) -> None:
        super().__init__(N_("permit request, {field}: {what}"), field=field, what=what)


@dataclass(frozen=True, slots=True)
class Parameters:
    """What can be chosen about permits; `DEFAULTS` are ours."""

    valid: timedelta = timedelta(minutes=10)  # how long a permit lives; never past the end of the window
    unreported_max: int = 20  # a sender with so many redeemed permits without an outcome is stopped
    batch_max: int = 200  # requests in one batch; they share one transaction


DEFAULTS = Parameters()


@dataclass(frozen=True, slots=True)
class Sender:
    """Who makes the contact: the lender, an agency or a law firm, and which member of its staff.

    ``firm`` is the code of the agency or law firm, empty for the lender. ``staff`` is the number in the staff
    register, empty where a machine sends and nobody speaks.

    >>> str(Sender(SenderType.AGENCY, "acme", "a017")), str(Sender(SenderType.LENDER))
    ('agency:acme/a017', 'lender')
    """

    type: SenderType
    firm: str = ""
    staff: str = ""

    def __post_init__(self) -> None:
        """Refuse a lender that is a firm, and a firm without a code."""
        if (self.type is SenderType.LENDER) is bool(self.firm):
            raise NotARequest("sender", N_("the lender itself has no firm; an agency or law firm is named by its code"))
        for name in (self.firm, self.staff):
            if name and not _CODE.fullmatch(name):
                raise NotARequest("sender", N_("firm and staff are 1 to 64 letters, digits, dots, dashes, _ or @"))

    def __str__(self) -> str:
        """The sender as records name it."""
        who = f"{self.type}:{self.firm}" if self.firm else str(self.type)
        return f"{who}/{self.staff}" if self.staff else who


@dataclass(frozen=True, slots=True)
class Visit:
    """How a visit is planned."""

    collectors: int  # persons who come
    enters_private: bool  # a home, another private place, or the debtor's office area


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitRequest:
    """One contact that somebody wants to make.

    ``at`` is the planned instant (UTC): now, or within the life of a permit. ``content_hash`` is the SHA-256, in hex,
    of what is sent: the rendered message, or the script where somebody speaks. The purpose is the template's. The same
    ``idempotency_key`` of the same sender gives the same answer again.
    """

    person_id: int
    loan_keys: tuple[int, ...]
    contact_point_id: int
    channel: Channel
    at: datetime
    template_id: str
    content_hash: str
    sender: Sender
    idempotency_key: str
    visit: Visit | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be asked."""
        if not 1 <= len(self.loan_keys) <= LOANS_MAX or len(set(self.loan_keys)) != len(self.loan_keys):
            raise NotARequest(
                "loans", Said(N_("a contact is about 1 to {most} loans, each named once"), most=LOANS_MAX)
            )
        if self.at.tzinfo is None:
            raise NotARequest("at", N_("the planned instant must know its zone"))
        if not _HASH.fullmatch(self.content_hash):
            raise NotARequest("content_hash", N_("it is the SHA-256 of what is sent: 64 hex digits in lower case"))
        if not _KEY.fullmatch(self.idempotency_key):
            raise NotARequest("idempotency_key", N_("it is 1 to 128 printable ASCII characters without spaces"))


class Why(StrEnum):
    """Why there is no permit, or why one is not redeemed."""

    LAW = "law"  # one or more rules refuse; they are listed
    TOO_EARLY = "too_early"  # planned further ahead than a permit lives, or redeemed before the planned instant
    SENDER_STOPPED = "sender_stopped"  # too many redeemed permits of this sender have no outcome
    EXPIRED = "expired"
    USED = "used"  # redeemed already
    ENDED = "ended"  # released, or voided by a hold
    OTHER_SENDER = "other_sender"  # not the sender that it was given to
    OTHER_CONTENT = "other_content"  # not the content that it was given for, or a text that was changed since


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """The gate's yes. ``token`` is the signed document; whoever holds the lender's public key can verify it.

    The contact that it reserves bears the same number.
    """

    permit_id: int
    lender_id: str
    person_id: int
    debtor_id: int
    loan_keys: tuple[int, ...]
    relation: Relation
    contact_point_id: int
    channel: Channel
    purpose: Purpose
    template_id: str
    template_version: int
    content_hash: str
    sender: Sender
    at: datetime  # planned; not redeemed before
    issued_at: datetime
    expires_at: datetime  # not redeemed at or after
    token: str
    advice: tuple[Mapping[str, Plain], ...] = ()  # what to mind although it is allowed (`law.plain.plain_finding`)
    lifted: tuple[Mapping[str, Plain], ...] = ()  # what would refuse it, and what lifted that


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The gate's no, or why a permit is not redeemed.

    ``reasons`` are the findings of every rule that says no (`law.plain.plain_finding`): rule, article, grade, facts,
    values, what may be done instead. ``next_open`` is the next instant at which the contact would be allowed, None
    where there is none within 14 days. ``permit_id`` names the stored refusal, or the permit not redeemed.
    """

    permit_id: int
    lender_id: str
    person_id: int
    why: Why
    says: Mapping[str, str]  # one sentence, by language: zh, en
    reasons: tuple[Mapping[str, Plain], ...]
    missing: tuple[str, ...]
    lifts: tuple[str, ...]  # facts each of which alone would lift the refusal
    next_open: datetime | None
    at: datetime  # when it was answered


Answer = Permit | Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeemed:
    """A permit used, once, at this instant: the contact may be made now."""

    permit_id: int
    at: datetime
    permit: Permit


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the gate would answer now; nothing is reserved and nothing is promised."""

    allowed: bool
    says: Mapping[str, str]
    reasons: tuple[Mapping[str, Plain], ...]
    advice: tuple[Mapping[str, Plain], ...]
    lifted: tuple[Mapping[str, Plain], ...]
    missing: tuple[str, ...]
    lifts: tuple[str, ...]
    next_open: datetime | None
    at: datetime
