"""``duecourse permit``: ask the gate for a contact, use the permit, report what came of it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.output import Json, facts, note, print_json, say, table
from duecourse.cli.permit_answer import clock_of, instant, local, print_answer, show_answer
from duecourse.cli.person import operator
from duecourse.cli.words import _, word

if TYPE_CHECKING:
    from collections.abc import Iterator
    from enum import StrEnum

    from duecourse.app import Desk
    from duecourse.casework.gate import Gate
    from duecourse.casework.permit import PermitRequest, Sender

app = typer.Typer(help="Permits: ask before every contact, use each once, report what came of it.")

LISTED = (
    "permit_id", "answer", "why", "person_id", "channel", "purpose", "template_id", "sender_type", "firm", "staff",
    "at", "answered_at", "expires_at", "next_open",
)  # fmt: skip
"""What `permit list --json` says of each answer."""

PermitId = Annotated[int, typer.Argument(metavar="PERMIT", help="The number of the permit.", min=1)]
PersonId = Annotated[int, typer.Argument(metavar="PERSON", help="The person's id, as `person find` shows it.", min=0)]
Loans = Annotated[list[str], typer.Option("--loan", help="The lender's number of a loan it is about; may be repeated.")]
SenderKind = Annotated[str, typer.Option("--sender", help="Who makes the contact: lender, agency or law_firm.")]
Firm = Annotated[str, typer.Option(help="Code of the agency or law firm.")]
Staff = Annotated[str, typer.Option(help="Staff number of who speaks; none where a machine sends.")]
ContentFile = Annotated[
    Path | None, typer.Option("--content", help="File with what is sent; without it the approved text itself is meant.")
]
Template = Annotated[str, typer.Option(help="Approved template or script; `law templates` lists them.")]
Channel = Annotated[str, typer.Option(help="call, robot_call, sms, mms_image, email, push, im, letter, visit, portal.")]
PointNumber = Annotated[int, typer.Option("--point", help="Which contact point, as `person show` numbers them.", min=1)]


@app.command()
def request(
    person: PersonId,
    *,
    loan: Loans,
    channel: Channel,
    template: Template,
    point: PointNumber = 1,
    sender: SenderKind = "lender",
    firm: Firm = "",
    staff: Staff = "",
    content: ContentFile = None,
    key: Annotated[str, typer.Option(help="Idempotency key: the same request gives the same answer again.")] = "",
    at: Annotated[
        datetime | None, typer.Option(help="Planned instant, in UTC; now without it. It is part of the request.")
    ] = None,
    json: Json = False,
) -> None:
    """Ask for a permit to contact a person now: it reserves the contact, or says which rules refuse and why."""
    from duecourse.casework.permits import request_permit

    with _gate() as (desk, gate):
        asked = _request(
            desk, gate, person=person, loans=loan, channel=channel, template=template, point=point,
            sender=_sender(sender, firm, staff), content=content, key=key, at=at,
        )  # fmt: skip
        answer = request_permit(
            desk.database, desk.settings.lender_id, gate=gate, request=asked, actor=operator(), clock=_clock
        )
        show_answer(answer, json=json, clock=clock_of(desk))


@app.command()
def check(
    person: PersonId,
    *,
    loan: Loans,
    channel: Channel,
    template: Template,
    point: PointNumber = 1,
    sender: SenderKind = "lender",
    firm: Firm = "",
    staff: Staff = "",
    json: Json = False,
) -> None:
    """What the gate would answer now. Nothing is reserved and nothing is promised."""
    from duecourse.casework.permits import check_contact

    with _gate() as (desk, gate):
        asked = _request(
            desk, gate, person=person, loans=loan, channel=channel, template=template, point=point,
            sender=_sender(sender, firm, staff), content=None, key="",
        )  # fmt: skip
        show_answer(
            check_contact(desk.database, desk.settings.lender_id, gate=gate, request=asked, clock=_clock), json=json,
            clock=clock_of(desk),
        )  # fmt: skip


@app.command()
def redeem(
    permit: PermitId,
    *,
    sender: SenderKind = "lender",
    firm: Firm = "",
    staff: Staff = "",
    content: ContentFile = None,
    json: Json = False,
) -> None:
    """Use a permit, once, at the instant of dialling or sending: the gate is asked again."""
    from duecourse.casework.redemption import redeem_permit
    from duecourse.storage import permits

    with _gate() as (desk, gate):
        lender = desk.settings.lender_id
        with desk.database.transaction(lender) as tx:
            row = permits.get(tx, permit)
        show_answer(
            redeem_permit(
                desk.database, lender, gate=gate, permit_id=permit, sender=_sender(sender, firm, staff),
                content_hash=_hash(content) or row.content_hash.hex(), actor=operator(), clock=_clock,
            ),
            json=json, clock=clock_of(desk),
        )  # fmt: skip


@app.command()
def outcome(
    permit: PermitId,
    came: Annotated[
        str,
        typer.Argument(
            metavar="OUTCOME",
            help="connected, promised, hung_up, other_person, voicemail, unanswered, power_off, busy, not_in_service, "
            "wrong_number, refused, delivered, sent, failed or not_sent.",
        ),
    ],
    *,
    sender: SenderKind = "lender",
    firm: Firm = "",
    staff: Staff = "",
    at: Annotated[
        datetime | None,
        typer.Option(help="When it was made, in UTC; else at redemption, or now if the permit was not redeemed."),
    ] = None,
    json: Json = False,
) -> None:
    """Report what came of a contact: it settles what the permit reserved, as each law counts."""
    from datetime import UTC

    from duecourse.casework.outcomes import Outcome
    from duecourse.casework.settling import record_outcome

    _known(_("outcome"), came, Outcome)
    with _gate() as (desk, gate):
        settled = record_outcome(
            desk.database, desk.settings.lender_id, gate=gate, permit_id=permit, outcome=Outcome(came),
            sender=_sender(sender, firm, staff), actor=operator(), clock=_clock,
            at=None if at is None else at.replace(tzinfo=UTC),
        )  # fmt: skip
        if json:
            print_json(settled)
        elif settled.state == "released":
            say(_("Permit {permit}: not made; its place is free again.").format(permit=permit))
        else:
            say(_("Permit {permit}: {outcome}.").format(permit=permit, outcome=word(settled.outcome.value)))
        if settled.unredeemed and settled.state == "reported":
            note(_("The permit was never redeemed. The contact counts all the same."))


@app.command()
def release(
    permit: PermitId, *, sender: SenderKind = "lender", firm: Firm = "", staff: Staff = "", json: Json = False
) -> None:
    """Give back a permit that will not be used, so that its place is free."""
    from duecourse.casework.settling import release_permit

    with _gate() as (desk, gate):
        given = release_permit(
            desk.database, desk.settings.lender_id, gate=gate, permit_id=permit, sender=_sender(sender, firm, staff),
            actor=operator(), clock=_clock,
        )  # fmt: skip
        if json:
            print_json({"permit_id": permit, "released": given})
        elif given:
            say(_("Permit {permit} was given back.").format(permit=permit))
        else:
            say(_("Permit {permit} held nothing any more.").format(permit=permit))


@app.command()
def inbound(
    person: PersonId,
    *,
    loan: Loans,
    channel: Channel,
    came: Annotated[
        str | None,
        typer.Option("--outcome", help="What came of it; without it connected, and delivered of what was written."),
    ] = None,
    point: Annotated[int | None, typer.Option(help="From which contact point, as `person show` numbers them.")] = None,
    firm: Annotated[str, typer.Option(help="The outside firm that the person reached; empty for the lender.")] = "",
    json: Json = False,
) -> None:
    """Note a contact that the person started: a call that came in, a message received."""
    from duecourse.app import now
    from duecourse.casework.outcomes import Outcome, begun_by_them
    from duecourse.casework.settling import record_inbound
    from duecourse.core.ids import loan_key
    from duecourse.law.terms import Channel as Way

    _known(_("channel"), channel, Way)
    came = begun_by_them(Way(channel)) if came is None else came
    _known(_("outcome"), came, Outcome)
    with _gate() as (desk, gate):
        lender = desk.settings.lender_id
        number = record_inbound(
            desk.database, lender, gate=gate, person_id=person, loan_keys=[loan_key(lender, ref) for ref in loan],
            channel=Way(channel), outcome=Outcome(came), at=now(), actor=operator(), clock=_clock,
            contact_point_id=None if point is None else _point(desk, person, point), firm=firm,
        )  # fmt: skip
        if json:
            print_json({"contact_id": number})
        else:
            say(_("Contact {contact} was noted.").format(contact=number))


@app.command()
def override(
    person: PersonId,
    *,
    key: Annotated[str, typer.Option(help="Idempotency key that the one request will bear.")],
    reason: Annotated[str, typer.Option(help="Why; sealed with the person's key.")],
    officer: Annotated[str, typer.Option(help="Staff number of the compliance officer who answers for it.")],
    sender: SenderKind = "lender",
    firm: Firm = "",
    json: Json = False,
) -> None:
    """A compliance officer lets one request pass a recommendation (should, should not); never more, never a law."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.actor import Actor, Role
    from duecourse.casework.stating import override as act

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        stated = act(
            tx, vault=vault_of(desk.settings), person_id=person, sender=_sender(sender, firm, ""), key=key,
            reason=reason, actor=Actor(Role.COMPLIANCE, officer), clock=now,
        )  # fmt: skip
    if json:
        print_json({"stated_id": stated, "key": key})
    else:
        say(_("The request with the key {key} may pass recommendations, within a day.").format(key=key))


