"""A payment provider of its own, as a process: makes links, takes a payer's click, calls back signed. Not our code's.

``python -m tests.pay_provider SECRET`` prints its port; it speaks what ``channels/pay/http.py`` documents, and keeps
its links in memory. ``GET /pay/ID`` is the page of a link and its form; ``POST`` is the payer's click; what its query
or the form names, it says wrongly (when it was paid, by a clock that is not the machine's).
"""

from __future__ import annotations

import json
import sys
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from standardwebhooks import Webhook

LINKS: dict[str, dict[str, Any]] = {}
PAGE = """<!doctype html><title>Pay</title><form method="post"><p>{amount:.2f}</p><input name="at"><button>Pay</button>
</form>"""


class Handler(BaseHTTPRequestHandler):
    """One request."""

    def log_message(self, *_args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """The page of a link: what is to be paid, and the button."""
        order = LINKS.get(self.path.removeprefix("/pay/"))
        if order is None:
            self._say(404, {})
            return
        self._answer(200, PAGE.format(amount=order["amount_minor"] / 100).encode(), "text/html")

    def do_POST(self) -> None:
        """Make a link, or let its payer pay."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        where = urlsplit(self.path)
        if where.path == "/links":
            self._make(body)
        elif where.path.startswith("/pay/"):
            told = parse_qs(where.query) | parse_qs(body.decode())
            self._paid(where.path.removeprefix("/pay/"), {name: values[0] for name, values in told.items()})
        else:
            self._say(404, {})

    def _make(self, body: bytes) -> None:
        at = datetime.fromtimestamp(int(self.headers["Webhook-Timestamp"]), UTC)  # whatever day it is where we are
        if (
            Webhook(sys.argv[1]).sign(self.headers["Webhook-Id"], at, body.decode())
            != self.headers["Webhook-Signature"]
        ):
            self._say(401, {})
            return
        order = json.loads(body)
        new = order["reference"] not in LINKS
        LINKS.setdefault(order["reference"], order)
        _, port = self.connection.getsockname()
        said = {"url": f"http://127.0.0.1:{port}/pay/{order['reference']}", "id": f"P-{order['reference'][-4:]}"}
        self._say(201 if new else 200, said)

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
        with closing(line):
            line.request("POST", back.path, body.encode(), headers)
            self._say(200, {"callback": line.getresponse().status})

    def _say(self, status: int, said: dict[str, Any]) -> None:
        self._answer(status, json.dumps(said).encode(), "application/json")

    def _answer(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(served.server_address[1], flush=True)
    served.serve_forever()
