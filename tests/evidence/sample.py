"""A log of records made without a database, and a bundle of some of them: what two verifiers are both shown."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

from duecourse.evidence import record
from duecourse.evidence.note import Checkpoint, Kind, Note, base64_of, signer
from duecourse.evidence.proof import Proof
from duecourse.evidence.tree import consistency_proof, inclusion_proof, leaf_hash, nodes_of, root
from duecourse.evidence.witness import Submission

LOG = signer("log.example/demo", Kind.LOG, bytes(32))
WITNESS = signer("witness.example", Kind.WITNESS, bytes([7]) * 32)
AT = datetime(2026, 3, 1, 2, tzinfo=UTC)
SECRET = bytes(range(32))
SIZE, NEWEST = 37, 52
FACTS: dict[str, record.Fact] = {
    "text": '张三 said "no\\yes"\n\u2028\u007f \U0001f600', "amount": 2**53 - 1, "none": None,
    "deep": {"\uffff": [True, -1, {"b": 1, "a": []}], "\U00010000": "after by code unit, before by code point"},
}  # fmt: skip
ROWS = [json.dumps([str(n), "1", "sms", None, True], separators=(",", ":")) for n in range(9)]
SALTS = [bytes([n]) * 32 for n in range(9)]
_LEAVES = [leaf_hash(salt + row.encode()) for salt, row in zip(SALTS, ROWS, strict=True)]


CONTRACT, WORDS = b"%PDF-1.7 a contract", '{"title":"催款函"}'
KEPT: dict[int, tuple[str, dict[str, record.Fact]]] = {
    13: ("document.kept", {"sha256": sha256(CONTRACT).hexdigest(), "name": "contract.pdf"}),
    14: ("notice.issued", {"content": sha256(WORDS.encode()).hexdigest(), "code": "not shown"}),
}
"""Records of what is in the bundle beside them, with their facts."""


def _record(number: int) -> bytes:
    if number == 11:
        stated: dict[str, record.Fact] = {
            "day": "2026-03-01",
            "slice": 1,
            "rows": len(ROWS),
            "root": root(_LEAVES).hex(),
        }
        return record.build(record_id="demo/11", kind="day_run.slice", at=AT, actor="a" * 32, stated=stated).content
    kind, facts = KEPT.get(number, ("case.test", FACTS))
    return record.build(
        record_id=f"demo/{number}", kind=kind, at=AT, actor="a" * 32, subject="b" * 32, facts=facts,
        secret=SECRET, stated={"case": str(number)},
    ).content  # fmt: skip


ENTRIES = [_record(number) for number in range(NEWEST)]
HASHES = [leaf_hash(entry) for entry in ENTRIES]
NODES = nodes_of(HASHES)


def head(size: int = SIZE, *, witnessed: bool = True) -> Note:
    """The signed checkpoint of a size."""
    text = str(Checkpoint(LOG.name, size, root(HASHES[:size])))
    return Note(text, (LOG.sign(text), *([WITNESS.sign(text, 1_772_330_400)] if witnessed else [])))


def proof(index: int, size: int = SIZE) -> str:
    """The proof of a record."""
    return str(Proof(index, tuple(inclusion_proof(index, size, NODES)), head(size)))


def continuation(old: int = SIZE, new: int = NEWEST) -> str:
    """How the log of one size continues that of another."""
    return str(Submission(old, tuple(consistency_proof(old, new, NODES)), head(new, witnessed=False)))


def decision(index: int = 5) -> dict[str, Any]:
    """A decision, up to the record of its slice."""
    path = inclusion_proof(index, len(ROWS), nodes_of(_LEAVES))
    return {
        "format": 1, "kind": "decision", "row": ROWS[index], "salt": SALTS[index].hex(), "index": index,
        "rows": len(ROWS), "path": [one.hex() for one in path], "slice": ENTRIES[11].decode(), "proof": proof(11),
    }  # fmt: skip


def notice(words: str) -> str:
    """The proof that a notice of these words carries, in a log that has its record alone."""
    facts: dict[str, record.Fact] = {"content": sha256(words.encode()).hexdigest()}
    return _carried("notice", "notice.issued", words, facts=facts)


def certificate(words: str) -> str:
    """The proof that a certificate of destruction carries, likewise."""
    stated: dict[str, record.Fact] = {"certificate": sha256(words.encode()).hexdigest(), "people": 2}
    return _carried("destruction", "retention.destroyed", words, stated=stated)


def _carried(
    called: str,
    kind: str,
    words: str,
    *,
    facts: Mapping[str, record.Fact] | None = None,
    stated: Mapping[str, record.Fact] | None = None,
) -> str:
    about = {"subject": "b" * 32, "facts": dict(facts), "secret": SECRET} if facts else {}
    entry = record.build(
        record_id="demo/0", kind=kind, at=AT, actor="a" * 32, stated=dict(stated or {}), **about,  # type: ignore[arg-type]
    ).content  # fmt: skip
    text = str(Checkpoint(LOG.name, 1, leaf_hash(entry)))
    opened = [
        {"field": name, "value": value, "salt": record.salt(SECRET, "demo/0", name).hex()}
        for name, value in (facts or {}).items()
    ]
    proof = {
        "format": f"duecourse {called} proof 1", "key": str(LOG.key), "record": entry.decode(), "content": words,
        "proof": str(Proof(0, (), Note(text, (LOG.sign(text),)))), "openings": opened,
    }  # fmt: skip
    return json.dumps(proof, ensure_ascii=False, separators=(",", ":"))


def _der(*parts: bytes) -> bytes:
    """A value whose parts are these; tags mean nothing here."""
    content = b"".join(parts)
    size = len(content).to_bytes(2, "big")
    return b"\x30" + (b"\x82" + size if len(content) > 127 else size[1:]) + content


def stamp(text: str, time: bytes = b"20260301020304.5Z") -> bytes:
    """A time stamp's outer form, signed by nobody: what a verifier without certificates can read of one."""
    imprint = _der(_der(b"sha256"), _der(sha256(text.encode()).digest()))
    info = _der(_der(b"1"), _der(b"policy"), imprint, _der(b"serial"), _der(time), _der(b"nonce"))
    content = _der(_der(b"tst"), _der(_der(info)))
    signed = _der(_der(b"3"), _der(b"set"), content, _der(b"certificates"))
    return _der(_der(b"granted"), _der(_der(b"signed"), _der(signed)))


