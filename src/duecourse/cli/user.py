"""``duecourse user``: who may sign in on the pages, as what; by staff number."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.output import Json, note, print_json, say, table
from duecourse.cli.person import operator
from duecourse.cli.words import _, word
from duecourse.trouble import N_, Refused

if TYPE_CHECKING:
    from datetime import datetime

    from duecourse.storage.users import User

app = typer.Typer(help="Users of the pages: enter them, give roles, reset, disable, end sessions; by staff number.")

Name = Annotated[str, typer.Argument(metavar="USER", help="Staff number, which is the sign-in name.")]


class OnlyDemo(Refused):
    """A code is shown for invented lenders only."""

    def __init__(self) -> None:
        super().__init__(
            N_("codes of authenticators are shown for demo lenders only; everybody else has an app for it")
        )


class CodeWanted(Refused):
    """The user has an authenticator, and no code was given."""

    def __init__(self, user: str) -> None:
        super().__init__(N_("{user} has an authenticator: give the code that it shows by --code"), user=user)


class Typed(Refused):
    """No password was given on the standard input."""

    def __init__(self) -> None:
        super().__init__(
            N_("the password is read from the standard input, one line: `duecourse user password USER < file`")
        )


@app.command()
def add(
    user: Name,
    *,
    role: Annotated[
        list[str] | None,
        typer.Option(
            "--role", help="collector, supervisor, compliance, strategist, admin or auditor; may be repeated."
        ),
    ] = None,
    team: Annotated[str | None, typer.Option(help="The team.")] = None,
    sso: Annotated[str | None, typer.Option(help="Subject at the single sign-on.")] = None,
    json: Json = False,
) -> None:
    """Enter a user and print a password, once; it is to be changed at the first sign-in.

    Roles of power (all but collector) also need an authenticator, which is set up at the first sign-in.
    """
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import user as acts

    with open_desk() as desk:
        vault, at = vault_of(desk.settings), now()
        with desk.database.transaction(desk.settings.lender_id) as tx:
            acts.add_user(tx, vault=vault, user_id=user, team=team, actor=operator(), now=at)
            for one in role or ():
                acts.give_role(tx, vault=vault, user_id=user, role=one, actor=operator(), now=at)
            if sso:
                acts.set_subject(tx, vault=vault, user_id=user, subject=sso, actor=operator(), now=at)
            given = acts.reset(tx, vault=vault, user_id=user, actor=operator(), now=at, chance=os.urandom)
        _hand_over(user, given, json=json)


@app.command("list")
def list_users(*, json: Json = False) -> None:
    """List the users: roles, team, whether they may sign in."""
    from duecourse.app import now, open_desk
    from duecourse.storage import users

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = users.every(tx)
    if json:
        print_json(found)
        return
    if not found:
        say(_("There is no user yet; `duecourse user add` enters one."))
        return
    at = now()
    table(
        _("Users"),
        [_("User"), _("Roles"), _("Team"), _("Second proof"), _("State")],
        [
            [
                one.user_id,
                ", ".join(str(word(role)) for role in one.roles) or None,
                one.team,
                _("authenticator") if one.totp_at else _("single sign-on") if one.sso_subject else None,
                _state(one, at),
            ]
            for one in found
        ],
    )


@app.command()
def role(
    user: Name,
    role: Annotated[str, typer.Argument(help="The role to give.")],
    *,
    end: Annotated[bool, typer.Option("--end", help="End it instead; the user is signed out everywhere.")] = False,
    json: Json = False,
) -> None:
    """Give a role, or end one. On the pages, a role of power takes two people; here the operator gives it alone."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import user as acts

    act = acts.end_role if end else acts.give_role
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        changed = act(
            tx, vault=vault_of(desk.settings), user_id=user, role=role, actor=operator(), now=now()
        )  # fmt: skip
    if json:
        print_json({"user": user, "role": role, "ended": end, "changed": changed})
    else:
        say(
            (_("{user} no longer has the role {role}.") if end else _("{user} has the role {role}.")).format(
                user=user, role=word(role)
            )
        )


@app.command()
def phone(
    user: Name,
    address: Annotated[
        str | None,
        typer.Argument(
            metavar="ADDRESS", help="Extension at the provider, or a SIP address such as c017@pbx.lender.example."
        ),
    ] = None,
    *,
    none: Annotated[bool, typer.Option("--none", help="The user has no telephone any more.")] = False,
    json: Json = False,
) -> None:
    """Say at which telephone a user is rung: calls are put through to it, and it rings first when the user calls.

    Without an address it is shown.
    """
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.desks import set_line
    from duecourse.storage import desk_lines, users

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        name = users.get(tx, user).user_id
        if address is not None or none:
            set_line(
                tx, vault=vault_of(desk.settings), user_id=name, address="" if none else address or "",
                actor=operator(), now=now(),
            )  # fmt: skip
        kept = desk_lines.of_user(tx, name)
    if json:
        print_json({"user": name, "phone": kept or None})
    else:
        say(
            _("{user} is rung at {address}.").format(user=name, address=kept)
            if kept
            else _("{user} has no telephone.").format(user=name)
        )


