"""A lender's own templates: drafts kept once they are in order, approved by two people, superseded or withdrawn.

What was approved is never edited: a higher version supersedes it, one person withdraws it at once, and two people go
back to an earlier one. The gate and the day run read what was approved with the shipped register (`lender_texts`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from duecourse.casework.actor import Actor, Role
from duecourse.casework.approval import Kind, NoReason
from duecourse.casework.lender_texts import hash_in, name_of
from duecourse.casework.speech import screened
from duecourse.law.document import Flaw
from duecourse.law.templates import Template, read_own
from duecourse.storage import lenders, log, own_templates
from duecourse.storage.approvals import Approval
from duecourse.storage.connection import Tx
from duecourse.storage.lenders import Lender
from duecourse.storage.own_templates import OwnTemplate
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Refused

BYTES_MAX = 65_536
REASON_MAX = 2_000


class TemplateTooLong(BadInput):
    """More than a template has."""

    def __init__(self) -> None:
        super().__init__(N_("a template is a YAML text in UTF-8 of at most {most} KB"), most=BYTES_MAX // 1024)


class ApprovedStays(Refused):
    """Somebody wants to change a text that was approved."""

    def __init__(self, template: str, version: int, highest: int) -> None:
        super().__init__(
            N_(
                "{template} was approved up to version {highest} and is not edited: what was sent says version "
                "{version}; send it as version {next}, which supersedes it once it is approved"
            ),
            template=template, version=version, highest=highest, next=highest + 1,
        )  # fmt: skip


class StandsAlready(BadInput):
    """The draft is the one that stands in the register."""

    def __init__(self, template: str, version: int) -> None:
        super().__init__(
            N_("version {version} of {template} is the one in use already"), template=template, version=version
        )


class NotInUse(BadInput):
    """No version of the template stands in the register."""

    def __init__(self, template: str) -> None:
        super().__init__(N_("no version of {template} is in use"), template=template)


class MayNotWithdraw(Refused):
    """Only compliance takes a template out of use."""

    def __init__(self, actor: Actor) -> None:
        super().__init__(N_("{actor} may not withdraw a template; a compliance officer does"), actor=actor)


def checked(content: str, file: str, lender: Lender) -> Template:
    """The template that a text is, if the lender may have it.

    Raises `Flaw` with file and line, `TemplateTooLong`, `NotToBeSaid`.
    """
    if len(content.encode()) > BYTES_MAX or "\0" in content:
        raise TemplateTooLong
    template = read_own(content, file)
    if lender.jurisdiction not in template.jurisdictions:
        raise Flaw(file, 1, f"jurisdictions do not name this lender's, {lender.jurisdiction}")
    screened({f"{template.id} ({lang})": text for lang, text in template.text.items()})
    return template


def keep_draft(
    tx: Tx, *, vault: Vault, content: str, actor: Actor, now: datetime, file: str = "template.yaml"
) -> OwnTemplate:
    """Keep a draft that is in order; nothing may be sent by it. Raises `ApprovedStays`, what `checked` raises."""
    text = content.replace("\r\n", "\n")
    template = checked(text, file, lenders.lock(tx))
    highest = own_templates.highest(tx, template.id)
    draft_id = own_templates.add(
        tx, template_id=template.id, version=template.version, content=text, actor=str(actor), now=now
    )
    kept = own_templates.get(tx, draft_id)
    if kept.state is None and template.version <= highest:
        raise ApprovedStays(template.id, template.version, highest)
    if (kept.actor, kept.at) == (str(actor), now):
        log.append(
            tx, vault=vault, kind="template.kept", at=now, actor=str(actor),
            stated={"draft": draft_id, "template": template.id, "version": template.version, "sha256": kept.hash},
        )  # fmt: skip
    return kept


def in_use(lender: Lender, drafts: list[OwnTemplate]) -> OwnTemplate | None:
    """Which of these drafts stands in the register, approved or withdrawn."""
    standing = {hash_in(name) for name in lender.own_templates}
    return next((one for one in drafts if one.hash in standing), None)


def wanted(tx: Tx, draft_id: int) -> dict[str, Any]:
    """What is asked for when a draft shall be approved."""
    found = own_templates.get(tx, draft_id)
    return {"draft": draft_id, "template": found.template_id, "version": found.version, "sha256": found.hash}


def _check(tx: Tx, asked: Mapping[str, Any]) -> None:
    found, lender = own_templates.get(tx, int(asked["draft"])), lenders.get(tx)
    checked(found.content, f"{found.template_id}.yaml", lender)
    standing = in_use(lender, own_templates.of_template(tx, found.template_id))
    if standing is not None and standing.draft_id == found.draft_id and found.state == "approved":
        raise StandsAlready(found.template_id, found.version)
    highest = own_templates.highest(tx, found.template_id)
    if found.version <= highest and not own_templates.was_approved(tx, found.draft_id):
        raise ApprovedStays(found.template_id, found.version, highest)


def _carry_out(tx: Tx, request: Approval, vault: Vault, actor: Actor, now: datetime) -> None:
    """Let the draft stand in the register from today, in place of any other of its template."""
    lender = lenders.lock(tx)
    _check(tx, request.asked)
    found = own_templates.get(tx, int(request.asked["draft"]))
    day = _today(lender, now)
    lenders.set_own_templates(tx, [*_others(tx, lender, found), name_of(tx.lender_id, found.hash, day)])
    own_templates.use(
        tx, draft_id=found.draft_id, state="approved", from_day=day, approval_id=request.approval_id,
        asked_by=request.asked_by, decided_by=str(actor), reason=request.reason, now=now,
    )  # fmt: skip
    log.append(
        tx, vault=vault, kind="template.approved", at=now, actor=str(actor),
        stated={
            "draft": found.draft_id, "template": found.template_id, "version": found.version, "sha256": found.hash,
            "from": day.isoformat(), "request": request.approval_id,
        },
    )  # fmt: skip


def withdraw_template(
    tx: Tx, *, vault: Vault, template_id: str, reason: str, actor: Actor, now: datetime
) -> OwnTemplate:
    """Take a template out of use at once: one person may stop what two let begin. Raises `NotInUse`, `NoReason`."""
    if actor.role is not Role.COMPLIANCE:
        raise MayNotWithdraw(actor)
    if not 1 <= len(reason.strip()) <= REASON_MAX:
        raise NoReason
    lender = lenders.lock(tx)
    found = in_use(lender, own_templates.of_template(tx, template_id))
    if found is None or found.state != "approved" or found.from_day is None:
        raise NotInUse(template_id)
    day = _today(lender, now)
    name = name_of(tx.lender_id, found.hash, found.from_day, day)
    lenders.set_own_templates(tx, [*_others(tx, lender, found), name])
    own_templates.use(
        tx, draft_id=found.draft_id, state="withdrawn", from_day=day, approval_id=None, asked_by=str(actor),
        decided_by=str(actor), reason=reason.strip(), now=now,
    )  # fmt: skip
    log.append(
        tx, vault=vault, kind="template.withdrawn", at=now, actor=str(actor),
        stated={
            "draft": found.draft_id, "template": found.template_id, "version": found.version, "sha256": found.hash,
            "from": day.isoformat(), "reason": vault.text_pseudonym(tx.lender_id, reason.strip()),
        },
    )  # fmt: skip
    return own_templates.get(tx, found.draft_id)


def _others(tx: Tx, lender: Lender, found: OwnTemplate) -> list[str]:
    same = {one.hash for one in own_templates.of_template(tx, found.template_id)}
    return [name for name in lender.own_templates if hash_in(name) not in same]


def _today(lender: Lender, now: datetime) -> date:
    return now.astimezone(ZoneInfo(lender.zone)).date()


APPROVE = Kind(
    kind="template.approve",
    says=N_("let version {version} of the lender's own template {template} be used from now on"),
    asks=frozenset({Role.COMPLIANCE, Role.STRATEGIST}),
    decides=frozenset({Role.COMPLIANCE}),
    carry_out=_carry_out,
    check=_check,
)
"""Four eyes over what may be said; an earlier version is gone back to in the same way."""
