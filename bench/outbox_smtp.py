"""E-mails from the outbox to a mail server, permits and evidence included: aim 300/s.

The server is aiosmtpd; the line is without TLS, to this machine; each is signed (DKIM, RSA 2048). See `bench._outbox`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bench._outbox import Way, measured
from duecourse.law.terms import Channel


@contextmanager
def sink(file: Path) -> Iterator[int]:
    """The mail server's port."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench._mail_sink", str(file)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def settings(port: int) -> dict[str, str]:
    """How the lender sends by the sink, signed."""
    key = rsa.generate_private_key(65_537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "host": "127.0.0.1", "port": str(port), "tls": "none", "from": "service@bank.example",
        "bounces": "bounces@bank.example", "dkim_domain": "bank.example", "dkim_selector": "s1",
        "dkim_key": key.decode(),
    }  # fmt: skip


def main() -> str:
    """Measure and return the table."""
    return measured(Way(Channel.EMAIL, sink, settings, lambda file: file.read_text(encoding="utf-8").split()))
