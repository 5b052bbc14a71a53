"""Witnesses: others sign each head of the log, after they saw that it continues the one that they signed before."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from duecourse.casework.sequencing import NoLog
from duecourse.evidence.note import Key, Kind, NotANote, Note, NotSigned, read_key, read_note, read_signatures
from duecourse.evidence.tree import consistency_proof
from duecourse.evidence.witness import Submission
from duecourse.storage import checkpoints
from duecourse.storage.connection import Database, Tx
from duecourse.storage.published import CHECKPOINT, Published
from duecourse.trouble import N_, BadInput, Refused, Unavailable

CONFLICT, GOOD = 409, 200

TIMEOUT_S = 10
"""A witness that takes longer is asked again later."""


class WitnessRefused(Refused):
    """A witness does not sign."""

    def __init__(self, name: str, status: int, why: str) -> None:
        super().__init__(
            N_("witness {name} does not sign (status {status}): {why}"), name=name, status=status, why=why or "–"
        )


class NotWitnessed(BadInput):
    """What came back is no signature of the witness over this checkpoint."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            N_("the answer of witness {name} is no signature of this checkpoint: {why}"), name=name, why=why
        )


class NotAWitness(BadInput):
    """Words that name no witness."""

    def __init__(self, why: str) -> None:
        super().__init__(
            N_("DUECOURSE_WITNESSES holds address and key of each witness, parted by semicolons: {why}"), why=why
        )


class WitnessSilent(Unavailable):
    """A witness does not answer."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(N_("the witness at {url} does not answer: {why}"), url=url, why=why)


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness that answers over HTTP."""

    url: str
    key: Key

    def post(self, content: bytes) -> tuple[int, bytes]:
        """Send it a request; raises `WitnessSilent`."""
        try:
            answer = httpx.post(f"{self.url.rstrip('/')}/add-checkpoint", content=content, timeout=TIMEOUT_S)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise WitnessSilent(self.url, str(error)) from error
        return answer.status_code, answer.content


def read_witness(text: str) -> Witness:
    """A witness by its address and key, parted by a space; raises `NotAWitness`."""
    url, _, key = text.strip().partition(" ")
    try:
        return Witness(url, witness_key(key))
    except NotANote as error:
        raise NotAWitness(str(error)) from None


def witness_key(text: str) -> Key:
    """The key of a witness; raises `NotANote`."""
    key = read_key(text)
    if key.kind is not Kind.WITNESS:
        raise NotANote(f"{key.name} is not the key of a witness")
    return key


def submission(tx: Tx, old: int) -> Submission:
    """What a witness is asked, who saw ``old`` records of the log last."""
    head = checkpoints.newest_published(tx)
    if head is None or head.checkpoint is None:
        raise NoLog(tx.lender_id)
    if old > head.size:
        raise AheadOfUs(tx.lender_id, old, head.size)
    path = tuple(consistency_proof(old, head.size, checkpoints.nodes_of(tx)))
    return Submission(old, path, read_note(head.checkpoint.encode()))


class AheadOfUs(Refused):
    """A witness has signed more of the log than is published here."""

    def __init__(self, lender_id: str, seen: int, size: int) -> None:
        super().__init__(
            N_(
                "a witness has signed {seen} records of the log of lender {lender}, and {size} are published here: "
                "this database or folder is an earlier one. Find out which is the lender's before anything is signed"
            ),
            lender=lender_id,
            seen=seen,
            size=size,
        )


def cosign(database: Database, lender_id: str, published: Published, *, witness: Witness) -> Note:
    """Have the newest checkpoint signed by a witness, and publish its signature with it.

    The first question says nothing of what the witness saw; it answers with the size, and is given the proof from it.
    Raises `WitnessRefused`, `WitnessSilent`, `AheadOfUs`, `NotWitnessed`.
    """
    old = 0
    for _ in range(2):
        with database.transaction(lender_id) as tx:
            asked = submission(tx, old)
        status, answer = witness.post(str(asked).encode())
        said = answer.decode(errors="replace").strip()
        if status != CONFLICT or not said.isdecimal() or int(said) == old:
            break
        old = int(said)
    if status != GOOD:
        raise WitnessRefused(witness.key.name, status, said[:200])
    with database.transaction(lender_id) as tx:
        return accept(tx, published, asked.checkpoint, witness=witness.key, lines=answer.decode(errors="replace"))


def unsigned(tx: Tx, witness: Key) -> bool:
    """Whether the newest published checkpoint lacks the signature of a witness."""
    head = checkpoints.newest_published(tx)
    if head is None or head.checkpoint is None:
        return False
    signatures = read_note(head.checkpoint.encode()).signatures
    return (witness.name, witness.id) not in {(one.name, one.key_id) for one in signatures}


def accept(tx: Tx, published: Published, note: Note, *, witness: Key, lines: str) -> Note:
    """Take a witness's signature of a checkpoint over, into the published one if that is still the same."""
    checkpoints.lock(tx, wait=True)
    try:
        signed = note.with_signatures(
            one for one in read_signatures(lines) if (one.name, one.key_id) == (witness.name, witness.id)
        )
        signed.signed_by(witness)
    except (NotANote, NotSigned) as error:
        raise NotWitnessed(witness.name, str(error)) from None
    head = checkpoints.of_text(tx, note.text)
    if head is None or head.checkpoint is None or head.published_at is None:
        raise NotWitnessed(witness.name, "it is not of a published checkpoint of this log")
    signed = read_note(head.checkpoint.encode()).with_signatures(
        one for one in signed.signatures if one.name == witness.name
    )
    checkpoints.publish(tx, head.size, checkpoint=str(signed), now=head.published_at)
    with published.writing():
        there = published.checkpoint()
        if there is not None and read_note(there).text == signed.text:
            published.put(CHECKPOINT, str(signed).encode())
    return signed
