"""Signing a PDF as PAdES baseline B (ETSI EN 319 142-1) with the certificate of the organisation, where it has one.

The signature is invisible and covers the whole file, the proof in it too. Nothing on the paper says that it is signed:
a reader's program says so, and says when the file was changed afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, SimpleSigner, sign_pdf

from duecourse.core.money import BrokenInvariant
from duecourse.trouble import N_, BadInput, Said

FIELD = "Signature"
_HIDDEN = SigFieldSpec(FIELD, invis_sig_settings=InvisSigSettings(set_print_flag=False, set_hidden_flag=True))
"""PDF/UA-1 asks that what is not tagged be hidden."""


class NoCertificate(BadInput):
    """The certificate that is configured cannot sign."""

    def __init__(self, why: Said) -> None:
        super().__init__(
            N_(
                "nothing was signed, and nothing is given out unsigned in its place: {why}. DUECOURSE_SIGNING_FILE "
                "names a PKCS#12 file with certificate and key, DUECOURSE_SIGNING_PASSPHRASE its passphrase"
            ),
            why=why,
        )


@dataclass(frozen=True, slots=True)
class Certificate:
    """An organisation's certificate with its key, and those that lead to its authority."""

    own: x509.Certificate
    signer: SimpleSigner = field(repr=False)

    @property
    def subject(self) -> str:
        """Whose certificate it is, as it says itself."""
        return self.own.subject.rfc4514_string()

    def signed(self, pdf: bytes, *, now: datetime) -> bytes:
        """The PDF with a signature appended; its own bytes stay as they are. Raises `NoCertificate` out of its time."""
        begins, ends = self.own.not_valid_before_utc, self.own.not_valid_after_utc
        if not begins <= now <= ends:
            raise NoCertificate(
                Said(
                    N_("the certificate of {subject} is valid from {begins} to {ends}"),
                    subject=self.subject, begins=begins.date(), ends=ends.date(),
                )
            )  # fmt: skip
        metadata = PdfSignatureMetadata(field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        with ThreadPoolExecutor(1) as apart:  # pyhanko runs an event loop of its own, which a thread can have one of
            written = apart.submit(
                sign_pdf, writer, metadata, signer=self.signer, new_field_spec=_HIDDEN
            ).result()  # fmt: skip
        if not isinstance(written, BytesIO):
            raise BrokenInvariant("a PDF signed in memory came out elsewhere")
        return written.getvalue()


def read_certificate(said: Mapping[str, str]) -> Certificate | None:
    """The certificate that the settings name, None where they name none. Raises `NoCertificate`."""
    if "SIGNING_FILE" not in said:
        return None
    path, passphrase = Path(said["SIGNING_FILE"]).expanduser(), said.get("SIGNING_PASSPHRASE", "").encode()
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NoCertificate(
            Said(N_("{file} cannot be read ({why})"), file=path.name, why=error.strerror or "")
        ) from error
    try:
        found = load_pkcs12(content, passphrase or None)
    except ValueError as error:
        raise NoCertificate(
            Said(N_("{file} is no PKCS#12 file, or the passphrase is another"), file=path.name)
        ) from error
    if found.cert is None or not isinstance(found.key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise NoCertificate(Said(N_("{file} has no certificate with an RSA or EC key"), file=path.name))
    signer = SimpleSigner.load_pkcs12_data(content, other_certs=[], passphrase=passphrase or None)
    return Certificate(found.cert.certificate, signer)
