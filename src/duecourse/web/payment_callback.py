"""Where payment providers call back: ``POST /pay/LENDER/PROVIDER``; the signature over the body is all the leave.

Answers say nothing of anybody: 204 taken, or taken before; 401 not genuine; 404 no such provider; 413 too large.
"""

from __future__ import annotations

import re

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from duecourse.casework.pay_links import BODY_MAX, take_callback
from duecourse.channels.pay.contract import NotGenuine
from duecourse.storage.connection import NoSuchLender
from duecourse.storage.pay_links import NoProvider
from duecourse.web.api.parts import Parts

PATH = "/pay/{lender}/{provider}"
_WORD = re.compile(r"[a-z0-9_-]{1,32}")


def route(parts: Parts) -> Route:
    """The address that providers call."""

    async def called(request: Request) -> Response:
        lender, provider = str(request.path_params["lender"]), str(request.path_params["provider"])
        if not (_WORD.fullmatch(lender) and _WORD.fullmatch(provider)):
            return Response(status_code=404)
        body = bytearray()
        try:
            async for part in request.stream():
                body += part
                if len(body) > BODY_MAX:
                    return Response(status_code=413)
        except ClientDisconnect:
            return Response(status_code=400)
        return await run_in_threadpool(_take, parts, lender, provider, dict(request.headers), bytes(body))

    return Route(PATH, called, methods=["POST"])


def _take(parts: Parts, lender_id: str, provider: str, headers: dict[str, str], body: bytes) -> Response:
    try:
        take_callback(
            parts.database, parts.store(lender_id), lender_id, vault=parts.vault, provider=provider, headers=headers,
            body=body, clock=parts.clock,
        )  # fmt: skip
    except NotGenuine:
        return Response(status_code=401)
    except (NoProvider, NoSuchLender):
        return Response(status_code=404)
    return Response(status_code=204)
