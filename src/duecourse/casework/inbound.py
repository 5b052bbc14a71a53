"""What people write or say to the lender: received once, landed with the contact that it answers, sealed, on record.

Whose it is, the address says by its blind index, or the name of the message that it answers. An address of nobody, of
several people, or of somebody tied to several people's debts does not land: it waits for a person to say whose it is.
Nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from duecourse.book.propose import POINT_KIND, TEXTS
from duecourse.casework import storage_only
from duecourse.casework.actor import Actor
from duecourse.casework.gate import Gate
from duecourse.casework.outcomes import SPOKEN, begun_by_them
from duecourse.casework.permits import Clock
from duecourse.casework.replies import act_on_placed, take_reading
from duecourse.casework.reveal import NoPurpose, RevealPurpose
from duecourse.casework.settling import note_inbound
from duecourse.evidence.record import Fact, instant_text
from duecourse.law.terms import Channel
from duecourse.storage import changes, inbound, lenders, log, messages, permits, persons, standing
from duecourse.storage.connection import Tx
from duecourse.storage.inbound import InboundRow, New, Sent
from duecourse.storage.messages import NoSuchMessage
from duecourse.storage.standing import Subject
from duecourse.storage.vault import Clear, Destroyed, Vault, Wrapped
from duecourse.storage.vault.blind import BadPhone, normal
from duecourse.storage.vault.mask import mask_account, mask_point
from duecourse.trouble import N_, BadInput, Said

CHARACTERS_MAX = 20_000
AHEAD = timedelta(minutes=5)
"""A provider's clock may be so far ahead of ours; what it took later than that lies in the future."""

CALL_LONGEST = timedelta(hours=4)
"""What its provider says of a call so long after it was placed was pressed or said in it; what comes later is a call of
its own."""

_KEYS = re.compile(r"[0-9*#]{1,32}")
_TOGETHER: tuple[frozenset[Channel], ...] = (frozenset({Channel.SMS, Channel.MMS_IMAGE}), SPOKEN)
"""A text answers what went out on the same channel; these pass for one."""


class State(StrEnum):
    """Where something that came in stands."""

    LANDED = "landed"  # it is known whose it is
    UNPLACED = "unplaced"  # it waits for a person to say whose it is
    DISMISSED = "dismissed"  # a person said that it is nobody's, and its text is erased


class NotInbound(BadInput):
    """Something that cannot be received."""

    def __init__(self, field_name: str, what: str) -> None:
        super().__init__(N_("it was not received, {field}: {what}"), field=field_name, what=what)


class NotUnplaced(BadInput):
    """Somebody says whose it is, and that is settled."""

    def __init__(self, inbound_id: int, state: str) -> None:
        super().__init__(
            N_("{number} waits for nobody to say whose it is: it is {state}"), number=inbound_id, state=state
        )


