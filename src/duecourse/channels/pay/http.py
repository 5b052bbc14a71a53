"""A payment provider by plain HTTP: orders go out signed, callbacks come in signed (Standard Webhooks, HMAC-SHA256).

    POST {url}/links   {"reference", "amount_minor", "currency", "expires_at", "callback"}
                       -> 201 {"url", "id"}; the same reference again -> 200 with the same
    POST callback      {"type": "payment.succeeded", "data": {"reference", "amount_minor", "currency", "paid_at"}}

Both bear Webhook-Id, Webhook-Timestamp and Webhook-Signature over the body; a signature older than five minutes is
none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException

import orjson
from standardwebhooks import Webhook, WebhookVerificationError

from duecourse.channels.contract import BadSetting, Setting
from duecourse.channels.once import Once
from duecourse.channels.pay.contract import Kind, Made, NotGenuine, NotMade, Order, Paid
from duecourse.channels.webhook import inland, opened
from duecourse.trouble import N_

NAME = "http"
SUCCEEDED = "payment.succeeded"
TEXT_MAX = 500

SETTINGS = (
    Setting("url", N_("Address of the payment provider, https://…"), needed=True),
    Setting("callback", N_("Address at which it calls us back, as it reaches us"), needed=True),
    Setting("secret", N_("Secret that both sides sign with (whsec_…)"), secret=True, needed=True),
    Setting("ca_file", N_("Certificates to trust (PEM) in place of the system's")),
    Setting("seconds", N_("Seconds that the server may take for one answer"), default="10"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line to the provider, opened anew for each call."""

    once: Once = field(repr=False)
    path: str
    callback: str
    secret: str = field(repr=False)

    def create(self, order: Order) -> Made:
        """Make a link. Raises `NotMade`, `contract.NotReady`."""
        at = order.at.astimezone(UTC)
        body = json.dumps(
            {
                "reference": order.reference, "amount_minor": order.amount_minor, "currency": order.currency,
                "expires_at": order.expires_at.astimezone(UTC).isoformat(), "callback": self.callback,
            },
            separators=(",", ":"),
        )  # fmt: skip
        headers = {
            "Content-Type": "application/json", "Webhook-Id": order.reference,
            "Webhook-Timestamp": str(int(at.timestamp())),
            "Webhook-Signature": Webhook(self.secret).sign(order.reference, at, body),
        }  # fmt: skip
        try:
            status, said = self.once.call("POST", f"{self.path.rstrip('/')}/links", headers, body.encode())
            told = orjson.loads(said) if status in {200, 201} else {}
            url, number = told["url"], told["id"]
        except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
            raise NotMade(type(error).__name__) from None
        if not (isinstance(url, str) and isinstance(number, str) and url.startswith(("https://", "http://"))):
            raise NotMade("answer")
        return Made(url[:TEXT_MAX], number[:TEXT_MAX])

    def read(self, headers: Mapping[str, str], body: bytes) -> Paid:
        """Read a callback. Raises `NotGenuine`."""
        try:
            told = Webhook(self.secret).verify(body, dict(headers))
        except (WebhookVerificationError, ValueError, TypeError):
            raise NotGenuine(N_("its signature does not hold, or is too old")) from None
        try:
            data, event = told["data"], {key.lower(): value for key, value in headers.items()}["webhook-id"]
            if told["type"] != SUCCEEDED or type(data["amount_minor"]) is not int:
                raise NotGenuine(N_("it is no payment that succeeded"))
            at = datetime.fromisoformat(data["paid_at"])
            paid = Paid(
                event=str(event)[:TEXT_MAX], reference=str(data["reference"])[:64],
                amount_minor=data["amount_minor"], currency=str(data["currency"])[:3], paid_at=at,
            )  # fmt: skip
        except (KeyError, TypeError, ValueError):
            raise NotGenuine(N_("what it says is not in the form agreed")) from None
        if at.tzinfo is None or paid.amount_minor <= 0:
            raise NotGenuine(N_("what it says is not in the form agreed"))
        return paid


def _opened(settings: Mapping[str, str]) -> Line:
    """A line by checked settings; it calls nobody yet. Raises `BadSetting`."""
    if not settings["callback"].startswith(("https://", "http://")):
        raise BadSetting(NAME, "callback", N_("it begins with https://; http:// is for this very machine alone"))
    receiver = opened(settings).receiver
    return Line(Once(receiver.server), receiver.path, settings["callback"], receiver.secret)


KIND = Kind(name=NAME, settings=SETTINGS, open=_opened, inland=inland)
