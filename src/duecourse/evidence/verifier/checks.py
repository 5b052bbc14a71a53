"""Bundles, records, decisions and continuations, checked."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from duecourse.evidence.verifier.manifest import (
    HANDED,
    HANDED_NEWER,
    HANDED_PROOF,
    MANIFEST,
    check_further,
    check_manifest,
)
from duecourse.evidence.verifier.notes import LOG, WITNESS, Head, Key, read_checkpoint, read_key, signed_at
from duecourse.evidence.verifier.outside import Outside, check_outside
from duecourse.evidence.verifier.paper import DESTRUCTION, NOTICE, embedded
from duecourse.evidence.verifier.report import FAILS, HOLDS, UNCHECKED, Line, Report
from duecourse.evidence.verifier.sentences import Wrong
from duecourse.evidence.verifier.texts import BYTES_MAX, canonical, from_hex, in_order, parsed, part, text_of, to_bytes
from duecourse.evidence.verifier.tree import CONTINUATION, PROOF, check_proof, continues, leaf_hash, led, root_above

NOBODY = Outside()
"""Nobody outside is asked."""


def opens(record: dict[str, Any], name: str, opening: dict[str, Any]) -> bool:
    """Whether a fact that is shown is the one that the record committed to."""
    try:
        salt = from_hex(part(opening, "salt", str))
        shown = to_bytes(canonical([name, opening.get("value")]))
    except Wrong:
        return False
    commitment = hashlib.sha256(b"duecourse commitment 1\x00" + salt + shown).hexdigest()
    return len(salt) == 32 and record["commitments"].get(name) == commitment


def check_record(
    report: Report, name: str, entry: bytes, proof: str, openings: list[Any], *, about: str = "record"
) -> dict[str, Any] | None:
    """Tell whether a record stands in the log, and whether the facts that are shown are those of the record."""
    try:
        index, head = check_proof(entry, proof)
        record: dict[str, Any] = parsed(text_of(entry))
        told = " ".join(part(record, one, str) for one in ("kind", "at", "id"))
        committed = part(record, "commitments", dict)
    except Wrong as wrong:
        report.fail(about, name, wrong)
        return None
    report.heads[head] = None
    report.places.append((index, record["at"], name))
    if about == "record":
        report.records.add((head.origin, index))
    report.tell(HOLDS, about, "record", name=name, told=told, index=index)
    shown = set()
    for opening in openings:
        try:
            named = part(opening, "field", str)
        except Wrong as wrong:
            report.fail("fact", name, wrong)
            continue
        shown.add(named)
        mark = HOLDS if opens(record, named, opening) else FAILS
        if mark == HOLDS and isinstance(opening.get("value"), str):
            report.facts.add((record["kind"], named, opening["value"]))
        report.tell(mark, "fact", "fact", name=name, what=f"{named} = {canonical(opening.get('value'))}")
    for kept in in_order(committed):
        if kept not in shown:
            report.tell(UNCHECKED, "fact", "fact_closed", name=name, what=kept)
    return record


def check_carried(report: Report, name: str, content: bytes) -> Key | None:
    """Tell whether what a paper carries is what its record committed to; returns the key that it brings."""
    about, fits = ("certificate", is_certificate) if content.startswith(DESTRUCTION) else ("notice", is_notice)
    try:
        shown = parsed(text_of(content))
        openings, words = part(shown, "openings", list), part(shown, "content", str)
        own = read_key(part(shown, "key", str))
        entry = to_bytes(part(shown, "record", str))
        record = check_record(report, name, entry, part(shown, "proof", str), openings)
        if record is None:
            return own
        good = fits(record, openings, hashlib.sha256(to_bytes(words)).hexdigest())
        said = read_out(words) if about == "notice" else cut(canonical(parsed(words)))
    except RecursionError:
        report.fail(about, name, Wrong("not_json"))
        return None
    except Wrong as wrong:
        report.fail(about, name, wrong)
        return None
    report.tell(HOLDS if good else FAILS, about, about if good else f"not_{about}", name=name, words=said)
    report.tell(UNCHECKED, about, f"{about}_page", name=name)
    return own


def is_notice(record: dict[str, Any], openings: list[Any], digest: str) -> bool:
    """Whether a record is that of the issue of words with this SHA-256, to which it committed."""
    fits = [one for one in openings if isinstance(one, dict) and one.get("field") == "content"]
    good = record["kind"] == "notice.issued" and [one.get("value") for one in fits] == [digest]
    return good and opens(record, "content", fits[0])


def is_certificate(record: dict[str, Any], _openings: list[Any], digest: str) -> bool:
    """Whether a record is that of a destruction, and states this SHA-256 of its certificate."""
    stated = part(record, "stated", dict)
    return (record["kind"], stated.get("certificate")) == ("retention.destroyed", digest)


WORDS_MAX = 100_000
"""So many characters of a notice are read out at the most; where more are left out, that is said."""

PAGE = ("title", "window", "blocks")
"""What stands on the page, from its top."""

UNSEEN = frozenset({"document", "format", "lang"})
"""What stands on no page: the record itself states it."""


def read_out(words: str) -> str:
    """A notice's content as whoever compares it with the page reads it: from the top, rows with their cells together.

    What the blocks do not say follows by its name. Raises `Wrong` where it is no JSON.
    """
    content = parsed(words)
    if not isinstance(content, dict):
        return cut(" / ".join(texts(content)))
    said = [line for name in PAGE for line in lines(content.get(name))]
    page = " / ".join(said)
    for name in in_order(content):
        if name not in PAGE and name not in UNSEEN:
            said += [f"{name}: {text}" for text in texts(content[name]) if text not in page]
    return cut(" / ".join(said))


def cut(whole: str) -> str:
    """The beginning of a text that is too long, with a mark that it is no more than that."""
    return whole if len(whole) <= WORDS_MAX else whole[:WORDS_MAX] + " […]"


def lines(value: object) -> list[str]:
    """The lines of a part of the page: of a block one for each row, with a bar between its cells."""
    found: list[str] = []
    for one in value if isinstance(value, list) else [value]:
        rows = one.get("rows") if isinstance(one, dict) else None
        if isinstance(rows, list):
            for row in rows:
                cells = ["".join(texts(cell)) for cell in row] if isinstance(row, list) else texts(row)
                found.append(" | ".join(cells))
        else:
            found += texts(one)
    return [line for line in (one.replace("\n", " ").strip(" ") for one in found) if line]


def texts(value: object) -> list[str]:
    """All texts in a piece of JSON, in order."""
    if isinstance(value, dict):
        return [text for name in in_order(value) for text in texts(value[name])]
    if isinstance(value, list):
        return [text for one in value for text in texts(one)]
    return [value] if isinstance(value, str) else []


def check_decision(report: Report, name: str, content: str) -> None:
    """Tell whether a decision of a day run leads to the record of its slice, and that to the log."""
    try:
        shown = parsed(content)
        entry, row, rows = part(shown, "slice", str), part(shown, "row", str), part(shown, "rows", int)
        record = check_record(report, name, to_bytes(entry), part(shown, "proof", str), [], about="slice")
        if record is None:
            return
        stated = part(record, "stated", dict)
        day, top = part(stated, "day", str), from_hex(part(stated, "root", str))
        path = [from_hex(one) if isinstance(one, str) else b"" for one in part(shown, "path", list)]
        leaf = leaf_hash(from_hex(part(shown, "salt", str)) + to_bytes(row))
        fits = (record["kind"], part(stated, "rows", int)) == ("day_run.slice", rows)
        good = fits and root_above(leaf, part(shown, "index", int), rows, path) == top
    except Wrong as wrong:
        report.fail("decision", name, wrong)
        return
    report.tell(HOLDS if good else FAILS, "decision", "decision", name=name, day=day, row=row)


def check_continuation(report: Report, name: str, text: str, before: list[Head]) -> None:
    """Tell whether a newer checkpoint continues earlier ones."""
    try:
        old, path, head = led(text, CONTINUATION)
    except Wrong as wrong:
        report.fail("consistency", name, wrong)
        return
    report.heads[head] = None
    for one in before:
        sizes = {"name": name, "old": one.size, "new": head.size}
        if (one.origin, one.size) != (head.origin, old):
            report.tell(UNCHECKED, "consistency", "no_continuation", **sizes)
        elif continues(old, one.root, head.size, head.root, path):
            report.tell(HOLDS, "consistency", "continues", **sizes)
        else:
            report.tell(FAILS, "consistency", "not_continued", **sizes)


def check_heads(report: Report, key: Key | None, own: Key | None, witnesses: list[Key]) -> None:
    """Tell who signed the checkpoints, and whether two of them cannot be of one log."""
    if key is None and own is None:
        report.tell(FAILS, "key", "no_key")
    for head in report.heads:
        check_head(report, head, [one for one in (key or own, *witnesses) if one is not None])
    roots = {(head.origin, head.size): head.root for head in report.heads}
    for head in report.heads:
        if roots[head.origin, head.size] != head.root:
            report.tell(FAILS, "consistency", "fork", size=head.size, origin=head.origin)
    if key is None and own is not None:
        report.tell(UNCHECKED, "key", "own_key")


def check_head(report: Report, head: Head, signers: list[Key]) -> None:
    """Tell who signed a checkpoint."""
    for signer in signers:
        about, values = "checkpoint" if signer.kind == LOG else "witness", {"size": head.size, "signer": signer.name}
        try:
            at = signed_at(head, signer)
        except Wrong as wrong:
            report.lines.append(Line(FAILS, about, wrong.said))
            continue
        if signer.kind == LOG:
            good = at is not None and signer.name == head.origin
            report.tell(HOLDS if good else FAILS, about, "signed" if good else "not_signed", **values)
        elif at is None:
            report.tell(UNCHECKED, about, "not_witnessed", **values)
        else:
            when = datetime.fromtimestamp(at, timezone.utc).isoformat()  # noqa: UP017 - also for older Pythons
            report.tell(HOLDS, about, "witnessed", when=when, **values)
    known = {(one.name, one.id) for one in signers}
    for name, key_id, _ in head.signatures:
        if (name, key_id) not in known:
            report.tell(UNCHECKED, "witness", "unknown_signer", signer=name)


def check_bundle(
    report: Report, content: bytes, key: Key | None, witnesses: list[Key], ask: Outside, *, handed: bytes | None = None
) -> None:
    """Tell of everything in a bundle whether it holds; ``handed`` proves the record of its handing-over."""
    files = unzipped(content)

    def raw(name: object) -> bytes:
        if not isinstance(name, str):
            raise Wrong("no_part", part="file")
        if name not in files:
            raise Wrong("not_there", name=name)
        return files[name]

    def read(name: object) -> str:
        return text_of(raw(name))

    listed, own = parsed(read(MANIFEST)), read_key(read("key"))
    lender = part(listed, "lender", str)
    check_manifest(report, listed, files)
    check_records(report, listed, read)
    for name in part(listed, "decisions", list):
        check_decision(report, name, read(name))
    head = read_checkpoint(read("checkpoint"))
    if (part(listed, "origin", str), part(listed, "size", int)) != (head.origin, head.size):
        report.tell(FAILS, "file", "other_log")
    if any((one.origin, one.size, one.root) != (head.origin, head.size, head.root) for one in report.heads):
        report.tell(FAILS, "record", "other_head")
    report.heads[head] = None
    check_outside(report, listed, raw, head, ask)
    name = part(listed, "continuation", str)
    check_continuation(report, name, read(name), list(report.heads))
    check_handed(report, files, lender, head, handed)
    check_heads(report, key, own, witnesses)
    check_order(report)
    check_further(report, listed, raw)
    check_rest(report, listed)


def check_records(report: Report, listed: dict[str, Any], read: Callable[[object], str]) -> None:
    """Tell of each record of a bundle whether it stands in the log and is the lender's."""
    lender = part(listed, "lender", str)
    for one in part(listed, "records", list):
        entry, proof = read(part(one, "file", str)), read(part(one, "proof", str))
        openings = parsed(read(one["openings"])) if one.get("openings") is not None else []
        given = part({"openings": openings}, "openings", list)
        found = check_record(report, one["file"], entry.encode(), proof, given)
        if found and not found["id"].startswith(f"{lender}/"):
            report.tell(FAILS, "record", "other_lender", name=one["file"], lender=lender)


