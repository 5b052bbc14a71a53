"""``duecourse payment``: lines of bank statements as payments: applied, placed, taken back, refunded."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.acting import acting
from duecourse.cli.approval import print_asked
from duecourse.cli.output import Cell, Json, amount, facts, in_currency, print_json, say, table
from duecourse.cli.person import operator
from duecourse.cli.words import _, word
from duecourse.trouble import N_, BadInput

if TYPE_CHECKING:
    from duecourse.storage.payments import Payment

app = typer.Typer(help="Payments: lines of bank statements applied to debts, taken back, and money that goes back.")

LineId = Annotated[int, typer.Argument(metavar="LINE", help="Its number, as in `statement lines`.", min=1)]
PaymentId = Annotated[int, typer.Argument(metavar="PAYMENT", help="Its number, as in `payment list`.", min=1)]
PersonId = Annotated[int, typer.Argument(metavar="PERSON", help="The debtor.", min=0)]
Reason = Annotated[str, typer.Option(help="Why; it is put on record.")]


class FileThere(BadInput):
    """The file to be written is there."""

    def __init__(self, path: Path) -> None:
        super().__init__(N_("{path} is there already, and is not written over"), path=path)


@app.command()
def apply(
    *,
    statement: Annotated[
        int | None, typer.Option(help="Lines of this statement alone; of all of them without it.", min=1)
    ] = None,
    json: Json = False,
) -> None:
    """Apply all lines that are certain, each judged anew; what bounced is taken back. Says what came of it, in sums."""
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework.payments import apply_certain
    from duecourse.storage import lenders

    with open_desk() as desk:
        with desk.database.transaction(desk.settings.lender_id) as tx:
            currency = lenders.get(tx).currency
        done = apply_certain(
            desk.database, store_of(desk.settings), desk.settings.lender_id, vault=vault_of(desk.settings),
            actor=operator(), clock=now, statement_id=statement,
        )  # fmt: skip
    count, minor = sum(done.by.values()), sum(done.minor.values())
    if json:
        print_json(
            {
                "by": done.by, "applied": count, "amounts_minor": done.minor, "currency": currency, "left": done.left,
                "taken_back": done.back, "waits": done.waits,
            }
        )  # fmt: skip
        return
    rows: list[list[Cell]] = [
        [word(rule) or rule, lines, amount(done.minor[rule], currency)] for rule, lines in done.by.items()
    ]
    table(
        in_currency(_("Applied by rule"), currency),
        [_("Rule"), _("Lines"), _("Amount")],
        [*rows, [_("All together"), count, amount(minor, currency)]],
        right=(1, 2),
    )
    facts(
        _("Not applied"),
        [
            (_("Taken back"), done.back),
            (_("Left for a person"), done.left),
            *((word(why) or why, lines) for why, lines in done.waits.items()),
        ],
    )


@app.command()
def place(
    line: LineId,
    person: PersonId,
    *,
    loan: Annotated[
        list[str] | None, typer.Option("--loan", help="A loan that the payer named, by its number; may be given again.")
    ] = None,
    request: Annotated[
        int | None, typer.Option(help="The approved request, for a line above what one alone decides.", min=1)
    ] = None,
    json: Json = False,
) -> None:
    """Say whose payment a line is, and share it over the debts as law has it."""
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework import payments as acts
    from duecourse.core.ids import loan_key

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        made = acts.place(
            tx, store_of(desk.settings), vault=vault_of(desk.settings), line_id=line, person_id=person,
            loan_keys=[loan_key(tx.lender_id, one) for one in loan or ()], approval_id=request, actor=operator(),
            now=now(),
        )  # fmt: skip
    if json:
        print_json(_plain(made))
    else:
        _said(made)


@app.command()
def ask(line: LineId, person: PersonId, *, reason: Reason, json: Json = False) -> None:
    """Ask that somebody else approves whose payment a large line is; then `payment place --request`."""
    from duecourse.casework.payments import PLACE

    _ask(PLACE.kind, line, {"line": str(line), "person": str(person)}, reason, json=json)


@app.command()
def refund(line: LineId, *, reason: Reason, json: Json = False) -> None:
    """Ask that money which paid no debt goes back to the account that it came from; another approves."""
    from duecourse.casework.refunds import REFUND

    _ask(REFUND.kind, line, {"line": str(line)}, reason, json=json)


@app.command("refund-file")
def refund_file(
    *,
    out: Annotated[Path, typer.Option(help="Where the file for the bank is written; it must not be there yet.")],
    again: Annotated[
        str | None, typer.Option(metavar="SHA256", help="Write the file of this hash once more; nothing is filed anew.")
    ] = None,
    json: Json = False,
) -> None:
    """Write the refunds that were approved into a file for the bank, each once. It names accounts in clear."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.refunds import file_refunds, read_file
    from duecourse.storage.payments import NoSuchRefundFile

    if out.exists():
        raise FileThere(out)
    if again is not None and re.fullmatch(r"[0-9a-f]{64}", again) is None:
        raise NoSuchRefundFile(again)
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        vault = vault_of(desk.settings)
        made = (
            file_refunds(tx, vault=vault, actor=operator(), now=now())
            if again is None
            else read_file(tx, vault=vault, digest=bytes.fromhex(again), actor=operator(), now=now())
        )
        if made is not None:
            _written(out, made.content)
    if json:
        print_json(
            {
                "refunds": [one.refund_id for one in made.refunds] if made else [],
                "sha256": made.digest.hex() if made else None,
            }
        )
    elif made is None:
        say(_("No refund waits for a file."))
    else:
        say(_("{path}: refunds: {count}.").format(path=out, count=len(made.refunds)))


