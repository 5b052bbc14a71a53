"""Records: canonical, integers only, and commitments that open for those who know and for nobody else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
import rfc8785
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given
from hypothesis import strategies as st

from duecourse.evidence.record import (
    BYTES_MAX,
    Fact,
    NotARecord,
    Opening,
    Record,
    build,
    canonical,
    commitment,
    open_fact,
    opens,
    read,
    salt,
)

SECRET = bytes(range(32))
AT = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)

facts = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def revealed(**facts: Fact) -> Record:
    return build(record_id="demo/17", kind="person.reveal", at=AT, actor="a" * 32, facts=facts, secret=SECRET)


def test_a_record_byte_by_byte() -> None:
    record = build(
        record_id="demo/17",
        kind="person.reveal",
        at=datetime(2026, 3, 1, 10, 0, tzinfo=timezone(timedelta(hours=8))),
        actor="a" * 32,
        subject="b" * 32,
        rules=["cn.contact.window"],
        stated={"purpose": "identify"},
        facts={"value": "张三"},
        secret=SECRET,
    )
    committed = sha256(
        b"duecourse commitment 1\x00" + salt(SECRET, "demo/17", "value") + '["value","张三"]'.encode()
    ).hexdigest()
    assert record.content.decode() == (
        '{"actor":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","at":"2026-03-01T02:00:00.000000Z","commitments":{"value":"'
        + committed
        + '"},"format":1,"id":"demo/17","kind":"person.reveal","packs":[],"rules":["cn.contact.window"],'
        '"stated":{"purpose":"identify"},"subject":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}'
    )
    assert record.leaf_hash == sha256(b"\x00" + record.content).digest()


def test_the_salt_is_hkdf_expand() -> None:
    theirs = HKDFExpand(SHA256(), 32, b"duecourse salt 1\0demo/17\0value").derive(SECRET)
    assert salt(SECRET, "demo/17", "value") == theirs


@given(facts, facts)
def test_a_commitment_opens_to_its_value_and_to_no_other(value: Fact, other: Fact) -> None:
    record = revealed(field=value)
    opening = open_fact(record.content, "field", value, SECRET)
    assert opens(record.content, opening)
    if canonical(other) != canonical(value):
        assert not opens(record.content, Opening("field", other, opening.salt))
        with pytest.raises(NotARecord, match="does not commit"):
            open_fact(record.content, "field", other, SECRET)


def test_opening_one_fact_says_nothing_of_another() -> None:
    record = revealed(name="张三", amount=5)
    name = open_fact(record.content, "name", "张三", SECRET)
    assert not opens(record.content, Opening("amount", 5, name.salt))
    assert not opens(record.content, Opening("unknown", 5, name.salt))


def test_the_salt_differs_by_record_field_and_person() -> None:
    salts = {
        salt(SECRET, "demo/1", "a"),
        salt(SECRET, "demo/2", "a"),
        salt(SECRET, "demo/1", "b"),
        salt(b"x", "demo/1", "a"),
    }
    assert len(salts) == 4


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_a_flipped_bit_breaks_leaf_or_reading(place: int, bit: int) -> None:
    record = revealed(name="张三").content
    flipped = bytearray(record)
    flipped[place % len(record)] ^= 1 << bit
    assert Record(bytes(flipped)).leaf_hash != Record(record).leaf_hash


@pytest.mark.parametrize(
    ("value", "why"),
    [(1.5, "float"), (2**53, "beyond"), ({"a": [1.0]}, r"record\[1\].a\[0\]"), (b"x", "bytes"), (AT, "datetime")],
)
def test_only_text_and_whole_numbers_enter(value: Fact, why: str) -> None:
    with pytest.raises(NotARecord, match=why):
        revealed(field=value)


def test_facts_need_a_secret() -> None:
    with pytest.raises(NotARecord, match="secret"):
        build(record_id="demo/1", kind="a.b", at=AT, actor="a", facts={"x": 1})


def test_an_instant_knows_its_zone() -> None:
    with pytest.raises(NotARecord, match="zone"):
        build(record_id="demo/1", kind="a.b", at=AT.replace(tzinfo=None), actor="a")


def test_a_record_has_a_largest_size() -> None:
    with pytest.raises(NotARecord, match="at most"):
        build(record_id="demo/1", kind="a.b", at=AT, actor="a", stated={"x": "y" * BYTES_MAX})


def test_a_short_salt_is_refused() -> None:
    with pytest.raises(NotARecord, match="32 bytes"):
        commitment("x", 1, b"short")


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda text: text.replace('"format":1', '"format":2'),
        lambda text: text.replace(",", ", "),
        lambda text: text.replace('"format":1', '"format":1.0'),
        lambda text: text[:-1],
        lambda text: json.dumps([text]),
    ],
)
def test_only_canonical_bytes_of_a_known_format_are_read(spoiled: object) -> None:
    text = revealed(name="x").content.decode()
    assert read(text.encode())["id"] == "demo/17"
    assert callable(spoiled)
    with pytest.raises(NotARecord):
        read(spoiled(text).encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)


@given(JSON)
def test_both_writers_write_the_same_bytes(value: Fact) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_a_lone_surrogate_is_no_text() -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical({"a": "\ud800"})
