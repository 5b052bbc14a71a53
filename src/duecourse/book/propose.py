"""From cases to proposals: who would be reached how and when, and what the law answers.

Rows go through the gate in the order of their slots, one of each person at a time, so that an allowed proposal counts
as used when the next is asked. Where a recipient's number rings in another zone than the law's, both must be open.
The run checks; it issues no permits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from duecourse.book.cases import HOLD_FACTS
from duecourse.book.plan_facts import ATTEMPTS, asked_of_plans, on_record, rest_days
from duecourse.law import columns
from duecourse.law.clock import known_zone, local, zone
from duecourse.law.limitation import days_safe
from duecourse.law.turns import USES

if TYPE_CHECKING:
    from datetime import date

    from duecourse.book.desk import Desk
    from duecourse.book.strategy import Strategy, Treatment
    from duecourse.law.rulebook import Rulebook
    from duecourse.law.templates import Register

INSTANT = pl.Datetime("us", "UTC")

TEXTS = "texts"
"""Not a kind of contact point but a use of one: a phone that texts reach."""

POINT_KIND = {
    "call": "phone", "robot_call": "phone", "sms": TEXTS, "mms_image": TEXTS, "email": "email", "push": "app",
    "portal": "app", "im": "im", "letter": "address", "lawyer_letter": "address", "visit": "address",
}  # fmt: skip
"""The kind of contact point each channel reaches."""

_COUNTED = {
    "connected_calls": USES["connected_calls_person_day"], "sms": USES["sms_person_day"],
    "push": USES["push_person_day"], "attempts_day": USES["attempts_person_day"],
    "attempts_week": USES["attempts_person_7d"],
}  # fmt: skip
"""The channels by which an allowed proposal uses up a counter, as if it were answered."""

_SAID = "said:"
"""Before the name of a fact in columns that `book.plan_facts` gives."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything a proposal depends on beside the cases."""

    day: date
    lender_type: str
    lender_zone: str
    strategy: Strategy
    rulebook: Rulebook
    register: Register


def want(cases: pl.DataFrame, loans: pl.DataFrame, setting: Setting) -> pl.DataFrame:
    """What the strategy wants done for the cases, and for loans before they are due: columns `_WANTED`."""
    rows = [
        _wanted(treatment, order, cases if treatment.scope == "case" else loans, setting)
        for order, treatment in enumerate(setting.strategy.treatments)
    ]
    return pl.concat([pl.DataFrame(schema=_WANTED), *rows], how="diagonal_relaxed")


def third_party_loans(wanted: pl.DataFrame) -> pl.Series:
    """The loans whose parties other than the borrower are to be reached."""
    others = wanted.filter(pl.col("to") != BORROWER)
    return others.select(pl.col("loan_keys").explode(empty_as_null=False)).to_series().unique().sort()


def reached(wanted: pl.DataFrame, parties: pl.DataFrame) -> pl.Series:
    """The persons whose contact points are needed."""
    borrowers = wanted.filter(pl.col("to") == BORROWER)["person_id"]
    return pl.concat([borrowers, parties["person_id"]]).unique().sort()


def propose(wanted: pl.DataFrame, desk: Desk, setting: Setting) -> pl.DataFrame:
    """The proposals that come of what is wanted, of the whole book at once, each with the law's answer.

    Columns: person_id, loan_key (null for a case), treatment, by, recipient_id, relation, contact_point_id, channel,
    purpose, template_id, template_version, slot_second, slot_zone, slot_at, allowed, refused (list of rule ids),
    missing (list of facts), order.
    """
    rows = _recipients(wanted, desk.parties).join(_first_points(desk), on=["recipient_id", "point_kind"], how="left")
    return pl.concat([pl.DataFrame(schema=_COLUMNS), _ask(rows, desk, setting)], how="diagonal_relaxed").select(
        list(_COLUMNS)
    )


