"""What is somebody's own: the persons that he is, the loans he answers for, his case; and reading as he may read.

`reading` gives a transaction in which the database itself shows the rows of this one human and of nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime

from duecourse.book.loan import NoSuchLoan
from duecourse.book.store import Store
from duecourse.casework.ledger import Read, read_loan
from duecourse.casework.plan_keeping import Standing, kept_by
from duecourse.casework.portal.entry import Entered
from duecourse.law.terms import THIRD_PERSONS, Relation
from duecourse.storage import cases, notices, parties, persons, plans, portal
from duecourse.storage.books import NoSuchVersion
from duecourse.storage.cases import Case
from duecourse.storage.connection import Database, Tx
from duecourse.trouble import N_, BadInput

OWES = tuple(one.value for one in Relation if one not in THIRD_PERSONS)
"""Relations in which somebody answers for a debt, or speaks for who does."""


class NoSuchOwnThing(BadInput):
    """A number that names nothing of this person's; whether it names something of another's is not said."""

    def __init__(self) -> None:
        super().__init__(N_("there is nothing of yours under this number; open it from the page before"))


@dataclass(frozen=True, slots=True)
class Own:
    """Whose portal it is: the persons that he is, and the loans he answers for with his relation to each."""

    persons: tuple[int, ...]
    debtor: tuple[int, ...]  # the persons whose debts they are: himself, unless he answers for another
    loans: tuple[tuple[int, str], ...]
    case: Case | None  # open, and his own

    @property
    def owes(self) -> bool:
        """Whether a debt is his own, not one that he answers for alone."""
        return any(relation == Relation.BORROWER for _, relation in self.loans)

    def loan(self, key: int) -> int:
        """A loan of his; raises `NoSuchOwnThing`."""
        if key not in {one for one, _ in self.loans}:
            raise NoSuchOwnThing
        return key

    @property
    def open_case(self) -> Case:
        """His open case; raises `NoSuchOwnThing`."""
        if self.case is None:
            raise NoSuchOwnThing
        return self.case

    def only(self, key: int) -> Own:
        """The same with one loan of his alone."""
        return replace(self, loans=tuple(one for one in self.loans if one[0] == self.loan(key)))


def own(tx: Tx, entered: Entered) -> Own:
    """What is his, read once for a page."""
    mine = tuple(sorted(persons.same(tx, entered.person_id)))
    notice = notices.get(tx, entered.session.notice_id)
    open_ = [one for person in mine for one in cases.of_person(tx, person) if one.closed_day is None]
    return Own(
        mine, tuple(sorted(persons.same(tx, notice.debtor_id))), tuple(portal.loans(tx, mine, OWES)),
        open_[0] if open_ else None,
    )  # fmt: skip


@contextmanager
def reading(database: Database, entered: Entered) -> Iterator[tuple[Tx, Own]]:
    """A transaction that sees this human's rows alone."""
    with database.transaction(entered.lender.lender_id) as tx:
        mine = own(tx, entered)
        portal.restrict(tx, mine.persons)
        yield tx, mine


@dataclass(frozen=True, slots=True)
class OwnLoan:
    """A loan with its figures of a day."""

    key: int
    relation: str
    read: Read
    day: date
    plan: Standing | None = None  # the plan that stands, as it is kept

    @property
    def tail(self) -> str:
        """The last digits of its number: what a bystander may see."""
        return self.read.held.loan.ref[-4:]


def whose(tx: Tx, key: int) -> tuple[int, ...]:
    """Who owes a loan, under every record: a book looks for it with them."""
    owe = {tie.person_id for tie in parties.of_loan(tx, key) if tie.relation == Relation.BORROWER}
    return tuple(sorted({same for one in owe for same in persons.same(tx, one)}))


def loans(tx: Tx, store: Store, mine: Own, *, day: date, now: datetime) -> list[OwnLoan]:
    """His loans as they stand today; one that no book holds yet is left out."""
    found = []
    for key, relation in mine.loans:
        try:
            read = read_loan(tx, store, loan_key=key, now=now, persons=(*mine.debtor, *whose(tx, key)))
        except (NoSuchLoan, NoSuchVersion):
            continue
        signed = [one for one in plans.of_loan(tx, key) if one.signed_at is not None and one.ended_at is None]
        found.append(OwnLoan(key, relation, read, day, kept_by(signed[0], read, day) if signed else None))
    return found
