"""The tables of ``docs/tape.md``, written from the layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from duecourse.book.tape.layout import FIELDS, KEYS, Records, conventions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duecourse.book.tape.layout import Field


def tables() -> str:
    """One Markdown table per kind of record, and one for the conventions that a loan may name."""
    parts = [
        f"### {records}\n\nOne row per: {', '.join(KEYS[records])}.\n\n{_table(FIELDS[records])}" for records in Records
    ]
    parts.append(f"### Conventions of a loan (optional columns of `loans`)\n\n{_table(conventions())}")
    return "\n\n".join(parts) + "\n"


def _table(fields: Iterable[Field]) -> str:
    lines = ["| column | shape | needed | meaning |", "| --- | --- | --- | --- |"]
    for field in fields:
        needed = "yes" if field.required else ""
        says = field.says.replace("``", "`")
        words = f": {', '.join(f'`{word}`' for word in field.words)}" if field.words else ""
        personal = " (personal)" if field.personal else ""
        lines.append(f"| `{field.name}` | {field.shape}{personal} | {needed} | {says}{words} |")
    return "\n".join(lines)
