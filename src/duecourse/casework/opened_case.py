"""A case laid open for who works it: everything about it that is not sealed, read in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from duecourse.casework import storage_only
from duecourse.storage import (
    assignments,
    case_file,
    cases,
    documents,
    entries,
    moods,
    notes,
    promise_reminders,
    promise_settlements,
    promises,
    recordings,
    worklists,
)
from duecourse.storage.assignments import Skip
from duecourse.storage.case_file import CaseLoan, Happening, PersonHold, Point, Tie
from duecourse.storage.cases import Case
from duecourse.storage.connection import Tx
from duecourse.storage.documents import Document
from duecourse.storage.entries import Alternative, Published
from duecourse.storage.moods import Heard
from duecourse.storage.promise_reminders import Reminder
from duecourse.storage.promise_settlements import Settlement
from duecourse.storage.promises import Promise
from duecourse.storage.recordings import Recording
from duecourse.storage.worklists import Snapshot


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """A case with its people, loans, holds, promises, proposals and the beginning of what happened; masked."""

    case: Case
    shown: Published | None  # the day whose findings are shown; None before the first run
    snapshot: Snapshot | None
    place: tuple[str, int] | None  # collector and place in the day's worklist
    skip: Skip | None  # passed over for the day
    loans: list[CaseLoan]
    ties: list[Tie]
    points: list[Point]
    holds: list[PersonHold]
    promises: list[Promise]
    reminders: list[Reminder]  # of these promises
    settlements: dict[int, Settlement]  # of the promises that were settled, what holds
    proposals: list[Alternative]
    notes: int  # how many there are; they are sealed
    documents: list[Document]  # sealed
    recordings: list[Recording]  # of calls about the borrower's debts; sealed
    happenings: list[Happening]
    moods: list[Heard]  # how everybody sounded over the last turns, the earliest first
    figures_of: date | None = None  # a day after the one shown, where the desk entered something since

    @property
    def people(self) -> list[int]:
        """Everybody tied to the loans, the borrower first."""
        return list(dict.fromkeys([self.case.person_id, *(one.person_id for one in self.ties)]))


@dataclass(frozen=True, slots=True)
class Circle:
    """The people of a case, where they may be reached, and what the day proposed: what the gate is asked about."""

    case: Case
    ties: list[Tie]
    points: list[Point]
    proposals: list[Alternative]

    @property
    def people(self) -> list[int]:
        """Everybody tied to the loans, the borrower first."""
        return list(dict.fromkeys([self.case.person_id, *(one.person_id for one in self.ties)]))


def circle(tx: Tx, case_id: int) -> Circle:
    """Read the people of a case and no more; raises `cases.NoSuchCase`."""
    case = cases.get(tx, case_id)
    shown = entries.published(tx)
    ties = case_file.ties(tx, cases.loans_of(tx, case_id))
    proposed = entries.alternatives(tx, [case.person_id], day=shown.day, run_id=shown.run_id) if shown else []
    return Circle(case, ties, case_file.points(tx, [case.person_id, *(one.person_id for one in ties)]), proposed)


def open_case(tx: Tx, case_id: int, *, now: datetime, most: int = 50) -> OpenedCase:
    """Read a case; raises `cases.NoSuchCase`, `storage_only.StorageOnly`."""
    case = cases.get(tx, case_id)
    storage_only.guard(tx, case.person_id, now=now)
    shown = entries.published(tx)
    day, run_id = (shown.day, shown.run_id) if shown else (now.date(), 0)
    loans = case_file.loans(tx, person_id=case.person_id, case_id=case_id, day=day, run_id=run_id)
    ties = case_file.ties(tx, [one.loan_key for one in loans])
    people = list(dict.fromkeys([case.person_id, *(one.person_id for one in ties)]))
    skips = assignments.skips_of(tx, case.person_id)
    given = promises.of_person(tx, case.person_id)
    return OpenedCase(
        case=case,
        shown=shown,
        snapshot=worklists.snapshot(tx, day, case.person_id) if shown else None,
        place=worklists.place_of(tx, day, case.person_id) if shown else None,
        skip=next((one for one in skips if one.day == day and one.taken_back_at is None), None),
        loans=loans,
        ties=ties,
        points=case_file.points(tx, people),
        holds=case_file.holds(tx, people),
        promises=given,
        reminders=promise_reminders.of_promises(tx, [one.promise_id for one in given]),
        settlements=promise_settlements.latest(tx, [one.promise_id for one in given]),
        proposals=entries.alternatives(tx, [case.person_id], day=day, run_id=run_id),
        notes=len(notes.of_person(tx, case.person_id)),
        documents=documents.of_person(tx, case.person_id),
        recordings=recordings.of_debtor(tx, case.person_id),
        moods=moods.of_debtor(tx, case.person_id),
        happenings=case_file.happenings(tx, person_id=case.person_id, people=people, now=now, most=most),
    )
