"""A bundle of evidence: records of one matter with their proofs, the facts they commit to, and what checks them.

    bundle.json                  what is in it
    key, checkpoint              the log's public key and the checkpoint that all proofs lead to
    records/<entry>.json         a record, byte by byte
    records/<entry>.tlog-proof   its place in the log
    records/<entry>.facts.json   facts that it commits to, each with its salt
    anchors/<size>-<n>.txt       the earliest checkpoint over each record that a contract on a chain holds
    stamps/<size>-<n>.*          the earliest time stamp over each record: what was stamped, the stamp, certificates
    README.*, verify_duecourse.py

Facts are shown where what is stored still gives the value that was committed to. Nothing is shown of a person whose
data was destroyed: their records and proofs stand, their facts are closed for ever.
"""

from __future__ import annotations

import json
import zipfile
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from duecourse.casework.actor import Actor
from duecourse.casework.answering import about
from duecourse.casework.permit import PermitRequest, Sender
from duecourse.casework.proving import Proven, prove_all
from duecourse.casework.sequencing import NoLog
from duecourse.evidence import record, verify_duecourse
from duecourse.evidence.note import Checkpoint, read_checkpoint, read_note
from duecourse.evidence.record import Fact, NotARecord, Opening, instant_text
from duecourse.evidence.tree import consistency_proof
from duecourse.law.terms import Channel, SenderType
from duecourse.storage import anchors, cases, checkpoints, log, permits, persons, promises, stamps
from duecourse.storage.connection import Tx
from duecourse.storage.log import Entry
from duecourse.storage.vault import Destroyed, PersonKey, Vault

