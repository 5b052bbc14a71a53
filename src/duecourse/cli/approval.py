"""``duecourse approval``: what takes two people, and deciding it in one's own name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from duecourse.cli.acting import acting
from duecourse.cli.output import Json, facts, print_json, say, table
from duecourse.cli.words import _, word

if TYPE_CHECKING:
    from duecourse.casework.actor import Actor
    from duecourse.cli.acting import Acting
    from duecourse.storage.approvals import Approval

app = typer.Typer(help="Four eyes: what somebody asked for, and another approves or refuses.")

Number = Annotated[int, typer.Argument(help="The request's number; `approval list` shows it.", min=1)]
Reason = Annotated[str, typer.Option(help="Why, for the record.")]


@app.command("list")
def list_approvals(
    *,
    decided: Annotated[bool, typer.Option("--decided", help="Those decided last instead of those that wait.")] = False,
    json: Json = False,
) -> None:
    """List requests that wait for a second person, the one that lapses next first."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import approval
    from duecourse.storage import approvals

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        approval.lapse(tx, vault=vault_of(desk.settings), now=now())
        found = approvals.decided(tx) if decided else approvals.pending(tx)
    if json:
        print_json(found)
        return
    table(
        _("Requests"),
        [_("Number"), _("What"), _("Asked by"), _("Why"), _("Lapses"), _("Decision"), _("By")],
        [
            [
                str(one.approval_id), in_words(one), one.asked_by, one.reason, one.lapses_at.date(), word(one.decision),
                one.decided_by,
            ]
            for one in found
        ],
    )  # fmt: skip


@app.command()
def show(number: Number, *, json: Json = False) -> None:
    """Show one request in full: what exactly is carried out when it is approved."""
    from duecourse.app import open_desk
    from duecourse.storage import approvals

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = approvals.get(tx, number)
    if json:
        print_json(found)
        return
    facts(
        in_words(found),
        [
            *((name, str(value)) for name, value in found.asked.items()),
            (_("Why"), found.reason),
            (_("Asked by"), found.asked_by),
            (_("Lapses"), f"{found.lapses_at:%Y-%m-%d %H:%M}"),
            (_("Decision"), word(found.decision)),
            (_("By"), found.decided_by),
        ],
    )


@app.command()
def approve(number: Number, *, reason: Reason = "", json: Json = False) -> None:
    """Approve what somebody else asked for; it is carried out with that, or nothing is done."""
    _decide("approve", number, reason, json=json)


@app.command()
def refuse(number: Number, *, reason: Reason, json: Json = False) -> None:
    """Refuse what somebody else asked for, with a reason."""
    _decide("refuse", number, reason, json=json)


@app.command()
def withdraw(number: Number, *, json: Json = False) -> None:
    """Take one's own request back."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import approval
    from duecourse.casework.rights import Right

    at = now()
    with open_desk() as desk:
        actor = acting(desk, at).by(Right.APPROVAL_READ)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            made = approval.withdraw(tx, vault=vault_of(desk.settings), approval_id=number, actor=actor, now=at)
    _print_decided(made, json=json)


def print_asked(made: Approval, *, json: bool) -> None:
    """Say what was asked for, and that it waits."""
    if json:
        print_json(made)
        return
    say(
        _("Request {number} waits for somebody else until {until}; nothing changes before.").format(
            number=made.approval_id, until=f"{made.lapses_at:%Y-%m-%d %H:%M}"
        )
    )


def in_words(request: Approval) -> str:
    """What approving a request does."""
    from duecourse.casework.kinds import KINDS

    kind = KINDS.get(request.kind)
    asked: dict[str, Any] = {
        name: word(value) if isinstance(value, str) else value for name, value in request.asked.items()
    }
    return _(kind.says).format(**asked) if kind else request.kind


def _decide(how: str, number: int, reason: str, *, json: bool) -> None:
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import approval
    from duecourse.casework.kinds import KINDS
    from duecourse.storage import approvals

    at = now()
    act = approval.approve if how == "approve" else approval.refuse
    with open_desk() as desk:
        who = acting(desk, at)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            actor = _decider(who, approvals.get(tx, number))
            made = act(
                tx, kinds=KINDS, vault=vault_of(desk.settings), approval_id=number, reason=reason, actor=actor, now=at
            )
    _print_decided(made, json=json)


def _decider(who: Acting, request: Approval) -> Actor:
    """Whoever is signed in, in the role that may decide; where none may, the act says so itself."""
    from duecourse.casework import approval
    from duecourse.casework.actor import Actor
    from duecourse.casework.kinds import KINDS
    from duecourse.casework.rights import Right

    role = approval.may_decide(KINDS, request, frozenset(who.roles), who.ref)
    return who.by(Right.APPROVAL_DECIDE) if role is None else Actor(role, who.ref)


def _print_decided(made: Approval, *, json: bool) -> None:
    if json:
        print_json(made)
    else:
        say(_("Request {number} is {decision}.").format(number=made.approval_id, decision=word(made.decision)))
