"""The key ring: the keys that wrap each person's secret, and the key of the blind index.

The ring is one JSON document, kept outside the database, and comes from one of three places: the environment, a file
that only its owner can read, or a command of the operator's that prints it (how a cloud KMS or a secrets manager
is asked).

    {"format": 1, "newest": "k2", "keys": {"k1": "<32 bytes, base64>", "k2": "..."}, "index": "<32 bytes, base64>"}

New secrets are wrapped by ``newest``; older keys unwrap what they wrapped until `duecourse keys rotate` has moved
all of it. The index key never rotates by itself: it names the same phone by the same index on every day, so that
counters hold.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from re import fullmatch
from threading import get_ident

from duecourse.trouble import N_, BadInput, Said, Unavailable

KEY_BYTES = 32
_COMMAND_SECONDS_MAX = 30


class RingUnreadable(Unavailable):
    """No key ring, or not one we can use; says nothing of its content."""

    def __init__(self, origin: str, why: str) -> None:
        super().__init__(
            N_(
                "key ring from {origin} cannot be used: {why}. Personal data stays sealed. Set DUECOURSE_KEYS, "
                "DUECOURSE_KEYS_FILE or DUECOURSE_KEYS_COMMAND (docs/storage.md, Key ring)."
            ),
            origin=origin,
            why=why,
        )


class RingMissing(Unavailable):
    """The key ring of the data folder is gone, or this is not the folder that it was made in."""

    def __init__(self, path: Path, lenders: Sequence[str] = ()) -> None:
        if not lenders:
            super().__init__(
                N_(
                    "there is no key ring: {path} does not exist. Restore it from its backup, or name the ring by "
                    "DUECOURSE_KEYS, DUECOURSE_KEYS_FILE or DUECOURSE_KEYS_COMMAND (docs/storage.md, Key ring)."
                ),
                path=path,
            )
            return
        super().__init__(
            N_(
                "the key ring is missing: {path} does not exist, and the personal data of lender {lenders} in this "
                "database is sealed under it. Nothing was read or written, and no new ring was made: it would open "
                "none of it. Restore keys.json from its backup, or set DUECOURSE_HOME to the data folder that it is "
                "in (docs/storage.md, Key ring)."
            ),
            path=path,
            lenders=", ".join(lenders),
        )


class UnknownKey(Unavailable):
    """A secret was wrapped by a key that the ring does not hold."""

    def __init__(self, key_id: str, known: list[str]) -> None:
        super().__init__(
            N_(
                "key {key_id!r} is not in the key ring (it holds {known}): put it back, run `duecourse keys rotate`, "
                "and drop it only when `duecourse keys show` counts nobody under it."
            ),
            key_id=key_id,
            known=", ".join(known),
        )


class KeyInUse(BadInput):
    """A key cannot leave the ring."""

    def __init__(self, key_id: str, why: str) -> None:
        super().__init__(N_("key {key_id!r} stays in the ring: {why}"), key_id=key_id, why=why)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Wrapping keys by id, which of them is newest, and the blind index key; never shown by ``repr``."""

    newest: str
    keys: dict[str, bytes] = field(repr=False)
    index_key: bytes = field(repr=False)

    @property
    def ids(self) -> list[str]:
        """Ids of all keys, sorted."""
        return sorted(self.keys)

    def key(self, key_id: str) -> bytes:
        """The key of an id; raises `UnknownKey`."""
        try:
            return self.keys[key_id]
        except KeyError:
            raise UnknownKey(key_id, self.ids) from None

    def with_new(self, key_id: str, random: Callable[[int], bytes] = os.urandom) -> KeyRing:
        """The ring with one key more, which becomes the newest."""
        if key_id in self.keys or not fullmatch(r"[a-z0-9-]{1,32}", key_id):
            raise KeyInUse(key_id, N_("the id is taken, or not 1 to 32 of a-z, 0-9 and -"))
        return replace(self, newest=key_id, keys={**self.keys, key_id: random(KEY_BYTES)})

    def without(self, key_id: str) -> KeyRing:
        """The ring without a key that nothing is wrapped by any more (the caller has counted)."""
        self.key(key_id)
        if key_id == self.newest:
            raise KeyInUse(key_id, N_("it is the newest; make a newer one first"))
        return replace(self, keys={k: v for k, v in self.keys.items() if k != key_id})

    def document(self) -> str:
        """The JSON document, all keys in the clear: for the file that holds the ring and nothing else."""
        return json.dumps(
            {
                "format": 1,
                "newest": self.newest,
                "keys": {k: base64.b64encode(v).decode() for k, v in sorted(self.keys.items())},
                "index": base64.b64encode(self.index_key).decode(),
            },
            indent=1,
        )