FORMAT = 1
TEXTS = Path(__file__).parent / "bundle_texts"
RECORDS_MAX = 5_000


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was put together: the zip, and how much is in it."""

    content: bytes
    records: int
    facts: int
    closed: int  # facts that are committed to and not shown


def bundle_of_permit(tx: Tx, *, vault: Vault, permit_id: int, actor: Actor, now: datetime) -> Bundle:
    """The evidence of one permit or refusal: question, answer, use, outcome. Raises `permits.NoSuchPermit`."""
    row = permits.get(tx, permit_id)
    found = [
        one for one in log.of_person(tx, row.person_id, RECORDS_MAX) if _stated(one).get("permit") == str(permit_id)
    ]
    return _bundle(tx, {"permit": str(permit_id)}, found, vault=vault, actor=actor, now=now)


def bundle_of_case(tx: Tx, *, vault: Vault, case_id: int, actor: Actor, now: datetime) -> Bundle:
    """The evidence of one case: every record about its person. Raises `cases.NoSuchCase`."""
    case = cases.get(tx, case_id)
    found = log.of_person(tx, case.person_id, RECORDS_MAX)
    return _bundle(tx, {"case": str(case_id)}, found, vault=vault, actor=actor, now=now)


def _bundle(
    tx: Tx, of: Mapping[str, str], entries: Sequence[Entry], *, vault: Vault, actor: Actor, now: datetime
) -> Bundle:
    origin, head = checkpoints.origin(tx), checkpoints.newest_published(tx)
    if origin is None or head is None or head.checkpoint is None:
        raise NoLog(tx.lender_id)
    placed = (one for one in entries if one.seq is not None and one.seq < head.size)
    ordered = sorted(placed, key=lambda one: one.entry_id)
    proven = prove_all(tx, [one.entry_id for one in ordered])
    top = proven[0].proof.checkpoint if proven else read_note(head.checkpoint.encode())
    size = read_checkpoint(top.text).size
    files: dict[str, str | bytes] = {"key": f"{origin.key}\n", "checkpoint": str(top)}
    listed, facts, closed = [], 0, 0
    for one in proven:
        openings = list(_openings(tx, vault, one.entry))
        facts += len(openings)
        closed += _committed(one) - len(openings)
        listed.append(_put(files, one, openings))
    stamped = list(_stamps(tx, files, origin.origin, proven, size))
    anchored = list(_anchors(tx, files, origin.origin, proven, size))
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(TEXTS.iterdir())}
    texts["verify_duecourse.py"] = verifier()
    files |= texts
    files["bundle.json"] = json.dumps(
        {
            "format": FORMAT, "lender": tx.lender_id, "of": of, "origin": origin.origin, "size": size,
            "records": listed, "decisions": [], "stamps": stamped, "anchors": anchored, "texts": ["checkpoint", *texts],
            "left_out": len(entries) - len(ordered),
        },
        ensure_ascii=False, indent=1,
    )  # fmt: skip
    log.append(
        tx, vault=vault, kind="evidence.bundled", at=now, actor=str(actor),
        stated={**of, "records": len(listed), "facts": facts, "size": size},
    )  # fmt: skip
    return Bundle(_zipped(files), len(listed), facts, closed)


def _stamps(
    tx: Tx, files: dict[str, str | bytes], origin: str, proven: Sequence[Proven], size: int
) -> Iterator[dict[str, Any]]:
    """Put the earliest time stamp over each record into the bundle, and list them with their ways to its checkpoint."""
    found = {one.proof.index: stamps.earliest_over(tx, one.proof.index) for one in proven}
    for number, stamp in enumerate(dict.fromkeys(one for one in found.values() if one), 1):
        name = f"stamps/{stamp.size}-{number}"
        listed = {"file": f"{name}.tsr", "text": f"{name}.txt", "certificates": f"{name}.pem"}
        shown = str(Checkpoint(origin, stamp.size, stamp.root))
        files |= dict(zip(listed.values(), (stamp.response, shown, stamp.certificates), strict=True))
        yield listed | {"authority": stamp.url, "path": _way(tx, stamp.size, size)}


def _anchors(
    tx: Tx, files: dict[str, str | bytes], origin: str, proven: Sequence[Proven], size: int
) -> Iterator[dict[str, Any]]:
    """The same for the earliest checkpoint over each record that a contract on a chain holds."""
    found = {one.proof.index: anchors.earliest_over(tx, one.proof.index) for one in proven}
    for number, anchor in enumerate(dict.fromkeys(one for one in found.values() if one), 1):
        name = f"anchors/{anchor.size}-{number}.txt"
        files[name] = str(Checkpoint(origin, anchor.size, anchor.root))
        yield {
            "file": name, "chain": anchor.chain, "contract": f"0x{anchor.contract.hex()}", "block": anchor.block,
            "block_hash": f"0x{anchor.block_hash.hex()}", "transaction": f"0x{anchor.transaction.hex()}",
            "path": _way(tx, anchor.size, size),
        }  # fmt: skip


def _way(tx: Tx, one: int, two: int) -> list[str]:
    """The hashes that show that the smaller of two trees is the beginning of the larger one."""
    path = consistency_proof(min(one, two), max(one, two), checkpoints.nodes_of(tx))
    return [b64encode(each).decode() for each in path]


def verifier() -> str:
    """The program that checks bundles and proofs, which needs nothing of duecourse."""
    return Path(verify_duecourse.__file__).read_text(encoding="utf-8")


def _put(files: dict[str, str | bytes], one: Proven, openings: list[Opening]) -> dict[str, Any]:
    name = f"records/{one.entry.entry_id}"
    files[f"{name}.json"] = one.entry.content.decode()
    files[f"{name}.tlog-proof"] = str(one.proof)
    listed = {"kind": one.entry.kind, "file": f"{name}.json", "proof": f"{name}.tlog-proof"}
    if openings:
        listed["openings"] = f"{name}.facts.json"
        files[listed["openings"]] = json.dumps(
            [{"field": each.field, "value": each.value, "salt": each.salt.hex()} for each in openings],
            ensure_ascii=False, indent=1,
        )  # fmt: skip
    return listed


def _zipped(files: Mapping[str, str | bytes]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in sorted(files.items()):
            made.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text)
    return buffer.getvalue()


def _openings(tx: Tx, vault: Vault, entry: Entry) -> Iterator[Opening]:
    """The facts of a record that what is stored still gives; none of somebody whose data was destroyed."""
    if entry.person_id is None:
        return
    try:
        key = vault.person(tx.lender_id, entry.person_id, persons.wrapped(tx, entry.person_id))
    except Destroyed:
        return
    yield from (one for field, value in _values(tx, entry) if (one := _opened(entry, field, value, key)))


def _opened(entry: Entry, field: str, value: Fact, key: PersonKey) -> Opening | None:
    try:
        return record.open_fact(entry.content, field, value, key.secret)
    except NotARecord:
        return None


def _values(tx: Tx, entry: Entry) -> Iterator[tuple[str, Fact]]:
    """What a record's facts were, by what is stored; whether they are is seen when they are opened."""
    stated = _stated(entry)
    if "permit" in stated:
        row = permits.get(tx, int(str(stated["permit"])))
        yield "about", about(_request(row), row.debtor_id)
        yield "facts", row.said.get("facts")
        yield "outcome", stated.get("outcome")
        made = row.contact_id and permits.reserved(permits.contact(tx, row.person_id, row.contact_id))
        yield "made", instant_text(made.at) if made else None
        yield from (("unredeemed", one) for one in (False, True))
    elif "promise" in stated:
        kept = promises.get(tx, int(str(stated["promise"])))
        yield "amount", kept.amount_minor
        yield "currency", kept.currency
        yield "due", kept.due_day.isoformat()
        yield "promised_by", str(kept.promised_by)
        yield "contact", None if kept.contact_id is None else str(kept.contact_id)


def _request(row: permits.PermitRow) -> PermitRequest:
    """The question to the gate, as it was asked."""
    return PermitRequest(
        person_id=row.person_id, loan_keys=tuple(row.loan_keys), contact_point_id=row.contact_point_id,
        channel=Channel(row.channel), at=row.at, template_id=row.template_id, content_hash=row.content_hash.hex(),
        sender=Sender(SenderType(row.sender_type), row.firm, row.staff), idempotency_key=row.idempotency_key,
    )  # fmt: skip


def _stated(entry: Entry) -> Mapping[str, Fact]:
    found = record.read(entry.content)["stated"]
    return found if isinstance(found, dict) else {}


def _committed(one: Proven) -> int:
    found = record.read(one.entry.content)["commitments"]
    return len(found) if isinstance(found, dict) else 0
