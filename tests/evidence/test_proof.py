"""Proofs as texts: read back as written, good for their entry and log alone."""

from __future__ import annotations

import pytest

from duecourse.evidence.note import Checkpoint, Kind, NotANote, Note, signer
from duecourse.evidence.proof import Proof, read_proof
from duecourse.evidence.tree import NotProven, inclusion_proof, leaf_hash, nodes_of, root

LOG = signer("log.example/demo", Kind.LOG, bytes(32))
ENTRIES = [f'{{"n":{n}}}'.encode() for n in range(11)]
HASHES = [leaf_hash(entry) for entry in ENTRIES]
HEAD = Checkpoint(LOG.name, 11, root(HASHES))


def proof(index: int = 5, head: Checkpoint = HEAD) -> Proof:
    return Proof(index, tuple(inclusion_proof(index, 11, nodes_of(HASHES))), Note(str(head), (LOG.sign(str(head)),)))


@pytest.mark.parametrize("index", range(11))
def test_a_proof_is_read_back_and_shows_its_entry(index: int) -> None:
    text = str(proof(index))
    again = read_proof(text.encode())
    assert str(again) == text
    assert again.check(ENTRIES[index], LOG.key) == HEAD


def test_a_proof_by_its_bytes() -> None:
    lines = str(proof(10)).split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 10"]
    assert lines[4:7] == ["", "log.example/demo", "11"]


def test_it_shows_no_other_entry_place_log_or_head() -> None:
    with pytest.raises(NotProven, match="does not lead"):
        proof().check(ENTRIES[4], LOG.key)
    with pytest.raises(NotProven, match="does not lead"):
        Proof(6, proof().path, proof().checkpoint).check(ENTRIES[5], LOG.key)
    with pytest.raises(NotProven, match="not signed"):
        proof().check(ENTRIES[5], signer("other.example", Kind.LOG, bytes(32)).key)
    with pytest.raises(NotProven, match="is of the log"):
        proof(head=Checkpoint("other.example", 11, HEAD.root)).check(ENTRIES[5], LOG.key)
    with pytest.raises(NotProven, match="wrong"):
        Proof(5, proof().path, Note(str(HEAD).replace("11", "12"), proof().checkpoint.signatures)).check(
            ENTRIES[5], LOG.key
        )


@pytest.mark.parametrize(
    "spoiled",
    [
        "",
        "c2sp.org/tlog-proof@v1",
        str(proof()).replace("@v1", "@v2"),
        str(proof()).replace("index 5", "index 05"),
        str(proof()).replace("index 5", "index 5\nAAAA"),
        str(proof()).replace("index 5", "index 5\nnot base64"),
        str(proof()).replace("\n\n", "\n", 1),
    ],
)
def test_what_is_no_proof_is_refused(spoiled: str) -> None:
    with pytest.raises(NotANote):
        read_proof(spoiled.encode())
    with pytest.raises(NotANote):
        read_proof(b"\xff")
