"""The way into the portal and out of it: the code of a notice, the one-time code, the reader's choices.

The page that follows a typed code is the same whether a notice has it or not. The one-time code is put on its way
behind the answer, by a thread of its own, so that not even the time an answer takes says anything.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from starlette.responses import Response

from duecourse.casework.portal.entry import (
    CHANNELS,
    Asked,
    TooManyTries,
    WrongOneTimeCode,
    ask_code,
    enter,
    leave,
    send_code,
)
from duecourse.trouble import N_, Trouble, masked
from duecourse.web.agent import named
from duecourse.web.choice import COOKIES, YEAR_SECONDS
from duecourse.web.fields import NotAFieldValue
from duecourse.web.page import PORTAL, Open, Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import PORTAL_COOKIE, sentence

pages = Pages("portal")

ASKED_COOKIE = "duecourse_my_asked"
HOME = f"{PORTAL}/home"
_ASKED_SECONDS = 600
_TEXT_MAX = 64
_SENDERS = ThreadPoolExecutor(2, thread_name_prefix="one-time codes")
_WAYS = {"sms": N_("by text message"), "email": N_("by e-mail")}
_HEADERS = {"X-Robots-Tag": "noindex, nofollow, noarchive"}


@pages.get(PORTAL, right=Open.EVERYBODY)
def door(visit: Visit) -> Response:
    """The form for the code of a notice; whoever is in already goes on."""
    if visit.entered is not None:
        return visit.go(HOME)
    return _form(visit, code=visit.query.get("code", "")[:_TEXT_MAX])


@pages.post(f"{PORTAL}/enter", right=Open.EVERYBODY)
def ask(visit: Visit) -> Response:
    """Ask for a one-time code."""
    typed, channel = visit.text("code")[:_TEXT_MAX], visit.text("channel")
    try:
        asked = ask_code(
            visit.parts.database, vault=visit.parts.vault, usual=visit.door.lender_id, text=typed, channel=channel,
            lang=visit.lang, address=visit.address, now=visit.now, chance=visit.door.chance,
        )  # fmt: skip
    except Trouble as error:
        status = 429 if isinstance(error, TooManyTries) else 422
        return _form(visit, code=typed, said=sentence(error, visit.choice.language), status=status)
    _SENDERS.submit(_send, visit, asked, channel)
    answer = visit.go(f"{PORTAL}/code")
    visit.set_cookie(answer, ASKED_COOKIE, asked.cookie, seconds=_ASKED_SECONDS, path=PORTAL)
    return _closed(answer)


def _send(visit: Visit, asked: Asked, channel: str) -> None:
    """Put a code on its way; what stands against it is told to the journal, never to whoever asked."""
    parts = visit.parts
    try:
        send_code(
            parts.database, gate=parts.gate, asked=asked, channel=channel, lang=visit.lang, clock=parts.clock,
            chance=visit.door.chance,
        )  # fmt: skip
    except Exception as error:  # noqa: BLE001 - nobody waits for it
        parts.log.warning("one-time code", trouble=f"{type(error).__name__}: {masked(str(error))}")


@pages.get(f"{PORTAL}/code", right=Open.EVERYBODY)
def code_form(visit: Visit) -> Response:
    """The form for the one-time code."""
    return _code_form(visit)


@pages.post(f"{PORTAL}/code", right=Open.EVERYBODY)
def let_in(visit: Visit) -> Response:
    """Take the one-time code, and begin the session."""
    try:
        _entered, text = enter(
            visit.parts.database, vault=visit.parts.vault, usual=visit.door.lender_id,
            cookie=visit.request.cookies.get(ASKED_COOKIE, "")[:_TEXT_MAX], code=visit.text("code")[:_TEXT_MAX],
            agent=named(visit.request.headers.get("user-agent", "")), address=visit.address, now=visit.now,
            chance=visit.door.chance,
        )  # fmt: skip
    except TooManyTries as error:
        return _code_form(visit, said=sentence(error, visit.choice.language), status=429)
    except WrongOneTimeCode as error:
        return _code_form(visit, said=sentence(error, visit.choice.language), status=403)
    answer = visit.go(HOME)
    visit.set_cookie(answer, PORTAL_COOKIE, text, path=PORTAL)
    answer.delete_cookie(ASKED_COOKIE, path=PORTAL)
    return _closed(answer)


@pages.post(f"{PORTAL}/leave", right=Open.BORROWER)
def go_out(visit: Visit) -> Response:
    """End the session."""
    with visit.transaction() as tx:
        leave(tx, vault=visit.parts.vault, entered=visit.borrower, now=visit.now)
    answer = visit.go(PORTAL, said=visit.say("You have left. Nobody else can use what you saw here."))
    answer.delete_cookie(PORTAL_COOKIE, path=PORTAL)
    return answer


@pages.post(f"{PORTAL}/choices", right=Open.EVERYBODY)
def choose(visit: Visit) -> Response:
    """Keep language and theme, and show the same page again."""
    wanted = visit.text("next", PORTAL)
    fine = (wanted == PORTAL or wanted.startswith(f"{PORTAL}/")) and wanted.isprintable() and "\\" not in wanted
    answer = visit.go(wanted if fine else PORTAL)
    for name in ("language", "theme"):
        chosen = visit.text(name)
        if chosen and chosen not in COOKIES[name]:
            raise NotAFieldValue(name)
        if chosen:
            visit.set_cookie(answer, name, chosen, seconds=YEAR_SECONDS)
    return answer


def _form(visit: Visit, *, code: str, said: str = "", status: int = 200) -> Response:
    ways = [(one.value, visit.say(_WAYS[one.value])) for one in CHANNELS]
    return _closed(visit.page("portal/door.html", status=status, code=code, error=said, ways=ways))


def _code_form(visit: Visit, *, said: str = "", status: int = 200) -> Response:
    return _closed(visit.page("portal/code.html", status=status, error=said))


def _closed(answer: Response) -> Response:
    for name, value in _HEADERS.items():
        answer.headers[name] = value
    return answer
