"""What the API takes and answers: jobs.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job: how far it is while it runs, what came of it, or why it failed."""

    job: str
    kind: str
    state: str
    attempts: int
    actor: str
    asked: Mapping[str, Any]
    at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    step: str | None
    step_done: int
    step_of: int
    found: Mapping[str, Any] | None
    trouble: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """Jobs, the latest first."""

    jobs: tuple[Job, ...]
    next: str | None
