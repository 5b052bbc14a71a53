"""The outbox over HTTP: messages and what became of them, channels, pauses, what was found out about unknown ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field

from duecourse.casework import outbox as acts
from duecourse.casework.outbox import Found
from duecourse.law.terms import Channel
from duecourse.storage import messages, transports
from duecourse.storage.messages import MessageRow
from duecourse.storage.tokens import Scope
from duecourse.web.api.holds import Reason
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.problem import Kind
from duecourse.web.api.shapes import PREFIX, Id, Shape, Told, problems

router = APIRouter(prefix=f"{PREFIX}/outbox", tags=["outbox"])

OutboxReader = Annotated[Inquiry, admitted(Scope.OUTBOX_READ)]
OutboxWorker = Annotated[Inquiry, admitted(Scope.OUTBOX_WORK)]
MessageId = Annotated[Id, Path()]
_WRONG = (Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON)
LATELY = timedelta(hours=24)


class MessageShape(Shape):
    """A message, without its words."""

    message: Id
    person: Id
    permit: Id
    channel: Channel
    contact_point: Id
    template: str
    version: int
    lang: str
    notice: Id | None
    content_sha256: str
    priority: int
    state: str
    queued_at: Told
    queued_by: str
    until: Told = Field(description="The end of its permit.")
    sending_at: Told | None
    ended_at: Told | None
    provider_ref: str | None
    why_zh: str | None
    why_en: str | None
    rules: list[str] = Field(description="The rules that withheld it.")
    settled_by: str | None
    settled_at: Told | None


class MessagesShape(Shape):
    """Messages, the latest first."""

    messages: list[MessageShape]
    next: str | None = Field(description="The cursor of the next page; none at the end.")


class CountShape(Shape):
    """How many messages of a channel are in a state: now where it is open, else of the last 24 hours."""

    channel: Channel
    state: str
    count: int


class PauseShape(Shape):
    """A time in which nothing is sent, on one channel or at all."""

    pause: Id
    channel: Channel | None
    reason: str
    at: Told
    by: str


class WayShape(Shape):
    """By what a lender sends on a channel. Secrets are left out."""

    channel: Channel
    name: str
    settings: dict[str, str]
    minute_max: int
    failures: int = Field(description="Failures of the provider in a row.")
    shut_until: Told | None


class OutboxShape(Shape):
    """The outbox as a whole."""

    counts: list[CountShape]
    pauses: list[PauseShape]
    channels: list[WayShape]


class WantedPause(Shape):
    """A pause of one channel, or of all sending."""

    channel: Channel | None = None
    reason: Annotated[Reason, Field(min_length=1)]


class WantedResume(Shape):
    """The end of a pause of one channel, or of that of all sending."""

    channel: Channel | None = None


class PauseMade(Shape):
    """The pause that began or ended."""

    pause: Id


class WhatWasFound(Shape):
    """What somebody found out about an unknown message."""

    found: Literal["sent", "failed"]


@router.get("", responses=problems())
def read_outbox(inquiry: OutboxReader) -> OutboxShape:
    """Show the outbox: what stands in which state, what is paused, what each channel is set up with."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        standing = messages.standing(tx, since=inquiry.parts.clock() - LATELY)
        pauses, ways = messages.pauses(tx), transports.every(tx)
    return OutboxShape(
        counts=[
            CountShape(channel=Channel(channel), state=state, count=count)
            for (channel, state), count in sorted(standing.items())
        ],
        pauses=[
            PauseShape(
                pause=one.pause_id, channel=Channel(one.channel) if one.channel else None, reason=one.reason, at=one.at,
                by=one.by,
            )
            for one in pauses
        ],
        channels=[
            WayShape(
                channel=Channel(one.channel), name=one.name, settings=dict(one.settings), minute_max=one.minute_max,
                failures=one.failures, shut_until=one.shut_until,
            )
            for one in ways
        ],
    )  # fmt: skip


@router.get("/messages", responses=problems(Kind.INVALID))
def list_messages(
    inquiry: OutboxReader,
    *,
    state: Annotated[str | None, Query(pattern="^(queued|sending|sent|failed|unknown|withheld|withdrawn)$")] = None,
    channel: Annotated[Channel | None, Query()] = None,
    person: Annotated[Id | None, Query()] = None,
    cursor: Annotated[Id | None, Query(description="What the page before gave.")] = None,
    most: Annotated[int, Query(ge=1, le=500)] = 50,
) -> MessagesShape:
    """List messages, the latest first; pages end between two messages."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = messages.latest(tx, state=state, channel=channel, person_id=person, before=cursor, most=most)
    return MessagesShape(
        messages=[_shape(one) for one in found], next=str(found[-1].message_id) if len(found) >= most else None
    )


@router.get("/messages/{message}", responses=problems(Kind.NOT_FOUND, Kind.INVALID))
def read_message(message: MessageId, inquiry: OutboxReader) -> MessageShape:
    """Show one message, without its words."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return _shape(messages.get(tx, message))


@router.post("/messages/{message}/settlement", responses=problems(*_WRONG))
def settle_message(message: MessageId, said: WhatWasFound, inquiry: OutboxWorker) -> MessageShape:
    """Say what became of an unknown message, once somebody has found out; nothing is sent by that."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return _shape(
            acts.settle(
                tx, gate=inquiry.parts.gate, message_id=message, found=Found(said.found), actor=inquiry.caller.actor,
                clock=inquiry.parts.clock,
            )
        )  # fmt: skip


@router.post("/messages/{message}/withdrawal", responses=problems(*_WRONG))
def withdraw_message(message: MessageId, inquiry: OutboxWorker) -> MessageShape:
    """Take back a message that waits; its permit's place is free again."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return _shape(
            acts.withdraw(
                tx, gate=inquiry.parts.gate, message_id=message, actor=inquiry.caller.actor, clock=inquiry.parts.clock
            )
        )


@router.post("/pauses", status_code=201, responses=problems(*_WRONG))
def pause_sending(said: WantedPause, inquiry: OutboxWorker) -> PauseMade:
    """Send nothing from now on, on one channel or at all. What a provider has already is not undone."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        made = acts.pause(
            tx, vault=inquiry.parts.vault, channel=said.channel, reason=said.reason, actor=inquiry.caller.actor,
            now=inquiry.parts.clock(),
        )  # fmt: skip
    return PauseMade(pause=made)


@router.post("/pauses/ending", responses=problems(*_WRONG))
def resume_sending(said: WantedResume, inquiry: OutboxWorker) -> PauseMade:
    """Let sending go on. A message whose permit ended meanwhile is withheld."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        ended = acts.resume(
            tx, vault=inquiry.parts.vault, channel=said.channel, actor=inquiry.caller.actor, now=inquiry.parts.clock()
        )
    return PauseMade(pause=ended)


def _shape(one: MessageRow) -> MessageShape:
    why = one.why or {}
    return MessageShape(
        message=one.message_id, person=one.person_id, permit=one.permit_id, channel=Channel(one.channel),
        contact_point=one.contact_point_id, template=one.template_id, version=one.template_version, lang=one.lang,
        notice=one.notice_id, content_sha256=bytes(one.content_hash).hex(), priority=one.priority, state=one.state,
        queued_at=one.queued_at, queued_by=one.queued_by, until=one.until, sending_at=one.sending_at,
        ended_at=one.ended_at, provider_ref=one.provider_ref, why_zh=why.get("zh"), why_en=why.get("en"),
        rules=why.get("rules", "").split(), settled_by=one.settled_by, settled_at=one.settled_at,
    )  # fmt: skip
