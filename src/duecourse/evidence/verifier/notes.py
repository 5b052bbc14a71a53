"""Keys, notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

from duecourse.evidence.verifier.ed25519 import ed25519_verifies
from duecourse.evidence.verifier.sentences import Wrong
from duecourse.evidence.verifier.texts import from_base64

TIME_MAX = 253402300799
"""The last second of the year 9999."""

LOG, WITNESS = 1, 4
"""Kinds of key."""


@dataclass(frozen=True)
class Key:
    """A public key: of a log (kind 1) or of a witness (kind 4)."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which signatures name it."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]


def read_key(text: str, kind: int = LOG) -> Key:
    """A key as it is given out: name, id and key, joined by plus signs; raises `Wrong` for one of another kind."""
    text = text.strip(" \t\r\n")
    name, _, rest = text.partition("+")
    key_id, _, material = rest.partition("+")
    try:
        content = from_base64(material)
    except Wrong:
        content = b""
    if not name or len(content) != 33 or content[0] not in {LOG, WITNESS}:
        raise Wrong("not_key", text=text[:60])
    key = Key(name, content[0], content[1:])
    if key.id.hex() != key_id:
        raise Wrong("key_miscopied", signer=name)
    if key.kind != kind:
        raise Wrong("key_not_log" if kind == LOG else "key_not_witness", signer=name)
    return key


@dataclass(frozen=True)
class Head:
    """A checkpoint: its text, its signatures (name, key id, value), and what the text says."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]
    origin: str
    size: int
    root: bytes


@lru_cache(maxsize=16)
def read_checkpoint(content: str) -> Head:
    """A checkpoint, its signatures not checked yet; raises `Wrong`."""
    text, gap, below = content.rpartition("\n\n")
    lines = text.split("\n")
    if not gap or len(lines) < 3 or not re.fullmatch("0|[1-9][0-9]{0,17}", lines[1], re.ASCII):
        raise Wrong("not_checkpoint")
    signatures = []
    for line in below.split("\n")[:-1]:
        found = re.fullmatch("— ([^ ]+) ([^ ]+)", line)
        material = from_base64(found[2]) if found else b""
        if found is None or len(material) < 5:
            raise Wrong("not_signature")
        signatures.append((found[1], material[:4], material[4:]))
    return Head(text + "\n", tuple(signatures), lines[0], int(lines[1]), from_base64(lines[2]))


def signed_at(head: Head, key: Key) -> int | None:
    """The time at which a witness signed, None where the key did not sign; raises `Wrong` for a wrong signature."""
    for name, key_id, value in head.signatures:
        if (name, key_id) != (key.name, key.id):
            continue
        at, signature, message = 0, value, head.text.encode()
        if key.kind == WITNESS:
            at, signature = int.from_bytes(value[:8], "big"), value[8:]
            message = f"cosignature/v1\ntime {at}\n{head.text}".encode()
        if at > TIME_MAX or not ed25519_verifies(key.public, signature, message):
            raise Wrong("bad_signature", signer=name)
        return at
    return None
