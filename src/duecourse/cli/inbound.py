"""``duecourse inbound``: what people wrote or said to the lender: received, landed, shown."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.output import Json, count, facts, print_json, say, table
from duecourse.cli.person import one_of, operator
from duecourse.cli.public_sets import MoreData, Sentences
from duecourse.cli.words import _, lang, word
from duecourse.core.money import plain

if TYPE_CHECKING:
    from duecourse.storage.inbound import InboundRow

app = typer.Typer(help="What people write or say to the lender: on which case it lands, and what it answers.")

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="Its number, as in `inbound list`.", min=1)]


@app.command()
def receive(
    sender: Annotated[str, typer.Argument(metavar="FROM", help="The address it came from: a number, a mailbox.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Its words; - reads them from the standard input.")],
    *,
    channel: Annotated[str, typer.Option(help="By which channel it came: sms, email, call …")] = "sms",
    to: Annotated[str, typer.Option(help="To which number or mailbox of the lender.")] = "",
    ref: Annotated[str, typer.Option(help="The provider's own name for it: the same again is received once.")],
    at: Annotated[
        str | None, typer.Option(help="When the provider took it (ISO 8601 with offset); now without it.")
    ] = None,
    permit: Annotated[int | None, typer.Option(help="The permit of the contact that it answers.", min=1)] = None,
    message: Annotated[int | None, typer.Option(help="The message of ours that it answers.", min=1)] = None,
    json: Json = False,
) -> None:
    """Take in what somebody wrote, as a provider brings it. It lands on a case, or waits for a person to place it."""
    from duecourse.app import gate_of, now, open_desk
    from duecourse.casework.inbound import Inbound
    from duecourse.casework.inbound import receive as received
    from duecourse.law.terms import Channel

    came = Inbound(
        channel=one_of(Channel, channel, "channel"), sender=sender, receiver=to, text=_text(text), at=_at(at) or now(),
        provider_ref=ref, message_id=message, answers=permit,
    )  # fmt: skip
    with open_desk() as desk:
        gate = gate_of(desk)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            found = received(tx, gate=gate, came=came, actor=operator(), clock=now)
    if json:
        print_json({**_plain(found.row), "again": found.again})
    elif found.again:
        say(_("{number} was received before.").format(number=found.row.inbound_id))
    elif found.row.state == "landed":
        say(
            _("{number} landed on case {case}.").format(number=found.row.inbound_id, case=found.row.case_id)
            if found.row.case_id is not None
            else _("{number} landed with person {person}, who has no open case.").format(
                number=found.row.inbound_id, person=found.row.person_id
            )
        )
    else:
        say(
            _("{number} waits for somebody to say whose it is: {why}.").format(
                number=found.row.inbound_id, why=word(found.row.unplaced)
            )
        )


@app.command("list")
def list_inbound(
    *,
    state: Annotated[str | None, typer.Option(help="Only of this state: landed, unplaced, dismissed.")] = None,
    case: Annotated[int | None, typer.Option(help="Only what landed on this case.", min=1)] = None,
    before: Annotated[int | None, typer.Option(min=1, help="Only what has a lower number: the next page.")] = None,
    most: Annotated[int, typer.Option(min=1, max=500, help="Lines shown at the most.")] = 50,
    json: Json = False,
) -> None:
    """List what came in, the latest first, masked."""
    from duecourse.app import open_desk
    from duecourse.casework.inbound import State
    from duecourse.storage import inbound

    wanted = None if state is None else one_of(State, state, "state").value
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = inbound.latest(tx, state=wanted, case_id=case, before=before, most=most)
    if json:
        print_json([_plain(one) for one in found])
        return
    table(
        _("What came in"),
        [_("Number"), _("Channel"), _("At"), _("From"), _("State"), _("Case"), _("Answers")],
        [
            [
                str(one.inbound_id), word(one.channel), f"{one.at:%Y-%m-%d %H:%M}", one.sender_masked,
                word(one.unplaced if one.state == "unplaced" else one.state),
                None if one.case_id is None else str(one.case_id), None if one.answers is None else str(one.answers),
            ]
            for one in found
        ],
    )  # fmt: skip


@app.command()
def show(
    number: Number,
    *,
    purpose: Annotated[
        str | None, typer.Option(help="Open its text for this purpose (contact, dispute …); that is on record.")
    ] = None,
    json: Json = False,
) -> None:
    """Show one that came in, masked; its text only for a purpose."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.confirming import said
    from duecourse.casework.inbound import read_text
    from duecourse.storage import confirmations, inbound

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        row = inbound.get(tx, number)
        stop = confirmations.of_inbound(tx, number)
        text = purpose and read_text(
            tx, vault=vault_of(desk.settings), inbound_id=number, purpose=purpose, actor=operator(), now=now()
        )
    if json:
        confirmed = None if stop is None else {"state": stop.state, "why": stop.why, "message": stop.message_id}
        print_json(_plain(row) | {"stop_confirmation": confirmed} | ({"text": text.value} if text else {}))
        return
    sentence = None if stop is None else said(stop)
    confirmed_as = None if sentence is None else _(sentence.sentence).format(**sentence.values)
    facts(
        _("Inbound {number}").format(number=number),
        [
            (_("State"), word(row.state)),
            (_("Why it waits"), word(row.unplaced) if row.state == "unplaced" else None),
            (_("Channel"), word(row.channel)),
            (_("From"), row.sender_masked),
            (_("To"), row.receiver),
            (_("At"), f"{row.at:%Y-%m-%d %H:%M:%S}"),
            (_("Received"), f"{row.received_at:%Y-%m-%d %H:%M:%S}, {row.received_by}"),
            (_("Case"), None if row.case_id is None else str(row.case_id)),
            (_("Person"), None if row.person_id is None else str(row.person_id)),
            (_("Answers contact"), None if row.answers is None else str(row.answers)),
            (_("The stop"), confirmed_as),
            (_("Characters"), str(row.characters)),
            (_("Text"), text.value if text else None),
        ],
    )


