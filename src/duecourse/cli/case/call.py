"""``duecourse case call``: call somebody of a case; one's own telephone rings first."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.case.work import CaseId
from duecourse.cli.output import Json, note, print_json, say
from duecourse.cli.words import _, word

if TYPE_CHECKING:
    from duecourse.casework.handover import Post
    from duecourse.storage.desk_calls import DeskCall

LOOKS_EACH_S = 0.5


def call(
    case: CaseId,
    *,
    person: Annotated[
        int | None, typer.Option(help="Whom, by the person's id; the borrower without it.", min=0)
    ] = None,
    point: Annotated[
        int | None, typer.Option("--point", help="Which contact point, as `person show` numbers them.", min=1)
    ] = None,
    template: Annotated[str, typer.Option(help="Approved script; the first for calls without it.")] = "",
    json: Json = False,
) -> None:
    """Call somebody of a case: your own telephone rings first, then the gate is asked and the number dialled.

    It is done in the name of whoever signed in (`user sign-in`). Without a worker (`outbox work`) nothing rings. What
    came of an answered call is reported after it by `permit outcome`.
    """
    from duecourse.app import gate_of, now, open_desk
    from duecourse.casework.desk_calls import ask_call, whom
    from duecourse.casework.handover import Post
    from duecourse.casework.rights import Right
    from duecourse.cli.acting import acting
    from duecourse.storage import cases, points

    with open_desk() as desk:
        lender = desk.settings.lender_id
        me = acting(desk, now())
        actor = me.by(Right.CASE_WORK)
        post = Post(desk.database, gate_of(desk), now)
        number = None
        if point is not None:
            with desk.database.transaction(lender) as tx:
                who = cases.get(tx, case).person_id if person is None else person
                ids = [one.contact_point_id for one in points.of_person(tx, who) if one.ordinal == point]
            if not ids:
                raise points.NoSuchPoint(who, point)
            number = ids[0]
        asked = whom(
            post, lender, case_id=case, user_id=me.ref, person_id=person, contact_point_id=number,
            template_id=template,
        )  # fmt: skip
        made = _followed(post, lender, ask_call(post, lender, asked=asked, actor=actor), quiet=json)
    if json:
        print_json(
            {
                "call": made.call_id, "state": made.state, "permit": made.permit_id, "outcome": made.outcome,
                "why": made.why,
            }
        )  # fmt: skip
        return
    said = _("Call {call}: {state}.").format(call=made.call_id, state=word(made.state))
    say(said if made.why is None else f"{said} {made.why.get('en', '')} {made.why.get('rules', '')}".strip())
    if made.permit_id and made.outcome == "connected":
        say(_("What came of it is owed: `duecourse permit outcome {permit} …`.").format(permit=made.permit_id))


def _followed(post: Post, lender: str, made: DeskCall, *, quiet: bool) -> DeskCall:
    """The call when it is over, with a word for each step."""
    from duecourse.storage import desk_calls

    last = ""
    while made.under_way:
        if made.state != last and not quiet:
            note(str(word(made.state)))
            last = made.state
        time.sleep(LOOKS_EACH_S)
        with post.database.transaction(lender) as tx:
            made = desk_calls.get(tx, made.call_id)
    return made
