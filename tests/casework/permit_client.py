"""A process with some clients in it that ask for permits; test_permit_concurrency starts many and kills some.

It prints ``ready``, waits for the word (the instant at which the shared clock starts), asks, and prints one JSON object
for each answer as soon as it has it: what a client was told is what must be true afterwards, whoever dies next. Its
clock is the shared one of all processes, or one that the test moves, or stands still; in the mode ``hang`` it says
``locked`` and never goes on, so that the process can be killed while it holds locks.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier, Event, Lock

from duecourse.casework.gate import Gate
from duecourse.casework.outcomes import Outcome
from duecourse.casework.permit import Permit, PermitRequest
from duecourse.casework.permits import request_permit
from duecourse.casework.redemption import redeem_permit
from duecourse.casework.settling import record_outcome
from duecourse.law.terms import Channel
from duecourse.storage.connection import BATCH, Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import parse_ring
from tests.permit_desk import CONTENT, OPERATOR, TEMPLATES, Clock
from tests.permit_desk import senders as every_sender

_PRINTING = Lock()


@dataclass(frozen=True)
class Orders:
    """What the clients of a process do."""

    name: str
    url: str
    ring: str
    targets: tuple[tuple[int, int, int], ...]  # person, loan, contact point; clients take them in turn
    clients: int = 1
    rounds: int = 1
    mode: str = "ask"  # ask; call (ask, redeem, report unanswered, until refused); hang
    base: str = ""  # what the shared clock shows when the word is given; without it the clock stands still
    shown: str = ""  # the file that says what time it is, for a clock that the test moves


def shared_clock(base: str, started: float) -> Callable[[], datetime]:
    """A clock that all processes share, since it runs with the machine's."""
    begin = datetime.fromisoformat(base)
    return lambda: begin + timedelta(seconds=time.time() - started)


def tell(**what: object) -> None:
    """Print one line at once."""
    with _PRINTING:
        print(json.dumps(what), flush=True)  # noqa: T201


class _Hanging:
    """A clock that never comes back when it is read the third time, which is under the locks."""

    def __init__(self, inner: Callable[[], datetime]) -> None:
        self.inner, self.reads = inner, 0

    def __call__(self) -> datetime:
        self.reads += 1
        if self.reads > 2:
            tell(locked=True)
            Event().wait()
        return self.inner()


def main(orders: Orders) -> None:
    """Start the clients at the word and wait for them."""
    gate = Gate(Vault(parse_ring(orders.ring, "test")))
    gate.law("CN")
    # Patient: on a busy machine whoever stands at the end of the queue waits longer than a screen would.
    with (
        Database(orders.url, limits=BATCH, connections_max=orders.clients) as database,
        ThreadPoolExecutor(orders.clients) as pool,
    ):
        connected = Barrier(orders.clients)
        list(pool.map(lambda _: _connect(database, connected), range(orders.clients)))
        tell(ready=True)
        started = float(sys.stdin.readline())
        clock: Callable[[], datetime] = shared_clock(orders.base, started) if orders.base else Clock()
        if orders.shown:
            clock = lambda: datetime.fromisoformat(Path(orders.shown).read_text(encoding="utf-8"))  # noqa: E731
        if orders.mode == "hang":
            clock = _Hanging(clock)
        for done in [pool.submit(_client, database, gate, clock, orders, n) for n in range(orders.clients)]:
            done.result()


def _connect(database: Database, connected: Barrier) -> None:
    """Open a connection for each client before the word is given."""
    with database.transaction("demo"):
        connected.wait()


def _client(database: Database, gate: Gate, clock: Callable[[], datetime], orders: Orders, number: int) -> None:
    person, loan, point = orders.targets[number % len(orders.targets)]
    senders = every_sender()
    asking = PermitRequest(
        person_id=person, loan_keys=(loan,), contact_point_id=point, channel=Channel.CALL, at=clock(),
        template_id=TEMPLATES["call"], content_hash=CONTENT, sender=senders[number % len(senders)], idempotency_key="-",
    )  # fmt: skip
    for turn in range(orders.rounds):
        one = replace(asking, idempotency_key=f"{orders.name}-{number}-{turn}", at=clock() if turn else asking.at)
        answer = request_permit(database, "demo", gate=gate, request=one, actor=OPERATOR, clock=clock)
        granted = isinstance(answer, Permit)
        rules = [] if isinstance(answer, Permit) else [str(said["rule"]) for said in answer.reasons]
        tell(permit=answer.permit_id, granted=granted, rules=rules)
        if orders.mode != "call":
            continue
        if not isinstance(answer, Permit):
            return
        redeem_permit(
            database, "demo", gate=gate, permit_id=answer.permit_id, sender=answer.sender, content_hash=CONTENT,
            actor=OPERATOR, clock=clock,
        )  # fmt: skip
        record_outcome(
            database, "demo", gate=gate, permit_id=answer.permit_id, outcome=Outcome.UNANSWERED, sender=answer.sender,
            actor=OPERATOR, clock=clock,
        )  # fmt: skip


if __name__ == "__main__":
    said = json.loads(sys.argv[1])
    main(Orders(**{**said, "targets": tuple(tuple(one) for one in said["targets"])}))
