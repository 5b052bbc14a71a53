"""The readable part of a bundle as PDF: tagged, a heading for each part, set as every document is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from duecourse.casework.dossier import Matter, Part, parts, title
from duecourse.channels.render import Content, Printer
from duecourse.channels.render.blocks import Block, Kind, Row
from duecourse.channels.render.glyphs import missing


def pdf(matter: Matter, lang: str, *, printer: Printer) -> bytes:
    """The readable part as a tagged PDF."""
    day = matter.at.astimezone(ZoneInfo(matter.zone)).date()
    return paper(title(matter, lang), parts(matter, lang), lang, day, printer=printer)


def paper(
    head: str,
    held: Iterable[Part],
    lang: str,
    day: date,
    *,
    printer: Printer,
    sender: str = "",
    attachments: Mapping[str, bytes] | None = None,
) -> bytes:
    """Parts under a title as a tagged PDF; ``sender`` stands above it, ``attachments`` travel in it by name."""
    blocks: list[Block] = []
    for part in held:
        if part.heading:
            blocks.append(_block(Kind.HEADING, [[part.heading]]))
        blocks += [_block(Kind.PARAGRAPH, [[said]]) for said in part.says]
        if part.items:
            blocks.append(_block(Kind.LIST, [[one] for one in part.items]))
        for above, rows in part.tables:
            blocks += [_block(Kind.PARAGRAPH, [[above]])] if above else []
            blocks.append(_block(Kind.LINES if _lines(rows) else Kind.TABLE, rows))
    content = Content("letter", lang, head, tuple(blocks), {}, day.isoformat(), None, printable(sender), (), head)
    return printer.pdf(content, attachments=attachments)


NARROW = 32
"""So many signs at the most has a cell of a column that is as narrow as what it holds."""


def _lines(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the words of a table are in its first column, and what it says of them in narrow ones."""
    _, *others = (max(map(len, column)) for column in zip(*rows, strict=True))
    return len(others) > 1 and max(others) <= NARROW


def _block(kind: Kind, rows: Iterable[Sequence[str]]) -> Block:
    made: list[Row] = [tuple(((printable(cell), False),) for cell in row) for row in rows]
    return Block(kind, tuple(made))


def printable(text: str) -> str:
    """The text with every character that no font here has as its number: nothing is printed as a box."""
    for sign in missing(text):
        text = text.replace(sign, f"U+{ord(sign):04X}")
    return text
