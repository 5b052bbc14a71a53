"""Ctrl-C: heard once, never lost, and never the cause of a program that hangs.

Python raises it wherever the main thread happens to be. In a finaliser or the callback of a weak reference it only
prints it and goes on; between the taking of a lock and its use it leaves the lock taken for ever, and what cleans up
waits for it; and a library that hears the signal as well raises a second one into the cleaning up after the first.
This module imports next to nothing, so that a Ctrl-C while the others are being loaded is heard as well.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

AGAIN_S = 0.05
"""How long after it was lost a Ctrl-C is raised again."""

GRACE_S = 10.0
"""How long cleaning up may take. Then, or at a second Ctrl-C, the program ends as if killed: that is always safe."""


def keep() -> None:
    """Take over the signal; for programs whose main thread runs the work."""
    struck = lost = False

    def interrupted(_signal: int, _frame: FrameType | None) -> None:
        nonlocal struck
        if struck:
            leave()
        struck = True
        signal.setitimer(signal.ITIMER_REAL, GRACE_S)
        if not isinstance(sys.exc_info()[1], KeyboardInterrupt):
            raise KeyboardInterrupt

    def late(_signal: int, _frame: FrameType | None) -> None:
        nonlocal lost
        if not lost:
            leave()
        lost = False
        signal.setitimer(signal.ITIMER_REAL, GRACE_S)
        raise KeyboardInterrupt

    def unraisable(found: sys.UnraisableHookArgs) -> None:
        nonlocal lost
        if issubclass(found.exc_type, KeyboardInterrupt):
            lost = True
            signal.setitimer(signal.ITIMER_REAL, AGAIN_S)
        else:
            sys.__unraisablehook__(found)

    signal.signal(signal.SIGINT, interrupted)
    signal.signal(signal.SIGALRM, late)
    sys.unraisablehook = unraisable
    # What comes after is the interpreter's own end, where no handler of ours is asked and the signal would kill.
    atexit.register(signal.setitimer, signal.ITIMER_REAL, 0)


def leave() -> NoReturn:
    """Say that the program was stopped, and end at once without cleaning up."""
    from duecourse.cli.failure import sentence_of
    from duecourse.trouble import Exit

    os.write(sys.stderr.fileno(), f"{sentence_of(KeyboardInterrupt())}\n".encode())
    os._exit(Exit.INTERRUPTED)
