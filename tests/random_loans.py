"""Random loans from a seed: every method, every convention, events late, back-dated, reversed, partial, over-paid."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from duecourse.core.contract import (
    CardInterest,
    Category,
    CompoundOn,
    EarlyMoney,
    FirstPeriod,
    GraceMode,
    LevelFrom,
    Method,
    PenaltyBase,
    PenaltyMode,
    PenaltyRounding,
    RecastPenalty,
    ReversalMode,
    Terms,
    Walk,
    faults,
)
from duecourse.core.days import FAR, Calendar, DayCount, HolidayShift, add_months
from duecourse.core.delinquency import Loan
from duecourse.core.events import PAUSE_INTEREST, Event, GridRow, Kind
from duecourse.core.schedule import grid, lay

HORIZON = date(2026, 6, 30)
REST = Calendar(
    "random rest days",
    frozenset(date(2023, 1, 1) + timedelta(days=n) for n in range(0, 1600, 6)),
    date(2023, 1, 1),
    date(2027, 5, 1),
)
LONG_REST = Calendar(
    "random rest days, up to ten together",
    REST.rest_days | {REST.covers_from + timedelta(days=n) for n in range(1600) if n % 61 < 9},
    REST.covers_from,
    REST.covers_to,
)


def instant(day: date, hours: int = 12) -> datetime:
    """Noon (UTC) of a day, or ``hours`` after its start."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hours)


def random_terms(rng: Random) -> Terms:
    """Terms that the engines accept, of any method but the card."""
    while True:
        order = list(Category)
        late = list(Category)
        rng.shuffle(late)
        if rng.random() < 0.5:
            rng.shuffle(order)
        count = rng.choice(list(DayCount))
        months = rng.choice([1, 1, 1, 1, 3, 0])
        terms = Terms(
            method=rng.choice([m for m in Method if m is not Method.CARD]),
            rate_ppm=rng.choice([0, 36_000, 90_000, 180_000, 239_999, 360_000]),
            day_count=count,
            period_months=months,
            period_days=0 if months else rng.choice([1, 7, 14, 30]),
            level_from=rng.choice(list(LevelFrom)),
            first_period=rng.choice(list(FirstPeriod)) if count is DayCount.THIRTY_360 else FirstPeriod.BY_DAYS,
            holiday_shift=rng.choice([HolidayShift.NONE, HolidayShift.NONE, *HolidayShift]),
            holiday_interest=rng.random() < 0.3,
            penalty_ppm=rng.choice([0, 54_000, 135_000, 270_000]),
            penalty_mode=rng.choice(list(PenaltyMode)),
            penalty_base=rng.choice(list(PenaltyBase)),
            penalty_rounding=rng.choice(list(PenaltyRounding)),
            compound_ppm=rng.choice([0, 135_000]),
            compound_on=rng.choice(list(CompoundOn)),
            settlement_day=rng.choice([1, 20, 21, 28]),
            grace_days=rng.choice([0, 0, 1, 3, 10]),
            dpd_grace=rng.choice(list(GraceMode)),
            penalty_grace=rng.choice(list(GraceMode)),
            tolerance_minor=rng.choice([0, 0, 0, 100, 5_000]),
            materiality_minor=rng.choice([0, 0, 0, 1_000, 10_000]),
            materiality_ppm=rng.choice([0, 0, 0, 10_000]),
            order=tuple(order),
            walk=rng.choice(list(Walk)),
            late_order=tuple(late),
            late_order_from_dpd=rng.choice([0, 0, 31, 91]),
            early_money=rng.choice(list(EarlyMoney)),
            reversal=rng.choice(list(ReversalMode)),
            recast_penalty=rng.choice(list(RecastPenalty)),
        )
        if not list(faults(terms)):
            return terms


