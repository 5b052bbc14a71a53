"""The demo lender's mistakes: a counted handful of rows that no import may take, and balances that are wrong.

Each wrong row breaks one rule of the layout and nothing depends on it, so that the quarantine holds exactly these.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from duecourse.sim.lender import DELTA_DAYS, FULL_DAY
from duecourse.sim.people import id_check
from duecourse.sim.tape import TAPE


class Wrong(NamedTuple):
    """A row that stands in no order: day of the tape, kind, cells by column (the others empty), and the rule."""

    day: date
    kind: str
    cells: dict[str, str]
    rule: str


_LOAN: Final = {
    "borrower_ref": "C999901", "product": "consumer_instalment", "currency": "CNY", "principal_minor": "1200000",
    "start": "2026-01-05", "first_due": "2026-02-05", "instalment_count": "12", "rate_ppm": "180000",
    "method": "equal_instalment",
}  # fmt: skip
_PAID: Final = {"paid_on": "2026-06-16", "amount_minor": "50000", "kind": "payment"}
_STEM: Final = "99010119900101900"
_TORN: Final = _STEM + ("5" if id_check(_STEM) != "5" else "6")


def _loan(ref: str, rule: str, **cells: str) -> Wrong:
    return Wrong(FULL_DAY, "loans", {**_LOAN, "loan_ref": ref, **cells}, rule)


def _paid(day: date, ref: str, rule: str, **cells: str) -> Wrong:
    return Wrong(day, "payments", {**_PAID, "payment_ref": ref, **cells}, rule)


def wrong_rows(loan_ref: str) -> tuple[Wrong, ...]:
    """All rows that are wrong on purpose; ``loan_ref`` is a loan that stands in the full tape."""
    first, second, third = DELTA_DAYS
    known = {"loan_ref": loan_ref}
    return (
        _loan("L999901", "form", rate_ppm="18%"),
        _loan("L999902", "form", start="2026-02-30"),
        _loan("L999903", "missing", borrower_ref=""),
        _loan("L999904", "range", rate_ppm="1200000"),
        _loan("L999905", "code", method="equal_instalments"),
        _loan("L999906", "whole", principal_minor="12000.50"),
        _loan("L999907", "schedule", first_due="", instalment_count=""),
        _loan("L999908", "order", first_due="2025-12-05"),
        Wrong(
            FULL_DAY,
            "adjustments",
            {**known, "ref": "X1", "effective": "2026-05-05", "kind": "discount"},
            "code",
        ),
        Wrong(
            FULL_DAY,
            "adjustments",
            {**known, "ref": "X2", "effective": "2026-05-05", "kind": "reversal", "target": "nowhere"},
            "unknown_target",
        ),
        Wrong(FULL_DAY, "persons", {"person_ref": "C999911", "kind": "human", "name": "演示误"}, "code"),
        Wrong(
            FULL_DAY,
            "persons",
            {"person_ref": "C999912", "name": "示例误", "id_kind": "resident_id", "id_number": _TORN},
            "check_digit",
        ),
        Wrong(FULL_DAY, "parties", {**known, "person_ref": "C999913", "relation": "friend"}, "code"),
        Wrong(
            FULL_DAY,
            "parties",
            {"loan_ref": "L999999", "person_ref": "C999914", "relation": "guarantor"},
            "unknown_loan",
        ),
        Wrong(FULL_DAY, "contact_points", {"person_ref": "C999915", "kind": "pager", "value": "demo-1"}, "code"),
        Wrong(FULL_DAY, "holds", {"person_ref": "C999916", "kind": "angry", "from_day": "2026-06-01"}, "code"),
        _paid(first, "X3", "unknown_loan", loan_ref="L999999"),
        _paid(first, "X4", "range", **known, amount_minor="0"),
        _paid(first, "X5", "form", **known, paid_on="2026-06-31"),
        _paid(second, "X6", "missing", **known, amount_minor=""),
        _paid(second, "X7", "future", **known, paid_on="2099-07-16"),
        _paid(third, "X8", "form", **known, amount_minor="五百元"),
        _paid(third, "X9", "code", **known, kind="gift"),
    )


def append(out: Path, loan_ref: str) -> dict[str, int]:
    """Append the wrong rows to the files, and the first loan once more; returns how many by file."""
    counts: dict[str, int] = {}
    lines: dict[Path, list[str]] = {}
    for wrong in wrong_rows(loan_ref):
        path = out / wrong.day.isoformat() / f"{wrong.kind}.csv"
        lines.setdefault(path, []).append(",".join(wrong.cells.get(name, "") for name in TAPE[wrong.kind]))
    loans = out / FULL_DAY.isoformat() / "loans.csv"
    with loans.open(encoding="utf-8") as file:
        next(file)
        lines[loans].append(next(file).rstrip("\n"))
    for path, more in lines.items():
        new = not path.exists()
        path.parent.mkdir(exist_ok=True)  # of few loans none may have changed on that day
        with path.open("a", encoding="utf-8", newline="\n") as file:
            if new:
                file.write(",".join(TAPE[path.stem]) + "\n")
            file.writelines(line + "\n" for line in more)
        counts[str(path.relative_to(out))] = len(more)
    return counts


class Slip(NamedTuple):
    """A balance that the lender got wrong: what it says, and what is so."""

    loan_ref: str
    item: str
    says: int
    is_so: int


SLIPS: Final = (
    ("principal", 1), ("principal", -100), ("due", 2_000), ("due", 1), ("settle", 12_345), ("dpd", 1), ("dpd", 30),
)  # fmt: skip
"""By item, how far each wrong balance is off."""


def slips(rng: Random, figures: Sequence[tuple[str, dict[str, int]]]) -> list[Slip]:
    """Choose a loan for each of `SLIPS` and change its figure; the figures are changed in place."""
    overdue = [each for each in figures if each[1]["dpd"] > 3]
    chosen = rng.sample(overdue, min(len(SLIPS), len(overdue)))
    made = []
    for (ref, values), (item, off) in zip(chosen, SLIPS, strict=False):
        made.append(Slip(ref, item, values[item] + off, values[item]))
        values[item] += off
    return made
