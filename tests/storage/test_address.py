"""Which addresses of a PostgreSQL are used, which are refused, and that a server really has to prove who it is."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from duecourse.app import settings
from duecourse.storage import keeper, server
from duecourse.storage.address import BadAddress, BadPublicAddress, checked, is_local
from tests.conftest import debian_programs, without

ALLOWED = [
    "postgresql:///desk?host=/run/postgresql",
    "postgresql://owner:pw@localhost/desk",
    "host=127.0.0.1 dbname=desk",
    "postgresql://[::1]:5433/desk",
    "postgresql://owner@db.example.com/desk?sslmode=verify-full&sslrootcert=/etc/ssl/ca.pem",
]
REFUSED = [
    ("postgresql://owner:pw@db.example.com/desk", "no sslmode"),
    ("postgresql://owner:pw@db.example.com/desk?sslmode=require", "sslmode=require"),
    ("postgresql://owner:pw@db.example.com/desk?sslmode=verify-ca", "sslmode=verify-ca"),
    ("postgresql://localhost,db.example.com/desk", "db.example.com is another machine"),
    ("postgresql://localhost/desk?hostaddr=10.0.0.5", "10.0.0.5 is another machine"),
    ("postgresql:///desk", "names no host"),
    ("service=desk host=localhost", "names a service"),
    ("postgresql://owner:pw@localhost/desk?no_such=1", "is not an address"),
]
SECONDS_MAX = 30


@pytest.mark.parametrize("url", ALLOWED)
def test_allowed(url: str) -> None:
    assert checked(url) == url


@pytest.mark.parametrize(("url", "reason"), REFUSED)
def test_refused(url: str, reason: str) -> None:
    with pytest.raises(BadAddress, match=reason) as refusal:
        checked(url)
    assert "owner" not in str(refusal.value)
    assert ":pw" not in str(refusal.value)


@pytest.mark.parametrize(("host", "local"), [("localhost.example.com", False), ("127.8.9.1", True), ("0.0.0.0", False)])  # noqa: S104
def test_what_is_local(host: str, *, local: bool) -> None:
    assert is_local(host) is local


def certify(folder: Path, name: str) -> Path:
    """Write server.crt and server.key for a host, signed by a new authority; give the authority's certificate."""
    began = datetime.now(UTC) - timedelta(hours=1)
    keys = {"ca": ec.generate_private_key(ec.SECP256R1()), "server": ec.generate_private_key(ec.SECP256R1())}
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Authority of {name}")])
    subject = {"ca": authority, "server": x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])}
    for part, key in keys.items():
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject[part])
            .issuer_name(authority)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(began)
            .not_valid_after(began + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=part == "ca", path_length=None), critical=True)
        )
        if part == "server":
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        certificate = builder.sign(keys["ca"], hashes.SHA256())
        (folder / f"{part}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret = keys["server"].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.key").write_bytes(secret)
    return folder / "ca.crt"


@contextmanager
def listening(place: server.Place, port: int) -> Iterator[None]:
    """The cluster of a place, served with TLS on the loopback address."""
    command = [
        str(place.programs / "postgres"), "-D", str(place.folder / "data"), "-h", "127.0.0.1", "-p", str(port),
        "-k", "", "-c", "ssl=on",
    ]  # fmt: skip
    with (place.folder / "server.log").open("ab") as log:
        running = subprocess.Popen(command, user=place.user, cwd="/", stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + SECONDS_MAX
            while not keeper.ready(place.folder / "data", running.pid):
                assert running.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.02)
            yield
        finally:
            running.terminate()
            running.wait(SECONDS_MAX)


def test_a_server_elsewhere_has_to_prove_who_it_is(home: Path) -> None:
    programs = debian_programs()
    if programs is None:
        without("postgresql (the embedded one knows no TLS)", "`make system` installs it")
    with server.attached(home, own_programs=programs) as place:
        pass
    data = place.folder / "data"
    authority, other = certify(data, "db.example.com"), home / "other"
    other.mkdir()
    stranger = certify(other, "other.example.com")
    for name in ("server.key", "server.crt"):
        (data / name).chmod(0o600)
        if place.user:
            shutil.chown(data / name, place.user)
    trusted = home / "ca.crt"
    trusted.write_bytes(authority.read_bytes())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"user=postgres dbname=duecourse port={port} hostaddr=127.0.0.1 sslmode=verify-full"
    with listening(place, port):
        with psycopg.connect(checked(f"{base} host=db.example.com sslrootcert={trusted}")) as connection:
            assert connection.pgconn.ssl_in_use
        with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
            psycopg.connect(checked(f"{base} host=db.example.com sslrootcert={stranger}"))
        with pytest.raises(psycopg.OperationalError, match="does not match host name"):
            psycopg.connect(checked(f"{base} host=impostor.example.com sslrootcert={trusted}"))


@pytest.mark.parametrize(
    "url", ["http://notices.example", "ftp://notices.example", "notices.example", "https://", "http://10.0.0.1:8080"]
)
def test_readers_are_sent_to_https_alone(url: str) -> None:
    with pytest.raises(BadPublicAddress, match="begins with https://"):
        settings({"DUECOURSE_PUBLIC_URL": url})
    assert settings({"DUECOURSE_PUBLIC_URL": "https://notices.example/"}).public_url == "https://notices.example"