class NotTheirs(BadInput):
    """A case that the writer is not tied to."""

    def __init__(self, person_id: int, case_id: int) -> None:
        super().__init__(
            N_("person {person} is tied to no loan of case {case}; nothing was placed"), person=person_id, case=case_id
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """What came in, as its provider gives it.

    ``provider_ref`` is the provider's own name for it: the same again is received once. ``message_id`` is the message
    of ours that it answers, ``answers`` the contact, where the provider knows: both are proof of whose it is.
    """

    channel: Channel
    sender: str = field(repr=False)
    receiver: str
    text: str = field(repr=False)
    at: datetime
    provider_ref: str
    message_id: int | None = None
    answers: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be received."""
        if self.at.tzinfo is None:
            raise NotInbound("at", N_("an instant is written as 2026-03-02T10:00:00+08:00"))
        if not 1 <= len(self.provider_ref) <= 500 or not self.provider_ref.isprintable():
            raise NotInbound("provider_ref", N_("it is 1 to 500 printable characters"))
        if len(self.receiver) > 200 or len(self.sender) > 500 or "\0" in self.sender + self.receiver:
            raise NotInbound("sender", N_("addresses are at most 500 characters"))
        if "\0" in self.text or not 1 <= len(self.text.strip()) <= CHARACTERS_MAX:
            raise NotInbound(
                "text",
                Said(N_("it has {count} characters; 1 to {most} are taken"), count=len(self.text), most=CHARACTERS_MAX),
            )


@dataclass(frozen=True, slots=True)
class Received:
    """What was kept. ``again``: it was received before, and nothing was done now."""

    row: InboundRow
    again: bool


@dataclass(frozen=True, slots=True)
class Home:
    """Whose it is: the writer, the debtor whose case it lands on, and what it answers."""

    person_id: int
    contact_point_id: int | None
    debtor_id: int
    loan_keys: tuple[int, ...]
    answers: int | None
    other_sender: bool = False
    within: bool = False  # pressed or said in the call that it answers, not one that the person made


@dataclass(frozen=True, slots=True)
class Taking:
    """With what, by whom and when something is taken in."""

    gate: Gate
    actor: Actor
    clock: Clock


@dataclass(frozen=True, slots=True)
class Came:
    """What came in, with the blind index and the masked form of its sender's address."""

    said: Inbound
    index: bytes | None
    masked: str


def receive(tx: Tx, *, gate: Gate, came: Inbound, actor: Actor, clock: Clock, home: Home | None = None) -> Received:
    """Take in what came, once: land it, or keep it for a person to say whose it is.

    ``home`` is whose it is where that is proved otherwise: somebody wrote it in the portal.

    Raises `NotInbound`, `standing.CountersBusy`.
    """
    inbound.lock(tx, came.channel.value, came.provider_ref)
    earlier = inbound.of_ref(tx, came.channel.value, came.provider_ref)
    if earlier is not None:
        return Received(earlier, again=True)
    if came.at > clock() + AHEAD:
        raise NotInbound("at", Said(N_("{at} lies in the future"), at=instant_text(came.at)))
    taking, kept = Taking(gate, actor, clock), Came(came, *_address(tx, gate.vault, came.channel, came.sender))
    whose = home or _home(tx, came, kept.index)
    if isinstance(whose, Home):
        try:
            return Received(_read(taking, tx, came.text, _land(taking, tx, kept, whose)), again=False)
        except Destroyed:  # whose data are gone is nobody we know
            whose = "unknown"
    return Received(_read(taking, tx, came.text, _keep(taking, tx, kept, whose)), again=False)


def _read(taking: Taking, tx: Tx, text: str, row: InboundRow) -> InboundRow:
    """Read it, and act at once where a rule says so; keys pressed in a call mean what its script says."""
    if not (Channel(row.channel) in SPOKEN and _KEYS.fullmatch(text.strip())):
        take_reading(tx, gate=taking.gate, row=row, text=text.strip(), actor=taking.actor, clock=taking.clock)
    return row


def place(
    tx: Tx, *, gate: Gate, inbound_id: int, person_id: int, case_id: int, actor: Actor, clock: Clock
) -> InboundRow:
    """Say whose it is and on which case it lands: a person knows what no index tells.

    Raises `NotUnplaced`, `NotTheirs`, `cases.NoSuchCase`, `inbound.NoSuchInbound`.
    """
    row = inbound.get(tx, inbound_id, held=True)
    if row.state != "unplaced":
        raise NotUnplaced(inbound_id, row.state)
    text = _opened(tx, gate.vault, row)
    owed = [one for one in inbound.owed(tx, persons.same(tx, person_id)) if one.case_id == case_id]
    if not owed or text is None:
        raise NotTheirs(person_id, case_id)
    index = row.sender_index
    mine = set(persons.same(tx, person_id))
    point = next((one for one in _holders(tx, index) if one.person_id in mine), None)
    channel = Channel(row.channel)
    answered = _last(tx, index, sorted(mine), channel, row.at) if index else None
    writer = point.person_id if point else person_id
    home = Home(
        writer, point.contact_point_id if point else None, owed[0].debtor_id,
        tuple(one.loan_key for one in owed), answered.contact_id if answered else None,
    )  # fmt: skip
    contact_id = _counted(Taking(gate, actor, clock), tx, home, channel, row.at)
    now = clock()
    key = gate.vault.person(tx.lender_id, writer, persons.wrapped(tx, writer))
    inbound.place(
        tx, inbound_id, person_id=writer, debtor_id=home.debtor_id, case_id=case_id,
        contact_point_id=home.contact_point_id, contact_id=contact_id, answers=home.answers,
        text_sealed=gate.vault.seal(key, inbound.field_name(inbound_id), text.value), actor=str(actor), now=now,
    )  # fmt: skip
    log.append(
        tx, vault=gate.vault, kind="inbound.placed", at=now, actor=str(actor), subject=key,
        stated={"inbound": str(inbound_id), "channel": row.channel, "case": str(case_id)}, facts={"text": text.value},
    )  # fmt: skip
    placed = inbound.get(tx, inbound_id)
    act_on_placed(tx, gate=gate, row=placed, text=text.value, actor=actor, clock=clock)
    changes.tell(tx, home.debtor_id, by=str(actor))
    return placed


def dismiss(tx: Tx, *, vault: Vault, inbound_id: int, actor: Actor, now: datetime) -> InboundRow:
    """Say that it is nobody's (an advertisement, a wrong number): its text is erased, and that is on record.

    Raises `NotUnplaced`, `inbound.NoSuchInbound`.
    """
    row = inbound.get(tx, inbound_id, held=True)
    if row.state != "unplaced":
        raise NotUnplaced(inbound_id, row.state)
    inbound.dismiss(tx, inbound_id, actor=str(actor), now=now)
    log.append(
        tx, vault=vault, kind="inbound.dismissed", at=now, actor=str(actor),
        stated={"inbound": str(inbound_id), "channel": row.channel},
    )  # fmt: skip
    return inbound.get(tx, inbound_id)


def read_text(tx: Tx, *, vault: Vault, inbound_id: int, purpose: str, actor: Actor, now: datetime) -> Clear | None:
    """Open what came in, with a record that its person can see; None where it was erased.

    Raises `NoPurpose`, `inbound.NoSuchInbound`, `vault.Destroyed`, `storage_only.StorageOnly`.
    """
    if purpose not in set(RevealPurpose):
        raise NoPurpose(purpose)
    row = inbound.get(tx, inbound_id)
    if row.person_id is not None:
        storage_only.guard(tx, row.person_id, now=now, purpose=purpose)
    text = _opened(tx, vault, row)
    if text is None:
        return None
    field_name = inbound.field_name(inbound_id)
    if row.person_id is None:
        log.append(
            tx, vault=vault, kind="inbound.read", at=now, actor=str(actor),
            stated={"inbound": str(inbound_id), "purpose": purpose},
        )  # fmt: skip
    else:
        key = vault.person(tx.lender_id, row.person_id, persons.wrapped(tx, row.person_id))
        log.append(
            tx, vault=vault, kind="person.reveal", at=now, actor=str(actor), subject=key,
            stated={"purpose": purpose, "field": field_name.partition("/")[0]},
            facts={"field": field_name, "value": text.value},
        )  # fmt: skip
    return text


def point_kind(channel: Channel) -> str | None:
    """Of which kind the addresses of a channel are, None where a channel has none."""
    kind = POINT_KIND.get(channel)
    return "phone" if kind == TEXTS else kind


def _opened(tx: Tx, vault: Vault, row: InboundRow) -> Clear | None:
    key_id, sealed = inbound.sealed(tx, row.inbound_id)
    if sealed is None:
        return None
    if row.person_id is None:
        opened = vault.open_secret(tx.lender_id, inbound.owner(row.inbound_id), Wrapped(str(key_id), sealed))
        return Clear(opened.decode())
    key = vault.person(tx.lender_id, row.person_id, persons.wrapped(tx, row.person_id))
    return key.open(inbound.field_name(row.inbound_id), sealed)


def _address(tx: Tx, vault: Vault, channel: Channel, sender: str) -> tuple[bytes | None, str]:
    """The blind index of an address, None where it is a name or a short code, and its masked form."""
    kind, said = point_kind(channel), sender.strip()
    if kind is None or not said:
        return None, mask_account(said) if said else "–"
    try:
        form = normal(kind, said, lenders.get(tx).jurisdiction)
    except BadPhone:
        return None, mask_account(said)
    return vault.index_normal(tx.lender_id, kind, form), mask_point(kind, form)


def _holders(tx: Tx, index: bytes | None) -> list[inbound.Holder]:
    return inbound.holders(tx, index) if index else []


def _home(tx: Tx, came: Inbound, index: bytes | None) -> Home | str:
    """Whose it is, or why nobody may say."""
    answered = _answered(tx, came)
    if answered is not None:
        return Home(
            answered.person_id, answered.contact_point_id, persons.root(tx, answered.debtor_id),
            tuple(answered.loan_keys), answered.contact_id,
            other_sender=came.message_id is not None and index != answered.point_index,
            within=came.channel in SPOKEN and answered.answered and came.at - answered.at <= CALL_LONGEST,
        )  # fmt: skip
    holders = _holders(tx, index)
    if index is None or not holders:
        return "unknown"
    if len({one.root_id for one in holders}) > 1:
        return "several"
    people = sorted({one.person_id for one in holders})
    last = _last(tx, index, people, came.channel, came.at)
    if last is not None:
        return Home(
            last.person_id, last.contact_point_id, persons.root(tx, last.debtor_id), tuple(last.loan_keys),
            last.contact_id,
        )  # fmt: skip
    owed = inbound.owed(tx, persons.same(tx, holders[0].person_id))
    if len({one.debtor_id for one in owed}) != 1:
        return "several_debts" if owed else "unknown"
    with_case = [one for one in owed if one.case_id is not None] or owed
    return Home(
        holders[0].person_id, holders[0].contact_point_id, owed[0].debtor_id,
        tuple(one.loan_key for one in with_case), None,
    )  # fmt: skip


def _answered(tx: Tx, came: Inbound) -> Sent | None:
    """The contact that it answers by what its provider knows; whoever knows that is who was contacted."""
    number = came.answers
    if number is None and came.message_id is not None:
        try:
            number = messages.get(tx, came.message_id).permit_id
        except NoSuchMessage:
            return None
    return None if number is None else inbound.sent(tx, number)


def _last(tx: Tx, index: bytes, people: Sequence[int], channel: Channel, at: datetime) -> Sent | None:
    channels = next((group for group in _TOGETHER if channel in group), frozenset({channel}))
    return inbound.last_sent(tx, index=index, person_ids=people, channels=sorted(one.value for one in channels), at=at)


def _counted(taking: Taking, tx: Tx, home: Home, channel: Channel, at: datetime) -> int | None:
    """The contact that it is counted as; None for keys and words within a call of ours, which is the contact.

    A call that the person made after one of ours, or where nobody answered ours, is a contact of its own.
    """
    if home.within:
        locked = standing.lock(tx, [Subject(home.person_id, -1, home.loan_keys, "", "", "", "", "")])
        standing.locked(locked)
        return None
    return note_inbound(
        tx, gate=taking.gate, person_id=home.person_id, loan_keys=home.loan_keys, channel=channel,
        outcome=begun_by_them(channel), at=min(at, taking.clock()),
        actor=taking.actor, clock=taking.clock, contact_point_id=home.contact_point_id,
        firm="" if home.answers is None else permits.get(tx, home.answers).firm,
    )  # fmt: skip


def _land(taking: Taking, tx: Tx, came: Came, home: Home) -> InboundRow:
    said = came.said
    key = taking.gate.vault.person(tx.lender_id, home.person_id, persons.wrapped(tx, home.person_id))
    contact_id = _counted(taking, tx, home, said.channel, said.at)
    now = taking.clock()
    number, text = inbound.next_id(tx), said.text.strip()
    case_id = inbound.open_case(tx, home.debtor_id)
    inbound.add(
        tx,
        New(
            inbound_id=number, channel=said.channel.value, provider_ref=said.provider_ref, at=min(said.at, now),
            sender_index=came.index, sender_masked=came.masked,
            receiver=said.receiver or None, characters=len(text),
            text_sealed=taking.gate.vault.seal(key, inbound.field_name(number), text), person_id=home.person_id,
            debtor_id=home.debtor_id, case_id=case_id, contact_point_id=home.contact_point_id, contact_id=contact_id,
            answers=home.answers, other_sender=home.other_sender,
        ),
        actor=str(taking.actor), now=now,
    )  # fmt: skip
    stated: dict[str, Fact] = {"inbound": str(number), "channel": said.channel.value}
    if home.answers is not None:
        stated["answers"] = str(home.answers)
    log.append(
        tx, vault=taking.gate.vault, kind="inbound.received", at=now, actor=str(taking.actor), subject=key,
        stated=stated, facts={"text": text},
    )  # fmt: skip
    changes.tell(tx, home.debtor_id, by=str(taking.actor))
    return inbound.get(tx, number)


def _keep(taking: Taking, tx: Tx, came: Came, why: str) -> InboundRow:
    said = came.said
    number, now, text = inbound.next_id(tx), taking.clock(), said.text.strip()
    wrapped = taking.gate.vault.seal_secret(tx.lender_id, inbound.owner(number), text.encode())
    inbound.add(
        tx,
        New(
            inbound_id=number, channel=said.channel.value, provider_ref=said.provider_ref, at=min(said.at, now),
            sender_index=came.index, sender_masked=came.masked,
            receiver=said.receiver or None, characters=len(text),
            text_sealed=wrapped.sealed, key_id=wrapped.key_id, unplaced=why,
        ),
        actor=str(taking.actor), now=now,
    )  # fmt: skip
    log.append(
        tx, vault=taking.gate.vault, kind="inbound.received", at=now, actor=str(taking.actor),
        stated={"inbound": str(number), "channel": said.channel.value, "unplaced": why},
    )  # fmt: skip
    return inbound.get(tx, number)
