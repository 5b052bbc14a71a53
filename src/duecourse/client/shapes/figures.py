"""What the API takes and answers: figures.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell: where it stands, and its measures as whole numbers."""

    at: Mapping[str, str]
    of: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """What a figure says over some days."""

    figure: str
    first: date
    last: date
    by: tuple[str, ...]
    where: tuple[str, ...]
    prepared_at: datetime | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """What divides a figure."""

    name: str
    says: Text
    shows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What a figure means."""

    name: str
    says: Text
    defines: Text
    over: str
    dimensions: tuple[Dimension, ...]
    measures: tuple[Measure, ...]
    shares: tuple[Share, ...]
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All figures."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number of a figure, and what it counts."""

    name: str
    says: Text
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows behind a figure: ids as text, amounts in minor units, names masked."""

    figure: str
    rows: tuple[Mapping[str, Any], ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One measure as a part of another; divide when you show it."""

    name: str
    says: Text
    part: str
    whole: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text in both languages."""

    zh: str
    en: str
