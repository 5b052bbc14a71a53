"""The text of a strategy's or a rule's file."""

from __future__ import annotations

from pathlib import Path

from duecourse.trouble import N_, BadInput


class NotStrategyText(BadInput):
    """A file that is no text in UTF-8."""

    def __init__(self, path: Path) -> None:
        super().__init__(N_("{file} is no text in UTF-8, as strategies and rules are"), file=path.name)


def content_of(path: Path) -> str:
    """The text of a file. Raises `NotStrategyText`."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise NotStrategyText(path) from None
