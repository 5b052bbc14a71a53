"""The operations of the API: jobs.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from datetime import date

from duecourse.client.asking import Asking
from duecourse.client.shapes.jobs import Jobs
from duecourse.client.shapes.shared import Job


class JobsPlaces(Asking):
    """Operations: jobs; what is left None is not sent."""

    def list_jobs(self, *, cursor: str | None = None, most: int | None = None) -> Jobs:
        """List jobs, the latest first."""
        return self._asked(Jobs, "GET", self._at("/jobs"), params={"cursor": cursor, "most": most}, again=True)

    def show_job(self, job: str) -> Job:
        """Give one job."""
        return self._asked(Job, "GET", self._at("/jobs/{job}", job), again=True)

    def ask_day_run(self, *, day: date, key: str | None = None) -> Job:
        """Ask for the run of a day; a worker carries it out."""
        return self._asked(Job, "POST", self._at("/jobs/day-runs"), must={"day": day}, may={}, key=key, keyed=True)

    def ask_import(self, job: str, *, key: str | None = None) -> Job:
        """Ask for the import of a tape that a job checked (``POST /tapes``)."""
        return self._asked(Job, "POST", self._at("/jobs/{job}/import", job), key=key, keyed=True)

    def retry_job(self, job: str, *, key: str | None = None) -> Job:
        """Let a job that failed be done again."""
        return self._asked(Job, "POST", self._at("/jobs/{job}/retry", job), key=key, keyed=True)
