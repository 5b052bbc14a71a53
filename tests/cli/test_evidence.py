"""``duecourse evidence`` and ``duecourse retention`` on the staged demo: what is given away, and what is kept."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Show

Data = Callable[..., Any]


@pytest.mark.parametrize(("purpose", "clear"), [("court", True), ("regulator", False)])
def test_a_case_in_one_file_for_whom_it_is_meant(
    show: Show, data: Data, tmp_path: Path, *, purpose: str, clear: bool
) -> None:
    show("log", "sequence")
    case = data("case", "list")["entries"][0]["case_id"]
    out = tmp_path / "evidence.zip"
    made = data("evidence", "bundle", "--case", str(case), "--for", purpose, "--out", str(out))
    assert made["decisions"] > 0
    with zipfile.ZipFile(out) as opened:
        names = set(opened.namelist())
        text = opened.read("timeline.en.md").decode()
        assert opened.read("timeline.zh-CN.pdf").startswith(b"%PDF-")
    assert {"verify.html", "verify_duecourse.py", "README.zh-CN.md", "timeline.en.pdf"} <= names
    assert ("*" in text.split("\n")[4]) is not clear
    assert "principal" in text  # the ledger is worked out
    show("evidence", "bundle", "--case", str(case), "--for", "curiosity", "--out", str(out), status=3)


def test_the_schedule_says_who_is_kept_and_the_dry_run_changes_nothing(show: Show, data: Data) -> None:
    listed = data("retention", "schedule", "--most", "20")
    assert len(listed) == 20
    assert {one["phase"] for one in listed} <= {"in_use", "period_runs", "unknown", "over", "held"}
    ended = next(one for one in data("retention", "schedule", "--most", "400") if one["phase"] == "period_runs")
    assert ended["until"] > ended["ended"]
    said = show("retention", "schedule", "--person", str(ended["person_id"]))
    assert "house_cn.retention.own" in said
    before = data("log", "status")
    done = data("retention", "run", "--dry-run")
    assert sum(done["people"].values()) > 100
    assert (done["certificates"], data("log", "status")["waiting"]) == ([], before["waiting"])
    show("retention", "destroy", "--over", "--reason", "r", status=4)  # nobody is signed in
    show("retention", "certificate", "1", status=3)
