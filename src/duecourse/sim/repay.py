"""The life of a loan with instalments: drawn, billed, paid or not, and in trouble.

A cycle is one instalment's due day; when the last instalment has fallen due and something is owed, cycles go on month
by month. In each one the borrower chooses (`temperament`), and the lender answers to what was not paid (`trouble`).
"""

from __future__ import annotations

from datetime import date, timedelta

from duecourse.core.accrual import Instalment
from duecourse.core.balance import Fold
from duecourse.core.contract import Category, EarlyMoney, Method
from duecourse.core.events import Event, Kind
from duecourse.core.money import half_up
from duecourse.sim import trouble
from duecourse.sim.lender import LAST_DAY, RELIEF_DAY, RELIEF_REGION, RESET_DAYS, TAKEOVER_DAYS
from duecourse.sim.life import Life, Parts
from duecourse.sim.products import BUSINESS, YUAN
from duecourse.sim.temperament import Choice, Nature, Pays, Temper, choose

MONTH = timedelta(days=30)
BOUNCES = 0.005
PREPAYS_ALL = 0.004
PREPAYS_PART = 0.003
GUARANTEED = 0.75
CYCLES_MAX = 400


def live(life: Life, nature: Nature) -> None:
    """Live a loan with instalments up to the last day."""
    begin(life)
    outside = _outside(life)
    state = trouble.State(agree_after=life.rng.randint(50, 130))
    cycle = life.fold.day
    for _ in range(CYCLES_MAX):
        row = _next_row(life)
        if row is None and not life.due():
            return
        cycle = row.due if row else cycle + MONTH
        if cycle - timedelta(days=5) > LAST_DAY:
            return
        while outside and outside[0][0] < cycle:
            day, kind, amount, parts = outside.pop(0)
            life.happen(kind, day, amount, parts=parts, learnt=0)
        if trouble.respond(life, nature, state, cycle):
            if life.over:
                return
            continue
        _cycle(life, nature, state, cycle, row)
        if cycle > LAST_DAY:
            return


def begin(life: Life) -> None:
    """Pay the money out, in one or two parts, or take the loan over with its balances."""
    deal, rng = life.deal, life.rng
    if deal.product.taken_over:
        _take_over(life)
    elif deal.product is BUSINESS and rng.random() < 0.1:
        first = deal.principal * 6 // 10
        life.happen(Kind.DRAWDOWN, deal.start, first, learnt=0)
        second = deal.start + timedelta(days=rng.randint(10, 25))
        if second <= LAST_DAY:
            life.happen(Kind.DRAWDOWN, second, deal.principal - first, learnt=0)
    else:
        life.happen(Kind.DRAWDOWN, deal.start, deal.principal, learnt=0)
    if deal.product.secured:
        life.happen(Kind.COLLATERAL_NOTE, deal.start, learnt=0)
    if deal.product is BUSINESS and rng.random() < GUARANTEED:
        life.happen(Kind.GUARANTEE_NOTE, deal.start, learnt=0)


def _take_over(life: Life) -> None:
    """The position on the day of the take-over: mostly current, sometimes with up to three instalments overdue."""
    deal, rng = life.deal, life.rng
    day = next(each for each in TAKEOVER_DAYS if each > deal.start + timedelta(days=30))
    probe = Life(deal, rng)
    probe.happen(Kind.DRAWDOWN, deal.start, deal.principal, learnt=0)
    probe.live_to(day)
    fold = probe.fold
    if not isinstance(fold, Fold):
        raise TypeError("cards are not taken over")
    fallen = fold.rows[: fold.next]
    missed = fallen[len(fallen) - rng.choice((0, 0, 0, 0, 0, 0, 1, 1, 2, 3)) :] if fallen else []
    if not missed:
        life.happen(Kind.OPENING, day, fold.not_due, learnt=0)
        return
    days = sum((day - row.due).days * row.principal for row in missed)
    penalty = half_up(days * deal.terms.penalty_ppm, deal.terms.denominator)
    parts = (sum(row.principal for row in missed), sum(row.interest for row in missed), 0, penalty, 0)
    life.happen(Kind.OPENING, day, fold.not_due, parts=parts, until=missed[0].due, learnt=0)


