"""What nobody may say goes into no template and no notice, and is refused with its words and rule."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from duecourse.casework.issue_notice import preview
from duecourse.casework.own_template import keep_draft
from duecourse.casework.speech import NotToBeSaid
from duecourse.storage import own_templates
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.notice_desk import OFFICER, draft, notice_desk
from tests.work_desk import NOW


def test_neither_a_template_nor_what_is_typed_may_threaten(database: Database, tmp_path: Path) -> None:
    desk = notice_desk(database, tmp_path, Vault(new_ring()), 60)
    text = draft("dunning_letter", 2)
    marred = text.replace("    zh: |", "    zh: |\n      不还就去你 家 闹。", 1)
    assert marred != text
    with database.transaction("demo") as tx:
        before = len(own_templates.every(tx))
        with pytest.raises(
            NotToBeSaid, match=r"own\.dunning_letter \(zh\) says '去你 家 闹': a threat \(rule threat\.family\)"
        ):
            keep_draft(tx, vault=desk.vault, content=marred, actor=OFFICER, now=NOW)
        assert len(own_templates.every(tx)) == before
        with pytest.raises(NotToBeSaid, match="next_step says '弄死你'"):
            preview(tx, desk.store, desk.wanted(said={"next_step": "再不还就弄死你"}), now=NOW)


def guard(*words: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """The command."""
    command = [sys.executable, "-m", "duecourse", "guard", *words]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def test_the_guard_at_the_terminal() -> None:
    done = guard("check", "您好", "You will be arrested", "--json")
    assert done.returncode == 1, done.stderr
    (one,) = json.loads(done.stdout)
    assert (one["text"], one["category"], one["rule"], one["words"]) == (
        2,
        "false_legal",
        "false_legal.crime",
        "arrested",
    )
    clean = guard("check", text="您好\nGood morning\n")
    assert (clean.returncode, clean.stdout) == (0, "Nothing in it that nobody may say.\n")
    assert guard("check", "请致电13800138000", "--own", "138 0013 8000").returncode == 0
    assert "threat.gang" in guard("rules").stdout
    assert guard("measure", "/nowhere").returncode == 2
