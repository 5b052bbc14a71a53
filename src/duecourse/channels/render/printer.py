"""A content set as PDF and as pictures, by one typst compiler that is kept alive.

The content goes in as JSON and the sheet (`sheet.typ`) reads it: no word of it is ever read as typst's markup. PDFs are
PDF/UA-1: tagged, with their language, nothing of the debt in their title. The same content gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import ClassVar

import segno
import typst

from duecourse.channels.render.content import Content
from duecourse.channels.render.forms import MASK
from duecourse.channels.render.glyphs import fonts
from duecourse.core.money import BrokenInvariant

CHAT_WIDTH = 1080
"""Pixels of the pictures for chat."""

_POINTS = 540  # of the sheet's width for chat
_DAY_ZERO = date(2000, 1, 1)  # of a content that bears no day


class Form(StrEnum):
    """A form of picture."""

    CARD = "card"  # for a chat: large type, 1080 pixels wide, as long as it must be
    LONG = "long"  # the letter as one picture, 1080 pixels wide
    PAGE = "page"  # A4 pages for print


class Printer:
    """Sets contents; one is enough for a process, and several threads may share it."""

    _PPI: ClassVar[dict[Form, float]] = {
        Form.CARD: 72 * CHAT_WIDTH / _POINTS,
        Form.LONG: 72 * CHAT_WIDTH / _POINTS,
        Form.PAGE: 144,
    }

    def __init__(self) -> None:
        known = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts())])
        self._sheet = Path(str(files(__package__) / "sheet.typ"))
        self._compiler = typst.Compiler(self._sheet, root=self._sheet.parent, font_paths=known)
        self._lock = Lock()

    def pdf(self, content: Content, *, attachments: Mapping[str, bytes] | None = None, mark: str = "") -> bytes:
        """The letter as PDF; ``attachments`` travel in it by name, ``mark`` (SVG) stands beside the address."""
        with self._lock:
            made = self._compiler.compile(
                sys_inputs={**_inputs(content, "letter", attachments or {}), "mark": mark},
                timestamp=_instant(content), format="pdf", pdf_standards=["ua-1"],
            )  # fmt: skip
        return _pages(made)[0]

    def png(self, content: Content, form: Form, *, mark: str = "") -> list[bytes]:
        """The content as pictures: one, or one for each page; ``mark`` as in `pdf`."""
        sheet = "letter" if form is Form.PAGE else form.value
        with self._lock:
            made = self._compiler.compile(
                sys_inputs={**_inputs(content, sheet, {}), "mark": mark}, format="png", ppi=self._PPI[form]
            )
        return _pages(made)


@cache
def printer() -> Printer:
    """The one printer of the process: its compiler is kept alive."""
    return Printer()


def _inputs(content: Content, sheet: str, attachments: Mapping[str, bytes]) -> dict[str, str]:
    return {
        "content": json.dumps(content.plain(), ensure_ascii=False),
        "form": sheet,
        "qr": _qr(content),
        "attachments": json.dumps({name: list(data) for name, data in attachments.items()}),
    }


def _instant(content: Content) -> datetime:
    """The day of issue as the document's instant, so that the same content gives the same bytes on every day."""
    day = date.fromisoformat(content.issued_on) if content.issued_on else _DAY_ZERO
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _pages(made: bytes | list[bytes] | None) -> list[bytes]:
    if made is None:
        raise BrokenInvariant("typst set a sheet without an output file, and gave nothing")
    return made if isinstance(made, list) else [made]


def _qr(content: Content) -> str:
    """The code that leads to the verify page, as SVG; empty where there is none."""
    if content.verify is None:
        return ""
    code = segno.make(content.verify.url, error="m", boost_error=False, mask=MASK, micro=False)
    return code.svg_inline(border=0, dark="#17212b", svgclass=None, lineclass=None)