@app.command()
def place(
    number: Number,
    person: Annotated[int, typer.Argument(metavar="PERSON", help="Whose it is.", min=0)],
    case: Annotated[int, typer.Argument(metavar="CASE", help="On which case it lands.", min=1)],
    *,
    json: Json = False,
) -> None:
    """Say whose it is, where no address told."""
    from duecourse.app import gate_of, now, open_desk
    from duecourse.casework.inbound import place as placed

    with open_desk() as desk:
        gate = gate_of(desk)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            row = placed(tx, gate=gate, inbound_id=number, person_id=person, case_id=case, actor=operator(), clock=now)
    if json:
        print_json(_plain(row))
    else:
        say(_("{number} landed on case {case}.").format(number=number, case=case))


@app.command()
def dismiss(number: Number, *, json: Json = False) -> None:
    """Say that it is nobody's; its text is erased."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.inbound import dismiss as dismissed

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        row = dismissed(tx, vault=vault_of(desk.settings), inbound_id=number, actor=operator(), now=now())
    if json:
        print_json(_plain(row))
    else:
        say(_("{number} is nobody's; its text is erased.").format(number=number))


@app.command()
def read(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What somebody may write; nothing is kept.")],
    *,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day of the message.")] = None,
    country: Annotated[str, typer.Option(help="Whose working days: CN, US …")] = "CN",
    currency: Annotated[str, typer.Option(help="Of amounts that name none.")] = "CNY",
    json: Json = False,
) -> None:
    """Say how a text would be read: every meaning with its rule and words, amount and day of a promise."""
    from duecourse.app import now
    from duecourse.insight.replies import read as reading

    found = reading(text, today=on.date() if on else now().date(), country=country, currency=currency)
    if json:
        print_json(
            {
                "meaning": found.meaning,
                "signs": [
                    {
                        "meaning": one.meaning, "rule": one.rule, "start": one.start, "end": one.end,
                        "words": text[one.start : one.end], "acts": one.acts, "model": one.model, "says": one.says,
                    }
                    for one in found.signs
                ],
                "promise": found.offer,
            }
        )  # fmt: skip
        return
    table(
        _("How it is read"),
        [_("Meaning"), _("Words"), _("Rule"), _("Acts at once"), _("Says")],
        [
            [
                word(one.meaning), text[one.start : one.end], one.rule, _("yes") if one.acts else None,
                one.says[lang()],
            ]
            for one in found.signs
        ] or [[word(found.meaning), None, None, None, None]],
    )  # fmt: skip
    if found.offer is not None:
        facts(
            _("Promised"),
            [
                (_("Amount"), plain(found.offer.minor, currency) if found.offer.minor else None),
                (_("All that is owed"), _("yes") if found.offer.whole else None),
                (_("By"), found.offer.due.isoformat() if found.offer.due else None),
                (_("Rest day"), _("yes") if found.offer.rest else None),
            ],
        )


@app.command()
def decide(
    number: Number,
    meaning: Annotated[str, typer.Argument(metavar="MEANING", help="What it means: promise, dispute, none …")],
    *,
    amount_minor: Annotated[int | None, typer.Option(help="Of a promise, in minor units.", min=1)] = None,
    due: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Of a promise: by which day.")] = None,
    json: Json = False,
) -> None:
    """Say what a reply means, as it was read or otherwise: once. A promise is made with it."""
    from duecourse.app import gate_of, now, open_desk
    from duecourse.casework.replies import decide as decided
    from duecourse.core.money import Money
    from duecourse.insight.replies import Meaning
    from duecourse.storage import lenders

    with open_desk() as desk:
        gate = gate_of(desk)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            currency = lenders.get(tx).currency
            row = decided(
                tx, gate=gate, inbound_id=number, meaning=one_of(Meaning, meaning, "meaning"),
                amount=None if amount_minor is None else Money(amount_minor, currency),
                due=due.date() if due else None, actor=operator(), clock=now,
            )  # fmt: skip
    if json:
        print_json(row)
    elif row.promise_id is not None:
        say(_("{number} is decided; promise {promise} is made.").format(number=number, promise=row.promise_id))
    else:
        say(_("{number} is decided: {meaning}.").format(number=number, meaning=word(row.decided_as)))


@app.command()
def measure(sentences: Sentences, data: MoreData = None, *, json: Json = False) -> None:
    """Measure how well replies are read, meaning by meaning; docs/replies.md has the figures."""
    from duecourse.insight.replies.measuring import measure as measured

    found = measured(sentences, data)
    if json:
        print_json(found)
        return
    table(
        _("Replies as they are read, measured"),
        [_("Set"), _("Meaning"), _("There"), _("Found"), _("Others"), _("Taken for it")],
        [
            [f"{one.name} ({one.lang})", word(one.meaning), count(one.there), count(one.found), count(one.others),
             count(one.taken)]
            for one in found
        ],
        right=(2, 3, 4, 5),
    )  # fmt: skip


def _text(said: str) -> str:
    return typer.get_text_stream("stdin").read() if said == "-" else said


def _at(said: str | None) -> datetime | None:
    from duecourse.casework.inbound import NotInbound
    from duecourse.trouble import N_

    if said is None:
        return None
    try:
        return datetime.fromisoformat(said)
    except ValueError:
        raise NotInbound("at", N_("an instant is written as 2026-03-02T10:00:00+08:00")) from None


def _plain(one: InboundRow) -> dict[str, object]:
    return {
        "inbound": one.inbound_id, "channel": one.channel, "provider_ref": one.provider_ref, "at": one.at,
        "received_at": one.received_at, "received_by": one.received_by, "state": one.state, "unplaced": one.unplaced,
        "sender": one.sender_masked, "receiver": one.receiver, "characters": one.characters,
        "person": None if one.person_id is None else str(one.person_id), "case": one.case_id,
        "answers": one.answers, "contact": one.contact_id, "other_sender": one.other_sender,
    }  # fmt: skip
