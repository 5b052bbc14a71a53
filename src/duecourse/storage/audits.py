"""Audits as they are kept: plans, samples, answers, findings and the steps after them. Free text is sealed in here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from psycopg.types.json import Jsonb

from duecourse.storage.connection import Tx
from duecourse.storage.vault import Wrapped
from duecourse.trouble import N_, BadInput


class NoSuchAudit(BadInput):
    """A number that no audit has."""

    def __init__(self, audit_id: int) -> None:
        super().__init__(N_("there is no audit {number}; `duecourse audit list` shows all"), number=audit_id)


class NoSuchPlan(BadInput):
    """A name under which no plan was kept."""

    def __init__(self, plan: str) -> None:
        super().__init__(
            N_("no audit plan {plan!r} is kept or comes with the software; `duecourse audit plans` lists them"),
            plan=plan,
        )


class NoSuchItem(BadInput):
    """A number that no item of the audit has."""

    def __init__(self, audit_id: int, item: int) -> None:
        super().__init__(
            N_("audit {audit} has no item {item}; `duecourse audit show` lists them"), audit=audit_id, item=item
        )


class NoSuchFinding(BadInput):
    """A number that no finding has."""

    def __init__(self, finding_id: int) -> None:
        super().__init__(N_("there is no finding {number}; `duecourse audit findings` shows all"), number=finding_id)


@dataclass(frozen=True, slots=True)
class Plan:
    """A version of a plan."""

    plan: str
    version: int
    content: str = field(repr=False)
    hash: bytes
    entry_id: int
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Audit:
    """An audit. Without ``drawn_at`` it is announced and no more."""

    audit_id: int
    plan: str
    version: int
    first_day: date
    last_day: date
    again: str | None
    populations: Mapping[str, Any]
    key_id: str
    key_sealed: bytes = field(repr=False)
    announced_entry: int
    announced_by: str
    announced_at: datetime
    drawn_at: datetime | None
    drawn_size: int | None
    seed: bytes | None
    sample_digest: bytes | None
    closed_by: str | None
    closed_at: datetime | None

    @property
    def owner(self) -> str:
        """Under which name its secret is sealed."""
        return f"audit:{self.audit_id}"

    @property
    def key(self) -> Wrapped:
        """Its secret as it is sealed."""
        return Wrapped(self.key_id, self.key_sealed)


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a sample, as it was when it was drawn."""

    item: int
    sample: str
    key: str
    person_id: int | None
    at: datetime
    stratum: str
    always: bool
    shown: Mapping[str, Any]
    acted: Sequence[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer that counts for a question of an item; its note is sealed."""

    item: int
    question: str
    answer: str
    note_sealed: bytes | None = field(repr=False)
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding, with who answers for it, until when, and its last step."""

    finding_id: int
    audit_id: int
    severity: str
    rule: str | None
    items: Sequence[int]
    text_sealed: bytes = field(repr=False)
    actor: str
    at: datetime
    owner: str
    due_day: date
    step: str
    step_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One step after a finding."""

    step_id: int
    step: str
    text_sealed: bytes | None = field(repr=False)
    owner: str | None
    due_day: date | None
    actor: str
    at: datetime


_PLAN = "SELECT plan, version, content, hash, entry_id, actor, at FROM audit_plan WHERE lender_id = %s "
_AUDIT = (
    "SELECT audit_id, plan, version, first_day, last_day, again, populations, key_id, key_sealed, announced_entry, "
    "announced_by, announced_at, drawn_at, drawn_size, seed, sample_digest, closed_by, closed_at "
    "FROM audit WHERE lender_id = %s "
)
_FINDING = (
    "SELECT f.finding_id, f.audit_id, f.severity, f.rule, f.items, f.text_sealed, f.actor, f.at, o.owner, o.due_day, "
    "s.step, s.at AS step_at FROM audit_finding f CROSS JOIN LATERAL (SELECT owner, due_day FROM audit_step "
    "WHERE lender_id = f.lender_id AND finding_id = f.finding_id AND step = 'assigned' "
    "ORDER BY step_id DESC LIMIT 1) o "
    "CROSS JOIN LATERAL (SELECT step, at FROM audit_step WHERE lender_id = f.lender_id "
    "AND finding_id = f.finding_id ORDER BY step = 'assigned', step_id DESC LIMIT 1) s WHERE f.lender_id = %s "
)


def keep_plan(tx: Tx, *, plan: str, content: str, digest: bytes, entry_id: int, actor: str, now: datetime) -> Plan:
    """Keep a plan as the next version under its name."""
    tx.execute(
        "INSERT INTO audit_plan (lender_id, plan, version, content, hash, entry_id, actor, at) SELECT %s, %s, "
        "coalesce(max(version), 0) + 1, %s, %s, %s, %s, %s FROM audit_plan WHERE lender_id = %s AND plan = %s",
        (tx.lender_id, plan, content, digest, entry_id, actor, now, tx.lender_id, plan),
    )
    return get_plan(tx, plan)


def get_plan(tx: Tx, plan: str, version: int | None = None) -> Plan:
    """A version of a plan, the latest where none is named; raises `NoSuchPlan`."""
    found = tx.row(
        Plan,
        _PLAN + "AND plan = %s AND version = coalesce(%s, version) ORDER BY version DESC LIMIT 1",
        (tx.lender_id, plan, version),
    )
    if found is None:
        raise NoSuchPlan(plan)
    return found


def plans(tx: Tx) -> list[Plan]:
    """The latest version of each plan, by name."""
    return tx.rows(
        Plan,
        "SELECT DISTINCT ON (plan) plan, version, content, hash, entry_id, actor, at FROM audit_plan "
        "WHERE lender_id = %s ORDER BY plan, version DESC",
        (tx.lender_id,),
    )


def lock(tx: Tx) -> None:
    """Keep plans, announce and draw one after the other, until the transaction ends."""
    tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 5))", (f"audit {tx.lender_id}",))


def next_id(tx: Tx) -> int:
    """The number of the next audit."""
    return int(str(tx.value("SELECT nextval('audit_audit_id_seq')")))


def announce(
    tx: Tx,
    audit_id: int,
    *,
    plan: Plan,
    days: tuple[date, date],
    again: str | None,
    populations: Mapping[str, Any],
    key: Wrapped,
    entry_id: int,
    actor: str,
    now: datetime,
) -> None:
    """Write an audit whose sample is not drawn yet."""
    tx.execute(
        "INSERT INTO audit (lender_id, audit_id, plan, version, first_day, last_day, again, populations, key_id, "
        "key_sealed, announced_entry, announced_by, announced_at) OVERRIDING SYSTEM VALUE "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            tx.lender_id, audit_id, plan.plan, plan.version, *days, again, Jsonb(dict(populations)), key.key_id,
            key.sealed, entry_id, actor, now,
        ),
    )  # fmt: skip


def drawn(
    tx: Tx, audit_id: int, *, items: Sequence[Item], size: int, seed: bytes, digest: bytes, now: datetime
) -> None:
    """Write the sample of an audit that was announced."""
    tx.many(
        "INSERT INTO audit_item (lender_id, audit_id, item, sample, key, person_id, at, stratum, always, shown, acted) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            (
                tx.lender_id, audit_id, one.item, one.sample, one.key, one.person_id, one.at, one.stratum, one.always,
                Jsonb(dict(one.shown)), list(one.acted),
            )
            for one in items
        ],
    )  # fmt: skip
    tx.execute(
        "UPDATE audit SET drawn_at = %s, drawn_size = %s, seed = %s, sample_digest = %s "
        "WHERE lender_id = %s AND audit_id = %s AND drawn_at IS NULL",
        (now, size, seed, digest, tx.lender_id, audit_id),
    )


def close(tx: Tx, audit_id: int, *, actor: str, now: datetime) -> None:
    """Close an audit: its answers stay as they are from now on."""
    tx.execute(
        "UPDATE audit SET closed_by = %s, closed_at = %s WHERE lender_id = %s AND audit_id = %s AND closed_at IS NULL",
        (actor, now, tx.lender_id, audit_id),
    )


def reseal(tx: Tx, audit_id: int, key: Wrapped) -> None:
    """The same secret under another key of the ring."""
    tx.execute(
        "UPDATE audit SET key_id = %s, key_sealed = %s WHERE lender_id = %s AND audit_id = %s",
        (key.key_id, key.sealed, tx.lender_id, audit_id),
    )


def get(tx: Tx, audit_id: int, *, lock: bool = False) -> Audit:
    """An audit, its row held until the transaction ends where asked; raises `NoSuchAudit`."""
    found = tx.row(Audit, _AUDIT + "AND audit_id = %s " + ("FOR UPDATE" if lock else ""), (tx.lender_id, audit_id))
    if found is None:
        raise NoSuchAudit(audit_id)
    return found


def every(tx: Tx) -> list[Audit]:
    """All audits, the latest first."""
    return tx.rows(Audit, _AUDIT + "ORDER BY audit_id DESC", (tx.lender_id,))


def of_days(tx: Tx, plan: str, first: date, last: date) -> list[int]:
    """Audits by a plan of any of these days."""
    rows = tx.execute(
        "SELECT audit_id FROM audit WHERE lender_id = %s AND plan = %s AND first_day <= %s AND last_day >= %s "
        "ORDER BY audit_id",
        (tx.lender_id, plan, last, first),
    )
    return [int(row[0]) for row in rows]


def items(tx: Tx, audit_id: int) -> list[Item]:
    """The items of an audit, in order."""
    return tx.rows(
        Item,
        "SELECT item, sample, key, person_id, at, stratum, always, shown, acted FROM audit_item "
        "WHERE lender_id = %s AND audit_id = %s ORDER BY item",
        (tx.lender_id, audit_id),
    )


def item(tx: Tx, audit_id: int, number: int) -> Item:
    """One item; raises `NoSuchItem`."""
    found = tx.row(
        Item,
        "SELECT item, sample, key, person_id, at, stratum, always, shown, acted FROM audit_item "
        "WHERE lender_id = %s AND audit_id = %s AND item = %s",
        (tx.lender_id, audit_id, number),
    )
    if found is None:
        raise NoSuchItem(audit_id, number)
    return found


def case_of(tx: Tx, person_id: int) -> int | None:
    """The latest case of a person, or of a borrower whose loan the person is tied to; an open one first."""
    found = tx.value(
        "SELECT k.case_id FROM cases k WHERE k.lender_id = %(lender)s AND k.person_id IN (SELECT %(person)s "
        "UNION SELECT b.person_id FROM party t JOIN party b USING (lender_id, loan_key) "
        "WHERE t.lender_id = %(lender)s AND t.person_id = %(person)s AND b.relation = 'borrower') "
        "ORDER BY k.person_id = %(person)s DESC, k.closed_day IS NOT NULL, k.case_id DESC LIMIT 1",
        {"lender": tx.lender_id, "person": person_id},
    )
    return None if found is None else int(str(found))


def answer(
    tx: Tx, audit_id: int, number: int, *, question: str, said: str, note_sealed: bytes | None, actor: str,
    now: datetime,
) -> None:  # fmt: skip
    """Write an answer; it counts from now on."""
    tx.execute(
        "INSERT INTO audit_answer (lender_id, audit_id, item, question, answer, note_sealed, actor, at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (tx.lender_id, audit_id, number, question, said, note_sealed, actor, now),
    )


def answers(tx: Tx, audit_id: int, number: int | None = None) -> list[Answer]:
    """The answers that count, of all items or of one."""
    return tx.rows(
        Answer,
        "SELECT DISTINCT ON (item, question) item, question, answer, note_sealed, actor, at FROM audit_answer "
        "WHERE lender_id = %s AND audit_id = %s AND item = coalesce(%s, item) "
        "ORDER BY item, question, answer_id DESC",
        (tx.lender_id, audit_id, number),
    )


def find(
    tx: Tx, audit_id: int, *, severity: str, rule: str | None, items: Sequence[int], text_sealed: bytes, actor: str,
    now: datetime,
) -> int:  # fmt: skip
    """Write a finding and return its number."""
    made = tx.value(
        "INSERT INTO audit_finding (lender_id, audit_id, severity, rule, items, text_sealed, actor, at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING finding_id",
        (tx.lender_id, audit_id, severity, rule, list(items), text_sealed, actor, now),
    )
    return int(str(made))


def add_step(
    tx: Tx, finding_id: int, *, step: str, text_sealed: bytes | None, owner: str | None, due: date | None, actor: str,
    now: datetime,
) -> None:  # fmt: skip
    """Write a step after a finding."""
    tx.execute(
        "INSERT INTO audit_step (lender_id, finding_id, step, text_sealed, owner, due_day, actor, at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (tx.lender_id, finding_id, step, text_sealed, owner, due, actor, now),
    )


def finding(tx: Tx, finding_id: int) -> Finding:
    """A finding, held until the transaction ends; raises `NoSuchFinding`."""
    tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 6))", (f"finding {tx.lender_id} {finding_id}",))
    found = tx.row(Finding, _FINDING + "AND f.finding_id = %s", (tx.lender_id, finding_id))
    if found is None:
        raise NoSuchFinding(finding_id)
    return found


def findings(tx: Tx, audit_id: int | None = None) -> list[Finding]:
    """The findings of an audit, or of all, in order."""
    return tx.rows(
        Finding,
        _FINDING + "AND f.audit_id = coalesce(%s, f.audit_id) ORDER BY f.finding_id",
        (tx.lender_id, audit_id),
    )


def steps(tx: Tx, finding_id: int) -> list[Step]:
    """What became of a finding, in order."""
    return tx.rows(
        Step,
        "SELECT step_id, step, text_sealed, owner, due_day, actor, at FROM audit_step "
        "WHERE lender_id = %s AND finding_id = %s ORDER BY step_id",
        (tx.lender_id, finding_id),
    )
