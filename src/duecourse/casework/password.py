"""Passwords: which ones are taken, and how they are kept (Argon2id, with the second choice of RFC 9106)."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from duecourse.trouble import N_, BadInput

LENGTH_MIN, LENGTH_MAX = 12, 200
DIFFERENT_MIN = 5

_hasher = PasswordHasher()


class WeakPassword(BadInput):
    """A password that is not taken."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "a password has at least {least} characters, {different} of them different, and does not hold the "
                "sign-in name; a few words in a row are easy to remember"
            ),
            least=LENGTH_MIN,
            different=DIFFERENT_MIN,
        )


def check(password: str, user_id: str) -> None:
    """Raise `WeakPassword` for what is too short, too simple or too near to the sign-in name."""
    if (
        not LENGTH_MIN <= len(password) <= LENGTH_MAX
        or len(set(password)) < DIFFERENT_MIN
        or (len(user_id) > 2 and user_id.lower() in password.lower())
    ):
        raise WeakPassword


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _hasher.hash(password)


def holds(password: str, kept: str | None) -> bool:
    """Whether it is the password. Takes its time for nobody's too, so that nobody learns who is a user."""
    try:
        _hasher.verify(kept or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


@cache
def _nobody() -> str:
    return _hasher.hash("nobody has this one")
