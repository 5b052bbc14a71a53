"""What a file of the desk tells of counts at the gate for the house that it names."""

from __future__ import annotations

from pathlib import Path

from duecourse.casework.desk_import import COLUMNS, import_desk
from tests import house_desk
from tests.permit_desk import OPERATOR, granted, refused

america = house_desk.america


def test_a_conversation_that_a_file_tells_of_counts_for_the_house_that_was_reached(
    america: house_desk.Desk, tmp_path: Path
) -> None:
    told = {
        "contact_ref": "K1", "person_ref": "C1", "debtor_ref": "C1", "loan_refs": "L1", "relation": "borrower",
        "point_kind": "phone", "point_label": "mobile", "channel": "call", "purpose": "answer", "direction": "in",
        "at": "2026-03-02T11:00:00-05:00", "outcome": "connected", "connected": "true", "firm": "acme",
    }  # fmt: skip
    row = [told.get(column, "") for column in COLUMNS["contacts"]]
    (tmp_path / "contacts.csv").write_text("\n".join((",".join(COLUMNS["contacts"]), ",".join(row))))
    with america.database.transaction("demo") as tx:
        assert import_desk(tx, tmp_path, vault=house_desk.VAULT, actor=OPERATOR, now=america.clock()).contacts == 1
    assert refused(america.ask()) == house_desk.TALKED
    granted(america.ask(house_desk.BOLT))
