"""Notifications of an app, through the lender's own server: one signed call each (Standard Webhooks).

The call's ``webhook-id`` is the message's name, so that a receiver may know a call that a person repeats. Nothing is
repeated here: whether the receiver knows a repetition cannot be seen from outside, and the person behind it would read
it twice. See `post` for what an answer means.

What does not belong here: telling other systems of acts (`casework.telling`), and who may be written to.
"""

from __future__ import annotations

import ssl
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from duecourse.channels.contract import BadSetting, Kind, Setting
from duecourse.channels.once import Server
from duecourse.channels.webhook.post import Post, Receiver
from duecourse.law.terms import Channel
from duecourse.trouble import N_, Said

NAME = "webhook"
SECRET_BYTES_MIN = 24
SECONDS_MAX = 120

SETTINGS = (
    Setting("url", N_("Address of the app's server, https://…"), needed=True),
    Setting("secret", N_("Secret that calls are signed with (whsec_…)"), secret=True, needed=True),
    Setting("ca_file", N_("Certificates to trust (PEM) in place of the system's")),
    Setting("seconds", N_("Seconds that the server may take for one answer"), default="10"),
)


def opened(settings: Mapping[str, str]) -> Post:
    """A line by checked settings; it calls nobody yet. Raises `BadSetting`."""
    parts = _parts(settings["url"])
    if parts is None or not parts.hostname or parts.username or parts.password or parts.fragment:
        raise BadSetting(NAME, "url", N_("it is an address with a host, without user, password and fragment"))
    if parts.scheme != "https" and not (parts.scheme == "http" and inland(settings)):
        raise BadSetting(NAME, "url", N_("it begins with https://; http:// is for this very machine alone"))
    seconds = settings["seconds"]
    if not seconds.isascii() or not seconds.isdecimal() or not 1 <= int(seconds) <= SECONDS_MAX:
        raise BadSetting(NAME, "seconds", Said(N_("it is a whole number from 1 to {most}"), most=SECONDS_MAX))
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    context = _context(settings["ca_file"]) if parts.scheme == "https" else None
    server = Server(parts.hostname, parts.port, context, int(seconds))
    return Post(Receiver(server, path, _secret(settings["secret"])))


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 and url.isascii() and url.isprintable() and " " not in url else None
    except ValueError:
        return None


def _secret(said: str) -> str:
    try:
        raw = b64decode(said.removeprefix("whsec_"), validate=True)
    except (NotBase64, ValueError):
        raw = b""
    if len(raw) < SECRET_BYTES_MIN:
        raise BadSetting(NAME, "secret", N_("it is whsec_ and at least 24 bytes in Base64"))
    return said


def _context(file: str) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=str(Path(file).expanduser()) if file else None)
    except (OSError, ssl.SSLError):
        raise BadSetting(NAME, "ca_file", N_("it cannot be read as certificates (PEM)")) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def inland(settings: Mapping[str, str]) -> bool:
    """Whether the app's server is this very machine."""
    parts = _parts(settings.get("url", ""))
    host = (parts.hostname or "") if parts else ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


KIND = Kind(name=NAME, channel=Channel.PUSH, settings=SETTINGS, open=opened, inland=inland)
