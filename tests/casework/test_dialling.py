"""No permit, no number: it is shown to who redeemed the permit, for this contact, and the record names the permit."""

from __future__ import annotations

import pytest

from duecourse.casework.dialling import SHOWN_FOR, NoNumber, reveal_number
from duecourse.casework.gate import Gate
from duecourse.casework.outcomes import Outcome
from duecourse.casework.permit import Permit, Redeemed, Sender
from duecourse.casework.redemption import redeem_permit
from duecourse.casework.settling import record_outcome
from duecourse.evidence.record import read
from duecourse.storage import log
from duecourse.storage.connection import Database
from duecourse.storage.vault import Clear, Vault
from duecourse.storage.vault.ring import new_ring
from tests.permit_desk import AGENCY, CLOSING, CONTENT, OFFICE, OPERATOR, Clock, ask, granted, set_up

VAULT = Vault(new_ring())
GATE = Gate(VAULT)


@pytest.fixture
def desk(database: Database) -> Database:
    set_up(database, VAULT, 1)
    return database


def number(desk: Database, clock: Clock, permit_id: int, sender: Sender = OFFICE) -> Clear:
    with desk.transaction("demo") as tx:
        return reveal_number(
            tx, vault=VAULT, permit_id=permit_id, sender=sender, actor=OPERATOR, now=clock()
        )  # fmt: skip


def redeem(desk: Database, clock: Clock, permit: Permit) -> None:
    done = redeem_permit(
        desk, "demo", gate=GATE, permit_id=permit.permit_id, sender=permit.sender, content_hash=CONTENT,
        actor=OPERATOR, clock=clock,
    )  # fmt: skip
    assert isinstance(done, Redeemed)


def test_the_number_comes_with_the_redemption_and_goes_with_the_outcome(desk: Database) -> None:
    clock = Clock()
    permit = granted(ask(desk, GATE, clock))
    with pytest.raises(NoNumber, match="not redeemed"):
        number(desk, clock, permit.permit_id)
    redeem(desk, clock, permit)
    assert number(desk, clock, permit.permit_id).value == "154 0000 0001"
    with desk.transaction("demo") as tx:
        entry = log.of_person(tx, permit.person_id)[0]
    assert entry.kind == "person.reveal"
    assert read(entry.content)["stated"] == {
        "purpose": "contact", "field": "contact_point", "permit": str(permit.permit_id),
    }  # fmt: skip
    assert b"5400000001" not in entry.content.replace(b" ", b"")
    with pytest.raises(NoNumber, match="another sender"):
        number(desk, clock, permit.permit_id, AGENCY)
    record_outcome(
        desk, "demo", gate=GATE, permit_id=permit.permit_id, outcome=Outcome.UNANSWERED, sender=OFFICE,
        actor=OPERATOR, clock=clock,
    )  # fmt: skip
    with pytest.raises(NoNumber, match="outcome was reported"):
        number(desk, clock, permit.permit_id)


def test_it_is_shown_for_a_short_time(desk: Database) -> None:
    clock = Clock()
    permit = granted(ask(desk, GATE, clock))
    redeem(desk, clock, permit)
    clock.at += SHOWN_FOR
    number(desk, clock, permit.permit_id)
    clock.forward(seconds=1)
    with pytest.raises(NoNumber, match="too long ago"):
        number(desk, clock, permit.permit_id)


def test_a_refusal_has_no_number(desk: Database) -> None:
    clock = Clock(CLOSING)
    refusal = ask(desk, GATE, clock)
    with pytest.raises(NoNumber, match="refused"):
        number(desk, clock, refusal.permit_id)
