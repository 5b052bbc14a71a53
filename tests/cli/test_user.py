"""``duecourse user``, as an operator runs it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.conftest import Program


@pytest.fixture
def bank(duecourse: Program, home: Path) -> str:
    assert home.is_dir()
    added = duecourse("lender", "add", "bank", "--name", "Some Bank", "--kind", "bank")
    assert added.returncode == 0, added.stderr
    return "bank"


def test_a_user_is_entered_given_roles_reset_and_disabled(duecourse: Program, bank: str) -> None:
    def user(*arguments: str) -> dict[str, object]:
        done = duecourse("user", *arguments, "--json", DUECOURSE_LENDER=bank)
        assert done.returncode == 0, done.stderr
        found: dict[str, object] = json.loads(done.stdout)
        return found

    def state() -> dict[str, object]:
        (one,) = json.loads(duecourse("user", "list", "--json", DUECOURSE_LENDER=bank).stdout)
        return dict(one)

    first = user("add", "E01", "--role", "collector", "--team", "early")
    assert re.fullmatch(r"[\w-]{20}", str(first["password"]))
    assert (state()["roles"], state()["team"]) == (["collector"], "early")
    assert user("role", "E01", "supervisor")["changed"] is True
    assert user("role", "E01", "supervisor")["changed"] is False
    assert user("role", "E01", "collector", "--end")["changed"] is True
    assert state()["roles"] == ["supervisor"]
    assert user("reset", "E01")["password"] != first["password"]
    user("disable", "E01")
    assert state()["disabled_at"]
    user("disable", "E01", "--again")
    assert state()["disabled_at"] is None
    assert user("sessions", "E01", "--end") == {"ended": 0}
    assert "supervisor" in duecourse("user", "list", DUECOURSE_LENDER=bank).stdout


def test_a_user_is_linked_to_the_single_sign_on_and_unlinked(duecourse: Program, bank: str) -> None:
    def user(*arguments: str) -> object:
        done = duecourse("user", *arguments, "--json", DUECOURSE_LENDER=bank)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    user("add", "E01")
    user("add", "E02", "--sso", "s-2")
    assert user("sso", "E01") == {"user": "E01", "subject": None}
    assert user("sso", "E01", "s-1") == {"user": "E01", "subject": "s-1"}
    for taken in (("sso", "E01", "s-2"), ("add", "E03", "--sso", "s-2")):
        done = duecourse("user", *taken, DUECOURSE_LENDER=bank)
        assert done.returncode == 3
        assert "knows E02 under this subject" in done.stderr
    assert user("sso", "E02", "--none") == {"user": "E02", "subject": None}
    assert user("sso", "E01", "s-2") == {"user": "E01", "subject": "s-2"}
    assert duecourse("user", "sso", "E01", "x", "--none", DUECOURSE_LENDER=bank).returncode == 2
    assert "without spaces" in duecourse("user", "sso", "E01", "two words", DUECOURSE_LENDER=bank).stderr


def test_what_cannot_be_is_said(duecourse: Program, bank: str) -> None:
    for arguments, status, said in (
        (("role", "nobody", "collector"), 3, "there is no user nobody"),
        (("add", "two words"), 3, "named by the staff number"),
        (("add", "E02", "--role", "king"), 3, "king is no role"),
        (("code", "E02"), 4, "demo lenders only"),
        (("sessions", "--end"), 2, "name the user"),
        (("password", "E02"), 4, "standard input"),
        (("lend", "E02", "--to", "nowhere", "--role", "auditor"), 3, "there is no user E02"),
    ):
        done = duecourse("user", *arguments, DUECOURSE_LENDER=bank)
        assert (done.returncode, said in done.stderr) == (status, True), done.stderr
    assert json.loads(duecourse("user", "list", "--json", DUECOURSE_LENDER=bank).stdout) == []


def test_a_user_is_lent_to_another_lender(duecourse: Program, bank: str) -> None:
    assert duecourse("lender", "add", "other", "--name", "Other Bank", "--kind", "bank").returncode == 0
    assert duecourse("user", "add", "E01", DUECOURSE_LENDER=bank).returncode == 0
    lent = duecourse("user", "lend", "E01", "--to", "other", "--role", "auditor", "--json", DUECOURSE_LENDER=bank)
    assert json.loads(lent.stdout) == {"user": "E01", "works_for": "other", "role": "auditor", "given": True}
    assert duecourse("user", "lend", "E01", "--to", "none", "--role", "auditor", DUECOURSE_LENDER=bank).returncode == 3
