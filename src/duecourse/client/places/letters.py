"""The operations of the API: letters.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from duecourse.client.asking import Asking
from duecourse.client.shapes.letters import LetterBatch, LetterBatches, LetterBatchWhole, ReturnedLetters


class LettersPlaces(Asking):
    """Operations: letters; what is left None is not sent."""

    def list_letter_batches(self, *, cursor: str | None = None, most: int | None = None) -> LetterBatches:
        """List batches of letters, the latest first."""
        return self._asked(
            LetterBatches, "GET", self._at("/letters"), params={"cursor": cursor, "most": most}, again=True
        )

    def put_letters_together(self, *, notices: Sequence[str] | None = None, key: str | None = None) -> LetterBatch:
        """Put notices together that go by letter; nobody is asked yet."""
        return self._asked(LetterBatch, "POST", self._at("/letters"), may={"notices": notices}, key=key, keyed=True)

    def take_returned_letters(
        self,
        *,
        codes: Sequence[str],
        why: Literal["unknown_address", "moved", "deceased", "refused", "unclaimed", "unstated"] | None = None,
    ) -> ReturnedLetters:
        """Take letters over that came back; each is failed, and an address where nobody lives is used no more."""
        return self._asked(
            ReturnedLetters, "POST", self._at("/letters/returned"), must={"codes": codes}, may={"why": why}, again=False
        )

    def read_letter_batch(self, batch: str) -> LetterBatchWhole:
        """Show a batch: each letter, what the gate said, what became of it."""
        return self._asked(LetterBatchWhole, "GET", self._at("/letters/{batch}", batch), again=True)

    def hand_letters_over(self, batch: str, *, staff: str | None = None, key: str | None = None) -> LetterBatchWhole:
        """Ask for each letter and redeem its permit; what is permitted goes into the file, and counts as sent."""
        return self._asked(
            LetterBatchWhole,
            "POST",
            self._at("/letters/{batch}/handover", batch),
            may={"staff": staff},
            key=key,
            keyed=True,
        )

    def read_letter_file(self, batch: str) -> bytes:
        """Give the hand-over file, on record; the same to the byte each time."""
        return self._file("GET", self._at("/letters/{batch}/file", batch), again=True)

    def withdraw_letters(self, batch: str) -> LetterBatch:
        """Hand a batch over no more; its notices may go in another."""
        return self._asked(LetterBatch, "POST", self._at("/letters/{batch}/withdrawal", batch), again=False)
