"""What a witness signs and what it declines, by the statuses of the specification."""

from __future__ import annotations

import pytest

from duecourse.evidence.note import Checkpoint, Kind, Note, Signer, signer
from duecourse.evidence.tree import consistency_proof, leaf_hash, nodes_of, root
from duecourse.evidence.witness import Declined, Submission, judge, read_submission

LOG = signer("log.example/demo", Kind.LOG, bytes(32))
KEYS = {LOG.name: LOG.key}
HASHES = [leaf_hash(bytes([n])) for n in range(40)]
FORK = [*HASHES[:20], *(leaf_hash(b"fork" + bytes([n])) for n in range(20))]


def head(size: int, hashes: list[bytes] = HASHES, origin: str = LOG.name) -> Checkpoint:
    return Checkpoint(origin, size, root(hashes[:size]))


def asked(old: int, new: Checkpoint, hashes: list[bytes] = HASHES, by: Signer = LOG) -> Submission:
    text = str(new)
    return Submission(old, tuple(consistency_proof(old, new.size, nodes_of(hashes))), Note(text, (by.sign(text),)))


def test_what_continues_is_signed() -> None:
    seen = None
    for size in (1, 2, 7, 7, 8, 33, 40):
        one = asked(seen.size if seen else 0, head(size))
        again = read_submission(str(one).encode())
        assert again == one
        seen = judge(again, KEYS, seen)
        assert seen == head(size)


@pytest.mark.parametrize(
    ("submission", "seen", "status"),
    [
        (asked(0, head(9, origin="other.example")), None, 404),
        (asked(0, head(9), by=signer(LOG.name, Kind.LOG, bytes([1]) * 32)), None, 403),
        (Submission(10, (), asked(0, head(9)).checkpoint), head(10), 400),
        (asked(0, head(9)), head(8), 409),
        (asked(7, head(9)), head(8), 409),
        (asked(9, head(9)), None, 409),
        (asked(30, head(30, FORK), FORK), head(30), 409),
        (asked(30, head(31, FORK), FORK), head(30), 422),
        (Submission(30, (), asked(30, head(31)).checkpoint), head(30), 422),
        (Submission(0, (HASHES[0],), asked(0, head(31)).checkpoint), None, 422),
        (asked(5, head(5)), head(30), 409),
    ],
)
def test_what_does_not_continue_is_declined(submission: Submission, seen: Checkpoint | None, status: int) -> None:
    with pytest.raises(Declined) as declined:
        judge(submission, KEYS, seen)
    assert declined.value.status == status
    assert declined.value.size == (seen.size if seen else 0 if status == 409 else None) or status != 409


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"old 1", b"old 01\n\n" + str(asked(0, head(1)).checkpoint).encode(),
     b"old 0\nrubbish\n\n" + str(asked(0, head(1)).checkpoint).encode(),
     b"old 0\n" + b"AAAA\n" * 64 + b"\n" + str(asked(0, head(1)).checkpoint).encode(),
     str(asked(0, head(1))).replace("\n1\n", "\none\n").encode()],
)  # fmt: skip
def test_what_cannot_be_read_is_declined(content: bytes) -> None:
    with pytest.raises(Declined) as declined:
        judge(read_submission(content), KEYS, None)
    assert declined.value.status == 400
