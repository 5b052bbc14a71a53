"""Checked records into rows of the book: loans, instalments, events, observations, balances, conventions."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from duecourse.book.tables import BALANCES, EVENTS, INSTALMENTS, LOANS, OBSERVATIONS
from duecourse.book.tape import conventions, keys, schedules
from duecourse.book.tape.checks import DUE_PARTS
from duecourse.book.tape.drawn import DRAWN
from duecourse.book.tape.layout import CATEGORIES, PAUSES, Records
from duecourse.core.days import FAR
from duecourse.core.events import PAUSE_DPD, PAUSE_INTEREST, PAUSE_PENALTY, RANK, Kind

if TYPE_CHECKING:
    from duecourse.book.tape.checks import Frame, Present
    from duecourse.book.tape.intake import Intake
    from duecourse.core.days import Calendar

_BITS = {"interest": PAUSE_INTEREST, "penalty": PAUSE_PENALTY, "dpd": PAUSE_DPD}
_KINDS = {kind.name.lower(): int(kind) for kind in Kind}
_RANKS = {kind.name.lower(): RANK.get(kind, 0) for kind in Kind}  # a reversal counts by its target, so it has no rank
_FREE = "free"
_OPENED = "~opening:"
OURS = (DRAWN, _OPENED)
"""Beginnings of references that we give, after the kind of the event, where the lender's tape has none."""


def rows(intake: Intake, present: Present, frame: Frame, *, shards: int, calendar: Calendar) -> dict[str, pl.DataFrame]:
    """The rows that the tape's records make, by table of the book, whether the book has them already or not."""
    made: dict[str, pl.DataFrame] = {}
    loans = intake.get(Records.LOANS)
    home = present.loans.select("loan_key", "person_id", "shard")
    if loans is not None:
        loans = _located(loans, intake, shards)
        made["loans"], made["conventions"] = _loans(intake, loans, frame)
        home = pl.concat([loans.select("loan_key", "person_id", "shard"), home]).unique("loan_key", keep="first")
    made["instalments"] = _instalments(intake, loans, present, frame, calendar)
    if loans is not None and not made["loans"].is_empty():
        made["loans"] = _maturity(made["loans"], made["instalments"])
    events = [_drawdowns(intake, loans, present, frame), _openings(intake, frame), _payments(intake, frame)]
    events.append(_adjustments(intake, frame))
    every = pl.concat([part for part in events if part is not None] or [pl.DataFrame(schema=_bare(EVENTS))])
    made["events"] = _at_home(every, home, EVENTS)
    made["instalments"] = _at_home(made["instalments"], home, INSTALMENTS)
    made["balances"] = _at_home(_figures(intake, frame), home, BALANCES)
    made["observations"] = _observations(intake, home, frame, shards)
    return made


def _bare(columns: dict[str, pl.DataType]) -> dict[str, pl.DataType]:
    return {name: kind for name, kind in columns.items() if name != "shard"}


def _at_home(part: pl.DataFrame, home: pl.DataFrame, columns: dict[str, pl.DataType]) -> pl.DataFrame:
    return part.join(home.select("loan_key", "shard"), on="loan_key", how="inner").select(
        pl.col(name).cast(kind) for name, kind in columns.items()
    )


def _source(intake: Intake) -> pl.Expr:
    hashes = pl.Series([source.hash[:16] for source in intake.sources], dtype=pl.String)
    return pl.lit(hashes).gather(pl.col("src")) if len(hashes) > 1 else pl.lit(hashes[0])


def _learnt(frame: Frame) -> pl.Expr:
    return pl.col("known").fill_null(frame.now)


def _located(loans: pl.DataFrame, intake: Intake, shards: int) -> pl.DataFrame:
    people = intake.person_ids.join(loans, left_on="person_ref", right_on="borrower_ref", how="semi")
    places = people.join(keys.shards(people["person_id"], shards), on="person_id")
    return loans.join(places, left_on="borrower_ref", right_on="person_ref", how="left", maintain_order="left")


def _loans(intake: Intake, loans: pl.DataFrame, frame: Frame) -> tuple[pl.DataFrame, pl.DataFrame]:
    full = loans.with_columns(known=_learnt(frame), source=_source(intake))
    used = loans["conventions"].unique()
    return (
        full.select(pl.col(name).cast(kind) for name, kind in LOANS.items()),
        intake.conventions.filter(pl.col("conventions").is_in(used.implode())),
    )


