"""Writing a strategy, having it activated by two people, and going back to an earlier one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from duecourse.book.strategy import Strategy, first_in, read_strategy, shipped
from duecourse.casework import approval
from duecourse.casework.actor import Actor, Role
from duecourse.casework.approval import Kind
from duecourse.casework.lender_texts import register_for
from duecourse.casework.strategy import checked
from duecourse.storage import drafts, lenders, log, runs, strategies
from duecourse.storage.approvals import Approval
from duecourse.storage.connection import Tx
from duecourse.storage.drafts import Draft
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Refused, Trouble

CONTENT_MAX = 262_144
"""Bytes of a draft."""


class DraftClosed(Refused):
    """A draft that was activated or given up."""

    def __init__(self, draft_id: int) -> None:
        super().__init__(N_("draft {number} is closed; begin another one from the version you mean"), number=draft_id)


class DraftFaulty(BadInput):
    """A draft that cannot run as it stands."""

    def __init__(self, draft_id: int, fault: str) -> None:
        super().__init__(N_("draft {number} cannot run: {fault}"), number=draft_id, fault=fault)


class NotTried(Refused):
    """A draft whose effect on the book as it stands nobody has seen."""

    def __init__(self, draft_id: int, day: date) -> None:
        super().__init__(
            N_(
                "draft {number} was not tried out on {day}, the last day that was run: try it "
                "(`duecourse strategy try {number}`), or ask for it untried (`--untried`)"
            ),
            number=draft_id,
            day=day,
        )


class DraftTooLong(BadInput):
    """A text that is no strategy."""

    def __init__(self) -> None:
        super().__init__(N_("a strategy has at most {most} bytes"), most=CONTENT_MAX)


class DraftMoved(Refused):
    """The draft was changed after its activation was asked for."""

    def __init__(self, draft_id: int) -> None:
        super().__init__(
            N_("draft {number} was changed since its activation was asked for: what would run is not what was shown"),
            number=draft_id,
        )


class EditedElsewhere(Refused):
    """Somebody else wrote a revision meanwhile."""

    def __init__(self, draft_id: int, revision: int) -> None:
        super().__init__(
            N_("draft {number} has revision {revision} by now: look at it before you write over it"),
            number=draft_id, revision=revision,
        )  # fmt: skip


class NoSuchVersion(BadInput):
    """A version of a strategy that is not kept."""

    def __init__(self, strategy_id: str, version: int) -> None:
        super().__init__(N_("strategy {strategy} has no version {version}"), strategy=strategy_id, version=version)


class NoSuchStrategy(BadInput):
    """A name that no strategy of the lender and none that ships has."""

    def __init__(self, strategy_id: str) -> None:
        super().__init__(N_("there is no strategy {strategy} to begin from"), strategy=strategy_id)


class TooEarly(BadInput):
    """A strategy cannot count from a day that has been run."""

    def __init__(self, day: date, ran: date) -> None:
        super().__init__(N_("{day} has been run: choose a day after {ran}"), day=day, ran=ran)


def fault_of(tx: Tx, content: str) -> tuple[Strategy | None, str | None]:
    """The strategy that a text is, or why it cannot run for this lender: entry, word, and the nearest known one."""
    try:
        strategy = read_strategy(content, "draft")
        return checked(strategy, register_for(tx)), None
    except Trouble as trouble:
        return None, str(trouble)


def begin_draft(tx: Tx, *, vault: Vault, strategy_id: str | None, actor: Actor, now: datetime) -> Draft:
    """Begin a draft from the version in use of a strategy, by name; of the one in use where none is named.

    Raises `NoSuchStrategy`.
    """
    today = now.date()
    kept = strategies.in_use(tx, today) if strategy_id is None else strategies.on_day(tx, strategy_id, today)
    if kept is None:
        name, based_on = strategy_id or first_in(lenders.get(tx).jurisdiction), None
        try:
            content = shipped(name)
        except FileNotFoundError:
            raise NoSuchStrategy(name) from None
    else:
        name, content, based_on = kept.strategy_id, kept.content, kept.version
    draft_id = drafts.begin(tx, strategy_id=name, based_on=based_on, actor=str(actor), now=now)
    drafts.revise(tx, draft_id, content=content, fault=fault_of(tx, content)[1], actor=str(actor), now=now)
    log.append(
        tx, vault=vault, kind="strategy.draft_begun", at=now, actor=str(actor),
        stated={"draft": draft_id, "strategy": name, "based_on": based_on or 0},
    )  # fmt: skip
    return drafts.get(tx, draft_id)


def write_draft(tx: Tx, *, vault: Vault, draft_id: int, content: str, after: int, actor: Actor, now: datetime) -> Draft:
    """Write the next revision of a draft, faulty or not: what is wrong with it is kept beside it.

    ``after`` is the revision that the writer saw. Raises `DraftClosed`, `DraftTooLong`, `EditedElsewhere`.
    """
    held = drafts.locked(tx, draft_id)
    if held.closed_at is not None:
        raise DraftClosed(draft_id)
    if len(content.encode()) > CONTENT_MAX:
        raise DraftTooLong
    if held.revision != after:
        raise EditedElsewhere(draft_id, held.revision)
    text = content.replace("\r\n", "\n")
    if text == held.content:
        return held
    _strategy, fault = fault_of(tx, text)
    revision = drafts.revise(tx, draft_id, content=text, fault=fault, actor=str(actor), now=now)
    log.append(
        tx, vault=vault, kind="strategy.draft_written", at=now, actor=str(actor),
        stated={
            "draft": draft_id, "revision": revision, "sha256": sha256(text.encode()).hexdigest(), "runs": fault is None,
        },
    )  # fmt: skip
    return drafts.get(tx, draft_id)


def discard_draft(tx: Tx, *, vault: Vault, draft_id: int, actor: Actor, now: datetime) -> None:
    """Give a draft up. Raises `DraftClosed`."""
    held = drafts.locked(tx, draft_id)
    if held.closed_at is not None:
        raise DraftClosed(draft_id)
    drafts.close(tx, draft_id, as_="discarded", actor=str(actor), now=now)
    log.append(tx, vault=vault, kind="strategy.draft_discarded", at=now, actor=str(actor), stated={"draft": draft_id})


def untried_on(tx: Tx, draft: Draft) -> date | None:
    """The last day that was run, if a draft that can run was not tried out on it as it stands."""
    ran = runs.last_day(tx)
    tried = draft.fault is not None or any(one.day == ran for one in drafts.trials(tx, draft.content_hash))
    return None if tried else ran


def ask_activation(
    tx: Tx,
    *,
    kinds: Mapping[str, Kind],
    vault: Vault,
    draft_id: int,
    from_day: date,
    reason: str,
    actor: Actor,
    now: datetime,
    untried: bool = False,
) -> Approval:
    """Ask that a draft, as it stands, be the strategy of the day run from a day on.

    It was tried out on the last day that was run, unless ``untried``; whoever decides sees which.

    Raises `DraftClosed`, `DraftFaulty`, `NotTried`, `TooEarly`, and what asking raises.
    """
    held = drafts.locked(tx, draft_id)
    if held.closed_at is not None:
        raise DraftClosed(draft_id)
    if held.fault is not None:
        raise DraftFaulty(draft_id, held.fault)
    unseen = untried_on(tx, held)
    if unseen is not None and not untried:
        raise NotTried(draft_id, unseen)
    strategy, _fault = fault_of(tx, held.content)
    asked = {
        "draft": draft_id,
        "revision": held.revision,
        "strategy": strategy.name if strategy else held.strategy_id,
        "sha256": held.content_hash.hex(),
        "from": from_day.isoformat(),
        "tried": "no" if unseen or runs.last_day(tx) is None else "yes",
    }
    return approval.ask(
        tx, kinds=kinds, vault=vault, kind=ACTIVATE.kind, subject=f"draft:{draft_id}", asked=asked, reason=reason,
        actor=actor, now=now,
    )  # fmt: skip


def ask_rollback(
    tx: Tx,
    *,
    kinds: Mapping[str, Kind],
    vault: Vault,
    strategy_id: str,
    version: int,
    from_day: date,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Approval:
    """Ask that an earlier version be the strategy of the day run again from a day on."""
    kept = strategies.get(tx, strategy_id, version)
    if kept is None:
        raise NoSuchVersion(strategy_id, version)
    asked = {
        "strategy": strategy_id,
        "version": version,
        "sha256": kept.content_hash.hex(),
        "from": from_day.isoformat(),
    }
    return approval.ask(
        tx, kinds=kinds, vault=vault, kind=ROLL_BACK.kind, subject=f"strategy:{strategy_id}@{version}", asked=asked,
        reason=reason, actor=actor, now=now,
    )  # fmt: skip


def _not_run(tx: Tx, asked: Mapping[str, Any]) -> date:
    """The day from which it shall count; one that has been run stays as it was run."""
    day = date.fromisoformat(str(asked["from"]))
    ran = runs.last_day(tx)
    if ran is not None and day <= ran:
        raise TooEarly(day, ran)
    return day


def _check(tx: Tx, asked: Mapping[str, Any]) -> None:
    _not_run(tx, asked)


def _activate(tx: Tx, request: Approval, vault: Vault, actor: Actor, now: datetime) -> None:
    asked = request.asked
    held = drafts.locked(tx, int(asked["draft"]))
    if held.closed_at is not None:
        raise DraftClosed(held.draft_id)
    if held.content_hash.hex() != asked["sha256"]:
        raise DraftMoved(held.draft_id)
    day = _not_run(tx, asked)
    strategy, fault = fault_of(tx, held.content)
    if strategy is None:
        raise DraftFaulty(held.draft_id, fault or "")
    version = strategies.add(tx, strategy_id=strategy.name, content=held.content, from_day=day, now=now)
    _use(
        tx,
        request=request,
        vault=vault,
        actor=actor,
        now=now,
        kept=(strategy.name, version),
        day=day,
        reason="activated",
    )
    drafts.close(tx, held.draft_id, as_="activated", actor=str(actor), now=now)


def _roll_back(tx: Tx, request: Approval, vault: Vault, actor: Actor, now: datetime) -> None:
    asked = request.asked
    name, version = str(asked["strategy"]), int(asked["version"])
    kept = strategies.get(tx, name, version)
    if kept is None or kept.content_hash.hex() != asked["sha256"]:
        raise NoSuchVersion(name, version)
    _strategy, fault = fault_of(tx, kept.content)
    if fault is not None:
        raise DraftFaulty(version, fault)
    _use(
        tx, request=request, vault=vault, actor=actor, now=now, kept=(name, version), day=_not_run(tx, asked),
        reason="rolled_back",
    )  # fmt: skip


def _use(
    tx: Tx,
    *,
    request: Approval,
    vault: Vault,
    actor: Actor,
    now: datetime,
    kept: tuple[str, int],
    day: date,
    reason: str,
) -> None:
    name, version = kept
    strategies.use(
        tx, strategy_id=name, version=version, from_day=day, reason=reason, approval_id=request.approval_id,
        actor=str(actor), now=now,
    )  # fmt: skip
    log.append(
        tx, vault=vault, kind=f"strategy.{reason}", at=now, actor=str(actor),
        stated={
            "strategy": name, "kept_version": version, "from": day.isoformat(), "request": request.approval_id,
            "sha256": str(request.asked["sha256"]),
        },
    )  # fmt: skip


_WRITERS = frozenset({Role.STRATEGIST})
_DECIDERS = frozenset({Role.STRATEGIST, Role.SUPERVISOR, Role.COMPLIANCE})

ACTIVATE = Kind(
    kind="strategy.activate",
    says=N_("let the day run take draft {draft} of strategy {strategy} from {from} on"),
    asks=_WRITERS,
    decides=_DECIDERS,
    carry_out=_activate,
    check=_check,
)
ROLL_BACK = Kind(
    kind="strategy.roll_back",
    says=N_("let the day run take version {version} of strategy {strategy} again from {from} on"),
    asks=_WRITERS,
    decides=_DECIDERS,
    carry_out=_roll_back,
    check=_check,
)
