"""A bank statement as values: its account, its balances, its lines; and what is wrong with a row.

Amounts are minor units and never negative; whether money came in or went out stands beside them. Names, accounts and
texts are somebody's personal data: they never stand in a ``repr`` or in a message.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from duecourse.core.money import MINOR_MAX, exponent
from duecourse.trouble import N_, BadInput

TEXT_MAX = 1_000
REF_MAX = 128
_NUMBER = re.compile(r"([+-]?)(\d{1,18})(?:\.(\d{0,6}))?")
_NOISE = re.compile(r"[\s'’¥￥$€£元]")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")


class Format(StrEnum):
    """How a statement is written."""

    CSV = "csv"  # a table, read by a mapping
    CAMT = "camt053"  # ISO 20022 bank-to-customer statement
    MT940 = "mt940"  # SWIFT customer statement


class Rule(StrEnum):
    """What a row of a statement must keep."""

    FORM = "form"  # the value cannot be read as what the field is
    MISSING = "missing"  # a needed value is empty
    RANGE = "range"  # outside what is reckoned with
    CURRENCY = "currency"  # another currency than its account's
    WHOLE = "whole"  # the amount has a rest below the smallest unit
    BALANCE = "balance"  # the balance beside it is not the one before it and the amount
    PARTS = "parts"  # the parts of an entry do not add up to it


class Unreadable(BadInput):
    """A file that is no statement of this kind."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(N_("statement {name} cannot be read: {why}; nothing was taken from it"), name=name, why=why)


class NotBalanced(BadInput):
    """Opening balance and lines do not give the closing balance."""

    def __init__(self, name: str, statement: str, gives: str, says: str) -> None:
        super().__init__(
            N_(
                "statement {statement} in {name} does not add up: opening balance and lines give {gives}, the closing "
                "balance is {says}. Nothing was taken from the file: a line is missing, doubled or altered; fetch the "
                "statement from the bank anew"
            ),
            name=name, statement=statement, gives=gives, says=says,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Money that came in or went out. ``row`` is its place in the file, counted from 1."""

    row: int
    incoming: bool
    minor: int
    value_day: date
    reference: str  # the bank's own name for it, empty where it gives none
    end_to_end: str = field(default="", repr=False)  # what the payer named it
    text: str = field(default="", repr=False)
    name: str = field(default="", repr=False)  # of the other side
    account: str = field(default="", repr=False)  # of the other side
    credited: str = field(default="", repr=False)  # the account of ours that was named, where it is a virtual one
    reversal: bool = False  # an earlier line is taken back: a debit that bounced, a payment recalled
    reason: str = ""  # the bank's code for that


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One account over some days. Balances are None where the bank gives none."""

    account: str = field(repr=False)
    currency: str
    name: str  # the bank's own name or number for it
    opening: int | None
    closing: int | None
    lines: tuple[Line, ...]

    @property
    def moved(self) -> int:
        """What the lines add to the balance."""
        return sum(one.minor if one.incoming else -one.minor for one in self.lines)

    @property
    def difference(self) -> int | None:
        """What the closing balance says beyond opening balance and lines; None where they are not both known."""
        if self.opening is None or self.closing is None:
            return None
        return self.closing - self.opening - self.moved


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a row. ``why`` never quotes a value."""

    row: int
    field: str
    rule: Rule
    why: str


@dataclass(frozen=True, slots=True)
class Read:
    """What a file holds: statements, rows that are wrong, and how many entries the bank itself has not booked yet."""

    format: Format
    statements: tuple[Statement, ...]
    flaws: tuple[Flaw, ...]
    unbooked: int = 0


class NotAnAmount(ValueError):
    """A text that is no amount; ``rule`` says in which way."""

    def __init__(self, rule: Rule, why: str) -> None:
        self.rule = rule
        super().__init__(why)


def minor_of(text: str, currency: str, *, unit: str = "major", comma: bool = False) -> int:
    """The minor units of an amount as a bank writes it, with its sign; raises `NotAnAmount`.

    ``comma``: the decimal sign is a comma, as SWIFT has it. No rounding: a rest below the smallest unit is refused.

    >>> minor_of("1,234.5", "CNY"), minor_of("-0.05", "CNY"), minor_of("12,", "CNY", comma=True), minor_of("7", "JPY")
    (123450, -5, 1200, 7)
    """
    bare = _NOISE.sub("", unicodedata.normalize("NFKC", text))
    if comma:
        bare = bare.replace(",", ".")
    elif _GROUPED.fullmatch(bare):
        bare = bare.replace(",", "")
    found = _NUMBER.fullmatch(bare)
    if found is None:
        raise NotAnAmount(Rule.FORM, N_("it is no number such as 1234.50"))
    sign, whole, part = found[1], found[2], (found[3] or "").rstrip("0")
    places = exponent(currency) if unit == "major" else 0
    if len(part) > places:
        raise NotAnAmount(Rule.WHOLE, N_("it has a rest below the smallest unit of the currency"))
    minor = int(whole + part.ljust(places, "0"))
    if minor > MINOR_MAX:
        raise NotAnAmount(Rule.RANGE, N_("it is above any amount that is reckoned with"))
    return -minor if sign == "-" else minor


def tidy(text: str | None, most: int = TEXT_MAX) -> str:
    """A text of a bank in one line, without control characters, at most so long."""
    flat = "".join(char if char.isprintable() else " " for char in text or "")
    return " ".join(flat.split())[:most]
