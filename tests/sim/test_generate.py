"""The demo lender: the same seed gives the same bytes, the book is about 9 % overdue, nothing of others is lost."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

from duecourse.book.tape.layout import HOLD_KINDS, RELATIONS, Records, fields
from duecourse.sim import tape
from duecourse.sim.generate import BadSize, Made, NotOurFolder, generate
from duecourse.sim.lender import DELTA_DAYS, FULL_DAY, LENDER_ID

SIZE = 3_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return generate(seed=1, loans=SIZE, out=tmp_path_factory.mktemp("demo"))


def digests(out: Path) -> dict[str, str]:
    return {str(p.relative_to(out)): sha256(p.read_bytes()).hexdigest() for p in out.rglob("*") if p.is_file()}


def column(made: Made, kind: str, name: str) -> list[str]:
    parts = [path for path in made.out.rglob(f"{kind}.csv") if "desk" not in path.parts]
    return [v for path in parts for v in pl.read_csv(path, infer_schema=False)[name].to_list()]


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    generate(seed=3, loans=200, out=tmp_path / "a")
    generate(seed=3, loans=200, out=tmp_path / "b")
    generate(seed=4, loans=200, out=tmp_path / "c")
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert digests(tmp_path / "a") != digests(tmp_path / "c")


def test_an_earlier_demo_is_replaced_and_other_files_are_not_touched(tmp_path: Path) -> None:
    generate(seed=3, loans=200, out=tmp_path / "a")
    before = digests(tmp_path / "a")
    generate(seed=3, loans=300, out=tmp_path / "a")
    generate(seed=3, loans=200, out=tmp_path / "a")
    assert digests(tmp_path / "a") == before
    (tmp_path / "a" / "made.json").rename(tmp_path / "a" / ".unfinished")  # as if it had been stopped
    generate(seed=3, loans=200, out=tmp_path / "a")
    assert digests(tmp_path / "a") == before
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "letter.txt").write_text("mine")
    with pytest.raises(NotOurFolder, match=r"made\.json"):
        generate(seed=3, loans=200, out=tmp_path / "own")
    with pytest.raises(BadSize, match="99 loans"):
        generate(seed=3, loans=99, out=tmp_path / "d")


def test_as_many_loans_and_borrowers_as_asked(made: Made) -> None:
    loans = pl.concat(
        pl.read_csv(path, infer_schema=False).select("loan_ref", "borrower_ref")
        for path in sorted(made.out.glob("2026-*/loans.csv"))
    ).filter(pl.col("loan_ref").str.starts_with("L9999").not_())
    assert loans["loan_ref"].n_unique() == SIZE
    assert loans["borrower_ref"].n_unique() == made.borrowers == SIZE * 7 // 10
    assert set(made.stages) == {"M0", "M1", "M2", "M3", "M4", "M5", "M6", "M6+"}


def test_between_8_and_10_percent_are_overdue_of_the_book_and_of_all(made: Made) -> None:
    overdue, on_book = made.overdue
    assert 0.08 <= overdue / on_book <= 0.10
    assert 0.08 <= overdue / SIZE <= 0.10


def test_what_was_made_is_written_beside_it(made: Made) -> None:
    said = json.loads((made.out / "made.json").read_text("utf-8"))
    assert said["lender"] == LENDER_ID
    assert said["folders"] == [path.name for path in made.folders]
    assert said["rows"] == made.rows
    assert all((made.out / name).exists() for name in said["rows"])


def test_columns_and_words_are_those_of_the_layout(made: Made) -> None:
    for kind, columns in tape.TAPE.items():
        assert set(columns) <= set(fields(Records(kind))), kind
    assert set(column(made, "holds", "kind")) <= {*HOLD_KINDS, "angry"}
    assert set(column(made, "parties", "relation")) <= {*RELATIONS, "friend"}


def test_the_desk_has_something_for_the_rules_to_refuse(made: Made) -> None:
    for day in DELTA_DAYS:
        contacts = pl.read_csv(made.out / "desk" / day.isoformat() / "contacts.csv")
        calls = contacts.filter(pl.col("channel") == "call")
        connected = calls.filter("connected").group_by("debtor_ref").len()
        rung = calls.filter(~pl.col("connected")).group_by("person_ref", "point_label").len()
        assert connected["len"].max() == 3
        assert rung["len"].max() == 6
        assert contacts.filter(pl.col("channel") == "sms").height > 0
        assert contacts["at"].str.slice(11, 8).is_between(pl.lit("08:00:00"), pl.lit("21:59:59")).all()
    before = pl.read_csv(made.out / "desk" / FULL_DAY.isoformat() / "contacts.csv")
    assert {"wrong_number", "refused"} <= set(before["outcome"])
