"""The life of a revolving card: purchases, statements, and full, minimum, partial or no payment."""

from __future__ import annotations

from datetime import date, timedelta

from duecourse.core.card import CardFold, read
from duecourse.core.contract import Category
from duecourse.core.events import PAUSE_DPD, PAUSE_INTEREST, PAUSE_PENALTY, Kind
from duecourse.sim.lender import LAST_DAY
from duecourse.sim.life import Life
from duecourse.sim.products import YUAN
from duecourse.sim.temperament import Nature, Pays, Temper, choose
from duecourse.sim.trouble import plan_rows

PURCHASES_MAX = 4
TRANSACTORS = 0.55
"""Part of the card holders in good standing who pay the whole statement; the others revolve."""


def live(life: Life, nature: Nature) -> None:
    """Live a card up to the last day."""
    deal, rng = life.deal, life.rng
    transactor = rng.random() < TRANSACTORS
    missed, agreed = 0, False
    opened = deal.start
    life.happen(Kind.DRAWDOWN, deal.start, rng.randrange(50, 800) * YUAN, learnt=0)
    for row in deal.grid:
        billed = row.due - timedelta(days=row.days)
        _spend(life, opened, billed, frozen=missed > 1)
        opened = billed
        if billed >= LAST_DAY:
            return
        life.live_to(billed)
        if not life.due():
            continue
        if missed > 2 and nature.temper is Temper.HARDSHIP and not agreed:
            agreed = _agree(life, billed + timedelta(days=1))
        choice = choose(rng, nature, due=row.due, missed=missed, agreed=agreed)
        day = max(row.due + timedelta(days=min(choice.days, 8)), billed + timedelta(days=1))
        if choice.pays is Pays.NOTHING or day > LAST_DAY:
            missed += 1
            continue
        _pay(life, day, choice.pays, whole=transactor and missed == 0)
        missed = 0 if choice.pays in {Pays.ALL, Pays.OVER} else missed
        opened = max(opened, day)


def _spend(life: Life, opened: date, billed: date, *, frozen: bool) -> None:
    """Purchases of one cycle, within the limit; none on a card that is two statements behind."""
    fold, rng = life.fold, life.rng
    span = (billed - opened).days - 1
    if frozen or span < 1 or not isinstance(fold, CardFold):
        return
    days = sorted(rng.randrange(1, span + 1) for _ in range(rng.randrange(PURCHASES_MAX + 1)))
    room = life.deal.principal - sum(statement.principal for statement in fold.statements)
    for offset in days:
        day = opened + timedelta(days=offset)
        amount = rng.randrange(2_000, max(life.deal.principal // 8, 4_000))
        if day > LAST_DAY or amount > room:
            return
        room -= amount
        life.happen(Kind.DRAWDOWN, day, amount, learnt=0)


def _pay(life: Life, day: date, pays: Pays, *, whole: bool) -> None:
    life.live_to(day)
    fold = life.fold
    if not isinstance(fold, CardFold):
        raise TypeError("only cards have statements")
    if whole:
        amount = sum(statement.owed(category) for statement in fold.issued() for category in Category)
    else:
        amount = read(fold, day).due
    if pays is Pays.OVER:
        amount = -(-amount // (100 * YUAN)) * 100 * YUAN
    elif pays is Pays.PART:
        amount = amount * life.rng.randint(2, 7) // 10
    if amount:
        life.pay(day, amount)


def _agree(life: Life, day: date) -> bool:
    """A plan, a pause or a waiver: the agreements that a card knows."""
    if day > LAST_DAY:
        return False
    life.live_to(day)
    u = life.rng.random()
    if u < 0.5:
        life.happen(Kind.PLAN, day, grid=plan_rows(life.rng, life.due(), day))
    elif u < 0.8:
        bits = PAUSE_INTEREST | PAUSE_PENALTY | PAUSE_DPD
        life.happen(Kind.PAUSE, day, parts=(bits,), until=day + timedelta(days=60))
    else:
        life.happen(Kind.WAIVER, day, -1, parts=(Category.FEE,))
    return True
