"""The arithmetic of attribute sampling, exact: how many to draw, which, and what the deviations found allow to be said.

Every probability is compared as whole numbers, so nothing is rounded but the last bound, upwards. ``confidence`` is in
per cent, tolerable rates in per mille, bounds in parts per million.

    >>> size_for(1000, confidence=95, tolerable_permille=50, expected=0)
    56
    >>> most_deviating(1000, 56, 0, confidence=95)
    50
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from math import comb

from duecourse.trouble import N_, BadInput

PPM = 1_000_000
SAMPLE_MAX = 5_000
"""Items of one sample: beyond so many nobody answers by hand, and the exact sums take long."""


class SampleTooLarge(BadInput):
    """A sample that nobody could work through."""

    def __init__(self, sample: str) -> None:
        super().__init__(
            N_(
                "sample {sample} would have more than {most} items, which nobody works through: narrow its population, "
                "ask for less, or tolerate more"
            ),
            sample=sample, most=SAMPLE_MAX,
        )  # fmt: skip


def intolerable(population: int, tolerable_permille: int) -> int:
    """The least number of deviations in a population that is more than the tolerable rate."""
    return population * tolerable_permille // 1000 + 1


def size_for(population: int, *, confidence: int, tolerable_permille: int, expected: int) -> int:
    """The least sample that would show a rate beyond the tolerable one, though up to ``expected`` deviate in it.

    Hypergeometric: the least n for which so few deviations are found with a probability of at most 1 - confidence where
    the population holds `intolerable` of them. The whole population, where no smaller sample does; one more than
    `SAMPLE_MAX`, where no sample of a workable size does.

    >>> size_for(1_000_000, confidence=95, tolerable_permille=50, expected=0)
    59
    >>> size_for(1_000_000, confidence=95, tolerable_permille=50, expected=1)
    93
    >>> size_for(20, confidence=95, tolerable_permille=50, expected=0), size_for(0, confidence=95, \
tolerable_permille=50, expected=0)
    (16, 0)
    """
    deviating = intolerable(population, tolerable_permille)
    if population == 0 or deviating > population:
        return population
    high = min(population, SAMPLE_MAX + 1)
    low = min(expected + 1, high)
    while low < high:
        half = (low + high) // 2
        if _rare(population, deviating, half, expected, confidence):
            high = half
        else:
            low = half + 1
    return low


def most_deviating(population: int, drawn: int, found: int, *, confidence: int) -> int:
    """How many of the population deviate at most, with this confidence, where ``found`` of ``drawn`` do.

    The exact upper bound over a finite population: the largest number with which so few would still be found with a
    probability above 1 - confidence. Where everything was drawn it is what was found.

    >>> most_deviating(100, 100, 3, confidence=95), most_deviating(100, 0, 0, confidence=95)
    (3, 100)
    """
    low, high = found, population - (drawn - found)  # so many are known to deviate, and so many not to
    while low < high:
        half = (low + high + 1) // 2
        if _rare(population, half, drawn, found, confidence):
            high = half - 1
        else:
            low = half
    return low


def clopper_pearson_ppm(drawn: int, found: int, *, confidence: int) -> int:
    """The one-sided upper bound of Clopper and Pearson for a rate, in parts per million, rounded up.

    The least rate of which ``found`` or fewer of ``drawn`` are seen with a probability of at most 1 - confidence.

    >>> clopper_pearson_ppm(59, 0, confidence=95), clopper_pearson_ppm(93, 1, confidence=95)
    (49508, 49994)
    >>> clopper_pearson_ppm(10, 10, confidence=95), clopper_pearson_ppm(0, 0, confidence=95)
    (1000000, 1000000)
    """
    if found >= drawn:
        return PPM
    low, high = found * PPM // drawn, PPM
    while low < high:
        half = (low + high) // 2
        if 100 * sum(_binomial(drawn, half, found)) <= (100 - confidence) * PPM**drawn:
            high = half
        else:
            low = half + 1
    return low


def _binomial(drawn: int, ppm: int, found: int) -> Iterator[int]:
    """The terms C(n, i) p^i q^(n-i) up to i = found, over PPM^n."""
    ppm_not = PPM - ppm
    if ppm_not == 0:
        return
    term = ppm_not**drawn
    for i in range(found + 1):
        yield term
        term = term * (drawn - i) * ppm // ((i + 1) * ppm_not)


def _rare(population: int, deviating: int, drawn: int, found: int, confidence: int) -> bool:
    """Whether ``found`` or fewer of ``drawn`` deviate with a probability of at most 1 - confidence."""
    sound = population - deviating
    first = max(0, drawn - sound)
    if found < first:
        return True
    term, ways = comb(deviating, first) * comb(sound, drawn - first), 0
    for i in range(first, min(found, deviating, drawn) + 1):
        ways += term
        if i < min(deviating, drawn):
            term = term * (deviating - i) * (drawn - i) // ((i + 1) * (sound - drawn + i + 1))
    return 100 * ways <= (100 - confidence) * comb(population, drawn)


def share_of(population: int, percent: int) -> int:
    """So many per cent of a population, rounded up.

    >>> share_of(101, 10), share_of(0, 10)
    (11, 0)
    """
    return -(-population * percent // 100)


def seed_of(plan_hash: bytes, days: tuple[str, str], *, origin: str, size: int, root: bytes) -> bytes:
    """The seed of a draw: what was announced, and the checkpoint that nobody knew when it was.

    Anybody with the plan and the published checkpoint can work it out: SHA-256 of seven lines.
    """
    lines = ("duecourse audit seed 1", plan_hash.hex(), *days, origin, str(size), root.hex())
    return sha256("".join(f"{line}\n" for line in lines).encode()).digest()


def draw(keys: Iterable[str], size: int, *, seed: bytes, sample: str, stratum: str = "") -> list[str]:
    """So many keys, by the order of SHA-256 over seed, sample, stratum and key: a simple random sample.

    Whether one is drawn depends on no order of the others, and a larger sample holds the smaller one.

    >>> draw(["1", "2", "3", "4"], 2, seed=bytes(32), sample="calls")
    ['1', '4']
    """
    head = b"%b\n%b\n%b\n" % (seed.hex().encode(), sample.encode(), stratum.encode())
    return sorted(keys, key=lambda key: sha256(head + key.encode()).digest())[:size]
