"""Saved views: filters that somebody keeps under a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput

NAME_MAX, QUERY_MAX, VIEWS_MAX = 40, 1_000, 50


class NotAView(BadInput):
    """A view that cannot be kept."""


@dataclass(frozen=True, slots=True)
class View:
    """A filter under a name; ``query`` as it stands in the page's address."""

    page: str
    name: str
    query: str
    at: datetime


def save(tx: Tx, *, owner: str, page: str, name: str, query: str, now: datetime) -> None:
    """Keep a view, in place of the one of that name; raises `NotAView`."""
    said = name.strip()
    if not 1 <= len(said) <= NAME_MAX or not said.isprintable():
        raise NotAView(N_("the view was not saved: a name has 1 to {most} characters"), most=NAME_MAX)
    if len(query) > QUERY_MAX or not query.isprintable():
        raise NotAView(N_("the view was not saved: a filter has at most {most} characters"), most=QUERY_MAX)
    if len(of(tx, owner=owner, page=page)) >= VIEWS_MAX:
        raise NotAView(N_("the view was not saved: you have {most} already; forget one first"), most=VIEWS_MAX)
    tx.execute(
        "INSERT INTO saved_view (lender_id, owner, page, name, query, at) VALUES (%s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (lender_id, owner, page, name) DO UPDATE SET query = excluded.query, at = excluded.at",
        (tx.lender_id, owner, page, said, query, now),
    )


def of(tx: Tx, *, owner: str, page: str) -> list[View]:
    """Somebody's views of a page, by name."""
    return tx.rows(
        View,
        "SELECT page, name, query, at FROM saved_view WHERE lender_id = %s AND owner = %s AND page = %s ORDER BY name",
        (tx.lender_id, owner, page),
    )


def delete(tx: Tx, *, owner: str, page: str, name: str) -> bool:
    """Forget a view; False if there is none of that name."""
    return (
        tx.execute(
            "DELETE FROM saved_view WHERE lender_id = %s AND owner = %s AND page = %s AND name = %s",
            (tx.lender_id, owner, page, name),
        ).rowcount
        == 1
    )
