"""What people can afford, and plans: offered, approved, signed by both, ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import LiteralString

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput

FIELD = "affordability"
"""Under which a statement is sealed."""


class NoSuchPlan(BadInput):
    """A plan number that the lender does not have."""

    def __init__(self, plan_id: int) -> None:
        super().__init__(N_("plan {plan} is not known to this lender; `duecourse plan list` shows them"), plan=plan_id)


@dataclass(frozen=True, slots=True)
class Statement:
    """Income and outgoings as stated; sealed but for what is left of a month."""

    statement_id: int
    person_id: int
    case_id: int
    statement_sealed: bytes = field(repr=False)
    left_minor: int
    currency: str
    proof: str
    actor: str
    at: datetime


def state(
    tx: Tx, *, person_id: int, case_id: int, sealed: bytes, left: int, currency: str, proof: str, actor: str,
    now: datetime,
) -> int:  # fmt: skip
    """Keep a statement and return its number."""
    return int(
        str(
            tx.value(
                "INSERT INTO affordability (lender_id, person_id, case_id, statement_sealed, left_minor, currency, "
                "proof, actor, at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING statement_id",
                (tx.lender_id, person_id, case_id, sealed, left, currency, proof, actor, now),
            )
        )
    )


def stated(tx: Tx, person_id: int) -> Statement | None:
    """The latest statement of a person."""
    return tx.row(
        Statement,
        "SELECT statement_id, person_id, case_id, statement_sealed, left_minor, currency, proof, actor, at "
        "FROM affordability WHERE lender_id = %s AND person_id = %s ORDER BY statement_id DESC LIMIT 1",
        (tx.lender_id, person_id),
    )


def statement(tx: Tx, statement_id: int) -> Statement | None:
    """A statement by its number."""
    return tx.row(
        Statement,
        "SELECT statement_id, person_id, case_id, statement_sealed, left_minor, currency, proof, actor, at "
        "FROM affordability WHERE lender_id = %s AND statement_id = %s",
        (tx.lender_id, statement_id),
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan with what became of it."""

    plan_id: int
    person_id: int
    case_id: int
    loan_key: int
    kind: str
    months: int
    deferred: int
    as_of: date
    content: bytes = field(repr=False)
    content_hash: bytes = field(repr=False)
    restructured: bool
    offered_by: str
    offered_at: datetime
    lapses_at: datetime
    approval_id: int | None
    approved_by: str | None
    approved_at: datetime | None
    signed_at: datetime | None
    signed_by: int | None
    signed_with: str | None
    proof: str | None
    borrower_key: bytes | None = field(repr=False)
    borrower_signature: bytes | None = field(repr=False)
    lender_key: str | None
    lender_signature: bytes | None = field(repr=False)
    ended_at: datetime | None
    ended_by: str | None
    ended_as: str | None

    def state(self, now: datetime) -> str:
        """Where it stands: asked, offered, signed, or as it ended."""
        if self.ended_as is not None:
            return self.ended_as
        if self.signed_at is not None:
            return "signed"
        if self.lapses_at <= now:
            return "lapsed"
        return "offered" if self.approved_at is not None else "asked"


_COLUMNS: LiteralString = (
    "plan_id, person_id, case_id, loan_key, kind, months, deferred, as_of, content, content_hash, restructured, "
    "offered_by, offered_at, lapses_at, approval_id, approved_by, approved_at, signed_at, signed_by, signed_with, "
    "proof, borrower_key, borrower_signature, lender_key, lender_signature, ended_at, ended_by, ended_as"
)


def next_id(tx: Tx) -> int:
    """The number of the plan that will be added next."""
    return int(str(tx.value("SELECT nextval('plan_plan_id_seq')")))


def add(
    tx: Tx, plan_id: int, *, person_id: int, case_id: int, loan_key: int, kind: str, months: int, deferred: int,
    as_of: date, content: bytes, content_hash: bytes, restructured: bool, offered_by: str, now: datetime,
    lapses_at: datetime, approved: bool,
) -> None:  # fmt: skip
    """Keep an offer; ``approved``: who offers it may do so alone."""
    tx.execute(
        "INSERT INTO plan (lender_id, person_id, plan_id, case_id, loan_key, kind, months, deferred, as_of, content, "
        "content_hash, restructured, offered_by, offered_at, lapses_at, approved_by, approved_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            tx.lender_id, person_id, plan_id, case_id, loan_key, kind, months, deferred, as_of, content, content_hash,
            restructured, offered_by, now, lapses_at, offered_by if approved else None, now if approved else None,
        ),
    )  # fmt: skip


def get(tx: Tx, plan_id: int, *, lock: bool = False) -> Plan:
    """One plan; raises `NoSuchPlan`."""
    query: LiteralString = "SELECT " + _COLUMNS + " FROM plan WHERE lender_id = %s AND plan_id = %s"
    found = tx.row(Plan, query + " FOR UPDATE" if lock else query, (tx.lender_id, plan_id))
    if found is None:
        raise NoSuchPlan(plan_id)
    return found


