"""Tiles: named as C2SP says, and enough to reckon every node of the tree they were cut from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duecourse.evidence.tiles import NoSuchTile, Tile, edge_of, grow, nodes, tile_at, tiles_of
from duecourse.evidence.tree import consistency_proof, inclusion_proof, leaf_hash, nodes_of, root, root_of

HASHES = [leaf_hash(number.to_bytes(4, "big")) for number in range(70_000)]


class Kept:
    """A log's tiles, grown a batch at a time."""

    def __init__(self) -> None:
        self.size = 0
        self.tiles: dict[tuple[int, int], bytes] = {}

    def add(self, count: int) -> None:
        edge = {tile.level: self.tiles[tile.level, tile.number] for tile in edge_of(self.size)}
        self.tiles |= grow(self.size, edge, HASHES[self.size : self.size + count])
        self.size += count


def test_names_are_those_of_the_specification() -> None:
    assert Tile(0, 1234067).path == "tile/0/x001/x234/067"
    assert Tile(0, 273, 112).path == "tile/0/273.p/112"
    assert [tile.path for tile in tiles_of(256)] == ["tile/0/000", "tile/1/000.p/1"]


def test_a_log_of_70_000_has_the_tiles_that_the_specification_counts() -> None:
    tiles = list(tiles_of(70_000))
    assert len([tile for tile in tiles if tile.level == 0 and tile.width == 256]) == 273
    assert [tile for tile in tiles if tile.width < 256] == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert len(tiles) == 273 + 1 + 3


@given(st.integers(0, 63), st.integers(0, 10**12), st.integers(1, 256))
def test_a_name_is_read_back(level: int, number: int, width: int) -> None:
    assert tile_at(Tile(level, number, width).path) == Tile(level, number, width)


@pytest.mark.parametrize(
    "name",
    ["tile/0/1", "tile/00/001", "tile/64/001", "tile/0/x000/001", "tile/0/001.p/0", "tile/0/001.p/256",
     "tile/0/001.p/01", "tile/0/001.p/300", "tile/0/../001", "tile/entries/001", "checkpoint", "tile/0/００１", ""],
)  # fmt: skip
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(NoSuchTile):
        tile_at(name)


def test_tiles_give_every_node_of_the_tree_however_it_grew() -> None:
    kept, node = Kept(), nodes_of(HASHES)
    for count in (1, 254, 1, 1, 300, 65_000, 0, 4_443):
        kept.add(count)
        read = nodes(lambda level, number: kept.tiles[level, number])
        assert root_of(0, kept.size, read) == root(HASHES[: kept.size])
        assert {(tile.level, tile.number, 32 * tile.width) for tile in tiles_of(kept.size)} == {
            (*at, len(content)) for at, content in kept.tiles.items()
        }
    assert kept.size == 70_000
    for index in (0, 255, 256, 65_535, 65_536, 69_888, 69_999):
        assert inclusion_proof(index, 70_000, read) == inclusion_proof(index, 70_000, node)
    for old in (1, 255, 256, 300, 65_536, 69_999):
        assert consistency_proof(old, 70_000, read) == consistency_proof(old, 70_000, node)


@given(st.lists(st.integers(0, 700), max_size=6))
def test_what_is_published_since_is_what_changed(counts: list[int]) -> None:
    kept = Kept()
    for count in counts:
        before = kept.size
        kept.add(count)
        new = set(tiles_of(kept.size, before))
        assert new == set(tiles_of(kept.size)) - set(tiles_of(before))


def test_a_tile_with_too_few_hashes_is_noticed() -> None:
    node = nodes(lambda _level, _number: b"\x00" * 32)
    with pytest.raises(ValueError, match="tile/0/000"):
        node(1, 0)
    with pytest.raises(ValueError, match="edge"):
        grow(3, {0: b"\x00" * 32}, HASHES[:1])
