"""Putting a message into the outbox: its words made of an approved text and the book's figures, with its permit.

The number of the message is drawn before its words are made, since they may bear the address that stops them; then the
permit is asked for and the message queued in one transaction: there is no message without a permit, and no permit of
these without its message. Nothing is sent by that (`casework.posting`).
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from duecourse.book.propose import POINT_KIND, TEXTS
from duecourse.book.store import Store
from duecourse.casework import lender_texts, letterhead, stop_link
from duecourse.casework.actor import Actor
from duecourse.casework.gate import Gate
from duecourse.casework.issue_notice import LANGUAGES, NotApproved, loans_owed
from duecourse.casework.notice_figures import figures
from duecourse.casework.notice_paper import OpenedNotice
from duecourse.casework.notice_values import Addressee, values
from duecourse.casework.permit import Answer, Permit, PermitRequest, Refusal, Sender
from duecourse.casework.permits import Beside, Clock, request_permits
from duecourse.casework.reveal import NothingThere, RevealPurpose, reveal
from duecourse.casework.speech import screened
from duecourse.channels.contract import Attachment
from duecourse.channels.render import Content, compose, read_content, text
from duecourse.law.templates import Template
from duecourse.law.terms import Channel
from duecourse.storage import cases, lenders, log, messages, persons, points, promises, transports
from duecourse.storage.connection import Database, Tx
from duecourse.storage.messages import MessageRow, New
from duecourse.storage.vault import PersonKey, Vault
from duecourse.storage.vault.content import KEY_BYTES, seal_content
from duecourse.trouble import N_, BadInput, Refused

FIELD = "message"
"""Under which the key of a message's content is sealed."""

FORMAT = "duecourse message 1"
PRIORITY = 5
SHORT = frozenset({Channel.SMS, Channel.MMS_IMAGE})
OPT_OUT = {"zh": "回复STOP", "en": "reply STOP"}
"""How a text message is stopped, where its words say how."""


class NowhereToSend(Refused):
    """The person has no contact point of the kind that the channel needs, in a state that may be used."""

    def __init__(self, person_id: int, channel: str) -> None:
        super().__init__(
            N_("person {person} has no contact point in use for the channel {channel}; `person show` lists them"),
            person=person_id, channel=channel,
        )  # fmt: skip


