"""Who is told of what was done: endpoints, what became of each telling, and telling again."""

from __future__ import annotations

import os
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from duecourse.casework import webhook
from duecourse.casework.webhook import ENTRIES_MAX, REASON_MAX, URL_MAX
from duecourse.storage import webhooks
from duecourse.storage.tokens import Scope
from duecourse.storage.webhooks import Endpoint
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.keyed import Key, once
from duecourse.web.api.problem import Kind
from duecourse.web.api.shapes import PREFIX, Id, Instant, Shape, Told, problems

router = APIRouter(prefix=f"{PREFIX}/webhooks", tags=["webhooks"])

Manager = Annotated[Inquiry, admitted(Scope.WEBHOOK_MANAGE)]
Number = Annotated[Id, Path()]
_WRONG = (Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON, Kind.OTHER_REQUEST)


Reason = Annotated[str, Field(min_length=1, max_length=REASON_MAX, description="Why it goes again; on record.")]


class WantedEndpoint(Shape):
    """Where to tell, and of what."""

    url: Annotated[str, Field(pattern=r"^https://[!-~]+$", max_length=URL_MAX, examples=["https://example.com/hooks"])]
    kinds: Annotated[list[Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+$")]], Field(min_length=1, max_length=64)]


class EndpointShape(Shape):
    """An endpoint, and how many acts it was told of."""

    endpoint: Id
    url: str
    kinds: list[str]
    created_at: Told
    ended_at: Told | None
    waiting: int
    delivered: int
    failed: int


class MadeShape(Shape):
    """A new endpoint."""

    endpoint: Id
    secret: str = Field(
        description="Verifies its signatures; shown this once. Sent again with the key, it is not shown."
    )


class Endpoints(Shape):
    """All endpoints, the latest first."""

    endpoints: list[EndpointShape]
    kinds: list[str] = Field(description="What can be told of.")


class TellingShape(Shape):
    """One act that an endpoint was, or will be, told of."""

    endpoint: Id
    entry: Id
    type: str
    at: Told
    state: str
    attempts: int
    next_at: Told
    last_status: int | None
    last_trouble: str | None


class Tellings(Shape):
    """Acts, the latest first."""

    events: list[TellingShape]
    next: str | None = Field(description="The cursor of the next page; none at the end.")


class Replay(Shape):
    """Acts between two instants, the second excluded."""

    first: Instant
    last: Instant
    reason: Reason


class ReplaySome(Shape):
    """Acts by the numbers of their entries."""

    entries: Annotated[list[Id], Field(min_length=1, max_length=ENTRIES_MAX)]
    reason: Reason


class Replayed(Shape):
    """How many acts are told again, under the same message ids."""

    events: int


class EndpointEnded(Shape):
    """Whether it was live."""

    ended: bool


@router.get("", responses=problems())
def list_endpoints(inquiry: Manager) -> Endpoints:
    """List the endpoints; never their secrets."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found, counts = webhooks.every(tx), webhooks.counts(tx)
    return Endpoints(
        endpoints=[_shape(one, counts.get(one.endpoint_id, {})) for one in found], kinds=list(webhook.KINDS)
    )


@router.post("", status_code=201, responses=problems(*_WRONG))
def add_endpoint(said: WantedEndpoint, key: Key, inquiry: Manager) -> MadeShape:
    """Let an address be told of acts from now on."""
    secret: list[str] = []

    def act() -> MadeShape:
        made = webhook.add_endpoint(
            tx, vault=inquiry.parts.vault, url=said.url, kinds=said.kinds, actor=inquiry.caller.actor,
            now=inquiry.parts.clock(), chance=os.urandom,
        )  # fmt: skip
        secret.append(made.secret)
        return MadeShape(endpoint=made.endpoint.endpoint_id, secret="")  # the answer is kept; the secret is not

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        answer = once(tx, inquiry, key, place="webhook", said=said, shape=MadeShape, act=act)
    return MadeShape(endpoint=answer.endpoint, secret=secret[0] if secret else "")


@router.post("/{endpoint}/ending", responses=problems(*_WRONG))
def end_endpoint(endpoint: Number, inquiry: Manager) -> EndpointEnded:
    """Tell an endpoint nothing more."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        done = webhook.end_endpoint(
            tx, vault=inquiry.parts.vault, endpoint_id=endpoint, actor=inquiry.caller.actor, now=inquiry.parts.clock()
        )
    return EndpointEnded(ended=done)


@router.post("/{endpoint}/replay", responses=problems(*_WRONG))
def tell_again(endpoint: Number, said: Replay, key: Key, inquiry: Manager) -> Replayed:
    """Tell an endpoint again of acts between two instants, delivered or not."""

    def act() -> Replayed:
        count = webhook.tell_again(
            tx, vault=inquiry.parts.vault, endpoint_id=endpoint, first=said.first, last=said.last,
            reason=said.reason, actor=inquiry.caller.actor, now=inquiry.parts.clock(),
        )  # fmt: skip
        return Replayed(events=count)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"replay {endpoint}", said=said, shape=Replayed, act=act)


@router.post("/{endpoint}/events/replay", responses=problems(*_WRONG))
def tell_some_again(endpoint: Number, said: ReplaySome, key: Key, inquiry: Manager) -> Replayed:
    """Tell an endpoint again of some acts, by their entries, delivered or not."""

    def act() -> Replayed:
        count = webhook.tell_some_again(
            tx, vault=inquiry.parts.vault, endpoint_id=endpoint, entries=said.entries, reason=said.reason,
            actor=inquiry.caller.actor, now=inquiry.parts.clock(),
        )  # fmt: skip
        return Replayed(events=count)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"replay some {endpoint}", said=said, shape=Replayed, act=act)


@router.get("/events", responses=problems(Kind.INVALID))
def list_events(
    inquiry: Manager,
    endpoint: Annotated[Id | None, Query()] = None,
    state: Annotated[str | None, Query(pattern="^(waiting|delivered|failed)$")] = None,
    cursor: Annotated[Id | None, Query(description="What the page before gave.")] = None,
    most: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Tellings:
    """List what endpoints were told of, and what became of it; pages end between two acts."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = webhooks.latest(tx, endpoint_id=endpoint, state=state, before=cursor, most=most)
    return Tellings(
        events=[
            TellingShape(
                endpoint=one.endpoint_id,
                entry=one.entry_id,
                type=one.kind,
                at=one.at,
                state=one.state,
                attempts=one.attempts,
                next_at=one.next_at,
                last_status=one.last_status,
                last_trouble=one.last_trouble,
            )
            for one in found
        ],
        next=str(found[-1].entry_id) if len(found) >= most else None,
    )


def _shape(one: Endpoint, counts: dict[str, int]) -> EndpointShape:
    return EndpointShape(
        endpoint=one.endpoint_id,
        url=one.url,
        kinds=list(one.kinds),
        created_at=one.created_at,
        ended_at=one.ended_at,
        waiting=counts.get("waiting", 0),
        delivered=counts.get("delivered", 0),
        failed=counts.get("failed", 0),
    )
