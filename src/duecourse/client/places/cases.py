"""The operations of the API: cases.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from duecourse.client.asking import Asking, File
from duecourse.client.shapes.cases import (
    Assignment,
    Case,
    Entries,
    Forgotten,
    FoundPeople,
    Happenings,
    Language,
    Moods,
    Move,
    Moved,
    Note,
    PreviewedMove,
    ReadNotes,
    ReassignmentPreview,
    Returned,
    Skip,
    View,
    Views,
    Ways,
)
from duecourse.client.shapes.shared import Documents, Kept
from duecourse.client.shapes.words import Channel, DocumentKind, EntryState, Handover, RevealPurpose, Scope, SkipReason


class CasesPlaces(Asking):
    """Operations: cases; what is left None is not sent."""

    def list_entries(
        self,
        *,
        collector: str | None = None,
        scope: Scope | None = None,
        stage: Sequence[str] | None = None,
        amount_min: int | None = None,
        amount_max: int | None = None,
        product: str | None = None,
        channel: Channel | None = None,
        language: str | None = None,
        state: EntryState | None = None,
        new: bool | None = None,
        promise_due: bool | None = None,
        lost_days: int | None = None,
        cursor: str | None = None,
        most: int | None = None,
    ) -> Entries:
        """List the entries of a collector's worklist, or of everybody's, as of the latest published day."""
        return self._asked(
            Entries,
            "GET",
            self._at("/worklist"),
            params={
                "collector": collector,
                "scope": scope,
                "stage": stage,
                "amount_min": amount_min,
                "amount_max": amount_max,
                "product": product,
                "channel": channel,
                "language": language,
                "state": state,
                "new": new,
                "promise_due": promise_due,
                "lost_days": lost_days,
                "cursor": cursor,
                "most": most,
            },
            again=True,
        )

    def skip_entry(self, case: str, *, reason: SkipReason) -> Skip:
        """Pass an entry of the latest day's worklist over, with the reason."""
        return self._asked(
            Skip, "POST", self._at("/worklist/{case}/skip", case), must={"reason": reason}, may={}, again=False
        )

    def return_entry(self, case: str) -> Returned:
        """Bring a skipped entry back to its place."""
        return self._asked(Returned, "DELETE", self._at("/worklist/{case}/skip", case), again=True)

    def search(self, *, text: str, most: int | None = None) -> FoundPeople:
        """Find people by a whole value."""
        return self._asked(
            FoundPeople, "POST", self._at("/search"), must={"text": text}, may={"most": most}, again=True
        )

    def list_views(self) -> Views:
        """List the caller's saved views of the worklist."""
        return self._asked(Views, "GET", self._at("/views"), again=True)

    def save_view(self, name: str, *, query: str) -> View:
        """Keep a filter under a name, in place of the one of that name."""
        return self._asked(View, "PUT", self._at("/views/{name}", name), must={"query": query}, may={}, again=True)

    def forget_view(self, name: str) -> Forgotten:
        """Forget a saved view."""
        return self._asked(Forgotten, "DELETE", self._at("/views/{name}", name), again=True)

    def show_case(self, case: str) -> Case:
        """Lay a case open."""
        return self._asked(Case, "GET", self._at("/cases/{case}", case), again=True)

    def list_happenings(self, case: str, *, cursor: str | None = None, most: int | None = None) -> Happenings:
        """List what happened to a case, the latest first."""
        return self._asked(
            Happenings,
            "GET",
            self._at("/cases/{case}/happenings", case),
            params={"cursor": cursor, "most": most},
            again=True,
        )

    def list_moods(self, case: str, *, most: int | None = None) -> Moods:
        """List how everybody of a case sounded over the last turns, of texts and transcribed calls: estimates."""
        return self._asked(Moods, "GET", self._at("/cases/{case}/moods", case), params={"most": most}, again=True)

    def list_openings(self, case: str, *, staff: str | None = None) -> Ways:
        """Ask what may be done now, for each person of a case by each channel, and until when it may not."""
        return self._asked(Ways, "GET", self._at("/cases/{case}/openings", case), params={"staff": staff}, again=True)

    def record_note(self, case: str, *, text: str, contact: str | None = None, key: str | None = None) -> Note:
        """Write a note on a case; its text is sealed."""
        return self._asked(
            Note,
            "POST",
            self._at("/cases/{case}/notes", case),
            must={"text": text},
            may={"contact": contact},
            key=key,
            keyed=True,
        )

    def read_notes(self, case: str, *, purpose: RevealPurpose) -> ReadNotes:
        """Open the notes on the cases of a person, for a purpose; the reading is on record."""
        return self._asked(
            ReadNotes,
            "POST",
            self._at("/cases/{case}/notes/reading", case),
            must={"purpose": purpose},
            may={},
            again=False,
        )

    def assign_case(self, case: str, *, collector: str | None, reason: Handover) -> Assignment:
        """Give a case to a collector, or to nobody, with the reason."""
        return self._asked(
            Assignment,
            "PUT",
            self._at("/cases/{case}/collector", case),
            must={"collector": collector, "reason": reason},
            may={},
            again=True,
        )

    def set_language(self, person: str, *, language: str) -> Language:
        """Note in which language a person wants to be spoken to."""
        return self._asked(
            Language,
            "PUT",
            self._at("/persons/{person}/language", person),
            must={"language": language},
            may={},
            again=True,
        )

    def preview_reassignment(
        self,
        *,
        from_collector: str | None = None,
        from_team: str | None = None,
        stages: Sequence[str] | None = None,
        to: Sequence[str] | None = None,
        most: int | None = None,
    ) -> ReassignmentPreview:
        """Show who would get which case: the longest overdue first, each to whoever has the most room."""
        return self._asked(
            ReassignmentPreview,
            "POST",
            self._at("/reassignments/preview"),
            may={"from_collector": from_collector, "from_team": from_team, "stages": stages, "to": to, "most": most},
            again=False,
        )

    def reassign(
        self,
        *,
        moves: Sequence[Move | PreviewedMove],
        seen: str,
        reason: Literal["reassigned", "absence"] | None = None,
        key: str | None = None,
    ) -> Moved:
        """Give the cases of a preview, all or none."""
        return self._asked(
            Moved,
            "POST",
            self._at("/reassignments"),
            must={"moves": moves, "seen": seen},
            may={"reason": reason},
            key=key,
            keyed=True,
        )

    def list_documents(self, case: str) -> Documents:
        """List the documents on a borrower's cases: what each is, its size and hash, never its name or content."""
        return self._asked(Documents, "GET", self._at("/cases/{case}/documents", case), again=True)

    def keep_document(self, case: str, *, file: File, kind: DocumentKind, key: str | None = None) -> Kept:
        """Keep a document on a case, sealed, with a record that commits to its content."""
        return self._asked(
            Kept,
            "POST",
            self._at("/cases/{case}/documents", case),
            must={"kind": kind},
            may={},
            files={"file": file},
            key=key,
            keyed=True,
        )

    def open_document(self, case: str, document: str, *, purpose: RevealPurpose) -> bytes:
        """Open a document for a purpose and give it as a file."""
        return self._file(
            "POST",
            self._at("/cases/{case}/documents/{document}/opening", case, document),
            must={"purpose": purpose},
            may={},
            again=False,
        )