def check_rest(report: Report, listed: dict[str, Any]) -> None:
    """Tell what a bundle does not prove, and which of its files no record is about."""
    for day in part(listed, "unproven_days", list):
        report.tell(UNCHECKED, "decision", "unproven_day", day=day if isinstance(day, str) else canonical(day))
    if part(listed, "left_out", int):
        report.tell(UNCHECKED, "record", "left_out", count=listed["left_out"])
    made = [one if isinstance(one, str) else canonical(one) for one in part(listed, "texts", list)]
    if made:
        report.tell(UNCHECKED, "file", "rendering", names=", ".join(made))
    if not listed["records"] and not listed["decisions"]:
        report.tell(FAILS, "file", "empty")


def check_handed(report: Report, files: dict[str, bytes], lender: str, head: Head, proof: bytes | None) -> None:
    """Tell whether the log has a record that just these files were handed over."""
    if HANDED not in files:
        report.tell(FAILS, "handed", "not_there", name=HANDED)
        return
    try:
        record = parsed(text_of(files[HANDED]))
        said = part(part(record, "stated", dict), "manifest", str), part(record, "kind", str)
        good = said == (hashlib.sha256(files[MANIFEST]).hexdigest(), "evidence.bundled")
        good = good and part(record, "id", str).startswith(f"{lender}/")
        proof = files.get(HANDED_PROOF, proof)
        if proof is None:
            report.tell(UNCHECKED, "handed", "handed_unproved", id=record["id"])
        elif not check_record(report, HANDED, files[HANDED], text_of(proof), [], about="handed"):
            return
        elif good:
            report.tell(HOLDS, "handed", "handed")
        if not good:
            report.tell(FAILS, "handed", "handed_other")
        if HANDED_NEWER in files:
            check_continuation(report, HANDED_NEWER, text_of(files[HANDED_NEWER]), [head])
    except Wrong as wrong:
        report.fail("handed", HANDED, wrong)


