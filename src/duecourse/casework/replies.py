"""What a reply does: read when it comes, acted upon at once where a rule says so, confirmed or corrected by a person.

A stop ends the use of the address for everybody who has it, and is for ever where a third person asks it; who asks that
all contact end is heard as the law of the country has it; a wrong person marks it; a dispute freezes contact; words
of self-harm put pressing on hold and go before everything else in the inbox. Everything else waits for a person, and so
does all that a model alone suspects. A correction is a label: it takes nothing back that stopped contact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import product

from duecourse.casework import confirming, holds
from duecourse.casework.actor import Actor
from duecourse.casework.gate import Gate
from duecourse.casework.holds import HoldKind
from duecourse.casework.permits import Clock
from duecourse.casework.promises import REPLY, record_promise
from duecourse.casework.revoking import US, revoke, state_once
from duecourse.casework.stopping import Why, refuse_all, stop_earlier, stop_point
from duecourse.core.money import Money
from duecourse.evidence.record import Fact
from duecourse.insight.mood import estimate
from duecourse.insight.replies import Meaning, Reading, read
from duecourse.law.clock import zone
from duecourse.law.terms import THIRD_PERSONS, Channel, Relation
from duecourse.storage import changes, inbound, lenders, log, parties, persons, points, readings
from duecourse.storage.connection import Tx
from duecourse.storage.holds import HoldStands
from duecourse.storage.inbound import InboundRow
from duecourse.storage.parties import Party
from duecourse.storage.readings import ReadingRow
from duecourse.storage.vault import PersonKey
from duecourse.trouble import N_, BadInput

_HOLDS = {
    Meaning.DISPUTE: (HoldKind.DISPUTE,),
    Meaning.COMPLAINT: (HoldKind.COMPLAINT,),
    Meaning.CRISIS: (HoldKind.VULNERABLE, HoldKind.HARDSHIP),
}
"""What a meaning puts on hold; a complaint only once a person confirms it."""

CEASES = frozenset({"stop.all", "stop.refuses"})
"""Signs of a wish that all contact about the debt end, or of a refusal to pay it: 12 CFR 1006.6(c)(1)."""

MEDIA = {"stop.calls": "no_calls", "stop.texts": "no_texts"}
"""Signs that name a way, and the fact of the person that no address of his is used by it: 12 CFR 1006.14(h)."""

SPOKEN = frozenset({Channel.CALL.value, Channel.ROBOT_CALL.value})
ACTS_FOR = frozenset({Relation.LAWYER, Relation.REPRESENTATIVE})
"""Whose word about the debt is the debtor's."""


class NotToDecide(BadInput):
    """A reading that cannot be decided, or not so."""


@dataclass(frozen=True, slots=True)
class Acting:
    """On what something acts, by whom and when."""

    gate: Gate
    row: InboundRow
    actor: Actor
    clock: Clock
    chinese: bool = True  # how it was written
    rules: frozenset[str] = frozenset()  # of the signs in it


def take_reading(tx: Tx, *, gate: Gate, row: InboundRow, text: str, actor: Actor, clock: Clock) -> ReadingRow:
    """Read what came in, act at once where a rule says so, and keep how it was read."""
    lender = lenders.get(tx)
    found = read(
        text, today=row.at.astimezone(zone(lender.zone)).date(), country=lender.jurisdiction, currency=lender.currency
    )
    acting = Acting(gate, row, actor, clock, confirming.is_chinese(text), _rules(found))
    acted: list[str] = []
    for meaning in Meaning:
        if meaning in found.acts:
            acted += _act(tx, acting, meaning)
    _keep(tx, acting, found, text, acted)
    kept = readings.get(tx, row.inbound_id)
    if kept is None:
        raise NotToDecide(N_("it was not read"))
    return kept


def _rules(found: Reading) -> frozenset[str]:
    return frozenset(one.rule for one in found.signs)


