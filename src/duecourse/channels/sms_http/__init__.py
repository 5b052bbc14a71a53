"""Texts by a provider that is called over HTTP, as a small file describes it (`spec`).

Receipts and replies come by the provider's own calls, as the same file describes them (`callbacks`).
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from duecourse.channels.contract import BadSetting, Kind, Message, NotReady, Refused, Setting, Taken
from duecourse.channels.once import WHY_MAX, Once, Server
from duecourse.channels.sms_http.callbacks import found
from duecourse.channels.sms_http.spec import BadSpec, Spec, read_spec
from duecourse.law.terms import Channel
from duecourse.trouble import N_, Said, masked

NAME = "sms_http"
SECONDS_MAX = 120

SETTINGS = (
    Setting("url", N_("The provider's server, https://host"), needed=True),
    Setting("spec", N_("How it is called and answers: a YAML file, given as @FILE"), needed=True),
    Setting("from", N_("Number or name that it is sent from")),
    Setting("account", N_("Account at the provider")),
    Setting("key", N_("Key of the account"), secret=True),
    Setting("callback_secret", N_("Secret by which the provider's own calls are proven"), secret=True),
    Setting("seconds", N_("Seconds that the server may take for one answer"), default="10"),
)


class NoAnswer(Exception):
    """The provider may have the message, and what it answered does not say so."""


class SmsHttp:
    """A line to the provider."""

    def __init__(self, server: Server, spec: Spec, words: Mapping[str, str]) -> None:
        self._line, self._spec, self._words = Once(server), spec, words

    def ready(self) -> None:
        """Connect and prove the certificate. Raises `NotReady`."""
        self._line.ready()

    def send(self, message: Message) -> Taken | Refused:
        """Call once."""
        if message.attachments:
            return Refused("a text message takes no files", permanent=True)
        words = {**self._words, "to": message.to, "text": message.text.strip(), "reference": message.reference}
        headers, body = self._spec.request(words)
        try:
            status, raw = self._line.call(self._spec.method, self._spec.path, headers, body)
        except NotReady as error:
            return Refused(str(error)[:WHY_MAX], permanent=False)
        return self._read(status, raw, message)

    def close(self) -> None:
        """Let the line go."""
        self._line.close()

    def _read(self, status: int, raw: bytes, message: Message) -> Taken | Refused:
        try:
            said = json.loads(raw)
        except (ValueError, RecursionError):
            said = None
        spec = self._spec
        if spec.taken.holds(status, said):
            name = (found(said, spec.taken.says) if spec.taken.says else None) or message.reference
            return Taken(name, (name,) if spec.callbacks is not None and spec.callbacks.receipt is not None else ())
        for fits, permanent in ((spec.refused, True), (spec.later, False)):
            if fits.holds(status, said):
                why = (found(said, fits.says) if fits.says else None) or f"answered {status}"
                return Refused(masked(why.replace(message.to, "***"))[:WHY_MAX], permanent=permanent)
        raise NoAnswer(f"answered {status} with what the file says nothing about")


def opened(settings: Mapping[str, str]) -> SmsHttp:
    """A line by checked settings; it calls nobody yet. Raises `BadSetting`."""
    try:
        parts = urlsplit(settings["url"])
        bad = parts.port == 0 or not parts.hostname or parts.username or parts.path not in {"", "/"} or parts.query
    except ValueError:
        bad = True
    if bad:
        raise BadSetting(NAME, "url", N_("it is a server's address without path: the path stands in the file"))
    if parts.scheme != "https" and not (parts.scheme == "http" and inland(settings)):
        raise BadSetting(NAME, "url", N_("it begins with https://; http:// is for this very machine alone"))
    seconds = settings["seconds"]
    if not seconds.isascii() or not seconds.isdecimal() or not 1 <= int(seconds) <= SECONDS_MAX:
        raise BadSetting(NAME, "seconds", Said(N_("it is a whole number from 1 to {most}"), most=SECONDS_MAX))
    for name in ("key", "account", "from"):
        if not settings[name].isascii() or not settings[name].isprintable():
            raise BadSetting(NAME, name, N_("it is ASCII in one line"))
    try:
        spec = read_spec(settings["spec"])
    except BadSpec as error:
        raise BadSetting(NAME, "spec", str(error)) from None
    context = ssl.create_default_context() if parts.scheme == "https" else None
    words = {name: settings[name] for name in ("from", "account", "key")}
    return SmsHttp(Server(parts.hostname or "", parts.port, context, int(seconds)), spec, words)


def inland(settings: Mapping[str, str]) -> bool:
    """Whether the provider's server is this very machine."""
    try:
        host = urlsplit(settings.get("url", "")).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


KIND = Kind(name=NAME, channel=Channel.SMS, settings=SETTINGS, open=opened, inland=inland)
