"""The tree (RFC 6962, 9162), proofs (C2SP tlog-proof) and continuations (as tlog-witness asks with)."""

from __future__ import annotations

import hashlib
import re

from duecourse.evidence.verifier.notes import Head, read_checkpoint
from duecourse.evidence.verifier.sentences import Wrong
from duecourse.evidence.verifier.texts import from_base64


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256 over 0x00 and the entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 over 0x01 and both children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_above(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """The root to which a leaf's path leads (RFC 9162, 2.1.3.2); None where the path has a wrong length."""
    if not 0 <= index < size:
        return None
    at, last, top = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            top = node_hash(sibling, top)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            top = node_hash(top, sibling)
        at, last = at >> 1, last >> 1
    return None if last else top


def continues(old: int, old_root: bytes, new: int, new_root: bytes, path: list[bytes]) -> bool:
    """Whether the tree of ``new`` leaves begins with the tree of ``old`` (RFC 9162, 2.1.4.2)."""
    if old in (0, new):
        empty = hashlib.sha256(b"").digest()
        return not path and (old_root == new_root if old == new else old_root == empty)
    steps = path if old & (old - 1) else [old_root, *path]
    if not 0 < old < new or not steps:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, step)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


PROOF = "c2sp.org/tlog-proof@v1\n"
CONTINUATION = "old "
HASHES_MAX = 63


def led(text: str, head: str) -> tuple[int, list[bytes], Head]:
    """The number, hashes and checkpoint of a proof or continuation, nothing of it checked; raises `Wrong`."""
    above, _, below = text.partition("\n\n")
    found = re.fullmatch(f"{head}(0|[1-9][0-9]{{0,17}})((?:\n[^\n]+)*)", above, re.ASCII)
    path = list(map(from_base64, found[2].split("\n")[1:])) if found else []
    if found is None or len(path) > HASHES_MAX or any(len(one) != 32 for one in path):
        raise Wrong("not_proof")
    return int(found[1]), path, read_checkpoint(below)


def check_proof(entry: bytes, proof: str) -> tuple[int, Head]:
    """The place of an entry, and the checkpoint that its proof leads to; signatures are not checked here."""
    index, path, head = led(proof, f"{re.escape(PROOF)}(?:extra [^\n]*\n)?index ")
    if root_above(leaf_hash(entry), index, head.size, path) != head.root:
        raise Wrong("not_in_log")
    return index, head
