"""The Merkle tree of RFC 6962 (and 9162): hashes, the root, and proofs that need no more than a few nodes.

A proof is built from complete subtrees alone: the ``Node`` function gives the hash of the subtree of ``2**level``
leaves that begins at leaf ``index * 2**level``. Where those hashes are kept is the caller's business (`tiles`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import TypeAlias

EMPTY_ROOT = sha256(b"").digest()
"""Root of the tree with no leaf."""

HASH_BYTES = 32

Node: TypeAlias = Callable[[int, int], bytes]
"""(level, index) to the hash of a complete subtree; level 0 are the leaves."""


class NotProven(ValueError):
    """A proof that does not show what it should; says why."""


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256 over 0x00 and the entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 over 0x01 and the hashes of both children."""
    return sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    r"""Root over leaf hashes in order; all of them are held in memory.

    >>> root([leaf_hash(b""), leaf_hash(b"\x00")]).hex()[:16]
    'fac54203e7cc696c'
    """
    level = list(leaf_hashes)
    while len(level) > 1:
        above = [sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        level = above + level[2 * len(above) :]  # a last one without a sibling goes up as it is
    return level[0] if level else EMPTY_ROOT


def root_of(begin: int, end: int, node: Node) -> bytes:
    """Root over the leaves ``begin`` to ``end`` (excluded), from the few complete subtrees that cover them.

    ``begin`` must be a place where the tree of a larger size divides, as 0 is and all that proofs ask for.
    """
    at, peaks = begin, []
    for level in reversed(range((end - begin).bit_length())):
        if (end - begin) >> level & 1:
            peaks.append(node(level, at >> level))
            at += 1 << level
    return _joined(peaks)


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """What shows that the leaf at ``index`` is in the tree of ``size`` (RFC 6962, 2.1.1): siblings, lowest first."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    begin, end, path = 0, size, []
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(root_of(middle, end, node))
            end = middle
        else:
            path.append(root_of(begin, middle, node))
            begin = middle
    return path[::-1]


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """What shows that the tree of ``new`` leaves begins with the tree of ``old`` (RFC 6962, 2.1.2).

    Empty where the old tree is empty, or is the new one.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} does not begin with one of {old}")
    if old in (0, new):
        return []
    begin, end, whole, path = 0, new, True, []
    while old != end:
        middle = begin + _split(end - begin)
        if old <= middle:
            path.append(root_of(middle, end, node))
            end = middle
        else:
            path.append(root_of(begin, middle, node))
            begin, whole = middle, False
    if not whole:
        path.append(root_of(begin, end, node))
    return path[::-1]


def root_by_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that an inclusion proof leads to (RFC 9162, 2.1.3.2); raises `NotProven` where its length is wrong."""
    if not 0 <= index < size:
        raise NotProven(f"there is no leaf {index} in a tree of {size}")
    at, last, top = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise NotProven(f"the proof has {len(path)} hashes, more than a tree of {size} has levels")
        if at & 1 or at == last:
            top = node_hash(sibling, top)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            top = node_hash(top, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise NotProven(f"the proof has {len(path)} hashes, fewer than the tree of {size} needs")
    return top


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], of: bytes) -> None:
    """Raise `NotProven` unless the path shows that the leaf stands at ``index`` in the tree with the root ``of``."""
    if root_by_inclusion(leaf, index, size, path) != of:
        raise NotProven(f"the proof does not lead from the leaf at {index} to the root of the tree of {size}")


def check_consistency(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> None:
    """Raise `NotProven` unless the tree of ``new`` leaves begins with the tree of ``old`` (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= new:
        raise NotProven(f"a tree of {new} does not begin with one of {old}")
    if old in (0, new):
        if path or (old == new and old_root != new_root) or (old == 0 and old_root != EMPTY_ROOT):
            raise NotProven(f"trees of {old} and {new} with these roots are not one log")
        return
    steps = list(path) if old & (old - 1) else [old_root, *path]
    if not steps:
        raise NotProven("the proof is empty")
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise NotProven(f"the proof has more hashes than a tree of {new} needs")
        if at & 1 or at == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, step)
        at, last = at >> 1, last >> 1
    if last or before != old_root or after != new_root:
        raise NotProven(f"the proof does not show that the tree of {new} begins with the tree of {old}")


def nodes_of(leaf_hashes: Sequence[bytes]) -> Node:
    """The nodes over leaf hashes that are all at hand."""
    levels = [list(leaf_hashes)]
    while len(levels[-1]) > 1:
        levels.append(list(_parents(levels[-1])))
    return lambda level, index: levels[level][index]


def _parents(level: Sequence[bytes]) -> Iterator[bytes]:
    for at in range(0, len(level) - 1, 2):
        yield node_hash(level[at], level[at + 1])


def _joined(peaks: list[bytes]) -> bytes:
    """One root over the roots of complete subtrees, the largest first."""
    if not peaks:
        return EMPTY_ROOT
    top = peaks[-1]
    for peak in reversed(peaks[:-1]):
        top = node_hash(peak, top)
    return top


def _split(count: int) -> int:
    """The largest power of two below a count of two or more: where RFC 6962 divides the leaves."""
    return 1 << ((count - 1).bit_length() - 1)