def outside(size: int) -> tuple[str, list[str]]:
    """What somebody outside was shown of a size, and its way to the bundle's checkpoint."""
    path = consistency_proof(min(size, SIZE), max(size, SIZE), NODES)
    return str(Checkpoint(LOG.name, size, root(HASHES[:size]))), [base64_of(one) for one in path]


def bundle_files() -> dict[str, str | bytes]:
    """The files of a bundle, as `casework.bundle` lays them out."""
    files: dict[str, str | bytes] = {"key": f"{LOG.key}\n", "checkpoint": str(head()), "README.md": "what it is"}
    files |= {"timeline.en.md": "| 100.00 | due |", "timeline.en.pdf": b"%PDF-1.7 100.00 due"}
    paper = (
        b"stream\n"
        + json.dumps({"format": "duecourse notice proof 1", "content": WORDS}).replace('": "', '":"', 1).encode()
    )
    files |= {"documents/1.pdf": CONTRACT, "notices/1.json": WORDS, "notices/1.pdf": b"%PDF " + paper + b"\nendstream"}
    listed = []
    for number in (3, 13, 14, 20, 36):
        name = f"records/{number}"
        _, facts = KEPT.get(number, ("", FACTS))
        openings = [
            {"field": field, "value": facts[field], "salt": record.salt(SECRET, f"demo/{number}", field).hex()}
            for field in list(facts)[: number % 5 if facts is FACTS else 1]
        ]
        files[f"{name}.json"], files[f"{name}.tlog-proof"] = ENTRIES[number].decode(), proof(number)
        files[f"{name}.facts.json"] = json.dumps(openings, ensure_ascii=False)
        listed.append({"file": f"{name}.json", "proof": f"{name}.tlog-proof", "openings": f"{name}.facts.json"})
    files["decisions/2026-03-01-1.json"] = json.dumps(decision())
    files["continuation"], files["oaths/1.txt"] = continuation(), "an oath"
    stamped, way = outside(41)
    anchored, chain_way = outside(30)
    files |= {"stamps/41-1.txt": stamped, "stamps/41-1.pem": "certificates", "anchors/30-1.txt": anchored}
    files["stamps/41-1.tsr"] = stamp(stamped)
    files["bundle.json"] = json.dumps(
        {
            "format": 2, "lender": "demo", "of": {"case": "3"}, "origin": LOG.name, "size": SIZE, "records": listed,
            "decisions": ["decisions/2026-03-01-1.json"],
            "continuation": "continuation", "left_out": 2, "unproven_days": ["2026-02-27"],
            "texts": ["README.md", "timeline.en.md", "timeline.en.pdf"],
            "further": [
                {"kind": "oath", "file": "oaths/1.txt"},
                {"kind": "document", "file": "documents/1.pdf", "sha256": sha256(CONTRACT).hexdigest()},
                {
                    "kind": "notice", "file": "notices/1.json", "sha256": sha256(WORDS.encode()).hexdigest(),
                    "paper": "notices/1.pdf",
                },
            ],
            "stamps": [
                {"file": "stamps/41-1.tsr", "text": "stamps/41-1.txt", "certificates": "stamps/41-1.pem", "path": way}
            ],
            "anchors": [
                {"file": "anchors/30-1.txt", "chain": 1, "contract": "0x" + "ab" * 20, "block": 7, "path": chain_way}
            ],
        }
    )  # fmt: skip
    return handed_over(files)


