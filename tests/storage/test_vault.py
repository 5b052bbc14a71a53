"""Sealing and opening, and that nothing shows itself on the way."""

from __future__ import annotations

import logging
import pickle
import traceback

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given
from hypothesis import strategies as st

from duecourse.storage.vault import Clear, Destroyed, PersonKey, Tampered, Vault, Wrapped, derive
from duecourse.storage.vault.ring import UnknownKey, new_ring

VAULT = Vault(new_ring())


def person(person_id: int = 7, lender_id: str = "demo") -> tuple[PersonKey, Wrapped]:
    return VAULT.new_person(lender_id, person_id)


@given(st.text())
def test_what_is_sealed_opens_to_the_same(value: str) -> None:
    key, wrapped = person()
    again = VAULT.person("demo", 7, wrapped)
    opened = again.open("name", VAULT.seal(key, "name", value))
    assert opened is not None
    assert opened.value == value


def test_nothing_stored_opens_to_nothing() -> None:
    key, _ = person()
    assert key.open("name", None) is None


@given(st.integers(0, 200), st.integers(0, 7))
def test_an_altered_value_does_not_open(place: int, bit: int) -> None:
    key, _ = person()
    sealed = bytearray(VAULT.seal(key, "name", "张三丰"))
    sealed[place % len(sealed)] ^= 1 << bit
    with pytest.raises(Tampered, match="name of person 7 of lender demo"):
        key.open("name", bytes(sealed))


def test_a_value_moved_to_another_field_person_or_lender_does_not_open() -> None:
    key, wrapped = person()
    sealed = VAULT.seal(key, "name", "张三")
    with pytest.raises(Tampered):
        key.open("id", sealed)
    for lender_id, person_id in (("demo", 8), ("other", 7)):
        with pytest.raises(Tampered, match="wrapped secret"):
            VAULT.person(lender_id, person_id, wrapped)
        with pytest.raises(Tampered):
            person(person_id, lender_id)[0].open("name", sealed)


def test_the_same_value_seals_differently_each_time() -> None:
    key, _ = person()
    assert len(set(VAULT.seal_many([(key, "name", "张三")] * 5000))) == 5000


def test_another_ring_does_not_open() -> None:
    _, wrapped = person()
    with pytest.raises(Tampered):
        Vault(new_ring()).person("demo", 7, wrapped)


def test_a_key_that_left_the_ring_is_named() -> None:
    _, wrapped = person()
    newer = Vault(VAULT.ring.with_new("k2").without("k1"))
    with pytest.raises(UnknownKey, match="'k1' is not in the key ring"):
        newer.person("demo", 7, wrapped)


def test_a_rewrapped_secret_is_the_same_under_the_newest_key() -> None:
    key, wrapped = person()
    newer = Vault(VAULT.ring.with_new("k2"))
    moved = newer.rewrap("demo", 7, wrapped)
    assert moved.key_id == "k2"
    assert Vault(newer.ring.without("k1")).person("demo", 7, moved).secret == key.secret


def test_a_destroyed_secret_says_so() -> None:
    with pytest.raises(Destroyed, match="destroyed"):
        VAULT.person("demo", 7, None)


def test_derived_keys_are_hkdf_expand() -> None:
    theirs = HKDFExpand(SHA256(), 32, b"duecourse 1\0data key").derive(bytes(32))
    assert derive(bytes(32), "data key") == theirs


def test_pseudonyms_tell_people_and_lenders_apart() -> None:
    names = {
        person()[0].pseudonym,
        person()[0].pseudonym,
        VAULT.actor_pseudonym("a", "x"),
        VAULT.actor_pseudonym("b", "x"),
    }
    assert len(names) == 4
    assert VAULT.actor_pseudonym("a", "x") == VAULT.actor_pseudonym("a", "x")


def test_nothing_shows_a_value_or_a_key(caplog: pytest.LogCaptureFixture) -> None:
    key, wrapped = person()
    secrets = [key.secret, wrapped.sealed, VAULT.ring.key("k1"), VAULT.ring.index_key]
    clear = Clear("张三13812345678")
    logging.getLogger("test").warning("%s %r %s %s", clear, clear, [clear], {"name": clear})
    said = f"{clear} {clear!r} {clear:>20} {key!r} {wrapped!r} {VAULT!r} {VAULT.ring!r} {caplog.text}"
    assert "张三" not in said
    assert "138" not in said
    assert not any(str(secret)[2:-1] in said or secret.hex() in said for secret in secrets)


def test_a_value_in_the_clear_is_never_pickled() -> None:
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(Clear("x"))


def test_an_error_shows_no_value() -> None:
    key, _ = person()
    value = "".join(map(chr, (0x5F20, 0x4E09)))
    try:
        key.open("id", VAULT.seal(key, "name", value))
    except Tampered:
        assert value not in traceback.format_exc()
    assert hash(Clear("a")) == hash(Clear("a"))
    assert not Clear("")
