"""The gate's answers as callers get them: a permit, a refusal, and what it would answer now."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from duecourse.casework.permit import Checked, Permit, Refusal
from duecourse.law.document import Plain
from duecourse.law.terms import Channel, Purpose, Relation, SenderType
from duecourse.web.api.shapes import Code, Finding, Id, Shape, Told, finding_of


class SenderShape(Shape):
    """Who makes the contact. Left out, it is whose token it is."""

    type: SenderType
    firm: Code | None = Field(default=None, description="Code of the agency or law firm; none for the lender.")


class PermitShape(Shape):
    """The gate's yes: for this contact, once, from `at` until `expires_at`."""

    permit: Id
    person: Id
    loans: list[Id]
    relation: Relation
    contact_point: Id
    channel: Channel
    purpose: Purpose
    template: str
    template_version: int
    content_sha256: str
    sender: SenderShape
    staff: str
    at: Told = Field(description="Not redeemed before.")
    issued_at: Told
    expires_at: Told = Field(description="Not redeemed at or after.")
    token: str = Field(description="The signed document, for whoever shall verify the permit without asking here.")
    advice: list[Finding] = Field(description="What to mind although it is allowed.")
    lifted: list[Finding] = Field(description="The rules that would refuse it; `lifted_by` says what lifted each.")


class RefusalShape(Shape):
    """The gate's no."""

    permit: Id = Field(description="The number under which the refusal, or the permit not redeemed, is kept.")
    why: str = Field(examples=["law"])
    says: str
    reasons: list[Finding]
    missing: list[str]
    lifts: list[str]
    next_open: Told | None = Field(description="The next instant at which it would be allowed, within 14 days.")
    at: Told


class BatchAnswer(Shape):
    """The answer to one request of a batch: a permit, or a refusal."""

    idempotency_key: str
    permit: PermitShape | None
    refusal: RefusalShape | None


class BatchAnswers(Shape):
    """The answers, in the order of the requests."""

    answers: list[BatchAnswer]


class CheckedShape(Shape):
    """What the gate would answer now; nothing is reserved and nothing promised."""

    allowed: bool
    says: str
    reasons: list[Finding]
    advice: list[Finding]
    lifted: list[Finding]
    missing: list[str]
    lifts: list[str]
    next_open: Told | None
    at: Told


def permit_shape(permit: Permit, lang: str) -> PermitShape:
    """A permit as callers get it."""
    return PermitShape(
        permit=permit.permit_id,
        person=permit.person_id,
        loans=list(permit.loan_keys),
        relation=permit.relation,
        contact_point=permit.contact_point_id,
        channel=permit.channel,
        purpose=permit.purpose,
        template=permit.template_id,
        template_version=permit.template_version,
        content_sha256=permit.content_hash,
        sender=SenderShape(type=permit.sender.type, firm=permit.sender.firm or None),
        staff=permit.sender.staff,
        at=permit.at,
        issued_at=permit.issued_at,
        expires_at=permit.expires_at,
        token=permit.token,
        advice=_findings(permit.advice, lang),
        lifted=_findings(permit.lifted, lang),
    )


def refusal_shape(refusal: Refusal, lang: str) -> RefusalShape:
    """A refusal as callers get it."""
    return RefusalShape(
        permit=refusal.permit_id,
        why=refusal.why.value,
        says=refusal.says[lang],
        reasons=_findings(refusal.reasons, lang),
        missing=list(refusal.missing),
        lifts=list(refusal.lifts),
        next_open=refusal.next_open,
        at=refusal.at,
    )


def checked_shape(found: Checked, lang: str) -> CheckedShape:
    """An answer without reservation as callers get it."""
    return CheckedShape(
        allowed=found.allowed,
        says=found.says[lang],
        reasons=_findings(found.reasons, lang),
        advice=_findings(found.advice, lang),
        lifted=_findings(found.lifted, lang),
        missing=list(found.missing),
        lifts=list(found.lifts),
        next_open=found.next_open,
        at=found.at,
    )


def _findings(found: tuple[Mapping[str, Plain], ...], lang: str) -> list[Finding]:
    return [finding_of(one, lang) for one in found]