BESIDE = ("bundle.json", "handed.json", "handed.tlog-proof", "handed.continuation")


def handed_over(files: Mapping[str, str | bytes], lender: str = "demo") -> dict[str, str | bytes]:
    """The files with a list of them in bundle.json, and the record of their handing-over, placed last in the log."""
    made = {name: one.encode() if isinstance(one, str) else one for name, one in files.items() if name not in BESIDE}
    listed = json.loads(files["bundle.json"])
    listed["files"] = [
        {"name": name, "size": len(one), "sha256": sha256(one).hexdigest()} for name, one in sorted(made.items())
    ]
    manifest = json.dumps(listed, ensure_ascii=False)
    handed = record.build(
        record_id=f"{lender}/{NEWEST}", kind="evidence.bundled", at=AT, actor="a" * 32,
        stated={"manifest": sha256(manifest.encode()).hexdigest(), "case": "3"},
    ).content  # fmt: skip
    hashes = [*HASHES, leaf_hash(handed)]
    text, nodes = str(Checkpoint(LOG.name, len(hashes), root(hashes))), nodes_of(hashes)
    signed = Note(text, (LOG.sign(text),))
    return {
        **made, "bundle.json": manifest, "handed.json": handed,
        "handed.tlog-proof": str(Proof(NEWEST, tuple(inclusion_proof(NEWEST, len(hashes), nodes)), signed)),
        "handed.continuation": str(Submission(SIZE, tuple(consistency_proof(SIZE, len(hashes), nodes)), signed)),
    }  # fmt: skip


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """A zip of files."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


def bundle_bytes() -> dict[str, bytes]:
    """The same files as bytes."""
    return {name: one if isinstance(one, bytes) else one.encode() for name, one in bundle_files().items()}
