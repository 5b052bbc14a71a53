"""Telling other systems what was done: who is told of what, by Standard Webhooks, signed with a secret of their own.

What is told is what the record of the act states in the clear, and whom it is about by our id: never a name or a
number.
"""

from __future__ import annotations

import re
import socket
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from duecourse.casework.actor import Actor
from duecourse.storage import log, webhooks
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.storage.webhooks import Endpoint
from duecourse.trouble import N_, BadInput, Refused

KINDS = (
    "permit.granted", "permit.refused", "permit.redeemed", "permit.not_redeemed", "permit.released", "contact.settled",
    "contact.inbound", "hold.placed", "hold.ended", "case.assigned", "promise.recorded", "promise.withdrawn",
    "promise.renegotiated", "promise.settled",
    "day_run.published", "book.import", "strategy.activated", "strategy.rolled_back", "pack.switched",
)  # fmt: skip
"""Acts that others can be told of, by the kind of their record."""

_SECRET_BYTES = 32
REASON_MAX = 2_000
ENTRIES_MAX = 500
URL_MAX = 2_048
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

_WRITTEN = re.compile(r"[!-~]+")
_HOST_MAX = 253  # RFC 1035
_LABEL = re.compile(r"[^.]{1,63}")


class NotAnAddress(BadInput):
    """Nobody can be told at this address."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "an endpoint is an address that begins with https:// and names a host, without user or password, in "
                "ASCII characters without spaces"
            )
        )


class AddressTooLong(BadInput):
    """An address of more characters than are kept."""

    def __init__(self, count: int) -> None:
        super().__init__(
            N_("the address of an endpoint has at most {most} characters; this one has {count}"),
            most=URL_MAX, count=count,
        )  # fmt: skip


class NotOutside(BadInput):
    """An address that leads within, where nobody is ever told."""

    def __init__(self, host: str) -> None:
        super().__init__(
            N_(
                "the address of an endpoint leads to {host!r}, which is not public: nobody is told there; name a host "
                "that others reach"
            ),
            host=host,
        )


class UnknownKinds(BadInput):
    """Kinds of act that nobody is told of."""

    def __init__(self, kinds: Sequence[str]) -> None:
        super().__init__(
            N_("nobody can be told of {kinds}; there are {known}"), kinds=", ".join(kinds), known=", ".join(KINDS)
        )


class NoKind(BadInput):
    """An address is to be told of nothing at all."""

    def __init__(self) -> None:
        super().__init__(N_("choose at least one kind of act to be told of: {known}"), known=", ".join(KINDS))


class NoReplayReason(BadInput):
    """Something is told again without a reason, or with too long a one."""

    def __init__(self) -> None:
        super().__init__(N_("it is told again for a reason of at most {most} characters"), most=REASON_MAX)


class EndpointOver(Refused):
    """An endpoint that is told nothing any more."""

    def __init__(self, endpoint_id: int) -> None:
        super().__init__(N_("endpoint {number} was ended and is told nothing; add it anew first"), number=endpoint_id)


class NotTold(BadInput):
    """Acts that an endpoint was never told of, or none, or too many at once."""

    def __init__(self, endpoint_id: int, count: int) -> None:
        super().__init__(
            N_(
                "nothing is told again: of {count} of these acts endpoint {number} was never told; 1 to {most} are "
                "named at once"
            ),
            count=count, number=endpoint_id, most=ENTRIES_MAX,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """An endpoint with its secret, which nobody can show again."""

    endpoint: Endpoint
    secret: str = field(repr=False)


def add_endpoint(
    tx: Tx,
    *,
    vault: Vault,
    url: str,
    kinds: Sequence[str],
    actor: Actor,
    now: datetime,
    chance: Callable[[int], bytes],
    loopback: bool = False,
) -> Made:
    """Let an address be told of acts of some kinds from now on.

    Raises `NotAnAddress`, `AddressTooLong`, `NotOutside`, `NoKind`, `UnknownKinds`. ``loopback`` lets plain HTTP to
    this very machine pass, for trying out.
    """
    fit(url, loopback=loopback)
    _outside(url, loopback=loopback)
    if not kinds:
        raise NoKind
    if unknown := sorted(set(kinds) - set(KINDS)):
        raise UnknownKinds(unknown)
    endpoint_id = webhooks.number(tx)
    raw = chance(_SECRET_BYTES)
    sealed = vault.seal_secret(tx.lender_id, owner(endpoint_id), raw)
    webhooks.add(tx, endpoint_id, url=url, kinds=kinds, secret=sealed, actor=str(actor), now=now)
    log.append(
        tx, vault=vault, kind="webhook.added", at=now, actor=str(actor),
        stated={"endpoint": endpoint_id, "host": urlsplit(url).hostname or "", "kinds": sorted(set(kinds))},
    )  # fmt: skip
    return Made(webhooks.get(tx, endpoint_id), secret_text(raw))


def end_endpoint(tx: Tx, *, vault: Vault, endpoint_id: int, actor: Actor, now: datetime) -> bool:
    """Tell an endpoint nothing more; False where it was ended before."""
    webhooks.get(tx, endpoint_id)
    done = webhooks.end(tx, endpoint_id, actor=str(actor), now=now)
    if done:
        log.append(tx, vault=vault, kind="webhook.ended", at=now, actor=str(actor), stated={"endpoint": endpoint_id})
    return done


def tell_again(
    tx: Tx,
    *,
    vault: Vault,
    endpoint_id: int,
    first: datetime,
    last: datetime,
    reason: str,
    actor: Actor,
    now: datetime,
) -> int:
    """Tell an endpoint anew of acts between two instants, under the same message ids; returns of how many.

    Raises `NoReplayReason`, `EndpointOver`, `webhooks.NoSuchEndpoint`.
    """
    said = _may_be_told(tx, endpoint_id, reason)
    count = webhooks.again(tx, endpoint_id, first=first, last=last, now=now)
    number = webhooks.note_replay(
        tx, endpoint_id, between=(first, last), entries=None, events=count, reason=said, by=str(actor), now=now
    )
    log.append(
        tx, vault=vault, kind="webhook.replayed", at=now, actor=str(actor),
        stated={
            "replay": number, "endpoint": endpoint_id, "first": first.isoformat(), "last": last.isoformat(),
            "events": count, "reason": vault.text_pseudonym(tx.lender_id, said),
        },
    )  # fmt: skip
    return count


def tell_some_again(
    tx: Tx, *, vault: Vault, endpoint_id: int, entries: Sequence[int], reason: str, actor: Actor, now: datetime
) -> int:
    """The same of tellings by their entries. Raises `NotTold` too, where it was never told of one of them."""
    said, wanted = _may_be_told(tx, endpoint_id, reason), sorted(set(entries))
    if not 1 <= len(wanted) <= ENTRIES_MAX:
        raise NotTold(endpoint_id, len(wanted))
    count = webhooks.some_again(tx, endpoint_id, wanted, now=now)
    if count != len(wanted):
        raise NotTold(endpoint_id, len(wanted) - count)
    number = webhooks.note_replay(
        tx, endpoint_id, between=None, entries=wanted, events=count, reason=said, by=str(actor), now=now
    )
    log.append(
        tx, vault=vault, kind="webhook.replayed", at=now, actor=str(actor),
        stated={
            "replay": number, "endpoint": endpoint_id, "entries": [str(one) for one in wanted], "events": count,
            "reason": vault.text_pseudonym(tx.lender_id, said),
        },
    )  # fmt: skip
    return count


def _may_be_told(tx: Tx, endpoint_id: int, reason: str) -> str:
    if webhooks.get(tx, endpoint_id).ended_at is not None:
        raise EndpointOver(endpoint_id)
    said = reason.strip()
    if not 1 <= len(said) <= REASON_MAX:
        raise NoReplayReason
    return said


def fit(url: str, *, loopback: bool) -> None:
    """Raise `NotAnAddress` unless it is written as an address outside is: https, a host, no user and no password.

    Raises `AddressTooLong` too.
    """
    if len(url) > URL_MAX:
        raise AddressTooLong(len(url))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NotAnAddress from None
    host = parts.hostname or ""
    plain = loopback and parts.scheme == "http" and host in LOOPBACK
    if not _WRITTEN.fullmatch(url) or not _named(host) or port == 0 or not (parts.scheme == "https" or plain):
        raise NotAnAddress
    if parts.username is not None or parts.password is not None:
        raise NotAnAddress


def _named(host: str) -> bool:
    """Whether it can be a host's name, or its number: labels of 1 to 63 characters, one dot after the last or none."""
    return len(host) <= _HOST_MAX and all(_LABEL.fullmatch(one) for one in host.removesuffix(".").split("."))


