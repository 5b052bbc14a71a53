"""Policy packs of a lender's own: every version with its files as they were sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from psycopg.types.json import Jsonb

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput


class NoSuchOwnPack(BadInput):
    """A version that was never kept."""

    def __init__(self, pack_id: str, version: int) -> None:
        super().__init__(N_("this lender has no version {version} of a pack {pack}"), pack=pack_id, version=version)


@dataclass(frozen=True, slots=True)
class OwnPack:
    """A version of a pack. ``files`` are texts by their place below the folder of packs."""

    pack_id: str
    version: int
    content_hash: bytes = field(repr=False)
    files: Mapping[str, str] = field(repr=False)
    rules: int
    actor: str
    at: datetime

    @property
    def hash(self) -> str:
        """The hash of the content, as packs have it."""
        return bytes(self.content_hash).hex()


_PACK = "SELECT pack_id, version, content_hash, files, rules, actor, at FROM own_pack WHERE lender_id = %s "


def add(
    tx: Tx, *, pack_id: str, content_hash: bytes, files: Mapping[str, str], rules: int, actor: str, now: datetime
) -> OwnPack:
    """Keep a version; the same content again is the version that it already has."""
    known = by_hash(tx, content_hash)
    if known is not None:
        return known
    tx.execute(
        "INSERT INTO own_pack (lender_id, pack_id, version, content_hash, files, rules, actor, at) SELECT "
        "%(lender)s::text, %(pack)s::text, coalesce(max(version), 0) + 1, %(hash)s, %(files)s, %(rules)s, %(actor)s, "
        "%(now)s FROM own_pack WHERE lender_id = %(lender)s::text AND pack_id = %(pack)s::text",
        {
            "lender": tx.lender_id, "pack": pack_id, "hash": content_hash, "files": Jsonb(dict(files)), "rules": rules,
            "actor": actor, "now": now,
        },
    )  # fmt: skip
    kept = by_hash(tx, content_hash)
    if kept is None:
        raise NoSuchOwnPack(pack_id, 0)
    return kept


def by_hash(tx: Tx, content_hash: bytes) -> OwnPack | None:
    """The version of a content, or None."""
    return tx.row(OwnPack, _PACK + "AND content_hash = %s", (tx.lender_id, content_hash))


def get(tx: Tx, pack_id: str, version: int) -> OwnPack:
    """One version; raises `NoSuchOwnPack`."""
    found = tx.row(OwnPack, _PACK + "AND pack_id = %s AND version = %s", (tx.lender_id, pack_id, version))
    if found is None:
        raise NoSuchOwnPack(pack_id, version)
    return found


def hashes(tx: Tx) -> list[bytes]:
    """The hashes of the content of all versions, the latest first."""
    found = tx.execute(
        "SELECT content_hash FROM own_pack WHERE lender_id = %s ORDER BY at DESC, pack_id, version DESC",
        (tx.lender_id,),
    ).fetchall()
    return [bytes(row[0]) for row in found]


def every(tx: Tx, most: int = 100) -> list[OwnPack]:
    """All versions, the latest first."""
    return tx.rows(OwnPack, _PACK + "ORDER BY at DESC, pack_id, version DESC LIMIT %s", (tx.lender_id, most))