@app.command()
def sso(
    user: Name,
    subject: Annotated[
        str | None, typer.Argument(metavar="SUBJECT", help="As the identity provider names the user (its `sub`).")
    ] = None,
    *,
    none: Annotated[bool, typer.Option("--none", help="The single sign-on knows the user no more.")] = False,
    json: Json = False,
) -> None:
    """Say under which subject the single sign-on knows a user, who then comes in by it.

    Without a subject it is shown. Where it takes another's place, or is taken away, all sessions of the user end.
    """
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import user as acts
    from duecourse.storage import users

    if none and subject is not None:
        raise typer.BadParameter(_("give a subject or --none, not both"))
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        if subject is not None or none:
            acts.set_subject(
                tx, vault=vault_of(desk.settings), user_id=user, subject=subject, actor=operator(), now=now()
            )
        found = users.get(tx, user)
    if json:
        print_json({"user": found.user_id, "subject": found.sso_subject})
    else:
        say(
            _("{user} comes in by the single sign-on as {subject}.").format(
                user=found.user_id, subject=found.sso_subject
            )
            if found.sso_subject
            else _("The single sign-on knows {user} under no subject.").format(user=found.user_id)
        )


@app.command()
def lend(
    user: Name,
    *,
    to: Annotated[str, typer.Option("--to", help="Code of the other lender.")],
    role: Annotated[str, typer.Option("--role", help="The role there.")],
    json: Json = False,
) -> None:
    """Let a user work for another lender too, in a role; the user then chooses for whom to work."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import user as acts
    from duecourse.storage import lenders, users

    with open_desk() as desk:
        home, vault, at = desk.settings.lender_id, vault_of(desk.settings), now()
        with desk.database.transaction(home) as tx:
            name = users.get(tx, user).user_id
        with desk.database.transaction(to) as tx:
            lenders.get(tx)
            given = acts.give_role_elsewhere(
                tx, vault=vault, home=home, user_id=name, role=role, actor=operator(), now=at
            )
        # Only after the other lender's word stands is the choice offered at home; once more does no harm.
        with desk.database.transaction(home) as tx:
            users.put_elsewhere(tx, name, to)
    if json:
        print_json({"user": name, "works_for": to, "role": role, "given": given})
    else:
        say(_("{user} may work for {lender} as {role}.").format(user=name, lender=to, role=word(role)))


@app.command()
def reset(
    user: Name,
    *,
    authenticator: Annotated[
        bool, typer.Option("--authenticator", help="The authenticator too: it is lost, and set up anew.")
    ] = False,
    json: Json = False,
) -> None:
    """Give a new password, printed once, to be changed at the first sign-in; all sessions end."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import user as acts

    with open_desk() as desk:
        with desk.database.transaction(desk.settings.lender_id) as tx:
            given = acts.reset(
                tx, vault=vault_of(desk.settings), user_id=user, actor=operator(), now=now(), chance=os.urandom,
                authenticator_too=authenticator,
            )  # fmt: skip
        _hand_over(user, given, json=json)


