"""Live pages: whoever looks at a case or a list hears that somebody else changed it, by server-sent events.

One thread in each web process listens to PostgreSQL; streams wait on the event loop and cost no thread. A stream says
only that something changed: the page asks for the news itself, under the rights it has by then. A stream ends after a
while, so that a session that was ended hears nothing more; browsers open it again by themselves.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from threading import Lock, Thread
from time import sleep

import psycopg
from starlette.responses import Response, StreamingResponse

from duecourse.casework.rights import Right
from duecourse.storage import cases, changes
from duecourse.storage.changes import Change
from duecourse.web.page import Pages
from duecourse.web.visit import Visit

pages = Pages("workbench")

LASTS_S = 50
BEAT_S = 15
AGAIN_S = 2
STREAMS_MAX = 400
EVENTS = "text/event-stream"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class Listener:
    """Who waits, and of whom it wants to hear: one person, or anybody (None). One's own acts are no news."""

    loop: asyncio.AbstractEventLoop = field(repr=False)
    lender_id: str
    person: int | None
    ref: str  # the listener, as records name an actor, without the role

    def concerned(self, change: Change) -> bool:
        """Whether a change is news."""
        mine = self.lender_id == change.lender_id and self.person in {None, change.person_id}
        return mine and change.by.partition(":")[2] != self.ref


class Ears:
    """One listener on a database, and who waits to hear of which person."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = Lock()
        self._waiting: dict[asyncio.Event, Listener] = {}
        self._thread: Thread | None = None

    def wait_for(self, event: asyncio.Event, listener: Listener) -> bool:
        """Have an event set when there is something for a listener to hear; False if too many wait."""
        with self._lock:
            if len(self._waiting) >= STREAMS_MAX:
                return False
            self._waiting[event] = listener
            if self._thread is None:
                self._thread = Thread(target=self._listen, daemon=True, name="hears changes")
                self._thread.start()
        return True

    def forget(self, event: asyncio.Event) -> None:
        """Nobody waits by this event any more."""
        with self._lock:
            self._waiting.pop(event, None)

    def _listen(self) -> None:
        while True:
            try:
                for change in changes.heard(self._url, timeout_s=BEAT_S):
                    if change is not None:
                        self._pass_on(change)
                    elif self._idle():
                        return
            except psycopg.OperationalError:
                sleep(AGAIN_S)  # the server restarts; what was missed meanwhile is seen when the page is opened again
                if self._idle():
                    return

    def _idle(self) -> bool:
        """End the listener when nobody waits; the next who does starts another."""
        with self._lock:
            if not self._waiting:
                self._thread = None
                return True
        return False

    def _pass_on(self, change: Change) -> None:
        with self._lock:
            for event, listener in self._waiting.items():
                if listener.concerned(change):
                    listener.loop.call_soon_threadsafe(event.set)


_EARS: dict[str, Ears] = {}


@pages.get("/live/cases/{case}", right=Right.CASE_READ)
def case_changes(visit: Visit) -> Response:
    """Tell when something about a case's person changes."""
    with visit.transaction() as tx:
        person = cases.get(tx, visit.number("case", visit.path)).person_id
    return _stream(visit, person)


@pages.get("/live/worklist", right=Right.CASE_READ)
def list_changes(visit: Visit) -> Response:
    """Tell when something about anybody's case changes."""
    return _stream(visit, None)


def _stream(visit: Visit, person: int | None) -> Response:
    if EVENTS not in visit.request.headers.get("accept", ""):
        return Response(status_code=204)
    url = visit.parts.database.url
    ears = _EARS.setdefault(url, Ears(url))
    return StreamingResponse(
        _told(ears, visit.lender_id, person, visit.signed.ref), media_type=EVENTS, headers=_HEADERS
    )


async def _told(ears: Ears, lender_id: str, person: int | None, ref: str) -> AsyncIterator[str]:
    event = asyncio.Event()
    if not ears.wait_for(event, Listener(asyncio.get_running_loop(), lender_id, person, ref)):
        yield "retry: 30000\n\n"
        return
    try:
        yield f"retry: {AGAIN_S * 1000}\n\n"
        for _ in range(LASTS_S // BEAT_S + 1):
            try:
                await asyncio.wait_for(event.wait(), BEAT_S)
            except TimeoutError:
                yield ": here\n\n"
                continue
            event.clear()
            yield "event: changed\ndata: 1\n\n"
    finally:
        ears.forget(event)
