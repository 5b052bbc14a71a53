"""The collector's screens: worklist, case page, the way of a contact, search."""

from __future__ import annotations

from collections.abc import Iterator

from duecourse.casework.rights import Right
from duecourse.trouble import N_
from duecourse.web.page import Link, Page
from duecourse.web.workbench import acts, case, contacting, live, notices, search, worklist


def pages() -> Iterator[Page]:
    """The pages of this part."""
    for module in (worklist, case, contacting, acts, notices, search, live):
        yield from module.pages


def links() -> Iterator[Link]:
    """What the navigation shows of this part, to whoever has the right."""
    yield Link("/worklist", N_("Worklist"), Right.CASE_READ)
    yield Link("/search", N_("Search"), Right.PERSON_SEARCH)
