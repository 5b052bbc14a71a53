"""How the terminal shows things: JSON for programs, plain tables and small bars for people.

JSON carries integers only (minor units, ppm, seconds) and ISO days, so that nothing is lost in a float. People see
grouped amounts, ISO days, per cent. Output goes to stdout, everything else (progress, notes, errors) to stderr.
"""

from __future__ import annotations

import json as jsonlib
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Annotated, TypeAlias

import typer
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from duecourse.cli.words import _
from duecourse.core.money import Money, plain

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
"""The flag that every command which prints data takes: ``json: Json = False``."""

NOTHING = "–"
"""What stands where there is no value."""

_PPM_PER_CENT = 10_000
_BAR = "█"
_EIGHTHS = " ▏▎▍▌▋▊▉"
_GAP = 2  # columns of the terminal between two columns of a table
_CHINESE_WHOLE = 16  # a Chinese text up to this width is not broken unless it must be
_UNBROKEN = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]|[^\u2e80-\u9fff\uff00-\uffef]+")
_LINES_MAX = {12: 3, 24: 7}  # lines of one cell in a column narrower than so much: more is hard to read
_NARROWEST = 6  # what a column keeps on the narrowest terminal; its words are broken then

Cell: TypeAlias = str | int | date | Money | Text | None


WIDTH = 120
"""Columns of tables that go to a file or a pipe, unless COLUMNS says otherwise."""


def console() -> Console:
    """Where data for people goes; made anew each time so that a redirected stdout is seen."""
    if sys.stdout.isatty():
        return Console(highlight=False)
    return Console(highlight=False, soft_wrap=True, width=int(os.environ.get("COLUMNS") or WIDTH))


