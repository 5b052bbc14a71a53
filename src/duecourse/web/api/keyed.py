"""Writes of the API that are done once however often they are sent: by the header ``Idempotency-Key``."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Annotated, TypeVar

from fastapi import Header
from pydantic import BaseModel

from duecourse.storage import request_keys
from duecourse.storage.connection import Tx
from duecourse.trouble import N_
from duecourse.web.api.identity import Inquiry
from duecourse.web.api.problem import Kind, Problem

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]{1,128}$",
        description="Sent again with the same request, the answer is the same and nothing is done twice.",
    ),
]

_S = TypeVar("_S", bound=BaseModel)


def once(
    tx: Tx, inquiry: Inquiry, key: str, *, place: str, said: BaseModel | None, shape: type[_S], act: Callable[[], _S]
) -> _S:
    """The act's answer; it is done at the first request under the key only. ``place`` names what was asked of what."""
    try:
        answer = request_keys.once(
            tx,
            asker=_asker(inquiry),
            key=key,
            request_hash=_hash(place, said),
            now=inquiry.parts.clock(),
            act=lambda: act().model_dump(mode="json", by_alias=True),
        )
    except request_keys.KeyTaken as taken:
        raise _taken() from taken
    return shape.model_validate(answer)


def long_once(
    inquiry: Inquiry, key: str, *, place: str, said: BaseModel | None, shape: type[_S], act: Callable[[], _S]
) -> _S:
    """The same for an act that takes long and has transactions of its own: of two at once the second is told so."""
    database, lender = inquiry.parts.database, inquiry.lender_id
    with database.session_lock(f"{lender} {_asker(inquiry)} {key}") as held:
        if not held:
            raise Problem(Kind.CONFLICT, N_("This very request is under way; ask again later with the same key."))
        try:
            with database.transaction(lender) as tx:
                found = request_keys.answered(tx, asker=_asker(inquiry), key=key, request_hash=_hash(place, said))
        except request_keys.KeyTaken as taken:
            raise _taken() from taken
        if found is not None:
            return shape.model_validate(found)
        done = act()
        with database.transaction(lender) as tx:
            return once(tx, inquiry, key, place=place, said=said, shape=shape, act=lambda: done)


def _asker(inquiry: Inquiry) -> str:
    return f"token:{inquiry.caller.token.token_id}"


def _hash(place: str, said: BaseModel | None) -> bytes:
    return sha256(f"{place}\n{'' if said is None else said.model_dump_json()}".encode()).digest()


def _taken() -> Problem:
    return Problem(Kind.OTHER_REQUEST, N_("Take a new key for another request; repeat a request as it was."))
