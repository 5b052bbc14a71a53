"""Loading a strategy: checked against the register of templates, kept with its text, on record."""

from __future__ import annotations

from datetime import date, datetime

from duecourse.book.strategy import Strategy, unusable
from duecourse.casework.actor import Actor
from duecourse.law.templates import Register, load_register
from duecourse.storage import log, strategies
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Refused


class BadTemplates(BadInput):
    """A strategy names templates that the register does not have, or not for its channel."""

    def __init__(self, strategy: Strategy, faults: list[str]) -> None:
        super().__init__(N_("strategy {strategy} cannot run: {faults}"), strategy=strategy.id, faults="; ".join(faults))


class ChosenAlready(Refused):
    """A lender that has chosen a strategy changes it by two people."""

    def __init__(self, strategy_id: str) -> None:
        super().__init__(
            N_(
                "strategy {strategy} is in use for this lender, and another takes two people: "
                "`duecourse strategy begin`, `write` and `activate`, then `duecourse approval approve` by somebody else"
            ),
            strategy=strategy_id,
        )


def checked(strategy: Strategy, register: Register | None = None) -> Strategy:
    """The strategy, if every template it names is in the register for its channel; raises `BadTemplates`.

    The register is that of the lender's jurisdiction; without one, a template may be approved for any.
    """
    known = load_register(jurisdiction=None) if register is None else register
    channels = {one.id: [channel.value for channel in one.channels] for one in known.templates.values()}
    if faults := list(unusable(strategy, channels)):
        raise BadTemplates(strategy, faults)
    return strategy


def load_strategy(
    tx: Tx, *, vault: Vault, strategy: Strategy, text: str, from_day: date, actor: Actor, now: datetime
) -> int:
    """Keep the first strategy that a lender chooses, for day runs from a day on; returns the version it is kept under.

    One person does it, since there may be nobody else yet. Raises `ChosenAlready`.
    """
    strategies.lock(tx)
    if standing := strategies.uses(tx, most=1):
        raise ChosenAlready(standing[0].strategy_id)
    version = strategies.add(tx, strategy_id=strategy.name, content=text, from_day=from_day, now=now)
    strategies.use(
        tx, strategy_id=strategy.name, version=version, from_day=from_day, reason="loaded", approval_id=None,
        actor=str(actor), now=now,
    )  # fmt: skip
    log.append(
        tx,
        vault=vault,
        kind="strategy.loaded",
        at=now,
        actor=str(actor),
        stated={
            "strategy": strategy.id,
            "kept_version": version,
            "sha256": strategy.hash,
            "from": from_day.isoformat(),
        },
    )
    return version
