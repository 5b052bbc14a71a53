"""The program ``duecourse``: finds the nouns, runs the verb, turns errors into sentences."""

from __future__ import annotations

import os
import pkgutil
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

import duecourse.cli as package
from duecourse.cli import failure, misused, words
from duecourse.cli.output import notes
from duecourse.cli.words import _
from duecourse.locale import Language
from duecourse.trouble import Exit, Trouble

NO_NOUNS = frozenset(
    {
        "acting",
        "failure",
        "grounds",
        "interrupts",
        "main",
        "misused",
        "output",
        "own_templates",
        "permit_answer",
        "progress",
        "public_sets",
        "report",
        "template_show",
        "words",
    }
)
"""Modules of this package that are tools of the command line, not nouns."""

ABOUT = """What happens after a loan is paid out: aged, explained, lawful, provable.

Exit status: 0 done, 1 done and problems found, 2 command not understood, 3 bad input, 4 refused, 5 busy,
6 store or key unavailable, 70 a fault of duecourse, 130 stopped, 141 nobody read on.
"""


def _root(
    _lang: Annotated[
        str | None,
        typer.Option("--lang", metavar="en|zh-CN", help="Language of texts; else DUECOURSE_LANG, LC_ALL or LANG."),
    ] = None,
) -> None:
    """Take the language; it was read before the commands were built (``words.use``)."""


def nouns() -> list[str]:
    """The modules of this package that are mounted, in alphabetical order."""
    return sorted({module.name for module in pkgutil.iter_modules(package.__path__)} - NO_NOUNS)


def noun_of(arguments: Sequence[str]) -> str | None:
    """The noun that a command line begins with, after ``--lang``; None where it begins with anything else.

    >>> noun_of(["--lang", "zh", "case", "show", "7"]), noun_of(["--help"]), noun_of(["cases"])
    ('case', None, None)
    """
    rest = list(arguments)
    while rest and rest[0].startswith("--lang"):
        rest = rest[1 if "=" in rest[0] else 2 :]
    return rest[0] if rest and rest[0] in nouns() else None


def build(noun: str | None = None) -> TyperGroup:
    """The whole command tree, or that of one noun, which loads no other; help in the language of this run."""
    root = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)
    root.callback(help=ABOUT)(_root)
    for name in nouns() if noun is None else [noun]:
        module = import_module(f"{package.__name__}.{name}")
        if hasattr(module, "command"):
            root.command(name, hidden=getattr(module, "HIDDEN", False))(module.command)
        else:
            root.add_typer(
                module.app,
                name=name,
                no_args_is_help=not getattr(module, "ALONE", False),
                hidden=getattr(module, "HIDDEN", False),
            )
    tree = typer.main.get_command(root)
    if not isinstance(tree, TyperGroup):
        raise TypeError("the root of the command line is a group")
    _translate(tree)
    _bound_days(tree)
    misused.take_whole_numbers(tree)
    return tree


def _translate(command: TyperCommand | TyperGroup) -> None:
    """Put the help of a command, of its options and of all below it into the language of this run."""
    if command.help:
        command.help = _(command.help)
    for option in (*command.params, command.get_help_option(typer.Context(command))):
        if getattr(option, "help", None):
            option.help = _(option.help)  # type: ignore[union-attr]
    if isinstance(command, TyperGroup):
        for below in command.commands.values():
            _translate(below)  # type: ignore[arg-type]


FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Days of tapes lie in these years (docs/tape.md), and so do those of the command line."""


def _bound_days(command: TyperCommand | TyperGroup) -> None:
    """Let every option and argument of a command and of all below it refuse a day outside the years that we know."""
    for option in command.params:
        if option.callback is None:  # one that has a callback of its own takes no day
            option.callback = _within_years
    if isinstance(command, TyperGroup):
        for below in command.commands.values():
            _bound_days(below)  # type: ignore[arg-type]


def _within_years(_context: object, _option: object, value: Any) -> Any:  # noqa: ANN401 - whatever an option takes
    if isinstance(value, datetime) and not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise typer.BadParameter(
            _("{day} lies outside the years {first} to {last}").format(
                day=value.date(), first=FIRST_YEAR, last=LAST_YEAR
            )
        )
    return value


def _speak() -> None:
    """Let the headings that typer itself writes (usage, options, commands) go through our catalogues.

    typer takes them from the interpreter's own gettext catalogue, which is a file of the system; ours travel with us.
    """
    typer.core._ = _  # type: ignore[attr-defined,assignment]
    command = TyperCommand.context_class
    written = command.formatter_class.write_usage

    def write_usage(formatter: Any, prog: str, args: str = "", prefix: str | None = None) -> None:  # noqa: ANN401 - of typer's own
        written(formatter, prog, args, prefix or f"{_('Usage')}: ")

    command.formatter_class.write_usage = write_usage  # type: ignore[assignment]


LOGGED_MS = 1_000
"""A command that took so long, or that ended in trouble, leaves a line in the data folder's log."""


def main() -> None:
    """Run the command line of this process and exit with its status."""
    words.use(arguments=sys.argv[1:])
    misused.speak()
    if words.language() is not Language.EN and typer.core._ is not _:  # type: ignore[attr-defined]
        _speak()
    started = time.monotonic()
    try:
        build(noun_of(sys.argv[1:]))(prog_name="duecourse")
        sys.stdout.flush()
    except SystemExit as leaving:
        if _unread(leaving):
            sys.exit(Exit.UNREAD)
        if leaving.code == Exit.INTERRUPTED:
            notes().print(failure.sentence_of(KeyboardInterrupt()))
        _log(started, leaving.code if isinstance(leaving.code, int) else Exit.OK)
        raise
    except BaseException as error:
        if _unread(error):
            sys.exit(Exit.UNREAD)
        status = failure.exit_of(error)
        _log(started, status, type(error).__name__, failure.sentence_of(error))
        if os.environ.get("DUECOURSE_DEBUG"):
            raise
        notes().print(f"[bold red]{_('Error')}[/]", end=_(": "))
        notes().print(failure.sentence_of(error), markup=False)
        sys.exit(status)


def _unread(error: BaseException) -> bool:
    """Whether the reader of our output went away (`| head`); what is still to be written then goes nowhere."""
    try:
        sys.stdout.flush()
    except BrokenPipeError as closed:
        error = closed
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, BrokenPipeError):
        seen = seen.__context__
    if seen is None:
        return False
    sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the process
    return True


def _log(started: float, status: int, trouble: str | None = None, said: str | None = None) -> None:
    """Log how a command ended: its noun and verb, never its arguments, which may be somebody's number."""
    took = int(1000 * (time.monotonic() - started))
    if status == Exit.USAGE or (took < LOGGED_MS and status in (Exit.OK, Exit.FOUND)):
        return
    from duecourse.app import journal, settings

    try:
        where = settings()
        if not where.home.is_dir():
            return
        line = {"command": _command(), "status": int(status), "ms": took, "trouble": trouble, "said": said}
        log = journal(where)
        (log.info if status in (Exit.OK, Exit.FOUND) else log.warning)(
            "command", **{name: value for name, value in line.items() if value is not None}
        )
    except (Trouble, OSError):  # a log that cannot be written stops nobody; the trouble is told below
        return


def _command() -> str:
    """Noun and verb of this run."""
    tree: object = build(noun_of(sys.argv[1:]))
    found = []
    for word in sys.argv[1:]:
        if isinstance(tree, TyperGroup) and word in tree.commands:
            found.append(word)
            tree = tree.commands[word]
    return " ".join(found)
