"""Who may do and see what: rights by role, and of each protected value by role and purpose. One table each, here.

A page or an act asks for one right. A user who holds several roles has the rights of all of them together. What does
not belong here: who holds which role (`storage.users`), and the lender, which the database itself keeps apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from duecourse.casework.actor import Role
from duecourse.casework.reveal import NoPurpose, RevealPurpose
from duecourse.trouble import N_, Refused


class Right(StrEnum):
    """What can be allowed: noun, colon, verb."""

    CASE_READ = "case:read"  # worklists, cases, their people (masked), loans, timeline
    CASE_WORK = "case:work"  # record outcomes, notes, promises; skip with a reason
    CASE_ASSIGN = "case:assign"  # give cases to collectors, in bulk too
    PERSON_SEARCH = "person:search"  # find people by name, phone, number
    PERSON_REVEAL = "person:reveal"  # read a value in clear, for a purpose (see PURPOSES)
    HOLD_PLACE = "hold:place"  # stop contact at once
    HOLD_END = "hold:end"  # let contact go on
    FLOOR_READ = "floor:read"  # who works on what, now
    FIGURE_READ = "figure:read"  # the book's figures, charts, their rows (masked)
    FIGURE_EXPORT = "figure:export"  # take figures out as files
    STRATEGY_READ = "strategy:read"
    STRATEGY_WRITE = "strategy:write"  # drafts, trials, asking for activation
    LAW_READ = "law:read"  # rules, their texts, refusals by rule
    LAW_TRY = "law:try"  # differences over the live book, scenarios
    LAW_ACTIVATE = "law:activate"  # ask for the activation of a pack
    TEMPLATE_WRITE = "template:write"  # keep drafts of templates, ask for their approval
    NOTICE_ISSUE = "notice:issue"  # issue and withdraw notices of a case; sending needs a permit
    LENDER_STATE = "lender:state"  # say a fact once of all claims, or of the lines of one house; end it
    APPROVAL_READ = "approval:read"  # see what waits for a second pair of eyes
    APPROVAL_DECIDE = "approval:decide"  # decide where the kind of request names the user's role
    BOOK_READ = "book:read"  # versions, freshness, breaks, quarantine
    BOOK_MEND = "book:mend"  # mend quarantined rows, settle breaks, import
    STAFF_READ = "staff:read"  # the register of staff and firms
    STAFF_WRITE = "staff:write"  # put on record: exam, training, breach
    TEAM_READ = "team:read"  # teams, skills, capacity, absence
    TEAM_WRITE = "team:write"
    USER_READ = "user:read"  # users, roles, sessions
    USER_WRITE = "user:write"  # add, disable, reset, give and end roles, end sessions
    LENDER_READ = "lender:read"
    LENDER_WRITE = "lender:write"
    KEY_ROTATE = "key:rotate"
    JOB_READ = "job:read"  # imports, runs, jobs, health
    RECORD_READ = "record:read"  # the evidence log
    RETENTION_READ = "retention:read"  # what is kept until when, legal holds, certificates
    RETENTION_WORK = "retention:work"  # place legal holds, ask for their release, for reading, for destruction
    AUDIT_READ = "audit:read"  # plans, samples, answers, reports
    AUDIT_WORK = "audit:work"  # keep plans, draw, answer (never for one's own acts), find, accept or send back, close
    OUTBOX_READ = "outbox:read"  # messages on their way, channels, pauses; never their words
    OUTBOX_WORK = "outbox:work"  # pause and resume sending, take messages back, say what became of unknown ones
    WEBHOOK_READ = "webhook:read"  # what other systems were told, with attempts and answers
    WEBHOOK_REPLAY = "webhook:replay"  # let it go out again, with a reason
    PAYMENT_READ = "payment:read"  # bank statements, the suspense queue, payments; masked
    PAYMENT_WORK = "payment:work"  # say whose a line is, take payments back, ask for refunds, file them
    FINDING_ANSWER = "finding:answer"  # own a finding: say what is done about it; one's own findings only


R = Right
_ALL = (R.LAW_READ,)
_LEADS = (
    R.CASE_READ, R.PERSON_SEARCH, R.PERSON_REVEAL, R.HOLD_PLACE, R.FLOOR_READ, R.FIGURE_READ, R.FIGURE_EXPORT,
    R.STRATEGY_READ, R.APPROVAL_READ, R.APPROVAL_DECIDE, R.BOOK_READ, R.STAFF_READ, R.TEAM_READ, R.FINDING_ANSWER,
    R.OUTBOX_READ, R.OUTBOX_WORK, R.PAYMENT_READ,
)  # fmt: skip

RIGHTS: Mapping[Role, frozenset[Right]] = {
    role: frozenset((*_ALL, *rights))
    for role, rights in {
        Role.COLLECTOR: (R.CASE_READ, R.CASE_WORK, R.PERSON_SEARCH, R.PERSON_REVEAL, R.HOLD_PLACE, R.NOTICE_ISSUE),
        Role.SUPERVISOR: (
            *_LEADS, R.CASE_WORK, R.CASE_ASSIGN, R.TEAM_WRITE, R.STAFF_WRITE, R.NOTICE_ISSUE, R.PAYMENT_WORK,
        ),
        Role.COMPLIANCE: (
            *_LEADS, R.HOLD_END, R.LAW_TRY, R.LAW_ACTIVATE, R.LENDER_STATE, R.STAFF_WRITE, R.RECORD_READ,
            R.RETENTION_READ, R.RETENTION_WORK, R.TEMPLATE_WRITE, R.NOTICE_ISSUE, R.AUDIT_READ, R.AUDIT_WORK,
            R.WEBHOOK_READ, R.WEBHOOK_REPLAY,
        ),
        Role.STRATEGIST: (
            R.FIGURE_READ, R.FIGURE_EXPORT, R.STRATEGY_READ, R.STRATEGY_WRITE, R.LAW_TRY, R.BOOK_READ, R.TEMPLATE_WRITE,
            R.APPROVAL_READ, R.APPROVAL_DECIDE, R.FINDING_ANSWER,
        ),
        Role.ADMIN: (
            R.BOOK_READ, R.BOOK_MEND, R.STAFF_READ, R.TEAM_READ, R.TEAM_WRITE, R.USER_READ, R.USER_WRITE, R.LENDER_READ,
            R.LENDER_WRITE, R.KEY_ROTATE, R.JOB_READ, R.APPROVAL_READ, R.APPROVAL_DECIDE, R.FINDING_ANSWER,
            R.OUTBOX_READ, R.OUTBOX_WORK, R.PAYMENT_READ, R.PAYMENT_WORK, R.WEBHOOK_READ, R.WEBHOOK_REPLAY,
        ),
        Role.AUDITOR: (
            R.CASE_READ, R.PERSON_SEARCH, R.PERSON_REVEAL, R.FLOOR_READ, R.FIGURE_READ, R.FIGURE_EXPORT,
            R.STRATEGY_READ, R.APPROVAL_READ, R.BOOK_READ, R.STAFF_READ, R.TEAM_READ, R.USER_READ, R.LENDER_READ,
            R.JOB_READ, R.RECORD_READ, R.RETENTION_READ, R.AUDIT_READ, R.AUDIT_WORK,
            R.OUTBOX_READ, R.PAYMENT_READ, R.WEBHOOK_READ,
        ),
    }.items()
}  # fmt: skip
"""What each role may do. Roles that are not in it may do nothing on screens."""

OF_POWER = frozenset({Role.SUPERVISOR, Role.COMPLIANCE, Role.STRATEGIST, Role.ADMIN, Role.AUDITOR})
"""Roles that need a second factor to sign in; to be given one takes two people."""

P = RevealPurpose
_TALK = {
    P.CONTACT: frozenset({"name", "contact_point", "notice", "recording"}),
    P.IDENTIFY: frozenset({"name", "id", "birth", "reference", "document"}),
}
_PAPERS = {
    P.DOCUMENT: frozenset({"name", "id", "contact_point", "reference", "notice"}),
    P.DISPUTE: frozenset({"name", "contact_point", "reference", "document", "notice", "recording"}),
    P.CORRECTION: frozenset({"name", "id", "birth", "reference", "contact_point", "document"}),
}
_EVERYTHING = frozenset({"name", "id", "birth", "reference", "contact_point", "document", "notice", "recording"})

PURPOSES: Mapping[Role, Mapping[RevealPurpose, frozenset[str]]] = {
    Role.COLLECTOR: _TALK,
    Role.SUPERVISOR: _TALK | _PAPERS,
    Role.COMPLIANCE: dict.fromkeys((*_PAPERS, P.CLAIM, P.SUBJECT_REQUEST, P.SUPERVISION), _EVERYTHING),
    Role.AUDITOR: {P.SUPERVISION: _EVERYTHING},
    Role.SYSTEM: {
        P.IDENTIFY: frozenset({"name", "id", "birth", "reference"}),
        P.DOCUMENT: frozenset({"name", "id", "reference"}),
        P.CORRECTION: frozenset({"name", "id", "birth", "reference", "contact_point"}),
    },
}
"""Which values a role may read in clear, for which purpose. What is not here stays masked.

