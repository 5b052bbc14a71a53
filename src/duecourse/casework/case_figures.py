"""A case's figures as they stand: what the last day run found, and what the desk entered after its book.

The day run froze its figures with a version of the book. Loans of which the desk entered something since, whether a
later version has it by now or not, are reckoned anew from the newest version and the desk together; the rest stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from duecourse.book.store import Store
from duecourse.casework.ledger import Read, read_loan
from duecourse.casework.lender_law import law_of
from duecourse.casework.opened_case import OpenedCase
from duecourse.core.contract import Method
from duecourse.core.delinquency import due_in_a_week
from duecourse.core.observation import Observation, observation
from duecourse.core.reading import Reading, Status, stage
from duecourse.law.measure import classify
from duecourse.storage import desk_events, entries, lenders, persons
from duecourse.storage.case_file import CaseLoan
from duecourse.storage.connection import Tx
from duecourse.storage.worklists import Snapshot


def with_desk(tx: Tx, store: Store, found: OpenedCase, *, now: datetime) -> OpenedCase:
    """A case with the figures of what the desk entered since the day that it shows."""
    if found.shown is None:
        return found
    version = entries.book_of(tx, found.shown.run_id)
    keys = [one.loan_key for one in found.loans if one.status is not None]
    changed = {one.loan_key for one in desk_events.after(tx, keys, version)} if version else set()
    if not version or not changed:
        return found
    people = persons.same(tx, found.case.person_id)
    then = {key: read_loan(tx, store, loan_key=key, now=now, persons=people, version=version) for key in keys}
    since = {key: read_loan(tx, store, loan_key=key, now=now, persons=people) for key in changed}
    entered = [one.event.effective for one in desk_events.after(tx, keys, version)]
    day = max(found.shown.day, *entered)
    loans = [_loan(one, since[one.loan_key], day) if one.loan_key in changed else one for one in found.loans]
    snapshot = found.snapshot
    if snapshot is not None:
        was = {key: then[key].on(found.shown.day) for key in keys}
        would = {key: since[key].on(day) if key in changed else was[key] for key in keys}
        card = any(one.loan.terms.method is Method.CARD for one in since.values())
        stand = [key for key in keys if would[key].status in {Status.ACTIVE, Status.WRITTEN_OFF}]
        reads = [since.get(key) or then[key] for key in stand]
        seen = [one for read in reads if (one := observation(read.loan, day, known=read.known)) is not None]
        snapshot = _together(tx, snapshot, was, would, day=day, card=card, seen=seen)
    return replace(found, loans=loans, snapshot=snapshot, figures_of=day)


def _loan(one: CaseLoan, read: Read, day: date) -> CaseLoan:
    said = read.on(day)
    return replace(
        one, status=said.status.value, dpd=said.dpd, oldest_due_day=said.oldest_due, next_due_day=said.next_due,
        overdue_minor=said.overdue, due_in_week_minor=due_in_a_week(read.loan, day, known=read.known),
        not_due_minor=said.not_due, paid_total_minor=said.paid_total, last_payment_day=said.last_payment,
    )  # fmt: skip


def _together(
    tx: Tx, snapshot: Snapshot, was: dict[int, Reading], would: dict[int, Reading], *, day: date, card: bool,
    seen: Sequence[Observation],
) -> Snapshot:  # fmt: skip
    """The case's sums with the difference that the desk made; days past due are those of the worst loan."""

    def moved(*names: str) -> int:
        return sum(getattr(would[key], name) - getattr(was[key], name) for key in was for name in names)

    dpd = max(one.dpd for one in would.values())
    asked: dict[str, object] = {
        "on": day, "days_past_due": dpd, "card_account": card, "lender_type": lenders.get(tx).lender_type
    }  # fmt: skip
    if seen:
        years, periods = min(one.years for one in seen), min(one.periods() for one in seen)
        asked |= {"restructured": True, "observed_years": years, "observed_periods": periods}
    return replace(
        snapshot,
        dpd=dpd,
        dpd_plan=max(one.plan_dpd for one in would.values()),
        stage=str(stage(dpd)),
        five_class=classify(law_of(tx), asked).label or snapshot.five_class,
        oldest_due_day=min((one.oldest_due for one in would.values() if one.oldest_due), default=None),
        principal_minor=max(snapshot.principal_minor + moved("principal", "not_due"), 0),
        interest_minor=max(snapshot.interest_minor + moved("interest"), 0),
        penalty_minor=max(snapshot.penalty_minor + moved("penalty", "compound"), 0),
        fee_minor=max(snapshot.fee_minor + moved("fee", "cost"), 0),
        overdue_minor=max(snapshot.overdue_minor + moved("overdue"), 0),
        settle_minor=max(snapshot.settle_minor + moved("settle"), 0),
    )
