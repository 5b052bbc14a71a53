"""What the API takes and answers: plans.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePayment:
    """One payment."""

    day: date
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan as it stands, without its payments."""

    plan: str
    case: str
    person: str
    loan: str
    number: str
    kind: str
    months: int
    deferred: int
    as_of: date
    state: str
    currency: str
    total_minor: int
    extra_minor: int
    restructured: bool
    sha256: str
    request: str | None
    offered_by: str
    offered_at: datetime
    lapses_at: datetime
    signed_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDraft:
    """A plan as it would be offered; nothing is kept."""

    day: date
    currency: str
    kind: str
    months: int
    deferred: int
    total_minor: int
    extra_minor: int
    end: date
    lawful: bool
    against: tuple[RefusingRule, ...]
    restructures: bool
    alone: bool
    payments: tuple[DuePayment, ...]
    after: tuple[DuePayment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOption:
    """One way to pay, to the cent."""

    kind: str
    months: int
    deferred: int
    burden_minor: int
    total_minor: int
    extra_minor: int
    end: date
    lawful: bool
    against: tuple[RefusingRule, ...]
    affordable: bool | None
    restructures: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """Every way to pay the loans of a case, compared."""

    loans: tuple[WaysToPay, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSignatures:
    """Who signed, with what, and whether both signatures fit the document."""

    person: str
    at: datetime
    made: str
    borrower_key: str
    borrower_signature: str
    lender_key: str
    lender_signature: str
    fit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStanding:
    """How a signed plan is kept today."""

    asked_minor: int
    paid_minor: int
    days_late: int
    open: tuple[DuePayment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """Plans, the latest first."""

    plans: tuple[Plan, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusingRule:
    """A rule that refuses an option: its number, where it has one, and what there is in this loan."""

    rule: str
    most: int | None
    here: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysToPay:
    """Every way to pay one loan on a day."""

    loan: str
    number: str
    day: date
    currency: str
    due_minor: int
    settle_minor: int
    left_minor: int | None
    class_floor: str | None
    class_rules: tuple[str, ...]
    options: tuple[PlanOption, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WholePlan:
    """A plan with its payments, the bytes that both sign, its signatures, and how it is kept."""

    plan: Plan
    payments: tuple[DuePayment, ...]
    after: tuple[DuePayment, ...]
    broken_days: int
    to_sign: str
    signatures: PlanSignatures | None
    standing: PlanStanding | None
