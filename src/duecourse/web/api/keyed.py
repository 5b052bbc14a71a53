"""Writes of the API that are done once however often they are sent: by the header ``Idempotency-Key``."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Annotated, TypeVar

from fastapi import Header
from pydantic import BaseModel

from duecourse.storage import request_keys
from duecourse.storage.connection import Tx
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
    body = "" if said is None else said.model_dump_json()
    try:
        answer = request_keys.once(
            tx,
            asker=f"token:{inquiry.caller.token.token_id}",
            key=key,
            request_hash=sha256(f"{place}\n{body}".encode()).digest(),
            now=inquiry.parts.clock(),
            act=lambda: act().model_dump(mode="json", by_alias=True),
        )
    except request_keys.KeyTaken as taken:
        raise Problem(Kind.OTHER_REQUEST, "Take a new key for another request; repeat a request as it was.") from taken
    return shape.model_validate(answer)
