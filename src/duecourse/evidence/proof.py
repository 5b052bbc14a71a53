"""A proof as one text (C2SP tlog-proof): the place of an entry, the hashes beside its way up, and the checkpoint.

    c2sp.org/tlog-proof@v1
    index 73894
    gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
    …

    <checkpoint>

The entry itself is not in it: whoever checks has its bytes, and hashes them.

What a witness is asked (`witness`) has the same shape: a head with a number, hashes, an empty line, a checkpoint.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from duecourse.evidence.note import (
    Checkpoint,
    Key,
    NotANote,
    Note,
    NotSigned,
    base64_of,
    bytes_of,
    read_checkpoint,
    read_note,
)
from duecourse.evidence.tree import HASH_BYTES, NotProven, check_inclusion, leaf_hash

HEAD = "c2sp.org/tlog-proof@v1"
HASHES_MAX = 63
BYTES_MAX = 131_072
_NUMBER = r"(0|[1-9][0-9]{0,17})"
_HEAD = re.escape(HEAD) + r"\n(?:extra [^\n]*\n)?index "  # the extra line is of no account: nobody signed it


def written(head: str, number: int, path: Sequence[bytes], checkpoint: Note) -> str:
    """A text of this shape; its head ends before the number."""
    return f"{head}{number}\n" + "".join(f"{base64_of(one)}\n" for one in path) + f"\n{checkpoint}"


def parted(content: bytes, head: str, says: str) -> tuple[int, tuple[bytes, ...], Note]:
    """The number, hashes and checkpoint of a text whose head fits a pattern, all unchecked; raises `NotANote`."""
    try:
        above, _, below = content.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise NotANote(f"{says}; this is not UTF-8") from None
    found = re.fullmatch(f"{head}{_NUMBER}((?:\n[^\n]+)*)", above, re.ASCII)
    if found is None or len(content) > BYTES_MAX:
        raise NotANote(says)
    path = tuple(map(bytes_of, found[2].split("\n")[1:]))
    if len(path) > HASHES_MAX or any(len(one) != HASH_BYTES for one in path):
        raise NotANote(f"{says}: at most {HASHES_MAX} hashes of {HASH_BYTES} bytes, in base64")
    return int(found[1]), path, read_note(below.encode())


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry stands at ``index`` of the log whose head the checkpoint signs."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: Note

    def __str__(self) -> str:
        """The text, as it is stored and sent."""
        return written(f"{HEAD}\nindex ", self.index, self.path, self.checkpoint)

    def check(self, entry: bytes, key: Key) -> Checkpoint:
        """The log's head; raises `NotProven` unless the key signed it and the entry is in it."""
        try:
            self.checkpoint.signed_by(key)
            head = read_checkpoint(self.checkpoint.text)
        except (NotSigned, NotANote) as error:
            raise NotProven(str(error)) from None
        if head.origin != key.name:
            raise NotProven(f"the checkpoint is of the log {head.origin}, the key of {key.name}")
        check_inclusion(leaf_hash(entry), self.index, head.size, self.path, head.root)
        return head


def read_proof(content: bytes) -> Proof:
    """A proof, unchecked; raises `NotANote`."""
    return Proof(*parted(content, _HEAD, f"a proof begins with {HEAD} and the index of its entry"))
