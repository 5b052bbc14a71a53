"""The command and the document say what is made."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

from duecourse.cli.demo import app
from duecourse.sim import desk, faults, tape, temperament
from duecourse.sim.products import PRODUCTS

DOCUMENT = (Path(__file__).parents[2] / "docs" / "demo.md").read_text("utf-8")


def cells(section: str) -> list[list[str]]:
    text = DOCUMENT.split(section)[1].split("\n## ")[0]
    return [[c.strip() for c in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")][2:]


def test_generate_prints_what_it_wrote(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["generate", "--out", str(tmp_path), "--loans", "150", "--seed", "8", "--json"])
    assert done.exit_code == 0
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["loans"] == 150
    assert said["wrong_rows_total"] == len(faults.wrong_rows("L1")) + 1
    assert (tmp_path / "made.json").exists()


def test_generate_leaves_a_folder_of_others_alone(tmp_path: Path) -> None:
    (tmp_path / "tax.xlsx").write_text("mine")
    done = CliRunner().invoke(app, ["generate", "--out", str(tmp_path), "--loans", "150"])
    assert done.exit_code != 0
    assert "holds no demo" in str(done.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["tax.xlsx"]


def test_the_document_lists_columns_products_temperaments_and_outcomes() -> None:
    listed = [(row[0], row[1].strip("`")) for row in cells("## The files of the desk")]
    assert listed == [(kind, name) for kind, columns in tape.DESK.items() for name in columns]
    assert [row[0].strip("`") for row in cells("## What they borrow")] == [product.code for product in PRODUCTS]
    shares = {row[0]: int(row[1]) for row in cells("## Who pays how")}
    assert shares == {str(temper): share for temper, share in temperament.SHARES}
    assert all(f"`{outcome}`" in DOCUMENT for outcome in desk.Outcome)
    assert f"{len(faults.wrong_rows('L1')) + 1} rows break one rule each" in DOCUMENT


@pytest.mark.parametrize("seed", range(3))
def test_temperaments_come_in_their_shares(seed: int) -> None:
    rng = Random(seed)
    drawn = [temperament.draw(rng).temper for _ in range(10_000)]
    for temper, share in temperament.SHARES:
        assert abs(drawn.count(temper) - 10 * share) < 130
