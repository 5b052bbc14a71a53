"""Texts: JSON, hex, base64, each read in one way only."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from duecourse.evidence.verifier.sentences import Wrong

BYTES_MAX = 64 * 1024 * 1024
"""A larger file is not read: no bundle is."""

EXACT_MAX = 2**53 - 1
"""Whole numbers that all programs read alike."""


def parsed(text: str) -> Any:  # noqa: ANN401 - any JSON without fractions
    """JSON with whole numbers only, and no name twice in an object; raises `Wrong`."""
    try:
        return json.loads(text, parse_float=_number, parse_int=_number, parse_constant=_number, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise Wrong("not_json") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(found)
    return found


def _number(text: str) -> int:
    if not re.fullmatch("-?[0-9]{1,16}", text, re.ASCII) or abs(int(text)) > EXACT_MAX:
        raise ValueError(text)
    return int(text)


def part(document: Any, name: str, kind: type) -> Any:  # noqa: ANN401 - what the kind says
    """A named part of an object, of a kind; raises `Wrong`."""
    found = document.get(name) if isinstance(document, dict) else None
    if type(found) is not kind:
        raise Wrong("no_part", part=name)
    return found


def canonical(value: Any) -> str:  # noqa: ANN401 - any JSON without fractions
    """RFC 8785 for values without fractions."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{canonical(name)}:{canonical(value[name])}" for name in in_order(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def in_order(names: Any) -> list[str]:  # noqa: ANN401 - anything that gives names
    """Names in the order of RFC 8785."""
    return sorted(names, key=lambda name: name.encode("utf-16-be", "surrogatepass"))


def from_hex(text: str) -> bytes:
    """Bytes written as small hex digits; raises `Wrong`."""
    if not re.fullmatch("(?:[0-9a-f]{2})*", text, re.ASCII):
        raise Wrong("not_hex", text=text[:40])
    return bytes.fromhex(text)


def from_base64(text: str) -> bytes:
    """Bytes in base64, in its one proper form; raises `Wrong`."""
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:
        content = b""
    if not content or base64.b64encode(content).decode() != text:
        raise Wrong("not_base64", text=text[:40])
    return content


def text_of(content: bytes) -> str:
    """A text in UTF-8; raises `Wrong`."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Wrong("not_text") from None


def to_bytes(text: str) -> bytes:
    """A text as UTF-8; raises `Wrong` where it is none."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Wrong("not_text") from None
