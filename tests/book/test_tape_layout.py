"""The standard layout is one thing in code, in the documents and in the shipped mapping."""

from __future__ import annotations

from dataclasses import fields as fields_of
from pathlib import Path

import pytest

from duecourse.book.tape import mapping
from duecourse.book.tape.document import tables
from duecourse.book.tape.layout import FIELDS, KEYS, Records, conventions, fields
from duecourse.book.tape.names import NAMES
from duecourse.core.contract import Terms

ROOT = Path(__file__).parents[2]


def test_the_document_has_the_tables_of_the_layout() -> None:
    text = (ROOT / "docs" / "tape.md").read_text(encoding="utf-8")
    inside = text.split("`duecourse book layout` -->\n")[1].split("<!-- end of tables")[0]
    assert inside == tables(), "write it anew: duecourse book layout"


def test_every_convention_of_a_contract_can_be_a_column() -> None:
    named = {field.name for field in conventions()} | {"rate_ppm", "penalty_ppm", "compound_ppm", "currency"}
    assert named == {field.name for field in fields_of(Terms)}


def test_keys_and_names_are_of_fields() -> None:
    for records, key in KEYS.items():
        assert set(key) <= set(fields(records))
    assert all(name in fields(records) for records, name in NAMES)
    assert set(FIELDS) == set(Records)


@pytest.mark.parametrize("name", mapping.shipped())
def test_shipped_mappings_are_sound(name: str) -> None:
    assert mapping.load(mapping.find(name)).name == name
