"""A loan as book and desk know it together: each thing that happened once, whoever told of it first.

What both tell is one event: those of one reference; a payment that the desk knew first and a tape brought later, of one
amount and value day; the taking back of one event. Where a tape's stands in the book, the desk's is not added to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from duecourse.book.loan import event_of
from duecourse.book.tables import DESK, EVENTS, INSTALMENTS
from duecourse.core.events import MONEY_IN, RANK, Event, Kind
from duecourse.core.ids import loan_key as key_of

if TYPE_CHECKING:
    from duecourse.book.store import BookVersion, Store


@dataclass(frozen=True, slots=True)
class Joined:
    """The events of a loan, each once; ``added`` are the desk's that the book does not have."""

    events: tuple[Event, ...]
    added: tuple[Event, ...]
    one: tuple[tuple[str, str], ...]  # reference at the desk, and that of the book's event that is the same


def join(book: Sequence[Event], desk: Sequence[Event], *, of_desk: Collection[str], same: Mapping[str, str]) -> Joined:
    """Put the events of the desk to those of the book.

    ``of_desk`` are references of the book's events that came from the desk; ``same`` is what was found to be one
    before: the desk's reference to the tape's.
    """
    there = {one.ref: one for one in book}
    backs = {one.target: one.ref for one in book if one.kind is Kind.REVERSAL}
    free = [
        one for one in sorted(book, key=lambda one: (one.effective, one.ref))
        if one.kind in MONEY_IN and one.ref not in of_desk and one.ref not in same.values()
    ]  # fmt: skip
    known, pairs, added = dict(same), list[tuple[str, str]](), list[Event]()
    for one in sorted(desk, key=lambda one: one.kind is Kind.REVERSAL):
        target = known.get(one.target, one.target)
        match = None
        if one.ref in there:
            match = one.ref
        elif one.kind is Kind.REVERSAL:
            match = backs.get(target)
        elif one.kind in MONEY_IN:
            like = next((other for other in free if _alike(one, other)), None)
            match = like.ref if like else None
            free = [other for other in free if other is not like]
        if match is None:
            added.append(one if target == one.target else replace(one, target=target))
        else:
            known[one.ref] = match
            pairs.append((one.ref, match))
    return Joined((*book, *added), tuple(added), tuple(pairs))


def _alike(desk: Event, tape: Event) -> bool:
    """Whether a tape's payment confirms the desk's: it says the same, and was not known before it."""
    return (desk.amount, desk.effective) == (tape.amount, tape.effective) and tape.known >= desk.known


@dataclass(slots=True)
class Held:
    """What a version of the book has of a loan's events. Their schedules are not read."""

    shard: int
    events: list[Event] = field(default_factory=list)
    of_desk: set[str] = field(default_factory=set)


def held(store: Store, version: BookVersion, loan_keys: Collection[int]) -> dict[int, Held]:
    """The events of some loans by loan key; loans that the book does not hold are not in it."""
    mine = pl.col("loan_key").is_in(sorted(loan_keys))
    loans = store.scan(version, "loans").filter(mine).select("loan_key", "shard").unique("loan_key").collect()
    found = {key: Held(place) for key, place in loans.iter_rows()}
    shards = loans["shard"].unique().sort().to_list()
    events = store.scan(version, "events").filter(mine & pl.col("shard").is_in(shards)).collect()
    for row in events.iter_rows(named=True):
        of = found[row["loan_key"]]
        of.events.append(event_of(row, {}))
        if row["source"].startswith(DESK):
            of.of_desk.add(row["ref"])
    return found


def rows(added: Sequence[tuple[int, int, Event, str]], *, since: datetime) -> dict[str, pl.DataFrame]:
    """Rows of the book's tables for events of the desk: (loan key, shard, event, what made it).

    Nothing is known to a version before the one that lacks it: ``since`` is the first instant that may be said.
    """
    events, instalments = list[dict[str, Any]](), list[dict[str, Any]]()
    for loan_key, place, one, source in added:
        known = max(one.known, since)
        number = max(key_of("", f"set\0{one.ref}"), 1) if one.grid else 0
        parts = dict.fromkeys((f"p{n}" for n in range(1, 6)), None) | {
            f"p{n}": part for n, part in enumerate(one.parts, start=1)
        }
        events.append({
            "shard": place, "loan_key": loan_key, "effective": one.effective, "rank": RANK.get(one.kind, 0),
            "kind": int(one.kind), "known": known, "ref": one.ref, "amount": one.amount, **parts, "until": one.until,
            "target": one.target, "set_no": number, "source": f"{DESK}{source}",
        })  # fmt: skip
        instalments += [
            {
                "shard": place, "loan_key": loan_key, "set_no": number, "due": row.due, "days": row.days,
                "principal_minor": row.principal, "interest_minor": row.interest, "fee_minor": row.fee, "known": known,
            }
            for row in one.grid
        ]  # fmt: skip
    return {
        "events": pl.DataFrame(events, schema=EVENTS),
        "instalments": pl.DataFrame(instalments, schema=INSTALMENTS),
    }


def by_loan(pairs: Collection[tuple[int, str, str]]) -> dict[int, dict[str, str]]:
    """Of (loan key, one reference, another), the references by loan."""
    found: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for loan_key, one, other in pairs:
        found[loan_key][one] = other
    return found
