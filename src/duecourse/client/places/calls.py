"""The operations of the API: calls.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from duecourse.client.asking import Asking
from duecourse.client.shapes.calls import Call, Calls, Recordings, Transcript, Turn, Words
from duecourse.client.shapes.words import RevealPurpose


class CallsPlaces(Asking):
    """Operations: calls; what is left None is not sent."""

    def make_call(
        self,
        case: str,
        *,
        staff: str,
        person: str | None = None,
        contact_point: str | None = None,
        template: str | None = None,
        lang: Literal["zh", "en"] | None = None,
        key: str | None = None,
    ) -> Call:
        """Call somebody of a case."""
        return self._asked(
            Call,
            "POST",
            self._at("/cases/{case}/calls", case),
            must={"staff": staff},
            may={"person": person, "contact_point": contact_point, "template": template, "lang": lang},
            key=key,
            keyed=True,
        )

    def list_calls(self, case: str) -> Calls:
        """List the calls by click of a case, the latest first."""
        return self._asked(Calls, "GET", self._at("/cases/{case}/calls", case), again=True)

    def show_call(self, case: str, call: str) -> Call:
        """Show where a call stands."""
        return self._asked(Call, "GET", self._at("/cases/{case}/calls/{call}", case, call), again=True)

    def list_recordings(self, case: str) -> Recordings:
        """List the recordings of calls about a borrower's debts, with what the guard found in what we said."""
        return self._asked(Recordings, "GET", self._at("/cases/{case}/recordings", case), again=True)

    def hear_recording(self, case: str, recording: str, *, purpose: RevealPurpose) -> bytes:
        """Hear a recording for a purpose: the WAV of both legs."""
        return self._file(
            "POST",
            self._at("/cases/{case}/recordings/{recording}/hearing", case, recording),
            must={"purpose": purpose},
            may={},
            again=False,
        )

    def keep_transcript(
        self, case: str, recording: str, *, lang: Literal["zh", "en"], turns: Sequence[Turn], key: str | None = None
    ) -> Transcript:
        """Keep what was said in a call, sealed; what we said is screened by the speech guard."""
        return self._asked(
            Transcript,
            "POST",
            self._at("/cases/{case}/recordings/{recording}/transcript", case, recording),
            must={"lang": lang, "turns": turns},
            may={},
            key=key,
            keyed=True,
        )

    def read_transcript(self, case: str, recording: str, *, purpose: RevealPurpose) -> Words:
        """Read what was said in a call for a purpose, with what the guard found; it is on record."""
        return self._asked(
            Words,
            "POST",
            self._at("/cases/{case}/recordings/{recording}/words", case, recording),
            must={"purpose": purpose},
            may={},
            again=False,
        )