def _maturity(loans: pl.DataFrame, instalments: pl.DataFrame) -> pl.DataFrame:
    if not loans["maturity"].has_nulls():
        return loans
    last = instalments.filter(pl.col("set_no") == 0).group_by("loan_key").agg(pl.col("due").max().alias("last"))
    return (
        loans.join(last, on="loan_key", how="left", maintain_order="left")
        .with_columns(maturity=pl.coalesce("maturity", "last"))
        .drop("last")
    )


_LAID = ["principal_minor", "interest_minor", "fee_minor"]


def _instalments(
    intake: Intake, loans: pl.DataFrame | None, present: Present, frame: Frame, calendar: Calendar
) -> pl.DataFrame:
    given = intake.get(Records.INSTALMENTS)
    parts = [pl.DataFrame(schema=_bare(INSTALMENTS))]
    if given is not None:
        given = given.with_columns(pl.col(name).fill_null(0) for name in _LAID)
        given = given.with_columns(days=pl.col("days").cast(pl.Int32))
        parts.append(_sets(given, intake, present, frame))
    own = None if given is None else given.filter(pl.col("set_ref").is_null())
    made = contract(own, loans, present, frame, calendar)
    return pl.concat([*parts, made])


def contract(
    own: pl.DataFrame | None, loans: pl.DataFrame | None, present: Present, frame: Frame, calendar: Calendar
) -> pl.DataFrame:
    """Contract schedules: of given rows with the days that these do not say counted, else made by the loans' terms."""
    parts = [pl.DataFrame(schema=_bare(INSTALMENTS))]
    if own is not None:
        terms = _terms(own, loans, present, frame)
        laid = schedules.counted(own.join(terms, on="loan_key"))
        lays = pl.col("method") != _FREE
        laid = laid.with_columns(pl.when(lays).then(0).otherwise(name).alias(name) for name in _LAID[:2])
        known = pl.coalesce("known", "loan_known").max().over("loan_key")
        parts.append(_shaped(laid.with_columns(known=known, set_no=0)))
    if loans is not None:
        terms = loans.select("loan_key", loan_known=_learnt(frame))
        bare = loans if own is None else loans.join(own, on="loan_key", how="anti")
        bare = bare.filter(pl.col("first_due").is_not_null() & pl.col("instalment_count").is_not_null())
        bare = bare.filter(pl.col("method") != _FREE)
        made = schedules.made(bare.with_columns(start="paid_out"), calendar).join(
            terms.rename({"loan_known": "known"}), on="loan_key"
        )
        parts.append(_shaped(made.with_columns(set_no=0, principal_minor=0, interest_minor=0, fee_minor=0)))
    return pl.concat(parts)


def _terms(own: pl.DataFrame, loans: pl.DataFrame | None, present: Present, frame: Frame) -> pl.DataFrame:
    """What the schedules of these loans are counted by; of a loan that the tape does not hold, as the book has it."""
    columns = ["loan_key", "start", *conventions.USED]
    book = present.loans.join(own, on="loan_key", how="semi").select(
        *columns, statement_day=pl.lit(None, pl.Int64), loan_known=pl.lit(frame.now)
    )
    if loans is None:
        return book
    tape = loans.with_columns(start="paid_out").select(*columns, "statement_day", loan_known=_learnt(frame))
    return pl.concat([tape, book]).unique("loan_key", keep="first")


def _shaped(part: pl.DataFrame) -> pl.DataFrame:
    return part.select(pl.col(name).cast(kind) for name, kind in _bare(INSTALMENTS).items())


