"""A signed notice: valid by its authority, tagged still, its proof read as before; what cannot sign says why."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto.x509 import Certificate as Asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from duecourse.app import certificate_of, settings
from duecourse.casework.notice_paper import OpenedNotice, open_notice, pdf
from duecourse.casework.sequencing import Sequencer
from duecourse.channels.render.signing import NoCertificate, read_certificate
from duecourse.evidence.verifier.main import main
from duecourse.storage.connection import Database
from duecourse.storage.published import Published
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.notice_desk import COLLECTOR, notice_desk
from tests.work_desk import NOW

VAULT = Vault(new_ring())
TODAY = datetime.now(UTC)
DAY = timedelta(days=1)
PASSPHRASE = "correct horse"


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, text)])


def certificate(folder: Path, key: object = None, passphrase: str = PASSPHRASE) -> tuple[dict[str, str], bytes]:
    """The settings of a certificate by an authority made for it, and the authority's own certificate."""
    above = ec.generate_private_key(ec.SECP256R1())
    own = key or ec.generate_private_key(ec.SECP256R1())
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    made = []
    for subject, public, is_authority in (("Test authority", above, True), ("Demo lender", own, False)):
        builder = (
            x509.CertificateBuilder()
            .subject_name(name(subject)).issuer_name(name("Test authority"))
            .public_key(public.public_key())  # type: ignore[attr-defined]
            .serial_number(x509.random_serial_number())
            .not_valid_before(TODAY - DAY).not_valid_after(TODAY + DAY)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )  # fmt: skip
        if not is_authority:
            builder = builder.add_extension(usage, critical=True)
        made.append(builder.sign(above, SHA256()))
    root, leaf = made
    file = folder / "seal.p12"
    sealed = BestAvailableEncryption(PASSPHRASE.encode())
    file.write_bytes(pkcs12.serialize_key_and_certificates(b"seal", own, leaf, [root], sealed))  # type: ignore[arg-type]
    return {"SIGNING_FILE": str(file), "SIGNING_PASSPHRASE": passphrase}, root.public_bytes(Encoding.DER)


@pytest.fixture
def opened(database: Database, tmp_path: Path) -> tuple[OpenedNotice, str]:
    """A notice with its proof, and the key of the log."""
    desk = notice_desk(database, tmp_path / "book", VAULT)
    number = desk.issue()
    published = Published(tmp_path / "log")
    Sequencer(database, "demo", VAULT, published, lambda: NOW, "duecourse.test/log/demo").run()
    with database.transaction("demo") as tx:
        found = open_notice(tx, vault=VAULT, notice_id=number, purpose="contact", actor=COLLECTOR, now=NOW)
    return found, (published.key() or b"").decode().strip()


def checked(signature: EmbeddedPdfSignature, trusted: ValidationContext) -> PdfSignatureStatus:
    """Pyhanko's own verdict, in a thread of its own: it runs an event loop, and another test may have one."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(validate_pdf_signature, signature, trusted).result()


def test_a_signed_notice_is_valid_tagged_and_proven_and_a_changed_byte_is_told(
    opened: tuple[OpenedNotice, str], tmp_path: Path
) -> None:
    found, key = opened
    plain = pdf(found, certificate=None, now=TODAY)
    assert b"/ByteRange" not in plain
    assert not PdfFileReader(BytesIO(plain)).embedded_signatures
    for private in (ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)):
        said, root = certificate(tmp_path, private)
        signed = pdf(found, certificate=read_certificate(said), now=TODAY)
        assert signed.startswith(plain)  # the signature is appended, so tags, language and attachment stay
        reader = PdfFileReader(BytesIO(signed))
        assert reader.root["/MarkInfo"]["/Marked"]
        assert "/StructTreeRoot" in reader.root
        assert reader.root["/Lang"]
        (signature,) = reader.embedded_signatures
        assert signature.sig_object["/SubFilter"] == SigSeedSubFilter.PADES.value
        assert signature.sig_field["/F"] & 2  # hidden, as PDF/UA asks of what is not tagged
        trusted = ValidationContext(trust_roots=[Asn1.load(root)], allow_fetching=False)
        assert checked(signature, trusted).bottom_line
        letter = tmp_path / "letter.pdf"
        letter.write_bytes(signed)
        assert main([str(letter), "--key", key]) == 0
        if pdfsig := shutil.which("pdfsig"):
            shown = subprocess.run([pdfsig, "-nocert", letter], capture_output=True, text=True, check=True)
            assert "Signature is Valid" in shown.stdout
        changed = signed.replace(b"/Lang", b"/Lanh", 1)
        assert changed != signed
        (signature,) = PdfFileReader(BytesIO(changed)).embedded_signatures
        assert not checked(signature, trusted).intact


def test_a_notice_is_signed_where_an_event_loop_runs(opened: tuple[OpenedNotice, str], tmp_path: Path) -> None:
    found, _key = opened
    said, _root = certificate(tmp_path, ec.generate_private_key(ec.SECP256R1()))

    async def in_a_loop() -> bytes:
        return pdf(found, certificate=read_certificate(said), now=TODAY)

    with ThreadPoolExecutor(1) as apart:
        signed = apart.submit(asyncio.run, in_a_loop()).result()
    assert PdfFileReader(BytesIO(signed)).embedded_signatures


def test_the_certificate_signs_for_its_own_lender_and_for_no_law_firm(
    opened: tuple[OpenedNotice, str], tmp_path: Path
) -> None:
    found, _ = opened
    said, _ = certificate(tmp_path)
    where = settings({f"DUECOURSE_{name}": value for name, value in said.items()}, tmp_path)
    assert certificate_of(where, "other") is None
    assert certificate_of(settings({}, tmp_path), "demo") is None
    own = certificate_of(where, "demo")
    assert own is not None
    assert own.subject == "O=Demo lender"
    firm = replace(found, notice=replace(found.notice, sender="law_firm:lawco/a0"))
    assert b"/ByteRange" not in pdf(firm, certificate=own, now=TODAY)
    for instant in (TODAY - 2 * DAY, TODAY + 2 * DAY):
        with pytest.raises(NoCertificate, match="is valid from"):
            pdf(found, certificate=own, now=instant)


def test_a_certificate_that_cannot_sign_says_why(tmp_path: Path) -> None:
    with pytest.raises(NoCertificate, match=r"absent\.p12 cannot be read"):
        read_certificate({"SIGNING_FILE": str(tmp_path / "absent.p12")})
    said, _ = certificate(tmp_path, passphrase="another")
    with pytest.raises(NoCertificate, match="the passphrase is another"):
        read_certificate(said)
    said, _ = certificate(tmp_path, ed25519.Ed25519PrivateKey.generate())
    with pytest.raises(NoCertificate, match="RSA or EC"):
        read_certificate(said)
