"""Runs the benches: each file here with a ``main() -> str`` measures one claim and returns its table as Markdown.

``make bench`` runs all, ``make bench BENCH=day_run`` one. Results go to ``results/<bench>.md`` beside this file, under
a heading that says on which machine and with which versions they were measured.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
MEASURED_WITH = ("polars", "deltalake", "duckdb", "numba", "psycopg")


def benches(asked: list[str]) -> list[str]:
    """The benches asked for, or all: the files here that do not start with an underscore."""
    there = sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))
    unknown = sorted(set(asked) - set(there))
    if unknown:
        sys.exit(f"No such bench: {', '.join(unknown)}. There are: {', '.join(there) or 'none'}.")
    return asked or there


def processor() -> str:
    """The processor's name as Linux knows it, else as Python does."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def machine() -> str:
    """One line on where and with what the figures were measured."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    git = ("git", "-C", str(HERE), "rev-parse", "--short", "HEAD")
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    versions = ", ".join(f"{name} {version(name)}" for name in MEASURED_WITH)
    now = datetime.now(UTC).date().isoformat()
    python = platform.python_version()
    return (
        f"{now}, {processor()}, {cores} cores, {platform.system()}, Python {python}, {versions}, commit {commit or '-'}"
    )


def main() -> None:
    """Run the benches named on the command line, or all."""
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    names = benches(sys.argv[1:])
    if not names:
        print("There is nothing to measure yet.")
    for name in names:
        module = import_module(f"bench.{name}")
        title = (module.__doc__ or name).splitlines()[0]
        print(f"{name}: {title}", flush=True)
        table = module.main()
        (results / f"{name}.md").write_text(
            f"# {title}\n\nMeasured {machine()}.\n\n{table.strip()}\n", encoding="utf-8"
        )
        print(table, flush=True)


if __name__ == "__main__":
    main()
