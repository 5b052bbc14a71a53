"""Blind indexes: finding a value without decrypting anything, and counting contacts with one number.

An index is HMAC-SHA256 under the index key over lender, kind and the normal form of the value, cut to 16 bytes. Equal
values of one lender have equal indexes whoever holds them; nobody without the key can test a guess.

Normal forms:

- phone: E.164 by libphonenumber's metadata, read in the lender's country, extension after ``;``: ``+8615412345678``,
  ``+861012345678;801``. Full-width digits, spaces, dashes, brackets, ``00`` and trunk ``0`` do not matter.
- id: NFKC, upper case, without spaces and dashes.
- email: NFKC, lower case (the part before ``@`` too: no mailbox we know tells case apart).
- name: NFKC, lower case; no spaces in Chinese names, single spaces in others.
- address: NFKC, lower case, without spaces and punctuation.
- bank_account: as id.
- app, im, reference: NFKC, without spaces around; case matters.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Callable

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from duecourse.core.money import BrokenInvariant
from duecourse.trouble import N_, BadInput

INDEX_BYTES = 16

_CN_MOBILE = re.compile(r"(?:\+?86|0086)?(1(?:[3-689]\d|7[0-8])\d{8})")  # 179xx dials by way of another carrier
_PHONE_NOISE = re.compile(r"[\s\-().·‐-―]")  # dashes of every width
_CJK = re.compile(r"[\u3400-\u9fff]")


class BadPhone(BadInput):
    """Not a phone number; the message never quotes it."""

    def __init__(self, country: str) -> None:
        super().__init__(
            N_("a phone number cannot be read as one of country {country} or with a country code"), country=country
        )


def normal_phone(text: str, country: str) -> str:
    """E.164 form of a number as people write it in a country (ISO 3166 code), or raise `BadPhone`.

    >>> normal_phone("１５４ 1234-5678", "CN"), normal_phone("(010) 1234 5678 转 801", "CN")
    ('+8615412345678', '+861012345678;801')
    """
    bare = _PHONE_NOISE.sub("", unicodedata.normalize("NFKC", text))
    mobile = _CN_MOBILE.fullmatch(bare) if country == "CN" or bare.startswith(("+86", "0086")) else None
    if mobile:
        return "+86" + mobile.group(1)
    if country == "CN" and bare.startswith("86") and len(bare) > 12:  # longer than any national number
        bare = "+" + bare
    return _by_metadata(bare.replace("转", " ext. ").replace("分机", " ext. "), country)


def _by_metadata(text: str, country: str) -> str:
    if text.startswith("00"):
        text = "+" + text[2:]
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise BadPhone(country) from None
    if not phonenumbers.is_possible_number(number):
        raise BadPhone(country)
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{plain};{number.extension}" if number.extension else str(plain)


def normal_id(text: str) -> str:
    """Upper case, without spaces and dashes."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).upper()


def normal_email(text: str) -> str:
    """Lower case, without spaces around."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def is_mailbox(text: str) -> bool:
    """Whether a text is an e-mail address of the open net by its grammar; nobody is asked whether it is there."""
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def normal_name(text: str) -> str:
    """Lower case; without spaces if Chinese, else single spaces."""
    flat = unicodedata.normalize("NFKC", text).casefold()
    return "".join(flat.split()) if _CJK.search(flat) else " ".join(flat.split())


def normal_address(text: str) -> str:
    """Lower case, letters and digits only."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def normal_account(text: str) -> str:
    """Without spaces around."""
    return unicodedata.normalize("NFKC", text).strip()


_OTHERS: dict[str, Callable[[str], str]] = {
    "email": normal_email,
    "address": normal_address,
    "app": normal_account,
    "im": normal_account,
    "id": normal_id,
    "name": normal_name,
    "reference": normal_account,
    "bank_account": normal_id,
}


def normal(kind: str, text: str, country: str) -> str:
    """The normal form of a value of a kind; raises `BadPhone` for a phone that is none."""
    if kind == "phone":
        return normal_phone(text, country)
    if kind not in _OTHERS:
        raise BrokenInvariant(f"values of kind {kind!r} have no normal form; known: phone, {', '.join(_OTHERS)}")
    return _OTHERS[kind](text)


def blind_index(index_key: bytes, lender_id: str, kind: str, normal_form: str) -> bytes:
    """The 16 bytes by which a value is found; ``normal_form`` comes from `normal`."""
    message = f"duecourse index 1\0{lender_id}\0{kind}\0{normal_form}".encode()
    return hmac.digest(index_key, message, "sha256")[:INDEX_BYTES]