def act_on_placed(tx: Tx, *, gate: Gate, row: InboundRow, text: str, actor: Actor, clock: Clock) -> None:
    """Act once more, now that a person said whose it is: what could not be done for nobody is done for him."""
    kept = readings.get(tx, row.inbound_id, held=True)
    if kept is None:
        return
    lender = lenders.get(tx)
    day = row.at.astimezone(zone(lender.zone)).date()
    found = read(text, today=day, country=lender.jurisdiction, currency=lender.currency)
    acting = Acting(gate, row, actor, clock, confirming.is_chinese(text), _rules(found))
    done = [one for meaning in Meaning if meaning in found.acts for one in _act(tx, acting, meaning)]
    readings.set_acted(tx, row.inbound_id, [*kept.acted, *(one for one in done if one not in kept.acted)])


def decide(
    tx: Tx,
    *,
    gate: Gate,
    inbound_id: int,
    meaning: Meaning,
    actor: Actor,
    clock: Clock,
    amount: Money | None = None,
    due: date | None = None,
) -> ReadingRow:
    """Say what a reply means, as it was read or otherwise; a promise is made with it, by amount and day.

    Raises `NotToDecide`, `promises.NotAPromise`, `inbound.NoSuchInbound`, `standing.CountersBusy`.
    """
    row = inbound.get(tx, inbound_id)
    kept = readings.get(tx, inbound_id, held=True)
    if kept is None or row.person_id is None or row.debtor_id is None:
        raise NotToDecide(N_("nobody knows whose it is: say that first"))
    if kept.decided_at is not None:
        raise NotToDecide(
            N_("{number} was decided before, by {by}: {meaning}"), number=inbound_id, by=kept.decided_by,
            meaning=kept.decided_as,
        )  # fmt: skip
    acting = Acting(gate, row, actor, clock, rules=frozenset(str(one["rule"]) for one in kept.signs))
    promise_id = None
    if meaning is Meaning.PROMISE:
        if amount is None or due is None or row.case_id is None:
            raise NotToDecide(N_("a promise has an amount, a day and an open case"))
        promise_id = record_promise(
            tx, vault=gate.vault, case_id=row.case_id, amount=amount, due=due, actor=actor, now=clock(),
            promised_by=persons.root(tx, row.person_id), contact_id=row.contact_id, given=REPLY,
        )  # fmt: skip
    done = [*kept.acted, *(one for one in _act(tx, acting, meaning) if one not in kept.acted)]
    now = clock()
    readings.decide(tx, inbound_id, meaning=meaning.value, acted=done, promise_id=promise_id, actor=str(actor), now=now)
    log.append(
        tx, vault=gate.vault, kind="reading.decided", at=now, actor=str(actor), subject=_key(tx, acting),
        stated={"inbound": str(inbound_id)}, facts={"read": kept.meaning, "decided": meaning.value},
    )  # fmt: skip
    changes.tell(tx, row.debtor_id, by=str(actor))
    return readings.get(tx, inbound_id) or kept


def _act(tx: Tx, acting: Acting, meaning: Meaning) -> list[str]:
    """What a meaning does; each thing by its name and number. What stands already is not done again."""
    if meaning is Meaning.STOP:
        return [*_stop(tx, acting), *(_cease(tx, acting) if acting.rules & CEASES else ())]
    if meaning is Meaning.WRONG_PERSON:
        return _wrong(tx, acting)
    row, done = acting.row, []
    if row.debtor_id is None or row.person_id is None:
        return []
    loans: tuple[int | None, ...] = (None,)
    if meaning is Meaning.DISPUTE:
        loans = _disputes(tx, row.person_id, row.debtor_id)
    whom = row.person_id if meaning is Meaning.CRISIS else row.debtor_id
    for kind, loan in product(_HOLDS.get(meaning, ()), loans):
        try:
            placed = holds.place(
                tx, vault=acting.gate.vault, person_id=whom, kind=kind, source=f"inbound:{row.inbound_id}",
                actor=acting.actor, clock=acting.clock, loan_key=loan,
            )  # fmt: skip
        except HoldStands:
            continue
        done.append(f"{kind.value}:{placed.hold_id}")
    return done


