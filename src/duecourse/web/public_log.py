"""The published log under ``/log/<lender>/``: key, checkpoint and tiles (C2SP tlog-tiles), for everybody.

It holds hashes and counts; nothing about a person can be read or guessed from them. Witnesses and auditors read it
without signing in.
"""

from __future__ import annotations

import re

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from duecourse.evidence.tiles import NoSuchTile, tile_at
from duecourse.storage.published import CHECKPOINT, KEY
from duecourse.web.api.parts import Parts

PATH = "/log"
FOREVER = "public, max-age=31536000, immutable"
_LENDER = re.compile(r"[a-z0-9_-]{1,32}")


def route(parts: Parts) -> Route:
    """The files of a lender's published log, below `PATH`."""

    async def log(request: Request) -> Response:
        lender_id, name = request.path_params["lender"], request.path_params["name"]
        if not _LENDER.fullmatch(lender_id):
            raise HTTPException(404)
        return await run_in_threadpool(_file, parts, lender_id, name)

    return Route("/{lender}/{name:path}", log, methods=["GET"])


def _file(parts: Parts, lender_id: str, name: str) -> Response:
    published = parts.published(lender_id)
    if name in {CHECKPOINT, KEY}:
        content = published.checkpoint() if name == CHECKPOINT else published.key()
        kind, kept = "text/plain; charset=utf-8", "no-cache"
    else:
        try:
            content = published.tile(tile_at(name))
        except NoSuchTile:
            content = None
        kind, kept = "application/octet-stream", FOREVER
    if content is None:
        raise HTTPException(404)
    return Response(content, media_type=kind, headers={"Cache-Control": kept, "Access-Control-Allow-Origin": "*"})
