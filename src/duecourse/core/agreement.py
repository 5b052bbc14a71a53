"""What each kind of event does to a loan's state."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from duecourse.core.accrual import Instalment
from duecourse.core.balance import Fold
from duecourse.core.contract import Category, EarlyMoney, FirstPeriod, Method, RecastPenalty
from duecourse.core.days import FAR, add_months, days_added, days_between
from duecourse.core.events import PAUSE_DPD, PAUSE_INTEREST, PAUSE_PENALTY, Event, GridRow, Kind
from duecourse.core.explain import ACCOUNT, Account
from duecourse.core.money import half_up
from duecourse.core.recast import recast
from duecourse.core.schedule import first_days, period_ends

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def load(fold: Fold, grid: Sequence[GridRow], *, after: int, ends: Sequence[date] = ()) -> None:
    """Put the rows of a schedule behind the instalments that have fallen due, numbered from ``after`` + 1.

    ``ends`` are the days on which their periods of interest end, where they are not the due days.
    """
    del fold.rows[fold.next :]
    ends = ends or [row.due for row in grid]
    for number, (row, end) in enumerate(zip(grid, ends, strict=True), start=after + 1):
        fold.rows.append(
            Instalment(
                number, row.due, row.days, row.principal, row.interest, row.fee,
                given_interest=row.interest, given_fee=row.fee, grace=fold.grace_days, ends=end,
            )
        )  # fmt: skip
    standing = 0
    for each in reversed(fold.rows[fold.next :]):
        standing += each.principal
        each.given_on = standing
    fold.not_due = standing
    fold.ends = len(fold.rows)
    fold.level = 0
    fold.closed = False


def _as_given(fold: Fold, principal: int) -> bool:
    """Whether a schedule stands as the lender gave it: its principal is what is lent, and interest is not paused."""
    return fold.method is Method.FREE and fold.not_due == principal and not fold.interest_pauses


def opening(fold: Fold, event: Event, grid: Sequence[GridRow]) -> None:
    """Take over a loan in mid-life: balances overdue as one instalment, the rest on the instalments to come.

    The position supersedes whatever is known of the time before it.
    """
    _wipe(fold, "superseded", event.ref)
    grid = grid if fold.given is None else fold.given
    fold.drawn = True
    fold.method = fold.terms.method if fold.given is None else Method.FREE
    ends = period_ends(fold.terms, grid, fold.begins)
    gone = sum(1 for row in grid if row.due <= event.effective)
    fold.mark = ends[gone - 1] if gone else min((event.effective, *fold.begins))
    principal, interest, fee, penalty, compound = event.parts or (0, 0, 0, 0, 0)
    if event.until < FAR:
        row = Instalment(1, event.until, 0, principal, interest, fee, grace=fold.grace_days)
        row.penalty.whole, row.compound.whole = penalty, compound
        row.grown, row.ends = event.effective, max(row.ends, fold.mark)
        fold.rows.append(row)
        fold.next = 1
    load(fold, grid[gone:], after=max(gone, fold.next), ends=ends[gone:])
    fold.note(
        "opening",
        {
            Account.NOT_DUE: event.amount, Account.PRINCIPAL: principal, Account.INTEREST: interest,
            Account.FEE: fee, Account.PENALTY: penalty, Account.COMPOUND: compound,
        },
        None,
        event.ref,
    )  # fmt: skip
    if fold.rate_ppm != fold.given_at or not _as_given(fold, event.amount):
        recast(fold, event.amount)


def _count_from(fold: Fold, day: date, begun: date) -> bool:
    """Let no period count days before the money was out on ``day``; whether one did, its schedule having ``begun``.

    One that began later, by a drawdown of which we learnt first, counts the days since.
    """
    whole = fold.terms.first_period is FirstPeriod.FULL_PERIOD
    if begun == day or (whole and fold.rows and fold.rows[0].number == 1 and day < fold.rows[0].ends):
        return False
    changed = False
    for row in fold.rows:
        days = max(first_days(fold.terms, day, row.ends), 0) if row.days else 0
        changed = changed or row.days != days
        row.days = days
        if row.ends >= day:
            break
        row.ends = day
    return changed


def drawdown(fold: Fold, event: Event, grid: Sequence[GridRow]) -> None:
    """Pay money out: the first time on the contract's schedule, later on what of it is still to come."""
    fold.note("drawdown", {Account.NOT_DUE: event.amount}, None, event.ref)
    if not fold.drawn:
        grid = grid if fold.given is None else fold.given
        fold.drawn = True
        fold.mark = event.effective
        ends = period_ends(fold.terms, grid, fold.begins or (event.effective,))
        gone = sum(1 for row in grid if row.due < event.effective)
        load(fold, grid[gone:], after=gone, ends=ends[gone:])
        begun = ends[gone - 1] if gone else next(iter(fold.begins), event.effective)
        counted = _count_from(fold, event.effective, begun)
        if gone or counted or fold.rate_ppm != fold.given_at or not _as_given(fold, event.amount):
            recast(fold, event.amount)
    else:
        fold.fall_due()  # what falls due today was laid before this money
        fold.settle_period()
        recast(fold, fold.not_due + event.amount)


