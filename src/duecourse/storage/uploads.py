"""Files that wait for their work: the row here, the sealed content in the data folder (`casework.upload`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from duecourse.storage.connection import Tx
from duecourse.storage.vault import Wrapped
from duecourse.trouble import N_, BadInput


class NoSuchUpload(BadInput):
    """A file that was never sent, or is deleted."""

    def __init__(self, upload_id: int) -> None:
        super().__init__(N_("the file {number} is no longer kept: send it again"), number=upload_id)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent, by name, size and hash."""

    upload_id: int
    name: str
    size: int
    sha256: bytes = field(repr=False)
    key_id: str
    key_sealed: bytes = field(repr=False)
    at: datetime
    actor: str
    gone_at: datetime | None

    @property
    def key(self) -> Wrapped:
        """The key of the file, wrapped."""
        return Wrapped(self.key_id, bytes(self.key_sealed))


_UPLOAD = "SELECT upload_id, name, bytes AS size, sha256, key_id, key_sealed, at, actor, gone_at FROM upload "


def number(tx: Tx) -> int:
    """The number of the next upload."""
    return int(str(tx.value("SELECT nextval(pg_get_serial_sequence('upload', 'upload_id'))")))


def add(tx: Tx, one: Upload) -> None:
    """Keep a file's row under the number that `number` gave."""
    tx.execute(
        "INSERT INTO upload (lender_id, upload_id, name, bytes, sha256, key_id, key_sealed, at, actor) "
        "OVERRIDING SYSTEM VALUE VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            tx.lender_id, one.upload_id, one.name, one.size, one.sha256, one.key_id, one.key_sealed, one.at,
            one.actor,
        ),
    )  # fmt: skip


def get(tx: Tx, upload_id: int) -> Upload:
    """A file that is still kept; raises `NoSuchUpload`."""
    found = tx.row(
        Upload, _UPLOAD + "WHERE lender_id = %s AND upload_id = %s AND gone_at IS NULL", (tx.lender_id, upload_id)
    )
    if found is None:
        raise NoSuchUpload(upload_id)
    return found


def kept(tx: Tx, *, before: datetime | None = None) -> list[Upload]:
    """Files that are still kept; those that came before an instant, where one is named."""
    return tx.rows(
        Upload,
        _UPLOAD + "WHERE lender_id = %s AND gone_at IS NULL AND at < coalesce(%s, 'infinity'::timestamptz) "
        "ORDER BY upload_id",
        (tx.lender_id, before),
    )


def gone(tx: Tx, upload_id: int, *, now: datetime) -> None:
    """The file is deleted."""
    tx.execute("UPDATE upload SET gone_at = %s WHERE lender_id = %s AND upload_id = %s", (now, tx.lender_id, upload_id))


def reseal(tx: Tx, upload_id: int, key: Wrapped) -> None:
    """Keep the file's key as a newer key of the ring wraps it."""
    tx.execute(
        "UPDATE upload SET key_id = %s, key_sealed = %s WHERE lender_id = %s AND upload_id = %s",
        (key.key_id, key.sealed, tx.lender_id, upload_id),
    )
