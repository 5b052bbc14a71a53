"""Benchmarks, which no test runs whole, still find what they measure."""

from __future__ import annotations

from bench.day_persisted import AFTER, PHASES


def test_every_phase_that_is_timed_is_there() -> None:
    assert AFTER in PHASES
    gone = [f"{owner.__name__}.{name}" for owner, name in PHASES.values() if not callable(getattr(owner, name, None))]
    assert not gone
