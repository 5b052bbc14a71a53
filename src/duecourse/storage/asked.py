"""What the law was asked and answered: the proposals of past days, and the permits that were asked for."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from duecourse.storage import frames
from duecourse.storage.connection import Tx

PROPOSALS: dict[str, pl.DataType | type[pl.DataType]] = {
    "person_id": pl.Int64,
    "ordinal": pl.Int16,
    "loan_key": pl.Int64,
    "treatment": pl.String,
    "recipient_id": pl.Int64,
    "was_allowed": pl.Boolean,
    "was_refused": pl.String,
}
"""Columns of `proposals`: what names a proposal of the day, and the law's answer then.

``was_refused`` comes as a list of rule ids.
"""

PERMITS: dict[str, pl.DataType | type[pl.DataType]] = {
    "permit_id": pl.Int64,
    "person_id": pl.Int64,
    "channel": pl.String,
    "template_id": pl.String,
    "at": pl.Datetime("us", "UTC"),
    "was_allowed": pl.Boolean,
    "was_refused": pl.String,
    "was_missing": pl.String,
    "asked": pl.String,
}
"""Columns of `permits`; ``asked`` is JSON: the facts and zones that the gate was asked, null where none are stored.

``was_refused`` comes as a list of rule ids, ``was_missing`` as one of the facts that the answer named as missing.
"""


def days(tx: Tx, first: date, last: date) -> list[date]:
    """The days in a span, both ends in it, that have a published run whose proposals are kept."""
    found = tx.connection.execute(
        "SELECT day FROM day_run WHERE lender_id = %s AND state = 'published' AND day BETWEEN %s AND %s "
        "AND EXISTS (SELECT FROM proposal p WHERE p.lender_id = day_run.lender_id AND p.day = day_run.day) "
        "ORDER BY day",
        (tx.lender_id, first, last),
    ).fetchall()
    return [row[0] for row in found]


def proposals(tx: Tx, day: date) -> pl.DataFrame:
    """The proposals of a published day that reach somebody, with the answers of the day."""
    found = frames.read(
        tx,
        "SELECT person_id, ordinal, loan_key, treatment, recipient_id, answer = 'allowed', "
        "array_to_string(rules, ' ') FROM proposal WHERE lender_id = %s AND day = %s AND channel IS NOT NULL "
        "ORDER BY person_id, ordinal",
        (tx.lender_id, day),
        PROPOSALS,
    )
    return found.with_columns(_listed("was_refused"))


def permits(tx: Tx, since: datetime, until: datetime) -> pl.DataFrame:
    """The permits asked for from an instant until another, granted or refused by a rule."""
    found = frames.read(
        tx,
        "SELECT permit_id, person_id, channel, template_id, at, answer = 'granted', "
        "coalesce((SELECT string_agg(r ->> 'rule', ' ') FROM jsonb_array_elements(said -> 'reasons') r), ''), "
        "coalesce((SELECT string_agg(f, ' ') FROM jsonb_array_elements_text(said -> 'missing') f), ''), "
        "CASE WHEN said ? 'facts' "
        "THEN jsonb_build_object('facts', said -> 'facts', 'zones', said -> 'zones')::text END "
        "FROM permit_request WHERE lender_id = %s AND at >= %s AND at < %s "
        "AND (answer = 'granted' OR why = 'law') ORDER BY at, permit_id",
        (tx.lender_id, since, until),
        PERMITS,
    )
    return found.with_columns(_listed("was_refused"), _listed("was_missing"))


def _listed(name: str) -> pl.Expr:
    nothing = pl.lit([], dtype=pl.List(pl.String))
    return pl.when(pl.col(name) == "").then(nothing).otherwise(pl.col(name).str.split(" ")).alias(name)


def contacts_without_permit(tx: Tx, since: datetime, until: datetime) -> int:
    """Contacts that we made from an instant until another without asking: told by files, their facts not kept."""
    found = tx.value(
        "SELECT count(*) FROM contact c WHERE lender_id = %s AND at >= %s AND at < %s AND direction = 'out' "
        "AND NOT EXISTS (SELECT FROM permit_request p WHERE p.lender_id = c.lender_id AND p.permit_id = c.contact_id)",
        (tx.lender_id, since, until),
    )
    return int(str(found))
