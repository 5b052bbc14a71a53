"""In which language people want to be spoken to."""

from __future__ import annotations

from datetime import datetime

from duecourse.storage.connection import Tx


def put(tx: Tx, person_id: int, language: str, *, actor: str, now: datetime) -> None:
    """Note a person's language, in place of the one noted before."""
    tx.execute(
        "INSERT INTO person_language (lender_id, person_id, language, actor, at) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (lender_id, person_id) DO UPDATE SET language = excluded.language, actor = excluded.actor, "
        "at = excluded.at",
        (tx.lender_id, person_id, language, actor, now),
    )


def of(tx: Tx, person_id: int) -> str | None:
    """A person's language, None where nobody noted it."""
    found = tx.value(
        "SELECT language FROM person_language WHERE lender_id = %s AND person_id = %s", (tx.lender_id, person_id)
    )
    return None if found is None else str(found)
