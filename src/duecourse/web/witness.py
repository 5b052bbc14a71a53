"""A witness over HTTP (C2SP tlog-witness): another organisation runs it, and it needs no database.

``POST /add-checkpoint`` signs what continues the log that it signed last; ``GET /key`` gives its public key.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from duecourse.evidence.proof import BYTES_MAX
from duecourse.evidence.witness import Declined, read_submission
from duecourse.storage.witness_file import WitnessFile


def build(file: WitnessFile, clock: Callable[[], datetime]) -> Starlette:
    """The witness as an application."""

    async def add_checkpoint(request: Request) -> Response:
        content = b""
        async for part in request.stream():
            content += part
            if len(content) > BYTES_MAX:
                return PlainTextResponse("the request is too large\n", 413)
        return await run_in_threadpool(_answer, file, content, clock)

    def key(_request: Request) -> Response:
        return PlainTextResponse(f"{file.read().signer.key}\n")

    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/key", key, methods=["GET"]),
        ]
    )


def _answer(file: WitnessFile, content: bytes, clock: Callable[[], datetime]) -> Response:
    try:
        return PlainTextResponse(file.sign(read_submission(content), int(clock().timestamp())))
    except Declined as declined:
        if declined.size is not None:
            return Response(f"{declined.size}\n", declined.status, media_type="text/x.tlog.size")
        return PlainTextResponse(f"{declined}\n", declined.status)
