"""Whether a loan is one of a person's: what is said of one debt is said of a debt that the person has a tie to."""

from __future__ import annotations

from duecourse.storage import parties, persons
from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput


class NotTheirLoan(BadInput):
    """A loan that nobody knows, or that the person has nothing to do with."""

    def __init__(self, person_id: int, loan: int | str) -> None:
        super().__init__(
            N_(
                "nothing was put on record: person {person} has no tie to a loan {loan}; `duecourse person show` lists "
                "the loans of a person, and without a loan it holds for all of them"
            ),
            person=person_id, loan=loan,
        )  # fmt: skip


def check_their_loan(tx: Tx, person_id: int, loan_key: int | None) -> None:
    """Of no loan, or of one that the person, under whichever name, has or had a tie to. Raises `NotTheirLoan`."""
    if loan_key is not None and not parties.tied(tx, persons.same(tx, person_id), loan_key):
        raise NotTheirLoan(person_id, loan_key)
