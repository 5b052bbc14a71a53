"""Asking figures: cells and the rows behind them. Prepared days are read, all others are summed over their rows."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import psycopg

from duecourse.casework.figures import book, desk, moods, promises
from duecourse.casework.figures.figure import Asked, Cell, Figure, Ground, Over, Span, span
from duecourse.core.money import BrokenInvariant
from duecourse.law.fact import nearest
from duecourse.storage import figures
from duecourse.trouble import N_, BadInput

FIGURES: dict[str, Figure] = {
    one.name: one for one in (*book.FIGURES, *desk.FIGURES, *promises.FIGURES, *moods.FIGURES)
}
"""Every figure by its name, in the order in which they are listed."""

ROWS_MAX = 1_000
"""Rows that one page holds at the most."""


class NoSuchFigure(BadInput):
    """No figure of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            N_("there is no figure {name!r}{near}; `duecourse figure list` shows all"),
            name=name,
            near=nearest(name, list(FIGURES)),
        )


class BadCursor(BadInput):
    """A cursor that no page gave."""

    def __init__(self) -> None:
        super().__init__(N_("the cursor is none that a page of this figure gave; begin without one"))


class NotPrepared(BadInput):
    """A figure that is too costly to reckon while somebody waits, and has not been prepared."""

    def __init__(self, figure: Figure) -> None:
        super().__init__(
            N_(
                "figure {figure} is not prepared for these days; `duecourse figure prepare` looks through the book's "
                "month ends and prepares it"
            ),
            figure=figure.name,
        )


def figure(name: str) -> Figure:
    """A figure by its name; raises `NoSuchFigure`."""
    found = FIGURES.get(name)
    if found is None:
        raise NoSuchFigure(name)
    return found


DAYS = 30
"""Days that a figure of events is shown for where nobody chose any."""


def usual(of: Figure, ran: date, first: date | None = None, last: date | None = None) -> Span:
    """The days asked about where some are left out: how things stand, the last 30 days, or the months looked back over.

    ``ran`` is the last day that was run. Raises `figure.BadSpan`.
    """
    end = last or ran
    if first is not None:
        return span(first, end)
    if of.name in book.COSTLY:
        return span(min(end, book.first_day(ran)), end)
    return span(end if of.over is Over.STATE else end - timedelta(days=DAYS - 1), end)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a figure says: its cells, and since when what was prepared stands (None: all summed now)."""

    cells: tuple[Cell, ...]
    prepared_at: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows behind a figure, and the cursor of the next page, None at the end."""

    rows: tuple[Mapping[str, Any], ...]
    next: str | None


def answer(of: Figure, ask: Asked, ground: Ground, *, since: date | None = None, costly: bool = True) -> Answer:
    """The cells of a figure. Days before ``since`` are read as they were prepared, where they were; none without it.

    ``costly`` False: a figure that needs every loan's month ends raises `NotPrepared` where it was not prepared.
    """
    ready = _ready(of, ask.span, ground, since)
    found = {} if not ready else _from_prepared(of, ask, ground, ready)
    left = [ask.span] if since is None else _gaps(ask.span, {one.day for one in ready})
    if of.name in book.COSTLY:
        left = [] if ready else left
        if left and not costly:
            raise NotPrepared(of)
    for days in left:
        for at, amounts in _summed(of, Asked(days, ask.by, ask.where), ground):
            found[at] = _added(found.get(at), amounts)
    names = [one.name for one in of.measures]
    cells = tuple(
        Cell(dict(zip(ask.by, at, strict=True)), dict(zip(names, found[at], strict=True))) for at in sorted(found)
    )
    return Answer(cells, min((one.prepared_at for one in ready), default=None))


def _ready(of: Figure, days: Span, ground: Ground, since: date | None) -> list[figures.Prepared]:
    if since is None:
        return []
    found = figures.prepared(ground.tx, of.name, days.first, days.last)
    fixed = of.by_run or of.name in book.COSTLY
    return [one for one in found if one.definition == of.definition and (fixed or one.day < since)]


def _gaps(days: Span, ready: set[date]) -> list[Span]:
    """The days of a span that are not prepared, as spans: joined where they follow one another."""
    found: list[Span] = []
    day = days.first
    while day <= days.last:
        if day not in ready:
            if found and found[-1].last == day - timedelta(days=1):
                found[-1] = Span(found[-1].first, day)
            else:
                found.append(Span(day, day))
        day += timedelta(days=1)
    return found


def _from_prepared(
    of: Figure, ask: Asked, ground: Ground, ready: Sequence[figures.Prepared]
) -> dict[tuple[str, ...], list[int]]:
    names = [one.name for one in of.dimensions]
    places = [names.index(name) for name in ask.by]
    narrowed = [(names.index(name), value) for name, value in ask.where]
    found: dict[tuple[str, ...], list[int]] = {}
    for day, rest, amounts in figures.cells(ground.tx, of.name, [one.day for one in ready]):
        values = [day.isoformat(), *rest]
        if all(values[place] == value for place, value in narrowed):
            at = tuple(values[place] for place in places)
            found[at] = _added(found.get(at), amounts)
    return found


