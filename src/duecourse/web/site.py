"""The site: every part's pages in one table, the assets, and the API beside them; one program serves it all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from duecourse.trouble import N_, BadInput
from duecourse.web import (
    entrance,
    oversight,
    payment_callback,
    portal,
    public_log,
    sms_callback,
    verify_page,
    workbench,
)
from duecourse.web.api.parts import Parts
from duecourse.web.choice import Choice
from duecourse.web.components import assets
from duecourse.web.envelope import Envelope
from duecourse.web.page import Open, Page
from duecourse.web.visit import Door, Visit
from duecourse.web.visiting import endpoint, trouble

PARTS = (workbench, oversight, entrance, portal)
"""The parts, in the order of the navigation."""

FOREVER = "public, max-age=31536000, immutable"


class NoSuchPage(BadInput):
    """An address under which there is nothing."""

    def __init__(self) -> None:
        super().__init__(N_("there is no page under this address"))


def pages() -> Iterator[Page]:
    """Every page of the site, part by part: what the rights' test reads."""
    for part in PARTS:
        yield from part.pages()


def build(parts: Parts, door: Door) -> Starlette:
    """The pages, put together."""
    door = replace(door, links=tuple(link for part in PARTS for link in part.links()))
    routes: list[BaseRoute] = [
        Route(page.path, endpoint(page, parts, door), methods=[page.method], name=page.handler.__name__)
        for page in pages()
    ]
    routes.append(Mount(public_log.PATH, routes=[public_log.route(parts)]))
    routes.append(verify_page.route())
    routes.append(payment_callback.route(parts))
    routes.append(sms_callback.route(parts))
    routes.append(Mount(assets.PATH, Bundled(directory=assets.BUILT, check_dir=False)))

    async def nothing(request: Request, _error: Exception) -> Response:
        visit = Visit(
            request, parts, door, Choice.of(request.cookies, request.headers.get("accept-language", "")),
            parts.clock(), None, Open.EVERYBODY, FormData(), "",
        )  # fmt: skip
        return trouble(visit, NoSuchPage())

    return Starlette(
        routes=routes,
        middleware=[
            Middleware(Envelope, parts=parts, chance=door.chance, by_tls=(door.public_url or "").startswith("https:")),
            Middleware(GZipMiddleware, minimum_size=1_000, compresslevel=6),
        ],
        exception_handlers={HTTPException: nothing},
    )


class Bundled(StaticFiles):
    """Scripts and styles, which browsers keep for good: another content has another name."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with its leave to be kept."""
        answer = await super().get_response(path, scope)
        if answer.status_code == 200:
            answer.headers["Cache-Control"] = FOREVER
        return answer


class Front:
    """Which of the two is asked: the API under ``/api/`` (it also hears of beginning and end), else the site."""

    def __init__(self, site: ASGIApp, api: ASGIApp) -> None:
        self.site = site
        self.api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request, or the server's own messages, on."""
        ours = scope["type"] == "http" and not scope["path"].startswith("/api/")
        await (self.site if ours else self.api)(scope, receive, send)
