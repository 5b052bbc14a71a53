"""``duecourse trigger``: terms fixed at signing in a contract on a chain, and the reminders that it tells to be due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from duecourse.cli.output import Json, amount, note, print_json, say, table
from duecourse.cli.words import _
from duecourse.trouble import N_, Said

if TYPE_CHECKING:
    from datetime import date

    from duecourse.app import Desk
    from duecourse.book.loan import BookLoan
    from duecourse.casework.triggering import Instalment, Trigger

app = typer.Typer(
    help="Terms fixed in a contract on a chain (EVM): it tells that a reminder is due, and reckons interest."
)

LoanArgument = Annotated[str, typer.Argument(help="The lender's own loan number.")]
CapOption = Annotated[int, typer.Option(help="What overdue principal may bear a year at the most, in ppm.", min=0)]
MostOption = Annotated[
    int, typer.Option(help="The most that default interest comes to, in ppm of the principal.", min=0)
]


@app.command()
def deploy(*, json: Json = False) -> None:
    """Put a new contract of due days on the chain, in which your account alone fixes terms; prints its address."""
    from duecourse.app import settings
    from duecourse.casework.chain_settings import read_account, read_node

    said = settings().outside
    node, account = read_node(said), read_account(said)
    from duecourse.casework import triggering

    receipt = triggering.deploy(node, account)
    address = f"0x{receipt.contract.hex()}"
    if json:
        print_json({"contract": address, "block": receipt.block, "transaction": f"0x{receipt.transaction.hex()}"})
        return
    say(_("The contract stands at {address}, since block {block}.").format(address=address, block=receipt.block))
    note(_("Say its address to commands: DUECOURSE_TRIGGER_CONTRACT."))


@app.command()
def fix(
    loan: LoanArgument,
    *,
    cap_ppm: CapOption,
    most_ppm: MostOption,
    days_before: Annotated[int, typer.Option(help="A reminder falls due so many days before the due day.", min=0)] = 3,
    json: Json = False,
) -> None:
    """Fix a loan's instalments as they stood at signing: commitments and instants go to the chain, nothing else."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.cli.person import operator

    with open_desk() as desk:
        trigger = _trigger(desk, signing=True)
        from duecourse.casework.triggering import fix_terms

        found = _loan(desk, loan)
        made = fix_terms(
            desk.database, desk.settings.lender_id, trigger=trigger, vault=vault_of(desk.settings),
            person_id=found.person_id, instalments=_instalments(desk, found, cap_ppm, most_ppm, days_before),
            actor=operator(), clock=now,
        )  # fmt: skip
    if json:
        print_json([{"instalment": one.instalment, "remind_at": one.remind_at} for one in made])
    else:
        say(_("Instalments of loan {loan} that are fixed: {count}.").format(count=len(made), loan=loan))


@app.command()
def interest(
    loan: LoanArgument,
    *,
    number: Annotated[int, typer.Option("--instalment", help="Which instalment.", min=1)],
    as_of: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day, in the lender's zone.")],
    cap_ppm: CapOption,
    most_ppm: MostOption,
    json: Json = False,
) -> None:
    """Have the contract reckon default interest on an unpaid instalment; the terms are not sent to the chain."""
    from duecourse.app import open_desk, vault_of
    from duecourse.storage import persons

    with open_desk() as desk:
        trigger = _trigger(desk)
        from duecourse.casework.triggering import salt_of
        from duecourse.chain import fixed_terms
        from duecourse.core.fixed import default_interest, fixed_at_signing

        found, lender_id = _loan(desk, loan), desk.settings.lender_id
        trigger.prove()
        terms = dict(fixed_at_signing(found.loan, cap_ppm=cap_ppm, most_ppm=most_ppm)).get(number)
        if terms is None:
            raise typer.BadParameter(_("loan {loan} has no instalment {number}").format(loan=loan, number=number))
        with desk.database.transaction(lender_id) as tx:
            person = vault_of(desk.settings).person(lender_id, found.person_id, persons.wrapped(tx, found.person_id))
        salt, day = salt_of(person, found.loan_key, number), as_of.date()
        chain = fixed_terms.default_interest(trigger.node, trigger.contract, terms, salt, day)
    ours = default_interest(terms, day)
    if json:
        print_json({"day": day, "chain_minor": chain, "ours_minor": ours, "currency": found.currency})
        return
    say(
        _("The contract reckons {chain} {currency}, and so do we: {ours}.").format(
            chain=amount(chain, found.currency), ours=amount(ours, found.currency), currency=found.currency
        )
    )


@app.command()
def fire(*, json: Json = False) -> None:
    """Have the contract tell of what is due by now; anybody else may do the same."""
    from duecourse.app import now, open_desk

    with open_desk() as desk:
        trigger = _trigger(desk, signing=True)
        from duecourse.casework import triggering

        told = triggering.fire(desk.database, desk.settings.lender_id, trigger=trigger, now=now())
    if json:
        print_json({"told": told})
    else:
        say(_("Reminders told to be due: {count}.").format(count=told))


