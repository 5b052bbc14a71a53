"""The file that a print house is handed: one PDF of all letters, what is in it, and a signature over both.

A ZIP of three files: ``letters.pdf``, ``manifest.json``, ``manifest.sig``. The manifest names nobody: the code that a
letter bears, its pages, its hash. The signature is Ed25519 by the lender's key of permits (`duecourse permit key`) over
the line ``duecourse letters 1`` and the manifest's bytes; the manifest has the hash of the PDF. The same letters give
the same bytes. What does not belong here: permits and rows (`casework.letters`).
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from pypdf import PdfReader, PdfWriter

from duecourse.channels.render import Content, mark, printer
from duecourse.evidence.record import instant_text
from duecourse.storage.vault import Vault
from duecourse.storage.vault.signing import Signer, verifies
from duecourse.trouble import N_, BadInput

FORMAT = "duecourse letters 1"
PDF, MANIFEST, SIGNATURE = "letters.pdf", "manifest.json", "manifest.sig"
ENVELOPE = "DL, window 90 x 45 mm at 20 mm from the left, 45 mm from the top of A4 folded twice"


class NotALetterFile(BadInput):
    """A file that is no hand-over file, or was changed."""

    def __init__(self, why: str) -> None:
        super().__init__(N_("this is no hand-over file as it was made: {why}"), why=why)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A letter: the code that it bears, and its words."""

    code: str
    content: Content = field(repr=False)


@dataclass(frozen=True, slots=True)
class LetterFile:
    """The file as bytes, its hash, and how many pages are printed."""

    content: bytes = field(repr=False)
    sha256: bytes
    pages: int


def made(vault: Vault, lender_id: str, batch_id: int, sheets: Sequence[Sheet], *, at: datetime) -> LetterFile:
    """The file of some letters; each begins on a front side."""
    whole, listed = PdfWriter(), []
    for one in sheets:
        paper = printer().pdf(one.content, mark=mark(one.code))
        first = len(whole.pages) + 1
        whole.append(BytesIO(paper), import_outline=False)
        printed = len(whole.pages) + 1 - first
        if printed % 2:
            whole.add_blank_page()
        listed.append(
            {"code": one.code, "first_page": first, "pages": printed, "lang": one.content.lang,
             "sha256": sha256(paper).hexdigest()}
        )  # fmt: skip
    pages = len(whole.pages)
    out = BytesIO()
    whole.metadata = None
    whole.write(out)
    pdf = out.getvalue()
    manifest = json.dumps(
        {
            "format": FORMAT, "lender": lender_id, "batch": batch_id, "at": instant_text(at), "paper": "A4",
            "sides": 2, "envelope": ENVELOPE, "pages": pages, "pdf_sha256": sha256(pdf).hexdigest(), "letters": listed,
        },
        indent=1,
    ).encode()  # fmt: skip
    signer = Signer(vault)
    key_id, signature = signer.sign(lender_id, _signed(manifest))
    seal = json.dumps(
        {"key": key_id, "public": b64encode(signer.public(lender_id, key_id)).decode(),
         "signature": b64encode(signature).decode()}
    ).encode()  # fmt: skip
    content = _zipped({PDF: pdf, MANIFEST: manifest, SIGNATURE: seal}, at)
    return LetterFile(content, sha256(content).digest(), pages)


def checked(content: bytes, public: bytes) -> dict[str, object]:
    """The manifest of a file whose signature and hashes hold under a public key. Raises `NotALetterFile`."""
    try:
        with ZipFile(BytesIO(content)) as file:
            pdf, manifest, seal = (file.read(name) for name in (PDF, MANIFEST, SIGNATURE))
        signature = b64decode(json.loads(seal)["signature"])
        said: dict[str, object] = json.loads(manifest)
    except (BadZipFile, KeyError, ValueError) as error:
        raise NotALetterFile(str(error)) from None
    if not verifies(public, signature, _signed(manifest)):
        raise NotALetterFile(N_("the signature is not of this key over this manifest"))
    if said.get("pdf_sha256") != sha256(pdf).hexdigest():
        raise NotALetterFile(N_("letters.pdf is not the one that was signed"))
    if len(PdfReader(BytesIO(pdf)).pages) != said.get("pages"):
        raise NotALetterFile(N_("letters.pdf has other pages than the manifest says"))
    return said


def _signed(manifest: bytes) -> bytes:
    return f"{FORMAT}\n".encode() + manifest


def _zipped(files: dict[str, bytes], at: datetime) -> bytes:
    out, local = BytesIO(), at.astimezone(UTC)
    with ZipFile(out, "w", ZIP_DEFLATED) as file:
        for name, data in files.items():
            told = ZipInfo(name, (local.year, local.month, local.day, local.hour, local.minute, local.second))
            told.compress_type, told.external_attr = ZIP_DEFLATED, 0o600 << 16
            file.writestr(told, data)
    return out.getvalue()
