"""The ledger of the desk: what happens to loans here, until the book takes it up, and a loan read with it.

A loan is its events in a version of the book and those of the desk after it (`read_loan`): no gap, no doubling,
whatever version is published meanwhile, for the version is read first and says which events it lacks. `enter` adds one
with its record in one transaction; nothing is ever changed, `take_back` adds its reversal. `take_up` puts what waits
into the book, each event once: before an import, so that what a tape brings again is known, and before a day is run.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from duecourse.book import ledger as joining
from duecourse.book.loan import BookLoan
from duecourse.book.loan import read_loan as read_of_book
from duecourse.book.store import BookVersion, Store, version_from
from duecourse.casework.actor import Actor
from duecourse.core import card_events
from duecourse.core.contract import Method
from duecourse.core.days import FAR
from duecourse.core.delinquency import Loan, reading
from duecourse.core.events import MONEY_IN, Event, GridRow, Kind, UnknownTarget
from duecourse.core.money import MINOR_MAX
from duecourse.core.reading import Reading, Status
from duecourse.evidence.record import Fact
from duecourse.storage import books, desk_events, lenders, loan_names, log, persons
from duecourse.storage.connection import Database, Tx
from duecourse.storage.desk_events import DeskEvent, Pair
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Refused

TICK = timedelta(microseconds=1)
AGREED = frozenset({"waiver", "plan"})
"""Acts whose events their own act alone takes back."""

MADE_HERE = frozenset(
    {
        *MONEY_IN, Kind.REVERSAL, Kind.FEE, Kind.RATE_CHANGE, Kind.PAUSE, Kind.WAIVER, Kind.EXTENSION, Kind.RE_AGE,
        Kind.RESTRUCTURE, Kind.PLAN, Kind.ACCELERATION,
    }
)  # fmt: skip
"""What can happen to a loan at the desk; the rest is the lender's own to tell."""


class NotInLedger(BadInput):
    """An event that cannot be entered, or not taken back."""


class NotTakenBack(Refused):
    """Something agreed, which is not taken back by hand."""

    def __init__(self, ref: str, source: str) -> None:
        super().__init__(
            N_("{ref!r} was agreed ({source}) and is not taken back by hand: a waiver stays, a plan is ended"), ref=ref,
            source=source,
        )  # fmt: skip


class OverTaken(Refused):
    """An event of a claim that is no longer ours."""

    def __init__(self, ref: str) -> None:
        super().__init__(
            N_("the claim of loan {ref!r} has passed to somebody else; nothing is agreed on it here"), ref=ref
        )


@dataclass(frozen=True, slots=True)
class Read:
    """A loan as book and desk know it by ``known``; ``after`` are the events that the version does not have."""

    held: BookLoan
    version: int
    known: datetime
    after: tuple[DeskEvent, ...]
    same: Mapping[str, str]  # references at the desk, and those of the book's events that they are one with

    @property
    def loan(self) -> Loan:
        """What the arithmetic reads."""
        return self.held.loan

    def day(self, shown: date) -> date:
        """The day whose figures hold: that of the last day run, or of what the desk entered since."""
        return max(shown, *(one.event.effective for one in self.after)) if self.after else shown

    def on(self, day: date) -> Reading:
        """The figures of a day."""
        return reading(self.loan, day, known=self.known)


def read_loan(
    tx: Tx,
    store: Store,
    *,
    loan_key: int,
    now: datetime,
    ref: str | None = None,
    persons: Collection[int] = (),
    version: int | None = None,
    known: datetime | None = None,
) -> Read:
    """A loan as it stands now, or by what was known at an instant, or in an earlier version as it was known then.

    ``ref`` is for the error. Raises `loan.NoSuchLoan`, `books.NoSuchVersion`.
    """
    row = books.get(tx, version) if version else books.newest(tx)
    if row is None:
        raise books.NoSuchVersion(None)
    told = desk_events.after(tx, [loan_key], row.version)
    learnt = known or row.known_at
    if not known and not version:  # whatever stands on record now, by whoever's clock
        learnt = max(now, row.known_at + TICK, *(one.event.known for one in told))
    number = ref or loan_names.references(tx, [loan_key]).get(loan_key, str(loan_key))
    at = version_from(row.version, row.tables)
    held = read_of_book(store, at, loan_key=loan_key, ref=number, known=learnt, persons=persons)
    told = [one for one in told if one.event.known <= learnt]
    same = {one.desk_ref: one.tape_ref for one in desk_events.confirmed(tx, [loan_key]) if one.stands == "tape"}
    joined = joining.join(held.loan.events, [one.event for one in told], of_desk=held.of_desk, same=same)
    added = {one.ref for one in joined.added}
    whole = replace(held, loan=replace(held.loan, events=joined.events))
    after = tuple(one for one in told if one.event.ref in added)
    return Read(whole, row.version, learnt, after, same | dict(joined.one))


