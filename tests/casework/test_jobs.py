"""Background jobs: a tape sent, checked and imported by a worker; what fails says so, and is done again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from duecourse.book.store import Store
from duecourse.casework import jobs as acts
from duecourse.casework.actor import Actor, Role
from duecourse.casework.day_run import DayAhead
from duecourse.casework.jobs import NotChecked, NotFailed, Shop, work_off
from duecourse.casework.upload import KEPT, folder, keep_upload
from duecourse.storage import books, jobs, rotation, uploads
from duecourse.storage.connection import BATCH, Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.content import TamperedFile, open_content, seal_content
from tests.desk import enter
from tests.permit_desk import Clock
from tests.tapes import LOANS, NOW, PAYMENTS, VAULT

ADMIN = Actor(Role.ADMIN, "d1")
WRONG = LOANS.replace("C2,1200000", "C2,12OO000")


@pytest.fixture
def shop(database_url: str, tmp_path: Path) -> Iterator[Shop]:
    with Database(database_url, limits=BATCH) as database:
        enter(database)
        clock = Clock(NOW)
        yield Shop(database, VAULT, lambda lender: Store(tmp_path / "book" / lender), clock)


def send(shop: Shop, **files: str) -> int:
    with shop.database.transaction("demo") as tx:
        sent = [
            keep_upload(
                tx, vault=shop.vault, store=shop.store("demo"), name=f"{name}.csv", content=text.encode(), actor=ADMIN,
                now=shop.clock(), chance=os.urandom,
            )
            for name, text in files.items()
        ]  # fmt: skip
        asked = {"mapping": "standard", "uploads": sent}
        return acts.ask_job(tx, vault=shop.vault, kind="tape_check", asked=asked, actor=ADMIN, now=shop.clock())


def of(shop: Shop, number: int) -> jobs.Job:
    with shop.database.transaction("demo") as tx:
        return jobs.get(tx, number)


def found(shop: Shop, number: int) -> Any:  # noqa: ANN401 - JSON
    job = of(shop, number)
    assert job.state == "finished", job.trouble
    return job.found


def asked_import(shop: Shop, number: int) -> int:
    with shop.database.transaction("demo") as tx:
        return acts.ask_import(tx, vault=shop.vault, job_id=number, actor=ADMIN, now=shop.clock())


def test_a_tape_is_checked_then_imported_and_its_files_go(shop: Shop) -> None:
    checked = send(shop, loans=WRONG, payments=PAYMENTS)
    sealed = list(folder(shop.store("demo")).iterdir())
    assert len(sealed) == 2
    assert all(b"1200000" not in one.read_bytes() and b"loan" not in one.read_bytes() for one in sealed)
    with pytest.raises(NotChecked):
        asked_import(shop, checked)
    assert work_off(shop, "demo") == 1
    told = found(shop, checked)
    assert told["quarantined"] == 2
    assert {(one["file"], one["field"]) for one in told["faults"]} >= {("loans.csv", "principal_minor")}
    with shop.database.transaction("demo") as tx:
        assert books.newest(tx) is None  # nothing is imported yet

    imported = asked_import(shop, checked)
    assert work_off(shop, "demo") == 1
    told = found(shop, imported)
    assert (told["version"], told["changed"], told["quarantined"]) == (1, True, 2)
    assert of(shop, imported).actor == "admin:d1"
    with shop.database.transaction("demo") as tx:
        counted = tx.value("SELECT reltuples::int FROM pg_class WHERE relname = 'party'")
        assert counted == tx.value("SELECT count(*) FROM party"), "the gate's plans know how many there are now"
    assert not list(folder(shop.store("demo")).iterdir())
    assert work_off(shop, "demo") == 0


def test_a_day_that_has_not_begun_is_refused_when_it_is_asked_for(shop: Shop) -> None:
    today = NOW.astimezone(ZoneInfo("Asia/Shanghai")).date()
    with shop.database.transaction("demo") as tx:
        acts.ask_day_run(tx, vault=shop.vault, day=today, actor=ADMIN, now=NOW)
        with pytest.raises(DayAhead, match="has not begun yet"):
            acts.ask_day_run(tx, vault=shop.vault, day=today + timedelta(days=1), actor=ADMIN, now=NOW)
        assert len(jobs.every(tx)) == 1


def test_what_cannot_be_done_says_so_and_is_done_again(shop: Shop) -> None:
    number = send(shop, other=LOANS)
    assert work_off(shop, "demo") == 1
    failed = of(shop, number)
    assert failed.state == "aborted"
    assert "other.csv" in str(acts.in_words(failed)) or "no table" in str(acts.in_words(failed))
    with shop.database.transaction("demo") as tx:
        again = acts.try_again(tx, vault=shop.vault, job_id=number, actor=ADMIN, now=shop.clock())
        assert (again.state, again.attempts) == ("queued", 0)
        with pytest.raises(NotFailed):
            acts.try_again(tx, vault=shop.vault, job_id=number, actor=ADMIN, now=shop.clock())
    assert work_off(shop, "demo") == 1
    assert of(shop, number).attempts == 1


def test_a_job_whose_worker_died_is_begun_again_and_not_for_ever(shop: Shop) -> None:
    number = send(shop, loans=LOANS)
    for attempt in range(1, acts.ATTEMPTS_MAX + 1):
        with shop.database.transaction("demo") as tx:  # what a worker does that then dies
            begun = jobs.begin(tx, number, now=shop.clock())
            assert begun is not None
            assert begun.attempts == attempt
    assert work_off(shop, "demo") == 1
    assert "ended 3 times" in str(acts.in_words(of(shop, number)))


def test_of_two_workers_one_does_it(shop: Shop) -> None:
    number = send(shop, loans=LOANS)
    with shop.database.session_lock(f"job demo {number}") as held:
        assert held
        assert work_off(shop, "demo") == 0
    assert work_off(shop, "demo") == 1


def test_another_import_under_way_lets_it_wait(shop: Shop, waits: Callable[[], datetime]) -> None:
    checked = send(shop, loans=LOANS)
    work_off(shop, "demo")
    number = asked_import(shop, checked)
    with shop.database.transaction("demo") as tx:
        books.lock(tx)
        assert work_off(shop, "demo") == 0
    waiting = of(shop, number)
    assert (waiting.state, waiting.attempts, waiting.due_at) == ("queued", 0, waits())
    assert work_off(shop, "demo") == 0  # not due yet
    assert isinstance(shop.clock, Clock)
    shop.clock.forward(seconds=acts.AGAIN_AFTER.total_seconds())
    assert work_off(shop, "demo") == 1
    assert found(shop, number)["version"] == 1


@pytest.fixture
def waits(shop: Shop) -> Callable[[], datetime]:
    return lambda: shop.clock() + acts.AGAIN_AFTER


def test_a_file_that_nobody_came_back_for_is_deleted(shop: Shop) -> None:
    number = send(shop, loans=LOANS)
    work_off(shop, "demo")
    assert isinstance(shop.clock, Clock)
    shop.clock.forward(days=KEPT.days, seconds=1)
    work_off(shop, "demo")
    assert not list(folder(shop.store("demo")).iterdir())
    imported = asked_import(shop, number)
    work_off(shop, "demo")
    assert "no longer kept" in str(acts.in_words(of(shop, imported)))


def test_kept_files_move_to_the_newest_key(shop: Shop) -> None:
    send(shop, loans=LOANS)
    newer = Vault(VAULT.ring.with_new("k9"))
    with shop.database.transaction("demo") as tx:
        assert rotation.count_by_key(tx)[VAULT.ring.newest] >= 1
    rotation.rotate(shop.database, "demo", newer)
    with shop.database.transaction("demo") as tx:
        assert [one.key_id for one in uploads.kept(tx)] == ["k9"]
    assert work_off(Shop(shop.database, newer, shop.store, shop.clock), "demo") == 1


def test_a_file_that_was_changed_does_not_open() -> None:
    key = bytes(32)
    sealed = seal_content(key, b"abc", os.urandom)
    assert open_content(key, sealed) == b"abc"
    for broken in (sealed[:-1], sealed[:5], bytes([sealed[0] ^ 1]) + sealed[1:]):
        with pytest.raises(TamperedFile):
            open_content(key, broken)
