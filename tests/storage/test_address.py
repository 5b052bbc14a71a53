"""Which addresses of a PostgreSQL are used, which are refused."""

from __future__ import annotations

import pytest

from duecourse.storage.address import BadAddress, checked, is_local

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
