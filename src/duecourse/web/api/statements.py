"""Bank statements and refunds over HTTP: a file sent and proved, what is certain in it applied, refunds for the bank.

Lines and refunds are masked. The file for the bank names people and their accounts in clear: it is asked for by a scope
of its own, is never kept, and each reading of it is on record.
"""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from pathlib import Path as File_
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import APIRouter, File, Path, Query, UploadFile
from pydantic import Field
from starlette.responses import Response

from duecourse.book.statement.table import BankMapping, parse
from duecourse.book.tape.readers import SUFFIXES
from duecourse.casework import payments as acts
from duecourse.casework import refunds
from duecourse.casework.sending import mapping_text
from duecourse.casework.statements import import_statement, look_at
from duecourse.storage import payments as kept
from duecourse.storage import statements
from duecourse.storage.connection import Tx
from duecourse.storage.payments import Refund
from duecourse.storage.statements import StatementRow
from duecourse.storage.tokens import Scope
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.keyed import Key, long_once, once
from duecourse.web.api.payments import Cursor, Most, PaymentReader, PaymentWorker, supervisor
from duecourse.web.api.problem import Kind
from duecourse.web.api.shapes import PREFIX, Id, Shape, Told, answered, problems

router = APIRouter(prefix=PREFIX, tags=["statements"])

WRONG_MAX = 1_000
_WRONG = (Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON, Kind.OTHER_REQUEST)
Sender = Annotated[Inquiry, admitted(Scope.STATEMENT_SEND)]
Filer = Annotated[Inquiry, admitted(Scope.REFUND_FILE)]
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the file.")]


class SentStatement(Shape):
    """What was sent, by hashes: whether a request is the same again."""

    file: str
    ending: str
    mapping: str | None


class WrongRow(Shape):
    """A row that was not taken, and why; never its values."""

    row: int
    field: str
    rule: str
    why: str


class StatementTaken(Shape):
    """What an import did. ``again``: the file was read whole before, and nothing was done."""

    sha256: str
    format: str
    statements: list[Id]
    lines: int
    new: int
    unbooked: int = Field(description="Entries that the bank has not booked; they are left.")
    quarantined: int
    wrong: list[WrongRow] = Field(description=f"The rows that were not taken, the first {WRONG_MAX}.")
    again: bool


class StatementShape(Shape):
    """A statement that was taken; ``waiting`` lines are nobody's payment yet."""

    statement: Id
    sha256: str
    format: str
    account: str
    currency: str
    from_day: date | None
    to_day: date | None
    lines: int
    new: int
    waiting: int
    quarantined: int
    at: Told
    actor: str


class StatementsShape(Shape):
    """Statements, the latest first."""

    statements: list[StatementShape]
    next: str | None = Field(description="The cursor of the next page; none at the end.")


class LinesApplied(Shape):
    """What was applied by rule: lines and amounts by rule; what was left for a person, and what waits yet by why."""

    applied: int
    by: dict[str, int]
    amounts_minor: dict[str, int]
    left: int
    taken_back: int = Field(description="Lines that took an earlier payment back.")
    waits: dict[str, int]


class RefundShape(Shape):
    """Money that goes back; ``file`` is the file for the bank that has it."""

    refund: Id
    line: Id
    payment: Id | None
    person: Id | None
    amount_minor: int
    currency: str
    request: Id
    approved_at: Told
    approved_by: str
    file: str | None = Field(description="SHA-256 of the file; none: no file has it yet.")
    filed_at: Told | None


class RefundsShape(Shape):
    """Refunds, the latest first."""

    refunds: list[RefundShape]
    next: str | None = Field(description="The cursor of the next page; none at the end.")


class RefundFileShape(Shape):
    """A file for the bank; its content is asked for apart. ``file`` none: no refund waited."""

    file: str | None
    refunds: list[Id]


@router.post(
    "/statements",
    status_code=201,
    responses=problems(Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON, Kind.OTHER_REQUEST),
)
def send_statement(
    *,
    file: Annotated[UploadFile, File(description="The statement as the bank gave it.")],
    mapping_file: Annotated[
        UploadFile | None, File(description="For a table: which column is what (docs/payments.md).")
    ] = None,
    key: Key,
    inquiry: Sender,
) -> StatementTaken:
    """Send a bank statement: its balances are proved, each line is kept once. Whose a line is is asked apart."""
    content, ending = file.file.read(), File_(file.filename or "").suffix.lower()
    mapping = None if mapping_file is None else mapping_file.file.read()
    said = SentStatement(
        file=sha256(content).hexdigest(), ending=ending if ending in SUFFIXES else "",
        mapping=None if mapping is None else sha256(mapping).hexdigest(),
    )  # fmt: skip
    read = None if mapping is None else parse(mapping_text(mapping), "mapping_file")

    def act() -> StatementTaken:
        with TemporaryDirectory(prefix="statement-") as folder:
            return _taken(inquiry, tx, File_(folder) / f"statement{said.ending}", content, read)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place="statement", said=said, shape=StatementTaken, act=act)


