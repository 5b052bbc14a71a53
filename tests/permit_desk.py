"""A desk on which permits can be asked for: borrowers with mobile, app and loan, staff that may speak, a clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count

import polars as pl

from duecourse.casework.actor import Actor, Role
from duecourse.casework.gate import Gate
from duecourse.casework.permit import Answer, Permit, PermitRequest, Refusal, Sender
from duecourse.casework.permits import request_permit
from duecourse.casework.registers import put_on_record
from duecourse.casework.staff import OfFirm, OfStaff
from duecourse.law.terms import Channel, SenderType
from duecourse.storage import points as points_of
from duecourse.storage.connection import Database
from duecourse.storage.lenders import Lender
from duecourse.storage.vault import Vault
from tests.desk import DEMO, batch, enter, loan, person, phones, register

MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai, a Monday."""

CLOSING = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
"""22:00 in Shanghai, the first instant at which nobody is called any more."""

BEGAN = date(2026, 1, 5)
OFFICE = Sender(SenderType.LENDER, staff="E01")
AGENCY = Sender(SenderType.AGENCY, "acme", "a017")
OPERATOR = Actor(Role.OPERATOR, "test")
TEMPLATES = {"call": "m1.call", "sms": "m1.notice.sms", "push": "m1.notice.push", "letter": "m3.letter"}
CONTENT = sha256(b"what is sent").hexdigest()
_KEYS = count(1)


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    at: datetime = MORNING

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


def set_up(
    database: Database, vault: Vault, *numbers: int, lender: Lender = DEMO, points: pl.DataFrame | None = None
) -> None:
    """Enter the lender, borrowers C<number>, and two members of staff with everything the law asks of them."""
    enter(database, lender)
    people = batch(*numbers)
    apps = phones(*numbers, lender=lender, kind="app", label="app").with_columns(
        value=pl.lit("demo-") + pl.col("value")
    )
    mobiles = people.points if points is None else points
    register(database, vault, replace(people, points=pl.concat([mobiles, apps])), lender=lender)
    with database.transaction(lender.lender_id) as tx:
        for firm, staff, kinds in (("", "E01", OfStaff), ("acme", "", OfFirm), ("acme", "a017", OfStaff)):
            for kind in kinds:
                if kind not in _BAD:
                    put_on_record(
                        tx, vault=vault, firm=firm, staff=staff, kind=kind, from_day=BEGAN, source="test",
                        actor=OPERATOR, now=MORNING,
                    )  # fmt: skip


_BAD = frozenset(
    {OfStaff.BREACH, OfFirm.VIOLENCE, OfFirm.SUBDELEGATION, OfFirm.SUBDELEGATION_CONSENT, OfFirm.PRIVATE_ACCOUNTS}
)


def point(database: Database, number: int, kind: str = "phone", lender: Lender = DEMO) -> int:
    """The contact point of a borrower."""
    with database.transaction(lender.lender_id) as tx:
        found = points_of.of_person(tx, person(number, lender))
    return next(one.contact_point_id for one in found if one.kind == kind)


def a_request(database: Database, number: int = 1, **changed: object) -> PermitRequest:
    """A request of the lender's office to call borrower C<number> now; ``changed`` replaces fields."""
    channel = Channel(str(changed.get("channel", "call")))
    values: dict[str, object] = {
        "person_id": person(number),
        "loan_keys": (loan(number),),
        "contact_point_id": changed.get("contact_point_id")
        or point(database, number, "app" if channel is Channel.PUSH else "phone"),
        "at": MORNING,
        "template_id": TEMPLATES[channel],
        "content_hash": CONTENT,
        "sender": OFFICE,
        "idempotency_key": f"key-{next(_KEYS)}",
    }
    return PermitRequest(**(values | changed | {"channel": channel}))  # type: ignore[arg-type]


def ask(database: Database, gate: Gate, clock: Clock, number: int = 1, **changed: object) -> Answer:
    """Ask for a permit at the clock's instant."""
    request = a_request(database, number, **({"at": clock()} | changed))
    return request_permit(database, "demo", gate=gate, request=request, actor=OPERATOR, clock=clock)


def granted(answer: object) -> Permit:
    """The permit; fails with the refusal's own words."""
    assert isinstance(answer, Permit), answer
    return answer


def refused(answer: object) -> tuple[str, ...]:
    """The rules that refuse, or the reason if it is none of the law's."""
    assert isinstance(answer, Refusal), answer
    return tuple(str(one["rule"]) for one in answer.reasons) or (answer.why.value,)


def senders() -> tuple[Sender, ...]:
    """The lender's office and the agency: one borrower has one budget across everybody."""
    return (OFFICE, AGENCY)
