"""The tree against the published vectors of Certificate Transparency and against an independent implementation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_inclusion

from duecourse.evidence.tree import (
    EMPTY_ROOT,
    NotProven,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    nodes_of,
    root,
    root_of,
)

LEAVES = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

# The vectors of Certificate Transparency's own tests, by which hash stands where.
H1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
H23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
H4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
H45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
H67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
H4567 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
INCLUSION = {
    (0, 1): [],
    (0, 8): [H1, H23, H4567],
    (5, 8): [H4, H67, ROOTS[3]],
    (2, 3): [ROOTS[1]],
    (1, 5): [ROOTS[0], H23, H4],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [H1, H23, H4567],
    (6, 8): [H45, H67, ROOTS[3]],
    (2, 5): [H23, H4],
}
HASHES = [leaf_hash(leaf) for leaf in LEAVES]


def grown(entries: list[bytes]) -> InmemoryTree:
    """The same tree by an independent implementation."""
    theirs = InmemoryTree(algorithm="sha256")
    for entry in entries:
        theirs.append_entry(entry)
    return theirs


def test_roots_are_those_of_certificate_transparency() -> None:
    assert [root(map(leaf_hash, LEAVES[:size])).hex() for size in range(1, 9)] == ROOTS


def test_proofs_are_those_of_certificate_transparency() -> None:
    node = nodes_of(HASHES)
    assert {at: [one.hex() for one in inclusion_proof(*at, node)] for at in INCLUSION} == INCLUSION
    assert {at: [one.hex() for one in consistency_proof(*at, node)] for at in CONSISTENCY} == CONSISTENCY


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert root([]) == EMPTY_ROOT
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


entries_of = st.lists(st.binary(max_size=40), min_size=1, max_size=70)


@given(entries_of)
def test_roots_agree_with_an_independent_tree(entries: list[bytes]) -> None:
    assert root(map(leaf_hash, entries)) == grown(entries).get_root()


@given(entries_of, st.data())
def test_an_independent_tree_gives_the_same_proofs(entries: list[bytes], data: st.DataObject) -> None:
    theirs, hashes = grown(entries), [leaf_hash(entry) for entry in entries]
    size = data.draw(st.integers(1, len(entries)))
    index = data.draw(st.integers(0, size - 1))
    node, top = nodes_of(hashes), theirs.get_root(size)
    proof = theirs.prove_inclusion(index + 1, size)
    verify_inclusion(hashes[index], top, proof)
    ours = inclusion_proof(index, size, node)
    check_inclusion(hashes[index], index, size, ours, top)
    assert sorted([hashes[index], *ours]) == sorted(proof.path)  # theirs has the leaf among the hashes
    check_consistency(size, top, len(entries), theirs.get_root(), consistency_proof(size, len(entries), node))


def test_every_leaf_of_every_size_is_proven_and_every_size_continues_every_smaller_one() -> None:
    hashes = [leaf_hash(bytes([number])) for number in range(100)]
    node, roots = nodes_of(hashes), [root(hashes[:size]) for size in range(101)]
    for size in range(1, 101):
        assert root_of(0, size, node) == roots[size]
        for index in range(size):
            check_inclusion(hashes[index], index, size, inclusion_proof(index, size, node), roots[size])
        for old in range(size + 1):
            check_consistency(old, roots[old], size, roots[size], consistency_proof(old, size, node))


SIZE = st.integers(1, 40)


@given(SIZE, st.data())
def test_a_proof_with_one_bit_changed_proves_nothing(size: int, data: st.DataObject) -> None:
    hashes = [leaf_hash(bytes([number])) for number in range(size)]
    node, top = nodes_of(hashes), root(hashes)
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_proof(index, size, node)
    for spoiled in spoilt(path, data):
        with pytest.raises(NotProven):
            check_inclusion(hashes[index], index, size, spoiled, top)
    with pytest.raises(NotProven):
        check_inclusion(leaf_hash(b"another"), index, size, path, top)
    old = data.draw(st.integers(1, size))
    steps = consistency_proof(old, size, node)
    for spoiled in spoilt(steps, data):
        with pytest.raises(NotProven):
            check_consistency(old, root(hashes[:old]), size, top, spoiled)
    with pytest.raises(NotProven):
        check_consistency(old, root([*hashes[: old - 1], leaf_hash(b"another")]), size, top, steps)


def spoilt(path: list[bytes], data: st.DataObject) -> list[list[bytes]]:
    """A path with a hash too many, and, where it has any, one too few and one of which a bit is changed."""
    ways = [[*path, leaf_hash(b"more")]]
    if path:
        at, bit = data.draw(st.integers(0, len(path) - 1)), data.draw(st.integers(0, 255))
        changed = bytearray(path[at])
        changed[bit // 8] ^= 1 << bit % 8
        ways += [path[:-1], [*path[:at], bytes(changed), *path[at + 1 :]]]
    return ways


@given(SIZE, SIZE)
def test_a_leaf_is_proven_at_its_own_place_only(size: int, other: int) -> None:
    hashes = [leaf_hash(bytes([number])) for number in range(size)]
    index = other % size
    path = inclusion_proof(index, size, nodes_of(hashes))
    for place in range(size):
        if place != index:
            with pytest.raises(NotProven):
                check_inclusion(hashes[index], place, size, path, root(hashes))


def test_what_cannot_be_is_asked_in_vain() -> None:
    node = nodes_of(HASHES)
    for index, size in ((8, 8), (-1, 8), (0, 0)):
        with pytest.raises(ValueError, match="no leaf"):
            inclusion_proof(index, size, node)
        with pytest.raises(NotProven):
            check_inclusion(HASHES[0], index, size, [], HASHES[0])
    with pytest.raises(ValueError, match="does not begin"):
        consistency_proof(5, 4, node)
    for old, old_root, new, new_root in (
        (5, HASHES[0], 4, HASHES[1]),
        (4, HASHES[0], 4, HASHES[1]),
        (0, HASHES[0], 4, HASHES[1]),
        (3, HASHES[0], 4, HASHES[1]),
    ):
        with pytest.raises(NotProven):
            check_consistency(old, old_root, new, new_root, [])


def test_a_leaf_is_never_taken_for_a_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)
