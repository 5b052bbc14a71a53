"""How one field's values are read: the quick way, the patient way, and what is done with them afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from duecourse.book.tape.faults import Rule
from duecourse.book.tape.layout import Field, Shape
from duecourse.core.money import EXPONENTS

if TYPE_CHECKING:
    from duecourse.book.tape.mapping import Condition, Spec

TYPES: dict[Shape, Any] = {
    Shape.REF: pl.String,
    Shape.TEXT: pl.String,
    Shape.WORD: pl.String,
    Shape.WORDS: pl.String,
    Shape.MONEY: pl.Int64,
    Shape.RATE: pl.Int64,
    Shape.COUNT: pl.Int64,
    Shape.DAY: pl.Date,
    Shape.INSTANT: pl.Datetime("us", "UTC"),
    Shape.FLAG: pl.Boolean,
}

DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日", "%Y.%m.%d")
INSTANTS = ("%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%d %H:%M:%S%.f%:z")
LOCAL_INSTANTS = (
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M",
)
FLAGS = {
    "true": True, "t": True, "1": True, "yes": True, "y": True, "是": True, "有": True,
    "false": False, "f": False, "0": False, "no": False, "n": False, "否": False, "无": False,
}  # fmt: skip
EXACT = pl.Decimal(38, 12)
"""Numbers are read as decimals with 12 places: exact for every amount and rate, never a float."""

_RATE = {"ppm": 1, "percent": 10_000, "permille": 1_000, "fraction": 1_000_000, "bp": 100}
_PER = {"year": 1, "month": 12, "day_360": 360, "day_365": 365}
_NUMBERS = frozenset({Shape.MONEY, Shape.RATE, Shape.COUNT})
_EXCEL_FROM, _EXCEL_TO = 1, 200_000


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for a whole tape: the lender's zone and currency, and the texts that stand for nothing."""

    zone: str
    currency: str
    empty: tuple[str, ...] = ()


_WRITTEN = r"^[+-]?(?:\d{1,3}(?:[,' ]\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d+)?(?:\.\d*)?(?:[eE][+-]?\d+)?$"
"""A number as people write it: whole groups of three, or of two before the last as in India, and a point before parts.

A comma that parts anything else is no sign of a number that can be told: 1,5 and 1.000,00 are refused.
"""


def plain_text(column: pl.Expr) -> pl.Expr:
    """A value as text without spaces around it; null where nothing is left. Whole floats lose their ``.0``."""
    text = column.cast(pl.String).str.strip_chars()
    return pl.when(text.str.len_bytes() > 0).then(text)


def holds(condition: Condition) -> pl.Expr:
    """Whether a condition of the mapping holds for a row of the file; never null."""
    text = plain_text(pl.col(condition.column))
    if condition.among is not None:
        return text.is_in(list(condition.among)).fill_null(value=False)
    if condition.not_among is not None:
        return text.is_in(list(condition.not_among)).fill_null(value=False).not_()
    if condition.empty is not None:
        return text.is_null() if condition.empty else text.is_not_null()
    return (pl.col(condition.column).cast(EXACT, strict=False) > condition.above).fill_null(value=False)


