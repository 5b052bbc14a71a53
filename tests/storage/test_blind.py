"""One value, one index, however it is written."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duecourse.storage.vault import Vault
from duecourse.storage.vault.blind import BadPhone, normal, normal_phone
from duecourse.storage.vault.ring import KeyRing, new_ring

VAULT = Vault(new_ring())


@pytest.mark.parametrize(
    "written",
    [
        "15412345678",
        "154 1234 5678",
        "154-1234-5678",
        "+86 154 1234 5678",
        "+86-15412345678",
        "0086 15412345678",
        "8615412345678",
        "(+86) 154 1234 5678",
        "１５４１２３４５６７８",
        "+86 (0) 154 1234 5678",
        "154–1234–5678",
    ],
)
def test_a_mobile_has_one_index_in_all_notations(written: str) -> None:
    assert VAULT.index("demo", "phone", written, "CN") == VAULT.index("demo", "phone", "15412345678", "CN")


@pytest.mark.parametrize(
    ("written", "country", "expected"),
    [
        ("010-1234 5678", "CN", "+861012345678"),
        ("(010)12345678转801", "CN", "+861012345678;801"),
        ("+86 10 12345678 ext. 801", "US", "+861012345678;801"),
        ("2123 4567", "HK", "+85221234567"),
        ("+852 2123-4567", "CN", "+85221234567"),
        ("(202) 555-0143", "US", "+12025550143"),
        ("07700 900123", "GB", "+447700900123"),
        ("00447700900123", "CN", "+447700900123"),
    ],
)
def test_phones_of_many_countries(written: str, country: str, expected: str) -> None:
    assert normal_phone(written, country) == expected


@pytest.mark.parametrize("written", ["", "abc", "1", "123456789012345678"])
def test_what_is_no_phone_is_refused_without_being_quoted(written: str) -> None:
    with pytest.raises(BadPhone) as caught:
        normal_phone(written, "CN")
    assert not written or written not in str(caught.value)


@given(st.from_regex(r"1([3-689][0-9]|7[0-8])[0-9]{8}", fullmatch=True))
def test_the_quick_way_agrees_with_the_metadata(number: str) -> None:
    theirs = phonenumbers.format_number(phonenumbers.parse(number, "CN"), phonenumbers.PhoneNumberFormat.E164)
    assert normal_phone(number, "CN") == theirs


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("id", "99010119900101123x", "990101 19900101 123X"),
        ("email", "Zhang@Example.COM ", "zhang@example.com"),
        ("name", "张 三", "张三"),
        ("name", "Maria  Silva", "maria silva"),
        ("address", "演示省 幸福路1号,2室", "演示省幸福路1号 2室"),
        ("im", " wx_a", "wx_a"),
    ],
)
def test_other_kinds_have_one_form(kind: str, one: str, other: str) -> None:
    assert normal(kind, one, "CN") == normal(kind, other, "CN")


def test_an_index_tells_lender_kind_and_key_apart() -> None:
    ring = new_ring()
    indexes = {
        Vault(ring).index("a", "phone", "15412345678", "CN"),
        Vault(ring).index("b", "phone", "15412345678", "CN"),
        Vault(ring).index_normal("a", "im", "+8615412345678"),
        Vault(KeyRing(ring.newest, ring.keys, bytes(32))).index("a", "phone", "15412345678", "CN"),
    }
    assert len(indexes) == 4
    assert {len(index) for index in indexes} == {16}
