"""Raw values into typed ones, column by column, as the mapping says; what cannot be read becomes a fault.

Each field is first read in the quickest way that is right for clean values; only columns in which something could not
be read so are read again with more patience (full-width digits, thousands separators, other date forms).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from duecourse.book.tape import faults
from duecourse.book.tape.encoding import LOST
from duecourse.book.tape.faults import Rule
from duecourse.book.tape.layout import FIELDS, Field, Records, Shape, fields
from duecourse.book.tape.mapping import BadMapping, Mapping, Spec, Table, columns_of, near
from duecourse.book.tape.readers import RAGGED, ROW
from duecourse.book.tape.values import TYPES, Reading, Setting, holds
from duecourse.trouble import N_

if TYPE_CHECKING:
    from duecourse.book.tape.readers import Source

REF_MAX = 128
TEXT_MAX = 512


@dataclass(frozen=True, slots=True)
class _Place:
    """What a row is and where it stands."""

    records: Records
    setting: Setting
    src: int


@dataclass(frozen=True, slots=True)
class Converted:
    """Rows of one kind from one file: typed, all of them; faults of those that are wrong; rows the mapping left out."""

    frame: pl.DataFrame
    faults: pl.DataFrame
    left_out: int


def convert(
    raw: pl.DataFrame, table: Table, mapping: Mapping, setting: Setting, *, source: Source, src: int
) -> Converted:
    """Turn a file's rows into records; ``src`` is the file's place in the tape.

    Raises `BadMapping` where the mapping names a column that the file has not.
    """
    specs = _specs(raw, table, mapping, source)
    place = _Place(table.records, setting, src)
    kept = raw.filter(pl.all_horizontal(holds(each) for each in table.where)) if table.where else raw
    left_out = raw.height - kept.height
    every = {each.name for each in FIELDS[table.records]}
    known = {name: each for name, each in fields(table.records).items() if name in every or name in specs}
    if not table.items:
        frame, wrong = _record(kept, specs, known, place)
        if table.distinct:
            frame = frame.unique(list(known), keep="first", maintain_order=True)
            wrong = wrong.join(frame, on="row", how="semi", maintain_order="left")
        return Converted(frame, wrong, raw.height - frame.height)
    parts = [_figure(kept, specs, item, spec, place) for item, spec in table.items]
    return Converted(pl.concat([p.frame for p in parts]), pl.concat([p.faults for p in parts]), left_out)


def _figure(raw: pl.DataFrame, specs: dict[str, Spec], item: str, spec: Spec, place: _Place) -> Converted:
    known = dict(fields(Records.BALANCES))
    shape = Shape.COUNT if item == "dpd" else Shape.MONEY
    known["value"] = Field(name="value", shape=shape, says="", required=True, highest=known["value"].highest)
    every = {**specs, "item": Spec(line=spec.line, value=item), "value": spec}
    frame, wrong = _record(raw, every, known, place)
    said = (pl.col("field") == "value") & (pl.col("rule") == Rule.MISSING)
    silent = wrong.filter(said)["row"]  # the lender says nothing of this figure, which is no fault
    frame = frame.filter(~pl.col("row").is_in(silent.implode()))
    return Converted(frame, wrong.filter(~pl.col("row").is_in(silent.implode())), 0)


def _specs(raw: pl.DataFrame, table: Table, mapping: Mapping, source: Source) -> dict[str, Spec]:
    specs = dict(table.specs)
    if table.standard:
        for name in fields(table.records):
            if name not in specs and name in raw.columns:
                specs[name] = Spec(line=table.line, column=name)
        missing = [n for n, f in fields(table.records).items() if f.required and n not in specs]
        if missing:
            raise BadMapping(
                N_(
                    "{source} has no column {missing}, which {records} need; it has {columns}. `duecourse book map "
                    "{source}` proposes a mapping"
                ),
                source=source.name,
                missing=", ".join(missing),
                records=table.records,
                columns=", ".join(raw.columns[1:]),
            )
    for name, spec in (*specs.items(), *table.items):
        for column in columns_of(spec):
            if column not in raw.columns and not spec.optional:
                raise BadMapping(
                    N_(
                        "{mapping}, line {line}: {name} reads column {column!r}, which {source} has not{near}; "
                        "`optional: true` allows that"
                    ),
                    mapping=mapping.name,
                    line=spec.line,
                    name=name,
                    column=column,
                    source=source.name,
                    near=near(column, raw.columns[1:]),
                )
    for condition in table.where:
        if condition.column not in raw.columns:
            raise BadMapping(
                N_("{mapping}, line {line}: `where:` reads column {column!r}, which {source} has not{near}"),
                mapping=mapping.name,
                line=table.line,
                column=condition.column,
                source=source.name,
                near=near(condition.column, raw.columns[1:]),
            )
    return {name: spec for name, spec in specs.items() if all(c in raw.columns for c in columns_of(spec))}


def _record(
    raw: pl.DataFrame, specs: dict[str, Spec], known: dict[str, Field], place: _Place
) -> tuple[pl.DataFrame, pl.DataFrame]:
    at = {name: Reading(known[name], spec, raw.schema, place.setting) for name, spec in specs.items()}
    first = {name: reading for name, reading in at.items() if reading.spec.field is None}
    frame = raw.select(
        pl.col(ROW).alias("row"),
        *(reading.raw().alias(f"raw:{name}") for name, reading in first.items()),
    )
    frame = frame.with_columns(reading.quick(pl.col(f"raw:{name}")).alias(name) for name, reading in first.items())
    unread = frame.select(_unread(name).any().alias(name) for name in first)
    again = [name for name in first if unread.height and unread[name][0]]
    frame = frame.with_columns(
        pl.coalesce(name, first[name].patient(pl.col(f"raw:{name}"))).alias(name) for name in again
    )
    moved = [name for name, reading in first.items() if reading.moves()]
    if moved:
        frame = frame.with_columns(first[name].moved(pl.col(name), raw).alias(name) for name in moved)
    for name, reading in at.items():
        if reading.spec.field is not None:
            frame = frame.with_columns(reading.moved(pl.col(reading.spec.field), raw).alias(name))
    frame = frame.with_columns(pl.lit(place.src, pl.UInt16).alias("src"))
    records = place.records
    ragged = _ragged(raw, place)
    wrong = [_faults(frame, records, known[name], reading) for name, reading in at.items()]
    for name, each in known.items():
        if name not in at:
            frame = frame.with_columns(pl.lit(None, TYPES[each.shape]).alias(name))
            if each.required:
                wrong.append(faults.table(frame, records=records, field=name, rule=Rule.MISSING))
    return frame.select("src", "row", *known), pl.concat([faults.none(), ragged, *wrong])


def _ragged(raw: pl.DataFrame, place: _Place) -> pl.DataFrame:
    if RAGGED not in raw.columns:
        return faults.none()
    rows = raw.filter(pl.col(RAGGED).is_not_null()).select(
        pl.lit(place.src, pl.UInt16).alias("src"), pl.col(ROW).alias("row"), RAGGED
    )
    why = pl.format("it has {} values, more than the heading names: a delimiter stands inside one", pl.col(RAGGED))
    return faults.table(rows, records=place.records, field="(row)", rule=Rule.FORM, why=why)


_TOO_LONG = r"^[+-]?\d[\d,]{17,}(\.\d*)?$"
"""A plain number of more digits than any that is taken: no unit makes it fit."""


def _unread(name: str) -> pl.Expr:
    return pl.col(f"raw:{name}").is_not_null() & pl.col(name).is_null()


def _faults(frame: pl.DataFrame, records: Records, field: Field, reading: Reading) -> pl.DataFrame:
    """Faults of one field; cheap where there are none."""
    name = field.name
    raw = pl.col(f"raw:{name}") if reading.spec.field is None else pl.col(name)
    unread = raw.is_not_null() & pl.col(name).is_null() if reading.spec.field is None else pl.lit(value=False)
    conditions: list[tuple[Rule, pl.Expr, str]] = [(Rule.FORM, unread, f"cannot be read as {field.shape}")]
    if field.required:
        conditions.append((Rule.MISSING, raw.is_null() & pl.col(name).is_null(), ""))
    if TYPES[field.shape] == pl.Int64:
        top = field.highest if field.highest is not None else 2**62
        outside = (pl.col(name) < field.lowest) | (pl.col(name) > top)
        conditions.append((Rule.RANGE, outside, f"outside {field.lowest} to {top}"))
    elif field.shape in {Shape.REF, Shape.TEXT}:
        most = REF_MAX if field.shape is Shape.REF else TEXT_MAX
        conditions.append((Rule.LENGTH, pl.col(name).str.len_chars() > most, f"longer than {most} characters"))
        lost = pl.col(name).str.contains(rf"[{LOST}\x00]")
        conditions.append((Rule.BYTES, lost, "part of it is no text in the file's encoding"))
    elif field.shape is Shape.DAY:
        outside = (pl.col(name).dt.year() < 1900) | (pl.col(name).dt.year() > 2200)
        conditions.append((Rule.RANGE, outside, "outside the years 1900 to 2200"))
    counts = frame.select(condition.sum().alias(rule) for rule, condition, _ in conditions)
    found = []
    for rule, condition, why in conditions:
        if not counts[rule][0]:
            continue
        bad = frame.filter(condition)
        precise, reason = reading.sharper(rule, why)
        value = faults.masked(raw.cast(pl.String), personal=field.personal)
        for sharp, part in _split(bad, raw, reading, precise if rule is Rule.FORM else None, rule):
            text = reason if sharp is not rule or sharp is Rule.CODE else why
            text = f"outside {field.lowest} to {field.highest}" if sharp is Rule.RANGE and rule is Rule.FORM else text
            found.append(faults.table(part, records=records, field=name, rule=sharp, why=text, value=value))
    return pl.concat(found) if found else faults.none()


def _split(
    bad: pl.DataFrame, raw: pl.Expr, reading: Reading, sharp: Rule | None, rule: Rule
) -> list[tuple[Rule, pl.DataFrame]]:
    if sharp is None or sharp is Rule.FORM:  # FORM: a day, a flag; no unit is to blame
        return [(rule, bad)]
    if sharp is Rule.CODE:
        return [(Rule.CODE, bad)]
    long = raw.cast(pl.String).str.strip_chars().str.contains(_TOO_LONG).fill_null(value=False)
    if bad.select(long.any()).item():
        rest = [each for each in _split(bad.filter(~long), raw, reading, sharp, rule) if not each[1].is_empty()]
        return [(Rule.RANGE, bad.filter(long)), *rest]
    number = reading.number(raw).is_not_null()
    return [(Rule.WHOLE, bad.filter(number)), (Rule.FORM, bad.filter(~number))]
