"""``duecourse ledger``: what happened to loans at the desk, taken back, and put into the book."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from duecourse.cli.output import Json, in_currency, print_json, say, table
from duecourse.cli.output import amount as shown_amount
from duecourse.cli.person import operator
from duecourse.cli.words import _, word

app = typer.Typer(help="The desk's ledger: events of loans made here, until and after the book has them.")


class Because(StrEnum):
    """Why an event did not stand."""

    BOUNCED = "bounced"
    ERROR = "error"


@app.command("list")
def list_events(
    loan: Annotated[str | None, typer.Argument(help="The lender's own loan number; of all loans without it.")] = None,
    *,
    most: Annotated[int, typer.Option(min=1, max=1_000, help="Lines shown at the most.")] = 100,
    json: Json = False,
) -> None:
    """List events that were made at the desk, the latest first, and which version of the book has each."""
    from duecourse.app import open_desk
    from duecourse.core.ids import loan_key
    from duecourse.storage import desk_events, lenders

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        key = loan_key(tx.lender_id, loan) if loan else None
        found = desk_events.of_loan(tx, key)[:most] if key is not None else desk_events.latest(tx, most)
        currency = lenders.get(tx).currency
    if json:
        print_json(found)
        return
    table(
        in_currency(_("Events made at the desk"), currency),
        [_("Event"), _("Day"), _("Kind"), _("Amount"), _("Takes back"), _("In the book"), _("On the tape"), _("By")],
        [
            [
                one.event.ref, one.event.effective, word(one.event.kind.name.lower()),
                shown_amount(one.event.amount, currency) if one.event.amount else None, one.event.target or None,
                str(one.version) if one.version else _("waits"), one.tape_ref, one.actor,
            ]
            for one in found
        ],
        right=(3,),
    )  # fmt: skip


@app.command("take-back")
def take_back(
    ref: Annotated[str, typer.Argument(metavar="EVENT", help="Its reference, as in `ledger list`.")],
    *,
    because: Annotated[Because, typer.Option(help="Why it did not stand.")],
    json: Json = False,
) -> None:
    """Enter that an event of the desk did not stand. It is final; what holds instead is entered anew."""
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework import ledger
    from duecourse.storage import desk_events

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = desk_events.get(tx, ref)
        made = ledger.take_back(
            tx, store_of(desk.settings), vault=vault_of(desk.settings), loan_key=found.loan_key, target=ref,
            source=because.value, actor=operator(), now=now(),
        )  # fmt: skip
    if json:
        print_json(made)
    else:
        say(_("{event} is taken back by {reversal}.").format(event=ref, reversal=made.event.ref))


@app.command("take-up")
def take_up(*, json: Json = False) -> None:
    """Put what waits into the book as a version of its own. Imports and day runs do so first."""
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework import ledger
    from duecourse.storage.connection import BATCH

    with open_desk(limits=BATCH) as desk:
        store = store_of(desk.settings)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            done = ledger.take_up(tx, store, vault=vault_of(desk.settings), actor=operator(), now=now())
        if done is not None:
            store.done()
    if json:
        print_json(done or {"version": None, "events": 0, "confirmed": 0})
    elif done is None:
        say(_("Nothing waits."))
    else:
        say(
            _("{events} events are in version {version} of the book; {confirmed} of them a tape had brought.").format(
                events=done.events, version=done.version, confirmed=done.confirmed
            )
        )
