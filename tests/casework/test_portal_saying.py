"""What somebody writes in the portal lands with everybody whose debts he answers for."""

from __future__ import annotations

import polars as pl
import pytest

from duecourse.casework.parties import Batch
from duecourse.casework.portal.own import Own
from duecourse.casework.portal.saying import Matter, NoDebtHere, write
from duecourse.storage import holds, inbound
from duecourse.storage.inbound import InboundRow
from tests import house_desk
from tests.desk import loan, person, persons, phones, register, ties
from tests.house_desk import GATE, US, VAULT, Desk

america = house_desk.america

OF_BOTH = ((loan(1), "guarantor"), (loan(2), "borrower"))


@pytest.fixture
def both(america: Desk) -> Desk:
    """C2 guarantees L1, which C1 owes, and owes L2 himself."""
    told = pl.concat([ties(1, person_id=person(2), relation="guarantor"), ties(2)])
    number = phones(2, value="+1 212 555 0102", zone="America/New_York")
    register(america.database, VAULT, Batch(persons(2), number, told), lender=US)
    return america


def writes(
    desk: Desk, text: str, matter: Matter = Matter.QUESTION, *, loans: tuple[tuple[int, str], ...] = OF_BOTH,
    notice_of: int = 1,
) -> InboundRow:  # fmt: skip
    """C2 writes, who came in by a notice about the debts of ``notice_of``."""
    desk.clock.forward(seconds=1)
    mine = Own((person(2),), (person(notice_of),), loans, None)
    with desk.database.transaction("demo") as tx:
        return write(
            tx,
            gate=GATE,
            mine=mine,
            person_id=person(2),
            matter=matter,
            text=text,
            lang="en",
            key="k",
            clock=desk.clock,
        )


def held(desk: Desk, number: int) -> list[str]:
    with desk.database.transaction("demo") as tx:
        return [one.kind for one in holds.of_person(tx, person(number)) if one.to_at is None]


@pytest.mark.parametrize("notice_of", [1, 2])
def test_whoever_answers_for_debts_of_two_is_received_for_both(both: Desk, notice_of: int) -> None:
    for _ in range(2):  # the same form again is one
        first = writes(both, "Please stop contacting me.", notice_of=notice_of)
    assert (first.person_id, first.debtor_id) == (person(2), person(2))
    with both.database.transaction("demo") as tx:
        rows = inbound.latest(tx)
        about = tx.execute(
            "SELECT debtor_id, loan_keys, relation FROM contact WHERE direction = 'in' ORDER BY contact_id"
        ).fetchall()
    assert [(one.person_id, one.debtor_id) for one in rows] == [(person(2), person(1)), (person(2), person(2))]
    assert about == [(person(2), [loan(2)], "borrower"), (person(1), [loan(1)], "guarantor")]
    assert (held(both, 1), held(both, 2)) == ([], ["cease"])


def test_his_own_debts_are_held_whichever_notice_let_him_in(both: Desk) -> None:
    writes(both, "It was paid in May.", Matter.DISPUTE)
    assert "dispute" in held(both, 2)


def test_debts_that_he_no_longer_answers_for_are_not_written_about(both: Desk) -> None:
    first = writes(both, "When is it due?", loans=OF_BOTH[:1])
    assert first.debtor_id == person(1)
    with both.database.transaction("demo") as tx:
        assert len(inbound.latest(tx)) == 1
    with pytest.raises(NoDebtHere):
        writes(both, "When is it due?", loans=())
