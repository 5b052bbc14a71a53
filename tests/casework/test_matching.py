"""Whose payment a line is: found by what it names, judged by stated rules; the rest waits with its reasons."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from duecourse.book.owing import figures, share
from duecourse.book.sharing import share_payment
from duecourse.book.store import Store, version_from
from duecourse.casework import parties
from duecourse.casework.matching import Matched, match_lines
from duecourse.casework.merge import Reason, merge
from duecourse.casework.statements import import_statement, look_at
from duecourse.casework.suspense import (
    NoReason,
    NotAnAccount,
    NotWaiting,
    dismiss_line,
    give_account,
)
from duecourse.storage import books, matching, statements
from duecourse.storage.connection import Database
from duecourse.storage.matching import ProposalRow
from duecourse.storage.statements import LineRow
from duecourse.storage.vault import Vault
from tests import day_desk, desk, payment_desk
from tests.payment_desk import VAULT, keyed, yuan
from tests.statement_files import mapping, write
from tests.work_desk import COLLECTOR as BY
from tests.work_desk import NOW

DAY = "2025-06-10"
Looked = Callable[..., tuple[Matched, list[LineRow], list[ProposalRow]]]


@pytest.fixture
def vault() -> Vault:
    return VAULT


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "book")


@pytest.fixture
def owing(database: Database, store: Store, vault: Vault) -> pl.DataFrame:
    """Loans of debtors with one loan each on which something is due, the most first."""
    return payment_desk.owing(database, store, vault).filter("alone")


@pytest.fixture
def look(database: Database, store: Store, vault: Vault, tmp_path: Path) -> Looked:
    """Import rows as a statement and match them; gives what was found, the lines, and whose they may be."""

    def run(*rows: tuple[object, ...]) -> tuple[Matched, list[LineRow], list[ProposalRow]]:
        looked = look_at(write(tmp_path / f"{len(list(tmp_path.iterdir()))}.csv", rows), mapping=mapping())
        with database.transaction("demo") as tx:
            import_statement(tx, vault=vault, looked=looked, quarantine_file=tmp_path / "wrong.csv", actor=BY, now=NOW)
            made = match_lines(tx, store, vault=vault, actor=BY, now=NOW)
            lines = statements.lines(tx, state="waiting")
            return made, lines, matching.proposals(tx, [one.line_id for one in lines])

    return run


def named(database: Database, vault: Vault, person: int, name: str) -> None:
    """Give a debtor a name of his or her own, and a phone."""
    people = desk.persons(1, person_id=person, reference=f"C{person}", name=name)
    phones = desk.phones(8000 + person % 1000, person_id=person)
    desk.register(database, vault, parties.Batch(people, phones, desk.ties(1).clear()), now=NOW)


def test_a_loan_number_in_the_text_is_certain_with_the_amount(owing: pl.DataFrame, look: Looked) -> None:
    one = owing.row(0, named=True)
    made, (line,), (first, *_) = look((DAY, yuan(one["due"]), "S1", "王某某", "622", "", f"还款{one['loan_ref']}"))
    assert (made.lines, made.certain, line.waits_as) == (1, 1, "certain")
    assert (first.person_id, first.certain_by) == (one["person_id"], "named_agrees")
    assert first.loan_keys == [one["loan_key"]]
    assert first.signs == ["loan_short", "overdue"]


def test_more_than_is_owed_is_a_persons_to_decide(owing: pl.DataFrame, look: Looked) -> None:
    one = owing.row(0, named=True)
    made, (line,), (first, *_) = look((DAY, yuan(one["settle"] + 1), "S1", "张三", "622", "", one["loan_ref"]))
    assert (made.certain, line.waits_as, first.person_id) == (0, "more_than_owed", one["person_id"])


@pytest.mark.usefixtures("owing")
def test_a_namesake_is_proposed_and_never_certain(look: Looked) -> None:
    made, (line,), found = look((DAY, "12.34", "S1", "张三", "622", "", "还款"))
    assert (made.certain, line.waits_as) == (0, "several")  # everybody here is called so
    assert len(found) == 5
    assert all(one.certain_by is None and one.signs[0] == "name" for one in found)


def test_phone_name_and_amount_agree(database: Database, vault: Vault, owing: pl.DataFrame, look: Looked) -> None:
    one = owing.row(0, named=True)
    named(database, vault, one["person_id"], name="欧阳测试")
    phone = f"1540000{8000 + one['person_id'] % 1000:04d}"
    rows = [
        (DAY, yuan(one["due"]), "S1", "欧阳测试", "622", "", f"{phone}还款"),
        (DAY, yuan(one["due"] + 1), "S2", "欧阳测试", "622", "", f"{phone}还款"),
        (DAY, yuan(one["due"]), "S3", "某公司", "623", "", "代欧阳测试还款"),
    ]
    made, lines, found = look(*rows)
    assert [line.waits_as for line in lines] == ["certain", "not_enough", "not_enough"]
    assert made.waits == {"not_enough": 2}
    firsts = [each for each in found if each.place == 1]
    assert {each.person_id for each in firsts} == {one["person_id"]}
    assert firsts[0].certain_by == "three_agree"
    assert "name_in_text" in firsts[2].signs


def test_an_account_of_ours_given_to_one_debtor(
    database: Database, vault: Vault, owing: pl.DataFrame, look: Looked
) -> None:
    one, other = owing.row(0, named=True), owing.row(1, named=True)
    with database.transaction("demo") as tx:
        give_account(tx, vault=vault, person_id=one["person_id"], account="6222 9000 0001", actor=BY, now=NOW)
    with pytest.raises(NotAnAccount), database.transaction("demo") as tx:
        give_account(tx, vault=vault, person_id=other["person_id"], account="622290000001", actor=BY, now=NOW)
    for wrong in ("", "abc", "abcdef", "1" * 65):
        with pytest.raises(NotAnAccount), database.transaction("demo") as tx:
            give_account(tx, vault=vault, person_id=one["person_id"], account=wrong, actor=BY, now=NOW)
    made, (line,), (first, *_) = look((DAY, "1.00", "S1", "某公司", "622", "622290000001", ""))
    assert (made.certain, line.waits_as, first.person_id, first.certain_by) == (1, "certain", one["person_id"], "named")
    made, lines, _ = look((DAY, "1.00", "S2", "某公司", "622", "622290000001", f"{other['loan_ref']}"))
    assert lines[-1].waits_as == "certain", "a short number that may be there by chance does not contradict"


def test_who_turned_out_to_be_one_is_one_debtor(
    database: Database, vault: Vault, owing: pl.DataFrame, look: Looked
) -> None:
    one, other = owing.row(0, named=True), owing.row(1, named=True)
    with database.transaction("demo") as tx:
        merge(
            tx,
            vault=vault,
            person_id=other["person_id"],
            into=one["person_id"],
            reason=Reason.PERSON_SAID,
            actor=BY,
            now=NOW,
        )
    minor = one["due"] + other["due"]
    made, (line,), (first, *_) = look(
        (DAY, yuan(minor), "S1", "某", "622", "", f"{one['loan_ref']} {other['loan_ref']}")
    )
    assert (made.certain, line.waits_as, first.person_id) == (1, "certain", one["person_id"])
    assert sorted(first.loan_keys) == sorted([one["loan_key"], other["loan_key"]])


def test_a_line_is_dismissed_once_and_with_a_reason(
    database: Database, vault: Vault, owing: pl.DataFrame, look: Looked
) -> None:
    assert owing.height
    _, (line,), _ = look((DAY, "0.37", "S1", "某银行", "", "", "结息"))
    with pytest.raises(NoReason), database.transaction("demo") as tx:
        dismiss_line(tx, vault=vault, line_id=line.line_id, reason=" ", actor=BY, now=NOW)
    with database.transaction("demo") as tx:
        done = dismiss_line(tx, vault=vault, line_id=line.line_id, reason="结息", actor=BY, now=NOW)
        assert (done.state, done.why, done.decided_by) == ("dismissed", "结息", str(BY))
    with pytest.raises(NotWaiting), database.transaction("demo") as tx:
        dismiss_line(tx, vault=vault, line_id=line.line_id, reason="again", actor=BY, now=NOW)


def test_matching_again_finds_the_same(
    database: Database, store: Store, vault: Vault, owing: pl.DataFrame, look: Looked
) -> None:
    one = owing.row(0, named=True)
    made, _, found = look(
        (DAY, yuan(one["due"]), "S1", "王", "622", "", one["loan_ref"]), (DAY, "5.00", "S2", "李", "6", "", "")
    )
    with database.transaction("demo") as tx:
        assert match_lines(tx, store, vault=vault, actor=BY, now=NOW) == made
        lines = statements.lines(tx, state="waiting")
        assert matching.proposals(tx, [each.line_id for each in lines]) == found


def test_shares_in_columns_are_those_of_the_book_read_loan_by_loan(
    database: Database, store: Store, vault: Vault
) -> None:
    made = day_desk.fill(database, store, vault, 80, change=keyed)
    with database.transaction("demo") as tx:
        row = books.newest(tx)
    assert row is not None
    version, day = version_from(row.version, row.tables), date.fromisoformat(DAY)
    loans = made.loans.select("loan_key", "person_id", "loan_ref", "currency").unique("loan_key")
    found = figures(store, version, loans.select("loan_key", day=pl.lit(day)), known=row.known_at)
    checked = 0
    for mine in loans.sort("loan_key").partition_by("person_id"):
        rows = found.join(mine, on="loan_key").sort("loan_key")
        if rows.height != mine.height or mine["currency"].n_unique() > 1:
            continue
        refs = dict(mine.select("loan_key", "loan_ref").iter_rows())
        for minor in (1, 12_345, int(rows["settle"].sum()) + 7):
            shares, left = share(minor, rows.rows(named=True), [])
            ours = share_payment(
                store, version, list(refs.values()), lender_id="demo", minor=minor, day=day, known=row.known_at
            )
            assert [(refs[int(one.ref)], one.minor, one.because) for one in shares] == [
                (one.ref, one.minor, one.because) for one in ours.shares
            ]
            assert left == ours.left
            checked += 1
    assert checked > 60
