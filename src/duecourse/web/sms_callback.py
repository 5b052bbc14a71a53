"""Where a provider of texts calls back: ``POST /sms/LENDER``; the proof that its file describes is all the leave.

Answers say nothing of anybody: 204 taken, or taken before; 400 cannot be read; 401 not proven; 404 nobody calls here;
413 too large; 503 to be brought again.
"""

from __future__ import annotations

import re

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from duecourse.casework.provider_callback import take_call
from duecourse.channels.sms_http.callbacks import NotGenuine, NotRead
from duecourse.storage.connection import NoSuchLender
from duecourse.storage.transports import NoTransport
from duecourse.trouble import Busy
from duecourse.web.api.parts import Parts

PATH = "/sms/{lender}"
BODY_MAX = 262_144
_WORD = re.compile(r"[a-z0-9_-]{1,32}")


def route(parts: Parts) -> Route:
    """The address that the provider calls."""

    async def called(request: Request) -> Response:
        lender = str(request.path_params["lender"])
        if not _WORD.fullmatch(lender):
            return Response(status_code=404)
        body = bytearray()
        try:
            async for part in request.stream():
                body += part
                if len(body) > BODY_MAX:
                    return Response(status_code=413)
        except ClientDisconnect:
            return Response(status_code=400)
        return await run_in_threadpool(_take, parts, lender, dict(request.headers), bytes(body))

    return Route(PATH, called, methods=["POST"])


def _take(parts: Parts, lender_id: str, headers: dict[str, str], body: bytes) -> Response:
    try:
        take_call(parts.database, lender_id, gate=parts.gate, headers=headers, body=body, clock=parts.clock)
    except NotGenuine:
        return Response(status_code=401)
    except NotRead:
        return Response(status_code=400)
    except (NoTransport, NoSuchLender):
        return Response(status_code=404)
    except Busy:
        return Response(status_code=503, headers={"Retry-After": "5"})
    return Response(status_code=204)
