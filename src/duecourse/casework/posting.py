"""Sending what waits in the outbox: each message once, by several workers in several processes.

One message goes so: (1) in one transaction its row is held, the law is asked again by redeeming the permit, and the row
says `sending`; (2) the provider is called, with no transaction open; (3) in another transaction the contact gets its
outcome and the row says what became of it. Whatever dies between (1) and (3) leaves a row that says `sending` and a
lock that is free: the next worker makes it unknown, which counts as sent, and nobody sends it again by itself.

A provider that answers quickly gets several messages in each of these steps. The instant at which the law was asked is
the instant of sending all the same: what was not handed over within `PROMPT_S` of it is not handed over at all.

What does not belong here: the steps themselves (`casework.handover`), what people do about the outbox
(`casework.outbox`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from time import monotonic

import psycopg

from duecourse.casework import channel_setup
from duecourse.casework.confirming import confirm_due
from duecourse.casework.handover import FAILURES_MAX, OUTBOX, Post, end_alone, provider_failed, send_next
from duecourse.casework.hearing import join_stale
from duecourse.casework.receipts import keep_what_came, take_receipts
from duecourse.channels.contract import Heard, Hears, NotReady, Receipt, Speaking, Transport, kind_named
from duecourse.storage import lenders, messages, transports
from duecourse.storage.transports import TransportRow
from duecourse.trouble import Trouble, masked

IDLE_S = 1.0
DEAF_S = 15.0
"""So long nobody tries again to hear a provider that could not be reached."""

AT_ONCE = 16
"""Messages that one thread has under way at the most: so many become unknown where it dies."""

_QUICK_S = 0.25
"""A turn that took no longer than this may be followed by one of twice as many: all of it goes within `PROMPT_S`."""

LOCK = "outbox"


@dataclass(slots=True)
class Lines:
    """The open lines of one worker, by lender and channel; each is used by one thread at a time."""

    idle: dict[tuple[str, str], list[tuple[datetime, Transport]]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    deaf_until: dict[tuple[str, str], float] = field(default_factory=dict)  # `monotonic`

    @contextmanager
    def borrowed(self, post: Post, lender_id: str, row: TransportRow) -> Iterator[Transport]:
        """A line as it is set up now; one that was set up otherwise is let go."""
        with self.lock:
            kept = self.idle.setdefault((lender_id, row.channel), [])
            found = kept.pop() if kept else None
        if found is not None and found[0] != row.set_at:
            found[1].close()
            found = None
        if found is None:
            with post.database.transaction(lender_id) as tx:
                found = (row.set_at, channel_setup.line(tx, vault=post.gate.vault, row=row))
            if isinstance(found[1], Hears):
                found[1].heard_by(partial(_keep, post, lender_id, row.channel))
        try:
            yield found[1]
        finally:
            with self.lock:
                self.idle[lender_id, row.channel].append(found)

    def listen(self, post: Post, lender_id: str, row: TransportRow) -> None:
        """Keep a line open where receipts and replies come by it, whether anything is sent or not."""
        place = (lender_id, row.channel)
        if monotonic() < self.deaf_until.get(place, 0.0):
            return
        with self.borrowed(post, lender_id, row) as line:
            if isinstance(line, Hears):
                try:
                    line.ready()
                except NotReady as error:
                    post.told(f"{lender_id} {row.channel}", str(error))
                    self.deaf_until[place] = monotonic() + DEAF_S

    def close(self) -> None:
        """Let all lines go."""
        with self.lock:
            for kept in self.idle.values():
                for _, line in kept:
                    line.close()
            self.idle.clear()


def _keep(post: Post, lender_id: str, channel: str, came: Sequence[Receipt | Heard]) -> None:
    """Keep what came by a line; what stands against it is told, and the provider brings it again."""
    try:
        keep_what_came(post.database, lender_id, channel, came, gate=post.gate, actor=OUTBOX, clock=post.clock)
    except Exception as error:
        post.told(f"{lender_id} {channel}", f"what came was not kept: {masked(f'{type(error).__name__}: {error}')}")
        raise


def work_off(post: Post, lender_id: str, *, worker: str, lines: Lines, threads: int = 4, speaking: bool = False) -> int:
    """Send what is due of a lender on every channel that is set up; returns how many messages left the queue.

    ``worker`` names who holds the session lock `lock_name`. Rows that a dead worker left are made unknown first.
    ``speaking``: only the channels that talk, with as many calls at a time as they are set up for; without it only the
    others, since a call takes minutes and no message waits for one.
    """
    recover(post, lender_id, worker=worker)
    take_receipts(post.database, lender_id, gate=post.gate, actor=OUTBOX, clock=post.clock)
    join_stale(post.database, lender_id, gate=post.gate, actor=OUTBOX, clock=post.clock)
    if not speaking:
        confirm_due(
            post.database, lender_id, gate=post.gate, public_url=post.public_url, actor=OUTBOX, clock=post.clock,
            chance=post.chance,
        )  # fmt: skip
    with post.database.transaction(lender_id) as tx:
        now = post.clock()
        open_ = [
            one for one in transports.every(tx)
            if kind_named(one.name).speaks is speaking and (one.shut_until is None or one.shut_until <= now)
        ]  # fmt: skip
        due = [one for one in open_ if messages.waiting(tx, one.channel, now=now)]
    done = 0
    for row in open_:
        lines.listen(post, lender_id, row)
    for row in due:
        many = int(row.settings.get("lines", threads)) if speaking else threads
        many = 1 if row.failures >= FAILURES_MAX else many  # a provider that failed is tried by one
        with ThreadPoolExecutor(many, thread_name_prefix=f"outbox {row.channel}") as pool:
            sent = [pool.submit(_send_some, post, lender_id, row, worker, lines) for _ in range(many)]
            done += sum(one.result() for one in sent)
    return done


def work_on(post: Post, *, threads: int, once: bool, chance: Callable[[int], bytes], speaking: bool = False) -> int:
    """Send for all lenders until `Post.stopping`, or until nothing is due; returns how many messages left the queue.

    ``speaking``: place calls instead (`work_off`).
    Each life of a worker holds a lock. Where the database went away, and the lock with it, a new life begins.
    """
    done, lines = 0, Lines()
    with closing(lines):
        while not post.stopping.is_set():
            worker = chance(8).hex()
            try:
                with post.database.session_lock(lock_name(worker)):
                    for sent in _rounds(post, worker, lines, threads, speaking=speaking):
                        done += sent
                        if once and not sent:
                            return done
                        if not sent:
                            post.stopping.wait(IDLE_S)
            except (psycopg.Error, Trouble) as error:
                post.told("outbox", str(error))
                if once:
                    raise
                post.stopping.wait(IDLE_S)
    return done


def _rounds(post: Post, worker: str, lines: Lines, threads: int, *, speaking: bool) -> Iterator[int]:
    while not post.stopping.is_set():
        with post.database.register() as tx:
            every = [one.lender_id for one in lenders.every(tx)]
        yield sum(
            work_off(post, lender, worker=worker, lines=lines, threads=threads, speaking=speaking) for lender in every
        )


def lock_name(worker: str) -> str:
    """The session lock of a worker: while it is held, the worker lives."""
    return f"{LOCK} {worker}"


def recover(post: Post, lender_id: str, *, worker: str) -> int:
    """Make unknown what dead workers left in the middle of sending; returns how many messages."""
    with post.database.transaction(lender_id) as tx:
        left = messages.left_sending(tx)
    found = 0
    for other, numbers in left.items():
        if other == worker:
            continue
        with post.database.session_lock(lock_name(other)) as dead:
            for number in numbers if dead else ():
                found += end_alone(post, lender_id, number, None, by=other, died=True)
    return found


def _send_some(post: Post, lender_id: str, row: TransportRow, worker: str, lines: Lines) -> int:
    """One thread: messages of a channel, until none is due or the rate or the provider says no.

    One at first; twice as many each time, as long as the provider takes them all quickly.
    """
    done, most = 0, 1
    with lines.borrowed(post, lender_id, row) as line:
        while not post.stopping.is_set():
            if not _is_ready(post, lender_id, row, line):
                return done
            with post.database.transaction(lender_id) as tx:
                leave = transports.leave(tx, row.channel, most=most, now=post.clock())
            if not leave:
                return done
            began = monotonic()
            sent = send_next(post, lender_id, row.channel, worker, line, most=leave)
            if not sent.left:
                return done
            done += sent.left
            if sent.shut:
                return done
            quick = sent.smooth and monotonic() - began < _QUICK_S
            most = min(2 * most, AT_ONCE) if quick and not isinstance(line, Speaking) else 1
    return done


def _is_ready(post: Post, lender_id: str, row: TransportRow, line: Transport) -> bool:
    try:
        line.ready()
    except NotReady as error:
        post.told(f"{lender_id} {row.channel}", str(error))
        provider_failed(post, lender_id, row.channel, 1)
        return False
    return True
