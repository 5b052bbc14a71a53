"""What surrounds every page: its id, the headers that tell browsers to trust nothing but us, its line in the log."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from duecourse.core.ids import letters
from duecourse.web.api.parts import Parts

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; media-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing inline, nothing from elsewhere."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_ID_BYTES = 16
SLOW_MS = 1_000


class Envelope:
    """ASGI middleware around the site."""

    def __init__(self, app: ASGIApp, *, parts: Parts, chance: Callable[[int], bytes], by_tls: bool) -> None:
        self._app = app
        self._parts = parts
        self._chance = chance
        self._by_tls = by_tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = letters(self._chance(_ID_BYTES))
        scope.setdefault("state", {})["request_id"] = request_id
        begun, status = time.perf_counter_ns(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
                if self._by_tls or scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        await self._app(scope, receive, answer)
        took = (time.perf_counter_ns() - begun) // 1_000_000
        if took >= SLOW_MS and not scope["path"].startswith("/live"):
            route = getattr(scope.get("route"), "path", None)
            self._parts.log.info("page", request=request_id, route=route, status=status, ms=took)
