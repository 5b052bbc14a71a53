"""Who answered: a person or a machine, by simple means.

A person says little and then waits; a machine talks without a pause, and ends with a tone. What cannot be told in time
is taken for a person: a machine that hears the opening hears who calls, and no word about a debt. The thresholds are
ours; docs/voice.md has what they were tried on.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from duecourse.channels.voice.sound import FRAME_MS, RATE, VOICE, Samples, levels

SILENT_MS = 2_000  # nobody says anything: a person who waits, or a line without sound
SHORT_MS = 2_200  # a greeting of a person is shorter
LONG_MS = 2_800  # what goes on for longer without a pause is a machine
PAUSE_MS = 700  # silence that ends a greeting
BREATH_MS = 450  # a shorter pause is part of the same speech
UNSURE_MS = 6_000  # after so long it is taken for a person
GREETING_MS = 30_000  # no machine's greeting is waited for longer
OVER_MS = 1_600  # so much silence ends a machine's greeting that has no tone
TONE_MS = 160


class Heard(StrEnum):
    """What is on the line."""

    NOT_YET = "not_yet"
    PERSON = "person"
    MACHINE = "machine"


def who(samples: Samples) -> Heard:
    """Who answered, by what was heard so far."""
    voiced = levels(samples) > VOICE
    millis = len(voiced) * FRAME_MS
    runs = _runs(voiced.tolist())
    if not runs:
        return Heard.PERSON if millis >= SILENT_MS else Heard.NOT_YET
    begin, end = runs[0]
    if end - begin >= LONG_MS:
        return Heard.MACHINE
    if millis - end >= PAUSE_MS and len(runs) == 1:
        return Heard.PERSON if end - begin <= SHORT_MS else Heard.MACHINE
    if len(runs) > 2 and runs[2][1] - begin >= LONG_MS:
        return Heard.MACHINE
    return Heard.PERSON if millis >= UNSURE_MS else Heard.NOT_YET


def greeted(samples: Samples) -> bool:
    """Whether a machine's greeting is over: its tone was heard and has ended, or it has been silent for long."""
    voiced = levels(samples) > VOICE
    millis = len(voiced) * FRAME_MS
    if millis >= GREETING_MS:
        return True
    runs = _runs(voiced.tolist())
    quiet = millis - runs[-1][1] if runs else millis
    return quiet >= OVER_MS or (quiet >= 100 and _tone_at_end(samples, quiet))


def _runs(voiced: list[bool]) -> list[tuple[int, int]]:
    """When somebody spoke, in milliseconds from and to; short pauses are part of it."""
    found: list[tuple[int, int]] = []
    for place, loud in enumerate(voiced):
        at = place * FRAME_MS
        if not loud:
            continue
        if found and at - found[-1][1] <= BREATH_MS:
            found[-1] = (found[-1][0], at + FRAME_MS)
        else:
            found.append((at, at + FRAME_MS))
    return found


def _tone_at_end(samples: Samples, quiet_ms: int) -> bool:
    """Whether the last sound was one tone alone for `TONE_MS`: most of its strength lies at one pitch."""
    end = len(samples) - quiet_ms * RATE // 1000
    part = samples[max(0, end - TONE_MS * RATE // 1000) : end].astype(np.float64)
    if len(part) < TONE_MS * RATE // 1000 or not part.any():
        return False
    strength = np.abs(np.fft.rfft(part * np.hanning(len(part)))) ** 2
    peak = int(strength.argmax())
    pitch = peak * RATE // len(part)
    return 350 <= pitch <= 2_200 and bool(strength[max(0, peak - 3) : peak + 4].sum() >= 0.85 * strength.sum())