def _outside(life: Life) -> list[tuple[date, Kind, int, Parts]]:
    """What comes over the loan from outside: rate resets, and relief after the flood."""
    deal = life.deal
    begun = life.fold.day
    found: list[tuple[date, Kind, int, Parts]] = []
    if deal.product.floating:
        rate = deal.terms.rate_ppm
        for day, step in RESET_DAYS.items():
            rate += step
            if day > begun:
                default_rate = rate * deal.product.penalty_percent // 100
                found.append(
                    (day, Kind.RATE_CHANGE, rate, (default_rate, default_rate if deal.terms.compound_ppm else -1))
                )
    if deal.region == RELIEF_REGION and begun < RELIEF_DAY:
        found.append((RELIEF_DAY, Kind.GRACE, 10, ()))
    return sorted(found)


def _next_row(life: Life) -> Instalment | None:
    fold = life.fold
    if not isinstance(fold, Fold):
        raise TypeError("a card has statements, not instalments")
    return fold.rows[fold.next] if fold.next < len(fold.rows) else None


def _cycle(life: Life, nature: Nature, state: trouble.State, due: date, row: Instalment | None) -> None:
    instalment = row.rest if row else 0
    if row and nature.temper is Temper.PAYER and not state.missed and _prepays(life, due):
        return
    choice = choose(life.rng, nature, due=due, missed=state.missed, agreed=state.agreed)
    held = life.deal.terms.early_money is EarlyMoney.HOLD  # elsewhere money before the day cuts the principal
    day = max(due + timedelta(days=choice.days if held else max(choice.days, 0)), life.fold.day)
    if choice.pays is Pays.NOTHING or day > LAST_DAY:
        state.missed += 1
        life.live_to(min(due, LAST_DAY))
        return
    if day <= due and life.clear:  # nothing to look at: what will be asked is the instalment
        owed = max(instalment - life.fold.credit, 0)
    else:
        life.live_to(day)
        owed = max(life.due() + instalment - life.fold.credit, 0) if day < due else life.due()
    amount = _amount(life, choice, instalment, owed)
    if amount:
        paid = life.pay(day, amount, kind=Kind.RECOVERY if state.written_off else Kind.PAYMENT)
        if _bounces(life, paid, day) and not _pays_again(life, paid, amount, due):
            state.missed += 1
            return
    state.settle(choice.pays)
    life.live_to(min(max(due, day), LAST_DAY))


def _amount(life: Life, choice: Choice, instalment: int, owed: int) -> int:
    if choice.pays is Pays.ALL:
        return owed
    if choice.pays is Pays.OVER:
        return -(-owed // (100 * YUAN)) * 100 * YUAN
    if choice.pays is Pays.PART:
        return min(max(instalment or owed, YUAN) * life.rng.randint(2, 7) // 10, owed)
    wanted = (instalment or owed) * (2 if choice.pays is Pays.TWO else 1)
    return min(wanted, owed)


def _bounces(life: Life, paid: Event, day: date) -> bool:
    if life.rng.random() >= BOUNCES or day + timedelta(days=2) > LAST_DAY or paid.kind is not Kind.PAYMENT:
        return False
    life.bounce(paid, life.rng.randint(1, 2))
    if life.rng.random() < 0.4:
        life.happen(Kind.FEE, life.fold.day, 20 * YUAN, parts=(Category.FEE,), learnt=0)
    return True


def _pays_again(life: Life, paid: Event, amount: int, due: date) -> bool:
    day = max(paid.effective, due) + timedelta(days=life.rng.randint(3, 12))
    if life.rng.random() < 0.2 or day > LAST_DAY:
        return False
    life.live_to(day)
    life.pay(day, max(life.due(), amount))
    return True


def _prepays(life: Life, due: date) -> bool:
    """Whether a good payer settles early, or cuts the principal, in this cycle."""
    u = life.rng.random()
    method = life.deal.terms.method
    if u >= PREPAYS_ALL + PREPAYS_PART or method is Method.BULLET:
        return False
    day = max(due - timedelta(days=life.rng.randint(6, 20)), life.fold.day + timedelta(days=1))
    if day > LAST_DAY or day >= due:
        return False
    life.live_to(day)
    fold = life.fold
    if not isinstance(fold, Fold):
        return False
    if u < PREPAYS_ALL:
        amount = max(life.due() + fold.not_due + fold.accrued() - fold.credit, 0)
    else:
        amount = fold.not_due // (5 * YUAN) * YUAN
    if amount:
        life.pay(day, amount, kind=Kind.PREPAYMENT, reduce_term=life.rng.random() < 0.3)
    return True
