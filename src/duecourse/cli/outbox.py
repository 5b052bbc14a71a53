"""``duecourse outbox``: messages on their way: queued with their permits, sent once, paused, found out about."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.case.work import CaseId
from duecourse.cli.job import follow_starter
from duecourse.cli.notice import In, Said, Staff, Who, slots
from duecourse.cli.output import Json, facts, print_json, say, table
from duecourse.cli.permit_answer import show_answer
from duecourse.cli.person import one_of, operator
from duecourse.cli.words import _, lang, word
from duecourse.trouble import N_, BadInput

if TYPE_CHECKING:
    from datetime import datetime

    from duecourse.app import Desk
    from duecourse.casework.handover import Post
    from duecourse.casework.notice_paper import OpenedNotice
    from duecourse.law.terms import Channel
    from duecourse.storage.messages import MessageRow

app = typer.Typer(help="The outbox: messages with their permits, each sent once; what became of them.")

_CALLS_MAX = 20
"""Connections kept for calls: each needs one for a moment when a key is pressed."""

Number = Annotated[int, typer.Argument(metavar="MESSAGE", help="Its number, as in `outbox list`.", min=1)]
By = Annotated[str | None, typer.Option("--channel", help="One channel alone; without it all sending.")]


class TemplateOrNotice(BadInput):
    """A message needs words: of a template, or of a notice."""

    def __init__(self) -> None:
        super().__init__(N_("say either --template or --notice: a message has its words from one of them"))


@app.command()
def queue(
    case: CaseId,
    *,
    channel: Annotated[str, typer.Option(help="By which channel: email …")] = "email",
    template: Annotated[str, typer.Option(help="An approved template; `law templates` shows them.")] = "",
    notice: Annotated[
        int | None, typer.Option(help="An issued notice: its words, and its PDF attached.", min=1)
    ] = None,
    picture: Annotated[bool, typer.Option("--picture", help="Of a notice: as a picture too, attached.")] = False,
    person: Who = None,
    into: In = "zh",
    said: Said = None,
    firm: Annotated[str, typer.Option(help="Code of the agency that sends it; the lender without it.")] = "",
    staff: Staff = "",
    point: Annotated[int | None, typer.Option(help="Which contact point; without it the first in use.", min=0)] = None,
    priority: Annotated[int, typer.Option(help="0 goes first.", min=0, max=9)] = 5,
    key: Annotated[str | None, typer.Option(help="Request key: queued again with it, it is queued once.")] = None,
    json: Json = False,
) -> None:
    """Ask for a permit for a message and queue it with it. Exit status 4 where the law refuses."""
    from duecourse.app import gate_of, now, open_desk, store_of
    from duecourse.casework.message import Wanted, queue_message
    from duecourse.casework.permit import Refusal, Sender
    from duecourse.law.terms import Channel, SenderType
    from duecourse.storage import cases, lenders

    if bool(template) is (notice is not None):
        raise TemplateOrNotice
    with open_desk() as desk:
        lender = desk.settings.lender_id
        with desk.database.transaction(lender) as tx:
            whom = cases.get(tx, case).person_id if person is None else person
            clock = lenders.get(tx).zone
        wanted = Wanted(
            case_id=case, person_id=whom, channel=one_of(Channel, channel, "channel"), template_id=template, lang=into,
            sender=Sender(SenderType.AGENCY if firm else SenderType.LENDER, firm, staff),
            key=key or os.urandom(16).hex(), said=slots(said), contact_point_id=point, priority=priority,
        )  # fmt: skip
        opened, pdf = _paper(desk, notice) if notice is not None else (None, b"")
        found = queue_message(
            desk.database, lender, gate=gate_of(desk), store=store_of(desk.settings), wanted=wanted,
            public_url=desk.settings.public_url, actor=operator(), clock=now, chance=os.urandom, notice=opened,
            pdf=pdf, picture=_picture(opened) if picture and opened is not None else b"",
        )  # fmt: skip
    if isinstance(found, Refusal):
        show_answer(found, json=json, clock=clock)
        return
    if json:
        print_json(_plain(found.message))
    elif found.again:
        say(_("Message {number} was queued before under this key.").format(number=found.message.message_id))
    else:
        say(
            _("Message {number} is queued until {until} (UTC).").format(
                number=found.message.message_id, until=f"{found.message.until:%Y-%m-%d %H:%M}"
            )
        )


@app.command("list")
def list_messages(
    *,
    state: Annotated[str | None, typer.Option(help="Only of this state: queued, sending, sent, failed …")] = None,
    person: Annotated[int | None, typer.Option(help="Only to this person.", min=0)] = None,
    before: Annotated[int | None, typer.Option(min=1, help="Only messages before this number: the next page.")] = None,
    most: Annotated[int, typer.Option(min=1, max=500, help="Lines shown at the most.")] = 50,
    json: Json = False,
) -> None:
    """List messages, the latest first."""
    _listed(state=state, person=person, before=before, most=most, json=json)


@app.command()
def unknown(
    *,
    before: Annotated[int | None, typer.Option(min=1, help="Only messages before this number: the next page.")] = None,
    most: Annotated[int, typer.Option(min=1, max=500, help="Lines shown at the most.")] = 50,
    json: Json = False,
) -> None:
    """List messages of which nobody knows what became: they count as sent, and wait for somebody to find out."""
    _listed(state="unknown", person=None, before=before, most=most, json=json)


@app.command()
def show(
    message: Annotated[int | None, typer.Argument(help="A message's number; without it the outbox as a whole.")] = None,
    *,
    json: Json = False,
) -> None:
    """Show the outbox as a whole: what stands in which state, what is paused; or one message."""
    from duecourse.app import open_desk
    from duecourse.storage import messages, transports

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        one = messages.get(tx, message) if message is not None else None
        counts, pauses, ways = messages.counts(tx), messages.pauses(tx), transports.every(tx)
    if one is not None:
        if json:
            print_json(_plain(one))
        else:
            _show_one(one)
        return
    if json:
        print_json(
            {
                "messages": [
                    {"channel": channel, "state": state, "count": count} for (channel, state), count in counts.items()
                ],
                "pauses": pauses,
                "shut": [{"channel": way.channel, "until": way.shut_until} for way in ways if way.shut_until],
            }
        )
        return
    table(
        _("Outbox"),
        [_("Channel"), _("State"), _("Messages")],
        [[word(channel), word(state), count] for (channel, state), count in sorted(counts.items())],
        right=(2,),
    )
    for pause in pauses:
        say(
            _("Paused: {channel}, by {by} since {at}: {reason}").format(
                channel=word(pause.channel) or _("all sending"), by=pause.by, at=f"{pause.at:%Y-%m-%d %H:%M}",
                reason=pause.reason,
            )
        )  # fmt: skip
    for way in ways:
        if way.shut_until is not None:
            say(
                _("{channel}: the provider failed {count} times in a row and is left alone until {until}.").format(
                    channel=word(way.channel), count=way.failures, until=f"{way.shut_until:%Y-%m-%d %H:%M:%S}"
                )
            )


@app.command()
def pause(
    *,
    channel: By = None,
    reason: Annotated[str, typer.Option(help="Why; it stays on record.")],
    json: Json = False,
) -> None:
    """Send nothing from now on: on one channel, or at all. What a provider has been given already is not undone."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.outbox import pause as paused

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        number = paused(
            tx, vault=vault_of(desk.settings), channel=_channel(channel), reason=reason, actor=operator(), now=now()
        )
    if json:
        print_json({"pause": number, "channel": channel})
    else:
        say(_("Sending is paused: {channel}.").format(channel=word(channel) or _("all sending")))


