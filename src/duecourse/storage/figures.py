"""Figures over the desk's tables: sums by cell, the rows behind a cell page by page, and prepared sums of past days.

What a figure means stands in `casework.figures`; here is how its statement is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

import polars as pl
from psycopg import sql
from psycopg.rows import dict_row

from duecourse.storage import frames
from duecourse.storage.connection import Tx

Where = Sequence[tuple[str, str]]
"""Dimensions narrowed to one value each."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A day of a figure whose cells are prepared."""

    day: date
    definition: bytes
    prepared_at: datetime


def plan_for_whole_days(tx: Tx) -> None:
    """Have the rest of the transaction planned for sums over all rows of a day.

    A day that was loaded a moment ago was counted by nobody, and its joins are by several columns at once: the planner
    takes the day for a handful of rows, loops over indexes and sorts what it could gather by hashes.
    """
    tx.execute("SET LOCAL enable_nestloop = off; SET LOCAL enable_sort = off; SET LOCAL work_mem = '64MB'")


def sums(
    tx: Tx,
    rows: LiteralString,
    params: Mapping[str, object],
    *,
    by: Sequence[str],
    measures: Sequence[str],
    where: Where = (),
) -> list[tuple[Any, ...]]:
    """The measures summed over a figure's rows: dimension values as text, then the sums; in the order of the values."""
    statement = sql.SQL("SELECT {by}{measures} FROM ({rows}) AS r {where} {group}").format(
        by=_each(by, "{}::text, "),
        measures=sql.SQL(", ").join(
            sql.SQL("coalesce(sum({}), 0)::bigint").format(sql.Identifier(name)) for name in measures
        ),
        rows=sql.SQL(rows),
        where=_where(where),
        group=_by(by),
    )
    return tx.connection.execute(statement, {**params, **_values(where)}).fetchall()


def page(
    tx: Tx,
    rows: LiteralString,
    params: Mapping[str, object],
    *,
    columns: Sequence[str],
    order: Sequence[str],
    where: Where,
    after: Sequence[object] | None,
    most: int,
) -> list[dict[str, Any]]:
    """Rows behind a cell in the order of ``order``, from the one after the values of ``after`` on."""
    later: sql.Composable = sql.SQL("")
    names = sql.SQL(", ").join(sql.Identifier(name) for name in order)
    if after is not None:
        later = sql.SQL(" AND ({}) > ({})").format(
            names, sql.SQL(", ").join(sql.Placeholder(f"after_{place}") for place in range(len(order)))
        )
    statement = sql.SQL("SELECT {columns} FROM ({rows}) AS r {where}{later} ORDER BY {names} LIMIT {most}").format(
        columns=sql.SQL(", ").join(sql.Identifier(name) for name in columns),
        rows=sql.SQL(rows),
        where=_where(where),
        later=later,
        names=names,
        most=sql.Literal(most),
    )
    values = {f"after_{place}": value for place, value in enumerate(after or ())}
    with tx.connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, {**params, **_values(where), **values}).fetchall()


def _each(names: Iterable[str], form: LiteralString) -> sql.Composable:
    return sql.SQL("").join(sql.SQL(form).format(sql.Identifier(name)) for name in names)


def _by(names: Sequence[str]) -> sql.Composable:
    if not names:
        return sql.SQL("")
    listed = sql.SQL(", ").join(sql.Identifier(name) for name in names)
    return sql.SQL("GROUP BY {} ORDER BY {}").format(listed, listed)


def _where(where: Where) -> sql.Composable:
    parts = [
        sql.SQL("{}::text = {}").format(sql.Identifier(name), sql.Placeholder(f"where_{place}"))
        for place, (name, _value) in enumerate(where)
    ]
    return sql.SQL("WHERE ") + sql.SQL(" AND ").join([sql.SQL("true"), *parts])


def _values(where: Where) -> dict[str, object]:
    return {f"where_{place}": value for place, (_name, value) in enumerate(where)}


def prepared(tx: Tx, figure: str, first: date, last: date) -> list[Prepared]:
    """Days of a figure whose cells are prepared, in order."""
    return tx.rows(
        Prepared,
        "SELECT day, definition, prepared_at FROM figure_day "
        "WHERE lender_id = %s AND figure = %s AND day BETWEEN %s AND %s ORDER BY day",
        (tx.lender_id, figure, first, last),
    )


def cells(tx: Tx, figure: str, days: Sequence[date]) -> list[tuple[date, list[str], list[int]]]:
    """The prepared cells of a figure on some days: day, dimension values after the day, measures."""
    found = tx.execute(
        "SELECT day, at, amounts FROM figure_cell WHERE lender_id = %s AND figure = %s AND day = ANY (%s) "
        "ORDER BY day, at",
        (tx.lender_id, figure, list(days)),
    )
    return [(row[0], row[1], row[2]) for row in found]


def prepare(
    tx: Tx,
    figure: str,
    days: Sequence[date],
    found: Sequence[tuple[date, list[str], list[int]]],
    *,
    definition: bytes,
    now: datetime,
) -> None:
    """Write the cells of some days of a figure, in place of what was prepared for them before."""
    tx.execute(
        "DELETE FROM figure_cell WHERE lender_id = %s AND figure = %s AND day = ANY (%s)",
        (tx.lender_id, figure, list(days)),
    )
    tx.execute(
        "INSERT INTO figure_day (lender_id, figure, day, definition, prepared_at) "
        "SELECT %s, %s, day, %s, %s FROM unnest(%s::date[]) AS day "
        "ON CONFLICT (lender_id, figure, day) DO UPDATE SET definition = excluded.definition, "
        "prepared_at = excluded.prepared_at",
        (tx.lender_id, figure, definition, now, list(days)),
    )
    frame = pl.DataFrame(
        {
            "figure": [figure] * len(found),
            "day": [row[0] for row in found],
            "at": [row[1] for row in found],
            "amounts": [row[2] for row in found],
        },
        schema={"figure": pl.String, "day": pl.Date, "at": pl.List(pl.String), "amounts": pl.List(pl.Int64)},
    )
    frames.insert(tx, frame, "figure_cell")