def instalment_set(fold: Fold, event: Event, _grid: Sequence[GridRow]) -> None:
    """Replace what was not yet due by the schedule that the lender gives; before a payout it is the one to come."""
    if not fold.drawn:
        fold.given, fold.begins, fold.method = event.grid, (event.effective,), Method.FREE
        fold.given_at = fold.rate_ppm
        return
    before = fold.not_due
    fold.mark = event.effective
    fold.method = Method.FREE
    fold.forget_carried()
    load(fold, event.grid, after=fold.rows[fold.next - 1].number if fold.next else 0)
    fold.note("schedule_given", {Account.NOT_DUE: fold.not_due - before}, None, event.ref)
    if not _as_given(fold, fold.not_due):
        recast(fold, fold.not_due)


def fee(fold: Fold, event: Event, _grid: Sequence[GridRow]) -> None:
    """Charge a fee or a cost outside the schedule; it is due at once."""
    category = Category(event.parts[0])
    if category is Category.COST:
        fold.charges.cost += event.amount
    else:
        fold.charges.fee += event.amount
    fold.note("charged", {ACCOUNT[category]: event.amount}, fold.charges, event.ref)


def rate_change(fold: Fold, event: Event, _grid: Sequence[GridRow]) -> None:
    """Let new rates hold from today; what falls due today is as it was laid."""
    fold.fall_due()
    fold.grow_all()
    fold.settle_period()
    fold.rate_ppm = event.amount
    default_rate, compound_rate = event.parts or (-1, -1)
    fold.penalty_ppm = fold.penalty_ppm if default_rate < 0 else default_rate
    fold.compound_ppm = fold.compound_ppm if compound_rate < 0 else compound_rate
    rates = (fold.rate_ppm, fold.penalty_ppm, fold.compound_ppm)
    fold.note("rate_changes", {}, None, event.ref, rates=rates)
    if fold.next < len(fold.rows):
        recast(fold, fold.not_due, keep_principal=fold.method is not Method.EQUAL_INSTALMENT)


def grace(fold: Fold, event: Event, _grid: Sequence[GridRow]) -> None:
    """Give instalments due from today on other grace days, also those of a schedule to come."""
    fold.grace_days = event.amount
    for row in fold.rows:
        if row.due >= event.effective:
            row.grace = event.amount
    fold.note("grace", {}, None, event.ref)


def pause(fold: Fold, event: Event, _grid: Sequence[GridRow]) -> None:
    """Let interest, default interest or the day counter stand still from today."""
    _switch(fold, event, 1)


def pause_end(fold: Fold, event: Event, _grid: Sequence[GridRow]) -> None:
    """Let what was paused go on from today."""
    _switch(fold, event, -1)


def _switch(fold: Fold, event: Event, step: int) -> None:
    bits = event.parts[0]
    fold.grow_all()
    if bits & PAUSE_INTEREST:
        fold.fall_due()
        fold.settle_period()
        fold.interest_pauses += step
        if fold.next < len(fold.rows):
            recast(fold, fold.not_due, keep_principal=True)
    fold.penalty_pauses += step if bits & PAUSE_PENALTY else 0
    fold.dpd_pauses += step if bits & PAUSE_DPD else 0
    fold.note("pause" if step > 0 else "pause_end", {}, None, event.ref)


def waiver(fold: Fold, event: Event, _grid: Sequence[GridRow]) -> None:
    """Give up part of a category, oldest instalment first; principal beyond what is due is cut from what is not."""
    category = Category(event.parts[0])
    left = event.amount
    for row in fold.claimable():
        owed = fold.owed(row, category)
        taken = owed if event.amount < 0 else min(left, owed)
        if taken:
            fold.take(row, category, taken)
            left -= taken
            fold.note("waived", {ACCOUNT[category]: -taken}, row, event.ref)
    if category is Category.PRINCIPAL and fold.not_due and (left > 0 or event.amount < 0):
        cut = fold.not_due if event.amount < 0 else min(left, fold.not_due)
        fold.settle_period()
        fold.note("waived", {Account.NOT_DUE: -cut}, None, event.ref)
        recast(fold, fold.not_due - cut)
    fold.close_settled()


