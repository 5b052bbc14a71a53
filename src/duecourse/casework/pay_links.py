"""Payment links: made for a debtor, for no more than is owed, until an instant; and what the provider calls back.

A callback counts once, if it is genuine and says what was agreed. Then it is a payment on the ledger from its day; the
line of the statement that brings the money later is the same payment. Whatever else a genuine callback says (another
amount, after the end, of no link of ours) is kept and waits for a person: money came in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from duecourse.book.store import Store
from duecourse.casework import ledger
from duecourse.casework.actor import Actor, Role
from duecourse.casework.channel_setup import DemoStaysHere
from duecourse.casework.payments import Came, NothingOwed, NotTheirs, record
from duecourse.channels.contract import NotReady
from duecourse.channels.pay.contract import NotMade, Order, Paid, Provider, checked, kind_named
from duecourse.core.ids import letters
from duecourse.core.money import Money
from duecourse.storage import lenders, log, matching, pay_links, persons
from duecourse.storage.connection import Database, Tx
from duecourse.storage.pay_links import EventRow, Link
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Refused, Unavailable

MINUTES_MAX = 7 * 24 * 60
REFERENCE_BYTES = 8
BODY_MAX = 65_536


class Outcome(StrEnum):
    """What a genuine callback came to."""

    APPLIED = "applied"  # a payment on the ledger
    PAID_BEFORE = "paid_before"  # the link was paid before, by another event
    DIFFERS = "differs"  # another amount or currency than was agreed
    LATE = "late"  # paid after the link had ended
    UNKNOWN = "unknown"  # no link of ours, or one of another provider
    NOTHING_OWED = "nothing_owed"  # nothing is owed any more


class NotALink(BadInput):
    """A link that cannot be made."""


class MoreThanIsOwed(Refused):
    """A link for more than is owed."""

    def __init__(self, wanted: Money, owed: Money) -> None:
        super().__init__(
            N_("{wanted} is more than is owed today ({owed}): no link is made for it"), wanted=wanted, owed=owed
        )


class NoLink(Unavailable):
    """The provider gave no link."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            N_("the payment provider {name} gave no link: {why}. Nobody was given one; try again"), name=name, why=why
        )


@dataclass(frozen=True, slots=True)
class Called:
    """What became of a callback; ``again``: it was taken before, and nothing was done now."""

    outcome: str
    again: bool


def set_provider(
    tx: Tx, *, vault: Vault, name: str, given: Mapping[str, str], actor: Actor, now: datetime
) -> tuple[str, ...]:
    """Set up a provider that is installed; returns its settings' names. Nobody is called.

    Raises `NoSuchTransport`, `BadSetting`, `DemoStaysHere`.
    """
    kind = kind_named(name)
    whole = checked(kind, given)
    if lenders.get(tx).demo and not kind.inland(whole):
        raise DemoStaysHere
    secret = {one.name: whole[one.name] for one in kind.settings if one.secret}
    plain = {one.name: whole[one.name] for one in kind.settings if not one.secret}
    sealed = vault.seal_secret(tx.lender_id, pay_links.owner(name), json.dumps(secret).encode())
    pay_links.put_provider(tx, name=name, settings=plain, secret=sealed, actor=str(actor), now=now)
    log.append(
        tx, vault=vault, kind="payment_provider.set", at=now, actor=str(actor),
        stated={
            "provider": name, "settings": vault.text_pseudonym(tx.lender_id, json.dumps(plain, sort_keys=True)),
            "secrets": sorted(secret),
        },
    )  # fmt: skip
    return tuple(sorted(whole))


def make_link(
    database: Database, store: Store, lender_id: str, *, vault: Vault, person_id: int, amount: Money, minutes: int,
    actor: Actor, clock: Callable[[], datetime], chance: Callable[[int], bytes], loan_keys: Sequence[int] = (),
    provider: str = "http",
) -> Link:  # fmt: skip
    """Have a link made for a debtor, of an amount that is owed today; no transaction is open during the call.

    Raises `NotALink`, `MoreThanIsOwed`, `NoLink`, `pay_links.NoProvider`, `payments.NotTheirs`.
    """
    if not 1 <= minutes <= MINUTES_MAX:
        raise NotALink(N_("a link ends after 1 to {most} minutes"), most=MINUTES_MAX)
    now = clock()
    with database.transaction(lender_id) as tx:
        line = _line(tx, vault, provider)
        root = persons.root(tx, person_id)
        _owed(tx, store, root, loan_keys, amount, now)
        reference = "DC" + letters(chance(REFERENCE_BYTES)).upper()
        expires = now + timedelta(minutes=minutes)
        number = pay_links.add(
            tx, person_id=root, reference=reference, loan_keys=loan_keys, amount_minor=amount.minor,
            currency=amount.currency, provider_name=provider, expires_at=expires, actor=str(actor), now=now,
        )  # fmt: skip
        own = vault.person(tx.lender_id, root, persons.wrapped(tx, root))
        log.append(
            tx, vault=vault, kind="payment_link.made", at=now, actor=str(actor), subject=own,
            stated={"link": str(number), "provider": provider, "until": expires.isoformat()},
            facts={"amount": amount.minor, "currency": amount.currency, "reference": reference},
        )  # fmt: skip
    order = Order(reference=reference, amount_minor=amount.minor, currency=amount.currency, expires_at=expires, at=now)
    try:
        made = line.create(order)
    except (NotMade, NotReady) as error:
        with database.transaction(lender_id) as tx:
            pay_links.failed(tx, number, now=clock())
        raise NoLink(provider, str(error)) from None
    with database.transaction(lender_id) as tx:
        pay_links.made(tx, number, url=made.url, provider_ref=made.provider_ref)
        found = pay_links.get(tx, number)
    if found is None:
        raise NoLink(provider, "-")
    return found


