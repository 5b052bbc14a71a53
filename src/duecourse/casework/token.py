"""Giving out a token of the API, and taking it back: two acts, each with its record."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches

from duecourse.casework.actor import Actor
from duecourse.core.ids import letters
from duecourse.law.terms import SenderType
from duecourse.storage import log, tokens
from duecourse.storage.connection import Tx
from duecourse.storage.tokens import Scope, Token
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Said

_NAME = re.compile(r"[A-Za-z0-9._@-]{1,64}")
_ID_BYTES = 6

LENDER_ONLY = frozenset(
    {
        Scope.PERMIT_ACT_FOR_SENDER, Scope.PERMIT_OVERRIDE, Scope.LAW_ANALYSE, Scope.FACT_STATE, Scope.HOLD_END,
        Scope.CASE_READ, Scope.CASE_WORK, Scope.FIGURE_READ, Scope.FIGURE_EXPORT, Scope.STRATEGY_READ,
        Scope.STRATEGY_WRITE, Scope.WEBHOOK_MANAGE, Scope.APPROVAL_READ, Scope.USER_READ,
        Scope.JOB_READ, Scope.JOB_START, Scope.LENDER_STATE, Scope.TAPE_SEND, Scope.TAPE_READ, Scope.DOCUMENT_KEEP,
        Scope.DOCUMENT_OPEN, Scope.LAW_WRITE, Scope.NOTICE_ISSUE, Scope.NOTICE_OPEN, Scope.RETENTION_READ,
        Scope.RETENTION_WORK, Scope.AUDIT_READ, Scope.OUTBOX_READ, Scope.OUTBOX_WORK, Scope.INBOUND_RECEIVE,
        Scope.INBOUND_READ, Scope.CASE_ASSIGN, Scope.PERSON_REVEAL, Scope.USER_WRITE, Scope.STAFF_READ,
        Scope.STAFF_WRITE, Scope.TEAM_READ, Scope.TEAM_WRITE, Scope.CALL_MAKE, Scope.RECORDING_HEAR,
        Scope.PLAN_OFFER, Scope.PLAN_SIGN, Scope.MATTER_OPEN, Scope.MATTER_ANSWER, Scope.MATTER_ACCELERATE,
        Scope.WAIVER_OFFER, Scope.PAYMENT_LINK, Scope.PAYMENT_READ, Scope.PAYMENT_WORK,
        Scope.STATEMENT_SEND, Scope.REFUND_FILE,
    }
)  # fmt: skip
"""Scopes that an outside firm never gets."""


class NotAToken(BadInput):
    """What a token shall be is not possible."""


@dataclass(frozen=True, slots=True)
class Given:
    """A token and its text, which nobody can show again."""

    token: Token
    text: str = field(repr=False)


def create_token(
    tx: Tx,
    *,
    vault: Vault,
    name: str,
    scopes: Sequence[str],
    sender_type: str,
    firm: str | None,
    expires_at: datetime,
    requests_minute_max: int | None,
    actor: Actor,
    now: datetime,
    chance: Callable[[int], bytes],
) -> Given:
    """Make a token of the transaction's lender; its text is in the answer and nowhere else. Raises `NotAToken`."""
    token = Token(
        token_id=letters(chance(_ID_BYTES)),
        name=name,
        sender_type=sender_type,
        firm=firm,
        scopes=tuple(sorted(set(scopes))),
        requests_minute_max=requests_minute_max,
        created_at=now,
        expires_at=expires_at,
    )
    _check(token)
    text = tokens.new_text(tx.lender_id, chance)
    tokens.add(tx, token, text)
    log.append(
        tx,
        vault=vault,
        kind="token.created",
        at=now,
        actor=str(actor),
        stated={
            "token": token.token_id,
            "name": name,
            "scopes": list(token.scopes),
            "sender_type": sender_type,
            "firm": firm,
            "expires": expires_at.isoformat(),
        },
    )
    return Given(token, text)


def revoke_token(tx: Tx, *, vault: Vault, token_id: str, actor: Actor, now: datetime) -> Token:
    """End a token at once. Raises `tokens.NoSuchToken`; one that is revoked stays as it is, without another record."""
    token = tokens.get(tx, token_id)
    if tokens.revoke(tx, token_id, now=now):
        log.append(
            tx,
            vault=vault,
            kind="token.revoked",
            at=now,
            actor=str(actor),
            stated={"token": token_id, "name": token.name},
        )
    return tokens.get(tx, token_id)


def _check(token: Token) -> None:
    if not _NAME.fullmatch(token.name):
        raise NotAToken(N_("a token is named by 1 to 64 letters, digits, dots, dashes, underscores or @"))
    if unknown := sorted(set(token.scopes) - set(Scope)):
        raise NotAToken(
            N_("no scope {unknown}{near}; there are {scopes}"), unknown=", ".join(unknown), near=_near(unknown),
            scopes=", ".join(Scope),
        )  # fmt: skip
    if not token.scopes:
        raise NotAToken(N_("a token without a scope opens nothing; choose of {scopes}"), scopes=", ".join(Scope))
    if token.sender_type not in set(SenderType):
        raise NotAToken(
            N_("a sender is one of {types}, not {sender_type!r}"),
            types=", ".join(SenderType),
            sender_type=token.sender_type,
        )
    if token.firm is not None and not _NAME.fullmatch(token.firm):
        raise NotAToken(N_("a firm is named by 1 to 64 letters, digits, dots, dashes, underscores or @"))
    if (token.sender_type == SenderType.LENDER) is (token.firm is not None):
        raise NotAToken(N_("a token of an agency or law firm is bound to it by --firm; the lender's own has none"))
    if token.firm is not None and (wrong := sorted(set(token.scopes) & LENDER_ONLY)):
        raise NotAToken(
            N_("{wrong}: for the lender's own systems only, never for another firm"), wrong=", ".join(wrong)
        )
    if token.requests_minute_max is not None and token.requests_minute_max < 1:
        raise NotAToken(N_("requests a minute are at least 1; leave the limit out for none"))
    if token.expires_at <= token.created_at:
        raise NotAToken(N_("a token expires later than now"))


def _near(unknown: Sequence[str]) -> str:
    found = dict.fromkeys(one for word in unknown for one in get_close_matches(word, list(Scope), n=1))
    return Said(N_("; did you mean {name!r}?"), name=", ".join(found)) if found else ""
