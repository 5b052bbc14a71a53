"""The engine's own arithmetic against Python's: calendar, exact products, the level instalment of any size."""

from __future__ import annotations

import importlib.util
import os
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import numba
import pytest

from duecourse.book.kernels import calendar, exact, level
from duecourse.book.kernels import compiled as machine
from duecourse.book.kernels.compiled import compiled, entry_point
from duecourse.book.kernels.records import work
from duecourse.core.accrual import Accrual
from duecourse.core.contract import RATE_PPM_MAX, PenaltyRounding
from duecourse.core.days import add_months, days_30e_360
from duecourse.core.money import MINOR_MAX, PPM, half_up
from duecourse.core.schedule import level_instalment

EPOCH = date(1970, 1, 1)
DENOMINATORS = (360 * PPM, 365 * PPM)


def number(day: date) -> int:
    return (day - EPOCH).days


def test_the_calendar_is_pythons_on_every_day_from_1890_to_2190() -> None:
    day = date(1890, 1, 1)
    while day < date(2190, 1, 1):
        assert calendar.civil(number(day)) == (day.year, day.month, day.day)
        assert calendar.day_number(day.year, day.month, day.day) == number(day)
        day += timedelta(days=1)


def test_months_are_added_as_the_core_adds_them() -> None:
    rng = Random(1)
    for _ in range(20_000):
        day = date(1990, 1, 1) + timedelta(days=rng.randrange(40_000))
        months = rng.choice([1, 1, 2, 3, 12, rng.randrange(-600, 600)])
        assert calendar.add_months(number(day), months) == number(add_months(day, months))
        other = day + timedelta(days=rng.randrange(-4_000, 4_000))
        assert calendar.days_30e_360(number(day), number(other)) == days_30e_360(day, other)


@pytest.mark.parametrize("of_month", [1, 20, 28])
def test_the_next_settlement_day_is_the_first_such_day_after_today(of_month: int) -> None:
    day = date(2023, 12, 1)
    for _ in range(500):
        found = EPOCH + timedelta(days=calendar.next_settlement(number(day), of_month))
        assert found.day == of_month
        assert 0 < (found - day).days <= 31
        day += timedelta(days=1)


def test_accrual_is_exact_at_the_bounds() -> None:
    for denominator in DENOMINATORS:
        for base in (MINOR_MAX, MINOR_MAX - 1, 12 * MINOR_MAX, (1 << 31) - 1, 1 << 31, 1):
            for rate in (RATE_PPM_MAX, RATE_PPM_MAX - 1, 1):
                for days in (3_650, 2_048, 2_047, 1, 0, 36_500):
                    for rest in (0, denominator - 1):
                        wanted = divmod(base * rate * days + rest, denominator)
                        assert exact.grown(base, rate, days, rest, denominator) == wanted


def test_what_accrues_in_pieces_is_what_accrues_at_once_and_what_the_core_says() -> None:
    rng = Random(2)
    for _ in range(2_000):
        denominator = rng.choice(DENOMINATORS)
        scalar, whole, rest = Accrual(), 0, 0
        for _ in range(rng.randrange(1, 20)):
            base, rate = rng.randrange(10 ** rng.randrange(1, 15)), rng.randrange(RATE_PPM_MAX + 1)
            days = rng.randrange(3_650)
            scalar.add(base, rate, days, denominator, PenaltyRounding.AT_READING)
            more, rest = exact.grown(base, rate, days, rest, denominator)
            whole += more
        assert exact.half_up(whole, rest, denominator) == scalar.owed(denominator)


def test_products_and_halves_are_pythons() -> None:
    rng = Random(3)
    for _ in range(20_000):
        denominator = rng.choice([*DENOMINATORS, PPM, rng.randrange(1, 40_000)])
        base, factor = rng.randrange(10 ** rng.randrange(1, 15)), rng.randrange(1, 1 << rng.randrange(1, 34))
        if base * factor // denominator >= 1 << 62:
            continue
        whole, rest = exact.product(base, factor, 0, denominator)
        assert (whole, rest) == divmod(base * factor, denominator)
        assert exact.half_up(whole, rest, denominator) == half_up(base * factor, denominator)


