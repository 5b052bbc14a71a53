"""Products that pass 63 bits, kept exact: a fraction is a whole part and a rest over one denominator.

All numbers are non-negative. A denominator is that of `core.contract.Terms` (below 2²⁹), so a rest times a count of
days or a rate still fits.
"""

from __future__ import annotations

from duecourse.book.kernels.compiled import compiled

SMALL_BASE, SMALL_RATE, SMALL_DAYS = 1 << 31, 1 << 20, 1 << 11
"""Below these, base × rate × days fits 62 bits and one division does."""

SHARE_BITS = 60


@compiled
def half_up(whole: int, rest: int, denominator: int) -> int:
    """A fraction rounded to the nearest whole number, halves upward."""
    return whole + 1 if 2 * rest >= denominator else whole


@compiled
def product(base: int, factor: int, rest: int, denominator: int) -> tuple[int, int]:
    """``base`` × ``factor`` / ``denominator`` + ``rest``, for a factor below 2³⁴, as whole part and rest."""
    if base < SMALL_BASE and factor < SMALL_BASE:
        numerator = base * factor + rest
        whole = numerator // denominator
        return whole, numerator - whole * denominator
    quotient = base // denominator
    numerator = (base - quotient * denominator) * factor + rest
    whole = numerator // denominator
    return quotient * factor + whole, numerator - whole * denominator


@compiled
def share(base: int, part: int, whole: int) -> int:
    """``base`` × ``part`` / ``whole`` rounded half up; all of ``base`` where ``part`` is no less. ``whole`` < 2⁶⁰."""
    if part >= whole:
        return base
    if base < SMALL_BASE and part < SMALL_BASE:
        found, rest = divmod(base * part, whole)
        return half_up(found, rest, whole)
    found = 0
    rest = 0
    for place in range(SHARE_BITS - 1, -1, -1):
        rest += rest + (part if base >> place & 1 else 0)
        carry = rest // whole
        rest -= carry * whole
        found += found + carry
    return half_up(found, rest, whole)


@compiled
def grown(base: int, rate: int, days: int, rest: int, denominator: int) -> tuple[int, int]:
    """``base`` × ``rate`` × ``days`` / ``denominator`` + ``rest``, as whole part and rest."""
    if base < SMALL_BASE and rate < SMALL_RATE and days < SMALL_DAYS:
        numerator = base * rate * days + rest
        whole = numerator // denominator
        return whole, numerator - whole * denominator
    a_day, rest_a_day = product(base, rate, 0, denominator)
    numerator = rest_a_day * days + rest
    whole = numerator // denominator
    return a_day * days + whole, numerator - whole * denominator
