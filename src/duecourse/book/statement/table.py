"""A statement as a table (CSV, XLSX), by a mapping file: which column is what, and how money in is told from money out.

    statement: some_bank
    account: "6222 0000 0000 0001"            # ours; or {column: 本方账号}
    currency: CNY
    encoding: gb18030                         # left out: found
    fields:
      value_day: {column: 交易日期, format: "%Y%m%d"}
      amount: {column: 交易金额, unit: major}   # signed; with `side`, without a sign
      side: {column: 借贷标志, in: [贷], out: [借]}
      reference: 交易流水号
      name: 对方户名
      account: 对方账号
      text: [摘要, 附言]
      balance: 账户余额

In place of ``amount`` and ``side`` there may be two columns, ``incoming`` and ``outgoing``. Where each row has a
balance, every one of them is proved from the one before. `docs/payments.md` describes every word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

import polars as pl
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from duecourse.book.statement.line import (
    REF_MAX,
    Flaw,
    Format,
    Line,
    NotAnAmount,
    Read,
    Rule,
    Statement,
    Unreadable,
    minor_of,
    tidy,
)
from duecourse.book.tape import readers
from duecourse.book.tape.mapping import ENCODINGS, near
from duecourse.core.money import EXPONENTS
from duecourse.law.document import twice
from duecourse.trouble import N_, BadInput, Said

DAYS = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日")


class BadBankMapping(BadInput):
    """A mapping of a bank's table that cannot be used."""

    def __init__(self, name: str, where: str | Said, why: str | Said) -> None:
        super().__init__(N_("mapping {name}, at {where}: {why}"), name=name, where=where or "-", why=why)


def _columns(given: object) -> object:
    """One column or several, as a list."""
    return [given] if isinstance(given, str) else given


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)


class Amount(_Part):
    """A column of money."""

    column: str
    unit: Literal["major", "minor"] = "major"


class Day(_Part):
    """A column of days; without ``format`` the usual forms are tried."""

    column: str
    format: str | None = None


class Side(_Part):
    """The column that says whether money came in or went out, and by which words."""

    column: str
    incoming: Annotated[list[str], Field(alias="in", min_length=1)]
    outgoing: Annotated[list[str], Field(alias="out", min_length=1)]


class FromColumn(_Part):
    """A value that stands in each row."""

    column: str


_AMOUNT = BeforeValidator(lambda given: {"column": given} if isinstance(given, str) else given)
Texts = Annotated[list[str], BeforeValidator(_columns)]


class Fields(_Part):
    """Which column is what."""

    value_day: Annotated[Day, _AMOUNT]
    amount: Annotated[Amount, _AMOUNT] | None = None
    side: Side | None = None
    incoming: Annotated[Amount, _AMOUNT] | None = None
    outgoing: Annotated[Amount, _AMOUNT] | None = None
    reference: str | None = None
    end_to_end: str | None = None
    name: str | None = None
    account: str | None = None
    credited: str | None = None
    text: Texts = Field(default_factory=list)
    balance: Annotated[Amount, _AMOUNT] | None = None

    @model_validator(mode="after")
    def _money(self) -> Fields:
        either = self.incoming is not None or self.outgoing is not None
        both = self.incoming is not None and self.outgoing is not None
        if either == both and both == (self.amount is None) and not (both and self.side):
            return self
        raise ValueError("give `amount` (with `side` where it has no sign), or both `incoming` and `outgoing`")

    def columns(self) -> list[str]:
        """Every column that is named."""
        parts = (self.value_day, self.amount, self.side, self.incoming, self.outgoing, self.balance)
        plain = (self.reference, self.end_to_end, self.name, self.account, self.credited)
        return [*(one.column for one in parts if one), *(one for one in plain if one), *self.text]


class BankMapping(_Part):
    """How a bank's table is read."""

    statement: str
    account: str | FromColumn
    currency: str
    encoding: str | None = None
    delimiter: str | None = None
    fields: Fields

    @model_validator(mode="after")
    def _known(self) -> BankMapping:
        if self.currency not in EXPONENTS:
            raise ValueError(f"currency {self.currency!r} is not known")
        if self.encoding is not None and self.encoding not in ENCODINGS:
            raise ValueError(f"encoding {self.encoding!r} is not known; known: {', '.join(ENCODINGS)}")
        return self


def load(path: Path) -> BankMapping:
    """Read a mapping; raises `BadBankMapping` or an OSError."""
    return parse(path.read_text(encoding="utf-8"), path.name)


def parse(text: str, name: str) -> BankMapping:
    """Read a mapping from text; raises `BadBankMapping`."""
    try:
        again = twice(yaml.compose(text, Loader=yaml.SafeLoader))
        plain = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = Said(N_("line {line}"), line=mark.line + 1) if mark else ""
        raise BadBankMapping(name, where, N_("it is no YAML")) from None
    if again:
        stands = Said(N_("{name!r} stands twice, first in line {first}"), name=again[0], first=again[2])
        raise BadBankMapping(name, Said(N_("line {line}"), line=again[1]), stands)
    try:
        return BankMapping.model_validate(plain)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(one) for one in first["loc"])
        raise BadBankMapping(name, where, first["msg"].removeprefix("Value error, ")) from None


@dataclass(frozen=True, slots=True)
class _Row:
    """A row under its headings."""

    number: int
    cells: Mapping[str, object]

    def text(self, column: str | None, most: int = REF_MAX) -> str:
        value = self.cells.get(column) if column else None
        return tidy(None if value is None else str(value), most)


class _WrongRow(Exception):
    """A row that cannot be read."""

    def __init__(self, field: str, rule: Rule, why: str) -> None:
        self.flaw = (field, rule, why)
        super().__init__(field)


