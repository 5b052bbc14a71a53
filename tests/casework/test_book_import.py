"""Importing tapes: whole or not at all, once, with everything that is wrong named and nothing personal shown."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random

import polars as pl
import pytest

from duecourse.book.store import BookVersion, Store, version_from
from duecourse.book.tape import patch as patches
from duecourse.casework.book_import import Quarantined
from duecourse.casework.merge import Reason, merge
from duecourse.casework.parties import Batch
from duecourse.core.events import RANK, Kind
from duecourse.core.ids import loan_key, person_id
from duecourse.storage import books, breaks, lenders, parties
from duecourse.storage.connection import BATCH, Database
from tests.day_desk import add_version
from tests.desk import batch, persons, phones, register, ties
from tests.tapes import ACTOR, LOANS, NOW, PAYMENTS, VAULT, bring, check, order, read, tape

ROOT = Path(__file__).parents[2]
KILLS = 20
L1, L2 = loan_key("demo", "L1"), loan_key("demo", "L2")


def newest(database: Database) -> BookVersion | None:
    with database.transaction("demo") as tx:
        row = books.newest(tx)
    return None if row is None else version_from(row.version, row.tables)


def open_breaks(database: Database) -> list[tuple[object, ...]]:
    with database.transaction("demo") as tx:
        return breaks.open_breaks(tx).select("kind", "loan_key", "subject", "theirs_minor", "ours_minor").rows()


def test_a_tape_becomes_a_book(desk: Database, store: Store, tmp_path: Path) -> None:
    done = bring(desk, store, order(tape(tmp_path / "t", loans=LOANS, payments=PAYMENTS)))
    assert (done.version, done.looked.quarantined) == (1, 0)
    assert done.looked.arrival.principal_in == done.looked.arrival.principal_accepted == {"CNY": 2_400_000}
    events = read(desk, store, "events").select("loan_key", "kind", "ref", "amount", "effective").sort("effective")
    assert events.rows() == [
        (L1, Kind.DRAWDOWN, "~drawdown", 1_200_000, date(2026, 1, 5)),
        (L2, Kind.DRAWDOWN, "~drawdown", 1_200_000, date(2026, 1, 31)),
        (L1, Kind.PAYMENT, "P1", 50_000, date(2026, 2, 20)),
        (L2, Kind.PAYMENT, "P2", 5_000, date(2026, 2, 27)),
    ]
    with desk.transaction("demo") as tx:
        assert [p.relation for p in parties.of_person(tx, person_id("demo", "C1"))] == ["borrower"]
        (source, other) = books.sources(tx)
        assert {source.kind, other.kind} == {"loans", "payments"}
        assert tx.value("SELECT count(*) FROM log_entry WHERE kind = 'book.import'") == 1
    at = newest(desk)
    assert at is not None
    assert store.verified(at) == []


def test_an_unknown_currency_costs_its_row_and_is_in_no_sum(desk: Database, store: Store, tmp_path: Path) -> None:
    head, first, second = LOANS.splitlines()
    loans = f"{head},currency\n{first},CNY\n{second},XXX\n"
    looked = check(desk, store, order(tape(tmp_path / "t", loans=loans)))
    assert looked.quarantined == 1
    sums = looked.arrival.principal_in, looked.arrival.principal_accepted, looked.arrival.principal_unread
    assert sums == ({"CNY": 1_200_000}, {"CNY": 1_200_000}, {"XXX": 1})


def test_the_same_again_changes_nothing(desk: Database, store: Store, tmp_path: Path) -> None:
    folder = tape(tmp_path / "t", loans=LOANS, payments=PAYMENTS)
    bring(desk, store, order(folder))
    again = bring(desk, store, order(folder), now=NOW + timedelta(days=1))
    assert (again.version, again.changed, again.looked.skipped) == (1, False, ("loans.csv", "payments.csv"))
    other = tape(tmp_path / "u", loans=LOANS + "\n", payments=PAYMENTS.replace(",5000", ",05000"))
    same = bring(desk, store, order(other), now=NOW + timedelta(days=1))
    assert (same.version, same.changed, same.looked.skipped) == (1, False, ())


def test_a_delta_adds_what_is_new(desk: Database, store: Store, tmp_path: Path) -> None:
    bring(desk, store, order(tape(tmp_path / "t", loans=LOANS, payments=PAYMENTS)))
    delta = tape(tmp_path / "d", payments=PAYMENTS + "L1,P3,2026-02-28,100\n")
    done = bring(desk, store, order(delta), now=NOW + timedelta(days=1))
    assert done.version == 2
    assert done.looked.arrival.change.rows["events"]["ref"].to_list() == ["P3"]
    assert read(desk, store, "events", known=NOW)["ref"].to_list().count("P3") == 0, "as it was known then"


def test_payments_without_reference_are_counted(desk: Database, store: Store, tmp_path: Path) -> None:
    text = "loan_ref,paid_on,amount_minor\nL1,2026-02-20,100\nL1,2026-02-20,100\n"
    bring(desk, store, order(tape(tmp_path / "t", loans=LOANS, payments=text)))
    more = tape(tmp_path / "u", payments=text + "L1,2026-02-20,100\n")
    assert bring(desk, store, order(more)).looked.arrival.change.rows["events"].height == 1
    assert bring(desk, store, order(tape(tmp_path / "v", payments=text + "\n"))).changed is False


def test_changed_terms_are_known_from_now(desk: Database, store: Store, tmp_path: Path) -> None:
    bring(desk, store, order(tape(tmp_path / "t", loans=LOANS)))
    later = NOW + timedelta(days=1)
    done = bring(desk, store, order(tape(tmp_path / "u", loans=LOANS.replace("C1,1200000,", "C1,1200000,", 1).replace(
        "12,90000,equal_instalment", "12,80000,equal_instalment"))), now=later)  # fmt: skip
    assert (done.looked.arrival.change.loans_new, done.looked.arrival.change.loans_changed) == (0, 1)
    rate = {known: read(desk, store, "loans", known=known).filter(pl.col("loan_key") == L1)["rate_ppm"].item()
            for known in (NOW, later)}  # fmt: skip
    assert rate == {NOW: 90_000, later: 80_000}


def test_wrong_rows_are_named_and_what_hangs_on_them(desk: Database, store: Store, tmp_path: Path) -> None:
    folder = tape(
        tmp_path / "t",
        loans=LOANS + "L3,C3,abc,2026-01-31,2026-02-28,12,90000,bullet,0\nL4,C4,5,2026-01-31,,,,free,\n",
        payments=PAYMENTS + "L3,P3,2026-02-20,7\nLX,P4,2026-02-20,7\nL1,P5,2026-02-20,-7\nL1,P6,2026-04-20,7\n",
        persons="person_ref,name,id_kind,id_number\nC1,张三,resident_id,990101199001011239\n",
        contact_points="person_ref,kind,value\nC1,phone,15412345678\nC2,phone,13812345678\n",
    )
    done = bring(desk, store, order(folder))
    faults = done.looked.faults
    assert sorted(faults.select("records", "row", "field", "rule").rows()) == [
        ("contact_points", 2, "value", "form"),
        ("loans", 3, "principal_minor", "form"),
        ("loans", 4, "instalments", "schedule"),
        ("payments", 3, "loan_ref", "depends"),
        ("payments", 4, "loan_ref", "unknown_loan"),
        ("payments", 5, "amount_minor", "range"),
        ("payments", 6, "paid_on", "future"),
        ("persons", 1, "id_number", "check_digit"),
    ]
    for count in done.looked.counts:
        assert count.rows_in == count.accepted + count.quarantined
    assert done.quarantine is not None
    text = done.quarantine.read_text(encoding="utf-8")
    assert "13812345678" not in text
    assert "张" not in text
    assert "990101" not in text
    assert done.quarantine.stat().st_mode & 0o077 == 0
    assert {row[0] for row in open_breaks(desk)} == {"payment_unmatched"}, "money that we could not read"


def test_a_borrower_entered_by_hand_is_the_tapes_own(desk: Database, store: Store, tmp_path: Path) -> None:
    register(desk, VAULT, batch(1))
    folder = tape(tmp_path / "t", loans=LOANS, persons="person_ref,name\nC1,张三丰\n")
    assert check(desk, store, order(folder)).quarantined == 0
    assert bring(desk, store, order(folder)).looked.quarantined == 0
    with desk.transaction("demo") as tx:
        (mine,) = parties.of_person(tx, person_id("demo", "C1"))
        assert (mine.relation, mine.proof_kind, mine.to_day) == ("borrower", "contract", None), "as it was entered"
        assert [one.relation for one in parties.of_loan(tx, L2)] == ["borrower"]
    assert bring(desk, store, order(folder)).changed is False


def test_a_loan_that_the_desk_knows_to_be_somebody_elses_is_quarantined(
    desk: Database, store: Store, tmp_path: Path
) -> None:
    other = Batch(persons(1, 9), phones(1, 9), ties(9, loan_key=L2))
    register(desk, VAULT, other)
    folder = tape(tmp_path / "t", loans=LOANS, payments=PAYMENTS, persons="person_ref,name\nC2,李四\n")
    assert check(desk, store, order(folder)).quarantined == 2, "a dry run says so too"
    done = bring(desk, store, order(folder))
    assert done.looked.faults.select("records", "row", "field", "rule").rows() == [
        ("loans", 2, "borrower_ref", "borrower"),
        ("payments", 2, "loan_ref", "depends"),
    ]
    assert read(desk, store, "loans")["loan_ref"].to_list() == ["L1"]
    with desk.transaction("demo") as tx:
        merge(
            tx, vault=VAULT, person_id=person_id("demo", "C9"), into=person_id("demo", "C2"),
            reason=Reason.ENTERED_TWICE, actor=ACTOR, now=NOW,
        )  # fmt: skip
    again = bring(desk, store, order(folder), now=NOW + timedelta(hours=1))
    assert again.looked.quarantined == 0, "the two are one person now"
    with desk.transaction("demo") as tx:
        assert [one.person_id for one in parties.of_loan(tx, L2)] == [person_id("demo", "C9")]


def test_all_or_nothing(desk: Database, store: Store, tmp_path: Path) -> None:
    folder = tape(tmp_path / "t", loans=LOANS + "L3,C3,abc,2026-13-31,2026-02-28,12,9,bullet,0\n")
    with pytest.raises(Quarantined, match="rows that are wrong: 1, with 2 faults"):
        bring(desk, store, order(folder, all_or_nothing=True))
    assert newest(desk) is None


def test_a_dry_run_writes_nothing(desk: Database, store: Store, tmp_path: Path) -> None:
    looked = check(desk, store, order(tape(tmp_path / "t", loans=LOANS)))
    assert looked.arrival.change.loans_new == 2
    assert newest(desk) is None
    assert not store.folder.exists()


def test_a_patch_mends_the_lenders_own_file(desk: Database, store: Store, tmp_path: Path) -> None:
    folder = tape(tmp_path / "t", loans=LOANS.replace("C2,1200000", "C2,12OO000"), payments=PAYMENTS)
    first = bring(desk, store, order(folder))
    assert first.looked.quarantined == 2
    hash_ = first.looked.faults.filter(pl.col("records") == "loans")["source"].item()
    patch = tmp_path / "patch.csv"
    patch.write_text(f"source,row,field,value\n{hash_[:12]},2,principal_minor,1200000\n")
    done = bring(desk, store, order(folder, patch=patches.load(patch)))
    assert (done.version, done.looked.quarantined) == (2, 0)
    assert read(desk, store, "events").height == 4


def test_the_lenders_figures_are_compared(desk: Database, store: Store, tmp_path: Path) -> None:
    figures = "loan_ref,day,item,value\nL1,2026-03-01,dpd,24\nL1,2026-03-01,principal,1\nL2,2026-03-01,dpd,0\n"
    done = bring(desk, store, order(tape(tmp_path / "t", loans=LOANS, payments=PAYMENTS, balances=figures)))
    assert done.figures_agreed == 1
    assert ("balance", L1, "principal", 1) in [row[:4] for row in open_breaks(desk)]
    ours = next(row[4] for row in open_breaks(desk) if row[2] == "principal")
    right = f"loan_ref,day,item,value\nL1,2026-03-01,principal,{ours}\n"
    bring(desk, store, order(tape(tmp_path / "u", balances=right)))
    assert [row[2] for row in open_breaks(desk)] == ["dpd"], "the one that the tape did not speak of stays"


def test_a_full_tape_lists_what_vanished(desk: Database, store: Store, tmp_path: Path) -> None:
    bring(desk, store, order(tape(tmp_path / "t", loans=LOANS)))
    rest = "\n".join(LOANS.splitlines()[:2]) + "\n"
    done = bring(desk, store, order(tape(tmp_path / "u", loans=rest), full=True))
    assert done.vanished == 1
    assert [row[:3] for row in open_breaks(desk)] == [("balance", L2, "vanished")]
    assert read(desk, store, "loans").height == 2, "nothing is deleted"
    bring(desk, store, order(tape(tmp_path / "v", loans=LOANS + "\n"), full=True))
    assert open_breaks(desk) == []


def test_what_never_changes_is_a_break(desk: Database, store: Store, tmp_path: Path) -> None:
    bring(desk, store, order(tape(tmp_path / "t", loans=LOANS, payments=PAYMENTS)))
    bring(desk, store, order(tape(tmp_path / "u", payments=PAYMENTS.replace("50000", "50001"))))
    assert open_breaks(desk) == [("payment_differs", L1, "P1", 50_001, 50_000)]


def test_a_loan_paid_out_with_another_sum_is_a_break_of_its_drawdown(
    desk: Database, store: Store, tmp_path: Path
) -> None:
    bring(desk, store, order(tape(tmp_path / "t", loans=LOANS)))
    first = LOANS.splitlines()[1].split(",")[2]
    more = LOANS.replace(f",{first},", f",{int(first) + 1},", 1)
    bring(desk, store, order(tape(tmp_path / "u", loans=more)))
    assert open_breaks(desk) == [("event_differs", L1, "~drawdown", int(first) + 1, int(first))]
    bring(desk, store, order(tape(tmp_path / "v", loans=LOANS + "\n")))
    assert open_breaks(desk) == []


def test_a_reference_is_not_taken_again_for_something_else(desk: Database, store: Store, tmp_path: Path) -> None:
    head = "loan_ref,ref,effective,kind,amount_minor,category\n"
    fee = head + "L1,A1,2026-02-10,fee,100,fee\nL1,A2,2026-02-10,fee,100,fee\n"
    bring(desk, store, order(tape(tmp_path / "t", loans=LOANS, payments=PAYMENTS, adjustments=fee)))
    payment = PAYMENTS.splitlines()[0] + "\nL1,A2,2026-02-21,100\n"
    waiver = head + "L1,P1,2026-02-22,waiver,100,fee\nL1,A1,2026-02-22,waiver,100,fee\n"
    done = bring(desk, store, order(tape(tmp_path / "u", payments=payment, adjustments=waiver)))
    told = done.looked.faults.select("records", "field", "rule", "why").rows()
    why = "the book has another event of the loan under this reference: "
    assert told == [
        ("adjustments", "ref", "twice", why + "payment"),
        ("adjustments", "ref", "twice", why + "fee"),
        ("payments", "payment_ref", "twice", why + "fee"),
    ]
    assert [row[0] for row in open_breaks(desk)] == ["payment_unmatched"], "less money is known than the lender knows"


def test_due_days_move_by_the_lenders_calendar(desk: Database, store: Store, tmp_path: Path) -> None:
    loans = "loan_ref,borrower_ref,principal_minor,start,first_due,instalment_count,method,holiday_shift\n"
    loans += "L1,C1,5000,2025-09-01,2025-10-01,2,equal_principal,following\n"
    bring(desk, store, order(tape(tmp_path / "t", loans=loans)))
    due = read(desk, store, "instalments")["due"].to_list()
    assert due == [date(2025, 10, 9), date(2025, 11, 3)], "after the National Day holidays; after a weekend"


def test_one_master_per_kind_of_fact(desk: Database, store: Store, tmp_path: Path) -> None:
    with desk.transaction("demo") as tx:
        lenders.set_masters(tx, {"payment": "desk"})
    done = bring(desk, store, order(tape(tmp_path / "t", loans=LOANS, payments=PAYMENTS)))
    assert done.looked.quarantined == 0
    assert sorted(open_breaks(desk), key=lambda row: str(row[2])) == [
        ("payment_unmatched", L1, "P1", 50_000, None),
        ("payment_unmatched", L2, "P2", 5_000, None),
    ]
    assert set(read(desk, store, "events")["ref"]) == {"~drawdown"}, "the desk's word counts"
    events = read(desk, store, "events")
    paid = events.filter(pl.col("loan_key") == L1).with_columns(
        effective=pl.lit(date(2026, 2, 20)), kind=pl.lit(int(Kind.PAYMENT), pl.Int8), ref=pl.lit("D-1"),
        amount=pl.lit(50_000, pl.Int64), source=pl.lit("desk:7"), rank=pl.lit(RANK[Kind.PAYMENT], pl.Int8),
    )  # fmt: skip
    add_version(desk, store, {"events": paid}, known=NOW)
    bring(desk, store, order(tape(tmp_path / "u", payments=PAYMENTS + "\n")))
    assert open_breaks(desk) == [("payment_unmatched", L2, "P2", 5_000, None)], "what the desk knew matches"


def test_a_new_schedule_comes_as_an_adjustment_and_else_is_a_break(
    desk: Database, store: Store, tmp_path: Path
) -> None:
    loans = "loan_ref,borrower_ref,principal_minor,start,method\nF1,C1,1000,2026-01-05,free\n"
    head = "loan_ref,due,principal_minor,interest_minor,set_ref\n"
    first = head + "F1,2026-02-05,500,10,\nF1,2026-03-05,500,5,\n"
    bring(desk, store, order(tape(tmp_path / "t", loans=loans, instalments=first)))
    moved = head + "F1,2026-02-05,500,10,\nF1,2026-04-05,500,9,\n"
    bring(desk, store, order(tape(tmp_path / "u", instalments=moved)))
    assert open_breaks(desk) == [("schedule", loan_key("demo", "F1"), "contract 2026-03-05", None, 505)]
    told = "loan_ref,ref,effective,kind\nF1,S1,2026-02-20,instalment_set\n"
    later = first + "F1,2026-04-05,500,9,S1\n"
    bring(desk, store, order(tape(tmp_path / "v", instalments=later, adjustments=told)))
    assert open_breaks(desk) == [], "the contract's own schedule is as it was"
    kept = read(desk, store, "instalments").filter(pl.col("set_no") > 0)
    assert kept.select("due", "principal_minor", "interest_minor").rows() == [(date(2026, 4, 5), 500, 9)]


def test_two_imports_at_once_are_refused(desk: Database, store: Store, tmp_path: Path) -> None:
    with desk.transaction("demo") as tx:
        books.lock(tx)
        with pytest.raises(books.BookLocked, match="being written by another import"):
            bring(desk, store, order(tape(tmp_path / "t", loans=LOANS)))


def _numbered(folder: Path, count: int) -> None:
    rng = Random(7)
    tape(folder / "001", loans=LOANS, payments=PAYMENTS, persons="person_ref,name\nC1,张三\n")
    for number in range(2, count + 1):
        day = date(2026, 2, 1) + timedelta(days=rng.randrange(25))
        payments = (
            f"loan_ref,payment_ref,paid_on,amount_minor\nL{1 + number % 2},N{number},{day},{rng.randrange(1, 999)}\n"
        )
        loans = LOANS.splitlines()[0] + f"\nX{number},C{number},5000,2026-01-05,2026-02-05,6,90000,bullet,0\n"
        tape(folder / f"{number:03d}", payments=payments, loans=loans)


def _process(url: str, folder: Path, store: Store) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.casework.import_tapes", url, str(folder), str(store.folder)],
        stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment,
    )  # fmt: skip


def _pace(url: str, folder: Path, store: Store) -> float:
    """Seconds that a process takes here for its first import; it is killed in the middle of its second."""
    with _process(url, folder, store) as process:
        assert process.stdout is not None
        process.stdout.readline()
        began = time.monotonic()
        assert process.stdout.readline() == "1\n"
        pace = time.monotonic() - began
        time.sleep(pace / 10)
        process.kill()
    return pace


@pytest.mark.parametrize("postgres", ["embedded"], indirect=True)
def test_killed_anywhere_the_book_is_the_old_or_the_new_one(
    database_url: str, desk: Database, store: Store, tmp_path: Path
) -> None:
    """The process is killed with SIGKILL at random moments; what is committed is always whole, and nothing is lost."""
    del desk
    _kill(database_url, store, tmp_path, kills=KILLS)


@pytest.mark.soak
def test_killed_a_hundred_times(
    database_url: str, desk: Database, store: Store, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    del desk
    record_property("kills of an importing process", 100)
    record_property("versions committed between them", _kill(database_url, store, tmp_path, kills=100))


def _kill(database_url: str, store: Store, tmp_path: Path, *, kills: int) -> int:
    tapes = tmp_path / "tapes"
    _numbered(tapes, 5 * kills)
    rng = Random(kills)
    seen = []
    with Database(database_url, limits=BATCH) as database:
        pace = reach = _pace(database_url, tapes, store)
        for _ in range(kills):
            with _process(database_url, tapes, store) as process:
                assert process.stdout is not None
                assert process.stdout.readline() == "ready\n"
                time.sleep(rng.uniform(0, reach))  # the moment of the kill, not a wait for something
                assert process.poll() in {None, 0}, "it ended by itself only if no tape was left"
                process.kill()
            at = newest(database)
            seen.append(at.version if at else 0)
            # Killed before the end of an import: let the next one come further.
            reach = reach * 1.3 if seen[-2:-1] == seen[-1:] else pace
            if at is not None:
                assert store.verified(at) == [], f"version {at.version} after kill {len(seen)}"
                assert store.read(at, "loans").height == at.version + 1
        last = seen[-1]
        assert len(set(seen)) > 1, "some imports were finished"
        for number in range(last + 3, 5 * kills + 1):  # two more, undisturbed, and that is the end of it
            shutil.rmtree(tapes / f"{number:03d}")
        with _process(database_url, tapes, store) as process:
            assert process.wait(120) == 0
        at = newest(database)
        assert at is not None
        assert at.version == min(last + 2, 5 * kills)
        assert store.verified(at) == []
        with database.transaction("demo") as tx:
            assert tx.value("SELECT count(*) FROM log_entry WHERE kind = 'book.import'") == at.version
        assert whole(database, store, "demo") == _undisturbed(database, tapes, tmp_path, at.version)
        return at.version


def whole(database: Database, store: Store, lender: str) -> tuple[list[tuple[object, ...]], ...]:
    """All loans and events of a book, by the lender's own numbers."""
    loans = read(database, store, "loans", lender=lender)
    names = loans.select("loan_key", "loan_ref")
    events = read(database, store, "events", lender=lender).join(names, on="loan_key")
    facts = ["loan_ref", "kind", "ref", "amount", "effective", "known", "source"]
    schedule = read(database, store, "instalments", lender=lender).join(names, on="loan_key")
    return (
        loans.drop("loan_key", "person_id", "shard").sort("loan_ref").rows(),
        events.select(facts).sort(facts).rows(),
        schedule.select("loan_ref", "due", "days", "known").sort("loan_ref", "due").rows(),
    )


