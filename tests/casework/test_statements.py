"""A bank statement is kept once, line by line; what is personal in it is sealed, and reading it leaves a record."""

from __future__ import annotations

from pathlib import Path

import pytest

from duecourse.casework.actor import Actor, Role
from duecourse.casework.reveal import NoPurpose
from duecourse.casework.statements import Imported, WrongCurrency, import_statement, look_at, read_line
from duecourse.storage import rotation, statements
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import KeyRing
from tests import desk
from tests.statement_files import mapping, write

BY = Actor(Role.OPERATOR, "test")
ROWS = [
    ("2026-03-02", "100.00", "S1", "张三", "6222154000000001", "", "还款L1"),
    ("2026-03-02", "100.00", "", "李四", "6222154000000002", "", "15400000001还款"),
    ("2026-03-02", "100.00", "", "李四", "6222154000000002", "", "15400000001还款"),
    ("2026-03-02", "-3.00", "S4", "", "", "", "手续费"),
]


@pytest.fixture
def vault() -> Vault:
    return Vault(KeyRing("k1", {"k1": bytes(range(32))}, bytes(range(1, 33))))


def bring(database: Database, vault: Vault, path: Path) -> Imported:
    looked = look_at(path, mapping=mapping())
    with database.transaction("demo") as tx:
        return import_statement(
            tx, vault=vault, looked=looked, quarantine_file=path.with_suffix(".wrong.csv"), actor=BY, now=desk.NOW
        )


def test_a_statement_is_kept_once(database: Database, vault: Vault, tmp_path: Path) -> None:
    desk.enter(database)
    path = write(tmp_path / "a.csv", ROWS)
    made = bring(database, vault, path)
    assert (made.lines, made.new, made.quarantined, made.again) == (4, 4, 0, False)
    again = bring(database, vault, path)
    assert (again.new, again.again) == (0, True)
    with database.transaction("demo") as tx:
        kept = statements.lines(tx)
        assert [(one.incoming, one.amount_minor, one.state) for one in kept] == [
            (True, 10_000, "waiting"), (True, 10_000, "waiting"), (True, 10_000, "waiting"), (False, 300, "outgoing"),
        ]  # fmt: skip


def test_a_line_that_another_file_holds_too_is_kept_once(database: Database, vault: Vault, tmp_path: Path) -> None:
    desk.enter(database)
    bring(database, vault, write(tmp_path / "a.csv", ROWS[:3]))
    more = bring(database, vault, write(tmp_path / "b.csv", [*ROWS, ROWS[1], ("2026-03-03", *ROWS[1][1:])]))
    assert (more.lines, more.new) == (6, 3)  # the fee, a third one alike, and one of another day
    with database.transaction("demo") as tx:
        assert [(one.lines, one.lines_new, one.waiting) for one in statements.latest(tx)] == [(6, 3, 2), (3, 3, 3)]


def test_wrong_rows_are_named_and_a_mended_file_brings_the_rest(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    desk.enter(database)
    made = bring(database, vault, write(tmp_path / "a.csv", [ROWS[0], ("2026-03-02", "hundred", "S9", "王五")]))
    assert (made.new, made.quarantined) == (1, 1)
    assert made.quarantine is not None
    said = made.quarantine.read_text(encoding="utf-8")
    assert ",2,金额,form," in said
    assert "王五" not in said
    assert "hundred" not in said
    assert made.quarantine.stat().st_mode & 0o077 == 0
    mended = bring(database, vault, write(tmp_path / "a.csv", [ROWS[0], ("2026-03-02", "100", "S9", "王五")]))
    assert (mended.new, mended.quarantined) == (1, 0)


def test_nothing_personal_lies_in_the_clear(database: Database, vault: Vault, tmp_path: Path) -> None:
    desk.enter(database)
    bring(database, vault, write(tmp_path / "a.csv", ROWS))
    with database.transaction("demo") as tx:
        rows = "\n".join(str(row) for row in tx.execute("SELECT to_jsonb(l)::text FROM bank_line l"))
        rows += "\n".join(str(row) for row in tx.execute("SELECT to_jsonb(s)::text FROM bank_statement s"))
    for clear in ("张三", "6222154000000001", "15400000001", "6222000000000001", "还款L1"):
        assert clear not in rows


def test_reading_a_line_needs_a_purpose_and_is_on_record(database: Database, vault: Vault, tmp_path: Path) -> None:
    desk.enter(database)
    bring(database, vault, write(tmp_path / "a.csv", ROWS))
    with database.transaction("demo") as tx:
        number = statements.lines(tx)[0].line_id
        with pytest.raises(NoPurpose):
            read_line(tx, vault=vault, line_id=number, purpose="", actor=BY, now=desk.NOW)
        found = read_line(tx, vault=vault, line_id=number, purpose="identify", actor=BY, now=desk.NOW)
        assert (found.name, found.account, found.text) == ("张三", "6222154000000001", "还款L1")
        kinds = [str(row[0]) for row in tx.execute("SELECT kind FROM log_entry ORDER BY entry_id")]
        with pytest.raises(statements.NoSuchLine):
            read_line(tx, vault=vault, line_id=number + 99, purpose="identify", actor=BY, now=desk.NOW)
    assert kinds == ["statement.imported", "statement.line_read"]


def test_lines_that_are_nobodys_move_to_the_newest_key(database: Database, vault: Vault, tmp_path: Path) -> None:
    desk.enter(database)
    bring(database, vault, write(tmp_path / "a.csv", ROWS))
    newer = Vault(KeyRing("k2", {**vault.ring.keys, "k2": bytes(range(2, 34))}, vault.ring.index_key))
    assert rotation.rotate(database, "demo", newer, batch=3) == 4
    with database.transaction("demo") as tx:
        assert rotation.count_by_key(tx) == {"k2": 4}
        number = statements.lines(tx)[0].line_id
        assert read_line(tx, vault=newer, line_id=number, purpose="identify", actor=BY, now=desk.NOW).name == "张三"


def test_a_statement_in_another_currency_is_refused(database: Database, vault: Vault, tmp_path: Path) -> None:
    desk.enter(database)
    path = write(tmp_path / "a.csv", ROWS)
    looked = look_at(path, mapping=mapping().model_copy(update={"currency": "USD"}))
    with pytest.raises(WrongCurrency), database.transaction("demo") as tx:
        import_statement(tx, vault=vault, looked=looked, quarantine_file=tmp_path / "x.csv", actor=BY, now=desk.NOW)