def _disputes(tx: Tx, person_id: int, debtor_id: int) -> tuple[int | None, ...]:
    """Which debts of the debtor somebody's dispute is about: all (None), those that he guarantees alone, or none."""
    ties = _ties(tx, person_id)
    if not any(Relation(tie.relation) not in THIRD_PERSONS for tie in ties):
        return ()  # somebody who does not owe disputes nothing of his own; a person looks
    theirs = {tie.loan_key for tie in _ties(tx, debtor_id)}
    owed = [tie for tie in ties if tie.loan_key in theirs and Relation(tie.relation) not in THIRD_PERSONS]
    if owed and all(Relation(tie.relation) is Relation.GUARANTOR for tie in owed):
        return tuple(sorted({tie.loan_key for tie in owed}))
    return (None,)


def _places(tx: Tx, row: InboundRow) -> list[tuple[int, int]]:
    """Every contact point that the writer may mean: the address it came from, whoever has it, and the one asked."""
    holders = inbound.holders(tx, row.sender_index) if row.sender_index else []
    found = [(one.person_id, one.contact_point_id) for one in holders]
    if row.person_id is not None and row.contact_point_id is not None:
        found.append((row.person_id, row.contact_point_id))
    return sorted(set(found))


def _stop(tx: Tx, acting: Acting) -> list[str]:
    row, done = acting.row, []
    source, stopped = f"inbound:{row.inbound_id}", list[tuple[int, int]]()
    if row.sender_index:
        earlier = stop_earlier(
            tx, vault=acting.gate.vault, index=row.sender_index, actor=acting.actor, clock=acting.clock,
            stated={"inbound": str(row.inbound_id), "channel": row.channel},
        )  # fmt: skip
        done += [f"stop:{one}" for one in earlier]
    for person_id, point_id in _places(tx, row):
        at = stop_point(
            tx, vault=acting.gate.vault, person_id=person_id, contact_point_id=point_id, why=Why.ASKED,
            stated={"inbound": str(row.inbound_id), "channel": row.channel}, actor=acting.actor, clock=acting.clock,
            everybody=False,
        )  # fmt: skip
        if at is None:
            continue
        done.append(f"stop:{point_id}")
        stopped.append((person_id, point_id))
        _revoke(tx, acting, person_id, at)
    done += _media(tx, acting)
    if row.person_id is not None:
        now = holds.locked(tx, row.person_id, acting.clock)
        if refuse_all(tx, vault=acting.gate.vault, person_id=row.person_id, source=source, actor=acting.actor, now=now):
            done.append(f"{HoldKind.THIRD_PARTY_REFUSAL.value}:{row.person_id}")
        if not stopped:
            _revoke(tx, acting, row.person_id, now)
    confirming.owe(tx, row=row, lang="zh" if acting.chinese else "en", stopped=stopped)
    return done


def _media(tx: Tx, acting: Acting) -> list[str]:
    """State of the writer that ways which he named are not used, at any address of his."""
    writer = acting.row.person_id if acting.row.person_id is not None else _only_holder(tx, acting.row)
    named = sorted(MEDIA[rule] for rule in acting.rules & MEDIA.keys())
    if writer is None or not named:
        return []
    now, source = holds.locked(tx, writer, acting.clock), f"inbound:{acting.row.inbound_id}"
    return [
        f"{fact}:{writer}"
        for fact in named
        if state_once(
            tx, vault=acting.gate.vault, person_id=writer, fact=fact, source=source, actor=acting.actor, now=now
        )
    ]


def _revoke(tx: Tx, acting: Acting, person_id: int, at: datetime) -> None:
    source = f"inbound:{acting.row.inbound_id}"
    revoke(tx, vault=acting.gate.vault, person_id=person_id, source=source, actor=acting.actor, now=at)


def _cease(tx: Tx, acting: Acting) -> list[str]:
    """Let all contact with a consumer cease who wrote so, or for whom one did, where the law gives it: in the US."""
    row = acting.row
    writer = row.person_id if row.person_id is not None else _only_holder(tx, row)
    if writer is None or lenders.get(tx).jurisdiction != US or row.channel in SPOKEN:
        return []
    whom = _consumer(tx, writer, row.debtor_id)
    if whom is None:
        return []
    try:
        placed = holds.place(
            tx, vault=acting.gate.vault, person_id=whom, kind=HoldKind.CEASE,
            source=f"inbound:{row.inbound_id}", actor=acting.actor, clock=acting.clock,
        )  # fmt: skip
    except HoldStands:
        return []
    return [f"{HoldKind.CEASE.value}:{placed.hold_id}"]


