"""Keeping a file until its work is done: sealed in the data folder, under a key of its own that the ring wraps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from duecourse.book.store import Store
from duecourse.casework.actor import Actor
from duecourse.storage import jobs, uploads
from duecourse.storage.connection import Tx
from duecourse.storage.uploads import Upload
from duecourse.storage.vault import Vault
from duecourse.storage.vault.content import KEY_BYTES, open_content, seal_content
from duecourse.trouble import N_, BadInput

BYTES_MAX = 256_000_000
KEPT = timedelta(days=7)
"""For how long a file is kept that nobody came back for."""

_NAME_MAX = 120


class NoFile(BadInput):
    """Nothing was sent."""

    def __init__(self) -> None:
        super().__init__(N_("choose the files of the tape"))


def folder(store: Store) -> Path:
    """Where the sealed files of a book's lender lie."""
    return store.folder.parent.parent / "uploads" / store.folder.name


def keep_upload(
    tx: Tx,
    *,
    vault: Vault,
    store: Store,
    name: str,
    content: bytes,
    actor: Actor,
    now: datetime,
    chance: Callable[[int], bytes],
) -> int:
    """Keep a file and return its number. Where the transaction is undone, what was written is overwritten some time."""
    if not content:
        raise NoFile
    number, key = uploads.number(tx), chance(KEY_BYTES)
    wrapped = vault.seal_secret(tx.lender_id, owner(number), key)
    place = folder(store)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    (place / str(number)).write_bytes(seal_content(key, content, chance))
    uploads.add(
        tx,
        Upload(
            number, Path(name).name[-_NAME_MAX:] or "file", len(content), sha256(content).digest(), wrapped.key_id,
            wrapped.sealed, now, str(actor), None,
        ),
    )  # fmt: skip
    return number


def open_upload(tx: Tx, *, vault: Vault, store: Store, upload_id: int) -> tuple[str, bytes]:
    """Name and content of a kept file. Raises `uploads.NoSuchUpload`, `content.TamperedFile`."""
    found = uploads.get(tx, upload_id)
    try:
        sealed = (folder(store) / str(upload_id)).read_bytes()
    except FileNotFoundError:
        raise uploads.NoSuchUpload(upload_id) from None
    return found.name, open_content(vault.open_secret(tx.lender_id, owner(upload_id), found.key), sealed)


def drop_upload(tx: Tx, *, store: Store, upload_id: int, now: datetime) -> None:
    """Delete a file; its row stays and says so."""
    (folder(store) / str(upload_id)).unlink(missing_ok=True)
    uploads.gone(tx, upload_id, now=now)


def drop_late(tx: Tx, *, store: Store, now: datetime) -> int:
    """Delete files that nobody came back for; returns how many."""
    late = [one for one in uploads.kept(tx, before=now - KEPT) if not jobs.uses(tx, one.upload_id)]
    for one in late:
        drop_upload(tx, store=store, upload_id=one.upload_id, now=now)
    return len(late)


def owner(upload_id: int) -> str:
    """Under which name a file's key is sealed."""
    return f"upload:{upload_id}"
