"""Entering a lender, with the record of it."""

from __future__ import annotations

from datetime import datetime

from duecourse.casework.actor import Actor
from duecourse.storage import lenders, log
from duecourse.storage.connection import Tx
from duecourse.storage.lenders import Lender
from duecourse.storage.vault import Vault


def enter_lender(tx: Tx, lender: Lender, *, vault: Vault, actor: Actor, now: datetime) -> None:
    """Enter a lender; the transaction must be bound to its code. Raises `LenderExists`."""
    lenders.add(tx, lender, now=now)
    log.append(
        tx,
        vault=vault,
        kind="lender.entered",
        at=now,
        actor=str(actor),
        stated={
            "lender": lender.lender_id,
            "type": lender.lender_type,
            "jurisdiction": lender.jurisdiction,
            "zone": lender.zone,
            "currency": lender.currency,
            "demo": lender.demo,
        },
    )
