"""Reading figures for a page: which days, which cells, the words of their values, and where each number leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from duecourse.book.strategy import read_strategy
from duecourse.casework.figures import asking
from duecourse.casework.figures.book import COSTLY, first_day
from duecourse.casework.figures.figure import Asked, Cell, Column, Figure, Ground, Over, Shows, Span, asked, span
from duecourse.law import wording
from duecourse.law.rule import Rule
from duecourse.storage import runs, strategies
from duecourse.storage.connection import Tx
from duecourse.web import fields
from duecourse.web.visit import Visit

DAYS = 30
LEAVE_ALONE = "leave_alone"


@dataclass(frozen=True, slots=True)
class Reader:
    """A page's look at the figures: one transaction, the last published day, the lender's currency."""

    visit: Visit
    ground: Ground
    ran: date

    @property
    def tx(self) -> Tx:
        """The transaction."""
        return self.ground.tx

    def cells(
        self, name: str, *, by: Sequence[str], where: Sequence[str] = (), days: Span | None = None
    ) -> tuple[Cell, ...]:
        """The cells of a figure over some days; of a figure that was never prepared, none."""
        of = asking.figure(name)
        try:
            return asking.answer(
                of, asked(of, days or self.usual(of), by=by, where=where), self.ground, since=self.ran, costly=False
            ).cells
        except asking.NotPrepared:
            return ()

    def usual(self, of: Figure) -> Span:
        """The days a figure is shown for where nobody chose any."""
        if of.over is Over.STATE:
            return Span(self.ran, self.ran)
        if of.name in COSTLY:
            return Span(first_day(self.ran), self.ran)
        return Span(self.ran - timedelta(days=DAYS - 1), max(self.ran, self.last_day))

    def treatments(self, name: str) -> str:
        """A treatment in the reader's language, as the strategy of the last run says it."""
        if name == LEAVE_ALONE:
            return self.visit.say("left alone")
        manifest: Any = runs.published(self.tx, self.ran).manifest or {}
        used = manifest.get("inputs", {}).get("strategy")
        kept = strategies.get(self.tx, used["name"], used["kept_version"]) if used else None
        words = _treatments(kept.content) if kept else {}
        return words[name][self.visit.lang] if name in words else self.visit.say(name.replace("_", " "))

    def left_alone(self, rule: str) -> str:
        """Why a strategy never touches such a case, in its own words; empty where the rule is no strategy's."""
        strategy, sign, name = rule.partition(":never.")
        number = strategy.rpartition("@")[2]
        if not sign or not number.isdecimal():
            return ""
        for one in strategies.every(self.tx):
            said = _never(one.content).get(name)
            if said and f"{one.strategy_id}@" == strategy.removesuffix(number):
                return said[self.visit.lang]
        return ""

    def refusing(self, name: str, known: Mapping[str, Rule]) -> tuple[str, str]:
        """What refused, in words, and where that stands: a strategy, a law, a fact that is missing, the gate itself."""
        visit = self.visit
        if alone := self.left_alone(name):
            return alone, visit.say("strategy {strategy}", strategy=name.partition(":")[0])
        if name in known:
            return known[name].says[visit.lang], wording.cited(known[name].source, visit.lang)
        if name.startswith("missing "):
            return visit.say("Missing: {fact}", fact=wording.meaning(name.removeprefix("missing "), visit.lang)), ""
        if name.startswith("gate."):
            return visit.say(name.removeprefix("gate.").replace("_", " ")), visit.say("the gate itself")
        return name, ""

    @property
    def last_day(self) -> date:
        """Today at the lender, where the last run is not long ago; else the last run's day: a demo's days are past."""
        today = self.visit.today
        return today if today - self.ran < timedelta(days=35) else self.ran


@lru_cache(maxsize=32)
def _treatments(content: str) -> dict[str, Mapping[str, str]]:
    return {one.name: one.says for one in read_strategy(content, "kept").treatments}


@lru_cache(maxsize=32)
def _never(content: str) -> dict[str, Mapping[str, str]]:
    return {one.name: one.says for one in read_strategy(content, "kept").never}


@contextmanager
def reading(visit: Visit) -> Iterator[Reader | None]:
    """A reader of figures for a page, or None where no day was run yet."""
    with visit.transaction() as tx:
        ran = runs.last_day(tx)
        yield None if ran is None else Reader(visit, Ground(tx, visit.parts.store(tx.lender_id), visit.now), ran)


def chosen(visit: Visit, of: Figure, reader: Reader) -> Asked:
    """What the address asks of a figure: ``from``, ``to``, ``by`` (several), ``where`` (several)."""
    usual = reader.usual(of)
    days = span(_day(visit, "from", usual.first), _day(visit, "to", usual.last))
    return asked(of, days, by=visit.query.getlist("by"), where=visit.query.getlist("where"))


def _day(visit: Visit, name: str, usual: date) -> date:
    text = visit.query.get(name, "")
    return fields.day(text, name) if text else usual


def rows_path(name: str, days: Span, at: Mapping[str, str] | None = None, where: Sequence[str] = ()) -> str:
    """Where a number leads: the rows that make it."""
    narrowed = [*where, *(f"{key}={value}" for key, value in (at or {}).items())]
    query = [("from", days.first.isoformat()), ("to", days.last.isoformat()), *(("where", one) for one in narrowed)]
    return f"/figures/{name}/rows?{urlencode(query)}"


def figure_path(name: str, days: Span | None = None, by: Sequence[str] = (), where: Sequence[str] = ()) -> str:
    """The page of a figure, divided and narrowed."""
    query: list[tuple[str, str]] = []
    if days:
        query += [("from", days.first.isoformat()), ("to", days.last.isoformat())]
    query += [("by", one) for one in by] + [("where", one) for one in where]
    return f"/figures/{name}" + (f"?{urlencode(query)}" if query else "")


def said(visit: Visit, column: Column, value: Any) -> str:  # noqa: ANN401 - a value of any column
    """A value of a column in the reader's words."""
    if value is None or value == "":
        return visit.say("none")
    if column.shows is Shows.WORD:
        return visit.say(str(value).replace("_", " "))
    return str(value)


def summed(cells: Sequence[Cell], by: Sequence[str]) -> dict[tuple[str, ...], dict[str, int]]:
    """Cells added up over fewer dimensions."""
    found: dict[tuple[str, ...], dict[str, int]] = {}
    for cell in cells:
        at = tuple(cell.at[name] for name in by)
        kept = found.setdefault(at, {})
        for name, value in cell.of.items():
            kept[name] = kept.get(name, 0) + value
    return found
