"""E-mail: SMTP by TLS, signed by DKIM, in text and HTML, with a way to stop; bounces and complaints read back.

What does not belong here: who may be written to (casework asks the gate), and what a bounce changes (casework).
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path

from duecourse.channels.contract import BadSetting, Kind, Setting
from duecourse.channels.email.letter import From
from duecourse.channels.email.signing import signature
from duecourse.channels.email.smtp import SECONDS, Server, Smtp
from duecourse.law.terms import Channel
from duecourse.trouble import N_, Said

NAME = "email"
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*/=?^_`{|}~-]+(?:\+[A-Za-z0-9._-]+)?@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_HOST = re.compile(r"[A-Za-z0-9.:-]{1,253}")
_BREAKS = re.compile(r"[\x00-\x1f\x7f]")
_TLS = ("starttls", "implicit", "none")

SETTINGS = (
    Setting("host", N_("Name of the mail server"), needed=True),
    Setting("port", N_("Its port"), default="587"),
    Setting("tls", N_("starttls, implicit, or none (to this very machine alone)"), default="starttls"),
    Setting("ca_file", N_("Certificates to trust (PEM) in place of the system's")),
    Setting("user", N_("User at the mail server")),
    Setting("password", N_("Password at the mail server"), secret=True),
    Setting("seconds", N_("Seconds that the server may take for one answer"), default=str(SECONDS)),
    Setting("from", N_("Address that it is sent from"), needed=True),
    Setting("from_name", N_("Name that it is sent from; it must not speak of a debt")),
    Setting("reply_to", N_("Address for answers")),
    Setting("bounces", N_("Mailbox for bounces; it takes addresses with +token")),
    Setting("dkim_domain", N_("Domain that signs (DKIM)")),
    Setting("dkim_selector", N_("Selector of the key in the domain's DNS")),
    Setting("dkim_key", N_("RSA key that signs (PEM)"), secret=True),
)


def _server(settings: Mapping[str, str]) -> Server:
    host, tls = settings["host"], settings["tls"]
    if not _HOST.fullmatch(host):
        raise BadSetting(NAME, "host", N_("it is the name or number of a host"))
    if tls not in _TLS:
        raise BadSetting(NAME, "tls", Said(N_("it is one of {options}"), options=", ".join(_TLS)))
    if tls == "none" and not inland(settings):
        raise BadSetting(NAME, "tls", N_("without TLS everybody on the way could read it: only this very machine may"))
    numbers = {}
    for name, most in (("port", 65_535), ("seconds", 600)):
        if not settings[name].isascii() or not settings[name].isdecimal() or not 1 <= int(settings[name]) <= most:
            raise BadSetting(NAME, name, Said(N_("it is a whole number from 1 to {most}"), most=most))
        numbers[name] = int(settings[name])
    if bool(settings["user"]) is not bool(settings["password"]):
        raise BadSetting(NAME, "password", N_("user and password go together"))
    if settings["user"] and tls == "none" and not inland(settings):
        raise BadSetting(NAME, "tls", N_("a password is not sent in clear"))
    return Server(
        host, numbers["port"], tls, settings["user"], settings["password"], _context(settings["ca_file"]),
        numbers["seconds"],
    )  # fmt: skip


def _context(file: str) -> ssl.SSLContext:
    """TLS with the server's name and certificate proven."""
    try:
        context = ssl.create_default_context(cafile=str(Path(file).expanduser()) if file else None)
    except (OSError, ssl.SSLError):
        raise BadSetting(NAME, "ca_file", N_("it cannot be read as certificates (PEM)")) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _from(settings: Mapping[str, str]) -> From:
    for name in ("from", "reply_to", "bounces"):
        if settings[name] and not _ADDRESS.fullmatch(settings[name]):
            raise BadSetting(NAME, name, N_("it is an e-mail address"))
    if "+" in settings["bounces"]:
        raise BadSetting(NAME, "bounces", N_("the token is put behind a + of its own"))
    if _BREAKS.search(settings["from_name"]) or len(settings["from_name"]) > 100:
        raise BadSetting(NAME, "from_name", N_("it is one line of at most 100 characters"))
    return From(settings["from"], settings["from_name"], settings["reply_to"], settings["bounces"])


def opened(settings: Mapping[str, str]) -> Smtp:
    """A line by checked settings; it calls nobody yet. Raises `BadSetting`."""
    signed = signature(NAME, settings["dkim_domain"], settings["dkim_selector"], settings["dkim_key"])
    return Smtp(_server(settings), _from(settings), signed.sign if signed else bytes)


def inland(settings: Mapping[str, str]) -> bool:
    """Whether the mail server is this very machine."""
    host = settings.get("host", "")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


KIND = Kind(name=NAME, channel=Channel.EMAIL, settings=SETTINGS, open=opened, inland=inland)
