"""Payment links against a provider in a process of its own: paid by its signed callback, once, and only as agreed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from os import urandom
from pathlib import Path

import httpx
import polars as pl
import pytest

from duecourse import app
from duecourse.book.store import Store
from duecourse.casework import ledger
from duecourse.casework.actor import Actor, Role
from duecourse.casework.channel_setup import DemoStaysHere
from duecourse.casework.pay_links import MoreThanIsOwed, NoLink, NotALink, make_link, set_provider
from duecourse.casework.payments import NotTheirs, apply_certain
from duecourse.casework.statements import import_statement, look_at
from duecourse.channels.contract import BadSetting, NoSuchTransport
from duecourse.core.money import Money
from duecourse.storage import pay_links, payments, rotation, statements
from duecourse.storage.connection import Database
from duecourse.storage.pay_links import Link, NoProvider
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import KeyRing
from tests import desk as people
from tests import payment_desk
from tests.payment_desk import yuan
from tests.statement_files import mapping, write
from tests.web.conftest import serving

BY = Actor(Role.SUPERVISOR, "s1")
SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY="


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk, served; a provider beside it; a debtor with one loan on which something is due."""

    database: Database
    store: Store
    vault: Vault
    base: str
    provider: str
    person: int
    loan: int

    def link(self, minor: int = 500, **more: object) -> Link:
        return make_link(
            self.database, self.store, "demo", vault=self.vault, person_id=self.person,
            amount=Money(minor, "CNY"), minutes=60, actor=BY, clock=now,
            chance=urandom, **more,  # type: ignore[arg-type]
        )  # fmt: skip

    def settle(self) -> int:
        with self.database.transaction("demo") as tx:
            read = ledger.read_loan(tx, self.store, loan_key=self.loan, now=now())
            return read.on(ledger.today_of(tx, now())).settle

    def odd(self) -> list[str]:
        with self.database.transaction("demo") as tx:
            return [one.outcome for one in pay_links.odd_events(tx)]


@pytest.fixture
def desk(database: Database, database_url: str, home: Path) -> Iterator[Desk]:
    where = app.settings({"DUECOURSE_HOME": str(home), "DUECOURSE_DATABASE_URL": database_url})
    vault, store = app.vault_of(where), app.store_of(where)
    rows = payment_desk.owing(database, store, vault, 24).filter(
        pl.col("alone") & (pl.col("status") == 1) & (pl.col("currency") == "CNY")
    )
    one = rows.row(0, named=True)
    clock = home / "clock.txt"
    clock.write_text("", encoding="utf-8")
    command = [sys.executable, "-W", "error", "-m", "tests.pay_provider", SECRET]
    with (
        serving(database_url, home, clock) as (api, _site),
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,
    ):
        assert process.stdout is not None
        base = api.removesuffix("/api/v1")
        provider = f"http://127.0.0.1:{process.stdout.readline().strip()}"
        try:
            given = {"url": provider, "callback": f"{base}/pay/demo/http", "secret": SECRET}
            with database.transaction("demo") as tx:
                set_provider(tx, vault=vault, name="http", given=given, actor=BY, now=now())
            yield Desk(database, store, vault, base, provider, one["person_id"], one["loan_key"])
        finally:
            process.terminate()


def pay(link: Link, **told: object) -> int:
    """The payer's click; gives what our side answered to the provider's callback."""
    assert link.url is not None
    return int(httpx.post(link.url, params={k: str(v) for k, v in told.items()}, timeout=60).json()["callback"])


def test_a_link_is_paid_once_and_its_line_is_the_same_payment(desk: Desk, tmp_path: Path) -> None:
    link, was = desk.link(), desk.settle()
    assert pay(link) == 204
    assert desk.settle() == was - 500
    assert pay(link) == 204, "the same event again is taken, and does nothing"
    assert pay(link, event="evt-other") == 204
    assert desk.settle() == was - 500
    assert desk.odd() == ["paid_before"]
    with desk.database.transaction("demo") as tx:
        (paid,) = payments.latest(tx)
        assert (paid.link_id, paid.line_id, paid.amount_minor) == (link.link_id, None, 500)
        day = paid.value_day.isoformat()
        looked = look_at(
            write(tmp_path / "a.csv", [(day, yuan(500), "S1", "某支付公司", "622", "", f"结算 {link.reference}")]),
            mapping=mapping(),
        )
        import_statement(tx, vault=desk.vault, looked=looked, quarantine_file=tmp_path / "w.csv", actor=BY, now=now())
    done = apply_certain(desk.database, desk.store, "demo", vault=desk.vault, actor=BY, clock=now)
    assert done.by == {"named": 1}
    assert desk.settle() == was - 500, "the money is one payment, told twice"
    with desk.database.transaction("demo") as tx:
        (again,) = payments.latest(tx)
        (line,) = statements.lines(tx)
        assert (again.payment_id, again.line_id, line.state) == (paid.payment_id, line.line_id, "applied")


