"""Reports that came back of e-mails."""

from __future__ import annotations

from datetime import datetime

from duecourse.storage.connection import Tx


def add(
    tx: Tx, *, report_hash: bytes, person_id: int, message_id: int, kind: str, status: str | None, now: datetime
) -> bool:
    """Keep that a report was read; false where it was before."""
    return bool(
        tx.execute(
            "INSERT INTO email_report (lender_id, report_hash, person_id, message_id, kind, status, at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (lender_id, report_hash) DO NOTHING",
            (tx.lender_id, report_hash, person_id, message_id, kind, status, now),
        ).rowcount
    )
