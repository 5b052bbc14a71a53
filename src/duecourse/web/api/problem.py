"""Problem documents (RFC 9457): what every request gets that cannot be done as asked.

A problem names its kind, says what happened and what to do, and never repeats what the caller sent: what was sent may
be somebody's number. Trouble of ours is told to the log, under the request's id, and to the caller in general terms.
Its words are in the language that ``Accept-Language`` asks for; its type, and all else that a program reads, is one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from starlette.requests import Request
from starlette.responses import Response

from duecourse.casework.assignment import NotSkipped
from duecourse.casework.holds import NotAHold
from duecourse.casework.lender_facts import NoSuchLenderFact
from duecourse.casework.permit_rows import KeyReused
from duecourse.casework.promises import NotAPromise
from duecourse.casework.reassigning import CasesMoved
from duecourse.casework.redemption import WasRefused
from duecourse.casework.settling import OtherSender, OutcomeStands
from duecourse.locale import Language, catalogue, language_of
from duecourse.storage.assignments import SkippedAlready
from duecourse.storage.audits import NoSuchAudit
from duecourse.storage.cases import NoSuchCase
from duecourse.storage.collectors import NoSuchCollector
from duecourse.storage.desk_calls import NoSuchCall
from duecourse.storage.documents import NoSuchDocument
from duecourse.storage.drafts import NoSuchDraft, NoSuchTrial
from duecourse.storage.holds import HoldStands
from duecourse.storage.inbound import NoSuchInbound
from duecourse.storage.letters import NoSuchBatch
from duecourse.storage.matters import NoSuchMatter
from duecourse.storage.messages import NoSuchMessage
from duecourse.storage.notices import NoSuchNotice
from duecourse.storage.own_templates import NoSuchOwnTemplate
from duecourse.storage.payments import NoSuchPayment, NoSuchRefundFile
from duecourse.storage.permits import NoSuchPermit
from duecourse.storage.plans import NoSuchPlan
from duecourse.storage.promises import NoSuchPromise
from duecourse.storage.recordings import NoSuchRecording
from duecourse.storage.retention import NoSuchDestruction, NoSuchLegalHold
from duecourse.storage.statements import NoSuchLine, NoSuchStatement
from duecourse.storage.users import NoSuchUser
from duecourse.storage.vault import Destroyed
from duecourse.storage.visits import NoSuchRound, NoSuchVisit
from duecourse.storage.waivers import NoSuchWaiver
from duecourse.storage.webhooks import NoSuchEndpoint
from duecourse.trouble import N_, BadInput, Busy, Refused, Said, Trouble, Unavailable, told, worded
from duecourse.web.api import wrong
from duecourse.web.api.language import language

MEDIA_TYPE = "application/problem+json"


class Kind(Enum):
    """Every kind of problem: status, slug of its type, title."""

    MALFORMED = (400, "malformed", N_("The request is not HTTP, or its body is not JSON"))
    NO_TOKEN = (401, "no-token", N_("A live token is needed"))
    NO_SCOPE = (403, "no-scope", N_("The token may not do this"))
    NOT_FOUND = (404, "not-found", N_("There is nothing here for this token"))
    NO_METHOD = (405, "no-method", N_("This place does not take this method"))
    REFUSED = (409, "refused", N_("The gate refuses"))
    CONFLICT = (409, "conflict", N_("It is not in a state in which this can be done"))
    TOO_LARGE = (413, "too-large", N_("The body is too large"))
    NOT_JSON = (415, "not-json", N_("The body is of another kind than this place takes"))
    INVALID = (422, "invalid", N_("The request says something that cannot be"))
    OTHER_REQUEST = (422, "other-request", N_("This Idempotency-Key belongs to another request"))
    TOO_MANY = (429, "too-many", N_("The token has asked too often"))
    FAULT = (500, "fault", N_("A fault of duecourse"))
    UNAVAILABLE = (503, "unavailable", N_("Something we need cannot be reached"))

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.value[0]

    @property
    def type(self) -> str:
        """The identifier that a program goes by; it stays."""
        return f"urn:duecourse:problem:{self.value[1]}"

    @property
    def title(self) -> str:
        """What all problems of this kind have in common, in English."""
        return self.value[2]


@dataclass(slots=True)
class Problem(Exception):
    """A request cannot be done as asked."""

    kind: Kind
    detail: str | Trouble  # marked by N_ where it is a text; `Said` where it has values; trouble is shown masked
    more: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[Mapping[str, object]] = ()  # of validation, as pydantic gives them
    pointer: str = ""  # to the part of the body that it is about, where that is one of several


def document(problem: Problem, request_id: str, language: Language) -> dict[str, object]:
    """The problem as the caller gets it."""
    translate = catalogue(language).gettext
    found = {
        "type": problem.kind.type,
        "title": translate(problem.kind.title),
        "status": problem.kind.status,
        "detail": _detail(problem.detail, translate),
        "instance": f"urn:duecourse:request:{request_id}",
        **problem.more,
    }
    if problem.pointer:
        return found | {"errors": [{"in": "body", "pointer": problem.pointer, "detail": found["detail"]}]}
    return found | {"errors": wrong.places(problem.errors, translate)} if problem.errors else found


def _detail(detail: str | Trouble, translate: Callable[[str], str]) -> str:
    if isinstance(detail, Trouble) or (isinstance(detail, Said) and _quotes_trouble(detail)):
        return told(detail, translate)
    return worded(detail.sentence, detail.values, translate) if isinstance(detail, Said) else translate(detail)


def _quotes_trouble(said: Said) -> bool:
    return any(isinstance(one, Trouble) for one in said.values.values())


def response(problem: Problem, request: Request) -> Response:
    """The answer that carries a problem, in the language that the request asks for."""
    spoken = language_of(language(request.headers.get("accept-language", "")))
    content = json.dumps(document(problem, request_id(request), spoken), ensure_ascii=False).encode()
    headers = {"Content-Language": spoken.value, **problem.headers}
    return Response(content, problem.kind.status, headers=headers, media_type=MEDIA_TYPE)


def of_validation(errors: Sequence[Mapping[str, object]]) -> Problem:
    """What is wrong with the request, place by place, without its values."""
    if any(error.get("type") == "json_invalid" for error in errors):
        return Problem(Kind.MALFORMED, N_("The body is not JSON."))
    return Problem(Kind.INVALID, wrong.counted(errors), errors=tuple(errors))


_NOT_THERE = (NoSuchCall, NoSuchRecording,
    NoSuchCase, NoSuchInbound, NoSuchPromise, NoSuchDraft, NoSuchTrial, NoSuchEndpoint, NoSuchLenderFact,
    NoSuchDocument, NoSuchNotice, NoSuchOwnTemplate, NoSuchLegalHold, NoSuchDestruction, NoSuchAudit, NoSuchMessage,
    NoSuchBatch, NoSuchRound, NoSuchVisit,
    NoSuchCollector, NoSuchUser, NoSuchPlan, NoSuchMatter, NoSuchWaiver, NoSuchPayment, NoSuchLine, NoSuchStatement,
    NoSuchRefundFile,
)  # fmt: skip


def of_trouble(error: Exception) -> Problem:
    """The problem that an error is for whoever asked; details of ours stay with us."""
    match error:
        case Problem():
            return error
        case KeyReused():
            return Problem(Kind.OTHER_REQUEST, N_("Take a new key for another request; repeat a request as it was."))
        case NoSuchPermit() | OtherSender():
            return Problem(Kind.NOT_FOUND, N_("There is no permit of this number for this token."))
        case _ if isinstance(error, _NOT_THERE):
            return Problem(Kind.NOT_FOUND, N_("There is nothing of this number for this token."))
        case SkippedAlready() | NotSkipped() | NotAPromise():
            return Problem(Kind.CONFLICT, error)
        case OutcomeStands() | WasRefused() | Destroyed() | HoldStands() | NotAHold() | CasesMoved():
            return Problem(Kind.CONFLICT, error)
        case Busy():
            again = Said(N_("{trouble}. Ask again."), trouble=error)
            return Problem(Kind.UNAVAILABLE, again, headers={"Retry-After": "1"})
        case Unavailable():
            return _UNAVAILABLE
        case BadInput():
            return Problem(Kind.INVALID, error)
        case Refused():
            return Problem(Kind.CONFLICT, error)
        case _ if type(error).__module__.startswith("psycopg") and type(error).__name__ in AWAY:
            return _UNAVAILABLE
        case _:
            return _FAULT


AWAY = {
    "OperationalError", "PoolTimeout", "PoolClosed", "AdminShutdown", "CrashShutdown", "CannotConnectNow",
    "TooManyConnections", "LockNotAvailable", "DeadlockDetected", "QueryCanceled", "ConnectionTimeout",
    "ConnectionFailure", "ConnectionDoesNotExist", "IdleInTransactionSessionTimeout",
}  # fmt: skip
_FAULT = Problem(
    Kind.FAULT,
    N_(
        "This is a fault of duecourse, not yours. Do not make a contact on this; give the request's id to whoever runs "
        "it."
    ),
)
_UNAVAILABLE = Problem(
    Kind.UNAVAILABLE,
    N_(
        "The store or a key cannot be reached. Do not make a contact on this. Ask again, with the same Idempotency-Key "
        "if you sent one: what was done is not done twice."
    ),
    headers={"Retry-After": "2"},
)


def request_id(request: Request) -> str:
    """The id of the request, as the envelope gave it."""
    return str(request.scope["state"]["request_id"])