def take_callback(
    database: Database, store: Store, lender_id: str, *, vault: Vault, provider: str, headers: Mapping[str, str],
    body: bytes, clock: Callable[[], datetime],
) -> Called:  # fmt: skip
    """Take what a provider calls back: proven, once, and only as it was agreed.

    Raises `NotGenuine`, `pay_links.NoProvider`.
    """
    now = clock()
    actor = Actor(Role.SYSTEM, f"pay-{provider}")
    with database.transaction(lender_id) as tx:
        line = _line(tx, vault, provider)
        paid = line.read(headers, body)
        before = pay_links.lock_event(tx, provider, paid.event)
        if before is not None:
            return Called(before.outcome, again=True)
        link = pay_links.of_reference(tx, paid.reference, held=True)
        link = link if link is not None and link.provider == provider else None
        outcome = _judged(link, paid)
        if outcome is Outcome.APPLIED and link is not None:
            came = Came(paid.amount_minor, paid.currency, _day(tx, paid.paid_at), link_id=link.link_id)
            try:
                with tx.connection.transaction():
                    record(
                        tx, store, vault=vault, came=came, person_id=link.person_id, named=link.loan_keys, by=None,
                        actor=actor, now=now,
                    )  # fmt: skip
            except (NothingOwed, NotTheirs, ledger.NotInLedger):
                outcome = Outcome.NOTHING_OWED
        pay_links.add_event(
            tx,
            EventRow(
                provider=provider, event=paid.event, link_id=link.link_id if link else None,
                amount_minor=paid.amount_minor, currency=paid.currency, paid_at=paid.paid_at, received_at=now,
                outcome=outcome.value,
            ),
        )  # fmt: skip
        own = None
        if link is not None:
            own = vault.person(tx.lender_id, link.person_id, persons.wrapped(tx, link.person_id))
        log.append(
            tx, vault=vault, kind="payment_link.called_back", at=now, actor=str(actor), subject=own,
            stated={
                "provider": provider, "link": str(link.link_id) if link else None, "outcome": outcome.value,
                "event": vault.text_pseudonym(tx.lender_id, paid.event),
            },
        )  # fmt: skip
    return Called(outcome.value, again=False)


def _judged(link: Link | None, paid: Paid) -> Outcome:
    if link is None:
        return Outcome.UNKNOWN
    if link.payment_id is not None:
        return Outcome.PAID_BEFORE
    if (paid.amount_minor, paid.currency) != (link.amount_minor, link.currency):
        return Outcome.DIFFERS
    return Outcome.LATE if paid.paid_at > link.expires_at else Outcome.APPLIED


def _day(tx: Tx, at: datetime) -> date:
    return ledger.today_of(tx, at)


def _line(tx: Tx, vault: Vault, name: str) -> Provider:
    row = pay_links.provider(tx, name)
    secrets: dict[str, str] = json.loads(vault.open_secret(tx.lender_id, pay_links.owner(name), row.secret))
    kind = kind_named(row.name)
    whole = {**row.settings, **secrets}
    if lenders.get(tx).demo and not kind.inland(whole):
        raise DemoStaysHere
    return kind.open(whole)


def _owed(tx: Tx, store: Store, person_id: int, loan_keys: Sequence[int], amount: Money, now: datetime) -> None:  # noqa: PLR0917 - what is wanted, and what it is held against
    """Refuse what nobody owes, or owes less of. Raises `NotTheirs`, `NotALink`, `MoreThanIsOwed`."""
    theirs = [int(key) for key in matching.loans_of(tx, persons.same(tx, person_id))["loan_key"]]
    if not theirs or not set(loan_keys) <= set(theirs):
        raise NotTheirs(person_id)
    today, owed = ledger.today_of(tx, now), 0
    for key in loan_keys or theirs:
        read = ledger.read_loan(tx, store, loan_key=key, now=now)
        if read.held.currency == amount.currency:
            owed += read.on(today).settle
    if amount.minor <= 0:
        raise NotALink(N_("the amount of a link is more than nothing"))
    if amount.minor > owed:
        raise MoreThanIsOwed(amount, Money(owed, amount.currency))
