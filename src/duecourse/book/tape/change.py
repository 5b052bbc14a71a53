"""What a tape adds to the book: rows that the book does not have yet, and where it contradicts what the book has.

The same facts again add nothing, whatever file they come in. A loan whose terms differ gets a new row, known now, and a
contract schedule that we reckoned is laid anew by them (`relaid`). Else events and contract schedules never change:
where the tape says otherwise, a break is listed and nothing is added.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from duecourse.book.tables import DESK, LOANS, latest
from duecourse.book.tape import relaid, terms
from duecourse.book.tape.confirm import confirm
from duecourse.book.tape.conventions import USED, used_of
from duecourse.core.events import Kind

if TYPE_CHECKING:
    from datetime import datetime

    from duecourse.book.store import BookVersion, Store
    from duecourse.book.tape.checks import Present
    from duecourse.book.tape.relaid import Relaid

BREAKS = {
    "kind": pl.String,
    "loan_key": pl.Int64,
    "subject": pl.String,
    "currency": pl.String,
    "theirs_minor": pl.Int64,
    "ours_minor": pl.Int64,
    "theirs_days": pl.Int32,
    "ours_days": pl.Int32,
}
"""Columns of breaks, as ``storage.breaks`` takes them."""

_WORDS = {int(kind): kind.name.lower() for kind in Kind}
CONFIRMED: dict[str, type[pl.DataType]] = {"loan_key": pl.Int64, "tape_ref": pl.String, "desk_ref": pl.String}
"""Columns of pairs of one payment."""

_MONEY_IN = ["payment", "prepayment", "recovery"]
_NOT_COMPARED = {"shard", "known", "source"}
_LAID = ["due", "principal_minor", "interest_minor", "fee_minor"]


def breaks(rows: pl.DataFrame, **columns: pl.Expr) -> pl.DataFrame:
    """Rows as breaks; columns not named are empty."""
    empty = {name: pl.lit(None, kind) for name, kind in BREAKS.items()}
    found = rows.select(
        value.alias(name) for name, value in {**empty, "loan_key": pl.col("loan_key"), **columns}.items()
    )
    return found.select(pl.col(name).cast(kind) for name, kind in BREAKS.items())


AT = r" \d{4}-\d{2}-\d{2}( ≠ \d{4}-\d{2}-\d{2})?$"
"""How a break's subject ends that names a day: the row that differs, or an event's day by the lender and by us."""


def parted(subject: str) -> tuple[str, str]:
    """What a break is about, and the day or days that its subject ends with, with the space before; empty if none.

    >>> parted("contract 2026-02-17"), parted("~drawdown 2026-01-20 ≠ 2026-01-05"), parted("principal")
    (('contract', ' 2026-02-17'), ('~drawdown', ' 2026-01-20 ≠ 2026-01-05'), ('principal', ''))
    """
    found = re.search(AT, subject)
    return (subject[: found.start()], found.group()) if found else (subject, "")


def schedule_subject() -> pl.Expr:
    """How a break names the schedule of a ``set_no``."""
    return pl.when(pl.col("set_no") == 0).then(pl.lit("contract")).otherwise(pl.format("set {}", "set_no"))


@dataclass(frozen=True, slots=True)
class Change:
    """What is new, by table, and what contradicts the book."""

    rows: dict[str, pl.DataFrame]
    breaks: pl.DataFrame
    loans_new: int
    loans_changed: int
    confirmed: pl.DataFrame  # loan_key, tape_ref, desk_ref: payments of the desk that this tape brings too
    terms_changed: int  # loans of the book with other terms
    terms_reckoned: int  # of these, the loans of which what was due is reckoned anew from their start
    terms: pl.DataFrame  # the first of these terms, columns `terms.CHANGED`

    @property
    def total(self) -> int:
        """New rows in all tables."""
        return sum(frame.height for frame in self.rows.values())


def present(store: Store, at: BookVersion | None, loan_keys: pl.Series, now: datetime) -> tuple[Present, pl.DataFrame]:
    """What the book has: of all loans what checks need, of those named events and schedules; and their rows."""
    from duecourse.book.tape.checks import Present  # noqa: PLC0415

    if at is None:
        return Present(_no_loans(), _no_events(), _no_schedules()), pl.DataFrame(schema=LOANS)
    loans = store.read(at, "loans", known=now)
    slim = loans.select("loan_key", "loan_ref", "person_id", "shard", "start", "principal_minor", "conventions")
    used = used_of(store.read(at, "conventions"))
    slim = slim.join(used, on="conventions", how="left").drop("conventions")
    wanted = pl.LazyFrame({"loan_key": loan_keys.unique()})
    events = (
        store.scan(at, "events")
        .select("loan_key", "ref", "kind", "known", "target", "effective", "amount", "p1", "source")
        .join(wanted, on="loan_key", how="semi")
        .with_columns(pl.col("kind").replace_strict(_WORDS, return_dtype=pl.String))
        .collect()
    )
    schedules = latest(store.scan(at, "instalments").drop("shard").join(wanted, on="loan_key", how="semi").collect())
    mine = loans.filter(pl.col("loan_key").is_in(loan_keys.implode()))
    return Present(slim, events, schedules), mine


def _no_loans() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "loan_key": pl.Int64, "loan_ref": pl.String, "person_id": pl.Int64, "shard": pl.Int16, "start": pl.Date,
            "principal_minor": pl.Int64,
        }
        | USED
    )  # fmt: skip


def _no_events() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "loan_key": pl.Int64, "ref": pl.String, "kind": pl.String, "known": pl.Datetime("us", "UTC"),
            "target": pl.String, "effective": pl.Date, "amount": pl.Int64, "p1": pl.Int64, "source": pl.String,
        }
    )  # fmt: skip


def _no_schedules() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "loan_key": pl.Int64,
            "set_no": pl.Int64,
            **dict.fromkeys(_LAID, pl.Int64),
            "due": pl.Date,
            "days": pl.Int32,
            "known": pl.Datetime("us", "UTC"),
        }
    )


def change(
    made: dict[str, pl.DataFrame],
    have: Present,
    loans: pl.DataFrame,
    store: Store,
    at: BookVersion | None,
    *,
    anew: Relaid,
    desk_pays: bool = False,
    confirmed: pl.DataFrame | None = None,
) -> Change:
    """Keep of the tape's rows what the book does not have; ``loans`` are the book's rows of the loans in the tape.

    ``anew`` are contract schedules that other terms lay anew.
    ``confirmed`` are pairs of payments that were found to be one before: each confirms one other at most.
    ``desk_pays``: the desk is master of payments. Then those of the tape are compared with the desk's and never taken.
    """
    rows: dict[str, pl.DataFrame] = {}
    found = [pl.DataFrame(schema=BREAKS)]
    new = changed = others = reckoned = 0
    listed = pl.DataFrame(schema=terms.CHANGED)
    if "loans" in made:
        rows["loans"], new, changed = _loans(made["loans"], loans)
        told = {"loans": rows["loans"], "conventions": made["conventions"]}
        others, reckoned, listed = terms.changed(told, loans, anew.reckoned, store, at)
        found.append(_principals(made, have, store, at))
        rows["conventions"] = _unseen(made["conventions"], store, at, "conventions", ["conventions"])
    currency = _currencies(made, loans)
    rows["instalments"], differ = _instalments(made["instalments"], have, anew, currency)
    found.append(differ)
    before = pl.DataFrame(schema=CONFIRMED) if confirmed is None else confirmed
    rows["events"], differ, one = _events(made["events"], have, currency, before)
    found.append(differ)
    if desk_pays:
        rows["events"], differ = _unmatched(rows["events"], currency)
        found.append(differ)
    rows["balances"] = _unseen(made["balances"], store, at, "balances", ["loan_key", "day", "item", "value"])
    rows["observations"] = _unseen(made["observations"], store, at, "observations", ["loan_key", "day", "bucket"])
    rows = {name: frame for name, frame in rows.items() if not frame.is_empty()}
    return Change(rows, pl.concat(found), new, changed, one, others, reckoned, listed)


def _principals(made: dict[str, pl.DataFrame], have: Present, store: Store, at: BookVersion | None) -> pl.DataFrame:
    """A break for each loan whose principal on the tape contradicts its own drawdowns."""
    unlike = terms.undrawn(made, have, store, at).sort("loan_key")
    return breaks(
        unlike, kind=pl.lit("balance"), subject=pl.lit(terms.PRINCIPAL), currency=pl.col("currency"),
        theirs_minor=pl.col("principal_minor"), ours_minor=pl.col("drawn"),
    )  # fmt: skip


def _loans(made: pl.DataFrame, have: pl.DataFrame) -> tuple[pl.DataFrame, int, int]:
    if have.is_empty():
        return made, made.height, 0
    facts = [name for name in LOANS if name not in _NOT_COMPARED]
    unlike = made.join(have.select(facts), on=facts, how="anti", nulls_equal=True, maintain_order="left")
    changed = unlike.join(have, on="loan_key", how="semi").height
    return unlike, unlike.height - changed, changed


def _currencies(made: dict[str, pl.DataFrame], loans: pl.DataFrame) -> pl.DataFrame:
    both = [made["loans"].select("loan_key", "currency")] if "loans" in made else []
    return pl.concat([*both, loans.select("loan_key", "currency")]).unique("loan_key")


def _unseen(made: pl.DataFrame, store: Store, at: BookVersion | None, table: str, on: list[str]) -> pl.DataFrame:
    if at is None or table not in at.tables or made.is_empty():
        return made
    wanted = made.lazy().select(on[0]).unique()
    have = store.scan(at, table).select(on).join(wanted, on=on[0], how="semi").collect()
    return made.join(have, on=on, how="anti", maintain_order="left")


def _without_confirmed(
    made: pl.DataFrame, have: pl.DataFrame, before: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The tape's events that the book lacks, and its payments that the desk had brought already: they are the same."""
    new = made.join(have, on=["loan_key", "ref"], how="anti", maintain_order="left")
    new = new.join(before, left_on=["loan_key", "ref"], right_on=["loan_key", "tape_ref"], how="anti")
    desk = have.filter(pl.col("source").str.starts_with(DESK) & pl.col("kind").is_in(_MONEY_IN))
    desk = desk.join(before, left_on=["loan_key", "ref"], right_on=["loan_key", "desk_ref"], how="anti")
    if desk.is_empty():
        return new, pl.DataFrame(schema=CONFIRMED)
    again = made.join(desk.select("loan_key", "ref"), on=["loan_key", "ref"], how="semi")
    paid = new.filter(pl.col("kind").is_in([int(Kind[word.upper()]) for word in _MONEY_IN]))
    pairs = confirm(desk, pl.concat([again, paid])).pairs.select(list(CONFIRMED))
    return new.join(pairs, left_on=["loan_key", "ref"], right_on=["loan_key", "tape_ref"], how="anti"), pairs


