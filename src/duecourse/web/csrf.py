"""Against requests that another site makes a browser send: the page's token, and where the request says it comes from.

The token is a mask of random bytes and a MAC over it under a secret that only the cookie holds; it differs on every
page, so that compression tells nothing of it.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

FIELD = "csrf"
HEADER = "x-csrf-token"
_MASK = 16


def token(secret: str, chance: Callable[[int], bytes]) -> str:
    """A token for one page of a cookie's holder."""
    mask = chance(_MASK)
    return urlsafe_b64encode(mask + _mac(secret, mask)).decode()


def holds(given: str, secret: str) -> bool:
    """Whether a token was made for the cookie."""
    try:
        raw = urlsafe_b64decode(given.encode())
    except (ValueError, UnicodeEncodeError):
        return False
    return len(raw) == _MASK + 32 and hmac.compare_digest(raw[_MASK:], _mac(secret, raw[:_MASK]))


def same_site(headers: Mapping[str, str]) -> bool:
    """Whether the browser says, as far as it says anything, that one of our own pages sent the request."""
    site = headers.get("sec-fetch-site", "same-origin")
    origin = headers.get("origin")
    if site not in {"same-origin", "none"}:
        return False
    return origin is None or urlsplit(origin).netloc == headers.get("host", "")


def _mac(secret: str, mask: bytes) -> bytes:
    return hmac.digest(secret.encode(), b"duecourse csrf 1\0" + mask, "sha256")
