"""What happens around a page: who comes, whether they may, the form's token, and what else is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from duecourse.casework.portal.entry import who
from duecourse.casework.rights import Right, may, roles_from
from duecourse.casework.sign_in import SEEN_EVERY, live, must_enrol
from duecourse.locale import Language, catalogue
from duecourse.storage import lenders, sessions, users
from duecourse.trouble import N_, BadInput, Busy, Refused, Trouble, Unavailable, masked, worded
from duecourse.web import csrf
from duecourse.web.api.parts import Parts
from duecourse.web.api.problem import AWAY
from duecourse.web.choice import Choice
from duecourse.web.landing import SIGN_IN, wanted, with_next
from duecourse.web.page import PORTAL, Open, Page
from duecourse.web.visit import Door, Signed, Visit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

COOKIE = "duecourse"
DOOR_COOKIE = "duecourse_door"
PORTAL_COOKIE = "duecourse_my"
_SAFE = {"GET", "HEAD"}
_FIELDS_MAX = 4_096


class TooLarge(BadInput):
    """More was sent than the page takes."""

    def __init__(self, most: int) -> None:
        super().__init__(N_("more was sent than this page takes ({most} bytes)"), most=most)


class Unreadable(BadInput):
    """A form that is cut off, not of the kind that it says, or of too many fields."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "the form cannot be read: it came in part, is not of the kind that it says, or has more than {most} "
                "fields. Nothing was done; open the page anew and send it again."
            ),
            most=_FIELDS_MAX,
        )


class ForeignForm(Refused):
    """A form without the page's token, or from elsewhere."""

    def __init__(self) -> None:
        super().__init__(
            N_("this form has expired, or another site sent it. Nothing was done; open the page anew and try again.")
        )


class NoRight(Refused):
    """Signed in, and not allowed."""

    def __init__(self, right: Right) -> None:
        super().__init__(
            N_("your roles do not include the right {right}. Nothing was done; an administrator gives roles."),
            right=right,
        )


def endpoint(page: Page, parts: Parts, door: Door) -> Callable[[Request], Awaitable[Response]]:
    """A page as Starlette calls it."""

    async def answer(request: Request) -> Response:
        sent = FormData() if request.method in _SAFE else await _form(request, page)
        try:
            return await run_in_threadpool(_answer, page, parts, door, request, sent)
        finally:
            if isinstance(sent, FormData):
                await sent.close()  # what was sent lies in files of its own meanwhile

    answer.__name__ = page.handler.__name__
    return answer


async def _form(request: Request, page: Page) -> FormData | BadInput:
    """The form of a request, no larger than the page takes, or why it was not read."""
    said = request.headers.get("content-length", "")
    if not said.isdecimal() or int(said) > page.body_max:
        return TooLarge(page.body_max) if said else FormData()
    try:
        return await request.form(max_files=8, max_fields=_FIELDS_MAX, max_part_size=page.body_max)
    except (HTTPException, ValueError):  # of Starlette and its parser, for whatever is no form
        return Unreadable()


def _answer(page: Page, parts: Parts, door: Door, request: Request, sent: FormData | BadInput) -> Response:
    now = parts.clock()
    form = sent if isinstance(sent, FormData) else FormData()
    choice = Choice.of(request.cookies, request.headers.get("accept-language", ""))
    cookie = request.cookies.get(PORTAL_COOKIE if page.of_portal else COOKIE, "")
    visit = Visit(
        request, parts, door, choice, now, None, page.needs, form, request.cookies.get(DOOR_COOKIE, ""),
        of_portal=page.of_portal,
    )  # fmt: skip
    try:
        signed = None if page.of_portal else _who(parts, cookie, now, used=not _unattended(request))
        entered = who(parts.database, cookie, now) if page.of_portal else None
        if signed is not None or entered is not None:
            visit = replace(visit, signed_in=signed, entered=entered, secret=cookie)
        elif not visit.secret:
            visit = replace(visit, secret=door.chance(32).hex())
        stop = _stopped(page, visit, sent)
        if stop is not None:
            return stop
        answer = page.handler(visit)
    except Exception as error:  # noqa: BLE001 - the reader gets a page whatever happens
        answer = trouble(visit, error)
    if visit.signed_in is None and visit.entered is None and visit.secret != request.cookies.get(DOOR_COOKIE):
        visit.set_cookie(answer, DOOR_COOKIE, visit.secret)
    if "said" in request.cookies and not visit.fragment_wanted and answer.status_code != 303:
        answer.delete_cookie("said", path="/")
    return answer


def _unattended(request: Request) -> bool:
    """Whether a page asks by itself, with nobody at it: that keeps no session alive."""
    return request.url.path.startswith("/live/") or request.headers.get("x-unattended") == "1"


