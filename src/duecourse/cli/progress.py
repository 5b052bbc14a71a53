"""Progress of long steps: a bar on a terminal, one line per finished step elsewhere, nothing with JSON."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TypeAlias

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from duecourse.cli.output import note, notes
from duecourse.cli.words import _

Advance: TypeAlias = Callable[[int], None]
"""Tell how many units are done in all; never fewer than before."""


def say_if_compiling(*, quiet: bool) -> None:
    """Say that the next step takes longer, where the engine has not been compiled on this machine yet."""
    if quiet:
        return
    import_module("duecourse.book.kernels.age")  # the engine itself, which takes a second to load
    from duecourse.book.kernels.compiled import kept

    if not kept():
        note(_("The engine is being compiled, once on this machine and after each update; this takes a minute or so."))


@contextmanager
def step(title: str, total: int | None = None, *, quiet: bool = False) -> Iterator[Advance]:
    """Show a long step while it runs; give it the ``advance`` that it calls with the units done so far.

    ``total`` is the number of units, or None where it is not known (a moving bar then). ``quiet`` shows nothing.
    """
    if quiet:
        yield lambda _done: None
        return
    console = notes()
    started = time.monotonic()
    if not console.is_terminal:
        yield lambda _done: None
        note(f"{title}: {time.monotonic() - started:.1f} s")
        return
    columns = [SpinnerColumn(finished_text="✓"), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()]
    if total is not None:
        columns.insert(3, MofNCompleteColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(title, total=total)
        yield lambda done: progress.update(task, completed=done)
        progress.update(task, total=total or 1, completed=total or 1)
