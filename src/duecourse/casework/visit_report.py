"""What is handed in of a visit: its shape, what can be taken over, and the hash that its record commits to."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from duecourse.casework.outcomes import Outcome
from duecourse.casework.visit_route import Place
from duecourse.evidence.record import instant_text
from duecourse.trouble import N_, BadInput, Said

PHOTOS_MAX = 6
PHOTO_BYTES_MAX = 3_000_000
TEXT_MAX = 2_000
OUTCOMES = (
    Outcome.CONNECTED, Outcome.PROMISED, Outcome.UNANSWERED, Outcome.OTHER_PERSON, Outcome.REFUSED, Outcome.NOT_SENT,
)  # fmt: skip
_IMAGES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}


class NotAReport(BadInput):
    """What was handed in of a visit cannot be."""

    def __init__(self, why: str | Said) -> None:
        super().__init__(N_("the visit was not taken over: {why}"), why=why)


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo as it was taken: when, and where if the phone knew."""

    content: bytes = field(repr=False)
    at: datetime
    place: Place | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of a visit. ``present`` names who was there; ``consent_by`` who let them in, where they went in."""

    at: datetime
    outcome: Outcome
    passes_shown: bool
    entered: bool = False
    consent_by: str = field(repr=False, default="")
    present: str = field(repr=False, default="")
    note: str = field(repr=False, default="")
    place: Place | None = field(repr=False, default=None)
    photos: tuple[Picture, ...] = field(repr=False, default=())
    signature: bytes = field(repr=False, default=b"")
    signer: str = field(repr=False, default="")


def checked(report: Report) -> None:
    """See that a report can be taken over. Raises `NotAReport`."""
    if report.outcome not in OUTCOMES:
        raise NotAReport(Said(N_("what came of it is one of {outcomes}"), outcomes=", ".join(OUTCOMES)))
    if report.entered and not report.consent_by.strip():
        raise NotAReport(N_("nobody enters without consent: say who let you in"))
    if report.signature and (image(report.signature) != "png" or not report.signer.strip()):
        raise NotAReport(N_("a signature is a PNG with the name of who signed"))
    if len(report.photos) > PHOTOS_MAX or any(
        not image(one.content) or len(one.content) > PHOTO_BYTES_MAX for one in report.photos
    ):
        raise NotAReport(
            Said(
                N_("at most {most} photos, JPEG or PNG, of {mb} MB each"), most=PHOTOS_MAX,
                mb=PHOTO_BYTES_MAX // 1_000_000,
            )
        )  # fmt: skip
    if any(len(text) > TEXT_MAX for text in (report.note, report.present, report.consent_by, report.signer)):
        raise NotAReport(Said(N_("a text has at most {most} characters"), most=TEXT_MAX))


def image(content: bytes) -> str:
    """What kind of picture it is by its first bytes: png, jpg, or empty for none."""
    return next((kind for begins, kind in _IMAGES.items() if content.startswith(begins)), "")


def digest(report: Report) -> bytes:
    """The hash of everything that was handed in."""
    said = {
        "at": instant_text(report.at), "outcome": report.outcome.value, "passes_shown": report.passes_shown,
        "entered": report.entered, "consent_by": report.consent_by, "present": report.present, "note": report.note,
        "place": report.place, "signer": report.signer, "signature": sha256(report.signature).hexdigest(),
        "photos": [[sha256(one.content).hexdigest(), instant_text(one.at), one.place] for one in report.photos],
    }  # fmt: skip
    return sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).digest()


def report_of(said: Mapping[str, Any]) -> Report:
    """A report from its JSON (docs/visits.md), pictures in base 64; else `ValueError`, `KeyError`, `TypeError`."""
    return Report(
        at=_instant(said["at"]), outcome=Outcome(said["outcome"]), passes_shown=said["passes_shown"] is True,
        entered=said.get("entered") is True, consent_by=str(said.get("consent_by", "")),
        present=str(said.get("present", "")), note=str(said.get("note", "")), place=_given(said.get("place")),
        photos=tuple(
            Picture(b64decode(one["content"], validate=True), _instant(one["at"]), _given(one.get("place")))
            for one in said.get("photos") or ()
        ),
        signature=b64decode(said.get("signature") or "", validate=True), signer=str(said.get("signer", "")),
    )  # fmt: skip


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found


def _given(value: Any) -> Place | None:  # noqa: ANN401 - JSON
    if value is None:
        return None
    north, east = (value["north"], value["east"]) if isinstance(value, Mapping) else value
    if abs(int(north)) > 90_000_000 or abs(int(east)) > 180_000_000:
        raise ValueError(value)
    return int(north), int(east)
