"""The operations of the API: figures.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from duecourse.client.asking import Asking
from duecourse.client.shapes.figures import Cells, Figures, Rows
from duecourse.client.shapes.words import Format


class FiguresPlaces(Asking):
    """Operations: figures; what is left None is not sent."""

    def list_figures(self) -> Figures:
        """List the figures with their definitions in both languages."""
        return self._asked(Figures, "GET", self._at("/figures"), again=True)

    def show_figure(
        self,
        name: str,
        *,
        from_: date | None = None,
        to: date | None = None,
        where: Sequence[str] | None = None,
        by: Sequence[str] | None = None,
    ) -> Cells:
        """Give a figure's cells."""
        return self._asked(
            Cells,
            "GET",
            self._at("/figures/{name}", name),
            params={"from": from_, "to": to, "where": where, "by": by},
            again=True,
        )

    def figure_as_csv(
        self,
        name: str,
        *,
        from_: date | None = None,
        to: date | None = None,
        where: Sequence[str] | None = None,
        by: Sequence[str] | None = None,
    ) -> bytes:
        """Give the same cells as CSV (RFC 4180): UTF-8, the first line names the columns."""
        return self._file(
            "GET",
            self._at("/figures/{name}/csv", name),
            params={"from": from_, "to": to, "where": where, "by": by},
            again=True,
        )

    def figure_rows(
        self,
        name: str,
        *,
        from_: date | None = None,
        to: date | None = None,
        where: Sequence[str] | None = None,
        cursor: str | None = None,
        most: int | None = None,
    ) -> Rows:
        """Give the rows behind a figure in a fixed order; what makes the number is what is listed."""
        return self._asked(
            Rows,
            "GET",
            self._at("/figures/{name}/rows", name),
            params={"from": from_, "to": to, "where": where, "cursor": cursor, "most": most},
            again=True,
        )

    def export_figure(
        self,
        name: str,
        *,
        from_: date | None = None,
        to: date | None = None,
        where: Sequence[str] | None = None,
        format_: Format | None = None,
    ) -> bytes:
        """Take all rows behind a figure out as a file, names masked."""
        return self._file(
            "POST",
            self._at("/figures/{name}/export", name),
            may={"from": from_, "to": to, "where": where, "format": format_},
            again=False,
        )
