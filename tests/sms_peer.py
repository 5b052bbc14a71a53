"""A message centre that is not ours (smpp.twisted), as a process that may be killed, in good and in bad moods.

It is told what to do by lines of JSON on its standard input and answers each with one. What it was given it keeps in a
file, a line of JSON for each submission: an answer that got lost does not make a delivery undone.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from duecourse.channels.sms.alphabet import Alphabet, read
from tests.mail_peer import certificate

USER, PASSWORD = "outbox", "a secret"
MOODS = ("takes", "refuses", "later", "drops", "slow", "tears", "hiccups")
"""No such number; throttled; taken, and hung up on; never answered; first parts only; each refused once for now."""


@dataclass
class Sms:
    """A submission as it arrived."""

    reference: str
    number: int
    to: str
    source: str
    coding: int
    esm_class: int
    message: bytes
    receipt: bool

    @property
    def header(self) -> bytes:
        return self.message[: self.message[0] + 1] if self.esm_class & 0x40 else b""

    @property
    def text(self) -> str:
        return read(self.message[len(self.header) :], Alphabet.UCS2 if self.coding == 8 else Alphabet.GSM7)


@dataclass
class Centre:
    """A running centre."""

    port: int
    file: Path
    ca_file: Path | None
    process: subprocess.Popen[str] | None

    def settings(self, **more: str) -> dict[str, str]:
        """How a lender is set up to send by it."""
        return {
            "host": "127.0.0.1", "port": str(self.port), "tls": "implicit" if self.ca_file else "none",
            "ca_file": str(self.ca_file or ""), "system_id": USER, "password": PASSWORD, "from": "10690000",
            "seconds": "2", **more,
        }  # fmt: skip

    def tell(self, **what: object) -> dict[str, Any]:
        """Let it do something: a mood, receipts, a delivery; its answer."""
        assert self.process is not None
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def kept(self) -> list[Sms]:
        """What was submitted and taken, in order."""
        lines = self.file.read_text(encoding="utf-8").splitlines() if self.file.exists() else []
        return [Sms(**{**one, "message": bytes.fromhex(one["message"])}) for one in map(json.loads, lines)]

    def texts(self) -> list[str]:
        """What phones show: parts put together, in the order of their first parts."""
        whole: dict[tuple[str, bytes], list[tuple[int, str]]] = {}
        for place, one in enumerate(self.kept()):
            key = (one.to, one.header[:-1] or str(place).encode())
            whole.setdefault(key, []).append((one.header[-1] if one.header else 1, one.text))
        return ["".join(text for _place, text in sorted(parts)) for parts in whole.values()]


@contextmanager
def sms_peer(folder: Path, *, tls: bool = False, **told: object) -> Iterator[Centre]:
    """A centre that was told so, and its end; behind a TLS front where that is asked, as operators have it."""
    file = folder / "submitted"
    with subprocess.Popen(command(file), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        try:
            with _front(folder, port) if tls else nullcontext((port, None)) as (reached, public):
                found = Centre(reached, file, public, process)
                if told:
                    found.tell(**told)
                yield found
        finally:
            process.kill()


def at(port: int, file: Path) -> Centre:
    """A centre that somebody else starts, without TLS."""
    return Centre(port, file, None, None)


def command(file: Path, port: int = 0, **more: object) -> list[str]:
    """How a centre is started."""
    return [sys.executable, "-m", "tests.sms_centre", str(port), str(file), json.dumps(more)]


@contextmanager
def _front(folder: Path, port: int) -> Iterator[tuple[int, Path]]:
    """TLS in front of a port of this machine; the front's port and its certificate."""
    public, secret = certificate(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(public, secret)
    loop = asyncio.new_event_loop()

    async def pump(source: asyncio.StreamReader, into: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.CancelledError):
            while chunk := await source.read(65_536):
                into.write(chunk)
                await into.drain()
        into.close()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))

    thread = threading.Thread(target=loop.run_forever, name="sms front", daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(asyncio.start_server(pass_on, "127.0.0.1", 0, ssl=context), loop).result()
    try:
        yield server.sockets[0].getsockname()[1], public
    finally:

        async def end() -> None:
            server.close()
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for one in tasks:
                one.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
