"""The first page, and the reader's choices of language, theme and density."""

from __future__ import annotations

from starlette.responses import Response

from duecourse.casework.rights import Right
from duecourse.web.choice import COOKIES, YEAR_SECONDS
from duecourse.web.fields import NotAFieldValue
from duecourse.web.landing import local
from duecourse.web.page import Open, Pages
from duecourse.web.visit import Visit

pages = Pages("entrance")

FIRST = (Right.FIGURE_READ, Right.CASE_READ, Right.JOB_READ)
"""Whose pages come first, where somebody may see several."""


@pages.get("/", right=Open.SIGNED_IN)
def home(visit: Visit) -> Response:
    """Where one's work is: the overview for who answers for others, the worklist, the administration."""
    links = sorted(visit.links, key=lambda one: FIRST.index(one.right) if one.right in FIRST else len(FIRST))
    return visit.go(links[0].path if links else "/account")


@pages.post("/choices", right=Open.EVERYBODY)
def choose(visit: Visit) -> Response:
    """Keep what the reader chose, and show the same page again."""
    answer = visit.go(local(visit.text("next", "/")))
    for name, values in COOKIES.items():
        chosen = visit.text(name)
        if chosen and chosen not in values:
            raise NotAFieldValue(name)
        if chosen:
            visit.set_cookie(answer, name, chosen, seconds=YEAR_SECONDS)
    return answer
