"""How functions become machine code, and where that is kept between runs.

`compiled` is for functions that other compiled functions call; they are compiled with their caller. `entry_point` is
for the few that Python calls: these are kept on disk. Numba looks at one source file only to see whether a kept
function is stale, so an entry point is bound to `SOURCES`, a digest of all the sources that it may have been compiled
from; and where no folder can be written, it is compiled in each process (about the time of a first start) rather than
refused.
"""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from numba import njit

from duecourse.core import contract, events, money, reading

if TYPE_CHECKING:
    from collections.abc import Callable

Function = TypeVar("Function", bound="Callable[..., object]")


def _sources() -> int:
    """A digest of the engine's sources and of the core's that its constants come from; 63 bits."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    files += [Path(module.__file__ or "") for module in (contract, events, money, reading)]
    digest = blake2b(digest_size=8)
    for file in files:
        digest.update(file.name.encode() + b"\0" + (file.read_bytes() if file.is_file() else b""))
    return int.from_bytes(digest.digest(), "big") >> 1


SOURCES = _sources()


def compiled(function: Function) -> Function:
    """A function that compiled functions call; it holds no lock of the interpreter, and whole numbers wrap silently."""
    made: Function = njit(nogil=True, error_model="numpy", _nrt=False)(function)
    return made


def written_in(function: Function) -> Function:
    """As `compiled`, but written into its one caller: a call with many arrays costs more than what it does."""
    made: Function = njit(nogil=True, error_model="numpy", _nrt=False, inline="always")(function)
    return made


def entry_point(function: Function) -> Function:
    """A function that Python calls. It must be made inside another function and read `SOURCES` from that (a closure)."""
    try:
        made: Function = njit(nogil=True, error_model="numpy", _nrt=False, cache=True)(function)
    except RuntimeError:  # numba found no folder that it may write to
        return compiled(function)
    return made
