"""The operations of the API: matters.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from duecourse.client.asking import Asking, File
from duecourse.client.shapes.matters import Matter, Matters
from duecourse.client.shapes.shared import Documents, Kept
from duecourse.client.shapes.words import DocumentKind, MatterKind


class MattersPlaces(Asking):
    """Operations: matters; what is left None is not sent."""

    def open_matter(
        self,
        case: str,
        *,
        kind: Literal["dispute", "complaint", "credit_correction", "hardship"],
        category: str,
        words: str,
        loan: str | None = None,
        severity: Literal["ordinary", "complex", "special"] | None = None,
        review_days: int | None = None,
        key: str | None = None,
    ) -> Matter:
        """Open a matter: its hold stands and its clock runs with that."""
        return self._asked(
            Matter,
            "POST",
            self._at("/cases/{case}/matters", case),
            must={"kind": kind, "category": category, "words": words},
            may={"loan": loan, "severity": severity, "review_days": review_days},
            key=key,
            keyed=True,
        )

    def tell_acceleration(
        self,
        case: str,
        *,
        loan: str,
        lang: Literal["zh", "en"] | None = None,
        staff: str | None = None,
        key: str | None = None,
    ) -> Matter:
        """Issue the notice that everything will be called, and open the matter."""
        return self._asked(
            Matter,
            "POST",
            self._at("/cases/{case}/acceleration", case),
            must={"loan": loan},
            may={"lang": lang, "staff": staff},
            key=key,
            keyed=True,
        )

    def list_matters(
        self,
        *,
        case: str | None = None,
        kind: MatterKind | None = None,
        state: Literal["open", "escalated", "late", "ended"] | None = None,
        due_until: date | None = None,
        cursor: str | None = None,
        most: int | None = None,
    ) -> Matters:
        """List matters, what is due first; those that ended come last."""
        return self._asked(
            Matters,
            "GET",
            self._at("/matters"),
            params={"case": case, "kind": kind, "state": state, "due_until": due_until, "cursor": cursor, "most": most},
            again=True,
        )

    def show_matter(self, matter: str) -> Matter:
        """Show a matter: its clock, its hold, how it was answered; never what was said."""
        return self._asked(Matter, "GET", self._at("/matters/{matter}", matter), again=True)

    def list_evidence(self, matter: str) -> Documents:
        """List what was brought in evidence of a matter."""
        return self._asked(Documents, "GET", self._at("/matters/{matter}/documents", matter), again=True)

    def bring_evidence(self, matter: str, *, file: File, kind: DocumentKind, key: str | None = None) -> Kept:
        """Keep a document on the matter's case as evidence of it, sealed, with a record that commits to its content."""
        return self._asked(
            Kept,
            "POST",
            self._at("/matters/{matter}/documents", matter),
            must={"kind": kind},
            may={},
            files={"file": file},
            key=key,
            keyed=True,
        )

    def answer_matter(
        self,
        matter: str,
        *,
        answer: Literal["upheld", "partly_upheld", "rejected", "over"],
        cause: Literal["staff", "agency", "system", "data", "process", "terms", "none"],
        redress_minor: int | None = None,
        key: str | None = None,
    ) -> Matter:
        """Answer a matter; its hold ends with that."""
        return self._asked(
            Matter,
            "POST",
            self._at("/matters/{matter}/answer", matter),
            must={"answer": answer, "cause": cause},
            may={"redress_minor": redress_minor},
            key=key,
            keyed=True,
        )

    def escalate_matter(self, matter: str, *, key: str | None = None) -> Matter:
        """Take a matter up to compliance, who answer it then."""
        return self._asked(Matter, "POST", self._at("/matters/{matter}/escalation", matter), key=key, keyed=True)
