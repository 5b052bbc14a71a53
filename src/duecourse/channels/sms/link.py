"""One connection to a message centre: units written in a window, answers matched by number, what it sends answered.

A thread of the connection reads; whoever asks waits for his answers. The line is kept from message to message and
lives on while nothing is sent, since receipts and replies come by it.
"""

from __future__ import annotations

import math
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from duecourse.channels.sms.pdu import ANSWER, Command, Garbled, Pdu, Status, take

CHUNK = 65_536
_CLOSING_S = 2.0


@dataclass(frozen=True, slots=True)
class Centre:
    """The lender's account at a message centre."""

    host: str
    port: int
    context: ssl.SSLContext | None  # None: without TLS
    seconds: int  # that the centre may take for one answer
    window: int  # units that may be without an answer at a time


class Lost(Exception):
    """The centre may have got a unit, and its answer did not come."""


class Unsent(Exception):
    """A unit that certainly did not leave us."""


Answer = Pdu | Lost | Unsent


@dataclass(slots=True)
class _Asked:
    answers: dict[int, Pdu] = field(default_factory=dict)  # by number
    open: set[int] = field(default_factory=set)


_LOOK_MS = 500


def _wait(line: socket.socket, what: int) -> None:
    """Until the line may be read or written, or half a second has passed."""
    place = line.fileno()
    if place < 0:
        raise OSError("the line is closed")
    poll = select.poll()
    poll.register(place, what)
    poll.poll(_LOOK_MS)


class Link:
    """A connection, from opening to closing. ``deliver`` answers what the centre delivers, each with a status."""

    def __init__(self, centre: Centre, deliver: Callable[[Sequence[Pdu]], list[int]]) -> None:
        self._centre, self._deliver = centre, deliver
        self._there = threading.Condition()
        self._writing = threading.Lock()
        self._using = threading.Lock()  # a TLS session is used by one thread at a time
        self._asked = _Asked()
        self._number = 0
        self._broken: str | None = None
        self.heard_at = time.monotonic()
        raw = socket.create_connection((centre.host, centre.port), timeout=centre.seconds)
        try:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            wrapped = centre.context.wrap_socket(raw, server_hostname=centre.host) if centre.context else raw
        except BaseException:
            raw.close()
            raise
        wrapped.settimeout(0)
        self._socket = wrapped
        threading.Thread(target=self._read, name="sms line", daemon=True).start()

    @property
    def broken(self) -> str | None:
        """Why the line is of no use any more; None while it is."""
        return self._broken

    def ask(self, command: Command, bodies: Sequence[bytes], *, until: float = math.inf) -> list[Answer]:
        """Write units, no more than the window without an answer, and wait for all answers.

        Each has the centre's time. A line on which one did not come is closed. None is written after ``until``.
        """
        found: list[Answer] = [Unsent() for _ in bodies]
        places: dict[int, int] = {}
        following = 0
        deadline = time.monotonic() + self._centre.seconds
        while following < len(bodies) or places:
            if time.monotonic() > until:
                bodies = bodies[:following]  # what is under way is waited for
                if not places:
                    break
            room = self._centre.window - len(places)
            if following < len(bodies) and room > 0 and self._broken is None:
                units = []
                for body in bodies[following : following + room]:
                    unit = Pdu(command, 0, self._next(), body)
                    places[unit.number] = following
                    found[following] = Lost("no answer")
                    units.append(unit)
                    following += 1
                self._write(*units)
            answers = self._await(set(places), deadline)
            for answer in answers:
                found[places.pop(answer.number)] = answer
            if answers:
                deadline = time.monotonic() + self._centre.seconds
            elif self._broken is None and places:
                self._break("no answer in time")
            if self._broken is not None and not answers:
                break
        with self._there:
            self._asked.open -= set(places)
        return [Lost(self._broken or "") if isinstance(one, Lost) else one for one in found]

    def close(self) -> None:
        """Take leave, politely where the centre still listens."""
        if self._broken is None:
            with suppress(OSError):
                unit = Pdu(Command.UNBIND, 0, self._next())
                self._write(unit)
                self._await({unit.number}, time.monotonic() + _CLOSING_S)
        self._break("closed")

    def _next(self) -> int:
        with self._there:
            self._number = self._number % 0x7FFF_FFFF + 1
            self._asked.open.add(self._number)
            return self._number

    def _write(self, *units: Pdu) -> None:
        left = memoryview(b"".join(one.raw() for one in units))
        until = time.monotonic() + self._centre.seconds
        try:
            with self._writing:
                while left:
                    try:
                        with self._using:
                            left = left[self._socket.send(left) :]
                    except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                        if time.monotonic() > until:
                            self._break("the centre reads nothing")
                            return
                        _wait(self._socket, select.POLLOUT)
        except (OSError, ValueError) as error:
            self._break(f"{type(error).__name__}: {error}")

    def _recv(self) -> bytes:
        """What has arrived; waits for it. Empty where the centre hung up."""
        while True:
            try:
                with self._using:
                    return self._socket.recv(CHUNK)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                if self._broken is not None:
                    return b""
                _wait(self._socket, select.POLLIN)

    def _await(self, numbers: set[int], until: float) -> list[Pdu]:
        """The answers to some of these that are there; waits for the first, or for the line's end."""
        with self._there:
            while not (there := numbers & self._asked.answers.keys()):
                left = until - time.monotonic()
                if self._broken is not None or left <= 0:
                    return []
                self._there.wait(left)
            return [self._asked.answers.pop(number) for number in there]

    def _break(self, why: str) -> None:
        with self._there:
            if self._broken is None:
                self._broken = why
            self._there.notify_all()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            self._socket.close()

    def _read(self) -> None:
        buffer = bytearray()
        try:
            while chunk := self._recv():
                buffer += chunk
                self.heard_at = time.monotonic()
                units = []
                while (unit := take(buffer)) is not None:
                    units.append(unit)
                self._answered([one for one in units if one.command & ANSWER])
                self._serve(units)
            self._break("the centre hung up")
        except (OSError, Garbled, ValueError) as error:
            self._break(f"{type(error).__name__}: {error}")

    def _answered(self, units: Sequence[Pdu]) -> None:
        with self._there:
            for one in units:
                if one.number in self._asked.open:
                    self._asked.open.discard(one.number)
                    self._asked.answers[one.number] = one
            self._there.notify_all()

    def _serve(self, units: Sequence[Pdu]) -> None:
        """Answer what the centre asks; what it delivers together is taken together."""
        delivered = [one for one in units if one.command == Command.DELIVER]
        answers = [
            Pdu(Command.DELIVER | ANSWER, status, one.number, b"\0")
            for one, status in zip(delivered, self._deliver(delivered) if delivered else (), strict=True)
        ]
        left = False
        for one in units:
            if one.command in {Command.ENQUIRE_LINK, Command.UNBIND}:
                answers.append(Pdu(one.command | ANSWER, Status.OK, one.number))
                left = left or one.command == Command.UNBIND
            elif not one.command & ANSWER and one.command != Command.DELIVER:
                answers.append(Pdu(Command.NACK, Status.INVALID_COMMAND, one.number))
        if answers:
            self._write(*answers)
        if left:
            self._break("the centre took leave")