class NoStopAddress(Refused):
    """An e-mail says how to stop it, and the installation does not know its own address."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "an e-mail bears the address of the page that stops it, and the installation does not say its own: set "
                "DUECOURSE_PUBLIC_URL, such as https://notices.example"
            )
        )


class NoBirth(Refused):
    """A machine shall call somebody whom it could not verify."""

    def __init__(self, person_id: int) -> None:
        super().__init__(
            N_(
                "person {person} has no date of birth on file, so a machine could not verify who answers: let a person "
                "call"
            ),
            person=person_id,
        )


class NoticeNotTheirs(BadInput):
    """The notice is another party's, or does not stand any more."""

    def __init__(self, notice_id: int) -> None:
        super().__init__(
            N_("notice {number} is not one of this party that stands: issue it to them first"), number=notice_id
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What shall be sent: by an approved template, or a notice as it was issued, with its PDF. See `issue_notice.SAID`.

    ``contact_point_id`` None: the first in use that the channel can take; ``loan_keys`` empty: all that the party owes.
    """

    case_id: int
    person_id: int
    channel: Channel
    sender: Sender
    key: str  # idempotency key of the sender
    template_id: str = ""
    lang: str = "zh"
    loan_keys: tuple[int, ...] = ()
    said: Mapping[str, str] = field(default_factory=dict)
    contact_point_id: int | None = None
    priority: int = PRIORITY


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A message with its words fixed and sealed, before anybody was asked."""

    message_id: int
    request: PermitRequest
    lang: str
    priority: int
    notice_id: int | None
    key: PersonKey = field(repr=False)
    key_sealed: bytes = field(repr=False)
    content_sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Queued:
    """A message that waits in the outbox, or was queued before under the same key."""

    message: MessageRow
    again: bool = False


def queue_message(
    database: Database,
    lender_id: str,
    *,
    gate: Gate,
    store: Store,
    wanted: Wanted,
    public_url: str | None,
    actor: Actor,
    clock: Clock,
    chance: Callable[[int], bytes],
    notice: OpenedNotice | None = None,
    pdf: bytes = b"",
    picture: bytes = b"",
) -> Queued | Refusal:
    """Ask for a permit for a message and queue it with it; the same key again is the message that it made.

    ``notice`` is sent in its own words with ``pdf`` and ``picture`` attached. Raises what `prepare` and
    `request_permits` raise.
    """
    with database.transaction(lender_id) as tx:
        before = messages.of_key(tx, sender_type=wanted.sender.type.value, firm=wanted.sender.firm, key=wanted.key)
        if before is not None:
            return Queued(before, again=True)
        made = prepare(
            tx, vault=gate.vault, store=store, wanted=wanted, public_url=public_url, actor=actor, now=clock(),
            chance=chance, notice=notice, pdf=pdf, picture=picture,
        )  # fmt: skip
    answer = queue_prepared(database, lender_id, gate=gate, prepared=[made], actor=actor, clock=clock)[0]
    if isinstance(answer, Refusal):
        return answer
    with database.transaction(lender_id) as tx:
        return Queued(messages.get(tx, made.message_id))


def prepare(
    tx: Tx,
    *,
    vault: Vault,
    store: Store,
    wanted: Wanted,
    public_url: str | None,
    actor: Actor,
    now: datetime,
    chance: Callable[[int], bytes],
    notice: OpenedNotice | None = None,
    pdf: bytes = b"",
    picture: bytes = b"",
) -> Prepared:
    """Make the words of a message, and seal them.

    Raises `NoTransport`, `NoBirth`, `NowhereToSend`, `NoStopAddress`, `NotApproved`, `NotToThem`, `NotOfTheCase`,
    `NoFigures`, `NoticeNotTheirs`, `NotToBeSaid`, what `values` and `compose` raise.
    """
    transports.get(tx, wanted.channel.value)
    if wanted.channel is Channel.ROBOT_CALL and persons.get(tx, wanted.person_id).birth_masked is None:
        raise NoBirth(wanted.person_id)
    lender = lender_texts.learn(tx, lenders.get(tx))
    day = now.astimezone(ZoneInfo(lender.zone)).date()
    point = wanted.contact_point_id or point_for(tx, wanted.person_id, wanted.channel)
    number = messages.next_id(tx)
    stop = _stop(vault, tx.lender_id, number, wanted.channel, public_url)
    if notice is not None:
        found = notice.notice
        if found.person_id != wanted.person_id or found.ended_at is not None:
            raise NoticeNotTheirs(found.notice_id)
        template, lang, loans = _approved(tx, found.template_id, wanted.channel, day), found.lang, found.loan_keys
        content = read_content(notice.content)
    else:
        template, lang = _approved(tx, wanted.template_id, wanted.channel, day), wanted.lang
        loans = list(loans_owed(tx, wanted.case_id, wanted.person_id, wanted.loan_keys, day))
        content = _content(tx, vault, store, wanted, template, loans, stop, day, actor, now)
    screen(tx, template.id, content, wanted.sender, day)
    files = [Attachment("notice.pdf", "application/pdf", pdf)] if pdf else []
    files += [Attachment("notice.png", "image/png", picture)] if picture else []
    whole = _whole(content, stop, files)
    key = vault.person(tx.lender_id, wanted.person_id, persons.wrapped(tx, wanted.person_id))
    return sealed(
        vault, key, number, whole, chance=chance, lang=lang, priority=wanted.priority,
        notice_id=None if notice is None else notice.notice.notice_id,
        request=PermitRequest(
            person_id=wanted.person_id, loan_keys=tuple(loans), contact_point_id=point, channel=wanted.channel, at=now,
            template_id=template.id, content_hash=sha256(whole).hexdigest(), sender=wanted.sender,
            idempotency_key=wanted.key,
        ),
    )  # fmt: skip


def screen(tx: Tx, template_id: str, content: Content, sender: Sender, day: date) -> None:
    """See that nothing in a whole text may not be said, whatever its parts say alone. Raises `NotToBeSaid`."""
    screened({template_id: text(content)}, own=lambda: _own_numbers(tx, sender, day))


def sealed(
    vault: Vault,
    key: PersonKey,
    number: int,
    whole: bytes,
    *,
    request: PermitRequest,
    lang: str,
    chance: Callable[[int], bytes],
    priority: int = PRIORITY,
    notice_id: int | None = None,
) -> Prepared:
    """A message whose words are made, sealed under the person's key."""
    secret = chance(KEY_BYTES)
    return Prepared(
        message_id=number, request=request, lang=lang, priority=priority, notice_id=notice_id, key=key,
        key_sealed=vault.seal(key, FIELD, secret.hex()), content_sealed=seal_content(secret, whole, chance),
    )  # fmt: skip


def queue_prepared(
    database: Database,
    lender_id: str,
    *,
    gate: Gate,
    prepared: Sequence[Prepared],
    actor: Actor,
    clock: Clock,
    also: Beside | None = None,
) -> list[Answer]:
    """Ask for the permits of several messages, and queue those that are given one, in one transaction.

    ``also`` is done with the answers in the same one.
    """
    vault = gate.vault

    def beside(tx: Tx, answers: Sequence[Answer]) -> None:
        if also is not None:
            also(tx, answers)
        pairs = [(one, answer) for one, answer in zip(prepared, answers, strict=True) if isinstance(answer, Permit)]
        there = messages.with_message(tx, [answer.permit_id for _, answer in pairs])
        new = [(one, answer) for one, answer in pairs if answer.permit_id not in there]
        if not new:
            return
        now = new[0][1].issued_at
        messages.add(tx, [_row(one, answer) for one, answer in new], actor=str(actor), now=now)
        entries = log.draw(tx, len(new))
        log.append_rows(
            tx,
            [
                log.row_of(
                    tx, entry, vault=vault, kind="message.queued", at=now, actor=str(actor), subject=one.key,
                    stated={
                        "message": str(one.message_id), "permit": str(answer.permit_id),
                        "channel": answer.channel.value, "content": answer.content_hash, "priority": one.priority,
                    },
                )
                for entry, (one, answer) in zip(entries, new, strict=True)
            ],
        )  # fmt: skip

    return request_permits(
        database, lender_id, gate=gate, requests=[one.request for one in prepared], actor=actor, clock=clock,
        beside=beside,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """What a message says, opened."""

    content: Content = field(repr=False)
    stop: str
    attachments: tuple[Attachment, ...] = field(repr=False)


def read_words(whole: bytes) -> Words:
    """What was sealed of a message."""
    said: dict[str, Any] = json.loads(whole)
    return Words(
        read_content(said["content"].encode()),
        said["stop"],
        tuple(Attachment(one["name"], one["type"], b64decode(one["data"])) for one in said["attachments"]),
    )


def _whole(content: Content, stop: str, files: Sequence[Attachment]) -> bytes:
    """Everything that is sent, in the form that the permit's hash covers."""
    return json.dumps(
        {
            "format": FORMAT,
            "content": content.canonical().decode(),
            "stop": stop,
            "attachments": [
                {"name": one.name, "type": one.type, "data": b64encode(one.content).decode()} for one in files
            ],
        },
        ensure_ascii=False,
    ).encode()


def whole(content: Content, stop: str = "") -> bytes:
    """The same for words that somebody made elsewhere."""
    return _whole(content, stop, ())


def _row(one: Prepared, permit: Permit) -> New:
    return New(
        person_id=permit.person_id, message_id=one.message_id, permit_id=permit.permit_id,
        channel=permit.channel.value, contact_point_id=permit.contact_point_id, template_id=permit.template_id,
        template_version=permit.template_version, lang=one.lang, notice_id=one.notice_id,
        content_hash=bytes.fromhex(permit.content_hash), key_sealed=one.key_sealed,
        content_sealed=one.content_sealed, priority=one.priority, due_at=permit.at, until=permit.expires_at,
    )  # fmt: skip


def _own_numbers(tx: Tx, sender: Sender, day: date) -> list[str]:
    """What the sender's letters say of itself: its numbers stand there."""
    return [line.value for line in letterhead.lines_on(tx, sender.firm, day).values()]


def _approved(tx: Tx, template_id: str, channel: Channel, day: date) -> Template:
    text = lender_texts.register_for(tx).templates.get(template_id)
    if text is None or not text.usable(day, channel):
        raise NotApproved(template_id)
    return text


def point_for(tx: Tx, person_id: int, channel: Channel) -> int:
    """The first contact point in use that a channel can take; raises `NowhereToSend`."""
    kind = POINT_KIND.get(channel.value, "")
    for one in points.of_person(tx, person_id):
        fits = one.kind == ("phone" if kind == TEXTS else kind) and (kind != TEXTS or one.line != "fixed")
        if fits and one.state == "ok" and one.to_at is None:
            return one.contact_point_id
    raise NowhereToSend(person_id, channel.value)


def _stop(vault: Vault, lender_id: str, number: int, channel: Channel, public_url: str | None) -> str:
    """The page that stops an e-mail; other channels have no such page."""
    if channel is not Channel.EMAIL:
        return ""
    if public_url is None:
        raise NoStopAddress
    return f"{public_url}{stop_link.PATH}/{stop_link.token(vault, lender_id, number)}"


def _content(  # noqa: PLR0917 - what stands when the words are made, each read once
    tx: Tx,
    vault: Vault,
    store: Store,
    wanted: Wanted,
    template: Template,
    loans: Sequence[int],
    stop: str,
    day: date,
    actor: Actor,
    now: datetime,
) -> Content:
    """The words, by the figures of the day that was last published, with the name where the text addresses by it."""
    if wanted.lang not in LANGUAGES:
        raise NotApproved(template.id)
    lender, case = lenders.get(tx), cases.get(tx, wanted.case_id)
    name = ""
    if {"salutation", "debtor"} & set(template.slots):
        try:
            name = reveal(
                tx, vault=vault, person_id=wanted.person_id, field="name", purpose=RevealPurpose.CONTACT, actor=actor,
                now=now,
            ).value  # fmt: skip
        except NothingThere:
            name = ""
    said = dict(wanted.said)
    if stop and "opt_out" in template.slots:
        said["opt_out"] = stop
    elif wanted.channel in SHORT and "opt_out" in template.slots:
        said.setdefault("opt_out", OPT_OUT[wanted.lang])
    filled = values(
        template, lender=lender, figures=figures(tx, store, person_id=case.person_id, loan_keys=loans),
        lines=letterhead.lines_on(tx, wanted.sender.firm, day), sender=wanted.sender,
        to=Addressee(name, persons.get(tx, wanted.person_id).id_masked or ""), issued_on=day, said=said,
        lang=wanted.lang, promise=promises.standing_of_case(tx, wanted.case_id),
    )  # fmt: skip
    return compose(template, filled, wanted.lang, verify=None)
