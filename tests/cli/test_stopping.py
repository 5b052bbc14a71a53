"""A demo stopped by Ctrl-C or killed: nothing keeps running or is broken, and the next start ends as if undisturbed."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from uuid import uuid4

import psutil
import pytest

from duecourse.app import open_desk, settings
from duecourse.sim.lender import DELTA_DAYS
from duecourse.storage import runs
from duecourse.trouble import Exit
from tests.cli.conftest import LOANS, environment, made, program
from tests.conftest import _base

PATIENCE_S = 60


def outputs(home: Path) -> dict[str, object]:
    """The digests of all that each day published."""
    with (
        open_desk(settings({"DUECOURSE_HOME": str(home)}), lender_needed=False) as desk,
        desk.database.transaction("demo") as tx,
    ):
        manifests = [runs.published(tx, day).manifest or {} for day in DELTA_DAYS]
    assert all("outputs" in manifest for manifest in manifests)
    return {day.isoformat(): manifest["outputs"] for day, manifest in zip(DELTA_DAYS, manifests, strict=True)}


def left_running(home: Path) -> list[str]:
    """Programs that still speak of the data folder."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if str(home) in line:
            found.append(line)
    return found


def wait_until_nothing_runs(home: Path) -> None:
    ends = time.monotonic() + PATIENCE_S
    while left_running(home):
        assert time.monotonic() < ends, left_running(home)
        time.sleep(0.1)


BEGUN_S = 0.2
"""Within this time Python itself is up; before that a Ctrl-C is not yet ours to hear."""


def stop_after(home: Path, how: signal.Signals, *, lines: int, seconds: float) -> int | None:
    """Start the demo, stop it so many seconds after so many steps; its exit status, None if it had ended before."""
    command = [sys.executable, "-m", "duecourse", "demo", "--no-web"]
    with subprocess.Popen(
        command, env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None
        for _step in range(lines):
            if not running.stderr.readline():
                return None
        try:
            running.wait(seconds)
        except subprocess.TimeoutExpired:
            running.send_signal(how)
        said = running.stderr.read()
        running.wait(PATIENCE_S)
    assert "Traceback" not in said
    return running.returncode


@pytest.fixture
def stoppable() -> Callable[[int], Path]:
    """A data folder with the tapes of a small demo."""

    def make(loans: int) -> Path:
        return made(_base() / f"stop-{uuid4().hex[:6]}", loans)

    return make


def stop_often(home: Path, how: signal.Signals, times: int, rng: Random) -> int:
    """Stop the demo so many times; how many of these it was still running."""
    struck = 0
    for _time in range(times):
        status = stop_after(home, how, lines=rng.randrange(3), seconds=BEGUN_S + rng.random() * 1.5)
        if status not in (None, Exit.OK):
            assert status == (Exit.INTERRUPTED if how is signal.SIGINT else -how)
            struck += 1
        wait_until_nothing_runs(home)
    return struck


def end_as(calm: Path, shaken: Path, how: signal.Signals, times: int, seed: int) -> int:
    """Stop a demo often, let it end, and compare it with one that nobody stopped; how often it was still running."""
    try:
        struck = stop_often(shaken, how, times, Random(seed))
        assert program(shaken, "demo", "--no-web").returncode == Exit.OK
        assert outputs(shaken) == outputs(calm)
        assert program(shaken, "day", "verify", DELTA_DAYS[-1].isoformat()).returncode == Exit.OK
        wait_until_nothing_runs(shaken)
    finally:
        shutil.rmtree(shaken, ignore_errors=True)
    return struck


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_demo_stopped_now_and_then_ends_as_an_undisturbed_one(
    staged: Path, stoppable: Callable[[int], Path], how: signal.Signals
) -> None:
    assert end_as(staged, stoppable(LOANS), how, times=2, seed=7) >= 1


@pytest.mark.soak
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_soak_a_demo_stopped_at_random_moments_ends_as_an_undisturbed_one(
    stoppable: Callable[[int], Path], how: signal.Signals, record_property: Callable[[str, object], None]
) -> None:
    calm = stoppable(3_000)
    assert program(calm, "demo", "--no-web").returncode == Exit.OK
    struck = end_as(calm, stoppable(3_000), how, times=25, seed=11)
    record_property("stopped while it ran", struck)
    assert struck >= 10
