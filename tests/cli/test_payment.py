"""Payments in the terminal: all that is certain applied at once with its sums, and the file of refunds once more."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl
import pytest

from duecourse import app
from duecourse.casework import approval
from duecourse.casework.actor import Actor, Role
from duecourse.casework.kinds import KINDS
from duecourse.casework.refunds import REFUND
from duecourse.casework.suspense import give_account
from duecourse.cli import words
from duecourse.cli.main import main
from duecourse.locale import Language
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.trouble import Exit
from tests import payment_desk
from tests.conftest import _base
from tests.statement_files import MAPPING, write

BY, OTHER = Actor(Role.SUPERVISOR, "s1"), Actor(Role.SUPERVISOR, "s2")
ACCOUNT = "6222900001"


@dataclass
class Till:
    """A desk at which money comes in, and the program over it."""

    database: Database
    vault: Vault
    run: Callable[..., str]

    def data(self, *arguments: str, status: int = 0) -> Any:  # noqa: ANN401 - the one JSON document
        return json.loads(self.run(*arguments, "--json", status=status))


@pytest.fixture
def till(database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Till]:
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    where = app.settings({"DUECOURSE_HOME": str(home)})
    vault = app.vault_of(where)
    rows = payment_desk.owing(database, app.store_of(where), vault, 24)
    one = rows.filter(pl.col("alone") & (pl.col("status") == 1) & (pl.col("currency") == "CNY")).row(0, named=True)
    with database.transaction("demo") as tx:
        give_account(tx, vault=vault, person_id=one["person_id"], account=ACCOUNT, actor=BY, now=app.now())

    def run(*arguments: str, status: int = 0, lang: str = "en") -> str:
        for name, value in {
            "DUECOURSE_HOME": str(home), "DUECOURSE_DATABASE_URL": database_url, "DUECOURSE_LANG": lang,
            "COLUMNS": "120",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["duecourse", *arguments])
        said, noted = StringIO(), StringIO()
        with redirect_stdout(said), redirect_stderr(noted), pytest.raises(SystemExit) as ended:
            main()
        assert (ended.value.code or 0) == status, said.getvalue() + noted.getvalue()
        return said.getvalue() + noted.getvalue()

    yield Till(database, vault, run)
    words.use(Language.EN)


def bring(till: Till, folder: Path, *minors: int, account: str = ACCOUNT) -> int:
    """Import a statement with a line of each amount, by the program; its number."""
    day, name = app.now().date().isoformat(), uuid4().hex[:6]
    rows = [
        (day, payment_desk.yuan(minor), f"{name}-{place}", "王某", "6222154000000009", account, "还款")
        for place, minor in enumerate(minors)
    ]
    (folder / "bank.yaml").write_text(MAPPING, encoding="utf-8")
    made = till.data(
        "statement", "import", str(write(folder / f"{name}.csv", rows)), "--mapping", str(folder / "bank.yaml")
    )
    return int(made["statements"][0])


def test_all_that_is_certain_of_a_statement_is_applied_at_once_and_summed_up(till: Till, tmp_path: Path) -> None:
    first, second = bring(till, tmp_path, 1_000, 2_050), bring(till, tmp_path, 400)
    bring(till, tmp_path, 700, account="")
    said = till.run("payment", "apply", "--statement", str(first))
    assert "30.50" in said
    assert "All together" in said
    done = till.data("payment", "apply", "--statement", str(second))
    assert (done["applied"], done["amounts_minor"], done["currency"], done["waits"]) == (1, {"named": 400}, "CNY", {})
    done = till.data("payment", "apply")
    assert (done["applied"], sum(done["waits"].values())) == (0, 1)
    assert "合计" in till.run("payment", "apply", lang="zh-CN")
    assert "999" in till.run("payment", "apply", "--statement", "999", status=Exit.BAD_INPUT)


def test_the_file_of_refunds_is_written_once_more_by_its_hash(till: Till, tmp_path: Path) -> None:
    bring(till, tmp_path, 3_000, account="")
    (line,) = till.data("statement", "lines", "--state", "waiting")
    with till.database.transaction("demo") as tx:
        asked = approval.ask(
            tx, kinds=KINDS, vault=till.vault, kind=REFUND.kind, subject=f"bank_line/{line['line']}",
            asked={"line": str(line["line"])}, reason="sent in error", actor=BY, now=app.now(),
        )  # fmt: skip
        approval.approve(
            tx, kinds=KINDS, vault=till.vault, approval_id=asked.approval_id, reason="yes", actor=OTHER, now=app.now()
        )
    once, again = tmp_path / "refunds.csv", tmp_path / "again.csv"
    made = till.data("payment", "refund-file", "--out", str(once))
    assert made["sha256"] == sha256(once.read_bytes()).hexdigest()
    assert till.data("payment", "refund-file", "--out", str(again))["refunds"] == []
    assert not again.exists()
    assert till.data("payment", "refund-file", "--out", str(again), "--again", made["sha256"]) == made
    assert again.read_bytes() == once.read_bytes()
    for wrong in ("0" * 64, "x"):
        out = str(tmp_path / "none.csv")
        till.run("payment", "refund-file", "--out", out, "--again", wrong, status=Exit.BAD_INPUT)
    assert not (tmp_path / "none.csv").exists()
