"""Texts: SMPP 3.4 to a message centre, in the alphabet and the parts that they need; receipts and replies read back.

The protocol is spoken here and not by a library: `smpplib` waits for one answer at a time, loses its place in the
stream when one is late, proves no name of the server under TLS, and tears escape and surrogate pairs apart.

What does not belong here: who may be written to (casework asks the gate), and what a receipt changes (casework).
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path

from duecourse.channels.contract import BadSetting, Kind, Setting
from duecourse.channels.sms.alphabet import Alphabet
from duecourse.channels.sms.link import Centre
from duecourse.channels.sms.pdu import Address
from duecourse.channels.sms.smpp import Account, Smpp, names_of
from duecourse.law.terms import Channel
from duecourse.trouble import N_, Said

NAME = "sms"
_HOST = re.compile(r"[A-Za-z0-9.:-]{1,253}")
_FROM = re.compile(r"\+[0-9]{5,15}|[0-9]{1,20}|(?=.*[A-Za-z])[A-Za-z0-9 ._-]{1,11}")
_NUMBERS = {"port": 65_535, "seconds": 600, "window": 500, "parts_max": 255}

SETTINGS = (
    Setting("host", N_("Name of the message centre"), needed=True),
    Setting("port", N_("Its port"), default="2776"),
    Setting("tls", N_("implicit, or none (within this machine or a private network alone)"), default="implicit"),
    Setting("ca_file", N_("Certificates to trust (PEM) in place of the system's")),
    Setting("system_id", N_("Account at the message centre"), needed=True),
    Setting("password", N_("Password of the account, at most 8 signs"), secret=True),
    Setting("system_type", N_("Kind of system, where the centre asks for it")),
    Setting("from", N_("Number or name that it is sent from"), needed=True),
    Setting("alphabet", N_("auto, or ucs2 where the centre mistakes the GSM alphabet"), default="auto"),
    Setting("reference_bits", N_("8 or 16 bits of the reference that holds parts together"), default="8"),
    Setting("parts_max", N_("Parts that one text may have"), default="10"),
    Setting("seconds", N_("Seconds that the centre may take for one answer"), default="10"),
    Setting("window", N_("Submissions that may be without an answer at a time"), default="20"),
    Setting("dead_codes", N_("The centre's error codes for numbers that nobody has, such as 001,005")),
)


def _checked(settings: Mapping[str, str]) -> dict[str, int]:
    if not _HOST.fullmatch(settings["host"]):
        raise BadSetting(NAME, "host", N_("it is the name or number of a host"))
    for name, options in (
        ("tls", ("implicit", "none")),
        ("alphabet", ("auto", "ucs2")),
        ("reference_bits", ("8", "16")),
    ):
        if settings[name] not in options:
            raise BadSetting(NAME, name, Said(N_("it is one of {options}"), options=", ".join(options)))
    if settings["tls"] == "none" and not _near(settings["host"]):
        raise BadSetting(NAME, "tls", N_("without TLS everybody on the way could read it: only a private network may"))
    for name, most in (("system_id", 15), ("password", 8), ("system_type", 12)):
        if not settings[name].isascii() or not settings[name].isprintable() or len(settings[name]) > most:
            raise BadSetting(NAME, name, Said(N_("it is ASCII of at most {most} signs"), most=most))
    if not _FROM.fullmatch(settings["from"]):
        raise BadSetting(NAME, "from", N_("it is a number (+… or a short one), or a name of at most 11 Latin signs"))
    found = {}
    for name, most in _NUMBERS.items():
        if not settings[name].isascii() or not settings[name].isdecimal() or not 1 <= int(settings[name]) <= most:
            raise BadSetting(NAME, name, Said(N_("it is a whole number from 1 to {most}"), most=most))
        found[name] = int(settings[name])
    return found


def _context(settings: Mapping[str, str]) -> ssl.SSLContext | None:
    """TLS with the server's name and certificate proven."""
    if settings["tls"] == "none":
        return None
    file = settings["ca_file"]
    try:
        context = ssl.create_default_context(cafile=str(Path(file).expanduser()) if file else None)
    except (OSError, ssl.SSLError):
        raise BadSetting(NAME, "ca_file", N_("it cannot be read as certificates (PEM)")) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _source(said: str) -> Address:
    if said.startswith("+"):
        return Address(1, 1, said[1:])
    return Address(0, 0, said) if said.isdecimal() else Address(5, 0, said)


def opened(settings: Mapping[str, str]) -> Smpp:
    """A line by checked settings; it calls nobody yet. Raises `BadSetting`."""
    numbers = _checked(settings)
    centre = Centre(settings["host"], numbers["port"], _context(settings), numbers["seconds"], numbers["window"])
    account = Account(
        system_id=settings["system_id"], password=settings["password"], system_type=settings["system_type"],
        source=_source(settings["from"]), reference_bits=int(settings["reference_bits"]),
        parts_max=numbers["parts_max"], only=Alphabet.UCS2 if settings["alphabet"] == "ucs2" else None,
        dead=names_of(settings),
    )  # fmt: skip
    return Smpp(centre, account)


def inland(settings: Mapping[str, str]) -> bool:
    """Whether the message centre is this very machine."""
    host = settings.get("host", "")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _near(host: str) -> bool:
    """Whether a host is named by a number of this machine or of a private network."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost"


KIND = Kind(name=NAME, channel=Channel.SMS, settings=SETTINGS, open=opened, inland=inland)
