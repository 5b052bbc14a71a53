"""``duecourse figure``: the figures of the trade, their definitions, and the rows behind them."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.output import Json, amount, print_json, say, share, table
from duecourse.cli.progress import step
from duecourse.cli.words import _, lang, word
from duecourse.trouble import Exit

if TYPE_CHECKING:
    from duecourse.casework.figures.asking import Answer
    from duecourse.casework.figures.figure import Asked, Column, Figure
    from duecourse.storage.connection import Tx

app = typer.Typer(help="The figures of the trade: each defined once, with the rows that make it.")

Name = Annotated[str, typer.Argument(help="The figure; `figure list` shows all.")]
First = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day; 30 days before the last without it.")
]
Last = Annotated[
    datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day; that of the last day run without it.")
]
By = Annotated[list[str] | None, typer.Option("--by", help="What divides it; repeat for several, all without it.")]
Where = Annotated[list[str] | None, typer.Option("--where", help="Narrow it: DIMENSION=VALUE; repeat for several.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV instead of tables.")]


@app.command("list")
def list_figures(*, json: Json = False) -> None:
    """List the figures with their definitions."""
    from duecourse.casework.figures.asking import FIGURES
    from duecourse.casework.figures.saying import plain_figure

    if json:
        print_json([plain_figure(one) for one in FIGURES.values()])
        return
    table(
        _("Figures"),
        [_("Name"), _("Figure"), _("Divided by"), _("Definition")],
        [
            [
                one.name,
                one.says.said(lang()),
                " ".join(column.name for column in one.dimensions),
                one.defines.said(lang()),
            ]
            for one in FIGURES.values()
        ],
    )


@app.command()
def show(
    name: Name,
    *,
    first: First = None,
    last: Last = None,
    by: By = None,
    where: Where = None,
    csv_: Csv = False,
    json: Json = False,
) -> None:
    """Show a figure: its cells over some days, with its definition."""
    from duecourse.app import now, open_desk, store_of
    from duecourse.casework.figures import asking
    from duecourse.casework.figures.figure import Ground
    from duecourse.casework.figures.saying import plain_answer
    from duecourse.storage.connection import BATCH

    of = asking.figure(name)
    with open_desk(limits=BATCH) as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        ask, since = _question(of, tx, (first, last), by, where)
        with step(_("Reading the book"), quiet=json or csv_) as advance:
            ground = Ground(tx, store_of(desk.settings), now(), progress=lambda done, _of: advance(done))
            found = asking.answer(of, ask, ground, since=since)
    if json:
        print_json(plain_answer(of, ask, found))
    elif csv_:
        _csv(of, ask, found)
    else:
        _print(of, ask, found)


@app.command()
def rows(
    name: Name,
    *,
    first: First = None,
    last: Last = None,
    where: Where = None,
    after: Annotated[str | None, typer.Option(help="The cursor that the page before ended with.")] = None,
    most: Annotated[int, typer.Option(min=1, max=1_000, help="Rows of a page.")] = 50,
    json: Json = False,
) -> None:
    """Show the rows behind a figure, page by page."""
    from duecourse.app import now, open_desk, store_of
    from duecourse.casework.figures import asking
    from duecourse.casework.figures.figure import Ground
    from duecourse.storage.connection import BATCH

    of = asking.figure(name)
    with open_desk(limits=BATCH) as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        ask, _since = _question(of, tx, (first, last), where=where)
        page = asking.rows(of, ask, Ground(tx, store_of(desk.settings), now()), cursor=after, most=most)
    if json:
        print_json({"figure": of.name, "rows": page.rows, "next": page.next})
        return
    columns = [one for one in of.columns if any(one.name in row for row in page.rows)]
    table(
        of.says.said(lang()),
        [one.says.said(lang()) for one in columns] + ([_("Case"), _("Borrower")] if of.person else []),
        [
            [_row_cell(row.get(one.name)) for one in columns]
            + ([str(row["case_id"] or ""), row["name"]] if of.person else [])
            for row in page.rows
        ],
    )
    if page.next:
        say(_("There are more: --after {cursor}").format(cursor=page.next))


@app.command()
def export(
    name: Name,
    file: Annotated[Path, typer.Argument(help="The file to write: its name ends in .csv or .parquet.")],
    *,
    first: First = None,
    last: Last = None,
    where: Where = None,
    json: Json = False,
) -> None:
    """Write the rows behind a figure to a file, names masked; that it was done is put on record."""
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework.actor import Actor, Role
    from duecourse.casework.figures import asking
    from duecourse.casework.figures.export import Format, export_rows
    from duecourse.casework.figures.figure import Ground
    from duecourse.storage.connection import BATCH

    of = asking.figure(name)
    format_ = Format.PARQUET if file.suffix == ".parquet" else Format.CSV
    with open_desk(limits=BATCH) as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        ask, _since = _question(of, tx, (first, last), where=where)
        made = export_rows(
            of, ask, Ground(tx, store_of(desk.settings), now()), format_=format_, vault=vault_of(desk.settings),
            actor=Actor(Role.OPERATOR, "cli"), now=now(),
        )  # fmt: skip
        file.write_bytes(made.content)
    if json:
        print_json({"figure": of.name, "file": str(file), "rows": made.rows})
    else:
        say(_("Rows in {file}: {rows}.").format(rows=made.rows, file=file))


@app.command()
def prepare(
    *,
    costly: Annotated[
        bool, typer.Option("--book", help="Also what reads the whole book: rolls, cures, vintages.")
    ] = True,
    json: Json = False,
) -> None:
    """Prepare the sums of past days, find near misses, and age the book at its month ends."""
    from duecourse.app import now, open_desk, store_of
    from duecourse.casework.figures import preparing
    from duecourse.casework.figures.figure import Ground
    from duecourse.casework.lender_law import law_of
    from duecourse.storage import runs
    from duecourse.storage.connection import BATCH

    with open_desk(limits=BATCH) as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        day, at = runs.published(tx).day, now()
        near = preparing.find_near_misses(tx, law_of(tx))
        with step(_("Ageing month ends"), quiet=json) as advance:
            ground = Ground(tx, store_of(desk.settings), at, progress=lambda done, _of: advance(done))
            preparing.prepare_days(day, at, ground, but=("book.stage",))
            cells = preparing.prepare_costly(day, at, ground) if costly else 0
    if json:
        print_json({"day": day, "prepared_at": at, "near_misses": near, "cells": cells})
    else:
        say(_("Prepared up to {day}; {near} new near misses.").format(day=day, near=near))


@app.command()
def verify(
    *,
    first: First = None,
    last: Last = None,
    json: Json = False,
) -> None:
    """Sum the rows again and compare with what is prepared; exit status 1 if anything differs."""
    from duecourse.app import now, open_desk, store_of
    from duecourse.casework.figures import preparing
    from duecourse.casework.figures.asking import FIGURES
    from duecourse.casework.figures.figure import Ground
    from duecourse.storage.connection import BATCH

    with open_desk(limits=BATCH) as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        ground = Ground(tx, store_of(desk.settings), now())
        found = []
        for of in FIGURES.values():
            ask, _since = _question(of, tx, (first, last))
            found += preparing.differences(of, ask.span, ground)
    if json:
        print_json(found)
    else:
        table(
            _("Prepared sums that differ from their rows"),
            [_("Figure"), _("Where"), _("Prepared"), _("Summed")],
            [[one.figure, " ".join(one.at), str(one.prepared or ""), str(one.summed or "")] for one in found],
        )
    if found:
        raise typer.Exit(Exit.FOUND)


@app.command()
def cost(
    channel: Annotated[str | None, typer.Argument(help="The channel; shows what is set without one.")] = None,
    amount_minor: Annotated[int | None, typer.Argument(min=0, help="Cost of one contact, minor units.")] = None,
    *,
    start: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day on which it counts.")
    ] = None,
    json: Json = False,
) -> None:
    """Show or set what one contact by a channel costs. A channel that was never set costs nothing."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.actor import Actor, Role
    from duecourse.casework.figures.preparing import set_cost
    from duecourse.law.terms import Channel
    from duecourse.storage import figures, lenders

    if channel is not None and (amount_minor is None or start is None or channel not in set(Channel)):
        raise typer.BadParameter(
            _("name a channel of {channels}, the cost and --from").format(channels=", ".join(Channel))
        )
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        if channel is not None and amount_minor is not None and start is not None:
            said = figures.ChannelCost(
                channel, start.date(), lenders.get(tx).currency, amount_minor, "operator:cli", now()
            )
            set_cost(tx, vault=vault_of(desk.settings), cost=said, actor=Actor(Role.OPERATOR, "cli"), now=now())
        known = figures.costs(tx)
    if json:
        print_json(known)
        return
    table(
        _("Cost of one contact"),
        [_("Channel"), _("From"), _("Cost"), _("Currency")],
        [[word(one.channel), one.from_day, amount(one.cost_minor, one.currency), one.currency] for one in known],
        right=(2,),
    )
    say(_("A channel that does not stand here counts as costing nothing."))