def _unmatched(new: pl.DataFrame, currency: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Events without the payments among them, and these as breaks: the lender knows of money that the desk does not."""
    paid = pl.col("kind").is_in([int(Kind[word.upper()]) for word in _MONEY_IN])
    found = new.filter(paid).join(currency, on="loan_key", how="left").sort("loan_key", "ref")
    return new.filter(~paid), breaks(
        found, kind=pl.lit("payment_unmatched"), subject=pl.col("ref"), currency=pl.col("currency"),
        theirs_minor=pl.col("amount"),
    )  # fmt: skip


def _instalments(
    made: pl.DataFrame, have: Present, anew: Relaid, currency: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    sets = have.schedules.select("loan_key", "set_no").unique()
    if sets.is_empty():
        return made, pl.DataFrame(schema=BREAKS)
    new = made.join(sets, on=["loan_key", "set_no"], how="anti", maintain_order="left")
    again = made.join(sets, on=["loan_key", "set_no"], how="semi").select("loan_key", "set_no", *relaid.ROW)
    laid = anew.rows.select("loan_key", "set_no").unique()
    again = pl.concat([again, anew.kept.join(again, on=["loan_key", "set_no"], how="anti")])
    again = _as_said(again.join(laid, on=["loan_key", "set_no"], how="anti"), have, anew)
    at = ["loan_key", "set_no", "due"]
    ours = have.schedules.select("loan_key", "set_no", *relaid.ROW)
    ours = ours.join(again, on=at[:2], how="semi")
    both = again.join(ours, on=at, how="full", suffix="_ours", coalesce=True)
    days = pl.col("days").is_not_null() & pl.col("days").ne_missing(pl.col("days_ours"))
    amounts = [pl.col(name).ne_missing(pl.col(f"{name}_ours")) for name in _LAID[1:]]
    unlike = both.filter(days | pl.any_horizontal(amounts)).sort(at).unique(at[:2], keep="first", maintain_order=True)
    money = pl.any_horizontal(amounts) & pl.any_horizontal(
        (pl.col(name) != 0) | (pl.col(f"{name}_ours") != 0) for name in _LAID[1:]
    )
    unlike = unlike.join(currency, on="loan_key", how="left", maintain_order="left").with_columns(
        money=money.fill_null(value=False)
    )
    theirs, ours_sum = (pl.sum_horizontal(pl.col(f"{name}{side}") for name in _LAID[1:]) for side in ("", "_ours"))
    by_days = ~pl.col("money")
    return pl.concat([new, anew.rows]), breaks(
        unlike,
        kind=pl.lit("schedule"),
        subject=pl.format("{} {}", schedule_subject(), "due"),
        currency=pl.when("money").then("currency"),
        theirs_minor=pl.when(pl.col("money") & pl.col("principal_minor").is_not_null()).then(theirs),
        ours_minor=pl.when(pl.col("money") & pl.col("principal_minor_ours").is_not_null()).then(ours_sum),
        theirs_days=pl.when(by_days).then("days"),
        ours_days=pl.when(by_days).then("days_ours"),
    )


def _as_said(again: pl.DataFrame, have: Present, anew: Relaid) -> pl.DataFrame:
    """Rows of schedules with the days only where the tape says them, or they were reckoned by a contract's terms.

    Days that are counted between due days given say nothing of those that the book has, and the first period of a loan
    with drawdowns of its own follows from these.
    """
    counted = pl.col("loan_key").is_in(anew.unsaid["loan_key"].implode()) & ~pl.col("loan_key").is_in(
        anew.kept["loan_key"].unique().implode()
    )
    drawn = pl.col("loan_key").is_in(relaid.own_drawn(have)["loan_key"].implode())
    first = pl.col("due") == pl.col("due").min().over("loan_key", "set_no")
    return again.with_columns(days=pl.when(~counted & ~(drawn & first)).then("days"))


def _events(
    made: pl.DataFrame, have: Present, currency: pl.DataFrame, before: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    if have.events.is_empty():
        return made, pl.DataFrame(schema=BREAKS), pl.DataFrame(schema=CONFIRMED)
    key = ["loan_key", "ref"]
    new, confirmed = _without_confirmed(made, have.events, before)
    again = made.join(have.events, on=key, suffix="_ours")
    kind = pl.col("kind").replace_strict(_WORDS, return_dtype=pl.String)
    unlike = again.filter(
        (kind != pl.col("kind_ours"))
        | (pl.col("amount") != pl.col("amount_ours"))
        | (pl.col("effective") != pl.col("effective_ours"))
    ).join(currency, on="loan_key", how="left")
    paid = pl.col("kind_ours").is_in(_MONEY_IN)
    moved = pl.col("effective") != pl.col("effective_ours")
    days = pl.format("{} {} ≠ {}", "ref", "effective", "effective_ours")
    subject = pl.when(moved).then(days).otherwise("ref")
    differs = pl.when(paid).then(pl.lit("payment_differs")).otherwise(pl.lit("event_differs"))
    return new, breaks(
        unlike.sort(key), kind=differs, subject=subject, currency=pl.col("currency"),
        theirs_minor=pl.col("amount"), ours_minor=pl.col("amount_ours"),
    ), confirmed  # fmt: skip
