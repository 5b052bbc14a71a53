"""Who asks: the bearer token, its scopes, its lender, and how often it may ask.

A token that was found live is trusted for `TRUSTED_MS` without asking the database again, so a revoked one opens
nothing after that time. Its end is looked at with every request.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, get_args, get_origin

from fastapi import Depends, Security
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from duecourse.casework.actor import Actor, Role
from duecourse.law.terms import SenderType
from duecourse.storage import lenders, tokens
from duecourse.storage.lenders import Lender
from duecourse.storage.tokens import Scope, Token
from duecourse.trouble import N_, Said, masked
from duecourse.web.api.language import language
from duecourse.web.api.parts import Parts
from duecourse.web.api.problem import Kind, Problem
from duecourse.web.api.wrong import PLACES_MAX

TRUSTED_MS = 1_000
"""For how long a token that was found live is not looked up again."""

_TRUSTED_MAX = 10_000
_MINUTE = 60
_NAME_MAX = 64

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    bearerFormat="duecourse.LENDER.SECRET",
    description="A token of `duecourse token create`. Its scopes say what it may do; it works for one lender.",
)


@dataclass(frozen=True, slots=True)
class Caller:
    """A live token, whose lender it works for, and as whom it acts."""

    token: Token = field(repr=False)
    lender: Lender

    @property
    def actor(self) -> Actor:
        """As whom records name the caller: the firm, or the lender's system by the token's name."""
        if self.token.firm is not None:
            return Actor(Role.AGENCY, self.token.firm)
        return Actor(Role.SYSTEM, self.token.name)

    @property
    def firm(self) -> str:
        """The agency or law firm, empty for the lender's own systems."""
        return self.token.firm or ""

    @property
    def sender_type(self) -> SenderType:
        """What the caller is as a sender."""
        return SenderType(self.token.sender_type)

    def may(self, scope: Scope) -> bool:
        """Whether the token has a scope."""
        return scope in self.token.scopes


class Callers:
    """The tokens found live of late, and how often each has asked; one for each web process."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._found: dict[bytes, tuple[int, Caller]] = {}
        self._rates = FixedWindowRateLimiter(MemoryStorage())

    async def of(self, text: str) -> Caller:
        """Whose token a text is. Raises `Problem` where it is none, or none any more."""
        digest = tokens.digest(text)
        now_ms = time.monotonic_ns() // 1_000_000
        kept = self._found.get(digest)
        if kept is None or now_ms - kept[0] >= TRUSTED_MS:
            kept = await self._look_again(digest, text, kept, now_ms)
        caller = kept[1]
        if not caller.token.live(self.parts.clock()):
            raise _no_token(N_("The token has expired or was revoked. Ask the lender for another one."))
        return caller

    async def _look_again(
        self, digest: bytes, text: str, kept: tuple[int, Caller] | None, now_ms: int
    ) -> tuple[int, Caller]:
        """Ask the database. Whoever comes meanwhile with a token known before need not ask too."""
        if kept is not None:
            self._found[digest] = (now_ms, kept[1])
        found = None
        try:
            found = await run_in_threadpool(self._look, text)
        finally:
            if found is None:
                self._found.pop(digest, None)
        if found is None:
            raise _no_token(N_("The token is not known. It may have been mistyped."))
        if len(self._found) >= _TRUSTED_MAX:
            self._found.clear()
        self._found[digest] = (now_ms, found)
        return now_ms, found

    def _look(self, text: str) -> Caller | None:
        lender_id = tokens.lender_of(text)
        if lender_id is None:
            return None
        with self.parts.database.transaction(lender_id) as tx:
            token = tokens.by_text(tx, text)
            return None if token is None else Caller(token, lenders.get(tx))

    def count(self, caller: Caller) -> None:
        """Count a request; raises `Problem` where the token has had its requests of this minute."""
        most = caller.token.requests_minute_max
        if most is None:
            return
        name = (caller.lender.lender_id, caller.token.token_id)
        if not self._rates.hit(RateLimitItemPerMinute(most), *name):
            wait = int(self._rates.get_window_stats(RateLimitItemPerMinute(most), *name).reset_time)
            seconds = min(max(wait - int(self.parts.clock().timestamp()), 1), _MINUTE)
            raise Problem(
                Kind.TOO_MANY,
                Said(
                    N_("The token has at most {most} requests a minute. Ask again in {seconds} s."),
                    most=most,
                    seconds=seconds,
                ),
                headers={"Retry-After": str(seconds)},
            )


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One request of a caller who was let in: with what it is answered, and in which language (``zh`` or ``en``)."""

    caller: Caller
    parts: Parts = field(repr=False)
    lang: str

    @property
    def lender_id(self) -> str:
        """The lender for whom the token works."""
        return self.caller.lender.lender_id


