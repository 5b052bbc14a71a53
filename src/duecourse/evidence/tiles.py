"""Tiles (C2SP tlog-tiles): the tree in pieces of 256 hashes, each a file, so that a log is read over plain HTTP.

The tile ``number`` at ``level`` holds the hashes of up to 256 complete subtrees of ``256**level`` leaves, 32 bytes
each, from subtree ``number * 256`` on. One with fewer than 256 is partial, and its name says how many. Tiles hold
hashes only: entries are not published.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from duecourse.evidence.tree import HASH_BYTES, Node, root

WIDTH = 256
HEIGHT = 8
"""Levels of the tree in one tile: 2**8 is its width."""

LEVELS_MAX = 8
"""No count of leaves in 64 bits needs more levels of tiles."""

_NAME = re.compile(r"tile/([0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)

Read: TypeAlias = Callable[[int, int], bytes]
"""(level, number) to the hashes of a tile, in full or as many as there are."""


class NoSuchTile(ValueError):
    """A name that no tile has."""


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """Which tile, and how many hashes of it."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Its path below the log's address.

        >>> Tile(0, 1234067).path, Tile(1, 5, 17).path
        ('tile/0/x001/x234/067', 'tile/1/005.p/17')
        """
        parts, rest = [f"{self.number % 1000:03d}"], self.number // 1000
        while rest:
            parts.insert(0, f"x{rest % 1000:03d}")
            rest //= 1000
        return f"tile/{self.level}/{'/'.join(parts)}" + ("" if self.width == WIDTH else f".p/{self.width}")


def tile_at(path: str) -> Tile:
    """The tile of a path; raises `NoSuchTile`.

    >>> tile_at("tile/0/x001/x234/067")
    Tile(level=0, number=1234067, width=256)
    """
    found = _NAME.fullmatch(path)
    number = int(found[2].replace("x", "").replace("/", "")) if found else 0
    tile = Tile(int(found[1]), number, int(found[3] or WIDTH)) if found else None
    if tile is None or tile.path != path or tile.width > WIDTH:
        raise NoSuchTile(f"{path!r} is no name of a tile")
    return tile


def tiles_of(size: int, since: int = 0) -> Iterator[Tile]:
    """The tiles that a log of ``size`` has and the log of ``since`` had not, each in its width."""
    for level in range(LEVELS_MAX):
        count, had = size >> (HEIGHT * level), since >> (HEIGHT * level)
        if count == 0:
            return
        for number in range(had // WIDTH, count // WIDTH):
            yield Tile(level, number)
        if count % WIDTH and count != had:
            yield Tile(level, count // WIDTH, count % WIDTH)


def edge_of(size: int) -> Iterator[Tile]:
    """The partial tiles of a log: what its next entries are added to."""
    return (tile for tile in tiles_of(size) if tile.width < WIDTH)


def grow(size: int, edge: Mapping[int, bytes], leaf_hashes: Sequence[bytes]) -> dict[tuple[int, int], bytes]:
    """The tiles that change when leaves are added to a log of ``size``, by level and number, as they are then.

    ``edge`` has the partial tiles (`edge_of`) by level. A full tile gives one hash to the level above.
    """
    changed: dict[tuple[int, int], bytes] = {}
    added, level = b"".join(leaf_hashes), 0
    while added:
        count = size >> (HEIGHT * level)
        held = edge.get(level, b"")
        if len(held) != HASH_BYTES * (count % WIDTH):
            raise ValueError(f"the edge of a log of {size} has {count % WIDTH} hashes at level {level}")
        content, number = held + added, count // WIDTH
        added = b""
        for at in range(0, len(content), HASH_BYTES * WIDTH):
            tile = content[at : at + HASH_BYTES * WIDTH]
            changed[level, number + at // (HASH_BYTES * WIDTH)] = tile
            if len(tile) == HASH_BYTES * WIDTH:
                added += root(hashes_of(tile))
        level += 1
    return changed


def hashes_of(content: bytes) -> list[bytes]:
    """The hashes of a tile."""
    return [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]


def nodes(read: Read, *, keep: bool = True) -> Node:
    """The nodes of a tree, out of its tiles; each tile is read once, unless they are not to be kept."""
    kept: dict[tuple[int, int], bytes] = {}

    def node(level: int, index: int) -> bytes:
        tile_level, above = divmod(level, HEIGHT)
        first = index << above
        number, at = divmod(first, WIDTH)
        content = kept.get((tile_level, number)) or read(tile_level, number)
        if keep:
            kept[tile_level, number] = content
        begin, end = HASH_BYTES * at, HASH_BYTES * (at + (1 << above))
        if len(content) < end:
            raise ValueError(f"tile {Tile(tile_level, number).path} has {len(content)} bytes, {end} are needed")
        return root(hashes_of(content[begin:end]))

    return node
