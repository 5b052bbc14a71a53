"""A proof as one text (C2SP tlog-proof): the place of an entry, the hashes beside its way up, and the checkpoint.

    c2sp.org/tlog-proof@v1
    index 73894
    gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
    …

    <checkpoint>

The entry itself is not in it: whoever checks has its bytes, and hashes them.
"""

from __future__ import annotations

import re
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
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,17})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry stands at ``index`` of the log whose head the checkpoint signs."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: Note

    def __str__(self) -> str:
        """The text, as it is stored and sent."""
        hashes = "".join(f"{base64_of(one)}\n" for one in self.path)
        return f"{HEAD}\nindex {self.index}\n{hashes}\n{self.checkpoint}"

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
    try:
        above, _, below = content.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise NotANote("a proof is UTF-8") from None
    head, *lines = above.split("\n")
    if lines and lines[0].startswith("extra "):  # of no account: nobody signed it
        lines = lines[1:]
    found = _INDEX.fullmatch(lines[0]) if lines else None
    if head != HEAD or found is None:
        raise NotANote(f"a proof begins with {HEAD} and the index of its entry")
    path = tuple(map(bytes_of, lines[1:]))
    if len(path) > HASHES_MAX or any(len(one) != HASH_BYTES for one in path):
        raise NotANote(f"a proof has at most {HASHES_MAX} hashes of {HASH_BYTES} bytes, in base64")
    return Proof(int(found[1]), path, read_note(below.encode()))
