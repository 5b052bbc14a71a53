"""Tryton's dunning of 20,000 overdue lines beside our whole persisted day on 20,000 overdue loans, one PostgreSQL.

Tryton (GPL-3) is only run: from PyPI, by the locked versions of ``peer_tryton.txt``, in an environment that this bench
makes and removes. Its dunning reads the open receivable lines, finds each one's level and writes a row. Our day replays
the whole history of each loan (12 instalments), ages and classes it, makes cases and proposals, asks the law, assigns,
and writes all of that with a manifest and a log entry. LINES names another size.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

from bench._ground import ROUNDS, asked, folder, load, new_database, postgresql, shown
from bench._synthetic import AS_OF
from bench._tryton_side import LOCKED
from bench.day_persisted import measure
from duecourse.storage import keeper
from duecourse.storage.server import Place

HERE = Path(__file__).parent
LOCK = HERE / "peer_tryton.txt"
LINES = 20_000
ALL_PPM = 1_000_000


def environment(home: Path) -> Path:
    """A Python environment with the locked Tryton, and nothing of ours; its folder of programs."""
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--require-hashes", "-r", str(LOCK)], check=True)
    return home / "bin"


def tryton(home: Path, place: Place, lines: int) -> tuple[list[float], int]:
    """Set Tryton up with this many overdue lines and time its dunning; seconds, and dunnings made."""
    programs = environment(home / "tryton")
    new_database(place, "tryton")
    settings = home / "trytond.conf"
    settings.write_text(
        f"[database]\nuri = postgresql://postgres@/?host={place.sockets}&port={keeper.PORT}\n", encoding="utf-8"
    )
    secret = home / "secret"
    secret.write_text("only-for-this-bench\n", encoding="utf-8")
    where = ["-c", str(settings), "-d", "tryton"]
    surroundings = os.environ | {"TRYTONPASSFILE": str(secret)}
    activate = ["-u", "account_dunning", "--activate-dependencies", "--email", "bench@example.com", "--password"]
    subprocess.run([str(programs / "trytond-admin"), *where, *activate], check=True, env=surroundings)
    result = home / "result.json"
    for step in (
        f"prepare(pool, transaction, lines={lines}, day=day)",
        f"measure(pool, transaction, day=day, rounds={ROUNDS}, into={str(result)!r})",
    ):
        script = (
            f"import sys; from datetime import date; sys.path.insert(0, {str(HERE)!r}); import _tryton_side\n"
            f"day = date.fromisoformat('{AS_OF}'); _tryton_side.{step}\n"
        )
        command = [str(programs / "trytond-console"), *where, "--lock-table", *LOCKED]
        done = subprocess.run(command, input=script, text=True, check=True, capture_output=True)
        if "Traceback" in done.stderr:  # the console ends well whatever its script did
            raise RuntimeError(done.stderr)
    found = json.loads(result.read_text(encoding="utf-8"))
    return found["seconds"], found["made"]


def main() -> str:
    """Measure both."""
    lines = asked("LINES", LINES)
    before = load()
    with folder() as home, postgresql(home) as (place, name):
        theirs, made = tryton(home, place, lines)
        assert made == lines, f"Tryton made {made} dunnings of {lines} lines"
        notes, _, ours = measure(place, home, lines, overdue_ppm=ALL_PPM)
    per_line = median(theirs) / lines * 1e6
    per_loan = median(ours) / lines * 1e6
    return "\n".join([
        f"{lines:,} overdue lines, {lines:,} overdue loans × 12, on {name}",
        "",
        "| | all | each | ratio |",
        "|---|---:|---:|---:|",
        f"| Tryton: create dunnings | {shown(theirs)} | {per_line:,.0f} µs a line | {per_line / per_loan:.1f} |",
        f"| duecourse: the whole day, persisted | {shown(ours)} | {per_loan:,.0f} µs a loan | 1 |",
        "",
        f"Our day wrote {notes[1].removeprefix('written: ')}.",
        "",
        f"Load before: {before}; after: {load()}.",
    ])  # fmt: skip


if __name__ == "__main__":
    print(main())