def planned(wanted: pl.DataFrame, desk: Desk, setting: Setting) -> pl.DataFrame:
    """What the law is asked of each row that reaches somebody, before any of them has used up a counter.

    Columns: those of `PLANNED`, and a fact of the law each (`law.facts`). ``law_second`` is the second by the law's own
    clock, where it differs from the recipient's asked as well.
    """
    rows = _recipients(wanted, desk.parties).join(_first_points(desk), on=["recipient_id", "point_kind"], how="left")
    counted = _counted(rows.filter(pl.col("channel").is_not_null()), desk, setting)
    return pl.concat([counted.select(PLANNED), _facts(counted, setting, "here_second")], how="horizontal")


PLANNED = (
    "person_id", "loan_key", "treatment", "order", "recipient_id", "contact_point_id", "slot_at", "slot_zone",
    "slot_second", "law_second", "chain",
)  # fmt: skip
"""What names a planned contact. Those of one ``chain`` are asked one after the other."""

BORROWER = "borrower"
CONSENT = "consent"
"""The kind of proof by which a party consented to the use of his data."""
_WANTED: dict[str, Any] = {
    "person_id": pl.Int64, "loan_key": pl.Int64, "loan_keys": pl.List(pl.Int64), "to": pl.String, "demand": pl.Int64,
    "dpd": pl.Int32, "card": pl.Boolean, "unreachable": pl.Boolean, "dead": pl.Boolean, "incapable": pl.Boolean,
    **dict.fromkeys(HOLD_FACTS, pl.Boolean), "treatment": pl.String, "by": pl.String, "order": pl.Int32,
    "channel": pl.String, "purpose": pl.String, "template_id": pl.String, "template_version": pl.Int32,
    "slot_second": pl.Int32, "point_kind": pl.String,
}  # fmt: skip
_COLUMNS: dict[str, Any] = {
    "person_id": pl.Int64, "loan_key": pl.Int64, "treatment": pl.String, "by": pl.String, "recipient_id": pl.Int64,
    "relation": pl.String, "contact_point_id": pl.Int64, "channel": pl.String, "purpose": pl.String,
    "template_id": pl.String, "template_version": pl.Int32, "slot_second": pl.Int32, "slot_zone": pl.String,
    "slot_at": INSTANT, "allowed": pl.Boolean, "refused": pl.List(pl.String), "missing": pl.List(pl.String),
    "order": pl.Int32,
}  # fmt: skip


def _never(setting: Setting) -> pl.Expr:
    return pl.any_horizontal(pl.lit(value=False), *(rule.when.expression for rule in setting.strategy.never))


def left_alone(cases: pl.DataFrame, setting: Setting) -> pl.DataFrame:
    """One row for each case that the strategy leaves alone, with every reason; columns as of `propose`."""
    reasons = [
        pl.when(rule.when.expression).then(pl.lit(f"{setting.strategy.id}:never.{rule.name}"))
        for rule in setting.strategy.never
    ]
    kept = cases.filter(_never(setting))
    if kept.is_empty() or not reasons:
        return pl.DataFrame(schema=_COLUMNS)
    return kept.select(
        "person_id",
        loan_key=pl.lit(None, dtype=pl.Int64),
        treatment=pl.lit("leave_alone"),
        by=pl.lit("nobody"),
        allowed=pl.lit(value=False),
        refused=pl.concat_list(reasons).list.drop_nulls(),
        missing=pl.lit([], dtype=pl.List(pl.String)),
        order=pl.lit(0, dtype=pl.Int32),
    ).match_to_schema(_COLUMNS, missing_columns="insert")


