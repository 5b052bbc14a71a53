"""Pages: a path, the right it needs, and a small function that parses, calls one act and renders.

    pages = Pages("workbench")

    @pages.get("/worklist", right=Right.CASE_READ)
    def worklist(visit: Visit) -> Response:
        with visit.transaction() as tx:
            places = worklists.worklist(tx, ...)
        return visit.page("workbench/worklist.html", places=places)

Functions are plain ones and run in a thread. ``right`` has no default: a page without a declared right cannot be made.
What does not belong here: what happens around a page (`web.visiting`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from starlette.responses import Response

from duecourse.casework.rights import Right

if TYPE_CHECKING:
    from duecourse.web.visit import Visit

Handler: TypeAlias = "Callable[[Visit], Response]"

BODY_BYTES_MAX = 262_144


class Open(Enum):
    """Pages that need no right of the table."""

    EVERYBODY = "everybody"  # signed in or not: the sign-in itself, language and theme
    SIGNED_IN = "signed in"  # one's own account
    HALF_IN = "half in"  # as signed in, and also for who must first enrol an authenticator or change the password


Needs: TypeAlias = Right | Open


@dataclass(frozen=True, slots=True)
class Page:
    """One page or fragment."""

    path: str
    method: str
    needs: Needs
    handler: Handler
    body_max: int = BODY_BYTES_MAX


@dataclass(frozen=True, slots=True)
class Link:
    """A page in navigation and command palette, for whoever has the right; ``text`` is English, marked by N_."""

    path: str
    text: str
    right: Right
    apart: bool = False  # under "More" in the navigation: administration and what is needed now and then


@dataclass(slots=True)
class Pages:
    """The pages of one part of the site, as its modules declare them."""

    part: str
    found: list[Page] = field(default_factory=list)

    def __iter__(self) -> Iterator[Page]:
        """The pages in the order in which they were declared."""
        return iter(self.found)

    def get(self, path: str, *, right: Needs) -> Callable[[Handler], Handler]:
        """A page that shows something and changes nothing."""
        return self._declared(path, "GET", right, BODY_BYTES_MAX)

    def post(self, path: str, *, right: Needs, body_max: int = BODY_BYTES_MAX) -> Callable[[Handler], Handler]:
        """A page that does something: it is reached by a form or by htmx, with the page's token."""
        return self._declared(path, "POST", right, body_max)

    def _declared(self, path: str, method: str, needs: Needs, body_max: int) -> Callable[[Handler], Handler]:
        def declare(handler: Handler) -> Handler:
            self.found.append(Page(path, method, needs, handler, body_max))
            return handler

        return declare
