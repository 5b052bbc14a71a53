"""Tokens of the API: whose, for what, until when. Only a digest of a token is stored; the token is shown once.

A token's text is ``duecourse.LENDER.SECRET``: the lender's code, so that the row can be looked for among this lender's
alone, and 32 random bytes, too many to guess, so that a plain SHA-256 is enough to keep.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput

SECRET_BYTES = 32
_TEXT = re.compile(r"duecourse\.([a-z0-9][a-z0-9_-]{0,31})\.[A-Za-z0-9_-]{43}")


class Scope(StrEnum):
    """What a token may do. Scopes do not include one another."""

    LAW_READ = "law:read"  # read rules, facts and templates; explain a contact that is described, not looked up
    LAW_ANALYSE = "law:analyse"  # ask the lender's own contacts and plans: diff, replay, coverage, calendar
    LAW_WRITE = "law:write"  # send packs of the lender's own, ask that one bind, as a compliance officer
    PERMIT_REQUEST = "permit:request"  # ask the gate for a permit, or whether it would give one
    PERMIT_READ = "permit:read"  # look at permits of the token's own sender
    PERMIT_REDEEM = "permit:redeem"  # redeem a permit at the instant of dialling or sending
    OUTCOME_REPORT = "outcome:report"  # report what came of a contact, and contacts that came in
    INBOUND_RECEIVE = "inbound:receive"  # bring what people wrote or said, which may stop contact at once
    INBOUND_READ = "inbound:read"  # list what came in, masked, without its text
    PERMIT_ACT_FOR_SENDER = "permit:act-for-sender"  # name another sender than the token's own
    PERMIT_OVERRIDE = "permit:override"  # lift a recommendation, with a reason, as a compliance officer
    FACT_STATE = "fact:state"  # put a fact on record that no table gives, which may lift a refusal
    LENDER_STATE = "lender:state"  # say a fact once of all claims, which may lift a refusal of every one of them
    HOLD_PLACE = "hold:place"  # place a hold, which stops contact at once
    HOLD_END = "hold:end"  # end a hold
    CASE_READ = "case:read"  # worklists, cases, promises and search, masked
    CASE_WORK = "case:work"  # notes, promises, skips, taking and handing back
    CASE_ASSIGN = "case:assign"  # give many cases to others at once, as a preview showed
    PERSON_REVEAL = "person:reveal"  # read a protected value for a purpose, on record
    CALL_MAKE = "call:make"  # let a collector's telephone ring and call somebody of a case from the lender's number
    RECORDING_HEAR = "recording:hear"  # hear recordings and read transcripts for a purpose, on record
    FIGURE_READ = "figure:read"  # the lender's figures, and the rows behind them with names masked
    FIGURE_EXPORT = "figure:export"  # take the rows behind figures out as files
    STRATEGY_READ = "strategy:read"  # strategies, drafts and what they would change
    STRATEGY_WRITE = "strategy:write"  # write drafts, try them out, ask for their activation
    APPROVAL_READ = "approval:read"  # what waits for a second person, and how it was decided
    USER_READ = "user:read"  # who may sign in, with roles and team
    USER_WRITE = "user:write"  # enter and disable users, end roles and sessions, ask for roles; as an administrator
    STAFF_READ = "staff:read"  # the register of staff and outside firms
    STAFF_WRITE = "staff:write"  # put on record what proves who may speak, which may lift a refusal; end it
    TEAM_READ = "team:read"  # teams, skills, capacity, absence
    TEAM_WRITE = "team:write"  # change them; the next day run goes by it
    JOB_READ = "job:read"  # background jobs, and what came of each
    JOB_START = "job:start"  # ask for day runs and imports of checked tapes; do again what failed
    TAPE_SEND = "tape:send"  # send files of a tape, have them checked, send corrections
    TAPE_READ = "tape:read"  # rows in quarantine, masked
    DOCUMENT_KEEP = "document:keep"  # keep a document on a case, sealed
    DOCUMENT_OPEN = "document:open"  # open a document for a purpose, on record
    NOTICE_ISSUE = "notice:issue"  # try, issue and take back notices; sending needs a permit
    NOTICE_OPEN = "notice:open"  # open a notice for a purpose, on record
    PLAN_OFFER = "plan:offer"  # offer plans and take offers back, as a collector: beyond that another approves
    PLAN_SIGN = "plan:sign"  # bring what the borrower's own device signed: the plan stands on the ledger with it
    MATTER_OPEN = "matter:open"  # open disputes, complaints, hardship, corrections, which may stop contact; escalate
    MATTER_ANSWER = "matter:answer"  # answer them, which ends their hold
    MATTER_ACCELERATE = "matter:accelerate"  # note that everything will be called, as a supervisor
    WAIVER_OFFER = "waiver:offer"  # offer to give up or to settle, as a collector: beyond that another approves
    PAYMENT_LINK = "payment:link"  # have links made by which a debtor pays, for no more than is owed
    PAYMENT_READ = "payment:read"  # payments, links, lines of bank statements that wait, masked
    PAYMENT_WORK = "payment:work"  # say whose a line is, take payments back, ask for refunds, as a supervisor
    STATEMENT_SEND = "statement:send"  # send bank statements: proved, and each line kept once
    REFUND_FILE = "refund:file"  # put approved refunds into a file for the bank and read it: accounts in clear
    RETENTION_READ = "retention:read"  # what is kept until when, legal holds, certificates of destruction
    RETENTION_WORK = "retention:work"  # place legal holds and ask for their release, as a compliance officer
    AUDIT_READ = "audit:read"  # audits: plans, samples, answers without their notes, reports, findings
    OUTBOX_READ = "outbox:read"  # messages on their way and what became of them, channels, pauses; never their words
    OUTBOX_WORK = "outbox:work"  # pause and resume sending, take messages back, say what became of unknown ones
    WEBHOOK_MANAGE = "webhook:manage"  # say who is told of what was done


class NoSuchToken(BadInput):
    """No token of this id."""

    def __init__(self, token_id: str) -> None:
        super().__init__(N_("there is no token {token_id!r}; `duecourse token list` shows them"), token_id=token_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token as it is kept. ``firm`` is the agency or law firm whose it is, None for the lender's own."""

    token_id: str
    name: str
    sender_type: str
    firm: str | None
    scopes: tuple[str, ...]
    requests_minute_max: int | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def __post_init__(self) -> None:
        """PostgreSQL gives a list; a value has a tuple."""
        object.__setattr__(self, "scopes", tuple(self.scopes))

    def live(self, now: datetime) -> bool:
        """Whether it opens anything at an instant."""
        return self.revoked_at is None and self.created_at <= now < self.expires_at


