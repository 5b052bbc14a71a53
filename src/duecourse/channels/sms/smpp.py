"""Handing a text to a message centre by SMPP 3.4, and knowing exactly what it may have got.

Nothing has left us until a submission was written; then only the centre's answer tells. Of a message in several parts
the first goes alone: where it is refused, nothing of the message was taken. A part that was certainly refused for now
(throttled, its queue full) is offered again for a moment, since without it the person has a torn text. Where some parts
were taken and others not, nobody can say what the person reads: that is no answer, and the message is unknown.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from zlib import crc32

from duecourse.channels.contract import Heard, Message, NotReady, Receipt, Refused, Result, Take, Taken
from duecourse.channels.sms.alphabet import Alphabet, split
from duecourse.channels.sms.link import Answer, Centre, Link, Lost, Unsent
from duecourse.channels.sms.pdu import (
    Address,
    Command,
    Garbled,
    Pdu,
    Status,
    bind,
    message_id,
    named,
    read_deliver,
    submit,
)
from duecourse.channels.sms.receipt import is_receipt, read_receipt, read_written
from duecourse.trouble import masked

_LATER = frozenset({Status.THROTTLED, Status.QUEUE_FULL})
_NEVER = frozenset(
    {Status.INVALID_LENGTH, Status.INVALID_SOURCE, Status.INVALID_DESTINATION, Status.INVALID_TON, Status.INVALID_NPI}
)
_GIVEN_UP = 0x65  # of a receiver: it will never take this
QUIET_S = 30.0
"""After so long without a word a line is asked whether it lives."""

AGAIN_S, AGAIN_MAX_S = 0.1, 3.0
"""What was refused for now is offered again after so long, each time twice as long, for no longer than the second."""

_CODINGS = {Alphabet.GSM7: 0x00, Alphabet.UCS2: 0x08}
_WHY_MAX = 300


@dataclass(frozen=True, slots=True)
class Account:
    """Who we are at the centre, and how texts are written for it."""

    system_id: str
    password: str = field(repr=False)
    system_type: str
    source: Address
    reference_bits: int  # 8 or 16
    parts_max: int
    only: Alphabet | None
    dead: frozenset[str]  # the centre's codes for numbers that nobody has


class NoAnswer(Exception):
    """The centre may have the message, and did not say so."""


class PartlyTaken(Exception):
    """Some parts of a message were taken, others were not."""


class Smpp:
    """One line to a centre, kept from message to message."""

    def __init__(self, centre: Centre, account: Account) -> None:
        self._centre, self._account = centre, account
        self._link: Link | None = None
        self._take: Take | None = None
        self._opening = threading.Lock()

    def heard_by(self, take: Take) -> None:
        """Receipts and replies come by this line too, if it is opened after this."""
        self._take = take

    def ready(self) -> None:
        """Connect, prove the certificate, bind; or see that the line lives. Raises `NotReady`."""
        with self._opening:
            if self._link is not None:
                if self._lives(self._link):
                    return
                self.close()
            self._link = self._bound()

    def send(self, message: Message) -> Taken | Refused:
        """Hand it over once."""
        found = self.send_all([message], time.monotonic() + self._centre.seconds)[0]
        if isinstance(found, Exception):
            raise found
        return found

    def send_all(self, messages: Sequence[Message], until: float) -> list[Result]:
        """Hand each over once, all of them in the window together."""
        try:
            if self._link is None or self._link.broken is not None:
                self.ready()
        except NotReady as error:
            return [Refused(str(error)[:_WHY_MAX], permanent=False) for _ in messages]
        made = [self._made(one) for one in messages]
        found: list[Result | None] = [one if isinstance(one, Refused) else None for one in made]
        open_ = {place: one for place, one in enumerate(made) if not isinstance(one, Refused)}
        firsts = self._offered([one[0] for one in open_.values()], until)
        rest: list[bytes] = []
        for (_place, bodies), first in zip(open_.items(), firsts, strict=True):
            rest += bodies[1:] if _name(first) else ()
        # The rest of a message that was begun is finished, whatever the hour: half of it would be worse.
        others = iter(self._offered(rest, time.monotonic() + AGAIN_MAX_S) if rest else ())
        for (place, bodies), first in zip(open_.items(), firsts, strict=True):
            answers = [first, *(next(others) for _ in bodies[1:])] if _name(first) else [first]
            found[place] = _result(answers, messages[place].to)
        return [one for one in found if one is not None]

    def close(self) -> None:
        """Take leave."""
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def _lives(self, link: Link) -> bool:
        if link.broken is not None:
            return False
        if time.monotonic() - link.heard_at < QUIET_S:
            return True
        return isinstance(link.ask(Command.ENQUIRE_LINK, [b""])[0], Pdu)

    def _bound(self) -> Link:
        place, account = f"{self._centre.host}:{self._centre.port}", self._account
        command = Command.BIND_TRANSMITTER if self._take is None else Command.BIND_TRANSCEIVER
        try:
            link = Link(self._centre, self._delivered)
        except (OSError, ValueError) as error:
            raise NotReady(place, _told(error)) from error
        answer = link.ask(command, [bind(account.system_id, account.password, account.system_type)])[0]
        if isinstance(answer, Pdu) and answer.status == Status.OK:
            return link
        link.close()
        raise NotReady(place, named(answer.status) if isinstance(answer, Pdu) else _told(answer))

    def _made(self, message: Message) -> list[bytes] | Refused:
        """The submissions of a message; a refusal where it cannot be one."""
        account = self._account
        digits = message.to.removeprefix("+")
        if not (digits.isascii() and digits.isdecimal() and 3 <= len(digits) <= 20):
            return Refused("the number is none that a text can go to", permanent=True)
        if message.attachments:
            return Refused("a text message takes no files", permanent=True)
        found = split(message.text.strip(), bits=account.reference_bits, only=account.only)
        many = len(found.parts)
        if not found.units or many > account.parts_max:
            return Refused(f"a text of {many} parts, and at most {account.parts_max} go", permanent=True)
        number = _number(message.reference)
        to = Address(1 if message.to.startswith("+") else 0, 1, digits)
        return [
            submit(
                account.source, to, number=number, coding=_CODINGS[found.alphabet], header=many > 1,
                message=(_header(number, account.reference_bits, many, place) if many > 1 else b"") + part,
            )
            for place, part in enumerate(found.parts, 1)
        ]  # fmt: skip

    def _offered(self, bodies: Sequence[bytes], until: float) -> list[Answer]:
        """Submit, and offer again what was refused for now and nothing else."""
        link = self._link
        found: list[Answer] = [Unsent() for _ in bodies]
        left, pause = list(range(len(bodies))), AGAIN_S
        end = min(until, time.monotonic() + AGAIN_MAX_S)
        while left and link is not None and time.monotonic() < until:
            for place, answer in zip(
                left, link.ask(Command.SUBMIT, [bodies[at] for at in left], until=until), strict=True
            ):
                found[place] = answer
            left = [at for at in left if isinstance(one := found[at], Pdu) and one.status in _LATER]
            if not left or time.monotonic() + pause > end:
                break
            time.sleep(pause)  # the centre asked for it
            pause *= 2
        return found

    def _delivered(self, units: Sequence[Pdu]) -> list[int]:
        """Keep what came; the centre is told to bring again what could not be kept."""
        read: dict[int, Receipt | Heard] = {}
        for place, unit in enumerate(units):
            with suppress(Garbled):
                one = read_deliver(unit.body)
                read[place] = read_receipt(one, self._account.dead) if is_receipt(one) else read_written(one)
        kept: int = Status.OK
        try:
            if self._take is None:
                kept = Status.TRY_LATER
            elif read:
                self._take(list(read.values()))
        except Exception:  # noqa: BLE001 - whatever stands against it, it is not kept
            kept = Status.TRY_LATER
        return [kept if place in read else _GIVEN_UP for place in range(len(units))]


def _number(reference: str) -> int:
    """Our number for a message, of 16 bits."""
    last = reference.rpartition(".")[2]
    return (int(last) if last.isascii() and last.isdecimal() else crc32(reference.encode())) % 65_536


def _header(number: int, bits: int, many: int, place: int) -> bytes:
    """The user data header that holds the parts of one message together."""
    if bits == 8:
        return bytes([5, 0x00, 3, number % 256, many, place])
    return bytes([6, 0x08, 4, *divmod(number, 256), many, place])


def _name(answer: Answer) -> str:
    """The centre's name for a part that it took; empty for any other answer."""
    if not isinstance(answer, Pdu) or answer.status != Status.OK:
        return ""
    return message_id(answer.body) or "-"


