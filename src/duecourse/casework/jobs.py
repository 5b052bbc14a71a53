"""Background jobs: asked for on screen, carried out by a worker, whoever of several comes first.

A job is a row; whoever works on it holds a lock of the session that the server lets go when the process dies, so that a
job whose worker died is begun again by the next. What a job does is one act that commits by itself or leaves nothing.
What does not belong here: telling webhooks (`casework.telling`), which has rows and waits of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from duecourse.book.store import Store
from duecourse.book.tape import intake
from duecourse.book.tape import mapping as mappings
from duecourse.book.tape import patch as patches
from duecourse.casework import day_run, mending
from duecourse.casework.actor import Actor, Role
from duecourse.casework.book_import import Imported, Looked, Order, import_tape, look
from duecourse.casework.ledger import take_up_first
from duecourse.casework.upload import drop_late, drop_upload, open_upload
from duecourse.storage import jobs, log, standing
from duecourse.storage.connection import Database, Tx
from duecourse.storage.jobs import Job
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, Busy, Refused, Said, Trouble, masked, worded

ATTEMPTS_MAX = 3
AGAIN_AFTER = timedelta(seconds=10)
"""When a job is tried again that somebody else's work stood in the way of."""

TOLD_EVERY = timedelta(milliseconds=300)
FAULTS_SHOWN = 200


class NotFailed(Refused):
    """Only what failed is done again."""

    def __init__(self, job_id: int) -> None:
        super().__init__(N_("job {number} did not fail; there is nothing to do again"), number=job_id)


class NotChecked(Refused):
    """A tape is imported after it was checked."""

    def __init__(self, job_id: int) -> None:
        super().__init__(N_("job {number} is no check of a tape that was done"), number=job_id)


@dataclass(frozen=True, slots=True)
class Shop:
    """What jobs are carried out with."""

    database: Database
    vault: Vault
    store: Callable[[str], Store]
    clock: Callable[[], datetime]


def ask_job(tx: Tx, *, vault: Vault, kind: str, asked: Mapping[str, Any], actor: Actor, now: datetime) -> int:
    """Ask for a job, with a record of who did; returns its number."""
    number = jobs.add(tx, kind=kind, asked=asked, actor=str(actor), now=now)
    log.append(tx, vault=vault, kind="job.asked", at=now, actor=str(actor), stated={"job": number, "kind": kind})
    return number


def ask_day_run(tx: Tx, *, vault: Vault, day: date, actor: Actor, now: datetime) -> int:
    """Ask for the run of a day. Raises `day_run.DayAhead`."""
    day_run.check_begun(tx, day, now)
    return ask_job(tx, vault=vault, kind="day_run", asked={"day": day.isoformat()}, actor=actor, now=now)


def ask_import(tx: Tx, *, vault: Vault, job_id: int, actor: Actor, now: datetime) -> int:
    """Ask for the import of a tape that a job checked. Raises `NotChecked`, `jobs.NoSuchJob`."""
    checked = jobs.get(tx, job_id)
    if (checked.kind, checked.state) != ("tape_check", "finished"):
        raise NotChecked(job_id)
    return ask_job(
        tx, vault=vault, kind="tape_import", asked={**checked.asked, "checked": job_id}, actor=actor, now=now
    )


def try_again(tx: Tx, *, vault: Vault, job_id: int, actor: Actor, now: datetime) -> Job:
    """Let a job that failed be done again. Raises `NotFailed`, `jobs.NoSuchJob`."""
    if jobs.get(tx, job_id).state != "aborted":
        raise NotFailed(job_id)
    jobs.again(tx, job_id, due_at=now)
    log.append(tx, vault=vault, kind="job.asked_again", at=now, actor=str(actor), stated={"job": job_id})
    return jobs.get(tx, job_id)


def in_words(job: Job) -> str | None:
    """Why a job failed, in English; None where it did not."""
    return why(job, lambda text: text)


def why(job: Job, translate: Callable[[str], str]) -> str | None:
    """Why a job failed, in the language of ``translate``; None where it did not."""
    return None if job.trouble is None else str(worded(*_unkept(job.trouble), translate))


def work_off(shop: Shop, lender_id: str, *, most: int = 1) -> int:
    """Carry out jobs of a lender that are due and that nobody else works on; returns how many were ended."""
    with shop.database.transaction(lender_id) as tx:
        drop_late(tx, store=shop.store(lender_id), now=shop.clock())
        waiting = jobs.due(tx, now=shop.clock())
    ended = 0
    for number in waiting:
        with shop.database.session_lock(f"job {lender_id} {number}") as held:
            if held:
                ended += _work(shop, lender_id, number)
        if ended >= most:
            break
    return ended