def _wanted(treatment: Treatment, order: int, rows: pl.DataFrame, setting: Setting) -> pl.DataFrame:
    """The rows that one treatment is wanted for."""
    kept = rows.filter(treatment.when.expression & ~_never(setting))
    if treatment.scope == "loan":
        kept = kept.filter(pl.col("status") == "active")
        chosen = kept.with_columns(demand=pl.col("next_minor"), loan_keys=pl.concat_list("loan_key"))
    else:
        chosen = kept.with_columns(demand=pl.col("overdue_minor"), loan_keys="loan_key").drop("loan_key")
        chosen = chosen.with_columns(loan_key=pl.lit(None, dtype=pl.Int64))
    chosen = chosen.select(
        "person_id", "loan_key", "loan_keys", "demand", "dpd", "card", "unreachable", "dead", "incapable", *HOLD_FACTS,
        treatment=pl.lit(treatment.name), by=pl.lit(treatment.by), order=pl.lit(order, dtype=pl.Int32),
    )  # fmt: skip
    if treatment.by == "nobody":
        return chosen
    template = setting.register[treatment.template]
    return chosen.with_columns(
        to=pl.lit(treatment.to),
        channel=pl.lit(treatment.channel),
        purpose=pl.lit(template.purpose.value),
        template_id=pl.lit(template.id),
        template_version=pl.lit(template.version, dtype=pl.Int32),
        slot_second=pl.lit(treatment.slot, dtype=pl.Int32),
        point_kind=pl.lit(POINT_KIND[treatment.channel]),
    )


def _recipients(wanted: pl.DataFrame, parties: pl.DataFrame) -> pl.DataFrame:
    """The rows with who is to be reached: the borrower, or each person who stands in the relation to one of the loans.

    Rows that reach nobody have no recipient.
    """
    wanted = wanted.with_columns(about="loan_keys")
    own = wanted.filter(pl.col("to").is_null() | (pl.col("to") == BORROWER)).with_columns(
        recipient_id=pl.when(pl.col("to") == BORROWER).then("person_id"),
        relation="to",
        refused_before=pl.lit(value=False),
    )
    others = (
        wanted.filter(pl.col("to") != BORROWER)
        .with_columns(relation="to")
        .explode("loan_keys", empty_as_null=False)
        .join(
            parties.rename({"person_id": "recipient_id", "loan_key": "loan_keys", "refused": "refused_before"}),
            on=["loan_keys", "relation"],
            how="inner",
        )
        .sort("person_id", "recipient_id", "loan_keys")
        .unique(["order", "person_id", "loan_key", "recipient_id"], keep="first", maintain_order=True)
    )
    return pl.concat([own.drop("to", "loan_keys"), others.drop("to", "loan_keys")], how="diagonal_relaxed")


def _first_points(desk: Desk) -> pl.DataFrame:
    """The point at which each person is reached, by kind: the first valid one, else the first of any state.

    For texts, phones that take them come first; where there is none, the gate sees the one there is.
    """
    phones = desk.points.filter(pl.col("kind") == "phone")
    uses = pl.concat([desk.points, phones.with_columns(kind=pl.lit(TEXTS))])
    deaf = (pl.col("kind") == TEXTS) & ~pl.col("takes_text")
    return (
        uses.sort("person_id", "kind", deaf, pl.col("state") != "ok", "ordinal")
        .unique(["person_id", "kind"], keep="first", maintain_order=True)
        .select(
            "contact_point_id", "value_index", "zone", "state", "takes_text",
            recipient_id="person_id", point_kind="kind",
        )
    )  # fmt: skip


def _ask(rows: pl.DataFrame, desk: Desk, setting: Setting) -> pl.DataFrame:
    """The law's answer for every row that reaches somebody; candidates reach nobody and are allowed."""
    silent = rows.filter(pl.col("channel").is_null()).with_columns(
        allowed=pl.lit(value=True),
        refused=pl.lit([], dtype=pl.List(pl.String)),
        missing=pl.lit([], dtype=pl.List(pl.String)),
    )
    reaching = rows.filter(pl.col("channel").is_not_null())
    if reaching.is_empty():
        return silent
    counted = _counted(reaching, desk, setting)
    counted = counted.with_columns(turn=pl.int_range(pl.len()).over("chain"))
    turns = []
    used = pl.DataFrame(schema=_USED)
    for turn in range(int(str(counted["turn"].max())) + 1):
        part = (
            counted.filter(pl.col("turn") == turn)
            .join(used, left_on="recipient_id", right_on="who", how="left")
            .join(
                used.select("who", about_used="connected_calls_used"), left_on="person_id", right_on="who", how="left"
            )
            .with_columns(connected_calls_used=pl.max_horizontal("connected_calls_used", "about_used"))
            .with_columns((pl.col(name) + pl.col(f"{name}_used").fill_null(0)).alias(name) for name in _COUNTED)
        )
        answered = _decide(part, setting)
        turns.append(answered)
        used = _use(used, answered)
    return pl.concat([silent, *turns], how="diagonal_relaxed")


