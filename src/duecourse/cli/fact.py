"""``duecourse fact``: put on record what the gate asks and no table gives."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from duecourse.cli.output import Json, clock, print_json, say, table
from duecourse.cli.permit import PersonId
from duecourse.cli.person import operator, their_loan
from duecourse.cli.words import _

app = typer.Typer(help="Facts on record: a time agreed, a consent, a question asked; each with what proves it.")


@app.command()
def state(
    person: PersonId,
    fact: Annotated[str, typer.Argument(help="A word of the law's vocabulary, such as time_agreed; `law facts`.")],
    value: Annotated[str, typer.Argument(help="true, false, a whole number, a day or a word.")] = "true",
    *,
    source: Annotated[str, typer.Option(help="What proves it: a letter, a recording, a notice.")],
    loan: Annotated[str | None, typer.Option(help="The lender's number of the one loan it is about.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Instant, in UTC, at which it ends by itself.")] = None,
    hours: Annotated[
        str | None,
        typer.Option(
            metavar="HH:MM-HH:MM", help="Holds only between these times of the local day; 22:00-08:00 is at night."
        ),
    ] = None,
    firm: Annotated[str, typer.Option(help="Of a consent to one house: the outside firm; else the lender.")] = "",
    reason: Annotated[str | None, typer.Option(help="Why, in free text; sealed with the person's key.")] = None,
    json: Json = False,
) -> None:
    """Put a fact about a person on record, from now on. What is reckoned from tables takes nobody's word."""
    from datetime import UTC

    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.stating import read_value, state_fact

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        number = state_fact(
            tx,
            vault=vault_of(desk.settings),
            person_id=person,
            fact=fact,
            value=read_value(value),
            source=source,
            actor=operator(),
            now=now(),
            until=None if until is None else until.replace(tzinfo=UTC),
            loan_key=their_loan(tx, person, loan),
            seconds=_seconds(hours),
            reason=reason,
            firm=firm,
        )
    if json:
        print_json({"stated_id": number, "fact": fact})
    else:
        say(_("On record under {number}: {fact}.").format(number=number, fact=fact))


@app.command()
def end(
    person: PersonId,
    number: Annotated[int, typer.Argument(help="The number of the fact, as `fact list` shows it.")],
    *,
    json: Json = False,
) -> None:
    """End a fact on record."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.stating import end_fact

    at = now()
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        end_fact(tx, vault=vault_of(desk.settings), person_id=person, stated_id=number, actor=operator(), now=at)
    if json:
        print_json({"stated_id": number, "ended_at": at})
    else:
        say(_("Fact {number} has ended.").format(number=number))


@app.command("list")
def list_facts(person: PersonId, *, json: Json = False) -> None:
    """List the facts on record about a person, the latest first."""
    from duecourse.app import open_desk
    from duecourse.storage import stated

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = stated.of_person(tx, person)
    if json:
        print_json(found)
        return
    table(
        _("Facts on record"),
        [
            _("Number"), _("Fact"), _("Value"), _("Loan"), _("From"), _("Until"), _("Hours"), _("Given to"),
            _("Source"), _("By"),
        ],
        [
            [
                str(one.stated_id), one.fact, str(one.value),
                str(one.loan_key) if one.loan_key is not None else _("all"), one.from_at.isoformat(timespec="seconds"),
                one.to_at.isoformat(timespec="seconds") if one.to_at else None,
                None if one.second_from is None else f"{clock(one.second_from)}-{clock(one.second_to)}",
                one.firm or (None if one.firm is None else _("the lender")), one.source,
                one.actor,
            ]
            for one in found
        ],
    )  # fmt: skip


def _seconds(hours: str | None) -> tuple[int, int] | None:
    if hours is None:
        return None
    try:
        begins, ends = (datetime.strptime(one, "%H:%M").time() for one in hours.split("-"))  # noqa: DTZ007  # no day
    except ValueError:
        raise typer.BadParameter(_("hours are written as 20:00-22:30")) from None
    opens, closes = (one.hour * 3600 + one.minute * 60 for one in (begins, ends))
    return opens, closes or (86_400 if opens else 0)
