"""Background jobs on screen: tapes sent, checked, imported, days run; how far each is, what went wrong, once more."""

from __future__ import annotations

import os
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import Response

from duecourse.book.tape import mapping as mappings
from duecourse.casework import jobs as acts
from duecourse.casework.rights import Right
from duecourse.casework.upload import BYTES_MAX, NoFile, keep_upload
from duecourse.storage import floor, jobs, runs, webhooks
from duecourse.trouble import N_, BadInput, Trouble
from duecourse.web.page import Pages
from duecourse.web.visit import NotAFieldValue, Visit
from duecourse.web.visiting import sentence

pages = Pages("oversight")

PAGE_ROWS = 30
MAPPING_BYTES_MAX = 262_144
OWN = "own"
"""The choice of a mapping that is sent with the tape."""


class TwoOfOneName(BadInput):
    """Files of a tape are told apart by their names."""

    def __init__(self, name: str) -> None:
        super().__init__(N_("two of the files are named {name}; a tape's files are told apart by name"), name=name)


class NotMappingText(BadInput):
    """A mapping that is no text."""

    def __init__(self) -> None:
        super().__init__(N_("a mapping is a YAML text in UTF-8"))


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
    asked = {"day": visit.day("day").isoformat()}
    with visit.transaction() as tx:
        made = acts.ask_job(tx, vault=visit.parts.vault, kind="day_run", asked=asked, actor=visit.actor, now=visit.now)
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
        mapping = _mapping(visit)
        names = [str(one.filename) for one in files]
        if not files:
            raise NoFile
        if twice := [name for name in names if names.count(name) > 1]:
            raise TwoOfOneName(twice[0])
        with visit.transaction() as tx:
            uploads = [
                keep_upload(
                    tx, vault=visit.parts.vault, store=visit.parts.store(visit.lender_id), name=str(one.filename),
                    content=one.file.read(), actor=visit.actor, now=visit.now, chance=os.urandom,
                )
                for one in files
            ]  # fmt: skip
            asked = {
                **mapping, "uploads": uploads, "files": names, "full": visit.text("full") == "1",
                "all_or_nothing": visit.text("all_or_nothing") == "1",
            }  # fmt: skip
            made = acts.ask_job(
                tx, vault=visit.parts.vault, kind="tape_check", asked=asked, actor=visit.actor, now=visit.now
            )
    except Trouble as error:
        return _form(visit, error=sentence(error, visit.choice.language))
    return visit.go(f"/jobs/{made}", said=visit.say("The files are kept, sealed, and are checked now."))


def _mapping(visit: Visit) -> dict[str, str]:
    """The mapping that was chosen, or sent; one that is faulty is told before anything is kept."""
    chosen = visit.text("mapping")
    if chosen != OWN:
        if chosen not in mappings.shipped():
            raise NotAFieldValue("mapping")
        return {"mapping": chosen}
    sent = visit.form.get("mapping_file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise NotMappingText
    raw = sent.file.read()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotMappingText from None
    if len(raw) > MAPPING_BYTES_MAX or "\0" in text:
        raise NotMappingText
    mappings.parse(text, sent.filename)
    return {"mapping": sent.filename[:80], "mapping_text": text}


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
        "writable": visit.may(Right.BOOK_MEND),
    }


def _why(visit: Visit, job: jobs.Job) -> str:
    if job.trouble is None:
        return ""
    return visit.say(str(job.trouble["sentence"]), **dict(job.trouble["values"]))
