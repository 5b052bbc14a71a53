"""Drafts of strategies, revision by revision, and what each would change on a published day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from psycopg.types.json import Jsonb

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput

TRIALS_KEPT = 10
"""Trials of one text that are kept; older ones go with the next."""


class NoSuchDraft(BadInput):
    """A number that no draft has."""

    def __init__(self, draft_id: int) -> None:
        super().__init__(N_("there is no draft {number} of a strategy"), number=draft_id)


class NoSuchTrial(BadInput):
    """A number that no trial has."""

    def __init__(self, trial_id: int) -> None:
        super().__init__(N_("there is no trial {number}, or it was let go for newer ones"), number=trial_id)


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft with its latest revision; open while ``closed_at`` is None. ``fault``: why it cannot run."""

    draft_id: int
    strategy_id: str
    based_on: int | None
    created_at: datetime
    created_by: str
    closed_at: datetime | None
    closed_as: str | None
    revision: int
    content: str = field(repr=False)
    content_hash: bytes = field(repr=False)
    fault: str | None
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a draft."""

    revision: int
    content: str = field(repr=False)
    content_hash: bytes = field(repr=False)
    fault: str | None
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Trial:
    """What a text would change on a published day, in sums."""

    trial_id: int
    content_hash: bytes = field(repr=False)
    day: date
    run_id: int
    sums: Mapping[str, Any]
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """A proposal that a trial would add, remove or change."""

    place: int
    person_id: int
    change: str
    treatment: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    case_id: int | None = None
    name_masked: str | None = None


_DRAFT = (
    "SELECT d.draft_id, d.strategy_id, d.based_on, d.created_at, d.created_by, d.closed_at, d.closed_as, r.revision, "
    "r.content, r.content_hash, r.fault, r.actor, r.at FROM strategy_draft d JOIN LATERAL (SELECT * FROM "
    "strategy_revision r WHERE r.lender_id = d.lender_id AND r.draft_id = d.draft_id ORDER BY r.revision DESC "
    "LIMIT 1) r ON true WHERE d.lender_id = %s "
)


def begin(tx: Tx, *, strategy_id: str, based_on: int | None, actor: str, now: datetime) -> int:
    """Begin a draft and return its number; it has no revision yet."""
    return int(
        str(
            tx.value(
                "INSERT INTO strategy_draft (lender_id, strategy_id, based_on, created_at, created_by) "
                "VALUES (%s, %s, %s, %s, %s) RETURNING draft_id",
                (tx.lender_id, strategy_id, based_on, now, actor),
            )
        )
    )


def revise(tx: Tx, draft_id: int, *, content: str, fault: str | None, actor: str, now: datetime) -> int:
    """Write the next revision of a draft and return its number. The draft must be held (`locked`)."""
    return int(
        str(
            tx.value(
                "INSERT INTO strategy_revision (lender_id, draft_id, revision, content, content_hash, fault, "
                "actor, at) "
                "SELECT %(lender)s::text, %(draft)s::bigint, coalesce(max(revision), 0) + 1, %(content)s, "
                "%(hash)s, %(fault)s, "
                "%(actor)s, %(now)s FROM strategy_revision WHERE lender_id = %(lender)s::text AND draft_id = "
                "%(draft)s::bigint RETURNING revision",
                {
                    "lender": tx.lender_id, "draft": draft_id, "content": content,
                    "hash": sha256(content.encode()).digest(), "fault": fault, "actor": actor, "now": now,
                },
            )
        )
    )  # fmt: skip


def get(tx: Tx, draft_id: int) -> Draft:
    """A draft with its latest revision; raises `NoSuchDraft`."""
    found = tx.row(Draft, _DRAFT + "AND d.draft_id = %s", (tx.lender_id, draft_id))
    if found is None:
        raise NoSuchDraft(draft_id)
    return found


def locked(tx: Tx, draft_id: int) -> Draft:
    """A draft, held until the transaction ends; raises `NoSuchDraft`."""
    tx.execute("SELECT FROM strategy_draft WHERE lender_id = %s AND draft_id = %s FOR UPDATE", (tx.lender_id, draft_id))
    return get(tx, draft_id)


def every(tx: Tx, *, before: int | None = None, most: int = 50) -> list[Draft]:
    """Drafts, the latest first, from the one before a number on."""
    return tx.rows(
        Draft,
        _DRAFT + "AND (%s::bigint IS NULL OR d.draft_id < %s) ORDER BY d.draft_id DESC LIMIT %s",
        (tx.lender_id, before, before, most),
    )


def revisions(tx: Tx, draft_id: int) -> list[Revision]:
    """All revisions of a draft, the latest first."""
    return tx.rows(
        Revision,
        "SELECT revision, content, content_hash, fault, actor, at FROM strategy_revision "
        "WHERE lender_id = %s AND draft_id = %s ORDER BY revision DESC",
        (tx.lender_id, draft_id),
    )


def content_of(tx: Tx, content_hash: bytes) -> str | None:
    """The text of a revision by its hash, of whichever draft; None where none has it."""
    found = tx.value(
        "SELECT content FROM strategy_revision WHERE lender_id = %s AND content_hash = %s LIMIT 1",
        (tx.lender_id, content_hash),
    )
    return None if found is None else str(found)


def close(tx: Tx, draft_id: int, *, as_: str, actor: str, now: datetime) -> None:
    """Close an open draft: it was activated, or is given up."""
    tx.execute(
        "UPDATE strategy_draft SET closed_at = %s, closed_by = %s, closed_as = %s "
        "WHERE lender_id = %s AND draft_id = %s AND closed_at IS NULL",
        (now, actor, as_, tx.lender_id, draft_id),
    )


def keep_trial(
    tx: Tx,
    *,
    content_hash: bytes,
    day: date,
    run_id: int,
    sums: Mapping[str, Any],
    changes: Sequence[tuple[int, str, str, Mapping[str, Any] | None, Mapping[str, Any] | None]],
    actor: str,
    now: datetime,
) -> int:
    """Keep what a trial found, its changes in order; returns its number. The oldest of the text's trials go."""
    tx.execute(
        "DELETE FROM strategy_trial WHERE lender_id = %s AND trial_id IN (SELECT trial_id FROM strategy_trial "
        "WHERE lender_id = %s AND content_hash = %s ORDER BY trial_id DESC OFFSET %s)",
        (tx.lender_id, tx.lender_id, content_hash, TRIALS_KEPT - 1),
    )
    trial_id = int(
        str(
            tx.value(
                "INSERT INTO strategy_trial (lender_id, content_hash, day, run_id, sums, actor, at) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING trial_id",
                (tx.lender_id, content_hash, day, run_id, Jsonb(dict(sums)), actor, now),
            )
        )
    )
    if changes:
        tx.many(
            "INSERT INTO strategy_change (lender_id, trial_id, place, person_id, change, treatment, before, after) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    tx.lender_id, trial_id, place, person, change, treatment, before and Jsonb(dict(before)),
                    after and Jsonb(dict(after)),
                )
                for place, (person, change, treatment, before, after) in enumerate(changes, 1)
            ],
        )  # fmt: skip
    return trial_id


