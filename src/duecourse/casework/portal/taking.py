"""A record of one's own to take away, with what opens its facts.

Staff's free text stays closed, as in the bundle for a borrower (`casework.dossier.CLEAR`): it may speak of others.
"""

from __future__ import annotations

from datetime import datetime

from duecourse.casework.actor import Actor
from duecourse.casework.disclosure import key_of, openings
from duecourse.casework.dossier import FREE_TEXT
from duecourse.evidence.record import Opening
from duecourse.storage import log
from duecourse.storage.connection import Tx
from duecourse.storage.log import Entry
from duecourse.storage.vault import Vault


def take_record(tx: Tx, *, vault: Vault, person_id: int, entry: Entry, actor: Actor, now: datetime) -> list[Opening]:
    """What opens the facts of a record that is about somebody, for himself; that he took it is on record."""
    key = key_of(tx, vault, person_id)
    opened = [one for one in openings(tx, entry, key) if one.field not in FREE_TEXT] if key else []
    log.append(
        tx, vault=vault, kind="evidence.taken", at=now, actor=str(actor), subject=key,
        stated={"entry": str(entry.entry_id), "facts": len(opened)},
    )  # fmt: skip
    return opened
