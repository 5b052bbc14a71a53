"""What is on a line, as numbers: samples of a leg while it is being recorded, levels, gaps, both legs as one WAV."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

RATE = 8_000
FRAME_MS = 20
FRAME = RATE * FRAME_MS // 1000
_HEAD = 44

Samples: TypeAlias = npt.NDArray[np.int16]


def so_far(path: Path) -> Samples:
    """The samples of a leg whose file is still being written: its head does not say yet how many there are."""
    try:
        raw = path.read_bytes()[_HEAD:]
    except FileNotFoundError:
        raw = b""
    return np.frombuffer(raw[: len(raw) // 2 * 2], dtype="<i2")


def levels(samples: Samples) -> npt.NDArray[np.int64]:
    """The root mean square of each whole frame of `FRAME_MS`, as whole numbers."""
    whole = samples[: len(samples) // FRAME * FRAME].astype(np.int64).reshape(-1, FRAME)
    found: npt.NDArray[np.int64] = np.sqrt((whole * whole).mean(axis=1)).astype(np.int64)
    return found


def together(ours: Samples, theirs: Samples) -> bytes:
    """One WAV of two channels: what we said on the left, what came back on the right."""
    many = max(len(ours), len(theirs))
    both = np.zeros((many, 2), dtype="<i2")
    both[: len(ours), 0], both[: len(theirs), 1] = ours, theirs
    kept = io.BytesIO()
    with wave.open(kept, "wb") as out:
        out.setparams((2, 2, RATE, 0, "NONE", ""))
        out.writeframes(both.tobytes())
    return kept.getvalue()


def legs(content: bytes) -> list[Samples]:
    """The legs of a WAV of 16 bit, each by itself; raises `NotARecording`."""
    return _read(content)[0]


@dataclass(frozen=True, slots=True)
class Measured:
    """A recording as it sounds: milliseconds, and for each leg peak and the share of frames with sound, in percent."""

    millis: int
    peaks: tuple[int, ...]
    loud: tuple[int, ...]


class NotARecording(ValueError):
    """Bytes that are no WAV of 16 bit."""


def measured(content: bytes) -> Measured:
    """Measure a WAV; raises `NotARecording`."""
    each, rate = _read(content)
    found = [levels(one) for one in each]
    return Measured(
        len(each[0]) * 1000 // rate,
        tuple(int(np.abs(one.astype(np.int64)).max(initial=0)) for one in each),
        tuple(int((one > VOICE).sum()) * 100 // max(1, len(one)) for one in found),
    )


def _read(content: bytes) -> tuple[list[Samples], int]:
    try:
        with wave.open(io.BytesIO(content), "rb") as sound:
            if sound.getsampwidth() != 2 or sound.getframerate() < 1:
                raise NotARecording
            many, rate = sound.getnchannels(), sound.getframerate()
            raw = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2").reshape(-1, many)
    except (wave.Error, EOFError, ValueError):
        raise NotARecording from None
    return [np.ascontiguousarray(raw[:, leg]) for leg in range(many)], rate


VOICE = 350
"""A frame louder than this holds a voice, or what is as loud as one (of 32,767)."""
