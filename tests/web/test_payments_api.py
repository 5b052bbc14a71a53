"""Payments by the typed client: links for a case, lines that wait and whose they are, what did not stand."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir
from uuid import uuid4

import polars as pl
import pytest

from duecourse import app
from duecourse.book.store import Store
from duecourse.casework import approval, ledger
from duecourse.casework.actor import Actor, Role
from duecourse.casework.kinds import KINDS
from duecourse.casework.pay_links import set_provider
from duecourse.casework.statements import import_statement, look_at
from duecourse.casework.suspense import give_account
from duecourse.casework.token import LENDER_ONLY, create_token
from duecourse.client import Client, Conflict, Invalid, NoScope, NotFound, Unavailable, new_key
from duecourse.storage import cases
from duecourse.storage.connection import Database
from duecourse.storage.tokens import Scope
from duecourse.storage.vault import Vault
from tests import payment_desk
from tests.conftest import _base
from tests.payment_desk import yuan
from tests.permit_desk import OPERATOR
from tests.statement_files import MAPPING, mapping, write
from tests.web.conftest import _listening
from tests.web.test_payment_links import SECRET

BY, OTHER = Actor(Role.SUPERVISOR, "s1"), Actor(Role.SUPERVISOR, "s2")
MONEY = (Scope.CASE_READ, Scope.PAYMENT_READ, Scope.PAYMENT_WORK, Scope.PAYMENT_LINK)


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Till:
    """A served desk at which money comes in, and a debtor with one loan, in a case."""

    database: Database
    store: Store
    vault: Vault
    url: str
    person: int
    loan: int
    case: str

    def client(self, *scopes: Scope) -> Client:
        """A client with a token of these scopes."""
        with self.database.transaction("demo") as tx:
            token = create_token(
                tx, vault=self.vault, name="s1", scopes=scopes, sender_type="lender", firm=None,
                expires_at=now() + timedelta(days=1), requests_minute_max=None, actor=OPERATOR, now=now(),
                chance=os.urandom,
            ).text  # fmt: skip
        return Client(self.url, token, timeout_s=120, tries=1)

    def settle(self) -> int:
        """What would settle the loan today."""
        with self.database.transaction("demo") as tx:
            read = ledger.read_loan(tx, self.store, loan_key=self.loan, now=now())
            return read.on(ledger.today_of(tx, now())).settle

    def paid(self) -> int:
        """What was paid of the loan so far."""
        with self.database.transaction("demo") as tx:
            read = ledger.read_loan(tx, self.store, loan_key=self.loan, now=now())
            return read.on(ledger.today_of(tx, now())).paid_total

    def bring(self, folder: Path, *minors: int, name: str = "某先生") -> None:
        """Import a statement with a line of each amount, from somebody whom nobody knows."""
        day = now().date().isoformat()
        lines = [
            (day, yuan(minor), f"S{number}", name, f"6222154000{number}", "", "款")
            for number, minor in enumerate(minors)
        ]
        looked = look_at(write(folder / "a.csv", lines), mapping=mapping())
        with self.database.transaction("demo") as tx:
            import_statement(tx, vault=self.vault, looked=looked, quarantine_file=folder / "w.csv", actor=BY, now=now())

    def approve(self, request: str | None) -> None:
        """Approve as another who is signed in."""
        assert request is not None
        with self.database.transaction("demo") as tx:
            approval.approve(
                tx, kinds=KINDS, vault=self.vault, approval_id=int(request), reason="yes", actor=OTHER, now=now()
            )


@pytest.fixture
def till(database: Database) -> Iterator[Till]:
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    where = app.settings({"DUECOURSE_HOME": str(home)})
    vault, store = app.vault_of(where), app.store_of(where)
    rows = payment_desk.owing(database, store, vault, 24).filter(
        pl.col("alone") & (pl.col("status") == 1) & (pl.col("currency") == "CNY")
    )
    one = rows.row(0, named=True)
    with database.transaction("demo") as tx:
        cases.open_many(tx, pl.Series([one["person_id"]]), day=payment_desk.DAY, by="test")
        cases.set_loans(
            tx, pl.DataFrame({"person_id": [one["person_id"]], "loan_key": [one["loan_key"]]}), day=payment_desk.DAY
        )
        case = cases.of_person(tx, one["person_id"])[0].case_id
    with _listening(app.web(app.Desk(where, database), clock=now)) as url:
        yield Till(database, store, vault, url, one["person_id"], one["loan_key"], str(case))


def test_a_link_is_made_once_for_no_more_than_is_owed(till: Till) -> None:
    with till.client(*MONEY) as client:
        with pytest.raises(Invalid, match="no payment provider"):
            client.open_payment_link(till.case, amount_minor=500)
        command = [sys.executable, "-W", "error", "-m", "tests.pay_provider", SECRET]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            provider = f"http://127.0.0.1:{process.stdout.readline().strip()}"
            try:
                given = {"url": provider, "callback": f"{till.url}/pay/demo/http", "secret": SECRET}
                with till.database.transaction("demo") as tx:
                    set_provider(tx, vault=till.vault, name="http", given=given, actor=BY, now=now())
                key = new_key()
                made = client.open_payment_link(till.case, amount_minor=500, loans=[str(till.loan)], key=key)
                assert client.open_payment_link(till.case, amount_minor=500, loans=[str(till.loan)], key=key) == made
                assert made.url is not None
                assert made.url.startswith(provider)
                assert (made.amount_minor, made.payment, made.loans) == (500, None, (str(till.loan),))
                with pytest.raises(Conflict, match="more than is owed"):
                    client.open_payment_link(till.case, amount_minor=till.settle() + 1)
                with pytest.raises(Invalid, match="owes no such loan"):
                    client.open_payment_link(till.case, amount_minor=500, loans=["5"])
            finally:
                process.terminate()
        with pytest.raises(Unavailable, match="gave no link"):
            client.open_payment_link(till.case, amount_minor=700)
        found = client.list_payment_links(till.case).links
        assert [(one.amount_minor, one.url is None, one.failed_at is None) for one in found] == [
            (700, True, False), (500, False, True),
        ]  # fmt: skip
        with pytest.raises(NotFound):
            client.list_payment_links("999")
    with till.client(Scope.PAYMENT_READ) as reader, pytest.raises(NoScope):
        reader.open_payment_link(till.case, amount_minor=500)


def test_lines_that_wait_are_placed_by_one_or_by_two_and_taken_back(till: Till, tmp_path: Path) -> None:
    before = till.paid()
    till.bring(tmp_path, 1_000, 2_000_000)
    who = str(till.person)
    with till.client(*MONEY, Scope.APPROVAL_READ) as client:
        looked = client.match_suspense()
        assert looked.lines == 2
        waits = [one for page in client.pages(client.list_suspense, most=1) for one in page.lines]
        assert [(one.amount_minor, one.alone) for one in waits] == [
            (1_000, True), (2_000_000, False),
        ]  # fmt: skip
        assert not any("某先生" in f"{one.name} {one.text}" or "6222154000" in str(one.account) for one in waits)
        small, large = (one.line for one in waits)
        with pytest.raises(Invalid, match="owes no such loan"):
            client.place_line(small, person=who, loans=["5"])
        key = new_key()
        placed = client.place_line(small, person=who, key=key)
        assert client.place_line(small, person=who, key=key) == placed
        assert placed.payment is not None
        assert till.paid() == before + 1_000
        shown = client.show_payment(placed.payment)
        assert (shown.payment.line, sum(one.amount_minor for one in shown.shares)) == (small, 1_000)
        assert {one.loan for one in shown.shares} == {str(till.loan)}
        with pytest.raises(Conflict, match="does not wait"):
            client.place_line(small, person=who)
        with pytest.raises(Invalid, match="say why"):
            client.place_line(large, person=who)
        asked = client.place_line(large, person=who, reason="his receipt")
        assert (asked.payment, client.show_approval(str(asked.request)).asked["line"]) == (None, large)
        assert till.paid() == before + 1_000
        till.approve(asked.request)
        done = client.place_line(large, person=who)
        assert (done.payment is not None, done.request) == (True, asked.request)
        listed = [one.payment for page in client.pages(client.list_payments, most=1) for one in page.payments]
        assert listed == [done.payment, placed.payment]
        over = client.list_payments(over=True).payments
        assert [one.payment for one in over] == ([done.payment] if done.over_minor else [])
        key, was = new_key(), till.paid()
        gone = client.take_payment_back(placed.payment, reason="bounced", key=key)
        assert client.take_payment_back(placed.payment, reason="bounced", key=key) == gone
        assert gone.back_day is not None
        assert till.paid() == was - 1_000
        with pytest.raises(Conflict, match="taken back"):
            client.take_payment_back(placed.payment, reason="twice")
        with pytest.raises(NotFound):
            client.show_payment("999999")
    with till.client(Scope.PAYMENT_READ) as reader:
        assert len(reader.list_payments().payments) == 2
        with pytest.raises(NoScope):
            reader.place_line(small, person=who)
        with pytest.raises(NoScope):
            reader.take_payment_back(placed.payment, reason="x")
    assert set(MONEY) <= LENDER_ONLY


def test_a_line_is_no_payment_or_its_money_goes_back(till: Till, tmp_path: Path) -> None:
    till.bring(tmp_path, 3_000, 4_000)
    with till.client(*MONEY) as client:
        foreign, wrong = (one.line for one in client.list_suspense().lines)
        assert client.dismiss_line(foreign, reason="interest of the bank").state == "dismissed"
        with pytest.raises(Conflict, match="does not wait"):
            client.dismiss_line(foreign, reason="again")
        back = client.ask_refund(wrong, reason="sent in error")
        with pytest.raises(Conflict, match="asked already"):
            client.ask_refund(wrong, reason="sent in error")
        till.approve(back.request)
        assert client.list_suspense().lines == ()
        with pytest.raises(NotFound):
            client.dismiss_line("999999", reason="none")


def test_a_statement_is_sent_and_its_certain_lines_are_applied_at_once(till: Till, tmp_path: Path) -> None:
    account = "6222900001"
    with till.database.transaction("demo") as tx:
        give_account(tx, vault=till.vault, person_id=till.person, account=account, actor=BY, now=now())
    day = now().date().isoformat()
    rows = [
        (day, "10.00", "R1", "王某", "6222154000000009", account, "还款"),
        (day, "20.00", "R2", "王某", "6222154000000009", account, "还款"),
        (day, "30.00", "R3", "某先生", "6222154000000010", "", "款"),
        ("2026-02-30", "1.00", "R4", "某先生", "6222154000000010", "", "款"),
    ]
    content, kept = write(tmp_path / "b.csv", rows).read_bytes(), MAPPING.encode()
    with till.client(*MONEY, Scope.STATEMENT_SEND) as client:
        with pytest.raises(Invalid, match="needs its mapping"):
            client.send_statement(file=("b.csv", content))
        key = new_key()
        sent = client.send_statement(file=("b.csv", content), mapping_file=("m.yaml", kept), key=key)
        assert client.send_statement(file=("b.csv", content), mapping_file=("m.yaml", kept), key=key) == sent
        assert (sent.lines, sent.new, sent.quarantined, sent.again) == (3, 3, 1, False)
        (wrong,) = sent.wrong
        assert wrong.field == "value_day"
        assert "2026-02-30" not in wrong.why
        assert sent.sha256 == sha256(content).hexdigest()
        (listed,) = client.list_statements().statements
        assert (listed.statement, listed.waiting, listed.sha256) == (sent.statements[0], 3, sent.sha256)
        assert not list(Path(gettempdir()).glob("statement-*")), "the file is not left behind"
        till.bring(tmp_path, 5_000)  # another statement
        before, key = till.paid(), new_key()
        with pytest.raises(NotFound):
            client.apply_certain(statement="999999")
        done = client.apply_certain(statement=listed.statement, key=key)
        assert client.apply_certain(statement=listed.statement, key=key) == done
        assert (done.applied, dict(done.by), dict(done.amounts_minor)) == (2, {"named": 2}, {"named": 3_000})
        assert (done.left, done.taken_back, dict(done.waits)) == (0, 0, {"nothing": 1})
        assert till.paid() == before + 3_000
        everything = client.apply_certain()
        assert (everything.applied, dict(everything.waits)) == (0, {"nothing": 2})
    with till.client(*MONEY) as client, pytest.raises(NoScope):
        client.send_statement(file=("b.csv", content))
    assert Scope.STATEMENT_SEND in LENDER_ONLY


def test_refunds_go_into_a_file_once_which_is_read_by_its_hash_and_kept_nowhere(till: Till, tmp_path: Path) -> None:
    till.bring(tmp_path, 3_000)
    with till.client(*MONEY, Scope.REFUND_FILE) as client:
        (line,) = client.list_suspense().lines
        till.approve(client.ask_refund(line.line, reason="sent in error").request)
        (waits,) = client.list_refunds().refunds
        assert (waits.line, waits.amount_minor, waits.file) == (line.line, 3_000, None)
        key = new_key()
        filed = client.file_refunds(key=key)
        assert client.file_refunds(key=key) == filed
        assert (filed.refunds, filed.file is None) == ((waits.refund,), False)
        for _twice in range(2):
            file = client.refund_file_as_csv(str(filed.file))
            assert sha256(file).hexdigest() == filed.file
        assert "62221540000,某先生,30.00,CNY" in file.decode()
        assert client.list_refunds().refunds[0].file == filed.file
        assert client.file_refunds().file is None
        with pytest.raises(NotFound):
            client.refund_file_as_csv("0" * 64)
    with till.database.transaction("demo") as tx:
        kinds = [str(kind) for (kind,) in tx.execute("SELECT kind FROM log_entry ORDER BY entry_id").fetchall()]
        shown = [str(answer) for (answer,) in tx.execute("SELECT answer::text FROM request_key").fetchall()]
    assert (kinds.count("refund.filed"), kinds.count("refund.file_read")) == (1, 2)
    assert shown
    assert not any("某先生" in text or "62221540000" in text for text in shown)
    with till.client(*MONEY) as client:
        with pytest.raises(NoScope):
            client.file_refunds()
        with pytest.raises(NoScope):
            client.refund_file_as_csv(str(filed.file))
    assert Scope.REFUND_FILE in LENDER_ONLY


@pytest.mark.parametrize(("name", "cell"), [("", ""), ("=1+1", "'=1+1"), ("@某", "'@某")])
def test_a_sender_without_a_name_has_none_in_the_file_and_no_name_is_a_formula(
    till: Till, tmp_path: Path, name: str, cell: str
) -> None:
    till.bring(tmp_path, 3_000, name=name)
    with till.client(*MONEY, Scope.REFUND_FILE) as client:
        (line,) = client.list_suspense().lines
        till.approve(client.ask_refund(line.line, reason="sent in error").request)
        filed = client.file_refunds()
        assert f",62221540000,{cell},30.00,CNY," in client.refund_file_as_csv(str(filed.file)).decode()
