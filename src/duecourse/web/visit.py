"""One request of one reader: who it is, for which lender, in which language; what the page's function is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from markupsafe import Markup
from starlette.datastructures import FormData, QueryParams, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from duecourse.casework.actor import Actor, Role
from duecourse.casework.portal.entry import Entered
from duecourse.casework.rights import Right, acting, may
from duecourse.locale import catalogue
from duecourse.storage.connection import Tx
from duecourse.storage.lenders import Lender
from duecourse.storage.sessions import Known
from duecourse.web import csrf, fields
from duecourse.web.choice import Choice
from duecourse.web.components.render import render
from duecourse.web.fields import NotAFieldValue
from duecourse.web.page import Link, Needs

if TYPE_CHECKING:
    from duecourse.web.api.parts import Parts
    from duecourse.web.sso import Provider


@dataclass(frozen=True, slots=True)
class Door:
    """What the site as a whole has: chance, the usual lender, how readers reach it, the single sign-on, its links."""

    chance: Callable[[int], bytes] = field(repr=False)
    lender_id: str
    public_url: str | None = None
    provider: Provider | None = field(default=None, repr=False)
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Signed:
    """Who is signed in: the session, the home lender, the lender worked for, and the roles there."""

    session: Known
    home: str
    lender: Lender
    roles: tuple[Role, ...]

    @property
    def ref(self) -> str:
        """The staff number as records name it; one of another lender with that lender's code."""
        return self.session.user_id if self.home == self.lender.lender_id else f"{self.session.user_id}@{self.home}"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request. ``now`` is read once, when it came."""

    request: Request
    parts: Parts = field(repr=False)
    door: Door
    choice: Choice
    now: datetime
    signed_in: Signed | None
    needs: Needs
    form: FormData = field(repr=False)
    secret: str = field(repr=False)  # of the session's cookie, or of the one before signing in
    entered: Entered | None = None  # who is in the portal, for its pages alone
    of_portal: bool = False

    @property
    def signed(self) -> Signed:
        """Who is signed in; only for pages that need it."""
        if self.signed_in is None:
            raise TypeError("this page is declared as open to everybody: nobody may be signed in")
        return self.signed_in

    @property
    def borrower(self) -> Entered:
        """Who is in the portal; only for pages that need it."""
        if self.entered is None:
            raise TypeError("this page is not declared as the borrower's own: nobody may be in the portal")
        return self.entered

    @property
    def actor(self) -> Actor:
        """The user in the role that has the page's right."""
        role = acting(self.signed.roles, self.needs) if isinstance(self.needs, Right) else None
        return Actor(role or (self.signed.roles[0] if self.signed.roles else Role.COLLECTOR), self.signed.ref)

    def actor_for(self, right: Right) -> Actor:
        """The user in the role that has another right, for pages that do more than one thing."""
        return Actor(acting(self.signed.roles, right) or self.actor.role, self.signed.ref)

    @property
    def lender_id(self) -> str:
        """The lender whose desk this is."""
        return self.lender.lender_id

    @property
    def lender(self) -> Lender:
        """The same with what is known of it."""
        return self.entered.lender if self.entered is not None else self.signed.lender

    @property
    def lang(self) -> str:
        """``zh`` or ``en``."""
        return self.choice.lang

    @property
    def zone(self) -> ZoneInfo:
        """The lender's zone: instants are shown in it."""
        return ZoneInfo(self.lender.zone)

    @property
    def today(self) -> date:
        """The day it is at the lender."""
        return self.now.astimezone(self.zone).date()

    @property
    def fragment_wanted(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return self.request.headers.get("hx-request") == "true"

    @property
    def query(self) -> QueryParams:
        """What stands in the address behind the question mark."""
        return self.request.query_params

    @property
    def path(self) -> Mapping[str, Any]:
        """The parts of the path that the page named."""
        return self.request.path_params

    def may(self, right: Right) -> bool:
        """Whether whoever is here has a right: for what a page shows beyond what it needs."""
        return self.signed_in is not None and may(self.signed_in.roles, right)

    @property
    def links(self) -> list[Link]:
        """What the navigation shows to whoever is here."""
        return [one for one in self.door.links if self.may(one.right)]

    def here(self, link: Link) -> bool:
        """Whether the page is the one of a link, or below it."""
        path = self.request.url.path
        return path == link.path or path.startswith(f"{link.path}/")

    def text(self, name: str, default: str = "") -> str:
        """A field of the form, without spaces around it. Bytes of zero are refused."""
        value = self.form.get(name, default)
        if not isinstance(value, str) or "\0" in value:
            raise NotAFieldValue(name)
        return value.strip()

    def number(self, name: str, where: Mapping[str, Any] | None = None) -> int:
        """A whole number of the form, or of the path or query handed in; raises `NotAFieldValue`."""
        return fields.whole(str((self.form if where is None else where).get(name, "")), name)

    def day(self, name: str) -> date:
        """A day of the form; raises `NotAFieldValue`."""
        return fields.day(self.text(name), name)

    def file(self, name: str) -> bytes:
        """The content of an uploaded file; raises `NotAFieldValue`."""
        value = self.form.get(name)
        if not isinstance(value, UploadFile):
            raise NotAFieldValue(name)
        return value.file.read()

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """A transaction of the lender whose desk this is."""
        with self.parts.database.transaction(self.lender_id) as tx:
            yield tx

    @contextmanager
    def at_home(self) -> Iterator[Tx]:
        """A transaction of the user's own lender, where the account is."""
        with self.parts.database.transaction(self.signed.home) as tx:
            yield tx

    def say(self, text: str, **values: object) -> str:
        """A text in the reader's language, its places filled."""
        said = catalogue(self.choice.language).gettext(text) if text else ""
        return said.format(**values) if values else said

    def say_n(self, one: str, many: str, count: int, **values: object) -> str:
        """A text for a count, in the reader's language; ``{count}`` is filled too."""
        return catalogue(self.choice.language).ngettext(one, many, count).format(count=count, **values)

    def csrf_token(self) -> str:
        """A token for one page."""
        return csrf.token(self.secret, self.door.chance)

    def html(self, template: str, **values: object) -> str:
        """A template filled in; ``visit`` is in it."""
        return render(self, template, values)

    def page(self, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
        """A template as an answer: a whole page where it extends ``components/layout.html``, else a fragment.

        A fragment that no script asked for (none ran, or not yet) comes within a page.
        """
        text = self.html(template, **values)
        if not self.fragment_wanted and not text.lstrip().startswith("<!doctype"):
            text = self.html("components/alone.html", piece=Markup(text))  # noqa: S704 - filled in with escapes
        return HTMLResponse(text, status)

    def go(self, path: str, *, said: str = "") -> Response:
        """Send the reader to another page, which shows what was said."""
        answer: Response
        if self.fragment_wanted:
            answer = Response(status_code=204, headers={"HX-Redirect": path})
        else:
            answer = RedirectResponse(path, 303)
        if said:
            self.set_cookie(answer, "said", quote(said), seconds=30)
        return answer

    def set_cookie(
        self, answer: Response, name: str, value: str, *, seconds: int | None = None, path: str = "/"
    ) -> None:
        """Give the browser a cookie that scripts cannot read; by TLS only where the site is reached by it."""
        answer.set_cookie(name, value, max_age=seconds, path=path, secure=self.by_tls, httponly=True, samesite="lax")

    @property
    def address(self) -> str:
        """Where the request comes from: behind a proxy of ours, the last address that it was forwarded for."""
        forwarded = self.request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
        if forwarded and self.door.public_url:
            return forwarded
        return self.request.client.host if self.request.client else ""

    @property
    def public_url(self) -> str | None:
        """The address under which readers reach the site, if known; of a site on this machine alone, its own."""
        url = self.request.url
        local = url.hostname in {"127.0.0.1", "localhost", "::1"}
        return self.door.public_url or (f"{url.scheme}://{url.netloc}" if local else None)

    @property
    def by_tls(self) -> bool:
        """Whether readers reach the site by TLS."""
        return self.request.url.scheme == "https" or (self.door.public_url or "").startswith("https:")

    def bound(self, handler: Callable[[Visit], Response]) -> Callable[[], Response]:
        """A page's function with this visit in it."""
        return partial(handler, self)
