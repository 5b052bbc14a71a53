"""Money as integer minor units, and the only two ways this project rounds or splits it.

Rounding is half up, by integers alone: ``round`` and ``//`` on negatives differ between Python, Polars, DuckDB and
PostgreSQL, so amounts are kept non-negative where they are rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MINOR_MAX = 10**13
"""Largest amount of one loan, in minor units, that the engines accept (checked at import)."""

PPM = 1_000_000
"""Rates are annual parts per million: 18 % is 180,000."""

EXPONENTS = {
    "CNY": 2, "USD": 2, "EUR": 2, "GBP": 2, "HKD": 2, "INR": 2, "NGN": 2, "JPY": 0, "KWD": 3, "SGD": 2, "TWD": 2,
    "MOP": 2, "AUD": 2, "CAD": 2, "CHF": 2, "VND": 0, "KRW": 0, "IDR": 2, "PHP": 2, "MXN": 2, "BRL": 2, "ZAR": 2,
}  # fmt: skip
"""Decimal places of each currency (ISO 4217); a currency that is not listed is refused, never guessed."""


class UnknownCurrency(ValueError):
    """A currency code that has no exponent here."""

    def __init__(self, code: str) -> None:
        super().__init__(f"currency {code!r} is not known; known: {', '.join(sorted(EXPONENTS))}")


class BrokenInvariant(RuntimeError):
    """Something that must always hold does not; nobody catches this."""


def half_up(numerator: int, denominator: int) -> int:
    """The nearest whole number to a non-negative fraction, halves upward.

    >>> half_up(5, 2), half_up(7, 3), half_up(0, 9)
    (3, 2, 0)
    """
    if numerator < 0 or denominator <= 0:
        raise BrokenInvariant(f"half_up of {numerator}/{denominator}: only non-negative fractions are rounded")
    return (2 * numerator + denominator) // (2 * denominator)


def exponent(currency: str) -> int:
    """Decimal places of a currency; raises `UnknownCurrency`."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise UnknownCurrency(currency) from None


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (fen, cents) of one currency.

    >>> Money(1234567, "CNY")
    Money(12,345.67 CNY)
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        """Refuse an unknown currency at once."""
        exponent(self.currency)

    def __add__(self, other: Money) -> Money:
        """Sum of two amounts of one currency."""
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        """Difference of two amounts of one currency."""
        return Money(self.minor - self._same(other).minor, self.currency)

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise BrokenInvariant(f"{self.currency} and {other.currency} do not add")
        return other

    def __str__(self) -> str:
        """Grouped decimal form with the currency code."""
        return f"{plain(self.minor, self.currency)} {self.currency}"

    def __repr__(self) -> str:
        """The decimal form inside the type's name."""
        return f"Money({self})"


def plain(minor: int, currency: str) -> str:
    """The decimal form of an amount, grouped by thousands, without the currency code.

    >>> plain(-5, "CNY"), plain(120000, "JPY")
    ('-0.05', '120,000')
    """
    places = exponent(currency)
    sign, digits = ("-" if minor < 0 else ""), str(abs(minor)).rjust(places + 1, "0")
    whole = f"{int(digits[: len(digits) - places]):,}"
    return f"{sign}{whole}.{digits[len(digits) - places :]}" if places else f"{sign}{whole}"


class Remainder(StrEnum):
    """Who takes the odd units of a split, one each, among those whose share is not whole."""

    LARGEST_FRACTION = "largest_fraction"  # the largest fractions; equal ones in the order of the list
    FIRST = "first"  # in the order of the list
    LAST = "last"  # from its end


def split_pro_rata(total: int, weights: list[int], remainder: Remainder = Remainder.LARGEST_FRACTION) -> list[int]:
    """Split ``total`` in proportion to ``weights``; each part is its exact share, cut or raised to a whole unit.

    The parts always add up to ``total``, and none passes its weight where ``total`` does not pass their sum.

    >>> split_pro_rata(100, [1, 1, 1]), split_pro_rata(100, [1, 1, 1], Remainder.LAST)
    ([34, 33, 33], [33, 33, 34])
    """
    whole = sum(weights)
    if total < 0 or whole <= 0 or min(weights) < 0:
        raise BrokenInvariant(f"cannot split {total} by weights {weights}")
    parts = [total * weight // whole for weight in weights]
    fractions = [total * weight % whole for weight in weights]
    served = [i for i, fraction in enumerate(fractions) if fraction]
    if remainder is Remainder.LARGEST_FRACTION:
        served.sort(key=lambda i: -fractions[i])
    elif remainder is Remainder.LAST:
        served.reverse()
    for i in served[: total - sum(parts)]:
        parts[i] += 1
    return parts
