"""A payment provider of its own, as a process: makes links, takes a payer's click, calls back signed. Not our code's.

``python -m tests.pay_provider SECRET`` prints its port; it speaks what ``channels/pay/http.py`` documents, and keeps
its links in memory. ``POST /pay/ID`` is the payer's click; what its query names, it says wrongly.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from standardwebhooks import Webhook, WebhookVerificationError

LINKS: dict[str, dict[str, Any]] = {}


class Handler(BaseHTTPRequestHandler):
    """One request."""

    def log_message(self, *_args: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """Make a link, or let its payer pay."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        where = urlsplit(self.path)
        if where.path == "/links":
            self._make(body)
        elif where.path.startswith("/pay/"):
            self._paid(where.path.removeprefix("/pay/"), {k: v[0] for k, v in parse_qs(where.query).items()})
        else:
            self._answer(404, {})

    def _make(self, body: bytes) -> None:
        try:
            order = Webhook(sys.argv[1]).verify(body, dict(self.headers))
        except WebhookVerificationError:
            self._answer(401, {})
            return
        new = order["reference"] not in LINKS
        LINKS.setdefault(order["reference"], order)
        _, port = self.connection.getsockname()
        said = {"url": f"http://127.0.0.1:{port}/pay/{order['reference']}", "id": f"P-{order['reference'][-4:]}"}
        self._answer(201 if new else 200, said)

    def _paid(self, reference: str, told: dict[str, str]) -> None:
        order = LINKS[reference]
        now = datetime.now(UTC)
        event = told.get("event", f"evt-{reference}")
        data = {
            "reference": told.get("reference", reference),
            "amount_minor": int(told.get("amount", order["amount_minor"])),
            "currency": told.get("currency", order["currency"]), "paid_at": told.get("at", now.isoformat()),
        }  # fmt: skip
        body = json.dumps({"type": told.get("type", "payment.succeeded"), "data": data})
        signed = Webhook(sys.argv[1]).sign(event, now, body)
        if "tamper" in told:
            body = body.replace('"amount_minor": ', '"amount_minor": 9')
        headers = {"Webhook-Id": event, "Webhook-Timestamp": str(int(now.timestamp())), "Webhook-Signature": signed}
        back = urlsplit(order["callback"])
        line = HTTPConnection(back.hostname or "", back.port, timeout=30)
        line.request("POST", back.path, body.encode(), headers)
        self._answer(200, {"callback": line.getresponse().status})

    def _answer(self, status: int, said: dict[str, Any]) -> None:
        content = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(served.server_address[1], flush=True)
    served.serve_forever()