@app.command()
def show(permit: PermitId, *, json: Json = False) -> None:
    """Show a permit or a refusal as it was given, and what became of it."""
    from duecourse.app import open_desk
    from duecourse.casework.permit_rows import stored_answer
    from duecourse.storage import lenders, permits

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        row = permits.get(tx, permit)
        became = permits.reserved(permits.contact(tx, row.person_id, permit))
        clock = lenders.get(tx).zone
    answer = stored_answer(row, desk.settings.lender_id)
    if json:
        print_json({"answer": row.answer, "given": answer, "contact": became})
        return
    print_answer(answer, clock)
    if became is not None:
        facts(
            _("What became of it"),
            [
                (_("State"), word(became.state)),
                (_("Outcome"), word(became.outcome)),
                (_("Made"), instant(became.redeemed_at, clock)),
                (_("Settled"), instant(became.settled_at, clock)),
            ],
        )


@app.command("list")
def list_permits(
    *,
    person: Annotated[int | None, typer.Option(help="Of this person only.")] = None,
    most: Annotated[int, typer.Option(help="At most so many.", min=1, max=1_000)] = 20,
    json: Json = False,
) -> None:
    """List the latest answers of the gate."""
    from duecourse.app import open_desk
    from duecourse.storage import lenders, permits

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        rows, clock = permits.latest(tx, person_id=person, most=most), lenders.get(tx).zone
    if json:
        print_json([{name: getattr(one, name) for name in LISTED} for one in rows])
        return
    table(
        _("Answers of the gate"),
        [_("Permit"), _("Answer"), _("Why"), _("Person"), _("Channel"), _("Template"), f"{_('At')} ({clock})"],
        [
            [
                str(one.permit_id), word(one.answer), word(one.why), str(one.person_id), word(one.channel),
                one.template_id, local(one.answered_at, clock),
            ]
            for one in rows
        ],
    )  # fmt: skip


