"""Near misses: the last call that the law lets through, and one planned just before the window closes."""

from __future__ import annotations

from datetime import timedelta

from duecourse.casework.figures import preparing
from duecourse.casework.gate import Gate
from duecourse.casework.lender_law import law_of
from duecourse.casework.outcomes import Outcome
from duecourse.casework.redemption import redeem_permit
from duecourse.casework.settling import record_outcome
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.permit_desk import CLOSING, CONTENT, OFFICE, OPERATOR, Clock, ask, granted, set_up

VAULT = Vault(new_ring())


def test_the_call_before_the_last_is_none_and_the_last_is_one(database: Database) -> None:
    gate, clock = Gate(VAULT), Clock()
    set_up(database, VAULT, 1, 2)
    numbers = []
    for _ in range(3):
        permit = granted(ask(database, gate, clock))
        numbers.append(permit.permit_id)
        redeem_permit(
            database, "demo", gate=gate, permit_id=permit.permit_id, sender=OFFICE, content_hash=CONTENT,
            actor=OPERATOR, clock=clock,
        )  # fmt: skip
        record_outcome(
            database, "demo", gate=gate, permit_id=permit.permit_id, outcome=Outcome.CONNECTED, sender=OFFICE,
            actor=OPERATOR, clock=clock,
        )  # fmt: skip
        clock.forward(minutes=20)
    late = Clock(CLOSING - timedelta(minutes=5))
    evening = granted(ask(database, gate, late, 2))
    with database.transaction("demo") as tx:
        found = preparing.find_near_misses(tx, law_of(tx))
        again = preparing.find_near_misses(tx, law_of(tx))
        rows = {
            (row[0], row[1], row[2]) for row in tx.execute("SELECT permit_id, kind, fact FROM near_miss").fetchall()
        }
    assert found > 0
    assert again == 0
    assert (numbers[2], "counter", "connected_calls_person_day") in rows
    assert not any(permit == numbers[0] for permit, _kind, _fact in rows)
    assert (evening.permit_id, "closing_time", "second_local") in rows
