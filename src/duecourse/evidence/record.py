"""One record of the log: who did what to whom, when, by which rules, with commitments to the facts.

    {"actor": "<32 hex>", "at": "2026-03-01T02:00:00.000000Z", "commitments": {"value": "<64 hex>"}, "format": 1,
     "id": "demo/17", "kind": "person.reveal", "packs": ["cn.contact 2025-02-28"], "rules": ["cn.contact.window"],
     "stated": {"purpose": "identify"}, "subject": "<32 hex>"}

``stated`` holds what may be read by whoever holds the record: words of closed lists, counts, hashes; nothing personal.
Facts about a person stand in ``commitments`` only, each under a salt of its own, HKDF-Expand of (secret, record id,
field): one fact can be opened to a court without opening the others, and with the secret destroyed none can be guessed.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import TypeAlias

import orjson
import rfc8785

from duecourse.evidence.tree import leaf_hash

FORMAT = 1
SALT_BYTES = 32
BYTES_MAX = 65_536
"""Largest record, in bytes: larger matter goes into a document, whose hash the record states."""

_EXACT_MAX = 2**53 - 1

Fact: TypeAlias = "str | int | bool | Sequence[Fact] | Mapping[str, Fact] | None"
"""Values of facts: text, whole numbers, truth, nothing, and lists and objects of them. No fractions."""


class NotARecord(ValueError):
    """Bytes, or values meant for a record, that break its format; says where."""


@dataclass(frozen=True, slots=True)
class Record:
    """The canonical bytes of a record, as they are stored and hashed."""

    content: bytes

    @property
    def leaf_hash(self) -> bytes:
        """The record's leaf in the log."""
        return leaf_hash(self.content)


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens one commitment: the field, its value, and the salt. Shown to whoever shall check it."""

    field: str
    value: Fact
    salt: bytes


def build(
    *,
    record_id: str,
    kind: str,
    at: datetime,
    actor: str,
    subject: str | None = None,
    rules: Sequence[str] = (),
    packs: Sequence[str] = (),
    stated: Mapping[str, Fact] | None = None,
    facts: Mapping[str, Fact] | None = None,
    secret: bytes | None = None,
) -> Record:
    """Build a record. ``actor`` and ``subject`` are pseudonyms; ``at`` must know its zone.

    ``facts`` need the person's ``secret``. ``record_id`` is unique in the lender's log: it feeds the salts. Raises
    `NotARecord` for a fraction, a naive instant, facts without secret, or more than `BYTES_MAX` bytes.
    """
    if facts and secret is None:
        raise NotARecord(f"record {record_id}: facts are committed under a person's secret, and none was given")
    given: dict[str, Fact] = {
        "rules": list(rules),
        "packs": list(packs),
        "stated": dict(stated or {}),
        "commitments": {
            name: commitment(name, value, salt(secret, record_id, name)).hex() for name, value in (facts or {}).items()
        }
        if secret is not None
        else {},
    }
    plain = _plain(given)
    encoded = _encoded(
        given
        | {
            "format": FORMAT,
            "id": record_id,
            "kind": kind,
            "at": instant_text(at),
            "actor": actor,
            "subject": subject,
        },
        plain=plain,
    )
    if len(encoded) > BYTES_MAX:
        raise NotARecord(f"record {record_id} would have {len(encoded)} bytes; at most {BYTES_MAX}")
    return Record(encoded)


def read(record: bytes) -> dict[str, Fact]:
    """The record as an object; raises `NotARecord` unless the bytes are canonical and of a format known here."""
    try:
        document = json.loads(record, parse_float=_no_fraction)
    except (ValueError, UnicodeDecodeError) as error:
        raise NotARecord(f"not a record: {error}") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise NotARecord(f"not a record of format {FORMAT}")
    if canonical(document) != record:
        raise NotARecord("the bytes are not the canonical form of what they say")
    return document


def salt(secret: bytes, record_id: str, field: str) -> bytes:
    """The salt of one fact: one block of HKDF-Expand with SHA-256 (RFC 5869) of the person's secret."""
    return hmac.digest(secret, f"duecourse salt 1\0{record_id}\0{field}".encode() + b"\x01", "sha256")