@app.command()
def verify(
    token: Annotated[str, typer.Argument(help="The signed permit.")],
    *,
    public: Annotated[str, typer.Option("--public", help="The lender's public key (`permit key`), in hex.")] = "",
    json: Json = False,
) -> None:
    """Verify the signature of a permit: by the key ring, or anywhere by the lender's public key alone."""
    from duecourse.app import key_ring, settings
    from duecourse.casework import permit_token
    from duecourse.cli.lender import UnknownWord
    from duecourse.storage.vault import Vault
    from duecourse.storage.vault.signing import PUBLIC_BYTES, Signer

    if public:
        try:
            key = bytes.fromhex(public)
        except ValueError:
            key = b""
        if len(key) != PUBLIC_BYTES:
            raise UnknownWord(_("public key"), public, (_("64 hex digits"),))
        found = permit_token.verify_with(key, token)
    else:
        found = permit_token.verify(Signer(Vault(key_ring(settings(), create=False))), token)
    if json:
        print_json(found)
    else:
        print_answer(found)
        note(_("The signature is good. Whether the permit may still be used, only its redemption tells."))


@app.command("key")
def show_key(*, json: Json = False) -> None:
    """Print the lender's public key, by which anybody can verify permits."""
    from duecourse.app import key_ring, settings
    from duecourse.storage.vault import Vault
    from duecourse.storage.vault.signing import Signer

    where = settings()
    vault = Vault(key_ring(where, create=False))
    public = Signer(vault).public(where.lender_id).hex()
    if json:
        print_json({"lender": where.lender_id, "key_id": vault.ring.newest, "public": public})
    else:
        say(public)