@dataclass(frozen=True, slots=True)
class Reading:
    """One field of one file: what it is, where it comes from, what type the file gives it."""

    field: Field
    spec: Spec
    schema: pl.Schema
    setting: Setting

    # Where it comes from

    def raw(self) -> pl.Expr:
        """The value as the file has it: text, or a number, day or flag in a type of its own."""
        spec = self.spec
        if spec.value is not None:
            found = pl.lit(spec.value)
        elif spec.first_of:
            found = pl.coalesce(self._column(name, text=True) for name in spec.first_of)
        elif spec.join:
            found = pl.concat_str((self._column(name, text=True) for name in spec.join), separator=spec.glue)
        elif spec.sum:
            found = self._summed(spec)
        else:
            found = self._column(spec.column or "", text=not self._typed())
        if spec.prefix:
            found = pl.lit(spec.prefix) + found.cast(pl.String)
        if spec.codes is not None:
            found = self._coded(found)
        if spec.default is not None:
            found = found.cast(pl.String).fill_null(spec.default)
        if spec.only_if is not None:
            found = pl.when(holds(spec.only_if)).then(found)
        return found

    def _kind(self) -> pl.DataType | None:
        """The file's own type, where the value is one column as it is."""
        spec = self.spec
        if spec.column is None or spec.prefix or spec.codes is not None or spec.default is not None:
            return None
        return self.schema[spec.column]

    def _typed(self) -> bool:
        kind = self._kind()
        if kind is None or kind == pl.String:
            return False
        if self.field.shape in _NUMBERS:
            return kind.is_integer()
        return self.field.shape in {Shape.DAY, Shape.INSTANT, Shape.FLAG} and (kind.is_temporal() or kind == pl.Boolean)

    def _column(self, name: str, *, text: bool) -> pl.Expr:
        kind, column = self.schema[name], pl.col(name)
        if not text:
            return column
        found = plain_text(column)
        if kind.is_float():
            found = found.str.replace(r"\.0$", "")
            found = pl.when(found != "NaN").then(found)
        if self.setting.empty and kind == pl.String:
            found = pl.when(~found.is_in(list(self.setting.empty))).then(found)
        return found

    def _summed(self, spec: Spec) -> pl.Expr:
        """Columns added up and taken off, exactly, nothing counting as zero; as they stand where one is no number."""
        texts = [self._column(name, text=True) for name in (*spec.sum, *spec.less)]
        numbers = [self.number(text) for text in texts]
        bad = pl.any_horizontal(text.is_not_null() & one.is_null() for text, one in zip(texts, numbers, strict=True))
        plus, minus = numbers[: len(spec.sum)], numbers[len(spec.sum) :]
        total = pl.sum_horizontal(plus) - pl.sum_horizontal([*minus, pl.lit(0, EXACT)])
        return (
            pl.when(bad).then(pl.concat_str(texts, separator=" ", ignore_nulls=True)).otherwise(total.cast(pl.String))
        )

    def _coded(self, found: pl.Expr) -> pl.Expr:
        codes = dict(self.spec.codes or ())
        text = found.cast(pl.String)
        mapped = text.replace_strict(
            list(codes), list(codes.values()), default=self.spec.otherwise, return_dtype=pl.String
        )
        if self.spec.otherwise is not None:
            return pl.when(text.is_not_null()).then(mapped)
        # A code that the table has not is kept as it is, marked, so that it is refused and shown.
        return pl.when(text.is_in(list(codes))).then(mapped).when(text.is_not_null()).then(pl.lit("?") + text)

    # How it is read

    def quick(self, raw: pl.Expr) -> pl.Expr:
        """Typed values of clean raw ones; null where it takes more."""
        kind = self._kind()
        match self.field.shape:
            case Shape.REF | Shape.TEXT:
                return raw.cast(pl.String)
            case Shape.WORD:
                return pl.when(raw.is_in(list(self.field.words))).then(raw)
            case Shape.WORDS:
                return self._words(raw)
            case Shape.FLAG:
                return (
                    raw
                    if kind == pl.Boolean
                    else raw.cast(pl.String).replace_strict(
                        list(FLAGS), list(FLAGS.values()), default=None, return_dtype=pl.Boolean
                    )
                )
            case Shape.DAY:
                return self._day(raw, self.spec.formats[:1] or DAYS[:1])
            case Shape.INSTANT:
                return self._instant(raw, INSTANTS[:1], ())
            case _:
                if kind is not None and kind.is_integer() and self._factor() >= 1:
                    return raw.cast(pl.Int64) * self._factor()
                if self._factor() == 1 and not self.spec.sum:
                    return raw.cast(pl.Int64, strict=False)
                return self._whole(raw.cast(EXACT, strict=False))

    def patient(self, raw: pl.Expr) -> pl.Expr:
        """Typed values of raw ones that people wrote; null where they cannot be read."""
        match self.field.shape:
            case Shape.REF | Shape.TEXT:
                return raw.cast(pl.String)
            case Shape.WORD:
                word = raw.str.to_lowercase().str.replace_all(r"[ -]", "_")
                return pl.when(word.is_in(list(self.field.words))).then(word)
            case Shape.WORDS:
                return self._words(raw.str.to_lowercase().str.replace_all(r"[,;、，]\s*", " "))
            case Shape.FLAG:
                return (
                    raw.cast(pl.String)
                    .str.to_lowercase()
                    .replace_strict(list(FLAGS), list(FLAGS.values()), default=None, return_dtype=pl.Boolean)
                )
            case Shape.DAY:
                return self._day(raw, self.spec.formats or DAYS)
            case Shape.INSTANT:
                return self._instant(raw, INSTANTS, self.spec.formats or LOCAL_INSTANTS)
            case _:
                return self._whole(self.number(raw))

    def number(self, raw: pl.Expr) -> pl.Expr:
        """The decimal number that people wrote, with separators, currency signs or full-width digits."""
        noise = r"[¥￥$€£元]|%\s*$" if self.spec.unit == "percent" else r"[¥￥$€£元]"
        text = raw.cast(pl.String).str.normalize("NFKC").str.replace_all(noise, "").str.strip_chars()
        bare = text.str.replace_all(r"[,' ]", "")
        return pl.when(text.str.contains(_WRITTEN)).then(bare).cast(EXACT, strict=False)

    def _factor(self) -> int:
        unit = self.spec.unit
        if self.field.shape is Shape.RATE:
            return _RATE[unit or "ppm"] * _PER[self.spec.per]
        if unit in {None, "minor"} or self.field.shape is not Shape.MONEY:
            return 1
        minor: int = 10 ** EXPONENTS[self.setting.currency]
        return minor * (10_000 if unit == "ten_thousand" else 1)

    def _whole(self, number: pl.Expr) -> pl.Expr:
        scaled = number * self._factor()
        whole = scaled.cast(pl.Int64, strict=False)
        if self.spec.round:  # half up; amounts below zero are refused anyway
            return (scaled * 2 + 1).floor().cast(pl.Int64, strict=False) // 2
        return pl.when(scaled == whole).then(whole)

    def _words(self, raw: pl.Expr) -> pl.Expr:
        words = raw.str.split(" ").list.eval(pl.element().filter(pl.element() != ""))
        known = words.list.eval(pl.element().is_in(list(self.field.words))).list.all()
        return pl.when(known).then(words.list.join(" "))

    def _day(self, raw: pl.Expr, formats: tuple[str, ...]) -> pl.Expr:
        kind = self._kind()
        if kind == pl.Date:
            return raw
        if isinstance(kind, pl.Datetime):
            return (raw.dt.convert_time_zone(self.setting.zone) if kind.time_zone else raw).dt.date()
        text = raw.cast(pl.String)
        tried = [text.str.to_date(form, strict=False) for form in formats if form != "excel"]
        if len(formats) > 1:
            tried += [text.str.slice(0, 10).str.to_date(form, strict=False) for form in DAYS[:2]]
        if "excel" in formats:
            serial = text.cast(pl.Int64, strict=False)
            plausible = pl.when(serial.is_between(_EXCEL_FROM, _EXCEL_TO)).then(serial)
            tried.append(pl.date(1899, 12, 30) + pl.duration(days=plausible))
        return pl.coalesce(tried)

    def _instant(self, raw: pl.Expr, formats: tuple[str, ...], local: tuple[str, ...]) -> pl.Expr:
        kind = self._kind()
        if isinstance(kind, pl.Datetime):
            if kind.time_zone:
                return raw.dt.convert_time_zone("UTC").dt.cast_time_unit("us")
            return self._local(raw.cast(pl.Datetime("us")))
        if kind == pl.Date:
            return self._local(raw.cast(pl.Datetime("us")).dt.offset_by("1d").dt.offset_by("-1us"))
        text = raw.cast(pl.String)
        tried = [text.str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False) for form in formats]
        tried += [self._local(text.str.to_datetime(form, time_unit="us", strict=False)) for form in local]
        if local:
            day = text.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))
            tried.append(self._local(day.dt.offset_by("1d").dt.offset_by("-1us")))
        return pl.coalesce(tried)

    def _local(self, instant: pl.Expr) -> pl.Expr:
        zoned = instant.dt.replace_time_zone(self.setting.zone, ambiguous="earliest", non_existent="null")
        return zoned.dt.convert_time_zone("UTC")

    # What is done with it afterwards

    def moves(self) -> bool:
        """Whether the typed value is changed by the mapping."""
        spec = self.spec
        return bool(spec.add_months or spec.add_days or spec.to or spec.at_least is not None)

    def moved(self, value: pl.Expr, raw: pl.DataFrame) -> pl.Expr:
        """The typed value moved by months and days, to an end of its month, or up to a least value."""
        spec = self.spec
        if spec.add_months:
            value = value.dt.offset_by(self._span(spec.add_months, "mo", raw))
        if spec.add_days:
            value = value.dt.offset_by(self._span(spec.add_days, "d", raw))
        if spec.to == "month_end":
            value = value.dt.month_end()
        elif spec.to == "month_start":
            value = value.dt.month_start()
        if spec.at_least is not None:
            value = value.clip(lower_bound=spec.at_least)
        return value

    def _span(self, moved: int | str, unit: str, raw: pl.DataFrame) -> str | pl.Expr:
        if isinstance(moved, int):
            return f"{moved}{unit}"
        number = raw[moved].cast(pl.String).str.strip_chars().str.replace(r"\.0$", "").cast(pl.Int64, strict=False)
        return pl.lit(number.cast(pl.String) + unit)

    # How a fault is named

    def sharper(self, rule: Rule, why: str) -> tuple[Rule, str]:
        """The more precise rule that an unreadable value breaks, and why."""
        if rule is not Rule.FORM:
            return rule, why
        if self.field.shape in {Shape.WORD, Shape.WORDS} or self.spec.codes is not None:
            return Rule.CODE, f"known: {', '.join(self.field.words)}" if self.field.words else "not in the code table"
        if self.field.shape in _NUMBERS:
            unit = self.spec.unit or ("ppm" if self.field.shape is Shape.RATE else "minor")
            return Rule.WHOLE, f"read as {unit}, it has a rest"
        return rule, why
