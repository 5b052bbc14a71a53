"""What is said of a command line that is not understood, in Chinese too.

typer brings these sentences in English only, some in words of its own inside, and asks no catalogue for them; so they
are known here by their form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import IO, Any

import typer
from typer.core import TyperCommand, TyperGroup

from duecourse.cli.words import _

_UsageError: Any = typer.BadParameter.__mro__[1]


def _forms() -> Iterator[tuple[str, str]]:
    """Forms of typer's sentences, and what is said for each; groups are names and values that people typed."""
    yield r"Missing option (?P<name>'.*')\.", _("Missing option {name}.")
    yield r"Missing argument (?P<name>'.*')\.", _("Missing argument {name}.")
    yield r"Missing command\.", _("Missing command.")
    near = r" (?:Did you mean|\(Possible options:) (?P<near>[^?)]*)[?)]"
    yield rf"No such command (?P<name>'.*')\.{near}", _("No such command {name}. Did you mean {near}?")
    yield r"No such command (?P<name>'.*')\.", _("No such command {name}.")
    yield rf"No such option: (?P<name>\S+){near}", _("No such option {name}. Did you mean {near}?")
    yield r"No such option: (?P<name>\S+)", _("No such option {name}.")
    yield r"Got unexpected extra argument(?:s|\(s\))? \((?P<name>.*)\)", _("Too many arguments: {name}")
    yield r"Option (?P<name>'.*') requires an argument\.", _("Option {name} needs a value.")
    yield r"Option (?P<name>'.*') requires (?P<count>\d+) arguments\.", _("Option {name} needs {count} values.")
    yield r"Option (?P<name>'.*') does not take a value\.", _("Option {name} takes no value.")
    at = r"Invalid value for (?P<name>'.*?'): "
    yield (
        at + r"(?:Value error, )?(?P<value>'.*') does not match the formats? (?P<form>.*?)\.?",
        _("{name}: {value} is no day or instant; write it as {form}."),
    )
    yield at + r"Input should be a valid date.*", _("{name}: this is no day or instant; write it as {form}.")
    yield (
        r"Invalid value for (?P<name>'AMOUNT'): Input should be a valid integer.*",
        _("{name}: write minor units, a whole number: 50000 is 500.00."),
    )
    yield at + r"Input should be a valid integer.*", _("{name}: this is no whole number.")
    yield at + r".*?(?P<value>'.*') is not one of (?P<form>.*?)\.?", _("{name}: {value} is none of {form}.")
    yield at + r".*?(?P<value>'.*') is not a valid (?P<form>.*?)\.?", _("{name}: {value} is no {form}.")
    yield at + r"(?P<value>.*)", _("{name}: the value cannot be taken: {value}")


def said(message: str) -> str:
    """What typer says of a command line, in our words and the language of this run; a sentence of no known form stays.

    >>> said("Missing option '--as-of'.")
    "Missing option '--as-of'."
    >>> said("Invalid value for '--as-of': Value error, '2026-99-01' does not match the formats '%Y-%m-%d'.")
    "'--as-of': '2026-99-01' is no day or instant; write it as 2026-03-31."
    """
    for form, text in _forms():
        found = re.fullmatch(form, message, re.DOTALL)
        if found:
            values = {"form": "%Y-%m-%dT%H:%M", **found.groupdict()}
            return text.format(**{**values, "form": _written(values["form"])})
    return message


_WHOLE = re.compile(r"[+-]?[0-9]+")


def take_whole_numbers(command: TyperCommand | TyperGroup) -> None:
    """Let whole numbers of a command and of all below it be written in digits alone.

    500.00 would else be taken as 500, which as an amount in minor units is 5.00.
    """
    for option in command.params:
        descriptor = getattr(option, "type_descriptor", None)
        if descriptor is not None and descriptor.annotation in {int, list[int]}:
            option.process_value = partial(_whole, option, option.process_value)  # type: ignore[method-assign]
    if isinstance(command, TyperGroup):
        for below in command.commands.values():
            take_whole_numbers(below)  # type: ignore[arg-type]


def _whole(option: Any, take: Callable[[Any, Any], Any], context: Any, value: Any) -> Any:  # noqa: ANN401 - of typer's own
    for one in value if isinstance(value, list | tuple) else (value,):
        if isinstance(one, str) and not _WHOLE.fullmatch(one):
            raise typer.BadParameter("Input should be a valid integer", ctx=context, param=option)
    return take(context, value)


_EXAMPLE = datetime(2026, 3, 31, 9, 30, tzinfo=timezone(timedelta(hours=8)))


def _written(form: str) -> str:
    """What a value should look like: a day or instant in the forms that strptime reads; a list of words stays."""
    return _EXAMPLE.strftime(form).replace("'", "") if "%" in form else form


def speak() -> None:
    """Let typer tell what it did not understand through `said`."""

    def show(error: Any, file: IO[Any] | None = None) -> None:  # noqa: ANN401 - of typer's own
        out = {"err": True} if file is None else {"file": file}
        if error.ctx is not None:
            typer.echo(error.ctx.get_usage(), **out)
            if error.ctx.command.get_help_option(error.ctx) is not None:
                help_of = f"{error.ctx.command_path} {error.ctx.help_option_names[0]}"
                typer.echo(_("`{command}` explains it.").format(command=help_of), **out)
            typer.echo("", **out)
        typer.echo(f"{_('Error')}{_(': ')}{said(error.format_message())}", **out)

    _UsageError.show = show
