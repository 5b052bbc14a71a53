"""Problem documents (RFC 9457): what every request gets that cannot be done as asked.

A problem names its kind, says what happened and what to do, and never repeats what the caller sent: what was sent may
be somebody's number. Trouble of ours is told to the log, under the request's id, and to the caller in general terms.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
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
from duecourse.storage.payments import NoSuchPayment
from duecourse.storage.permits import NoSuchPermit
from duecourse.storage.plans import NoSuchPlan
from duecourse.storage.promises import NoSuchPromise
from duecourse.storage.recordings import NoSuchRecording
from duecourse.storage.retention import NoSuchDestruction, NoSuchLegalHold
from duecourse.storage.statements import NoSuchLine
from duecourse.storage.users import NoSuchUser
from duecourse.storage.vault import Destroyed
from duecourse.storage.visits import NoSuchRound, NoSuchVisit
from duecourse.storage.waivers import NoSuchWaiver
from duecourse.storage.webhooks import NoSuchEndpoint
from duecourse.trouble import BadInput, Busy, Refused, Unavailable, masked

MEDIA_TYPE = "application/problem+json"
_ERRORS_MAX = 20


class Kind(Enum):
    """Every kind of problem: status, slug of its type, title."""

    MALFORMED = (400, "malformed", "The request is not HTTP, or its body is not JSON")
    NO_TOKEN = (401, "no-token", "A live token is needed")
    NO_SCOPE = (403, "no-scope", "The token may not do this")
    NOT_FOUND = (404, "not-found", "There is nothing here for this token")
    NO_METHOD = (405, "no-method", "This place does not take this method")
    REFUSED = (409, "refused", "The gate refuses")
    CONFLICT = (409, "conflict", "It is not in a state in which this can be done")
    TOO_LARGE = (413, "too-large", "The body is too large")
    NOT_JSON = (415, "not-json", "The body is of another kind than this place takes")
    INVALID = (422, "invalid", "The request says something that cannot be")
    OTHER_REQUEST = (422, "other-request", "This Idempotency-Key belongs to another request")
    TOO_MANY = (429, "too-many", "The token has asked too often")
    FAULT = (500, "fault", "A fault of duecourse")
    UNAVAILABLE = (503, "unavailable", "Something we need cannot be reached")

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
        """What all problems of this kind have in common."""
        return self.value[2]


@dataclass(slots=True)
class Problem(Exception):
    """A request cannot be done as asked."""

    kind: Kind
    detail: str
    more: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def document(problem: Problem, request_id: str) -> dict[str, object]:
    """The problem as the caller gets it."""
    return {
        "type": problem.kind.type,
        "title": problem.kind.title,
        "status": problem.kind.status,
        "detail": problem.detail,
        "instance": f"urn:duecourse:request:{request_id}",
        **problem.more,
    }


def response(problem: Problem, request_id: str) -> Response:
    """The answer that carries a problem."""
    content = json.dumps(document(problem, request_id), ensure_ascii=False).encode()
    return Response(content, problem.kind.status, headers=dict(problem.headers), media_type=MEDIA_TYPE)


def of_validation(errors: Sequence[Mapping[str, object]]) -> Problem:
    """What is wrong with the request, place by place, without its values."""
    found = []
    for error in errors[:_ERRORS_MAX]:
        place = error.get("loc", ())
        parts = [str(part) for part in place] if isinstance(place, tuple | list) else []
        if error.get("type") == "json_invalid":
            return Problem(Kind.MALFORMED, "The body is not JSON.")
        found.append(
            {
                "in": parts[0] if parts else "body",
                "pointer": masked("".join(f"/{_pointer(part)}" for part in parts[1:])),
                "detail": _sentence(error),
            }
        )
    places = ", ".join(f"{one['in']}{one['pointer']}" for one in found)
    return Problem(Kind.INVALID, f"{len(errors)} wrong: {places}.", {"errors": found})


def _pointer(part: str) -> str:
    """A part of a JSON pointer (RFC 6901)."""
    return part.replace("~", "~0").replace("/", "~1")


def _sentence(error: Mapping[str, object]) -> str:
    """What pydantic says, without what it says it about; our own sentences as they are."""
    context = error.get("ctx")
    if isinstance(context, Mapping) and isinstance(context.get("error"), ValueError):
        return masked(str(context["error"]))
    return masked(str(error.get("msg", "")))


_NOT_THERE = (NoSuchCall, NoSuchRecording,
    NoSuchCase, NoSuchInbound, NoSuchPromise, NoSuchDraft, NoSuchTrial, NoSuchEndpoint, NoSuchLenderFact,
    NoSuchDocument, NoSuchNotice, NoSuchOwnTemplate, NoSuchLegalHold, NoSuchDestruction, NoSuchAudit, NoSuchMessage,
    NoSuchBatch, NoSuchRound, NoSuchVisit,
    NoSuchCollector, NoSuchUser, NoSuchPlan, NoSuchMatter, NoSuchWaiver, NoSuchPayment, NoSuchLine,
)  # fmt: skip


def of_trouble(error: Exception) -> Problem:
    """The problem that an error is for whoever asked; details of ours stay with us."""
    match error:
        case Problem():
            return error
        case KeyReused():
            return Problem(Kind.OTHER_REQUEST, "Take a new key for another request; repeat a request as it was.")
        case NoSuchPermit() | OtherSender():
            return Problem(Kind.NOT_FOUND, "There is no permit of this number for this token.")
        case _ if isinstance(error, _NOT_THERE):
            return Problem(Kind.NOT_FOUND, "There is nothing of this number for this token.")
        case SkippedAlready() | NotSkipped() | NotAPromise():
            return Problem(Kind.CONFLICT, masked(str(error)))
        case OutcomeStands() | WasRefused() | Destroyed() | HoldStands() | NotAHold() | CasesMoved():
            return Problem(Kind.CONFLICT, masked(str(error)))
        case Busy():
            return Problem(Kind.UNAVAILABLE, f"{masked(str(error))}. Ask again.", headers={"Retry-After": "1"})
        case Unavailable():
            return _UNAVAILABLE
        case BadInput():
            return Problem(Kind.INVALID, masked(str(error)))
        case Refused():
            return Problem(Kind.CONFLICT, masked(str(error)))
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
    "This is a fault of duecourse, not yours. Do not make a contact on this; give the request's id to whoever runs it.",
)
_UNAVAILABLE = Problem(
    Kind.UNAVAILABLE,
    "The store or a key cannot be reached. Do not make a contact on this. Ask again, with the same Idempotency-Key if "
    "you sent one: what was done is not done twice.",
    headers={"Retry-After": "2"},
)


def request_id(request: Request) -> str:
    """The id of the request, as the envelope gave it."""
    return str(request.scope["state"]["request_id"])
