"""The proof that a paper carries (`proof.json` in its PDF): the record, its place in the log, and the words themselves.

The verifier of `evidence` takes the PDF, or that file, and needs nothing else but the log's key.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from duecourse.casework.proving import NotPublishedYet, prove
from duecourse.evidence.record import Opening
from duecourse.storage import checkpoints
from duecourse.storage.connection import Tx

NAME = "proof.json"


def carried(
    tx: Tx, entry_id: int, *, called: str, words: str, openings: Callable[[bytes], Iterable[Opening]] = lambda _: ()
) -> bytes | None:
    """The proof file of words, None where no published checkpoint covers their record yet.

    ``called`` is the format's name, ``openings`` gives what opens the facts of the record.
    """
    origin = checkpoints.origin(tx)
    try:
        proven = prove(tx, entry_id)
    except NotPublishedYet:
        return None
    if origin is None:
        return None
    entry = proven.entry.content
    shown = [{"field": one.field, "value": one.value, "salt": one.salt.hex()} for one in openings(entry)]
    said = {
        "format": called, "lender": tx.lender_id, "origin": origin.origin, "key": str(origin.key),
        "record": entry.decode(), "proof": str(proven.proof), "openings": shown, "content": words,
    }  # fmt: skip
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