@router.get("/statements", response_model=StatementsShape, responses=problems(Kind.INVALID))
def list_statements(inquiry: PaymentReader, cursor: Cursor = None, most: Most = 50) -> Response:
    """List bank statements, the latest first."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = statements.latest(tx, before=cursor, most=most + 1)
    shown = found[:most]
    following = str(shown[-1].statement_id) if len(found) > most else None
    return answered(StatementsShape(statements=[_statement(one) for one in shown], next=following))


@router.post("/suspense/application", responses=problems(*_WRONG))
def apply_certain(
    *,
    inquiry: PaymentWorker,
    key: Key,
    statement: Annotated[Id | None, Query(description="Lines of this statement alone.")] = None,
) -> LinesApplied:
    """Apply all lines that are certain, each judged anew; what bounced is taken back. The rest waits for a person."""

    def act() -> LinesApplied:
        done = acts.apply_certain(
            inquiry.parts.database, inquiry.parts.store(inquiry.lender_id), inquiry.lender_id,
            vault=inquiry.parts.vault, actor=supervisor(inquiry), clock=inquiry.parts.clock, statement_id=statement,
        )  # fmt: skip
        return LinesApplied(
            applied=sum(done.by.values()), by=dict(done.by), amounts_minor=dict(done.minor), left=done.left,
            taken_back=done.back, waits=dict(done.waits),
        )  # fmt: skip

    return long_once(inquiry, key, place=f"application {statement}", said=None, shape=LinesApplied, act=act)


@router.get("/refunds", response_model=RefundsShape, responses=problems(Kind.INVALID))
def list_refunds(inquiry: PaymentReader, cursor: Cursor = None, most: Most = 50) -> Response:
    """List refunds that were approved, the latest first."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = kept.refunds(tx, before=cursor, most=most + 1)
    shown = found[:most]
    following = str(shown[-1].refund_id) if len(found) > most else None
    return answered(RefundsShape(refunds=[_refund(one) for one in shown], next=following))


@router.post("/refund-files", status_code=201, responses=problems(Kind.INVALID, Kind.CONFLICT, Kind.OTHER_REQUEST))
def file_refunds(inquiry: Filer, key: Key) -> RefundFileShape:
    """Put the refunds that were approved into a file for the bank, each once; the file is read by its hash."""

    def act() -> RefundFileShape:
        made = refunds.file_refunds(tx, vault=inquiry.parts.vault, actor=supervisor(inquiry), now=inquiry.parts.clock())
        return RefundFileShape(
            file=made.digest.hex() if made else None, refunds=[one.refund_id for one in made.refunds] if made else []
        )

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place="refund file", said=None, shape=RefundFileShape, act=act)


@router.post(
    "/refund-files/{file}/csv",
    response_class=Response,
    responses={**problems(Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT), 200: {"content": {"text/csv": {}}}},
)
def refund_file_as_csv(file: Digest, inquiry: Filer) -> Response:
    """Give a file of refunds, the same bytes each time; it names accounts in clear, and each reading is on record."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        made = refunds.read_file(
            tx, vault=inquiry.parts.vault, digest=bytes.fromhex(file), actor=supervisor(inquiry),
            now=inquiry.parts.clock(),
        )  # fmt: skip
    named = f'attachment; filename="refunds-{file[:8]}.csv"'
    return Response(made.content, media_type="text/csv", headers={"Content-Disposition": named})


def _taken(inquiry: Inquiry, tx: Tx, path: File_, content: bytes, mapping: BankMapping | None) -> StatementTaken:
    """Keep what a statement holds; the file is laid down for as long as it is read."""
    path.write_bytes(content)
    looked = look_at(path, mapping=mapping)
    made = import_statement(
        tx, vault=inquiry.parts.vault, looked=looked, quarantine_file=path.with_suffix(".wrong"),
        actor=inquiry.caller.actor, now=inquiry.parts.clock(),
    )  # fmt: skip
    return StatementTaken(
        sha256=looked.source_hash.hex(), format=looked.read.format.value, statements=list(made.statements),
        lines=made.lines, new=made.new, unbooked=made.unbooked, quarantined=made.quarantined, again=made.again,
        wrong=[
            WrongRow(row=one.row, field=one.field, rule=one.rule.value, why=str(one.why))
            for one in looked.read.flaws[:WRONG_MAX]
        ],
    )  # fmt: skip


def _statement(one: StatementRow) -> StatementShape:
    return StatementShape(
        statement=one.statement_id, sha256=bytes(one.source_hash).hex(), format=one.format, account=one.account_masked,
        currency=one.currency, from_day=one.from_day, to_day=one.to_day, lines=one.lines, new=one.lines_new,
        waiting=one.waiting, quarantined=one.quarantined, at=one.imported_at, actor=one.imported_by,
    )  # fmt: skip


def _refund(one: Refund) -> RefundShape:
    return RefundShape(
        refund=one.refund_id, line=one.line_id, payment=one.payment_id, person=one.person_id,
        amount_minor=one.amount_minor, currency=one.currency, request=one.approval_id, approved_at=one.approved_at,
        approved_by=one.approved_by, file=None if one.file_hash is None else bytes(one.file_hash).hex(),
        filed_at=one.filed_at,
    )  # fmt: skip
