"""The shell completes nouns and verbs."""

from __future__ import annotations

from pathlib import Path

import pytest

from duecourse.cli.main import nouns
from tests.cli.conftest import program


def completed(home: Path, words: str) -> list[str]:
    asked = {"_DUECOURSE_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    return program(home, **asked).stdout.split()


def test_every_noun_is_completed(tmp_path: Path) -> None:
    assert set(nouns()) - {"docs"} <= set(completed(tmp_path, "duecourse "))


def test_verbs_are_completed_by_their_beginning(tmp_path: Path) -> None:
    assert completed(tmp_path, "duecourse day ver") == ["verify"]
    assert set(completed(tmp_path, "duecourse day ")) == {"run", "verify", "show", "list"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_can_be_had(tmp_path: Path, shell: str) -> None:
    shown = program(tmp_path, "--show-completion", shell)
    assert shown.returncode == 0
    assert "_DUECOURSE_COMPLETE" in shown.stdout
