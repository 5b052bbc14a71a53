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

Every operation of the API is a method of `Client`, under the operation's own name (`duecourse.client.places`); what it
answers are values of `duecourse.client.shapes`. Both are written from the API's description.

It stands alone: nothing of the rest of duecourse is imported, so that a dialler may use it by itself. It asks again
after a lost answer only where the same question gives the same answer; a redemption is asked once, and whoever loses
its answer does not dial.
"""

from duecourse.client.connection import Client, new_key
from duecourse.client.contact import Contact
from duecourse.client.shapes import Checked, Explanation, Finding, Permit, Redeemed, Settled, Source
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
    "Explanation",
    "Fault",
    "Finding",
    "Invalid",
    "NoScope",
    "NoToken",
    "NotFound",
    "OtherRequest",
    "Permit",
    "Redeemed",
    "Refused",
    "Settled",
    "Source",
    "TooMany",
    "Unavailable",
    "Unreachable",
    "new_key",
]
