"""Reminders of promises: what the last day proposed is queued with its permit, or refused, and either is on record.

The day run proposes a reminder by the strategy, the day before the promised day where the strategy says so, and asks
the law about it. Here the gate is asked for the permit as for any other contact, and again when it is sent: whoever
disputes, is in hardship, mourns, has a breathing space or asked to be left alone is not reminded.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from duecourse.book.store import Store
from duecourse.casework import lender_texts
from duecourse.casework.actor import Actor
from duecourse.casework.gate import Gate
from duecourse.casework.message import NowhereToSend, Wanted, queue_message
from duecourse.casework.permit import Refusal, Sender
from duecourse.casework.permits import Clock
from duecourse.casework.promises import reckon_promises
from duecourse.evidence.record import Fact
from duecourse.law.clock import zone
from duecourse.law.terms import Channel, SenderType
from duecourse.storage import lenders, log, persons, promise_reminders, runs
from duecourse.storage.connection import Database
from duecourse.storage.promise_reminders import Proposed, Reminder
from duecourse.storage.vault import Vault

SLOT = "promised_day"
"""The slot by which a text is known to remind of a promise."""

NOWHERE = "house.no_contact_point"
"""Stands for a rule where there is no point to write to."""


def remind_of_promises(
    database: Database,
    lender_id: str,
    *,
    gate: Gate,
    store: Store,
    public_url: str | None,
    actor: Actor,
    clock: Clock,
    chance: Callable[[int], bytes],
) -> list[Reminder]:
    """Queue the reminders that the last published day proposed, each once; gives what became of each.

    Raises `NoTransport`, `ValuesLacking` and what else keeps every message from being made.
    """
    with database.transaction(lender_id) as tx:
        reckon_promises(tx, store)
        lender = lender_texts.learn(tx, lenders.get(tx))
        ran = runs.published(tx)
        texts = lender_texts.register_of(lender).templates.values()
        today = clock().astimezone(zone(lender.zone)).date()
        asked = promise_reminders.proposed(
            tx, ran.day, ran.run_id, [one.id for one in texts if SLOT in one.slots], today
        )
    done = []
    for one in asked:
        found = _remind(
            database, lender_id, one, day=ran.day, gate=gate, store=store, public_url=public_url, actor=actor,
            clock=clock, chance=chance,
        )  # fmt: skip
        if _keep(database, lender_id, found, vault=gate.vault, actor=actor):
            done.append(found)
    return done


def _remind(
    database: Database,
    lender_id: str,
    one: Proposed,
    *,
    day: date,
    gate: Gate,
    store: Store,
    public_url: str | None,
    actor: Actor,
    clock: Clock,
    chance: Callable[[int], bytes],
) -> Reminder:
    def became(now: datetime, *, rules: list[str], missing: list[str], permit: int | None = None) -> Reminder:
        return Reminder(
            person_id=one.person_id, promise_id=one.promise_id, day=day, state="refused", message_id=None,
            permit_id=permit, channel=one.channel, template_id=one.template_id, rules=rules, missing=missing,
            actor=str(actor), at=now,
        )  # fmt: skip

    if not one.allowed:
        return became(clock(), rules=one.rules, missing=one.missing)
    wanted = Wanted(
        case_id=one.case_id, person_id=one.recipient_id, channel=Channel(one.channel), template_id=one.template_id,
        sender=Sender(SenderType.LENDER), key=f"promise-{one.promise_id}-{day.isoformat()}",
        lang="en" if one.language == "en" else "zh", contact_point_id=one.contact_point_id,
    )  # fmt: skip
    try:
        found = queue_message(
            database, lender_id, gate=gate, store=store, wanted=wanted, public_url=public_url, actor=actor,
            clock=clock, chance=chance,
        )  # fmt: skip
    except NowhereToSend:
        return became(clock(), rules=[NOWHERE], missing=[])
    if isinstance(found, Refusal):
        rules = [str(each["rule"]) for each in found.reasons] or [found.why.value]
        return became(found.at, rules=rules, missing=list(found.missing), permit=found.permit_id)
    sent = found.message
    return Reminder(
        person_id=one.person_id, promise_id=one.promise_id, day=day, state="queued", message_id=sent.message_id,
        permit_id=sent.permit_id, channel=one.channel, template_id=one.template_id, rules=[], missing=[],
        actor=str(actor), at=clock(),
    )  # fmt: skip


def _keep(database: Database, lender_id: str, one: Reminder, *, vault: Vault, actor: Actor) -> bool:
    with database.transaction(lender_id) as tx:
        if not promise_reminders.add(tx, one):
            return False
        stated: dict[str, Fact] = {"promise": str(one.promise_id), "state": one.state, "day": one.day.isoformat()}
        if one.permit_id is not None:
            stated["permit"] = str(one.permit_id)
        if one.rules:
            stated["rules"] = one.rules
        key = vault.person(lender_id, one.person_id, persons.wrapped(tx, one.person_id))
        log.append(tx, vault=vault, kind="promise.reminder", at=one.at, actor=str(actor), subject=key, stated=stated)
    return True
