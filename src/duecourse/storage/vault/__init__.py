"""The vault: sealing personal values, one key per person, and opening them again.

Each person has a secret of 32 random bytes, wrapped by a key of the ring (AES-256-GCM, bound to lender and person).
From the secret come, by HKDF-Expand (RFC 5869; a uniform secret needs no extract step), the person's data key, the
salts of evidence about the person, and the person's pseudonym in it. Destroying the wrapped secret makes all of the
person's values unreadable and leaves every evidence proof valid.

A sealed value is byte 0x01, a nonce of 12 random bytes, and the AES-256-GCM ciphertext with its tag of 16 bytes. Its
associated data binds it to lender, person and field: a value moved to another row or column does not open.

What does not belong here: SQL (the query modules'), and the decision who may open (casework's).
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from duecourse.storage.vault.blind import blind_index, normal
from duecourse.storage.vault.clear import Clear
from duecourse.storage.vault.ring import KEY_BYTES, KeyRing
from duecourse.trouble import N_, Refused, Unavailable

__all__ = ["Clear", "Destroyed", "PersonKey", "Tampered", "TamperedSecret", "Vault", "Wrapped"]

_FORM = b"\x01"
_NONCE = 12
_AT_ONCE = 4096


class Tampered(Unavailable):
    """A sealed value does not open: altered, moved to another row or field, or sealed by other keys."""

    def __init__(self, lender_id: str, person_id: int, what: str) -> None:
        super().__init__(
            N_(
                "{what} of person {person_id} of lender {lender_id} does not open: it was altered, moved from "
                "another row, or the key ring is not the one it was sealed with. Nothing was shown; restore the row "
                "or the ring."
            ),
            what=what,
            person_id=person_id,
            lender_id=lender_id,
        )


class TamperedSecret(Unavailable):
    """A sealed secret does not open: altered, moved to another row, or sealed by other keys."""

    def __init__(self, lender_id: str, owner: str) -> None:
        super().__init__(
            N_(
                "the secret of {owner} of lender {lender_id} does not open: it was altered, or the key ring is not "
                "the one it was sealed with. Restore the row or the ring."
            ),
            owner=owner,
            lender_id=lender_id,
        )


class Destroyed(Refused):
    """The person's secret was destroyed on purpose; nothing brings the values back."""

    def __init__(self, lender_id: str, person_id: int) -> None:
        super().__init__(
            N_("the data of person {person_id} of lender {lender_id} was destroyed and cannot be read again"),
            person_id=person_id,
            lender_id=lender_id,
        )


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A person's secret as stored: sealed by a key of the ring, with that key's id."""

    key_id: str
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PersonKey:
    """An unwrapped secret and its cipher, for as long as the work on the person takes."""

    lender_id: str
    person_id: int
    secret: bytes = field(repr=False)
    cipher: AESGCM = field(repr=False)

    def open(self, field_name: str, sealed: bytes | None) -> Clear | None:
        """The value of a field, or None where nothing is stored; raises `Tampered`."""
        if sealed is None:
            return None
        if sealed[:1] != _FORM:
            raise Tampered(self.lender_id, self.person_id, field_name)
        try:
            plain = self.cipher.decrypt(
                sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], _bound(self.lender_id, self.person_id, field_name)
            )
        except InvalidTag:
            raise Tampered(self.lender_id, self.person_id, field_name) from None
        return Clear(plain.decode())

    @property
    def pseudonym(self) -> str:
        """The person's name in evidence, 32 hex digits; unlinkable once the secret is destroyed."""
        return derive(self.secret, "pseudonym")[:16].hex()


