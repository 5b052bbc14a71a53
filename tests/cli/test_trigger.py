"""``duecourse trigger`` as people run it: a loan of a small tape, its terms on a real chain, reminders and the gate."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from duecourse.cli import words
from duecourse.cli.main import main
from duecourse.locale import Language
from duecourse.storage import server
from tests.chain_node import chain

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
LOAN = "A-1001"
LIMITS = ("--cap-ppm", "240000", "--most-ppm", "300000")
Run = Callable[..., Any]


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run a command in this process, for a program takes its time to start; gives its document, or what it says."""

    def command(*arguments: str, status: int = 0, **said: str) -> Any:  # noqa: ANN401 - what the command prints
        everything = {"DUECOURSE_HOME": str(home), "DUECOURSE_LENDER": "north", "DUECOURSE_LANG": "en"} | said
        for name, value in everything.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["duecourse", *arguments])
        printed, noted = StringIO(), StringIO()
        with redirect_stdout(printed), redirect_stderr(noted), pytest.raises(SystemExit) as ended:
            main()
        assert (ended.value.code or 0) == status, printed.getvalue() + noted.getvalue()
        return json.loads(printed.getvalue()) if printed.getvalue() else noted.getvalue()

    with server.attached(home):
        yield command
    words.use(Language.EN)


def test_a_loans_terms_are_fixed_told_read_and_asked_about(run: Run, tmp_path: Path) -> None:
    run("lender", "add", "north", "--name", "North Consumer Finance", "--kind", "consumer_finance", "--json")
    tape = ("-m", str(EXAMPLES / "lender.yaml"), str(EXAMPLES / "tape"))
    run("book", "import", *tape, "--json", status=1)  # one row of the example is wrong on purpose
    with chain(tmp_path) as evm:
        key = tmp_path / "account.key"
        key.write_text(f"{evm.accounts[0].key.hex()}\n", encoding="ascii")
        said = {"DUECOURSE_ANCHOR_NODE": evm.node.url, "DUECOURSE_ANCHOR_KEY_FILE": str(key)}
        assert "DUECOURSE_TRIGGER_CONTRACT" in run("trigger", "read", "--json", status=3, **said)
        made = run("trigger", "deploy", "--json", **said)["contract"]
        said["DUECOURSE_TRIGGER_CONTRACT"] = made

        fixed = run("trigger", "fix", LOAN, *LIMITS, "--json", **said)
        assert [one["instalment"] for one in fixed] == list(range(1, 13))
        assert fixed[0]["remind_at"].startswith("2025-12-06T16:00")  # three days before, as the day begins in Shanghai
        assert run("trigger", "fix", LOAN, *LIMITS, "--json", **said) == fixed
        told = run("trigger", "fire", "--json", **said)["told"]
        assert told == sum(one["remind_at"] <= time.strftime("%Y-%m-%dT%H:%M", time.gmtime()) for one in fixed) > 0
        found = run("trigger", "read", "--json", **said)
        assert [one["instalment"] for one in found] == list(range(1, told + 1))
        assert run("trigger", "fire", "--json", **said)["told"] == 0
        assert run("trigger", "read", "--json", **said) == found

        asked = ("trigger", "interest", LOAN, "--instalment", "5", "--as-of", "2026-10-01", "--json")
        both = run(*asked, *LIMITS, **said)
        assert both["chain_minor"] == both["ours_minor"] > 0
        refused = run(*asked, "--cap-ppm", "1", *LIMITS[2:], status=4, **said)
        assert "not the terms that were fixed" in refused

        sms = ("--loan", LOAN, "--channel", "sms", "--template", "m1.notice.sms", "--json")
        run("hold", "place", found[0]["person"], "deceased", "--source", "family", "--json")
        answer = run("trigger", "ask", str(found[-1]["reminder"]), *sms, status=4, **said)
        assert (answer["answer"], answer["given"]["lender_id"]) == ("refused", "north")
        assert answer["given"]["reasons"]
        assert "no reminder 999999" in run("trigger", "ask", "999999", *sms, status=3, **said)
