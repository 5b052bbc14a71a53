"""Permits that are asked for at the same time, answered in one transaction.

A transaction costs about as much as a permit in it does. So requests that arrive while others are being answered go
together in the next transaction, as PostgreSQL itself lets commits wait for one another. The law sees no difference:
each request has its own locks, facts, decision and record, and sees those granted before it. Locks are tried, not
waited for: whoever's counters are held by somebody else is answered alone by `permits.request_permit`, so that nobody
waits for the telephone of another.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from time import sleep

import psycopg
from psycopg import errors

from duecourse.casework.actor import Actor
from duecourse.casework.gate import Gate
from duecourse.casework.permit import Answer, PermitRequest
from duecourse.casework.permits import Clock, answer_free, request_permit
from duecourse.storage.connection import Database, NoDatabase
from duecourse.trouble import Trouble

MOST = 32
"""Requests answered in one transaction; the others wait for the next."""

FLIGHTS = 2
"""Transactions of one lender at a time: while one waits for PostgreSQL, the other decides."""

FULL = 16
"""So many waiting make a second transaction worth its price: what it costs by itself is that of some three permits."""

FEW = 8
"""With no more than so many about, nobody waits for company: there is room for all."""

LINGERS_S = 0.001
"""After an answer to many the next transaction begins so much later: most of them ask again at once and go together."""

ALONE = 6
"""Requests whose counters are held by others and that wait for them at the same time, each in a thread.

One more waits for a thread, as one does whose lender has more connections asked for than there are.
"""

CONNECTIONS = FLIGHTS + ALONE
"""Connections that are used beside those of other acts, as long as requests of one lender come."""

_LENDERS = 4
"""Lenders whose requests are answered at the same time; more of them take turns."""


_PASSING = (errors.DeadlockDetected, errors.LockNotAvailable, errors.QueryCanceled)
"""Trouble that PostgreSQL has with what goes on beside; asked alone, each waits as long as it may."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    request: PermitRequest
    actor: Actor
    answer: Future[Answer] = field(default_factory=Future)


class Together:
    """Takes requests from many threads or from an event loop. One for each process; close it at the end."""

    def __init__(self, database: Database, *, gate: Gate, clock: Clock) -> None:
        self._database, self._gate, self._clock = database, gate, clock
        self._waiting: defaultdict[str, deque[_Waiting]] = defaultdict(deque)
        self._under_way: Counter[str] = Counter()
        self._aloft: Counter[str] = Counter()  # requests of the transactions under way
        self._lock = Lock()
        self._flights = ThreadPoolExecutor(FLIGHTS * _LENDERS, thread_name_prefix="permits")
        self._alone = ThreadPoolExecutor(ALONE, thread_name_prefix="permit alone")

    def close(self) -> None:
        """Answer what was asked, then take no more."""
        self._flights.shutdown()
        self._alone.shutdown()

    def ask(self, lender_id: str, *, request: PermitRequest, actor: Actor) -> Future[Answer]:
        """The answer to come; it raises what `permits.request_permit` raises."""
        one = _Waiting(request, actor)
        with self._lock:
            self._waiting[lender_id].append(one)
            starts = self._may_start(lender_id, self._under_way[lender_id])
            self._under_way[lender_id] += starts
        if starts:
            self._flights.submit(self._fly, lender_id)
        return one.answer

    def _fly(self, lender_id: str) -> None:
        """One transaction; then whoever waits for this lender goes next, after the other lenders' turn."""
        while taken := self._take(lender_id):
            try:
                self._answer(lender_id, taken)
                if len(taken) > FEW:
                    sleep(LINGERS_S)
            finally:
                with self._lock:
                    self._aloft[lender_id] -= len(taken)
            try:
                self._flights.submit(self._fly, lender_id)
            except RuntimeError:  # closing: what was asked is answered here
                continue
            return

    def _may_start(self, lender_id: str, others: int) -> bool:
        """Whether another transaction goes beside those under way, or leaves who waits to the next of them."""
        waiting = len(self._waiting[lender_id])
        few = waiting + self._aloft[lender_id] <= FEW
        return others == 0 or (others < FLIGHTS and (few or waiting >= FULL))

    def _take(self, lender_id: str) -> list[_Waiting]:
        """Who goes next; without anybody the flight ends. Whoever has given up meanwhile was not asked."""
        with self._lock:
            queue = self._waiting[lender_id]
            taken: list[_Waiting] = []
            goes = self._may_start(lender_id, self._under_way[lender_id] - 1)
            while goes and queue and len(taken) < MOST:
                one = queue.popleft()
                if one.answer.set_running_or_notify_cancel():
                    taken.append(one)
            self._aloft[lender_id] += len(taken)
            self._under_way[lender_id] -= not taken
            return taken

    def _answer(self, lender_id: str, taken: list[_Waiting]) -> None:
        found: list[Answer | Trouble | None]
        try:
            found = answer_free(
                self._database,
                lender_id,
                gate=self._gate,
                asked=[(one.request, one.actor) for one in taken],
                clock=self._clock,
            )
        except (NoDatabase, psycopg.OperationalError) as gone:
            if not isinstance(gone, _PASSING):
                for one in taken:
                    one.answer.set_exception(gone)
                return
            found = [None] * len(taken)
        except Exception:  # noqa: BLE001 - one request broke the transaction of all; alone, each meets its own fault
            found = [None] * len(taken)
        for one, answer in zip(taken, found, strict=True):
            match answer:
                case None:
                    self._alone.submit(self._ask_alone, lender_id, one)
                case Trouble():
                    one.answer.set_exception(answer)
                case _:
                    one.answer.set_result(answer)

    def _ask_alone(self, lender_id: str, one: _Waiting) -> None:
        try:
            answer = request_permit(
                self._database, lender_id, gate=self._gate, request=one.request, actor=one.actor, clock=self._clock
            )
        except BaseException as fault:  # noqa: BLE001 - whoever waits for the answer is told
            one.answer.set_exception(fault)
        else:
            one.answer.set_result(answer)