def random_loan(seed: int) -> Loan:
    """A loan whose life is drawn from ``seed``; the same seed gives the same loan."""
    rng = Random(seed)
    terms = random_terms(rng)
    start = date(2024, 1, 1) + timedelta(days=rng.randrange(500))
    first_due = start + timedelta(days=rng.randint(1, 60))
    count = rng.choice([1, 2, 3, 6, 12, 12, 18, 24])
    principal = rng.choice([1, 99, 100_00, 12_000_00, rng.randrange(1, 10**8), 10**12])
    rows = grid(terms, start=start, first_due=first_due, count=count, calendar=REST)
    return _loan(rng, f"R{seed}", terms, start, rows, principal)


def random_moved_loan(seed: int) -> Loan:
    """A loan of a few payments whose due days long rests move, often at the end of the month, perhaps paid out late.

    More than others it is extended, its counters stand still, a plan is agreed, and payments bounce.
    """
    rng = Random(seed)
    while True:
        terms = replace(
            random_terms(rng),
            holiday_shift=rng.choice(list(HolidayShift)),
            holiday_interest=rng.random() < 0.3,
            reversal=rng.choice(list(ReversalMode)),
        )
        if not list(faults(terms)):
            break
    start = date(2024, 1, 1) + timedelta(days=rng.randrange(500))
    if rng.random() < 0.4:
        start = start.replace(day=1) - timedelta(days=1)
    whole = add_months(start, max(terms.period_months, 1))
    first_due = max(rng.choice([whole, start + timedelta(days=rng.randint(1, 60))]), start + timedelta(days=12))
    due_day = rng.choice([0, start.day, 31])
    count, principal = rng.choice([1, 2, 6, 12]), rng.choice([100_00, 12_000_00, rng.randrange(1, 10**8)])
    rows = grid(terms, start=start, first_due=first_due, count=count, due_day=due_day, calendar=LONG_REST)
    found = _loan(rng, f"M{seed}", terms, start, rows, principal)
    late = timedelta(days=rng.choice([0, 0, 0, rng.randrange(15), rng.randrange(70)]))
    events = [replace(e, effective=e.effective + late) if e.ref == "draw" else e for e in found.events]
    if rng.random() < 0.25:
        events += _paid_out_again(rng, start + late, principal) if any(e.ref == "draw" for e in events) else []
    for n in range(rng.choice([0, 1, 2])):
        events += _turn(rng, start + timedelta(days=rng.randrange(400)), n, principal)
    return replace(found, events=tuple(events), start=start if rng.random() < 0.9 else None)


def _paid_out_again(rng: Random, day: date, principal: int) -> list[Event]:
    """The payout comes back, and is made again, or was made before by another one of which we learnt late."""
    back, again = day + timedelta(days=rng.randrange(5)), day + timedelta(days=rng.randrange(-4, 70))
    return [
        Event(kind=Kind.REVERSAL, effective=back, known=instant(back, 13), ref="back", target="draw"),
        Event(kind=Kind.DRAWDOWN, effective=again, known=instant(again, 14), ref="redraw", amount=principal),
    ]