def new_text(lender_id: str, chance: Callable[[int], bytes]) -> str:
    """The text of a new token."""
    return f"duecourse.{lender_id}.{urlsafe_b64encode(chance(SECRET_BYTES)).rstrip(b'=').decode()}"


def lender_of(text: str) -> str | None:
    """The lender whose token a text says it is, None where it is no token at all."""
    found = _TEXT.fullmatch(text)
    return found.group(1) if found else None


def digest(text: str) -> bytes:
    """What is kept of a token's text."""
    return sha256(text.encode()).digest()


_COLUMNS = "token_id, name, sender_type, firm, scopes, requests_minute_max, created_at, expires_at, revoked_at"


def add(tx: Tx, token: Token, text: str) -> None:
    """Keep a new token under the digest of its text."""
    tx.execute(
        f"INSERT INTO api_token (lender_id, digest, {_COLUMNS}) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            tx.lender_id, digest(text), token.token_id, token.name, token.sender_type, token.firm,
            list(token.scopes), token.requests_minute_max, token.created_at, token.expires_at, token.revoked_at,
        ),
    )  # fmt: skip


def by_text(tx: Tx, text: str) -> Token | None:
    """The token of a text, whether it is live or not, or None."""
    return tx.row(
        Token,
        f"SELECT {_COLUMNS} FROM api_token WHERE lender_id = %s AND digest = %s",
        (tx.lender_id, digest(text)),
    )


def every(tx: Tx) -> list[Token]:
    """All tokens of the lender, the latest first."""
    return tx.rows(
        Token,
        f"SELECT {_COLUMNS} FROM api_token WHERE lender_id = %s ORDER BY created_at DESC, token_id",
        (tx.lender_id,),
    )


def get(tx: Tx, token_id: str) -> Token:
    """One token; raises `NoSuchToken`."""
    found = tx.row(
        Token, f"SELECT {_COLUMNS} FROM api_token WHERE lender_id = %s AND token_id = %s", (tx.lender_id, token_id)
    )
    if found is None:
        raise NoSuchToken(token_id)
    return found


def revoke(tx: Tx, token_id: str, *, now: datetime) -> bool:
    """End a token at once; False where it was revoked already."""
    return (
        tx.execute(
            "UPDATE api_token SET revoked_at = %s WHERE lender_id = %s AND token_id = %s AND revoked_at IS NULL",
            (now, tx.lender_id, token_id),
        ).rowcount
        == 1
    )
