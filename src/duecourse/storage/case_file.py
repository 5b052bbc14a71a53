"""A case as one page shows it: who, by what proof, where they may be reached, which loans, and all that happened.

Masked throughout; nothing is decrypted. Every query goes by the case's person or the people tied to its loans.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, LiteralString

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput

HAPPENINGS_MAX = 200


@dataclass(frozen=True, slots=True)
class CaseLoan:
    """A loan of a case as the day run found it; the figures are None where the day has none of it."""

    loan_key: int
    loan_ref: str | None
    product: str | None
    currency: str | None
    status: str | None
    dpd: int | None
    oldest_due_day: date | None
    next_due_day: date | None
    overdue_minor: int | None
    due_in_week_minor: int | None
    not_due_minor: int | None
    paid_total_minor: int | None
    last_payment_day: date | None


@dataclass(frozen=True, slots=True)
class Tie:
    """A person's tie to a loan of the case, with its proof; masked."""

    person_id: int
    loan_key: int
    relation: str
    from_day: date
    to_day: date | None
    proof_kind: str | None
    proof_until: date | None
    named_by_debtor: bool
    refused_at: datetime | None
    kind: str
    name_masked: str | None
    id_masked: str | None
    birth_masked: str | None
    alias_of: int | None
    destroyed_at: datetime | None
    language: str | None


@dataclass(frozen=True, slots=True)
class Point:
    """A contact point of one of the people, masked."""

    person_id: int
    contact_point_id: int
    ordinal: int
    kind: str
    label: str
    line: str | None
    value_masked: str
    zone: str | None
    consent: str | None
    source: str
    state: str
    state_at: datetime
    to_at: datetime | None


@dataclass(frozen=True, slots=True)
class PersonHold:
    """A hold on one of the people."""

    hold_id: int
    person_id: int
    loan_key: int | None
    kind: str
    from_at: datetime
    to_at: datetime | None
    source: str
    ended_by: str | None


def loans(tx: Tx, *, person_id: int, case_id: int, day: date, run_id: int) -> list[CaseLoan]:
    """The loans that are in the case (of a closed one: were at its end), by number."""
    return tx.rows(
        CaseLoan,
        "SELECT l.loan_key, n.loan_ref, n.product, n.currency, s.status, s.dpd, s.oldest_due_day, s.next_due_day, "
        "s.overdue_minor, s.due_in_week_minor, s.not_due_minor, s.paid_total_minor, s.last_payment_day "
        "FROM (SELECT DISTINCT l.loan_key FROM case_loan l JOIN cases c USING (lender_id, person_id, case_id) "
        "WHERE l.lender_id = %(lender)s AND l.person_id = %(person)s AND l.case_id = %(case)s "
        "AND l.to_day IS NOT DISTINCT FROM c.closed_day) l "
        "LEFT JOIN case_loan_name n ON n.lender_id = %(lender)s AND n.person_id = %(person)s "
        "AND n.loan_key = l.loan_key "
        "LEFT JOIN loan_snapshot s ON s.lender_id = %(lender)s AND s.person_id = %(person)s AND s.day = %(day)s "
        "AND s.run_id = %(run)s AND s.loan_key = l.loan_key ORDER BY n.loan_ref, l.loan_key",
        {"lender": tx.lender_id, "person": person_id, "case": case_id, "day": day, "run": run_id},
    )


def ties(tx: Tx, loan_keys: Sequence[int]) -> list[Tie]:
    """Everybody tied to these loans, the borrowers first."""
    return tx.rows(
        Tie,
        "SELECT t.person_id, t.loan_key, t.relation, t.from_day, t.to_day, t.proof_kind, t.proof_until, "
        "t.named_by_debtor, t.refused_at, p.kind, p.name_masked, p.id_masked, p.birth_masked, p.alias_of, "
        "p.destroyed_at, g.language FROM party t JOIN person p USING (lender_id, person_id) "
        "LEFT JOIN person_language g USING (lender_id, person_id) "
        "WHERE t.lender_id = %s AND t.loan_key = ANY (%s) "
        "ORDER BY t.relation <> 'borrower', t.relation, t.person_id, t.loan_key, t.from_day",
        (tx.lender_id, list(loan_keys)),
    )


def points(tx: Tx, persons: Sequence[int]) -> list[Point]:
    """The contact points of these people, current ones first."""
    return tx.rows(
        Point,
        "SELECT person_id, contact_point_id, ordinal, kind, label, line, value_masked, zone, consent, source, state, "
        "state_at, to_at FROM contact_point WHERE lender_id = %s AND person_id = ANY (%s) "
        "ORDER BY person_id, to_at IS NOT NULL, ordinal",
        (tx.lender_id, list(persons)),
    )


