"""One HTTP call on a line of its own, for channels whose provider is reached so.

Up to the request's first byte nothing has left us, so a line is opened first, and each call has one of its own: on one
that had been kept, a server that hung up meanwhile could not be told from one that took the message. Nobody is followed
to another address.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection

from duecourse.channels.contract import NotReady
from duecourse.trouble import masked

ANSWER_MAX = 65_536
WHY_MAX = 300


@dataclass(frozen=True, slots=True)
class Server:
    """Where calls go."""

    host: str
    port: int | None
    context: ssl.SSLContext | None  # None: plain HTTP, to this very machine
    seconds: int


class Once:
    """A line to a server: opened for one call, and opened anew for the next."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._line: HTTPConnection | None = None

    def ready(self) -> None:
        """Connect and prove the certificate. Raises `NotReady`."""
        self.close()
        one = self._server
        line = (
            HTTPConnection(one.host, one.port, timeout=one.seconds)
            if one.context is None
            else HTTPSConnection(one.host, one.port, timeout=one.seconds, context=one.context)
        )
        try:
            line.connect()
        except (OSError, HTTPException) as error:
            line.close()
            raise NotReady(one.host, told(error)) from error
        self._line = line

    def call(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Call once: status and answer. Raises `NotReady` before, and anything else after something had left us."""
        self.ready()
        line, self._line = self._line, None
        if line is None:  # never: it has just been opened
            raise OSError("no line")
        try:
            line.request(method, path, body, {**headers, "Connection": "close"})
            answer = line.getresponse()
            return answer.status, answer.read(ANSWER_MAX)
        finally:
            with suppress(OSError):
                line.close()

    def close(self) -> None:
        """Let the line go."""
        line, self._line = self._line, None
        if line is not None:
            line.close()


def told(error: BaseException) -> str:
    """What went wrong, fit to be shown."""
    return masked(f"{type(error).__name__}: {str(error).partition(chr(10))[0]}")[:WHY_MAX]
