"""A time-stamping authority for tests: OpenSSL's `ts` behind a small HTTP server, with roots made for the test."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

POLICY = "1.3.6.1.4.1.57264.2"
CONFIGURATION = f"""
[tsa]
serial = serial
default_policy = {POLICY}
signer_digest = sha256
digests = sha256
ordering = no
tsa_name = no
ess_cert_id_alg = sha256
"""


@dataclass
class TimeAuthority:
    """A folder with a root, a certificate under it, and what the authority does with a query before it answers."""

    folder: Path
    openssl: Path
    url: str = ""
    bend: Callable[[bytes], bytes] = field(default=lambda query: query)  # the query that is answered in its place
    answer: bytes | int | None = None  # instead of a stamp: these bytes, or this HTTP status
    asked: int = 0
    chain: bool = False  # it sends the certificate above its own too, longest first, as OpenSSL writes them

    def __post_init__(self) -> None:
        """Make a root and a certificate, valid from yesterday for ten years."""
        self.folder.mkdir()
        (self.folder / "serial").write_text("01\n", encoding="ascii")
        (self.folder / "ts.cnf").write_text(CONFIGURATION, encoding="ascii")
        self.certify(datetime.now(UTC) + timedelta(days=3650))

    @property
    def certificates(self) -> Path:
        """The file that whoever checks its stamps is given."""
        return self.folder / "root.pem"

    def certify(self, until: datetime) -> None:
        """A new root and a new certificate under it, which ends at an instant."""
        root_key, key = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
        names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in ("Test root", "Test TSA")]
        begin = min(datetime.now(UTC), until) - timedelta(days=1)

        def certificate(subject: int) -> x509.CertificateBuilder:
            public = (root_key, key)[subject].public_key()
            return (
                x509.CertificateBuilder()
                .issuer_name(names[0])
                .subject_name(names[subject])
                .public_key(public)
                .serial_number(x509.random_serial_number())
                .not_valid_before(begin)
                .not_valid_after(until)
                .add_extension(x509.BasicConstraints(ca=not subject, path_length=None), critical=True)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
                .add_extension(
                    x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False
                )
            )

        stamps_times = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        made = {
            "root.pem": certificate(0).sign(root_key, SHA256()),
            "tsa.pem": certificate(1).add_extension(stamps_times, critical=True).sign(root_key, SHA256()),
        }
        for name, one in made.items():
            (self.folder / name).write_bytes(one.public_bytes(Encoding.PEM))
        (self.folder / "chain.pem").write_bytes(made["root.pem"].public_bytes(Encoding.PEM))
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self.folder / "tsa.key").write_bytes(private)

    def query(self, content: bytes) -> bytes:
        """A query of its own over some content, with a nonce of its own."""
        (self.folder / "data").write_bytes(content)
        return self._ts("-query", "-data", "data", "-sha256", "-cert")

    def reply(self, query: bytes) -> bytes:
        """What the authority answers to a query."""
        self.asked += 1
        (self.folder / "query").write_bytes(self.bend(query))
        return self._ts(
            "-reply", "-queryfile", "query", "-signer", "tsa.pem", "-inkey", "tsa.key", "-config", "ts.cnf",
            "-section", "tsa", *(["-chain", "chain.pem"] if self.chain else []),
        )  # fmt: skip

    def _ts(self, *words: str) -> bytes:
        command = [str(self.openssl), "ts", *words, "-out", "out"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return (self.folder / "out").read_bytes()


@contextmanager
def time_authority(folder: Path, openssl: Path) -> Iterator[TimeAuthority]:
    """An authority that answers over HTTP as long as this context lasts."""
    authority = TimeAuthority(folder, openssl)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            kept = authority.answer
            content = kept if isinstance(kept, bytes) else authority.reply(query) if kept is None else b""
            good = self.headers["Content-Type"] == "application/timestamp-query"
            self.send_response((kept if isinstance(kept, int) else 200) if good else 415)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        authority.url = f"http://127.0.0.1:{server.server_port}/stamp"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield authority
        finally:
            server.shutdown()
            thread.join()
