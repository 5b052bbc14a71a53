"""Real tapes, read by the shipped mappings: what each fills and refuses, as docs/public-tapes.md says."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from duecourse.book.kernels.age import age
from duecourse.book.store import Store
from duecourse.book.tape import intake
from duecourse.book.tape import mapping as mappings
from duecourse.book.tape.arrival import Arrival, arrive
from duecourse.book.tape.checks import Frame
from duecourse.book.tape.values import Setting
from duecourse.core.reading import Status

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 1, tzinfo=UTC)
SETS = {
    "lendingclub_2018": "p2p_lendingclub_2018_book",
    "lendingclub_2007_2011": "p2p_lendingclub_2007_2011",
    "microloans_nigeria": "microloans_nigeria",
    "card_monthly_status": "card_monthly_status",
    "invoices_receivable": "invoices_receivable",
}


def taken(name: str, folder: Path) -> Arrival:
    mapping = mappings.load(mappings.find(name))
    currency = mapping.currency or "CNY"
    return arrive(
        intake.sources([folder], mapping), mapping, Setting(mapping.zone or "UTC", currency),
        Frame("public", currency, NOW.date(), NOW), store=Store(folder / "none"), at=None,
    )  # fmt: skip


def documented(name: str) -> dict[str, tuple[int, int, int, int]]:
    """The table of a tape in the document: records → rows in, accepted, quarantined, left out."""
    text = (ROOT / "docs" / "public-tapes.md").read_text(encoding="utf-8")
    section = re.search(rf"^## `{name}`.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"docs/public-tapes.md has no section on {name}"
    found = {}
    for line in section.group().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) >= 5 and cells[1].replace(",", "").isdigit():
            numbers = [int(cell.replace(",", "")) for cell in cells[1:5]]
            found[cells[0].strip("`")] = (numbers[0], numbers[1], numbers[2], numbers[3])
    return found


def counted(arrival: Arrival) -> dict[str, tuple[int, int, int, int]]:
    return {str(c.records): (c.rows_in, c.accepted, c.quarantined, c.left_out) for c in arrival.counts}


def statuses(arrival: Arrival, day: date) -> dict[str, int]:
    rows = arrival.change.rows
    aged = age(rows["loans"], rows["conventions"], rows["instalments"], rows["events"], as_of=day, known=NOW, threads=2)
    assert aged["fault"].null_count() == aged.height
    names = [str(status) for status in Status]
    return {names[row[0]]: row[1] for row in aged.group_by("status").len().iter_rows()}


@pytest.mark.parametrize("name", SETS)
def test_each_fills_and_refuses_what_the_document_says(name: str, public_data: Callable[[str], Path]) -> None:
    arrival = taken(name, public_data(SETS[name]))
    assert counted(arrival) == documented(name)


def test_the_live_book_is_worked_from_its_opening_positions(public_data: Callable[[str], Path]) -> None:
    arrival = taken("lendingclub_2018", public_data(SETS["lendingclub_2018"]))
    rows = arrival.change.rows
    aged = age(
        rows["loans"], rows["conventions"], rows["instalments"], rows["events"], as_of=date(2018, 6, 30), known=NOW,
        threads=2,
    )  # fmt: skip
    assert aged.group_by("dpd").len().sort("dpd").rows() == [(0, 7357), (1, 51), (16, 25), (31, 44), (120, 5)]
    both = arrival.stated.join(aged, on="loan_key")
    assert both.height == 7_477
    assert both.filter(pl.col("value") != pl.col("not_due") + pl.col("principal")).is_empty()


def test_finished_loans_end_as_they_ended(public_data: Callable[[str], Path]) -> None:
    arrival = taken("lendingclub_2007_2011", public_data(SETS["lendingclub_2007_2011"]))
    assert statuses(arrival, date(2017, 11, 30)) == {"settled": 25_656, "written_off": 4_386}


def test_micro_loans_are_paid_when_they_were(public_data: Callable[[str], Path]) -> None:
    arrival = taken("microloans_nigeria", public_data(SETS["microloans_nigeria"]))
    assert statuses(arrival, date(2019, 1, 1)) == {"settled": 12_725}


def test_bucket_statuses_never_become_dpd(public_data: Callable[[str], Path]) -> None:
    arrival = taken("card_monthly_status", public_data(SETS["card_monthly_status"]))
    assert list(arrival.change.rows) == ["observations"]
    assert set(arrival.change.rows["observations"]["bucket"].unique()) == set("XC012345")


def test_invoices_are_late_by_the_days_the_file_says(public_data: Callable[[str], Path]) -> None:
    folder = public_data(SETS["invoices_receivable"])
    arrival = taken("invoices_receivable", folder)
    assert statuses(arrival, date(2014, 1, 1)) == {"settled": 1_845}
    rows = arrival.change.rows
    theirs = pl.read_parquet(folder / "invoices.parquet").filter(pl.col("days_late") > 1).head(50)
    keys = rows["loans"].select("loan_ref", "loan_key")
    for number, settled, late in theirs.select("invoice_id", "settled_date", "days_late").iter_rows():
        key = keys.filter(pl.col("loan_ref") == str(number))
        here = [rows[table].join(key, on="loan_key", how="semi") for table in ("loans", "instalments", "events")]
        events = here[2].filter(pl.col("effective") < settled)
        aged = age(here[0], rows["conventions"], here[1], events, as_of=settled, known=NOW, threads=1)
        assert aged["dpd"].item() == late


def test_a_sample_travels_with_the_project(tmp_path: Path) -> None:
    del tmp_path
    arrival = taken("lendingclub_2007_2011", ROOT / "tests" / "data" / "lendingclub_2007_2011")
    assert counted(arrival)["loans"] == (SAMPLE, SAMPLE, 0, 0)
    assert sum(statuses(arrival, date(2017, 11, 30)).values()) == SAMPLE
    assert arrival.principal_in == arrival.principal_accepted


SAMPLE = 300
