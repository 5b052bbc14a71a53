"""What is kept of a person, until when and by which rule; reckoned by the law engine, never from a date that was typed.

Two clocks run, as the packs say: `retention_years` from the latest record of collection (of recordings: from the latest
call), `retention_years_after_end` from the settlement or transfer of each loan that the person is tied to. The later
counts. Where a loan runs, a case is open, a rule lacks a fact or none speaks, the data are kept: nothing is destroyed
by silence. A legal hold goes before everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice

from duecourse.book.loan import End, ends
from duecourse.book.store import Store, version_from
from duecourse.casework.kept import Kept, Phase, Term
from duecourse.casework.lender_law import law_of
from duecourse.core.days import add_months
from duecourse.law.measure import Measure, measure
from duecourse.law.rulebook import Rulebook
from duecourse.law.terms import RecordKind
from duecourse.storage import books, cases, lender_facts, lenders, parties, persons, retention, stated
from duecourse.storage.connection import Tx
from duecourse.storage.retention import LegalHold, Stored

CLOCKS = {"record": "retention_years", "end": "retention_years_after_end"}
"""What years are counted from, and the quantity that gives them."""

KINDS = (RecordKind.COLLECTION, RecordKind.RECORDING)
"""Kinds of record that there are of a person."""

_ASKED = ("debt_collector", "consumer_debt", "resident_territory", "transferred_credit")
"""Facts of rules that somebody states; the others are in the book."""


LOOKED_AT_MAX = 300
"""So many people are looked at for one page of a phase: each loan of theirs is aged anew, 7 ms a person."""


def schedule(tx: Tx, *, store: Store, person_ids: Sequence[int], day: date, now: datetime) -> list[Kept]:
    """What is kept of these people on a day, as far as it was known at an instant."""
    lender, law, newest = lenders.get(tx), law_of(tx), books.newest(tx)
    said = {
        one.fact: one.value
        for one in reversed(lender_facts.every(tx))
        if not one.firm and one.fact in _ASKED and one.from_at <= now and (one.to_at is None or now < one.to_at)
    }
    same = {person: persons.same(tx, person) for person in person_ids}
    tied = {person: {tie.loan_key for one in same[person] for tie in parties.of_person(tx, one)} for person in same}
    loans: dict[int, End] = {}
    keys = {key for of in tied.values() for key in of}
    if newest is not None and keys:
        loans = ends(store, version_from(newest.version, newest.tables), keys, day, known=now)
    found = []
    for person in person_ids:
        own = {
            one.fact: one.value
            for every in same[person]
            for one in reversed(stated.of_person(tx, every))
            if one.fact in _ASKED and one.from_at <= now and (one.to_at is None or now < one.to_at)
        }
        facts = {"on": day, "lender_type": lender.lender_type, **said, **own}
        theirs = [loans[key] for key in sorted(tied[person]) if key in loans]
        working = any(one.closed_day is None for every in same[person] for one in cases.of_person(tx, every))
        last = retention.last_done(tx, same[person], lender.zone)
        held = tuple(one for one in retention.holds_of(tx, same[person]) if one.stands(day))
        found.append(
            _kept(
                law, person, facts, theirs, unknown=len(theirs) < len(tied[person]), working=working, last=last,
                held=held, stored=retention.stored_since(tx, same[person], now), day=day,
            )
        )  # fmt: skip
    return found


def every(tx: Tx, *, store: Store, day: date, now: datetime, most: int = 200, after: int = -1) -> Iterator[Kept]:
    """The schedule of the whole lender, in the order of people and ``after`` one of them, so many at a time."""
    while people := retention.candidates(tx, after=after, most=most):
        yield from schedule(tx, store=store, person_ids=people, day=day, now=now)
        after = people[-1]


def page(
    tx: Tx, *, store: Store, day: date, now: datetime, after: int, most: int, phase: Phase | None = None
) -> tuple[list[Kept], int | None]:
    """People of a phase on the schedule ``after`` one of them, and after whom the next page begins; None at the end.

    No more than `LOOKED_AT_MAX` people are looked at for one page.
    """
    rows = every(tx, store=store, day=day, now=now, after=after)
    found: list[Kept] = []
    last = after
    for one in islice(rows, LOOKED_AT_MAX):
        if phase in {None, one.phase}:
            if len(found) == most:
                return found, last
            found.append(one)
        last = one.person_id
    return found, last if next(rows, None) is not None else None


def _kept(
    law: Rulebook,
    person: int,
    facts: Mapping[str, object],
    loans: Sequence[End],
    *,
    unknown: bool,
    working: bool,
    last: tuple[date | None, date | None],
    held: tuple[LegalHold, ...],
    stored: Stored | None,
    day: date,
) -> Kept:
    running = tuple(one.ref for one in loans if one.day is None)
    if running or working or not loans or unknown:
        phase = Phase.IN_USE if running or working else Phase.UNKNOWN
        return Kept(person, Phase.HELD if held else phase, None, None, (), held, stored, running, unheard=unknown)
    terms = tuple(_terms(law, facts, loans, last))
    known = [one.ends for one in terms if one.ends is not None]
    until = max(known, default=None)
    ended = max(one.day for one in loans if one.day is not None)
    if held:
        phase = Phase.HELD
    elif until is None or any(one.missing for one in terms):
        phase = Phase.UNKNOWN
    else:
        phase = Phase.OVER if until <= day else Phase.KEPT
    return Kept(person, phase, until, ended, terms, held, stored, longest=_longest(law, facts, loans, ended))


def _terms(
    law: Rulebook, facts: Mapping[str, object], loans: Iterable[End], last: tuple[date | None, date | None]
) -> Iterator[Term]:
    for loan in loans:
        for kind, done in zip(KINDS, last, strict=True):
            for clock, quantity in CLOCKS.items():
                begins = done if clock == "record" else loan.day
                if begins is None or (clock == "end" and done is None and kind is RecordKind.RECORDING):
                    continue
                given = _measured(law, quantity, kind, loan, facts)
                if given.missing:
                    yield Term(kind, clock, begins, None, None, (), given.missing, loan.ref)
                elif isinstance(given.value, int):
                    until = _after(begins, given.value)
                    rules = tuple(one.rule.id for one in given.by)
                    yield Term(kind, clock, begins, given.value, until, rules, (), loan.ref)


def _measured(law: Rulebook, quantity: str, kind: RecordKind, loan: End, facts: Mapping[str, object]) -> Measure:
    return measure(law, quantity, {**facts, "record_kind": kind.value, "card_account": loan.card})


def _longest(law: Rulebook, facts: Mapping[str, object], loans: Sequence[End], ended: date) -> date | None:
    """By when a rule wants the data destroyed: the least of what the rules give."""
    found = {_measured(law, "retention_years_max", RecordKind.COLLECTION, one, facts).value for one in loans}
    years = [one for one in found if isinstance(one, int)]
    return _after(ended, min(years)) if years else None


def _after(begins: date, years: int) -> date:
    """The first day after so many years; they end with the corresponding day, as 民法典 201 and 202 count."""
    return add_months(begins, 12 * years) + timedelta(days=1)
