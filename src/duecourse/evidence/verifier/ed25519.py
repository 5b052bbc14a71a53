"""Ed25519 (RFC 8032), verification only. Points are (X, Y, Z, T): x = X/Z, y = Y/Z, xy = T/Z."""

from __future__ import annotations

import hashlib

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)

Point = tuple[int, int, int, int]


def ed25519_verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the holder of the key signed the message; keys and signatures have one form only.

    A key outside the group, with which anybody could sign, is refused.
    """
    if len(public) != 32 or len(signature) != 64:
        return False
    key = _point(public)
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or scalar >= _L:
        return False
    if key[:2] == (0, 1) or _bytes(_times(_L, key)) != _bytes((0, 1, 1, 0)):
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    x, y, z, t = key
    back = _times(int.from_bytes(digest, "little") % _L, (_P - x, y, z, _P - t))
    return _bytes(_sum(_times(scalar, _BASE), back)) == signature[:32]


def _sum(one: Point, two: Point) -> Point:
    a = (one[1] - one[0]) * (two[1] - two[0]) % _P
    b = (one[1] + one[0]) * (two[1] + two[0]) % _P
    c = 2 * one[3] * two[3] * _D % _P
    d = 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _sum(total, point)
        point = _sum(point, point)
        scalar >>= 1
    return total


def _point(encoded: bytes) -> Point | None:
    whole = int.from_bytes(encoded, "little")
    sign, y = whole >> 255, whole & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _bytes(point: Point) -> bytes:
    inverse = pow(point[2], -1, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


_FOUND = _point((4 * pow(5, -1, _P) % _P).to_bytes(32, "little"))
_BASE: Point = _FOUND or (0, 1, 1, 0)
