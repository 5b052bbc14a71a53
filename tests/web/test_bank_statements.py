"""Bank statements on screen: looked at, kept once, what is certain applied; wrong rows and wrong files are named."""

from __future__ import annotations

import re
from pathlib import Path

import httpx

from duecourse.casework.actor import Role
from duecourse.storage import statements
from duecourse.web.csrf import FIELD
from tests.statement_files import MAPPING, write
from tests.web.reader import Ground, Reader

ROWS = [
    ("2026-03-01", "10.00", "S1", "某人", "622215400", "", "款"),
    ("2026-03-02", "20.00", "S2", "某人", "622215400", "", "款"),
]


def sent(reader: Reader, file: Path, *, act: str, mapping: str | None = MAPPING) -> httpx.Response:
    """Send a statement by the form."""
    files = {"file": (file.name, file.read_bytes())}
    if mapping is not None:
        files["mapping_file"] = ("bank.yaml", mapping.encode())
    return reader.client.post("/statements", data={"act": act, FIELD: reader.token("/statements")}, files=files)


def test_a_statement_is_looked_at_then_kept_once(ground: Ground, tmp_path: Path) -> None:
    boss = ground.reader(Role.SUPERVISOR)
    file = write(tmp_path / "a.csv", ROWS)
    looked = sent(boss, file, act="look")
    assert looked.status_code == 200
    assert "Nothing of it is kept yet." in looked.text
    assert "2026-03-01" in looked.text
    assert "622215400" not in looked.text
    with ground.database.transaction("demo") as tx:
        assert statements.latest(tx) == []
    assert sent(boss, file, act="keep").status_code == 303
    page = boss.get("/statements").text
    assert "Kept: lines 2, of which new 2." in page
    assert "Apply what is certain" in page
    assert sent(boss, file, act="keep").status_code == 303
    assert "This file was read before; nothing was done." in boss.get("/statements").text
    with ground.database.transaction("demo") as tx:
        (kept,) = statements.latest(tx)
    assert boss.post(f"/statements/{kept.statement_id}/application", "/statements").status_code == 303
    assert re.search(r"lines applied 0, payments taken back 0; 2 wait", boss.get("/statements").text)
    assert boss.post(f"/statements/{kept.statement_id + 9}/application", "/statements").status_code == 422


def test_wrong_rows_are_named_and_the_rest_is_kept(ground: Ground, tmp_path: Path) -> None:
    boss = ground.reader(Role.SUPERVISOR)
    file = write(tmp_path / "a.csv", [*ROWS, ("2026-03-03", "ten", "S3", "某人", "622215400", "", "款")])
    page = sent(boss, file, act="keep")
    assert page.status_code == 200
    assert "Rows that are wrong and are not taken: 1" in page.text
    assert "Kept: lines 2, of which new 2." in page.text
    assert "ten<" not in page.text


def test_what_is_no_statement_is_said_and_who_may_not_is_refused(ground: Ground, tmp_path: Path) -> None:
    boss, auditor, collector = (ground.reader(one) for one in (Role.SUPERVISOR, Role.AUDITOR, Role.COLLECTOR))
    file = write(tmp_path / "a.csv", ROWS)
    for mapping, says in (
        (None, "a table needs its mapping"), (MAPPING + "currency: USD\n", "stands twice"),
        ("- x", "mapping bank.yaml"),
    ):  # fmt: skip
        page = sent(boss, file, act="keep", mapping=mapping)
        assert (page.status_code, says in page.text) == (422, True), page.text
    assert "choose the statement" in boss.post("/statements", "/statements", act="keep").text
    assert auditor.get("/statements").status_code == 200
    assert "Keep its lines" not in auditor.get("/statements").text
    assert collector.get("/statements").status_code == 403
    with ground.database.transaction("demo") as tx:
        assert statements.latest(tx) == []
