"""The address of a PostgreSQL of yours: what it must say before personal data goes there.

A server on this machine is reached by socket or loopback. Any other must prove who it is (``sslmode=verify-full``):
encryption to a server that nobody checked keeps out eavesdroppers, not impostors.
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from duecourse.trouble import N_, BadInput, Said

_VERIFIED = "verify-full"


class BadAddress(BadInput):
    """DUECOURSE_DATABASE_URL cannot be used; the message never repeats it, it may hold a password."""

    def __init__(self, reason: str) -> None:
        super().__init__(N_("DUECOURSE_DATABASE_URL {reason}"), reason=reason)


class BadPublicAddress(BadInput):
    """DUECOURSE_PUBLIC_URL is none that readers could be sent to."""

    def __init__(self, url: str) -> None:
        super().__init__(
            N_(
                "DUECOURSE_PUBLIC_URL is {url!r}: what notices and messages print for readers begins with https://; "
                "http:// is for this machine alone (localhost, 127.0.0.1)"
            ),
            url=url,
        )  # fmt: skip


def public(url: str) -> str:
    """The address under which readers reach the pages. Raises `BadPublicAddress`.

    >>> public("https://notices.example/"), public("http://127.0.0.1:8080")
    ('https://notices.example', 'http://127.0.0.1:8080')
    """
    try:
        read = urlsplit(url)
        host = read.hostname or ""
    except ValueError:
        raise BadPublicAddress(url) from None
    if not host or read.scheme not in {"http", "https"} or (read.scheme == "http" and not is_local(host)):
        raise BadPublicAddress(url)
    return url.rstrip("/")


def is_local(host: str) -> bool:
    """Whether a host as libpq takes it is this machine: a socket, ``localhost`` or a loopback address.

    >>> is_local("/run/postgresql"), is_local("127.0.0.1"), is_local("db.example.com")
    (True, True, False)
    """
    if host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def checked(url: str) -> str:
    """The address itself, if it is one we may use; raises BadAddress."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise BadAddress(N_("is not an address of PostgreSQL, such as postgresql://user@host/database?...")) from None
    if parts.get("service"):
        raise BadAddress(N_("names a service, whose file may weaken what is asked here: name host and sslmode instead"))
    hosts = [host for key in ("host", "hostaddr") for host in str(parts.get(key) or "").split(",") if host]
    if not hosts:
        raise BadAddress(N_("names no host: add one, or the folder of the socket (?host=/run/postgresql)"))
    mode = parts.get("sslmode")
    for host in hosts:
        if not is_local(host) and mode != _VERIFIED:
            said = Said(N_("asks for sslmode={mode}"), mode=mode) if mode else N_("asks for no sslmode")
            raise BadAddress(
                Said(
                    N_(
                        "{said}, but {host} is another machine: personal data goes only to a server that proves who it "
                        "is. Add sslmode=verify-full and sslrootcert=<file of the authority that signed its "
                        "certificate>."
                    ),
                    said=said,
                    host=host,
                )
            )
    return url