def _added(before: list[int] | None, more: Sequence[int]) -> list[int]:
    return list(more) if before is None else [one + other for one, other in zip(before, more, strict=True)]


def _params(days: Span, ground: Ground) -> dict[str, object]:
    return {"lender": ground.tx.lender_id, "first": days.first, "last": days.last, "now": ground.now}


def _summed(of: Figure, ask: Asked, ground: Ground) -> Iterable[tuple[tuple[str, ...], list[int]]]:
    """The measures summed over the rows themselves."""
    names = [one.name for one in of.measures]
    if isinstance(of.rows, str):
        rows = figures.sums(ground.tx, of.rows, _params(ask.span, ground), by=ask.by, measures=names, where=ask.where)
        if not ask.by and rows == [tuple(0 for _ in names)]:
            return
        for row in rows:
            yield tuple(str(value) for value in row[: len(ask.by)]), [int(value) for value in row[len(ask.by) :]]
        return
    frame = _narrowed(of, of.rows(ground, ask.span), ask)
    if frame.is_empty():
        return
    if not ask.by:
        yield (), [int(frame[name].sum()) for name in names]
        return
    grouped = frame.group_by(list(ask.by)).agg(pl.col(names).sum()).sort(list(ask.by))
    for values in grouped.select(*ask.by, *names).iter_rows():
        yield tuple(str(value) for value in values[: len(ask.by)]), [int(value) for value in values[len(ask.by) :]]


def _narrowed(of: Figure, frame: pl.DataFrame, ask: Asked) -> pl.DataFrame:
    for name, value in ask.where:
        frame = frame.filter(pl.col(name).cast(pl.String) == value)
    return frame.with_columns(pl.col(one.name).cast(pl.Int64) for one in of.measures)


def rows(of: Figure, ask: Asked, ground: Ground, *, cursor: str | None = None, most: int = 50) -> Page:
    """The rows behind a figure, narrowed as asked, in a fixed order; ``cursor`` is the one that the page before gave.

    Beside a row about a borrower stand the latest case and the masked name.
    """
    most = min(most, ROWS_MAX)
    keys = [of.dimensions[0].name, *(one.name for one in of.keys), *_rest(of)]
    columns = list(dict.fromkeys(one.name for one in of.columns))
    after = None if cursor is None else _read_cursor(cursor, len(keys))
    if isinstance(of.rows, str):
        try:
            found = figures.page(
                ground.tx, of.rows, _params(ask.span, ground), columns=columns, order=keys, where=ask.where,
                after=after, most=most + 1,
            )  # fmt: skip
        except psycopg.DataError:  # a value of another kind than the key's
            raise BadCursor from None
    else:
        found = _page_of_frame(of, ask, ground, columns=columns, keys=keys, after=after, most=most + 1)
    here, more = found[:most], found[most:]
    then = _cursor([here[-1][name] for name in keys]) if more else None
    return Page(tuple(_with_borrowers(of, here, ground)), then)


def _rest(of: Figure) -> list[str]:
    """The other dimensions that a row of this figure differs in: one row may be counted under several rules."""
    return [one.name for one in of.dimensions[1:] if one.name in {"rule", "kind"}]


def _page_of_frame(
    of: Figure,
    ask: Asked,
    ground: Ground,
    *,
    columns: Sequence[str],
    keys: Sequence[str],
    after: Sequence[Any] | None,
    most: int,
) -> list[dict[str, Any]]:
    if isinstance(of.rows, str):
        raise BrokenInvariant(f"figure {of.name} is one of the desk")
    frame = _narrowed(of, of.rows(ground, ask.span), ask)
    if after is not None:
        typed = [
            date.fromisoformat(value) if frame.schema[name] == pl.Date else value
            for name, value in zip(keys, after, strict=True)
        ]
        later: pl.Expr = pl.lit(value=False)
        for name, value in reversed(list(zip(keys, typed, strict=True))):
            later = (pl.col(name) > value) | ((pl.col(name) == value) & later)
        try:
            frame = frame.filter(later)
        except pl.exceptions.PolarsError:
            raise BadCursor from None
    return frame.sort(list(keys)).head(most).select(columns).to_dicts()


def _with_borrowers(of: Figure, found: list[dict[str, Any]], ground: Ground) -> list[dict[str, Any]]:
    if of.person is None or not found:
        return found
    known = figures.borrowers(ground.tx, sorted({row[of.person] for row in found}))
    return [
        {
            **row,
            "case_id": known.get(row[of.person], (None, None))[0],
            "name": known.get(row[of.person], (None, None))[1],
        }
        for row in found
    ]


def _cursor(values: Sequence[Any]) -> str:
    text = json.dumps([value.isoformat() if isinstance(value, date) else value for value in values])
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(text: str, length: int) -> list[Any]:
    try:
        values = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, UnicodeDecodeError):
        raise BadCursor from None
    if not isinstance(values, list) or len(values) != length:
        raise BadCursor
    if not all(isinstance(value, int | str) and not isinstance(value, bool) for value in values):
        raise BadCursor
    try:
        date.fromisoformat(str(values[0]))
    except ValueError:
        raise BadCursor from None
    return values