def _consumer(tx: Tx, writer: int, debtor_id: int | None) -> int | None:
    """Of whose debts somebody writes: his own, or those of the one for whom he acts; None where that is not told."""
    ties = _ties(tx, writer)
    if any(Relation(tie.relation) not in THIRD_PERSONS | ACTS_FOR for tie in ties):
        return writer
    acts_for = [tie.loan_key for tie in ties if Relation(tie.relation) in ACTS_FOR]
    if not acts_for or debtor_id is not None:
        return debtor_id if acts_for else None
    owes = {
        one.person_id for key in acts_for for one in parties.of_loan(tx, key)
        if one.to_day is None and Relation(one.relation) is Relation.BORROWER
    }  # fmt: skip
    return owes.pop() if len(owes) == 1 else None


def _only_holder(tx: Tx, row: InboundRow) -> int | None:
    """Who alone has the address that something came from, where it is not known of which debt it speaks."""
    found = {one.root_id: one.person_id for one in inbound.holders(tx, row.sender_index)} if row.sender_index else {}
    return next(iter(found.values())) if len(found) == 1 else None


def _ties(tx: Tx, person_id: int) -> list[Party]:
    """What somebody is to debts, under every record of him, as it stands."""
    return [tie for one in persons.same(tx, person_id) for tie in parties.of_person(tx, one) if tie.to_day is None]


def _wrong(tx: Tx, acting: Acting) -> list[str]:
    row = acting.row
    if row.person_id is None or row.contact_point_id is None:
        return []
    point = next(
        (one for one in points.of_person(tx, row.person_id) if one.contact_point_id == row.contact_point_id), None
    )
    if point is None or point.state == "wrong" or row.other_sender:
        return []
    holds.place(
        tx, vault=acting.gate.vault, person_id=row.person_id, kind=HoldKind.WRONG_NUMBER,
        contact_point_id=row.contact_point_id, source=f"inbound:{row.inbound_id}", actor=acting.actor,
        clock=acting.clock,
    )  # fmt: skip
    return [f"wrong_number:{row.contact_point_id}"]


def _keep(tx: Tx, acting: Acting, found: Reading, text: str, acted: Sequence[str]) -> None:
    row, now, currency = acting.row, acting.clock(), lenders.get(tx).currency
    offer, sounds = found.offer, estimate(text)
    readings.add(
        tx, inbound_id=row.inbound_id, meaning=found.meaning.value,
        signs=[
            {
                "meaning": one.meaning.value, "rule": one.rule, "start": one.start, "end": one.end, "acts": one.acts,
                "model": one.model,
            }
            for one in found.signs
        ],
        currency=currency if offer else None, amount_minor=offer.minor if offer else None,
        whole=bool(offer and offer.whole), due_day=offer.due if offer else None, rest_day=bool(offer and offer.rest),
        acted=acted, mood=sounds.mood.value, mood_ppm=sounds.ppm, mood_rule=sounds.rule,
        urgent=any(one.meaning is Meaning.CRISIS for one in found.signs),
        now=now,
    )  # fmt: skip
    said: dict[str, Fact] = {"inbound": str(row.inbound_id), "acted": len(acted)}
    rules = [one.rule for one in found.signs]
    if row.person_id is None:
        log.append(
            tx, vault=acting.gate.vault, kind="reading.made", at=now, actor=str(acting.actor), rules=rules, stated=said
        )
    else:
        log.append(
            tx, vault=acting.gate.vault, kind="reading.made", at=now, actor=str(acting.actor), rules=rules, stated=said,
            subject=_key(tx, acting), facts={"read": found.meaning.value},
        )  # fmt: skip


def _key(tx: Tx, acting: Acting) -> PersonKey:
    person_id = int(str(acting.row.person_id))
    return acting.gate.vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
