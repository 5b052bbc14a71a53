"""What people do about the outbox: pause and resume it, take a message back, find out what became of an unknown one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from duecourse.casework.actor import Actor
from duecourse.casework.gate import Gate
from duecourse.casework.outcomes import Outcome
from duecourse.casework.permits import Clock
from duecourse.casework.redemption import hold
from duecourse.casework.settling import report
from duecourse.law.terms import Channel
from duecourse.storage import log, messages, permits
from duecourse.storage.connection import Tx
from duecourse.storage.messages import MessageRow
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Refused

REASON_MAX = 2_000


class Found(StrEnum):
    """What can be found out about an unknown message."""

    SENT = "sent"  # the provider took it
    FAILED = "failed"  # it never did


class NoPauseReason(BadInput):
    """A pause without a reason, or with too long a one."""

    def __init__(self) -> None:
        super().__init__(N_("sending is paused for a reason of at most {most} characters"), most=REASON_MAX)


class PausedAlready(BadInput):
    """A pause stands."""

    def __init__(self) -> None:
        super().__init__(N_("sending is paused already; `duecourse outbox show` says by whom"))


class NotPaused(BadInput):
    """No pause stands."""

    def __init__(self) -> None:
        super().__init__(N_("sending is not paused in this way: a pause of all and that of a channel are ended apart"))


class NotQueued(Refused):
    """A message that is under way, or gone."""

    def __init__(self, message_id: int, state: str) -> None:
        super().__init__(N_("message {number} is not taken back: it is {state}"), number=message_id, state=state)


class NotUnknown(Refused):
    """A message of which it is known what became of it."""

    def __init__(self, message_id: int, state: str) -> None:
        super().__init__(
            N_("there is nothing to find out about message {number}: it is {state}"), number=message_id, state=state
        )


def pause(tx: Tx, *, vault: Vault, channel: Channel | None, reason: str, actor: Actor, now: datetime) -> int:
    """Send nothing from now on, on one channel or at all. Raises `NoPauseReason`, `PausedAlready`."""
    said = reason.strip()
    if not 1 <= len(said) <= REASON_MAX:
        raise NoPauseReason
    number = messages.pause(tx, channel=channel.value if channel else None, reason=said, by=str(actor), now=now)
    if number is None:
        raise PausedAlready
    log.append(
        tx, vault=vault, kind="outbox.paused", at=now, actor=str(actor),
        stated={
            "pause": number, "channel": channel.value if channel else None,
            "reason": vault.text_pseudonym(tx.lender_id, said),
        },
    )  # fmt: skip
    return number


def resume(tx: Tx, *, vault: Vault, channel: Channel | None, actor: Actor, now: datetime) -> int:
    """Let sending go on. Permits that ended meanwhile are not given anew. Raises `NotPaused`."""
    number = messages.resume(tx, channel=channel.value if channel else None, by=str(actor), now=now)
    if number is None:
        raise NotPaused
    log.append(
        tx, vault=vault, kind="outbox.resumed", at=now, actor=str(actor),
        stated={"pause": number, "channel": channel.value if channel else None},
    )  # fmt: skip
    return number


def withdraw(tx: Tx, *, gate: Gate, message_id: int, actor: Actor, clock: Clock) -> MessageRow:
    """Take back a message that waits; its permit's place is free again. Raises `NotQueued`, `NoSuchMessage`."""
    found = messages.get(tx, message_id, held=True)
    if found.state != "queued":
        raise NotQueued(message_id, found.state)
    held = hold(tx, gate, found.permit_id, clock)
    if held.reserved.state == "reserved":
        permits.release(tx, [(found.person_id, found.permit_id)], now=held.now)
    messages.end(tx, message_id, state="withdrawn", now=held.now)
    log.append(
        tx, vault=gate.vault, kind="message.withdrawn", at=held.now, actor=str(actor),
        subject=held.key(gate, tx.lender_id),
        stated={"message": str(message_id), "permit": str(found.permit_id)},
    )  # fmt: skip
    return messages.get(tx, message_id)


def settle(tx: Tx, *, gate: Gate, message_id: int, found: Found, actor: Actor, clock: Clock) -> MessageRow:
    """Write what a person found out about an unknown message. It is not sent again by that.

    Raises `NotUnknown`, `NoSuchMessage`.
    """
    before = messages.get(tx, message_id, held=True)
    if before.state != "unknown":
        raise NotUnknown(message_id, before.state)
    held = hold(tx, gate, before.permit_id, clock)
    report(
        tx, gate=gate, held=held, outcome=Outcome.SENT if found is Found.SENT else Outcome.FAILED, actor=actor
    )  # fmt: skip
    messages.settle(tx, message_id, state=found.value, by=str(actor), now=held.now)
    log.append(
        tx, vault=gate.vault, kind="message.settled", at=held.now, actor=str(actor),
        subject=held.key(gate, tx.lender_id),
        stated={"message": str(message_id), "permit": str(before.permit_id), "found": found.value},
    )  # fmt: skip
    return messages.get(tx, message_id)
