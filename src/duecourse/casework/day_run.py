"""The day run as an act: gather what the desk knows, run the day, publish it in one transaction; or verify a past one.

What went in is frozen beside the book (frames of ids and states, no personal data), under the digest that the manifest
names, so that `verify` recomputes the day from the same inputs however much the desk has moved on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from hashlib import sha256
from importlib.metadata import version as version_installed
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import rfc8785

from duecourse.book import desk as book_desk
from duecourse.book.day import Aged, Hook, Load, Outcome, Shard, age_book, work_out
from duecourse.book.desk import Desk, People
from duecourse.book.digest import digest
from duecourse.book.propose import Setting, planned
from duecourse.book.store import BookVersion, Store, version_from
from duecourse.book.strategy import Strategy, first_in, read_strategy, shipped
from duecourse.casework import acceleration, lender_texts
from duecourse.casework.actor import Actor
from duecourse.casework.day_rows import change_cases, load_day, load_loans
from duecourse.casework.decisions import Slice, decisions_root, slices_of
from duecourse.casework.desk_state import PeopleOnDesk, desk_on, freeze, frozen, thaw_old
from duecourse.casework.figures.figure import Ground
from duecourse.casework.figures.preparing import forget_run, prepare_run
from duecourse.casework.ledger import take_up_first
from duecourse.casework.lender_law import book_of, installed, learn, name_of
from duecourse.casework.plans import review_plans
from duecourse.casework.promise_settling import settle_promises
from duecourse.casework.promises import reckon_promises
from duecourse.casework.restate import new_ages
from duecourse.casework.strategy import checked
from duecourse.casework.waivers import review_waivers
from duecourse.law.rulebook import Rulebook
from duecourse.law.templates import Register
from duecourse.storage import (
    books,
    lenders,
    log,
    own_packs,
    runs,
    strategies,
)
from duecourse.storage.connection import Database, Tx
from duecourse.storage.lenders import Lender
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput

FORMAT = 1
FIRST_FROM = date(2000, 1, 1)
"""The day from which the strategy that comes with duecourse counts."""

SEED = 0
"""Stands in the manifest; the run draws nothing yet but from ids."""

Progress = Callable[[str, int, int], None]
Clock = Callable[[], datetime]


class DayAhead(BadInput):
    """A day that has not begun yet at the lender's."""

    def __init__(self, day: date, today: date) -> None:
        super().__init__(
            N_(
                "{day} has not begun yet: at the lender's it is {today}. Once published it would be the latest day, "
                "which worklists show; a published day is superseded only when the same day is run again. Run {today}, "
                "or ask for the day with --ahead"
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


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying a day found: per output the digest that was published and the one recomputed."""

    day: date
    outputs: Mapping[str, tuple[str, str]]

    @property
    def holds(self) -> bool:
        """Whether every output is what was published."""
        return all(published == again for published, again in self.outputs.values())


@dataclass(frozen=True, slots=True)
class _Inputs:
    """All that a run depends on."""

    lender: Lender
    base: BookVersion
    known: datetime
    desk: Desk
    setting: Setting
    entries: int
    kept_version: int  # under which the strategy is kept


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
        aged = _age(store, inputs, hooks=hooks, threads=threads, progress=progress)
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


def verify(
    database: Database,
    store: Store,
    *,
    lender_id: str,
    day: date,
    hooks: Mapping[str, Hook] | None = None,
    threads: int = 2,
) -> Verdict:
    """Recompute a published day from its frozen inputs and compare every output's digest."""
    inputs, manifest = _past_inputs(database, store, lender_id, day)
    _same_law(inputs.setting.rulebook, inputs.setting.register, manifest)
    again = work_out(_age(store, inputs, hooks=hooks, threads=threads), inputs.desk, inputs.setting).hashes()
    return Verdict(day, {name: (said["sha256"], again[name]["sha256"]) for name, said in manifest["outputs"].items()})


def planned_on(
    database: Database, store: Store, *, lender_id: str, day: date, threads: int = 2
) -> tuple[pl.DataFrame, str]:
    """What a published day planned, as the law is asked (`book.propose.planned`), from its frozen inputs.

    The installed packs give stage and class; which packs are asked about the contacts is the caller's choice. With it
    comes the jurisdiction of the lender.
    """
    inputs, _ = _past_inputs(database, store, lender_id, day)
    aged = _age(store, inputs, hooks={}, threads=threads)
    return planned(aged.wanted, inputs.desk, inputs.setting), inputs.lender.jurisdiction


def tried_on(
    database: Database, store: Store, *, lender_id: str, day: date, strategy: Strategy, threads: int = 2
) -> tuple[Outcome, Outcome]:
    """What a published day found, and what it would have found by another strategy, from its frozen inputs.

    People whom only the other strategy reaches are looked up as they stand now. Nothing is written.
    """
    inputs, _ = _past_inputs(database, store, lender_id, day)
    people = PeopleOnDesk(database, inputs.lender, day, inputs.desk.aliases)
    other = replace(inputs, setting=replace(inputs.setting, strategy=checked(strategy, inputs.setting.register)))
    was, would = (
        work_out(_age(store, one, hooks={}, threads=threads), one.desk, one.setting, people) for one in (inputs, other)
    )
    return was, would


def _past_inputs(database: Database, store: Store, lender_id: str, day: date) -> tuple[_Inputs, Mapping[str, Any]]:
    """What a published day was run from, as frozen with it, and its manifest."""
    with database.transaction(lender_id) as tx:
        published = runs.published(tx, day)
        lender = lenders.get(tx)
        manifest: Mapping[str, Any] = published.manifest or {}
        if "inputs" not in manifest:
            raise InputsUnknown(day)
        version = books.get(tx, int(manifest["inputs"]["book"]["version"]))
        kept = strategies.get(tx, *_strategy_key(manifest))
        # The packs that did not bind then, whatever binds now; what is named and is not here, `_same_law` finds.
        then = {str(name): str(digest) for name, digest in manifest["inputs"]["packs"].items()}
        ours = {pack.id for pack in installed()}
        own = [name_of(lender_id, then[name]) for name in then if name not in ours and _kept(tx, then[name])]
        texts = manifest["inputs"].get("own_templates", ())  # days before there were any say nothing of them
        lender = replace(lender, packs_off=sorted(ours - set(then)), own_packs=own, own_templates=texts)
        lender = lender_texts.learn(tx, learn(tx, lender))
    text = kept.content if kept else ""
    desk = frozen(store, day, published.run_id, manifest["inputs"]["desk"])
    setting = _setting(lender, day, read_strategy(text, "the strategy of the run"))
    known = datetime.fromisoformat(manifest["inputs"]["known"])
    at = version_from(version.version, version.tables)
    return _Inputs(lender, at, known, desk, setting, 0, kept.version if kept else 0), manifest


def _kept(tx: Tx, pack_hash: str) -> bool:
    return own_packs.by_hash(tx, bytes.fromhex(pack_hash)) is not None


def _strategy_key(manifest: Mapping[str, Any]) -> tuple[str, int]:
    kept = manifest["inputs"]["strategy"]
    return str(kept["name"]), int(kept["kept_version"])


class InputsUnknown(BadInput):
    """A published day whose manifest does not say what it was run from."""

    def __init__(self, day: date) -> None:
        super().__init__(N_("the manifest of {day} does not say what the day was run from; run the day again"), day=day)


class LawMoved(BadInput):
    """The installed packs or templates are not those of the run."""

    def __init__(self, what: str, then: str, now: str) -> None:
        super().__init__(
            N_("the day ran with {what} {then}, installed is {now}; verify it with the duecourse that ran it"),
            what=what,
            then=then[:12],
            now=now[:12],
        )


def _same_law(book: Rulebook, register: Register, manifest: Mapping[str, Any]) -> None:
    for what, then, now in (
        (N_("rulebook"), manifest["inputs"]["rulebook"], book.hash),
        (N_("register of templates"), manifest["inputs"]["register"], register.hash),
    ):
        if then != now:
            raise LawMoved(what, then, now)


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


def _setting(lender: Lender, day: date, strategy: Strategy) -> Setting:
    book = book_of(lender)
    register = lender_texts.register_of(lender)
    return Setting(day, lender.lender_type, lender.zone, checked(strategy, register), book, register)


def _gather(tx: Tx, day: date, *, strategy: str | None, now: datetime) -> _Inputs:
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
    setting = _setting(lender, day, read_strategy(kept.content, f"{kept.strategy_id}.yaml"))
    version = version_from(base.version, base.tables)
    return _Inputs(lender, version, base.known_at, desk_on(tx, day, lender), setting, log.last_id(tx), kept.version)


def _shards(store: Store, version: BookVersion, known: datetime) -> list[Load]:
    def load(shard: int) -> Shard:
        return Shard(
            *(store.read(version, table, shard=shard, known=known) for table in ("loans", "instalments", "events"))
        )

    return [partial(load, shard) for shard in range(version.shards)]


def _age(
    store: Store,
    inputs: _Inputs,
    *,
    hooks: Mapping[str, Hook] | None,
    threads: int,
    progress: Progress = lambda _step, _done, _of: None,
) -> Aged:
    hooks = hooks or {}
    return age_book(
        _shards(store, inputs.base, inputs.known),
        store.read(inputs.base, "conventions"),
        inputs.desk,
        inputs.setting,
        known=inputs.known,
        hooks=tuple(hooks[name] for name in sorted(hooks)),
        threads=threads,
        progress=progress,
    )


def _manifest(
    inputs: _Inputs, outcome: Outcome, models: list[str], kept_version: int, salts: bytes
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
    inputs: _Inputs,
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
                written_by=f"day run {day}",
                tables=written.plain(),
                content_hash=written.content_hash,
                log_entries=entry,
            ),
        )
    return manifest, restated, cases_of


def _write(store: Store, inputs: _Inputs, ages: pl.DataFrame) -> tuple[BookVersion, int, list[date]]:
    """The ages as files of the book, not yet committed; how many loans were restated, and of which earlier days."""
    rows, restated = new_ages(store, inputs.base, inputs.setting, ages, known_by=inputs.known)
    store.begin(inputs.base)
    days = rows.filter(pl.col("day") != inputs.setting.day)["day"].unique().sort().to_list()
    return store.append(inputs.base, {"ages": rows}), restated, days
