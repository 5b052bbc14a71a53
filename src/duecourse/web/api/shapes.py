"""The shapes that handlers share: ids, instants, languages, findings of rules, and the problems that are documented.

Whole numbers are whole numbers: text, fractions and truth values do not pass for them. An id is written as text, since
a JSON number holds no 63 bits exactly everywhere. An instant is ISO 8601 with its offset. A field that is not known
is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from starlette.responses import Response

from duecourse.law import wording
from duecourse.law.document import Plain
from duecourse.law.judge import Finding as Found
from duecourse.law.plain import plain_finding
from duecourse.law.rule import Source as LawSource
from duecourse.law.terms import Authority, Grade, Modal, Status
from duecourse.trouble import N_
from duecourse.web.api.problem import MEDIA_TYPE, Kind

PREFIX = "/api/v1"

_ID = r"(0|[1-9][0-9]{0,18})"
_ID_MAX = 2**63 - 1
_DAY = r"20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_INSTANT = re.compile(rf"{_DAY}T{_CLOCK}(:[0-5][0-9](\.[0-9]{{1,6}})?)(Z|[+-]{_CLOCK})")


class Shape(BaseModel):
    """What a body holds: nothing else, and nothing changed after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def answered(shape: Shape, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A shape as the answer itself: as valid as it is, without a second look and a second thread by the framework."""
    return Response(shape.model_dump_json(by_alias=True), status, headers, media_type="application/json")


def _id(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):  # from an address, or from us on its way out
        value = str(value)
    if not isinstance(value, str) or not re.fullmatch(_ID, value) or int(value) > _ID_MAX:
        raise ValueError(N_("an id is written as text: up to 19 digits, less than 2^63, without leading zeros"))
    return int(value)


def _day(value: object) -> date:
    if not isinstance(value, str) or not re.fullmatch(_DAY, value):
        raise ValueError(N_("a day is written as 2026-03-01, and is of this century"))
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(N_("there is no such day")) from None


def _instant(value: object) -> datetime:
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise ValueError(
            N_("an instant is written as 2026-03-01T22:10:00+08:00: day, time and offset, of this century")
        )
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except ValueError:
        raise ValueError(N_("there is no such day or time")) from None


Id = Annotated[
    int,
    BeforeValidator(_id),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{_ID}$", "examples": ["4611686018427387904"]}),
]
"""An id of ours: text in JSON, a number here."""

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9._@-]{1,64}$", examples=["a017"])]
"""The code of a firm, or a number in the staff register."""

CodeOrNone = Annotated[str, Field(pattern=r"^[A-Za-z0-9._@-]{0,64}$", examples=["a017"])]
"""Such a code, or empty."""

Day = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "pattern": f"^{_DAY}$", "examples": ["2026-03-01"]}),
]

Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "pattern": f"^{_INSTANT.pattern}$",
            "examples": ["2026-03-01T10:10:00+08:00"],
        }
    ),
]


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


Told = Annotated[datetime, AfterValidator(_utc)]
"""An instant as answers give it: UTC."""


class Source(Shape):
    """Where a rule stands, and how well that is known."""

    instrument: str
    clause: str | None
    clause_grade: str | None
    authority: str
    modal: str
    grade: str
    status: str
    cited: str = Field(description="All of it in one line.")


class Finding(Shape):
    """What one rule says, on which facts and values, by which text."""

    rule: str = Field(examples=["cn.contact.window"])
    pack: str
    version: str | None = Field(description="The day from which the values hold.")
    outcome: str
    says: str
    missing: list[str] = Field(description="Facts that the rule needs and that nobody gave.")
    facts: dict[str, bool | int | str]
    values: dict[str, bool | int | str]
    lifted_by: list[str]
    lifts: list[str] = Field(description="Facts one of which would lift it.")
    instead: str | None = Field(description="What may be done instead.")
    source: Source


def finding(found: Found, lang: str) -> Finding:
    """A finding in one language."""
    return finding_of(plain_finding(found), lang)


def finding_of(plain: Mapping[str, Plain], lang: str) -> Finding:
    """A finding as the law writes it down (`law.plain.plain_finding`), its texts in one language."""
    whole: dict[str, Any] = dict(plain)
    source = dict(whole["source"])
    source["cited"] = wording.cited(
        LawSource(
            instrument=source["instrument"],
            authority=Authority(source["authority"]),
            modal=Modal(source["modal"]),
            grade=Grade(source["grade"]),
            status=Status(source["status"]),
            clause=source["clause"] or "",
            clause_grade=Grade(source["clause_grade"]) if source["clause_grade"] else None,
        ),
        lang,
    )
    whole["says"] = whole["says"][lang]
    whole["instead"] = whole["instead"][lang] if whole["instead"] else None
    whole["source"] = source
    return Finding.model_validate(whole)


class WrongPlace(Shape):
    """One thing that is wrong with a request."""

    place: str = Field(alias="in", description="body, path, query or header")
    pointer: str = Field(description="Where, as a JSON pointer.")
    detail: str


class ProblemShape(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = Field(examples=[Kind.INVALID.type])
    title: str
    status: int
    detail: str
    instance: str = Field(description="The id of the request, as the header X-Request-ID has it.")
    errors: list[WrongPlace] | None = None


_SIGNED = (Kind.NO_TOKEN, Kind.NO_SCOPE, Kind.INVALID, Kind.TOO_MANY, Kind.UNAVAILABLE)
_ALWAYS = (Kind.MALFORMED, Kind.TOO_LARGE, Kind.FAULT)


def problems(*kinds: Kind, signed: bool = True) -> dict[int | str, dict[str, Any]]:
    """The problems that an endpoint may answer with, for OpenAPI; those that every (signed) endpoint has are added."""
    found: dict[int | str, dict[str, Any]] = {}
    every = (*_ALWAYS, *(_SIGNED if signed else ()), *kinds)
    for kind in every:
        titles = [one.title for one in every if one.status == kind.status]
        found[kind.status] = {
            "description": "; or: ".join(dict.fromkeys(titles)),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return found