@app.command()
def read(*, json: Json = False) -> None:
    """Read from the node which reminders are due; each is a proposal, and nobody is contacted by it."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.actor import Actor, Role

    with open_desk() as desk:
        trigger = _trigger(desk)
        from duecourse.casework import triggering

        found = triggering.read_reminders(
            desk.database, desk.settings.lender_id, trigger=trigger, vault=vault_of(desk.settings),
            actor=Actor(Role.SCHEDULE, "chain"), clock=now,
        )  # fmt: skip
    rows = [
        {
            "reminder": one.reminder_id, "person": str(one.person_id), "loan_key": str(one.loan_key),
            "instalment": one.instalment, "block": one.block, "at": one.at,
        }
        for one in found
    ]  # fmt: skip
    if json:
        print_json(rows)
        return
    table(
        _("Reminders that the contract told to be due"),
        [_("Reminder"), _("Person"), _("Loan"), _("Instalment"), _("Block"), _("At")],
        [[str(word) for word in row.values()] for row in rows],
    )
    note(_("Each is a proposal. Before anybody is contacted, `duecourse trigger ask` asks for a permit."))


@app.command()
def ask(
    reminder: Annotated[int, typer.Argument(metavar="REMINDER", help="Its number, as `trigger read` shows it.", min=1)],
    *,
    loan: Annotated[str, typer.Option(help="The lender's own number of the loan that it is about.")],
    channel: Annotated[str, typer.Option(help="By which channel, as in `permit request`.")],
    template: Annotated[str, typer.Option(help="The approved template; its text is what is meant to be sent.")],
    point: Annotated[int, typer.Option(help="Which contact point, as `person show` numbers them.", min=1)] = 1,
    json: Json = False,
) -> None:
    """Ask the gate whether the person may be reminded now: a permit, or which rules refuse; never of what is paid."""
    from duecourse.app import gate_of, now, open_desk, today
    from duecourse.casework.chain_settings import read_node
    from duecourse.casework.permit import NotARequest, Sender
    from duecourse.cli.permit_answer import show_answer
    from duecourse.cli.person import operator
    from duecourse.core.delinquency import reading
    from duecourse.core.fixed import fixed_at_signing
    from duecourse.law.terms import Channel, SenderType
    from duecourse.storage import lenders, points, reminders

    with open_desk() as desk:
        read_node(desk.settings.outside)
        from duecourse.casework.triggering import ask_to_remind

        gate, lender_id, found = gate_of(desk), desk.settings.lender_id, _loan(desk, loan)
        with desk.database.transaction(lender_id) as tx:
            lender, told = lenders.get(tx), reminders.get(tx, reminder)
            ids = [one.contact_point_id for one in points.of_person(tx, told.person_id) if one.ordinal == point]
        if told.loan_key != found.loan_key:
            raise NotARequest(
                "loan", Said(N_("reminder {reminder} is about another loan than {loan}"), reminder=reminder, loan=loan)
            )
        if channel not in set(Channel):
            raise NotARequest(
                "channel",
                Said(N_("{channel!r} is none; `duecourse permit request --help` lists them"), channel=channel),
            )
        text = gate.register(lender).templates.get(template)
        due = dict(fixed_at_signing(found.loan, cap_ppm=0, most_ppm=0))[told.instalment].due
        day = max(today(lender.zone), due)
        answer = ask_to_remind(
            desk.database, lender_id, gate=gate, reminder_id=reminder,
            owed=reading(found.loan, day, known=now()).due > 0,
            contact_point_id=ids[0] if ids else point, channel=Channel(channel), template_id=template,
            content_hash=text.hash if text else "0" * 64, sender=Sender(SenderType.LENDER), actor=operator(), clock=now,
        )  # fmt: skip
        show_answer(answer, json=json, clock=lender.zone)


def _trigger(desk: Desk, *, signing: bool = False) -> Trigger:
    from duecourse.casework.chain_settings import read_account, read_address, read_node

    said = desk.settings.outside
    node, contract = read_node(said), read_address(said, "TRIGGER_CONTRACT")
    from duecourse.casework.triggering import Trigger

    return Trigger(node, contract, read_account(said) if signing else None)


def _loan(desk: Desk, loan: str) -> BookLoan:
    """The loan as the newest version of the book has it."""
    from duecourse.app import store_of
    from duecourse.book.loan import read_loan
    from duecourse.book.store import version_from
    from duecourse.core.ids import loan_key
    from duecourse.storage import books

    lender_id = desk.settings.lender_id
    with desk.database.transaction(lender_id) as tx:
        row = books.newest(tx)
    if row is None:
        raise books.NoSuchVersion(None)
    version = version_from(row.version, row.tables)
    key = loan_key(lender_id, loan)
    return read_loan(store_of(desk.settings), version, loan_key=key, ref=loan, known=row.known_at)


def _instalments(desk: Desk, found: BookLoan, cap_ppm: int, most_ppm: int, days_before: int) -> list[Instalment]:
    """The loan's instalments, each with the instant at which the day of its reminder begins at the lender's."""
    from duecourse.casework.triggering import Instalment
    from duecourse.core.fixed import fixed_at_signing
    from duecourse.storage import lenders

    with desk.database.transaction(desk.settings.lender_id) as tx:
        zone = ZoneInfo(lenders.get(tx).zone)

    def begins(due: date) -> datetime:
        day = due - timedelta(days=days_before)
        return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)

    return [
        Instalment(found.loan_key, number, terms, begins(terms.due))
        for number, terms in fixed_at_signing(found.loan, cap_ppm=cap_ppm, most_ppm=most_ppm)
    ]
