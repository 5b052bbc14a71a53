"""``duecourse promise``: the word of a borrower to pay an amount by a day; kept or broken is reckoned, never typed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from duecourse.cli.case.work import CaseId
from duecourse.cli.output import Json, amount, print_json, say, table
from duecourse.cli.person import operator
from duecourse.cli.words import _, word

app = typer.Typer(
    help="Promises to pay: recorded as given; whether they are kept is reckoned from the book's payments."
)


@app.command()
def record(
    case: CaseId,
    minor: Annotated[int, typer.Argument(metavar="AMOUNT", help="Minor units: 50000 is 500.00.", min=1)],
    *,
    due: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="By which day it is to be paid.")],
    currency: Annotated[str | None, typer.Option(help="The lender's own without it.")] = None,
    by: Annotated[int | None, typer.Option(help="Person who gives it; the borrower without it.", min=0)] = None,
    json: Json = False,
) -> None:
    """Record a promise to pay. It replaces the one that stands for the case."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.promises import record_promise
    from duecourse.core.money import Money
    from duecourse.storage import lenders

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        money = Money(minor, currency or lenders.get(tx).currency)
        number = record_promise(
            tx, vault=vault_of(desk.settings), case_id=case, amount=money, due=due.date(), promised_by=by,
            actor=operator(), now=now(),
        )  # fmt: skip
    if json:
        print_json({"promise_id": number, "case_id": case})
    else:
        say(
            _("Promise {promise}: {amount} by {due}.").format(
                promise=number, amount=f"{amount(minor, money.currency)} {money.currency}", due=due.date()
            )
        )


@app.command("list")
def list_promises(
    *,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First due day.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last due day.")] = None,
    most: Annotated[int, typer.Option(min=1, max=1_000, help="Lines shown at the most.")] = 100,
    json: Json = False,
) -> None:
    """List the promises that stand, by due day, with what the payments make of each."""
    from duecourse.app import open_desk, store_of
    from duecourse.casework.promises import reckon_promises
    from duecourse.storage import promises

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        reckon_promises(tx, store_of(desk.settings))
        found = promises.standing(
            tx, since=since.date() if since else None, until=until.date() if until else None, most=most
        )
    if json:
        print_json(found)
        return
    table(
        _("Promises"),
        [_("Promise"), _("Case"), _("Due"), _("Amount"), _("Paid"), _("Became of it"), _("By")],
        [
            [
                str(one.promise_id), str(one.case_id), one.due_day,
                f"{amount(one.amount_minor, one.currency)} {one.currency}",
                None if one.paid_minor is None else amount(one.paid_minor, one.currency), word(one.state), one.actor,
            ]
            for one in found
        ],
        right=(3, 4),
    )  # fmt: skip


@app.command()
def withdraw(
    promise: Annotated[int, typer.Argument(metavar="PROMISE", help="Its number, as in `promise list`.", min=1)],
    *,
    json: Json = False,
) -> None:
    """Note that a promise was withdrawn by who gave it."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.promises import withdraw_promise

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        withdraw_promise(tx, vault=vault_of(desk.settings), promise_id=promise, actor=operator(), now=now())
    if json:
        print_json({"promise_id": promise})
    else:
        say(_("Promise {promise} is withdrawn.").format(promise=promise))
