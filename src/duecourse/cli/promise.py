"""``duecourse promise``: the word of a borrower to pay an amount by a day; kept or broken is reckoned, never typed."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Annotated

import typer

from duecourse.cli.case.work import CaseId
from duecourse.cli.lender import UnknownWord
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
    contact: Annotated[int | None, typer.Option(help="Contact in which it was given.", min=1)] = None,
    json: Json = False,
) -> None:
    """Record a promise to pay. Where one stands whose day has not passed, it is renegotiated."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.promises import record_promise
    from duecourse.core.money import Money
    from duecourse.storage import lenders

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        money = Money(minor, currency or lenders.get(tx).currency)
        number = record_promise(
            tx, vault=vault_of(desk.settings), case_id=case, amount=money, due=due.date(), promised_by=by,
            contact_id=contact, actor=operator(), now=now(),
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
        [_("Promise"), _("Case"), _("Due"), _("Amount"), _("Paid"), _("Became of it"), _("Given"), _("By")],
        [
            [
                str(one.promise_id), str(one.case_id), one.due_day,
                f"{amount(one.amount_minor, one.currency)} {one.currency}",
                None if one.paid_minor is None else amount(one.paid_minor, one.currency), word(one.became),
                word(one.given), one.actor,
            ]
            for one in found
        ],
        right=(3, 4),
    )  # fmt: skip


Number = Annotated[int, typer.Argument(metavar="PROMISE", help="Its number, as in `promise list`.", min=1)]


@app.command()
def show(promise: Number, *, json: Json = False) -> None:
    """Show a promise: what became of it, and each payment that was looked at with why it counts or not."""
    from duecourse.app import open_desk
    from duecourse.storage import promise_settlements, promises

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        one = promises.get(tx, promise)
        settled = promise_settlements.of_promise(tx, promise)
    if json:
        print_json({"promise": one, "became": one.became, "settlements": settled})
        return
    money = f"{amount(one.amount_minor, one.currency)} {one.currency}"
    say(_("Promise {promise}: {amount} by {due}.").format(promise=promise, amount=money, due=one.due_day))
    if one.replaces is not None:
        said = _("It stands in place of promise {promise}: {why}.")
        say(said.format(promise=one.replaces, why=word(one.why)))
    if one.replaced_by is not None:
        say(_("Promise {promise} stands in its place.").format(promise=one.replaced_by))
    say(_("Became of it: {became}.").format(became=word(one.became) or _("not reckoned yet")))
    for each in settled:
        table(
            _("Settled by payments until {day}: {state}, {paid} of {amount}").format(
                day=each.through_day, state=word(each.state), paid=amount(each.paid_minor, one.currency),
                amount=amount(each.amount_minor, one.currency),
            ),
            [_("Day"), _("Loan"), _("Amount"), _("Reference"), _("Counts")],
            [
                [row["day"], row["loan"], amount(row["minor"], one.currency), row["ref"], word(row["why"])]
                for row in each.looked_at
            ],
            right=(2,),
        )  # fmt: skip


@app.command()
def renegotiate(
    promise: Number,
    minor: Annotated[int, typer.Argument(metavar="AMOUNT", help="Minor units: 50000 is 500.00.", min=1)],
    *,
    due: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="By which day it is to be paid.")],
    why: Annotated[str, typer.Option(help="income_late, pays_part, pays_more, other_cost, bank or said_anew.")],
    json: Json = False,
) -> None:
    """Agree on another amount or day in place of a promise that stands: the old one is neither kept nor broken."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.promises import WhyAnew, renegotiate_promise
    from duecourse.core.money import Money
    from duecourse.storage import promises

    if why not in set(WhyAnew):
        raise UnknownWord(_("reason"), why, tuple(WhyAnew))
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        currency = promises.get(tx, promise).currency
        number = renegotiate_promise(
            tx, vault=vault_of(desk.settings), promise_id=promise, amount=Money(minor, currency), due=due.date(),
            why=WhyAnew(why), actor=operator(), now=now(),
        )  # fmt: skip
    if json:
        print_json({"promise_id": number, "replaces": promise})
        return
    money = f"{amount(minor, currency)} {currency}"
    say(_("Promise {promise}: {amount} by {due}.").format(promise=number, amount=money, due=due.date()))
    say(_("It stands in place of promise {promise}: {why}.").format(promise=promise, why=word(why)))


@app.command()
def settle(*, json: Json = False) -> None:
    """Settle the promises whose day has ended, as the day run does: kept, partly kept or broken, on record."""
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework.promise_settling import settle_promises

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        done = settle_promises(tx, store_of(desk.settings), vault=vault_of(desk.settings), actor=operator(), now=now())
    if json:
        print_json({"settled": done})
    else:
        say(_("Settled promises: {count}.").format(count=done))


@app.command()
def remind(*, json: Json = False) -> None:
    """Queue the reminders that the last day proposed, each once and with its permit; refused ones say by what."""
    from duecourse.app import gate_of, now, open_desk, store_of
    from duecourse.casework.reminding import remind_of_promises

    with open_desk() as desk:
        found = remind_of_promises(
            desk.database, desk.settings.lender_id, gate=gate_of(desk), store=store_of(desk.settings),
            public_url=desk.settings.public_url, actor=operator(), clock=now, chance=os.urandom,
        )  # fmt: skip
    if json:
        print_json(found)
        return
    table(
        _("Reminders of promises"),
        [_("Promise"), _("Became of it"), _("Channel"), _("Message"), _("Refused by")],
        [
            [
                str(one.promise_id), word(one.state), word(one.channel),
                None if one.message_id is None else str(one.message_id), ", ".join(one.rules + one.missing),
            ]
            for one in found
        ],
    )  # fmt: skip


@app.command()
def limits(
    *,
    renegotiations: Annotated[
        int | None, typer.Option(help="How often in a row a promise may be renegotiated, 0 to 3.")
    ] = None,
    days: Annotated[int | None, typer.Option(help="How many days ahead a promise may lie, 1 to 62.")] = None,
    json: Json = False,
) -> None:
    """Show how far promises may go for this lender, or set it."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.promises import set_limits
    from duecourse.storage import promises

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = promises.limits(tx)
        if renegotiations is not None or days is not None:
            found = promises.Limits(
                found.renegotiations_max if renegotiations is None else renegotiations,
                found.days_max if days is None else days,
            )
            set_limits(tx, vault=vault_of(desk.settings), to=found, actor=operator(), now=now())
    if json:
        print_json(found)
    else:
        said = _("A promise is renegotiated at most {times} times in a row and lies at most {days} days ahead.")
        say(said.format(times=found.renegotiations_max, days=found.days_max))


@app.command()
def withdraw(
    promise: Number,
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