def money(fold: Fold, event: Event, _grid: Sequence[GridRow]) -> None:
    """Receive a payment or a recovery."""
    fold.receive(event.amount, event.ref)


def prepayment(fold: Fold, event: Event, _grid: Sequence[GridRow]) -> None:
    """Receive money that is meant to cut principal."""
    shorter = bool(event.parts and event.parts[0])
    fold.receive(event.amount, event.ref, early=EarlyMoney.REDUCE_TERM if shorter else EarlyMoney.REDUCE_INSTALMENT)


def extension(fold: Fold, event: Event, _grid: Sequence[GridRow]) -> None:
    """Move the instalments not yet due; the added days bear contract interest where agreed."""
    months, days, with_interest = event.parts
    rows = fold.rows[fold.next :]
    fold.note("extended", {}, None, event.ref)
    if not rows:
        return
    fold.settle_period()
    for k, row in enumerate(rows):
        later = add_months(row.due, months) + timedelta(days=days)
        if k == 0 and with_interest:
            added = days_added(row.due, later, months, days, fold.terms.day_count)
            row.days += added
            row.period_days += added
            row.given_interest += half_up(row.given_on * fold.rate_ppm * added, fold.denominator)
        row.due = row.dpd_from = later
        row.ends = add_months(row.ends, months) + timedelta(days=days)
    recast(fold, fold.not_due, keep_principal=True)


def re_age(fold: Fold, event: Event, _grid: Sequence[GridRow]) -> None:
    """Start the day counter anew; what is overdue stays due."""
    for row in fold.rows[fold.first : fold.next]:
        row.dpd_from = event.effective
    fold.note("re_aged", {}, None, event.ref)


def restructure(fold: Fold, event: Event, _grid: Sequence[GridRow]) -> None:
    """Put all principal, and the categories the agreement capitalises, on a new schedule.

    What is not capitalised stays owed as charges outside the schedule; default interest is given up where the
    contract restarts it.
    """
    capitalised, amounts_given = event.parts
    begun = max(fold.mark, event.effective)  # later where a due day moved to before the end of its period
    fold.accelerate(event.ref)
    total = 0
    for row in fold.claimable():
        if fold.within_grace(row):
            fold.drop_growth(row, "grace_kept")
        for category in Category:
            owed = fold.owed(row, category)
            restarts = fold.terms.recast_penalty is RecastPenalty.RESTART and row.number > 0
            rolled = category is Category.PRINCIPAL or capitalised >> category & 1
            if owed and category in {Category.PENALTY, Category.COMPOUND} and restarts and not rolled:
                fold.note("given_up", {ACCOUNT[category]: -owed}, row, event.ref)
            elif owed and rolled:
                fold.take(row, category, owed)
                total += owed
                fold.note("capitalised", {ACCOUNT[category]: -owed, Account.NOT_DUE: owed}, row, event.ref)
            elif owed and row.number > 0:
                _charge(fold, category, owed)
    fold.rows.clear()
    fold.journal.clear()
    fold.first = fold.next = 0
    fold.rate_ppm = event.amount
    fold.rated = fold.rate_ppm > 0
    fold.forget_carried()
    fold.mark = begun
    fold.method = Method.FREE if amounts_given else _method_after(fold)
    load(fold, event.grid, after=0)
    lost = days_between(event.effective, begun, fold.terms.day_count)
    for row in fold.rows[:1] if lost else ():
        row.days = max(row.days - lost, 0)
    if lost or not _as_given(fold, total):
        recast(fold, total)


def _method_after(fold: Fold) -> Method:
    return Method.EQUAL_INSTALMENT if fold.terms.method is Method.FREE else fold.terms.method


def _charge(fold: Fold, category: Category, owed: int) -> None:
    charges = fold.charges
    if category is Category.INTEREST:
        charges.interest += owed
    elif category is Category.PENALTY:
        charges.penalty.whole += owed
    elif category is Category.COMPOUND:
        charges.compound.whole += owed
    elif category is Category.FEE:
        charges.fee += owed
    else:
        charges.cost += owed


def plan(fold: Fold, event: Event, _grid: Sequence[GridRow]) -> None:
    """Agree a plan beside the contract, or end it."""
    fold.plan = event.grid
    fold.plan_base = fold.paid_total
    fold.plan_day = event.effective
    fold.note("plan" if event.grid else "plan_ends", {}, None, event.ref)


