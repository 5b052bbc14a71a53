"""A bundle of evidence: records of one matter with their proofs, the facts they commit to, and what checks them.

    bundle.json                  what is in it: every file with its size and SHA-256
    handed.json                  the record of the handing-over, which states the SHA-256 of bundle.json
    handed.tlog-proof, .continuation   its place in the log, once that is published (`handing`)
    key, checkpoint              the log's public key and the checkpoint that all proofs lead to
    records/<entry>.json         a record, byte by byte
    records/<entry>.tlog-proof   its place in the log
    records/<entry>.facts.json   facts that it commits to, each with its salt
    decisions/<day>-<number>.json  what a day run decided about the person, up to the record of its slice
    continuation                 how the newest checkpoint continues this one
    anchors/<size>-<n>.txt       the earliest checkpoint over each record that a contract on a chain holds
    stamps/<size>-<n>.*          the earliest time stamp over each record: what was stamped, the stamp, certificates
    timeline.*                   the readable part: what courts look at in its order, timeline, ledger (`dossier`)
    documents/<n>.<ending>       documents of the case, where the purpose has them in clear
    recordings/<n>.wav, .json    recordings of calls to the borrower and what was said in them, likewise
    notices/<n>.json, .pdf       notices to the borrower: the words that were issued, byte by byte, and their paper
    README.*, verify_duecourse.py, verify.html

Which facts are shown says `disclosure`. Of a person whose data was destroyed records and proofs stand, and no fact.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from duecourse.book.loan import BookLoan, NoSuchLoan, read_loan
from duecourse.book.store import Store, version_from
from duecourse.casework import disclosure, dossier, storage_only
from duecourse.casework.actor import Actor
from duecourse.casework.cosigning import submission
from duecourse.casework.decision_proof import Decided, DecisionProof, decisions_about
from duecourse.casework.documents import open_document
from duecourse.casework.dossier import CLEAR, FREE_TEXT, BundleFor, Matter
from duecourse.casework.handing import HANDED, MANIFEST, named, zipped
from duecourse.casework.notice_paper import OpenedNotice, open_notice
from duecourse.casework.proving import Proven, prove_all
from duecourse.casework.recordings import hear, opened
from duecourse.casework.reveal import RevealPurpose, reveal
from duecourse.casework.sequencing import NoLog
from duecourse.casework.transcripts import opened as opened_turns
from duecourse.evidence import record, verifier
from duecourse.evidence.note import Checkpoint, read_checkpoint, read_note
from duecourse.evidence.record import Opening
from duecourse.evidence.tree import consistency_proof
from duecourse.law.clock import zone
from duecourse.storage import (
    anchors,
    books,
    cases,
    checkpoints,
    documents,
    lenders,
    loan_names,
    log,
    notices,
    permits,
    persons,
    points,
    recordings,
    stamps,
    transcripts,
)  # fmt: skip
from duecourse.storage.cases import Case
from duecourse.storage.connection import Tx
from duecourse.storage.documents import Document
from duecourse.storage.log import Entry
from duecourse.storage.notices import Notice
from duecourse.storage.vault import PersonKey, Vault
from duecourse.trouble import N_, Unavailable

FORMAT = 2
TEXTS = Path(__file__).parent / "bundle_texts"
PAGE = Path(verifier.__file__).parents[1] / "verify.html"
RECORDS_MAX = 5_000
_TURNS = re.compile(r"recordings/\d+\.json")
"""What was said in a recording, as the lender wrote it down."""


REVEALS = {
    BundleFor.COURT: RevealPurpose.CLAIM,
    BundleFor.REGULATOR: RevealPurpose.SUPERVISION,
    BundleFor.BORROWER: RevealPurpose.SUBJECT_REQUEST,
}
"""For which purpose values are read for a bundle."""


@dataclass(frozen=True, slots=True)
class _About:
    """The case that the readable part is about, and what it is made with."""

    case: Case
    purpose: BundleFor
    store: Store | None
    printer: Callable[[Matter, str], bytes] | None
    paper: Callable[[OpenedNotice], bytes] | None


Vouched: TypeAlias = AbstractSet[tuple[str, str]]
"""Kinds of records in the bundle, each with a hash that it committed to and that is shown."""


@dataclass(frozen=True, slots=True)
class _Giving:
    """What every part of the case is given with: for whom, by whom, when, by which keys, and where it goes.

    What has a hash is opened on record where the purpose has it in clear; where its record has no place in the log yet
    it is not given: nobody could check it.
    """

    tx: Tx
    vault: Vault
    about: _About
    files: dict[str, str | bytes]
    vouched: Vouched
    key: PersonKey | None  # None: of a person whose data were destroyed
    actor: Actor
    now: datetime

    @property
    def reveals(self) -> RevealPurpose:
        """For which purpose values are opened."""
        return REVEALS[self.about.purpose]

    def clear(self, what: str) -> bool:
        """Whether the purpose has something in clear, and it can be opened."""
        return self.key is not None and what in CLEAR[self.about.purpose]


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was put together: the zip, and how much is in it."""

    content: bytes
    records: int
    decisions: int
    facts: int
    closed: int  # facts that are committed to and not shown
    unproven: Sequence[date]  # days whose decisions are not those that the log covers, or that it does not cover yet


