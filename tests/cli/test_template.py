"""`template show`: a stranger sees every form of a notice, filled with invented values, and nothing is sent."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "duecourse", "template", "show", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_every_form_is_made(tmp_path: Path) -> None:
    for form, start in (
        ("pdf", b"%PDF-"),
        ("card", b"\x89PNG"),
        ("html", b"<!doctype html>"),
        ("text", "催款函".encode()),
    ):
        place = tmp_path / f"letter.{form}"
        done = run("m3.letter", "--in", "zh", "--form", form, "--out", str(place), "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == {"files": [str(place)]}
        assert place.read_bytes().startswith(start)


def test_what_cannot_be_shown_is_said(tmp_path: Path) -> None:
    for words, said in (
        (("m3.leter",), "did you mean 'm3.letter'"),
        (("m3.letter", "--form", "pdf"), "--out"),
        (("m3.letter", "--out", str(tmp_path / "no" / "x.txt")), "cannot be written"),
    ):
        done = run(*words)
        assert done.returncode == 3, done.stdout
        assert said in done.stderr
    assert run("m3.letter", "--in", "fr").returncode == 2