def test_what_was_not_agreed_is_kept_and_pays_nothing(desk: Desk) -> None:
    was = desk.settle()
    late = (now() + timedelta(hours=2)).isoformat()
    for told in (
        {"amount": 499},
        {"amount": 50_000},
        {"currency": "USD"},
        {"at": late},
        {"reference": "DCAAAAAAAAAAAAAAAA"},
    ):
        assert pay(desk.link(), **told) == 204
    assert desk.settle() == was
    assert sorted(desk.odd()) == ["differs", "differs", "differs", "late", "unknown"]
    with desk.database.transaction("demo") as tx:
        assert payments.latest(tx) == []


def test_nobody_without_the_secret_pays_anything(desk: Desk) -> None:
    link, was = desk.link(), desk.settle()
    assert pay(link, tamper="yes") == 401
    assert pay(link, type="payment.failed") == 401
    address = f"{desk.base}/pay/demo/http"
    assert httpx.post(address, json={"type": "payment.succeeded"}, timeout=60).status_code == 401
    stale = str(int((now() - timedelta(minutes=6)).timestamp()))
    headers = {"Webhook-Id": "e", "Webhook-Timestamp": stale, "Webhook-Signature": "v1,AAAA"}
    assert httpx.post(address, content=b"{}", headers=headers, timeout=60).status_code == 401
    assert httpx.post(f"{desk.base}/pay/demo/other", content=b"{}", timeout=60).status_code == 404
    assert httpx.post(f"{desk.base}/pay/nobody/http", content=b"{}", timeout=60).status_code == 404
    assert httpx.post(address, content=b"x" * 70_000, timeout=60).status_code == 413
    assert (desk.settle(), desk.odd()) == (was, [])


def test_a_link_is_for_what_is_owed_and_ends(desk: Desk) -> None:
    with pytest.raises(MoreThanIsOwed):
        desk.link(desk.settle() + 1)
    with pytest.raises(NotALink):
        desk.link(0)
    with pytest.raises(NotTheirs):
        desk.link(loan_keys=[12345])
    with pytest.raises(NoProvider):
        desk.link(provider="other")
    for minutes in (0, 7 * 24 * 60 + 1):
        with pytest.raises(NotALink):
            make_link(
                desk.database, desk.store, "demo", vault=desk.vault, person_id=desk.person, amount=Money(1, "CNY"),
                minutes=minutes, actor=BY, clock=now, chance=bytes,
            )  # fmt: skip


def test_a_provider_that_gives_none_leaves_none(desk: Desk) -> None:
    given = {"url": "http://127.0.0.1:9", "callback": f"{desk.base}/pay/demo/http", "secret": SECRET}
    with desk.database.transaction("demo") as tx:
        set_provider(tx, vault=desk.vault, name="http", given=given, actor=BY, now=now())
    with pytest.raises(NoLink):
        desk.link()
    with desk.database.transaction("demo") as tx:
        (link,) = pay_links.latest(tx)
        assert link.url is None
        assert link.failed_at is not None


@pytest.mark.parametrize(
    ("name", "given", "trouble"),
    [
        ("nobody", {}, NoSuchTransport),
        ("http", {}, BadSetting),
        ("http", {"url": "https://pay.example", "callback": "https://us.example", "secret": SECRET}, DemoStaysHere),
        ("http", {"url": "http://pay.example", "callback": "https://us.example", "secret": SECRET}, BadSetting),
        ("http", {"url": "http://127.0.0.1", "callback": "us.example", "secret": SECRET}, BadSetting),
        ("http", {"url": "http://127.0.0.1", "callback": "http://127.0.0.1", "secret": "short"}, BadSetting),
        ("http", {"url": "http://127.0.0.1", "callback": "http://127.0.0.1", "secret": SECRET, "x": "y"}, BadSetting),
    ],
)
def test_a_provider_that_cannot_be_is_refused(
    database: Database, name: str, given: dict[str, str], trouble: type[Exception]
) -> None:
    people.enter(database)
    with pytest.raises(trouble), database.transaction("demo") as tx:
        set_provider(tx, vault=payment_desk.VAULT, name=name, given=given, actor=BY, now=now())


def test_secrets_of_providers_move_to_the_newest_key(database: Database) -> None:
    people.enter(database)
    vault = payment_desk.VAULT
    given = {"url": "http://127.0.0.1", "callback": "http://127.0.0.1", "secret": SECRET}
    with database.transaction("demo") as tx:
        set_provider(tx, vault=vault, name="http", given=given, actor=BY, now=now())
        (row,) = pay_links.providers(tx)
        assert SECRET not in str(row.settings)
    newer = Vault(KeyRing("k2", {**vault.ring.keys, "k2": bytes(range(2, 34))}, vault.ring.index_key))
    assert rotation.rotate(database, "demo", newer) == 1
    with database.transaction("demo") as tx:
        assert pay_links.provider(tx, "http").key_id == "k2"
