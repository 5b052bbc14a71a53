"""``make soak``: runs the tests marked ``soak`` at full count and writes what each found to docs/soak.md as it ends.

A soak test is a test with ``@pytest.mark.soak``; what it wants told it gives to ``record_property(name, value)``. The
same test body runs small in ``make test`` under another name, with a smaller count. ``python -m tests.soak PATH`` runs
some of them; what the report says of the others stays, with its own day. A run that is cut short keeps what ended.
"""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

REPORT = Path(__file__).parents[1] / "docs" / "soak.md"


class Found:
    """The report, written anew whenever a soak test ends: whole before its old self is replaced."""

    def __init__(self, place: Path = REPORT) -> None:
        """Begin with what the report says of tests that do not run now."""
        before = place.read_text(encoding="utf-8") if place.exists() else ""
        self.place = place
        self.rows = {line.split("`")[1]: line for line in before.splitlines() if line.startswith("| `")}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the outcome of a test's body, or of a set-up or an ending that failed or skipped."""
        if report.when == "call" or report.outcome != "passed":
            told = ", ".join(f"{key} {value}" for key, value in report.user_properties)
            today = datetime.now(UTC).date().isoformat()
            self.rows[report.nodeid] = (
                f"| `{report.nodeid}` | {report.outcome} | {report.duration:.1f} | {told} | {today} |"
            )
            new = self.place.with_suffix(".new")
            new.write_text(self.table(), encoding="utf-8")
            new.replace(self.place)

    def table(self) -> str:
        """The report as Markdown."""
        where = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
        head = ["# Soak", "", f"Kill and load tests at full count, on {where}, by `make soak`.", ""]
        head += ["| test | outcome | seconds | found | run |", "|---|---|---|---|---|"]
        return "\n".join([*head, *(self.rows[name] for name in sorted(self.rows))]) + "\n"


def main() -> int:
    """Run them and end as pytest ends."""
    status = pytest.main(["-m", "soak", "-n0", "-p", "no:cacheprovider", *sys.argv[1:]], plugins=[Found()])
    return 0 if status == pytest.ExitCode.NO_TESTS_COLLECTED else int(status)


if __name__ == "__main__":
    sys.exit(main())
