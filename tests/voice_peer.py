"""Telephones that are not ours at the other end of a call: a second baresip, and sipp by its scenarios.

The callee listens to what comes in and presses keys when it is spoken to, as a person does: nothing is timed by hope.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
import time
import wave
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from duecourse.channels.contract import Desk, Handing
from duecourse.channels.voice.line import silence
from duecourse.channels.voice.phone import Account, Event, Phone, two_ports
from duecourse.channels.voice.sound import FRAME_MS, RATE, VOICE, levels, so_far

PROGRAMS = ("baresip", "sipp", "espeak-ng", "sox", "setpriv")
TURN_S = 30
HEARD_MS = 400
"""So long the callee is spoken to before it presses the next key."""


@dataclass
class Callee:
    """A telephone that takes each call, says ``greeting`` if it has one, and presses ``keys``, a turn each.

    A turn ``hang up`` hangs up.
    """

    port: int
    turns: Sequence[str]
    phone: Phone
    calls: int = 0
    events: list[Event] = field(default_factory=list)
    heard_ms: int = 0
    missed: list[str] = field(default_factory=list)

    def heard(self) -> list[int]:
        """How loud each frame was that came in, of the latest call."""
        legs = self.phone.legs()
        return [int(one) for one in levels(so_far(legs[1]))] if legs else []

    def settings(self, **more: str) -> dict[str, str]:
        """How a lender is set up to call by it."""
        return {"host": "127.0.0.1", "port": str(self.port), "caller": "+864001234567", "ring_seconds": "10", **more}


@contextmanager
def callee(
    *turns: str, greeting: Path | None = None, numbers: Sequence[int] = (1, 2, 3), users: Sequence[str] = ()
) -> Iterator[Callee]:
    """A baresip that answers for these borrowers' numbers, or ``users``; its thread ends with the block."""
    own, *also = users or [f"+8615400000{number:03d}" for number in numbers]
    over = threading.Event()
    with tempfile.TemporaryDirectory(prefix="callee-") as folder:
        account = Account(own, "127.0.0.1", 0, answer=True, also=tuple(also))
        with Phone(account, Path(folder), greeting or silence()) as phone:
            found = Callee(phone.sip, turns, phone)
            thread = threading.Thread(target=_answers, args=(phone, found, over), daemon=True)
            thread.start()
            try:
                yield found
            finally:
                over.set()
                thread.join()


def _answers(phone: Phone, found: Callee, over: threading.Event) -> None:
    left: list[str] = []
    begin = 0
    while not over.is_set():
        event = phone.next(0.05)
        if event is not None:
            found.events.append(event)
            if event.kind == "CALL_ESTABLISHED":
                found.calls += 1
                left, begin = list(found.turns), 0
            if event.kind == "CALL_CLOSED":
                found.missed += left
                left = []
            continue
        legs = phone.legs()
        if not legs or not left:
            continue
        loud = levels(so_far(legs[1])[begin:]) > VOICE
        found.heard_ms = int(loud.sum()) * FRAME_MS
        if found.heard_ms < HEARD_MS:
            continue
        turn = left.pop(0)
        if turn.startswith("hear "):  # go on hearing for so many milliseconds of sound
            begin_wait = begin
            while not over.is_set() and int((levels(so_far(legs[1])[begin_wait:]) > VOICE).sum()) * FRAME_MS < int(
                turn[5:]
            ):
                if (event := phone.next(0.05)) is not None and event.kind == "CALL_CLOSED":
                    left.clear()
                    break
        elif turn == "hang up":
            phone.hang_up()
        else:
            phone.press(turn)
        # The next turn is when something new is said: what was being said goes on for a moment.
        begin = len(so_far(legs[1])) + RATE * 3 // 10


