"""The suspense queue for whoever may: others see no money of anybody, and what cannot be is said in a sentence."""

from __future__ import annotations

from pathlib import Path

from duecourse.casework.actor import Actor, Role
from duecourse.casework.statements import import_statement, look_at
from duecourse.storage import statements
from tests.statement_files import mapping, write
from tests.web.reader import Ground

BY = Actor(Role.SUPERVISOR, "s9")


def waiting(ground: Ground, tmp_path: Path) -> int:
    """A line that waits; its number."""
    looked = look_at(
        write(tmp_path / "a.csv", [("2026-03-01", "10.00", "S1", "某人", "622215400", "", "款")]), mapping=mapping()
    )
    with ground.database.transaction("demo") as tx:
        import_statement(
            tx, vault=ground.vault, looked=looked, quarantine_file=tmp_path / "w.csv", actor=BY, now=ground.clock()
        )
        return statements.lines(tx)[0].line_id


def test_who_may_look_and_who_may_decide(ground: Ground, tmp_path: Path) -> None:
    number = waiting(ground, tmp_path)
    boss, auditor, collector = (ground.reader(one) for one in (Role.SUPERVISOR, Role.AUDITOR, Role.COLLECTOR))
    assert "10.00" in auditor.get("/suspense").text
    assert "某人" not in auditor.get("/suspense").text
    assert auditor.post(f"/suspense/{number}/opening").status_code == 403
    assert collector.get("/suspense").status_code == 403
    page = boss.post(f"/suspense/{number}/opening")
    assert page.status_code == 200
    assert "某人" in page.text


def test_what_cannot_be_is_said_and_changes_nothing(ground: Ground, tmp_path: Path) -> None:
    number = waiting(ground, tmp_path)
    boss = ground.reader(Role.SUPERVISOR)
    for place, fields in (
        ("placement", {"person": "987654"}), ("dismissal", {"reason": " "}), ("refund", {"reason": ""}),
    ):  # fmt: skip
        assert boss.post(f"/suspense/{number}/{place}", **fields).status_code == 422
    assert boss.post(f"/suspense/{number + 9}/dismissal", reason="x").status_code == 422
    assert boss.post(f"/suspense/{number}/placement", person="nobody").status_code == 422
    with ground.database.transaction("demo") as tx:
        assert statements.line(tx, number).state == "waiting"
    assert boss.post(f"/suspense/{number}/refund", reason="sent in error").status_code == 303
    assert boss.post(f"/suspense/{number}/dismissal", reason="a transfer of ours").status_code == 303
    with ground.database.transaction("demo") as tx:
        assert statements.line(tx, number).state == "dismissed"
