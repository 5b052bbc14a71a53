"""A day run with everything persisted, 1,000,000 loans × 12 instalments: aim 12 s at most.

The real act on the real stores: the book from Delta, ages back into it, cases, snapshots, proposals and worklists into
PostgreSQL, the manifest and its log entry, one transaction. It is the first day of a book, so every case is opened.
LOANS names another size. A run is published once all of that stands; the sums that screens read are prepared after it,
and are part of the whole. The time of each phase is taken in a round of its own, since watching costs time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import wraps
from pathlib import Path
from shutil import copytree, rmtree
from threading import Lock
from time import perf_counter
from typing import Any, ParamSpec, TypeVar

import psutil

from bench._ground import ROUNDS, asked, drop_database, folder, load, new_database, postgresql, shown
from bench._lender import ACTOR, LENDER, enter
from bench._synthetic import AS_OF, KNOWN
from duecourse.book import day as book_day
from duecourse.book import propose
from duecourse.book.store import Store
from duecourse.casework import day_inputs, day_run
from duecourse.casework.day_past import verify
from duecourse.storage import cases, log, runs
from duecourse.storage.connection import BATCH, Database
from duecourse.storage.migrate import migrate
from duecourse.storage.server import Place
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring

P = ParamSpec("P")
R = TypeVar("R")

LOANS = 1_000_000
AIM_SECONDS = 12.0
PHASES: dict[str, tuple[Any, str]] = {
    "desk, without its people": (day_run, "desk_on"),
    "age": (day_inputs, "age_book"),
    "– read (each thread)": (Store, "read"),
    "– age (each thread)": (book_day, "age"),
    "– class (each thread)": (book_day, "_classed"),
    "– facts (each thread)": (book_day, "loan_facts"),
    "– cases (each thread)": (book_day, "case_facts"),
    "– what is wanted (each thread)": (book_day, "want"),
    "publish": (day_run, "_publish"),
    "– work out": (day_run, "work_out"),
    "– – people from the desk": (book_day, "_introduced"),
    "– – propose, law included": (book_day, "propose"),
    "– – – law": (propose, "_decide"),
    "– – settle": (book_day, "_settle"),
    "– – – assign": (book_day, "assign"),
    "– cases": (day_run, "change_cases"),
    "– – open": (cases, "open_many"),
    "– – loans": (cases, "set_loans"),
    "– – collectors": (cases, "assign_many"),
    "– meanwhile: snapshot, proposals, worklists": (day_run, "load_day"),
    "– meanwhile: loans of cases": (day_run, "load_loans"),
    "– figures": (day_run, "prepare_run"),
    "– log entry": (log, "append"),
    "– meanwhile: manifest (digests)": (day_run, "_manifest"),
    "– – decisions' root": (day_run, "slices_of"),
    "– meanwhile: inputs frozen": (day_run, "freeze"),
    "– meanwhile: which ages are new": (day_run, "new_ages"),
    "– meanwhile: ages to Delta": (Store, "append"),
    "drop old partitions": (runs, "drop_old"),
}
"""What is timed. Where shards run side by side (each thread), the seconds of all threads are added up."""

AFTER = "– figures"
"""The phase that follows once a run is published."""


@contextmanager
def watched(spent: dict[str, float], phases: dict[str, tuple[Any, str]]) -> Iterator[None]:
    """Add up the seconds spent in these functions."""
    lock = Lock()
    held: list[tuple[Any, str, Any]] = []
    for name, (owner, attribute) in phases.items():
        original = getattr(owner, attribute)
        held.append((owner, attribute, original))
        setattr(owner, attribute, _timed(original, name, spent, lock))
    try:
        yield
    finally:
        for owner, attribute, original in held:
            setattr(owner, attribute, original)


def _timed(original: Callable[P, R], name: str, spent: dict[str, float], lock: Lock) -> Callable[P, R]:
    @wraps(original)
    def timed(*args: P.args, **named: P.kwargs) -> R:
        begun = perf_counter()
        try:
            return original(*args, **named)
        finally:
            with lock:
                spent[name] = spent.get(name, 0.0) + perf_counter() - begun

    return timed


@contextmanager
def copied(place: Place, home: Path, name: str, *, like: str) -> Iterator[tuple[Database, Store]]:
    """A database and a book of their own, as they were when set up."""
    url = new_database(place, name, like=like)
    book = home / f"book-{name}"
    copytree(home / "book", book, copy_function=os.link)
    try:
        with Database(url, limits=BATCH) as database:
            yield database, Store(book)
    finally:
        drop_database(place, name)
        rmtree(book)


def run(database: Database, store: Store, vault: Vault, day: date = AS_OF) -> tuple[float, day_run.Run]:
    """Run a day; how long it took and what was published."""
    begun = perf_counter()
    done = day_run.run(
        database, store, lender_id=LENDER.lender_id, day=day, vault=vault, actor=ACTOR,
        clock=lambda: KNOWN + timedelta(hours=1), ahead=True,
    )  # fmt: skip
    return perf_counter() - begun, done


def measure(place: Place, home: Path, loans: int, **made: int) -> tuple[list[str], list[float], list[float]]:
    """Set up a lender of this many loans and run its first day several times.

    Returns lines for the table, and the seconds until each run was published and until all was done.
    """
    vault = Vault(new_ring())
    url = new_database(place, "filled")
    migrate(url)
    with Database(url, limits=BATCH) as database:
        spent = enter(database, Store(home / "book"), vault, loans=loans, **made)
    lines = [f"set-up: book written in {spent['book']:.1f} s, people registered and sealed in {spent['people']:.1f} s"]
    published: list[float] = []
    taken: list[float] = []
    found = set()
    for number in range(ROUNDS + 1):  # the first loads code and is not counted
        with copied(place, home, f"round_{number}", like="filled") as (database, store):
            after: dict[str, float] = {}
            with watched(after, {AFTER: PHASES[AFTER]}):
                second, done = run(database, store, vault)
            found.add(done.manifest["decisions_root"])
            if number:
                published.append(second - after[AFTER])
                taken.append(second)
    assert len(found) == 1, "the same inputs gave other decisions"
    phases: dict[str, float] = {}
    with copied(place, home, "watched", like="filled") as (database, store):
        with watched(phases, PHASES):
            _, done = run(database, store, vault)
        begun = perf_counter()
        verdict = verify(database, store, lender_id=LENDER.lender_id, day=AS_OF)
        verified = perf_counter() - begun
        assert verdict.holds, verdict
        second, _ = run(database, store, vault, AS_OF + timedelta(days=1))
    rows = {name: output["rows"] for name, output in done.manifest["outputs"].items()}
    lines += [
        "written: " + ", ".join(f"{count:,} {name}" for name, count in rows.items()),
        f"recomputed, and compared with every row that stands (`day verify`): {verified:.2f} s (once)",
        f"the day after, cases standing: {second:.2f} s (once)",
        f"memory at most: {_most_memory():.1f} GiB",
        "",
        "| phase | s |",
        "|---|---:|",
        *(f"| {name} | {phases[name]:.2f} |" for name in PHASES if name in phases),
    ]
    return lines, published, taken


def _most_memory() -> float:
    """GiB this process has held at most."""
    text = Path(f"/proc/{psutil.Process().pid}/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("VmHWM"))) / 2**20


def main() -> str:
    """Measure the persisted day."""
    loans = asked("LOANS", LOANS)
    before = load()
    with folder() as home, postgresql(home) as (place, name):
        lines, published, taken = measure(place, home, loans)
    return "\n".join([
        f"{loans:,} loans × 12 on {name}: published after **{shown(published)}** (aim: {AIM_SECONDS:.0f} s)",
        f"With the sums for screens, prepared after it: **{shown(taken)}**",
        "",
        *(f"- {line}" if line and not line.startswith("|") else line for line in lines),
        "",
        f"Load before: {before}; after: {load()}.",
    ])  # fmt: skip


if __name__ == "__main__":
    print(main())
