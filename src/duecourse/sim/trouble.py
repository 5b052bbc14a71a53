"""What the lender does about a loan that is not paid: agreements, waivers, acceleration, write-off, sale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from duecourse.core.balance import Fold
from duecourse.core.contract import Category, Method
from duecourse.core.days import add_months
from duecourse.core.events import PAUSE_DPD, PAUSE_INTEREST, PAUSE_PENALTY, GridRow, Kind
from duecourse.core.schedule import grid
from duecourse.sim.lender import LAST_DAY, SALE_DAY
from duecourse.sim.life import Life
from duecourse.sim.products import YUAN
from duecourse.sim.temperament import Nature, Pays, Temper

WRITE_OFF_AFTER = 9  # missed cycles
SECURED_AFTER = 4
LEGAL_AFTER = 5


@dataclass(slots=True)
class State:
    """How a loan stands with its lender, in the cycles so far."""

    agree_after: int  # days from the shock to an agreement
    missed: int = 0
    agreed: bool = False
    accelerated: bool = False
    sued: bool = False
    written_off: bool = False

    def settle(self, pays: Pays) -> None:
        """Count what a payment made good."""
        if pays in {Pays.ALL, Pays.OVER}:
            self.missed = 0
        elif pays is Pays.TWO:
            self.missed = max(self.missed - 1, 0)
        elif pays is Pays.PART:
            self.missed += 1


def respond(life: Life, nature: Nature, state: State, cycle: date) -> bool:
    """Let the lender act before a cycle; whether the cycle must be looked at anew."""
    day = life.fold.day + timedelta(days=2)
    if day > LAST_DAY:
        return False
    if nature.temper is Temper.HARDSHIP and nature.shaken(day) and not state.agreed:
        if day < nature.shock + timedelta(days=state.agree_after) or day >= cycle:
            return False
        state.agreed = True
        return _agree(life, state, day)
    if nature.temper is not Temper.DEFAULTER or state.missed < SECURED_AFTER or day >= cycle:
        return False
    return _enforce(life, state, day)


def _agree(life: Life, state: State, day: date) -> bool:
    kind = life.rng.choices(
        (Kind.RESTRUCTURE, Kind.EXTENSION, Kind.PAUSE, Kind.PLAN, Kind.WAIVER, Kind.RE_AGE),
        (28, 16, 18, 18, 10, 10),
    )[0]
    life.live_to(day)
    if kind is Kind.RESTRUCTURE:
        return _restructure(life, state, day)
    if kind is Kind.EXTENSION and life.deal.terms.method is Method.FREE:
        return _given_anew(life, day)
    if kind is Kind.EXTENSION:
        life.happen(kind, day, parts=(life.rng.randint(1, 3), 0, life.rng.randrange(2)))
        return True
    if kind is Kind.PAUSE:
        bits = life.rng.choice((PAUSE_PENALTY, PAUSE_PENALTY | PAUSE_DPD, PAUSE_INTEREST | PAUSE_PENALTY | PAUSE_DPD))
        life.happen(kind, day, parts=(bits,), until=day + timedelta(days=life.rng.choice((30, 60, 90))))
        return True
    if kind is Kind.PLAN:
        life.happen(kind, day, grid=plan_rows(life.rng, life.due(), day))
    elif kind is Kind.WAIVER:
        life.happen(kind, day, -1, parts=(Category.PENALTY,))
    elif state.missed:
        life.happen(kind, day)
    return False


def plan_rows(rng: Random, owed: int, day: date) -> tuple[GridRow, ...]:
    """An agreed plan: what is owed, in three to six equal parts, the remainder with the last."""
    count = rng.choice((3, 4, 6))
    part = max(owed // count, 10 * YUAN)
    amounts = [part] * (count - 1) + [max(owed - part * (count - 1), part)]
    return tuple(GridRow(add_months(day, n), 0, amount) for n, amount in enumerate(amounts, start=1))


def _given_anew(life: Life, day: date) -> bool:
    """A partner sends a new schedule: what is not yet due, a month later."""
    fold = life.fold
    if not isinstance(fold, Fold) or fold.next >= len(fold.rows):
        return False
    rows = tuple(
        GridRow(add_months(row.due, 1), row.days, row.principal, row.interest, row.fee)
        for row in fold.rows[fold.next :]
    )
    life.happen(Kind.INSTALMENT_SET, day, grid=rows)
    return True


def _restructure(life: Life, state: State, day: date) -> bool:
    fold, deal = life.fold, life.deal
    if not isinstance(fold, Fold):
        return False
    terms = deal.terms
    if terms.method is Method.BULLET:
        first, count = day + timedelta(days=terms.period_days), 1
    else:
        first, count = add_months(day, 1), life.rng.choice((6, 12, 18, 24))
    rows = grid(terms, start=day, first_due=first, count=count)
    capitalised = (1 << Category.INTEREST) | (1 << Category.PENALTY) * life.rng.randrange(2)
    rate = terms.rate_ppm * life.rng.choice((50, 75, 100)) // 100
    life.happen(Kind.RESTRUCTURE, day, rate, parts=(capitalised, 0), grid=rows)
    state.missed = 0
    return True


def _enforce(life: Life, state: State, day: date) -> bool:
    rng, deal = life.rng, life.deal
    if deal.product.secured and not state.accelerated and rng.random() < 0.5:
        state.accelerated = True
        life.live_to(day)
        life.happen(Kind.ACCELERATION, day)
        return True
    if state.missed >= LEGAL_AFTER and not state.sued and rng.random() < 0.15:
        state.sued = True
        life.live_to(day)
        life.happen(Kind.FEE, day, rng.randrange(300, 2_000) * YUAN, parts=(Category.COST,))
        return False
    if state.missed >= WRITE_OFF_AFTER and not state.written_off and not deal.product.secured and rng.random() < 0.3:
        state.written_off = True
        life.live_to(day)
        life.happen(Kind.WRITE_OFF, day, learnt=0)
        if day <= SALE_DAY and rng.random() < 0.5:
            life.live_to(SALE_DAY)
            life.happen(Kind.SALE, SALE_DAY, _price(life), learnt=0)
        return True
    return False


def _price(life: Life) -> int:
    """What a buyer gave: four fen in the yuan of what was owed."""
    return life.due() * 4 // 100
