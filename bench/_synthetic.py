"""A book of any size for the benches, as an importer would have written it: drawn from a seed, whole numbers only.

Every loan has 12 monthly instalments, half of them equal instalments (30/360, one instalment after the other), half
equal principal (actual/365, principal first over all instalments), all with default interest by day. About a fifth are
overdue on `AS_OF`; of the payments, one in a hundred became known days later and one in a hundred was reversed.
A loan depends on its number and the seed alone, so a large book can be made part by part.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl
import rfc8785

from duecourse.book.tables import CONVENTIONS, EVENTS, INSTALMENTS, LOANS, ORDER, conventions_id, conventions_json
from duecourse.core.contract import Category, Method, ReversalMode, Terms, Walk
from duecourse.core.days import DayCount, add_months
from duecourse.core.events import RANK, Kind
from duecourse.core.ids import MIX_64, shard
from duecourse.core.schedule import grid, lay

if TYPE_CHECKING:
    from numpy.typing import NDArray

AS_OF = date(2026, 2, 28)
KNOWN = datetime(2026, 2, 28, 23, tzinfo=UTC)
"""When the last of it was known."""

INSTALMENTS_EACH = 12
OLDEST, YOUNGEST = 420, 35
"""Days before `AS_OF` on which loans were paid out."""

OVERDUE_PPM = 200_000
PRINCIPALS = tuple(300_000 * n for n in range(1, 11))  # 3,000.00 to 30,000.00
SOURCE = "bench" * 8
PER_MILLE = 1_000

_EQUAL = Terms(
    method=Method.EQUAL_INSTALMENT,
    rate_ppm=0,
    walk=Walk.BY_INSTALMENT,
    reversal=ReversalMode.AS_IF_NEVER,
)
_PRINCIPAL = Terms(
    method=Method.EQUAL_PRINCIPAL,
    rate_ppm=0,
    day_count=DayCount.ACT_365,
    walk=Walk.BY_CATEGORY,
    order=(Category.COST, Category.PRINCIPAL, Category.INTEREST, Category.PENALTY, Category.COMPOUND, Category.FEE),
    reversal=ReversalMode.FROM_BOUNCE_DAY,
)
RATES = {_EQUAL: 180_000, _PRINCIPAL: 144_000}
"""Annual ppm by terms; default interest is half as much again, in place of the contract's."""


class Book(NamedTuple):
    """The tables that the engine reads, each in the order of `tables.ORDER`."""

    loans: pl.DataFrame
    conventions: pl.DataFrame
    instalments: pl.DataFrame
    events: pl.DataFrame


class _Lives(NamedTuple):
    """What is drawn for some loans; the arrays are loans, or loans by instalments."""

    key: NDArray[np.int64]
    person: NDArray[np.int64]
    terms: NDArray[np.int64]  # place in `RATES`
    start: NDArray[np.int32]  # days since 1970
    principal: NDArray[np.int64]
    due: NDArray[np.int32]
    days: NDArray[np.int32]
    amount: NDArray[np.int64]
    paid: NDArray[np.int64]  # money that came, 0 for none
    paid_day: NDArray[np.int32]
    late_known: NDArray[np.int32]  # days until it was known
    bounced: NDArray[np.bool_]


def book(
    loans: int,
    *,
    first: int = 0,
    seed: int = 1,
    shards: int = 8,
    overdue_ppm: int = OVERDUE_PPM,
    youngest: int = YOUNGEST,
) -> Book:
    """Loans number ``first`` to ``first + loans - 1``; nine borrowers in ten have one of them, the others two.

    They were paid out ``youngest`` to `OLDEST` days ago.
    """
    numbers = np.arange(first, first + loans, dtype=np.uint64)
    lives = _lives(numbers, seed, overdue_ppm, youngest)
    place = {person: shard(person, shards) for person in set(lives.person.tolist())}
    shard_of = np.array([place[person] for person in lives.person.tolist()], dtype=np.int16)
    refs = pl.Series("loan_ref", numbers).cast(pl.String).str.zfill(10)
    names = conventions()["conventions"].to_numpy()
    rates = np.array(list(RATES.values()), dtype=np.int64)[lives.terms]
    table = pl.DataFrame({
        "shard": shard_of, "loan_key": lives.key, "person_id": lives.person, "loan_ref": refs, "contract_ref": refs,
        "conventions": names[lives.terms], "rate_ppm": rates, "penalty_ppm": rates * 3 // 2,
        "start": _dates(lives.start), "maturity": _dates(lives.due[:, -1]), "principal_minor": lives.principal,
    }).with_columns(
        product=pl.lit("bench"), region=pl.lit("999900"), currency=pl.lit("CNY"), compound_ppm=pl.lit(0),
        secured=pl.lit(value=False), known=pl.lit(KNOWN), source=pl.lit(SOURCE),
    )  # fmt: skip
    return Book(
        _fit(table, "loans", LOANS),
        conventions(),
        _fit(_schedules(lives, shard_of), "instalments", INSTALMENTS),
        _fit(_events(lives, shard_of, refs), "events", EVENTS),
    )