@app.command()
def resume(*, channel: By = None, json: Json = False) -> None:
    """Let sending go on. A message whose permit ended meanwhile is withheld."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.outbox import resume as resumed

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        number = resumed(tx, vault=vault_of(desk.settings), channel=_channel(channel), actor=operator(), now=now())
    if json:
        print_json({"pause": number, "channel": channel})
    else:
        say(_("Sending goes on: {channel}.").format(channel=word(channel) or _("all sending")))


@app.command()
def withdraw(message: Number, *, json: Json = False) -> None:
    """Take back a message that waits."""
    from duecourse.app import gate_of, now, open_desk
    from duecourse.casework.outbox import withdraw as withdrawn

    with open_desk() as desk:
        gate = gate_of(desk)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            found = withdrawn(tx, gate=gate, message_id=message, actor=operator(), clock=now)
    if json:
        print_json(_plain(found))
    else:
        say(_("Message {number} is taken back.").format(number=message))


@app.command()
def settle(
    message: Number,
    found: Annotated[str, typer.Argument(metavar="sent|failed", help="What somebody found out.")],
    *,
    json: Json = False,
) -> None:
    """Say what became of an unknown message, once somebody has found out. It is not sent again by that."""
    from duecourse.app import gate_of, now, open_desk
    from duecourse.casework.outbox import Found
    from duecourse.casework.outbox import settle as settled

    with open_desk() as desk:
        gate = gate_of(desk)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            row = settled(
                tx, gate=gate, message_id=message, found=one_of(Found, found, "state"), actor=operator(), clock=now
            )
    if json:
        print_json(_plain(row))
    else:
        say(_("Message {number} is now {state}.").format(number=message, state=word(row.state)))


@app.command()
def work(
    *,
    threads: Annotated[
        int, typer.Option(min=1, max=16, help="Messages under way at a time, each by its own line.")
    ] = 4,
    once: Annotated[bool, typer.Option("--once", help="End when nothing is left to do.")] = False,
    beside: Annotated[
        bool, typer.Option("--beside", help="End when the standard input is closed: with whoever started this.")
    ] = False,
    calls: Annotated[
        bool, typer.Option("--calls/--no-calls", help="Place calls that wait too, beside the messages.")
    ] = True,
    json: Json = False,
) -> None:
    """Send what waits, for all lenders, until Ctrl-C or SIGTERM; what is under way is ended first.

    Several of these may run side by side. `duecourse serve` starts one by itself.
    """
    from duecourse.app import CONNECTIONS, open_desk
    from duecourse.casework.desk_calls import work_calls
    from duecourse.casework.posting import work_on

    if beside:
        follow_starter()
    with open_desk(lender_needed=False, connections_max=CONNECTIONS + threads + _CALLS_MAX) as desk:
        post = _post(desk)
        for number in (signal.SIGTERM, signal.SIGINT):
            # In a thread: a signal that finds this one holding the lock of the event would wait for itself for ever.
            signal.signal(number, lambda *_: threading.Thread(target=post.stopping.set).start())
        with ThreadPoolExecutor(2, thread_name_prefix="calls") as caller:
            placed = [
                caller.submit(work_on, post, threads=1, once=once, chance=os.urandom, speaking=True),
                caller.submit(work_calls, post, once=once, chance=os.urandom),
            ] if calls else []  # fmt: skip
            try:
                done = work_on(post, threads=threads, once=once, chance=os.urandom)
                done += sum(one.result() for one in placed)
            finally:
                post.stopping.set()  # whatever ends this ends the calls, for which the block waits
    if json:
        print_json({"messages": done})
    else:
        say(_("Messages that left the queue: {count}").format(count=done))


def _post(desk: Desk) -> Post:
    """What is sent with; what stands in the way is written to the data folder's log."""
    from duecourse.app import gate_of, journal, now
    from duecourse.casework.handover import Post

    log = journal(desk.settings)
    return Post(
        desk.database, gate_of(desk), now, lambda what, said: log.warning("not sent", what=what, said=said),
        public_url=desk.settings.public_url,
    )  # fmt: skip