def _sets(given: pl.DataFrame, intake: Intake, present: Present, frame: Frame) -> pl.DataFrame:
    """Instalments that come with an adjustment, numbered by its reference; days from its effective day."""
    named = given.filter(pl.col("set_ref").is_not_null())
    changes = intake.get(Records.ADJUSTMENTS)
    if named.is_empty() or changes is None:
        return pl.DataFrame(schema=_bare(INSTALMENTS))
    by = changes.select("loan_key", set_ref="ref", start="effective", event_known=_learnt(frame))
    rows = named.join(by, on=["loan_key", "set_ref"]).join(keys.set_numbers(named["set_ref"]), on="set_ref")
    counts = present.loans.select("loan_key", *conventions.USED)
    loans = intake.get(Records.LOANS)
    if loans is not None:
        counts = pl.concat([loans.select("loan_key", *conventions.USED), counts]).unique("loan_key", keep="first")
    rows = rows.join(counts, on="loan_key")
    done = [
        schedules.counted(part) for _, part in rows.group_by("set_ref", maintain_order=True)
    ] if rows["days"].has_nulls() else [rows]  # fmt: skip
    return _shaped(
        pl.concat(done).with_columns(known=pl.coalesce("known", "event_known").max().over("loan_key", "set_no"))
    )


def _event(part: pl.DataFrame, intake: Intake, kind: pl.Expr, **columns: pl.Expr | int | None) -> pl.DataFrame:
    """Rows of events: ``kind`` is the word; columns not named are empty."""
    values: dict[str, pl.Expr] = {
        "kind": kind.replace_strict(list(_KINDS), list(_KINDS.values()), return_dtype=pl.Int8),
        "rank": kind.replace_strict(list(_RANKS), list(_RANKS.values()), return_dtype=pl.Int8),
        "amount": pl.lit(0),
        "until": pl.lit(FAR),
        "target": pl.lit(""),
        "set_no": pl.lit(0),
        "source": _source(intake),
        **{f"p{n}": pl.lit(None, pl.Int64) for n in range(1, 6)},
    }
    values |= {name: pl.lit(value) if not isinstance(value, pl.Expr) else value for name, value in columns.items()}
    made = part.select(pl.col("loan_key"), *(value.alias(name) for name, value in values.items()))
    return made.select(pl.col(name).cast(kind) for name, kind in _bare(EVENTS).items())


def _drawdowns(intake: Intake, loans: pl.DataFrame | None, present: Present, frame: Frame) -> pl.DataFrame | None:
    """The drawdown of each loan that has no opening position and no drawdown of its own."""
    if loans is None:
        return None
    bare = loans.filter(pl.col("principal_minor") > 0)
    opened = intake.get(Records.OPENINGS)
    if opened is not None:
        bare = bare.join(opened, on="loan_key", how="anti")
    changes = intake.get(Records.ADJUSTMENTS)
    if changes is not None:
        own = changes.filter(pl.col("kind") == "drawdown")
        bare = bare.join(own, on="loan_key", how="anti")
    begun = present.events.filter(pl.col("kind").is_in(["drawdown", "opening"]) & (pl.col("ref") != DRAWN))
    bare = bare.join(begun, on="loan_key", how="anti")
    return _event(
        bare, intake, pl.lit("drawdown"), effective=pl.col("start"), known=_learnt(frame), ref=pl.lit(DRAWN),
        amount=pl.col("principal_minor"),
    )  # fmt: skip


def _openings(intake: Intake, frame: Frame) -> pl.DataFrame | None:
    given = intake.get(Records.OPENINGS)
    if given is None:
        return None
    due = {f"p{n}": pl.col(name).fill_null(0) for n, name in enumerate(DUE_PARTS, start=1)}
    return _event(
        given, intake, pl.lit("opening"), effective=pl.col("day"), known=_learnt(frame),
        ref=pl.format(_OPENED + "{}", pl.col("day")), amount=pl.col("not_due_minor").fill_null(0),
        until=pl.col("oldest_due").fill_null(pl.lit(FAR)), **due,
    )  # fmt: skip


def _payments(intake: Intake, frame: Frame) -> pl.DataFrame | None:
    given = intake.get(Records.PAYMENTS)
    if given is None:
        return None
    shorter = pl.col("reduce_term").fill_null(value=False).cast(pl.Int64)
    return _event(
        given, intake, pl.col("kind"), effective=pl.col("paid_on"), known=_learnt(frame), ref=pl.col("ref"),
        amount=pl.col("amount_minor"), p1=pl.when(pl.col("kind") == "prepayment").then(shorter),
    )  # fmt: skip


