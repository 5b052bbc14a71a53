"""``duecourse waiver``: giving up part of a claim, with or without a condition, or settling for less than the whole."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from duecourse.cli.case.work import CaseId
from duecourse.cli.output import Json, amount, print_json, say, table
from duecourse.cli.person import operator
from duecourse.cli.plan import LoanRef, NotALine
from duecourse.cli.words import _, word

app = typer.Typer(help="Waivers and settlements: within authority, irrevocable once notified, never more than is owed.")

WaiverId = Annotated[int, typer.Argument(metavar="WAIVER", help="Its number, as in `waiver list`.", min=1)]
By = Annotated[datetime | None, typer.Option("--by", formats=["%Y-%m-%d"], help="The day by which that is paid.")]
Reason = Annotated[str, typer.Option(help="Why, for whoever approves what you may not give up alone.")]


@app.command()
def offer(
    case: CaseId,
    loan: LoanRef,
    give: Annotated[list[str], typer.Argument(metavar="CATEGORY=AMOUNT...", help="penalty=5000 is 50.00.")],
    *,
    pay: Annotated[int, typer.Option(help="Only if so much is paid, minor units.", min=0)] = 0,
    by: By = None,
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Offer to give up amounts by category: cost, fee, interest, penalty, compound, principal."""
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework.waivers import offer_waiver
    from duecourse.core.contract import Category
    from duecourse.core.ids import loan_key

    wanted = {}
    for text in give:
        name, _equals, minor = text.partition("=")
        if name.upper() not in Category.__members__ or not minor.isdecimal():
            raise NotALine(text)
        wanted[Category[name.upper()]] = int(minor)
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        made = offer_waiver(
            tx, store_of(desk.settings), vault=vault_of(desk.settings), case_id=case,
            loan_key=loan_key(tx.lender_id, loan), give=wanted, pay=pay, pay_by=by.date() if by else None,
            reason=reason, actor=operator(), now=now(),
        )  # fmt: skip
    _say_offered(made, json=json)


@app.command()
def settle(
    case: CaseId,
    loan: LoanRef,
    pay: Annotated[int, typer.Argument(metavar="AMOUNT", help="What is taken in full and final, minor units.", min=1)],
    *,
    by: Annotated[datetime, typer.Option("--by", formats=["%Y-%m-%d"], help="The day by which that is paid.")],
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Offer to take less than the whole in full and final."""
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework.waivers import offer_settlement
    from duecourse.core.ids import loan_key

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        made = offer_settlement(
            tx, store_of(desk.settings), vault=vault_of(desk.settings), case_id=case,
            loan_key=loan_key(tx.lender_id, loan), pay=pay, pay_by=by.date(), reason=reason, actor=operator(),
            now=now(),
        )  # fmt: skip
    _say_offered(made, json=json)


def _say_offered(made: object, *, json: bool) -> None:
    from duecourse.storage.waivers import Waiver

    if json or not isinstance(made, Waiver):
        print_json(made)
    elif made.approved_at is None:
        say(_("Waiver {waiver} waits for a second person: request {request}.").format(
            waiver=made.waiver_id, request=made.approval_id
        ))  # fmt: skip
    else:
        say(_("Waiver {waiver} is approved; it binds once the borrower is told (`waiver notify`).").format(
            waiver=made.waiver_id
        ))  # fmt: skip


@app.command()
def notify(waiver: WaiverId, *, json: Json = False) -> None:
    """Note that the borrower was told. From then on it is not taken back; without a condition it counts at once."""
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework.waivers import notify_waiver

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        made = notify_waiver(
            tx, store_of(desk.settings), vault=vault_of(desk.settings), waiver_id=waiver, actor=operator(), now=now()
        )
    if json:
        print_json(made)
    else:
        say(_("Waiver {waiver} is {state}.").format(waiver=waiver, state=word(f"waiver_{made.state}")))


@app.command()
def withdraw(waiver: WaiverId, *, json: Json = False) -> None:
    """Take an offer back of which the borrower was not told."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.waivers import withdraw_waiver

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        withdraw_waiver(tx, vault=vault_of(desk.settings), waiver_id=waiver, actor=operator(), now=now())
    if json:
        print_json({"waiver_id": waiver})
    else:
        say(_("Waiver {waiver} is {state}.").format(waiver=waiver, state=word("waiver_withdrawn")))


@app.command()
def review(*, json: Json = False) -> None:
    """Carry out offers whose condition is met, and let those lapse whose day has passed. Day runs do so too."""
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework.waivers import review_waivers

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        done = review_waivers(tx, store_of(desk.settings), vault=vault_of(desk.settings), actor=operator(), now=now())
    if json:
        print_json([{"waiver_id": one, "ended_as": as_} for one, as_ in done])
    else:
        table(_("Offers that ended"), [_("Waiver"), _("As")], [[str(one), word(f"waiver_{as_}")] for one, as_ in done])


@app.command("list")
def list_waivers(
    *, most: Annotated[int, typer.Option(min=1, max=1_000, help="Lines shown at the most.")] = 100, json: Json = False
) -> None:
    """List offers to give something up, the latest first."""
    from duecourse.app import open_desk
    from duecourse.storage import waivers

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = waivers.latest(tx, most)
    if json:
        print_json(found)
        return
    table(
        _("Waivers and settlements"),
        [_("Waiver"), _("Case"), _("Kind"), _("State"), _("Given up"), _("If paid"), _("By day")],
        [
            [
                str(one.waiver_id), str(one.case_id), word(one.kind), word(f"waiver_{one.state}"),
                amount(sum((one.entered or one.given).values()), one.currency),
                amount(one.pay_minor, one.currency) if one.pay_minor else None, one.pay_by,
            ]
            for one in found
        ],
        right=(4, 5),
    )  # fmt: skip