def _who(parts: Parts, cookie: str, now: datetime, *, used: bool) -> Signed | None:
    """Whose session a cookie is, while it lives; ``used`` where somebody is at it."""
    home = sessions.lender_of(cookie)
    if home is None:
        return None
    with parts.database.transaction(home) as tx:
        known = sessions.known(tx, cookie)
        if known is None or not live(known, now):
            return None
        if used and now - known.seen_at >= SEEN_EVERY:
            sessions.seen(tx, known.session_id, now=now)
        if known.works_for == home:
            return Signed(known, home, lenders.get(tx), roles_from(known.roles))
    with parts.database.transaction(known.works_for) as tx:
        return Signed(known, home, lenders.get(tx), roles_from(users.roles_of(tx, home, known.user_id)))


def _stopped(page: Page, visit: Visit, sent: FormData | BadInput) -> Response | None:
    """What is answered instead of the page, where the form was not read or the reader may not have it."""
    if isinstance(sent, BadInput):
        raise sent
    if page.needs is Open.BORROWER and visit.entered is None:
        return RedirectResponse(PORTAL, 303)
    if page.needs not in {Open.EVERYBODY, Open.BORROWER} and visit.signed_in is None:
        return _to_sign_in(visit)
    if page.method != "GET" and not page.by_address and not _of_ours(visit):
        raise ForeignForm
    if visit.signed_in is None or page.needs in {Open.EVERYBODY, Open.HALF_IN}:
        return None
    session = visit.signed_in.session
    if must_enrol(session):
        return visit.go(with_next("/account/authenticator", wanted(visit.request)))
    if session.password_must_change and session.proof != "sso":
        return visit.go(with_next("/account/password", wanted(visit.request)))
    if isinstance(page.needs, Right) and not may(visit.signed_in.roles, page.needs):
        raise NoRight(page.needs)
    return None


def _of_ours(visit: Visit) -> bool:
    given = visit.request.headers.get(csrf.HEADER) or visit.form.get(csrf.FIELD, "")
    return csrf.same_site(visit.request.headers) and isinstance(given, str) and csrf.holds(given, visit.secret)


def _to_sign_in(visit: Visit) -> Response:
    address = with_next(SIGN_IN, wanted(visit.request))
    if visit.fragment_wanted:
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


def trouble(visit: Visit, error: Exception) -> Response:
    """The page, or the notice, for what cannot be done; faults of ours are told to the log and in general terms."""
    status, title = _kind(error)
    told = sentence(error, visit.choice.language)
    if status >= 500:
        visit.parts.log.warning(
            "page", request=visit.request.scope["state"].get("request_id"), path=masked(visit.request.url.path),
            trouble=f"{type(error).__name__}: {masked(str(error).partition(chr(10))[0])}",
        )  # fmt: skip
    if visit.fragment_wanted:
        answer: Response = visit.page(
            "components/notice.html", status=status, title=visit.say(title), said=told, level="bad"
        )
        answer.headers["HX-Retarget"] = "#notices"
        answer.headers["HX-Reswap"] = "beforeend"
        return answer
    template = "portal/trouble.html" if visit.of_portal else "components/trouble.html"
    return visit.page(template, status=status, code=status, title=visit.say(title), said=told)


def sentence(error: Exception, language: Language) -> str:
    """What an error says, in the reader's language; where it has no words in it, what kind of trouble it is."""
    words = catalogue(language)
    if isinstance(error, Trouble) and not isinstance(error, Unavailable):
        template = getattr(error, "sentence", "")
        values = getattr(error, "values", {})
        known = words.gettext(template) if template else ""
        if language is Language.EN or known != template:
            said = worded(template, values, words.gettext) if template else str(error)
            return masked(said) if not template else said
    return words.gettext(_GENERAL[_kind(error)[0]])


def _kind(error: Exception) -> tuple[int, str]:
    match error:
        case NoRight() | ForeignForm():
            return 403, N_("Not allowed")
        case BadInput() if type(error).__name__.startswith("NoSuch"):
            return 404, N_("Not found")
        case BadInput():
            return 422, N_("This cannot be read")
        case Busy():
            return 503, N_("Somebody else is at it")
        case Unavailable():
            return 503, N_("Not to be had at the moment")
        case Refused():
            return 409, N_("Refused")
        case _ if type(error).__module__.startswith("psycopg") and type(error).__name__ in AWAY:
            return 503, N_("Not to be had at the moment")
        case _:
            return 500, N_("A fault of duecourse")


_GENERAL = {
    403: N_("You may not do this. Nothing was done."),
    404: N_("There is nothing here under this address or number."),
    409: N_("This cannot be done as things stand. Nothing was done."),
    422: N_("Something that was sent cannot be. Nothing was done; check what you gave."),
    500: N_("This is a fault of duecourse, not yours. Tell whoever runs it, with the number below."),
    503: N_("The store, a key or somebody's work is in the way. Nothing was done; try again in a moment."),
}
