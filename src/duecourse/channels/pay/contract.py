"""The contract of a payment provider: it makes a link for an order of ours, and reads what it calls us back with.

    create(order)              the address at which the payer pays, and the provider's own name for it
    read(headers, body)        what a callback says, once its signature is proven; raises `NotGenuine` otherwise

A provider takes nothing after ``expires_at``, takes one payment for an order, of exactly its amount and currency, and
creates nothing twice for one reference. Whether it keeps to that is checked again here by whoever takes the callback.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import entry_points
from typing import Protocol

from duecourse.channels.contract import BadSetting, NoSuchTransport, Setting
from duecourse.trouble import N_, Refused

GROUP = "duecourse.payments"


class NotGenuine(Refused):
    """A callback that nobody with the secret signed, or that is too old."""

    def __init__(self, why: str) -> None:
        super().__init__(N_("the callback is not genuine: {why}"), why=why)


class NotMade(Exception):
    """The provider made no link, or nobody knows whether it did; what it made nobody is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What shall be paid. ``reference`` is ours, names nobody, and is what the provider calls back with."""

    reference: str
    amount_minor: int
    currency: str
    expires_at: datetime
    at: datetime  # the instant of asking


@dataclass(frozen=True, slots=True)
class Made:
    """A link: where the payer pays, and how the provider names it."""

    url: str
    provider_ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """What a genuine callback says. ``event`` is the provider's own name of it: the same again counts once."""

    event: str
    reference: str
    amount_minor: int
    currency: str
    paid_at: datetime


class Provider(Protocol):
    """A line to a provider."""

    def create(self, order: Order) -> Made:
        """Make a link. Raises `NotMade`, `contract.NotReady`."""

    def read(self, headers: Mapping[str, str], body: bytes) -> Paid:
        """Read a callback. Raises `NotGenuine`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A provider that can be set up. ``inland``: by these settings it is reached on this very machine."""

    name: str
    settings: tuple[Setting, ...]
    open: Callable[[Mapping[str, str]], Provider] = field(repr=False)
    inland: Callable[[Mapping[str, str]], bool] = field(repr=False)


def kind_named(name: str) -> Kind:
    """The provider installed under a name; raises `NoSuchTransport`."""
    found = {one.name: one for one in entry_points(group=GROUP)}
    if name not in found:
        raise NoSuchTransport(name, sorted(found))
    kind = found[name].load()
    if not isinstance(kind, Kind):
        raise BadSetting(name, "kind", N_("what is installed under this name is no payment provider"))
    return kind


def checked(kind: Kind, given: Mapping[str, str]) -> dict[str, str]:
    """Settings with their defaults; raises `BadSetting` for what is unknown, missing, or does not open."""
    known = {one.name: one for one in kind.settings}
    for name in given:
        if name not in known:
            raise BadSetting(kind.name, name, N_("there is no such setting"))
    whole = {one.name: given.get(one.name, "") or one.default for one in kind.settings}
    for one in kind.settings:
        if one.needed and not whole[one.name]:
            raise BadSetting(kind.name, one.name, N_("it is needed"))
    kind.open(whole)
    return whole
