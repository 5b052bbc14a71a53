"""A call listened to: levels and gaps of both legs of its recording, by sox, as somebody would hear them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from duecourse.channels.contract import checked
from duecourse.channels.voice import KIND
from duecourse.channels.voice.sound import measured
from tests.channels.test_voice import told
from tests.voice_peer import PROGRAMS, House, callee, tone

HUM = 9_000 / 32_768
"""How loud the other side hums (`tone`), of full scale."""

PAUSE_MS = 600
"""A sentence of espeak has pauses up to half a second; a longer one within it would be sound that is missing."""


@pytest.fixture(autouse=True)
def _programs(tool: Callable[[str], Path]) -> None:
    for program in PROGRAMS:
        tool(program)


def stat(file: Path, leg: int, *effects: str) -> dict[str, float]:
    """What sox says of a leg, left 1 and right 2, after these effects."""
    command = [shutil.which("sox") or "sox", str(file), "-n", "remix", str(leg), *effects, "stat"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = (line.split(":", 1) for line in done.stderr.splitlines() if ":" in line)
    return {" ".join(name.split()): float(value) for name, value in lines if value.strip() not in {"", "nan"}}


def seconds(file: Path, leg: int, *effects: str) -> float:
    """How long a leg is after these effects."""
    return stat(file, leg, *effects)["Length (seconds)"]


def test_a_recorded_call_is_neither_faint_nor_clipped_and_has_no_gaps(tmp_path: Path) -> None:
    hums = tone(tmp_path / "hums.wav", ("beep", 90_000))
    with callee("1", "19900517", "hear 8000", "0", greeting=hums) as peer:
        line = KIND.open(checked(KIND, peer.settings(machines="no")))
        found = line.talk(told(), House())  # type: ignore[attr-defined]
    assert found.done == ("verified", "stopped")
    file = tmp_path / "call.wav"
    file.write_bytes(found.recording)
    whole = measured(found.recording).millis / 1000
    assert whole > 15
    ours, theirs = stat(file, 1), stat(file, 2)
    # Ours: speech brought to -3 dB; theirs: the hum as it left the other side, within half a decibel of G.711's steps.
    assert 0.5 < ours["Maximum amplitude"] < 0.95
    assert 0.02 < ours["RMS amplitude"] < 0.3
    assert abs(ours["Mean amplitude"]) < 0.005
    assert HUM * 0.94 < theirs["Maximum amplitude"] < HUM * 1.06
    # Every silence of theirs that is as long as one packet is taken out: nothing of the hum is missing.
    assert whole - seconds(file, 2, "silence", "1", "0", "5%", "-1", "0.02", "5%") < whole / 100
    # Of ours, in the opening, none is longer than a pause of a sentence.
    opening = ("silence", "1", "0", "1%", "trim", "0", "6")
    kept = seconds(file, 1, *opening, "silence", "1", "0", "1%", "-1", str(PAUSE_MS / 1000), "1%")
    assert 6 - kept < 0.1
