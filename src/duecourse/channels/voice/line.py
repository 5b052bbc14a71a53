"""A line that calls: it places a call, hears who answers, holds the conversation, and keeps both legs.

A call that was placed is never placed again: whatever goes wrong after the number was dialled is raised, and nobody
knows. A provider that says no before anything rang has refused.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
import threading
import time
import unicodedata
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import phonenumbers

from duecourse.channels.contract import Handing, House, Message, NotReady, Refused, Taken, Talked
from duecourse.channels.voice import ear
from duecourse.channels.voice.desk import desk_phone, hear_each_other, taken
from duecourse.channels.voice.phone import PROGRAM, Account, Event, Phone
from duecourse.channels.voice.sound import so_far, together
from duecourse.channels.voice.speech import RATE, Sound, Speaker, joined, missing
from duecourse.channels.voice.talk import Ask, Connect, Do, Keys, Say, So, Step, conversation
from duecourse.channels.voice.words import DESK, WORDS
from duecourse.trouble import N_

PROGRAMS = (PROGRAM, "espeak-ng", "sox", "setpriv")
CUT = re.compile(r"\n(?:- ){10,}\n")
"""Between what is said before and what is said after who answered is verified, as `channels.render.text` writes it."""

PAUSE_S = 120
"""Silence behind each sound: longer than any wait, since the telephone hangs up at the end of a file."""

KEY_S = 7  # how long a first key is waited for after the sentence
NEXT_KEY_S = 4  # and the next one after each
LISTEN_S = 0.1
CROSSED_S = 0.5  # how long an answer may be on its way that crosses our hanging up
TALK_MAX_S = 900
HANDED_MAX_S = 3_600
WAIT_EACH_S = 6
_REASON = re.compile(r"\b([3-6]\d\d)\b")
BUSY = {"486": "busy", "600": "busy"}
DEAD = {"404": "not_in_service", "410": "not_in_service", "484": "not_in_service", "604": "not_in_service"}
NOT_TAKEN = {"480": "power_off", "408": "unanswered", "487": "unanswered", "603": "unanswered", "403": "unanswered"}
"""What a provider's answer says of a call that nobody took (`casework.outcomes`). Any other is the provider's no."""


class Lost(Exception):
    """The call was placed, and what became of it is not known."""


class _HungUp(Exception):
    """The other side ended the call."""


@dataclass(frozen=True, slots=True)
class Way:
    """How calls are placed. ``ring_s``: how long it may ring."""

    account: Account
    ring_s: int = 40
    detect: bool = True  # listen for an answering machine first
    country: str = "CN"  # of numbers that are written without one


def dialled(text: str, country: str) -> str:
    """A number as it is dialled, with its country; empty for what is none.

    >>> dialled("154 0000 0001", "CN"), dialled("+44 20 7946 0018", "CN"), dialled("n/a", "CN")
    ('+8615400000001', '+442079460018', '')
    """
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", text), country)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@cache
def kept() -> Path:
    """The folder of this process for sentences that name nobody; it goes with the process."""
    folder = Path(tempfile.mkdtemp(prefix="duecourse-voice-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


_FIRST = threading.Lock()


@dataclass(slots=True)
class VoiceLine:
    """A line by the settings of a lender; each call has a telephone of its own."""

    way: Way
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[int], bytes] = os.urandom

    def ready(self) -> None:
        """See that the programs are there and that the fixed sentences can be said. Raises `NotReady`."""
        if lacking := missing(PROGRAMS):
            raise NotReady(lacking, N_("it is not installed; `make system` installs it"))
        speaker = Speaker(kept())
        for lang in ("zh", "en"):
            speaker.fixed(WORDS["who"][lang], lang)
        silence()

    def send(self, message: Message) -> Taken | Refused:
        """A call is a conversation: whoever sends by this line has to hold it (`talk`)."""
        return Refused(f"message {message.reference} is to be spoken, not sent", permanent=True)

    def close(self) -> None:
        """Nothing is kept between calls."""

    def talk(self, message: Message, house: House) -> Talked | Refused:
        """Place the call and hold the conversation; raises `Lost` and whatever the house raises once it was placed."""
        number = dialled(message.to, self.way.country)
        if not number:
            return Refused("this is no number that can be dialled", permanent=True)
        opening, _, matter = CUT.sub("\0", message.text).partition("\0")
        if not opening.strip():
            return Refused("the text has no opening", permanent=True)
        with tempfile.TemporaryDirectory(prefix="duecourse-call-") as folder:
            phone = Phone(self.way.account, Path(folder), silence(), link=self.chance(16).hex())
            try:
                phone.start()
            except NotReady as error:  # nothing was dialled yet
                return Refused(str(error), permanent=False)
            return _Call(self, phone, message, house).placed(number, opening.strip(), matter.strip())


def silence() -> Path:
    """What is said while nothing is said."""
    with _FIRST:
        return _silence()


@cache
def _silence() -> Path:
    path = kept() / "silence.wav"
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes(bytes(2 * RATE * PAUSE_S))
    return path


@dataclass(slots=True)
class _Call:
    line: VoiceLine
    phone: Phone
    message: Message
    house: House
    so: So = field(default_factory=So)
    name: str = ""  # the provider's, as SIP has it
    sounds: int = 0
    ended: float = 0
    told_at: float = 0  # when who waits was last told to
    handing: Handing | None = None
    recorded: bool = True  # once somebody of the house takes the call
    recorded_to: int | None = None  # samples that are kept, where the rest is not to be recorded

    def placed(self, number: str, opening: str, matter: str) -> Talked | Refused:
        """Dial, and from then on whatever is not known is raised."""
        try:
            self.phone.dial(number)
            closed = self._answered()
            if closed is not None:
                return closed
            self.ended = self.line.clock() + TALK_MAX_S
            try:
                self._held(opening, matter)
            except _HungUp:
                self.so.done.append("hung_up")
        except NotReady as error:
            raise Lost(str(error)) from error
        finally:
            self.phone.hang_up()
            self.phone.close()
        return Talked(self.name, self.so.outcome, tuple(self.so.done), self._recording())

    def _answered(self) -> Talked | Refused | None:
        """Wait until somebody answers: None; or what became of it."""
        until = self.line.clock() + self.line.way.ring_s
        rang = False
        while (left := until - self.line.clock()) > 0:
            event = self.phone.next(left)
            if event is None:
                break
            self.name = event.call or self.name
            match event.kind:
                case "CALL_RINGING" | "CALL_PROGRESS":
                    rang = True
                case "CALL_ESTABLISHED":
                    return None
                case "CALL_CLOSED":
                    return not_taken(event.param, self.name, rang=rang)
        self.phone.hang_up()
        return self._given_up()

    def _given_up(self) -> Talked | None:
        """We hung up while it rang: nobody answered, unless somebody did at that very moment."""
        while (event := self.phone.next(CROSSED_S)) is not None:
            if event.kind == "CALL_ESTABLISHED":
                self.phone.hang_up()
                return Talked(self.name, "hung_up", ("answered_too_late",))
            if event.kind == "CALL_CLOSED":
                break
        return Talked(self.name, "unanswered", ("rang",))

    def _held(self, opening: str, matter: str) -> None:
        if self.line.way.detect and self._machine():
            self._leave_word()
            return
        # A conversation about nothing but its opening has no matter: it is said and that is all.
        talk = conversation(opening, matter, self.so, year=self.message.at.year)
        answer: str | None = None
        while True:
            try:
                step = talk.send(answer) if answer is not None else next(talk)
            except StopIteration:
                return
            answer = self._done(step)

    def _done(self, step: Step) -> str:
        match step:
            case Say(what):
                return self._said(what, most=0)
            case Keys(what, most):
                return self._said(what, most=most)
            case Ask(do, given):
                return self._asked(do, given)
            case Connect(recorded):
                self.recorded = recorded
                return self._connected()

    def _asked(self, do: Do, given: str) -> str:
        house = self.house
        match do:
            case Do.VERIFY:
                return "yes" if house.verified(given) else ""
            case Do.STOP:
                house.stop()
            case Do.DISPUTE:
                house.dispute()
            case Do.OFFER:
                return house.offer(given)
            case Do.PROMISE:
                return "yes" if house.promise(given) else ""
            case Do.PERSON:
                self.handing = house.person()
                return "" if self.handing is None else "must" if self.handing.must_record else "may"
            case Do.CALL_BACK:
                house.call_back()
        return "yes"

    def _connected(self) -> str:
        """Let telephones of the house ring in turn; whoever takes it by key is joined to the call."""
        handing = self.handing
        for one in handing.desks if handing else ():
            with tempfile.TemporaryDirectory(prefix="duecourse-desk-") as folder:
                desk = desk_phone(self.line.way.account, one.address, Path(folder), silence(), self.line.chance)
                try:
                    desk.start()
                    if self._taken(desk, one.address):
                        self.house.handed(one.staff, recorded=self.recorded)
                        return self._joined(desk)
                except NotReady:  # that telephone died, and our own with the call is as it was
                    continue
                finally:
                    desk.hang_up()
                    desk.close()
        return ""

    def _taken(self, desk: Phone, address: str) -> bool:
        lang, speaker = self.message.lang, Speaker(kept())
        asks = DESK["asks"][lang].format(case=self.handing.case if self.handing else "")
        fixed = (DESK["recorded" if self.recorded else "unrecorded"][lang], DESK["take"][lang])
        parts = [speaker.own(asks, lang, desk.folder), *(speaker.fixed(one, lang) for one in fixed)]
        asked = joined(parts, desk.folder / "asked.wav", silence_s=PAUSE_S)
        return taken(desk, address, asked, clock=self.line.clock, beside=self._waits)

    def _waits(self) -> None:
        """Whoever waits hears that now and then; raises `_HungUp` where he does not wait any more."""
        self._heard(0.02)
        if self.line.clock() >= self.told_at + WAIT_EACH_S:
            self.told_at = self.line.clock()
            self.phone.play(self._sound(("wait",)).path)

    def _joined(self, desk: Phone) -> str:
        legs = self.phone.legs()
        if legs and not self.recorded:
            self.recorded_to = min(len(so_far(leg)) for leg in legs)
        self.ended = self.line.clock() + HANDED_MAX_S
        return "yes" if hear_each_other(self.phone, desk, until=self.ended, clock=self.line.clock) else ""

    def _machine(self) -> bool:
        """Listen to who answered; keys mean a person."""
        while self.line.clock() < self.ended:
            event = self._heard(LISTEN_S)
            if event is not None and event.kind == "CALL_DTMF_START":
                return False
            legs = self.phone.legs()
            found = ear.who(so_far(legs[1])) if legs else ear.Heard.NOT_YET
            if found is not ear.Heard.NOT_YET:
                return found is ear.Heard.MACHINE
        return True

    def _leave_word(self) -> None:
        """A machine answered: what may be left there, after its tone; where nothing may be, silence and an end."""
        self.so.outcome = "voicemail"
        self.so.done.append("machine")
        text = self.house.word_to_leave()
        if not text:
            self.so.done.append("nothing_left")
            return
        legs = self.phone.legs()
        while legs and self.line.clock() < self.ended and not ear.greeted(so_far(legs[1])):
            self._heard(LISTEN_S)
        self._said(("=" + text,), most=0)
        self.so.done.append("word_left")

    def _said(self, what: Sequence[str], *, most: int) -> str:
        """Say sentences; wait for keys, which may come while they are said."""
        sound = self._sound(what)
        self.phone.play(sound.path)
        now = self.line.clock()
        until = min(now + sound.millis / 1000 + (KEY_S if most else 0), self.ended)
        pressed = ""
        while (left := until - self.line.clock()) > 0:
            event = self._heard(left)
            if event is None or event.kind != "CALL_DTMF_START" or not most:
                continue
            if event.param == "#":
                break
            pressed += event.param
            if len(pressed) == most:
                break
            until = min(self.line.clock() + NEXT_KEY_S, self.ended)
        if self.line.clock() >= self.ended:
            raise _HungUp
        return pressed

    def _heard(self, seconds: float) -> Event | None:
        event = self.phone.next(seconds)
        if event is not None and event.kind == "CALL_CLOSED":
            raise _HungUp
        return event

    def _sound(self, what: Sequence[str]) -> Sound:
        lang, folder, speaker = self.message.lang, self.phone.folder, Speaker(kept())
        parts = [
            speaker.own(one[1:], lang, folder) if one.startswith("=") else speaker.fixed(WORDS[one][lang], lang)
            for one in what
        ]
        self.sounds += 1
        return joined(parts, folder / f"say-{self.sounds}.wav", silence_s=PAUSE_S)

    def _recording(self) -> bytes:
        legs = self.phone.legs()
        return together(*(so_far(leg)[: self.recorded_to] for leg in legs)) if legs else b""


def not_taken(reason: str, name: str, *, rang: bool) -> Talked | Refused:
    """What a call that ended before anybody answered came to."""
    code = next(iter(_REASON.findall(reason)), "")
    outcome = {**BUSY, **DEAD, **NOT_TAKEN}.get(code, "unanswered" if rang else "")
    if outcome:
        return Talked(name, outcome, (f"answer_{code}" if code else "ended_ringing",))
    return Refused(reason[:200] or "the call ended before it rang", permanent=False)
