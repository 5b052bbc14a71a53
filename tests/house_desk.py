"""A desk at the gate: what is said, asked and made there, of an American borrower and of a Chinese one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import polars as pl
import pytest

from duecourse.casework.gate import Gate
from duecourse.casework.lender_facts import state_lender_fact
from duecourse.casework.outcomes import Outcome
from duecourse.casework.permit import Answer, Redeemed, Sender
from duecourse.casework.redemption import redeem_permit
from duecourse.casework.registers import put_on_record
from duecourse.casework.settling import record_inbound, record_outcome
from duecourse.casework.staff import OfFirm
from duecourse.casework.stating import state_fact
from duecourse.law.fact import Value
from duecourse.law.terms import Channel, SenderType
from duecourse.storage import contacts
from duecourse.storage.connection import Database
from duecourse.storage.contacts import Contact
from duecourse.storage.lenders import Lender
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import loan, person, phones
from tests.permit_desk import (
    AGENCY,
    CONTENT,
    MORNING,
    OPERATOR,
    Clock,
    ask,
    granted,
    point,
    set_up,
)  # fmt: skip

VAULT = Vault(new_ring())
GATE = Gate(VAULT)
US = Lender("demo", "Demo Credit", "US", "America/New_York", "USD", "bank", demo=True, masters={})
BOLT = Sender(SenderType.AGENCY, "bolt", "b1")
TALKED = ("us.contact.after_conversation",)


@dataclass
class Desk:
    """A desk with its clock: what is said, asked and made there."""

    database: Database
    clock: Clock

    def say(
        self,
        fact: str,
        value: Value = True,  # noqa: FBT002  # its value
        firm: str = "",
        who: int = 1,
        about: int | None = None,
    ) -> None:
        self.clock.forward(seconds=1)
        with self.database.transaction("demo") as tx:
            state_fact(
                tx, vault=VAULT, person_id=person(who), fact=fact, value=value, source="recording 7", now=self.clock(),
                actor=OPERATOR, firm=firm, loan_key=None if about is None else loan(about),
            )  # fmt: skip

    def ask(self, sender: Sender = AGENCY, **more: object) -> Answer:
        self.clock.forward(seconds=1)
        values: dict[str, object] = {"template_id": "us.later.call"} | more
        return ask(self.database, GATE, self.clock, 1, sender=sender, **values)

    def letter(self, template: str) -> Answer:
        home = point(self.database, 1, "address")
        return self.ask(channel="letter", template_id=template, contact_point_id=home)

    def make(self, answer: Answer, outcome: Outcome) -> None:
        """Redeem a permit, and report what came of it."""
        permit = granted(answer)
        redeemed = redeem_permit(
            self.database, "demo", gate=GATE, permit_id=permit.permit_id, sender=permit.sender, content_hash=CONTENT,
            actor=OPERATOR, clock=self.clock,
        )  # fmt: skip
        assert isinstance(redeemed, Redeemed), redeemed
        record_outcome(
            self.database, "demo", gate=GATE, permit_id=permit.permit_id, sender=permit.sender, outcome=outcome,
            actor=OPERATOR, clock=self.clock,
        )  # fmt: skip

    def comes(self, channel: str, agency: str = AGENCY.firm) -> None:
        """The person writes or calls."""
        self.clock.forward(seconds=1)
        with self.database.transaction("demo") as tx:
            contacts.add(
                tx,
                Contact(
                    person_id=person(1), debtor_id=person(1), loan_keys=(loan(1),), relation="borrower",
                    channel=channel, purpose="service", direction="in", at=self.clock(),
                    local_day=self.clock().date(), state="reported", outcome="delivered", connected=False,
                    agency=agency or None,
                ),
                now=self.clock(),
            )  # fmt: skip

    def calls_in(self, firm: str) -> None:
        """The person calls a house, and talks."""
        record_inbound(
            self.database, "demo", gate=GATE, person_id=person(1), loan_keys=(loan(1),), channel=Channel.CALL,
            outcome=Outcome.CONNECTED, at=self.clock(), actor=OPERATOR, clock=self.clock, firm=firm,
        )  # fmt: skip


@pytest.fixture
def america(database: Database) -> Desk:
    """An American borrower whom an outside collector may call, as far as the files of both go."""
    own_points = [
        phones(1, value="+1 212 555 0101", zone="America/New_York"),
        phones(1, kind="address", label="home", value="演示省演示市东区1号", zone="America/New_York"),
    ]
    set_up(database, VAULT, 1, lender=US, points=pl.concat(own_points))
    desk = Desk(database, Clock(datetime(2026, 3, 3, 16, tzinfo=UTC)))  # a Tuesday, 11:00 in New York
    of_lender: tuple[tuple[str, bool, str], ...] = (
        ("consumer_debt", True, ""), ("amount_authorised", True, ""), ("autodialled", False, "acme"),
        ("autodialled", False, "bolt"), ("sealed", True, "acme"),
    )  # fmt: skip
    with database.transaction("demo") as tx:
        put_on_record(
            tx, vault=VAULT, firm="bolt", staff="", kind=OfFirm.ADMISSION, from_day=date(2025, 1, 5), source="contract",
            actor=OPERATOR, now=desk.clock(),
        )  # fmt: skip
        for name, value, firm in of_lender:
            state_lender_fact(
                tx, vault=VAULT, fact=name, value=value, source="contract form 7", actor=OPERATOR, now=desk.clock(),
                firm=firm,
            )  # fmt: skip
    desk.say("resident_territory", "other_state")
    desk.say("initial_communication", value=False)
    desk.say("validation_given")
    desk.say("days_since_initial_communication", 30)
    return desk


@pytest.fixture
def china(database: Database) -> Desk:
    set_up(database, VAULT, 1)
    return Desk(database, Clock(MORNING))
