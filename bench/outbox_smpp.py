"""Texts from the outbox to a message centre by SMPP, permits and evidence included: aim 300/s.

The centre is smpp.twisted; the line is without TLS, to this machine; each text goes in UCS-2, in two parts, and asks
for receipts, of which none is sent. See `bench._outbox`.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench._outbox import Way, measured
from duecourse.law.terms import Channel
from tests.sms_peer import PASSWORD, USER, command


@contextmanager
def centre(file: Path) -> Iterator[int]:
    """The centre's port."""
    with subprocess.Popen(command(file), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


def settings(port: int) -> dict[str, str]:
    """How the lender sends by the centre."""
    return {
        "host": "127.0.0.1", "port": str(port), "tls": "none", "system_id": USER, "password": PASSWORD,
        "from": "10690000", "window": "32",
    }  # fmt: skip


def got(file: Path) -> list[str]:
    """A name for each message, of its first part; all its parts must have come."""
    parts = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    first = [one for one in parts if one["message"][10:12] == "01"]
    assert len(parts) == 2 * len(first)
    return [f"{one['to']} {one['number']}" for one in first]


def main() -> str:
    """Measure and return the table."""
    return measured(Way(Channel.SMS, centre, settings, got))