def _turn(rng: Random, day: date, n: int, principal: int) -> list[Event]:
    """A payment that bounces, and beside it an extension, a pause of the day counter or a plan."""
    known, paid = instant(day), day - timedelta(days=rng.randrange(-5, 40))
    back = max(paid, day) + timedelta(days=rng.randrange(60))
    part = GridRow(day + timedelta(days=20), 0, principal // 3 + 1)
    beside = rng.choice([
        Event(kind=Kind.EXTENSION, effective=day, known=known, ref=f"t{n}", parts=(rng.randrange(3), 0, 1)),
        Event(kind=Kind.PAUSE, effective=day, known=known, ref=f"t{n}", parts=(4,), until=day + timedelta(days=30)),
        Event(kind=Kind.PLAN, effective=day, known=known, ref=f"t{n}", grid=(part, part._replace(due=FAR))),
    ])  # fmt: skip
    return [
        beside,
        Event(kind=Kind.PAYMENT, effective=paid, known=instant(paid), ref=f"b{n}", amount=principal // 2 + 1),
        Event(kind=Kind.REVERSAL, effective=back, known=instant(back, 13), ref=f"rb{n}", target=f"b{n}"),
    ]


def _loan(rng: Random, ref: str, terms: Terms, start: date, rows: tuple[GridRow, ...], principal: int) -> Loan:  # noqa: PLR0917
    if terms.method is Method.FREE:
        rows = _given(rng, terms, rows, principal)
    events = list(_opening(rng, start, rows, principal, terms))
    events += _life(rng, terms, start, rows, principal=principal)
    return Loan(ref=ref, terms=terms, grid=rows, events=tuple(rng.sample(events, len(events))), start=start)


def random_long_loan(seed: int) -> Loan:
    """A loan at the engines' bounds: up to 360 instalments, the highest amounts and rates, any event reversed."""
    rng = Random(seed)
    daily = rng.random() < 0.4
    while True:
        drawn = random_terms(rng)
        terms = replace(
            drawn,
            period_months=0 if daily else rng.choice([1, 1, 3]),
            period_days=rng.choice([1, 1, 7]) if daily else 0,
            rate_ppm=rng.choice([drawn.rate_ppm, 899_999, 900_000, rng.randrange(900_000)]),
            penalty_ppm=rng.choice([drawn.penalty_ppm, 900_000]),
        )
        if not list(faults(terms)):
            break
    start = date(2024, 1, 1) + timedelta(days=rng.randrange(500))
    first_due = start + timedelta(days=rng.choice([1, 31, 60]))
    principal = rng.choice([10**12, 10**13, rng.randrange(1, 10**13), rng.randrange(1, 10**6)])
    rows = grid(terms, start=start, first_due=first_due, count=rng.choice([36, 60, 120, 360]), calendar=REST)
    if terms.method is Method.FREE:
        rows = _given(rng, terms, rows, principal)
    events = list(_opening(rng, start, rows, principal, terms))
    events += _life(rng, terms, start, rows, principal=principal)
    for event in list(events):
        if event.kind not in {Kind.PAYMENT, Kind.REVERSAL} and rng.random() < 0.15:
            day = event.effective + timedelta(days=rng.randrange(40))
            known = max(event.known, instant(day)) + timedelta(hours=1)
            ref = f"r-{event.ref}"
            events.append(Event(kind=Kind.REVERSAL, effective=day, known=known, ref=ref, target=event.ref))
    return Loan(ref=f"L{seed}", terms=terms, grid=rows, events=tuple(rng.sample(events, len(events))), start=start)


def random_changed_loan(seed: int) -> Loan:
    """A loan on which one agreement meets another, from ``seed``: a shorter term, a pause of interest, a new rate.

    Half are equal instalments, a quarter have a given schedule: without a rate, below or above it, or with interest on
    no principal.
    """
    rng = Random(seed)
    while True:
        drawn = random_terms(rng)
        method = rng.choice([Method.EQUAL_INSTALMENT, Method.EQUAL_INSTALMENT, Method.FREE, drawn.method])
        terms = replace(drawn, method=method, rate_ppm=rng.choice([0, drawn.rate_ppm, 120_000]))
        if not list(faults(terms)):
            break
    start = date(2024, 1, 1) + timedelta(days=rng.randrange(500))
    first_due = start + timedelta(days=rng.randint(1, 60))
    principal = rng.choice([99, 12_000_00, 12_000_00, rng.randrange(1, 10**8), 10**13])
    count = rng.choice([1, 2, 6, 12, 12, 24])
    rows = grid(terms, start=start, first_due=first_due, count=count, calendar=REST)
    if terms.method is Method.FREE:
        rows = _odd(rng, _given(rng, terms, rows, principal))
    events = list(_opening(rng, start, rows, principal, terms))
    events += _life(rng, terms, start, rows, principal=principal)
    events += _together(rng, start + timedelta(days=rng.randrange(-5, 300)), principal=principal)
    return Loan(ref=f"T{seed}", terms=terms, grid=rows, events=tuple(rng.sample(events, len(events))))


def _odd(rng: Random, rows: tuple[GridRow, ...]) -> tuple[GridRow, ...]:
    """A given schedule whose interest is not that of the rate; at times on no principal, or for no days."""
    part, whole = rng.choice([(1, 1), (1, 2), (2, 1)])
    given = [row._replace(interest=row.interest * part // whole) for row in rows]
    if rng.random() < 0.3:
        ends = rng.randrange(1, len(given) + 1)
        given[ends - 1] = given[ends - 1]._replace(principal=sum(row.principal for row in given[ends - 1 :]))
        given[ends:] = [row._replace(principal=0, interest=1 + rng.randrange(5_000)) for row in given[ends:]]
    if rng.random() < 0.1:
        given[0] = given[0]._replace(days=0)
    return tuple(given)


def _together(rng: Random, day: date, *, principal: int) -> list[Event]:
    """What is agreed while another agreement holds: early money made the term shorter, or interest is paused."""
    part = max(principal // rng.choice([2, 3, 4, 12]), 1)
    events = []
    if rng.random() < 0.6:
        early = Event(kind=Kind.PREPAYMENT, effective=day, known=instant(day), ref="t0", amount=part, parts=(1,))
        events.append(early)
    if not events or rng.random() < 0.5:
        on, until = day + timedelta(days=rng.randrange(40)), rng.choice([FAR, day + timedelta(days=90)])
        known = instant(on)
        events.append(Event(kind=Kind.PAUSE, effective=on, known=known, ref="t1", parts=(PAUSE_INTEREST,), until=until))
    for n in range(2, rng.randrange(3, 6)):
        day += timedelta(days=rng.randrange(40))
        kind = rng.choice(
            [Kind.RATE_CHANGE, Kind.RATE_CHANGE, Kind.WAIVER, Kind.PREPAYMENT, Kind.DRAWDOWN, Kind.PAYMENT]
        )
        amount = max(part // 5, 1)
        parts: tuple[int, ...] = ()
        if kind is Kind.RATE_CHANGE:
            amount, parts = rng.choice([0, 36_000, 120_000, 239_999]), (-1, -1)
        elif kind is Kind.WAIVER:
            parts = (int(Category.PRINCIPAL),)
        elif kind is Kind.PREPAYMENT:
            parts = (rng.randrange(2),)
        events.append(Event(kind=kind, effective=day, known=instant(day), ref=f"t{n}", amount=amount, parts=parts))
    moneys = [event for event in events if event.kind in {Kind.PREPAYMENT, Kind.PAYMENT}]
    if moneys and rng.random() < 0.5:
        back = rng.choice(moneys)
        on = max(back.effective, day - timedelta(days=10)) + timedelta(days=rng.randrange(30))
        known = instant(on) + timedelta(hours=1)
        events.append(Event(kind=Kind.REVERSAL, effective=on, known=known, ref="t9", target=back.ref))
    return events


def _given(rng: Random, terms: Terms, rows: tuple[GridRow, ...], principal: int) -> tuple[GridRow, ...]:
    how = rng.choice([Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL, Method.INTEREST_ONLY])
    laid, _ = lay(terms, how, principal=principal, rate_ppm=terms.rate_ppm or 100_000, days=[r.days for r in rows])
    fee = rng.choice([0, 0, 1_000])
    return tuple(
        row._replace(principal=part.principal, interest=part.interest, fee=fee)
        for row, part in zip(rows, laid, strict=True)
    )


def _opening(rng: Random, start: date, rows: tuple[GridRow, ...], principal: int, terms: Terms) -> list[Event]:
    if rng.random() < 0.15:
        day = start + timedelta(days=rng.randrange(400))
        overdue = rng.random() < 0.5
        parts = tuple(rng.randrange(0, principal // 4 + 1) for _ in range(5)) if overdue else ()
        ahead = sum(row.principal for row in rows if row.due > day)
        return [
            Event(
                kind=Kind.OPENING,
                effective=day,
                known=instant(day),
                ref="open",
                amount=ahead if terms.method is Method.FREE and rng.random() < 0.8 else rng.randrange(principal + 1),
                parts=parts,
                until=day - timedelta(days=rng.randrange(200)) if overdue else FAR,
            )
        ]
    first = principal if rng.random() < 0.9 else principal // 2
    drawn = [Event(kind=Kind.DRAWDOWN, effective=start, known=instant(start), ref="draw", amount=first)]
    if first < principal:
        later = start + timedelta(days=rng.randrange(90))
        drawn.append(
            Event(kind=Kind.DRAWDOWN, effective=later, known=instant(later), ref="draw2", amount=principal - first)
        )
    return drawn


def _life(rng: Random, terms: Terms, start: date, rows: tuple[GridRow, ...], *, principal: int) -> list[Event]:
    span = (HORIZON - start).days
    habit = rng.random()
    size = max(sum(row.principal + row.interest for row in rows) // len(rows), principal // len(rows), 1)
    payments: list[Event] = []
    for n, row in enumerate(rows):
        if rng.random() > habit or row.due > HORIZON:
            continue
        paid = row.due + timedelta(days=rng.choice([-20, -1, 0, 0, 0, 1, 5, 12, 45, 100]))
        amount = rng.choice([size, size, size, size // 2, size + size // 10, size * 2, rng.randrange(1, size * 3 + 1)])
        known = instant(paid) + timedelta(days=rng.choice([0, 0, 0, 0, 1, 9, 60]))
        payments.append(Event(kind=Kind.PAYMENT, effective=paid, known=known, ref=f"p{n}", amount=max(amount, 1)))
    events = list(payments)
    for payment in payments:
        if rng.random() < 0.08:
            day = payment.effective + timedelta(days=rng.randrange(0, 30))
            events.append(
                Event(
                    kind=Kind.REVERSAL,
                    effective=day,
                    known=max(payment.known, instant(day)) + timedelta(hours=1),
                    ref=f"r-{payment.ref}",
                    target=payment.ref,
                )
            )
    for n in range(rng.choice([0, 0, 1, 2, 3, 5])):
        day = start + timedelta(days=rng.randrange(span))
        known = instant(day) + timedelta(days=rng.choice([-3, 0, 0, 0, 10]))
        events.append(_adjustment(rng, terms, day, known, principal=principal, ref=f"a{n}"))
    return events


def _adjustment(rng: Random, terms: Terms, day: date, known: datetime, *, principal: int, ref: str) -> Event:
    kind = rng.choice(
        [
            Kind.FEE, Kind.FEE, Kind.RATE_CHANGE, Kind.GRACE, Kind.PAUSE, Kind.PAUSE, Kind.WAIVER, Kind.WAIVER,
            Kind.PREPAYMENT, Kind.PREPAYMENT, Kind.EXTENSION, Kind.RE_AGE, Kind.RESTRUCTURE, Kind.PLAN,
            Kind.ACCELERATION, Kind.WRITE_OFF, Kind.RECOVERY, Kind.SALE, Kind.INSTALMENT_SET, Kind.DRAWDOWN,
            Kind.COLLATERAL_NOTE, Kind.GUARANTEE_NOTE,
        ]
    )  # fmt: skip
    amount, until = 0, FAR
    parts: tuple[int, ...] = ()
    rows: tuple[GridRow, ...] = ()
    if kind in {Kind.FEE, Kind.DRAWDOWN, Kind.RECOVERY}:
        amount = rng.randrange(1, principal // 10 + 2)
        parts = (rng.choice([Category.COST, Category.FEE]),) if kind is Kind.FEE else ()
    elif kind is Kind.RATE_CHANGE:
        amount, parts = rng.choice([0, 60_000, 120_000]), (rng.choice([-1, 0, 180_000]), rng.choice([-1, 90_000]))
    elif kind is Kind.GRACE:
        amount = rng.randrange(15)
    elif kind is Kind.PAUSE:
        parts = (rng.randrange(1, 8),)
        until = rng.choice([FAR, day + timedelta(days=rng.randrange(1, 120))])
    elif kind is Kind.WAIVER:
        amount, parts = rng.choice([-1, rng.randrange(1, principal // 5 + 2)]), (rng.choice(list(Category)),)
    elif kind is Kind.PREPAYMENT:
        amount, parts = rng.choice([principal // 3 + 1, principal * 2, 1]), (rng.randrange(2),)
    elif kind is Kind.EXTENSION:
        parts = (rng.randrange(4), rng.randrange(20), rng.randrange(2))
    elif kind in {Kind.RESTRUCTURE, Kind.INSTALMENT_SET, Kind.PLAN}:
        given = kind is not Kind.RESTRUCTURE or rng.random() < 0.3
        rows = _new_rows(rng, terms, day, principal, given=given)
        if kind is Kind.RESTRUCTURE:
            amount, parts = rng.choice([0, 90_000]), (rng.randrange(64), int(given))
        elif kind is Kind.PLAN and rng.random() < 0.2:
            rows = ()
    return Event(kind=kind, effective=day, known=known, ref=ref, amount=amount, parts=parts, until=until, grid=rows)


def _new_rows(rng: Random, terms: Terms, day: date, principal: int, *, given: bool) -> tuple[GridRow, ...]:
    count = rng.choice([1, 3, 6])
    rows = grid(terms, start=day, first_due=day + timedelta(days=rng.randint(1, 40)), count=count)
    if not given:
        return rows
    part = principal // (2 * len(rows))
    return tuple(row._replace(principal=part, interest=part // 50) for row in rows)


def random_card(seed: int) -> Loan:
    """A card whose life is drawn from ``seed``."""
    rng = Random(seed)
    while True:
        drawn = random_terms(rng)
        terms = replace(
            drawn,
            method=Method.CARD,
            reversal=ReversalMode.AS_IF_NEVER,
            card_interest=rng.choice(list(CardInterest)),
            card_minimum_ppm=rng.choice([50_000, 100_000, 1_000_000]),
            card_minimum_floor=rng.choice([0, 5_000]),
            card_late_fee_ppm=rng.choice([0, 50_000]),
        )
        if not list(faults(terms)):
            break
    start = date(2024, 1, 1) + timedelta(days=rng.randrange(400))
    to_pay = rng.choice([20, 25, 45])
    rows = tuple(
        GridRow(add_months(start, n) + timedelta(days=to_pay), to_pay) for n in range(1, rng.choice([3, 12, 24]))
    )
    span = (HORIZON - start).days
    events = []
    for n in range(rng.randrange(1, 30)):
        day = start + timedelta(days=rng.randrange(span))
        events.append(
            Event(kind=Kind.DRAWDOWN, effective=day, known=instant(day), ref=f"d{n}", amount=rng.randrange(1, 500_000))
        )
    if rng.random() < 0.1:
        day = start + timedelta(days=rng.randrange(60))
        parts = tuple(rng.randrange(100_000) for _ in range(5))
        until = day - timedelta(days=rng.randrange(100))
        opened = Event(kind=Kind.OPENING, effective=day, known=instant(day), ref="open", amount=300_000)
        events.append(replace(opened, parts=parts, until=until) if rng.random() < 0.5 else opened)
    pretend = tuple(row._replace(principal=100_000) for row in rows)
    events += _life(rng, terms, start, pretend, principal=2_000_000)
    return Loan(ref=f"C{seed}", terms=terms, grid=rows, events=tuple(rng.sample(events, len(events))), start=start)
