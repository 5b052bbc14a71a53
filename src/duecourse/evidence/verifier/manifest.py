"""The files of a bundle against its list of them, and evidence of other kinds against the records about it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from duecourse.evidence.verifier.paper import embedded
from duecourse.evidence.verifier.report import FAILS, HOLDS, UNCHECKED, Report
from duecourse.evidence.verifier.sentences import Wrong
from duecourse.evidence.verifier.texts import in_order, parsed, part, text_of, to_bytes

MANIFEST = "bundle.json"
HANDED, HANDED_PROOF, HANDED_NEWER = "handed.json", "handed.tlog-proof", "handed.continuation"
"""The record of the handing-over, its proof, and how that proof's checkpoint continues the bundle's."""

BESIDE = {MANIFEST, HANDED, HANDED_PROOF, HANDED_NEWER}
"""Files that the list cannot name: itself, and what was written about it."""

COMMITTED = {
    "document": ("document.kept", "sha256"),
    "recording": ("recording.kept", "sha256"),
    "notice": ("notice.issued", "content"),
}
"""Kinds of further evidence: which record commits to the SHA-256 of such a file, and as which fact."""


def check_manifest(report: Report, listed: Any, files: dict[str, bytes]) -> None:  # noqa: ANN401 - any JSON
    """Tell whether the files are those that the list names, each byte for byte, and no others."""
    named: set[str] = set()
    good = True
    for one in part(listed, "files", list):
        name, size, digest = part(one, "name", str), part(one, "size", int), part(one, "sha256", str)
        word = ""
        if name in named:
            word = "listed_twice"
        elif name not in files:
            word = "not_there"
        elif (len(files[name]), hashlib.sha256(files[name]).hexdigest()) != (size, digest):
            word = "changed"
        named.add(name)
        if word:
            report.tell(FAILS, "file", word, name=name)
            good = False
    for name in in_order(files):
        if name not in named and name not in BESIDE:
            report.tell(FAILS, "file", "not_listed", name=name)
            good = False
    if good:
        report.tell(HOLDS, "file", "as_listed", count=len(named))


def check_further(report: Report, listed: Any, read: Callable[[object], bytes]) -> None:  # noqa: ANN401 - any JSON
    """Tell of documents, recordings and notices whether a record of the bundle committed to just these bytes."""
    for one in part(listed, "further", list):
        kind, name = part(one, "kind", str), one.get("file")
        if kind not in COMMITTED:
            read(name)
            report.tell(UNCHECKED, "further", "further", kind=kind)
            continue
        digest = part(one, "sha256", str)
        called = digest if name is None else name
        if name is not None and hashlib.sha256(read(name)).hexdigest() != digest:
            report.tell(FAILS, "further", "further_other", name=called)
        elif (*COMMITTED[kind], digest) not in report.facts:
            report.tell(FAILS, "further", "further_no_record", name=called)
        elif name is None:
            report.tell(UNCHECKED, "further", "further_closed", kind=kind, name=called)
        else:
            report.tell(HOLDS, "further", "further_good", name=called)
        if one.get("paper") is not None:
            check_paper(report, one["paper"], digest, read)


def check_paper(report: Report, name: object, digest: str, read: Callable[[object], bytes]) -> None:
    """Tell whether a PDF carries the words of the notice that it is listed with."""
    found = embedded(read(name))
    try:
        words = [hashlib.sha256(to_bytes(part(parsed(text_of(one)), "content", str))).hexdigest() for one in found]
    except Wrong:
        words = []
    if words == [digest]:
        report.tell(UNCHECKED, "further", "paper", name=name)
    else:
        report.tell(FAILS, "further", "paper_other", name=name)