def check_order(report: Report) -> None:
    """Tell of records that are dated on an earlier day than one that was placed before them."""
    latest = ""
    for _, at, name in sorted(report.places, key=lambda one: one[0]):
        day = at[:10] if re.match("[0-9]{4}-[0-9]{2}-[0-9]{2}", at, re.ASCII) else latest
        if day < latest:
            report.tell(UNCHECKED, "record", "set_back", name=name, at=at, other=latest)
        latest = max(latest, day)


def unzipped(content: bytes) -> dict[str, bytes]:
    """The files of a zip by their names; raises `Wrong`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            listed = bundle.infolist()
            if sum(one.file_size for one in listed) > BYTES_MAX:
                raise Wrong("too_large")
            if len({one.filename for one in listed}) != len(listed):
                raise Wrong("twice")
            return {one.filename: bundle.read(one) for one in listed}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, LookupError):
        raise Wrong("damaged") from None


def check_files(
    report: Report, given: list[tuple[str, bytes]], key: Key | None, witnesses: list[Key], ask: Outside
) -> None:
    """Tell of what was given, whatever it is: a bundle, a decision, or two files that belong together."""
    if len(given) == 1 and given[0][1].startswith(b"PK"):
        check_bundle(report, given[0][1], key, witnesses, ask)
        return
    for (_, content), (_, other) in [given, given[::-1]] if len(given) == 2 else []:
        if content.startswith(b"PK") and other.startswith(PROOF.encode()):
            check_bundle(report, content, key, witnesses, ask, handed=other)
            return
    own = None
    if len(given) == 1 and given[0][1].startswith((b"%PDF", NOTICE, DESTRUCTION)):
        name, content = given[0]
        found = embedded(content) if content.startswith(b"%PDF") else [content]
        if not found:
            raise Wrong("no_notice")
        for one in found:
            own = check_carried(report, name, one) or own
    elif len(given) == 1:
        check_decision(report, given[0][0], text_of(given[0][1]))
    for (name, content), (other_name, other) in [given, given[::-1]] if len(given) == 2 else []:
        if other.startswith(PROOF.encode()):
            check_record(report, name, content, text_of(other), [])
        elif other.startswith(CONTINUATION.encode()):
            before = read_checkpoint(text_of(content))
            report.heads[before] = None
            check_continuation(report, other_name, text_of(other), [before])
    if not report.lines:
        raise Wrong("nothing")
    check_heads(report, key, own, witnesses)


def checked(files: list[tuple[str, bytes]], key: str | None, witnesses: list[str], ask: Outside = NOBODY) -> Report:
    """The report on some files, by names and contents, and keys as they are given out."""
    report = Report()
    try:
        log_key = None if key is None else read_key(key)
        check_files(report, files, log_key, [read_key(one, WITNESS) for one in witnesses], ask)
    except Wrong as wrong:
        report.lines.append(Line(FAILS, "file", wrong.said))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        report.tell(FAILS, "file", "unreadable")
    return report
