"""``duecourse hold``: stop contact at once, and let it go on."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from duecourse.cli.output import Json, print_json, say, table
from duecourse.cli.permit import PersonId
from duecourse.cli.person import operator, their_loan
from duecourse.cli.words import _, word

app = typer.Typer(help="Holds: stop contact with a person or about a debt, at once.")

Reason = Annotated[str | None, typer.Option(help="Why, in free text; sealed with the person's key.")]


@app.command()
def place(
    person: PersonId,
    kind: Annotated[
        str,
        typer.Argument(
            help="dispute, cease, bereavement, deceased, breathing_space, insolvency, hardship, identity_theft, "
            "incapable, court_stay, represented, complaint, vulnerable, other, third_party_refusal or wrong_number."
        ),
    ],
    *,
    source: Annotated[str, typer.Option(help="What proves it: a letter, a recording, a notice.")],
    loan: Annotated[str | None, typer.Option(help="The lender's number of the one loan it is about.")] = None,
    point: Annotated[int | None, typer.Option(help="Of a wrong number: which contact point of `person show`.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Instant, in UTC, at which it ends by itself.")] = None,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """Place a hold. Permits for this person that were not yet used are void from this instant."""
    from datetime import UTC

    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import holds
    from duecourse.casework.holds import HoldKind
    from duecourse.cli.lender import UnknownWord
    from duecourse.storage import points

    if kind not in set(HoldKind):
        raise UnknownWord(_("kind of hold"), kind, tuple(HoldKind))
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        ids = {one.ordinal: one.contact_point_id for one in points.of_person(tx, person)}
        if point is not None and point not in ids:
            raise points.NoSuchPoint(person, point)
        placed = holds.place(
            tx,
            vault=vault_of(desk.settings),
            person_id=person,
            kind=HoldKind(kind),
            source=source,
            actor=operator(),
            clock=now,
            loan_key=their_loan(tx, person, loan),
            contact_point_id=None if point is None else ids[point],
            until=None if until is None else until.replace(tzinfo=UTC),
            reason=reason,
        )
    if json:
        print_json(placed)
    else:
        say(_("Hold placed: {kind}. Permits voided: {voided}.").format(kind=word(kind), voided=placed.voided))
        if placed.hold_id is not None:
            say(_("Its number: {hold}.").format(hold=placed.hold_id))


@app.command()
def end(
    person: PersonId,
    hold: Annotated[int, typer.Argument(help="The hold's number, as `hold list` shows it.")],
    *,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """End a hold. Permits that it voided stay void: ask for new ones."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import holds

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        at = holds.end(
            tx, vault=vault_of(desk.settings), person_id=person, hold_id=hold, actor=operator(), clock=now,
            reason=reason,
        )  # fmt: skip
    if json:
        print_json({"hold_id": hold, "ended_at": at})
    else:
        say(_("Hold {hold} has ended.").format(hold=hold))


@app.command("list")
def list_holds(
    *,
    person: Annotated[int | None, typer.Option(help="All holds of this person, ended ones too.")] = None,
    json: Json = False,
) -> None:
    """List the holds that stand, or all of one person."""
    from duecourse.app import now, open_desk
    from duecourse.storage import holds

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = holds.of_person(tx, person) if person is not None else holds.open_at(tx, now())
    if json:
        print_json(found)
        return
    table(
        _("Holds"),
        [_("Hold"), _("Person"), _("Kind"), _("Loan"), _("From"), _("Until"), _("Source")],
        [
            [
                str(one.hold_id), str(one.person_id), word(one.kind),
                str(one.loan_key) if one.loan_key is not None else _("all"), f"{one.from_at:%Y-%m-%d %H:%M}",
                f"{one.to_at:%Y-%m-%d %H:%M}" if one.to_at else None, _proof(one.source),
            ]
            for one in found
        ],
    )  # fmt: skip


def _proof(source: str) -> str:
    """What proves a hold, briefly: of a tape of several files, the first and how many more."""
    first, *others = source.split(" ")
    return f"{first} +{len(others)}" if others and all(len(one) == len(first) for one in others) else source
