"""Letters in print-ready batches: put together, permitted one by one as they are handed over, taken back in.

A batch holds notices and no permits: it may wait for days. Handing it over asks the gate for each letter and redeems
each permit at once, writes `sending`, and only then writes the file for the print house; what was not permitted is not
in it. So a letter keeps the semantics of the outbox (docs/decisions/letters-by-batch.md): handed over is sent, and a
process that dies on the way leaves letters of which nobody knows, which nobody sends again by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from zoneinfo import ZoneInfo

from duecourse.casework import lender_texts, letter_address, letter_file, outbox, stop_link
from duecourse.casework.actor import Actor
from duecourse.casework.gate import Gate
from duecourse.casework.handover import Post, against, begin_one, end_alone
from duecourse.casework.letter_address import NO_ADDRESS
from duecourse.casework.letter_file import LetterFile, Sheet
from duecourse.casework.message import FIELD, Prepared, queue_prepared, read_words, screen, sealed, whole
from duecourse.casework.notice_paper import open_notice
from duecourse.casework.outcomes import Outcome
from duecourse.casework.permit import PermitRequest, Refusal, Sender
from duecourse.casework.permits import Clock
from duecourse.casework.posting import lock_name
from duecourse.casework.redemption import hold
from duecourse.casework.reveal import NothingThere, RevealPurpose
from duecourse.casework.settling import report
from duecourse.casework.speech import NotToBeSaid
from duecourse.casework.stop_link import message_named
from duecourse.casework.stopping import Why, end_use
from duecourse.channels.contract import Refused as NotTaken
from duecourse.channels.contract import Taken
from duecourse.channels.render import Content, read_content
from duecourse.law.terms import Channel, SenderType
from duecourse.storage import lenders, letters, log, messages, notices, persons
from duecourse.storage.connection import Database, Tx
from duecourse.storage.letters import Batch, Letter
from duecourse.storage.messages import NoSuchMessage
from duecourse.storage.notices import Notice
from duecourse.storage.vault import Destroyed, Vault
from duecourse.storage.vault.content import open_content
from duecourse.trouble import N_, BadInput, Refused

LETTERS_MAX = 2_000
CHANNELS = (Channel.LETTER, Channel.LAWYER_LETTER)


class NothingToSend(BadInput):
    """No notice stands that goes by letter and is in no batch yet."""

    def __init__(self) -> None:
        super().__init__(
            N_("no notice stands that may go by letter and is in no batch yet: `duecourse notice issue` makes one")
        )


class NotByLetter(Refused):
    """A notice that was named does not go by letter."""

    def __init__(self, notice_id: int) -> None:
        super().__init__(
            N_("notice {number} goes in no batch: it was taken back, is in one already, or its text is for no letter"),
            number=notice_id,
        )


class TooManyLetters(BadInput):
    """More than one batch can hold."""

    def __init__(self) -> None:
        super().__init__(N_("a batch holds at most {most} letters; make another one"), most=LETTERS_MAX)


class BatchEnded(Refused):
    """A batch that was handed over, or withdrawn."""

    def __init__(self, batch_id: int, state: str) -> None:
        super().__init__(N_("batch {number} is {state}; nothing was done"), number=batch_id, state=state)


class LettersPaused(Refused):
    """Sending is paused."""

    def __init__(self) -> None:
        super().__init__(N_("sending is paused, letters too; `duecourse outbox show` says by whom"))


class NotHandedOver(Refused):
    """A batch without a file."""

    def __init__(self, batch_id: int) -> None:
        super().__init__(N_("batch {number} has no file: it was not handed over"), number=batch_id)


class FileGone(Refused):
    """The file cannot be made again as it was: data of a person in it was destroyed since."""

    def __init__(self, batch_id: int) -> None:
        super().__init__(
            N_("the file of batch {number} cannot be made again: data of a person in it was destroyed since"),
            number=batch_id,
        )


class CameBack(StrEnum):
    """Why a letter came back, as the post says it."""

    UNKNOWN_ADDRESS = "unknown_address"  # no such address, or nobody of this name there
    MOVED = "moved"
    DECEASED = "deceased"
    REFUSED = "refused"  # whoever lives there did not take it: the address is good
    UNCLAIMED = "unclaimed"  # not fetched: the address is good
    UNSTATED = "unstated"


NOBODY_THERE = frozenset({CameBack.UNKNOWN_ADDRESS, CameBack.MOVED, CameBack.DECEASED})
"""After these the address is used no more."""

RETURNED, BEFORE, NOT_OURS = "returned", "returned before", "not ours"

_NOT_SAID = {
    "zh": "信中有不得对借款人说的话，请撤回并重新签发通知",
    "en": "it says what nobody may say to a borrower: take the notice back and issue it anew",
}
_ENDED = {"zh": "通知已撤回或被替代", "en": "the notice was taken back or superseded"}
_NOT_WRITTEN = "移交文件未能写出"
_NOT_NOW = {"zh": "此刻不予寄送，可列入下一批", "en": "not now: another batch may take it up"}


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A batch as it was handed over, with the file where any letter of it went."""

    batch: Batch
    letters: list[Letter]
    file: LetterFile | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A letter whose words are sealed and set, before anybody was asked."""

    letter: Letter
    prepared: Prepared
    sheet: Sheet


def make_batch(
    tx: Tx, *, vault: Vault, named: Sequence[int] = (), most: int = LETTERS_MAX, actor: Actor, now: datetime
) -> Batch:
    """Put notices together: those named, or all that stand, go by letter and were not sent. Nobody is asked yet.

    Raises `NothingToSend`, `NotByLetter`, `TooManyLetters`, `NoSuchNotice`.
    """
    if len(named) > LETTERS_MAX:
        raise TooManyLetters
    lender = lenders.get(tx)
    day = now.astimezone(ZoneInfo(lender.zone)).date()
    texts = lender_texts.register_for(tx).templates.values()
    usable = [one.id for one in texts if any(one.usable(day, channel) for channel in CHANNELS)]
    if named:
        found = [notices.get(tx, one) for one in named]
        rows = [(one.person_id, one.notice_id) for one in found]
        if wrong := [one for one in found if one.ended_at is not None or one.template_id not in usable]:
            raise NotByLetter(wrong[0].notice_id)
    else:
        rows = letters.unsent_notices(tx, usable, most=min(most, LETTERS_MAX))
    if not rows:
        raise NothingToSend
    batch = letters.begin(tx, by=str(actor), now=now)
    if letters.add(tx, batch, rows) != len(rows):
        there = {one.notice_id for one in letters.of_batch(tx, batch)}
        raise NotByLetter(next(notice for _person, notice in rows if notice not in there))
    log.append(
        tx, vault=vault, kind="letter.batched", at=now, actor=str(actor),
        stated={"batch": str(batch), "letters": len(rows)},
    )  # fmt: skip
    return letters.get(tx, batch)


def withdraw_batch(tx: Tx, *, vault: Vault, batch_id: int, actor: Actor, now: datetime) -> Batch:
    """Hand a batch over no more; its notices may go in another. Raises `BatchEnded`, `NoSuchBatch`."""
    batch = letters.get(tx, batch_id, held=True)
    if batch.state != "open" or any(one.message_id for one in letters.of_batch(tx, batch_id)):
        raise BatchEnded(batch_id, batch.state)
    for one in letters.of_batch(tx, batch_id):
        letters.leave_out(tx, one.letter_id, {"zh": "批次已撤回", "en": "the batch was withdrawn"})
    letters.end(tx, batch_id, state="withdrawn", by=str(actor), now=now)
    log.append(
        tx, vault=vault, kind="letter.batch_withdrawn", at=now, actor=str(actor), stated={"batch": str(batch_id)}
    )
    return letters.get(tx, batch_id)


def hand_over(
    database: Database,
    lender_id: str,
    *,
    gate: Gate,
    batch_id: int,
    staff: str = "",
    actor: Actor,
    clock: Clock,
    chance: Callable[[int], bytes],
    write: Callable[[bytes], None] = lambda _file: None,
) -> HandedOver:
    """Ask for each letter, redeem each permit, and give the file of those that go to ``write``; then they are sent.

    ``staff`` is who answers for them; the sender is whoever wrote the notice. An `OSError` of ``write`` means that
    nobody got the file; any other that nobody knows. Raises `BatchEnded`, `LettersPaused`, `NoSuchBatch`.
    """
    post, worker = Post(database, gate, clock), f"letters-{chance(8).hex()}"
    with database.session_lock(f"{lender_id} letters {batch_id}") as mine, database.session_lock(lock_name(worker)):
        if not mine:
            raise BatchEnded(batch_id, "handed_over")
        with database.transaction(lender_id) as tx:
            batch = letters.get(tx, batch_id)
            if batch.state != "open":
                raise BatchEnded(batch_id, batch.state)
            if any(one.channel in {None, *CHANNELS} for one in messages.pauses(tx)):
                raise LettersPaused
        _take_back(post, lender_id, batch_id, actor)
        ready = _prepared(post, lender_id, batch_id, staff, actor, chance)
        gone = _permitted(post, lender_id, ready, worker, actor)
        at = clock()
        made = letter_file.made(gate.vault, lender_id, batch_id, [one.sheet for one in gone], at=at) if gone else None
        result: Taken | NotTaken | BaseException
        try:
            if made is not None:
                write(made.content)
            result = Taken(f"batch-{batch_id}" + (f":{made.sha256.hex()[:16]}" if made else ""))
        except OSError as error:
            result = NotTaken(f"the hand-over file was not written: {error.strerror}", permanent=False)
        except Exception as error:  # noqa: BLE001 - whoever was given the file may have it
            result = error
        for one in gone:
            end_alone(post, lender_id, one.prepared.message_id, result, by=worker, died=False)
        with database.transaction(lender_id) as tx:
            if isinstance(result, NotTaken):
                for one in gone:
                    letters.leave_out(tx, one.letter.letter_id, {"zh": _NOT_WRITTEN, "en": result.why})
            given = None if isinstance(result, NotTaken) else made
            letters.end(
                tx, batch_id, state="handed_over", by=str(actor), now=at, file_hash=given.sha256 if given else None,
                pages=given.pages if given else None,
            )  # fmt: skip
            log.append(
                tx, vault=gate.vault, kind="letter.handed_over", at=at, actor=str(actor),
                stated={
                    "batch": str(batch_id), "letters": len(gone) if given else 0,
                    "file": given.sha256.hex() if given else None,
                },
            )  # fmt: skip
            return HandedOver(letters.get(tx, batch_id), letters.of_batch(tx, batch_id), given)


def file_of(tx: Tx, *, vault: Vault, batch_id: int, actor: Actor, now: datetime) -> LetterFile:
    """The hand-over file of a batch, made again of the same letters, on record.

    Raises `NotHandedOver`, `FileGone`, `NoSuchBatch`.
    """
    batch = letters.get(tx, batch_id)
    if batch.file_hash is None or batch.ended_at is None:
        raise NotHandedOver(batch_id)
    sheets = []
    for one in letters.of_batch(tx, batch_id):
        if one.message_id is None or one.state in {"queued", "withheld", "withdrawn"}:
            continue
        try:
            key = vault.person(tx.lender_id, one.person_id, persons.wrapped(tx, one.person_id))
            secret = key.open(FIELD, messages.sealed(tx, one.message_id)[0])
        except Destroyed:
            raise FileGone(batch_id) from None
        if secret is None:
            raise FileGone(batch_id)
        words = read_words(open_content(bytes.fromhex(secret.value), messages.sealed(tx, one.message_id)[1]))
        sheets.append(_sheet(vault, tx.lender_id, one.message_id, words.content))
    made = letter_file.made(vault, tx.lender_id, batch_id, sheets, at=batch.ended_at)
    if made.sha256 != bytes(batch.file_hash):
        raise FileGone(batch_id)
    log.append(
        tx, vault=vault, kind="letter.file_read", at=now, actor=str(actor),
        stated={"batch": str(batch_id), "file": made.sha256.hex()},
    )  # fmt: skip
    return made


def take_returned(
    database: Database,
    lender_id: str,
    codes: Iterable[str],
    *,
    as_: CameBack,
    gate: Gate,
    actor: Actor,
    clock: Clock,
) -> Counter[str]:
    """Take returned letters over by the codes that they bear; how many there were of each kind.

    A letter that came back is failed and so is its contact's outcome, which gives no room back; where nobody lives at
    the address any more, it is used no more. Each is a transaction of its own. Raises `CountersBusy`.
    """
    found: Counter[str] = Counter()
    for code in codes:
        meant = message_named(gate.vault, code.strip())
        if meant is None or meant[0] != lender_id:
            found[NOT_OURS] += 1
            continue
        try:
            with database.transaction(lender_id) as tx:
                found[_returned(tx, meant[1], as_, gate=gate, actor=actor, clock=clock)] += 1
        except (NoSuchMessage, Destroyed):
            found[NOT_OURS] += 1
    return found


def _returned(tx: Tx, number: int, as_: CameBack, *, gate: Gate, actor: Actor, clock: Clock) -> str:
    row = messages.get(tx, number, held=True)
    letter = letters.of_message(tx, number)
    if letter is None or row.sending_at is None:
        return NOT_OURS
    held = hold(tx, gate, row.permit_id, clock)
    if not letters.came_back(tx, letter.letter_id, as_=as_.value, by=str(actor), now=held.now):
        return BEFORE
    report(tx, gate=gate, held=held, outcome=Outcome.FAILED, actor=actor)
    if row.state in {"sent", "unknown"}:
        why = {"zh": "退信", "en": "it came back"}
        messages.end(tx, number, state="failed", now=held.now, why=why, permanent=as_ in NOBODY_THERE)
    log.append(
        tx, vault=gate.vault, kind="letter.returned", at=held.now, actor=str(actor),
        subject=held.key(gate, tx.lender_id),
        stated={"message": str(number), "permit": str(row.permit_id), "as": as_.value},
    )  # fmt: skip
    if as_ in NOBODY_THERE:
        end_use(tx, vault=gate.vault, message_id=number, why=Why.BOUNCED, actor=actor, clock=clock)
    return RETURNED


def _take_back(post: Post, lender_id: str, batch_id: int, actor: Actor) -> None:
    """Messages of a hand-over that died before they were begun: they wait for nobody."""
    with post.database.transaction(lender_id) as tx:
        left = [one for one in letters.of_batch(tx, batch_id) if one.state == "queued" and one.message_id]
    for one in left:
        _drop(post, lender_id, one.message_id or 0, actor)


def _drop(post: Post, lender_id: str, message_id: int, actor: Actor) -> None:
    with suppress(outbox.NotQueued), post.database.transaction(lender_id) as tx:
        outbox.withdraw(tx, gate=post.gate, message_id=message_id, actor=actor, clock=post.clock)


def _prepared(  # noqa: PLR0917 - as in `hand_over`
    post: Post, lender_id: str, batch_id: int, staff: str, actor: Actor, chance: Callable[[int], bytes]
) -> list[_Ready]:
    """Every letter that did not go yet, its words opened on record, set and sealed; what cannot go is left out."""
    with post.database.transaction(lender_id) as tx:
        waiting = [one for one in letters.of_batch(tx, batch_id) if one.left_out is None]
    ready = []
    for one in waiting:
        if one.message_id is not None and one.state != "withdrawn":
            continue
        with post.database.transaction(lender_id) as tx:
            try:
                made = _ready(tx, post, one, staff, actor, chance)
            except Destroyed:
                made = _ENDED
            except NothingThere:
                made = NO_ADDRESS
            except NotToBeSaid:
                made = _NOT_SAID
            if isinstance(made, _Ready):
                ready.append(made)
            else:
                letters.leave_out(tx, one.letter_id, made)
    return ready


def _ready(  # noqa: PLR0917 - as in `hand_over`
    tx: Tx, post: Post, one: Letter, staff: str, actor: Actor, chance: Callable[[int], bytes]
) -> _Ready | dict[str, str]:
    vault, now = post.gate.vault, post.clock()
    found = notices.get(tx, one.notice_id)
    if found.ended_at is not None:
        return _ENDED
    opened = open_notice(
        tx, vault=vault, notice_id=one.notice_id, purpose=RevealPurpose.DOCUMENT.value, actor=actor, now=now
    )
    content = read_content(opened.content)
    screen(tx, found.template_id, content, _sender(found, staff), _day(tx, now))
    key = vault.person(tx.lender_id, one.person_id, persons.wrapped(tx, one.person_id))
    addressed = letter_address.addressed(tx, vault, key, one.person_id, content, actor, now)
    if isinstance(addressed, dict):
        return addressed
    point, content = addressed
    number = messages.next_id(tx)
    said = whole(content)
    prepared = sealed(
        vault, key, number, said, chance=chance, lang=found.lang, notice_id=found.notice_id,
        request=PermitRequest(
            person_id=one.person_id, loan_keys=tuple(found.loan_keys), contact_point_id=point,
            channel=_channel(tx, found, now), at=now, template_id=found.template_id,
            content_hash=sha256(said).hexdigest(), sender=_sender(found, staff),
            idempotency_key=f"letter-{one.letter_id}-{number}",
        ),
    )  # fmt: skip
    return _Ready(one, prepared, _sheet(vault, tx.lender_id, number, content))


def _permitted(post: Post, lender_id: str, ready: Sequence[_Ready], worker: str, actor: Actor) -> list[_Ready]:
    """Those that were given a permit and redeemed it; they say `sending` from here on."""
    gone = []
    most = post.gate.parameters.batch_max
    for at in range(0, len(ready), most):
        some = [
            replace(one, prepared=replace(one.prepared, request=replace(one.prepared.request, at=post.clock())))
            for one in ready[at : at + most]
        ]
        answers = queue_prepared(
            post.database, lender_id, gate=post.gate, prepared=[one.prepared for one in some], actor=actor,
            clock=post.clock,
        )  # fmt: skip
        for one, answer in zip(some, answers, strict=True):
            number = one.prepared.message_id
            if isinstance(answer, Refusal):
                _leave_out(post, lender_id, one, against(answer))
                continue
            with post.database.transaction(lender_id) as tx:
                letters.becomes(tx, one.letter.letter_id, number)
            if not begin_one(post, lender_id, number, worker):
                _drop(post, lender_id, number, actor)
                with post.database.transaction(lender_id) as tx:
                    why = messages.get(tx, number).why
                _leave_out(post, lender_id, one, dict(why or _NOT_NOW))
                continue
            gone.append(one)
    return gone


def _leave_out(post: Post, lender_id: str, one: _Ready, why: dict[str, str]) -> None:
    with post.database.transaction(lender_id) as tx:
        letters.leave_out(tx, one.letter.letter_id, why)


def _day(tx: Tx, now: datetime) -> date:
    return now.astimezone(ZoneInfo(lenders.get(tx).zone)).date()


def _channel(tx: Tx, found: Notice, now: datetime) -> Channel:
    day = _day(tx, now)
    text = lender_texts.register_for(tx).templates.get(found.template_id)
    lawyers = text is not None and not text.usable(day, Channel.LETTER) and text.usable(day, Channel.LAWYER_LETTER)
    return Channel.LAWYER_LETTER if lawyers else Channel.LETTER


def _sender(found: Notice, staff: str) -> Sender:
    who, _slash, person = found.sender.partition("/")
    kind, _colon, firm = who.partition(":")
    return Sender(SenderType(kind), firm, staff or person)


def _sheet(vault: Vault, lender_id: str, message_id: int, content: Content) -> Sheet:
    return Sheet(stop_link.name(vault, lender_id, message_id), content)