_USED: dict[str, Any] = {"who": pl.Int64, **{f"{name}_used": pl.Int64 for name in _COUNTED}}


def _linked(rows: pl.DataFrame) -> pl.DataFrame:
    """Recipients who are asked one after the other since calls to one count for another: parties of one debtor.

    Columns: recipient_id, linked (one person of theirs). Borrowers of whom nobody else is reached are absent.
    """
    others = rows.filter(pl.col("recipient_id") != pl.col("person_id"))
    above: dict[int, int] = {}

    def first(one: int) -> int:
        while one in above:
            one = above[one]
        return one

    for debtor, recipient in others.select("person_id", "recipient_id").unique().sort(pl.all()).iter_rows():
        low, high = sorted((first(debtor), first(recipient)))
        if low != high:
            above[high] = low
    known = sorted({one for pair in others.select("person_id", "recipient_id").iter_rows() for one in pair})
    return pl.DataFrame(
        {"recipient_id": known, "linked": [first(one) for one in known]},
        schema={"recipient_id": pl.Int64, "linked": pl.Int64},
    )


def _counted(reaching: pl.DataFrame, desk: Desk, setting: Setting) -> pl.DataFrame:
    """Rows that reach somebody, with clocks and the counters of the day so far, in the order of asking.

    Connected calls are counted by the recipient and by the debtor, and the greater of them counts.
    """
    about = desk.persons_today.select("person_id", about_calls="connected_calls")
    tried = ("attempts_day", "attempts_week")
    read = bool(asked_of_plans(setting.rulebook) & ATTEMPTS)
    rows = (
        reaching.pipe(_clocks, setting)
        .join(desk.persons_today, left_on="recipient_id", right_on="person_id", how="left")
        .join(about, on="person_id", how="left")
        .join(desk.numbers_today, on="value_index", how="left")
        .join(desk.attempts, left_on="recipient_id", right_on="person_id", how="left")
        .with_columns(pl.col("connected_calls", "about_calls", "sms", "push", "unanswered_calls").fill_null(0))
        .with_columns(pl.col(name).fill_null(0) if read else pl.lit(None, dtype=pl.Int64).alias(name) for name in tried)
        .with_columns(connected_calls=pl.max_horizontal("connected_calls", "about_calls"))
        .drop("about_calls")
        .sort("recipient_id", "slot_second", "order", "person_id", "loan_key")
    )
    said = on_record(rows, desk, setting.rulebook)
    rows = rows.join(_linked(reaching), on="recipient_id", how="left", maintain_order="left").with_columns(
        chain=pl.coalesce("linked", "recipient_id")
    )
    return rows.drop("about", "linked").hstack([column.alias(f"{_SAID}{name}") for name, column in said.items()])


def _use(used: pl.DataFrame, answered: pl.DataFrame) -> pl.DataFrame:
    """What is used up after one turn: allowed proposals count as made, calls as answered and for the debtor too."""
    fresh = answered.filter("allowed").select(
        "person_id",
        pl.col("recipient_id").alias("who"),
        *(
            pl.col("channel").is_in([one.value for one in channels]).cast(pl.Int64).alias(f"{name}_used")
            for name, channels in _COUNTED.items()
        ),
    )
    about = fresh.filter(pl.col("who") != pl.col("person_id")).with_columns(
        *(pl.lit(0, dtype=pl.Int64).alias(f"{name}_used") for name in _COUNTED if name != "connected_calls"),
        who="person_id",
    )
    return pl.concat([used, fresh.select(list(_USED)), about.select(list(_USED))]).group_by("who").agg(pl.all().sum())


