"""The collector's screens: worklist, case page, the way of a contact, search."""

from __future__ import annotations

from collections.abc import Iterator

from duecourse.casework.rights import Right
from duecourse.trouble import N_
from duecourse.web.page import Link, Page
from duecourse.web.workbench import (
    acts,
    calls,
    case,
    contacting,
    giving,
    inbox,
    live,
    matters,
    notices,
    recordings,
    search,
    visits,
    ways,
    worklist,
)


def pages() -> Iterator[Page]:
    """The pages of this part."""
    for module in (
        worklist,
        inbox,
        case,
        contacting,
        calls,
        acts,
        notices,
        recordings,
        search,
        live,
        visits,
        ways,
        giving,
        matters,
    ):
        yield from module.pages


def links() -> Iterator[Link]:
    """What the navigation shows of this part, to whoever has the right."""
    yield Link("/worklist", N_("Worklist"), Right.CASE_READ)
    yield Link("/inbox", N_("Inbox"), Right.CASE_READ)
    yield Link("/matters", N_("Matters"), Right.CASE_READ)
    yield Link("/visits", N_("Visits"), Right.CASE_READ, apart=True)
    yield Link("/search", N_("Search"), Right.PERSON_SEARCH)
