"""What came of a contact, and how each outcome counts.

Counting is conservative where the law leaves room: whatever was answered counts as a connection, whatever rang as an
attempt. Until an outcome is reported a redeemed contact counts as all of them at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from duecourse.law.terms import Channel
from duecourse.trouble import N_, BadInput


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

SPOKEN = frozenset({Channel.CALL, Channel.ROBOT_CALL, Channel.VISIT})
"""Channels on which somebody answers, or nobody does."""

OF_CALLS = (
    Outcome.CONNECTED, Outcome.PROMISED, Outcome.HUNG_UP, Outcome.OTHER_PERSON, Outcome.UNANSWERED, Outcome.BUSY,
    Outcome.POWER_OFF, Outcome.VOICEMAIL, Outcome.NOT_IN_SERVICE, Outcome.WRONG_NUMBER, Outcome.REFUSED,
    Outcome.NOT_SENT,
)  # fmt: skip
OF_MESSAGES = (Outcome.SENT, Outcome.DELIVERED, Outcome.FAILED, Outcome.NOT_SENT)
_TOLD_BY_MESSAGE = (*OF_MESSAGES, Outcome.NOT_IN_SERVICE, Outcome.WRONG_NUMBER, Outcome.REFUSED)
_SPOKEN_TO_US = (
    Outcome.CONNECTED, Outcome.PROMISED, Outcome.HUNG_UP, Outcome.OTHER_PERSON, Outcome.VOICEMAIL, Outcome.UNANSWERED,
    Outcome.WRONG_NUMBER, Outcome.REFUSED,
)  # fmt: skip
_OF_LINES = frozenset({Outcome.BUSY, Outcome.POWER_OFF, Outcome.NOT_IN_SERVICE, Outcome.VOICEMAIL})
"""What a telephone line can come to, and no door."""
_WRITTEN_TO_US = (Outcome.DELIVERED, Outcome.WRONG_NUMBER, Outcome.REFUSED)


class NotOfThisChannel(BadInput):
    """An outcome that a contact by this channel cannot have: a call is not delivered, a message is not answered."""

    def __init__(self, channel: Channel, outcome: Outcome, known: Sequence[Outcome]) -> None:
        super().__init__(
            N_("{outcome} is no outcome of a contact by {channel}: it is one of {known}"),
            outcome=outcome.value, channel=channel.value, known=", ".join(known),
        )  # fmt: skip


def outcomes_of(channel: Channel, *, inbound: bool = False) -> Sequence[Outcome]:
    """What can have come of a contact, or of one that the person began. A call that failed did not leave our line."""
    if channel in SPOKEN:
        spoken = _SPOKEN_TO_US if inbound else (*OF_CALLS, Outcome.FAILED)
        return tuple(one for one in spoken if channel is not Channel.VISIT or one not in _OF_LINES)
    return _WRITTEN_TO_US if inbound else _TOLD_BY_MESSAGE


def fits(channel: Channel, outcome: Outcome, *, inbound: bool = False) -> None:
    """Raise `NotOfThisChannel` for what cannot have come of a contact, or of one that the person began."""
    known = outcomes_of(channel, inbound=inbound)
    if outcome not in known:
        raise NotOfThisChannel(channel, outcome, known)


def begun_by_them(channel: Channel) -> Outcome:
    """What came of a contact that the person began, if nothing else is said."""
    return Outcome.CONNECTED if channel in SPOKEN else Outcome.DELIVERED