def _clocks(rows: pl.DataFrame, setting: Setting) -> pl.DataFrame:
    """The instant of each slot where the recipient is, and the day and second it is by the law's own clock.

    A law without one goes by the clock of the recipient's place: where that is not known, day and second are missing.
    So they are where a contact point's zone is none of the tz database's: then nobody knows where the person is.
    """
    law_zone = setting.rulebook.zone
    strange = [name for name in rows["zone"].unique().drop_nulls() if not known_zone(name)]
    no_zone = pl.col("zone").is_in(strange)
    rows = rows.with_columns(
        slot_zone=pl.when(~no_zone).then("zone").fill_null(law_zone or setting.lender_zone),
        here_second=pl.when(pl.col("zone").is_not_null() | bool(law_zone), ~no_zone.fill_null(value=False)).then(
            "slot_second"
        ),
    )
    found = []
    for slot_zone, second in rows.select("slot_zone", "slot_second").unique().sort(pl.all()).iter_rows():
        naive = datetime.combine(setting.day, time()) + timedelta(seconds=second)
        instant = naive.replace(tzinfo=zone(slot_zone)).astimezone(UTC)
        law_day, law_second = local(instant, zone(law_zone or slot_zone))
        found.append((slot_zone, second, instant, law_day, law_second))
    schema: dict[str, Any] = {
        "slot_zone": pl.String,
        "slot_second": pl.Int32,
        "slot_at": INSTANT,
        "law_day": pl.Date,
        "law_second": pl.Int32,
    }
    table = pl.DataFrame(found, schema=schema, orient="row")
    there = pl.col("here_second").is_not_null()
    return rows.join(table, on=["slot_zone", "slot_second"], how="left").with_columns(
        pl.when(there).then(name).alias(name) for name in ("law_day", "law_second")
    )


def _decide(rows: pl.DataFrame, setting: Setting) -> pl.DataFrame:
    """Ask the gate for each row at the recipient's clock and, where it differs, at the law's."""
    here = columns.decide_columns(setting.rulebook, _facts(rows, setting, "here_second"))
    elsewhere = rows["law_second"] != rows["here_second"]
    if elsewhere.any():
        there = columns.decide_columns(setting.rulebook, _facts(rows, setting, "law_second"))
        masks = [name for name in here.columns if name.startswith(("refused_", "missing_"))]
        here = here.with_columns(here[name] | there[name] for name in masks).with_columns(
            allowed=here["allowed"] & there["allowed"]
        )
    return pl.concat([rows, _named(here, setting.rulebook)], how="horizontal")