def _outside(url: str, *, loopback: bool) -> None:
    """Raise `NotOutside` where the address by itself says that it leads within; other names are judged when told."""
    host = (urlsplit(url).hostname or "").removesuffix(".")
    if loopback and host in LOOPBACK:
        return
    own = host == "localhost" or host.endswith(".localhost")  # RFC 6761: this very machine, wherever it is asked
    if own or not all(public(one) for one in _numbers(host)):
        raise NotOutside(host)


def _numbers(host: str) -> list[IPv4Address | IPv6Address]:
    """The number that a host is written as, in every way in which the system reads one (127.1, 0x7f000001); or none."""
    try:
        return [ip_address(host)]
    except ValueError:
        pass
    try:  # looks nothing up
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return []
    return [ip_address(str(one[4][0])) for one in found]


_THROUGH = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"), ip_network("2002::/16"), ip_network("2001::/32"))
"""IPv6 that leads on to an IPv4 address, which may be one within."""


def public(one: IPv4Address | IPv6Address) -> bool:
    """Whether a number is one outside, where others may be told."""
    inner = one.ipv4_mapped if isinstance(one, IPv6Address) else None
    if inner is not None:
        return public(inner)
    return one.is_global and not one.is_multicast and not any(one in network for network in _THROUGH)


def owner(endpoint_id: int) -> str:
    """Under which name the secret of an endpoint is sealed."""
    return f"webhook:{endpoint_id}"


def secret_text(raw: bytes) -> str:
    """A secret as Standard Webhooks writes it."""
    return "whsec_" + b64encode(raw).decode()
