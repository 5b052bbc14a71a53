"""Signing in: name and password, then the authenticator's code where there is one; or single sign-on; signing out."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta

from starlette.responses import Response

from duecourse.casework.sign_in import (
    NotSignedIn,
    WrongCode,
    begin_session,
    check_code,
    check_password,
    sign_out,
)
from duecourse.storage import lenders, users
from duecourse.storage.connection import NoSuchLender
from duecourse.storage.users import User
from duecourse.storage.vault import Wrapped
from duecourse.trouble import Trouble
from duecourse.web.agent import named
from duecourse.web.landing import landing
from duecourse.web.page import Open, Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import COOKIE, sentence

pages = Pages("entrance")

HALF_IN = timedelta(minutes=5)
"""How long after the password the code may come."""

_OWNER = "half in"
_LENDER_COOKIE = "lender"


@pages.get("/sign-in", right=Open.EVERYBODY)
def sign_in(visit: Visit) -> Response:
    """The form; whoever is signed in is sent on."""
    if visit.signed_in is not None:
        return visit.go(landing(visit.request, visit.query.get("next", "/")))
    return form(visit)


@pages.post("/sign-in", right=Open.EVERYBODY)
def sign_in_by_password(visit: Visit) -> Response:
    """Take name and password; ask for the code where the user has an authenticator."""
    name, lender_id = visit.text("name"), usual_lender(visit, visit.text("lender"))
    user: User | None = None
    if lender_id:
        with visit.parts.database.transaction(lender_id) as tx:
            user = check_password(
                tx, vault=visit.parts.vault, name=name, given=str(visit.form.get("password", "")),
                address=visit.address, now=visit.now,
            )  # fmt: skip
    if user is None or lender_id is None:
        said = sentence(NotSignedIn(), visit.choice.language)
        return form(visit, said=said, name=name, lender_id=visit.text("lender"), status=403)
    if user.totp_at is not None:
        return _code_form(visit, _half(visit, lender_id, user.user_id))
    return let_in(visit, lender_id, user.user_id, "password")


@pages.post("/sign-in/code", right=Open.EVERYBODY)
def sign_in_by_code(visit: Visit) -> Response:
    """Take the authenticator's code, or a recovery code, of whoever gave the password a moment ago."""
    found = _half_of(visit, visit.text("half"))
    if found is None:
        return form(visit, said=sentence(NotSignedIn(), visit.choice.language), status=403)
    lender_id, user_id = found
    with visit.parts.database.transaction(lender_id) as tx:
        proof = check_code(tx, vault=visit.parts.vault, user_id=user_id, code=visit.text("code"), now=visit.now)
    if proof is None:
        return _code_form(visit, visit.text("half"), error=WrongCode(), status=403)
    return let_in(visit, lender_id, user_id, proof)


@pages.post("/sign-out", right=Open.HALF_IN)
def leave(visit: Visit) -> Response:
    """End the session."""
    with visit.at_home() as tx:
        session = visit.signed.session
        sign_out(tx, vault=visit.parts.vault, user_id=session.user_id, session_id=session.session_id, now=visit.now)
    answer = visit.go("/sign-in", said=visit.say("You are signed out."))
    answer.delete_cookie(COOKIE, path="/")
    return answer


def let_in(visit: Visit, lender_id: str, user_id: str, proof: str, *, after: str = "") -> Response:
    """Begin the session of a user who has proved who it is, and go where the user wanted."""
    with visit.parts.database.transaction(lender_id) as tx:
        begun = begin_session(
            tx, vault=visit.parts.vault, user=users.get(tx, user_id), proof=proof,
            agent=named(visit.request.headers.get("user-agent", "")), now=visit.now, chance=visit.door.chance,
        )  # fmt: skip
    answer = visit.go(landing(visit.request, after or visit.text("next", "/")))
    visit.set_cookie(answer, COOKIE, begun.cookie)
    if lender_id != _last_lender(visit):
        visit.set_cookie(answer, _LENDER_COOKIE, lender_id, seconds=31_536_000)
    return answer


def form(visit: Visit, *, said: str = "", name: str = "", lender_id: str = "", status: int = 200) -> Response:
    """The form of signing in, with what is said above it; where there are several lenders it asks for which."""
    with visit.parts.database.register() as tx:
        several = len(lenders.every(tx)) > 1
    return visit.page(
        "entrance/sign_in.html", status=status, name=name, several=several,
        lender_id=lender_id or _last_lender(visit), error=said, single=visit.door.provider is not None,
        next=landing(visit.request, visit.text("next") or visit.query.get("next", "/")),
    )  # fmt: skip


def _last_lender(visit: Visit) -> str:
    """The lender at which this browser was signed in last, else the usual one."""
    return visit.request.cookies.get(_LENDER_COOKIE) or visit.door.lender_id


def _code_form(visit: Visit, half: str, *, error: Trouble | None = None, status: int = 200) -> Response:
    return visit.page(
        "entrance/code.html", status=status, half=half, next=landing(visit.request, visit.text("next", "/")),
        error=sentence(error, visit.choice.language) if error else "",
    )  # fmt: skip


def usual_lender(visit: Visit, named_: str) -> str | None:
    """The lender whose user wants in: the one named, else the usual one; None where there is none of this name."""
    wanted = named_ or visit.door.lender_id
    try:
        with visit.parts.database.transaction(wanted) as tx:
            return lenders.get(tx).lender_id
    except NoSuchLender:
        return None


def _half(visit: Visit, lender_id: str, user_id: str) -> str:
    """Proof, for a few minutes and for us alone, that the password was right; tied to the browser's cookie."""
    until = int((visit.now + HALF_IN).timestamp())
    whole = json.dumps([lender_id, user_id, until, visit.secret]).encode()
    sealed = visit.parts.vault.seal_secret(visit.door.lender_id, _OWNER, whole)
    return urlsafe_b64encode(json.dumps([sealed.key_id, sealed.sealed.hex()]).encode()).decode()


def _half_of(visit: Visit, half: str) -> tuple[str, str] | None:
    try:
        key_id, sealed = json.loads(urlsafe_b64decode(half.encode()))
        opened = visit.parts.vault.open_secret(
            visit.door.lender_id, _OWNER, Wrapped(str(key_id), bytes.fromhex(sealed))
        )
    except (ValueError, TypeError, Trouble):
        return None
    lender_id, user_id, until, secret = json.loads(opened)
    if visit.now.timestamp() >= until or secret != visit.secret:
        return None
    return str(lender_id), str(user_id)
