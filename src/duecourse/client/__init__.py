"""The typed Python client of the API: ask for a permit, redeem it, report what came of it, have a contact explained.

    from duecourse.client import Client, Contact, Refused

    call = Contact(person="81", loans=["17"], contact_point="5", channel="call", at=now, template="m1.call",
                   content=script, staff="a017")
    with Client("http://127.0.0.1:8800", token) as gate:
        try:
            permit = gate.request(call)
        except Refused as no:
            ...                                   # no.reasons, no.next_open
        gate.redeem(permit, content=script, staff="a017")  # at the instant of dialling; only then dial
        gate.report(permit, "connected")

It stands alone: nothing of the rest of duecourse is imported, so that a dialler may use it by itself. It asks again
after a lost answer only where the same question gives the same answer; a redemption is asked once, and whoever loses
its answer does not dial.
"""

from duecourse.client.answers import Checked, Explanation, Finding, Outcome, Permit, Redeemed, Source
from duecourse.client.connection import Client
from duecourse.client.contact import Contact
from duecourse.client.desk import Entry, Found, Promise
from duecourse.client.troubles import (
    ApiTrouble,
    Conflict,
    Fault,
    Invalid,
    NoScope,
    NotFound,
    NoToken,
    OtherRequest,
    Refused,
    TooMany,
    Unavailable,
    Unreachable,
)

__all__ = [
    "ApiTrouble",
    "Checked",
    "Client",
    "Conflict",
    "Contact",
    "Entry",
    "Explanation",
    "Fault",
    "Finding",
    "Found",
    "Invalid",
    "NoScope",
    "NoToken",
    "NotFound",
    "OtherRequest",
    "Outcome",
    "Permit",
    "Promise",
    "Redeemed",
    "Refused",
    "Source",
    "TooMany",
    "Unavailable",
    "Unreachable",
]
