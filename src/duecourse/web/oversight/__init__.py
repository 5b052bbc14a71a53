"""The screens of supervisors, compliance officers, strategists and administrators: figures, law, strategies."""

from __future__ import annotations

from collections.abc import Iterator

from duecourse.web.page import Link, Page


def pages() -> Iterator[Page]:
    """The pages of this part."""
    yield from ()


def links() -> Iterator[Link]:
    """What the navigation shows of this part, to whoever has the right."""
    yield from ()
