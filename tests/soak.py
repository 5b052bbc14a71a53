"""``make soak``: runs the tests marked ``soak`` at full count and writes what they found to docs/soak.md.

A soak test is a test with ``@pytest.mark.soak``; what it wants told it gives to ``record_property(name, value)``. The
same test body runs small in ``make test`` under another name, with a smaller count. ``python -m tests.soak PATH`` runs
some of them; what the report says of the others stays, with its own day.
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
    """What the soak tests reported, in the order in which they ended."""

    def __init__(self) -> None:
        """Begin with nothing found."""
        self.rows: list[tuple[str, str, float, list[tuple[str, object]]]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the outcome of a test's body, or of a set-up that failed or skipped."""
        if report.when == "call" or (report.when == "setup" and report.outcome != "passed"):
            self.rows.append((report.nodeid, report.outcome, report.duration, list(report.user_properties)))

    def table(self, before: str) -> str:
        """The report as Markdown; rows of tests that did not run now are those of the report ``before``."""
        now = datetime.now(UTC).date().isoformat()
        where = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
        rows = {line.split("`")[1]: line for line in before.splitlines() if line.startswith("| `")}
        for name, outcome, seconds, found in self.rows:
            told = ", ".join(f"{key} {value}" for key, value in found)
            rows[name] = f"| `{name}` | {outcome} | {seconds:.1f} | {told} | {now} |"
        head = ["# Soak", "", f"Kill and load tests at full count, on {where}, by `make soak`.", ""]
        head += ["| test | outcome | seconds | found | run |", "|---|---|---|---|---|"]
        return "\n".join([*head, *(rows[name] for name in sorted(rows))]) + "\n"


def main() -> int:
    """Run them, write the report, end as pytest ends."""
    found = Found()
    status = pytest.main(["-m", "soak", "-n0", "-p", "no:cacheprovider", *sys.argv[1:]], plugins=[found])
    if found.rows:
        before = REPORT.read_text(encoding="utf-8") if REPORT.exists() else ""
        REPORT.write_text(found.table(before), encoding="utf-8")
    return 0 if status == pytest.ExitCode.NO_TESTS_COLLECTED else int(status)


if __name__ == "__main__":
    sys.exit(main())
