"""What `age` gives and takes: columns, versions of knowledge, faults of single loans, tables out of order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from duecourse.book.kernels.age import age
from duecourse.book.kernels.prepare import UnknownConventions
from duecourse.core.contract import EarlyMoney, LevelFrom, Method, ReversalMode, Terms
from duecourse.core.delinquency import Loan, reading
from duecourse.core.events import Event, GridRow, Kind, UnknownTarget
from duecourse.core.reading import Status
from tests.random_columns import Book, book
from tests.random_loans import instant

START = date(2026, 1, 5)
AS_OF = date(2026, 6, 30)
KNOWN = instant(date(2026, 12, 31))
TERMS = Terms(method=Method.EQUAL_INSTALMENT, rate_ppm=90_000, penalty_ppm=135_000)
GRID = tuple(GridRow(date(2026, month, 5), 30) for month in range(2, 13))


def event(kind: Kind, day: date, ref: str, **more: Any) -> Event:  # noqa: ANN401  # an event's fields
    return Event(kind=kind, effective=day, known=more.pop("known", instant(day)), ref=ref, **more)


DRAWN = event(Kind.DRAWDOWN, START, "draw", amount=1_200_000)
PAID = event(Kind.PAYMENT, date(2026, 2, 5), "p1", amount=110_000)


def loan(*events: Event, terms: Terms = TERMS) -> Loan:
    return Loan(ref="L", terms=terms, grid=GRID, events=(DRAWN, *events))


def aged(tables: Book, **more: Any) -> pl.DataFrame:  # noqa: ANN401  # as_of and known
    return age(*tables, **{"as_of": AS_OF, "known": KNOWN, "threads": 1, **more})


def test_columns_are_those_of_a_reading_with_their_types() -> None:
    assert dict(aged(book([loan(PAID)])).schema) == {
        "loan_key": pl.Int64, "person_id": pl.Int64, "shard": pl.Int16, "day": pl.Date, "status": pl.Int8,
        "dpd": pl.Int32, "plan_dpd": pl.Int32, "oldest_due": pl.Date, "next_due": pl.Date, "last_payment": pl.Date,
        "cost": pl.Int64, "fee": pl.Int64, "interest": pl.Int64, "penalty": pl.Int64, "compound": pl.Int64,
        "principal": pl.Int64, "not_due": pl.Int64, "accrued": pl.Int64, "credit": pl.Int64, "overdue": pl.Int64,
        "next_amount": pl.Int64, "paid_total": pl.Int64, "due": pl.Int64, "settle": pl.Int64,
        "due_in_a_week": pl.Int64, "rate_ppm": pl.Int64, "penalty_ppm": pl.Int64, "fault": pl.String,
    }  # fmt: skip


def test_a_loan_before_its_first_event_is_not_drawn_and_has_no_dates() -> None:
    row = aged(book([loan()]), as_of=START - timedelta(days=30)).row(0, named=True)
    assert row["status"] == list(Status).index(Status.NOT_DRAWN)
    assert [row[name] for name in ("oldest_due", "next_due", "last_payment", "dpd", "settle")] == [None] * 3 + [0, 0]


def test_an_empty_book_gives_an_empty_frame() -> None:
    tables = book([loan(PAID)])
    empty = Book(*(table.clear() for table in tables))
    assert aged(empty).height == 0
    assert aged(Book(tables.loans.clear(), *tables[1:])).height == 0


def test_a_loan_without_events_or_instalments_is_there() -> None:
    tables = book([loan(PAID)])
    row = aged(Book(tables.loans, tables.conventions, tables.instalments.clear(), tables.events.clear()))
    assert row["status"].to_list() == [0]


@pytest.mark.parametrize("mode", list(ReversalMode))
@pytest.mark.parametrize(
    "reversals",
    [
        pytest.param(["nothing"], id="no such event"),
        pytest.param(["p1", "p1"], id="reversed twice"),
        pytest.param(["p1", "r0"], id="a reversal reversed"),
    ],
)
def test_a_reversal_without_a_standing_target_faults_its_loan_only(mode: ReversalMode, reversals: list[str]) -> None:
    back = [
        event(Kind.REVERSAL, date(2026, 2, 8) + timedelta(days=n), f"r{n}", target=target)
        for n, target in enumerate(reversals)
    ]
    sound = loan(PAID)
    bad = loan(PAID, *back, terms=Terms(method=Method.EQUAL_INSTALMENT, rate_ppm=90_000, reversal=mode))
    found = aged(book([sound, bad, sound]))
    assert found["fault"].is_null().to_list() == [True, False, True]
    assert found.row(1, named=True)["dpd"] is None
    assert found.row(2, named=True)["settle"] == reading(sound, AS_OF, known=KNOWN).settle
    with pytest.raises(UnknownTarget) as refused:
        reading(bad, AS_OF, known=KNOWN)
    assert found["fault"][1] == str(refused.value)


def test_an_unknown_reversal_does_not_fault_before_it_is_known() -> None:
    late = event(Kind.REVERSAL, date(2026, 2, 8), "r", target="nothing", known=instant(date(2026, 9, 1)))
    tables = book([loan(PAID, late)])
    assert aged(tables, known=instant(date(2026, 8, 1)))["fault"].to_list() == [None]
    assert aged(tables)["fault"].null_count() == 0


def test_rows_in_any_order_and_of_other_loans_give_the_same() -> None:
    twice = event(Kind.PAYMENT, date(2026, 2, 5), "p0", amount=50_000)
    back = event(Kind.REVERSAL, date(2026, 3, 1), "r", target="p0")
    loans = [loan(PAID), loan(PAID, twice, back), loan(twice, PAID)]
    tables, mixed = book(loans), book(loans, shuffled=True)
    assert aged(mixed).equals(aged(tables))
    assert aged(Book(tables.loans[1:2], *tables[1:])).equals(aged(tables)[1:2])


def test_payments_of_one_instant_count_in_the_order_of_their_references() -> None:
    terms = Terms(
        method=Method.EQUAL_INSTALMENT,
        rate_ppm=90_000,
        early_money=EarlyMoney.REDUCE_TERM,
        reversal=ReversalMode.FROM_BOUNCE_DAY,
    )
    day = date(2026, 2, 5)
    same = [event(Kind.PAYMENT, day, f"p{n}", amount=90_000 * (n + 1)) for n in range(3)]
    back = [event(Kind.REVERSAL, date(2026, 3, 1), f"r{n}", target=f"p{n}") for n in (2, 0)]
    given = loan(*same, *back, terms=terms)
    assert aged(book([given], shuffled=True))["settle"].to_list() == [reading(given, AS_OF, known=KNOWN).settle]


def test_the_latest_known_row_of_a_loan_counts() -> None:
    tables = book([loan(PAID)])
    learnt = date(2026, 5, 1)
    newer = tables.loans.with_columns(rate_ppm=pl.lit(180_000, pl.Int64), known=pl.lit(instant(learnt)))
    both = Book(pl.concat([newer, tables.loans]), *tables[1:])
    dear = Book(newer, *tables[1:])
    assert aged(both)["settle"].to_list() == aged(dear)["settle"].to_list()
    early = aged(both, known=instant(learnt, 11))
    assert early["settle"].to_list() == aged(tables, known=instant(learnt, 11))["settle"].to_list()


def test_the_latest_known_version_of_a_schedule_counts() -> None:
    tables = book([loan(PAID), loan(PAID)])
    learnt = instant(date(2026, 5, 1))
    moved = tables.instalments.with_columns(pl.col("due").dt.offset_by("10d"), known=pl.lit(learnt))
    both = Book(tables.loans, tables.conventions, pl.concat([tables.instalments, moved]), tables.events)
    only = Book(tables.loans, tables.conventions, moved, tables.events)
    assert aged(both).equals(aged(only))
    before = {"known": instant(date(2026, 4, 30))}
    assert aged(both, **before).equals(aged(tables, **before))


def test_a_loan_not_yet_known_is_not_there() -> None:
    tables = book([loan(PAID)])
    late = tables.loans.with_columns(known=pl.lit(KNOWN))
    assert aged(Book(late, *tables[1:]), known=instant(AS_OF)).height == 0


def test_conventions_that_are_missing_are_named() -> None:
    tables = book([loan(PAID)])
    strange = tables.loans.with_columns(conventions=pl.lit("c-unknown"))
    with pytest.raises(UnknownConventions, match="c-unknown"):
        aged(Book(strange, *tables[1:]))


def test_a_card_without_cycles_and_a_period_without_end_are_faults_of_their_loans() -> None:
    long = Terms(method=Method.EQUAL_INSTALMENT, rate_ppm=899_999, level_from=LevelFrom.ACTUAL)
    card = Terms(method=Method.CARD, rate_ppm=180_000)
    endless = replace(loan(PAID, terms=long), grid=(GridRow(date(2026, 2, 5), 90_001), *GRID[1:]))
    tables = book([loan(PAID), loan(PAID, terms=card), endless, endless, loan(PAID)])
    without = tables.instalments.filter(pl.col("loan_key") != 1001)
    found = aged(Book(tables.loans, tables.conventions, without, tables.events))
    assert found["settle"].is_null().to_list() == [False, True, True, True, False]
    assert "no cycle" in found["fault"][1]
    assert "days of its schedule" in found["fault"][2]
    assert found["fault"][2] == found["fault"][3]


def test_a_bounced_payment_that_paid_many_places_is_given_back_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("duecourse.book.kernels.age.JOURNAL", 2)  # more room is made several times
    terms = Terms(method=Method.EQUAL_INSTALMENT, rate_ppm=90_000, reversal=ReversalMode.FROM_BOUNCE_DAY)
    days = [date(2026, 2, 6) + timedelta(days=n) for n in range(140)]
    paid = [event(Kind.PAYMENT, day, f"p{n}", amount=7_000) for n, day in enumerate(days)]
    back = [event(Kind.REVERSAL, date(2026, 6, 29), f"r{n}", target=f"p{n}") for n in range(140)]
    given = loan(*paid, *back, terms=terms)
    found = aged(book([given])).row(0, named=True)
    wanted = reading(given, AS_OF, known=KNOWN)
    assert (found["settle"], found["due"], found["paid_total"]) == (wanted.settle, wanted.due, 0)
