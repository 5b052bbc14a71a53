"""A lender's own templates over HTTP: kept once in order, read, asked for, taken out of use."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from duecourse.casework import approval, own_template
from duecourse.casework.actor import Actor, Role
from duecourse.casework.kinds import KINDS
from duecourse.storage import own_templates
from duecourse.storage.own_templates import OwnTemplate
from duecourse.storage.tokens import Scope
from duecourse.web.api.holds import Reason
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.keyed import Key, once
from duecourse.web.api.law import LawReader
from duecourse.web.api.problem import Kind
from duecourse.web.api.shapes import PREFIX, Id, Shape, Told, problems
from duecourse.web.api.strategies import AskedShape, asked_shape

router = APIRouter(prefix=f"{PREFIX}/law/templates/own", tags=["law"])

Writer = Annotated[Inquiry, admitted(Scope.LAW_WRITE)]
DraftId = Annotated[Id, Path()]
_WRONG = (Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON, Kind.OTHER_REQUEST)


class OwnTemplateShape(Shape):
    """A version of a template of the lender's own; ``state`` is what was last said of it, none for a draft."""

    draft: Id
    template: str
    version: int
    sha256: str
    actor: str
    at: Told
    state: str | None
    first: date | None = Field(description="From which day on it is in that state.")
    decided_by: str | None


class OwnTemplatesShape(Shape):
    """The lender's own templates, every draft."""

    templates: list[OwnTemplateShape]


class OwnTemplateText(OwnTemplateShape):
    """The same with its text as it was sent."""

    content: str


class SentTemplate(Shape):
    """A template as its file says it."""

    content: Annotated[str, Field(pattern=r"^[^\x00]*$", max_length=own_template.BYTES_MAX)]


class WhyTemplate(Shape):
    """Why a template shall be used, or no more."""

    reason: Reason


@router.get("", responses=problems())
def list_own_templates(inquiry: LawReader) -> OwnTemplatesShape:
    """List the lender's own templates: every draft, and which one is in use."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = own_templates.every(tx)
    return OwnTemplatesShape(templates=[_shape(one) for one in found])


@router.get("/{draft:int}", responses=problems(Kind.NOT_FOUND, Kind.INVALID))
def read_own_template(draft: DraftId, inquiry: LawReader) -> OwnTemplateText:
    """Show a draft of a template as it was sent."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = own_templates.get(tx, draft)
    return OwnTemplateText(content=found.content, **dict(_shape(found)))


@router.post("", status_code=201, responses=problems(*_WRONG))
def keep_template(said: SentTemplate, key: Key, inquiry: Writer) -> OwnTemplateShape:
    """Keep a template that is in order as a draft; what is wrong is told with its line. Nothing is sent by a draft."""

    def act() -> OwnTemplateShape:
        return _shape(
            own_template.keep_draft(
                tx, vault=inquiry.parts.vault, content=said.content, actor=_officer(inquiry), now=inquiry.parts.clock()
            )
        )

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place="own template", said=said, shape=OwnTemplateShape, act=act)


@router.post("/{draft:int}/approval", status_code=201, responses=problems(*_WRONG))
def ask_template(draft: DraftId, said: WhyTemplate, key: Key, inquiry: Writer) -> AskedShape:
    """Ask that a draft, the next or an earlier one, be used from now on; a compliance officer decides."""

    def act() -> AskedShape:
        return asked_shape(
            approval.ask(
                tx, kinds=KINDS, vault=inquiry.parts.vault, kind=own_template.APPROVE.kind,
                subject=f"template:{draft}", asked=own_template.wanted(tx, draft), reason=said.reason,
                actor=_officer(inquiry), now=inquiry.parts.clock(),
            )
        )  # fmt: skip

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"own template {draft}", said=said, shape=AskedShape, act=act)


@router.post("/{draft:int}/withdrawal", responses=problems(*_WRONG))
def withdraw_template(draft: DraftId, said: WhyTemplate, inquiry: Writer) -> OwnTemplateShape:
    """Take the template of a draft out of use at once, whichever version stands."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = own_template.withdraw_template(
            tx, vault=inquiry.parts.vault, template_id=own_templates.get(tx, draft).template_id, reason=said.reason,
            actor=_officer(inquiry), now=inquiry.parts.clock(),
        )  # fmt: skip
    return _shape(found)


def _officer(inquiry: Inquiry) -> Actor:
    """As whom records name whoever sends templates by this token: it is a compliance officer's own."""
    return Actor(Role.COMPLIANCE, inquiry.caller.token.name)


def _shape(one: OwnTemplate) -> OwnTemplateShape:
    return OwnTemplateShape(
        draft=one.draft_id, template=one.template_id, version=one.version, sha256=one.hash, actor=one.actor, at=one.at,
        state=one.state, first=one.from_day, decided_by=one.decided_by,
    )  # fmt: skip
