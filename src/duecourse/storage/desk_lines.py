"""At which telephone somebody of the house is rung."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from duecourse.storage.connection import Tx


@dataclass(frozen=True, slots=True)
class DeskLine:
    """A user's telephone: an extension at the provider, or a SIP address."""

    user_id: str
    address: str = field(repr=False)


def put(tx: Tx, user_id: str, address: str, *, by: str, now: datetime) -> None:
    """Keep a user's address; empty: none."""
    if not address:
        tx.execute("DELETE FROM desk_line WHERE lender_id = %s AND user_id = %s", (tx.lender_id, user_id))
        return
    tx.execute(
        "INSERT INTO desk_line (lender_id, user_id, address, set_at, set_by) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (lender_id, user_id) DO UPDATE SET address = excluded.address, set_at = excluded.set_at, "
        "set_by = excluded.set_by",
        (tx.lender_id, user_id, address, now, by),
    )


def of_user(tx: Tx, user_id: str) -> str:
    """The user's address; empty where there is none."""
    found = tx.value("SELECT address FROM desk_line WHERE lender_id = %s AND user_id = %s", (tx.lender_id, user_id))
    return "" if found is None else str(found)


def present(tx: Tx, day: date, *, first: str, most: int = 20) -> list[DeskLine]:
    """Telephones of those who work cases and are not absent on a day: one's first, then those of the same team."""
    return tx.rows(
        DeskLine,
        "SELECT d.user_id, d.address FROM desk_line d JOIN app_user u ON u.lender_id = d.lender_id "
        "AND u.user_id = d.user_id LEFT JOIN app_user o ON o.lender_id = d.lender_id AND o.user_id = %(first)s "
        "WHERE d.lender_id = %(lender)s AND u.disabled_at IS NULL AND EXISTS (SELECT FROM user_role r "
        "WHERE r.lender_id = u.lender_id AND r.user_home = u.lender_id AND r.user_id = u.user_id "
        "AND r.ended_at IS NULL AND r.role IN ('collector', 'supervisor')) AND NOT EXISTS (SELECT FROM absence a "
        "WHERE a.lender_id = d.lender_id AND a.collector_id = d.user_id AND a.from_day <= %(day)s "
        "AND a.to_day > %(day)s) AND (o.user_id IS NULL OR u.user_id = o.user_id OR u.team = o.team) "
        "ORDER BY (d.user_id = %(first)s) DESC, d.user_id LIMIT %(most)s",
        {"lender": tx.lender_id, "first": first, "day": day, "most": most},
    )
