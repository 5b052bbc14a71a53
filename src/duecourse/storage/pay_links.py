"""Payment providers, the links they made, and what they called back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import LiteralString

from psycopg.types.json import Jsonb

from duecourse.storage.connection import Tx
from duecourse.storage.vault import Wrapped
from duecourse.trouble import N_, BadInput


class NoProvider(BadInput):
    """No payment provider of this name is set up."""

    def __init__(self, name: str) -> None:
        super().__init__(
            N_("no payment provider {name} is set up: `duecourse payment provider` sets one up"), name=name
        )


def owner(name: str) -> str:
    """Under which name a provider's secrets are sealed."""
    return f"payment_provider:{name}"


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A row of ``payment_provider``."""

    name: str
    settings: Mapping[str, str]
    key_id: str
    secrets_sealed: bytes = field(repr=False)
    set_at: datetime
    set_by: str

    @property
    def secret(self) -> Wrapped:
        """Its secrets as they are sealed."""
        return Wrapped(self.key_id, self.secrets_sealed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A payment link; ``url`` None: the provider made none, or nobody knows."""

    link_id: int
    person_id: int
    reference: str
    loan_keys: Sequence[int]
    amount_minor: int
    currency: str
    provider: str
    made_at: datetime
    made_by: str
    expires_at: datetime
    url: str | None
    provider_ref: str | None
    failed_at: datetime | None
    payment_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """What a provider called back."""

    provider: str
    event: str
    link_id: int | None
    amount_minor: int
    currency: str
    paid_at: datetime
    received_at: datetime
    outcome: str


_PROVIDER: LiteralString = "SELECT name, settings, key_id, secrets_sealed, set_at, set_by FROM payment_provider "
_LINK: LiteralString = (
    "SELECT k.link_id, k.person_id, k.reference, k.loan_keys, k.amount_minor, k.currency, k.provider, k.made_at, "
    "k.made_by, k.expires_at, k.url, k.provider_ref, k.failed_at, p.payment_id FROM payment_link k LEFT JOIN payment p "
    "ON p.lender_id = k.lender_id AND p.link_id = k.link_id "
)
_EVENT: LiteralString = (
    "SELECT provider, event, link_id, amount_minor, currency, paid_at, received_at, outcome FROM payment_event "
)


def put_provider(tx: Tx, *, name: str, settings: Mapping[str, str], secret: Wrapped, actor: str, now: datetime) -> None:
    """Set a provider up, in place of what was set up before."""
    tx.execute(
        "INSERT INTO payment_provider (lender_id, name, settings, key_id, secrets_sealed, set_at, set_by) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (lender_id, name) DO UPDATE SET settings = excluded.settings, "
        "key_id = excluded.key_id, secrets_sealed = excluded.secrets_sealed, set_at = excluded.set_at, "
        "set_by = excluded.set_by",
        (tx.lender_id, name, Jsonb(dict(settings)), secret.key_id, secret.sealed, now, actor),
    )


def provider(tx: Tx, name: str) -> ProviderRow:
    """A provider that is set up; raises `NoProvider`."""
    found = tx.row(ProviderRow, _PROVIDER + "WHERE lender_id = %s AND name = %s", (tx.lender_id, name))
    if found is None:
        raise NoProvider(name)
    return found


def providers(tx: Tx) -> list[ProviderRow]:
    """Every provider that is set up."""
    return tx.rows(ProviderRow, _PROVIDER + "WHERE lender_id = %s ORDER BY name", (tx.lender_id,))


def reseal(tx: Tx, name: str, secret: Wrapped) -> None:
    """Write the same secrets sealed anew."""
    tx.execute(
        "UPDATE payment_provider SET key_id = %s, secrets_sealed = %s WHERE lender_id = %s AND name = %s",
        (secret.key_id, secret.sealed, tx.lender_id, name),
    )


def add(
    tx: Tx, *, person_id: int, reference: str, loan_keys: Sequence[int], amount_minor: int, currency: str,
    provider_name: str, expires_at: datetime, actor: str, now: datetime,
) -> int:  # fmt: skip
    """Keep a link that the provider will be asked for; returns its number."""
    made = tx.value(
        "INSERT INTO payment_link (lender_id, person_id, reference, loan_keys, amount_minor, currency, provider, "
        "made_at, made_by, expires_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING link_id",
        (
            tx.lender_id, person_id, reference, list(loan_keys), amount_minor, currency, provider_name, now, actor,
            expires_at,
        ),
    )  # fmt: skip
    return int(str(made))


def made(tx: Tx, link_id: int, *, url: str, provider_ref: str) -> None:
    """Write where a link is."""
    tx.execute(
        "UPDATE payment_link SET url = %s, provider_ref = %s WHERE lender_id = %s AND link_id = %s",
        (url, provider_ref, tx.lender_id, link_id),
    )


def failed(tx: Tx, link_id: int, *, now: datetime) -> None:
    """Write that the provider gave none."""
    tx.execute(
        "UPDATE payment_link SET failed_at = %s WHERE lender_id = %s AND link_id = %s", (now, tx.lender_id, link_id)
    )


def get(tx: Tx, link_id: int) -> Link | None:
    """A link by its number."""
    return tx.row(Link, _LINK + "WHERE k.lender_id = %s AND k.link_id = %s", (tx.lender_id, link_id))


def of_reference(tx: Tx, reference: str, *, held: bool = False) -> Link | None:
    """A link by its reference, its row held where that is asked."""
    locked: LiteralString = " FOR UPDATE OF k" if held else ""
    return tx.row(Link, _LINK + "WHERE k.lender_id = %s AND k.reference = %s" + locked, (tx.lender_id, reference))


def latest(tx: Tx, *, person_id: int | None = None, most: int = 50) -> list[Link]:
    """Links, the latest first."""
    return tx.rows(
        Link,
        _LINK + "WHERE k.lender_id = %s AND (%s::bigint IS NULL OR k.person_id = %s) ORDER BY k.link_id DESC LIMIT %s",
        (tx.lender_id, person_id, person_id, most),
    )


def lock_event(tx: Tx, provider_name: str, event: str) -> EventRow | None:
    """Hold the name of an event, so that of two callbacks alike one waits; what was kept of it before."""
    tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 213))", (f"{tx.lender_id}\n{provider_name}\n{event}",)
    )
    return tx.row(
        EventRow,
        _EVENT + "WHERE lender_id = %s AND provider = %s AND event = %s",
        (tx.lender_id, provider_name, event),
    )


def add_event(tx: Tx, one: EventRow) -> None:
    """Keep what a provider called back."""
    tx.execute(
        "INSERT INTO payment_event (lender_id, provider, event, link_id, amount_minor, currency, paid_at, received_at, "
        "outcome) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            tx.lender_id, one.provider, one.event, one.link_id, one.amount_minor, one.currency, one.paid_at,
            one.received_at, one.outcome,
        ),
    )  # fmt: skip


def odd_events(tx: Tx, most: int = 100) -> list[EventRow]:
    """What was called back and not applied, the latest first: money came in, and a person decides."""
    return tx.rows(
        EventRow,
        _EVENT + "WHERE lender_id = %s AND outcome <> 'applied' ORDER BY received_at DESC LIMIT %s",
        (tx.lender_id, most),
    )
