"""What surrounds every request: its id, the size of its body, its line in the log, and the answer when all else fails.

No error passes this place: what is raised behind it becomes a problem document for the caller and, if it is ours, a
line for whoever runs the installation, under the same id. Addresses are logged as the route's pattern, never with what
the caller wrote into it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from duecourse.casework import documents, own_pack
from duecourse.core.ids import letters
from duecourse.trouble import N_, Said, masked
from duecourse.web.api.identity import Callers
from duecourse.web.api.parts import Parts
from duecourse.web.api.problem import Kind, Problem, of_trouble, response
from duecourse.web.api.shapes import PREFIX

BODY_BYTES_MAX = 262_144
"""Largest body: a full batch of permit requests is about a quarter of it."""

FILES = (
    (re.compile(rf"{PREFIX}/tapes"), 64_000_000),
    (re.compile(rf"{PREFIX}/statements"), 64_000_000),
    (re.compile(rf"{PREFIX}/(cases|matters)/[0-9]+/documents"), documents.BYTES_MAX + 10_000),
    (re.compile(rf"{PREFIX}/law/packs/own"), own_pack.BYTES_MAX + 10_000),
)
"""Addresses that take files, as forms, and how many bytes at the most; larger tapes go by screen or command line."""

ID_BYTES = 16
_DRAWN = 1_024
SLOW_MS = 1_000
_TOLD = {401, 403, 429}
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


class Envelope:
    """ASGI middleware, outermost of ours."""

    def __init__(self, app: ASGIApp, *, parts: Parts, chance: Callable[[int], bytes], callers: Callers) -> None:
        self._app = app
        self._callers = callers
        self._parts = parts
        self._ids = _ids(chance)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = next(self._ids)
        scope.setdefault("state", {})["request_id"] = request_id
        begun = time.perf_counter_ns()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        trouble = ""
        try:
            await self._app(scope, await self._whole(scope, receive), answer)
        except Exception as error:  # noqa: BLE001 - nothing passes this place, see above
            problem = of_trouble(error)
            if problem.kind in (Kind.FAULT, Kind.UNAVAILABLE):
                trouble = f"{type(error).__name__}: {masked(str(error).partition(chr(10))[0])}"
            if not status:
                await response(problem, Request(scope))(scope, receive, answer)
        self._tell(scope, request_id, status, (time.perf_counter_ns() - begun) // 1_000_000, trouble)

    async def _whole(self, scope: Scope, receive: Receive) -> Receive:
        """Read the body up to its limit, and give it once; files are taken of live tokens alone. Raises `Problem`."""
        headers = Request(scope).headers
        most = next((most for place, most in FILES if place.fullmatch(scope["path"])), None)
        if most is not None:
            token = headers.get("authorization", "").partition(" ")[2]
            if token:  # who brings none is told so behind, and sends no more than others meanwhile
                await self._callers.of(token)
            return await _read(headers, receive, "multipart/form-data", most if token else BODY_BYTES_MAX)
        return await _read(headers, receive, "application/json", BODY_BYTES_MAX)

    def _tell(self, scope: Scope, request_id: str, status: int, took_ms: int, trouble: str) -> None:
        if not trouble and took_ms < SLOW_MS and status not in _TOLD and status < 500:
            return
        route = scope.get("route")
        line = {
            "request": request_id,
            "method": scope["method"],
            "route": getattr(route, "path", None),
            "token": scope["state"].get("token_id"),
            "status": status,
            "ms": took_ms,
        }
        if trouble:
            line["trouble"] = trouble
        (self._parts.log.warning if status >= 500 else self._parts.log.info)("request", **line)


def _ids(chance: Callable[[int], bytes]) -> Iterator[str]:
    """Ids of requests. Chance is drawn for many at a time: each drawing is a system call on the event loop."""
    while True:
        drawn = chance(ID_BYTES * _DRAWN)
        yield from (letters(drawn[at : at + ID_BYTES]) for at in range(0, len(drawn), ID_BYTES))


async def _read(headers: Headers, receive: Receive, wanted: str, most: int) -> Receive:
    said = headers.get("content-length", "")
    if said.isdecimal() and int(said) > most:
        raise _too_large(most)
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return receive
        body += message.get("body", b"")
        if len(body) > most:
            raise _too_large(most)
        more = message.get("more_body", False)
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and kind != wanted:
        raise Problem(Kind.NOT_JSON, Said(N_("Send the body as {kind}."), kind=wanted))
    given = False

    async def once() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    return once


def _too_large(most: int) -> Problem:
    return Problem(Kind.TOO_LARGE, Said(N_("A body has at most {most} bytes here; send less at once."), most=most))