def today_of(tx: Tx, now: datetime) -> date:
    """The day it is at the lender's."""
    return now.astimezone(ZoneInfo(lenders.get(tx).zone)).date()


def facts_of(loan_key: int, event: Event) -> dict[str, Fact]:
    """What the record of an event commits to."""
    return {
        "loan": str(loan_key), "ref": event.ref, "effective": event.effective.isoformat(), "amount": event.amount,
        "parts": list(event.parts), "until": event.until.isoformat(), "target": event.target,
        "grid": [[row.due.isoformat(), row.days, row.principal, row.interest, row.fee] for row in event.grid],
    }  # fmt: skip


def enter(
    tx: Tx,
    store: Store,
    *,
    vault: Vault,
    loan_key: int,
    kind: Kind,
    effective: date,
    source: str,
    actor: Actor,
    now: datetime,
    ref: str | None = None,
    amount: int = 0,
    parts: Sequence[int] = (),
    until: date = FAR,
    target: str = "",
    grid: Sequence[GridRow] = (),
) -> DeskEvent:
    """Enter an event of a loan, with its record. ``source`` names the act that makes it: ``payment:12``.

    ``ref`` is the event's own, one for the lender; drawn where none is given. Whoever acts on what the loan owes locks
    it first (`desk_events.lock`), reads it, and enters, in one transaction. Raises `NotInLedger`, `OverTaken`,
    `desk_events.RefTaken`, `desk_events.TakenBack`, `loan.NoSuchLoan`, `books.NoSuchVersion`.
    """
    desk_events.lock(tx, loan_key)
    read = read_loan(tx, store, loan_key=loan_key, now=now)
    number = desk_events.next_id(tx)
    event = Event(
        kind=kind, effective=effective, known=read.known, ref=ref or f"desk-{number}", amount=amount,
        parts=tuple(parts), until=until, target=read.same.get(target, target), grid=tuple(grid),
    )  # fmt: skip
    _check(read, event, today_of(tx, now))
    person_id = read.held.person_id
    key = vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
    entry_id = log.append(
        tx, vault=vault, kind="ledger.entered", at=now, actor=str(actor), subject=key,
        stated={"event": str(number), "kind": kind.name.lower(), "source": source}, facts=facts_of(loan_key, event),
    )  # fmt: skip
    desk_events.add(
        tx, number, event, person_id=person_id, loan_key=loan_key, source=source, entry_id=entry_id, actor=str(actor)
    )
    return DeskEvent(number, person_id, loan_key, event, source, str(actor), entry_id, None, None)


def take_back(
    tx: Tx,
    store: Store,
    *,
    vault: Vault,
    loan_key: int,
    target: str,
    source: str,
    actor: Actor,
    now: datetime,
    effective: date | None = None,
) -> DeskEvent:
    """Enter that an event of a loan did not stand: a payment bounced, an entry was wrong. It is final.

    Acts that cannot be undone (a waiver that was notified) are kept by who made them: ask there. Raises what `enter`
    raises, and `NotTakenBack`.
    """
    made = desk_events.find(tx, target)
    if made is not None and made.source.partition(":")[0] in AGREED and source != made.source:
        raise NotTakenBack(target, made.source)
    return enter(
        tx, store, vault=vault, loan_key=loan_key, kind=Kind.REVERSAL, effective=effective or today_of(tx, now),
        source=source, target=target, actor=actor, now=now,
    )  # fmt: skip


