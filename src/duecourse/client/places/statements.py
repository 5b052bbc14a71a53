"""The operations of the API: statements.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from duecourse.client.asking import Asking, File
from duecourse.client.shapes.statements import LinesApplied, RefundFile, Refunds, Statements, StatementTaken


class StatementsPlaces(Asking):
    """Operations: statements; what is left None is not sent."""

    def send_statement(self, *, file: File, mapping_file: File | None = None, key: str | None = None) -> StatementTaken:
        """Send a bank statement: its balances are proved, each line is kept once."""
        return self._asked(
            StatementTaken,
            "POST",
            self._at("/statements"),
            may={},
            files={"file": file, "mapping_file": mapping_file},
            key=key,
            keyed=True,
        )

    def list_statements(self, *, cursor: str | None = None, most: int | None = None) -> Statements:
        """List bank statements, the latest first."""
        return self._asked(
            Statements, "GET", self._at("/statements"), params={"cursor": cursor, "most": most}, again=True
        )

    def apply_certain(self, *, statement: str | None = None, key: str | None = None) -> LinesApplied:
        """Apply all lines that are certain, each judged anew; what bounced is taken back."""
        return self._asked(
            LinesApplied,
            "POST",
            self._at("/suspense/application"),
            params={"statement": statement},
            key=key,
            keyed=True,
        )

    def list_refunds(self, *, cursor: str | None = None, most: int | None = None) -> Refunds:
        """List refunds that were approved, the latest first."""
        return self._asked(Refunds, "GET", self._at("/refunds"), params={"cursor": cursor, "most": most}, again=True)

    def file_refunds(self, *, key: str | None = None) -> RefundFile:
        """Put the refunds that were approved into a file for the bank, each once; the file is read by its hash."""
        return self._asked(RefundFile, "POST", self._at("/refund-files"), key=key, keyed=True)

    def refund_file_as_csv(self, file: str) -> bytes:
        """Give a file of refunds, the same bytes each time."""
        return self._file("POST", self._at("/refund-files/{file}/csv", file), again=False)
