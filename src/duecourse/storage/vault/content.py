"""Sealing whole files, each under a key of its own: nonce, then AES-256-GCM ciphertext with its tag."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from duecourse.trouble import N_, Unavailable

KEY_BYTES = 32
_NONCE = 12


class TamperedFile(Unavailable):
    """A sealed file that is not as it was written."""

    def __init__(self) -> None:
        super().__init__(N_("a kept file does not open: it was changed, or cut short; send it again"))


def seal_content(key: bytes, content: bytes, chance: Callable[[int], bytes]) -> bytes:
    """The content, sealed; a key seals one content only."""
    nonce = chance(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, None)


def open_content(key: bytes, sealed: bytes) -> bytes:
    """What `seal_content` sealed; raises `TamperedFile`."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
    except (InvalidTag, ValueError):
        raise TamperedFile from None