def _undisturbed(database: Database, tapes: Path, tmp_path: Path, version: int) -> tuple[list[tuple[object, ...]], ...]:
    """What the same tapes give in one go, for a lender of its own."""
    calm = lenders.Lender("calm", "Demo", "CN", "Asia/Shanghai", "CNY", "bank", demo=True, masters={})
    with database.transaction("calm") as tx:
        lenders.add(tx, calm, now=NOW)
    store = Store(tmp_path / "calm")
    for number in range(1, version + 1):
        bring(database, store, order(tapes / f"{number:03d}"), now=NOW + timedelta(hours=number), lender="calm")
    return whole(database, store, "calm")


def test_changed_terms_of_standing_loans_are_said(desk: Database, store: Store, tmp_path: Path) -> None:
    """Another rate on a loan's row counts from its start, and re-ages what was settled: the report says so."""
    bring(desk, store, order(tape(tmp_path / "t", loans=LOANS)))
    again = LOANS.replace("12,90000,equal_instalment", "12,80000,bullet", 1).replace("C2,1200000", "C2,1300000")
    looked = check(desk, store, order(tape(tmp_path / "u", loans=again)))
    assert looked.arrival.change.terms_changed == 2
    assert looked.arrival.change.terms.rows() == [
        ("L1", "CNY", "rate_ppm", "90000", "80000"),
        ("L1", "CNY", "method", "equal_instalment", "bullet"),
        ("L2", "CNY", "principal_minor", "1200000", "1300000"),
    ]
    other = LOANS.replace("loan_ref,", "product,loan_ref,").replace("L1,C1", "car,L1,C1").replace("L2,C2", "car,L2,C2")
    looked = check(desk, store, order(tape(tmp_path / "v", loans=other)))
    assert (looked.arrival.change.loans_changed, looked.arrival.change.terms_changed) == (2, 0), (
        "no term of the contract"
    )
    assert check(desk, store, order(tape(tmp_path / "w", loans=LOANS + "\n"))).arrival.change.terms_changed == 0