def test_a_share_is_exact_at_the_bounds_and_no_more_than_the_whole() -> None:
    rng = Random(4)
    for n in range(20_000):
        whole = rng.randrange(1, 10 ** rng.randrange(1, 18)) if n else MINOR_MAX * 36_500
        part = rng.randrange(whole + whole // 3 + 1)
        base = rng.choice([MINOR_MAX, rng.randrange(10 ** rng.randrange(1, 15))])
        assert exact.share(base, part, whole) == min(base, half_up(base * part, whole))
    for half in range(1, 50):
        assert exact.share(2 * half - 1, MINOR_MAX, 2 * MINOR_MAX) == half


def by_limbs(principal: int, fractions: list[tuple[int, int]]) -> int:
    limbs = work(len(fractions), purchases=0, journal=1, figures=1).limbs
    for place, (numerator, _) in enumerate(fractions):
        limbs[level.FRACTIONS, place] = numerator
    assert level.reckon(limbs, fractions[0][1], len(fractions))
    return level.level_instalment(limbs, principal)


@pytest.mark.parametrize("count", [1, 2, 3, 12, 24, 60, 360, 731])
def test_the_level_instalment_is_the_cores_whatever_its_size(count: int) -> None:
    rng = Random(count)
    for _ in range(20 if count > 100 else 300):
        denominator = rng.choice([12 * PPM, *DENOMINATORS])
        rate = rng.choice([0, 1, 90_000, 180_000, 239_999, RATE_PPM_MAX, rng.randrange(RATE_PPM_MAX)])
        days = [rng.randrange(0, 3_650) if rng.random() < 0.02 else rng.randrange(1, 93) for _ in range(count)]
        same = rng.random() < 0.5
        fractions = [(rate * (3 if same else span), denominator) for span in days]
        principal = rng.choice([1, 99, MINOR_MAX, rng.randrange(10 ** rng.randrange(1, 14))])
        assert by_limbs(principal, fractions) == level_instalment(principal, fractions)


def test_exact_halves_of_the_level_instalment_round_up() -> None:
    for principal in range(1, 200):
        assert by_limbs(principal, [(0, PPM)] * 2) == half_up(principal, 2)


def test_a_period_too_long_for_a_limb_is_refused_not_wrapped() -> None:
    limbs = work(2, purchases=0, journal=1, figures=1).limbs
    limbs[level.FRACTIONS, 0] = level.FACTOR_MAX
    assert not level.reckon(limbs, 365 * PPM + 1, 1)


def test_where_numba_may_write_nowhere_it_compiles_without_keeping(monkeypatch: pytest.MonkeyPatch) -> None:
    real = numba.njit

    def closed(**options: Any) -> Any:  # noqa: ANN401  # as numba's own
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return real(**options)

    monkeypatch.setattr(numba, "njit", closed)

    def double(value: int) -> int:
        return 2 * value

    assert entry_point(double)(21) == 42
    assert compiled(double)(21) == 42


def test_a_function_that_was_never_compiled_is_known_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "small.py"
    source.write_text(
        "from duecourse.book.kernels.compiled import entry_point\n\n\n"
        "def _make():\n    @entry_point\n    def double(n):\n        return 2 * n\n\n    return double\n\n\n"
        "double = _make()\n"
    )
    monkeypatch.setattr(machine, "MADE", [])
    spec = importlib.util.spec_from_file_location("small", source)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert [made.py_func.__name__ for made in machine.MADE] == ["double"]
    assert not machine.kept()
    assert module.double(4) == 8
    assert machine.kept()
    index = next((tmp_path / "__pycache__").glob("*.nbi"))
    os.utime(index, (0, 0))
    assert not machine.kept(), "made before the sources were last written"
