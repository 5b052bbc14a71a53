"""A published day worked out again from its frozen inputs: to verify it, to ask the law of it, to try another strategy.

Verifying compares with the manifest, whose hash the log recorded, what is recomputed and what stands (`day_standing`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import polars as pl
import rfc8785

from duecourse.book.day import Hook, Outcome, work_out
from duecourse.book.propose import planned
from duecourse.book.store import Store, version_from
from duecourse.book.strategy import Strategy, read_strategy
from duecourse.casework import lender_texts
from duecourse.casework.day_inputs import Inputs, age, setting_of
from duecourse.casework.day_standing import Stands, standing
from duecourse.casework.desk_state import PeopleOnDesk, frozen
from duecourse.casework.lender_law import installed, learn, name_of
from duecourse.casework.strategy import checked
from duecourse.evidence import record
from duecourse.law.rulebook import Rulebook
from duecourse.law.templates import Register
from duecourse.storage import books, lenders, log, own_packs, runs, strategies
from duecourse.storage.connection import Database, Tx
from duecourse.trouble import N_, BadInput, Busy


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying a day found: per output the digest that was published and the one recomputed; and what stands."""

    day: date
    outputs: Mapping[str, tuple[str, str]]
    stored: Mapping[str, Stands]  # of each output that is stored, and whose rows have not gone in their time
    manifest: tuple[str | None, str]  # its hash as the log recorded it, and as it stands

    @property
    def holds(self) -> bool:
        """Whether every output is what was published, recomputed and as it stands, and the manifest what was logged."""
        again = all(published == again for published, again in self.outputs.values())
        return again and self.manifest[0] == self.manifest[1] and all(map(self.stands, self.stored))

    def stands(self, name: str) -> bool:
        """Whether an output is stored as it was published."""
        kept = self.stored[name]
        return kept.rows == 0 and kept.digest == self.outputs[name][0]


def verify(
    database: Database,
    store: Store,
    *,
    lender_id: str,
    day: date,
    hooks: Mapping[str, Hook] | None = None,
    threads: int = 2,
) -> Verdict:
    """Recompute a published day from its frozen inputs, read what stands of it, and compare both with the manifest.

    Raises `RunAgain` where the day is run again meanwhile.
    """
    inputs, published = _past_inputs(database, store, lender_id, day)
    manifest = _manifest_of(published)
    _same_law(inputs.setting.rulebook, inputs.setting.register, manifest)
    aged = age(store, inputs, hooks=hooks, threads=threads)
    outcome = work_out(aged, inputs.desk, inputs.setting)
    with database.transaction(lender_id) as tx:
        stored = standing(tx, store, run=published, base=inputs.base, aged=aged, outcome=outcome)
        logged = _logged(tx, published)
        if runs.published(tx, day).run_id != published.run_id:
            raise RunAgain(day)
    again = outcome.hashes()
    outputs = {name: (said["sha256"], again[name]["sha256"]) for name, said in manifest["outputs"].items()}
    return Verdict(day, outputs, stored, (logged, sha256(rfc8785.dumps(dict(manifest))).hexdigest()))


def _logged(tx: Tx, run: runs.Run) -> str | None:
    """The hash of a run's manifest as the log recorded it: the last of the day, where several ended at one instant."""
    for entry in reversed(log.of_kind_at(tx, "day_run.published", run.ended_at)) if run.ended_at else ():
        stated = record.read(entry.content)["stated"]
        if isinstance(stated, dict) and stated.get("day") == run.day.isoformat():
            return str(stated["manifest"])
    return None


class RunAgain(Busy):
    """The day was run again while it was verified."""

    def __init__(self, day: date) -> None:
        super().__init__(N_("{day} was run again while it was verified; verify it again"), day=day)


def planned_on(
    database: Database, store: Store, *, lender_id: str, day: date, threads: int = 2
) -> tuple[pl.DataFrame, str]:
    """What a published day planned, as the law is asked (`book.propose.planned`), from its frozen inputs.

    The installed packs give stage and class; which packs are asked about the contacts is the caller's choice. With it
    comes the jurisdiction of the lender.
    """
    inputs, _ = _past_inputs(database, store, lender_id, day)
    aged = age(store, inputs, hooks={}, threads=threads)
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
        work_out(age(store, one, hooks={}, threads=threads), one.desk, one.setting, people) for one in (inputs, other)
    )
    return was, would


def _manifest_of(run: runs.Run) -> Mapping[str, Any]:
    return run.manifest or {}


def _past_inputs(database: Database, store: Store, lender_id: str, day: date) -> tuple[Inputs, runs.Run]:
    """What a published day was run from, as frozen with it, and its run."""
    with database.transaction(lender_id) as tx:
        published = runs.published(tx, day)
        lender = lenders.get(tx)
        manifest = _manifest_of(published)
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
    setting = setting_of(lender, day, read_strategy(text, "the strategy of the run"))
    known = datetime.fromisoformat(manifest["inputs"]["known"])
    at = version_from(version.version, version.tables)
    return Inputs(lender, at, known, desk, setting, 0, kept.version if kept else 0), published


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
