"""A lender is entered with whose word counts."""

from __future__ import annotations

import json
from pathlib import Path

from duecourse.trouble import Exit
from tests.cli.conftest import program


def test_the_master_of_payments_is_said_when_a_lender_is_entered(home: Path) -> None:
    entry = ("--name", "Some Bank", "--kind", "bank", "--json")
    tape, desk, wrong = (
        program(home, "lender", "add", code, *entry, *more)
        for code, more in (("one", ()), ("two", ("--payments", "desk")), ("three", ("--payments", "both")))
    )
    assert json.loads(tape.stdout)["masters"] == {"payment": "tape"}
    assert json.loads(desk.stdout)["masters"] == {"payment": "desk"}
    assert wrong.returncode == Exit.BAD_INPUT
    assert "'both' is not known; known: tape, desk" in wrong.stderr
