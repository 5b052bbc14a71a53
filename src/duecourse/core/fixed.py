"""Default interest of one unpaid instalment by terms that both sides fixed at signing, with the limits they set to it.

What grows is what the loan's own arithmetic says (`delinquency.reading`), at a rate that the agreed ceiling may lower;
the sum never passes the agreed most. A contract on a chain reckons the same (`chain/terms.vy`), and must equal this to
the cent. Payments, pauses and changes after signing are not known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from duecourse.core.card import CardFold
from duecourse.core.contract import GraceMode, Method, PenaltyBase, PenaltyMode, PenaltyRounding, Terms, faults
from duecourse.core.days import DayCount
from duecourse.core.delinquency import Loan, advance, reading, start
from duecourse.core.events import Event, GridRow, Kind
from duecourse.core.money import PPM, half_up
from duecourse.trouble import N_, BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGNED = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedTerms:
    """One instalment, as fixed at signing. Amounts are minor units, rates annual ppm."""

    due: date
    principal_minor: int
    interest_minor: int
    rate_ppm: int  # of the contract
    penalty_ppm: int  # default rate, as agreed
    cap_ppm: int  # what overdue principal may bear a year at the most, contract rate beside it included
    most_minor: int  # what default interest may come to at the most
    day_count: DayCount
    mode: PenaltyMode = PenaltyMode.INSTEAD
    base: PenaltyBase = PenaltyBase.PRINCIPAL
    rounding: PenaltyRounding = PenaltyRounding.AT_READING
    grace: GraceMode = GraceMode.IGNORE
    grace_days: int = 0

    @property
    def charged_ppm(self) -> int:
        """The default rate that is charged: as agreed, or what the ceiling leaves.

        >>> one = FixedTerms(due=date(2026, 3, 1), principal_minor=100, interest_minor=0, rate_ppm=180_000,
        ...     penalty_ppm=270_000, cap_ppm=240_000, most_minor=100, day_count=DayCount.ACT_365)
        >>> from dataclasses import replace
        >>> one.charged_ppm, replace(one, mode=PenaltyMode.BESIDE).charged_ppm
        (240000, 60000)
        """
        left = self.cap_ppm - (self.rate_ppm if self.mode is PenaltyMode.BESIDE else 0)
        return min(self.penalty_ppm, max(left, 0))

    @property
    def terms(self) -> Terms:
        """The conventions, as the loan's arithmetic takes them."""
        return Terms(
            method=Method.FREE, rate_ppm=self.rate_ppm, day_count=self.day_count, penalty_ppm=self.charged_ppm,
            penalty_mode=self.mode, penalty_base=self.base, penalty_rounding=self.rounding, penalty_grace=self.grace,
            grace_days=self.grace_days,
        )  # fmt: skip

    def faults(self) -> Iterator[tuple[str, str]]:
        """Each (field, reason) for which these terms cannot be reckoned."""
        yield from faults(self.terms)
        if self.due <= _SIGNED:
            yield "due", f"{self.due} is not after {_SIGNED}"
        for name in ("principal_minor", "interest_minor", "penalty_ppm", "cap_ppm", "most_minor"):
            if getattr(self, name) < 0:
                yield name, f"{getattr(self, name)} is negative"


def default_interest(fixed: FixedTerms, day: date) -> int:
    """What default interest has come to on a day, in minor units, nothing having been paid."""
    row = GridRow(fixed.due, 0, fixed.principal_minor, fixed.interest_minor)
    known = datetime.combine(_SIGNED, time(), UTC)
    drawn = Event(kind=Kind.DRAWDOWN, effective=_SIGNED, known=known, ref="", amount=fixed.principal_minor)
    loan = Loan(ref="", terms=fixed.terms, grid=(row,), events=(drawn,))
    return min(reading(loan, day, known=known).penalty, fixed.most_minor)


class CannotBeFixed(BadInput):
    """A loan whose instalments are not known at signing."""


def fixed_at_signing(loan: Loan, *, cap_ppm: int, most_ppm: int) -> list[tuple[int, FixedTerms]]:
    """The instalments of a loan with their numbers, as they stand the day it is paid out, under the limits agreed.

    ``cap_ppm`` is a yearly rate; ``most_ppm`` is the most that default interest on an instalment may come to, as a part
    of its principal. Compound interest is not reckoned here. Raises `CannotBeFixed`.
    """
    begun = [event for event in loan.events if event.kind in {Kind.DRAWDOWN, Kind.OPENING}]
    fold = start(loan)
    if isinstance(fold, CardFold) or not begun:
        raise CannotBeFixed(N_("a card, or a loan that was not paid out, has no instalments to fix"))
    first = min(begun, key=lambda event: (event.effective, event.known))
    advance(fold, [first], loan.grid, first.effective)
    terms = loan.terms
    return [
        (
            row.number,
            FixedTerms(
                due=row.due, principal_minor=row.principal, interest_minor=row.interest, rate_ppm=terms.rate_ppm,
                penalty_ppm=terms.penalty_ppm, cap_ppm=cap_ppm, most_minor=half_up(row.principal * most_ppm, PPM),
                day_count=terms.day_count, mode=terms.penalty_mode, base=terms.penalty_base,
                rounding=terms.penalty_rounding, grace=terms.penalty_grace, grace_days=terms.grace_days,
            ),
        )
        for row in fold.rows[fold.next :]
    ]  # fmt: skip