def amounts(
    loans: int, *, first: int = 0, seed: int = 1, overdue_ppm: int = OVERDUE_PPM, youngest: int = YOUNGEST
) -> pl.DataFrame:
    """What falls due of the same loans: loan_key, due and amount, for peers that lay no schedules."""
    lives = _lives(np.arange(first, first + loans, dtype=np.uint64), seed, overdue_ppm, youngest)
    return pl.DataFrame({
        "loan_key": np.repeat(lives.key, INSTALMENTS_EACH), "due": _dates(lives.due.reshape(-1)),
        "amount": lives.amount.reshape(-1),
    })  # fmt: skip


def conventions() -> pl.DataFrame:
    """The two sets of conventions, in the order of `RATES`."""
    texts = [rfc8785.dumps(conventions_json(terms)) for terms in RATES]
    return pl.DataFrame(
        {"conventions": [conventions_id(t) for t in texts], "currency": "CNY", "terms": [t.decode() for t in texts]},
        schema=CONVENTIONS,
    )


def _fit(frame: pl.DataFrame, name: str, schema: dict[str, Any]) -> pl.DataFrame:
    return frame.select(pl.col(column).cast(kind) for column, kind in schema.items()).sort(ORDER[name])


def _mix(numbers: NDArray[np.uint64], salt: int) -> NDArray[np.uint64]:
    """The finaliser of splitmix64: well-spread 64-bit words, another sequence for each salt."""
    with np.errstate(over="ignore"):
        word = numbers + np.uint64(salt + 1) * np.uint64(MIX_64[0])
        word = (word ^ (word >> np.uint64(30))) * np.uint64(MIX_64[1])
        word = (word ^ (word >> np.uint64(27))) * np.uint64(MIX_64[2])
        return word ^ (word >> np.uint64(31))


def _draw(numbers: NDArray[np.uint64], salt: int, below: int) -> NDArray[np.int64]:
    return (_mix(numbers, salt) % np.uint64(below)).astype(np.int64)


