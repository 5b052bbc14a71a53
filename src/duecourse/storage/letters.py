"""Letters in batches: which notice goes in which batch, what became of it, what came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg.types.json import Jsonb

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput


class NoSuchBatch(BadInput):
    """A number that no batch has."""

    def __init__(self, batch_id: int) -> None:
        super().__init__(
            N_("there is no batch of letters {number}; `duecourse letter list` shows them"), number=batch_id
        )


@dataclass(frozen=True, slots=True)
class Batch:
    """A row of ``letter_batch``, with how many of its letters go, were left out, and came back."""

    batch_id: int
    state: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    ended_by: str | None
    file_hash: bytes | None
    pages: int | None
    letters: int
    left_out: int
    returned: int


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter with its notice and the state of the message that it became."""

    letter_id: int
    person_id: int
    batch_id: int
    notice_id: int
    message_id: int | None
    left_out: Mapping[str, str] | None
    returned_at: datetime | None
    returned_by: str | None
    returned_as: str | None
    case_id: int
    template_id: str
    lang: str
    state: str | None


_BATCH: LiteralString = (
    "SELECT b.batch_id, b.state, b.made_at, b.made_by, b.ended_at, b.ended_by, b.file_hash, b.pages, n.letters, "
    "n.left_out, n.returned FROM letter_batch b, LATERAL (SELECT count(*) AS letters, count(*) FILTER (WHERE "
    "l.left_out IS NOT NULL) AS left_out, count(*) FILTER (WHERE l.returned_at IS NOT NULL) AS returned FROM letter l "
    "WHERE l.lender_id = b.lender_id AND l.batch_id = b.batch_id) n WHERE b.lender_id = %s "
)
_LETTER: LiteralString = (
    "SELECT l.letter_id, l.person_id, l.batch_id, l.notice_id, l.message_id, l.left_out, l.returned_at, l.returned_by, "
    "l.returned_as, n.case_id, n.template_id, n.lang, m.state FROM letter l JOIN notice n ON n.lender_id = l.lender_id "
    "AND n.person_id = l.person_id AND n.notice_id = l.notice_id LEFT JOIN message m ON m.lender_id = l.lender_id AND "
    "m.message_id = l.message_id WHERE l.lender_id = %s "
)


def begin(tx: Tx, *, by: str, now: datetime) -> int:
    """Begin a batch; its number."""
    return int(
        str(
            tx.value(
                "INSERT INTO letter_batch (lender_id, made_at, made_by) VALUES (%s, %s, %s) RETURNING batch_id",
                (tx.lender_id, now, by),
            )
        )
    )


def add(tx: Tx, batch_id: int, rows: Sequence[tuple[int, int]]) -> int:
    """Put notices (person, notice) into a batch; those that another batch has stay there. How many came in."""
    found = tx.execute(
        "INSERT INTO letter (lender_id, person_id, batch_id, notice_id) SELECT %s, r.person_id, %s, r.notice_id "
        "FROM unnest(%s::bigint[], %s::bigint[]) AS r (person_id, notice_id) "
        "ON CONFLICT (lender_id, notice_id) WHERE left_out IS NULL DO NOTHING",
        (tx.lender_id, batch_id, [one[0] for one in rows], [one[1] for one in rows]),
    )
    return found.rowcount


def get(tx: Tx, batch_id: int, *, held: bool = False) -> Batch:
    """One batch, its row held where that is asked; raises `NoSuchBatch`."""
    if held:
        tx.execute(
            "SELECT FROM letter_batch WHERE lender_id = %s AND batch_id = %s FOR UPDATE", (tx.lender_id, batch_id)
        )
    found = tx.row(Batch, _BATCH + "AND b.batch_id = %s", (tx.lender_id, batch_id))
    if found is None:
        raise NoSuchBatch(batch_id)
    return found


def batches(tx: Tx, *, before: int | None = None, most: int = 50) -> list[Batch]:
    """Batches, the latest first."""
    return tx.rows(
        Batch,
        _BATCH + "AND b.batch_id < coalesce(%s, 9223372036854775807) ORDER BY b.batch_id DESC LIMIT %s",
        (tx.lender_id, before, most),
    )


def of_batch(tx: Tx, batch_id: int) -> list[Letter]:
    """The letters of a batch, in their order."""
    return tx.rows(Letter, _LETTER + "AND l.batch_id = %s ORDER BY l.letter_id", (tx.lender_id, batch_id))


def of_message(tx: Tx, message_id: int) -> Letter | None:
    """The letter that became a message."""
    return tx.row(Letter, _LETTER + "AND l.message_id = %s", (tx.lender_id, message_id))


def end(
    tx: Tx,
    batch_id: int,
    *,
    state: str,
    by: str,
    now: datetime,
    file_hash: bytes | None = None,
    pages: int | None = None,
) -> None:
    """End a batch: it was handed over, or is not."""
    tx.execute(
        "UPDATE letter_batch SET state = %s, ended_at = %s, ended_by = %s, file_hash = %s, pages = %s "
        "WHERE lender_id = %s AND batch_id = %s",
        (state, now, by, file_hash, pages, tx.lender_id, batch_id),
    )


def leave_out(tx: Tx, letter_id: int, why: Mapping[str, str]) -> None:
    """Write why a letter does not go."""
    tx.execute(
        "UPDATE letter SET left_out = %s, message_id = NULL WHERE lender_id = %s AND letter_id = %s",
        (Jsonb(dict(why)), tx.lender_id, letter_id),
    )


def becomes(tx: Tx, letter_id: int, message_id: int) -> None:
    """Write which message a letter became."""
    tx.execute(
        "UPDATE letter SET message_id = %s WHERE lender_id = %s AND letter_id = %s",
        (message_id, tx.lender_id, letter_id),
    )


def came_back(tx: Tx, letter_id: int, *, as_: str, by: str, now: datetime) -> bool:
    """Write that a letter came back; False where that was written before."""
    found = tx.execute(
        "UPDATE letter SET returned_at = %s, returned_by = %s, returned_as = %s WHERE lender_id = %s "
        "AND letter_id = %s AND returned_at IS NULL",
        (now, by, as_, tx.lender_id, letter_id),
    )
    return found.rowcount == 1


def unsent_notices(tx: Tx, templates: Sequence[str], *, most: int) -> list[tuple[int, int]]:
    """Notices (person, notice) of some templates that stand and go in no batch yet, the earliest first."""
    found = tx.execute(
        "SELECT n.person_id, n.notice_id FROM notice n WHERE n.lender_id = %(lender)s AND n.ended_at IS NULL "
        "AND n.template_id = ANY (%(templates)s) AND NOT EXISTS (SELECT FROM letter l WHERE l.lender_id = "
        "%(lender)s AND l.notice_id = n.notice_id) AND NOT EXISTS (SELECT FROM message m WHERE m.lender_id = "
        "%(lender)s AND m.person_id = n.person_id AND m.notice_id = n.notice_id) ORDER BY n.notice_id LIMIT %(most)s",
        {"lender": tx.lender_id, "templates": list(templates), "most": most},
    )
    return [(int(person), int(notice)) for person, notice in found]
