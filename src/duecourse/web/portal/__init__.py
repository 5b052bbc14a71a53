"""The borrower's portal: what he owes and why, who contacted him, what he may say, stop and take with him.

Everything works without a script, and no page loads one. Whose portal it is the session says, and nothing else: no page
takes a person's number. What does not belong here: staff's pages; workbench and oversight are never imported.
"""

from __future__ import annotations

from collections.abc import Iterator

from duecourse.web.page import Link, Page
from duecourse.web.portal import entry, home, paying, plans, saying, seeing, taking


def pages() -> Iterator[Page]:
    """The pages of this part."""
    for module in (entry, home, paying, plans, seeing, saying, taking):
        yield from module.pages


def links() -> Iterator[Link]:
    """None: staff have no way into it."""
    yield from ()