def trials(tx: Tx, content_hash: bytes) -> list[Trial]:
    """The trials of a text, the latest first."""
    return tx.rows(
        Trial,
        "SELECT trial_id, content_hash, day, run_id, sums, actor, at FROM strategy_trial "
        "WHERE lender_id = %s AND content_hash = %s ORDER BY trial_id DESC",
        (tx.lender_id, content_hash),
    )


def trial(tx: Tx, trial_id: int) -> Trial:
    """One trial; raises `NoSuchTrial`."""
    found = tx.row(
        Trial,
        "SELECT trial_id, content_hash, day, run_id, sums, actor, at FROM strategy_trial "
        "WHERE lender_id = %s AND trial_id = %s",
        (tx.lender_id, trial_id),
    )
    if found is None:
        raise NoSuchTrial(trial_id)
    return found


def changes(
    tx: Tx, trial_id: int, *, change: str | None = None, treatment: str | None = None, after: int = 0, most: int = 50
) -> list[Change]:
    """The changes of a trial in order, from the one after a place on; with the borrower's case and masked name."""
    return tx.rows(
        Change,
        "SELECT c.place, c.person_id, c.change, c.treatment, c.before, c.after, p.name_masked, (SELECT max(case_id) "
        "FROM cases k WHERE k.lender_id = c.lender_id AND k.person_id = c.person_id) AS case_id FROM strategy_change c "
        "JOIN person p USING (lender_id, person_id) WHERE c.lender_id = %(lender)s AND c.trial_id = %(trial)s "
        "AND c.place > %(after)s AND c.change = coalesce(%(change)s, c.change) "
        "AND c.treatment = coalesce(%(treatment)s, c.treatment) ORDER BY c.place LIMIT %(most)s",
        {
            "lender": tx.lender_id, "trial": trial_id, "after": after, "change": change, "treatment": treatment,
            "most": most,
        },
    )  # fmt: skip
