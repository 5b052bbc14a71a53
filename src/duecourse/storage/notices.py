"""Notices as issued: listed masked, opened by `casework.notices` alone, found by the keyed hash of their code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput


class NoSuchNotice(BadInput):
    """A number that no notice of this lender has."""

    def __init__(self, notice_id: int) -> None:
        super().__init__(N_("there is no notice {number}"), number=notice_id)


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice, masked. ``ended_as`` is ``withdrawn`` or ``superseded`` (by ``replaced_by``), None while it stands."""

    notice_id: int
    person_id: int
    debtor_id: int
    case_id: int
    loan_keys: Sequence[int]
    template_id: str
    template_version: int
    template_hash: bytes = field(repr=False)
    document: str | None
    lang: str
    sender: str
    shown: Mapping[str, Any]
    content_hash: bytes = field(repr=False)
    entry_id: int
    actor: str
    at: datetime
    ended_at: datetime | None
    ended_by: str | None
    ended_as: str | None
    replaced_by: int | None


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is sealed of a notice."""

    key_sealed: bytes = field(repr=False)
    content_sealed: bytes = field(repr=False)


_NOTICE: LiteralString = (
    "SELECT notice_id, person_id, debtor_id, case_id, loan_keys, template_id, template_version, template_hash, "
    "document, lang, sender, shown, content_hash, entry_id, actor, at, ended_at, ended_by, ended_as, replaced_by "
    "FROM notice WHERE lender_id = %s "
)


def next_id(tx: Tx) -> int:
    """The number that the next notice bears."""
    return int(str(tx.value("SELECT nextval('notice_notice_id_seq')")))


def add(
    tx: Tx,
    *,
    notice_id: int,
    person_id: int,
    debtor_id: int,
    case_id: int,
    loan_keys: Sequence[int],
    template: tuple[str, int, bytes],
    document: str | None,
    lang: str,
    sender: str,
    shown: Mapping[str, Any],
    code_index: bytes,
    content_hash: bytes,
    sealed: Sealed,
    entry_id: int,
    actor: str,
    now: datetime,
) -> None:
    """Keep a notice. ``template``: id, version, hash."""
    tx.execute(
        "INSERT INTO notice (lender_id, notice_id, person_id, debtor_id, case_id, loan_keys, template_id, "
        "template_version, template_hash, document, lang, sender, shown, code_index, content_hash, key_sealed, "
        "content_sealed, entry_id, actor, at) OVERRIDING SYSTEM VALUE "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            tx.lender_id, notice_id, person_id, debtor_id, case_id, list(loan_keys), *template, document, lang, sender,
            Jsonb(dict(shown)), code_index, content_hash, sealed.key_sealed, sealed.content_sealed, entry_id,
            actor, now,
        ),
    )  # fmt: skip


def get(tx: Tx, notice_id: int) -> Notice:
    """One notice; raises `NoSuchNotice`."""
    found = tx.row(Notice, _NOTICE + "AND notice_id = %s", (tx.lender_id, notice_id))
    if found is None:
        raise NoSuchNotice(notice_id)
    return found


def by_code(tx: Tx, code_index: bytes) -> Notice | None:
    """The notice of a code, by its keyed hash."""
    return tx.row(Notice, _NOTICE + "AND code_index = %s", (tx.lender_id, code_index))


def of_case(tx: Tx, debtor_id: int, case_id: int, most: int = 200) -> list[Notice]:
    """The notices of a case, the latest first."""
    return tx.rows(
        Notice, _NOTICE + "AND debtor_id = %s AND case_id = %s ORDER BY notice_id DESC LIMIT %s",
        (tx.lender_id, debtor_id, case_id, most),
    )  # fmt: skip


def of_person(tx: Tx, person_id: int, most: int = 200) -> list[Notice]:
    """The notices to a person, the latest first."""
    return tx.rows(
        Notice, _NOTICE + "AND person_id = %s ORDER BY notice_id DESC LIMIT %s", (tx.lender_id, person_id, most)
    )


def any_certificate(tx: Tx) -> bool:
    """Whether a certificate of full payment stands, or words that a loan ended."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT FROM notice WHERE lender_id = %s AND ended_at IS NULL "
            "AND document IN ('paid_in_full', 'credit_repair'))",
            (tx.lender_id,),
        )
    )