def bundle_of_permit(tx: Tx, *, vault: Vault, permit_id: int, actor: Actor, now: datetime) -> Bundle:
    """The evidence of one permit or refusal: question, answer, use, outcome, and what its day had decided.

    Raises `permits.NoSuchPermit`.
    """
    row = permits.get(tx, permit_id)
    storage_only.guard(tx, row.person_id, now=now)
    found = [
        one
        for one in log.of_person(tx, row.person_id, RECORDS_MAX)
        if disclosure.said(one).get("permit") == str(permit_id)
    ]
    day = row.at.astimezone(zone(lenders.get(tx).zone)).date()
    decided = decisions_about(tx, vault=vault, person_id=row.person_id, day=day)
    return _bundle(
        tx, {"permit": str(permit_id)}, found, decided, vault=vault, person_id=row.person_id, actor=actor, now=now
    )


def bundle_of_case(
    tx: Tx,
    *,
    vault: Vault,
    case_id: int,
    actor: Actor,
    now: datetime,
    purpose: BundleFor | None = None,
    store: Store | None = None,
    printer: Callable[[Matter, str], bytes] | None = None,
    paper: Callable[[OpenedNotice], bytes] | None = None,
) -> Bundle:
    """The evidence of one case: every record about its person, and what the kept days decided about him.

    With a ``purpose`` it has the readable part, masked or in clear as `dossier.CLEAR` says, the ledger out of the
    ``store`` and PDFs where a ``printer`` (`dossier_pdf.pdf`) and ``paper`` (`notice_paper.pdf`) are given. Raises
    `cases.NoSuchCase`, `StorageOnly`.
    """
    case = cases.get(tx, case_id)
    reads = REVEALS[purpose].value if purpose else None
    storage_only.guard(tx, case.person_id, now=now, purpose=reads)
    found = log.of_person(tx, case.person_id, RECORDS_MAX)
    decided = decisions_about(tx, vault=vault, person_id=case.person_id)
    of = {"case": str(case_id)} | ({"purpose": purpose.value} if purpose else {})
    about = _About(case, purpose, store, printer, paper) if purpose else None
    return _bundle(tx, of, found, decided, vault=vault, person_id=case.person_id, actor=actor, now=now, about=about)


