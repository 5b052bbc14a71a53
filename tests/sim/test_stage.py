"""The staging of the demo, step by step: each done once, none lost when it stops between any two."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from duecourse.book.store import Store
from duecourse.sim import stage
from duecourse.sim.generate import generate
from duecourse.sim.lender import DELTA_DAYS, FULL_DAY, LENDER_ID
from duecourse.storage import lenders, runs, worklists
from duecourse.storage.connection import Database
from duecourse.storage.lenders import Lender
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import NOW

LOANS = 150


@pytest.fixture(scope="module")
def tapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(seed=1, loans=LOANS, out=tmp_path_factory.mktemp("tapes") / "demo").out


def test_a_demo_that_stops_after_every_step_goes_on_where_it_stood(
    database: Database, tapes: Path, tmp_path: Path
) -> None:
    store, vault = Store(tmp_path / "book"), Vault(new_ring())
    done: list[tuple[str, date]] = []

    def todo() -> Iterator[stage.Step]:
        """What a fresh start would do; a desk that was taken is offered again until its day has run."""
        return (
            one
            for one in stage.steps(database, store, vault, tapes)
            if ("desk", one.day) not in done or one.kind != "desk"
        )

    while step := next(todo(), None):
        assert (step.kind, step.day) not in done
        step.do(lambda *_told: None)
        done.append((step.kind, step.day))
        if step.kind == "desk":
            step.do(lambda *_told: None)  # taken again, as a start after a stop would: no harm
    assert stage.staged(database, tapes)
    assert [one for one in done if one[0] == "import"] == [("import", day) for day in (FULL_DAY, *DELTA_DAYS)]
    assert [one for one in done if one[0] == "run"] == [("run", day) for day in DELTA_DAYS]
    with database.transaction(LENDER_ID) as tx:
        assert [run.state for run in runs.every(tx)] == ["published"] * len(DELTA_DAYS)
        assert worklists.worklist(tx, DELTA_DAYS[-1])
    assert list(stage.steps(database, store, vault, tapes)) == []


def test_a_lender_of_that_code_who_is_no_demo_is_left_alone(database: Database, tapes: Path, tmp_path: Path) -> None:
    real = Lender(LENDER_ID, "某银行", "CN", "Asia/Shanghai", "CNY", "bank", demo=False, masters={})
    with database.transaction(LENDER_ID) as tx:
        lenders.add(tx, real, now=NOW)
    with pytest.raises(stage.NotTheDemo, match="is no demo lender"):
        next(stage.steps(database, Store(tmp_path / "book"), Vault(new_ring()), tapes))