@dataclass
class House:
    """A house that says yes to one date of birth, takes every promise, and writes down what it was asked."""

    word: str = ""
    desks: tuple[Desk, ...] = ()
    must_record: bool = True
    asked: list[str] = field(default_factory=list)

    def verified(self, digits: str) -> bool:
        self.asked.append(f"verify {digits}")
        return digits == "19900517"

    def stop(self) -> None:
        self.asked.append("stop")

    def dispute(self) -> None:
        self.asked.append("dispute")

    def offer(self, due: str) -> str:
        return f"您承诺还款。|{due}"

    def promise(self, due: str) -> bool:
        self.asked.append(f"promise {due}")
        return True

    def person(self) -> Handing | None:
        return Handing(self.desks, 12, must_record=self.must_record) if self.desks else None

    def handed(self, staff: str, *, recorded: bool) -> None:
        self.asked.append(f"handed {staff} {'recorded' if recorded else 'unrecorded'}")

    def call_back(self) -> None:
        self.asked.append("call back")

    def word_to_leave(self) -> str:
        return self.word


def share_at_end(levels: list[int], seconds: int, *, over: int = VOICE) -> int:
    """Of the last seconds in which anything was heard, the share of frames that are loud, in percent."""
    last = max((place for place, one in enumerate(levels) if one > over), default=0) + 1
    part = levels[max(0, last - seconds * 1000 // FRAME_MS) : last]
    return sum(one > over for one in part) * 100 // max(1, len(part))


def tone(path: Path, *parts: tuple[str, int], behind_s: int = 60) -> Path:
    """A greeting of ``voice``, ``beep`` and ``silence``, each for so many milliseconds, and silence behind."""
    found = []
    chance = np.random.default_rng(7)
    for kind, millis in parts:
        many = RATE * millis // 1000
        at = np.arange(many) / RATE
        if kind == "beep":
            found.append(9_000 * np.sin(2 * np.pi * 1_000 * at))
        elif kind == "voice":  # many pitches at once, as loud and as uneven as speech
            found.append(chance.normal(0, 2_500, many) * (0.7 + 0.3 * np.sin(2 * np.pi * 4 * at)))
        else:
            found.append(np.zeros(many))
    found.append(np.zeros(RATE * behind_s))
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes(np.concatenate(found).astype("<i2").tobytes())
    return path


_ANSWERS = {"busy": "486 Busy Here", "rejects": "603 Decline", "nobody": "404 Not Found",
            "off": "480 Temporarily Unavailable", "broken": "503 Service Unavailable"}  # fmt: skip


def _said(first: str, *, to: str = ";tag=[call_number]", more: str = "") -> str:
    head = ("[last_Via:]", "[last_From:]", f"[last_To:]{to}", "[last_Call-ID:]", "[last_CSeq:]")
    lines = (f"SIP/2.0 {first}", *head, *([more] if more else []), "Content-Length: 0", "", "")
    return f"<send><![CDATA[{chr(10).join(lines)}]]></send>"


@contextmanager
def sipp(folder: Path, mood: str) -> Iterator[int]:
    """Sipp as a provider that answers each call as its mood is; gives its port."""
    ringing = _said("180 Ringing", more="Contact: <sip:[local_ip]:[local_port]>")
    if mood == "rings":
        end = '<recv request="CANCEL"/>' + _said("200 OK", to="")
    else:
        end = _said(_ANSWERS[mood]) + '<recv request="ACK"/>'
    scenario = folder / f"{mood}.xml"
    scenario.write_text(
        f'<?xml version="1.0" encoding="ISO-8859-1"?>\n<scenario name="{mood}"><recv request="INVITE"/>'
        f"{'' if mood == 'broken' else ringing}{end}</scenario>"
    )
    port = two_ports("127.0.0.1")
    with subprocess.Popen(
        [shutil.which("sipp") or "sipp", "-sf", str(scenario), "-i", "127.0.0.1", "-p", str(port), "-nostdin"],
        cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        until = time.monotonic() + 10
        while time.monotonic() < until and f":{port:04X} " not in Path("/proc/net/udp").read_text():
            time.sleep(0.02)
        try:
            yield port
        finally:
            process.kill()