def new_ring(random: Callable[[int], bytes] = os.urandom) -> KeyRing:
    """A ring with one key, ``k1``."""
    return KeyRing("k1", {"k1": random(KEY_BYTES)}, random(KEY_BYTES))


def parse_ring(text: str, origin: str) -> KeyRing:
    """Read the JSON document; raises `RingUnreadable`, whose message never quotes the document."""
    try:
        document = json.loads(text)
        keys = {str(k): base64.b64decode(v, validate=True) for k, v in document["keys"].items()}
        ring = KeyRing(str(document["newest"]), keys, base64.b64decode(document["index"], validate=True))
        form = document["format"]
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        raise RingUnreadable(origin, N_("it is not the JSON document that docs/storage.md describes")) from None
    if form != 1:
        raise RingUnreadable(origin, Said(N_("format {form!r} is not known; this version reads format 1"), form=form))
    if ring.newest not in keys:
        raise RingUnreadable(origin, Said(N_("its newest key {newest!r} is not among its keys"), newest=ring.newest))
    if any(len(key) != KEY_BYTES for key in (*keys.values(), ring.index_key)):
        raise RingUnreadable(origin, Said(N_("every key is {count} bytes in base64"), count=KEY_BYTES))
    if len({*keys.values(), ring.index_key}) != len(keys) + 1:
        raise RingUnreadable(origin, N_("two of its keys are the same"))
    return ring


def ring_from_file(path: Path, *, create: bool = False) -> KeyRing:
    """The ring in a file that only its owner may read; with ``create``, a missing one is made (a new data folder).

    Two processes that create at once end with one ring: the loser reads the winner's.
    """
    if create and not path.exists():
        _write_new(path, new_ring())
    try:
        mode = path.stat().st_mode & 0o777
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise RingUnreadable(Said(N_("file {path}"), path=path), str(reason)) from None
    if os.name == "posix" and mode & 0o077:
        raise RingUnreadable(
            Said(N_("file {path}"), path=path),
            Said(N_("its mode is {mode:o}, others may read it; run `chmod 600 {path}`"), mode=mode, path=path),
        )
    return parse_ring(text, f"file {path}")


def save_ring(path: Path, ring: KeyRing) -> None:
    """Replace the file by the new ring, whole or not at all, readable by its owner only."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    _write(beside, ring)
    beside.replace(path)
    _sync_folder(path.parent)


def ring_from_command(command: list[str]) -> KeyRing:
    """The ring that a command prints; its standard error is shown where it fails, its output never."""
    origin = f"command {command[0]}" if command else "an empty command"
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_COMMAND_SECONDS_MAX, text=True)
    except (OSError, IndexError, subprocess.TimeoutExpired) as error:
        raise RingUnreadable(origin, type(error).__name__) from None
    if done.returncode != 0:
        raise RingUnreadable(
            origin,
            Said(
                N_("it ended with status {status}: {said}"),
                status=done.returncode,
                said=done.stderr.strip()[:500],
            ),
        )
    return parse_ring(done.stdout, origin)


def _write_new(path: Path, ring: KeyRing) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}-{get_ident()}.new")
    _write(beside, ring)
    try:
        os.link(beside, path)  # fails if another process was first: a ring is never overwritten
    except FileExistsError:
        pass
    finally:
        beside.unlink()
    _sync_folder(path.parent)


def _write(path: Path, ring: KeyRing) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(ring.document())
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
