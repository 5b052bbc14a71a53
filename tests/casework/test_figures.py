"""Figures: a number is the sum of its rows, what is prepared is that sum, and each says what the book's report says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from duecourse.book import report
from duecourse.book.store import Store, version_from
from duecourse.casework import day_run
from duecourse.casework.actor import Actor, Role
from duecourse.casework.figures import asking, book, preparing
from duecourse.casework.figures.asking import FIGURES, BadCursor
from duecourse.casework.figures.figure import Figure, Ground, NoSuchDimension, Span, Unit, asked, span
from duecourse.casework.figures.preparing import CostStands
from duecourse.casework.figures.saying import csv_rows
from duecourse.cli.figure import _question
from duecourse.core.events import RANK, Kind
from duecourse.storage import books, worklists
from duecourse.storage.connection import Database
from duecourse.storage.figures import ChannelCost
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.day_desk import DAY, KNOWN, add_version, clock, fill, run_day

VAULT = Vault(new_ring())
MONTHS = Span(date(2024, 1, 1), DAY)


@pytest.fixture
def store(database: Database, tmp_path: Path) -> Store:
    made = Store(tmp_path / "book")
    fill(database, made, VAULT)
    with database.transaction("demo") as tx:  # so that the law has something to refuse
        tx.execute("UPDATE contact_point SET state = 'wrong' WHERE person_id %% 3 = 0", ())
    return made


@contextmanager
def grounded(database: Database, store: Store) -> Iterator[Ground]:
    with database.transaction("demo") as tx:
        yield Ground(tx, store, clock())


def every_row(of: Figure, days: Span, ground: Ground, *where: str, most: int = 1_000) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    cursor: str | None = None
    while True:
        page = asking.rows(of, asked(of, days, where=where), ground, cursor=cursor, most=most)
        found += [dict(row) for row in page.rows]
        if page.next is None:
            return found
        cursor = page.next


def test_what_a_run_prepares_is_what_its_rows_sum_to(database: Database, store: Store) -> None:
    for day in (DAY - timedelta(days=1), DAY):
        run_day(database, store, VAULT, day)
    with grounded(database, store) as ground:
        preparing.prepare_costly(DAY, clock(), ground)
        before = Span(DAY - timedelta(days=40), DAY)
        for of in FIGURES.values():
            days = MONTHS if of.name in book.COSTLY else before
            assert preparing.differences(of, days, ground) == [], of.name
        prepared = {
            name: ground.tx.value("SELECT count(*) FROM figure_cell WHERE figure = %s", (name,))
            for name in ("book.stage", "case.open", "proposal.asked", "refusal.proposal", "book.roll", "book.vintage")
        }
    assert all(prepared.values()), prepared


def test_a_prepared_sum_that_is_not_its_rows_is_found(database: Database, store: Store) -> None:
    run_day(database, store, VAULT)
    with grounded(database, store) as ground:
        of = FIGURES["proposal.asked"]
        ground.tx.execute("DELETE FROM figure_cell WHERE figure = %s AND at[1] = 'in_house_call'", (of.name,))
        found = preparing.differences(of, Span(DAY, DAY), ground)
    assert found
    assert {one.at[1] for one in found} == {"in_house_call"}
    assert all(one.prepared is None and one.summed for one in found)


def test_a_run_that_dies_once_it_is_published_leaves_no_sum_of_the_run_before(
    database: Database, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_day(database, store, VAULT)
    with grounded(database, store) as ground:
        fixed = [of for of in FIGURES.values() if of.by_run and of.name not in book.COSTLY]
        ground.tx.execute("DELETE FROM figure_cell")  # what stands prepared is wrong now
        assert all(preparing.differences(of, Span(DAY, DAY), ground) for of in fixed)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(day_run, "prepare_run", die)
    with pytest.raises(KeyboardInterrupt):
        run_day(database, store, VAULT)
    with grounded(database, store) as ground:
        for of in fixed:
            assert preparing.differences(of, Span(DAY, DAY), ground) == [], of.name


def test_the_pages_of_a_figure_sum_to_its_cells(database: Database, store: Store) -> None:
    run_day(database, store, VAULT)
    day = Span(DAY, DAY)
    with grounded(database, store) as ground:
        for name in ("book.stage", "case.open", "proposal.asked", "refusal.proposal"):
            of = FIGURES[name]
            measure = of.measures[0].name
            by = of.dimensions[2].name
            cells = asking.answer(of, asked(of, day, by=[by]), ground).cells
            paged = every_row(of, day, ground, most=7)
            sums = Counter[str]()
            for row in paged:
                sums[str(row[by])] += int(str(row[measure]))
            expected = Counter[str]()
            for cell in cells:
                expected[cell.at[by]] += cell.of[measure]
            assert sums == expected, name
            assert sum(expected.values()) == len(paged) > 7, name
            one = max(expected)
            assert len(every_row(of, day, ground, f"{by}={one}", most=3)) == expected[one]


def test_figures_say_what_the_report_and_the_worklists_say(database: Database, store: Store) -> None:
    run_day(database, store, VAULT)
    with grounded(database, store) as ground:
        row = books.newest(ground.tx)
        assert row is not None
        ages = report.ages_of(store, version_from(row.version, row.tables), DAY)
        stages = {
            tuple(cell.at[name] for name in ("currency", "stage")): cell.of
            for cell in asking.answer(
                FIGURES["book.stage"], asked(FIGURES["book.stage"], Span(DAY, DAY), by=["currency", "stage"]), ground
            ).cells
        }
        said = report.by_stage_and_class(ages).group_by("currency", "stage_rank").agg(pl.col("loans", "owed").sum())
        assert {(currency, book._STAGES[rank]): (loans, owed) for currency, rank, loans, owed in said.iter_rows()} == {
            (at[-2], at[-1]): (of["loans"], of["owed_minor"]) for at, of in stages.items()
        }
        refused = worklists.refusal_counts(ground.tx, DAY)
        cells = asking.answer(
            FIGURES["refusal.proposal"],
            asked(FIGURES["refusal.proposal"], Span(DAY, DAY), by=["rule", "treatment"]),
            ground,
        ).cells
        assert {(c.at["rule"], c.at["treatment"]): c.of["refusals"] for c in cells} == {
            (cause, treatment): count for cause, treatment, count in refused.iter_rows()
        }
        months = book.months_of(ground, DAY)
        rolls = asking.answer(FIGURES["book.roll"], asked(FIGURES["book.roll"], MONTHS, by=["before", "after"]), ground)
        assert {(c.at["before"], c.at["after"]): c.of["loans"] for c in rolls.cells} == {
            (str(r["before"]), r["after"]): r["loans"] for r in report.roll_rates(months).to_dicts()
        }
        cured = asking.answer(FIGURES["book.cure"], asked(FIGURES["book.cure"], MONTHS, by=["stage"]), ground)
        assert {c.at["stage"]: dict(c.of) for c in cured.cells} == {
            str(r.pop("stage")): r for r in report.cures(months).to_dicts()
        }
        vintage = asking.answer(
            FIGURES["book.vintage"], asked(FIGURES["book.vintage"], MONTHS, by=["cohort", "months"]), ground
        )
        shown = {(c.at["cohort"], c.at["months"]): (c.of["loans"], c.of["bad"]) for c in vintage.cells}
        told = {
            (str(r["cohort"]), str(r["months"])): (r["loans"], r["bad"]) for r in report.vintages(months).to_dicts()
        }
        assert shown
        assert shown == {at: value for at, value in told.items() if at in shown}


def test_a_day_restated_by_a_late_fact_is_summed_anew(database: Database, store: Store) -> None:
    made = fill_events(database, store)
    with grounded(database, store) as ground:
        of = FIGURES["book.stage"]
        earlier = Span(DAY - timedelta(days=1), DAY - timedelta(days=1))
        assert preparing.differences(of, Span(earlier.first, DAY), ground) == []
        answer = asking.answer(of, asked(of, earlier), ground, since=DAY)
        assert answer.prepared_at is None, "what was restated is no longer prepared"
        assert sum(cell.of["loans"] for cell in answer.cells) > 0
    assert made


def fill_events(database: Database, store: Store) -> bool:
    """Two days run, between which a payment of the first becomes known."""
    run_day(database, store, VAULT, DAY - timedelta(days=1))
    with database.transaction("demo") as tx:
        row = books.newest(tx)
        assert row is not None
        version = version_from(row.version, row.tables)
        ages = report.ages_of(store, version, DAY - timedelta(days=1))
    late = ages.filter((pl.col("dpd") > 0) & (pl.col("status") == "active")).head(1)
    loan = late["loan_key"][0]
    sample = store.read(version, "events").filter(pl.col("loan_key") == loan)
    paid = sample.head(1).with_columns(
        effective=pl.lit(DAY - timedelta(days=5)),
        rank=pl.lit(RANK[Kind.PAYMENT], dtype=pl.Int8),
        kind=pl.lit(int(Kind.PAYMENT), dtype=pl.Int8),
        known=pl.lit(KNOWN + timedelta(hours=2)).dt.cast_time_unit("us"),
        ref=pl.lit("late"),
        amount=pl.lit(10_000_000, dtype=pl.Int64),
        p1=pl.lit(None, dtype=pl.Int64), p2=pl.lit(None, dtype=pl.Int64), p3=pl.lit(None, dtype=pl.Int64),
        p4=pl.lit(None, dtype=pl.Int64), p5=pl.lit(None, dtype=pl.Int64),
        until=pl.lit(None, dtype=pl.Date), target=pl.lit(None, dtype=pl.String), set_no=pl.lit(0, dtype=pl.Int64),
    )  # fmt: skip
    add_version(database, store, {"events": paid}, known=KNOWN + timedelta(hours=3))
    ran = run_day(database, store, VAULT, DAY)
    return ran.restated > 0


def test_csv_is_the_cells(database: Database, store: Store) -> None:
    run_day(database, store, VAULT)
    with grounded(database, store) as ground:
        of = FIGURES["case.open"]
        ask = asked(of, Span(DAY, DAY), by=["stage"])
        answer = asking.answer(of, ask, ground)
    head, *lines = csv_rows(of, ask, answer)
    assert head == ["day", "stage", "cases", "owed_minor", "overdue_minor"]
    assert [line[2] for line in lines] == [cell.of["cases"] for cell in answer.cells]


@pytest.mark.parametrize("cursor", ["!", "W10", "WyJ4Il0", "WyIyMDI1LTA2LTEwIiwgIngiXQ", "bnVsbA"])
def test_a_cursor_that_no_page_gave_is_refused(database: Database, store: Store, cursor: str) -> None:
    run_day(database, store, VAULT)
    of = FIGURES["case.open"]
    with pytest.raises(BadCursor), grounded(database, store) as ground:
        asking.rows(of, asked(of, Span(DAY, DAY)), ground, cursor=cursor)


def test_what_divides_no_figure_is_named() -> None:
    of = FIGURES["case.open"]
    with pytest.raises(NoSuchDimension, match="divided by day, currency, stage"):
        asked(of, span(DAY, DAY), by=["weekday"])


def test_a_channel_costs_nothing_until_somebody_says_so(database: Database, store: Store) -> None:
    actor = Actor(Role.OPERATOR, "test")
    said = ChannelCost("call", DAY, "CNY", 150, str(actor), clock())
    with grounded(database, store) as ground:
        loan, person = ground.tx.execute("SELECT loan_key, person_id FROM party LIMIT 1").fetchone() or (0, 0)
        for day in (DAY - timedelta(days=1), DAY):
            ground.tx.execute(
                "INSERT INTO contact (lender_id, person_id, debtor_id, loan_keys, relation, channel, purpose, "
                "direction, at, local_day, state, outcome, connected, known_at) VALUES ('demo', %s, %s, %s, "
                "'borrower', 'call', 'collect', 'out', %s, %s, 'reported', 'connected', true, %s)",
                (person, person, [loan], clock(), day, clock()),
            )
        preparing.set_cost(ground.tx, vault=VAULT, cost=said, actor=actor, now=clock())
        of = FIGURES["cost.contact"]
        days = asked(of, Span(DAY - timedelta(days=1), DAY), by=["day"])
        assert [dict(cell.of) for cell in asking.answer(of, days, ground).cells] == [
            {"contacts": 1, "cost_minor": 0},
            {"contacts": 1, "cost_minor": 150},
        ]
        with pytest.raises(CostStands):
            preparing.set_cost(ground.tx, vault=VAULT, cost=said, actor=actor, now=clock())


def test_a_contact_told_by_a_file_counts_in_the_funnel_as_one_reported_here(database: Database, store: Store) -> None:
    with grounded(database, store) as ground:
        loan, person = ground.tx.execute("SELECT loan_key, person_id FROM party LIMIT 1").fetchone() or (0, 0)
        for outcome, connected in (("spoke", True), ("connected", True), ("hung_up", True), ("no_answer", False)):
            ground.tx.execute(
                "INSERT INTO contact (lender_id, person_id, debtor_id, loan_keys, relation, channel, purpose, "
                "direction, at, local_day, state, outcome, connected, known_at) VALUES ('demo', %s, %s, %s, "
                "'borrower', 'call', 'collect', 'out', %s, %s, 'reported', %s, %s, %s)",
                (person, person, [loan], clock(), DAY, outcome, connected, clock()),
            )
        of = FIGURES["contact.funnel"]
        (cell,) = asking.answer(of, asked(of, Span(DAY, DAY)), ground).cells
    assert dict(cell.of) == {"attempts": 4, "connected": 3, "right_party": 2, "promised": 0, "kept": 0}


def test_amounts_at_the_terminal_are_told_by_currency_however_they_are_divided(
    database: Database, store: Store
) -> None:
    run_day(database, store, VAULT)
    of_money = [of for of in FIGURES.values() if any(one.unit is Unit.MINOR for one in of.measures)]
    assert len(of_money) > 3
    with database.transaction("demo") as tx:
        for of in of_money:
            ask, _ = _question(of, tx, (None, None), [of.dimensions[0].name])
            assert ask.by == (of.dimensions[0].name, "currency"), of.name
