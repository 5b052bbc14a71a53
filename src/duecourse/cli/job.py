"""``duecourse job``: background jobs, and the worker that carries them out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from duecourse.cli.output import Json, facts, print_json, say, table
from duecourse.cli.words import _, word

app = typer.Typer(help="Background jobs: tapes checked and imported, days run; asked for on screen, worked off here.")

Number = Annotated[int, typer.Argument(help="The job's number; `job list` shows it.", min=1)]
IDLE_SECONDS = 2


@app.command("list")
def list_jobs(
    *,
    before: Annotated[int | None, typer.Option(min=1, help="Only jobs before this number: the next page.")] = None,
    most: Annotated[int, typer.Option(min=1, max=500, help="Lines shown at the most.")] = 50,
    json: Json = False,
) -> None:
    """List jobs, the latest first."""
    from duecourse.app import open_desk
    from duecourse.casework.jobs import why
    from duecourse.storage import jobs

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = jobs.every(tx, before=before, most=most)
    if json:
        print_json(found)
        return
    table(
        _("Jobs"),
        [_("Number"), _("What"), _("State"), _("Asked by"), _("Asked on"), _("Why it failed")],
        [[str(one.job_id), word(one.kind), word(one.state), one.actor, one.at.date(), why(one, _)] for one in found],
    )


@app.command()
def show(number: Number, *, json: Json = False) -> None:
    """Show one job: how far it is, what came of it, why it failed."""
    from duecourse.app import open_desk
    from duecourse.casework.jobs import why
    from duecourse.storage import jobs

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        one = jobs.get(tx, number)
    if json:
        print_json(one)
        return
    facts(
        f"{word(one.kind)} {number}",
        [
            (_("State"), word(one.state)),
            (_("Progress"), f"{one.step} {one.step_done}/{one.step_of}" if one.step else None),
            (_("Asked by"), one.actor),
            (_("Asked on"), f"{one.at:%Y-%m-%d %H:%M}"),
            (_("Ended on"), f"{one.ended_at:%Y-%m-%d %H:%M}" if one.ended_at else None),
            (_("Why it failed"), why(one, _)),
            *((name, str(value)) for name, value in (one.found or {}).items() if isinstance(value, int | str)),
        ],
    )


@app.command()
def retry(number: Number, *, json: Json = False) -> None:
    """Let a job that failed be done again."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.jobs import try_again
    from duecourse.cli.person import operator

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        made = try_again(tx, vault=vault_of(desk.settings), job_id=number, actor=operator(), now=now())
    if json:
        print_json(made)
    else:
        say(_("Job {number} is done again by the next worker.").format(number=number))


@app.command()
def work(
    *,
    once: Annotated[bool, typer.Option("--once", help="End when nothing is left to do.")] = False,
    beside: Annotated[
        bool, typer.Option("--beside", help="End when the standard input is closed: with whoever started this.")
    ] = False,
    json: Json = False,
) -> None:
    """Work off the jobs of all lenders until Ctrl-C or SIGTERM. `duecourse serve` starts one by itself."""
    from dataclasses import replace

    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework.jobs import Shop, work_off
    from duecourse.storage import lenders
    from duecourse.storage.connection import BATCH

    if beside:
        follow_starter()
    done = 0
    with open_desk(limits=BATCH, lender_needed=False) as desk:
        where = desk.settings
        shop = Shop(
            desk.database, vault_of(where), lambda lender_id: store_of(replace(where, lender_id=lender_id)), now
        )
        while True:
            with desk.database.register() as tx:
                every = [one.lender_id for one in lenders.every(tx)]
            ended = sum(work_off(shop, lender_id) for lender_id in every)
            done += ended
            if not ended and once:
                break
            if not ended:
                time.sleep(IDLE_SECONDS)
    if json:
        print_json({"ended": done})
    else:
        say(_("Jobs that were ended: {count}").format(count=done))


@contextmanager
def worker_beside(noun: str = "job") -> Iterator[None]:
    """A worker in a process of its own for the length of the block; it ends with this process, however that ends."""
    command = [sys.executable, "-m", "duecourse", noun, "work", "--beside"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            yield
        finally:
            if process.stdin is not None:
                process.stdin.close()
            process.terminate()
            process.wait()


def follow_starter() -> None:
    """End this process, as if it were told to, when the standard input is closed."""

    def follow() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=follow, daemon=True, name="follows its starter").start()
