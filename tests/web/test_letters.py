"""Letters on screen and at the command line: a batch handed over, its file fetched and checked, a code scanned."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from uuid import uuid4
from zipfile import ZipFile

import polars as pl
import pytest

from duecourse import app
from duecourse.casework.actor import Role
from duecourse.casework.parties import POINTS, Batch
from duecourse.storage import points
from duecourse.storage.connection import Database
from duecourse.trouble import Exit
from tests.conftest import _base
from tests.desk import persons, register, ties
from tests.notice_desk import Desk, notice_desk
from tests.permit_desk import Clock
from tests.web.conftest import _listening
from tests.web.reader import Ground
from tests.work_desk import NOW


@pytest.fixture
def office(database: Database) -> Iterator[tuple[Ground, Desk]]:
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    where = app.settings({"DUECOURSE_HOME": str(home)})
    vault, clock = app.vault_of(where), Clock(NOW)
    desk = notice_desk(database, home / "book" / "demo", vault, 60)
    home_point = {
        "person_id": desk.person, "kind": "address", "label": "home", "value": "演示省演示市东区幸福路1号301",
        "zone": None, "consent": "contract",
    }  # fmt: skip
    register(database, vault, Batch(persons(), pl.DataFrame([home_point], schema=POINTS), ties()), now=NOW)
    with _listening(app.web(app.Desk(where, database), clock=clock)) as url:
        made = Ground(database, vault, home, url, clock)
        yield made, desk
        for reader in made.readers.values():
            reader.client.close()


def program(ground: Ground, *arguments: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DUECOURSE_", "LC_", "LANG"))}
    where = {"DUECOURSE_HOME": str(ground.home), "DUECOURSE_DATABASE_URL": ground.database.url}
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "duecourse", "letter", *arguments], env=clean | where,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_batch_on_screen_and_its_file_at_the_command_line(office: tuple[Ground, Desk]) -> None:
    ground, desk = office
    boss, auditor = ground.reader(Role.SUPERVISOR), ground.reader(Role.AUDITOR)
    assert boss.post("/letters", "/account").status_code == 422
    desk.issue()
    assert boss.post("/letters", "/account").headers["location"] == "/letters/1"
    assert "Hand over" in boss.get("/letters/1").text
    assert boss.post("/letters/1/file", "/account").status_code == 422
    assert auditor.post("/letters/1/handover", "/account").status_code == 403
    assert boss.post("/letters/1/handover", "/account").status_code == 303
    assert "Hand over" not in auditor.get("/letters/1").text
    file = boss.post("/letters/1/file", "/account")
    assert file.headers["content-type"] == "application/zip"
    assert file.content == boss.post("/letters/1/file", "/account").content
    kept = ground.home / "batch.zip"
    kept.write_bytes(file.content)
    assert json.loads(program(ground, "check", str(kept), "--json").stdout)["batch"] == 1
    kept.write_bytes(file.content[:-200])
    broken = program(ground, "check", str(kept))
    assert (broken.returncode, "no hand-over file" in broken.stderr) == (Exit.BAD_INPUT, True)
    again = program(ground, "file", "1", "--out", str(kept))
    assert (again.returncode, "not written over" in again.stderr) == (Exit.BAD_INPUT, True)
    with ZipFile(BytesIO(file.content)) as opened:
        code = json.loads(opened.read("manifest.json"))["letters"][0]["code"]
    assert boss.post("/letters/returned", "/account", codes="", **{"as": "moved"}).status_code == 422
    assert boss.post("/letters/returned", "/account", codes=f"{code}\nxx", **{"as": "moved"}).status_code == 303
    shown = json.loads(program(ground, "show", "1", "--json").stdout)
    assert [one["returned_as"] for one in shown["list"]] == ["moved"]
    assert json.loads(program(ground, "returned", code, "--json").stdout) == {"returned before": 1}
    assert program(ground, "withdraw", "1").returncode == Exit.REFUSED


def test_beside_a_letter_stands_that_it_is_issued_as_a_document(office: tuple[Ground, Desk]) -> None:
    ground, desk = office
    with ground.database.transaction("demo") as tx:
        (home,) = [one for one in points.of_person(tx, desk.person) if one.kind == "address"]
    way = f"/cases/{desk.case}/contact?person={desk.person}&point={home.contact_point_id}&channel=letter"
    page = ground.reader(Role.COLLECTOR).get(way).text
    assert "This text is a document: it is filled in and laid out where it is issued." in page
    assert f'href="/cases/{desk.case}/notices"' in page
    assert "|---|" not in page
    assert "## " not in page
