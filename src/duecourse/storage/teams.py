"""Teams and who leads them; that a team has members is said by the members themselves (`collectors`, `users`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from duecourse.storage.connection import Tx


@dataclass(frozen=True, slots=True)
class Team:
    """A team and the user who leads it, None where nobody does."""

    team_id: str
    led_by: str | None


def every(tx: Tx) -> list[Team]:
    """All teams that anybody belongs to or leads, by name."""
    return tx.rows(
        Team,
        "SELECT n.team_id, t.led_by FROM (SELECT team AS team_id FROM collector WHERE lender_id = %s "
        "UNION SELECT team FROM app_user WHERE lender_id = %s AND team IS NOT NULL "
        "UNION SELECT team_id FROM team WHERE lender_id = %s) AS n "
        "LEFT JOIN team t ON t.lender_id = %s AND t.team_id = n.team_id ORDER BY n.team_id",
        (tx.lender_id, tx.lender_id, tx.lender_id, tx.lender_id),
    )


def set_leader(tx: Tx, team_id: str, led_by: str | None, *, by: str, now: datetime) -> None:
    """Say who leads a team; None: nobody."""
    tx.execute(
        "INSERT INTO team (lender_id, team_id, led_by, created_at, created_by) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (lender_id, team_id) DO UPDATE SET led_by = excluded.led_by",
        (tx.lender_id, team_id, led_by, now, by),
    )
