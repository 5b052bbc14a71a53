"""Audits at the terminal: a plan kept, a sample drawn, answered by who did not do it, found, followed up, closed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, StringIO
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from pypdf import PdfReader

from duecourse.app import now, open_desk, settings, vault_of
from duecourse.casework import authenticator, password
from duecourse.casework.sign_in import owner
from duecourse.cli.main import main
from duecourse.storage import checkpoints, users
from duecourse.trouble import Exit
from tests.audit_desk import AUDITOR, OTHER, OWNER, PLAN, calls, lived

WORD = "seven loud mules sing"
DAYS = ("--from", "2026-03-02", "--to", "2026-03-02")

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """The program in this process, on a desk where calls were made, with an auditor, an officer and a supervisor."""
    with open_desk(settings({"DUECOURSE_HOME": str(home)}), lender_needed=False) as desk:
        vault = vault_of(desk.settings)
        lived(desk.database, vault)
        sessions: dict[str, str] = {}

        def command(*arguments: str, by: str = "au1", given: str = "", lang: str = "en") -> tuple[int, str, str]:
            monkeypatch.setenv("DUECOURSE_HOME", str(home))
            monkeypatch.setenv("DUECOURSE_LANG", lang)
            monkeypatch.setenv("COLUMNS", "200")
            monkeypatch.setenv("DUECOURSE_SESSION", sessions.get(by, by))
            monkeypatch.setattr(sys, "argv", ["duecourse", *arguments])
            monkeypatch.setattr(sys, "stdin", StringIO(given))
            said, noted = StringIO(), StringIO()
            with redirect_stdout(said), redirect_stderr(noted), pytest.raises(SystemExit) as ended:
                main()
            assert "Traceback" not in noted.getvalue(), noted.getvalue()
            if arguments == ("more", "calls"):
                calls(desk.database, vault, 2)
            return int(ended.value.code or 0), said.getvalue(), noted.getvalue()

        for name in (AUDITOR.ref, OTHER.ref, OWNER.ref):
            secret = os.urandom(authenticator.SECRET_BYTES)
            with desk.database.transaction("demo") as tx:
                users.set_password(tx, name, password.hashed(WORD), must_change=False, now=now())
                users.set_totp(tx, name, vault.seal_secret("demo", owner(name), secret))
                users.take_step(tx, name, 0, now=now())
            code = authenticator.code_at(secret, now())
            status, said, noted = command("user", "sign-in", name, "--code", code, given=WORD + "\n")
            assert status == Exit.OK, noted
            sessions[name] = said.strip()
        yield command


def told(run: Run, *arguments: str, by: str = "au1", status: int = Exit.OK) -> Any:  # noqa: ANN401 - JSON
    """What a command prints as JSON."""
    ended, said, noted = run(*arguments, "--json", by=by)
    assert ended == status, said + noted
    return json.loads(said)


def kept(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN, encoding="utf-8")
    assert told(run, "audit", "plan", str(file))["version"] == 1


def test_an_audit_from_plan_to_report(run: Run, tmp_path: Path) -> None:
    kept(run, tmp_path)
    assert {one["plan"]: one["version"] for one in told(run, "audit", "plans")} == {
        "cn.collection": None, "test.calls": 1,
    }  # fmt: skip
    drawn = told(run, "audit", "draw", "test.calls", *DAYS)
    number, items = str(drawn["audit"]), drawn["items"]
    assert len(drawn["seed"]) == 64
    shown = told(run, "audit", "show", number)
    assert len({one["item"] for one in shown["items"]}) == items
    (hold,) = (one["item"] for one in shown["items"] if one["sample"] == "holds")
    status, _, noted = run("audit", "answer", number, str(hold), "proof", "yes", by="co1")
    assert status == Exit.REFUSED
    assert f"item {hold} was done by you" in noted
    for one in shown["items"]:
        said = "no" if (one["item"], one["question"]) == (1, "identity") else "yes"
        more = ("--note", "nobody said who speaks") if said == "no" else ()
        told(run, "audit", "answer", number, str(one["item"]), one["question"], said, *more)
    assert told(run, "audit", "show", number, "--open")["items"] == []
    noted_items = [one["note"] for one in told(run, "audit", "show", number, "--notes")["items"] if one["note"]]
    assert noted_items == ["nobody said who speaks"]
    assert "a no stands in no finding at items 1" in run("audit", "close", number)[2]

    finding = told(
        run, "audit", "finding", number, "--severity", "high", "--text", "names were not said", "--owner", "su1",
        "--due", "2027-01-10", "--item", "1", "--rule", "cn.identity.stated",
    )["finding"]  # fmt: skip
    assert run("audit", "follow", str(finding), "answered", "--text", "done")[0] == Exit.REFUSED  # the auditor's own
    assert [one["finding"] for one in told(run, "audit", "findings", "--mine", by="su1")] == [finding]
    assert told(run, "audit", "follow", str(finding), "answered", "--text", "done", by="su1")["state"] == "answered"
    assert told(run, "audit", "close", number)["closed_by"] == "auditor:au1"
    assert told(run, "audit", "follow", str(finding), "accepted", by="co1")["state"] == "accepted"

    report = told(run, "audit", "report", number)
    line = next(one for one in report["lines"] if (one["question"], one["part"]) == ("identity", "drawn"))
    assert (line["no"], line["open"], line["most"] is not None) == (1, 0, True)
    text = run("audit", "report", number)[1]
    assert "Did the caller say who speaks?" in text
    assert "1 findings: 1 accepted, 0 overdue." in text
    assert "个人信息保护法 第五十四条" in text
    assert run("audit", "report", number, "--csv")[1].startswith("sample,question,part,")
    paper = tmp_path / "report.pdf"
    assert run("audit", "report", number, "--pdf", str(paper), lang="zh-CN")[0] == Exit.OK
    words = "".join(page.extract_text() for page in PdfReader(BytesIO(paper.read_bytes())).pages)
    assert "通话抽查" in words.replace("\n", "")
    assert [one["open"] for one in told(run, "audit", "list")] == [0]


def test_a_draw_waits_for_whoever_puts_the_log_in_order(run: Run, home: Path, tmp_path: Path) -> None:
    kept(run, tmp_path)
    held, done = Event(), Event()

    def at_work() -> None:
        with open_desk(settings({"DUECOURSE_HOME": str(home)})) as desk, desk.database.transaction("demo") as tx:
            checkpoints.lock(tx)
            held.set()
            done.wait(2)

    other = Thread(target=at_work)
    other.start()
    assert held.wait(30)
    assert told(run, "audit", "draw", "test.calls", *DAYS)["items"]
    done.set()
    other.join()


def test_a_sample_is_replayed_and_not_drawn_until_it_suits(run: Run, tmp_path: Path) -> None:
    kept(run, tmp_path)
    number = str(told(run, "audit", "draw", "test.calls", *DAYS)["audit"])
    assert told(run, "audit", "replay", number)["same"] is True
    assert "give the same sample" in run("audit", "replay", number)[1]
    status, _, noted = run("audit", "draw", "test.calls", *DAYS)
    assert status == Exit.REFUSED
    assert f"in audit {number}" in noted
    assert told(run, "audit", "draw", "test.calls", *DAYS, "--again", "a second look")["again"] == "a second look"
    run("more", "calls")
    changed = told(run, "audit", "replay", number, status=Exit.FOUND)
    assert {one["sample"] for one in changed["populations"] if not one["same"]} == {"calls", "staff"}
    assert changed["seed_holds"] is True


def test_what_cannot_be_done_says_so(run: Run, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(PLAN.replace("population: hold", "population: holds"), encoding="utf-8")
    status, _, noted = run("audit", "plan", str(wrong))
    assert status == Exit.BAD_INPUT
    assert "wrong.yaml:" in noted
    assert "did you mean 'hold'" in noted
    assert run("audit", "plan", str(tmp_path / "none.yaml"))[0] == Exit.BAD_INPUT
    (tmp_path / "gbk.yaml").write_bytes(PLAN.encode("gb18030"))
    assert "no text in UTF-8" in run("audit", "plan", str(tmp_path / "gbk.yaml"))[2]
    assert run("audit", "draw", "no.plan", *DAYS)[0] == Exit.BAD_INPUT
    assert run("audit", "draw", "cn.collection", "--from", "2026-03-02")[0] == Exit.USAGE
    assert run("audit", "draw", "cn.collection", *DAYS, by="")[0] == Exit.REFUSED
    status, _, noted = run("audit", "draw", "cn.collection", *DAYS, by="su1")
    assert status == Exit.REFUSED
    assert "audit:work" in noted
    assert run("audit", "show", "7")[0] == Exit.BAD_INPUT
    assert run("audit", "report", "7")[0] == Exit.BAD_INPUT
    shipped = run("audit", "plans", "cn.collection")[1]
    (tmp_path / "cn.yaml").write_text(shipped, encoding="utf-8")
    assert told(run, "audit", "plan", str(tmp_path / "cn.yaml"), "--dry-run")["kept"] is False