@app.command()
def password(user: Name, *, json: Json = False) -> None:
    """Set a password that is read from the standard input, one line."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import user as acts

    given = sys.stdin.readline().rstrip("\n")
    if not given:
        raise Typed
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        acts.set_password(
            tx, vault=vault_of(desk.settings), user_id=user, given=given, must_change=False, actor=operator(), now=now()
        )
    _done(user, "password", json=json)


@app.command("sign-in")
def sign_in(
    user: Name,
    *,
    code: Annotated[str | None, typer.Option(help="The code that the user's authenticator shows.")] = None,
    json: Json = False,
) -> None:
    """Sign in at this terminal; the password is read from the standard input, one line.

    What is printed goes into DUECOURSE_SESSION: whatever is done in somebody's name is then done in this user's.
    """
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import sign_in as acts
    from duecourse.casework.rights import OF_POWER, roles_from
    from duecourse.cli.acting import NotReady
    from duecourse.storage import users

    given = sys.stdin.readline().rstrip("\n")
    if not given:
        raise Typed
    at, proof = now(), "password"
    with open_desk() as desk:
        vault = vault_of(desk.settings)
        # A failure that is undone would not count: each step commits before anything is said of it.
        with desk.database.transaction(desk.settings.lender_id) as tx:
            found = acts.check_password(tx, vault=vault, name=user, given=given, address="terminal", now=at)
        if found is None:
            raise acts.NotSignedIn
        if found.password_must_change or (found.totp_at is None and OF_POWER & set(roles_from(found.roles))):
            raise NotReady(found.user_id)
        if found.totp_at is not None:
            if code is None:
                raise CodeWanted(found.user_id)
            with desk.database.transaction(desk.settings.lender_id) as tx:
                said = acts.check_code(tx, vault=vault, user_id=found.user_id, code=code, now=at)
            if said is None:
                raise acts.WrongCode
            proof = said
        with desk.database.transaction(desk.settings.lender_id) as tx:
            begun = acts.begin_session(
                tx, vault=vault, user=users.get(tx, found.user_id), proof=proof, agent="terminal", now=at,
                chance=os.urandom,
            )  # fmt: skip
    if json:
        print_json({"user": found.user_id, "session": begun.cookie, "expires_at": begun.session.expires_at})
        return
    sys.stdout.write(begun.cookie + "\n")
    note(_("{user} is signed in; put the line above into DUECOURSE_SESSION.").format(user=found.user_id))


@app.command("sign-out")
def sign_out(*, json: Json = False) -> None:
    """End the session that DUECOURSE_SESSION holds."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import sign_in as acts
    from duecourse.cli.acting import NobodyActs, SessionOver
    from duecourse.storage import sessions

    with open_desk(lender_needed=False) as desk:
        text = desk.settings.session
        if text is None:
            raise NobodyActs
        home = sessions.lender_of(text)
        if home is None:
            raise SessionOver
        with desk.database.transaction(home) as tx:
            known = sessions.known(tx, text)
            if known is None:
                raise SessionOver
            acts.sign_out(
                tx, vault=vault_of(desk.settings), user_id=known.user_id, session_id=known.session_id, now=now()
            )
    _done(known.user_id, "signed out", json=json)


@app.command()
def disable(
    user: Name,
    *,
    again: Annotated[bool, typer.Option("--again", help="Let the user in again instead.")] = False,
    json: Json = False,
) -> None:
    """Let a user in no more, at once; or again."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import user as acts

    act = acts.enable if again else acts.disable
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        act(tx, vault=vault_of(desk.settings), user_id=user, actor=operator(), now=now())
    _done(user, "enabled" if again else "disabled", json=json)


@app.command()
def sessions(
    user: Annotated[str | None, typer.Argument(metavar="USER", help="Of one user; everybody's without it.")] = None,
    *,
    end: Annotated[bool, typer.Option("--end", help="End them all, at once.")] = False,
    json: Json = False,
) -> None:
    """List who is signed in, or end a user's sessions."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import user as acts
    from duecourse.storage import sessions as kept

    if end and user is None:
        raise typer.BadParameter(_("name the user whose sessions end"))
    at = now()
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        if end and user is not None:
            ended = acts.end_sessions(tx, vault=vault_of(desk.settings), user_id=user, actor=operator(), now=at)
        found = kept.live(tx, now=at, user_id=user)
    if json:
        print_json({"ended": ended} if end else found)
        return
    if end:
        say(_("Sessions ended: {count}").format(count=ended))
        return
    table(
        _("Sessions"),
        [_("User"), _("Browser"), _("Proved by"), _("Since"), _("Last used"), _("Ends")],
        [
            [
                one.user_id,
                one.agent,
                word(one.proof),
                *(f"{at:%Y-%m-%d %H:%M}" for at in (one.created_at, one.seen_at, one.expires_at)),
            ]
            for one in found
        ],
    )


@app.command()
def code(user: Name, *, json: Json = False) -> None:
    """Print the code that the authenticator of a demo user shows now; for demo lenders only."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import authenticator, sign_in
    from duecourse.storage import lenders, users

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        if not lenders.get(tx).demo:
            raise OnlyDemo
        kept = users.secrets(tx, user).totp
        secret = vault_of(desk.settings).open_secret(tx.lender_id, sign_in.owner(user), kept) if kept else b""
    shown = authenticator.code_at(secret, now()) if secret else None
    if json:
        print_json({"user": user, "code": shown})
    else:
        say(shown or _("{user} has no authenticator.").format(user=user))


def _hand_over(user: str, given: str, *, json: bool) -> None:
    """Print a password, once; only now that it is committed."""
    if json:
        print_json({"user": user, "password": given})
        return
    sys.stdout.write(given + "\n")
    note(_("The password of {user}. It is shown this once, and to be changed at the first sign-in.").format(user=user))


def _done(user: str, what: str, *, json: bool) -> None:
    if json:
        print_json({"user": user, "done": what})
    else:
        say(f"{user}: {word(what)}")


def _state(user: User, at: datetime) -> str:
    if user.disabled_at is not None:
        return _("disabled")
    if user.locked(at):
        return _("locked")
    return _("may sign in") if user.has_password or user.sso_subject else _("no password yet")
