"""What a figure is: columns by which it is divided, measures that are summed, shares of two measures, its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import LiteralString

import polars as pl

from duecourse.book.store import Store
from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput


class Unit(StrEnum):
    """What a measure counts."""

    LOANS = "loans"
    CASES = "cases"
    CONTACTS = "contacts"
    PROPOSALS = "proposals"
    REQUESTS = "requests"  # requests to the gate
    PROMISES = "promises"
    PAYMENTS = "payments"
    HOLDS = "holds"
    BREAKS = "breaks"
    ROWS = "rows"  # rows of a tape
    DAYS = "days"
    TURNS = "turns"  # of a text or a call
    PPM = "ppm"
    MINOR = "minor"  # minor units of the currency of the same row


class Over(StrEnum):
    """What a figure's day means, and so whether days may be added up."""

    STATE = "state"  # how things stood on that day: days are compared, never added up
    EVENTS = "events"  # what happened on that day: days may be added up


class Shows(StrEnum):
    """What a column holds, so that it can be put in words, formatted and linked."""

    DAY = "day"
    INSTANT = "instant"
    WORD = "word"  # a word of a closed list
    RULE = "rule"
    TEXT = "text"
    NUMBER = "number"
    MINOR = "minor"
    FLAG = "flag"
    CASE = "case"
    PERSON = "person"
    LOAN = "loan"
    PERMIT = "permit"
    CONTACT = "contact"
    COLLECTOR = "collector"


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages."""

    zh: str
    en: str

    def said(self, lang: str) -> str:
        """The text in ``zh`` or ``en``."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a figure: what divides it, or what a row of it says."""

    name: str
    says: Text
    shows: Shows = Shows.WORD


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of each row; the figure is its sum."""

    name: str
    says: Text
    unit: Unit


@dataclass(frozen=True, slots=True)
class Share:
    """One measure as a part of another; whoever shows it divides."""

    name: str
    says: Text
    part: str
    whole: str


@dataclass(frozen=True, slots=True)
class Span:
    """The days asked about, both ends included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Ground:
    """Where rows are read: the desk's transaction, the lender's book, and the instant up to which facts count."""

    tx: Tx
    store: Store
    now: datetime
    threads: int = 2
    progress: Callable[[int, int], None] = field(default=lambda _done, _of: None, repr=False)


Frames = Callable[[Ground, Span], pl.DataFrame]
"""Gives a figure's rows from the book: its dimensions, measures, keys and details as columns."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. ``rows`` is its definition: SQL over the desk, or a function over the book.

    SQL gives a column for each dimension, measure, key and detail, for ``%(lender)s`` and days between ``%(first)s``
    and ``%(last)s``; ``%(now)s`` is the instant up to which facts count. The first dimension is the day.
    """

    name: str
    says: Text
    defines: Text
    over: Over
    dimensions: tuple[Column, ...]
    measures: tuple[Measure, ...]
    keys: tuple[Column, ...]  # with the dimensions they name a row
    rows: LiteralString | Frames = field(repr=False)
    details: tuple[Column, ...] = ()
    shares: tuple[Share, ...] = ()
    person: str | None = None  # the column that names the borrower, whose case and masked name stand beside each row
    by_run: bool = False  # fixed by the published run of the day; else what is learnt later still changes it
    revision: int = (
        1  # of a definition in Python, raised when what it means changes: what was prepared by another is stale
    )

    @property
    def columns(self) -> tuple[Column | Measure, ...]:
        """Everything that a row of it says, in order."""
        return (*self.dimensions, *self.measures, *self.keys, *self.details)

    @property
    def definition(self) -> bytes:
        """SHA-256 of what the figure means; cells prepared under another one are not shown."""
        divided, summed = ([one.name for one in self.dimensions], [one.name for one in self.measures])
        shape = [self.name, str(self.revision), *divided, *summed]
        text = self.rows if isinstance(self.rows, str) else ""
        return sha256("\n".join([*shape, text]).encode()).digest()

    def dimension(self, name: str) -> Column:
        """A dimension by its name; raises `NoSuchDimension`."""
        for one in self.dimensions:
            if one.name == name:
                return one
        raise NoSuchDimension(self, name)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a figure: where it stands, and its measures."""

    at: Mapping[str, str]
    of: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a figure: days, the dimensions that divide it, and the values that it is narrowed to."""

    span: Span
    by: tuple[str, ...]
    where: tuple[tuple[str, str], ...] = ()


class NoSuchDimension(BadInput):
    """A figure is not divided by this."""

    def __init__(self, figure: Figure, name: str) -> None:
        known = ", ".join(one.name for one in figure.dimensions)
        super().__init__(
            N_("figure {figure} is not divided by {name!r}; it is divided by {known}"),
            figure=figure.name,
            name=name,
            known=known,
        )


class BadSpan(BadInput):
    """Days that cannot be asked about."""

    def __init__(self, first: date, last: date, most: int) -> None:
        super().__init__(
            N_("from {first} to {last} cannot be asked: the first day goes before the last, at most {most} days"),
            first=first,
            last=last,
            most=most,
        )


class BadWhere(BadInput):
    """A condition that is not NAME=VALUE."""

    def __init__(self, text: str) -> None:
        super().__init__(N_("{text!r} does not narrow a figure: write DIMENSION=VALUE, such as stage=M1"), text=text)


SPAN_MAX = 1_100
"""Days that one question may reach over: three years of month ends."""


def span(first: date, last: date) -> Span:
    """Days to ask about; raises `BadSpan`."""
    if first > last or (last - first).days >= SPAN_MAX:
        raise BadSpan(first, last, SPAN_MAX)
    return Span(first, last)


def asked(figure: Figure, days: Span, *, by: Sequence[str] = (), where: Sequence[str] = ()) -> Asked:
    """A question put to a figure, checked; ``by`` empty: all of its dimensions. Raises `NoSuchDimension`, `BadWhere`.

    A figure that says how things stood is always divided by day.
    """
    names = list(dict.fromkeys(by)) or [one.name for one in figure.dimensions]
    day = figure.dimensions[0].name
    if figure.over is Over.STATE and day not in names:
        names.insert(0, day)
    narrowed = []
    for one in where:
        name, sign, value = one.partition("=")
        if not sign:
            raise BadWhere(one)
        narrowed.append((figure.dimension(name).name, value))
    ordered = [one.name for one in figure.dimensions if one.name in {figure.dimension(name).name for name in names}]
    return Asked(days, tuple(ordered), tuple(narrowed))