A program reads no number to make contact: it has a permit redeemed (`casework.dialling`). It does not act for a court.
"""


class NotForYou(Refused):
    """The reader's roles read this field for no such purpose."""

    def __init__(self, purpose: str) -> None:
        super().__init__(
            N_("your roles do not read this value for the purpose {purpose}; the masked form is what you may see"),
            purpose=purpose,
        )


def roles_from(names: Iterable[str]) -> tuple[Role, ...]:
    """Roles as stored, as roles."""
    return tuple(Role(name) for name in names)


def may(roles: Iterable[Role], right: Right) -> bool:
    """Whether any of the roles has a right.

    >>> may([Role.COLLECTOR], Right.CASE_WORK), may([Role.ADMIN, Role.AUDITOR], Right.CASE_WORK)
    (True, False)
    """
    return any(right in RIGHTS.get(role, frozenset()) for role in roles)


def acting(roles: Iterable[Role], right: Right) -> Role | None:
    """In which of the roles one uses a right: the first that has it, in the order of `Role`."""
    held = set(roles)
    return next((role for role in Role if role in held and right in RIGHTS.get(role, frozenset())), None)


def purposes(roles: Iterable[Role], field: str) -> list[RevealPurpose]:
    """For which purposes the roles may read a field in clear; a contact point's number does not matter.

    >>> [str(one) for one in purposes([Role.COLLECTOR], "contact_point/3")]
    ['contact']
    """
    what, held = field.partition("/")[0], set(roles)
    return [
        purpose
        for purpose in RevealPurpose
        if any(what in PURPOSES.get(role, {}).get(purpose, frozenset()) for role in held)
    ]


def check_purpose(roles: Iterable[Role], field: str, purpose: str) -> None:
    """Raise `NotForYou` where the roles do not read a field for a purpose, `reveal.NoPurpose` where none is given."""
    if not purpose:
        raise NoPurpose(purpose)
    if purpose not in purposes(roles, field):
        raise NotForYou(purpose)
