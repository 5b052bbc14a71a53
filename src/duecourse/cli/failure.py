"""What people see when a command cannot be done: a sentence and an exit status, never a traceback.

Our own errors are worded with care where they are raised and are shown as they are. Whatever else comes up may carry a
borrower's data in its message (a database quotes the row), so it is masked before anybody sees it.
"""

from __future__ import annotations

import os
import traceback
from pathlib import Path

from duecourse.cli.words import _
from duecourse.trouble import Exit, Trouble, masked, worded

_PACKAGE = "duecourse"


def exit_of(error: BaseException) -> Exit:
    """The exit status of an error: its own, or the one of its kind."""
    match error:
        case Trouble():
            return error.exit
        case KeyboardInterrupt():
            return Exit.INTERRUPTED
        case ValueError() if _ours(error):
            return Exit.BAD_INPUT
        case FileNotFoundError() | PermissionError() | IsADirectoryError() | NotADirectoryError():
            return Exit.BAD_INPUT
        case OSError():
            return Exit.UNAVAILABLE
        case _ if type(error).__module__.startswith("psycopg"):
            return Exit.UNAVAILABLE if type(error).__name__ in {"OperationalError", "PoolTimeout"} else Exit.FAULT
        case _:
            return Exit.FAULT


def sentence_of(error: BaseException) -> str:
    """What happened and what to do, in the language of this run."""
    match error:
        case Trouble():
            return worded(error.sentence or str(error), error.values, _)
        case KeyboardInterrupt():
            return _("Stopped. Nothing was left half done.")
        case ValueError() if _ours(error):
            return str(error)
        case FileNotFoundError() if error.filename is not None:
            return _("there is no file or folder {path}: check how it is written").format(path=error.filename)
        case IsADirectoryError() if error.filename is not None:
            return _("{path} is a folder: name the files in it").format(path=error.filename)
        case PermissionError() if error.filename is not None:
            return _("{path} may not be opened by who runs this: change its owner or mode").format(path=error.filename)
        case OSError() if error.filename is not None:
            return f"{error.strerror}: {error.filename}"
        case _:
            return _stranger(error)


def _ours(error: BaseException) -> bool:
    return type(error).__module__.split(".")[0] == _PACKAGE


def _stranger(error: BaseException) -> str:
    first = masked(next(iter(str(error).splitlines()), ""))  # further lines of a database error quote the row
    where = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if f"{os.sep}{_PACKAGE}{os.sep}" in frame.filename:
            where = f" ({Path(frame.filename).name}:{frame.lineno})"
    if exit_of(error) is Exit.UNAVAILABLE:
        return _("The database or another service cannot be reached: {what}").format(what=first)
    what = f"{type(error).__name__}: {first}{where}"
    return _("This is a fault of duecourse, not yours: {what}. DUECOURSE_DEBUG=1 shows where it came from.").format(
        what=what
    )
