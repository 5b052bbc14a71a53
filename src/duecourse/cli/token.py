"""``duecourse token``: who may use the API, for what, until when."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperCommand

from duecourse.cli.output import Json, note, print_json, say, table
from duecourse.cli.person import operator
from duecourse.cli.words import _, word

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from duecourse.storage.tokens import Token

app = typer.Typer(help="Tokens of the API: give one out, list them, take one back.")

DAYS_MAX = 3_660


class _WithScopes(TyperCommand):
    """A command whose help ends with the scopes there are, asked for when it is shown."""

    @property
    def epilog(self) -> str:
        """The scopes, a noun a line, in the language of this run."""
        from duecourse.casework.token import LENDER_ONLY
        from duecourse.storage.tokens import Scope

        ours = [one for one in Scope if one in LENDER_ONLY]
        theirs = [one for one in Scope if one not in LENDER_ONLY]
        return "\n\n".join(
            (
                _("Scopes that a token of the lender, an agency or a law firm may have:"), _by_noun(theirs),
                _("Scopes for the lender's own systems only:"), _by_noun(ours),
            )
        )  # fmt: skip

    @epilog.setter
    def epilog(self, _given: str | None) -> None:
        """Another is not taken."""


def _by_noun(scopes: Iterable[str]) -> str:
    """A paragraph that is shown line by line as it is."""
    lines: dict[str, list[str]] = {}
    for one in scopes:
        lines.setdefault(one.partition(":")[0], []).append(one)
    return "\n".join(("\b", *("  " + "  ".join(of) for of in lines.values())))


@app.command(cls=_WithScopes)
def create(
    name: Annotated[str, typer.Argument(help="What it is for, such as dialler-1; records name it.")],
    *,
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", metavar="SCOPE", help="What it may do, of the list below; may be repeated."),
    ] = None,
    sender: Annotated[str, typer.Option(help="Whose it is: lender, agency or law_firm.")] = "lender",
    firm: Annotated[str | None, typer.Option(help="Code of the agency or law firm.")] = None,
    days: Annotated[int, typer.Option(help="Days for which it lives.", min=1, max=DAYS_MAX)] = 90,
    per_minute: Annotated[
        int | None, typer.Option(help="Requests a minute that each web process takes from it; no limit without.", min=1)
    ] = None,
    json: Json = False,
) -> None:
    """Make a token and print it, once: only a digest is kept. It works for the lender of DUECOURSE_LENDER."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.token import create_token

    at = now()
    with open_desk() as desk:
        with desk.database.transaction(desk.settings.lender_id) as tx:
            given = create_token(
                tx,
                vault=vault_of(desk.settings),
                name=name,
                scopes=scope or (),
                sender_type=sender,
                firm=firm,
                expires_at=at + timedelta(days=days),
                requests_minute_max=per_minute,
                actor=operator(),
                now=at,
                chance=os.urandom,
            )
        # Shown only now that it is committed.
        if json:
            print_json({**_plain(given.token, at), "token": given.text})
            return
        sys.stdout.write(given.text + "\n")
        note(
            _("Token {token} for {name} lives until {until}. It is shown this once: keep it as you keep a key.").format(
                token=given.token.token_id, name=name, until=given.token.expires_at.date()
            )
        )


@app.command("list")
def list_tokens(*, json: Json = False) -> None:
    """List the lender's tokens, the latest first; never their texts."""
    from duecourse.app import now, open_desk
    from duecourse.storage import tokens

    at = now()
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = tokens.every(tx)
    if json:
        print_json([_plain(one, at) for one in found])
        return
    if not found:
        say(_("There is no token yet; `duecourse token create` makes one."))
        return
    states = {"live": _("live"), "expired": _("expired"), "revoked": _("revoked")}
    table(
        _("Tokens"),
        [_("Token"), _("Name"), _("Sender"), _("Firm"), _("Scopes"), _("A minute"), _("Until"), _("State")],
        [
            [
                one.token_id, one.name, word(one.sender_type), one.firm, ", ".join(one.scopes),
                one.requests_minute_max, one.expires_at.date(), states[_state(one, at)],
            ]
            for one in found
        ],
    )  # fmt: skip


@app.command()
def revoke(
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="The token's id, as `token list` shows it.")],
    *,
    json: Json = False,
) -> None:
    """Take a token back. Web processes stop taking it within a second."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.token import revoke_token

    at = now()
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        ended = revoke_token(tx, vault=vault_of(desk.settings), token_id=token, actor=operator(), now=at)
    if json:
        print_json(_plain(ended, at))
        return
    say(_("Token {token} for {name} is revoked.").format(token=ended.token_id, name=ended.name))


def _state(token: Token, at: datetime) -> str:
    if token.revoked_at is not None:
        return "revoked"
    return "live" if token.live(at) else "expired"


def _plain(token: Token, at: datetime) -> dict[str, object]:
    return {
        "id": token.token_id,
        "name": token.name,
        "sender": token.sender_type,
        "firm": token.firm,
        "scopes": list(token.scopes),
        "requests_minute_max": token.requests_minute_max,
        "created": token.created_at,
        "expires": token.expires_at,
        "revoked": token.revoked_at,
        "state": _state(token, at),
    }
