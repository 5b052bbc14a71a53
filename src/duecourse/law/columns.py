"""The same decision for millions of contacts: one boolean column per rule, reasons as bits of a mask.

`decide_columns` asks exactly what `law.decide` asks, rule by rule and in the same order; random facts through both and
through DuckDB must agree. It is lean because most columns hold one value and most rules refuse few rows: constants and
dated values are folded into the conditions first, columns without nulls are not asked for nulls, and masks are made
only of rules that refuse something.

The result has a row per contact, in order:

- ``allowed`` (Boolean);
- ``refused_0``, ``refused_1`` … (UInt64): bit i % 64 of word i // 64 is set if the i-th rule of ``book.gate`` says no;
- ``missing_0`` … (UInt64): likewise the i-th of ``book.gate_facts``, if a rule needed it and it was missing;
- ``first`` (UInt16): the place in ``book.gate`` of the first rule that says no; null if allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import assert_never

import numpy as np
import polars as pl

from duecourse.law.condition import (
    All,
    Among,
    AnyOf,
    Choose,
    Compare,
    Expr,
    Known,
    Name,
    Not,
    Reckon,
    fold,
)
from duecourse.law.facts import FACTS, Kind, Value
from duecourse.law.rule import Rule, Version
from duecourse.law.rulebook import Rulebook
from duecourse.trouble import N_, BadInput

WORD_BITS = 64
SLICE_ROWS = 1 << 19
"""Rows asked at a time: keeps the working set in the cache and the memory flat."""

Truth = pl.Expr | bool


class WrongColumn(BadInput):
    """A fact column has a type that its fact cannot have."""

    def __init__(self, name: str, dtype: pl.DataType) -> None:
        wanted = {Kind.INT: "a whole-number type", Kind.BOOL: "Boolean", Kind.DATE: "Date", Kind.WORD: "String or Enum"}
        super().__init__(
            N_("column {name!r} is {dtype}; the fact is {kind}, so it must be {wanted}"),
            name=name,
            dtype=dtype,
            kind=FACTS[name].kind,
            wanted=wanted[FACTS[name].kind],
        )


def dtype_of(name: str) -> pl.DataType:
    """The column type in which a fact is read without conversion; a word is an Enum of its options."""
    match FACTS[name].kind:
        case Kind.WORD:
            return pl.Enum(FACTS[name].options)
        case Kind.INT:
            return pl.Int64()
        case Kind.DATE:
            return pl.Date()
        case _:
            return pl.Boolean()


def decide_columns(book: Rulebook, frame: pl.DataFrame) -> pl.DataFrame:
    """The decision for each row of a frame whose columns are facts; other columns are ignored.

    A fact without a column is missing in every row. Raises `WrongColumn`.
    """
    columns = Facts(frame, book.gate_facts)
    asked: dict[str, pl.Expr] = {}
    missing: dict[str, Truth] = {}
    for place, judge in enumerate(book.gate):
        says_no, lacking = columns.ask(judge.rule)
        for name, truth in lacking.items():
            missing[name] = either(missing.get(name, False), truth)
        if says_no is not False:
            asked[f"r{place}"] = columns.whole(says_no)
    for place, name in enumerate(book.gate_facts):
        if missing.get(name, False) is not False:
            asked[f"m{place}"] = columns.whole(missing[name])
    words = (_words(len(book.gate)), _words(len(book.gate_facts)))
    pieces = columns.frame.iter_slices(SLICE_ROWS) if columns.frame.height else [columns.frame]
    return pl.concat([_decided(piece, asked, words) for piece in pieces])


def _words(bits: int) -> int:
    return max(1, -(-bits // WORD_BITS))


def _decided(piece: pl.DataFrame, asked: dict[str, pl.Expr], words: tuple[int, int]) -> pl.DataFrame:
    found = piece.select(truth.arg_true().implode().alias(name) for name, truth in asked.items())
    masks = {
        name: np.zeros(piece.height, dtype=np.uint64)
        for name in (*(f"refused_{word}" for word in range(words[0])), *(f"missing_{word}" for word in range(words[1])))
    }
    for name in found.columns:
        place = int(name[1:])
        mask = masks[f"{'refused' if name[0] == 'r' else 'missing'}_{place // WORD_BITS}"]
        mask[found[name][0].to_numpy()] |= np.uint64(1 << place % WORD_BITS)
    refused = [pl.col(f"refused_{word}") for word in range(words[0])]
    first = [
        pl.when(one != 0).then(one.bitwise_trailing_zeros().cast(pl.UInt16) + word * WORD_BITS)
        for word, one in enumerate(refused)
    ]
    return pl.DataFrame(masks).select(
        pl.all_horizontal(one == 0 for one in refused).alias("allowed"), pl.all(), pl.coalesce(first).alias("first")
    )


class Facts:
    """The facts of a frame, read once: what is constant, what has nulls, what is not there."""

    def __init__(self, frame: pl.DataFrame, names: tuple[str, ...]) -> None:
        read = [_read(frame[name], name) for name in names if name in frame.columns]
        self.frame = frame.select(pl.repeat(value=True, n=pl.len()).alias("all")).hstack(read)
        self.constants: dict[str, Value] = {}
        self.nulls: dict[str, bool] = dict.fromkeys(names, True)  # every row lacks it
        self.some_null: set[str] = set()
        for column in read:
            nulls = column.null_count()
            if nulls == len(column):
                continue
            self.nulls[column.name] = False
            if nulls:
                self.some_null.add(column.name)
            else:
                self._note_constant(column)
        days = None if self.nulls.get("on", True) else self.frame["on"]
        self.days: tuple[date, date] | None = None if days is None else (days.min(), days.max())  # type: ignore[assignment]

    def _note_constant(self, column: pl.Series) -> None:
        low, high = column.min(), column.max()
        if low == high:
            fact = FACTS[column.name]
            value = fact.options[low] if fact.kind is Kind.WORD else low  # type: ignore[index]
            self.constants[column.name] = value  # type: ignore[assignment]

    def whole(self, truth: Truth) -> pl.Expr:
        """A truth as a column of full length."""
        if isinstance(truth, bool):
            return pl.col("all") if truth else ~pl.col("all")
        return truth

    def lacking(self, name: str) -> Truth:
        """Where a fact is missing."""
        if self.nulls.get(name, True):
            return True
        return pl.col(name).is_null() if name in self.some_null else False

    def ask(self, rule: Rule) -> tuple[Truth, dict[str, Truth]]:
        """Where the rule says no (or gives, if it is one that gives), and where it lacks which fact."""
        no_day = self.lacking("on")
        says_no: Truth = no_day
        missing: dict[str, Truth] = {"on": no_day}
        for version in rule.versions if self.days else ():
            alive = self._in_force(version, no_day)
            if alive is not False:
                says_no = either(says_no, self._ask_version(rule, version, alive, missing))
        return says_no, missing

    def in_force(self, version: Version) -> pl.Expr:
        """Where these dated values hold, as a column of full length."""
        return self.whole(self._in_force(version, self.lacking("on")) if self.days else False)

    def speaks(self, rule: Rule) -> pl.Expr:
        """Where the rule is in force and binds, whether it applies or not; as a column of full length."""
        test = fold(rule.bound, self.constants)
        bound: Truth = bool(test.value) if isinstance(test, Known) else expression(test)
        gap = some(self.lacking(name) for name in rule.stages[0].facts)
        bound = False if gap is True else _filled(bound, gap)
        days = (self._in_force(version, self.lacking("on")) for version in rule.versions if self.days)
        return self.whole(_and(bound, some(days)))

    def _in_force(self, version: Version, no_day: Truth) -> Truth:
        low, high = self.days or (date.min, date.min)
        if high < version.start or (version.end is not None and low >= version.end):
            return False
        begun: Truth = True if low >= version.start else pl.col("on") >= version.start
        ended: Truth = version.end is not None and (True if low >= version.end else pl.col("on") >= version.end)
        if version.end is not None and high < version.end:
            ended = False
        return _and(_not(no_day), _filled(_and(begun, _not(ended)), no_day))

    def _ask_version(self, rule: Rule, version: Version, alive: Truth, missing: dict[str, Truth]) -> Truth:
        says_no: Truth = False
        known = {**self.constants, **version.values}
        for stage in rule.stages:
            gaps = {name: gap for name in stage.facts if (gap := self.lacking(name)) is not False}
            for name, gap in gaps.items():
                missing[name] = either(missing.get(name, False), _and(alive, gap))
            any_gap = some(gaps.values())
            says_no = either(says_no, _and(alive, any_gap))
            if any_gap is True:
                return says_no
            test = fold(stage.test, known)
            truth: Truth = bool(test.value) if isinstance(test, Known) else expression(test)
            alive = _and(_and(alive, _not(any_gap)), _filled(truth, any_gap))
            if alive is False:
                return says_no
        for lift in rule.lifted_by:
            alive = _and(alive, self._unlifted(lift))
        return either(says_no, alive)

    def _unlifted(self, lift: str) -> Truth:
        if self.nulls.get(lift, True):
            return True
        if lift in self.constants:
            return not self.constants[lift]
        return ~pl.col(lift).fill_null(value=False)


def _read(column: pl.Series, name: str) -> pl.Series:
    """The column as the engine asks it: words as codes, what cannot be believed as null."""
    fact, dtype = FACTS[name], column.dtype
    wrong = WrongColumn(name, dtype)
    if dtype == pl.Null:
        return pl.Series(name, [None] * len(column), dtype=pl.UInt8 if fact.kind is Kind.WORD else dtype_of(name))
    if fact.kind is Kind.WORD:
        if dtype not in (pl.String, pl.Enum, pl.Categorical):
            raise wrong
        wanted = pl.Enum(fact.options)
        return (column if dtype == wanted else column.cast(pl.String).cast(wanted, strict=False)).to_physical()
    if fact.kind is Kind.INT:
        if not dtype.is_integer():
            raise wrong
        return _believable(column, fact.low, fact.high)
    if dtype != dtype_of(name):
        raise wrong
    return column


def _believable(column: pl.Series, low: int | None, high: int | None) -> pl.Series:
    least, most = column.min(), column.max()
    if least is None or ((low is None or least >= low) and (high is None or most <= high)):  # type: ignore[operator]
        return column
    inside = column.is_between(column.min() if low is None else low, column.max() if high is None else high)
    return column.to_frame().select(pl.when(inside).then(pl.col(column.name)).alias(column.name)).to_series()


def _and(a: Truth, b: Truth) -> Truth:
    if isinstance(a, bool):
        return b if a else False
    if isinstance(b, bool):
        return a if b else False
    return a & b


def either(a: Truth, b: Truth) -> Truth:
    """OR of two truths."""
    return _not(_and(_not(a), _not(b))) if isinstance(a, bool) or isinstance(b, bool) else a | b


def some(truths: Iterable[Truth]) -> Truth:
    """OR of any number of truths; false of none."""
    found: Truth = False
    for truth in truths:
        found = either(found, truth)
    return found


def _not(a: Truth) -> Truth:
    return not a if isinstance(a, bool) else ~a


def _filled(truth: Truth, gap: Truth) -> Truth:
    """The truth with false where facts are missing, so that nulls go no further."""
    return truth if isinstance(truth, bool) or gap is False else truth.fill_null(value=False)


_SIGNS = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "=": "eq", "<>": "ne"}


def expression(expr: Expr) -> pl.Expr:
    """The Polars expression of a condition; words are asked by their codes."""
    match expr:
        case Known(value):
            return pl.lit(value)
        case Name(name, _):
            return pl.col(name)
        case Among(name, options):
            codes = [FACTS[name].options.index(option) for option in options]
            return reduce(or_, (pl.col(name) == code for code in codes))
        case Not(of):
            return ~expression(of)
        case All(of):
            return reduce(pl.Expr.and_, map(expression, of))
        case AnyOf(of):
            return reduce(pl.Expr.or_, map(expression, of))
        case Compare(sign, left, right):
            found: pl.Expr = getattr(expression(left), _SIGNS[sign])(expression(right))
            return found
        case Reckon(what, of):
            return _reckon(what, [expression(part).cast(pl.Int64) for part in of])
        case Choose(branches, otherwise):
            chosen = expression(otherwise)
            for test, then in reversed(branches):
                chosen = pl.when(expression(test)).then(expression(then)).otherwise(chosen)
            return chosen
        case _:
            assert_never(expr)


def _reckon(what: str, parts: list[pl.Expr]) -> pl.Expr:
    match what:
        case "+":
            return parts[0] + parts[1]
        case "-":
            return parts[0] - parts[1]
        case "*":
            return parts[0] * parts[1]
        case "abs":
            return parts[0].abs()
        case "least":
            return pl.min_horizontal(parts)
        case _:
            return pl.max_horizontal(parts)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row is refused: the rule, and the facts it lacked (empty if it refused on what it knew)."""

    rule: Rule
    missing: tuple[str, ...]


def decode(book: Rulebook, row: Mapping[str, object]) -> tuple[Reason, ...]:
    """The reasons of a row of `decide_columns`, in the rulebook's order.

    A rule that lacked facts names those of the first question it could not ask, as `law.judge` does.
    """
    refused, missing = _bits(row, "refused"), _bits(row, "missing")
    lacking = {name for place, name in enumerate(book.gate_facts) if missing >> place & 1}
    return tuple(
        Reason(judge.rule, _lacked(judge.rule, lacking))
        for place, judge in enumerate(book.gate)
        if refused >> place & 1
    )


def _lacked(rule: Rule, lacking: set[str]) -> tuple[str, ...]:
    for needed in (("on",), *(stage.facts for stage in rule.stages)):
        if found := tuple(name for name in needed if name in lacking):
            return found
    return ()


def _bits(row: Mapping[str, object], prefix: str) -> int:
    words = sorted(
        (int(name.rpartition("_")[2]), value) for name, value in row.items() if name.startswith(f"{prefix}_")
    )
    return sum(int(value) << (WORD_BITS * word) for word, value in words)  # type: ignore[call-overload]