def _named(answers: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """The masks as names; there are few distinct ones, so each is decoded once."""
    masks = [name for name in answers.columns if name.startswith(("refused_", "missing_"))]
    distinct = answers.select(masks).unique().sort(masks)
    decoded = [columns.decode(rulebook, row) for row in distinct.iter_rows(named=True)]
    names = distinct.with_columns(
        refused=pl.Series([[reason.rule.id for reason in row] for row in decoded], dtype=pl.List(pl.String)),
        missing=pl.Series(
            [list(dict.fromkeys(fact for reason in row for fact in reason.missing)) for row in decoded],
            dtype=pl.List(pl.String),
        ),
    )
    return answers.join(names, on=masks, how="left", maintain_order="left").select("allowed", "refused", "missing")


def _facts(rows: pl.DataFrame, setting: Setting, second: str) -> pl.DataFrame:
    """The law's facts of each row (`law.facts`)."""
    today = pl.lit(setting.day)
    optional: dict[str, Any] = {
        "proof_until": pl.Date,
        "named_by_debtor": pl.Boolean,
        "renounced": pl.Boolean,
        "estate_left_minor": pl.Int64,
        "proof_kind": pl.String,
    }
    rows = rows.with_columns(
        pl.lit(None, dtype=kind).alias(name) for name, kind in optional.items() if name not in rows.columns
    )
    borrower = pl.col("relation") == "borrower"
    in_date = pl.col("proof_kind").is_not_null() & (pl.col("proof_until").is_null() | (pl.col("proof_until") >= today))
    said = setting.register.columns(setting.day).drop("purpose").rename({"template": "template_id"})
    said = said.with_columns(pl.col("channel").cast(pl.String))
    own = (
        "purpose",
        "channel",
        "relation",
        *setting.register.flags,
        *(one for one in HOLD_FACTS if one != "hold_other"),
    )
    found = {name.removeprefix(_SAID): pl.col(name) for name in rows.columns if name.startswith(_SAID)}
    found |= {name: pl.col(name) for name in own}
    found |= {
        "on": pl.col("law_day"),
        "moment": pl.lit("plan"),
        "second_local": pl.col(second),
        "debt_collector": pl.lit(None if setting.lender_type == "transferee" else False, dtype=pl.Boolean),
        "attempts_person_day": pl.col("attempts_day"),
        "attempts_person_7d": pl.col("attempts_week"),
        "lender_type": pl.lit(setting.lender_type),
        "sender_type": pl.lit("lender"),
        "template_approved": pl.col("template_approved").fill_null(value=False),
        "relation_proven": borrower | in_date,
        "named_by_debtor": pl.col("named_by_debtor"),
        "information_consent": (pl.col("proof_kind") == CONSENT) & in_date,
        "contact_person_refused": pl.col("refused_before").fill_null(value=False),
        "guarantee_period_open": pl.when(pl.col("relation") == "guarantor").then(pl.col("proof_until") >= today),
        "inheritance_renounced": pl.col("renounced"),
        "demand_minor": pl.col("demand"),
        "estate_left_minor": pl.col("estate_left_minor"),
        "contact_point_valid": pl.col("state") == "ok",
        "point_takes_text": pl.col("takes_text"),
        "wrong_number": pl.col("state") == "wrong",
        "debtor_unreachable": pl.col("unreachable"),
        "debtor_dead": pl.col("dead"),
        "debtor_incapable": pl.col("incapable"),
        "connected_calls_person_day": pl.col("connected_calls"),
        "unanswered_attempts_number_day": pl.col("unanswered_calls"),
        "sms_person_day": pl.col("sms"),
        "push_person_day": pl.col("push"),
        "days_past_due": pl.col("dpd"),
        "card_account": pl.col("card"),
    }
    if "limitation_expired" not in found:
        found["limitation_expired"] = _expired(rows, setting)
    facts = rows.join(said, on=["template_id", "channel"], how="left", maintain_order="left").select(**found)
    if setting.rulebook.jurisdiction != "UK":
        return facts
    days = rows["law_day"] if second == "law_second" else pl.Series([setting.day] * rows.height, dtype=pl.Date)
    lives = facts["resident_territory"] if "resident_territory" in facts.columns else None
    return facts.with_columns(rest_days(days, lives, "UK").alias("day_of_rest_local"))


_GOVERNS = "governing_territory"


def _expired(rows: pl.DataFrame, setting: Setting) -> pl.Expr:
    """Whether limitation has run out: surely not while nothing was due for as long as the period; else not known."""
    column = f"{_SAID}{_GOVERNS}"
    places = rows[column].unique().to_list() if column in rows.columns else [None]
    found = pl.lit(None, dtype=pl.Boolean)
    for place in places:
        facts = {"on": setting.day, "lender_type": setting.lender_type, _GOVERNS: place}
        days = days_safe(setting.rulebook, facts)
        if days is None:
            continue
        there = pl.lit(value=True) if place is None else pl.col(column) == place
        found = (
            pl.when(there.fill_null(value=False) & (pl.col("dpd") <= days)).then(pl.lit(value=False)).otherwise(found)
        )
    return found