def commitment(field: str, value: Fact, salt_bytes: bytes) -> bytes:
    """SHA-256 over the domain, the salt and the canonical ``[field, value]``."""
    if len(salt_bytes) != SALT_BYTES:
        raise NotARecord(f"a salt has {SALT_BYTES} bytes, not {len(salt_bytes)}")
    return sha256(b"duecourse commitment 1\x00" + salt_bytes + canonical([field, value])).digest()


def open_fact(record: bytes, field: str, value: Fact, secret: bytes) -> Opening:
    """What shows that a record committed to this value; raises `NotARecord` if it did not."""
    opening = Opening(field, value, salt(secret, str(read(record)["id"]), field))
    if not opens(record, opening):
        raise NotARecord(f"the record does not commit to this value of {field!r}")
    return opening


def opens(record: bytes, opening: Opening) -> bool:
    """Whether an opening fits the record; needs neither secret nor database."""
    commitments = read(record)["commitments"]
    if not isinstance(commitments, dict):
        return False
    stored = commitments.get(opening.field)
    shown = commitment(opening.field, opening.value, opening.salt).hex()
    return isinstance(stored, str) and hmac.compare_digest(stored, shown)


def canonical(value: Fact) -> bytes:
    """RFC 8785 canonical JSON of a value without fractions; raises `NotARecord`.

    Where every name is ASCII and there are no fractions, orjson writes the same bytes, many times as fast;
    `tests/evidence/test_record.py` compares the two. Else the library made for the standard writes them.
    """
    return _encoded(value, plain=_plain(value))


def _plain(value: Fact) -> bool:
    try:
        return _check(value)
    except _Misfit as misfit:
        raise NotARecord(f"record{misfit.place}: {misfit.what}") from None


def _encoded(value: Fact, *, plain: bool) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS) if plain else rfc8785.dumps(value)


@lru_cache(maxsize=64)
def instant_text(at: datetime) -> str:
    """An instant in UTC with microseconds, as records hold it.

    >>> from datetime import timedelta, timezone
    >>> instant_text(datetime(2026, 3, 1, 10, tzinfo=timezone(timedelta(hours=8))))
    '2026-03-01T02:00:00.000000Z'
    """
    if at.tzinfo is None:
        raise NotARecord("an instant in a record knows its zone")
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


class _Misfit(Exception):
    """Something that has no place in a record, and where it stands."""

    def __init__(self, what: str, place: str = "") -> None:
        super().__init__(what)
        self.what, self.place = what, place


def _check(value: object) -> bool:
    """Raise `_Misfit` for what has no place in a record; whether all of it is plain: ASCII names, dicts, lists."""
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, str):
        return type(value) is str and (value.isascii() or not _SURROGATE.search(value))
    if isinstance(value, int):
        if abs(value) > _EXACT_MAX:
            raise _Misfit(f"{value} is beyond what JSON numbers hold exactly (2^53 - 1); write it as text")
        return type(value) is int
    if isinstance(value, Mapping):
        return _check_all(value.items()) and type(value) is dict and _are_ascii(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return _check_all(enumerate(value)) and type(value) in (list, tuple)
    raise _Misfit(f"{type(value).__name__} has no place in a record; text and whole numbers have")


def _check_all(parts: Iterable[tuple[object, object]]) -> bool:
    """Check every part; trouble in one says in which. What most parts are is seen here, without a call for each."""
    plain, name = True, None
    try:
        for part in parts:
            name, inner = part
            kind = type(inner)
            if kind is bool or inner is None:
                continue
            if kind is str and inner.isascii():  # type: ignore[attr-defined]
                continue
            if kind is int and -_EXACT_MAX <= inner <= _EXACT_MAX:  # type: ignore[operator]
                continue
            if kind is dict:
                plain = _check_all(inner.items()) and _are_ascii(inner) and plain  # type: ignore[attr-defined,arg-type]
            elif kind is list:
                plain = _check_all(enumerate(inner)) and plain  # type: ignore[arg-type]
            else:
                plain = _check(inner) and plain
    except _Misfit as misfit:
        step = f"[{name}]" if isinstance(name, int) else f".{name}"
        raise _Misfit(misfit.what, step + misfit.place) from None
    return plain


def _are_ascii(names: dict[object, object]) -> bool:
    return set(map(type, names)) <= {str} and "".join(names).isascii()  # type: ignore[arg-type]


_SURROGATE = re.compile(r"[\ud800-\udfff]")


def _no_fraction(text: str) -> Fact:
    raise NotARecord(f"a record holds whole numbers only, not {text}")
