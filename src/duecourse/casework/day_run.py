"""The day run as an act: gather what the desk knows, run the day, publish it in one transaction.

What went in is frozen beside the book (frames of ids and states, no personal data), under the digest that the manifest
names, so that `day_past.verify` recomputes the day from the same inputs however much the desk has moved on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from importlib.metadata import version as version_installed
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import rfc8785

from duecourse.book import desk as book_desk
from duecourse.book.day import Aged, Hook, Outcome, work_out
from duecourse.book.desk import People
from duecourse.book.digest import digest
from duecourse.book.store import BookVersion, Store, version_from
from duecourse.book.strategy import first_in, read_strategy, shipped
from duecourse.casework import acceleration, lender_texts
from duecourse.casework.actor import Actor
from duecourse.casework.certificates import review_certificates
from duecourse.casework.day_inputs import Inputs, Progress, age, setting_of
from duecourse.casework.day_rows import change_cases, load_day, load_loans, written_by
from duecourse.casework.decisions import Slice, decisions_root, slices_of
from duecourse.casework.desk_state import PeopleOnDesk, desk_on, freeze, thaw_old
from duecourse.casework.figures.figure import Ground
from duecourse.casework.figures.preparing import forget_run, prepare_run
from duecourse.casework.ledger import take_up_first
from duecourse.casework.lender_law import learn
from duecourse.casework.plans import review_plans
from duecourse.casework.promise_settling import settle_promises
from duecourse.casework.promises import reckon_promises
from duecourse.casework.restate import new_ages
from duecourse.casework.waivers import review_waivers
from duecourse.storage import (
    books,
    lenders,
    log,
    runs,
    strategies,
)
from duecourse.storage.connection import Database, Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput

FORMAT = 1
FIRST_FROM = date(2000, 1, 1)
"""The day from which the strategy that comes with duecourse counts."""

SEED = 0
"""Stands in the manifest; the run draws nothing yet but from ids."""

Clock = Callable[[], datetime]


class DayAhead(BadInput):
    """A day that has not begun yet at the lender's."""

    def __init__(self, day: date, today: date) -> None:
        super().__init__(
            N_(
                "{day} has not begun yet: at the lender's it is {today}. Once published it would be the latest day, "
                "which worklists show; a published day is superseded only when the same day is run again. Run {today}"
            ),
            day=day,
            today=today,
        )


def check_begun(tx: Tx, day: date, now: datetime) -> None:
    """Raise `DayAhead` for a day that has not begun at the lender's."""
    today = now.astimezone(ZoneInfo(lenders.get(tx).zone)).date()
    if day > today:
        raise DayAhead(day, today)


@dataclass(frozen=True, slots=True)
class Run:
    """A published day run."""

    run_id: int
    day: date
    manifest: Mapping[str, Any]
    restated: int  # loans whose earlier days changed because of facts learnt since
    cases_of: date  # the day whose run the open cases follow: a later one, where one is published


def run(
    database: Database,
    store: Store,
    *,
    lender_id: str,
    day: date,
    vault: Vault,
    actor: Actor,
    clock: Clock,
    strategy: str | None = None,
    ahead: bool = False,
    hooks: Mapping[str, Hook] | None = None,
    threads: int = 2,
    progress: Progress = lambda _step, _done, _of: None,
) -> Run:
    """Run one day and publish it. Raises `RunInProgress` if another run of the lender is under way.

    Without a ``strategy`` named, the one in use on the day is taken: what two people activated, or the first shipped.
    Raises `DayAhead` for a day that has not begun at the lender's by the clock, unless ``ahead`` asks for it.

    What the desk entered since goes into the book first. A run that dies leaves nothing visible; run again, it ends
    the same.
    """
    with database.transaction(lender_id) as tx:
        review_plans(tx, store, vault=vault, actor=actor, now=clock())
        review_waivers(tx, store, vault=vault, actor=actor, now=clock())
        acceleration.review(tx, store, vault=vault, actor=actor, now=clock())
        review_certificates(tx, store, vault=vault, actor=actor, now=clock())
    take_up_first(database, store, lender_id, vault=vault, actor=actor, now=clock())
    with database.transaction(lender_id) as tx:
        reckon_promises(tx, store)
        base = _newest(tx)
        if not ahead:
            check_begun(tx, day, clock())
    with runs.claimed(database, lender_id, day=day, version=base.version, now=clock()) as run_id:
        progress("gather", 0, 1)
        with database.transaction(lender_id) as tx:
            inputs = _gather(tx, day, strategy=strategy, now=clock())
        people = PeopleOnDesk(database, inputs.lender, day, inputs.desk.aliases)
        aged = age(store, inputs, hooks=hooks, threads=threads, progress=progress)
        progress("publish", 0, 1)
        with database.transaction(lender_id) as tx:
            manifest, restated, cases_of = _publish(
                tx, database, store, inputs, aged=aged, people=people, run_id=run_id, models=sorted(hooks or {}),
                vault=vault, actor=actor, clock=clock,
            )  # fmt: skip
        store.done()
        with database.transaction(lender_id) as tx, database.transaction(lender_id) as other:
            now = clock()
            prepare_run(aged.ages, day, now, Ground(tx, store, now), Ground(other, store, now))
        with database.transaction(lender_id) as tx:
            reckon_promises(tx, store)
            settle_promises(tx, store, vault=vault, actor=actor, now=clock())
        with database.transaction(lender_id) as tx:
            runs.drop_old(tx, day)
        thaw_old(store, day)
    return Run(run_id, day, manifest, restated, cases_of)