def read(path: Path, mapping: BankMapping) -> Read:
    """The statements of a table, one for each account in it; raises `Unreadable`, `BadBankMapping` and more."""
    frame = readers.read(path, encoding=mapping.encoding, delimiter=mapping.delimiter)
    named = mapping.fields.columns()
    named += [mapping.account.column] if isinstance(mapping.account, FromColumn) else []
    for column in named:
        if column not in frame.columns:
            why = Said(
                N_("the file has no column {column!r}{near}"), column=column, near=near(column, frame.columns[1:])
            )
            raise BadBankMapping(mapping.statement, column, why)
    flaws: list[Flaw] = []
    lines: dict[str, list[tuple[Line, int | None]]] = {}
    for cells in frame.with_columns(pl.col(pl.String).str.strip_chars()).iter_rows(named=True):
        row = _Row(int(cells[readers.ROW]), cells)
        if not any(row.text(column) for column in named):
            continue  # a blank row below the table
        try:
            account = _account(row, mapping)
            lines.setdefault(account, []).append((_line(row, mapping), _balance(row, mapping)))
        except _WrongRow as wrong:
            flaws.append(Flaw(row.number, *wrong.flaw))
    if not lines and not flaws:
        raise Unreadable(path.name, N_("it has no row below its heading"))
    made = [_statement(account, mapping, found, flaws) for account, found in lines.items()]
    return Read(Format.CSV, tuple(made), tuple(sorted(flaws, key=lambda one: one.row)))


def _account(row: _Row, mapping: BankMapping) -> str:
    account = row.text(mapping.account.column) if isinstance(mapping.account, FromColumn) else mapping.account.strip()
    if not account:
        raise _WrongRow("account", Rule.MISSING, N_("the account of ours is empty"))
    return account


def _line(row: _Row, mapping: BankMapping) -> Line:
    fields = mapping.fields
    signed = _signed(row, fields, mapping.currency)
    if signed == 0:
        raise _WrongRow("amount", Rule.RANGE, N_("it is nothing"))
    return Line(
        row=row.number, incoming=signed > 0, minor=abs(signed), value_day=_day(row, fields.value_day),
        reference=row.text(fields.reference), end_to_end=row.text(fields.end_to_end),
        text=tidy(" ".join(row.text(one, 1_000) for one in fields.text)), name=row.text(fields.name),
        account=row.text(fields.account), credited=row.text(fields.credited),
    )  # fmt: skip


def _signed(row: _Row, fields: Fields, currency: str) -> int:
    if fields.amount is None:
        came, went = _money(row, fields.incoming, currency), _money(row, fields.outgoing, currency)
        if (came and went) or (came is None and went is None):
            raise _WrongRow("amount", Rule.MISSING, N_("either money in or money out must be filled, not both"))
        return (came or 0) - abs(went or 0)
    minor = _money(row, fields.amount, currency)
    if minor is None:
        raise _WrongRow("amount", Rule.MISSING, N_("there is no amount"))
    if fields.side is None:
        return minor
    word = row.text(fields.side.column)
    if word not in {*fields.side.incoming, *fields.side.outgoing}:
        raise _WrongRow("side", Rule.FORM, N_("the word is in neither list of the mapping"))
    return abs(minor) if word in fields.side.incoming else -abs(minor)


def _money(row: _Row, part: Amount | None, currency: str) -> int | None:
    text = row.text(part.column) if part else ""
    if part is None or text in {"", "-", "--"}:
        return None
    try:
        return minor_of(text, currency, unit=part.unit)
    except NotAnAmount as error:
        raise _WrongRow(part.column, error.rule, str(error)) from None


def _balance(row: _Row, mapping: BankMapping) -> int | None:
    return _money(row, mapping.fields.balance, mapping.currency)


def _day(row: _Row, part: Day) -> date:
    value = row.cells.get(part.column)
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = row.text(part.column)
    if not text:
        raise _WrongRow("value_day", Rule.MISSING, N_("there is no day"))
    for form in (part.format,) if part.format else DAYS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise _WrongRow("value_day", Rule.FORM, N_("it is no day; give its form in the mapping (`format:`)"))


def _statement(
    account: str, mapping: BankMapping, found: Sequence[tuple[Line, int | None]], flaws: list[Flaw]
) -> Statement:
    """The rows of one account in order of time, with the balances that they prove."""
    lines, wrong = list(found), {one.row for one in flaws}
    if len(_broken(lines, wrong)) > len(_broken(lines[::-1], wrong)):  # the newest row stands first
        lines.reverse()
    broken = {line.row for line in _broken(lines, wrong)}
    flaws += [
        Flaw(row, "balance", Rule.BALANCE, N_("it is not the balance before it and the amount")) for row in broken
    ]
    kept = [each for each in lines if each[0].row not in broken]
    proved = bool(kept) and not flaws and kept[0][1] is not None and kept[-1][1] is not None
    return Statement(
        account=account, currency=mapping.currency, name="", opening=_before(kept[0]) if proved else None,
        closing=kept[-1][1] if proved else None, lines=tuple(line for line, _ in kept),
    )  # fmt: skip


def _before(row: tuple[Line, int | None]) -> int:
    line, balance = row
    return (balance or 0) - (line.minor if line.incoming else -line.minor)


def _broken(rows: Sequence[tuple[Line, int | None]], wrong: set[int]) -> list[Line]:
    """Rows whose balance does not follow; where a row between them could not be read, nobody can tell."""
    return [
        row[0]
        for earlier, row in pairwise(rows)
        if earlier[1] is not None and row[1] is not None and _before(row) != earlier[1]
        and not any(min(earlier[0].row, row[0].row) < one < max(earlier[0].row, row[0].row) for one in wrong)
    ]  # fmt: skip
