"""Bank statements on screen: a file is looked at or kept, and what is certain in it is applied."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.datastructures import UploadFile
from starlette.responses import Response

from duecourse.book.statement.table import BankMapping, parse
from duecourse.casework import payments
from duecourse.casework.rights import Right
from duecourse.casework.sending import mapping_text
from duecourse.casework.statements import Imported, Looked, import_statement, look_at
from duecourse.locale import catalogue
from duecourse.storage import statements
from duecourse.storage.vault.mask import mask_id
from duecourse.trouble import N_, BadInput, Trouble, worded
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("oversight")

PATH = "/statements"
FILE_BYTES_MAX = 32_000_000
"""What an upload may hold; a larger statement is read at the command line."""

PAGE_ROWS = 50
WRONG_SHOWN = 200
KEEP = "keep"


class NoFile(BadInput):
    """The form came without a statement."""

    def __init__(self) -> None:
        super().__init__(N_("choose the statement as the bank gave it"))


@pages.get(PATH, right=Right.PAYMENT_READ)
def listed(visit: Visit) -> Response:
    """The statements that were kept, the latest first, and the form that reads another."""
    return _page(visit)


@pages.post(PATH, right=Right.PAYMENT_WORK, body_max=FILE_BYTES_MAX)
def read(visit: Visit) -> Response:
    """Read a statement and prove its balances; keep its lines, each once, or show alone what it holds."""
    keep = visit.text("act") == KEEP
    try:
        sent = visit.form.get("file")
        if not isinstance(sent, UploadFile) or not sent.filename:
            raise NoFile
        mapping = _mapping(visit)
        with TemporaryDirectory(prefix="statement-") as folder:
            path = Path(folder) / (Path(sent.filename).name or "statement")
            path.write_bytes(sent.file.read())
            looked = look_at(path, mapping=mapping)
            made = _kept(visit, looked, path) if keep else None
    except Trouble as error:
        return _page(visit, error=sentence(error, visit.choice.language))
    if made is not None and not looked.read.flaws:
        return visit.go(PATH, said=_said(visit, made))
    return _page(visit, looked=looked, made=made)


@pages.post(PATH + "/{statement}/application", right=Right.PAYMENT_WORK)
def apply(visit: Visit) -> Response:
    """Apply the lines of a statement that are certain; what bounced is taken back, the rest waits for a person."""
    number = visit.number("statement", visit.path)
    try:
        done = payments.apply_certain(
            visit.parts.database, visit.parts.store(visit.lender_id), visit.lender_id, vault=visit.parts.vault,
            actor=visit.actor, clock=visit.parts.clock, statement_id=number,
        )  # fmt: skip
    except Trouble as error:
        return _page(visit, error=sentence(error, visit.choice.language))
    said = N_("Statement {number}: lines applied {applied}, payments taken back {back}; {waits} wait for a person.")
    return visit.go(
        PATH,
        said=visit.say(
            said,
            number=number,
            applied=sum(done.by.values()),
            back=done.back,
            waits=done.left + sum(done.waits.values()),
        ),
    )


def _mapping(visit: Visit) -> BankMapping | None:
    """Which column of a table is what, where that was sent."""
    sent = visit.form.get("mapping_file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        return None
    return parse(mapping_text(sent.file.read()), Path(sent.filename).name)


def _kept(visit: Visit, looked: Looked, path: Path) -> Imported:
    with visit.transaction() as tx:
        return import_statement(
            tx, vault=visit.parts.vault, looked=looked, quarantine_file=path.with_name("wrong.csv"), actor=visit.actor,
            now=visit.now,
        )  # fmt: skip


def _said(visit: Visit, made: Imported) -> str:
    if made.again:
        return visit.say("This file was read before; nothing was done.")
    return visit.say(N_("Kept: lines {lines}, of which new {new}."), lines=made.lines, new=made.new)


def _held(looked: Looked) -> list[tuple[str, date | None, date | None, int]]:
    """Account (masked), first and last day, and how many lines, of each statement of a file."""
    return [
        (
            mask_id(one.account), min((line.value_day for line in one.lines), default=None),
            max((line.value_day for line in one.lines), default=None), len(one.lines),
        )
        for one in looked.read.statements
    ]  # fmt: skip


def _page(visit: Visit, *, error: str = "", looked: Looked | None = None, made: Imported | None = None) -> Response:
    before = visit.number("before", visit.query) if visit.query.get("before") else None
    with visit.transaction() as tx:
        found = statements.latest(tx, before=before, most=PAGE_ROWS + 1)
    say = catalogue(visit.choice.language).gettext
    shown = found[:PAGE_ROWS]
    return visit.page(
        "oversight/bank_statements.html", status=422 if error else 200, error=error, listed=shown,
        looked=looked, held=_held(looked) if looked else (), kept=_said(visit, made) if made else "",
        writable=visit.may(Right.PAYMENT_WORK),
        wrong=[
            (one.row, one.field, worded("{why}", {"why": one.why}, say))
            for one in (looked.read.flaws[:WRONG_SHOWN] if looked else ())
        ],
        first=PATH if before else "",
        later=f"{PATH}?before={shown[-1].statement_id}" if len(found) > PAGE_ROWS else "",
        most_mb=FILE_BYTES_MAX // 1_000_000,
    )  # fmt: skip
