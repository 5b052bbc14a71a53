"""Strategies and packs at the terminal: drafted, tried out, asked for by one, decided by another, rolled back."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from duecourse.app import now, open_desk, settings, store_of, vault_of
from duecourse.book.strategy import shipped
from duecourse.casework import authenticator, password
from duecourse.casework.actor import Actor, Role
from duecourse.casework.sign_in import owner
from duecourse.casework.user import add_user
from duecourse.cli.main import main
from duecourse.storage import users
from duecourse.trouble import Exit
from tests.casework.test_own_pack import FILES
from tests.day_desk import DAY, fill, run_day

WORD = "seven loud mules sing"
NEXT = (DAY + timedelta(days=1)).isoformat()
PEOPLE = {"s1": Role.STRATEGIST, "s2": Role.STRATEGIST, "k1": Role.COMPLIANCE, "k2": Role.COMPLIANCE}

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """The program in this process, on a desk with a published day and two people of each kind."""
    with open_desk(settings({"DUECOURSE_HOME": str(home)}), lender_needed=False) as desk:
        vault, store = vault_of(desk.settings), store_of(desk.settings)
        fill(desk.database, store, vault)
        run_day(desk.database, store, vault)
        sessions: dict[str, str] = {}

        def command(*arguments: str, by: str = "", given: str = "") -> tuple[int, str, str]:
            monkeypatch.setenv("DUECOURSE_HOME", str(home))
            monkeypatch.setenv("DUECOURSE_LANG", "en")
            monkeypatch.setenv("DUECOURSE_SESSION", sessions.get(by, by))
            monkeypatch.setattr(sys, "argv", ["duecourse", *arguments])
            monkeypatch.setattr(sys, "stdin", StringIO(given))
            said, noted = StringIO(), StringIO()
            with redirect_stdout(said), redirect_stderr(noted), pytest.raises(SystemExit) as ended:
                main()
            assert "Traceback" not in noted.getvalue()
            return int(ended.value.code or 0), said.getvalue(), noted.getvalue()

        for name, role in PEOPLE.items():
            secret = os.urandom(authenticator.SECRET_BYTES)
            with desk.database.transaction("demo") as tx:
                add_user(tx, vault=vault, user_id=name, team=None, actor=Actor(Role.OPERATOR, "test"), now=now())
                users.grant(tx, "demo", name, role.value, by="test", now=now())
                users.set_password(tx, name, password.hashed(WORD), must_change=False, now=now())
                users.set_totp(tx, name, vault.seal_secret("demo", owner(name), secret))
                users.take_step(tx, name, 0, now=now())
            code = authenticator.code_at(secret, now())
            assert command("user", "sign-in", name, given=WORD + "\n")[0] == Exit.REFUSED  # the code is missing
            status, said, _ = command("user", "sign-in", name, "--code", code, given=WORD + "\n")
            assert status == Exit.OK
            sessions[name] = said.strip()
        yield command


def told(run: Run, *arguments: str, by: str = "", status: int = Exit.OK) -> Any:  # noqa: ANN401 - JSON
    """What a command prints as JSON."""
    ended, said, noted = run(*arguments, "--json", by=by)
    assert ended == status, said + noted
    return json.loads(said)


def changed(tmp_path: Path, name: str = "next.yaml") -> str:
    """The shipped strategy with calls from the tenth day on, as a file."""
    text = shipped("first").replace("when: dpd BETWEEN 4 AND 30", "when: dpd BETWEEN 10 AND 30")
    file = tmp_path / name
    file.write_text(text.replace("version: 1", "version: 2"), encoding="utf-8")
    return str(file)


def test_from_a_draft_to_its_use_and_back_by_two_people(run: Run, tmp_path: Path) -> None:
    draft = told(run, "strategy", "begin", by="s1")
    number = str(draft["draft"])
    broken = tmp_path / "broken.yaml"
    broken.write_text(shipped("first").replace("m1.call", "m1.cal"), encoding="utf-8")
    faulty = told(run, "strategy", "write", number, str(broken), "--after", "1", by="s1", status=Exit.FOUND)
    assert "m1.cal" in faulty["fault"]
    ask = ("strategy", "activate", number, "--from", NEXT, "--reason", "later calls")
    assert "cannot run" in run(*ask, by="s1")[2]
    assert run("strategy", "write", number, changed(tmp_path), "--after", "1", by="s2")[0] == Exit.REFUSED
    assert told(run, "strategy", "write", number, changed(tmp_path), "--after", "2", by="s1")["revision"] == 3
    assert "BETWEEN 10 AND 30" in run("strategy", "draft", number)[1]

    status, _said, noted = run(*ask, by="s1")
    assert (status, "was not tried out on" in noted) == (Exit.REFUSED, True)
    assert "It was not tried out on" in run("strategy", "draft", number)[2]
    trial = told(run, "strategy", "try", number, by="s1")
    assert "tried out" not in run("strategy", "draft", number)[2]
    assert trial["sums"]["removed"] > 0
    shown = told(run, "strategy", "trial", str(trial["trial"]), "--most", "1")
    assert len(shown["changes"]) == 1
    status, said, _ = run("strategy", "trial", str(trial["trial"]))
    assert (status, "removed" in said) == (Exit.OK, True)

    request = told(run, *ask, by="s1")
    approve = ("approval", "approve", str(request["approval_id"]))
    assert (run(*approve, by="s1")[0], run(*approve, by="k1")[0]) == (Exit.REFUSED, Exit.OK)
    assert run(*approve, by="s2")[0] == Exit.REFUSED  # it is decided
    found = told(run, "strategy", "versions")
    assert [(one["from_day"], one["reason"], one["actor"]) for one in found["uses"]] == [
        (NEXT, "activated", "compliance:k1")
    ]

    old = next(one for one in found["versions"] if one["version"] == 1)
    back = told(
        run, "strategy", "roll-back", old["strategy"], "1", "--from", NEXT, "--reason", "too few calls", by="s2"
    )
    assert [one["approval_id"] for one in told(run, "approval", "list")] == [back["approval_id"]]
    assert "version 1" in run("approval", "show", str(back["approval_id"]))[1]
    assert run("approval", "refuse", str(back["approval_id"]), "--reason", "wait", by="s2")[0] == Exit.REFUSED
    assert told(run, "approval", "approve", str(back["approval_id"]), by="s1")["decision"] == "approved"
    assert told(run, "strategy", "versions")["uses"][0]["reason"] == "rolled_back"


def test_after_the_first_one_nobody_loads_a_strategy_alone(run: Run, tmp_path: Path) -> None:
    load = ("strategy", "load", changed(tmp_path), "--from", NEXT)
    assert run(*load)[0] == Exit.OK
    status, _said, noted = run(*load)
    assert (status, "takes two people" in noted) == (Exit.REFUSED, True)
    assert len(told(run, "strategy", "versions")["uses"]) == 1


def test_who_is_not_signed_in_or_has_no_right_does_nothing(run: Run) -> None:
    for by, said in (("", "in somebody's name"), ("demo.nothing", "is over"), ("k1", "strategy:write")):
        status, _said, noted = run("strategy", "begin", by=by)
        assert (status, said in noted) == (Exit.REFUSED, True), noted
    assert run("user", "sign-in", "s1", "--code", "000000", given="wrong\n")[0] == Exit.REFUSED
    assert run("user", "sign-out", by="s1")[0] == Exit.OK
    assert "is over" in run("strategy", "begin", by="s1")[2]
    assert told(run, "strategy", "drafts") == []


def test_a_pack_is_switched_by_two_people(run: Run) -> None:
    pack = next(one["pack"] for one in told(run, "law", "packs") if one["may_be_off"])
    ask = ("law", "switch", pack, "off", "--reason", "tried elsewhere")
    assert run(*ask, by="s1")[0] == Exit.REFUSED
    request = told(run, *ask, by="k1")
    assert run("approval", "approve", str(request["approval_id"]), by="k1")[0] == Exit.REFUSED
    assert run("approval", "approve", str(request["approval_id"]), by="k2")[0] == Exit.OK
    assert {one["pack"]: one["on"] for one in told(run, "law", "packs")}[pack] is False
    law = next(one["pack"] for one in told(run, "law", "packs") if one["kind"] == "law")
    status, _said, noted = run("law", "switch", law, "off", "--reason", "no", by="k1")
    assert (status, "always binds" in noted) == (Exit.REFUSED, True)


def test_an_own_pack_is_kept_and_bound_by_two_people(run: Run, tmp_path: Path) -> None:
    for place, text in FILES.items():
        file = tmp_path / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    folder = str(tmp_path / "mine")
    assert run("law", "keep", folder, by="s1")[0] == Exit.REFUSED
    kept = told(run, "law", "keep", folder, by="k1")
    assert (kept["pack"], kept["version"]) == ("mine", 1)
    request = told(run, "law", "activate", "mine", "1", "--reason", "ours", by="k1")
    assert told(run, "approval", "approve", str(request["approval_id"]), by="k2")["decision"] == "approved"
    assert {one["pack"]: one["on"] for one in told(run, "law", "packs")}["mine"] is True


def test_a_request_is_withdrawn_by_whoever_asked(run: Run, tmp_path: Path) -> None:
    number = str(told(run, "strategy", "begin", by="s1")["draft"])
    told(run, "strategy", "write", number, changed(tmp_path), "--after", "1", by="s1")
    made = str(
        told(run, "strategy", "activate", number, "--from", NEXT, "--reason", "try", "--untried", by="s1")[
            "approval_id"
        ]
    )
    assert run("approval", "withdraw", made, by="s2")[0] == Exit.REFUSED
    assert told(run, "approval", "withdraw", made, by="s1")["decision"] == "withdrawn"
    assert told(run, "approval", "show", made)["asked"]["draft"] == int(number)
    assert told(run, "approval", "list", "--decided")[0]["approval_id"] == int(made)
    assert told(run, "strategy", "discard", number, by="s1")["closed_as"] == "discarded"
    assert "is closed" in run("strategy", "discard", number, by="s1")[2]