def acceleration(fold: Fold, event: Event, _grid: Sequence[GridRow]) -> None:
    """Call everything due."""
    fold.accelerate(event.ref)


def bounce(fold: Fold, event: Event, _grid: Sequence[GridRow]) -> None:
    """Take a bounced payment back: first from held credit, then from what was applied last, latest first."""
    fold.paid_total -= event.amount
    if event.until < fold.plan_day:
        fold.plan_base -= event.amount
    held = min(fold.credit, event.amount)
    fold.credit -= held
    left = event.amount - held
    fold.note("bounced", {Account.CREDIT: -held}, None, event.ref)
    fold.first = 0
    uncut = shorter_by = 0
    while left and fold.journal:
        row, category, minor, ends = fold.journal.pop()
        back = min(left, minor)
        left -= back
        if minor > back:
            fold.journal.append((row, category, minor - back, ends))
        shorter_by = minor - back if ends else 0
        fold.ends = min(max(fold.ends, ends), len(fold.rows))
        if category is None:
            fold.note("bounced", {Account.NOT_DUE: back}, None, event.ref)
            uncut += back
        else:
            fold.grow(row)
            _give_back(row, category, back)
            fold.note("bounced", {ACCOUNT[category]: back}, row, event.ref)
    if uncut:
        fold.settle_period()
        recast(fold, fold.not_due + uncut, shorter_by=shorter_by)
    if left and not fold.sold:
        fold.charges.principal += left
        fold.note("bounced", {Account.PRINCIPAL: left}, fold.charges, event.ref)
    fold.close_settled()


def _give_back(row: Instalment, category: Category, minor: int) -> None:
    if category is Category.PRINCIPAL:
        row.principal += minor
    elif category is Category.INTEREST:
        from_late = min(minor, row.late.settled)
        row.late.settled -= from_late
        row.interest += minor - from_late
    elif category is Category.FEE:
        row.fee += minor
    elif category is Category.COST:
        row.cost += minor
    else:
        (row.penalty if category is Category.PENALTY else row.compound).settled -= minor


def write_off(fold: Fold, event: Event, _grid: Sequence[GridRow]) -> None:
    """Note that the lender's accounts have given the loan up; the claim stays as it is."""
    fold.written_off = True
    fold.note("written_off", {}, None, event.ref)


def sale(fold: Fold, event: Event, _grid: Sequence[GridRow]) -> None:
    """Let the claim pass to somebody else: nothing is owed to us from today."""
    _wipe(fold, "sold", event.ref)
    fold.sold = True


def _wipe(fold: Fold, what: str, ref: str) -> None:
    moves = {Account.NOT_DUE: -fold.not_due, Account.CREDIT: -fold.credit}
    for row in fold.claimable():
        if fold.within_grace(row):
            fold.drop_growth(row, "grace_kept")
    for category in Category:
        moves[ACCOUNT[category]] = -sum(fold.owed(row, category) for row in fold.claimable())
    fold.note(what, moves, None, ref)
    fold.credit = fold.not_due = 0
    fold.forget_carried()
    fold.rows.clear()
    fold.journal.clear()
    fold.first = fold.next = 0
    fold.charges = Instalment(0, fold.charges.due, 0)


def note(fold: Fold, event: Event, _grid: Sequence[GridRow]) -> None:
    """Keep a note about collateral or a guarantee; no amount changes."""
    fold.note(event.kind.name.lower(), {}, None, event.ref)


APPLY: dict[Kind, Callable[[Fold, Event, Sequence[GridRow]], None]] = {
    Kind.OPENING: opening,
    Kind.DRAWDOWN: drawdown,
    Kind.INSTALMENT_SET: instalment_set,
    Kind.PAYMENT: money,
    Kind.FEE: fee,
    Kind.RATE_CHANGE: rate_change,
    Kind.GRACE: grace,
    Kind.PAUSE: pause,
    Kind.WAIVER: waiver,
    Kind.PREPAYMENT: prepayment,
    Kind.EXTENSION: extension,
    Kind.RE_AGE: re_age,
    Kind.RESTRUCTURE: restructure,
    Kind.PLAN: plan,
    Kind.ACCELERATION: acceleration,
    Kind.WRITE_OFF: write_off,
    Kind.RECOVERY: money,
    Kind.SALE: sale,
    Kind.COLLATERAL_NOTE: note,
    Kind.GUARANTEE_NOTE: note,
    Kind.PAUSE_END: pause_end,
    Kind.BOUNCE: bounce,
}
