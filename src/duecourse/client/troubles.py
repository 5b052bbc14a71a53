"""What goes wrong, one class for each kind of problem document (RFC 9457) that the API answers with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from pydantic import TypeAdapter

from duecourse.client.shapes import Finding, Refusal

_REFUSAL = TypeAdapter(Refusal)


class ApiTrouble(Exception):
    """The request was not done. ``instance`` names it for whoever runs the API."""

    type: ClassVar[str] = ""

    def __init__(self, said: Mapping[str, Any], *, retry_after_s: int | None = None) -> None:
        self.title = str(said.get("title", ""))
        self.status = int(said.get("status", 0))
        self.detail = str(said.get("detail", ""))
        self.instance = str(said.get("instance", ""))
        self.retry_after_s = retry_after_s
        super().__init__(f"{self.title}: {self.detail}" if self.title else self.detail)


class Unreachable(ApiTrouble):
    """No answer: the connection failed, or broke before it came. Whatever was asked may or may not have been done."""


class Malformed(ApiTrouble):
    """The request could not be read; a fault of this client, or of something between."""

    type = "urn:duecourse:problem:malformed"


class NoToken(ApiTrouble):
    """The token is not known, has expired or was revoked."""

    type = "urn:duecourse:problem:no-token"


class NoScope(ApiTrouble):
    """The token may not do this."""

    type = "urn:duecourse:problem:no-scope"


class NotFound(ApiTrouble):
    """There is nothing of this id for this token."""

    type = "urn:duecourse:problem:not-found"


class Refused(ApiTrouble):
    """The gate's no: do not make this contact.

    ``why`` is ``law`` where rules refuse, which ``reasons`` list with article, grade, facts and what may be done
    instead; ``next_open`` is when it would be allowed.
    """

    type = "urn:duecourse:problem:refused"

    def __init__(self, said: Mapping[str, Any], *, retry_after_s: int | None = None) -> None:
        super().__init__(said, retry_after_s=retry_after_s)
        told = said.get("refusal")
        refusal = told if told is None or isinstance(told, Refusal) else _REFUSAL.validate_python(told)
        self.permit: str | None = refusal.permit if refusal else None
        self.why: str = refusal.why if refusal else ""
        self.reasons: tuple[Finding, ...] = refusal.reasons if refusal else ()
        self.missing: tuple[str, ...] = refusal.missing if refusal else ()
        self.lifts: tuple[str, ...] = refusal.lifts if refusal else ()
        self.next_open: datetime | None = refusal.next_open if refusal else None


class Conflict(ApiTrouble):
    """It is not in a state in which this can be done."""

    type = "urn:duecourse:problem:conflict"


class TooLarge(ApiTrouble):
    """The body is too large: ask in smaller batches."""

    type = "urn:duecourse:problem:too-large"


class Invalid(ApiTrouble):
    """The request says something that cannot be; ``errors`` says where."""

    type = "urn:duecourse:problem:invalid"

    def __init__(self, said: Mapping[str, Any], *, retry_after_s: int | None = None) -> None:
        super().__init__(said, retry_after_s=retry_after_s)
        self.errors: Sequence[Mapping[str, str]] = tuple(said.get("errors") or ())


class OtherRequest(ApiTrouble):
    """The idempotency key belongs to another request."""

    type = "urn:duecourse:problem:other-request"


class TooMany(ApiTrouble):
    """The token has asked too often; ask again after ``retry_after_s``."""

    type = "urn:duecourse:problem:too-many"


class Unavailable(ApiTrouble):
    """The store cannot be reached: nobody may be contacted on this. With the same key nothing is done twice."""

    type = "urn:duecourse:problem:unavailable"


class Fault(ApiTrouble):
    """A fault of the server; tell whoever runs it the ``instance``."""

    type = "urn:duecourse:problem:fault"


_KINDS: dict[str, type[ApiTrouble]] = {
    kind.type: kind
    for kind in (
        Malformed, NoToken, NoScope, NotFound, Refused, Conflict, TooLarge, Invalid, OtherRequest, TooMany,
        Unavailable, Fault,
    )
}  # fmt: skip


def of(said: Mapping[str, Any], retry_after_s: int | None) -> ApiTrouble:
    """The trouble that a problem document tells of; of an unknown kind, an `ApiTrouble`."""
    return _KINDS.get(str(said.get("type", "")), ApiTrouble)(said, retry_after_s=retry_after_s)
