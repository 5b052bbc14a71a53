"""What the API takes and answers: payments.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LineProposal:
    """Whose payment a line may be, the likeliest first."""

    person: str
    name: str | None
    case: str | None
    loans: tuple[str, ...]
    score: int
    signs: tuple[str, ...]
    certain_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineState:
    """Where a line stands."""

    line: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesMatched:
    """What looking at all lines that wait found; nothing is applied by that."""

    lines: int
    certain: int
    waits: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanShare:
    """What one loan took of a payment, and by which limb of the law."""

    loan: str
    number: str | None
    amount_minor: int
    because: str
    book_version: int | None
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment of a debtor."""

    payment: str
    person: str
    line: str | None
    link: str | None
    amount_minor: int
    over_minor: int
    currency: str
    value_day: date
    certain_by: str | None
    request: str | None
    at: datetime
    actor: str
    back_day: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLink:
    """A payment link; it ends by itself."""

    link: str
    person: str
    reference: str
    amount_minor: int
    currency: str
    loans: tuple[str, ...]
    provider: str
    url: str | None
    made_at: datetime
    made_by: str
    expires_at: datetime
    failed_at: datetime | None
    payment: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLinks:
    """The latest links of a borrower."""

    links: tuple[PaymentLink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Payments:
    """Payments, the latest first."""

    payments: tuple[Payment, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLine:
    """What became of it."""

    line: str
    payment: str | None
    over_minor: int
    request: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundAsked:
    """A request that money goes back; somebody else decides."""

    line: str
    request: str
    lapses_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspense:
    """Lines of bank statements that wait, by number."""

    lines: tuple[SuspenseLine, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspenseLine:
    """A line that waits for a person, masked."""

    line: str
    statement: str
    amount_minor: int
    currency: str
    value_day: date
    reversal: bool
    name: str | None
    account: str | None
    text: str | None = field(repr=False)
    waits_as: str | None
    alone: bool
    proposals: tuple[LineProposal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WholePayment:
    """A payment with its shares."""

    payment: Payment
    shares: tuple[LoanShare, ...]
