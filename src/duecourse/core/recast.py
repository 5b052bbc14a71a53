"""A loan's schedule laid anew, on what stands: after early money, a new rate, a pause, a bounce, a restructure."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from duecourse.core.contract import Method
from duecourse.core.explain import Account
from duecourse.core.money import half_up
from duecourse.core.schedule import lay, level_of, stand

if TYPE_CHECKING:
    from duecourse.core.accrual import Instalment
    from duecourse.core.balance import Fold


def recast(
    fold: Fold, principal: int, *, level: int | None = None, shorter_by: int = 0, keep_principal: bool = False
) -> None:
    """Lay ``principal`` anew on the instalments not yet due; with none left it is due at once.

    A former ``level`` makes the term shorter; so does ``shorter_by``, the early money for which it is to be so.
    An instalment that fell away, since nothing stands in its period, bears no scheduled fee. Of a loan that was settled
    early none claims anything until principal is back.
    """
    fold.closed = fold.closed and not principal
    fold.not_due = principal
    rows = fold.rows[fold.next : fold.ends]
    if not rows:
        fold.charges.principal += principal
        fold.not_due = 0
        fold.note("due_at_once", {Account.NOT_DUE: -principal, Account.PRINCIPAL: principal}, fold.charges)
        return
    if fold.method is Method.FREE:
        _as_given(fold, rows, principal)
    else:
        _as_contracted(fold, rows, principal, level=level, shorter_by=shorter_by, keep_principal=keep_principal)
    for row in rows:
        fallen = not (principal or row.interest) and (row.given_on or fold.method is not Method.FREE)
        row.fee = 0 if fallen or fold.closed else row.given_fee
        row.interest = 0 if fold.closed else row.interest
        principal -= row.principal


def _as_contracted(
    fold: Fold, rows: list[Instalment], principal: int, *, level: int | None, shorter_by: int, keep_principal: bool
) -> None:
    """Lay principal and interest by the method of the contract."""
    days = [row.days for row in rows]
    if shorter_by:
        level = level_of(fold.terms, fold.method, principal + shorter_by, fold.rate_ppm, days)
    parts = [row.principal for row in rows]
    if not keep_principal:
        laid, fold.level = lay(
            fold.terms, fold.method, principal=principal, rate_ppm=fold.rate_ppm, days=days,
            carried=[fold.unpaused, *(row.ahead_unpaused for row in rows[1:])], level=level,
        )  # fmt: skip
        parts = [part for part, _ in laid]
        if level is not None and principal:
            fold.ends = fold.next + max(k for k, part in enumerate(parts, start=1) if part)
    for row, part, interest in zip(rows, parts, _interest(fold, rows, principal, parts), strict=True):
        row.principal = part
        row.interest = interest


def _interest(fold: Fold, rows: list[Instalment], principal: int, parts: list[int]) -> list[int]:
    """Interest at the rate that holds now on instalments whose principal is laid. A pause moves no principal."""
    carried, days = [fold.carried, *(row.ahead for row in rows[1:])], [row.days for row in rows]
    terms, ppm = fold.terms, fold.rate_now
    laid, _ = lay(terms, fold.method, principal=principal, rate_ppm=ppm, days=days, carried=carried, kept=parts)
    return [interest for _, interest in laid]


def _as_given(fold: Fold, rows: list[Instalment], principal: int) -> None:
    """Lower what the lender gave to the principal and days that stand, and to our figure where there is a rate."""
    given = [on - after for on, after in pairwise([*(row.given_on for row in rows), 0])]
    parts = stand(given, principal)
    ours = _interest(fold, rows, principal, parts) if fold.rated else None
    for k, (row, part) in enumerate(zip(rows, parts, strict=True)):
        base = principal if row.given_on else 1
        days = row.days if row.period_days else 1
        bearing = base * days if not (fold.interest_pauses and row.period_days) else 0
        bearing += fold.stood if k == 0 else row.ahead_stood
        whole = (row.given_on or 1) * (row.period_days or 1)
        row.interest = min(row.given_interest, half_up(row.given_interest * bearing, whole))
        row.by_rate = bool(ours and row.given_on and row.period_days)
        if ours and row.by_rate:
            row.interest = min(row.interest, ours[k])
        row.principal = part
        principal -= part
