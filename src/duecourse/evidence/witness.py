"""What a witness is asked, and what it answers (C2SP tlog-witness), as values: it signs no fork and no step back.

A request is ``old <size>``, the hashes of the consistency proof in base64, an empty line and the checkpoint. The
answer is signature lines, or a status of HTTP that says why there are none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from duecourse.evidence.note import (
    Checkpoint,
    Key,
    NotANote,
    Note,
    NotSigned,
    read_checkpoint,
)
from duecourse.evidence.proof import parted, written
from duecourse.evidence.tree import NotProven, check_consistency

HEAD = "old "


@dataclass(frozen=True, slots=True)
class Submission:
    """A checkpoint that a witness is asked to sign, and the proof that it continues the one of ``old`` records."""

    old: int
    path: tuple[bytes, ...]
    checkpoint: Note

    def __str__(self) -> str:
        """The body of the request."""
        return written(HEAD, self.old, self.path, self.checkpoint)


class Declined(Exception):
    """Why a witness does not sign; ``status`` is HTTP's, ``size`` that of the log as the witness knows it."""

    def __init__(self, status: int, why: str, size: int | None = None) -> None:
        super().__init__(why)
        self.status = status
        self.size = size


def read_submission(content: bytes) -> Submission:
    """A request, unchecked; raises `Declined`."""
    try:
        return Submission(*parted(content, HEAD, "a request begins with the old size"))
    except NotANote as error:
        raise Declined(400, str(error)) from None


def judge(asked: Submission, keys: Mapping[str, Key], seen: Checkpoint | None) -> Checkpoint:
    """The head that may be signed, given the last one that was; raises `Declined`.

    ``keys`` are those of the logs that are witnessed, by origin; ``seen`` is of the same origin.
    """
    try:
        head = read_checkpoint(asked.checkpoint.text)
    except NotANote as error:
        raise Declined(400, str(error)) from None
    if head.origin not in keys:
        raise Declined(404, f"the log {head.origin} is not witnessed here")
    try:
        asked.checkpoint.signed_by(keys[head.origin])
    except NotSigned as error:
        raise Declined(403, str(error)) from None
    if asked.old > head.size:
        raise Declined(400, f"the old size {asked.old} is above the checkpoint's {head.size}")
    known = seen.size if seen else 0
    if asked.old != known:
        raise Declined(409, f"the log had {known} records when it was signed last, not {asked.old}", known)
    if seen and head.size == known and head.root != seen.root:
        raise Declined(409, f"a fork: the log of {known} records had another root when it was signed last", known)
    if seen:
        try:
            check_consistency(known, seen.root, head.size, head.root, asked.path)
        except NotProven as error:
            raise Declined(422, str(error)) from None
    elif asked.path:
        raise Declined(422, "a log that was never signed here needs no proof")
    return head


def origin_of(asked: Submission) -> str:
    """Which log a request is about."""
    return asked.checkpoint.text.partition("\n")[0]