def of_loan(tx: Tx, loan_key: int) -> list[Plan]:
    """Every plan of a loan, the latest first."""
    return tx.rows(
        Plan, "SELECT " + _COLUMNS + " FROM plan WHERE lender_id = %s AND loan_key = %s ORDER BY plan_id DESC",
        (tx.lender_id, loan_key),
    )  # fmt: skip


def of_case(tx: Tx, case_id: int) -> list[Plan]:
    """Every plan of a case, the latest first."""
    return tx.rows(
        Plan, "SELECT " + _COLUMNS + " FROM plan WHERE lender_id = %s AND case_id = %s ORDER BY plan_id DESC",
        (tx.lender_id, case_id),
    )  # fmt: skip


def standing(tx: Tx, most: int = 100_000) -> list[Plan]:
    """Plans that are signed and not ended, by number."""
    return tx.rows(
        Plan,
        "SELECT " + _COLUMNS + " FROM plan WHERE lender_id = %s AND signed_at IS NOT NULL AND ended_at IS NULL "
        "ORDER BY plan_id LIMIT %s",
        (tx.lender_id, most),
    )


def latest(tx: Tx, most: int = 100) -> list[Plan]:
    """The latest plans."""
    return tx.rows(
        Plan, "SELECT " + _COLUMNS + " FROM plan WHERE lender_id = %s ORDER BY plan_id DESC LIMIT %s",
        (tx.lender_id, most),
    )  # fmt: skip


STATES = ("asked", "offered", "lapsed", "signed", "kept", "broken", "replaced", "withdrawn", "refused")
"""Where a plan may stand, as `Plan.state` says it."""


def page(
    tx: Tx, *, now: datetime, case_id: int | None = None, loan_key: int | None = None, state: str | None = None,
    before: int | None = None, most: int,
) -> list[Plan]:  # fmt: skip
    """Plans before a number, the latest first: of a case, of a loan, in a state."""
    return tx.rows(
        Plan,
        "SELECT " + _COLUMNS + " FROM plan WHERE lender_id = %(lender)s "
        "AND (%(case)s::bigint IS NULL OR case_id = %(case)s) AND (%(loan)s::bigint IS NULL OR loan_key = %(loan)s) "
        "AND (%(before)s::bigint IS NULL OR plan_id < %(before)s) "
        "AND (%(state)s::text IS NULL OR %(state)s = coalesce(ended_as, CASE WHEN signed_at IS NOT NULL THEN 'signed' "
        "WHEN lapses_at <= %(now)s THEN 'lapsed' WHEN approved_at IS NOT NULL THEN 'offered' ELSE 'asked' END)) "
        "ORDER BY plan_id DESC LIMIT %(most)s",
        {
            "lender": tx.lender_id, "case": case_id, "loan": loan_key, "state": state, "before": before, "now": now,
            "most": most,
        },
    )  # fmt: skip


def asked(tx: Tx, plan_id: int, approval_id: int) -> None:
    """Say which request the offer waits for."""
    tx.execute(
        "UPDATE plan SET approval_id = %s WHERE lender_id = %s AND plan_id = %s", (approval_id, tx.lender_id, plan_id)
    )


def approve(tx: Tx, plan_id: int, *, by: str, now: datetime) -> None:
    """Say that a second person approved the offer."""
    tx.execute(
        "UPDATE plan SET approved_by = %s, approved_at = %s WHERE lender_id = %s AND plan_id = %s "
        "AND approved_at IS NULL AND ended_at IS NULL",
        (by, now, tx.lender_id, plan_id),
    )


def sign(
    tx: Tx, plan_id: int, *, by: int, how: str, proof: str, key: bytes, signature: bytes, lender_key: str,
    lender_signature: bytes, now: datetime,
) -> None:  # fmt: skip
    """Keep both signatures."""
    tx.execute(
        "UPDATE plan SET signed_at = %s, signed_by = %s, signed_with = %s, proof = %s, borrower_key = %s, "
        "borrower_signature = %s, lender_key = %s, lender_signature = %s "
        "WHERE lender_id = %s AND plan_id = %s AND signed_at IS NULL AND ended_at IS NULL",
        (now, by, how, proof, key, signature, lender_key, lender_signature, tx.lender_id, plan_id),
    )


def end(tx: Tx, plan_id: int, *, as_: str, by: str, now: datetime) -> None:
    """End a plan, once."""
    tx.execute(
        "UPDATE plan SET ended_at = %s, ended_by = %s, ended_as = %s WHERE lender_id = %s AND plan_id = %s "
        "AND ended_at IS NULL",
        (now, by, as_, tx.lender_id, plan_id),
    )
