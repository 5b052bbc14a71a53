"""DKIM (RFC 6376) of the sender's domain over an e-mail, so that its receivers know whose it is.

RFC 8058 asks that the headers of the way to stop be signed too. From is signed once more than it stands there, so that
nobody adds another one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import dkim
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPrivateNumbers, RSAPublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from duecourse.channels.contract import BadSetting
from duecourse.trouble import N_

_SIGNED = (
    b"from", b"from", b"to", b"reply-to", b"subject", b"date", b"message-id", b"auto-submitted", b"content-language",
    b"list-unsubscribe", b"list-unsubscribe-post", b"mime-version", b"content-type",
)  # fmt: skip
BITS_MIN = 1024


@lru_cache(maxsize=32)
def _key(modulus: int, public: int, private: int, primes: tuple[int, int, int, int, int]) -> RSAPrivateKey:
    one, two, rest_one, rest_two, coefficient = primes
    return RSAPrivateNumbers(
        p=one, q=two, d=private, dmp1=rest_one, dmq1=rest_two, iqmp=coefficient,
        public_numbers=RSAPublicNumbers(public, modulus),
    ).private_key()  # fmt: skip


def _by_openssl(digest: Any, key: dict[str, int]) -> bytes:  # noqa: ANN401 - the library's own kind of hash
    primes = (key["prime1"], key["prime2"], key["exponent1"], key["exponent2"], key["coefficient"])
    found = _key(key["modulus"], key["publicExponent"], key["privateExponent"], primes)
    return found.sign(digest.digest(), PKCS1v15(), Prehashed(SHA256()))


# The library reckons RSA with Python's integers: 6 ms a letter, and no other thread runs meanwhile. OpenSSL takes 0.3.
dkim.RSASSA_PKCS1_v1_5_sign = _by_openssl
dkim.parse_pem_private_key = lru_cache(maxsize=32)(dkim.parse_pem_private_key)  # else for every letter anew


@dataclass(frozen=True, slots=True)
class Signature:
    """A key for a domain, and the selector under which the domain's DNS publishes its public half."""

    domain: bytes
    selector: bytes
    key: bytes = field(repr=False)

    def sign(self, raw: bytes) -> bytes:
        """The e-mail with its signature at the head."""
        there = {line.partition(b":")[0].lower() for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n")}
        mark = dkim.sign(
            raw, self.selector, self.domain, self.key, canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[name for name in _SIGNED if name in there], linesep=b"\r\n",
        )  # fmt: skip
        return bytes(mark) + raw


def signature(channel: str, domain: str, selector: str, key: str) -> Signature | None:
    """The signature that the settings name, None where they name none. Raises `BadSetting`."""
    if not (domain or selector or key):
        return None
    for name, said in (("dkim_domain", domain), ("dkim_selector", selector)):
        if not said.isascii() or not said.replace(".", "").replace("-", "").replace("_", "").isalnum():
            raise BadSetting(
                channel, name, N_("domain, selector and key of DKIM go together, domain and selector in ASCII")
            )
    try:
        found = load_pem_private_key(key.encode(), None)
    except (ValueError, TypeError):
        raise BadSetting(channel, "dkim_key", N_("it is an RSA key in PEM, without a passphrase")) from None
    if not isinstance(found, RSAPrivateKey) or found.key_size < BITS_MIN:
        raise BadSetting(channel, "dkim_key", N_("it is an RSA key in PEM, without a passphrase"))
    plain = found.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return Signature(domain.encode(), selector.encode(), plain)
