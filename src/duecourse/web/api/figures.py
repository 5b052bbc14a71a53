"""The figures of the trade over HTTP: their definitions, their cells, and the rows behind them, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import ConfigDict, Field, JsonValue
from starlette.responses import Response

from duecourse.casework.figures import asking
from duecourse.casework.figures.asking import usual
from duecourse.casework.figures.export import Format, export_rows
from duecourse.casework.figures.figure import Asked, Figure, Ground, Shows, asked
from duecourse.casework.figures.saying import csv_rows, plain_figure
from duecourse.casework.spreadsheet import csv_text
from duecourse.storage import runs
from duecourse.storage.tokens import Scope
from duecourse.trouble import N_
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.problem import Kind, Problem
from duecourse.web.api.shapes import PREFIX, Day, Shape, Told, problems

router = APIRouter(prefix=f"{PREFIX}/figures", tags=["figures"])

_ANSWERS = problems(Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT)
_IDS = frozenset({Shows.PERSON, Shows.LOAN, Shows.PERMIT, Shows.CONTACT, Shows.CASE})

Reader = Annotated[Inquiry, admitted(Scope.FIGURE_READ)]
Name = Annotated[str, Path(pattern=r"^[a-z_]{1,32}\.[a-z_]{1,32}$", examples=["book.stage"])]
Word = Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")]
Narrowed = Annotated[str, Field(pattern=r"^[a-z_]{1,32}=[^\x00]{0,128}$", examples=["stage=M1"])]


class TextShape(Shape):
    """A text in both languages."""

    zh: str
    en: str


class DimensionShape(Shape):
    """What divides a figure."""

    name: str
    says: TextShape
    shows: str


class MeasureShape(Shape):
    """A number of a figure, and what it counts."""

    name: str
    says: TextShape
    unit: str = Field(description="minor: minor units of the currency of the same cell.")


class ShareShape(Shape):
    """One measure as a part of another; divide when you show it."""

    name: str
    says: TextShape
    part: str
    whole: str


class FigureShape(Shape):
    """What a figure means."""

    name: str
    says: TextShape
    defines: TextShape
    over: str = Field(
        description="state: how things stood on the day; events: what happened on it, days may be added up."
    )
    dimensions: list[DimensionShape]
    measures: list[MeasureShape]
    shares: list[ShareShape]
    definition: str = Field(description="SHA-256 of what it means; another value is another meaning.")


class Figures(Shape):
    """All figures."""

    figures: list[FigureShape]


class CellShape(Shape):
    """One cell: where it stands, and its measures as whole numbers."""

    at: dict[str, str]
    of: dict[str, int]


class CellsShape(Shape):
    """What a figure says over some days."""

    figure: str
    first: date
    last: date
    by: list[str]
    where: list[str]
    prepared_at: Told | None = Field(description="Since when prepared sums in it stand; none: all summed just now.")
    cells: list[CellShape]


class RowsShape(Shape):
    """Rows behind a figure: ids as text, amounts in minor units, names masked."""

    figure: str
    rows: list[dict[str, JsonValue]]
    next: str | None = Field(description="The cursor of the next page; none at the end.")


class Narrowing(Shape):
    """Which days of a figure, narrowed to what."""

    model_config = ConfigDict(populate_by_name=True)

    first: Day | None = Field(default=None, alias="from", description="First day; 30 days before the last without it.")
    last: Day | None = Field(
        default=None, alias="to", description="Last day; that of the last published run without it."
    )
    where: list[Narrowed] = Field(default=[], max_length=16, description="Narrow it: DIMENSION=VALUE.")


class Dividing(Narrowing):
    """The same, and what divides the figure."""

    by: list[Word] = Field(default=[], max_length=16, description="What divides it; all of its dimensions without it.")


class Paging(Narrowing):
    """The same, page by page."""

    cursor: str | None = Field(default=None, max_length=2_000, description="What the page before gave as next.")
    most: int = Field(default=50, ge=1, le=asking.ROWS_MAX)


@router.get("", responses=problems())
def list_figures(_inquiry: Reader) -> Figures:
    """List the figures with their definitions in both languages."""
    return Figures.model_validate({"figures": [plain_figure(one) for one in asking.FIGURES.values()]})


@router.get("/{name}", responses=_ANSWERS)
def show_figure(name: Name, asked_: Annotated[Dividing, Query()], inquiry: Reader) -> CellsShape:
    """Give a figure's cells. Past days are read as they were prepared, where they were."""
    with _asked(name, inquiry, asked_, asked_.by) as (of, ask, ground, ran):
        found = asking.answer(of, ask, ground, since=ran, costly=False)
    return CellsShape(
        figure=of.name,
        first=ask.span.first,
        last=ask.span.last,
        by=list(ask.by),
        where=[f"{one}={value}" for one, value in ask.where],
        prepared_at=found.prepared_at,
        cells=[CellShape(at=dict(cell.at), of=dict(cell.of)) for cell in found.cells],
    )


