"""Delivering what others are told: one attempt after the other, each signed, none of them to an address within.

At least once, under one message id however often. An endpoint that does not answer is tried again later and later, for
three days; then it is given up, and somebody may have it told again.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit, urlunsplit

import httpx
from standardwebhooks import Webhook

from duecourse.casework.webhook import LOOPBACK, fit, owner, public, secret_text
from duecourse.evidence import record
from duecourse.storage import log, webhooks
from duecourse.storage.connection import Database, Tx
from duecourse.storage.vault import Vault
from duecourse.storage.webhooks import Endpoint, Told
from duecourse.trouble import N_, Trouble, masked

WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400))
"""How long after each failed attempt the next one comes; after the last there is none. As Standard Webhooks advises."""

_TAKEN = timedelta(minutes=2)  # for so long nobody else takes a telling that is under way
_SECONDS = 15
_BATCH = 20


class Unreachable(Trouble):
    """The address leads to where nobody may be told, or nowhere."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What one round did."""

    delivered: int
    failed: int


def deliver_due(
    database: Database, lender_id: str, *, vault: Vault, clock: Callable[[], datetime], loopback: bool = False
) -> Sum:
    """Tell what is due, in batches, until nothing is; each attempt outside of any transaction."""
    delivered = failed = 0
    with httpx.Client(timeout=_SECONDS, follow_redirects=False, trust_env=False) as client:
        while True:
            now = clock()
            with database.transaction(lender_id) as tx:
                taken = webhooks.due(tx, now=now, until=now + _TAKEN, most=_BATCH)
                work = [(told, webhooks.get(tx, told.endpoint_id), message(tx, told)) for told in taken]
            if not work:
                return Sum(delivered, failed)
            for told, endpoint, body in work:
                status, trouble = _attempt(
                    client, vault, told, endpoint, lender_id=lender_id, body=body, now=clock(), loopback=loopback
                )
                with database.transaction(lender_id) as tx:
                    delivered += _settle(tx, told, status, trouble, clock())
                failed += trouble is not None


def message(tx: Tx, told: Told) -> bytes:
    """What is told of an entry: its kind, its instant, what its record states, and whom it is about by our id."""
    entry = log.get(tx, told.entry_id)
    said = record.read(entry.content).get("stated", {}) if entry else {}
    about = {} if entry is None or entry.person_id is None else {"person": str(entry.person_id)}
    body = {
        "type": told.kind,
        "timestamp": told.at.isoformat(),
        "data": {
            "lender": tx.lender_id,
            "entry": str(told.entry_id),
            **about,
            **(said if isinstance(said, dict) else {}),
        },
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _attempt(
    client: httpx.Client,
    vault: Vault,
    told: Told,
    endpoint: Endpoint,
    *,
    lender_id: str,
    body: bytes,
    now: datetime,
    loopback: bool,
) -> tuple[int | None, str | None]:
    """The status that the endpoint answered, and what went wrong; None where it took what it was told."""
    name = f"{lender_id}.{told.entry_id}"
    key = secret_text(vault.open_secret(lender_id, owner(endpoint.endpoint_id), endpoint.secret))
    headers = {
        "webhook-id": name,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(key).sign(name, now, body.decode()),
        "content-type": "application/json",
        "user-agent": "duecourse",
    }
    try:
        url, host, extensions = pinned(endpoint.url, loopback=loopback)
        request = client.build_request(
            "POST", url, content=body, headers={**headers, "host": host}, extensions=extensions
        )
        answer = client.send(request, stream=True)
        answer.close()  # what it says beyond its status is not read
    except (httpx.HTTPError, httpx.InvalidURL, Trouble, OSError) as error:
        return None, f"{type(error).__name__}: {masked(str(error))}"[:500]
    if answer.is_success:
        return answer.status_code, None
    return answer.status_code, f"answered {answer.status_code}"


def pinned(url: str, *, loopback: bool) -> tuple[str, str, dict[str, str]]:
    """The address by number, the host to name, and the name that its certificate must bear.

    The name is looked up once and the number found is the one that is called: a name that leads elsewhere a moment
    later leads nowhere here. Raises `Unreachable` unless every number is a public one.
    """
    fit(url, loopback=loopback)
    parts = urlsplit(url)
    name = parts.hostname or ""
    try:
        found = socket.getaddrinfo(
            name, parts.port or (443 if parts.scheme == "https" else 80), type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError):  # the second where it cannot be a name at all
        raise Unreachable(N_("the name {name} leads nowhere"), name=name) from None
    numbers = [ip_address(str(one[4][0])) for one in found]
    allowed = loopback and name in LOOPBACK
    if not numbers or not all(public(one) or (allowed and one.is_loopback) for one in numbers):
        raise Unreachable(N_("{name} leads to an address that is not public: nobody is told there"), name=name)
    number = f"[{numbers[0]}]" if numbers[0].version == 6 else str(numbers[0])
    port = f":{parts.port}" if parts.port else ""
    there = urlunsplit((parts.scheme, f"{number}{port}", parts.path or "/", parts.query, ""))
    return there, f"{name}{port}", {"sni_hostname": name} if parts.scheme == "https" else {}


def _settle(tx: Tx, told: Told, status: int | None, trouble: str | None, now: datetime) -> bool:
    if trouble is None:
        webhooks.settle(tx, told, state="delivered", next_at=now, status=status, trouble=None, delivered_at=now)
        return True
    last = told.attempts > len(WAITS)
    wait = WAITS[min(told.attempts, len(WAITS)) - 1]
    webhooks.settle(
        tx, told, state="failed" if last else "waiting", next_at=now + wait, status=status, trouble=trouble,
        delivered_at=None,
    )  # fmt: skip
    return False
