"""Signed notes, checkpoints and cosignatures (C2SP signed-note, tlog-checkpoint, tlog-cosignature), byte by byte.

A *note* is a text that ends in a newline, an empty line, and signature lines ``— <name> <base64>``. The base64 holds
the key's id (4 bytes) and the signature. The id is the beginning of SHA-256 over name, newline, one byte for the kind
of signature, and the public key.

A *checkpoint* is a note with three lines: origin, size in decimal, root in base64. It is signed by the log's key (kind
0x01: Ed25519 over the text) and cosigned by witnesses (kind 0x04: eight bytes of POSIX time, then Ed25519 over
``cosignature/v1``, ``time <decimal>`` and the text).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from duecourse.evidence.tree import HASH_BYTES

DASH = "— "
ID_BYTES, KEY_BYTES, SIGNATURE_BYTES, TIME_BYTES = 4, 32, 64, 8
BYTES_MAX = 65_536
SIGNATURES_MAX = 64
_NAME = re.compile(r"[^\s+\x00-\x1f]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)


class NotANote(ValueError):
    """Bytes that are no signed note, checkpoint or key; says why."""


class NotSigned(ValueError):
    """A note that the key did not sign, or whose signature is wrong."""


class Kind(IntEnum):
    """What a signature says."""

    LOG = 0x01  # the holder wrote the text
    WITNESS = 0x04  # at a time, the holder had seen no other log of this origin than one that this tree continues


@dataclass(frozen=True, slots=True)
class Key:
    """A public key under its name."""

    name: str
    kind: Kind
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which signatures name it."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:ID_BYTES]

    def __str__(self) -> str:
        """The key as others are given it: name, id in hex, kind and key in base64, joined by plus signs."""
        return f"{self.name}+{self.id.hex()}+{base64_of(bytes([self.kind]) + self.public)}"


def read_key(text: str) -> Key:
    """A key as others were given it; raises `NotANote`.

    >>> read_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").kind
    <Kind.LOG: 1>
    """
    parts = text.strip().split("+", 2)
    if len(parts) != 3 or not _NAME.fullmatch(parts[0]):
        raise NotANote("a key is name+id+base64, as `duecourse log status` shows it")
    material = bytes_of(parts[2])
    if len(material) != 1 + KEY_BYTES or material[0] not in {kind.value for kind in Kind}:
        raise NotANote(f"key {parts[0]} is not of a kind known here (Ed25519, of a log or of a witness)")
    key = Key(parts[0], Kind(material[0]), material[1:])
    if key.id.hex() != parts[1]:
        raise NotANote(f"key {parts[0]} names the id {parts[1]}, but its own is {key.id.hex()}: it was copied wrongly")
    return key


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        """The line, with its newline."""
        return f"{DASH}{self.name} {base64_of(self.key_id + self.value)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and who signed it; nothing of it counts before `signed_by`."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        """The note as it is stored and sent."""
        return self.text + "\n" + "".join(map(str, self.signatures))

    def with_signatures(self, more: Iterable[Signature]) -> Note:
        """The note with more signatures; one of a key that signed already takes its place."""
        new = list(more)
        keys = {(one.name, one.key_id) for one in new}
        return Note(self.text, (*(one for one in self.signatures if (one.name, one.key_id) not in keys), *new))

    def signed_by(self, key: Key) -> int | None:
        """Raise `NotSigned` unless the key signed the note; the POSIX time at which a witness did, None for a log."""
        found = [one for one in self.signatures if (one.name, one.key_id) == (key.name, key.id)]
        if not found:
            raise NotSigned(f"the note is not signed by {key.name} (key {key.id.hex()})")
        times = [_check(self.text, key, one.value) for one in found]
        return times[0]


def read_note(content: bytes) -> Note:
    """A note, unchecked; raises `NotANote`."""
    try:
        whole = content.decode()
    except UnicodeDecodeError:
        raise NotANote("a note is UTF-8") from None
    if len(content) > BYTES_MAX or any(ord(letter) < ord(" ") and letter != "\n" for letter in whole):
        raise NotANote(f"a note has at most {BYTES_MAX} bytes and no control characters but newlines")
    text, gap, lines = whole.rpartition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise NotANote("a note is a text, an empty line and signature lines, each ended by a newline")
    signatures = read_signatures(lines)
    if not signatures:
        raise NotANote("a note has at least one signature")
    return Note(text + "\n", signatures)


def read_signatures(lines: str) -> tuple[Signature, ...]:
    """Signature lines; raises `NotANote`."""
    found = []
    for line in lines.split("\n")[:-1]:
        dash, _, rest = line.partition(" ")
        name, _, value = rest.partition(" ")
        material = bytes_of(value)
        if dash + " " != DASH or not _NAME.fullmatch(name) or len(material) <= ID_BYTES:
            raise NotANote(f"{line[:80]!r} is no signature line")
        found.append(Signature(name, material[:ID_BYTES], material[ID_BYTES:]))
    if len(found) > SIGNATURES_MAX:
        raise NotANote(f"a note has at most {SIGNATURES_MAX} signatures")
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key under its name."""

    name: str
    kind: Kind
    private: Ed25519PrivateKey = field(repr=False)

    @property
    def key(self) -> Key:
        """The public half."""
        return Key(self.name, self.kind, self.private.public_key().public_bytes_raw())

    def sign(self, text: str, at: int = 0) -> Signature:
        """Sign a text; a witness says the POSIX time ``at`` which it does."""
        if self.kind is Kind.LOG:
            value = self.private.sign(text.encode())
        else:
            value = at.to_bytes(TIME_BYTES, "big") + self.private.sign(_cosigned(text, at))
        return Signature(self.name, self.key.id, value)


def signer(name: str, kind: Kind, seed: bytes) -> Signer:
    """The signer of a seed of 32 bytes; raises `NotANote` for a name that no key may have."""
    if not _NAME.fullmatch(name):
        raise NotANote(f"{name!r} cannot be the name of a key: no spaces and no plus sign")
    return Signer(name, kind, Ed25519PrivateKey.from_private_bytes(seed))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: which log, how many entries, and the root over them."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64_of(self.root)}\n"


def read_checkpoint(text: str) -> Checkpoint:
    """The head in a note's text; lines after the third are of no account. Raises `NotANote`."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or "" in lines[:-1] or not _SIZE.fullmatch(lines[1]):
        raise NotANote("a checkpoint has a line for its origin, one for its size, one for its root")
    top = bytes_of(lines[2])
    if len(top) != HASH_BYTES:
        raise NotANote(f"the root of a checkpoint has {HASH_BYTES} bytes, not {len(top)}")
    return Checkpoint(lines[0], int(lines[1]), top)


def _check(text: str, key: Key, value: bytes) -> int | None:
    at, message = None, text.encode()
    if key.kind is Kind.WITNESS:
        at, value = int.from_bytes(value[:TIME_BYTES], "big"), value[TIME_BYTES:]
        message = _cosigned(text, at)
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(value, message)
    except InvalidSignature:
        raise NotSigned(f"the signature of {key.name} (key {key.id.hex()}) is wrong") from None
    return at


def _cosigned(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def base64_of(content: bytes) -> str:
    """Base64 as notes have it."""
    return base64.b64encode(content).decode()


def bytes_of(text: str) -> bytes:
    """Base64 in its one proper form; raises `NotANote`."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NotANote(f"{text[:80]!r} is not base64") from None
    if base64_of(content) != text:
        raise NotANote(f"{text[:80]!r} is not base64 in its proper form")
    return content