def _adjustments(intake: Intake, frame: Frame) -> pl.DataFrame | None:
    given = intake.get(Records.ADJUSTMENTS)
    if given is None:
        return None
    named = intake.get(Records.INSTALMENTS)
    if named is not None:
        sets = named.filter(pl.col("set_ref").is_not_null()).group_by("loan_key", ref="set_ref").agg(
            with_amounts=(pl.col("principal_minor").fill_null(0).sum() > 0).cast(pl.Int64)
        )  # fmt: skip
        numbers = keys.set_numbers(sets["ref"]).rename({"set_ref": "ref"})
        sets = sets.join(numbers, on="ref")
        given = given.join(sets, on=["loan_key", "ref"], how="left", maintain_order="left")
    else:
        given = given.with_columns(with_amounts=pl.lit(None, pl.Int64), set_no=pl.lit(None, pl.Int64))
    kind = pl.col("kind")
    category = pl.col("category").replace_strict(
        list(CATEGORIES), list(range(len(CATEGORIES))), default=None, return_dtype=pl.Int64
    )
    pauses = _bits("pause", {word: _BITS[word] for word in PAUSES})
    capital = _bits("capitalised", {word: 1 << place for place, word in enumerate(CATEGORIES)})
    amount = pl.col("amount_minor").fill_null(0)
    return _event(
        given, intake, kind, effective=pl.col("effective"), known=_learnt(frame), ref=pl.col("ref"),
        amount=_case(kind, {
            "drawdown": amount, "fee": amount, "sale": amount, "waiver": pl.col("amount_minor").fill_null(-1),
            "rate_change": pl.col("rate_ppm"), "restructure": pl.col("rate_ppm"), "grace": pl.col("days"),
        }, 0),
        p1=_case(kind, {
            "fee": category, "waiver": category, "rate_change": pl.col("penalty_ppm").fill_null(-1), "pause": pauses,
            "extension": pl.col("months").fill_null(0), "restructure": capital,
        }),
        p2=_case(kind, {
            "rate_change": pl.col("compound_ppm").fill_null(-1), "extension": pl.col("days").fill_null(0),
            "restructure": pl.col("with_amounts").fill_null(0),
        }),
        p3=_case(kind, {"extension": pl.col("with_interest").fill_null(value=False).cast(pl.Int64)}),
        until=_case(kind, {"pause": pl.col("until").fill_null(pl.lit(FAR))}, FAR),
        target=pl.col("target").fill_null(""),
        set_no=pl.col("set_no").fill_null(0),
    )  # fmt: skip


def _case(kind: pl.Expr, values: dict[str, pl.Expr], otherwise: int | date | None = None) -> pl.Expr:
    found = pl.lit(otherwise)
    for word, value in values.items():
        found = pl.when(kind == word).then(value).otherwise(found)
    return found


def _bits(column: str, bits: dict[str, int]) -> pl.Expr:
    words = pl.col(column).fill_null("").str.split(" ")
    return pl.sum_horizontal(words.list.contains(word).cast(pl.Int64) * bit for word, bit in bits.items())


def _figures(intake: Intake, frame: Frame) -> pl.DataFrame:
    given = intake.get(Records.BALANCES)
    if given is None:
        return pl.DataFrame(schema=_bare(BALANCES))
    return given.select("loan_key", "day", "item", "value", _learnt(frame), _source(intake).alias("source"))


def _observations(intake: Intake, home: pl.DataFrame, frame: Frame, shards: int) -> pl.DataFrame:
    """Observed statuses, of loans in the book and of accounts that are known by nothing else."""
    given = intake.get(Records.OBSERVATIONS)
    if given is None:
        return pl.DataFrame(schema=OBSERVATIONS)
    people = intake.person_ids.join(given, left_on="person_ref", right_on="borrower_ref", how="semi")
    people = people.join(keys.shards(people["person_id"], shards), on="person_id").rename({"shard": "own_shard"})
    placed = given.join(home, on="loan_key", how="left").join(
        people.select("person_ref", "own_shard"), left_on="borrower_ref", right_on="person_ref", how="left"
    )
    return placed.with_columns(
        shard=pl.coalesce("shard", "own_shard"), known=_learnt(frame), source=_source(intake)
    ).select(pl.col(name).cast(kind) for name, kind in OBSERVATIONS.items())