def _paper(desk: Desk, notice: int) -> tuple[OpenedNotice, bytes]:
    """A notice opened for sending, on record, and its PDF."""
    from duecourse.app import certificate_of, now, vault_of
    from duecourse.casework.notice_paper import open_notice, pdf

    lender = desk.settings.lender_id
    with desk.database.transaction(lender) as tx:
        opened = open_notice(
            tx, vault=vault_of(desk.settings), notice_id=notice, purpose="document", actor=operator(), now=now()
        )
    return opened, pdf(opened, certificate=certificate_of(desk.settings, lender), now=now())


def _picture(opened: OpenedNotice) -> bytes:
    """A notice as the picture for a chat."""
    from duecourse.casework.images import image
    from duecourse.casework.notice_paper import paper

    return image(paper(opened))


def _listed(*, state: str | None, person: int | None, before: int | None, most: int, json: bool) -> None:
    from duecourse.app import open_desk
    from duecourse.storage import messages

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = messages.latest(tx, state=state, person_id=person, before=before, most=most)
    if json:
        print_json([_plain(one) for one in found])
        return
    table(
        _("Messages"),
        [_("Number"), _("Channel"), _("Template"), _("State"), _("Queued"), _("By"), _("Why")],
        [
            [
                str(one.message_id), word(one.channel), one.template_id, word(one.state),
                f"{one.queued_at:%Y-%m-%d %H:%M}", one.queued_by, (one.why or {}).get(lang()),
            ]
            for one in found
        ],
    )  # fmt: skip


def _show_one(one: MessageRow) -> None:
    def at(value: datetime | None) -> str | None:
        return None if value is None else f"{value:%Y-%m-%d %H:%M:%S}"

    facts(
        _("Message {number}").format(number=one.message_id),
        [
            (_("State"), word(one.state)),
            (_("Person"), str(one.person_id)),
            (_("Channel"), word(one.channel)),
            (_("Template"), f"{one.template_id} v{one.template_version}"),
            (_("Permit"), str(one.permit_id)),
            (_("Queued"), f"{at(one.queued_at)}, {one.queued_by}"),
            (_("Permit ends"), at(one.until)),
            (_("Handed over"), at(one.sending_at)),
            (_("Ended"), at(one.ended_at)),
            (_("The provider's name for it"), one.provider_ref),
            (_("Why"), (one.why or {}).get(lang())),
            (_("Found out by"), f"{one.settled_by}, {at(one.settled_at)}" if one.settled_by else None),
        ],
    )


def _plain(one: MessageRow) -> dict[str, object]:
    return {
        "message": one.message_id, "person": str(one.person_id), "permit": one.permit_id, "channel": one.channel,
        "contact_point": str(one.contact_point_id), "template": one.template_id, "version": one.template_version,
        "lang": one.lang, "notice": one.notice_id, "content": bytes(one.content_hash).hex(),
        "priority": one.priority, "state": one.state, "queued_at": one.queued_at, "queued_by": one.queued_by,
        "until": one.until, "sending_at": one.sending_at, "ended_at": one.ended_at, "provider_ref": one.provider_ref,
        "permanent": one.permanent, "why": one.why, "settled_at": one.settled_at, "settled_by": one.settled_by,
    }  # fmt: skip


def _channel(name: str | None) -> Channel | None:
    from duecourse.law.terms import Channel

    return None if name is None else one_of(Channel, name, "channel")
