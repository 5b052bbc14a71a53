"""The Merkle tree of RFC 6962: hashes of leaves and nodes, and the root over a list of leaves."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()
"""Root of the tree with no leaf."""


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256 over 0x00 and the entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 over 0x01 and the hashes of both children."""
    return sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    r"""Root over leaf hashes in order; one pass, and memory for one hash per level.

    >>> root([leaf_hash(b""), leaf_hash(b"\x00")]).hex()[:16]
    'fac54203e7cc696c'
    """
    peaks: list[tuple[int, bytes]] = []  # (height, hash), heights strictly falling: the full subtrees so far
    for leaf in leaf_hashes:
        height, top = 0, leaf
        while peaks and peaks[-1][0] == height:
            top = node_hash(peaks.pop()[1], top)
            height += 1
        peaks.append((height, top))
    if not peaks:
        return EMPTY_ROOT
    _, top = peaks.pop()
    while peaks:
        top = node_hash(peaks.pop()[1], top)
    return top
