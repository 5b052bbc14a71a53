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
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from starlette.responses import Response

from duecourse.casework.rights import Right

if TYPE_CHECKING:
    from duecourse.web.visit import Visit

Handler: TypeAlias = "Callable[[Visit], Response]"

BODY_BYTES_MAX = 262_144

PORTAL = "/my"
"""Where the borrower's portal lies."""


class Open(Enum):
    """Pages that need no right of the table."""

    EVERYBODY = "everybody"  # signed in or not: the sign-in itself, language and theme
    SIGNED_IN = "signed in"  # one's own account
    HALF_IN = "half in"  # as signed in, and also for who must first enrol an authenticator or change the password
    BORROWER = "borrower"  # whoever is in the portal: one person's own, and nobody else's


Needs: TypeAlias = Right | Open


@dataclass(frozen=True, slots=True)
class Page:
    """One page or fragment."""

    path: str
    method: str
    needs: Needs
    handler: Handler
    body_max: int = BODY_BYTES_MAX
    by_address: bool = False  # a signed address is all the leave there is: no page of ours sends the request

    @property
    def of_portal(self) -> bool:
        """Whether it is the borrower's: staff who are signed in are nobody there, and the other way round."""
        return self.path == PORTAL or self.path.startswith(f"{PORTAL}/")


@dataclass(frozen=True, slots=True)
class Link:
    """A page in navigation and command palette, for whoever has the right; ``text`` is English, marked by N_."""

    path: str
    text: str
    right: Right
    apart: bool = False  # under "More" in the navigation: administration and what is needed now and then


def _nothing(_visit: Visit) -> Response:
    """Stands for a page's function until it is declared."""
    raise NotImplementedError


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
        return self._declared(Page(path, "GET", right, _nothing))

    def post(
        self, path: str, *, right: Needs, body_max: int = BODY_BYTES_MAX, by_address: bool = False
    ) -> Callable[[Handler], Handler]:
        """A page that does something: it is reached by a form or by htmx, with the page's token.

        With ``by_address`` by whoever has the address, which must be signed: mail programs send no token.
        """
        return self._declared(Page(path, "POST", right, _nothing, body_max, by_address))

    def _declared(self, page: Page) -> Callable[[Handler], Handler]:
        def declare(handler: Handler) -> Handler:
            self.found.append(replace(page, handler=handler))
            return handler

        return declare
