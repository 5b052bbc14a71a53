"""The operations of the API: tapes.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Sequence

from duecourse.client.asking import Asking, File
from duecourse.client.shapes.shared import Job
from duecourse.client.shapes.tapes import Book, Breaks, Quarantine


class TapesPlaces(Asking):
    """Operations: tapes; what is left None is not sent."""

    def send_tape(
        self,
        *,
        file: Sequence[File],
        mapping: str | None = None,
        mapping_file: File | None = None,
        patch: File | None = None,
        full: bool | None = None,
        all_or_nothing: bool | None = None,
        key: str | None = None,
    ) -> Job:
        """Send the files of a tape; they are kept, sealed, and a job checks them."""
        return self._asked(
            Job,
            "POST",
            self._at("/tapes"),
            may={"mapping": mapping, "full": full, "all_or_nothing": all_or_nothing},
            files={"file": file, "mapping_file": mapping_file, "patch": patch},
            key=key,
            keyed=True,
        )

    def list_quarantine(self, *, cursor: str | None = None, most: int | None = None) -> Quarantine:
        """List the rows that imports did not take, with what is wrong and what to do."""
        return self._asked(
            Quarantine, "GET", self._at("/quarantine"), params={"cursor": cursor, "most": most}, again=True
        )

    def list_versions(self, *, most: int | None = None) -> Book:
        """List the versions of the book, the newest first."""
        return self._asked(Book, "GET", self._at("/book"), params={"most": most}, again=True)

    def list_breaks(self, *, cursor: str | None = None, most: int | None = None) -> Breaks:
        """List where the lender's figures and ours differ."""
        return self._asked(Breaks, "GET", self._at("/breaks"), params={"cursor": cursor, "most": most}, again=True)
