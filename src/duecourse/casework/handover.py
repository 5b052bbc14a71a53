"""One hand-over of messages to a provider: begun, handed over, ended. See `casework.posting` for the three steps.

What does not belong here: workers and their lines (`casework.posting`).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import TypeVar

import psycopg

from duecourse.book.propose import POINT_KIND, TEXTS
from duecourse.casework import recordings, stop_link
from duecourse.casework.actor import Actor, Role
from duecourse.casework.calling import Call
from duecourse.casework.gate import Gate
from duecourse.casework.message import FIELD, Words, read_words
from duecourse.casework.outcomes import Outcome
from duecourse.casework.permit import Refusal, Why
from duecourse.casework.redemption import Held, Use, hold, hold_free, redeem_use, redeem_uses, use
from duecourse.casework.settling import Made, report, settle_made
from duecourse.channels.contract import (
    REFERENCE_MAX,
    Ended,
    Many,
    Message,
    Refused,
    Result,
    Speaking,
    Taken,
    Talked,
    Transport,
)
from duecourse.channels.render import mail, text
from duecourse.core.money import BrokenInvariant
from duecourse.evidence.record import Fact
from duecourse.law.terms import Channel
from duecourse.storage import log, messages, parts, points, transports
from duecourse.storage.connection import Database, NoDatabase, Tx
from duecourse.storage.messages import Claimed, End
from duecourse.storage.parts import Sent
from duecourse.storage.vault import PersonKey, Wrapped
from duecourse.storage.vault.blind import normal_phone
from duecourse.storage.vault.content import open_content
from duecourse.trouble import Busy, Trouble, masked

OUTBOX = Actor(Role.SCHEDULE, "outbox")
FAILURES_MAX = 5
SHUT_FOR = timedelta(seconds=60)
"""After so many failures in a row nobody calls a provider for so long; then one message tries."""

PUT_OFF = timedelta(seconds=15)
"""For so long a message waits that something of ours stood against, as long as its permit lives."""

BUSY_FOR = timedelta(seconds=1)
"""For so long one waits whose counters somebody else holds."""

TRIED_AGAIN_S = 0.5
"""How long to wait for a database that went away while a provider had the message."""

PROMPT_S = 1.0
"""A message goes within this after the law was asked, or is failed: what it was allowed for is over.

