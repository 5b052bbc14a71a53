"""Dated tables of numbers published elsewhere, such as the LPR: the value in force on a day, or which value is missing.

A table is one YAML file in its pack: ``series`` (id), ``says``, ``unit``, ``fills``, ``known`` and ``rows``. A row's
value holds from its day until the next row. After the last row nothing is known, not even on the day after it: a later
publication that the table does not have may already hold, and the last known value never stands in for it.

``fills`` names the facts that a table gives and, for each, the fact that holds the day to look up, and the first day
for which it is looked up where a rule counts no earlier one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from duecourse.law.document import Node
from duecourse.law.fact import Kind, Value
from duecourse.law.facts import FACTS
from duecourse.law.terms import Grade

_KEYS = ("series", "says", "source", "unit", "fills", "known", "rows")


@dataclass(frozen=True, slots=True)
class Entry:
    """A value of a table and the day from which it holds."""

    start: date
    value: int
    grade: Grade  # how well the row is known
    known: str  # from where


@dataclass(frozen=True, slots=True)
class Gap:
    """A value that a table does not have: the day asked, and the days over which the table is known."""

    series: str
    unit: str
    fact: str
    day: date
    begins: date
    reaches: date

    def says(self, lang: str) -> str:
        """What is missing and what to do, in one sentence.

        >>> Gap("cn.lpr_1y", "", "", date(2026, 8, 5), date(2019, 8, 20), date(2026, 6, 22)).says("zh")
        'cn.lpr_1y 没有 2026-08-05 的数值：该表止于 2026-06-22，缺 2026-07 起公布的数值'
        """
        if self.day < self.begins:
            if lang == "zh":
                return f"{self.series} 没有 {self.day} 的数值：该表自 {self.begins} 起"
            return f"{self.series} has no value for {self.day}: it begins with {self.begins}"
        month = (self.reaches.replace(day=1) + timedelta(days=31)).strftime("%Y-%m")
        if lang == "zh":
            return f"{self.series} 没有 {self.day} 的数值：该表止于 {self.reaches}，缺 {month} 起公布的数值"
        return (
            f"{self.series} has no value for {self.day}: it ends with {self.reaches}, "
            f"and what was published from {month} on is missing"
        )


@dataclass(frozen=True, slots=True)
class Series:
    """One table, read and checked; rows in order of time."""

    id: str
    says: dict[str, str]
    source: str
    unit: str
    fills: tuple[tuple[str, str, date], ...]  # fact, the fact that holds its day, the first day looked up
    rows: tuple[Entry, ...]
    file: str

    def value_on(self, day: date, fact: str = "") -> Entry | Gap:
        """The entry that holds on a day, or what is missing."""
        first, last = self.rows[0].start, self.rows[-1].start
        if not first <= day <= last:
            return Gap(self.id, self.unit, fact, day, first, last)
        return self.rows[bisect_right(self.rows, day, key=lambda row: row.start) - 1]


def read_series(node: Node, pack: str) -> Series:
    """The table that a file holds. Raises `Flaw`."""
    held = node.mapping(_KEYS, _KEYS)
    name = held["series"].text()
    if not name.startswith(f"{pack.replace('-', '_')}."):
        raise node.flaw(f"series {name!r} of pack {pack} must begin with its name", "series")
    fills = tuple(_fill(one) for one in held["fills"].items())
    known = [_known(one) for one in held["known"].items()]
    rows: list[Entry] = []
    for one in held["rows"].items():
        row = one.mapping(("from", "value"), ("from", "value"))
        start, value = row["from"].day(), row["value"].number()
        if rows and start <= rows[-1].start:
            raise one.flaw(f"from: {start} does not come after {rows[-1].start}; rows stand in order of time", "from")
        told = [(grade, said) for begins, grade, said in known if begins <= start]
        if not told:
            raise one.flaw(f"nothing under `known` says from where the value of {start} is known", "from")
        rows.append(Entry(start, value, *told[-1]))
    if not rows:
        raise node.flaw("a table has at least one row", "rows")
    return Series(name, held["says"].both(), held["source"].text(), held["unit"].text(), fills, tuple(rows), node.file)


def _fill(node: Node) -> tuple[str, str, date]:
    held = node.mapping(("fact", "day", "from"), ("fact", "day"))
    fact, day = held["fact"].one_of(tuple(FACTS)), held["day"].one_of(tuple(FACTS))
    if FACTS[fact].kind is not Kind.INT or FACTS[day].kind is not Kind.DATE:
        raise node.flaw(f"{fact} must be a whole number and {day} a date")
    return fact, day, held["from"].day() if "from" in held else date.min


def _known(node: Node) -> tuple[date, Grade, str]:
    held = node.mapping(("from", "grade", "by"), ("from", "grade", "by"))
    return held["from"].day(), Grade(held["grade"].one_of(tuple(Grade))), held["by"].text()


def filled(tables: Iterable[Series], facts: Mapping[str, Value]) -> tuple[dict[str, Value], tuple[Gap, ...]]:
    """The facts with what the tables give for the days among them, and what the tables do not reach.

    What a table gives goes before what was said: nobody types a published number.
    """
    known, gaps = dict(facts), []
    for table in tables:
        for fact, day, begins in table.fills:
            asked = known.get(day)
            if not isinstance(asked, date) or asked < begins:
                known.pop(fact, None)
                continue
            found = table.value_on(asked, fact)
            if isinstance(found, Gap):
                known.pop(fact, None)
                gaps.append(found)
            else:
                known[fact] = found.value
    return known, tuple(gaps)


def looked_up(tables: Iterable[Series], facts: Mapping[str, Value]) -> tuple[tuple[Series, Entry], ...]:
    """The tables that give facts here, each with the entry that holds: for whoever asks how well it is known."""
    found: dict[tuple[str, date], tuple[Series, Entry]] = {}
    for table in tables:
        for fact, day, _ in table.fills:
            asked = facts.get(day)
            entry = table.value_on(asked) if fact in facts and isinstance(asked, date) else None
            if isinstance(entry, Entry):
                found[table.id, entry.start] = (table, entry)
    return tuple(found.values())
