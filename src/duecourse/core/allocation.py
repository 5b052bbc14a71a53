"""The order in which money is applied: over the categories and instalments of one loan, and over several loans.

Within one loan the contract's order holds (民法典 561 by default). Over several loans of one borrower: the debtor's own
designation first; else what is due, then the least secured, the heaviest burden, the earliest due, pro rata
(民法典 560).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from duecourse.core.contract import Category, Walk
from duecourse.core.money import Remainder, split_pro_rata

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date


def places(instalments: int, order: Sequence[Category], walk: Walk) -> Iterator[tuple[int, Category]]:
    """Each (instalment index, category) in the order in which money reaches it."""
    if walk is Walk.BY_INSTALMENT:
        for index in range(instalments):
            for category in order:
                yield index, category
    else:
        for category in order:
            for index in range(instalments):
                yield index, category


@dataclass(frozen=True, slots=True)
class Debt:
    """What 民法典 560 looks at in one of several loans. Amounts are minor units of one currency."""

    ref: str
    due_minor: int
    not_due_minor: int
    secured: bool
    burden_ppm: int  # yearly cost of leaving it unpaid: contract rate, or default rate where overdue
    oldest_due: date


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a payment that goes to one loan, and the limb of the law that says so."""

    ref: str
    minor: int
    because: str


def share_over_debts(
    minor: int,
    debts: Sequence[Debt],
    designated: Sequence[str] = (),
    remainder: Remainder = Remainder.LARGEST_FRACTION,
) -> tuple[list[Share], int]:
    """Share a payment over several loans of one borrower by 民法典 560; also what no debt is left to take.

    ``designated`` are the loans which the debtor named when paying, in the debtor's order. Ranking after those: due
    debts before debts not due, unsecured before secured, the higher burden first, the earlier due day first; debts
    equal in all of these share in proportion, the odd units as ``remainder`` says.
    """
    shares: list[Share] = []
    by_ref = {debt.ref: debt for debt in debts}
    left = minor
    open_minor = {debt.ref: debt.due_minor + debt.not_due_minor for debt in debts}
    for ref in designated:
        taken = min(left, open_minor[by_ref[ref].ref])
        left -= taken
        open_minor[ref] -= taken
        shares += [Share(ref, taken, "民法典 560(1) designation")] if taken else []
    for due in (True, False):
        ranked: dict[tuple[bool, int, date], list[Debt]] = {}
        for debt in debts:
            ranked.setdefault((debt.secured, -debt.burden_ppm, debt.oldest_due), []).append(debt)
        for rank in sorted(ranked):
            equals = ranked[rank]
            sizes = [_open_part(debt, open_minor[debt.ref], due=due) for debt in equals]
            taken = min(left, sum(sizes))
            if taken:
                parts = split_pro_rata(taken, sizes, remainder)
                because = "民法典 560(2) " + ("due" if due else "not due") + (" pro rata" if len(equals) > 1 else "")
                shares += [Share(d.ref, part, because) for d, part in zip(equals, parts, strict=True) if part]
                for debt, part in zip(equals, parts, strict=True):
                    open_minor[debt.ref] -= part
                left -= taken
    return shares, left


def _open_part(debt: Debt, open_minor: int, *, due: bool) -> int:
    paid = debt.due_minor + debt.not_due_minor - open_minor
    due_left = max(debt.due_minor - paid, 0)
    return due_left if due else open_minor - due_left