async def _admitted(
    request: Request,
    asked: SecurityScopes,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Inquiry:
    if credentials is None:
        raise _no_token(N_("The request brings no token: send the header Authorization: Bearer TOKEN."))
    callers: Callers = request.app.state.callers
    caller = await callers.of(credentials.credentials)
    request.scope["state"]["token_id"] = caller.token.token_id
    callers.count(caller)
    if missing := [scope for scope in asked.scopes if not caller.may(Scope(scope))]:
        raise no_scope(*missing)
    _only_known(request)
    return Inquiry(caller, callers.parts, language(request.headers.get("accept-language", "")))


def _only_known(request: Request) -> None:
    """Raise `Problem` where the query names what this place does not take: a misspelt filter would give everything.

    Also where it says twice what is taken once: one of the two would fall under the table.
    """
    if not request.scope["query_string"]:
        return
    route: APIRoute = request.scope["route"]
    known = query_names(route)
    said = Counter(name for name, _ in request.query_params.multi_items())
    if twice := [name for name, often in _query(route).items() if said[name] > 1 and not often]:
        raise Problem(
            Kind.INVALID,
            Said(N_("The query says {twice} more than once; here it is taken once."), twice=_quoted(twice)),
            errors=[{"loc": ("query", name), "type": "said_twice"} for name in twice],
        )
    unknown = [masked(name)[:_NAME_MAX] for name in request.query_params if name not in known]
    if not unknown:
        return
    sentence = (
        N_("The query says {unknown}, which is not known here; known are {known}.")
        if known
        else N_("The query says {unknown}, which is not known here: this place takes no query.")
    )
    quoted = {"unknown": _quoted(unknown[:PLACES_MAX]), **({"known": _quoted(known)} if known else {})}
    raise Problem(
        Kind.INVALID,
        Said(sentence, **quoted),
        errors=[{"loc": ("query", name), "type": "extra_forbidden"} for name in unknown],
    )


def query_names(route: APIRoute) -> tuple[str, ...]:
    """The names that a route takes in its query, those of its models too."""
    return tuple(_query(route))


def _query(route: APIRoute) -> dict[str, bool]:
    """Whether each name that the query takes may stand more than once."""
    # `_admitted`, the one dependency of all, takes none.
    fields = get_flat_params(Dependant(query_params=route.dependant.query_params))
    types = {one.alias: one.field_info.annotation for one in fields}
    return {name: list in {get_origin(one), *map(get_origin, get_args(one))} for name, one in types.items()}


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def admitted(*scopes: Scope) -> object:
    """The dependency that lets a caller in whose token has all of these scopes, and gives the `Inquiry`.

    One dependency and no more: the framework's bookkeeping for each costs as much as what they would do.
    """
    return Security(_admitted, scopes=[scope.value for scope in scopes])


def _no_token(detail: str) -> Problem:
    return Problem(Kind.NO_TOKEN, detail, headers={"WWW-Authenticate": 'Bearer realm="duecourse"'})


def no_scope(*missing: str) -> Problem:
    """The problem of a token that lacks scopes."""
    names = " ".join(missing)
    return Problem(
        Kind.NO_SCOPE,
        Said(N_("The token lacks the scope {scopes}. Ask the lender for one that has it."), scopes=names),
        headers={"WWW-Authenticate": f'Bearer realm="duecourse", error="insufficient_scope", scope="{names}"'},
    )
