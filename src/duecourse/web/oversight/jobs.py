"""Background jobs on screen: tapes sent, checked, imported, days run; how far each is, what went wrong, once more."""

from __future__ import annotations

import os
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import Response

from duecourse.book.tape import mapping as mappings
from duecourse.book.tape.reasons import said
from duecourse.book.tape.terms import shown as term_shown
from duecourse.casework import jobs as acts
from duecourse.casework.rights import Right
from duecourse.casework.sending import NotMappingText, send_tape
from duecourse.casework.upload import BYTES_MAX
from duecourse.storage import floor, jobs, runs, webhooks
from duecourse.trouble import Trouble
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("oversight")

PAGE_ROWS = 30
OWN = "own"
"""The choice of a mapping that is sent with the tape."""


@pages.get("/jobs", right=Right.JOB_READ)
def every(visit: Visit) -> Response:
    """Jobs, the latest first; day runs, files taken out, and what is told to other systems beside them."""
    return visit.page("oversight/jobs.html", **_listed(visit))


@pages.get("/live/jobs", right=Right.JOB_READ)
def listed_now(visit: Visit) -> Response:
    """The list as it is now, for a page that stays open."""
    return visit.page("oversight/jobs_now.html", **_listed(visit))


@pages.get("/jobs/{job}", right=Right.JOB_READ)
def one(visit: Visit) -> Response:
    """One job: how far it is, what came of it, what went wrong."""
    return visit.page("oversight/job.html", **_one(visit))


@pages.get("/live/jobs/{job}", right=Right.JOB_READ)
def one_now(visit: Visit) -> Response:
    """The same as it is now."""
    return visit.page("oversight/job_now.html", **_one(visit))


@pages.post("/jobs/{job}/retry", right=Right.BOOK_MEND)
def retry(visit: Visit) -> Response:
    """Do again what failed."""
    number = visit.number("job", visit.path)
    with visit.transaction() as tx:
        acts.try_again(tx, vault=visit.parts.vault, job_id=number, actor=visit.actor, now=visit.now)
    return visit.go(f"/jobs/{number}", said=visit.say("It is done again."))


@pages.post("/jobs/{job}/import", right=Right.BOOK_MEND)
def import_checked(visit: Visit) -> Response:
    """Import the tape that a job checked."""
    with visit.transaction() as tx:
        made = acts.ask_import(
            tx, vault=visit.parts.vault, job_id=visit.number("job", visit.path), actor=visit.actor, now=visit.now
        )
    return visit.go(f"/jobs/{made}", said=visit.say("The import is asked for."))


@pages.post("/jobs/day-run", right=Right.BOOK_MEND)
def run_day(visit: Visit) -> Response:
    """Run a day."""
    day = visit.day("day")
    with visit.transaction() as tx:
        made = acts.ask_day_run(tx, vault=visit.parts.vault, day=day, actor=visit.actor, now=visit.now)
    return visit.go(f"/jobs/{made}", said=visit.say("The day run is asked for."))


@pages.get("/book/import", right=Right.BOOK_MEND)
def import_form(visit: Visit) -> Response:
    """Send a tape."""
    return _form(visit)


@pages.post("/book/import", right=Right.BOOK_MEND, body_max=BYTES_MAX)
def send(visit: Visit) -> Response:
    """Keep the files, sealed, and have them checked; nothing is imported yet."""
    files = [one for one in visit.form.getlist("file") if isinstance(one, UploadFile) and one.filename]
    try:
        mapping, own = _mapping(visit)
        with visit.transaction() as tx:
            made = send_tape(
                tx, vault=visit.parts.vault, store=visit.parts.store(visit.lender_id),
                files=[(str(one.filename), one.file.read()) for one in files], mapping=mapping, own=own,
                full=visit.text("full") == "1", all_or_nothing=visit.text("all_or_nothing") == "1",
                actor=visit.actor, now=visit.now, chance=os.urandom,
            )  # fmt: skip
    except Trouble as error:
        return _form(visit, error=sentence(error, visit.choice.language))
    return visit.go(f"/jobs/{made}", said=visit.say("The files are kept, sealed, and are checked now."))


def _mapping(visit: Visit) -> tuple[str, bytes | None]:
    """The name of the mapping that was chosen, or name and content of the one that was sent."""
    chosen = visit.text("mapping")
    if chosen != OWN:
        return chosen, None
    sent = visit.form.get("mapping_file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise NotMappingText
    return sent.filename, sent.file.read()


def _form(visit: Visit, *, error: str = "") -> Response:
    return visit.page(
        "oversight/import.html", status=422 if error else 200, error=error, own=OWN,
        mappings=[*mappings.shipped(), OWN], most_mb=BYTES_MAX // 1_000_000,
    )  # fmt: skip


def _listed(visit: Visit) -> dict[str, Any]:
    before = visit.number("before", visit.query) if visit.query.get("before") else None
    with visit.transaction() as tx:
        found = jobs.every(tx, before=before, most=PAGE_ROWS + 1)
        ran = runs.every(tx, most=10)
        told = webhooks.counts(tx)
        exports = jobs.exports(tx)
        fresh = floor.freshness(tx)
    shown = found[:PAGE_ROWS]
    return {
        "jobs": shown,
        "runs": ran,
        "exports": exports,
        "waiting": sum(of.get("waiting", 0) for of in told.values()),
        "failed": sum(of.get("failed", 0) for of in told.values()),
        "fresh": fresh,
        "busy": any(one.state in ("queued", "running") for one in shown),
        "why": {one.job_id: _why(visit, one) for one in shown},
        "later": f"/jobs?before={shown[-1].job_id}" if len(found) > PAGE_ROWS else "",
        "first": "/jobs" if before else "",
        "writable": visit.may(Right.BOOK_MEND),
        "today": visit.today,
    }


def _one(visit: Visit) -> dict[str, Any]:
    with visit.transaction() as tx:
        found = jobs.get(tx, visit.number("job", visit.path))
    return {
        "job": found,
        "busy": found.state in ("queued", "running"),
        "why": _why(visit, found),
        "reason": reason,
        "term": term_shown,
        "writable": visit.may(Right.BOOK_MEND),
    }


def reason(visit: Visit, why: str) -> str:
    """Why a row was not taken, in the reader's language."""
    return said(why, visit.say)


def _why(visit: Visit, job: jobs.Job) -> str:
    return acts.why(job, visit.say) or ""
