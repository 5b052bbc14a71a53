"""A call that somebody of the house makes: his own telephone rings first, then the other's, and both are joined.

The number is asked for at the instant of dialling, after he took his telephone: no number is known before the law was
asked for this very instant. He does not see it, and the caller's number is the lender's one number.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from duecourse.channels.contract import Desk, NotReady, Refused, Talked
from duecourse.channels.voice.desk import desk_phone, hear_each_other, taken
from duecourse.channels.voice.line import HANDED_MAX_S, PAUSE_S, Lost, VoiceLine, dialled, kept, not_taken, silence
from duecourse.channels.voice.phone import Phone
from duecourse.channels.voice.sound import so_far, together
from duecourse.channels.voice.speech import Speaker, joined
from duecourse.channels.voice.words import DESK

EACH_S = 0.05


class Caller(Protocol):
    """What such a call asks of whoever makes it; each thing is on record when it returns."""

    def number(self) -> str:
        """The number to dial, now that the desk is there; empty where the law or a pause says no."""

    def talking(self) -> None:
        """Both hear each other from now on."""


class _HungUp(Exception):
    """Whoever calls gave up."""


@dataclass(frozen=True, slots=True)
class NotDialled:
    """Nobody was called: the desk's telephone was not taken, or the number was not given."""

    taken: bool


def connect(line: VoiceLine, *, desk: Desk, case: int, lang: str, caller: Caller) -> Talked | Refused | NotDialled:
    """Make one call; raises `Lost` and whatever the caller raises once the number was dialled."""
    with (
        tempfile.TemporaryDirectory(prefix="duecourse-desk-") as own,
        tempfile.TemporaryDirectory(prefix="duecourse-call-") as other,
    ):
        account = line.way.account
        phones = (
            desk_phone(account, desk.address, Path(own), silence(), line.chance),
            Phone(account, Path(other), silence(), link=line.chance(16).hex()),
        )
        try:
            for one in phones:
                one.start()
            return _Made(line, *phones, lang, caller).made(desk.address, case)
        except NotReady as error:
            return Refused(str(error), permanent=False)
        finally:
            for one in reversed(phones):
                one.hang_up()
                one.close()


@dataclass(slots=True)
class _Made:
    line: VoiceLine
    desk: Phone
    phone: Phone
    lang: str
    caller: Caller
    name: str = ""
    done: list[str] = field(default_factory=list)

    @property
    def clock(self) -> Callable[[], float]:
        return self.line.clock

    def made(self, address: str, case: int) -> Talked | Refused | NotDialled:
        speaker = Speaker(kept())
        asks = [
            speaker.own(DESK["calls"][self.lang].format(case=case), self.lang, self.desk.folder),
            speaker.fixed(DESK["begin"][self.lang], self.lang),
        ]
        asked = joined(asks, self.desk.folder / "asked.wav", silence_s=PAUSE_S)
        if not taken(self.desk, address, asked, clock=self.clock, beside=lambda: None):
            return NotDialled(taken=False)
        self._say("dialling")
        number = dialled(self.caller.number(), self.line.way.country)
        if not number:
            self._say("refused", wait=True)
            return NotDialled(taken=True)
        try:
            return self._dialled(number)
        except NotReady as error:
            raise Lost(str(error)) from error

    def _dialled(self, number: str) -> Talked | Refused:
        self.phone.dial(number)
        try:
            closed = self._answered()
        except _HungUp:
            self.phone.hang_up()
            return Talked(self.name, "unanswered", ("given_up",))
        if closed is not None:
            self._say("nobody", wait=True)
            return closed
        self.caller.talking()
        if not hear_each_other(self.phone, self.desk, until=self.clock() + HANDED_MAX_S, clock=self.clock):
            self.done.append("not_joined")
        legs = self.phone.legs()
        return Talked(
            self.name, "connected", (*self.done, "talked"), together(*map(so_far, legs)) if legs else b""
        )  # fmt: skip

    def _answered(self) -> Talked | Refused | None:
        """Wait until somebody answers: None; or what became of it. Raises `_HungUp` where the desk gave up."""
        until, rang = self.clock() + self.line.way.ring_s, False
        while self.clock() < until:
            given_up = self.desk.next(EACH_S)
            if given_up is not None and given_up.kind == "CALL_CLOSED":
                raise _HungUp
            event = self.phone.next(EACH_S)
            if event is None:
                continue
            self.name = event.call or self.name
            if event.kind in {"CALL_RINGING", "CALL_PROGRESS"}:
                rang = True
            if event.kind == "CALL_ESTABLISHED":
                return None
            if event.kind == "CALL_CLOSED":
                return not_taken(event.param, self.name, rang=rang)
        self.phone.hang_up()
        return Talked(self.name, "unanswered", ("rang",))

    def _say(self, what: str, *, wait: bool = False) -> None:
        """Say something to the desk; ``wait`` until it is said, or the desk hangs up."""
        said = joined(
            [Speaker(kept()).fixed(DESK[what][self.lang], self.lang)], self.desk.folder / f"{what}.wav",
            silence_s=PAUSE_S,
        )  # fmt: skip
        self.desk.play(said.path)
        until = self.clock() + (said.millis / 1000 if wait else 0)
        while self.clock() < until:
            event = self.desk.next(EACH_S)
            if event is not None and event.kind == "CALL_CLOSED":
                return