def forget(tx: Tx, figure: str, days: Sequence[date] | None = None) -> None:
    """Let prepared cells of a figure go, of some days or of all."""
    tx.execute(
        "DELETE FROM figure_day WHERE lender_id = %(lender)s AND figure = %(figure)s "
        "AND (%(days)s::date[] IS NULL OR day = ANY (%(days)s))",
        {"lender": tx.lender_id, "figure": figure, "days": None if days is None else list(days)},
    )


@dataclass(frozen=True, slots=True)
class Given:
    """A permit that was given, with the facts and zones that the gate was asked, and the day by the lender's clock."""

    permit_id: int
    debtor_id: int
    channel: str
    firm: str
    staff: str
    at: datetime
    day: date
    facts: dict[str, Any]
    zones: list[str]


def given_after(tx: Tx, permit_id: int, most: int) -> list[Given]:
    """Permits given under numbers after this one, in order."""
    return tx.rows(
        Given,
        "SELECT p.permit_id, p.debtor_id, p.channel, p.firm, p.staff, p.at, (p.answered_at AT TIME ZONE l.zone)::date "
        "AS day, p.said -> 'facts' AS facts, ARRAY(SELECT jsonb_array_elements_text(p.said -> 'zones')) AS zones "
        "FROM permit_request p JOIN lender l USING (lender_id) WHERE p.lender_id = %s AND p.permit_id > %s "
        "AND p.answer = 'granted' AND p.said ? 'facts' ORDER BY p.permit_id LIMIT %s",
        (tx.lender_id, permit_id, most),
    )


def near_misses_until(tx: Tx) -> int:
    """The permit up to which near misses were looked for; held until the transaction ends."""
    tx.execute(
        "INSERT INTO near_miss_until (lender_id, permit_id) VALUES (%s, 0) ON CONFLICT DO NOTHING", (tx.lender_id,)
    )
    return int(str(tx.value("SELECT permit_id FROM near_miss_until WHERE lender_id = %s FOR UPDATE", (tx.lender_id,))))


def add_near_misses(tx: Tx, found: Sequence[tuple[Given, str, str, str]], *, until: int) -> None:
    """Write near misses (permit, rule, kind, fact), and up to which permit they were looked for."""
    tx.many(
        "INSERT INTO near_miss (lender_id, permit_id, rule, kind, fact, day, debtor_id, channel, firm, staff, at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [
            (
                tx.lender_id, one.permit_id, rule, kind, fact, one.day, one.debtor_id, one.channel, one.firm,
                one.staff, one.at,
            )
            for one, rule, kind, fact in found
        ],
    )  # fmt: skip
    tx.execute("UPDATE near_miss_until SET permit_id = %s WHERE lender_id = %s", (until, tx.lender_id))


@dataclass(frozen=True, slots=True)
class ChannelCost:
    """What one contact by a channel costs from a day on, in minor units."""

    channel: str
    from_day: date
    currency: str
    cost_minor: int
    actor: str
    known_at: datetime


def set_cost(tx: Tx, cost: ChannelCost) -> bool:
    """Write what a channel costs from a day on; False where something was said for that day before."""
    done = tx.execute(
        "INSERT INTO channel_cost (lender_id, channel, from_day, currency, cost_minor, actor, known_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (tx.lender_id, cost.channel, cost.from_day, cost.currency, cost.cost_minor, cost.actor, cost.known_at),
    )
    return done.rowcount == 1


def costs(tx: Tx) -> list[ChannelCost]:
    """All that was said of the cost of channels, by channel, the latest first."""
    return tx.rows(
        ChannelCost,
        "SELECT channel, from_day, currency, cost_minor, actor, known_at FROM channel_cost WHERE lender_id = %s "
        "ORDER BY channel, from_day DESC",
        (tx.lender_id,),
    )


def borrowers(tx: Tx, persons: Sequence[int]) -> dict[int, tuple[int | None, str | None]]:
    """The latest case and the masked name of borrowers, by person."""
    found = tx.execute(
        "SELECT p.person_id, (SELECT max(c.case_id) FROM cases c WHERE c.lender_id = p.lender_id "
        "AND c.person_id = p.person_id), p.name_masked FROM person p WHERE p.lender_id = %s AND p.person_id = ANY (%s)",
        (tx.lender_id, list(persons)),
    )
    return {row[0]: (row[1], row[2]) for row in found}


def case_loans(tx: Tx, first: date, last: date) -> pl.DataFrame:
    """Loans that were in a case on any of these days, with the person and from when until when."""
    return frames.read(
        tx,
        "SELECT loan_key, person_id, from_day, to_day FROM case_loan WHERE lender_id = %s AND from_day <= %s "
        "AND (to_day IS NULL OR to_day > %s) ORDER BY loan_key, from_day",
        (tx.lender_id, last, first),
        {"loan_key": pl.Int64, "person_id": pl.Int64, "from_day": pl.Date, "to_day": pl.Date},
    )
