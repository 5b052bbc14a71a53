"""The API, put together: routes, their problems, and the description that programs read (``/api/v1/openapi.json``)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from duecourse.trouble import N_, Said
from duecourse.web.api import (
    analysis,
    audits,
    calendar,
    calls,
    cases,
    documents,
    figures,
    health,
    holds,
    inbound,
    jobs,
    law,
    lender,
    letters,
    matters,
    notices,
    outbox,
    packs,
    payments,
    people,
    permits,
    plans,
    promises,
    reassigning,
    retention,
    reveal,
    staff,
    statements,
    strategies,
    tapes,
    texts,
    users,
    visits,
    waivers,
    webhooks,
    worklist,
)
from duecourse.web.api.envelope import Envelope
from duecourse.web.api.identity import Callers
from duecourse.web.api.parts import Parts
from duecourse.web.api.problem import Kind, Problem, of_validation, response
from duecourse.web.api.shapes import PREFIX, ProblemShape

DESCRIPTION = f"{PREFIX}/openapi.json"
"""Where the description of the API lies."""

PARTS = (
    permits, inbound, holds, worklist, cases, promises, reassigning, documents, notices, plans, matters, waivers,
    payments, statements, law, packs, texts, lender, calendar, analysis, figures, strategies, webhooks, outbox,
    letters, visits, jobs, tapes, retention, audits, people, users, reveal, staff, calls, health,
)  # fmt: skip
"""Their routes stand in this order in one flat list: an address is compared with one after the other."""

ABOUT = """The gate and the law of duecourse for agencies and other systems' own diallers.

Whoever wants to contact somebody asks for a permit, redeems it at the instant of dialling or sending, and reports what
came of it. One borrower has one budget across everybody who asks here.
"""


def build(
    parts: Parts, *, chance: Callable[[int], bytes], threads: int, closing: Callable[[], None] | None = None
) -> FastAPI:
    """The API on its parts.

    ``chance`` gives random bytes for the ids of requests. Handlers that reach the database run in ``threads`` threads:
    as many as the pool has connections, so that none waits for one. ``closing`` is called when serving ends.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = threads
        try:
            yield
        finally:
            if closing is not None:
                closing()

    callers = Callers(parts)
    app = _routed(lifespan=lifespan, middleware=[Middleware(Envelope, parts=parts, chance=chance, callers=callers)])
    app.state.parts = parts
    app.state.callers = callers
    return app


def description() -> dict[str, Any]:
    """The OpenAPI document, without a desk behind it."""
    return _routed().openapi()


def _routed(**more: Any) -> FastAPI:  # noqa: ANN401 - of FastAPI's own
    for route in (route for part in PARTS for route in part.router.routes):
        if isinstance(route, APIRoute):
            route.operation_id = route.name  # the names that clients see are those of the handlers
    app = FastAPI(
        routes=[route for part in PARTS for route in part.router.routes],
        title="duecourse",
        version=version("duecourse"),
        description=ABOUT,
        openapi_url=DESCRIPTION,
        docs_url=None,  # these pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        license_info={"name": "Apache-2.0"},
        exception_handlers={RequestValidationError: _invalid, HTTPException: _no_route, Problem: _problem},
        **more,
    )
    _describe(app)
    return app


def _describe(app: FastAPI) -> None:
    """Put the problem document among the schemas, once, where every answer of an endpoint refers to it."""
    plain = app.openapi

    def described() -> dict[str, object]:
        if app.openapi_schema is None:
            whole = plain()
            shape = ProblemShape.model_json_schema(ref_template="#/components/schemas/{model}", by_alias=True)
            schemas = whole["components"]["schemas"]
            schemas |= shape.pop("$defs", {})
            schemas["Problem"] = {**shape, "title": "Problem"}
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            for place in whole["paths"].values():
                for operation in place.values():
                    invalid = operation["responses"].get("422", {}).get("content", {})
                    if "application/json" in invalid:  # FastAPI's own; ours are problem documents
                        del operation["responses"]["422"]
            app.openapi_schema = whole
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


async def _invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    return response(of_validation(error.errors()), request)


async def _problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    return response(error, request)


async def _no_route(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    match error.status_code:
        case 404:
            found = Problem(
                Kind.NOT_FOUND,
                Said(N_("Nothing stands at this address; {description} lists what does."), description=DESCRIPTION),
            )
        case 405:
            allowed = ", ".join(sorted(_methods(request)))
            found = Problem(
                Kind.NO_METHOD, Said(N_("This address takes {methods}."), methods=allowed), headers={"Allow": allowed}
            )
        case 415:
            found = Problem(Kind.NOT_JSON, Said(N_("Send the body as {kind}."), kind="application/json"))
        case 413:
            found = Problem(Kind.TOO_LARGE, N_("The body is too large; ask in smaller batches."))
        case _:
            found = Problem(Kind.MALFORMED, N_("The request could not be read."))
    return response(found, request)


def _methods(request: Request) -> set[str]:
    """What the address takes, over all routes that stand at it."""
    found: set[str] = set()
    for route in request.app.routes:
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
            found |= route.methods or set()
    return found
