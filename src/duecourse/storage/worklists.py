"""What people ask of a published day: worklists, a case's snapshot and proposals, and counts over all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString

import polars as pl

from duecourse.storage import frames
from duecourse.storage.connection import Tx

_SHOWN: LiteralString = (
    "JOIN day_run USING (lender_id, day, run_id) WHERE state = 'published' AND lender_id = %s AND day = %s "
)
"""Rows of a run that died or has yet to be published may be there; nobody sees them."""


@dataclass(frozen=True, slots=True)
class Place:
    """One line of a worklist: the case, masked, and the proposal that put it there."""

    place: int
    collector_id: str
    case_id: int
    person_id: int
    name_masked: str | None
    dpd: int
    stage: str
    currency: str
    overdue_minor: int
    treatment: str
    channel: str | None
    slot_at: datetime | None
    slot_second: int | None
    slot_zone: str | None
    answer: str
    reasons: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A case as the day run found it."""

    person_id: int
    loans: int
    dpd: int
    dpd_plan: int
    stage: str
    five_class: str
    oldest_due_day: date | None
    currency: str
    principal_minor: int
    interest_minor: int
    penalty_minor: int
    fee_minor: int
    overdue_minor: int
    settle_minor: int
    collector_id: str | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal with the law's answer."""

    ordinal: int
    loan_key: int | None
    recipient_id: int | None
    relation: str | None
    contact_point_id: int | None
    treatment: str
    channel: str | None
    purpose: str | None
    template_id: str | None
    template_version: int | None
    slot_at: datetime | None
    slot_second: int | None
    slot_zone: str | None
    answer: str
    rules: list[str]
    missing: list[str]
    reasons: Mapping[str, object]
    score: int | None


def worklist(tx: Tx, day: date, *, collector_id: str | None = None, most: int = 1000) -> list[Place]:
    """The worklist of a day, of one collector or of all, in order of collector and place."""
    return tx.rows(
        Place,
        "SELECT w.place, w.collector_id, c.case_id, w.person_id, p.name_masked, s.dpd, s.stage, s.currency, "
        "s.overdue_minor, o.treatment, o.channel, o.slot_at, o.slot_second, o.slot_zone, o.answer, o.reasons "
        "FROM worklist w JOIN day_run r USING (lender_id, day, run_id) JOIN person p USING (lender_id, person_id) "
        "JOIN LATERAL (SELECT case_id FROM cases c WHERE c.lender_id = w.lender_id AND c.person_id = w.person_id "
        "AND c.opened_day <= w.day ORDER BY c.case_id DESC LIMIT 1) c ON true "
        "JOIN case_snapshot s USING (lender_id, day, run_id, person_id) "
        "JOIN proposal o USING (lender_id, day, run_id, person_id, ordinal) "
        "WHERE r.state = 'published' AND w.lender_id = %s AND w.day = %s "
        "AND w.collector_id = coalesce(%s, w.collector_id) "
        "ORDER BY w.collector_id, w.place LIMIT %s",
        (tx.lender_id, day, collector_id, most),
    )


def place_of(tx: Tx, day: date, person_id: int) -> tuple[str, int] | None:
    """Collector and place of a person's case on a day, or None."""
    found = tx.execute(
        "SELECT collector_id, place FROM worklist " + _SHOWN + "AND person_id = %s",
        (tx.lender_id, day, person_id),
    ).fetchone()
    return None if found is None else (str(found[0]), int(found[1]))


def snapshot(tx: Tx, day: date, person_id: int) -> Snapshot | None:
    """A case on a day, or None if it was not one then or the day's partition is gone."""
    return tx.row(
        Snapshot,
        "SELECT person_id, loans, dpd, dpd_plan, stage, class AS five_class, oldest_due_day, currency, "
        "principal_minor, interest_minor, penalty_minor, fee_minor, overdue_minor, settle_minor, collector_id "
        "FROM case_snapshot " + _SHOWN + "AND person_id = %s",
        (tx.lender_id, day, person_id),
    )


def proposals(tx: Tx, day: date, person_id: int) -> list[Proposal]:
    """A person's proposals of a day, in order."""
    return tx.rows(
        Proposal,
        "SELECT ordinal, loan_key, recipient_id, relation, contact_point_id, treatment, channel, purpose, template_id, "
        "template_version, slot_at, slot_second, slot_zone, answer, rules, missing, reasons, score "
        "FROM proposal " + _SHOWN + "AND person_id = %s ORDER BY ordinal",
        (tx.lender_id, day, person_id),
    )


def proposal_counts(tx: Tx, day: date) -> pl.DataFrame:
    """Proposals of a day by treatment, channel and answer."""
    return frames.read(
        tx,
        "SELECT treatment, channel, answer, count(*) FROM proposal "
        + _SHOWN
        + "GROUP BY treatment, channel, answer ORDER BY treatment, channel, answer",
        (tx.lender_id, day),
        {"treatment": pl.String, "channel": pl.String, "answer": pl.String, "proposals": pl.Int64},
    )


CAUSES: LiteralString = (
    "unnest(CASE WHEN channel IS NOT NULL AND contact_point_id IS NULL THEN ARRAY['missing contact_point'] "
    "ELSE rules || ARRAY(SELECT 'missing ' || fact FROM unnest(missing) AS fact) END)"
)
"""What determined the answer to a proposal, a row each. Where nothing reaches the person, that alone: it is one cause,
whatever rules ask of a contact point."""


def refusal_counts(tx: Tx, day: date) -> pl.DataFrame:
    """Refused proposals of a day by each rule, or missing fact, that determined the answer (`CAUSES`)."""
    return frames.read(
        tx,
        "SELECT cause, treatment, count(*) FROM (SELECT "
        + CAUSES
        + " AS cause, treatment FROM proposal "
        + _SHOWN
        + "AND answer = 'refused') AS causes GROUP BY cause, treatment ORDER BY count(*) DESC, cause, treatment",
        (tx.lender_id, day),
        {"cause": pl.String, "treatment": pl.String, "proposals": pl.Int64},
    )