def certificates(tx: Tx, loan_keys: Sequence[int]) -> list[Notice]:
    """The certificates of full payment about any of these loans, and the words that they ended, that stand."""
    return tx.rows(
        Notice,
        _NOTICE + "AND ended_at IS NULL AND document IN ('paid_in_full', 'credit_repair') "
        "AND loan_keys && %s::bigint[] ORDER BY notice_id",
        (tx.lender_id, list(loan_keys)),
    )


def sealed(tx: Tx, person_id: int, notice_id: int) -> Sealed:
    """What is sealed of a notice; raises `NoSuchNotice`."""
    found = tx.row(
        Sealed,
        "SELECT key_sealed, content_sealed FROM notice WHERE lender_id = %s AND person_id = %s AND notice_id = %s",
        (tx.lender_id, person_id, notice_id),
    )
    if found is None:
        raise NoSuchNotice(notice_id)
    return found


def end(tx: Tx, notice: Notice, *, as_: str, by: str, now: datetime, replaced_by: int | None = None) -> bool:
    """End a notice that stands; false where it was ended before."""
    return bool(
        tx.execute(
            "UPDATE notice SET ended_at = %s, ended_by = %s, ended_as = %s, replaced_by = %s "
            "WHERE lender_id = %s AND person_id = %s AND notice_id = %s AND ended_at IS NULL",
            (now, by, as_, replaced_by, tx.lender_id, notice.person_id, notice.notice_id),
        ).rowcount
    )


def went(tx: Tx, person_id: int, notice_id: int) -> tuple[datetime | None, datetime | None]:
    """When a receipt said that a notice arrived, and when it was handed to the post and did not come back."""
    row = tx.execute(
        "SELECT min(c.settled_at) FILTER (WHERE c.outcome = 'delivered'), "
        "min(m.ended_at) FILTER (WHERE m.state = 'sent' AND l.letter_id IS NOT NULL AND l.returned_at IS NULL) "
        "FROM message m LEFT JOIN contact c ON c.lender_id = m.lender_id AND c.person_id = m.person_id "
        "AND c.contact_id = m.permit_id "
        "LEFT JOIN letter l ON l.lender_id = m.lender_id AND l.message_id = m.message_id "
        "WHERE m.lender_id = %s AND m.person_id = %s AND m.notice_id = %s",
        (tx.lender_id, person_id, notice_id),
    ).fetchone()
    return (None, None) if row is None else (row[0], row[1])


def count_miss(tx: Tx, address: bytes, *, now: datetime) -> None:
    """Count a code that no notice has; what is older than a day is forgotten."""
    tx.execute(
        "INSERT INTO notice_miss (lender_id, address, minute, misses) VALUES (%s, %s, date_trunc('minute', "
        "%s::timestamptz), 1) ON CONFLICT (lender_id, address, minute) DO UPDATE SET misses = notice_miss.misses + 1",
        (tx.lender_id, address, now),
    )
    tx.execute(
        "DELETE FROM notice_miss WHERE lender_id = %s AND minute < %s::timestamptz - interval '1 day'",
        (tx.lender_id, now),
    )


def misses(tx: Tx, address: bytes, *, since: datetime) -> tuple[int, int]:
    """How many codes were asked about that no notice has: by an address, and by all, since an instant."""
    found = tx.execute(
        "SELECT coalesce(sum(misses) FILTER (WHERE address = %s), 0)::bigint, coalesce(sum(misses), 0)::bigint "
        "FROM notice_miss WHERE lender_id = %s AND minute >= %s",
        (address, tx.lender_id, since),
    ).fetchone()
    return (int(found[0]), int(found[1])) if found else (0, 0)