def _result(answers: Sequence[Answer], to: str) -> Result:
    """What became of a message, of what became of its parts."""
    names = [_name(one) for one in answers]
    if all(names):
        return Taken(" ".join(names)[:500], tuple(one for one in names if one != "-"))
    said = [_said(one) for one in answers if not _name(one)]
    why = masked(said[0].replace(to.removeprefix("+"), "***"))[:_WHY_MAX]
    if any(names):
        return PartlyTaken(f"{sum(map(bool, names))} of {len(names)} parts were taken; {why}")
    if any(isinstance(one, Lost) for one in answers):
        return NoAnswer(why)
    never = all(isinstance(one, Pdu) and one.status in _NEVER for one in answers)
    return Refused(why, permanent=never)


def _said(answer: Answer) -> str:
    if isinstance(answer, Pdu):
        return named(answer.status)
    return "not handed over in time" if isinstance(answer, Unsent) else f"no answer ({answer})"


def _told(error: BaseException) -> str:
    return masked(f"{type(error).__name__}: {str(error).partition(chr(10))[0]}")[:_WHY_MAX]


def names_of(settings: Mapping[str, str]) -> frozenset[str]:
    """A list of codes as a setting has it."""
    return frozenset(one.strip() for one in settings["dead_codes"].split(",") if one.strip())
