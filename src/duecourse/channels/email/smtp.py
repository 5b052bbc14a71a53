"""Handing an e-mail to a mail server (RFC 5321) by TLS, and knowing exactly when it may have got it.

Up to the server's 354 nothing of the text has left us: whatever goes wrong there is a refusal. From then on only the
server's own answer tells: 2xx is taken, 4xx and 5xx is refused, and a line that breaks tells nothing, so it is raised.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.errors import MessageError

from duecourse.channels.contract import Message, NotReady, Refused, Taken
from duecourse.channels.email.letter import From, letter, return_path
from duecourse.trouble import masked

SECONDS = 30
"""How long a server may take for one answer."""

_PATIENCE = 4  # after the text a server checks and stores it: so many times as long as for any other answer
_DOTS = re.compile(rb"(?m)^\.")
_SAID_MAX = 300


@dataclass(frozen=True, slots=True)
class Server:
    """The lender's mail server. ``tls``: ``starttls``, ``implicit``, or ``none`` (this very machine alone)."""

    host: str
    port: int
    tls: str
    user: str
    password: str = field(repr=False)
    context: ssl.SSLContext
    seconds: int = SECONDS


class NoAnswer(Exception):
    """The server took the text and did not say what became of it."""


class Smtp:
    """One connection, kept from message to message."""

    def __init__(self, server: Server, sender: From, sign: Callable[[bytes], bytes]) -> None:
        self._server, self._sender, self._sign = server, sender, sign
        self._line: smtplib.SMTP | None = None

    def ready(self) -> None:
        """Connect, prove the certificate, sign in; or ask whether the connection still lives. Raises `NotReady`."""
        if self._line is not None:
            with suppress(smtplib.SMTPException, OSError):
                if self._line.noop()[0] == 250:
                    return
            self.close()
        try:
            self._line = self._connected()
        except (smtplib.SMTPException, OSError) as error:
            raise NotReady(f"{self._server.host}:{self._server.port}", _told(error)) from error

    def send(self, message: Message) -> Taken | Refused:
        """Hand it over once."""
        if not message.to.isascii():
            return Refused("an address beyond ASCII is not written to", permanent=True)
        try:
            raw = self._sign(letter(self._sender, message))
        except (ValueError, MessageError) as error:  # nothing was said to anybody yet
            return Refused(_told(error), permanent=True)
        try:
            if self._line is None:
                self.ready()
            refused = self._announced(message)
        except (NotReady, smtplib.SMTPException, OSError) as error:
            self.close()
            return Refused(_told(error), permanent=False)
        return refused or self._given(raw)

    def close(self) -> None:
        """Leave, politely where the server still listens."""
        line, self._line = self._line, None
        if line is not None:
            with suppress(smtplib.SMTPException, OSError):
                line.quit()
            line.close()

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        line: smtplib.SMTP
        if server.tls == "implicit":
            line = smtplib.SMTP_SSL(server.host, server.port, timeout=server.seconds, context=server.context)
        else:
            line = smtplib.SMTP(server.host, server.port, timeout=server.seconds)
        try:
            if server.tls == "starttls":
                line.starttls(context=server.context)
            if server.user:
                line.login(server.user, server.password)
            else:
                line.ehlo_or_helo_if_needed()
        except BaseException:
            line.close()
            raise
        return line

    def _announced(self, message: Message) -> Refused | None:
        """Sender, recipient, and leave to give the text; what the server says against it."""
        line = self._line
        if line is None:  # never: `send` has just opened it
            raise smtplib.SMTPServerDisconnected
        steps: tuple[Callable[[], tuple[int, bytes]], ...] = (
            lambda: line.mail(return_path(self._sender, message.token)),
            lambda: line.rcpt(message.to),
            lambda: line.docmd("DATA"),
        )
        for step in steps:
            code, said = step()
            if code not in {250, 251, 354}:
                return self._refusal(code, said, message.to)
        return None

    def _given(self, raw: bytes) -> Taken | Refused:
        """Give the text: from its first byte on the server may have it."""
        line = self._line
        if line is None or line.sock is None:
            raise NoAnswer
        try:
            line.sock.settimeout(self._server.seconds * _PATIENCE)
            line.send(_DOTS.sub(b"..", raw) + b".\r\n")
            code, said = line.getreply()
            line.sock.settimeout(self._server.seconds)
        except BaseException:
            line.close()
            self._line = None
            raise
        if 200 <= code < 300:
            return Taken(said.decode("utf-8", "replace")[:_SAID_MAX])
        if 400 <= code < 600:
            return self._refusal(code, said, "")
        raise NoAnswer(f"{code}")

    def _refusal(self, code: int, said: bytes, to: str) -> Refused:
        """What a server answered, without the address; the connection is as good as before, or let go."""
        line = self._line
        if code == 421 or line is None:
            self.close()
        else:
            try:
                line.rset()
            except (smtplib.SMTPException, OSError):
                self.close()
        text = said.decode("utf-8", "replace").replace(to or "\0", "***")
        return Refused(masked(f"{code} {text}")[:_SAID_MAX], permanent=500 <= code < 600)


def _told(error: BaseException) -> str:
    return masked(f"{type(error).__name__}: {str(error).partition(chr(10))[0]}")[:_SAID_MAX]
