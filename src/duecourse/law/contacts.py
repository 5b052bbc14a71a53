"""A table of contacts as people keep it, made into facts: words as text, instants with a zone, templates by their id.

A column named as a fact is that fact. ``at`` (an instant with its offset, or a local time in ``zone``) gives day and
second, ``template`` the purpose and what the text states. Other columns name the contact and are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import polars as pl

from duecourse.law.clock import instants, known_zone, local, zone
from duecourse.law.columns import dtype_of
from duecourse.law.fact import Kind, Value, nearest
from duecourse.law.facts import FACTS
from duecourse.law.ordinary import ORDINARY, ordinary_text
from duecourse.law.rulebook import Rulebook
from duecourse.law.templates import Register
from duecourse.trouble import N_, BadInput

SHOWN = 5
"""Wrong values that an error names."""


class WrongValues(BadInput):
    """Values in a table of contacts that cannot be read."""

    def __init__(self, wrong: list[str]) -> None:
        more = f"\nand {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        super().__init__("\n".join(wrong[:SHOWN]) + more)


def contact_facts(frame: pl.DataFrame, book: Rulebook, register: Register, *, ordinary: bool = False) -> pl.DataFrame:
    """The facts of a table of contacts beside its other columns, for `law.diff`.

    With ``ordinary``, what has no column is as in the ordinary contact; else it is missing. An empty cell is missing.
    Raises `WrongValues` with row (from 1) and column, and the nearest word.
    """
    wrong: list[str] = []
    columns = {name: frame[name] for name in frame.columns}
    for name in frame.columns:
        if name in FACTS:
            columns[name] = _read(frame[name], name, wrong)
    if "at" in frame.columns:
        columns |= _clocks(frame, book, wrong)
    if wrong:
        raise WrongValues(wrong)
    told = pl.DataFrame([column.alias(name) for name, column in columns.items()])
    if "template" in frame.columns:
        told = _texts(told, register)
    if ordinary:
        known: dict[str, Value] = {**ORDINARY, **ordinary_text("collect")}
        fill = {name: value for name, value in known.items() if name not in told.columns and name in book.gate_facts}
        told = told.with_columns(pl.lit(value, dtype=dtype_of(name)).alias(name) for name, value in fill.items())
    return told


def _read(column: pl.Series, name: str, wrong: list[str]) -> pl.Series:
    fact = FACTS[name]
    if column.dtype != pl.String:
        return column.cast(dtype_of(name), strict=False) if fact.kind is Kind.WORD else column
    read: Callable[[str], Value | None]
    if fact.kind is Kind.BOOL:
        read = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get
    elif fact.kind is Kind.INT:
        read = _whole
    elif fact.kind is Kind.DATE:
        read = _day
    else:
        read = fact.read
    values: list[Value | None] = []
    for row, text in enumerate(column.to_list(), 1):
        value = None if text is None or not text.strip() else read(text.strip())
        if value is None and text is not None and text.strip():
            wrong.append(f"row {row}, {name}: {text!r} is no {fact.kind}{nearest(text, fact.options)}")
        values.append(value)
    return pl.Series(name, values, dtype=dtype_of(name))


def _whole(text: str) -> int | None:
    return int(text) if text.removeprefix("-").isascii() and text.removeprefix("-").isdigit() else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _clocks(frame: pl.DataFrame, book: Rulebook, wrong: list[str]) -> dict[str, pl.Series]:
    """Day by the law's clock, second where the person is, and by the law's clock where that is another."""
    zones = frame["zone"].cast(pl.String).to_list() if "zone" in frame.columns else [None] * frame.height
    rows: list[tuple[date | None, int | None, int | None]] = []
    for row, (said, name) in enumerate(zip(frame["at"].to_list(), zones, strict=True), 1):
        there = name or book.zone
        at = _instant(said, there)
        if at is None or not known_zone(there):
            wrong.append(
                f"row {row}, at: {said!r} in zone {there or 'unknown'!r} is no instant; write 2026-03-01T22:10"
            )
            continue
        day, second = local(at, zone(there))
        law_day, law_second = local(at, zone(book.zone)) if book.zone else (day, second)
        rows.append((law_day, second, law_second))
    if len(rows) != frame.height:
        return {}
    names = ("on", "second_local", "law_second")
    kinds = (pl.Date(), pl.Int64(), pl.Int64())
    return {
        name: pl.Series(name, [row[place] for row in rows], dtype=kind)
        for place, (name, kind) in enumerate(zip(names, kinds, strict=True))
    }


def _instant(said: object, there: str) -> datetime | None:
    try:
        given = said if isinstance(said, datetime) else datetime.fromisoformat(str(said))
    except ValueError:
        return None
    if given.tzinfo is not None:
        return given.astimezone(UTC)
    if not known_zone(there):
        return None
    return instants(given.date(), given.hour * 3600 + given.minute * 60 + given.second, zone(there))[0]


def _texts(frame: pl.DataFrame, register: Register) -> pl.DataFrame:
    """What the register says of each template on the day of the contact; of one that it does not know, only the no."""
    if "on" not in frame.columns or "channel" not in frame.columns:
        raise BadInput(N_("a column `template` needs a column `channel`, and the day: `at` or `on`"))
    keys = frame.select("template", pl.col("channel").cast(pl.String).alias("_channel"), "on").unique()
    said = [
        {**row, **register.facts(row["template"], row["on"], row["_channel"])}
        for row in keys.iter_rows(named=True)
        if row["on"] is not None
    ]
    names = list(dict.fromkeys(name for one in said for name in one if name in FACTS and name != "on"))
    table = pl.DataFrame(
        {
            **{name: [one[name] for one in said] for name in ("template", "_channel", "on")},
            **{name: pl.Series([one.get(name) for one in said], dtype=dtype_of(name)) for name in names},
        }
    )
    rest = frame.drop([name for name in names if name in frame.columns])
    joined = rest.with_columns(pl.col("channel").cast(pl.String).alias("_channel")).join(
        table, on=["template", "_channel", "on"], how="left", maintain_order="left"
    )
    return joined.drop("_channel")
