"""A Ctrl-C that strikes in a finaliser is not lost."""

from __future__ import annotations

import subprocess
import sys

LOST = """
import os, signal, time
from duecourse.cli.main import _keep_interrupts

class Finalised:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.time()

_keep_interrupts()
try:
    Finalised()
    time.sleep(20)
    print("went on")
except KeyboardInterrupt:
    print("stopped")
"""


def test_a_ctrl_c_in_a_finaliser_stops_the_program_without_a_traceback() -> None:
    done = subprocess.run([sys.executable, "-c", LOST], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "stopped\n"
    assert done.stderr == ""
