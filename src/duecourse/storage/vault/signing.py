"""Signing what leaves the house: an Ed25519 key of each lender, derived from a key of the ring.

The seed is one block of HKDF-Expand (RFC 5869) of the ring's key, bound to the lender and to this use, so the ring's
document needs nothing more and is rotated as before: what a key signed names the key's id and can be verified as long
as the ring holds it, or by anybody who kept the public key.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from duecourse.storage.vault import Vault, derive

PUBLIC_BYTES, SIGNATURE_BYTES = 32, 64


class Signer:
    """Signs and verifies for one installation. Cheap to keep, safe to share between threads."""

    def __init__(self, vault: Vault) -> None:
        self._ring = vault.ring
        self._keys: dict[tuple[str, str], Ed25519PrivateKey] = {}

    def __repr__(self) -> str:
        """Nothing of the keys."""
        return "Signer()"

    def sign(self, lender_id: str, message: bytes) -> tuple[str, bytes]:
        """The id of the newest key, and its signature of 64 bytes over the message."""
        return self._ring.newest, self._key(lender_id, self._ring.newest).sign(message)

    def verifies(self, lender_id: str, key_id: str, signature: bytes, message: bytes) -> bool:
        """Whether the key of that id signed the message; raises `ring.UnknownKey`."""
        return verifies(self.public(lender_id, key_id), signature, message)

    def public(self, lender_id: str, key_id: str | None = None) -> bytes:
        """The public key, 32 bytes, of a key id or of the newest; raises `ring.UnknownKey`."""
        return self._key(lender_id, key_id or self._ring.newest).public_key().public_bytes_raw()

    def _key(self, lender_id: str, key_id: str) -> Ed25519PrivateKey:
        name = (lender_id, key_id)
        if name not in self._keys:
            seed = derive(self._ring.key(key_id), f"permit signing\0{lender_id}")
            self._keys[name] = Ed25519PrivateKey.from_private_bytes(seed)
        return self._keys[name]


def verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the holder of a public key signed the message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True