def holds(tx: Tx, persons: Sequence[int]) -> list[PersonHold]:
    """Every hold of these people, those that stand first."""
    return tx.rows(
        PersonHold,
        "SELECT hold_id, person_id, loan_key, kind, from_at, to_at, source, ended_by FROM hold "
        "WHERE lender_id = %s AND person_id = ANY (%s) ORDER BY to_at IS NOT NULL, from_at DESC, hold_id DESC",
        (tx.lender_id, list(persons)),
    )


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened, newest first in the file. ``what`` has the words of its kind, never a personal value.

    ``content`` is the record of kind ``record``, None for the others.
    """

    kind: str
    id: int
    person_id: int
    at: datetime
    actor: str | None
    what: Mapping[str, Any]
    content: bytes | None

    @property
    def cursor(self) -> str:
        """From where the file goes on after this."""
        micros = (self.at - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)
        return f"{micros}-{self.kind}-{self.id}"


class NotACursor(BadInput):
    """A cursor that no answer of ours gave."""

    def __init__(self) -> None:
        super().__init__(N_("the cursor is not one that this file gave; begin without one"))


KINDS = (
    "contact", "inbound", "refusal", "note", "promise", "promise_end", "hold", "hold_end", "assignment", "skip",
    "record",
)  # fmt: skip
"""What happens to a case. ``record``: an entry of the log that none of the others tells, a reveal above all."""

_TOLD: LiteralString = (
    "'permit.granted', 'permit.refused', 'permit.redeemed', 'permit.not_redeemed', 'permit.released', "
    "'contact.settled', 'contact.inbound', 'inbound.received', 'inbound.placed', 'reading.made', "
    "'reading.decided', 'note.recorded', "
    "'promise.recorded', 'promise.renegotiated', 'promise.withdrawn', 'hold.placed', "
    "'hold.ended', 'case.assigned', 'worklist.skipped', 'worklist.returned'"
)
"""Records whose acts stand in the file by themselves."""

_PARTS: dict[str, LiteralString] = {
    "contact": (
        "SELECT 'contact', h.contact_id, h.person_id, h.at, h.sender, jsonb_build_object('channel', h.channel, "
        "'direction', h.direction, 'purpose', h.purpose, 'state', CASE WHEN h.state = 'reserved' "
        "AND h.expires_at <= %(now)s THEN 'released' ELSE h.state END, 'outcome', h.outcome, 'relation', h.relation, "
        "'template', h.template_id, 'agency', h.agency, 'settled_at', h.settled_at), NULL::bytea FROM contact h "
        "WHERE h.lender_id = %(lender)s AND h.debtor_id = %(person)s AND NOT (h.direction = 'in' AND EXISTS (SELECT "
        "FROM inbound i WHERE i.lender_id = h.lender_id AND i.person_id = h.person_id AND i.contact_id = h.contact_id))"
    ),
    "inbound": (
        "SELECT 'inbound', h.inbound_id, h.person_id, h.at, NULL::text, jsonb_build_object('channel', h.channel, "
        "'characters', h.characters, 'sender', h.sender_masked, 'answers', h.answers::text, 'other_sender', "
        "h.other_sender, 'placed_by', h.placed_by, 'meaning', r.meaning, 'decided', r.decided_as, 'urgent', r.urgent, "
        "'mood', r.mood, 'mood_ppm', r.mood_ppm, 'acted', r.acted), NULL::bytea FROM inbound h LEFT JOIN reading r "
        "ON r.lender_id = h.lender_id AND r.inbound_id = h.inbound_id WHERE h.lender_id = %(lender)s "
        "AND h.debtor_id = %(person)s"
    ),
    "refusal": (
        "SELECT 'refusal', h.permit_id, h.person_id, h.answered_at AS at, h.sender_type || CASE WHEN h.firm = '' "
        "THEN '' ELSE ':' || h.firm END || CASE WHEN h.staff = '' THEN '' ELSE '/' || h.staff END, "
        "jsonb_build_object('channel', h.channel, 'purpose', h.purpose, 'relation', h.relation, 'template', "
        "h.template_id, 'why', h.why, 'next_open', h.next_open, 'says', h.said -> 'says', 'rules', "
        "jsonb_path_query_array(h.said, '$.reasons[*].rule')), NULL::bytea FROM permit_request h "
        "WHERE h.lender_id = %(lender)s AND h.person_id = ANY (%(people)s) AND h.debtor_id = %(person)s "
        "AND h.answer = 'refused'"
    ),
    "note": (
        "SELECT 'note', h.note_id, h.person_id, h.at, h.actor, jsonb_build_object('characters', h.characters, "
        "'contact', h.contact_id::text), NULL::bytea FROM note h WHERE h.lender_id = %(lender)s "
        "AND h.person_id = %(person)s"
    ),
    "promise": (
        "SELECT 'promise', h.promise_id, h.promised_by, h.at, h.actor, jsonb_build_object('amount_minor', "
        "h.amount_minor, 'currency', h.currency, 'due', h.due_day, 'given', h.given, 'replaces', h.replaces::text, "
        "'why', h.why), NULL::bytea FROM promise h WHERE h.lender_id = %(lender)s AND h.person_id = %(person)s"
    ),
    "promise_end": (
        "SELECT 'promise_end', h.promise_id, h.promised_by, h.ended_at AS at, h.ended_by, jsonb_build_object('end', "
        "h.end_kind, 'amount_minor', h.amount_minor, 'currency', h.currency, 'due', h.due_day), NULL::bytea "
        "FROM promise h WHERE h.lender_id = %(lender)s AND h.person_id = %(person)s AND h.ended_at IS NOT NULL "
        "AND h.end_kind <> 'settled'"
    ),
    "hold": (
        "SELECT 'hold', h.hold_id, h.person_id, h.from_at AS at, NULL::text, jsonb_build_object('hold', h.kind, "
        "'until', h.to_at, 'source', h.source, 'loan', h.loan_key::text), NULL::bytea FROM hold h "
        "WHERE h.lender_id = %(lender)s AND h.person_id = ANY (%(people)s)"
    ),
    "hold_end": (
        "SELECT 'hold_end', h.hold_id, h.person_id, h.to_at AS at, h.ended_by, jsonb_build_object('hold', h.kind), "
        "NULL::bytea FROM hold h WHERE h.lender_id = %(lender)s AND h.person_id = ANY (%(people)s) "
        "AND h.to_at <= %(now)s"
    ),
    "assignment": (
        "SELECT 'assignment', h.assignment_id, h.person_id, h.at, h.actor, jsonb_build_object('from', "
        "h.from_collector, 'to', h.to_collector, 'reason', h.reason), NULL::bytea FROM case_assignment h "
        "WHERE h.lender_id = %(lender)s AND h.person_id = %(person)s"
    ),
    "skip": (
        "SELECT 'skip', h.skip_id, h.person_id, h.at, h.actor, jsonb_build_object('reason', h.reason, 'day', h.day, "
        "'taken_back_at', h.taken_back_at), NULL::bytea FROM worklist_skip h WHERE h.lender_id = %(lender)s "
        "AND h.person_id = %(person)s"
    ),
    "record": (
        "SELECT 'record', h.entry_id, h.person_id, h.at, h.actor, jsonb_build_object('record', h.kind), h.bytes "
        "FROM log_entry h WHERE h.lender_id = %(lender)s AND h.person_id = ANY (%(people)s) "
        "AND h.kind NOT IN (" + _TOLD + ")"
    ),
}  # fmt: skip

_PART: LiteralString = (
    "(SELECT * FROM ({part}) AS one (kind, id, person_id, at, actor, what, content) "
    "WHERE (at, kind, id) < (%(at)s, %(kind)s, %(id)s) ORDER BY at DESC, kind DESC, id DESC LIMIT %(most)s)"
)


def happenings(
    tx: Tx,
    *,
    person_id: int,
    people: Sequence[int],
    now: datetime,
    kinds: Sequence[str] = KINDS,
    before: str | None = None,
    most: int = 50,
) -> list[Happening]:
    """What happened to the cases of a person, the latest first; ``people`` are those tied to the loans.

    What lies ahead (a hold that begins later) is not told. ``before`` is the cursor of the last one shown. Raises
    `NotACursor`.
    """
    at, kind, number = _read(before) if before else (now + timedelta(microseconds=1), "", 0)
    parts: list[LiteralString] = [_PART.replace("{part}", _PARTS[name]) for name in KINDS if name in kinds]
    if not parts:
        return []
    return tx.rows(
        Happening,
        "SELECT * FROM (" + " UNION ALL ".join(parts) + ") every ORDER BY at DESC, kind DESC, id DESC LIMIT %(most)s",
        {
            "lender": tx.lender_id, "person": person_id, "people": list(people), "now": now, "at": at, "kind": kind,
            "id": number, "most": min(max(most, 1), HAPPENINGS_MAX),
        },
    )  # fmt: skip


def _read(cursor: str) -> tuple[datetime, str, int]:
    micros, _dash, rest = cursor.partition("-")
    kind, _dash, number = rest.partition("-")
    if not (micros.isdecimal() and number.isdecimal() and kind in KINDS and len(micros) <= 17 and len(number) <= 19):
        raise NotACursor
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(micros)), kind, int(number)
