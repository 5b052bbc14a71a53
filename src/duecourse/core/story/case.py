"""One case of a story: its loans, what is expected of them, and where the loan's figures differ."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from duecourse.core.allocation import Debt, share_over_debts
from duecourse.core.delinquency import Loan, due_in_a_week, reading
from duecourse.core.events import UnknownTarget
from duecourse.core.money import Remainder, plain
from duecourse.core.reading import stage
from duecourse.trouble import N_, Said, Trouble, worded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from duecourse.core.reading import Reading

Value = int | str | date | None

MONEY: dict[str, Callable[[Reading], int]] = {
    "due": lambda r: r.due,
    "overdue": lambda r: r.overdue,
    "principal": lambda r: r.principal,
    "interest": lambda r: r.interest,
    "penalty": lambda r: r.penalty,
    "compound": lambda r: r.compound,
    "fee": lambda r: r.fee,
    "cost": lambda r: r.cost,
    "not-due": lambda r: r.not_due,
    "accrued": lambda r: r.accrued,
    "credit": lambda r: r.credit,
    "settle": lambda r: r.settle,
    "next": lambda r: r.next_amount,
    "paid": lambda r: r.paid_total,
}
"""Words of an expectation that are amounts; ``week`` (due in seven days) is reckoned from the loan."""

COUNTS: dict[str, Callable[[Reading], int]] = {"dpd": lambda r: r.dpd, "plan-dpd": lambda r: r.plan_dpd}
DAYS: dict[str, Callable[[Reading], date | None]] = {
    "oldest": lambda r: r.oldest_due,
    "next-due": lambda r: r.next_due,
    "last-paid": lambda r: r.last_payment,
}
NAMES: dict[str, Callable[[Reading], str]] = {
    "stage": lambda r: stage(r.dpd).value,
    "status": lambda r: r.status.value,
}


@dataclass(frozen=True, slots=True)
class Check:
    """What one line expects of one loan on one day, by the lines above it as far as they were known then."""

    line: int
    day: date
    ref: str
    known: datetime
    wants: tuple[tuple[str, Value], ...]
    refused: bool = False  # the events cannot stand together


@dataclass(frozen=True, slots=True)
class Sharing:
    """What one line expects of a payment shared over several debts of one borrower (民法典 560)."""

    line: int
    minor: int
    currency: str
    debts: tuple[Debt, ...]
    designated: tuple[str, ...]
    remainder: Remainder
    wants: tuple[tuple[str, int], ...]
    left: int


@dataclass(frozen=True, slots=True)
class Case:
    """One titled case of a story file."""

    name: str
    line: int
    title: str
    loans: dict[str, Loan]
    checks: tuple[Check, ...]
    sharings: tuple[Sharing, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that cannot be read or that expects what is not so, and why."""

    name: str
    line: int
    why: Said | Trouble

    def __str__(self) -> str:
        """File, line and reason, in English."""
        return self.told(str)

    def told(self, translate: Callable[[str], str]) -> str:
        """File, line and reason in the language of ``translate``."""
        return f"{self.name}:{self.line}: {worded(self.why.sentence, self.why.values, translate)}"


def mismatches(case: Case) -> list[Fault]:
    """Every figure of a case that is not what the case expects; nothing where the case holds."""
    found = [
        Fault(case.name, check.line, why) for check in case.checks for why in _against(case.loans[check.ref], check)
    ]
    return found + [Fault(case.name, s.line, why) for s in case.sharings for why in _shared(s)]


def _against(loan: Loan, check: Check) -> Iterator[Said]:
    known = check.known
    try:
        found = reading(loan, check.day, known=known)
    except UnknownTarget as refusal:
        if not check.refused:
            yield Said(N_("{loan} cannot be reckoned: {why}"), loan=check.ref, why=str(refusal))
        return
    if check.refused:
        yield Said(N_("{loan} was to be refused, but is reckoned"), loan=check.ref)
    currency = loan.terms.currency
    for word, wanted in check.wants:
        if word == "week":
            is_now: Value = due_in_a_week(loan, check.day, known=known)
        else:
            is_now = {**MONEY, **COUNTS, **DAYS, **NAMES}[word](found)
        if is_now != wanted:
            yield Said(
                N_("{loan} {figure}: expected {wanted}, is {found}"),
                loan=check.ref, figure=word, wanted=shown(word, wanted, currency), found=shown(word, is_now, currency),
            )  # fmt: skip


def shown(word: str, value: Value, currency: str) -> str:
    """A value as a story writes it."""
    if value is None:
        return "none"
    return plain(value, currency) if isinstance(value, int) and word not in COUNTS else str(value)


def _shared(sharing: Sharing) -> Iterator[Said]:
    shares, left = share_over_debts(sharing.minor, sharing.debts, sharing.designated, sharing.remainder)
    parts: dict[str, int] = {}
    for share in shares:
        parts[share.ref] = parts.get(share.ref, 0) + share.minor
    for ref, wanted in [*sharing.wants, *((ref, 0) for ref in parts if ref not in dict(sharing.wants))]:
        if parts.get(ref, 0) != wanted:
            yield Said(
                N_("{debt} was to take {wanted}, takes {found}"),
                debt=ref, wanted=plain(wanted, sharing.currency), found=plain(parts.get(ref, 0), sharing.currency),
            )  # fmt: skip
    if left != sharing.left:
        yield Said(
            N_("{wanted} was to be left, {found} is"),
            wanted=plain(sharing.left, sharing.currency), found=plain(left, sharing.currency),
        )  # fmt: skip
