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
from typing import TYPE_CHECKING, Any, TypeVar

import numba

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

OPTIONS: dict[str, Any] = {
    "nogil": True,  # threads fold side by side
    "error_model": "numpy",  # no check for a division by zero: denominators are never zero
    "_nrt": False,  # references are not counted: every array is the caller's, and counting took four fifths of the time
}


def compiled(function: Function) -> Function:
    """A function that compiled functions call; it holds no lock of the interpreter, and whole numbers wrap silently."""
    made: Function = numba.njit(**OPTIONS)(function)
    return made


def written_in(function: Function) -> Function:
    """As `compiled`, but written into its few callers: a call with many arrays costs more than what it does."""
    made: Function = numba.njit(**OPTIONS, inline="always")(function)
    return made


MADE: list[Any] = []
"""The entry points of this process."""


def kept() -> bool:
    """Whether the machine code of every entry point lies ready on disk, made after its sources were last written."""
    newest = max(file.stat().st_mtime for file in Path(__file__).parent.glob("*.py"))
    return all(_lies_ready(made, newest) for made in MADE)


def _lies_ready(made: Any, newest: float) -> bool:  # noqa: ANN401 - a dispatcher of numba's
    folder = getattr(getattr(made, "_cache", None), "cache_path", None)
    if folder is None:
        return False
    code = made.py_func.__code__
    index = f"{Path(code.co_filename).stem}.{made.py_func.__qualname__}-{code.co_firstlineno}".replace("<", "").replace(
        ">", ""
    )
    return any(found.stat().st_mtime >= newest for found in Path(folder).glob(f"{index}*.nbi"))


def entry_point(function: Function) -> Function:
    """A function that Python calls; it is made inside another function and reads `SOURCES` from that (a closure)."""
    try:
        made: Function = numba.njit(**OPTIONS, cache=True)(function)
    except RuntimeError:  # numba found no folder that it may write to
        made = compiled(function)
    MADE.append(made)
    return made
