"""What must hold between rows: keys, references, schedules, days. Rows that break it go, with what hangs on them.

The order matters: loans first, with their schedules; then everything that hangs on a loan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from duecourse.book.tape import conventions, drawn, identity, keys, twice
from duecourse.book.tape.faults import Rule, masked
from duecourse.book.tape.layout import LOAN_KEYED, PAYMENT_KINDS, Records
from duecourse.core.contract import RATE_PPM_MAX
from duecourse.core.money import EXPONENTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from duecourse.book.tape.intake import Intake

DUE_PARTS = ("principal_minor", "interest_minor", "fee_minor", "penalty_minor", "compound_minor")
WITH_SCHEDULE = ("instalment_set", "restructure", "plan")

_OF_CARDS = [
    "drawdown", "reversal", "fee", "rate_change", "pause", "waiver", "re_age", "plan", "acceleration", "write_off",
    "sale", "collateral_note", "guarantee_note",
]  # fmt: skip
"""Kinds of adjustment that mean something for a card: those of `core.card_events`, and notes."""

_NEEDS: dict[str, tuple[str, ...]] = {
    "drawdown": ("amount_minor",),
    "fee": ("amount_minor", "category"),
    "waiver": ("category",),
    "rate_change": ("rate_ppm",),
    "grace": ("days",),
    "pause": ("pause",),
    "restructure": ("rate_ppm",),
    "reversal": ("target",),
}


@dataclass(frozen=True, slots=True)
class Present:
    """What the book has already of the loans that the tape names (and, for keys, of all loans)."""

    loans: (
        pl.DataFrame
    )  # all: loan_key, loan_ref, person_id, shard, start, principal_minor, and the columns of `conventions.USED`
    events: pl.DataFrame  # loan_key, ref, kind (a word), known, target, effective, amount
    schedules: pl.DataFrame  # rows of instalments

    @property
    def scheduled(self) -> pl.DataFrame:
        """loan_key of the loans whose contract schedule the book has."""
        return self.schedules.filter(pl.col("set_no") == 0).select("loan_key").unique()


@dataclass(frozen=True, slots=True)
class Frame:
    """What holds for the whole import."""

    lender_id: str
    currency: str
    today: date
    now: datetime
    claimed: Callable[[pl.DataFrame], pl.Series] | None = None
    """Given ``loan_key`` and ``person_id``: the loans of which the desk says that somebody else is the borrower."""


def key(intake: Intake, frame: Frame) -> None:
    """Give every row that names a loan its ``loan_key``, and reckon the id of everybody who is named."""
    intake.person_ids = keys.person_ids(frame.lender_id, identity.named(intake))
    named = [intake.frames[r] for r in LOAN_KEYED if r in intake.frames]
    if not named:
        return
    table = keys.loan_keys(frame.lender_id, pl.concat([f["loan_ref"].drop_nulls().unique() for f in named]))
    for records in LOAN_KEYED:
        if records in intake.frames:
            rows = intake.frames[records]
            intake.frames[records] = rows.join(table, on="loan_ref", how="left", maintain_order="left")
        intake.lost[records] = [
            rows.join(table, on="loan_ref", how="left") for rows in intake.lost.get(records, [])
        ]  # fmt: skip


def check(intake: Intake, present: Present, frame: Frame) -> None:
    """Reject every row that breaks a rule between rows."""
    for records in intake.frames:
        twice.check(intake, records)
    identity.apart(intake)
    loans = intake.get(Records.LOANS)
    if loans is not None:
        _loans(intake, loans, present, frame)
    _loans_known(intake, present)
    _openings(intake, frame)
    _payments(intake, present, frame)
    _adjustments(intake, present, frame)
    _named_in_the_book(intake, present)
    undrawn = drawn.check(intake, present)
    if undrawn is not None:
        _fall(intake, undrawn)
    _dated(intake, Records.BALANCES, frame)
    _dated(intake, Records.OBSERVATIONS, frame)
    identity.check(intake)
    _holds(intake)


def _holds(intake: Intake) -> None:
    rows = intake.get(Records.HOLDS)
    if rows is not None:
        back = rows.filter(pl.col("to_day") <= pl.col("from_day"))
        intake.reject(Records.HOLDS, back, column="to_day", rule=Rule.ORDER, why="it ends before it begins")


def _loans(intake: Intake, loans: pl.DataFrame, present: Present, frame: Frame) -> None:
    loans = loans.with_columns(
        pl.col("currency").fill_null(frame.currency),
        *(pl.col(name).fill_null(0) for name in ("rate_ppm", "penalty_ppm", "compound_ppm")),
        pl.col("secured").fill_null(value=False),
    )
    if "method" not in loans.columns:
        loans = loans.with_columns(method=pl.lit(None, pl.String))
    unknown = loans.filter(~pl.col("currency").is_in(list(EXPONENTS)))
    intake.frames[Records.LOANS] = loans
    intake.reject(
        Records.LOANS, unknown, column="currency", rule=Rule.CURRENCY, value=masked(pl.col("currency"), personal=False)
    )
    loans = _methods(intake, intake.frames[Records.LOANS])
    loans, intake.conventions = conventions.attach(loans)
    intake.frames[Records.LOANS] = loans
    met = keys.collisions(loans.select("loan_ref", "loan_key"), present.loans, "loan_ref", "loan_key")
    _reject(intake, loans.join(met, on="loan_ref", how="semi"), "loan_ref", Rule.COLLISION)
    _reject(intake, loans.filter(pl.col("terms_fault").is_not_null()), "conventions", Rule.TERMS, pl.col("terms_fault"))
    both = pl.col("beside") & (pl.col("rate_ppm") + pl.col("penalty_ppm") > RATE_PPM_MAX)
    _reject(
        intake, loans.filter(both), "penalty_ppm", Rule.TERMS, "contract rate and default rate together are too high"
    )
    late = loans.filter(pl.col("start") > frame.today)
    _reject(intake, late, "start", Rule.FUTURE, f"after {frame.today}")
    intake.frames[Records.LOANS] = loans = drawn.attach(intake, intake.frames[Records.LOANS], present)
    early = (pl.col("first_due") < pl.col("paid_out")) | (pl.col("maturity") < pl.col("paid_out"))
    _reject(intake, loans.filter(early), "first_due", Rule.ORDER, "due before the loan was paid out")
    _claimed(intake, loans, frame)
    _schedules(intake, loans, present)


def _claimed(intake: Intake, loans: pl.DataFrame, frame: Frame) -> None:
    """Reject loans of which the desk knows another borrower, by hand or by a tape before: a loan has one."""
    if frame.claimed is None:
        return
    named = loans.join(intake.person_ids, left_on="borrower_ref", right_on="person_ref")
    other = frame.claimed(named.select("loan_key", "person_id"))
    claimed = loans.filter(pl.col("loan_key").is_in(other.implode()))
    shown = masked(pl.col("borrower_ref"), personal=False)
    why = "the desk has another borrower of this loan"
    intake.reject(Records.LOANS, claimed, column="borrower_ref", rule=Rule.BORROWER, why=why, value=shown)


def _reject(intake: Intake, rows: pl.DataFrame, column: str, rule: Rule, why: str | pl.Expr = "") -> None:
    intake.reject(Records.LOANS, rows, column=column, rule=rule, why=why)


def _methods(intake: Intake, loans: pl.DataFrame) -> pl.DataFrame:
    """A loan that says no method and brings a schedule with amounts follows that schedule."""
    given = intake.get(Records.INSTALMENTS)
    if given is None or not loans["method"].has_nulls():
        return loans
    with_amounts = (
        given.filter(pl.col("set_ref").is_null() & (pl.col("principal_minor") > 0)).select("loan_key").unique()
    )
    free = loans["loan_key"].is_in(with_amounts["loan_key"].implode())
    return loans.with_columns(
        method=pl.when(pl.col("method").is_null() & free).then(pl.lit("free")).otherwise("method")
    )


_STATEMENT = "a card needs its statement day: statement_day, or the days of each of its instalments"


def _schedules(intake: Intake, loans: pl.DataFrame, present: Present) -> None:
    """Each new loan has a schedule, or what one is made from; a given one adds up and follows the start."""
    given = intake.get(Records.INSTALMENTS)
    lost = intake.lost_of(Records.INSTALMENTS)
    new = loans.join(present.scheduled, on="loan_key", how="anti")
    if lost is not None:
        broken = lost.filter(pl.col("set_ref").is_null()).select("loan_key").unique()
        _reject(
            intake,
            new.join(broken, on="loan_key", how="semi"),
            "instalments",
            Rule.DEPENDS,
            "an instalment was quarantined",
        )
    free = pl.col("method") == "free"
    if given is None:
        without, own = new, None
    else:
        own = given.filter(pl.col("set_ref").is_null())
        totals = own.group_by("loan_key").agg(
            pl.col("principal_minor").fill_null(0).sum().alias("given"), pl.col("due").min().alias("earliest")
        )
        without = new.join(totals, on="loan_key", how="anti")
        with_schedule = new.join(totals, on="loan_key")
        _given(intake, with_schedule)
    made = pl.col("first_due").is_not_null() & pl.col("instalment_count").is_not_null()
    _reject(intake, without.filter(free), "instalments", Rule.SCHEDULE, "method free, and no instalments are given")
    card = pl.col("method") == "card"
    _reject(
        intake, without.filter(card & ~made), "first_due", Rule.SCHEDULE,
        "a card needs its cycles: instalments with due and days, or first_due, instalment_count and statement_day",
    )  # fmt: skip
    _reject(
        intake,
        without.filter(card & made & pl.col("statement_day").is_null()),
        "statement_day",
        Rule.SCHEDULE,
        _STATEMENT,
    )
    if own is not None:
        bare = own.filter(pl.col("days").is_null()).select("loan_key").unique()
        unsaid = new.filter(card & pl.col("statement_day").is_null()).join(bare, on="loan_key", how="semi")
        _reject(intake, unsaid, "statement_day", Rule.SCHEDULE, _STATEMENT)
    _reject(
        intake, without.filter(~free & ~card & ~made), "first_due", Rule.SCHEDULE,
        "neither instalments nor first_due and instalment_count are given",
    )  # fmt: skip
    if own is not None:
        stray = own.join(loans, on="loan_key", how="anti").join(present.loans, on="loan_key", how="semi")
        intake.drop(Records.INSTALMENTS, stray.clear())


def _given(intake: Intake, loans: pl.DataFrame) -> None:
    opened = intake.get(Records.OPENINGS)
    whole = loans if opened is None else loans.join(opened, on="loan_key", how="anti")
    short = whole.filter((pl.col("method") == "free") & (pl.col("given") != pl.col("principal_minor")))
    why = pl.format("instalments add up to {} of {} minor units", pl.col("given"), pl.col("principal_minor"))
    _reject(intake, short, "instalments", Rule.SCHEDULE, why)
    early = loans.filter(pl.col("earliest") < pl.col("paid_out"))
    _reject(intake, early, "instalments", Rule.ORDER, "an instalment is due before the loan was paid out")


def _loans_known(intake: Intake, present: Present) -> None:
    """Whatever names a loan names one of the tape or of the book; what hangs on a rejected loan goes with it."""
    loans = intake.get(Records.LOANS)
    known = present.loans.select("loan_key")
    if loans is not None:
        known = pl.concat([known, loans.select("loan_key")]).unique()
    lost = intake.lost_of(Records.LOANS)
    for records in LOAN_KEYED:
        rows = intake.get(records)
        if rows is None or records is Records.LOANS:
            continue
        if records is Records.OBSERVATIONS:
            rows = rows.filter(pl.col("borrower_ref").is_null())
        stray = rows.join(known, on="loan_key", how="anti")
        if stray.is_empty():
            continue
        hanging = stray if lost is None else stray.join(lost, on="loan_key", how="anti")
        if lost is not None:
            fallen = stray.join(lost, on="loan_key", how="semi")
            intake.reject(records, fallen, column="loan_ref", rule=Rule.DEPENDS, why="its loan was quarantined")
        shown = masked(pl.col("loan_ref"), personal=False)
        intake.reject(records, hanging, column="loan_ref", rule=Rule.UNKNOWN_LOAN, value=shown)


def starts(intake: Intake, present: Present) -> pl.DataFrame:
    """loan_key and start of every loan of the tape, or else of the book."""
    loans = intake.get(Records.LOANS)
    if loans is None:
        return present.loans.select("loan_key", "start")
    both = pl.concat([loans.select("loan_key", "start"), present.loans.select("loan_key", "start")])
    return both.unique("loan_key", keep="first", maintain_order=True)


def _openings(intake: Intake, frame: Frame) -> None:
    rows = intake.get(Records.OPENINGS)
    if rows is None:
        return
    something = pl.sum_horizontal(pl.col(name).fill_null(0) for name in DUE_PARTS) > 0
    bare = rows.filter(something & pl.col("oldest_due").is_null())
    intake.reject(
        Records.OPENINGS,
        bare,
        column="oldest_due",
        rule=Rule.MISSING,
        why="something is due, and since when is not said",
    )
    after = rows.filter(pl.col("oldest_due") > pl.col("day"))
    intake.reject(Records.OPENINGS, after, column="oldest_due", rule=Rule.ORDER, why="after the day of the position")
    _dated(intake, Records.OPENINGS, frame)
    _lost_openings(intake)


def _lost_openings(intake: Intake) -> None:
    """A loan whose opening position was rejected would be taken for untouched since its start."""
    lost, loans = intake.lost_of(Records.OPENINGS), intake.get(Records.LOANS)
    if lost is None or loans is None:
        return
    bare = loans.join(lost, on="loan_key", how="semi")
    _reject(intake, bare, "openings", Rule.DEPENDS, "its opening position was quarantined")
    _fall(intake, bare.select("loan_key"))


def _fall(intake: Intake, loans: pl.DataFrame) -> None:
    """Reject what hangs on loans that were quarantined."""
    for records in LOAN_KEYED:
        rows = intake.get(records)
        if rows is not None and records is not Records.LOANS:
            hanging = rows.join(loans, on="loan_key", how="semi")
            intake.reject(records, hanging, column="loan_ref", rule=Rule.DEPENDS, why="its loan was quarantined")


def _dated(intake: Intake, records: Records, frame: Frame) -> None:
    rows = intake.get(records)
    if rows is not None:
        late = rows.filter(pl.col("day") > frame.today)
        intake.reject(records, late, column="day", rule=Rule.FUTURE, why=f"after {frame.today}")


def _payments(intake: Intake, present: Present, frame: Frame) -> None:
    rows = intake.get(Records.PAYMENTS)
    if rows is None:
        return
    late = rows.filter(pl.col("paid_on") > frame.today)
    intake.reject(Records.PAYMENTS, late, column="paid_on", rule=Rule.FUTURE, why=f"after {frame.today}")
    early = rows.join(starts(intake, present), on="loan_key").filter(pl.col("paid_on") < pl.col("start"))
    intake.reject(Records.PAYMENTS, early, column="paid_on", rule=Rule.ORDER, why="before the loan was paid out")
    marked = rows.filter(pl.col("payment_ref").str.starts_with("~"))
    intake.reject(Records.PAYMENTS, marked, column="payment_ref", rule=Rule.FORM, why="references may not begin with ~")
    rows = intake.frames[Records.PAYMENTS].with_columns(pl.col("kind").fill_null("payment"))
    alike = ["loan_key", "paid_on", "amount_minor", "kind"]
    number = pl.int_range(1, pl.len() + 1).over(alike)
    made = pl.format("~{}~{}~{}~{}", "paid_on", "amount_minor", pl.col("kind").str.slice(0, 3), number)
    bare = rows["payment_ref"].null_count()
    if bare:
        nameless = rows.filter(pl.col("payment_ref").is_null()).sort("src", "row").with_columns(ref=made)
        named = rows.filter(pl.col("payment_ref").is_not_null()).with_columns(ref=pl.col("payment_ref"))
        rows = pl.concat([named, nameless])
    else:
        rows = rows.with_columns(ref=pl.col("payment_ref"))
    intake.frames[Records.PAYMENTS] = rows


def _adjustments(intake: Intake, present: Present, frame: Frame) -> None:
    rows = intake.get(Records.ADJUSTMENTS)
    if rows is not None:
        _adjustments_alone(intake, rows)
        _not_for_cards(intake, rows, present)
    _sets(intake, present)
    rows = intake.get(Records.ADJUSTMENTS)
    if rows is not None:
        _reversals(intake, rows, present, frame)


def _adjustments_alone(intake: Intake, rows: pl.DataFrame) -> None:
    records = Records.ADJUSTMENTS
    for kind, needs in _NEEDS.items():
        for name in needs:
            bare = rows.filter((pl.col("kind") == kind) & pl.col(name).is_null())
            intake.reject(records, bare, column=name, rule=Rule.MISSING, why=f"a {kind} needs it")
    still = rows.filter((pl.col("kind") == "extension") & pl.col("days").is_null() & pl.col("months").is_null())
    intake.reject(records, still, column="months", rule=Rule.MISSING, why="an extension needs months or days")
    other = rows.filter((pl.col("kind") == "fee") & ~pl.col("category").is_in(["cost", "fee"]))
    intake.reject(records, other, column="category", rule=Rule.CODE, why="a fee is a cost or a fee")
    back = rows.filter(pl.col("until") <= pl.col("effective"))
    intake.reject(records, back, column="until", rule=Rule.ORDER, why="it ends before it begins")
    marked = rows.filter(pl.col("ref").str.starts_with("~"))
    intake.reject(records, marked, column="ref", rule=Rule.FORM, why="references may not begin with ~")
    paid = intake.get(Records.PAYMENTS)
    if paid is not None:
        where = pl.concat_str(intake.file(), pl.lit(":"), pl.col("row").cast(pl.String))
        payments = paid.select("loan_key", "ref", where=where).unique(["loan_key", "ref"], keep="first")
        both = rows.join(payments, on=["loan_key", "ref"])
        why = pl.format("a payment of the loan has this reference: {}", "where")
        shown = masked(pl.col("ref"), personal=False)
        intake.reject(records, both, column="ref", rule=Rule.TWICE, why=why, value=shown)


def _not_for_cards(intake: Intake, rows: pl.DataFrame, present: Present) -> None:
    """A card has no instalments that an agreement could move or lay anew."""
    methods = [present.loans.select("loan_key", "method")]
    loans = intake.get(Records.LOANS)
    if loans is not None:
        methods.insert(0, loans.select("loan_key", "method"))
    cards = pl.concat(methods).unique("loan_key", keep="first", maintain_order=True).filter(pl.col("method") == "card")
    strange = rows.filter(~pl.col("kind").is_in(_OF_CARDS)).join(cards, on="loan_key", how="semi")
    why = pl.format("a card knows no {}", "kind")
    intake.reject(Records.ADJUSTMENTS, strange, column="kind", rule=Rule.CODE, why=why, value=pl.col("kind"))


def _named_in_the_book(intake: Intake, present: Present) -> None:
    """A reference names one thing of a loan: it is not taken again for something of another kind."""
    have = present.events.select("loan_key", "ref", have="kind")
    for records in (Records.PAYMENTS, Records.ADJUSTMENTS):
        rows = intake.get(records)
        if rows is None:
            continue
        met = rows.join(have, on=["loan_key", "ref"])
        money = pl.col("have").is_in(PAYMENT_KINDS)
        other = met.filter(~money if records is Records.PAYMENTS else money | (pl.col("have") != pl.col("kind")))
        why = pl.format("the book has another event of the loan under this reference: {}", "have")
        column = "payment_ref" if records is Records.PAYMENTS else "ref"
        shown = masked(pl.col("ref"), personal=False)
        intake.reject(records, other, column=column, rule=Rule.TWICE, why=why, value=shown)


def _sets(intake: Intake, present: Present) -> None:
    """Schedules that come with an adjustment, and adjustments that come with a schedule, have each other."""
    given = intake.get(Records.INSTALMENTS)
    rows = intake.get(Records.ADJUSTMENTS)
    bringing = None if rows is None else rows.filter(pl.col("kind").is_in(list(WITH_SCHEDULE)))
    named = None if given is None else given.filter(pl.col("set_ref").is_not_null())
    if named is not None and not named.is_empty():
        have = present.events.select("loan_key", "ref")
        if bringing is not None:
            have = pl.concat([have, bringing.select("loan_key", "ref")])
        stray = named.join(have, left_on=["loan_key", "set_ref"], right_on=["loan_key", "ref"], how="anti")
        shown = masked(pl.col("set_ref"), personal=False)
        intake.reject(Records.INSTALMENTS, stray, column="set_ref", rule=Rule.UNKNOWN_TARGET, value=shown)
    if bringing is None:
        return
    lost = intake.lost_of(Records.INSTALMENTS)
    if lost is not None:
        cut = bringing.join(lost, left_on=["loan_key", "ref"], right_on=["loan_key", "set_ref"], how="semi")
        why = "an instalment of its schedule was quarantined"
        intake.reject(Records.ADJUSTMENTS, cut, column="ref", rule=Rule.DEPENDS, why=why)
    bare = bringing.filter(pl.col("kind") != "plan")
    if named is not None:
        bare = bare.join(named, left_on=["loan_key", "ref"], right_on=["loan_key", "set_ref"], how="anti")
    bare = bare.join(present.events, on=["loan_key", "ref"], how="anti")
    why = "no instalments have this reference as their set_ref"
    intake.reject(Records.ADJUSTMENTS, bare, column="ref", rule=Rule.SCHEDULE, why=why)


def _reversals(intake: Intake, rows: pl.DataFrame, present: Present, frame: Frame) -> None:
    records = Records.ADJUSTMENTS
    back = rows.filter(pl.col("kind") == "reversal")
    if back.is_empty():
        return
    learnt = pl.col("known").fill_null(frame.now)
    standing = [present.events.filter(pl.col("kind") != "reversal").select("loan_key", "ref", "known")]
    standing.append(rows.filter(pl.col("kind") != "reversal").select("loan_key", "ref", learnt))
    paid = intake.get(Records.PAYMENTS)
    if paid is not None:
        standing.append(paid.select("loan_key", "ref", learnt))
    targets = pl.concat(standing).rename({"ref": "target", "known": "target_known"}).unique(["loan_key", "target"])
    shown = masked(pl.col("target"), personal=False)
    aim = back.join(targets, on=["loan_key", "target"], how="left")
    unknown = aim.filter(pl.col("target_known").is_null())
    intake.reject(records, unknown, column="target", rule=Rule.UNKNOWN_TARGET, value=shown)
    sooner = aim.filter(learnt < pl.col("target_known"))
    intake.reject(records, sooner, column="known", rule=Rule.ORDER, why="known before what it reverses")
    done = present.events.filter(pl.col("kind") == "reversal").select("loan_key", "target", pl.col("ref").alias("by"))
    again = back.join(done, on=["loan_key", "target"]).filter(pl.col("by") != pl.col("ref"))
    intake.reject(records, again, column="target", rule=Rule.TWICE, why="it was reversed before", value=shown)
    aims = ["loan_key", "target"]
    first = back.select(*aims, first=intake.place(back)).unique(aims, keep="first", maintain_order=True)
    second = back.filter(~pl.struct(aims).is_first_distinct()).join(first, on=aims)
    why = pl.format("another row reverses it: {}", "first")
    intake.reject(records, second, column="target", rule=Rule.TWICE, why=why, value=shown)