def _bundle(
    tx: Tx,
    of: Mapping[str, str],
    entries: Sequence[Entry],
    decided: Decided,
    *,
    vault: Vault,
    person_id: int,
    actor: Actor,
    now: datetime,
    about: _About | None = None,
) -> Bundle:
    origin, head = checkpoints.origin(tx), checkpoints.newest_published(tx)
    if origin is None or head is None or head.checkpoint is None:
        raise NoLog(tx.lender_id)
    key = disclosure.key_of(tx, vault, person_id)
    wanted = decided.decisions if key else {}
    slices = log.these(tx, sorted({one.slice_id for one in wanted.values()}))
    placed, covering = (
        sorted(one.entry_id for one in found if one.seq is not None and one.seq < head.size)
        for found in (entries, slices.values())
    )
    proven = {one.entry.entry_id: one for one in prove_all(tx, [*placed, *covering])}
    unproven = {*decided.unproven, *(day for (day, _), one in wanted.items() if one.slice_id not in covering)}
    top = next(iter(proven.values())).proof.checkpoint if proven else read_note(head.checkpoint.encode())
    size = read_checkpoint(top.text).size
    files: dict[str, str | bytes] = {"key": f"{origin.key}\n", "checkpoint": str(top)}
    listed, decisions, facts, closed = [], list[str](), 0, 0
    shown: list[tuple[Entry, list[Opening]]] = []
    for one in (proven[entry_id] for entry_id in placed):
        openings = disclosure.openings(tx, one.entry, key) if key else []
        if about and "free_text" not in CLEAR[about.purpose]:
            openings = [each for each in openings if each.field not in FREE_TEXT]
        shown.append((one.entry, openings))
        facts += len(openings)
        closed += _committed(one) - len(openings)
        listed.append(_put(files, one, openings))
    for (day, number), decision in wanted.items():
        if decision.slice_id in covering:
            decisions.append(f"decisions/{day}-{number}.json")
            files[decisions[-1]] = _json(DecisionProof(decision, proven[decision.slice_id]).plain())
    files["continuation"] = str(submission(tx, size))
    stamped = list(_stamps(tx, files, origin.origin, list(proven.values()), size))
    anchored = list(_anchors(tx, files, origin.origin, list(proven.values()), size))
    further: list[dict[str, str]] = []
    texts: dict[str, str | bytes] = {path.name: path.read_text(encoding="utf-8") for path in sorted(TEXTS.iterdir())}
    if about:
        vouched = {(entry.kind, str(each.value)) for entry, opened in shown for each in opened}
        giving = _Giving(tx, vault, about, files, vouched, key, actor, now)
        kept, further = _documents(giving)
        issued, papers = _notices(giving)
        further += papers
        heard = _recordings(giving)
        further += [{"kind": "recording", "file": name, "sha256": digest} for _, name, digest in heard if name]
        name, points = _party(giving)
        loans, known = _loans(tx, about)
        zone_name = lenders.get(tx).zone
        today = now.astimezone(zone(zone_name)).date()
        matter = Matter(
            case_id=about.case.case_id, purpose=about.purpose, origin=origin.origin, size=size, at=now, zone=zone_name,
            shown=shown, closed=closed, left_out=len(entries) - len(placed), unproven=sorted(unproven),
            stamps=len(stamped), anchors=len(anchored), witnesses=max(len(top.signatures) - 1, 0),
            days=[about.case.opened_day, about.case.closed_day or today], name=name, points=points,
            person_id=person_id, loans=loans,
            refs={str(one): ref for one, ref in _references(tx, about).items()},
            known=known, documents=kept, notices=issued, recordings=heard,
        )  # fmt: skip
        for lang, ending in (("en", "en"), ("zh", "zh-CN")):
            texts[f"timeline.{ending}.md"] = dossier.markdown(matter, lang)
            if about.printer:
                texts[f"timeline.{ending}.pdf"] = about.printer(matter, lang)
    texts |= {"verify_duecourse.py": verifier.joined(), "verify.html": page()}
    files |= texts
    manifest = _json(
        {
            "format": FORMAT, "lender": tx.lender_id, "of": of, "origin": origin.origin, "size": size,
            "records": listed, "decisions": decisions, "continuation": "continuation",
            "stamps": stamped, "anchors": anchored, "further": further,
            "texts": [*texts, *sorted(name for name in files if _TURNS.fullmatch(name))],
            "left_out": len(entries) - len(placed),
            "unproven_days": [day.isoformat() for day in sorted(unproven)], "files": list(named(files)),
        }
    )  # fmt: skip
    handed = log.append(
        tx, vault=vault, kind="evidence.bundled", at=now, actor=str(actor), subject=key,
        stated={
            **of, "records": len(listed), "decisions": len(decisions), "facts": facts, "size": size,
            "manifest": sha256(manifest.encode()).hexdigest(),
        },
    )  # fmt: skip
    files |= {MANIFEST: manifest, HANDED: log.these(tx, [handed])[handed].content}
    return Bundle(zipped(files), len(listed), len(decisions), facts, closed, sorted(unproven))


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


_ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "text/plain": "txt"}


def _documents(giving: _Giving) -> tuple[list[tuple[Document, str]], list[dict[str, str]]]:
    """The documents of the case, each with the name of its file where it is given, and how they are listed."""
    kept, further = list[tuple[Document, str]](), list[dict[str, str]]()
    case = giving.about.case
    for one in sorted(documents.of_person(giving.tx, case.person_id), key=lambda each: each.document_id):
        if one.case_id != case.case_id:
            continue
        name, digest = "", bytes(one.sha256).hex()
        listed = {"kind": "document", "sha256": digest}
        if ("document.kept", digest) in giving.vouched:
            if giving.clear("documents"):
                opened = open_document(
                    giving.tx, vault=giving.vault, case_id=case.case_id, document_id=one.document_id,
                    purpose=giving.reveals, actor=giving.actor, now=giving.now,
                )  # fmt: skip
                name = f"documents/{one.document_id}.{_ENDINGS.get(one.media_type, 'bin')}"
                giving.files[name] = opened.content
                listed["file"] = name
            further.append(listed)
        kept.append((one, name))
    return kept, further