class Vault:
    """Seals, opens, wraps and indexes with one key ring. Cheap to make, safe to share between threads."""

    def __init__(self, ring: KeyRing, random: Callable[[int], bytes] = os.urandom) -> None:
        self.ring = ring
        self._random = random
        self._wrappers = {key_id: AESGCM(key) for key_id, key in ring.keys.items()}

    def __repr__(self) -> str:
        """Ids of keys only."""
        return f"Vault(newest={self.ring.newest!r}, keys={self.ring.ids})"

    def new_people(self, lender_id: str, person_ids: Collection[int]) -> Iterator[tuple[PersonKey, Wrapped]]:
        """A secret for each person, who has none, and its wrapped form to store; in order."""
        for person_id, chance in zip(person_ids, self._draw(len(person_ids), KEY_BYTES + _NONCE), strict=True):
            secret, nonce = chance[:KEY_BYTES], chance[KEY_BYTES:]
            yield _person_key(lender_id, person_id, secret), self._wrap(lender_id, person_id, secret, nonce)

    def new_person(self, lender_id: str, person_id: int) -> tuple[PersonKey, Wrapped]:
        """A secret for a person who has none, and its wrapped form to store."""
        return next(self.new_people(lender_id, [person_id]))

    def person(self, lender_id: str, person_id: int, wrapped: Wrapped | None) -> PersonKey:
        """Unwrap a person's secret; raises `Destroyed`, `Tampered`, or `ring.UnknownKey`."""
        if wrapped is None:
            raise Destroyed(lender_id, person_id)
        return _person_key(lender_id, person_id, self._unwrap(lender_id, person_id, wrapped))

    def rewrap(self, lender_id: str, person_id: int, wrapped: Wrapped) -> Wrapped:
        """The same secret under the newest key; the sealed values stay as they are."""
        return self._wrap(lender_id, person_id, self._unwrap(lender_id, person_id, wrapped), self._random(_NONCE))

    def seal(self, key: PersonKey, field_name: str, value: str) -> bytes:
        """Seal one value."""
        return next(iter(self.seal_many([(key, field_name, value)])))

    def seal_many(self, values: Collection[tuple[PersonKey, str, str]]) -> Iterator[bytes]:
        """Seal many values of many people, in order; about 0.7 million a second on one core.

        Randomness is drawn in blocks: give all values at once rather than a few at a time.
        """
        for (key, field_name, value), nonce in zip(values, self._draw(len(values), _NONCE), strict=True):
            bound = _bound(key.lender_id, key.person_id, field_name)
            yield _FORM + nonce + key.cipher.encrypt(nonce, value.encode(), bound)

    def seal_secret(self, lender_id: str, owner: str, secret: bytes) -> Wrapped:
        """Seal a secret that is no person's (an authenticator's, a hook's) under the newest key of the ring."""
        key_id, nonce = self.ring.newest, self._random(_NONCE)
        return Wrapped(key_id, nonce + self._wrappers[key_id].encrypt(nonce, secret, _owned(lender_id, owner)))

    def open_secret(self, lender_id: str, owner: str, wrapped: Wrapped) -> bytes:
        """A secret that `seal_secret` sealed for this owner; raises `TamperedSecret` or `ring.UnknownKey`."""
        self.ring.key(wrapped.key_id)
        nonce, sealed = wrapped.sealed[:_NONCE], wrapped.sealed[_NONCE:]
        try:
            return self._wrappers[wrapped.key_id].decrypt(nonce, sealed, _owned(lender_id, owner))
        except InvalidTag:
            raise TamperedSecret(lender_id, owner) from None

    def index(self, lender_id: str, kind: str, text: str, country: str) -> bytes:
        """The blind index of a value as somebody wrote it; raises `blind.BadPhone`."""
        return blind_index(self.ring.index_key, lender_id, kind, normal(kind, text, country))

    def index_normal(self, lender_id: str, kind: str, normal_form: str) -> bytes:
        """The blind index of a value already in normal form."""
        return blind_index(self.ring.index_key, lender_id, kind, normal_form)

    def actor_pseudonym(self, lender_id: str, actor: str) -> str:
        """A staff member's or schedule's name in evidence, 32 hex digits, the same in every record of the lender."""
        return _pseudonym_of_actor(self.ring.index_key, lender_id, actor)

    def text_pseudonym(self, lender_id: str, text: str) -> str:
        """A text that somebody typed, in evidence, where no name may stand: 32 hex digits that only the key gives."""
        return blind_index(self.ring.index_key, lender_id, "text", text).hex()

    def _draw(self, count: int, size: int) -> Iterator[bytes]:
        for begin in range(0, count, _AT_ONCE):
            block = self._random(size * min(_AT_ONCE, count - begin))
            yield from (block[at : at + size] for at in range(0, len(block), size))

    def _wrap(self, lender_id: str, person_id: int, secret: bytes, nonce: bytes) -> Wrapped:
        key_id = self.ring.newest
        sealed = self._wrappers[key_id].encrypt(nonce, secret, _bound(lender_id, person_id, "secret"))
        return Wrapped(key_id, nonce + sealed)

    def _unwrap(self, lender_id: str, person_id: int, wrapped: Wrapped) -> bytes:
        self.ring.key(wrapped.key_id)
        try:
            return self._wrappers[wrapped.key_id].decrypt(
                wrapped.sealed[:_NONCE], wrapped.sealed[_NONCE:], _bound(lender_id, person_id, "secret")
            )
        except InvalidTag:
            raise Tampered(lender_id, person_id, N_("the wrapped secret")) from None


def derive(secret: bytes, info: str) -> bytes:
    """32 bytes for one use of a secret: one block of HKDF-Expand with SHA-256 (RFC 5869, 2.3)."""
    return hmac.digest(secret, f"duecourse 1\0{info}".encode() + b"\x01", "sha256")


def _person_key(lender_id: str, person_id: int, secret: bytes) -> PersonKey:
    return PersonKey(lender_id, person_id, secret, AESGCM(derive(secret, "data key")))


@lru_cache(maxsize=1024)
def _pseudonym_of_actor(index_key: bytes, lender_id: str, actor: str) -> str:
    """Kept, as few actors write nearly all records."""
    return blind_index(index_key, lender_id, "actor", actor).hex()


def _bound(lender_id: str, person_id: int, field_name: str) -> bytes:
    return f"duecourse 1\0{lender_id}\0{person_id}\0{field_name}".encode()


def _owned(lender_id: str, owner: str) -> bytes:
    return f"duecourse 1 secret\0{lender_id}\0{owner}".encode()
