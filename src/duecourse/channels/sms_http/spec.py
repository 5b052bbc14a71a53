"""The small file that says how a provider of texts is called, and how its answer is read.

    method: POST
    path: /v1/messages
    headers: {Authorization: "Bearer {key}"}
    json: {to: "{to}", from: "{from}", text: "{text}", id: "{reference}"}      # or form: {…}
    taken: {status: [200, 201], where: {code: "0"}, reference: data.id}
    refused: {status: [400, 422], why: message}
    later: {status: [429, 503], why: message}

The words in braces are put in as values, never read as JSON. An answer is held against `taken`, `refused` and `later`
in this order: its status is listed, and every value of ``where``, found by a path of names parted by dots, is the one
said. What fits none of them is no answer: nobody knows. What the provider calls back with is described beside it
(`callbacks`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import yaml

from duecourse.channels.sms_http.callbacks import BadCallbacks, Callbacks, found, read_callbacks
from duecourse.law.document import twice
from duecourse.trouble import N_, BadInput, Said

WORDS = ("to", "from", "text", "reference", "account", "key")
HEADER_WORDS = ("from", "reference", "account", "key")
"""What is ASCII in one line, as a header must be."""

_WORD = re.compile(r"\{([a-z]*)\}")
_KEYS = {"method", "path", "headers", "json", "form", "taken", "refused", "later", "callbacks"}
_READS = {"status", "where", "reference", "why"}
BYTES_MAX = 20_000


class BadSpec(BadInput):
    """A file that does not say how a provider is called."""

    def __init__(self, line: int, name: str, why: str | Said) -> None:
        super().__init__(N_("line {line}, {name}: {why}"), line=line, name=name, why=why)


@dataclass(frozen=True, slots=True)
class Fits:
    """When an answer means something, and where its words are."""

    status: frozenset[int]
    where: Mapping[str, str]
    says: str  # path of the reference, or of the reason

    def holds(self, status: int, said: object) -> bool:
        """Whether an answer fits."""
        return status in self.status and all(found(said, path) == value for path, value in self.where.items())


@dataclass(frozen=True, slots=True)
class Spec:
    """How a provider is called."""

    method: str
    path: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: object = field(repr=False)
    is_form: bool
    taken: Fits
    refused: Fits
    later: Fits
    callbacks: Callbacks | None = None

    def request(self, words: Mapping[str, str]) -> tuple[Mapping[str, str], bytes]:
        """Headers and body with the words put in."""
        headers = {name: _filled(value, words) for name, value in self.headers.items()}
        body = _filled_in(self.body, words)
        if self.is_form:
            kind, raw = "application/x-www-form-urlencoded", urlencode(body, encoding="utf-8").encode()  # type: ignore[arg-type]
        else:
            kind, raw = "application/json", json.dumps(body, ensure_ascii=False).encode()
        return {"Content-Type": f"{kind}; charset=utf-8", **headers}, raw


def read_spec(text: str) -> Spec:
    """Read such a file. Raises `BadSpec` with the line."""
    if len(text.encode()) > BYTES_MAX:
        raise BadSpec(1, "file", N_("it is longer than such a file can be"))
    try:
        node = yaml.compose(text, yaml.SafeLoader)
        said = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise BadSpec(mark.line + 1 if mark else 1, "file", N_("it cannot be read as YAML")) from None
    if again := twice(node):
        name, line, first = again
        raise BadSpec(line, name, Said(N_("it stands twice, first in line {first}"), first=first))
    lines = {key.value: key.start_mark.line + 1 for key, _ in node.value} if isinstance(node, yaml.MappingNode) else {}
    if not isinstance(said, dict) or not lines:
        raise BadSpec(1, "file", N_("it is names with values"))
    for name in said:
        if name not in _KEYS:
            raise BadSpec(lines.get(name, 1), str(name), N_("there is no such name"))
    for name in ("path", "taken", "refused", "later"):
        if name not in said:
            raise BadSpec(1, name, N_("it is needed"))
    if ("json" in said) is ("form" in said):
        raise BadSpec(1, "json", N_("the body is either json or form"))
    return _spec(said, lines)


def _spec(said: dict[str, Any], lines: Mapping[str, int]) -> Spec:
    method, path, headers = said.get("method", "POST"), said["path"], said.get("headers", {})
    kind = "json" if "json" in said else "form"
    if method not in {"POST", "PUT"}:
        raise BadSpec(lines.get("method", 1), "method", N_("it is POST or PUT"))
    if (
        not isinstance(path, str)
        or not path.startswith("/")
        or not path.isascii()
        or not path.isprintable()
        or _WORD.search(path)
    ):
        raise BadSpec(lines["path"], "path", N_("it begins with / and has no words in braces: addresses stand in logs"))
    if not isinstance(headers, dict) or not all(isinstance(one, str) and one.isprintable() for one in headers.values()):
        raise BadSpec(lines.get("headers", 1), "headers", N_("it is names with texts"))
    flat = kind == "form" and not (
        isinstance(said["form"], dict) and all(isinstance(one, str) for one in said["form"].values())
    )
    if flat or not isinstance(said[kind], dict):
        raise BadSpec(lines[kind], kind, N_("it is names with values; those of a form are texts"))
    for name in ("headers", kind):
        for word in _WORD.findall(json.dumps(said.get(name, {}), ensure_ascii=False)):
            if word not in (HEADER_WORDS if name == "headers" else WORDS):
                raise BadSpec(lines[name], name, N_("it has a word in braces that nothing is put in for"))
    body = json.dumps(said[kind], ensure_ascii=False)
    if "{to}" not in body or "{text}" not in body:
        raise BadSpec(lines[kind], kind, N_("to and text must both stand in it, in braces"))
    fits = {name: _fits(said[name], name, lines[name]) for name in ("taken", "refused", "later")}
    back = None
    if "callbacks" in said:
        try:
            back = read_callbacks(said["callbacks"])
        except BadCallbacks as error:
            raise BadSpec(lines["callbacks"], "callbacks", error.why) from None
    return Spec(method, path, headers, said[kind], kind == "form", fits["taken"], fits["refused"], fits["later"], back)


def _fits(said: object, name: str, line: int) -> Fits:
    if not isinstance(said, dict) or set(said) - _READS:
        raise BadSpec(line, name, N_("it has status, where, and reference or why"))
    status, where = said.get("status"), said.get("where", {})
    if not isinstance(status, list) or not status or not all(type(one) is int and 200 <= one <= 599 for one in status):
        raise BadSpec(line, name, N_("status is a list of HTTP statuses"))
    if not isinstance(where, dict) or not all(isinstance(one, str) for one in where.values()):
        raise BadSpec(line, name, N_("where is paths with texts"))
    says = said.get("reference" if name == "taken" else "why", "")
    if not isinstance(says, str):
        raise BadSpec(line, name, N_("it has status, where, and reference or why"))
    return Fits(frozenset(status), where, says)


def _filled(text: str, words: Mapping[str, str]) -> str:
    return _WORD.sub(lambda one: words[one[1]], text)


def _filled_in(value: object, words: Mapping[str, str]) -> object:
    if isinstance(value, dict):
        return {name: _filled_in(one, words) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled_in(one, words) for one in value]
    return _filled(value, words) if isinstance(value, str) else value
