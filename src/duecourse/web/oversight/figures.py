"""Figures on screen: the list with definitions, one figure divided and narrowed, the rows behind it, files of both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from duecourse.casework.figures import asking
from duecourse.casework.figures.export import Format, export_rows
from duecourse.casework.figures.figure import Asked, Column, Figure, Measure, Over, Shows, Unit, asked, span
from duecourse.casework.figures.saying import csv_rows
from duecourse.casework.rights import Right
from duecourse.casework.spreadsheet import csv_text
from duecourse.storage import lenders
from duecourse.trouble import N_, BadInput
from duecourse.web.components import forms
from duecourse.web.oversight.reading import Reader, chosen, figure_path, reading, rows_path, said
from duecourse.web.page import Pages
from duecourse.web.visit import Visit

pages = Pages("oversight")

PAGE_ROWS = 50
CELLS_MAX = 1_000
"""Cells that one page shows; the file has all."""


class NothingRun(BadInput):
    """No day was run yet."""

    def __init__(self) -> None:
        super().__init__(N_("no day has been run yet: figures appear with the first day run"))


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell of a table: text, where it leads, and whether it is a number."""

    text: str
    href: str = ""
    number: bool = False


@pages.get("/figures", right=Right.FIGURE_READ)
def every(visit: Visit) -> Response:
    """All figures with their definitions."""
    found = [(one, figure_path(one.name)) for one in asking.FIGURES.values()]
    return visit.page("oversight/figures.html", figures=found, lang=visit.lang)


@pages.get("/figures/{name}", right=Right.FIGURE_READ)
def one(visit: Visit) -> Response:
    """One figure: what it means, its cells, and the way to its rows."""
    of = asking.figure(str(visit.path["name"]))
    with reading(visit) as reader:
        if reader is None:
            return visit.page("oversight/nothing_run.html")
        ask = _asked(visit, of, reader)
        try:
            found = asking.answer(of, ask, reader.ground, since=reader.ran, costly=False)
        except asking.NotPrepared as missing:
            return visit.page("oversight/not_prepared.html", of=of, lang=visit.lang, said=str(missing))
        currency = lenders.get(reader.tx).currency
        lines = [_line(visit, of, ask, cell, reader, currency) for cell in found.cells[:CELLS_MAX]]
    by = [of.dimension(name) for name in ask.by]
    return visit.page(
        "oversight/figure.html",
        of=of,
        ask=ask,
        lang=visit.lang,
        headings=[
            *(one.says.said(visit.lang) for one in by),
            *((one.says.said(visit.lang), "num") for one in of.measures),
            *((one.says.said(visit.lang), "num") for one in of.shares),
        ],
        lines=lines,
        unseen=len(found.cells) - len(lines),
        prepared_at=found.prepared_at,
        rows=rows_path(of.name, ask.span, where=_where(ask)),
        csv=f"/figures/{of.name}/csv?{_query(ask)}",
    )


@pages.get("/figures/{name}/csv", right=Right.FIGURE_EXPORT)
def cells_as_csv(visit: Visit) -> Response:
    """The same cells as a file."""
    of = asking.figure(str(visit.path["name"]))
    with reading(visit) as reader:
        if reader is None:
            raise NothingRun
        ask = _asked(visit, of, reader)
        found = asking.answer(of, ask, reader.ground, since=reader.ran, costly=False)
    return _file(f"{of.name}.csv", csv_text(csv_rows(of, ask, found)), Format.CSV.media_type)


@pages.get("/figures/{name}/rows", right=Right.FIGURE_READ)
def rows(visit: Visit) -> Response:
    """The rows behind a figure, page by page."""
    of = asking.figure(str(visit.path["name"]))
    cursor = visit.query.get("cursor") or None
    with reading(visit) as reader:
        if reader is None:
            raise NothingRun
        ask = chosen(visit, of, reader)
        page = asking.rows(of, ask, reader.ground, cursor=cursor, most=PAGE_ROWS)
    fixed = {name for name, _value in ask.where}
    every: tuple[Column | Measure, ...] = (*of.dimensions, *of.keys, *of.details, *of.measures)
    columns = [one for one in every if one.name not in fixed and not _is_one(of, one, page.rows)]
    ends = {name: str(visit.query.get(name, "")) for name in ("from", "to")}
    again = [*((name, value) for name, value in ends.items() if value), *(("where", one) for one in _where(ask))]
    return visit.page(
        "oversight/rows.html",
        of=of,
        ask=ask,
        lang=visit.lang,
        headings=[
            *((visit.say("Case"), visit.say("Borrower")) if of.person else ()),
            *((one.says.said(visit.lang), "num") if _numeric(one) else one.says.said(visit.lang) for one in columns),
        ],
        lines=[_row(visit, of, columns, row) for row in page.rows],
        narrowed=[
            (of.dimension(name).says.said(visit.lang), said(visit, of.dimension(name), v)) for name, v in ask.where
        ],
        later=f"/figures/{of.name}/rows?{urlencode([*again, ('cursor', page.next)])}" if page.next else "",
        first=f"/figures/{of.name}/rows?{urlencode(again)}" if cursor else "",
        figure=figure_path(of.name, ask.span, where=_where(ask)),
        where=_where(ask),
    )


