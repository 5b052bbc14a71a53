"""A line becomes a payment on the ledger: shared as law has it, taken back when it bounced, what is over sent back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from duecourse.book.store import Store
from duecourse.casework import approval, disclosure, ledger
from duecourse.casework.actor import Actor, Role
from duecourse.casework.kinds import KINDS
from duecourse.casework.payments import (
    ALONE_MAX_MINOR,
    Applied,
    IsBack,
    NotApproved,
    NothingOwed,
    NotTheirs,
    NoWhy,
    OverLimit,
    apply_certain,
    place,
    take_back,
)
from duecourse.casework.promises import record_promise
from duecourse.casework.refunds import NothingOver, file_refunds
from duecourse.casework.statements import import_statement, look_at, read_line
from duecourse.casework.suspense import NotWaiting
from duecourse.core.money import Money
from duecourse.core.promise import PromiseState
from duecourse.storage import cases, log, payments, persons, promises, statements
from duecourse.storage.connection import Database
from duecourse.storage.statements import LineRow
from duecourse.storage.vault import Vault
from tests import payment_desk
from tests.payment_desk import DAY, VAULT, yuan
from tests.statement_files import mapping, write
from tests.work_desk import NOW

BY = Actor(Role.SUPERVISOR, "s1")
OTHER = Actor(Role.SUPERVISOR, "s2")
Bring = Callable[..., list[LineRow]]


@pytest.fixture
def vault() -> Vault:
    return VAULT


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "book")


@pytest.fixture
def owing(database: Database, store: Store, vault: Vault) -> pl.DataFrame:
    """Loans that bear plain payments, on which something is due, the most first."""
    found = payment_desk.owing(database, store, vault)
    return found.filter(pl.col("status") == 1)


@pytest.fixture
def bring(database: Database, vault: Vault, tmp_path: Path) -> Bring:
    """Import rows as a statement; gives the lines that wait."""

    def run(*rows: tuple[object, ...]) -> list[LineRow]:
        looked = look_at(write(tmp_path / f"{len(list(tmp_path.iterdir()))}.csv", rows), mapping=mapping())
        with database.transaction("demo") as tx:
            import_statement(tx, vault=vault, looked=looked, quarantine_file=tmp_path / "wrong.csv", actor=BY, now=NOW)
            return statements.lines(tx, state="waiting")

    return run


def applied(database: Database, store: Store, vault: Vault) -> Applied:
    return apply_certain(database, store, "demo", vault=vault, actor=BY, clock=lambda: NOW)


def due(database: Database, store: Store, key: int) -> int:
    with database.transaction("demo") as tx:
        return ledger.read_loan(tx, store, loan_key=key, now=NOW).on(DAY).due


def settle(database: Database, store: Store, key: int) -> int:
    with database.transaction("demo") as tx:
        return ledger.read_loan(tx, store, loan_key=key, now=NOW).on(DAY).settle


def lone(owing: pl.DataFrame, place: int = 0) -> dict[str, object]:
    return owing.filter(pl.col("alone") & (pl.col("settle") < ALONE_MAX_MINOR)).row(place, named=True)


def key_of(one: dict[str, object]) -> int:
    return int(str(one["loan_key"]))


def test_what_is_certain_is_applied_once_and_counts_at_once(
    database: Database, store: Store, vault: Vault, owing: pl.DataFrame, bring: Bring
) -> None:
    one = lone(owing)
    minor = int(str(one["due"]))
    (line,) = bring((DAY, yuan(minor), "S1", "王某", "6222154000000009", "", f"还款{one['loan_ref']}"))
    before = settle(database, store, key_of(one))
    assert applied(database, store, vault) == Applied(
        by={"named_agrees": 1}, left=0, back=0, minor={"named_agrees": minor}
    )
    assert applied(database, store, vault) == Applied(by={}, left=0, back=0)
    assert due(database, store, key_of(one)) == 0
    assert settle(database, store, key_of(one)) == before - minor
    with database.transaction("demo") as tx:
        (paid,) = payments.latest(tx)
        (share,) = payments.shares(tx, paid.payment_id)
        assert (paid.person_id, paid.amount_minor, paid.over_minor, paid.certain_by) == (
            one["person_id"], minor, 0, "named_agrees",
        )  # fmt: skip
        assert (share.loan_key, share.amount_minor, share.tape_ref) == (one["loan_key"], minor, None)
        assert "560" in share.because
        assert statements.line(tx, line.line_id).state == "applied"
        assert read_line(tx, vault=vault, line_id=line.line_id, purpose="contact", actor=BY, now=NOW).name == "王某"
        assert [each.payment_id for each in payments.unconfirmed(tx, until=DAY)] == [paid.payment_id]
        assert payments.unconfirmed(tx, until=DAY - timedelta(days=1)) == []
        entry = next(each for each in log.of_person(tx, paid.person_id) if each.kind == "payment.recorded")
        key = vault.person("demo", paid.person_id, persons.wrapped(tx, paid.person_id))
        opened = {each.field for each in disclosure.openings(tx, entry, key)}
        assert opened == {"amount", "currency", "value_day", "over", "shares"}


def test_the_second_of_two_payments_sees_the_first(
    database: Database, store: Store, vault: Vault, owing: pl.DataFrame, bring: Bring
) -> None:
    one = lone(owing)
    whole = int(str(one["settle"]))
    bring(*[(DAY, yuan(whole), f"S{n}", "王某", "622", "", f"{one['loan_ref']}") for n in (1, 2)])
    assert applied(database, store, vault) == Applied(
        by={"named_agrees": 1}, left=1, back=0, minor={"named_agrees": whole}
    )
    assert settle(database, store, key_of(one)) == 0
    with database.transaction("demo") as tx:
        assert len(statements.lines(tx, state="waiting")) == 1, "nothing is taken twice for what is owed once"


def test_a_payer_who_was_certain_before_is_known(
    database: Database, store: Store, vault: Vault, owing: pl.DataFrame, bring: Bring
) -> None:
    one = lone(owing)
    bring((DAY, "1.00", "S1", "张三", "6222154000000009", "", f"{one['loan_ref']} 还款"))
    assert applied(database, store, vault).by == {"named_agrees": 1}
    bring(
        (DAY, "1.50", "S2", "张三", "6222154000000009", "", ""), (DAY, "1.50", "S3", "李四", "6222154000000009", "", "")
    )
    assert applied(database, store, vault) == Applied(
        by={"known_payer": 1}, left=0, back=0, minor={"known_payer": 150}, waits={"not_enough": 1}
    )


def test_a_person_places_a_line_over_two_debts_as_law_has_it(
    database: Database, store: Store, vault: Vault, owing: pl.DataFrame, bring: Bring
) -> None:
    two = owing.filter(~pl.col("alone") & (pl.len().over("person_id") == 2) & (pl.col("currency") == "CNY"))
    first, second = two.sort("person_id").head(2).rows(named=True)
    minor = min(first["due"] + second["due"], ALONE_MAX_MINOR)
    (line,) = bring((DAY, yuan(minor), "S1", "某人", "622", "", ""))
    was = due(database, store, first["loan_key"]) + due(database, store, second["loan_key"])
    with database.transaction("demo") as tx:
        paid = place(
            tx, store, vault=vault, line_id=line.line_id, person_id=first["person_id"], actor=BY, now=NOW,
        )  # fmt: skip
        assert sum(one.amount_minor for one in payments.shares(tx, paid.payment_id)) == minor
    assert due(database, store, first["loan_key"]) + due(database, store, second["loan_key"]) == was - minor
    with pytest.raises(NotWaiting), database.transaction("demo") as tx:
        place(tx, store, vault=vault, line_id=line.line_id, person_id=first["person_id"], actor=BY, now=NOW)


def test_who_owes_nothing_is_paid_for_by_nobody(
    database: Database, store: Store, vault: Vault, owing: pl.DataFrame, bring: Bring
) -> None:
    one, other = lone(owing), lone(owing, 1)
    first, second = bring(
        (DAY, yuan(int(str(one["settle"]))), "S1", "某", "622", "", ""), (DAY, "1.00", "S2", "某", "622", "", "")
    )
    with database.transaction("demo") as tx:
        place(tx, store, vault=vault, line_id=first.line_id, person_id=int(str(one["person_id"])), actor=BY, now=NOW)
    for person, named, trouble in (
        (one["person_id"], (), NothingOwed), (one["person_id"], (key_of(other),), NotTheirs), (987_654, (), NotTheirs),
    ):  # fmt: skip
        with pytest.raises(trouble), database.transaction("demo") as tx:
            place(
                tx, store, vault=vault, line_id=second.line_id, person_id=int(str(person)), loan_keys=named, actor=BY,
                now=NOW,
            )  # fmt: skip


def test_a_large_line_takes_two_people(
    database: Database, store: Store, vault: Vault, owing: pl.DataFrame, bring: Bring
) -> None:
    one = lone(owing)
    (line,) = bring((DAY, yuan(ALONE_MAX_MINOR + 1), "S1", "某", "6222154000000009", "", ""))
    person = int(str(one["person_id"]))
    with pytest.raises(OverLimit), database.transaction("demo") as tx:
        place(tx, store, vault=vault, line_id=line.line_id, person_id=person, actor=BY, now=NOW)
    with database.transaction("demo") as tx:
        asked = approval.ask(
            tx, kinds=KINDS, vault=vault, kind="payment.place", subject=f"bank_line/{line.line_id}",
            asked={"line": str(line.line_id), "person": str(person)}, reason="seen", actor=BY, now=NOW,
        )  # fmt: skip
    with pytest.raises(NotApproved), database.transaction("demo") as tx:
        place(
            tx, store, vault=vault, line_id=line.line_id, person_id=person, actor=BY, now=NOW,
            approval_id=asked.approval_id,
        )  # fmt: skip
    with pytest.raises(approval.SameEyes), database.transaction("demo") as tx:
        approval.approve(tx, kinds=KINDS, vault=vault, approval_id=asked.approval_id, reason="", actor=BY, now=NOW)
    with database.transaction("demo") as tx:
        approval.approve(
            tx, kinds=KINDS, vault=vault, approval_id=asked.approval_id, reason="seen", actor=OTHER, now=NOW
        )
        paid = place(
            tx, store, vault=vault, line_id=line.line_id, person_id=person, actor=BY, now=NOW,
            approval_id=asked.approval_id,
        )  # fmt: skip
        assert paid.over_minor == ALONE_MAX_MINOR + 1 - int(str(one["settle"]))
        assert paid.approval_id == asked.approval_id


def test_what_is_over_goes_back_once_by_two_people_and_a_file(
    database: Database, store: Store, vault: Vault, owing: pl.DataFrame, bring: Bring
) -> None:
    one = lone(owing)
    whole = int(str(one["settle"]))
    first, nobodys = bring(
        (DAY, yuan(whole + 250), "S1", "=某人", "6222154000000009", "", ""),
        (DAY, "3.00", "S2", "李四", "6222154000000008", "", "误转"),
    )
    with database.transaction("demo") as tx:
        paid = place(
            tx, store, vault=vault, line_id=first.line_id, person_id=int(str(one["person_id"])), actor=BY, now=NOW
        )
        assert paid.over_minor == 250
    for line in (first, nobodys):
        with database.transaction("demo") as tx:
            made = approval.ask(
                tx, kinds=KINDS, vault=vault, kind="payment.refund", subject=f"bank_line/{line.line_id}",
                asked={"line": str(line.line_id)}, reason="over", actor=BY, now=NOW,
            )  # fmt: skip
            approval.approve(
                tx, kinds=KINDS, vault=vault, approval_id=made.approval_id, reason="seen", actor=OTHER, now=NOW
            )
    with database.transaction("demo") as tx:
        assert [(each.amount_minor, each.payment_id) for each in payments.refunds(tx)] == [
            (300, None), (250, paid.payment_id),
        ]  # fmt: skip
        assert statements.line(tx, nobodys.line_id).state == "returned"
        found = file_refunds(tx, vault=vault, actor=BY, now=NOW)
        assert found is not None
        assert found.content.decode().splitlines()[1].split(",")[1:5] == ["6222154000000009", "'=某人", "2.50", "CNY"]
        assert file_refunds(tx, vault=vault, actor=BY, now=NOW) is None
    with pytest.raises(NothingOver), database.transaction("demo") as tx:
        approval.ask(
            tx, kinds=KINDS, vault=vault, kind="payment.refund", subject=f"bank_line/{first.line_id}",
            asked={"line": str(first.line_id)}, reason="again", actor=BY, now=NOW,
        )  # fmt: skip
    with pytest.raises(IsBack), database.transaction("demo") as tx:
        take_back(tx, store, vault=vault, payment_id=paid.payment_id, why="error", actor=BY, now=NOW)


def test_a_payment_that_is_taken_back_is_owed_again(
    database: Database, store: Store, vault: Vault, owing: pl.DataFrame, bring: Bring
) -> None:
    one = lone(owing)
    minor = int(str(one["due"]))
    (line,) = bring((DAY, yuan(minor), "S1", "某", "622", "", ""))
    with database.transaction("demo") as tx:
        paid = place(
            tx, store, vault=vault, line_id=line.line_id, person_id=int(str(one["person_id"])), actor=BY, now=NOW
        )
    assert due(database, store, key_of(one)) == 0
    with pytest.raises(NoWhy), database.transaction("demo") as tx:
        take_back(tx, store, vault=vault, payment_id=paid.payment_id, why=" ", actor=BY, now=NOW)
    with database.transaction("demo") as tx:
        back = take_back(tx, store, vault=vault, payment_id=paid.payment_id, why="another's", actor=BY, now=NOW)
        assert (back.back_day, back.back_why) == (DAY, "another's")
        assert payments.unconfirmed(tx, until=DAY) == []
    assert due(database, store, key_of(one)) == minor
    with pytest.raises(IsBack), database.transaction("demo") as tx:
        take_back(tx, store, vault=vault, payment_id=paid.payment_id, why="again", actor=BY, now=NOW)


def test_a_promise_is_reckoned_with_the_payment_at_once(
    database: Database, store: Store, vault: Vault, owing: pl.DataFrame, bring: Bring
) -> None:
    one = lone(owing)
    person, minor = int(str(one["person_id"])), int(str(one["due"]))
    with database.transaction("demo") as tx:
        cases.open_many(tx, pl.Series([person]), day=DAY, by="test", collectors=pl.Series([None], dtype=pl.String))
        cases.set_loans(tx, pl.DataFrame({"person_id": [person], "loan_key": [key_of(one)]}), day=DAY)
        case = int(str(tx.value("SELECT case_id FROM cases WHERE person_id = %s", (person,))))
        number = record_promise(
            tx, vault=vault, case_id=case, amount=Money(minor, "CNY"), due=DAY + timedelta(days=3), actor=BY, now=NOW
        )
    (line,) = bring((DAY, yuan(minor), "S1", "张三", "622", "", f"{one['loan_ref']}"))
    assert applied(database, store, vault).by == {"named_agrees": 1}
    with database.transaction("demo") as tx:
        kept = promises.get(tx, number)
        assert (kept.state, kept.paid_minor, kept.kept_day) == (PromiseState.KEPT, minor, DAY)
        paid = payments.of_line(tx, line.line_id)
        assert paid is not None
        take_back(tx, store, vault=vault, payment_id=paid.payment_id, why="bounced", actor=BY, now=NOW)
        assert promises.get(tx, number).state == PromiseState.OPEN


def test_a_debit_that_bounced_takes_its_payment_back(
    database: Database, store: Store, vault: Vault, owing: pl.DataFrame, tmp_path: Path
) -> None:
    one = lone(owing)
    minor, ref = int(str(one["due"])), one["loan_ref"]

    def camt(name: str, entry: str) -> None:
        path = tmp_path / name
        path.write_text(
            "<Document><BkToCstmrStmt><Stmt><Id>1</Id><Acct><Id><Othr><Id>6222</Id></Othr></Id><Ccy>CNY</Ccy></Acct>"
            f"{entry}</Stmt></BkToCstmrStmt></Document>", encoding="utf-8",
        )  # fmt: skip
        with database.transaction("demo") as tx:
            import_statement(
                tx, vault=vault, looked=look_at(path), quarantine_file=tmp_path / "w.csv", actor=BY, now=NOW
            )

    def entry(side: str, number: str, inside: str, e2e: str = "E-1") -> str:
        return (
            f'<Ntry><Amt Ccy="CNY">{yuan(minor)}</Amt><CdtDbtInd>{side}</CdtDbtInd><ValDt><Dt>{DAY}</Dt></ValDt>'
            f"<AcctSvcrRef>{number}</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>{e2e}</EndToEndId></Refs>{inside}"
            "</TxDtls></NtryDtls></Ntry>"
        )

    camt("in.xml", entry("CRDT", "B1", f"<RmtInf><Ustrd>{ref}</Ustrd></RmtInf>"))
    assert applied(database, store, vault).by == {"named_agrees": 1}
    assert due(database, store, key_of(one)) == 0
    bounced = "<RtrInf><Rsn><Cd>AM04</Cd></Rsn></RtrInf>"
    camt("back.xml", entry("DBIT", "B2", bounced) + entry("DBIT", "B3", bounced, e2e="E-9"))
    assert applied(database, store, vault) == Applied(by={}, left=0, back=1, waits={"reversal": 1})
    assert due(database, store, key_of(one)) == minor
    with database.transaction("demo") as tx:
        (paid,) = payments.latest(tx)
        assert (paid.back_day, paid.back_why) == (DAY, "bank AM04")
        assert [line.reversal for line in statements.lines(tx, state="waiting")] == [True], "what names nothing waits"
    assert applied(database, store, vault).back == 0


def test_a_tape_confirms_the_payment_and_it_counts_once(
    database: Database, store: Store, vault: Vault, owing: pl.DataFrame, bring: Bring
) -> None:
    one = lone(owing)
    minor = int(str(one["due"]))
    bring((DAY, yuan(minor), "S1", "某", "622", "", f"{one['loan_ref']}"))
    applied(database, store, vault)
    was = settle(database, store, key_of(one))
    with database.transaction("demo") as tx:
        done = ledger.take_up(tx, store, vault=vault, actor=BY, now=NOW)
    store.done()
    assert done is not None
    assert (done.events, settle(database, store, key_of(one))) == (1, was)
    with database.transaction("demo") as tx:
        (paid,) = payments.latest(tx)
        assert [share.version for share in payments.shares(tx, paid.payment_id)] == [done.version]
