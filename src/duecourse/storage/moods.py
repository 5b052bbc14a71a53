"""How people sounded over turns, of texts and of calls; and the calls that a person is to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from duecourse.storage.connection import Tx


@dataclass(frozen=True, slots=True)
class TurnMood:
    """One turn of whoever was called, as estimated."""

    turn: int
    start_ms: int
    mood: str
    mood_ppm: int
    mood_rule: str


@dataclass(frozen=True, slots=True)
class Heard:
    """One turn of a case, of a text or a call, as estimated."""

    at: datetime
    person_id: int
    channel: str
    mood: str
    mood_ppm: int
    mood_rule: str
    inbound_id: int | None
    recording_id: int | None
    turn: int | None


@dataclass(frozen=True, slots=True)
class Look:
    """A call that a person is to look at."""

    recording_id: int
    person_id: int
    case_id: int | None
    name_masked: str | None
    collector_id: str | None
    at: datetime
    mood_ppm: int
    asked_at: datetime


def add(tx: Tx, *, person_id: int, transcript_id: int, found: Sequence[TurnMood]) -> None:
    """Keep the estimates of a transcript."""
    tx.many(
        "INSERT INTO turn_mood (lender_id, person_id, transcript_id, turn, start_ms, mood, mood_ppm, mood_rule) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            (
                tx.lender_id, person_id, transcript_id, one.turn, one.start_ms, one.mood, one.mood_ppm, one.mood_rule,
            )
            for one in found
        ],
    )  # fmt: skip


def ask_to_look(tx: Tx, *, person_id: int, recording_id: int, now: datetime) -> None:
    """Let a person look at a call, once."""
    tx.execute(
        "INSERT INTO distress_look (lender_id, person_id, recording_id, asked_at) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT DO NOTHING",
        (tx.lender_id, person_id, recording_id, now),
    )


def looked(tx: Tx, *, person_id: int, recording_id: int, actor: str, now: datetime) -> bool:
    """Write who looked; False where nobody was asked, or somebody looked before."""
    done = tx.execute(
        "UPDATE distress_look SET seen_at = %s, seen_by = %s WHERE lender_id = %s AND person_id = %s "
        "AND recording_id = %s AND seen_at IS NULL",
        (now, actor, tx.lender_id, person_id, recording_id),
    )
    return done.rowcount == 1


def waits(tx: Tx, *, person_id: int, recording_id: int) -> bool:
    """Whether a call waits for a person to look at it."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT FROM distress_look WHERE lender_id = %s AND person_id = %s AND recording_id = %s "
            "AND seen_at IS NULL)",
            (tx.lender_id, person_id, recording_id),
        )
    )


def of_transcript(tx: Tx, transcript_id: int) -> dict[int, TurnMood]:
    """The estimates of a transcript, by turn."""
    found = tx.rows(
        TurnMood,
        "SELECT turn, start_ms, mood, mood_ppm, mood_rule FROM turn_mood WHERE lender_id = %s AND transcript_id = %s",
        (tx.lender_id, transcript_id),
    )
    return {one.turn: one for one in found}


def to_look_at(tx: Tx, *, collector: str | None = None, most: int = 20) -> list[Look]:
    """Calls that wait for a person, the earliest first; of one collector, with what has no collector."""
    return tx.rows(
        Look,
        "SELECT d.recording_id, d.person_id, c.case_id, p.name_masked, c.collector_id, r.at, "
        "(SELECT max(m.mood_ppm) FROM turn_mood m JOIN transcript t USING (lender_id, person_id, transcript_id) "
        "WHERE t.lender_id = d.lender_id AND t.recording_id = d.recording_id AND m.mood = 'distressed') AS mood_ppm, "
        "d.asked_at FROM distress_look d JOIN recording r USING (lender_id, person_id, recording_id) "
        "JOIN person p USING (lender_id, person_id) LEFT JOIN cases c ON c.lender_id = r.lender_id "
        "AND c.person_id = r.debtor_id AND c.closed_day IS NULL WHERE d.lender_id = %(lender)s AND d.seen_at IS NULL "
        "AND (%(collector)s::text IS NULL OR c.collector_id = %(collector)s OR c.collector_id IS NULL) "
        "ORDER BY d.asked_at, d.recording_id LIMIT %(most)s",
        {"lender": tx.lender_id, "collector": collector, "most": most},
    )


_OF_DEBTOR: LiteralString = """
SELECT i.at, i.person_id, i.channel::text AS channel, r.mood, r.mood_ppm, coalesce(r.mood_rule, '') AS mood_rule,
       i.inbound_id, NULL::bigint AS recording_id, NULL::int AS turn
FROM inbound i JOIN reading r USING (lender_id, inbound_id)
WHERE i.lender_id = %(lender)s AND i.debtor_id = %(debtor)s AND r.mood IS NOT NULL
UNION ALL
SELECT c.at + m.start_ms * interval '1 millisecond', m.person_id, k.channel::text, m.mood, m.mood_ppm, m.mood_rule,
       NULL, c.recording_id, m.turn
FROM recording c
JOIN LATERAL (SELECT t.transcript_id, t.person_id FROM transcript t WHERE t.lender_id = c.lender_id
    AND t.recording_id = c.recording_id ORDER BY t.transcript_id DESC LIMIT 1) w ON true
JOIN turn_mood m ON m.lender_id = c.lender_id AND m.person_id = w.person_id AND m.transcript_id = w.transcript_id
JOIN contact k ON k.lender_id = c.lender_id AND k.person_id = c.person_id AND k.contact_id = c.contact_id
WHERE c.lender_id = %(lender)s AND c.debtor_id = %(debtor)s
"""


def of_debtor(tx: Tx, debtor_id: int, *, most: int = 60) -> list[Heard]:
    """How everybody sounded in matters of a debtor, the latest turns, in the order in which they came."""
    return tx.rows(
        Heard,
        "SELECT * FROM (" + _OF_DEBTOR + " ORDER BY 1 DESC, 9 DESC LIMIT %(most)s) q ORDER BY at, turn",
        {"lender": tx.lender_id, "debtor": debtor_id, "most": most},
    )