def _question(
    of: Figure,
    tx: Tx,
    days: tuple[datetime | None, datetime | None],
    by: list[str] | None = None,
    where: list[str] | None = None,
) -> tuple[Asked, date]:
    from duecourse.casework.figures.asking import usual
    from duecourse.casework.figures.figure import Unit, asked
    from duecourse.storage import runs

    ran = runs.published(tx).day
    first, last = (one.date() if one else None for one in days)
    if by and any(one.unit is Unit.MINOR for one in of.measures):
        by = [*by, "currency"]  # amounts of two currencies have no sum
    return asked(of, usual(of, ran, first, last), by=by or [], where=where or []), ran


def _print(of: Figure, ask: Asked, found: Answer) -> None:
    by = [of.dimension(name) for name in ask.by]
    shares = of.shares
    said = [one.says for one in shares]
    table(
        of.says.said(lang()),
        [text.said(lang()) for text in (*(one.says for one in by), *(one.says for one in of.measures), *said)],
        [
            [
                *(_cell(column, cell.at[column.name]) for column in by),
                *(_number(of, one.name, cell.of[one.name], cell.at.get("currency")) for one in of.measures),
                *(share(cell.of[one.part], cell.of[one.whole]) for one in shares),
            ]
            for cell in found.cells
        ],
        right=range(len(by), len(by) + len(of.measures) + len(shares)),
    )
    say(of.defines.said(lang()))
    if found.prepared_at:
        say(_("Prepared sums of {at}.").format(at=found.prepared_at.isoformat(timespec="seconds")))


def _cell(column: Column, value: str) -> str | None:
    from duecourse.casework.figures.figure import Shows

    if not value:
        return None
    return word(value) if column.shows is Shows.WORD else value


def _number(of: Figure, name: str, value: int, currency: str | None) -> str | int:
    from duecourse.casework.figures.figure import Unit

    unit = next(one.unit for one in of.measures if one.name == name)
    return amount(value, currency) if unit is Unit.MINOR and currency else value


def _row_cell(value: object) -> str | int | date | None:
    match value:
        case None:
            return None
        case bool():
            return _("yes") if value else _("no")
        case datetime():
            return value.isoformat(timespec="seconds")
        case date() | str():
            return value
        case int():
            return str(value)
        case _:
            return str(value)


def _csv(of: Figure, ask: Asked, found: Answer) -> None:
    from duecourse.casework.figures.saying import csv_rows
    from duecourse.casework.spreadsheet import csv_text

    sys.stdout.write(csv_text(csv_rows(of, ask, found), end="\n").decode())
