"""Templates: what may be said. Those that ship, the lender's own with every version, and the approval of a draft."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from duecourse.casework import approval, lender_texts, own_template
from duecourse.casework.issue_notice import Wanted, preview
from duecourse.casework.kinds import KINDS
from duecourse.casework.notice_said import FORMED, asked
from duecourse.casework.own_template import APPROVE
from duecourse.casework.permit import Sender
from duecourse.casework.rights import Right
from duecourse.casework.scripts import script
from duecourse.channels.render import html
from duecourse.law.templates import Template, read_own
from duecourse.law.terms import SenderType
from duecourse.storage import approvals, cases, lenders, own_templates
from duecourse.storage.own_templates import OwnTemplate
from duecourse.trouble import Trouble
from duecourse.web.difference import difference
from duecourse.web.fields import NotAFieldValue
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("oversight")

PATH = "/law/templates"

BLANK = """- template: own.
  version: 1
  jurisdictions: []
  channels: [letter]
  purpose: collect
  states:
    mentions_debt: true
    states_identity: true
    states_lender: true
    states_purpose: true
    poses_as_lender: false
    poses_as_authority: false
  text:
    zh: >-

    en: >-

"""
"""What a draft from nothing begins with."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A draft as its page shows it."""

    draft: OwnTemplate
    template: Template
    standing: OwnTemplate | None
    versions: list[OwnTemplate]
    diff: list[tuple[str, str]]  # what changed against the one in use: sign and line
    waiting: approvals.Approval | None


@pages.get(PATH, right=Right.LAW_READ)
def templates(visit: Visit) -> Response:
    """Every template in use, and the lender's own drafts."""
    with visit.transaction() as tx:
        register, drafts = lender_texts.register_for(tx), own_templates.every(tx)
        waiting = [one for one in approvals.pending(tx) if one.kind == APPROVE.kind]
    found = sorted(register.templates.values(), key=lambda one: (not one.id.startswith("own."), one.id))
    return visit.page(
        "oversight/texts.html", texts=found, drafts=drafts, waiting=waiting,
        parts=lambda one: script(one, {}, visit.lang),
    )  # fmt: skip


@pages.get(PATH + "/new", right=Right.TEMPLATE_WRITE)
def begin(visit: Visit) -> Response:
    """A draft from nothing, or from another text of the lender's own."""
    given = visit.query.get("from", "")
    content = BLANK.replace("jurisdictions: []", f"jurisdictions: [{visit.signed.lender.jurisdiction}]")
    if given:
        with visit.transaction() as tx:
            content = own_templates.get(tx, visit.number("from", visit.query)).content
    return _writing(visit, content)


@pages.post(PATH, right=Right.TEMPLATE_WRITE)
def keep(visit: Visit) -> Response:
    """Keep a draft that is in order; else say what is wrong, file and line, and lose nothing of it."""
    content = visit.form.get("content", "")
    if not isinstance(content, str):
        raise NotAFieldValue("content")
    try:
        with visit.transaction() as tx:
            kept = own_template.keep_draft(
                tx, vault=visit.parts.vault, content=content, actor=visit.actor, now=visit.now
            )
    except Trouble as error:
        return _writing(visit, content, error=sentence(error, visit.choice.language))
    return visit.go(
        f"{PATH}/drafts/{kept.draft_id}",
        said=visit.say("The draft is kept. Nothing may be sent by it before it is approved."),
    )


@pages.get(PATH + "/drafts/{draft}", right=Right.LAW_READ)
def draft(visit: Visit) -> Response:
    """A draft: its words, what it changes, and who decided what about it."""
    return _draft(visit)


@pages.post(PATH + "/drafts/{draft}/approval", right=Right.TEMPLATE_WRITE)
def ask(visit: Visit) -> Response:
    """Ask a compliance officer to approve the draft."""
    number = visit.number("draft", visit.path)
    try:
        with visit.transaction() as tx:
            made = approval.ask(
                tx, kinds=KINDS, vault=visit.parts.vault, kind=APPROVE.kind, subject=f"template:{number}",
                asked=own_template.wanted(tx, number), reason=visit.text("reason"), actor=visit.actor, now=visit.now,
            )  # fmt: skip
    except Trouble as error:
        return _draft(visit, error=sentence(error, visit.choice.language))
    return visit.go(
        f"/approvals/{made.approval_id}", said=visit.say("Somebody else decides now; until then nothing changes.")
    )


@pages.post(PATH + "/drafts/{draft}/preview", right=Right.TEMPLATE_WRITE)
def try_draft(visit: Visit) -> Response:
    """The draft as it would read for a real case: names masked, nothing kept."""
    try:
        with visit.transaction() as tx:
            found = own_templates.get(tx, visit.number("draft", visit.path))
            case = cases.get(tx, visit.number("case"))
            template = read_own(found.content, f"{found.template_id}.yaml")
            wanted = Wanted(
                case_id=case.case_id, person_id=case.person_id, template_id=template.id, lang=visit.lang,
                sender=Sender(SenderType.LENDER, staff=visit.signed.ref),
                said={slot: visit.say("(said by whoever issues)") for slot in asked(template) if slot not in FORMED},
            )  # fmt: skip
            _on, content = preview(tx, visit.parts.store(visit.lender_id), wanted, now=visit.now, template=template)
    except Trouble as error:
        return _draft(visit, error=sentence(error, visit.choice.language))
    return _draft(visit, shown=html(content))


@pages.post(PATH + "/{template}/withdrawal", right=Right.LAW_ACTIVATE)
def withdraw(visit: Visit) -> Response:
    """Take a template of the lender's own out of use at once."""
    with visit.transaction() as tx:
        own_template.withdraw_template(
            tx, vault=visit.parts.vault, template_id=str(visit.path["template"]), reason=visit.text("reason"),
            actor=visit.actor, now=visit.now,
        )  # fmt: skip
    return visit.go(PATH, said=visit.say("The template is withdrawn: nothing is sent by it any more."))


def _writing(visit: Visit, content: str, *, error: str = "") -> Response:
    return visit.page("oversight/text_new.html", status=422 if error else 200, content=content, error=error)


def _draft(visit: Visit, *, error: str = "", shown: str = "") -> Response:
    found = _shown(visit, visit.number("draft", visit.path))
    return visit.page(
        "oversight/text.html", status=422 if error else 200, error=error, one=found, shown=shown,
        words=[(lang, script(found.template, {}, lang)) for lang in ("zh", "en")],
    )  # fmt: skip


def _shown(visit: Visit, number: int) -> Shown:
    with visit.transaction() as tx:
        found = own_templates.get(tx, number)
        versions = own_templates.of_template(tx, found.template_id)
        standing = own_template.in_use(lenders.get(tx), versions)
        waiting = approvals.open_of(tx, APPROVE.kind, f"template:{number}")
    other = standing if standing is not None and standing.draft_id != number else None
    return Shown(
        found, read_own(found.content, f"{found.template_id}.yaml"), standing, versions,
        difference(other.content if other else found.content, found.content), waiting,
    )  # fmt: skip