def _work(shop: Shop, lender_id: str, number: int) -> bool:
    with shop.database.transaction(lender_id) as tx:
        job = jobs.begin(tx, number, now=shop.clock())
        if job is not None and job.attempts > ATTEMPTS_MAX:
            said = {
                "sentence": N_("its worker ended {count} times before it was done"),
                "values": {"count": ATTEMPTS_MAX},
            }
            jobs.failed(tx, number, trouble=said, now=shop.clock())
            return True
    if job is None:
        return False
    try:
        found = _KINDS[job.kind](shop, lender_id, job)
    except Busy:  # an import or a run of somebody else: this one comes after it
        with shop.database.transaction(lender_id) as tx:
            jobs.again(tx, number, due_at=shop.clock() + AGAIN_AFTER)
        return False
    except Exception as error:  # noqa: BLE001 - whatever it is, the job says so, and the worker goes on
        with shop.database.transaction(lender_id) as tx:
            jobs.failed(tx, number, trouble=_told(error), now=shop.clock())
        return True
    with shop.database.transaction(lender_id) as tx:
        jobs.done(tx, number, found=found, now=shop.clock())
        for upload in _uploads(job) if job.kind == "tape_import" else ():
            drop_upload(tx, store=shop.store(lender_id), upload_id=upload, now=shop.clock())
    return True


def _uploads(job: Job) -> list[int]:
    """The numbers of the files that a job works on."""
    patch = job.asked.get("patch")
    return [int(one) for one in (*job.asked.get("uploads", ()), *([] if patch is None else [patch]))]


def _told(error: Exception) -> dict[str, Any]:
    """What went wrong, to be put into words where it is shown; nothing that we did not word is quoted unmasked."""
    if isinstance(error, Trouble) and error.values:
        return _kept(error.sentence, error.values)
    first = str(error).partition("\n")[0]
    text = str(error) if isinstance(error, Trouble) else masked(f"{type(error).__name__}: {first}")
    return {"sentence": N_("{said}"), "values": {"said": text}}


def _kept(sentence: str, values: Mapping[str, object]) -> dict[str, Any]:
    """A sentence as JSON, with those among its values that are sentences themselves."""
    kept = {
        name: _kept(value.sentence, value.values)
        if isinstance(value, Said)
        else value
        if isinstance(value, int)
        else str(value)
        for name, value in values.items()
    }
    return {"sentence": sentence, "values": kept}


def _unkept(kept: Mapping[str, Any]) -> tuple[str, dict[str, object]]:
    """A sentence and its values from JSON."""
    values: dict[str, object] = {}
    for name, value in kept["values"].items():
        if isinstance(value, dict):
            sentence, inner = _unkept(value)
            values[name] = Said(sentence, **inner)
        else:
            values[name] = value
    return str(kept["sentence"]), values


def _teller(shop: Shop, lender_id: str, number: int) -> Callable[[str, int, int], None]:
    """Says how far a job is, in transactions of its own, not at every step."""
    last: list[datetime] = []

    def tell(step: str, done: int, of: int) -> None:
        now = shop.clock()
        if not last or now - last[-1] >= TOLD_EVERY or done == of:
            last[:] = [now]
            with shop.database.transaction(lender_id) as tx:
                jobs.progress(tx, number, step=step, done=done, of=of)

    return tell


@contextmanager
def _tape(shop: Shop, lender_id: str, job: Job) -> Iterator[tuple[Order, intake.Unmatched]]:
    """The files of a job, in a folder that nobody else can read, and how they are to be taken."""
    asked = job.asked
    text = asked.get("mapping_text")
    name = str(asked["mapping"])
    mapping = mappings.parse(str(text), name) if text else mappings.load(mappings.find(name))
    with TemporaryDirectory(prefix="tape-") as place, TemporaryDirectory(prefix="patch-") as aside:
        with shop.database.transaction(lender_id) as tx:
            for upload in asked["uploads"]:
                file, content = open_upload(tx, vault=shop.vault, store=shop.store(lender_id), upload_id=int(upload))
                (Path(place) / file).write_bytes(content)
            if "patch" in asked:
                file, content = open_upload(
                    tx, vault=shop.vault, store=shop.store(lender_id), upload_id=int(asked["patch"])
                )
                (Path(aside) / file).write_bytes(content)
        order = Order(
            mapping=mapping, sources=intake.sources([Path(place)], mapping), full=bool(asked.get("full")),
            all_or_nothing=bool(asked.get("all_or_nothing")),
            patch=patches.load(Path(aside) / file) if "patch" in asked else None,
        )  # fmt: skip
        yield order, intake.unmatched([Path(place)], mapping)


