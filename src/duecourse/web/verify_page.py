"""The page under ``/verify`` that checks evidence in the browser, for everybody: the same file that bundles bring.

It is one file with script and style within; its policy names both by their hashes and lets it reach nothing else.
"""

from __future__ import annotations

import re

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from duecourse.casework.bundle import page

PATH = "/verify"
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">')


def route() -> Route:
    """The page, with its own policy as a header too."""

    async def verify(_request: Request) -> Response:
        text = await run_in_threadpool(page)
        policy = _POLICY.search(text)
        headers = {"Content-Security-Policy": f"{policy[1]}; frame-ancestors 'none'"} if policy else {}
        return HTMLResponse(text, headers={"Cache-Control": "no-cache", **headers})

    return Route(PATH, verify, methods=["GET"])
