"""The address that stops messages to one contact point: signed, so that nobody stops anybody else's.

    /u/<lender>.<message>.<mark>

The mark is a MAC that only the key ring makes. Whoever has the message may stop it; nothing else is asked of them, and
the address shows nothing of anybody.
"""

from __future__ import annotations

import hmac
import re

from duecourse.storage.vault import Vault

PATH = "/u"
_TOKEN = re.compile(r"([a-z0-9_-]{1,32})\.([0-9]{1,19})\.([0-9a-f]{32})")
_NAME = re.compile(r"([a-z0-9_-]{1,32})\.([0-9]{1,19})\.([0-9a-f]{16})")


def token(vault: Vault, lender_id: str, message_id: int) -> str:
    """What stands behind `PATH` in the address that stops a message."""
    return f"{lender_id}.{message_id}.{_mark(vault, lender_id, 'stop', message_id)}"


def message_of(vault: Vault, text: str) -> tuple[str, int] | None:
    """Lender and message of a token that we made; None for every other text."""
    return _read(vault, "stop", _TOKEN, text)


def name(vault: Vault, lender_id: str, message_id: int) -> str:
    """The name that a message bears outside, for what comes back of it; a shorter mark, as it stops nothing."""
    return f"{lender_id}.{message_id}.{_mark(vault, lender_id, 'name', message_id)[:16]}"


def message_named(vault: Vault, text: str) -> tuple[str, int] | None:
    """Lender and message of a name that we gave; None for every other text."""
    return _read(vault, "name", _NAME, text)


def _read(vault: Vault, use: str, form: re.Pattern[str], text: str) -> tuple[str, int] | None:
    found = form.fullmatch(text)
    if found is None or int(found[2]) >= 2**63:
        return None
    lender_id, number = found[1], int(found[2])
    mark = _mark(vault, lender_id, use, number)[: len(found[3])]
    return (lender_id, number) if hmac.compare_digest(mark, found[3]) else None


def _mark(vault: Vault, lender_id: str, use: str, message_id: int) -> str:
    return vault.index_normal(lender_id, f"message {use}", str(message_id)).hex()