def _check(shop: Shop, lender_id: str, job: Job) -> dict[str, Any]:
    with _tape(shop, lender_id, job) as (order, left), shop.database.transaction(lender_id) as tx:
        tell = _teller(shop, lender_id, job.job_id)
        looked = look(tx, store=shop.store(lender_id), order=order, now=shop.clock(), told=tell)
        return plain_look(looked, left)


def _import(shop: Shop, lender_id: str, job: Job) -> dict[str, Any]:
    store, now = shop.store(lender_id), shop.clock()
    with _tape(shop, lender_id, job) as (order, left):
        take_up_first(shop.database, store, lender_id, vault=shop.vault, actor=_asker(job), now=now)
        with shop.database.transaction(lender_id) as tx:
            done = import_tape(
                tx, vault=shop.vault, store=store, order=order, actor=_asker(job), now=now,
                quarantine_file=mending.file_of(store, order, now),
                told=_teller(shop, lender_id, job.job_id),
            )  # fmt: skip
        store.done()
        shop.database.gather(standing.TABLES)
        return plain_import(done, left)


def _run_day(shop: Shop, lender_id: str, job: Job) -> dict[str, Any]:
    ran = day_run.run(
        shop.database, shop.store(lender_id), lender_id=lender_id, day=date.fromisoformat(str(job.asked["day"])),
        vault=shop.vault, actor=_asker(job), clock=shop.clock, progress=_teller(shop, lender_id, job.job_id),
    )  # fmt: skip
    return {"run": ran.run_id, "day": ran.day.isoformat()}


_KINDS: Mapping[str, Callable[[Shop, str, Job], dict[str, Any]]] = {
    "tape_check": _check,
    "tape_import": _import,
    "day_run": _run_day,
}


def _asker(job: Job) -> Actor:
    role, _, ref = job.actor.partition(":")
    return Actor(Role(role), ref)


def plain_look(looked: Looked, left: intake.Unmatched) -> dict[str, Any]:
    """What a look at a tape found, as plain data: counts, and faults without their values."""
    names = [source.name for source in looked.arrival.sources]
    shown = looked.faults.head(FAULTS_SHOWN)
    return {
        "files": [
            {
                "file": names[count.src],
                "records": str(count.records),
                "rows_in": count.rows_in,
                "accepted": count.accepted,
                "quarantined": count.quarantined,
                "left_out": count.left_out,
            }
            for count in looked.counts
        ],
        "skipped": list(looked.skipped),
        "files_not_taken": list(left.files),
        "tables_without_a_file": list(left.tables),
        "principal_in": dict(looked.arrival.principal_in),
        "principal_accepted": dict(looked.arrival.principal_accepted),
        "loans_new": looked.arrival.change.loans_new,
        "loans_changed": looked.arrival.change.loans_changed,
        "terms_changed": looked.arrival.change.terms_changed,
        "terms_reckoned": looked.arrival.change.terms_reckoned,
        "terms": looked.arrival.change.terms.to_dicts(),
        "columns_not_read": [asdict(one) for one in looked.arrival.columns_unread],
        "loans_of_nothing": [
            {"file": names[src], "row": row}
            for src, row in looked.arrival.loans_of_nothing.head(FAULTS_SHOWN).iter_rows()
        ],
        "loans_of_nothing_count": looked.arrival.loans_of_nothing.height,
        "loans_by_number": looked.by_number,
        "rates_ppm": looked.arrival.rates_ppm and list(looked.arrival.rates_ppm),
        "quarantined": looked.quarantined,
        "faults": shown.select("file", "records", "row", "field", "rule", "why", "todo").to_dicts(),
    }


def plain_import(done: Imported, left: intake.Unmatched) -> dict[str, Any]:
    """What an import did, as plain data."""
    return {
        **plain_look(done.looked, left),
        "version": done.version,
        "changed": done.changed,
        "breaks": done.breaks.height,
        "figures_agreed": done.figures_agreed,
        "vanished": done.vanished,
        "people_rows": done.people,
    }