@contextmanager
def _gate() -> Iterator[tuple[Desk, Gate]]:
    """The open desk and its gate."""
    from duecourse.app import gate_of, open_desk

    with open_desk() as desk:
        yield desk, gate_of(desk)


def _clock() -> datetime:
    from duecourse.app import now

    return now()


def _known(what: str, said: str, words: type[StrEnum]) -> None:
    from duecourse.cli.lender import UnknownWord

    if said not in set(words):
        raise UnknownWord(what, said, tuple(words))


def _sender(kind: str, firm: str, staff: str) -> Sender:
    from duecourse.casework.permit import Sender
    from duecourse.law.terms import SenderType

    _known(_("sender"), kind, SenderType)
    return Sender(SenderType(kind), firm, staff)


def _request(
    desk: Desk,
    gate: Gate,
    *,
    person: int,
    loans: list[str],
    channel: str,
    template: str,
    point: int,
    sender: Sender,
    content: Path | None,
    key: str,
    at: datetime | None = None,
) -> PermitRequest:
    from datetime import UTC

    from duecourse.app import now
    from duecourse.casework.permit import PermitRequest
    from duecourse.core.ids import loan_key
    from duecourse.law.terms import Channel as Way
    from duecourse.storage import lenders

    _known(_("channel"), channel, Way)
    lender = desk.settings.lender_id
    with desk.database.transaction(lender) as tx:
        text = gate.register(lenders.get(tx)).templates.get(template)
    return PermitRequest(
        person_id=person,
        loan_keys=tuple(loan_key(lender, ref) for ref in loans),
        contact_point_id=_point(desk, person, point),
        channel=Way(channel),
        at=now() if at is None else at.replace(tzinfo=UTC),
        template_id=template,
        content_hash=_hash(content) or (text.hash if text else "0" * 64),
        sender=sender,
        idempotency_key=key or os.urandom(16).hex(),
    )


def _point(desk: Desk, person: int, ordinal: int) -> int:
    from duecourse.storage import points

    with desk.database.transaction(desk.settings.lender_id) as tx:
        ids = [one.contact_point_id for one in points.of_person(tx, person) if one.ordinal == ordinal]
    if not ids:
        raise points.NoSuchPoint(person, ordinal)
    return ids[0]


def _hash(content: Path | None) -> str:
    return "" if content is None else sha256(content.read_bytes()).hexdigest()
