"""Whether the process lives, and whether it can serve: for whoever watches it. Neither needs a token."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request

from duecourse.storage.connection import APP_ROLE
from duecourse.web.api.parts import Parts
from duecourse.web.api.problem import Kind
from duecourse.web.api.shapes import PREFIX, Shape, problems

router = APIRouter(prefix=f"{PREFIX}/health", tags=["health"])


class Health(Shape):
    """All is well."""

    status: str = Field(examples=["ok"])


@router.get("/live", responses=problems(signed=False))
async def live() -> Health:
    """The process answers; says nothing of the database."""
    return Health(status="ok")


@router.get("/ready", responses=problems(Kind.UNAVAILABLE, signed=False))
def ready(request: Request) -> Health:
    """The database answers in the application's role; 503 where it does not."""
    parts: Parts = request.app.state.parts
    with parts.database.register() as tx:
        if tx.value("SELECT current_user") != APP_ROLE:
            raise ConnectionError("the pool is not in the application's role")
    return Health(status="ok")
