"""Settling promises: what became of each once its day had ended, by the payments of book and desk, on record.

A promise is settled on the day after its day, as far as the payments of its day are known: by the version of the book,
and by the desk where the desk is master of payments. What is learnt within sixty days, late or taken back, settles it
anew. The same payments give the same settling whoever runs it, and how often.
"""

from __future__ import annotations

from datetime import datetime

from duecourse.book.store import Store
from duecourse.casework.actor import Actor
from duecourse.casework.promises import Looked, covered_for, look, look_at_desk
from duecourse.evidence.record import Fact
from duecourse.storage import books, changes, desk_events, lenders, log, persons, promise_settlements, promises
from duecourse.storage.connection import Tx
from duecourse.storage.promise_settlements import Settlement
from duecourse.storage.vault import Vault

AT_ONCE = 1_000
"""Promises that are looked at together."""


def settle_promises(tx: Tx, store: Store, *, vault: Vault, actor: Actor, now: datetime) -> int:
    """Settle every promise whose day has ended and of which the payments now say something new; returns how many."""
    row = books.newest(tx)
    if row is None:
        return 0
    promise_settlements.lock(tx)
    through = covered_for(lenders.get(tx), row.known_at, now)
    done, after = 0, 0
    while asked := promises.to_settle(tx, through, after=after, most=AT_ONCE):
        fresh = {
            one.loan_key for one in desk_events.after(tx, {k for each in asked for k in each.loan_keys}, row.version)
        }
        of_book = [one for one in asked if fresh.isdisjoint(one.loan_keys)]
        found = look(tx, store, row, of_book, through=through)
        found += [
            look_at_desk(tx, store, row.version, one, now=now, through=through)
            for one in asked
            if not fresh.isdisjoint(one.loan_keys)
        ]
        promises.keep(tx, [one.row for one in found])
        before = promise_settlements.latest(tx, [one.promise.promise_id for one in found])
        for one in sorted(found, key=lambda each: each.promise.promise_id):
            last = before.get(one.promise.promise_id)
            if last is None or (last.state, last.paid_minor) != (one.found.state, one.found.paid):
                _settle(tx, one, last, vault=vault, actor=actor, now=now)
                done += 1
        after = asked[-1].promise_id
    return done


def _settle(tx: Tx, one: Looked, last: Settlement | None, *, vault: Vault, actor: Actor, now: datetime) -> None:
    of, said = one.promise, one.found
    looked_at = [
        {
            "loan": str(each.loan_key),
            "day": each.day.isoformat(),
            "minor": each.minor,
            "ref": each.ref,
            "why": why.value,
        }
        for each, why in one.payments
    ]
    promise_settlements.add(
        tx,
        Settlement(
            person_id=of.person_id, promise_id=of.promise_id, ordinal=1 if last is None else last.ordinal + 1,
            state=said.state.value, amount_minor=of.amount_minor, paid_minor=said.paid, kept_day=said.kept_day,
            version=one.version, through_day=said.through, looked_at=looked_at, actor=str(actor), at=now,
        ),
    )  # fmt: skip
    stated: dict[str, Fact] = {
        "promise": str(of.promise_id), "state": said.state.value, "version": one.version,
        "through": said.through.isoformat(),
    }  # fmt: skip
    if last is not None:
        stated["was"] = last.state
    facts: dict[str, Fact] = {
        "amount": of.amount_minor, "paid": said.paid, "due": of.due_day.isoformat(),
        "looked_at": [[each["loan"], each["day"], each["minor"], each["why"]] for each in looked_at],
    }  # fmt: skip
    key = vault.person(tx.lender_id, of.person_id, persons.wrapped(tx, of.person_id))
    log.append(
        tx, vault=vault, kind="promise.settled", at=now, actor=str(actor), subject=key, stated=stated, facts=facts
    )
    changes.tell(tx, of.person_id, by=str(actor))
