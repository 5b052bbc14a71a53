"""A mail server that is not ours (aiosmtpd on uvloop): ``python -m bench._mail_sink FILE``; prints its port.

It takes everything; the Message-ID of each mail that it took is a line of the file.
"""

from __future__ import annotations

import asyncio
import re
import socket
import sys
from pathlib import Path

import uvloop
from aiosmtpd.smtp import SMTP, Envelope, Session

_NAME = re.compile(rb"^Message-ID: (\S+)", re.MULTILINE)


class Sink:
    """Takes what it is given."""

    def __init__(self, file: Path) -> None:
        self.file = file.open("ab", buffering=0)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - of aiosmtpd
        """Note whose it is."""
        assert isinstance(envelope.content, bytes)
        found = _NAME.search(envelope.content)
        assert found is not None
        self.file.write(found[1] + b"\n")
        return "250 OK"


async def main(file: Path) -> None:
    """Serve until the process is ended."""
    sink, listener = Sink(file), socket.create_server(("127.0.0.1", 0))
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(sink, hostname="sink.test", decode_data=False), sock=listener
    )
    print(listener.getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1])))
