"""What came of a contact, and how each outcome counts.

Counting is conservative where the law leaves room: whatever was answered counts as a connection, whatever rang as an
attempt. Until an outcome is reported a redeemed contact counts as all of them at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What came of a contact."""

    CONNECTED = "connected"  # the person meant answered
    PROMISED = "promised"  # answered, and promised to pay
    HUNG_UP = "hung_up"  # answered and hung up
    OTHER_PERSON = "other_person"  # somebody else answered who belongs there
    VOICEMAIL = "voicemail"  # a machine answered
    UNANSWERED = "unanswered"  # rang, and nobody answered
    POWER_OFF = "power_off"  # not reached: switched off or out of coverage
    BUSY = "busy"  # engaged
    NOT_IN_SERVICE = "not_in_service"  # the number is not given to anybody
    WRONG_NUMBER = "wrong_number"  # somebody answered who has nothing to do with the person
    REFUSED = "refused"  # answered, and a third person wants no contact: for ever
    DELIVERED = "delivered"  # a message or letter arrived, or was handed over
    SENT = "sent"  # left us; no receipt will come
    FAILED = "failed"  # a message or letter did not arrive
    NOT_SENT = "not_sent"  # never dialled, never sent: of a permit not redeemed, its reservation is released


@dataclass(frozen=True, slots=True)
class Counts:
    """How an outcome counts."""

    connected: bool  # somebody or something answered
    talked: bool = False  # a conversation with a human
    placed: bool = True  # it reached the number: it counts as an attempt where busy and dead lines do not


_ANSWERED = Counts(connected=True, talked=True)

COUNTS: dict[Outcome, Counts] = {
    Outcome.CONNECTED: _ANSWERED,
    Outcome.PROMISED: _ANSWERED,
    Outcome.HUNG_UP: _ANSWERED,
    Outcome.OTHER_PERSON: _ANSWERED,
    Outcome.VOICEMAIL: Counts(connected=True),
    Outcome.UNANSWERED: Counts(connected=False),
    Outcome.POWER_OFF: Counts(connected=False),
    Outcome.BUSY: Counts(connected=False, placed=False),
    Outcome.NOT_IN_SERVICE: Counts(connected=False, placed=False),
    Outcome.WRONG_NUMBER: _ANSWERED,
    Outcome.REFUSED: _ANSWERED,
    Outcome.DELIVERED: Counts(connected=False),
    Outcome.SENT: Counts(connected=False),
    Outcome.FAILED: Counts(connected=False),
    Outcome.NOT_SENT: Counts(connected=False),  # after redemption: nobody sees that it was not made, so it was tried
}
