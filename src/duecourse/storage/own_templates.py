"""Templates of a lender's own: drafts as they were sent, and from when which was approved or withdrawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import LiteralString

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput


class NoSuchOwnTemplate(BadInput):
    """A draft that was never kept."""

    def __init__(self, draft_id: int) -> None:
        super().__init__(N_("this lender has no draft {number} of a template"), number=draft_id)


@dataclass(frozen=True, slots=True)
class OwnTemplate:
    """A draft, with what was last said of it: ``approved`` or ``withdrawn`` from a day on, None: nothing yet."""

    draft_id: int
    template_id: str
    version: int
    content: str = field(repr=False)
    content_hash: bytes = field(repr=False)
    actor: str
    at: datetime
    state: str | None
    from_day: date | None
    asked_by: str | None
    decided_by: str | None

    @property
    def hash(self) -> str:
        """SHA-256 of the text as it was sent."""
        return bytes(self.content_hash).hex()


_DRAFT: LiteralString = (
    "SELECT d.draft_id, d.template_id, d.version, d.content, d.content_hash, d.actor, d.at, u.state, u.from_day, "
    "u.asked_by, u.decided_by FROM own_template d LEFT JOIN LATERAL (SELECT state, from_day, asked_by, decided_by "
    "FROM own_template_use u WHERE u.lender_id = d.lender_id AND u.draft_id = d.draft_id ORDER BY use_id DESC LIMIT 1) "
    "u ON true WHERE d.lender_id = %s "
)


def add(tx: Tx, *, template_id: str, version: int, content: str, actor: str, now: datetime) -> int:
    """Keep a draft and return its number; the same text again is the draft that it already is."""
    known = tx.value(
        "SELECT draft_id FROM own_template WHERE lender_id = %s AND content_hash = sha256(convert_to(%s, 'UTF8'))",
        (tx.lender_id, content),
    )
    if known is not None:
        return int(str(known))
    return int(
        str(
            tx.value(
                "INSERT INTO own_template (lender_id, template_id, version, content, content_hash, actor, at) "
                "VALUES (%s, %s, %s, %s, sha256(convert_to(%s, 'UTF8')), %s, %s) RETURNING draft_id",
                (tx.lender_id, template_id, version, content, content, actor, now),
            )
        )
    )


def get(tx: Tx, draft_id: int) -> OwnTemplate:
    """One draft; raises `NoSuchOwnTemplate`."""
    found = tx.row(OwnTemplate, _DRAFT + "AND d.draft_id = %s", (tx.lender_id, draft_id))
    if found is None:
        raise NoSuchOwnTemplate(draft_id)
    return found


def by_hash(tx: Tx, content_hash: bytes) -> OwnTemplate | None:
    """The draft of a content, or None."""
    return tx.row(OwnTemplate, _DRAFT + "AND d.content_hash = %s", (tx.lender_id, content_hash))


def of_template(tx: Tx, template_id: str) -> list[OwnTemplate]:
    """Every draft of a template, the highest version first."""
    return tx.rows(
        OwnTemplate, _DRAFT + "AND d.template_id = %s ORDER BY d.version DESC, d.draft_id DESC",
        (tx.lender_id, template_id),
    )  # fmt: skip


def every(tx: Tx, most: int = 500) -> list[OwnTemplate]:
    """Every draft, by template, the highest version first."""
    return tx.rows(
        OwnTemplate, _DRAFT + "ORDER BY d.template_id, d.version DESC, d.draft_id DESC LIMIT %s", (tx.lender_id, most)
    )


def highest(tx: Tx, template_id: str) -> int:
    """The highest version of a template that was ever approved, 0 where none was."""
    return int(
        str(
            tx.value(
                "SELECT coalesce(max(d.version), 0) FROM own_template d JOIN own_template_use u "
                "USING (lender_id, draft_id) WHERE d.lender_id = %s AND d.template_id = %s AND u.state = 'approved'",
                (tx.lender_id, template_id),
            )
        )
    )


def was_approved(tx: Tx, draft_id: int) -> bool:
    """Whether two people ever approved a draft."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT FROM own_template_use WHERE lender_id = %s AND draft_id = %s "
            "AND state = 'approved')",
            (tx.lender_id, draft_id),
        )
    )


def use(
    tx: Tx,
    *,
    draft_id: int,
    state: str,
    from_day: date,
    approval_id: int | None,
    asked_by: str,
    decided_by: str,
    reason: str,
    now: datetime,
) -> None:
    """Say of a draft that it is approved, or withdrawn, from a day on."""
    tx.execute(
        "INSERT INTO own_template_use (lender_id, draft_id, state, from_day, approval_id, asked_by, decided_by, "
        "reason, at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (tx.lender_id, draft_id, state, from_day, approval_id, asked_by, decided_by, reason, now),
    )
