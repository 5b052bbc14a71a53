"""Terms of standing loans that a tape says otherwise. Rates and conventions count from a loan's start: it is aged anew.

So a lender whose tape has the rate of today, where the contract's belongs, would change what was due of every loan long
ago. It is taken as it is said, and said in the report.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl

from duecourse.core.contract import Method
from duecourse.core.events import Kind
from duecourse.core.money import plain
from duecourse.core.wording import rate_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from duecourse.book.store import BookVersion, Store
    from duecourse.book.tape.checks import Present

FIRST = 20
"""Changed terms that are listed; the loans that have any are counted."""

COLUMNS = ("rate_ppm", "penalty_ppm", "compound_ppm", "start", "principal_minor", "currency")
"""Columns of a loan from which it is reckoned, beside its conventions."""

INERT = frozenset({"principal_minor", "start", "first_period"})
"""Terms of which nothing due follows but by the schedule: what was paid out, and when, are drawdowns."""

CHANGED = {"loan_ref": pl.String, "currency": pl.String, "field": pl.String, "was": pl.String, "now": pl.String}
"""Columns of changed terms: the loan's number, what it is counted in, the term, and its value in the book and here."""

PRINCIPAL = "principal"
"""Subject of a break about a loan's principal and what its drawdowns paid out."""


def changed(
    made: Mapping[str, pl.DataFrame], have: pl.DataFrame, relaid: pl.Series, store: Store, at: BookVersion | None
) -> tuple[int, int, pl.DataFrame]:
    """How many loans of the book have other terms on the tape, of how many what was due is reckoned anew, and which.

    Of these terms the first are listed. ``have`` are the book's rows of the same loans, ``relaid`` those whose schedule
    is laid anew.
    """
    loans, conventions = made["loans"], made["conventions"]
    names = ["conventions", *COLUMNS]
    both = loans.select("loan_key", "loan_ref", *names).join(
        have.select("loan_key", *names), on="loan_key", suffix="_was"
    )
    unlike = both.filter(pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_was")) for name in names))
    if unlike.is_empty():
        return 0, 0, pl.DataFrame(schema=CHANGED)
    known = pl.concat([store.read(at, "conventions") if at else conventions.clear(), conventions]).unique("conventions")
    terms = dict(known.select("conventions", "terms").iter_rows())
    first = unlike.sort("loan_ref").head(FIRST).iter_rows(named=True)
    listed = [term for row in first for term in _terms(row, terms)]
    rates = pl.any_horizontal(pl.col(name) != pl.col(f"{name}_was") for name in COLUMNS if name not in INERT)
    pairs = unlike.select("conventions_was", "conventions").unique()
    reckoned = [pair for pair in pairs.iter_rows() if _reckoned(*(json.loads(terms[name]) for name in pair))]
    other = pl.DataFrame(reckoned, schema=pairs.schema, orient="row")
    by_convention = unlike.join(other, on=["conventions_was", "conventions"], how="semi")["loan_key"]
    anew = unlike.filter(rates | pl.col("loan_key").is_in(pl.concat([by_convention, relaid]).unique().implode()))
    return unlike.height, anew.height, pl.DataFrame(listed, schema=CHANGED, orient="row").head(FIRST)


def _reckoned(was: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether what is due follows otherwise from these conventions than from those before."""
    return any(was.get(name) != value for name, value in now.items() if name not in INERT)


def shown(field: str, value: str, currency: str) -> str:
    """A term's value for people: a rate in per cent a year, an amount in major units.

    >>> shown("rate_ppm", "135000", "CNY"), shown("principal_minor", "120000", "CNY"), shown("method", "card", "CNY")
    ('13.5 %', '1,200.00', 'card')
    """
    if field.endswith("_ppm") and value.isdigit():
        return rate_words(int(value))
    if field.endswith("_minor") and value.isdigit():
        return plain(int(value), currency)
    return value


def _terms(row: Mapping[str, Any], terms: Mapping[str, str]) -> Iterator[tuple[str, str, str, str, str]]:
    pairs = {name: (row[f"{name}_was"], row[name]) for name in COLUMNS}
    was, now = (json.loads(terms[row[name]]) for name in ("conventions_was", "conventions"))
    pairs |= {name: (was.get(name), value) for name, value in now.items()}
    for name, (before, after) in pairs.items():
        if before != after:
            yield row["loan_ref"], row["currency"], name, _text(before), _text(after)


def _text(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def undrawn(made: Mapping[str, pl.DataFrame], have: Present, store: Store, at: BookVersion | None) -> pl.DataFrame:
    """Loans of the tape whose principal contradicts what their own drawdowns paid out; with ``drawn`` in minor units.

    Less than the principal may be paid out so far. But once all of it was, another principal needs another drawdown.
    """
    own = made["events"].filter((pl.col("kind") == int(Kind.DRAWDOWN)) & ~pl.col("ref").str.starts_with("~"))
    before = have.events.filter((pl.col("kind") == "drawdown") & ~pl.col("ref").str.starts_with("~"))
    new = own.join(before, on=["loan_key", "ref"], how="anti").select("loan_key", "amount")
    drawn = pl.concat([new, before.select("loan_key", "amount")]).group_by("loan_key").agg(drawn=pl.col("amount").sum())
    unlike = (
        made["loans"]
        .filter(~pl.col("conventions").is_in(_of_cards(made["conventions"])))
        .join(drawn, on="loan_key")
        .filter(pl.col("principal_minor") != pl.col("drawn"))
    )
    if unlike.is_empty() or at is None:
        return unlike.filter(pl.col("drawn") > pl.col("principal_minor"))
    earlier = store.scan(at, "loans").select("loan_key", "principal_minor")
    whole = earlier.join(
        unlike.lazy().select("loan_key", principal_minor="drawn"), on=["loan_key", "principal_minor"], how="semi"
    ).collect()
    paid_out = pl.col("loan_key").is_in(whole["loan_key"].unique().implode())
    return unlike.filter((pl.col("drawn") > pl.col("principal_minor")) | paid_out)


def _of_cards(conventions: pl.DataFrame) -> list[str]:
    """The ids among these conventions that are of cards, whose principal is a limit."""
    rows = conventions.select("conventions", "terms").iter_rows()
    return [name for name, terms in rows if json.loads(terms)["method"] == Method.CARD]
