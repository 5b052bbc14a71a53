"""A mail server that is not ours (aiosmtpd), by STARTTLS with a certificate of its own, in good and in bad moods.

What it was given it keeps, in memory or, as a process that may be killed, in a file: an answer that got lost does not
make a delivery undone.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USER, PASSWORD = "outbox", "a password of a test"
MOODS = ("takes", "refuses", "later", "rejects", "drops", "slow")
"""No such mailbox; greylisted; the text is not taken; taken, and hung up on; answered too late."""

SLOW_S = 12


@dataclass
class Handler:
    """What the server does with what it is told."""

    mood: str = "takes"
    kept: list[Envelope] = field(default_factory=list)
    file: str = ""
    now_and_then: int = 0  # hangs up after every so many messages that it took
    pause_s: float = 0  # before and after it keeps a message

    async def handle_RCPT(  # noqa: N802 - a name of aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.mood == "refuses":
            return f"550 5.1.1 <{address}>: no such mailbox"
        if self.mood == "later":
            return "450 4.2.0 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - likewise
        if self.mood == "rejects":
            return "554 5.7.1 this text is not taken"
        await asyncio.sleep(self.pause_s)
        self.keep(envelope)
        await asyncio.sleep(self.pause_s)
        if self.mood == "slow":
            await asyncio.sleep(SLOW_S)
        if self.mood == "drops" or (self.now_and_then and len(self.kept) % self.now_and_then == 0):
            cast("asyncio.WriteTransport", server.transport).abort()
        return f"250 OK queued as {len(self.kept)}"

    def keep(self, envelope: Envelope) -> None:
        """What was delivered stays delivered."""
        self.kept.append(envelope)
        if self.file:
            assert isinstance(envelope.content, bytes)
            name = str(message_from_bytes(envelope.content, policy=default)["Message-ID"])
            place = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.write(place, f"{name}\n".encode())
            os.close(place)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine and its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a mail server of a test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, secret = folder / "mail.crt", folder / "mail.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return public, secret


def _known(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: LoginPassword) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)


async def _serve(listener: socket.socket, handler: Handler, context: ssl.SSLContext) -> asyncio.Server:
    return await asyncio.get_running_loop().create_server(
        lambda: SMTP(
            handler, hostname="peer.test", tls_context=context, require_starttls=True, auth_required=True,
            authenticator=_known, decode_data=False, enable_SMTPUTF8=True,
        ),
        sock=listener,
    )  # fmt: skip


@dataclass
class Peer:
    """A running server."""

    port: int
    ca_file: Path
    handler: Handler

    def settings(self, **more: str) -> dict[str, str]:
        """How a lender is set up to send by it."""
        return {
            "host": "127.0.0.1", "port": str(self.port), "ca_file": str(self.ca_file), "user": USER,
            "password": PASSWORD, "from": "service@bank.example", "from_name": "示例银行", "seconds": "2",
            "bounces": "bounces@bank.example", **more,
        }  # fmt: skip

    def named(self) -> list[str]:
        """The Message-IDs of what was delivered."""
        return [str(self.read(one)["Message-ID"]) for one in self.handler.kept]

    @staticmethod
    def read(envelope: Envelope) -> EmailMessage:
        """An e-mail that was delivered."""
        assert isinstance(envelope.content, bytes)
        return message_from_bytes(envelope.content, policy=default)


def _context(folder: Path) -> tuple[ssl.SSLContext, Path]:
    public, secret = certificate(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(public, secret)
    return context, public


@contextmanager
def mail_peer(folder: Path, mood: str = "takes") -> Iterator[Peer]:
    """A server in a thread of this process."""
    context, public = _context(folder)
    listener = socket.create_server(("127.0.0.1", 0))
    handler, loop = Handler(mood), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="mail peer", daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(_serve(listener, handler, context), loop).result()
    try:
        yield Peer(listener.getsockname()[1], public, handler)
    finally:

        async def end() -> None:
            server.close()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

        asyncio.run_coroutine_threadsafe(end(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def live(port: int, public: str, secret: str, file: str) -> None:
    """A server as a process that lives until it is killed; it takes its time, and hangs up now and then."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(public, secret)
    listener = socket.create_server(("127.0.0.1", port))

    async def run() -> None:
        server = await _serve(listener, Handler(file=file, now_and_then=7, pause_s=0.02), context)
        await server.serve_forever()

    asyncio.run(run())
