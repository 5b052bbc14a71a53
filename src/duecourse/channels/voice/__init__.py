"""Voice: calls over SIP and RTP that a machine speaks, heard by keys, recorded on both legs.

What does not belong here: who may be called (casework asks the gate), and what keys change (casework).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address

import phonenumbers

from duecourse.channels.contract import BadSetting, Kind, Setting
from duecourse.channels.voice.line import VoiceLine, Way
from duecourse.channels.voice.phone import Account
from duecourse.law.terms import Channel
from duecourse.trouble import N_, Said

NAME = "voice"
_NUMBER = re.compile(r"\+?[0-9]{3,20}")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}")
_WORD = re.compile(r"[A-Za-z0-9._+-]{0,64}")
_SECRET = re.compile(r"[!#-:=?-~]{0,128}")
_RECOGNISER = re.compile(r"https://[^\s/]+\S*|http://(127\.0\.0\.1|localhost)(:\d+)?(/\S*)?")
_TRANSPORTS = ("udp", "tcp", "tls")

SETTINGS = (
    Setting("host", N_("Name of the provider's SIP server"), needed=True),
    Setting("port", N_("Its port"), default="5060"),
    Setting("transport", N_("udp, tcp or tls"), default="udp"),
    Setting("caller", N_("The one number that calls are placed from"), needed=True),
    Setting("user", N_("User at the SIP server")),
    Setting("password", N_("Password at the SIP server"), secret=True),
    Setting("local", N_("This machine's own address on the way to the server"), default="127.0.0.1"),
    Setting("rtp_first", N_("First port for sound"), default="16384"),
    Setting("rtp_last", N_("Last port for sound"), default="32767"),
    Setting("ring_seconds", N_("Seconds that it may ring"), default="40"),
    Setting("country", N_("Country of numbers that are written without one (ISO 3166)"), default="CN"),
    Setting("lines", N_("Calls at a time"), default="4"),
    Setting("recogniser", N_("Address of a speech recogniser; without it transcripts are brought by hand")),
    Setting("recogniser_token", N_("Token at the recogniser"), secret=True),
    Setting("machines", N_("listen for answering machines: yes or no"), default="yes"),
)


def _numbers(settings: Mapping[str, str]) -> dict[str, int]:
    found = {}
    for name, least, most in (
        ("port", 1, 65_535), ("rtp_first", 1_024, 65_000), ("rtp_last", 1_124, 65_535), ("ring_seconds", 5, 120),
        ("lines", 1, 60),
    ):  # fmt: skip
        text = settings[name]
        if not text.isascii() or not text.isdecimal() or not least <= int(text) <= most:
            raise BadSetting(
                NAME, name, Said(N_("it is a whole number from {least} to {most}"), least=least, most=most)
            )
        found[name] = int(text)
    if found["rtp_last"] - found["rtp_first"] < 100:
        raise BadSetting(NAME, "rtp_last", N_("it lies at least 100 ports behind the first"))
    return found


def opened(settings: Mapping[str, str]) -> VoiceLine:
    """A line by checked settings; it calls nobody yet. Raises `BadSetting`."""
    numbers = _numbers(settings)
    if not _HOST.fullmatch(settings["host"]):
        raise BadSetting(NAME, "host", N_("it is the name or number of a host"))
    if not _NUMBER.fullmatch(settings["caller"]):
        # Numbers in turn hide who calls from whoever does not want the call.
        raise BadSetting(
            NAME, "caller", N_("it is one number, such as +864001234567: a list to call from in turn is not taken")
        )
    if settings["transport"] not in _TRANSPORTS:
        raise BadSetting(NAME, "transport", Said(N_("it is one of {options}"), options=", ".join(_TRANSPORTS)))
    if settings["machines"] not in {"yes", "no"}:
        raise BadSetting(NAME, "machines", Said(N_("it is one of {options}"), options="yes, no"))
    for name, form in (("user", _WORD), ("password", _SECRET)):
        if not form.fullmatch(settings[name]):
            raise BadSetting(NAME, name, N_("it has signs that a SIP account cannot hold"))
    if bool(settings["user"]) is not bool(settings["password"]):
        raise BadSetting(NAME, "password", N_("user and password go together"))
    if settings["recogniser"] and not _RECOGNISER.fullmatch(settings["recogniser"]):
        raise BadSetting(NAME, "recogniser", N_("it begins with https://, or http:// on this very machine"))
    try:
        ip_address(settings["local"])
    except ValueError:
        raise BadSetting(NAME, "local", N_("it is an address of this machine, such as 192.0.2.7")) from None
    account = Account(
        settings["caller"], settings["host"], numbers["port"], settings["transport"], settings["user"],
        settings["password"], settings["local"], numbers["rtp_first"], numbers["rtp_last"],
    )  # fmt: skip
    if settings["country"] not in phonenumbers.SUPPORTED_REGIONS:
        raise BadSetting(NAME, "country", N_("it is a country of ISO 3166, such as CN"))
    return VoiceLine(
        Way(account, numbers["ring_seconds"], detect=settings["machines"] == "yes", country=settings["country"])
    )


def inland(settings: Mapping[str, str]) -> bool:
    """Whether the SIP server is this very machine."""
    host = settings.get("host", "")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


KIND = Kind(name=NAME, channel=Channel.ROBOT_CALL, settings=SETTINGS, open=opened, inland=inland, speaks=True)
