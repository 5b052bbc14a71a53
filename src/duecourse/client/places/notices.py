"""The operations of the API: notices.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from duecourse.client.asking import Asking
from duecourse.client.shapes.notices import Issued, Notice, Notices, NoticeWords, Tried
from duecourse.client.shapes.words import RevealPurpose


class NoticesPlaces(Asking):
    """Operations: notices; what is left None is not sent."""

    def list_notices(self, case: str) -> Notices:
        """List the notices of a case, masked, the latest first."""
        return self._asked(Notices, "GET", self._at("/cases/{case}/notices", case), again=True)

    def issue(
        self,
        case: str,
        *,
        template: str,
        person: str | None = None,
        lang: Literal["zh", "en"] | None = None,
        loans: Sequence[str] | None = None,
        said: Mapping[str, Any] | None = None,
        firm: str | None = None,
        staff: str | None = None,
        replaces: str | None = None,
        key: str | None = None,
    ) -> Issued:
        """Issue a notice: its words are fixed, sealed and on record, and it bears a code."""
        return self._asked(
            Issued,
            "POST",
            self._at("/cases/{case}/notices", case),
            must={"template": template},
            may={
                "person": person,
                "lang": lang,
                "loans": loans,
                "said": said,
                "firm": firm,
                "staff": staff,
                "replaces": replaces,
            },
            key=key,
            keyed=True,
        )

    def preview_notice(
        self,
        case: str,
        *,
        template: str,
        person: str | None = None,
        lang: Literal["zh", "en"] | None = None,
        loans: Sequence[str] | None = None,
        said: Mapping[str, Any] | None = None,
        firm: str | None = None,
        staff: str | None = None,
        replaces: str | None = None,
    ) -> Tried:
        """Show how a notice would read: names masked, without a code; nothing is kept."""
        return self._asked(
            Tried,
            "POST",
            self._at("/cases/{case}/notices/preview", case),
            must={"template": template},
            may={
                "person": person,
                "lang": lang,
                "loans": loans,
                "said": said,
                "firm": firm,
                "staff": staff,
                "replaces": replaces,
            },
            again=False,
        )

    def read_notice(self, case: str, notice: str, *, purpose: RevealPurpose) -> NoticeWords:
        """Open a notice for a purpose and give its words and its proof; on record, and the person can see it."""
        return self._asked(
            NoticeWords,
            "POST",
            self._at("/cases/{case}/notices/{notice}/reading", case, notice),
            must={"purpose": purpose},
            may={},
            again=False,
        )

    def notice_as_pdf(self, case: str, notice: str, *, purpose: RevealPurpose) -> bytes:
        """Open a notice for a purpose and give it as PDF, with its proof in it."""
        return self._file(
            "POST",
            self._at("/cases/{case}/notices/{notice}/pdf", case, notice),
            must={"purpose": purpose},
            may={},
            again=False,
        )

    def withdraw(self, case: str, notice: str) -> Notice:
        """Take a notice back: whoever asks by its code is told so."""
        return self._asked(
            Notice, "POST", self._at("/cases/{case}/notices/{notice}/withdrawal", case, notice), again=False
        )
