"""Calling everything (提前到期): told by a notice, cured within days that begin when it has arrived, else carried out.

Issuing a notice of the kind `DOCUMENT` opens the matter, by whichever door; the notice goes out with a permit as any
other. It has arrived when a receipt says so, or as a letter handed to the post `POST_DAYS` ago that did not come back.
Until then no day runs. Nothing is called while a plan stands or the loan is disputed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from duecourse.book.store import Store
from duecourse.casework import ledger
from duecourse.casework.actor import Actor, Role
from duecourse.casework.ledger import read_loan, today_of
from duecourse.casework.matter_kinds import MatterKind
from duecourse.casework.matters import NotAMatter, record, reporting_frozen
from duecourse.core.events import Kind
from duecourse.storage import changes, lenders, matters, notices, persons, plans
from duecourse.storage.connection import Tx
from duecourse.storage.matters import Matter
from duecourse.storage.notices import Notice
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, Refused

DOCUMENT = "acceleration_notice"
TEMPLATE = "acceleration.letter"

CURE_DAYS = 15
"""House rule ``house.acceleration.cure``: days for which what is overdue can be paid before everything is called."""

POST_DAYS = 7
"""Of the same rule: after how many days a letter that did not come back is taken to have arrived."""

RULE = "house.acceleration.cure"


class NotNow(Refused):
    """Something that stands against calling everything."""


def may_be_told(tx: Tx, *, loan_keys: Sequence[int], to_debtor: bool, replaces: int | None = None) -> None:
    """Raise `NotNow`, `NotAMatter` where such a notice may not be issued for these loans."""
    if len(loan_keys) != 1 or not to_debtor:
        raise NotAMatter(N_("everything is called of one loan, and its borrower is told: name the loan"))
    _nothing_against(tx, loan_keys[0])
    if any(one.loan_key == loan_keys[0] and one.notice_id != replaces for one in _open(tx)):
        raise NotAMatter(N_("this was told already, and its days run"))


def tell(tx: Tx, *, vault: Vault, notice_id: int, actor: Actor, now: datetime) -> int:
    """Open the matter of a notice just issued; its number. Raises `NotNow` for whoever may not call everything."""
    if actor.role not in {Role.SUPERVISOR, Role.COMPLIANCE, Role.OPERATOR}:
        raise NotNow(N_("calling everything is for supervisors and compliance"))
    found = notices.get(tx, notice_id)
    key = vault.person(tx.lender_id, found.person_id, persons.wrapped(tx, found.person_id))
    number = matters.add(
        tx, person_id=found.person_id, case_id=found.case_id, loan_key=found.loan_keys[0],
        kind=MatterKind.ACCELERATION.value, category="notice", severity="ordinary",
        sealed=vault.seal(key, matters.FIELD, "-"), day=today_of(tx, now), due=None, rule=None, hold_id=None,
        notice_id=notice_id, actor=str(actor), now=now,
    )  # fmt: skip
    record(tx, vault, "acceleration.told", matters.get(tx, number), actor=actor, now=now)
    return number


def take_back(tx: Tx, *, vault: Vault, notice: Notice, actor: Actor, now: datetime) -> None:
    """End what a notice told, since the notice was withdrawn or superseded."""
    one = matters.of_notice(tx, notice.notice_id)
    if one.ended_at is None:
        _end(tx, vault, one, "over", actor=actor, now=now)


def review(tx: Tx, store: Store, *, vault: Vault, actor: Actor, now: datetime) -> list[tuple[int, str]]:
    """Let days run that have begun, end what was cured, and call everything where the days are over and it was not."""
    ended, day, zone = list[tuple[int, str]](), today_of(tx, now), ZoneInfo(lenders.get(tx).zone)
    for one in _open(tx):
        if one.loan_key is None:
            continue
        if read_loan(tx, store, loan_key=one.loan_key, now=now).on(day).dpd == 0:
            ended.append((one.matter_id, _end(tx, vault, one, "cured", actor=actor, now=now)))
            continue
        due = _due(tx, one, day, zone)
        if due != one.due_day:
            matters.runs_until(tx, one.matter_id, due, RULE if due else None)
            record(tx, vault, "acceleration.clock", matters.get(tx, one.matter_id), actor=actor, now=now)
        if due is None or day <= due:
            continue
        try:
            _nothing_against(tx, one.loan_key)
        except NotNow:
            continue
        ledger.enter(
            tx, store, vault=vault, loan_key=one.loan_key, kind=Kind.ACCELERATION, effective=day,
            source=f"matter:{one.matter_id}", ref=f"matter-{one.matter_id}", actor=actor, now=now,
        )  # fmt: skip
        ended.append((one.matter_id, _end(tx, vault, one, "carried_out", actor=actor, now=now)))
    return ended


def _due(tx: Tx, one: Matter, today: date, zone: ZoneInfo) -> date | None:
    """Until when it can be cured; None as long as the notice has not arrived, or where it came back."""
    if one.notice_id is None:
        return None
    delivered, posted = notices.went(tx, one.person_id, one.notice_id)
    days = [delivered.astimezone(zone).date()] if delivered else []
    if posted and (by_post := posted.astimezone(zone).date() + timedelta(days=POST_DAYS)) <= today:
        days.append(by_post)
    return min(days) + timedelta(days=CURE_DAYS) if days else None


def _open(tx: Tx) -> list[Matter]:
    return matters.listed(tx, kind=MatterKind.ACCELERATION.value, open_only=True, most=100_000)


def _nothing_against(tx: Tx, loan_key: int) -> None:
    if any(one.signed_at is not None and one.ended_at is None for one in plans.of_loan(tx, loan_key)):
        raise NotNow(N_("a plan stands on this loan: as long as it is kept nothing is called"))
    if reporting_frozen(tx, loan_key):
        raise NotNow(N_("the loan is disputed: nothing is called while the dispute is open"))


def _end(tx: Tx, vault: Vault, one: Matter, as_: str, *, actor: Actor, now: datetime) -> str:
    matters.end(tx, one.matter_id, as_=as_, by=str(actor), now=now)
    record(tx, vault, f"acceleration.{as_}", matters.get(tx, one.matter_id), actor=actor, now=now)
    changes.tell(tx, one.person_id, by=str(actor))
    return as_