def notes() -> Console:
    """Where notes, progress and errors go: stderr."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def plain_value(value: object) -> object:
    """A value as JSON can carry it without loss; a float is refused, since it never is one of ours."""
    match value:
        case None | bool() | int() | str() if not isinstance(value, Enum):
            return value
        case Enum():
            return plain_value(value.value)
        case Money():
            return {"minor": value.minor, "currency": value.currency}
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return {str(plain_value(key)): plain_value(item) for key, item in value.items()}
        case set() | frozenset():
            return sorted(plain_value(item) for item in value)  # type: ignore[type-var]
        case Iterable():
            return [plain_value(item) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return plain_value(asdict(value))
        case _:
            raise TypeError(
                f"{type(value).__name__} has no JSON form here: give integers, text, days, Money or records"
            )


def print_json(value: object) -> None:
    """Print a value as JSON to stdout: UTF-8, indented for a terminal, one line otherwise."""
    terminal = sys.stdout.isatty()
    sys.stdout.write(jsonlib.dumps(plain_value(value), ensure_ascii=False, indent=2 if terminal else None) + "\n")


def amount(minor: int | None, currency: str) -> str:
    """Minor units for people, without the currency code (it stands in the heading).

    >>> amount(1234567, "CNY")
    '12,345.67'
    """
    return NOTHING if minor is None else plain(minor, currency)


def in_currency(title: str, currency: str | None) -> str:
    """A heading with the currency of the amounts below it, where they have one."""
    return title if currency is None else _("{title} ({currency})").format(title=title, currency=currency)


def rate(ppm: int | None) -> str:
    """Parts per million as per cent, without rounding.

    >>> rate(180000), rate(4350)
    ('18 %', '0.435 %')
    """
    if ppm is None:
        return NOTHING
    whole, rest = divmod(abs(ppm), _PPM_PER_CENT)
    digits = f"{whole}.{rest:04d}".rstrip("0").rstrip(".")
    return f"{'-' if ppm < 0 else ''}{digits} %"


def share(part: int, whole: int) -> str:
    """A share in per cent with one decimal, half up, but never all nor none where it is not; for people only.

    >>> share(1, 8), share(0, 0), share(9_999, 10_000), share(1, 10_000)
    ('12.5 %', '–', '99.9 %', '0.1 %')
    """
    if whole <= 0:
        return NOTHING
    tenths = (2 * 1000 * part + whole) // (2 * whole)
    if 0 < part < whole:
        tenths = min(max(tenths, 1), 999)
    return f"{tenths // 10}.{tenths % 10} %"


def count(number: int | None) -> str:
    """A count, grouped by thousands."""
    return NOTHING if number is None else f"{number:,}"


def clock(second: int | None) -> str | None:
    """A second of the day as a clock shows it.

    >>> clock(34200)
    '09:30'
    """
    return None if second is None else f"{second // 3600:02d}:{second % 3600 // 60:02d}"


def bar(value: int, largest: int, width: int = 24) -> str:
    """A bar as long as the value's part of the largest, in eighths of a character.

    >>> bar(1, 2, width=4)
    '██'
    """
    if value <= 0 or largest <= 0:
        return ""
    eighths = max(1, 8 * width * value // largest)
    return _BAR * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def shown(value: Cell) -> Text:
    """A cell for people: texts cannot smuggle markup in."""
    match value:
        case None:
            return Text(NOTHING)
        case Text():
            return value
        case int():
            return Text(count(value))
        case date():
            return Text(value.isoformat())
        case _:
            return Text(str(value))


def lines(first: str, *others: str) -> Text:
    """A cell of several lines: the first is what matters, the others stand below it, dim."""
    return Text("\n").join([Text(first), *(Text(other, style="dim") for other in others if other)])


def table(title: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]], *, right: Sequence[int] = ()) -> None:
    """Print a table; ``right`` lists the columns (from 0) set to the right, as numbers are.

    Columns whose cells are all integers or Money are set to the right without being listed. A column without a single
    value is left out, and a table without a row says so. Where the terminal is narrow, texts are broken between words,
    numbers and names never; where that does not read well any more, each row stands as a block, a line for each value.
    """
    cells = [list(row) for row in rows]
    if not cells:
        facts(title, [(_("none"), "")])
        return
    kept = [[shown(cell) for cell in row] for row in cells]
    places = [place for place in range(len(headings)) if any(row[place].plain not in ("", NOTHING) for row in kept)]
    out_console = console()
    room = out_console.width
    needs, sizes = _laid(places, headings, kept, room)
    if not _reads(places, kept, needs, sizes):  # what is alike in every row stands in the title
        alike = [place for place in places[1:] if len(kept) > 1 and len({row[place].plain for row in kept}) == 1]
        title = " · ".join([title, *(f"{headings[place]} {kept[0][place].plain}" for place in alike)])
        places = [place for place in places if place not in alike]
        needs, sizes = _laid(places, headings, kept, room)
    if not _reads(places, kept, needs, sizes):
        _blocks(title, [headings[place] for place in places], [[row[place] for place in places] for row in kept])
        return
    out = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for place, size in zip(places, sizes, strict=True):
        known = [row[place] for row in cells if row[place] is not None]
        numeric = bool(known) and all(isinstance(cell, int | Money) for cell in known)
        justify: JustifyMethod = "right" if numeric or place in right else "left"
        out.add_column(escape(headings[place]), justify=justify, overflow="fold", width=size)
    for row in kept:
        out.add_row(*(row[place] for place in places))
    out_console.print(out)


def _laid(
    places: Sequence[int], headings: Sequence[str], rows: Sequence[Sequence[Text]], room: int
) -> tuple[list[tuple[int, int]], list[int]]:
    """What the columns need, and the widths that they get."""
    needs = [_need(headings[place], [row[place] for row in rows]) for place in places]
    return needs, fitted(needs, room - _GAP * len(places))


def _reads(
    places: Sequence[int], rows: Sequence[Sequence[Text]], needs: Sequence[tuple[int, int]], sizes: Sequence[int]
) -> bool:
    """Whether a table of these widths reads well: no word is broken, and no cell runs down a narrow column."""
    if any(size < least for size, (least, _most) in zip(sizes, needs, strict=True)):
        return False
    deep = (
        sum(-(-cell_len(line) // size) for line in row[place].plain.splitlines()) > most
        for row in rows
        for place, size in zip(places, sizes, strict=True)
        for width, most in _LINES_MAX.items()
        if size < width
    )
    return not any(deep)


def _blocks(title: str, headings: Sequence[str], rows: Sequence[Sequence[Text]]) -> None:
    """Each row as a block: its first value, and below it the others with their headings; what is empty is left out."""
    out_console = console()
    if title:
        out_console.print(Text(title, style="bold"), soft_wrap=False)
    wide = max((cell_len(one) for one in headings[1:]), default=0)
    for row in rows:
        out = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
        out.add_column(style="dim", width=wide + _GAP, no_wrap=True)
        out.add_column(overflow="fold")
        for heading, cell in zip(headings[1:], row[1:], strict=True):
            if cell.plain not in ("", NOTHING):
                out.add_row(f"  {escape(heading)}", cell)
        out_console.print()
        out_console.print(Text.assemble((f"{headings[0]} ", "dim") if headings[0] else "", row[0]), soft_wrap=False)
        if out.row_count:
            out_console.print(out)
    out_console.print()


def _need(heading: str, cells: Iterable[Text]) -> tuple[int, int]:
    """The width that a column needs at the least, its longest word, and the one at which nothing is broken."""
    texts = [heading, *(cell.plain for cell in cells)]
    whole = max(cell_len(line) for text in texts for line in (text.splitlines() or [""]))
    word = max(cell_len(part) for text in texts for word in (text.split() or [""]) for part in _parts(word))
    return max(1, word), max(1, whole)


def _parts(word: str) -> list[str]:
    """The parts of a word between which a line may break: none, but for a long text with Chinese in it."""
    return _UNBROKEN.findall(word) if cell_len(word) > _CHINESE_WHOLE else [word]


def fitted(needs: Sequence[tuple[int, int]], room: int) -> list[int]:
    """Widths of columns that need (least, most) and have so much room together: the widest give way first.

    >>> fitted([(3, 3), (5, 30), (4, 10)], 33)
    [3, 20, 10]
    >>> fitted([(3, 3), (5, 9), (20, 40)], 100)
    [3, 9, 40]
    """
    sizes = [most for _least, most in needs]
    for floors in ([least for least, _most in needs], [min(least, _NARROWEST) for least, _most in needs]):
        while sum(sizes) > room:
            able = [place for place, size in enumerate(sizes) if size > floors[place]]
            if not able:
                break
            widest = max(able, key=lambda place: sizes[place])
            sizes[widest] -= 1
    return sizes


def bars(title: str, pairs: Sequence[tuple[str, int]], *, unit: str = "") -> None:
    """Print a small bar chart of counts: label, bar, number."""
    largest = max((value for _label, value in pairs), default=0)
    out = Table(
        title=title or None, title_justify="left", title_style="bold", box=None, show_header=False, pad_edge=False
    )
    out.add_column()
    out.add_column(style="cyan")
    out.add_column(justify="right")
    for label, value in pairs:
        out.add_row(escape(label), bar(value, largest), f"{value:,}{' ' + unit if unit else ''}")
    console().print(out)
    console().print()


def facts(title: str, pairs: Iterable[tuple[str, Cell]]) -> None:
    """Print what is known of one thing: name and value, one a line; what has no value is left out."""
    out = Table(
        title=title or None, title_justify="left", title_style="bold", box=None, show_header=False, pad_edge=False
    )
    out.add_column(style="dim")
    out.add_column(overflow="fold")
    for name, value in pairs:
        if value is not None:
            out.add_row(escape(name), shown(value))
    console().print(out)
    console().print()


def say(text: str) -> None:
    """Print a sentence for people to stdout."""
    console().print(escape(text))


def note(text: str) -> None:
    """Print a sentence to stderr: what is being done, or what people should know beside the data."""
    notes().print(escape(text), style="dim")
