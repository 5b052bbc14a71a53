"""Setting up what a lender sends with: settings as data, secrets sealed; and opening a line by them.

Messages of a demo lender go nowhere but to this very machine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from duecourse.casework.actor import Actor
from duecourse.channels.contract import BadSetting, Kind, Transport, checked, kind_named
from duecourse.law.terms import Channel
from duecourse.storage import lenders, log, transports
from duecourse.storage.connection import Tx
from duecourse.storage.transports import TransportRow
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Refused

MINUTE_MAX = 600
MINUTE_LIMIT = 1_000_000


class DemoStaysHere(Refused):
    """A demo lender would send to the world."""

    def __init__(self) -> None:
        super().__init__(
            N_("a demo lender sends to this very machine alone, such as a server at 127.0.0.1; nothing was set up")
        )


class OfDemosAlone(Refused):
    """A lender would be set up with a channel that reaches nobody."""

    def __init__(self, name: str) -> None:
        super().__init__(N_("{name} reaches nobody and is for demo lenders alone; nothing was set up"), name=name)


class NotARate(BadInput):
    """A rate that cannot be."""

    def __init__(self) -> None:
        super().__init__(N_("the rate is a whole number of messages a minute, from 1 to {most}"), most=MINUTE_LIMIT)


def set_up(
    tx: Tx,
    *,
    vault: Vault,
    name: str,
    given: Mapping[str, str],
    minute_max: int | None = None,
    actor: Actor,
    now: datetime,
) -> TransportRow:
    """Let a lender send by a channel that is installed; settings not given stay as they were set before.

    Nobody is called. Raises `NoSuchTransport`, `BadSetting`, `DemoStaysHere`, `OfDemosAlone`, `NotARate`.
    """
    kind = kind_named(name)
    before = next((one for one in transports.every(tx) if one.channel == kind.channel and one.name == name), None)
    old = {} if before is None else {**before.settings, **_secrets(tx, vault, before)}
    whole = checked(kind, {**old, **given})
    _stays(tx, kind, whole)
    most = minute_max or (MINUTE_MAX if before is None else before.minute_max)
    if not 1 <= most <= MINUTE_LIMIT:
        raise NotARate
    secret = {one.name: whole[one.name] for one in kind.settings if one.secret and whole[one.name]}
    plain = {one.name: whole[one.name] for one in kind.settings if not one.secret and whole[one.name]}
    transports.put(
        tx, channel=kind.channel.value, name=name, settings=plain,
        secret=vault.seal_secret(tx.lender_id, transports.owner(kind.channel.value), json.dumps(secret).encode()),
        minute_max=most, actor=str(actor), now=now,
    )  # fmt: skip
    log.append(
        tx, vault=vault, kind="channel.set", at=now, actor=str(actor),
        stated={
            "channel": kind.channel.value, "by": name, "minute_max": most,
            "settings": vault.text_pseudonym(tx.lender_id, json.dumps(plain, sort_keys=True)),
            "secrets": sorted(secret),
        },
    )  # fmt: skip
    return transports.get(tx, kind.channel.value)


def line(tx: Tx, *, vault: Vault, row: TransportRow) -> Transport:
    """A line to the provider that a row names; it calls nobody yet. Raises `NoSuchTransport`, `BadSetting`."""
    kind = kind_named(row.name)
    if kind.channel != Channel(row.channel):
        raise BadSetting(row.name, "channel", N_("what is installed under this name sends on another channel"))
    whole = _with_defaults(kind, {**row.settings, **_secrets(tx, vault, row)})
    _stays(tx, kind, whole)
    return kind.open(whole)


def _stays(tx: Tx, kind: Kind, whole: Mapping[str, str]) -> None:
    """Raise where a demo would reach the world, or a lender nobody."""
    demo = lenders.get(tx).demo
    if demo and not kind.inland(whole):
        raise DemoStaysHere
    if kind.demo_only and not demo:
        raise OfDemosAlone(kind.name)


def settings_of(tx: Tx, *, vault: Vault, channel: str) -> dict[str, str]:
    """What a channel is set up with, secrets in clear. Raises `NoTransport`, `NoSuchTransport`."""
    row = transports.get(tx, channel)
    return _with_defaults(kind_named(row.name), {**row.settings, **_secrets(tx, vault, row)})


def _secrets(tx: Tx, vault: Vault, row: TransportRow) -> dict[str, str]:
    found: dict[str, str] = json.loads(vault.open_secret(tx.lender_id, row.owner, row.secret))
    return found


def _with_defaults(kind: Kind, given: Mapping[str, str]) -> dict[str, str]:
    return {one.name: given.get(one.name, "") or one.default for one in kind.settings}
