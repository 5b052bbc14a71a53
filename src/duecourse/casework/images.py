"""The dunning image handed out for sending by hand, in a chat or a picture message: a contact like any other.

Whoever downloads it will send it, and nobody sees whether he did. So downloading is the instant of the contact: a
permit for the channel, the person and the number is asked for and redeemed, the message says `sending`, and with the
picture it is sent. The same request key gives the same picture again and makes no second contact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from duecourse.casework import lender_texts
from duecourse.casework.actor import Actor
from duecourse.casework.gate import Gate
from duecourse.casework.handover import Post, begin_one, end_alone
from duecourse.casework.message import FIELD, Prepared, point_for, queue_prepared, read_words, screen, sealed, whole
from duecourse.casework.notice_paper import open_notice
from duecourse.casework.permit import PermitRequest, Refusal, Sender
from duecourse.casework.permits import Clock
from duecourse.casework.posting import lock_name
from duecourse.casework.reveal import RevealPurpose
from duecourse.channels.contract import Taken
from duecourse.channels.render import Content, Form, printer, read_content
from duecourse.law.terms import Channel, SenderType
from duecourse.storage import lenders, messages, notices, persons
from duecourse.storage.connection import Database, Tx
from duecourse.storage.messages import MessageRow
from duecourse.storage.vault import Vault
from duecourse.storage.vault.content import open_content
from duecourse.trouble import N_, Refused

BY_HAND = (Channel.MMS_IMAGE, Channel.IM)
"""By these a person sends a picture from a telephone of the lender's."""


class NoImage(Refused):
    """A notice that does not go as a picture by a channel, or does not stand any more."""

    def __init__(self, notice_id: int, channel: str) -> None:
        super().__init__(
            N_("notice {number} does not go as a picture by {channel}: its text is not approved for it, or it ended"),
            number=notice_id, channel=channel,
        )  # fmt: skip


class NotHandedOut(Refused):
    """A picture whose message did not go: sending is paused, or the law says no at this very instant."""

    def __init__(self, why: str) -> None:
        super().__init__(N_("the picture was not handed out: {why}"), why=why)


@dataclass(frozen=True, slots=True)
class HandedOut:
    """The picture, and the message as which its sending counts."""

    message: MessageRow
    picture: bytes = field(repr=False)


def by_hand(tx: Tx, template_id: str, now: datetime) -> list[Channel]:
    """By which channels a notice of a template goes as a picture sent by hand."""
    text = lender_texts.register_for(tx).templates.get(template_id)
    day = now.astimezone(ZoneInfo(lenders.get(tx).zone)).date()
    return [one for one in BY_HAND if text is not None and text.usable(day, one)]


def hand_out(
    database: Database,
    lender_id: str,
    *,
    gate: Gate,
    notice_id: int,
    channel: Channel,
    staff: str,
    key: str,
    actor: Actor,
    clock: Clock,
    chance: Callable[[int], bytes],
) -> HandedOut | Refusal:
    """Give the picture of a notice to whoever sends it by hand, by a permit that is used with it.

    Raises `NoImage`, `NotHandedOut`, `NotToBeSaid`, `NowhereToSend`, `NoSuchNotice`, what `request_permits` raises.
    """
    with database.transaction(lender_id) as tx:
        before = messages.of_key(tx, sender_type=SenderType.LENDER.value, firm="", key=key)
        if before is not None:
            return _again(tx, gate.vault, before)
        if any(one.channel in {None, channel} for one in messages.pauses(tx)):
            raise NotHandedOut(N_("sending is paused"))
        made, content = _prepared(tx, gate.vault, notice_id, channel, staff, key, actor, clock(), chance)
    picture = image(content)
    number = made.message_id
    answer = queue_prepared(database, lender_id, gate=gate, prepared=[made], actor=actor, clock=clock)[0]
    if isinstance(answer, Refusal):
        return answer
    post, worker = Post(database, gate, clock), f"image-{chance(8).hex()}"
    with database.session_lock(lock_name(worker)):
        if begin_one(post, lender_id, number, worker):
            end_alone(post, lender_id, number, Taken(f"by-hand:{staff}"), by=worker, died=False)
    with database.transaction(lender_id) as tx:
        row = messages.get(tx, number)
    if row.state != "sent":
        raise NotHandedOut((row.why or {}).get("en", row.state))
    return HandedOut(row, picture)


def image(content: Content) -> bytes:
    """A content as the picture for a chat."""
    return printer().png(content, Form.CARD)[0]


def _prepared(  # noqa: PLR0917 - as in `hand_out`
    tx: Tx,
    vault: Vault,
    notice_id: int,
    channel: Channel,
    staff: str,
    key: str,
    actor: Actor,
    now: datetime,
    chance: Callable[[int], bytes],
) -> tuple[Prepared, Content]:
    found = notices.get(tx, notice_id)
    if found.ended_at is not None or channel not in by_hand(tx, found.template_id, now):
        raise NoImage(notice_id, channel)
    point = point_for(tx, found.person_id, channel)
    opened = open_notice(
        tx, vault=vault, notice_id=notice_id, purpose=RevealPurpose.CONTACT.value, actor=actor, now=now
    )
    content = read_content(opened.content)
    sender = Sender(SenderType.LENDER, staff=staff)
    screen(tx, found.template_id, content, sender, now.astimezone(ZoneInfo(lenders.get(tx).zone)).date())
    said = whole(content)
    person = vault.person(tx.lender_id, found.person_id, persons.wrapped(tx, found.person_id))
    return (
        sealed(
            vault, person, messages.next_id(tx), said, chance=chance, lang=found.lang, notice_id=notice_id,
            request=PermitRequest(
                person_id=found.person_id, loan_keys=tuple(found.loan_keys), contact_point_id=point, channel=channel,
                at=now, template_id=found.template_id, content_hash=sha256(said).hexdigest(),
                sender=sender, idempotency_key=key,
            ),
        ),
        content,
    )  # fmt: skip


def _again(tx: Tx, vault: Vault, before: MessageRow) -> HandedOut:
    if before.state not in {"sent", "unknown"}:
        raise NotHandedOut((before.why or {}).get("en", before.state))
    person = vault.person(tx.lender_id, before.person_id, persons.wrapped(tx, before.person_id))
    key_sealed, content_sealed = messages.sealed(tx, before.message_id)
    secret = person.open(FIELD, key_sealed)
    if secret is None:
        raise NotHandedOut(before.state)
    words = read_words(open_content(bytes.fromhex(secret.value), content_sealed))
    return HandedOut(before, image(words.content))
