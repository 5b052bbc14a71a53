"""The level instalment of `core.schedule.level_instalment`, exactly, by numbers of many 28-bit limbs.

The core's big whole numbers become rows of `Work.limbs`, the lowest limb first; two more rows hold the numerators of
the fractions, and what the numbers were made from. Factors stay below 2³⁴, so that limb ×
factor + carry fits 63 bits. The quotient is first guessed in floating point; then it is proved or moved by whole
numbers alone, so that no float decides. Growth and annuity are kept from loan to loan while the fractions are the same.
"""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING

from duecourse.book.kernels.compiled import compiled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LIMB = 28
MASK = (1 << LIMB) - 1
BASE = float(1 << LIMB)
FACTOR_MAX = 1 << 34
GROWTH, ANNUITY, SCALE, LEFT, RIGHT, FRACTIONS, KEPT = 0, 1, 2, 3, 4, 5, 6
DENOMINATOR, COUNT, GROWTH_SIZE, ANNUITY_SIZE = 0, 1, 2, 3


@compiled
def multiply(number: NDArray[np.int64], size: int, factor: int) -> int:
    """Multiply in place by a factor below 2³⁴; the new size."""
    carry = 0
    for i in range(size):
        carry += number[i] * factor
        number[i] = carry & MASK
        carry >>= LIMB
    while carry:
        number[size] = carry & MASK
        carry >>= LIMB
        size += 1
    return size


@compiled
def add(number: NDArray[np.int64], size: int, other: NDArray[np.int64], other_size: int) -> int:
    """Add another number in place; the new size."""
    for i in range(size, other_size):
        number[i] = 0
    size = max(size, other_size)
    carry = 0
    for i in range(size):
        carry += number[i] + (other[i] if i < other_size else 0)
        number[i] = carry & MASK
        carry >>= LIMB
    if carry:
        number[size] = carry
        size += 1
    return size


@compiled
def product(out: NDArray[np.int64], number: NDArray[np.int64], size: int, factor: int) -> int:
    """Write ``number`` × ``factor`` (below 2⁶²) to ``out``; its size without leading zeros."""
    low, high = factor & MASK, factor >> LIMB
    carry = 0
    before = 0
    for i in range(size):
        carry += number[i] * low + before * high
        before = number[i]
        out[i] = carry & MASK
        carry >>= LIMB
    carry += before * high
    while carry:
        out[size] = carry & MASK
        carry >>= LIMB
        size += 1
    while size and out[size - 1] == 0:
        size -= 1
    return size


@compiled
def below(number: NDArray[np.int64], size: int, other: NDArray[np.int64], other_size: int) -> bool:
    """Whether a number is less than another; both without leading zeros."""
    if size != other_size:
        return size < other_size
    for i in range(size - 1, -1, -1):
        if number[i] != other[i]:
            return bool(number[i] < other[i])
    return False


@compiled
def leading(number: NDArray[np.int64], size: int) -> float:
    """The three highest limbs, as a float."""
    value = 0.0
    for i in range(size - 1, size - 4, -1):
        value = value * BASE + (float(number[i]) if i >= 0 else 0.0)
    return value


@compiled
def reckon(limbs: NDArray[np.int64], denominator: int, count: int) -> bool:
    """Work out growth and annuity of ``count`` fractions, whose numerators are in the row for them.

    Whether it could: a period so long that its growth passes 2³⁴ denominators is beyond the engine.
    """
    limbs[KEPT, COUNT] = 0
    common = denominator
    for k in range(count):
        common = gcd(common, limbs[FRACTIONS, k])
    reduced = denominator // common
    growth, annuity, scale = limbs[GROWTH], limbs[ANNUITY], limbs[SCALE]
    growth[0] = scale[0] = 1
    growth_size, annuity_size, scale_size = 1, 0, 1
    for k in range(count):
        factor = reduced + limbs[FRACTIONS, k] // common
        if factor >= FACTOR_MAX:
            return False
        growth_size = multiply(growth, growth_size, factor)
        scale_size = multiply(scale, scale_size, reduced)
        annuity_size = multiply(annuity, annuity_size, factor)
        annuity_size = add(annuity, annuity_size, scale, scale_size)
    limbs[KEPT, DENOMINATOR], limbs[KEPT, COUNT] = denominator, count
    limbs[KEPT, GROWTH_SIZE], limbs[KEPT, ANNUITY_SIZE] = growth_size, annuity_size
    return True


@compiled
def level_instalment(limbs: NDArray[np.int64], principal: int) -> int:
    """``principal`` × growth / annuity, half up: the q with 2q·annuity ≤ 2P·growth + annuity < 2(q + 1)·annuity."""
    growth, annuity, left, right = limbs[GROWTH], limbs[ANNUITY], limbs[LEFT], limbs[RIGHT]
    growth_size, annuity_size = limbs[KEPT, GROWTH_SIZE], limbs[KEPT, ANNUITY_SIZE]
    left_size = product(left, growth, growth_size, 2 * principal)
    left_size = add(left, left_size, annuity, annuity_size)
    guess = leading(growth, growth_size) / leading(annuity, annuity_size) * BASE ** (growth_size - annuity_size)
    found = int(float(principal) * guess + 0.5)
    while True:
        right_size = product(right, annuity, annuity_size, 2 * found)
        if below(left, left_size, right, right_size):
            found -= 1
            continue
        right_size = product(right, annuity, annuity_size, 2 * found + 2)
        if not below(left, left_size, right, right_size):
            found += 1
            continue
        return found