@pages.post("/figures/{name}/export", right=Right.FIGURE_EXPORT)
def export(visit: Visit) -> Response:
    """Take the rows out as a file; that it was done is put on record."""
    of = asking.figure(str(visit.path["name"]))
    with reading(visit) as reader:
        if reader is None:
            raise NothingRun
        where = [str(one) for one in visit.form.getlist("where")]
        ask = asked(of, span(visit.day("from"), visit.day("to")), where=where)
        kind = Format.PARQUET if visit.text("format") == "parquet" else Format.CSV
        made = export_rows(
            of, ask, reader.ground, format_=kind, vault=visit.parts.vault, actor=visit.actor, now=visit.now
        )
    return _file(made.name, made.content, made.media_type)


def _file(name: str, content: bytes, media_type: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _asked(visit: Visit, of: Figure, reader: Reader) -> Asked:
    """As the address says; where it does not, divided by what fits a page."""
    ask = chosen(visit, of, reader)
    if visit.query.getlist("by"):
        return ask
    names = [one.name for one in of.dimensions]
    usual = [name for name in names if name not in {"day", "collector", "firm", "team", "months"}][:3]
    return Asked(ask.span, tuple((["day"] if of.over is Over.STATE else []) + usual), ask.where)


def _where(ask: Asked) -> list[str]:
    return [f"{name}={value}" for name, value in ask.where]


def _query(ask: Asked) -> str:
    return urlencode(
        [
            ("from", ask.span.first.isoformat()), ("to", ask.span.last.isoformat()),
            *(("by", name) for name in ask.by), *(("where", one) for one in _where(ask)),
        ]
    )  # fmt: skip


def _line(visit: Visit, of: Figure, ask: Asked, cell: Any, reader: Reader, currency: str) -> list[Shown]:  # noqa: ANN401, PLR0917 - figures' Cell
    day = cell.at.get("day")
    days = ask.span if day is None else type(ask.span)(date.fromisoformat(day), date.fromisoformat(day))
    at = {name: value for name, value in cell.at.items() if name != "day"}
    href = rows_path(of.name, days, at, _where(ask))
    return [
        *(_place(visit, reader, of.dimension(name), cell.at[name]) for name in ask.by),
        *(
            Shown(_amount(one, cell.of[one.name], cell.at.get("currency", currency)), href, number=True)
            for one in of.measures
        ),
        *(Shown(forms.share(cell.of[one.part], cell.of[one.whole]), number=True) for one in of.shares),
    ]


def _place(visit: Visit, reader: Reader, column: Column, value: str) -> Shown:
    if column.shows is Shows.RULE and value and " " not in value and ":" not in value:
        return Shown(value, f"/law/rules/{value}")
    if column.name == "treatment":
        return Shown(reader.treatments(value))
    return Shown(said(visit, column, value))


def _amount(one: Measure, value: int, currency: str) -> str:
    return forms.money(value, currency) if one.unit is Unit.MINOR else forms.count(value)


def _is_one(of: Figure, column: Column | Measure, found: Any) -> bool:  # noqa: ANN401 - rows of a page
    """Whether a measure is 1 in every row, as what is counted is: it tells nothing."""
    return column in of.measures and all(row[column.name] == 1 for row in found)


def _numeric(column: Column | Measure) -> bool:
    return isinstance(column, Measure) or column.shows in {Shows.NUMBER, Shows.MINOR}


def _row(visit: Visit, of: Figure, columns: list[Column | Measure], row: Any) -> list[Shown]:  # noqa: ANN401 - a row of a page
    found = []
    if of.person:
        case = row["case_id"]
        found = [
            Shown(str(case or "–"), f"/cases/{case}" if case and visit.may(Right.CASE_READ) else ""),
            Shown(row["name"] or "–"),
        ]
    currency = row.get("currency") or visit.signed.lender.currency
    return [*found, *(_cell(visit, one, row[one.name], currency) for one in columns)]


def _cell(visit: Visit, column: Column | Measure, value: Any, currency: str) -> Shown:  # noqa: ANN401 - any column's value
    if isinstance(column, Measure):
        return Shown(_amount(column, value, currency), number=True)
    if value is None:
        return Shown("–", number=_numeric(column))
    if isinstance(value, datetime):
        return Shown(forms.instant(value, visit.zone, visit.choice.language))
    match column.shows:
        case Shows.MINOR:
            return Shown(forms.money(value, currency), number=True)
        case Shows.NUMBER:
            return Shown(forms.count(value), number=True)
        case Shows.RULE if " " not in str(value) and ":" not in str(value):
            return Shown(str(value), f"/law/rules/{value}")
        case Shows.FLAG:
            return Shown(visit.say("yes") if value else visit.say("no"))
        case _:
            return Shown(said(visit, column, value))
