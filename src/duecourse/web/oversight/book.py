"""The book on screen: versions and freshness, breaks, quarantined rows and mending them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
from starlette.datastructures import UploadFile
from starlette.responses import Response

from duecourse.book.store import version_from
from duecourse.book.tape.differing import about
from duecourse.book.tape.mapping import shipped
from duecourse.casework import mending
from duecourse.casework.rights import Right
from duecourse.storage import books, breaks, cases, floor, loan_names
from duecourse.storage.connection import Tx
from duecourse.trouble import Trouble
from duecourse.web.oversight.jobs import reason
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("oversight")

TAPE_BYTES_MAX = 64_000_000
"""What an upload for mending may hold; larger tapes are mended at the command line."""

BREAKS_MAX = 200
VERSIONS = 30


@pages.get("/book", right=Right.BOOK_READ)
def versions(visit: Visit) -> Response:
    """How fresh the book is, its versions and the files that went into them."""
    with visit.transaction() as tx:
        found = books.every(tx)[:VERSIONS]
        sources, fresh = books.sources(tx), floor.freshness(tx)
        quarantined = mending.waiting(tx, visit.parts.store(visit.lender_id)).rows
    files = {one.version: [source for source in sources if source.version == one.version] for one in found}
    return visit.page("oversight/book.html", versions=found, files=files, fresh=fresh, quarantined=quarantined)


@pages.get("/book/breaks", right=Right.BOOK_READ)
def open_breaks(visit: Visit) -> Response:
    """Where the lender's figure and ours differ; meanwhile the lower one is claimed."""
    with visit.transaction() as tx:
        found = breaks.open_breaks(tx)
        shown = found.head(BREAKS_MAX)
        keys = shown["loan_key"].unique().to_list()
        numbers, in_case = _numbers(visit, tx, keys), cases.of_loans(tx, keys)
    rows = [
        {
            **row, "loan": numbers.get(row["loan_key"], str(row["loan_key"])), "case": in_case.get(row["loan_key"]),
            "what": _about(visit, row["subject"]),
        }
        for row in shown.to_dicts()
    ]  # fmt: skip
    return visit.page("oversight/breaks.html", rows=rows, count=found.height, most=BREAKS_MAX)


def _numbers(visit: Visit, tx: Tx, loan_keys: Sequence[int]) -> Mapping[int, str]:
    """The lender's own numbers of loans: of those of cases at hand, of others as the book has them."""
    known, row = loan_names.references(tx, loan_keys), books.newest(tx)
    left = [one for one in loan_keys if one not in known]
    if not left or row is None:
        return known
    loans = visit.parts.store(visit.lender_id).scan(version_from(row.version, row.tables), "loans")
    told = loans.filter(pl.col("loan_key").is_in(left)).select("loan_key", "loan_ref").unique("loan_key").collect()
    return known | dict(told.iter_rows())


def _about(visit: Visit, subject: str) -> str:
    says, values, at = about(subject)
    return visit.say(says, **values) + at


@pages.get("/book/quarantine", right=Right.BOOK_READ)
def quarantine(visit: Visit) -> Response:
    """Rows that were not taken, with why and what to do, and a form that mends them."""
    return _quarantine(visit)


@pages.post("/book/quarantine/mending", right=Right.BOOK_MEND, body_max=TAPE_BYTES_MAX)
def mend(visit: Visit) -> Response:
    """Read the lender's own file again with the corrections, and import what they mend."""
    mends = [
        (name.removeprefix("mend:"), str(value).strip())
        for name, value in visit.form.multi_items()
        if name.startswith("mend:") and str(value).strip() and name.count(":") >= 3
    ]
    files = [
        (one.filename or "file", one.file.read())
        for one in visit.form.getlist("file")
        if isinstance(one, UploadFile) and one.filename
    ]
    if visit.text("only") == "patch":
        return Response(
            mending.patch_of(mends), media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="patch.csv"'},
        )  # fmt: skip
    store = visit.parts.store(visit.lender_id)
    chosen = visit.text("mapping") if visit.text("mapping") in shipped() else "standard"
    try:
        with visit.transaction() as tx:
            done = mending.mend(
                tx, vault=visit.parts.vault, store=store, files=files, mends=mends, mapping=chosen, actor=visit.actor,
                now=visit.now,
            )  # fmt: skip
        store.done()
    except Trouble as error:
        return _quarantine(visit, error=sentence(error, visit.choice.language), typed=dict(mends), mapping=chosen)
    with visit.transaction() as tx:
        left = mending.waiting(tx, store).of([source.hash for source in done.looked.arrival.sources]).rows
    said = (
        visit.say("Mended; rows of this file that are still in quarantine: {count}.", count=left)
        if left
        else visit.say("Mended; nothing of this file is in quarantine any more.")
    )
    return visit.go("/book/quarantine", said=said)


def _quarantine(
    visit: Visit, *, error: str = "", typed: Mapping[str, str] | None = None, mapping: str = "standard"
) -> Response:
    with visit.transaction() as tx:
        found = mending.waiting(tx, visit.parts.store(visit.lender_id))
    return visit.page(
        "oversight/quarantine.html", status=422 if error else 200, faults=found.faults(), rows=found.rows,
        unseen=max(0, found.table.height - mending.FAULTS_MAX), error=error, typed=typed or {}, mapping=mapping,
        mappings=shipped(), writable=visit.may(Right.BOOK_MEND), reason=reason,
    )  # fmt: skip
