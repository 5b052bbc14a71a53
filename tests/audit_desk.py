"""A desk with something to audit: calls of two members of staff, refusals, reveals, holds; a plan; people who audit."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from pathlib import Path

from duecourse.casework.actor import Actor, Role
from duecourse.casework.audits import answering, drawing
from duecourse.casework.gate import Gate
from duecourse.casework.holds import HoldKind
from duecourse.casework.holds import place as place_hold
from duecourse.casework.outcomes import Outcome
from duecourse.casework.redemption import redeem_permit
from duecourse.casework.reveal import reveal
from duecourse.casework.sequencing import Sequencer
from duecourse.casework.settling import record_outcome
from duecourse.casework.user import add_user, give_role
from duecourse.storage import audits
from duecourse.storage.audits import Audit
from duecourse.storage.connection import Database
from duecourse.storage.published import Published
from duecourse.storage.vault import Vault
from tests.desk import person
from tests.permit_desk import AGENCY, CONTENT, MORNING, OFFICE, OPERATOR, Clock, ask, granted, set_up

FIRST, LAST, TODAY = date(2026, 3, 2), date(2026, 3, 2), date(2026, 3, 4)
LATER = datetime(2026, 3, 4, 2, 0, tzinfo=MORNING.tzinfo)
AUDITOR, OTHER, OWNER = Actor(Role.AUDITOR, "au1"), Actor(Role.COMPLIANCE, "co1"), Actor(Role.SUPERVISOR, "su1")

PLAN = """plan: test.calls
says: {zh: 通话抽查, en: Calls looked at}
basis: [{instrument: 个人信息保护法, clause: 第五十四条, grade: text}]
period: month
confidence_percent: 90
samples:
  - name: calls
    says: {zh: 通话, en: Calls}
    population: contact
    where: {channel: [call]}
    tolerable_permille: 300
    size: {expected: 0}
    questions:
      - {id: identity, asks: {zh: 是否首先表明身份？, en: Did the caller say who speaks?}, rule: cn.identity.stated}
      - {id: outcome, asks: {zh: 结果是否属实？, en: Is the outcome true?}}
  - name: staff
    says: {zh: 每名催收员, en: Each collector}
    population: permit
    size: {by: collector, each: 1}
    questions: [{id: note, asks: {zh: 备注是否客观？, en: Is the note objective?}}]
  - name: holds
    says: {zh: 冻结, en: Holds}
    population: hold
    size: {percent: 100}
    questions: [{id: proof, asks: {zh: 是否有凭证？, en: Is there proof?}}]
  - name: reveals
    says: {zh: 明文查看, en: Reveals}
    population: reveal
    size: {count: 2}
    questions:
      - id: need
        asks: {zh: 是否确需？, en: Was it needed?}
        source: {instrument: 个人信息保护法, clause: 第五十一条, grade: text}
"""


def chance(size: int) -> bytes:
    return os.urandom(size)


def calls(database: Database, vault: Vault, *numbers: int) -> None:
    """A call to each borrower on the second of March, by office and agency in turn, connected."""
    gate, clock = Gate(vault), Clock()
    for number in numbers:
        sender = (OFFICE, AGENCY)[number % 2]
        permit = granted(ask(database, gate, clock, number, sender=sender))
        redeem_permit(
            database, "demo", gate=gate, permit_id=permit.permit_id, sender=sender, content_hash=CONTENT,
            actor=OPERATOR, clock=clock,
        )  # fmt: skip
        clock.forward(minutes=3)
        record_outcome(
            database, "demo", gate=gate, permit_id=permit.permit_id, outcome=Outcome.CONNECTED, sender=sender,
            actor=OPERATOR, clock=clock,
        )  # fmt: skip


def lived(database: Database, vault: Vault, people: int = 8) -> None:
    """Calls to everybody, three reveals by E01, a hold placed by the officer co1; users au1, co1 and su1."""
    set_up(database, vault, *range(1, people + 1))
    work(database, vault, people)


def work(database: Database, vault: Vault, people: int) -> None:
    """The same on a desk that is set up."""
    calls(database, vault, *range(1, people + 1))
    at = MORNING + timedelta(hours=1)
    with database.transaction("demo") as tx:
        for number in (1, 2, 3):
            reveal(
                tx, vault=vault, person_id=person(number), field="name", purpose="contact",
                actor=Actor(Role.COLLECTOR, "E01"), now=at,
            )  # fmt: skip
        place_hold(
            tx, vault=vault, person_id=person(1), kind=HoldKind.DISPUTE, source="letter", actor=OTHER, clock=lambda: at
        )
        for one in (AUDITOR, OTHER, OWNER):
            add_user(tx, vault=vault, user_id=one.ref, team=None, actor=OPERATOR, now=MORNING)
            give_role(tx, vault=vault, user_id=one.ref, role=one.role, actor=OPERATOR, now=MORNING)


def publish(database: Database, vault: Vault, folder: Path) -> None:
    """Give the log's entries their places and publish its head."""
    Sequencer(database, "demo", vault, Published(folder / "log"), lambda: LATER).run()


def announced(database: Database, vault: Vault, *, content: str = PLAN, again: str | None = None) -> Audit:
    """An audit of the second of March, announced."""
    with database.transaction("demo") as tx:
        kept = drawing.keep_plan(tx, vault=vault, content=content, file="plan.yaml", actor=AUDITOR, now=LATER)
        return drawing.announce(
            tx, vault=vault, name=kept.plan, days=(FIRST, LAST), again=again, actor=AUDITOR, today=TODAY, now=LATER,
            chance=chance,
        )  # fmt: skip


def drawn(database: Database, vault: Vault, folder: Path, *, content: str = PLAN, again: str | None = None) -> Audit:
    """The same, drawn."""
    audit = announced(database, vault, content=content, again=again)
    publish(database, vault, folder)
    with database.transaction("demo") as tx:
        return drawing.draw(tx, vault=vault, audit_id=audit.audit_id, actor=AUDITOR, now=LATER)


def answered(
    database: Database, vault: Vault, audit: Audit, of: tuple[int, str], said: str, *, note: str = "",
    actor: Actor = AUDITOR,
) -> None:  # fmt: skip
    """One answer, to a question of an item."""
    with database.transaction("demo") as tx:
        answering.answer(
            tx, vault=vault, audit_id=audit.audit_id, number=of[0], question=of[1], said=said, note=note,
            actor=actor, now=LATER, chance=chance,
        )  # fmt: skip


def all_answered(database: Database, vault: Vault, audit: Audit, *, but: dict[tuple[int, str], str]) -> None:
    """Yes to every question of every item, but where something else is said."""
    with database.transaction("demo") as tx:
        items, plan = audits.items(tx, audit.audit_id), drawing.plan_of(tx, audit)
    for one in items:
        for question in plan.sample(one.sample).questions:
            of = (one.item, question.id)
            answered(database, vault, audit, of, but.get(of, "yes"))
