"""What the API takes and answers: jobs.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from dataclasses import dataclass

from duecourse.client.shapes.shared import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """Jobs, the latest first."""

    jobs: tuple[Job, ...]
    next: str | None
