"""The second factor: six digits of an authenticator app (TOTP, RFC 6238), and codes for when it is lost."""

from __future__ import annotations

import secrets
from base64 import b32encode
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

import pyotp

STEP_SECONDS = 30
STEPS_ASIDE = 1  # clocks of phones are a little off
SECRET_BYTES = 20
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def step_of(secret: bytes, code: str, now: datetime) -> int | None:
    """The time step of which this is the code, if it is one of these few; None otherwise."""
    totp, wanted = pyotp.TOTP(base32(secret)), code.replace(" ", "")
    at = int(now.timestamp()) // STEP_SECONDS
    for step in range(at - STEPS_ASIDE, at + STEPS_ASIDE + 1):
        if secrets.compare_digest(totp.generate_otp(step).encode(), wanted.encode()):
            return step
    return None


def code_at(secret: bytes, now: datetime) -> str:
    """The code of an instant."""
    return pyotp.TOTP(base32(secret)).generate_otp(int(now.timestamp()) // STEP_SECONDS)


def base32(secret: bytes) -> str:
    """The secret as authenticator apps take it."""
    return b32encode(secret).decode()


def address(secret: bytes, user_id: str, lender_id: str) -> str:
    """What the QR code says: the ``otpauth`` address of the secret."""
    return pyotp.TOTP(base32(secret)).provisioning_uri(name=f"{user_id}@{lender_id}", issuer_name="duecourse")


def new_recovery_codes(chance: Callable[[int], bytes]) -> list[str]:
    """Recovery codes, each of 10 characters out of 31: 49 bits, tried at most a few times before the user is locked."""
    return [
        "-".join("".join(_ALPHABET[byte % len(_ALPHABET)] for byte in chance(5)) for _half in range(2))
        for _code in range(RECOVERY_CODES)
    ]


def recovery_digest(lender_id: str, user_id: str, code: str) -> bytes:
    """What is kept of a recovery code."""
    return sha256(f"{lender_id}\0{user_id}\0{code.strip().lower()}".encode()).digest()