def _written(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads, for good."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@app.command()
def back(
    payment: PaymentId,
    *,
    reason: Reason,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="On which day the money went back; today without it.")
    ] = None,
    json: Json = False,
) -> None:
    """Write that a payment did not stand: every share of it is reversed on the ledger. It is final."""
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework.payments import take_back

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        made = take_back(
            tx, store_of(desk.settings), vault=vault_of(desk.settings), payment_id=payment, why=reason,
            actor=operator(), now=now(), day=day.date() if day else None,
        )  # fmt: skip
    if json:
        print_json(_plain(made))
    else:
        _said(made)


@app.command("list")
def list_payments(
    *,
    over: Annotated[bool, typer.Option("--over", help="Only those of which something is over.")] = False,
    before: Annotated[int | None, typer.Option(min=1, help="Only payments before this number: the next page.")] = None,
    most: Annotated[int, typer.Option(min=1, max=500, help="Lines shown at the most.")] = 50,
    json: Json = False,
) -> None:
    """List payments, the latest first."""
    from duecourse.app import open_desk
    from duecourse.storage import payments

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = payments.latest(tx, before=before, over=over, most=most)
    if json:
        print_json([_plain(one) for one in found])
        return
    table(
        _("Payments"),
        [_("Payment"), _("Value day"), _("Person"), _("Amount"), _("Over"), _("By rule"), _("Taken back on")],
        [
            [
                str(one.payment_id), one.value_day, str(one.person_id), amount(one.amount_minor, one.currency),
                amount(one.over_minor, one.currency) if one.over_minor else None, word(one.certain_by), one.back_day,
            ]
            for one in found
        ],
        right=(3, 4),
    )  # fmt: skip


@app.command()
def show(payment: PaymentId, *, json: Json = False) -> None:
    """Show a payment: what each loan took, by which limb of the law, and whether the tape confirmed it."""
    from duecourse.app import open_desk
    from duecourse.storage import payments

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        one, shares = payments.get(tx, payment), payments.shares(tx, payment)
    if json:
        told = [
            {
                "loan_key": str(each.loan_key), "loan": each.loan_ref, "amount_minor": each.amount_minor,
                "because": each.because, "event": each.event_ref, "book_version": each.version,
                "tape_ref": each.tape_ref,
            }
            for each in shares
        ]  # fmt: skip
        print_json({**_plain(one), "shares": told})
        return
    _said(one)
    table(
        _("Shares"),
        [_("Loan"), _("Amount"), _("Because"), _("Book version"), _("Tape's payment")],
        [
            [
                each.loan_ref or str(each.loan_key), amount(each.amount_minor, one.currency), each.because,
                None if each.version is None else str(each.version), each.tape_ref or _("provisional"),
            ]
            for each in shares
        ],
        right=(1,),
    )  # fmt: skip


@app.command()
def unconfirmed(
    *,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Of value days until this one; today without it.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, max=5_000, help="Lines shown at the most.")] = 500,
    json: Json = False,
) -> None:
    """List shares that no tape of the lender has confirmed, the oldest first; each is a break until one does."""
    from duecourse.app import open_desk, today
    from duecourse.storage import lenders, payments

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        day = until.date() if until else today(lenders.get(tx).zone)
        found = payments.unconfirmed(tx, until=day, most=most)
    if json:
        print_json(
            [
                {
                    "payment": one.payment_id, "person": one.person_id, "loan_key": str(one.loan_key),
                    "amount_minor": one.amount_minor, "currency": one.currency, "value_day": one.value_day,
                    "event": one.event_ref,
                }
                for one in found
            ]
        )  # fmt: skip
        return
    table(
        _("Payments that no tape has confirmed"),
        [_("Payment"), _("Value day"), _("Person"), _("Loan"), _("Amount")],
        [
            [
                str(one.payment_id), one.value_day, str(one.person_id), str(one.loan_key),
                amount(one.amount_minor, one.currency),
            ]
            for one in found
        ],
        right=(4,),
    )  # fmt: skip


