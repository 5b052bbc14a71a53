"""The Markdown of a template read into blocks, with values put in afterwards.

Of Markdown a template has paragraphs, ``##`` headings, lists (``[ ]`` begins an item to be ticked), tables and strong
words, and three things in a meaning of their own: ``>`` is the sign-off at the end, ``---`` the line along which a
reply is cut off, and a table row with nothing but a slot takes as many rows as its value has lines, cells parted by
``|``. Everything else is text. Links, pictures and HTML are no part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from string import Formatter
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

Run = tuple[str, bool]  # words, and whether they are strong
Cell = tuple[Run, ...]
Row = tuple[Cell, ...]

_READER = MarkdownIt("zero").enable(
    ["heading", "list", "table", "blockquote", "hr", "emphasis", "newline", "escape", "backticks"]
)
_READER.disable("backticks")
_BOX = "[ ] "
_CELL_END = "|"


class Kind(StrEnum):
    """What a block is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST = "list"
    NUMBERED = "numbered"
    TICKS = "ticks"  # a list of boxes to tick
    TABLE = "table"  # the first row is its head
    LINES = "lines"  # a table whose first column has the words; the others are as narrow as what they hold
    SIGN_OFF = "sign_off"
    CUT = "cut"  # along this line a reply is cut off


@dataclass(frozen=True, slots=True)
class Block:
    """One block: rows of cells; a paragraph or heading has one cell, a list one in each row."""

    kind: Kind
    rows: tuple[Row, ...] = ()

    def plain(self) -> dict[str, object]:
        """The block as lists, for JSON."""
        return {
            "kind": self.kind.value,
            "rows": [[[[words, strong] for words, strong in cell] for cell in row] for row in self.rows],
        }

    def words(self) -> str:
        """All its words, a line for each row."""
        return "\n".join(" ".join("".join(words for words, _ in cell) for cell in row) for row in self.rows)


def block_of(plain: Mapping[str, Any]) -> Block:
    """The block that `Block.plain` gave."""
    rows = (tuple(tuple((words, strong) for words, strong in cell) for cell in row) for row in plain["rows"])
    return Block(Kind(plain["kind"]), tuple(rows))


@lru_cache(maxsize=256)
def read_blocks(body: str, lang: str) -> tuple[Block, ...]:
    """The blocks of a template's text in one language, slots in braces still in it."""
    return tuple(_blocks(_READER.parse(body), "" if lang == "zh" else " "))


def filled(blocks: Iterable[Block], value: Callable[[str], str]) -> tuple[Block, ...]:
    """The blocks with the value of each slot put in, as words and never as markup."""
    return tuple(Block(one.kind, tuple(row for old in one.rows for row in _rows(one, old, value))) for one in blocks)


def _rows(block: Block, row: Row, value: Callable[[str], str]) -> list[Row]:
    if block.kind is Kind.TABLE and (slot := _only_slot(row)):
        lines = [line.split(_CELL_END, len(row) - 1) for line in value(slot).splitlines() if line.strip()]
        return [tuple(((cell.strip(), False),) for cell in (*line, *[""] * (len(row) - len(line)))) for line in lines]
    return [tuple(_put_in(cell, value) for cell in row)]


def _only_slot(row: Row) -> str:
    """The slot that is all there is in a row of several cells, else nothing."""
    said = [words for cell in row for words, _ in cell if words.strip()]
    parts = list(Formatter().parse(said[0].strip())) if len(row) > 1 and len(said) == 1 else []
    return parts[0][1] or "" if len(parts) == 1 and not parts[0][0] else ""


def _put_in(cell: Cell, value: Callable[[str], str]) -> Cell:
    found: list[Run] = []
    for words, strong in cell:
        for said, slot, _spec, _turn in Formatter().parse(words):
            found += [(one, strong) for one in (said, value(slot) if slot else "") if one]
    return tuple(found)


def _blocks(tokens: list[Token], joint: str) -> list[Block]:
    found: list[Block] = []
    inside: list[str] = []
    rows: list[Row] = []
    row: list[Cell] = []
    for token in tokens:
        name = token.type.removesuffix("_open").removesuffix("_close")
        if token.nesting == 1:
            inside.append(name)
            if name in ("bullet_list", "ordered_list", "table"):
                rows = []
            elif name in ("tr", "list_item"):
                row = []
        elif token.nesting == -1:
            inside.pop()
            if name in ("tr", "list_item"):
                rows.append(tuple(row))
            elif name in ("bullet_list", "ordered_list", "table"):
                found.append(_listed(name, rows))
        elif token.type == "hr":
            found.append(Block(Kind.CUT))
        elif token.type == "inline":
            cell = _cell(token.children or [], joint)
            if inside[-1] in ("th", "td") or "list_item" in inside:
                row.append(cell)
            else:
                found.append(Block(_kind(inside), ((cell,),)))
    return found


def _kind(inside: list[str]) -> Kind:
    if "blockquote" in inside:
        return Kind.SIGN_OFF
    return Kind.HEADING if inside[-1] == "heading" else Kind.PARAGRAPH


def _listed(name: str, rows: list[Row]) -> Block:
    if name == "table":
        return Block(Kind.TABLE, tuple(rows))
    if all(row and row[0] and row[0][0][0].startswith(_BOX) for row in rows):
        bare = tuple((((row[0][0][0].removeprefix(_BOX), row[0][0][1]), *row[0][1:]),) for row in rows)
        return Block(Kind.TICKS, bare)
    return Block(Kind.LIST if name == "bullet_list" else Kind.NUMBERED, tuple(rows))


def _cell(tokens: list[Token], joint: str) -> Cell:
    found: list[Run] = []
    strong = 0
    for token in tokens:
        if token.type in ("strong_open", "strong_close", "em_open", "em_close"):
            strong += token.nesting
        elif token.type in ("softbreak", "hardbreak"):
            found.append((joint if token.type == "softbreak" else "\n", bool(strong)))
        elif token.content:
            found.append((token.content, bool(strong)))
    return tuple((words, strong) for words, strong in found if words)