Whoever stops a message waits for the locks that the asking held until its commit, so no hand-over begins later than
this after the commit of a stop.
"""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Post:
    """What sending is done with."""

    database: Database
    gate: Gate
    clock: Callable[[], datetime]
    told: Callable[[str, str], None] = lambda _what, _said: None  # of trouble that nobody else hears of
    stopping: threading.Event = field(default_factory=threading.Event)
    chance: Callable[[int], bytes] = os.urandom
    public_url: str | None = None  # under which what we send can be stopped


@dataclass(frozen=True, slots=True)
class Round:
    """What came of a turn: how many messages were looked at, whether all went well, whether nobody calls any more."""

    left: int
    smooth: bool = True
    shut: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """Messages that the law allowed at one instant, and until when they may be handed over (`monotonic`)."""

    ready: list[tuple[Claimed, Message]]
    until: float


def send_next(post: Post, lender_id: str, channel: str, worker: str, line: Transport, *, most: int = 1) -> Round:
    """Send the next messages of a channel."""
    if isinstance(line, Speaking):
        return _call_next(post, lender_id, channel, worker, line)
    left, turn = _begin(post, lender_id, channel, worker, most)
    if not turn.ready:
        return Round(left)
    given = _handed(line, [message for _, message in turn.ready], turn.until)
    results = list(zip((claimed.message_id for claimed, _ in turn.ready), given, strict=True))
    _end(post, lender_id, results, by=worker)
    failures = 0
    for _, result in results:
        bad = not isinstance(result, Taken) and not (isinstance(result, Refused) and result.permanent)
        failures = failures + 1 if bad else 0 if isinstance(result, Taken) else failures
    smooth = all(isinstance(result, Taken) for _, result in results)
    return Round(left, smooth, bool(failures) and provider_failed(post, lender_id, channel, failures))


def _call_next(post: Post, lender_id: str, channel: str, worker: str, line: Speaking) -> Round:
    """Place the next call, and hold the conversation; the house answers what it asks while it lasts."""
    left, turn = _begin(post, lender_id, channel, worker, 1)
    for claimed, message in turn.ready:
        house = Call(post, lender_id, claimed.message_id, claimed.person_id, claimed.permit_id, claimed.lang)
        result: Ended
        try:
            result = _LATE if monotonic() > turn.until else line.talk(message, house)
        except Exception as error:  # noqa: BLE001 - nobody knows
            result = error
        end_alone(post, lender_id, claimed.message_id, result, by=worker, died=False)
        bad = not isinstance(result, Talked) and not (isinstance(result, Refused) and result.permanent)
        return Round(left, not bad, bad and provider_failed(post, lender_id, channel, 1))
    return Round(left)


_LATE = Refused("not handed over in time", permanent=False)


def _handed(line: Transport, given: Sequence[Message], until: float) -> list[Result]:
    """What the provider says to each. Whatever a transport raises means the same: nobody knows."""
    if isinstance(line, Many):
        try:
            found = line.send_all(given, until)
        except Exception as error:  # noqa: BLE001 - as above
            return [error] * len(given)
        return found if len(found) == len(given) else [BrokenInvariant("a channel lost count")] * len(given)
    results: list[Result] = []
    for message in given:
        try:
            results.append(_LATE if monotonic() > until else line.send(message))
        except Exception as error:  # noqa: BLE001 - as above
            results.append(error)
    return results


def provider_failed(post: Post, lender_id: str, channel: str, many: int) -> bool:
    """Count failures of a provider; whether it is left alone for a while now."""
    with post.database.transaction(lender_id) as tx:
        return transports.failed(tx, channel, many=many, most=FAILURES_MAX, until=post.clock() + SHUT_FOR)


def _begin(post: Post, lender_id: str, channel: str, worker: str, most: int) -> tuple[int, Turn]:
    """Claim the next messages of a channel and redeem their permits; how many were claimed, and those that go.

    From the commit on they count as sent. Where one of them stands against all, one alone is claimed.
    """

    def some(many: int) -> tuple[int, Turn] | None:
        return _begun(post, lender_id, lambda tx: messages.claim(tx, channel, most=many, now=post.clock()), worker)

    return some(most) or some(1) or (0, Turn([], 0.0))


def begin_one(post: Post, lender_id: str, message_id: int, worker: str) -> bool:
    """The same for one message; whether it goes. Whoever holds the session lock of ``worker`` hands it over.

    What became of it is written by `end_alone`.
    """
    found = _begun(post, lender_id, lambda tx: messages.claim_one(tx, message_id), worker)
    return found is not None and bool(found[1].ready)


def _begun(post: Post, lender_id: str, claims: Callable[[Tx], list[Claimed]], worker: str) -> tuple[int, Turn] | None:
    claimed: list[Claimed] = []
    ready: list[tuple[Claimed, Message]] = []
    troubled: list[tuple[Claimed, Exception]] = []
    until = 0.0
    try:
        with post.database.pipelined(lender_id) as tx:
            claimed = claims(tx)
            ready = _redeemed(tx, post, claimed, worker, troubled) if claimed else []
            until = monotonic() + PROMPT_S  # before the commit, at which the locks are let go and a stop can commit
    except (NoDatabase, psycopg.OperationalError):
        raise
    except (Trouble, ValueError, BrokenInvariant, psycopg.Error) as error:
        if not claimed:
            raise
        if len(claimed) > 1:
            return None
        troubled, ready = [(claimed[0], error)], []
    for one, trouble in troubled:
        _stood_against(post, lender_id, one, trouble)
    return len(claimed), Turn(ready, until)


def _redeemed(
    tx: Tx, post: Post, claimed: Sequence[Claimed], worker: str, troubled: list[tuple[Claimed, Exception]]
) -> list[tuple[Claimed, Message]]:
    """Ask the law again for each; what it allows is written as sending, what stands against one as withheld.

    A message whose counters somebody else holds at this instant waits for a moment, and nobody waits for it.
    """
    found = hold_free(tx, post.gate, [one.permit_id for one in claimed], post.clock)
    going: list[tuple[Claimed, Message, Use]] = []
    busy: list[int] = []
    now = post.clock()
    for one in claimed:
        held = found[one.permit_id]
        if held is None or isinstance(held, Busy):
            busy.append(one.message_id)
        elif isinstance(held, Trouble):
            troubled.append((one, held))
        else:
            now = held.now
            try:
                message = _opened(post, tx.lender_id, one, held, now)
            except (Trouble, ValueError, BrokenInvariant) as error:  # it does not open, or the person's data is gone
                troubled.append((one, error))
                continue
            asked = use(post.gate, held, sender=held.permit.sender, content_hash=bytes(one.content_hash).hex())
            if asked.why is None:
                going.append((one, message, asked))
            else:
                _stands_against(tx, post, one, asked)
    if busy:
        messages.put_off(tx, busy, due_at=now + BUSY_FOR)
    if going:
        records = redeem_uses(tx, gate=post.gate, uses=[asked for _, _, asked in going], actor=OUTBOX)
        messages.sending(tx, [one.message_id for one, _, _ in going], worker=worker, now=now)
        records += [
            _record(
                tx, post, one.entry_id, kind="message.sending", message_id=one.message_id, permit_id=one.permit_id,
                key=asked.held.key(post.gate, tx.lender_id), now=now,
                stated={"channel": one.channel, "content": bytes(one.content_hash).hex()},
                facts={"field": points.field_name(one.contact_point_id), "value": message.to},
            )
            for one, message, asked in going
        ]  # fmt: skip
        log.append_rows(tx, records)
    return [(one, message) for one, message, _ in going]


def _stands_against(tx: Tx, post: Post, one: Claimed, asked: Use) -> None:
    """Withhold a message, or let it wait where only a moment stands against it."""
    held = asked.held
    answer = redeem_use(tx, gate=post.gate, one=asked, actor=OUTBOX)
    if not isinstance(answer, Refusal):
        raise BrokenInvariant(f"permit {one.permit_id} was refused and redeemed")
    if answer.why in {Why.TOO_EARLY, Why.SENDER_STOPPED} and held.now < one.until:
        messages.put_off(tx, [one.message_id], due_at=max(held.permit.at, held.now + PUT_OFF))
        return
    messages.end(tx, one.message_id, state="withheld", now=held.now, why=against(answer))
    record = _record(
        tx, post, one.entry_id, kind="message.withheld", message_id=one.message_id, permit_id=one.permit_id,
        key=held.key(post.gate, tx.lender_id), now=held.now, stated={"why": answer.why.value},
    )  # fmt: skip
    log.append_rows(tx, [record])


def against(answer: Refusal) -> dict[str, str]:
    """Why a message is withheld: the sentence by language, and the rules that said no, parted by spaces."""
    rules = [str(one["rule"]) for one in answer.reasons]
    return {**answer.says, **({"rules": " ".join(rules)} if rules else {})}


def _opened(post: Post, lender_id: str, claimed: Claimed, held: Held, now: datetime) -> Message:
    """The message in clear, for the provider alone; a number with its country."""
    key = held.key(post.gate, lender_id)
    secret = key.open(FIELD, bytes(claimed.key_sealed))
    to = key.open(points.field_name(claimed.contact_point_id), bytes(claimed.point_sealed))
    if secret is None or to is None:
        raise BrokenInvariant(f"message {claimed.message_id} has no text or no address")
    words = read_words(open_content(bytes.fromhex(secret.value), bytes(claimed.content_sealed)))
    channel, place = Channel(claimed.channel), to.value
    if POINT_KIND[channel] in {"phone", TEXTS}:
        place = normal_phone(place, held.standing.jurisdiction)
    name = stop_link.name(post.gate.vault, lender_id, claimed.message_id)
    return as_message(words, name=name, to=place, channel=channel, at=now)  # fmt: skip


def as_message(words: Words, *, name: str, to: str, channel: Channel, at: datetime) -> Message:
    """The words in the forms that a transport is given."""
    content, mailed = words.content, channel is Channel.EMAIL
    return Message(
        reference=name.rpartition(".")[0], token=name, to=to, lang=content.lang, subject=content.subject,
        text=text(content, stop=words.stop) if mailed else text(content).strip(),
        html=mail(content, stop=words.stop) if mailed else "",
        attachments=words.attachments, stop_url=words.stop or None, at=at,
    )  # fmt: skip


def _stood_against(post: Post, lender_id: str, claimed: Claimed, error: Exception) -> None:
    """Push a message into the future; at the end of its permit it is withheld. The permit lapses by itself."""
    said = str(error) if isinstance(error, Trouble) else masked(f"{type(error).__name__}: {error}")
    if not isinstance(error, Busy):
        post.told(f"message {claimed.message_id}", said)
    with post.database.transaction(lender_id) as tx:
        now = post.clock()
        if messages.get(tx, claimed.message_id, held=True).state != "queued":
            return
        if now < claimed.until:
            messages.put_off(tx, [claimed.message_id], due_at=now + PUT_OFF)
            return
        messages.end(tx, claimed.message_id, state="withheld", now=now, why={"zh": said, "en": said})
        log.append(
            tx, vault=post.gate.vault, kind="message.withheld", at=now, actor=str(OUTBOX),
            stated={"message": str(claimed.message_id), "permit": str(claimed.permit_id), "why": "unreadable"},
        )  # fmt: skip


_LOST = {
    "zh": "不知渠道商是否已收下：发送过程中断",
    "en": "nobody knows whether the provider took it: sending broke off",
}


def _end(post: Post, lender_id: str, results: Sequence[tuple[int, Result]], *, by: str) -> None:
    """Write what became of messages that were handed over, however long the database is away."""

    def write() -> set[int]:
        with post.database.pipelined(lender_id) as tx:
            return _ended(tx, post, results, by=by)

    written = _patiently(post, f"messages {[number for number, _ in results]}", write)
    for number, result in results:
        if number not in written:  # taken for dead meanwhile, or somebody else reported on the contact
            end_alone(post, lender_id, number, result, by=by, died=False)


def end_alone(post: Post, lender_id: str, message_id: int, result: Ended | None, *, by: str, died: bool) -> bool:
    """The same for one message under the locks of its counters; false if it was written.

    ``by`` is the worker that sends it: whoever finds the lock of a dead one free writes in its name.
    """
    # What a call changes beside its own row is read back row by row, which a pipeline does not do.
    opened = post.database.transaction if isinstance(result, Talked) else post.database.pipelined

    def write() -> bool:
        with opened(lender_id) as tx:
            return _ended_alone(tx, post, message_id, result, by=by, died=died)

    return write() if died else _patiently(post, f"message {message_id}", write)


def _patiently(post: Post, what: str, write: Callable[[], _T]) -> _T:
    while True:
        try:
            return write()
        except (Busy, NoDatabase, psycopg.OperationalError, psycopg.InterfaceError) as error:
            post.told(what, str(error))
            if post.stopping.wait(0):
                raise
            threading.Event().wait(TRIED_AGAIN_S)


def _ended(tx: Tx, post: Post, results: Sequence[tuple[int, Result]], *, by: str) -> set[int]:
    """Write what became of those that this worker sends still; which they were."""
    by_number = dict(results)
    handed = messages.handed(tx, list(by_number), worker=by)
    if not handed:
        return set()
    channel = handed[0].channel
    now = post.clock()
    made, ends, records, parts_ = [], [], [], list[Sent]()
    for one in handed:
        result = by_number[one.message_id]
        state, outcome, why, said = _read(result)
        wrapped = None if one.secret_wrapped is None else Wrapped(one.key_id, bytes(one.secret_wrapped))
        key = post.gate.vault.person(tx.lender_id, one.person_id, wrapped)
        if one.redeemed_at is None:
            raise BrokenInvariant(f"message {one.message_id} is under way and its permit was not redeemed")
        made.append(Made(one.permit_id, one.person_id, one.redeemed_at, one.entries[0], key, outcome))
        ends.append(
            End(
                message_id=one.message_id, state=state, why=why,
                provider_ref=result.reference[:REFERENCE_MAX] if isinstance(result, Taken) else None,
                permanent=result.permanent if isinstance(result, Refused) else None,
            )
        )  # fmt: skip
        parts_ += _parts(result, one.person_id, one.message_id, channel)
        records.append(
            _record(
                tx, post, one.entries[1], kind=f"message.{state}", message_id=one.message_id, now=now,
                permit_id=one.permit_id, key=key, stated=said | {"worker_died": False},
            )
        )  # fmt: skip
    records = settle_made(tx, vault=post.gate.vault, made=made, actor=OUTBOX, now=now) + records
    messages.end_many(tx, ends, now=now)
    parts.add(tx, parts_)
    log.append_rows(tx, records)
    if any(isinstance(result, Taken) for result in by_number.values()):
        transports.works(tx, channel)
    return {one.message_id for one in handed}


def _parts(result: Ended | None, person_id: int, message_id: int, channel: str) -> list[Sent]:
    """By which names the provider will speak of a message that it took."""
    names = result.parts if isinstance(result, Taken) else ()
    return [Sent(person_id, message_id, place, channel, name[:REFERENCE_MAX]) for place, name in enumerate(names, 1)]


def _ended_alone(tx: Tx, post: Post, message_id: int, result: Ended | None, *, by: str, died: bool) -> bool:
    before = messages.get(tx, message_id, held=True)
    late = before.state == "unknown" and before.settled_by is None and not died  # taken for dead, and it was not
    if before.worker != by or not (before.state == "sending" or late):
        return False
    state, outcome, why, said = _read(result)
    if late and state == "unknown":
        return False
    if state == "unknown" and before.channel == Channel.ROBOT_CALL:
        outcome = Outcome.CONNECTED  # nobody knows whether somebody answered: it counts as if somebody did
    held = hold(tx, post.gate, before.permit_id, post.clock)
    report(tx, gate=post.gate, held=held, outcome=outcome, actor=OUTBOX)
    messages.end(
        tx, message_id, state=state, now=held.now, why=why,
        provider_ref=result.reference[:REFERENCE_MAX] if isinstance(result, Taken | Talked) else None,
        permanent=result.permanent if isinstance(result, Refused) else None,
    )  # fmt: skip
    parts.add(tx, _parts(result, before.person_id, message_id, before.channel))
    if isinstance(result, Taken | Talked):
        transports.works(tx, before.channel)
    if isinstance(result, Talked) and result.recording:
        recordings.keep(
            tx, vault=post.gate.vault, contact_id=before.permit_id, content=result.recording, actor=OUTBOX,
            now=held.now, chance=post.chance,
        )  # fmt: skip
    entry = log.draw(tx, 1)[0]
    record = _record(
        tx, post, entry, kind=f"message.{state}", message_id=message_id, permit_id=before.permit_id, now=held.now,
        key=held.key(post.gate, tx.lender_id), stated=said | {"worker_died": died},
    )  # fmt: skip
    log.append_rows(tx, [record])
    return True


def _read(
    result: Ended | None,
) -> tuple[str, Outcome, Mapping[str, str] | None, dict[str, Fact]]:
    """State, outcome, words, and what the record states. What is unknown counts as sent."""
    match result:
        case Taken():
            return "sent", Outcome.SENT, None, {}
        case Talked(outcome=outcome, done=done):
            return "sent", Outcome(outcome), None, {"outcome": outcome, "done": list(done)}
        case Refused(why=why, permanent=permanent):
            return "failed", Outcome.FAILED, {"zh": why, "en": why}, {"permanent": permanent}
        case None:
            return "unknown", Outcome.SENT, _LOST, {}
    told = masked(f"{type(result).__name__}: {str(result).partition(chr(10))[0]}")[:300]
    return "unknown", Outcome.SENT, {lang: f"{said} ({told})" for lang, said in _LOST.items()}, {}


def _record(
    tx: Tx,
    post: Post,
    entry_id: int,
    *,
    kind: str,
    message_id: int,
    permit_id: int,
    key: PersonKey,
    now: datetime,
    stated: Mapping[str, Fact],
    facts: Mapping[str, Fact] | None = None,
) -> log.Row:
    return log.row_of(
        tx, entry_id, vault=post.gate.vault, kind=kind, at=now, actor=str(OUTBOX), subject=key,
        stated={"message": str(message_id), "permit": str(permit_id), **stated}, facts=facts,
    )  # fmt: skip