def outputs_hash(manifest: Mapping[str, Any]) -> str:
    """One digest of everything that a run found, without what says when, how and where: equal content, equal digest.

    The root of the decisions is left out: its salts come of the key ring. The digest of the proposals has their rows.
    """
    return sha256(rfc8785.dumps(manifest["outputs"])).hexdigest()


def _newest(tx: Tx) -> books.BookVersion:
    found = books.newest(tx)
    if found is None:
        raise books.NoSuchVersion(None)
    return found


def _gather(tx: Tx, day: date, *, strategy: str | None, now: datetime) -> Inputs:
    lender = lender_texts.learn(tx, learn(tx, lenders.get(tx)))
    base = _newest(tx)
    kept = strategies.in_use(tx, day) if strategy is None else None
    name = strategy or first_in(lender.jurisdiction)
    kept = kept or strategies.on_day(tx, name, day)
    if kept is None:
        strategies.add(tx, strategy_id=name, content=shipped(name), from_day=FIRST_FROM, now=now)
        kept = strategies.on_day(tx, name, day)
    if kept is None:
        raise BadInput(N_("no strategy counts on {day}: days before {first} cannot be run"), day=day, first=FIRST_FROM)
    setting = setting_of(lender, day, read_strategy(kept.content, f"{kept.strategy_id}.yaml"))
    version = version_from(base.version, base.tables)
    return Inputs(lender, version, base.known_at, desk_on(tx, day, lender), setting, log.last_id(tx), kept.version)


def _manifest(
    inputs: Inputs, outcome: Outcome, models: list[str], kept_version: int, salts: bytes
) -> tuple[dict[str, Any], list[Slice]]:
    """What went in and what came out, by digest; canonical JSON of it is hashed and logged. And the slices."""
    slices = slices_of(outcome.proposals, salts)
    setting = inputs.setting
    strategy = {
        "name": setting.strategy.name, "version": setting.strategy.version, "sha256": setting.strategy.hash,
        "kept_version": kept_version,
    }  # fmt: skip
    tables = {name: at.hash for name, at in sorted(inputs.base.tables.items()) if name != "ages"}
    manifest = {
        "format": FORMAT,
        "lender": inputs.lender.lender_id,
        "day": setting.day.isoformat(),
        "inputs": {
            "book": {"version": inputs.base.version, "tables": tables},
            "known": inputs.known.isoformat(),
            "log_entries": inputs.entries,
            "desk": {name: digest(frame, book_desk.KEYS[name]) for name, frame in outcome.desk.frames().items()},
            "rulebook": setting.rulebook.hash,
            "packs": {pack.id: pack.hash for pack in setting.rulebook.packs},
            "register": setting.register.hash,
            "own_templates": list(inputs.lender.own_templates),
            "strategy": strategy,
            "models": models,
            "seed": SEED,
            "with": {name: version_installed(name) for name in ("duecourse", "numba", "polars", "tzdata")},
        },
        "outputs": outcome.hashes(),
        "decisions_root": decisions_root(slices).hex(),
    }
    return manifest, slices