def _lives(numbers: NDArray[np.uint64], seed: int, overdue_ppm: int, youngest: int) -> _Lives:
    salt = 1_000 * seed
    each = (len(numbers), INSTALMENTS_EACH)
    terms = _draw(numbers, salt + 1, len(RATES))
    age = youngest + _draw(numbers, salt + 2, OLDEST - youngest)
    size = _draw(numbers, salt + 3, len(PRINCIPALS))
    dues, days, amounts = _laid()
    due, amount = dues[age], amounts[terms, age, size]
    as_of = _day(AS_OF)
    behind = np.where(_draw(numbers, salt + 4, 1_000_000) < overdue_ppm, _depth(numbers, salt + 5), 0)
    fallen = (due <= as_of).sum(axis=1)
    unpaid_from = np.maximum(fallen - behind, 0)
    nth = np.broadcast_to(np.arange(INSTALMENTS_EACH), each)
    cells = (numbers[:, None] * np.uint64(INSTALMENTS_EACH) + nth.astype(np.uint64)).reshape(-1)
    lag = _draw(cells, salt + 6, PER_MILLE).reshape(each)
    lag = np.where(lag < 150, lag % 9 + 1, 0)
    paid_day = np.minimum(due + lag, as_of).astype(np.int32)
    paid = np.where(nth < unpaid_from[:, None], amount + (lag > 0) * (amount // 50), 0)
    half = (nth == unpaid_from[:, None]) & (behind[:, None] > 0) & (due + 5 <= as_of)
    half &= (_draw(numbers, salt + 7, 2) == 1)[:, None]
    paid = np.where(half, amount // 2, paid)
    paid_day = np.where(half, due + 5, paid_day)
    late = _draw(cells, salt + 8, PER_MILLE).reshape(each)
    late_known = np.where(late < 10, np.minimum(3 + late, as_of - paid_day), 0).astype(np.int32)
    bounced = (_draw(cells, salt + 9, PER_MILLE).reshape(each) < 10) & (paid > 0)
    person = numbers - (numbers % np.uint64(10) == np.uint64(9)).astype(np.uint64)
    return _Lives(
        (_mix(numbers, 1) >> np.uint64(1)).astype(np.int64), (_mix(person, 2) >> np.uint64(1)).astype(np.int64),
        terms, (as_of - age).astype(np.int32), np.array(PRINCIPALS)[size], due, days[terms, age], amount,
        paid, paid_day, late_known, bounced,
    )  # fmt: skip


def _depth(numbers: NDArray[np.uint64], salt: int) -> NDArray[np.int64]:
    """How many instalments an overdue loan is behind: half of them one, few of them many."""
    drawn = _draw(numbers, salt, PER_MILLE)
    return np.select([drawn < 500, drawn < 700, drawn < 800], [1, 2, 3], 4 + drawn % 9)


@cache
def _laid() -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    """Due days by age; days of interest by terms and age; amounts by terms, age and principal; each by instalment."""
    dues = np.zeros((OLDEST, INSTALMENTS_EACH), np.int32)
    days = np.zeros((len(RATES), OLDEST, INSTALMENTS_EACH), np.int32)
    amounts = np.zeros((len(RATES), OLDEST, len(PRINCIPALS), INSTALMENTS_EACH), np.int64)
    for age in range(YOUNGEST, OLDEST):
        start = AS_OF - timedelta(days=age)
        for place, (terms, rate) in enumerate(RATES.items()):
            rows = grid(terms, start=start, first_due=add_months(start, 1), count=INSTALMENTS_EACH, due_day=start.day)
            dues[age] = [_day(row.due) for row in rows]
            spans = [row.days for row in rows]
            days[place, age] = spans
            for size, principal in enumerate(PRINCIPALS):
                laid, _ = lay(terms, terms.method, principal=principal, rate_ppm=rate, days=spans)
                amounts[place, age, size] = [sum(part) for part in laid]
    return dues, days, amounts


def _schedules(lives: _Lives, shard_of: NDArray[np.int16]) -> pl.DataFrame:
    """The contract's schedule of each loan, without amounts: the engine lays them."""
    return pl.DataFrame({
        "shard": np.repeat(shard_of, INSTALMENTS_EACH), "loan_key": np.repeat(lives.key, INSTALMENTS_EACH),
        "due": _dates(lives.due.reshape(-1)), "days": lives.days.reshape(-1),
    }).with_columns(
        set_no=pl.lit(0), principal_minor=pl.lit(0), interest_minor=pl.lit(0), fee_minor=pl.lit(0), known=pl.lit(KNOWN)
    )  # fmt: skip


def _events(lives: _Lives, shard_of: NDArray[np.int16], refs: pl.Series) -> pl.DataFrame:
    """Drawdowns, payments, reversals, and payments made again three days after the first."""
    as_of = _day(AS_OF)
    whose, nth = np.nonzero(lives.paid)
    day, late = lives.paid_day[whose, nth], lives.late_known[whose, nth]
    amount, bounced = lives.paid[whose, nth], lives.bounced[whose, nth]
    named = pl.DataFrame({"ref": refs.gather(whose), "nth": nth}).select(
        pl.format("{}-{}", "ref", "nth").alias("ref")
    )["ref"]  # fmt: skip
    back = np.flatnonzero(bounced)
    again = np.flatnonzero(bounced & (day + 3 <= as_of))
    learnt = np.minimum(day + np.maximum(late, 3), as_of)
    more = amount + amount // 50
    parts = [
        _part(
            Kind.DRAWDOWN, np.arange(len(lives.key)), lives.start, lives.start, ref=refs + "-D", amount=lives.principal
        ),
        _part(Kind.PAYMENT, whose, day, day + late, ref=named, amount=amount),
        _part(
            Kind.REVERSAL,
            whose[back],
            np.minimum(day + 2, as_of)[back],
            learnt[back],
            ref=named.gather(back) + "R",
            target=named.gather(back),
        ),
        _part(
            Kind.PAYMENT, whose[again], day[again] + 3, learnt[again], ref=named.gather(again) + "A", amount=more[again]
        ),
    ]
    frame = pl.concat(parts)
    whose = frame["whose"].to_numpy()
    return frame.with_columns(
        pl.Series("shard", shard_of[whose]),
        pl.Series("loan_key", lives.key[whose]),
        until=pl.lit(None, dtype=pl.Date),
        set_no=pl.lit(0),
        source=pl.lit(SOURCE),
        **{f"p{n}": pl.lit(None, dtype=pl.Int64) for n in range(1, 6)},
    )


def _part(
    kind: Kind,
    whose: NDArray[np.int64],
    day: NDArray[np.int32],
    known: NDArray[np.int32],
    *,
    ref: pl.Series,
    amount: NDArray[np.int64] | None = None,
    target: pl.Series | None = None,
) -> pl.DataFrame:
    none = pl.Series([None], dtype=pl.String).new_from_index(0, len(whose))
    return pl.DataFrame({
        "whose": whose, "effective": _dates(day), "known": _dates(known), "ref": ref,
        "amount": np.zeros(len(whose), np.int64) if amount is None else amount,
        "target": none if target is None else target,
    }).with_columns(
        pl.col("known").cast(pl.Datetime("us")).dt.replace_time_zone("UTC") + pl.duration(hours=12),
        kind=pl.lit(int(kind), dtype=pl.Int8),
        rank=pl.lit(RANK.get(kind, 0), dtype=pl.Int8),
    )  # fmt: skip


def _dates(days: NDArray[np.int32]) -> pl.Series:
    return pl.Series(days.astype(np.int32)).cast(pl.Date)


def _day(day: date) -> int:
    return (datetime.combine(day, time()) - datetime(1970, 1, 1)).days  # noqa: DTZ001 - days, no instants
