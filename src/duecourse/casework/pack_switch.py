"""Switching a pack of rules for a lender, by two people: policy packs on and off; of the law, that it was looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from duecourse.casework.actor import Actor, Role
from duecourse.casework.approval import Kind
from duecourse.casework.lender_law import Standing, book_of, standing
from duecourse.law.measure import measure
from duecourse.law.rulebook import Rulebook
from duecourse.storage import lenders, log, packs, runs
from duecourse.storage.approvals import Approval
from duecourse.storage.connection import Tx
from duecourse.storage.lenders import Lender
from duecourse.storage.packs import PackChange
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Refused

ON, OFF = "on", "off"


class NoSuchPack(BadInput):
    """A pack that is not installed, or not for this lender's jurisdiction."""

    def __init__(self, pack: str) -> None:
        super().__init__(N_("no pack {pack} is installed for the jurisdiction of this lender"), pack=pack)


class LawStays(Refused):
    """Somebody wants to switch off a pack of the law, or one of policy that always binds."""

    def __init__(self, pack: str) -> None:
        super().__init__(
            N_("pack {pack} always binds: only policy packs that do not say so themselves can be switched off"),
            pack=pack,
        )


class PackNeeded(Refused):
    """The pack gives numbers that nothing else gives, and without which no day can be run."""

    def __init__(self, pack: str, quantities: list[str]) -> None:
        super().__init__(
            N_("pack {pack} stays on: nothing else gives {quantities}, which the day run needs"),
            pack=pack, quantities=", ".join(quantities),
        )  # fmt: skip


class PackMoved(BadInput):
    """What was asked about is no longer the content that is installed."""

    def __init__(self, pack: str) -> None:
        super().__init__(
            N_("pack {pack} has changed since this was asked: withdraw the request, look at the difference, ask anew"),
            pack=pack,
        )


class NothingToDecide(BadInput):
    """The pack is so already, in this version."""

    def __init__(self, pack: str, state: str) -> None:
        super().__init__(
            N_("pack {pack} is {state} already, and this version of it was decided on"), pack=pack, state=state
        )


def wanted(tx: Tx, pack: str, state: str) -> dict[str, Any]:
    """What is asked for when a pack shall be on or off: with the hash of the content that is meant."""
    found = _found(tx, pack)
    return {"pack": pack, "hash": found.pack.hash, "state": state}


def _found(tx: Tx, pack: str) -> Standing:
    for one in standing(tx):
        if one.pack.id == pack:
            return one
    raise NoSuchPack(pack)


def _check(tx: Tx, asked: Mapping[str, Any]) -> None:
    found = _found(tx, str(asked["pack"]))
    if asked["hash"] != found.pack.hash:
        raise PackMoved(found.pack.id)
    if asked["state"] == OFF:
        _may_go(tx, found)
    if asked["state"] == (ON if found.on else OFF) and found.looked_at:
        raise NothingToDecide(found.pack.id, str(asked["state"]))


def _may_go(tx: Tx, found: Standing) -> None:
    """Raise where a pack cannot be off: the law never, and a policy pack not while nothing else gives its numbers."""
    if not found.may_be_off:
        raise LawStays(found.pack.id)
    lender = lenders.get(tx)
    without = book_of(replace(lender, packs_off=[*lender.packs_off, found.pack.id]))
    day = runs.last_day(tx) or tx.value("SELECT current_date")
    lost = {
        quantity
        for quantity in ("stage_rank", "class_rank")
        for dpd in _DPDS
        for card in (False, True)
        if _rank(without, quantity, day, dpd, card, lender) is None
        and _rank(book_of(lender), quantity, day, dpd, card, lender) is not None
    }
    if lost:
        raise PackNeeded(found.pack.id, sorted(lost))


_DPDS = (0, 1, 30, 31, 90, 91, 180, 181, 270, 271, 360, 361, 1_000)
"""Days past due at which stage and class are asked for: about every limit that a class has."""


def _rank(book: Rulebook, quantity: str, day: object, dpd: int, card: bool, lender: Lender) -> object:  # noqa: FBT001, PLR0917 - of one use
    facts = {"on": day, "days_past_due": dpd, "card_account": card, "lender_type": lender.lender_type}
    return measure(book, quantity, facts).value


def _carry_out(tx: Tx, request: Approval, vault: Vault, actor: Actor, now: datetime) -> None:
    """Switch the pack for the lender: the gate reads it with its next question, the day run with its next run."""
    lender = lenders.lock(tx)
    asked = request.asked
    found = _found(tx, str(asked["pack"]))
    if asked["hash"] != found.pack.hash:
        raise PackMoved(found.pack.id)
    if asked["state"] == OFF:
        _may_go(tx, found)
    off = set(lender.packs_off)
    off = off | {found.pack.id} if asked["state"] == OFF else off - {found.pack.id}
    lenders.set_packs_off(tx, sorted(off))
    packs.add(
        tx,
        PackChange(
            pack_id=found.pack.id,
            pack_hash=bytes.fromhex(found.pack.hash),
            state=str(asked["state"]),
            approval_id=request.approval_id,
            asked_by=request.asked_by,
            decided_by=str(actor),
            at=now,
        ),
    )
    log.append(
        tx,
        vault=vault,
        kind="pack.switched",
        at=now,
        actor=str(actor),
        packs=[f"{found.pack.id}@{found.pack.hash}"],
        stated={
            "pack": found.pack.id,
            "hash": found.pack.hash,
            "state": str(asked["state"]),
            "request": request.approval_id,
            "off": sorted(off),
        },
    )


SWITCH = Kind(
    kind="law.pack",
    says=N_("let pack {pack} be {state} for this lender, in the version that is installed"),
    asks=frozenset({Role.COMPLIANCE}),
    decides=frozenset({Role.COMPLIANCE, Role.ADMIN}),
    carry_out=_carry_out,
    check=_check,
)
"""Four eyes over the packs that bind a lender."""
