"""Search: a whole name, number or mailbox, and who it belongs to, masked.

What is looked for is sent in a form, not in the address, since addresses stay in histories and logs; a case or loan
number, which says nothing of anybody, may stand in it.
"""

from __future__ import annotations

from starlette.responses import Response

from duecourse.casework.rights import Right
from duecourse.casework.searching import NotASearch
from duecourse.casework.searching import search as found_by
from duecourse.web.page import Pages
from duecourse.web.visit import Visit

pages = Pages("workbench")


@pages.get("/search", right=Right.PERSON_SEARCH)
def search_page(visit: Visit) -> Response:
    """The form, and the answer to what the address asks for."""
    return _answered(visit, visit.query.get("q", ""))


@pages.post("/search", right=Right.PERSON_SEARCH)
def search(visit: Visit) -> Response:
    """Who the text of the form belongs to."""
    return _answered(visit, visit.text("q"))


def _answered(visit: Visit, text: str) -> Response:
    found, wrong = None, False
    if text:
        try:
            with visit.transaction() as tx:
                found = found_by(tx, vault=visit.parts.vault, text=text)
        except NotASearch:
            wrong = True
    return visit.page("workbench/search.html", found=found, wrong=wrong, asked=text)