def _publish(
    tx: Tx,
    database: Database,
    store: Store,
    inputs: Inputs,
    *,
    aged: Aged,
    people: People,
    run_id: int,
    models: list[str],
    vault: Vault,
    actor: Actor,
    clock: Clock,
) -> tuple[Mapping[str, Any], int, date]:
    """Everything of a run that others see becomes so in the one transaction ``tx``; the book's commit point comes last.

    Cases are those of the latest day: the run of an earlier one publishes what it found and leaves them alone.

    Meanwhile, since none of it shows before that: the ages are written, and the loans of cases loaded by a second
    connection, while the day is worked out; then the rows of the day are loaded, and the digests reckoned, while this
    one changes the cases.
    """
    books.lock(tx)
    base = _newest(tx)
    if base.version != inputs.base.version:
        raise books.BookMoved(inputs.base.version)
    now = clock()
    day = inputs.setting.day
    lender_id = inputs.lender.lender_id
    cases_of = max(day, runs.last_day(tx) or day)
    with database.transaction(lender_id) as ready:
        runs.make_ready(ready, run_id=run_id)
    with ThreadPoolExecutor(max_workers=3) as meanwhile:
        stored = meanwhile.submit(_write, store, inputs, aged.ages)
        loans = meanwhile.submit(
            load_loans, database, lender_id, store, inputs.base, aged, known=inputs.known, run_id=run_id
        )
        outcome = work_out(aged, inputs.desk, inputs.setting, people)
        loaded = meanwhile.submit(load_day, database, lender_id, outcome, run_id=run_id)
        salts = vault.index_normal(tx.lender_id, "decisions", day.isoformat())
        hashed = meanwhile.submit(_manifest, inputs, outcome, models, inputs.kept_version, salts)
        frozen_in = meanwhile.submit(freeze, store, day, run_id, outcome.desk)
        if cases_of == day:
            change_cases(tx, outcome, day=day, rule=inputs.setting.strategy.id, standing=inputs.desk.cases)
        (written, restated, changed), (manifest, slices) = stored.result(), hashed.result()
        for done in (loans, loaded, frozen_in):
            done.result()
    canonical = rfc8785.dumps(manifest)
    runs.publish(
        tx,
        run_id=run_id,
        inputs_hash=sha256(rfc8785.dumps(manifest["inputs"])).digest(),
        manifest=manifest,
        manifest_hash=sha256(canonical).digest(),
        now=now,
    )
    forget_run(tx, day, changed=changed)
    for number, one in enumerate(slices, 1):
        log.append(
            tx, vault=vault, kind="day_run.slice", at=now, actor=str(actor),
            stated={
                "day": day.isoformat(), "run": run_id, "slice": number, "of": len(slices), "first": one.first,
                "rows": one.rows, "root": one.root.hex(),
            },
        )  # fmt: skip
    entry = log.append(
        tx,
        vault=vault,
        kind="day_run.published",
        at=now,
        actor=str(actor),
        packs=[f"{name}@{value}" for name, value in manifest["inputs"]["packs"].items()],
        stated={
            "day": day.isoformat(),
            "manifest": sha256(canonical).hexdigest(),
            "decisions_root": manifest["decisions_root"],
            "decisions": outcome.proposals.height,
        },
    )
    if written.tables != inputs.base.tables:
        books.commit_version(
            tx,
            books.BookVersion(
                version=base.version + 1,
                parent=base.version,
                known_at=inputs.known,
                written_by=written_by(day),
                tables=written.plain(),
                content_hash=written.content_hash,
                log_entries=entry,
            ),
        )
    return manifest, restated, cases_of


def _write(store: Store, inputs: Inputs, ages: pl.DataFrame) -> tuple[BookVersion, int, list[date]]:
    """The ages as files of the book, not yet committed; how many loans were restated, and of which earlier days."""
    rows, restated = new_ages(store, inputs.base, inputs.setting, ages, known_by=inputs.known)
    store.begin(inputs.base)
    days = rows.filter(pl.col("day") != inputs.setting.day)["day"].unique().sort().to_list()
    return store.append(inputs.base, {"ages": rows}), restated, days
