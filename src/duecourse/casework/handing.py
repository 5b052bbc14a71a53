"""What was handed over, so that it can be shown later: the list of files, the zip, the proof of the record about it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from hashlib import sha256
from io import BytesIO

from duecourse.casework.cosigning import submission
from duecourse.casework.proving import NotPublishedYet
from duecourse.evidence.note import read_checkpoint
from duecourse.evidence.proof import Proof
from duecourse.evidence.tree import inclusion_proof
from duecourse.storage import checkpoints, log
from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput, Said

MANIFEST, HANDED, HANDED_PROOF = "bundle.json", "handed.json", "handed.tlog-proof"
HANDED_NEWER = "handed.continuation"


def named(files: Mapping[str, str | bytes]) -> Iterator[dict[str, str | int]]:
    """Every file with its size and SHA-256, by name."""
    for name, one in sorted(files.items()):
        content = one.encode() if isinstance(one, str) else one
        yield {"name": name, "size": len(content), "sha256": sha256(content).hexdigest()}


class NotABundle(BadInput):
    """A file that is no bundle which this lender handed over."""

    def __init__(self, why: Said) -> None:
        super().__init__(N_("this is no bundle that was handed over here: {why}"), why=why)


def sealed(tx: Tx, content: bytes) -> bytes:
    """A bundle with the proof that its handing-over stands in the log, under the newest published checkpoint.

    Nothing that was handed over changes: the proof, and how its checkpoint continues the bundle's, are beside it.
    Raises `NotABundle`, `proving.NotPublishedYet`.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as opened:
            files = {name: opened.read(name) for name in opened.namelist()}
        handed, size = json.loads(files[HANDED]), int(json.loads(files[MANIFEST])["size"])
        lender, _, number = str(handed["id"]).partition("/")
        digest = handed["stated"]["manifest"]
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        raise NotABundle(Said(N_("it cannot be read as one"))) from error
    entry = log.these(tx, [int(number)]).get(int(number)) if number.isdecimal() and lender == tx.lender_id else None
    if entry is None or entry.content != files[HANDED] or digest != sha256(files[MANIFEST]).hexdigest():
        raise NotABundle(Said(N_("the log has no record of its handing-over, or it was changed since")))
    newer = submission(tx, size)
    head = read_checkpoint(newer.checkpoint.text)
    if entry.seq is None or entry.seq >= head.size:
        raise NotPublishedYet(entry.entry_id)
    path = tuple(inclusion_proof(entry.seq, head.size, checkpoints.nodes_of(tx)))
    proof = str(Proof(entry.seq, path, newer.checkpoint))
    return zipped(files | {HANDED_PROOF: proof.encode(), HANDED_NEWER: str(newer).encode()})


def zipped(files: Mapping[str, str | bytes] | Mapping[str, bytes]) -> bytes:
    """A zip of files, the same bytes for the same files."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in sorted(files.items()):
            made.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text)
    return buffer.getvalue()
