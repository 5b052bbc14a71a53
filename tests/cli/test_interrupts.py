"""A Ctrl-C stops the program wherever it strikes, with a sentence and without a traceback."""

from __future__ import annotations

import signal
import subprocess
import sys

from duecourse.trouble import Exit

BEFORE = """
import os, signal, sys, threading, time
from duecourse.cli import interrupts

interrupts.GRACE_S = 0.2
interrupts.keep()

def strike():
    os.kill(os.getpid(), signal.SIGINT)
"""

IN_A_FINALISER = """
class Finalised:
    def __del__(self):
        strike()
        time.time()

try:
    Finalised()
    time.sleep(20)
    print("went on")
except KeyboardInterrupt:
    print("stopped")
"""

CLEANING_UP_WAITS_FOR_A_LOCK = """
lock = threading.Lock()
lock.acquire()
try:
    strike()
finally:
    lock.acquire()
    print("never here")
"""

ALREADY_BEING_HEARD = """
class Held:
    def __enter__(self): pass
    def __exit__(self, *error):
        strike()
        print("cleaned up")

try:
    with Held():
        raise KeyboardInterrupt
except KeyboardInterrupt:
    print("stopped")
"""

WHILE_LOADING = """
import importlib.abc
from duecourse import __main__ as program

class Strikes(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "duecourse.cli.main":
            strike()

sys.meta_path.insert(0, Strikes())
program.main()
"""

BEFORE_IT_CAN_SPEAK = """
import importlib.abc, os, signal, sys

class Strikes(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "duecourse.cli":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Strikes())
import duecourse.__main__
"""

TWICE = """
interrupts.GRACE_S = 60
try:
    strike()
finally:
    strike()
    print("never here")
"""

THE_INTERPRETER_ENDS_SLOWLY = """
class Slow:
    def __del__(self, wait=time.sleep):
        wait(0.6)

slow = Slow()
try:
    strike()
except KeyboardInterrupt:
    sys.exit(130)
"""


def ran(program: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", BEFORE + program], capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout, done.stderr


STOPPED = (int(Exit.INTERRUPTED), "", "Stopped. Nothing was left half done.\n")


def test_a_ctrl_c_in_a_finaliser_is_raised_again() -> None:
    assert ran(IN_A_FINALISER) == (0, "stopped\n", "")


def test_cleaning_up_that_hangs_is_given_up() -> None:
    assert ran(CLEANING_UP_WAITS_FOR_A_LOCK) == STOPPED


def test_a_ctrl_c_that_is_being_heard_does_not_break_the_cleaning_up() -> None:
    assert ran(ALREADY_BEING_HEARD) == (0, "cleaned up\nstopped\n", "")


def test_a_second_ctrl_c_ends_at_once() -> None:
    assert ran(TWICE) == STOPPED


def test_a_ctrl_c_while_the_program_is_loading_ends_it_with_a_sentence() -> None:
    assert ran(WHILE_LOADING) == STOPPED


def test_a_ctrl_c_before_it_can_say_a_sentence_ends_it_without_a_word() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BEFORE_IT_CAN_SPEAK], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_an_interpreter_that_ends_slowly_is_not_killed_for_it() -> None:
    assert ran(THE_INTERPRETER_ENDS_SLOWLY) == (int(Exit.INTERRUPTED), "", "")
