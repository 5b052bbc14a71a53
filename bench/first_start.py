"""`make run` from a fresh clone with an empty home: aim 3 minutes with packages at hand, 10 s the second time.

The clone is of the last commit. Cold: no package was ever fetched; warm: a second clone, whose packages the home has
kept. Timed is until the pages are served; then Ctrl-C. Port 8800 must be free.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench._ground import load

SERVED = "http://127.0.0.1:8800"
HERE = Path(__file__).parents[1]
RUN = ("make", "run")
CLONE = ("git", "clone", "-q")


def start(clone: Path, home: Path) -> tuple[float, float]:
    """Seconds until the pages are served, and seconds from Ctrl-C to the end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DUECOURSE_", "XDG_"))}
    begun = perf_counter()
    process = subprocess.Popen(
        RUN, cwd=clone, env=kept | {"HOME": str(home)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if SERVED in line:
            break
    else:
        sys.exit("".join(said[-20:]))
    served = perf_counter()
    os.killpg(process.pid, signal.SIGINT)
    process.stdout.read()
    process.wait()
    return served - begun, perf_counter() - served


def main() -> str:
    """Cold, again, warm, again."""
    lines = ["| start | pages served after, s | ended after Ctrl-C, s | aim, s |", "|---|---:|---:|---:|"]
    with TemporaryDirectory(prefix="duecourse-start-") as made:
        home = Path(made) / "home"
        home.mkdir()
        for name in ("cold", "warm"):
            clone = Path(made) / name
            copied = (*CLONE, str(HERE), str(clone))
            subprocess.run(copied, check=True)
            aim = "" if name == "cold" else "180"
            for what, most in ((f"first, packages {name}", aim), ("the next", "10")):
                served, ended = start(clone, home)
                lines.append(f"| {what} | {served:.1f} | {ended:.1f} | {most} |")
    return "\n".join([*lines, "", f"Load: {load()}."])


if __name__ == "__main__":
    print(main())