@app.command()
def provider(
    name: Annotated[str, typer.Argument(metavar="PROVIDER", help="As it is installed: http, or an outsider's.")],
    settings: Annotated[list[str], typer.Argument(metavar="NAME=VALUE", help="Its settings; @FILE reads a value.")],
    *,
    json: Json = False,
) -> None:
    """Set up a provider of payment links. Nobody is called; secrets are sealed."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.pay_links import set_provider
    from duecourse.cli.channel import setting_of

    given = dict(setting_of(one) for one in settings)
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        known = set_provider(tx, vault=vault_of(desk.settings), name=name, given=given, actor=operator(), now=now())
    if json:
        print_json({"provider": name, "settings": known})
    else:
        say(_("Payment provider {name} is set up.").format(name=name))


@app.command()
def link(
    person: PersonId,
    minor: Annotated[int, typer.Argument(metavar="AMOUNT", help="Minor units: 50000 is 500.00.", min=1)],
    *,
    loan: Annotated[
        list[str] | None, typer.Option("--loan", help="A loan that is to be paid first, by its number.")
    ] = None,
    minutes: Annotated[int, typer.Option(help="After so many minutes it ends.", min=1)] = 24 * 60,
    name: Annotated[str, typer.Option("--provider", help="Who makes it.")] = "http",
    json: Json = False,
) -> None:
    """Have a payment link made for a debtor, for no more than is owed today."""
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework.pay_links import make_link
    from duecourse.core.ids import loan_key
    from duecourse.core.money import Money
    from duecourse.storage import lenders

    with open_desk() as desk:
        lender = desk.settings.lender_id
        with desk.database.transaction(lender) as tx:
            currency = lenders.get(tx).currency
        made = make_link(
            desk.database, store_of(desk.settings), lender, vault=vault_of(desk.settings), person_id=person,
            amount=Money(minor, currency), minutes=minutes, actor=operator(), clock=now, chance=os.urandom,
            loan_keys=[loan_key(lender, one) for one in loan or ()], provider=name,
        )  # fmt: skip
    if json:
        print_json({"link": made.link_id, "reference": made.reference, "url": made.url, "until": made.expires_at})
    else:
        say(f"{made.url}")


@app.command()
def links(
    *,
    most: Annotated[int, typer.Option(min=1, max=500, help="Lines shown at the most.")] = 50,
    json: Json = False,
) -> None:
    """List payment links, and what providers called back that was not applied: money came in, a person decides."""
    from duecourse.app import open_desk
    from duecourse.storage import pay_links

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found, odd = pay_links.latest(tx, most=most), pay_links.odd_events(tx, most)
    if json:
        print_json(
            {
                "links": [
                    {
                        "link": one.link_id, "person": one.person_id, "reference": one.reference,
                        "amount_minor": one.amount_minor, "currency": one.currency, "provider": one.provider,
                        "url": one.url, "until": one.expires_at, "payment": one.payment_id,
                    }
                    for one in found
                ],
                "not_applied": [
                    {
                        "provider": one.provider, "event": one.event, "link": one.link_id,
                        "amount_minor": one.amount_minor, "currency": one.currency, "paid_at": one.paid_at,
                        "outcome": one.outcome,
                    }
                    for one in odd
                ],
            }
        )  # fmt: skip
        return
    table(
        _("Payment links"),
        [_("Reference"), _("Person"), _("Amount"), _("Until"), _("Payment")],
        [
            [
                one.reference, str(one.person_id), amount(one.amount_minor, one.currency),
                f"{one.expires_at:%Y-%m-%d %H:%M}", None if one.payment_id is None else str(one.payment_id),
            ]
            for one in found
        ],
        right=(2,),
    )  # fmt: skip
    if odd:
        table(
            _("Called back and not applied"),
            [_("Event"), _("Paid at"), _("Amount"), _("Currency"), _("Why")],
            [
                [one.event, f"{one.paid_at:%Y-%m-%d %H:%M}", str(one.amount_minor), one.currency, word(one.outcome)]
                for one in odd
            ],
            right=(2,),
        )  # fmt: skip


def _ask(kind: str, line: int, asked: Mapping[str, str], reason: str, *, json: bool) -> None:
    """Ask for what takes two people."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import approval
    from duecourse.casework.kinds import KINDS
    from duecourse.casework.rights import Right

    at = now()
    with open_desk() as desk:
        actor = acting(desk, at).by(Right.PAYMENT_WORK)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            made = approval.ask(
                tx, kinds=KINDS, vault=vault_of(desk.settings), kind=kind, subject=f"bank_line/{line}", asked=asked,
                reason=reason, actor=actor, now=at,
            )  # fmt: skip
    print_asked(made, json=json)


def _said(one: Payment) -> None:
    facts(
        _("Payment {number}").format(number=one.payment_id),
        [
            (_("Person"), str(one.person_id)),
            (_("Amount"), f"{amount(one.amount_minor, one.currency)} {one.currency}"),
            (_("Over"), amount(one.over_minor, one.currency) if one.over_minor else None),
            (_("Value day"), one.value_day),
            (_("By rule"), word(one.certain_by)),
            (_("By"), one.by),
            (_("Taken back on"), one.back_day),
            (_("Why"), one.back_why),
        ],
    )


def _plain(one: Payment) -> dict[str, object]:
    return {
        "payment": one.payment_id, "person": one.person_id, "line": one.line_id, "amount_minor": one.amount_minor,
        "over_minor": one.over_minor, "currency": one.currency, "value_day": one.value_day,
        "certain_by": one.certain_by, "request": one.approval_id, "at": one.at, "by": one.by,
        "back_day": one.back_day, "back_by": one.back_by, "back_why": one.back_why, "back_line": one.back_line,
    }  # fmt: skip