def _notices(giving: _Giving) -> tuple[list[tuple[Notice, str]], list[dict[str, str]]]:
    """The notices of the case to its person, in the words that were issued where the purpose has them in clear.

    A masked bundle has the hash that the record committed to: the words name somebody, and cannot be masked and proved.
    """
    kept, further = list[tuple[Notice, str]](), list[dict[str, str]]()
    about = giving.about
    for one in reversed(notices.of_person(giving.tx, about.case.person_id)):
        if one.case_id != about.case.case_id:
            continue
        name, digest = "", bytes(one.content_hash).hex()
        listed = {"kind": "notice", "sha256": digest}
        if ("notice.issued", digest) in giving.vouched:
            if giving.clear("notices"):
                opened = open_notice(
                    giving.tx, vault=giving.vault, notice_id=one.notice_id, purpose=giving.reveals,
                    actor=giving.actor, now=giving.now,
                )  # fmt: skip
                name = f"notices/{one.notice_id}.json"
                giving.files[name] = opened.content
                listed["file"] = name
                if about.paper:
                    listed["paper"] = name = f"notices/{one.notice_id}.pdf"
                    giving.files[name] = about.paper(opened)
            further.append(listed)
        kept.append((one, name))
    return kept, further


def _recordings(giving: _Giving) -> list[tuple[datetime, str, str]]:
    """The recordings of calls to the borrower: instant, file where the purpose has it in clear, SHA-256."""
    found, tx, vault = [], giving.tx, giving.vault
    for one in sorted(recordings.of_person(tx, giving.about.case.person_id), key=lambda each: each.recording_id):
        name = ""
        if giving.clear("documents") and ("recording.kept", bytes(one.sha256).hex()) in giving.vouched:
            hear(
                tx, vault=vault, recording_id=one.recording_id, purpose=giving.reveals, actor=giving.actor,
                now=giving.now,
            )  # fmt: skip
            name = f"recordings/{one.recording_id}.wav"
            giving.files[name] = opened(tx, vault=vault, found=one)
            if (words := transcripts.of_recording(tx, one.recording_id)) is not None:
                turns = opened_turns(tx, vault=vault, found=words, person_id=one.person_id)
                giving.files[f"recordings/{one.recording_id}.json"] = _json([each.plain() for each in turns])
        found.append((one.at, name, bytes(one.sha256).hex()))
    return found


def _party(giving: _Giving) -> tuple[str, list[str]]:
    """The borrower's name and contact points: read on record where the purpose has them in clear, else masked."""
    person_id = giving.about.case.person_id
    person, reached = persons.get(giving.tx, person_id), points.of_person(giving.tx, person_id)
    if not giving.clear("party"):
        return person.name_masked or "", [one.value_masked for one in reached]

    def clear(field: str) -> str:
        return reveal(
            giving.tx, vault=giving.vault, person_id=person_id, field=field, purpose=giving.reveals,
            actor=giving.actor, now=giving.now,
        ).value  # fmt: skip

    return clear("name"), [clear(points.field_name(one.contact_point_id)) for one in reached]


def _references(tx: Tx, about: _About) -> dict[int, str]:
    """The loans of the case as the lender names them."""
    return loan_names.references(tx, cases.loans_of(tx, about.case.case_id))


def _loans(tx: Tx, about: _About) -> tuple[list[BookLoan], datetime | None]:
    """The loans of the case as the newest version of the book has them, and when that was known."""
    newest = books.newest(tx)
    if about.store is None or newest is None:
        return [], None
    version, found = version_from(newest.version, newest.tables), list[BookLoan]()
    named = _references(tx, about)
    for key in cases.loans_of(tx, about.case.case_id):
        with suppress(NoSuchLoan):
            found.append(
                read_loan(
                    about.store, version, loan_key=key, ref=named.get(key, str(key)), known=newest.known_at,
                    persons=[about.case.person_id],
                )
            )  # fmt: skip
    return found, newest.known_at


class NoPage(Unavailable):
    """Set-up has not built the page that checks bundles."""

    def __init__(self) -> None:
        super().__init__(N_("verify.html, the page that checks bundles, is not there: `make assets` builds it"))


def page() -> str:
    """The page that checks the same in a browser, from a file or from a server."""
    try:
        return PAGE.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NoPage from None


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


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _committed(one: Proven) -> int:
    found = record.read(one.entry.content)["commitments"]
    return len(found) if isinstance(found, dict) else 0
