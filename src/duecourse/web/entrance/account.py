"""One's own account: password, authenticator, sessions, and for which lender one works."""

from __future__ import annotations

import segno
from markupsafe import Markup
from starlette.responses import Response

from duecourse.casework import user
from duecourse.casework.actor import Actor, Role
from duecourse.casework.authenticator import address, base32
from duecourse.casework.desks import set_line
from duecourse.casework.sign_in import WrongCode, must_enrol, owner
from duecourse.storage import desk_lines, sessions, users
from duecourse.trouble import N_, Refused, Trouble
from duecourse.web.landing import landing
from duecourse.web.page import Open, Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("entrance")


class NotYours(Refused):
    """A session of somebody else, or a lender that gave no role."""

    def __init__(self) -> None:
        super().__init__(N_("this is not yours to change"))


@pages.get("/account", right=Open.SIGNED_IN)
def account(visit: Visit) -> Response:
    """What one has: roles, authenticator, sessions."""
    me = visit.signed.session.user_id
    with visit.at_home() as tx:
        return visit.page(
            "entrance/account.html", user=users.get(tx, me), sessions=sessions.live(tx, now=visit.now, user_id=me),
            codes_left=users.recovery_codes_left(tx, me), phone=desk_lines.of_user(tx, me),
        )  # fmt: skip


@pages.post("/account/phone", right=Open.SIGNED_IN)
def set_phone(visit: Visit) -> Response:
    """Say at which telephone one is rung."""
    me = visit.signed.session.user_id
    with visit.at_home() as tx:
        kept = set_line(
            tx, vault=visit.parts.vault, user_id=me, address=visit.text("phone"), actor=_self(visit), now=visit.now
        )
    said = N_("You are rung at {address}.") if kept else N_("No telephone of yours is kept.")
    return visit.go("/account", said=visit.say(said, address=kept))


@pages.post("/account/sessions/{session}/end", right=Open.SIGNED_IN)
def end_session(visit: Visit) -> Response:
    """End one of one's own sessions."""
    with visit.at_home() as tx:
        found = sessions.get(tx, str(visit.path["session"]))
        if found is None or found.user_id != visit.signed.session.user_id:
            raise NotYours
        user.end_session(tx, vault=visit.parts.vault, session_id=found.session_id, actor=_self(visit), now=visit.now)
    return visit.go("/account", said=visit.say("The session has ended."))


@pages.post("/account/lender", right=Open.SIGNED_IN)
def work_for(visit: Visit) -> Response:
    """Work at another lender's desk, where that lender gave a role."""
    wanted, session = visit.text("lender"), visit.signed.session
    if wanted not in {visit.signed.home, *session.elsewhere}:
        raise NotYours
    if wanted != visit.signed.home:
        with visit.parts.database.transaction(wanted) as tx:
            if not users.roles_of(tx, visit.signed.home, session.user_id):
                raise NotYours
    with visit.at_home() as tx:
        sessions.work_for(tx, session.session_id, wanted)
    return visit.go("/")


@pages.get("/account/password", right=Open.HALF_IN)
def password(visit: Visit) -> Response:
    """The form for a new password."""
    return _password_form(visit)


@pages.post("/account/password", right=Open.HALF_IN)
def change_password(visit: Visit) -> Response:
    """Take a new password; all other sessions end."""
    given = str(visit.form.get("password", ""))
    if given != visit.form.get("again", ""):
        return _password_form(visit, said=visit.say("The two new passwords differ."))
    try:
        with visit.at_home() as tx:
            user.change_password(
                tx, vault=visit.parts.vault, user_id=visit.signed.session.user_id,
                old=str(visit.form.get("old", "")), given=given, session_id=visit.signed.session.session_id,
                actor=_self(visit), now=visit.now,
            )  # fmt: skip
    except Trouble as error:
        return _password_form(visit, said=sentence(error, visit.choice.language))
    return visit.go(_next(visit), said=visit.say("The password is changed; other sessions have ended."))


@pages.get("/account/authenticator", right=Open.HALF_IN)
def authenticator(visit: Visit) -> Response:
    """Show the QR code of a new authenticator; one that is in force is taken away first, by the password."""
    me = visit.signed.session.user_id
    with visit.at_home() as tx:
        found = users.get(tx, me)
        if found.totp_at is not None:
            return visit.page("entrance/authenticator_there.html", since=found.totp_at)
        kept = users.secrets(tx, me).totp
        if kept is None:
            user.enrol(tx, vault=visit.parts.vault, user_id=me, chance=visit.door.chance)
    return _authenticator_form(visit)


@pages.post("/account/authenticator", right=Open.HALF_IN)
def confirm_authenticator(visit: Visit) -> Response:
    """Take the first code of a new authenticator, and show the recovery codes once."""
    session = visit.signed.session
    try:
        with visit.at_home() as tx:
            codes = user.confirm(
                tx, vault=visit.parts.vault, user_id=session.user_id, code=visit.text("code"), actor=_self(visit),
                now=visit.now, chance=visit.door.chance,
            )  # fmt: skip
            sessions.strengthen(tx, session.session_id, "password_totp")
    except WrongCode as error:
        return _authenticator_form(visit, said=sentence(error, visit.choice.language))
    return visit.page("entrance/recovery_codes.html", codes=codes, next=_next(visit))


@pages.post("/account/authenticator/remove", right=Open.SIGNED_IN)
def remove_authenticator(visit: Visit) -> Response:
    """Take the authenticator away, to enrol another; the password is asked once more."""
    try:
        with visit.at_home() as tx:
            user.remove_authenticator(
                tx, vault=visit.parts.vault, user_id=visit.signed.session.user_id,
                given=str(visit.form.get("password", "")), actor=_self(visit), now=visit.now,
            )  # fmt: skip
    except user.OldPasswordWrong as error:
        with visit.at_home() as tx:
            since = users.get(tx, visit.signed.session.user_id).totp_at
        said = sentence(error, visit.choice.language)
        return visit.page("entrance/authenticator_there.html", status=422, since=since, error=said)
    return visit.go("/account/authenticator")


def _self(visit: Visit) -> Actor:
    roles = visit.signed.roles
    return Actor(roles[0] if roles else Role.COLLECTOR, visit.signed.session.user_id)


def _next(visit: Visit) -> str:
    """Where one wanted to be before this came in between."""
    return landing(visit.request, visit.text("next") or visit.query.get("next", "/"))


def _password_form(visit: Visit, said: str = "") -> Response:
    return visit.page(
        "entrance/password.html", status=422 if said else 200, error=said,
        must=visit.signed.session.password_must_change, next=_next(visit),
    )  # fmt: skip


def _authenticator_form(visit: Visit, said: str = "") -> Response:
    me = visit.signed.session.user_id
    with visit.at_home() as tx:
        kept = users.secrets(tx, me).totp
        secret = visit.parts.vault.open_secret(tx.lender_id, owner(me), kept) if kept else b""
        picture = segno.make(address(secret, me, tx.lender_id)).svg_inline(omitsize=True, svgclass=None, lineclass=None)
    return visit.page(
        "entrance/authenticator.html", status=422 if said else 200, error=said, picture=Markup(picture),  # noqa: S704
        secret=base32(secret), must=must_enrol(visit.signed.session), next=_next(visit),
    )  # fmt: skip
