"""The demo lender on the desk: its tapes through the same importer as everybody's, its last three days run.

Each day: the delta tape that the lender sent, what its people did until then, the day run. A step that was done before
is not done again, so that a start which was stopped goes on where it stood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from duecourse.book.store import Store
from duecourse.book.tape import intake
from duecourse.book.tape import mapping as mappings
from duecourse.casework.actor import Actor, Role
from duecourse.casework.book_import import Order, import_tape
from duecourse.casework.day_run import run
from duecourse.casework.desk_import import import_desk
from duecourse.casework.enter_lender import enter_lender
from duecourse.casework.figures.figure import Ground
from duecourse.casework.figures.preparing import find_near_misses, prepare_costly
from duecourse.casework.ledger import take_up_first
from duecourse.casework.lender_law import law_of
from duecourse.casework.letterhead import enter_line
from duecourse.casework.mending import file_of
from duecourse.casework.registers import put_on_record
from duecourse.sim import staff
from duecourse.sim import users as people
from duecourse.sim.generate import MADE
from duecourse.sim.lender import (
    CURRENCY,
    DELTA_DAYS,
    FIRST_DAY,
    FULL_DAY,
    JURISDICTION,
    LAST_DAY,
    LENDER_ID,
    LENDER_TYPE,
    LETTERHEAD,
    NAME,
    ZONE,
    calendar,
    end_of,
)
from duecourse.storage import books, figures, lenders, runs, senders, standing, users
from duecourse.storage.connection import Database
from duecourse.storage.lenders import Lender
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput

ACTOR: Final = Actor(Role.SCHEDULE, "demo")

Told = Callable[[str, int, int], None]


class NotTheDemo(BadInput):
    """Another lender stands under the demo's code."""

    def __init__(self) -> None:
        super().__init__(
            N_("lender {lender_id!r} is here and is no demo lender; point DUECOURSE_HOME at another folder"),
            lender_id=LENDER_ID,
        )


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the staging: its kind (import, desk, run, users, figures), its day, and what does it."""

    kind: str
    day: date
    do: Callable[[Told], None]


def steps(database: Database, store: Store, vault: Vault, tapes: Path) -> Iterator[Step]:
    """The steps not yet done, in order; each is whole once its ``do`` returns."""
    with database.transaction(LENDER_ID) as tx:
        found = lenders.find(tx)
        if found is not None and not found.demo:
            raise NotTheDemo
        if found is None:
            enter_lender(
                tx,
                Lender(
                    LENDER_ID, NAME, JURISDICTION, ZONE, CURRENCY, LENDER_TYPE, demo=True, masters={"payment": "tape"}
                ),
                vault=vault,
                actor=ACTOR,
                now=end_of(FULL_DAY),
            )
        published = {one.day for one in runs.every(tx) if one.state == "published"}
        imported = {one.known_at for one in books.every(tx) if not one.written_by.startswith("day run")}
    for day in (FULL_DAY, *DELTA_DAYS):
        if end_of(day) not in imported:
            yield Step("import", day, _import(database, store, vault, tapes=tapes, day=day))
        if day in published or (day == FULL_DAY and published):
            continue
        if (tapes / "desk" / day.isoformat()).exists():
            yield Step("desk", day, _desk(database, vault, tapes, day))
        if day != FULL_DAY:
            yield Step("run", day, _run(database, store, vault, day))
    with database.transaction(LENDER_ID) as tx:
        there = {one.user_id for one in users.every(tx)}
    if not there >= {one for one, _role, _team in people.USERS}:
        yield Step("users", LAST_DAY, _users(database, vault))
    with database.transaction(LENDER_ID) as tx:
        prepared = figures.prepared(tx, "book.roll", FULL_DAY, LAST_DAY)
    if not prepared:
        yield Step("figures", LAST_DAY, _figures(database, store))


def staged(database: Database, tapes: Path) -> bool:
    """Whether everything has been done."""
    if not (tapes / MADE).exists():
        return False
    with database.transaction(LENDER_ID) as tx:
        published = {one.day for one in runs.every(tx) if one.state == "published"}
    return published >= set(DELTA_DAYS)


def _import(database: Database, store: Store, vault: Vault, *, tapes: Path, day: date) -> Callable[[Told], None]:
    def do(told: Told) -> None:
        mapping = mappings.load(mappings.find("standard"))
        order = Order(
            mapping=mapping,
            sources=intake.sources([tapes / day.isoformat()], mapping),
            full=day == FULL_DAY,
            calendar=calendar(),
        )
        take_up_first(database, store, LENDER_ID, vault=vault, actor=ACTOR, now=end_of(day))
        with database.transaction(LENDER_ID) as tx:
            import_tape(
                tx, vault=vault, store=store, order=order, actor=ACTOR, now=end_of(day), told=told,
                quarantine_file=file_of(store, order, end_of(day)),
            )  # fmt: skip
        store.done()
        database.gather(standing.TABLES)

    return do


def _desk(database: Database, vault: Vault, tapes: Path, day: date) -> Callable[[Told], None]:
    def do(_told: Told) -> None:
        with database.transaction(LENDER_ID) as tx:
            import_desk(tx, tapes / "desk" / day.isoformat(), vault=vault, actor=ACTOR, now=end_of(day))
            if not senders.every(tx):
                for number, kind, since in staff.records():
                    put_on_record(
                        tx, vault=vault, firm="", staff=number, kind=kind, from_day=since, source="demo", actor=ACTOR,
                        now=end_of(day),
                    )  # fmt: skip
                for name, value in LETTERHEAD.items():
                    enter_line(
                        tx, vault=vault, name=name, value=value, source="demo", actor=ACTOR, now=end_of(day),
                        from_day=FIRST_DAY,
                    )  # fmt: skip
        database.gather(standing.TABLES)

    return do


def _users(database: Database, vault: Vault) -> Callable[[Told], None]:
    def do(_told: Told) -> None:
        with database.transaction(LENDER_ID) as tx:
            people.enter(tx, vault=vault, actor=ACTOR, now=end_of(LAST_DAY))

    return do


def _figures(database: Database, store: Store) -> Callable[[Told], None]:
    def do(told: Told) -> None:
        now = end_of(LAST_DAY)
        with database.transaction(LENDER_ID) as tx:
            find_near_misses(tx, law_of(tx))
            prepare_costly(LAST_DAY, now, Ground(tx, store, now, progress=lambda done, of: told("figures", done, of)))

    return do


def _run(database: Database, store: Store, vault: Vault, day: date) -> Callable[[Told], None]:
    def clock() -> datetime:
        return end_of(day)

    def do(told: Told) -> None:
        run(
            database, store, lender_id=LENDER_ID, day=day, vault=vault, actor=ACTOR, clock=clock, progress=told
        )  # fmt: skip

    return do