@router.get("/{name}/csv", response_class=Response, responses={**_ANSWERS, 200: {"content": {"text/csv": {}}}})
def figure_as_csv(name: Name, asked_: Annotated[Dividing, Query()], inquiry: Reader) -> Response:
    """Give the same cells as CSV (RFC 4180): UTF-8, the first line names the columns."""
    with _asked(name, inquiry, asked_, asked_.by) as (of, ask, ground, ran):
        found = asking.answer(of, ask, ground, since=ran, costly=False)
    return Response(csv_text(csv_rows(of, ask, found)), media_type=Format.CSV.media_type)


@router.get("/{name}/rows", responses=_ANSWERS)
def figure_rows(name: Name, asked_: Annotated[Paging, Query()], inquiry: Reader) -> RowsShape:
    """Give the rows behind a figure in a fixed order; what makes the number is what is listed."""
    with _asked(name, inquiry, asked_) as (of, ask, ground, _ran):
        page = asking.rows(of, ask, ground, cursor=asked_.cursor, most=asked_.most)
        ids = {one.name for one in (*of.keys, *of.details) if one.shows in _IDS} | {"case_id"}
    return RowsShape(
        figure=of.name,
        rows=[{key: _plain(value, key in ids) for key, value in row.items()} for row in page.rows],
        next=page.next,
    )


class ExportAsk(Narrowing):
    """Which rows to take out, and as what."""

    format: Format = Format.CSV


@router.post(
    "/{name}/export",
    response_class=Response,
    responses={
        **problems(Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON),
        200: {"content": {"text/csv": {}, "application/vnd.apache.parquet": {}}},
    },
)
def export_figure(name: Name, said: ExportAsk, inquiry: Annotated[Inquiry, admitted(Scope.FIGURE_EXPORT)]) -> Response:
    """Take all rows behind a figure out as a file, names masked. Who took what out is put on record."""
    with _asked(name, inquiry, said) as (of, ask, ground, _ran):
        file = export_rows(
            of, ask, ground, format_=said.format, vault=inquiry.parts.vault, actor=inquiry.caller.actor,
            now=inquiry.parts.clock(),
        )  # fmt: skip
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, media_type=file.media_type, headers=headers)


@contextmanager
def _asked(
    name: str, inquiry: Inquiry, said: Narrowing, by: Sequence[str] = ()
) -> Iterator[tuple[Figure, Asked, Ground, date]]:
    of = asking.FIGURES.get(name)
    if of is None:
        raise Problem(Kind.NOT_FOUND, N_("There is no such figure; GET /api/v1/figures lists those that are."))
    lender = inquiry.lender_id
    with inquiry.parts.database.transaction(lender) as tx:
        ran = runs.published(tx).day
        days = usual(of, ran, said.first, said.last)
        ask = asked(of, days, by=by, where=said.where)
        yield of, ask, Ground(tx, inquiry.parts.store(lender), inquiry.parts.clock()), ran


def _plain(value: Any, is_id: bool) -> JsonValue:  # noqa: ANN401, FBT001 - any column's value
    match value:
        case None | bool() | str():
            return value
        case int():
            return str(value) if is_id else value
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return {str(key): _plain(item, False) for key, item in value.items()}  # noqa: FBT003 - as above
        case _:
            return str(value)
