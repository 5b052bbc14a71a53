"""Moving every secret of a lender to the newest key of the ring, as an act that leaves a record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from duecourse.casework.actor import Actor
from duecourse.storage import log, rotation
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault


def rotate_keys(
    database: Database,
    lender_id: str,
    *,
    vault: Vault,
    actor: Actor,
    clock: Callable[[], datetime],
    told: Callable[[int], None] | None = None,
) -> int:
    """Rewrap what an older key wraps and return how many secrets that was; what is committed stays good anyhow."""
    moved = rotation.rotate(database, lender_id, vault, told=told)
    with database.transaction(lender_id) as tx:
        log.append(
            tx, vault=vault, kind="keys.rotated", at=clock(), actor=str(actor),
            stated={"newest": vault.ring.newest, "secrets": moved},
        )  # fmt: skip
    return moved