def _check(read: Read, event: Event, today: date) -> None:
    loan, ref = read.loan, event.ref
    if event.kind not in MADE_HERE:
        raise NotInLedger(N_("{kind} is not entered at the desk: it comes with the tape"), kind=event.kind.name.lower())
    if loan.terms.method is Method.CARD and event.kind not in {*card_events.APPLY, Kind.REVERSAL}:
        raise NotInLedger(N_("a card knows no {kind}"), kind=event.kind.name.lower())
    if any(one.ref == ref for one in loan.events):
        raise desk_events.RefTaken(ref)
    if event.amount > MINOR_MAX or event.amount < 0 or (event.kind in MONEY_IN and event.amount == 0):
        raise NotInLedger(N_("{amount} is no amount of one event"), amount=event.amount)
    begun = min((one.effective for one in loan.events), default=None)
    if begun is None or not begun <= event.effective <= today:
        raise NotInLedger(
            N_("{day} is not a day between the loan's beginning ({begun}) and today ({today})"), day=event.effective,
            begun=begun or "-", today=today,
        )  # fmt: skip
    if event.kind not in {*MONEY_IN, Kind.REVERSAL} and read.on(today).status is Status.SOLD:
        raise OverTaken(loan.ref)
    told = replace(loan, events=(*loan.events, event))
    try:
        reading(told, today, known=event.known)
    except UnknownTarget:
        if any(one.target == event.target for one in loan.events):
            raise desk_events.TakenBack(event.target) from None
        raise NotInLedger(
            N_("event {target!r} is not one of this loan's; `duecourse loan explain` names them"), target=event.target
        ) from None


@dataclass(frozen=True, slots=True)
class TakenUp:
    """What went from the desk into the book; ``version`` is that which has it."""

    version: int
    events: int
    confirmed: int  # of them those that a tape had brought already


def take_up(tx: Tx, store: Store, *, vault: Vault, actor: Actor, now: datetime) -> TakenUp | None:
    """Put into the book what the desk entered since; None where nothing waits. The caller commits and `store.done`.

    Raises `books.BookLocked` while somebody else writes the book.
    """
    row = books.newest(tx)
    if row is None or not desk_events.waiting(tx, known=max(now, row.known_at + TICK)):
        return None
    books.lock(tx)
    row = books.newest(tx) or row
    waiting = desk_events.waiting(tx, known=max(now, row.known_at + TICK))
    if not waiting:  # somebody else took them up while we waited for nobody
        return None
    at = version_from(row.version, row.tables)
    added, pairs = _joined(tx, store, at, waiting)
    new = at
    if added:
        store.begin(at)
        new = store.append(at, joining.rows(added, since=row.known_at + TICK))
        known = max(now, *(one.known for _key, _place, one, _source in added), row.known_at + TICK)
        books.commit_version(
            tx,
            books.BookVersion(
                version=new.version, parent=at.version, known_at=known, written_by=str(actor), tables=new.plain(),
                content_hash=new.content_hash, log_entries=log.last_id(tx),
            ),
        )  # fmt: skip
    desk_events.take(tx, [one.event_id for one in waiting], new.version)
    desk_events.confirm(tx, [Pair(key, mine, theirs, new.version, "tape") for key, mine, theirs in pairs])
    log.append(
        tx, vault=vault, kind="ledger.taken_up", at=now, actor=str(actor),
        stated={
            "version": new.version, "content": new.content_hash.hex(), "events": len(waiting), "added": len(added),
            "first": str(waiting[0].event_id), "last": str(waiting[-1].event_id),
        },
    )  # fmt: skip
    return TakenUp(new.version, len(waiting), len(pairs))


def _joined(
    tx: Tx, store: Store, at: BookVersion, waiting: Sequence[DeskEvent]
) -> tuple[list[tuple[int, int, Event, str]], list[tuple[int, str, str]]]:
    """Of events that wait, those that the book lacks (with their loan, shard and source), and what is one."""
    keys = sorted({one.loan_key for one in waiting})
    have = joining.held(store, at, keys)
    before = joining.by_loan(
        [(one.loan_key, one.desk_ref, one.tape_ref) for one in desk_events.confirmed(tx, keys) if one.stands == "tape"]
    )
    added, pairs = list[tuple[int, int, Event, str]](), list[tuple[int, str, str]]()
    for key in keys:
        mine = {one.event.ref: one for one in waiting if one.loan_key == key}
        of = have[key]
        found = joining.join(
            of.events, [one.event for one in mine.values()], of_desk=of.of_desk, same=before.get(key, {})
        )
        added += [(key, of.shard, one, mine[one.ref].source) for one in found.added]
        pairs += [(key, ours, theirs) for ours, theirs in found.one]
    return added, pairs


def take_up_first(
    database: Database, store: Store, lender_id: str, *, vault: Vault, actor: Actor, now: datetime
) -> None:
    """Take up what waits, in a transaction of its own, before a tape is read or a day is run."""
    with database.transaction(lender_id) as tx:
        done = take_up(tx, store, vault=vault, actor=actor, now=now)
    if done is not None:
        store.done()
