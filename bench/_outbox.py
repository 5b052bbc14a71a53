"""What the benches of the outbox share: messages made, permitted and queued, then sent by workers to a local peer.

Everything is real and on one machine: PostgreSQL with its default durability, two workers as `duecourse outbox work`
runs them, a peer that is not ours in a process of its own. First every message is made: its words filled in and sealed,
its permit asked for, both queued, a hundred in a transaction, by two processes as campaigns do. Then it is sent:
claimed, its permit redeemed by the whole rulebook of China, said to be sending and committed, handed over, and its
outcome written. The figures of the book are made up, so none is read. The lender has been at work before: some messages
went out, and PostgreSQL has looked at its tables, as it does by itself within a minute. What the peer got is counted
against the table and the log. MESSAGES and THREADS name other sizes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from time import perf_counter, process_time

import polars as pl
import psycopg

from bench._ground import asked, folder, load, new_database, postgresql, server_cpu_us
from bench._served import MORNING
from bench.permit_http import ACTOR, LENDER, set_up
from duecourse import app
from duecourse.casework import parties, stop_link
from duecourse.casework.channel_setup import set_up as set_up_channel
from duecourse.casework.gate import Gate
from duecourse.casework.handover import Post
from duecourse.casework.message import Prepared, queue_prepared, sealed, whole
from duecourse.casework.parties import Batch
from duecourse.casework.permit import Permit, PermitRequest, Sender
from duecourse.casework.posting import work_on
from duecourse.channels.render import compose
from duecourse.channels.render.examples import example_values
from duecourse.core.ids import loan_key, person_id
from duecourse.law.templates import load_register
from duecourse.law.terms import Channel, SenderType
from duecourse.storage import messages, persons
from duecourse.storage.connection import Database
from duecourse.storage.migrate import migrate

MESSAGES, THREADS, WORKERS, BATCH, WARM = 3_000, 3, 2, 100, 400
OFFICE = Sender(SenderType.LENDER, staff="E01")
_REGISTER = load_register(jurisdiction="CN")
TEMPLATES = {Channel.EMAIL: _REGISTER["m1.notice.email"], Channel.SMS: _REGISTER["m1.notice.sms"]}


@dataclass(frozen=True, slots=True)
class Way:
    """A channel, the peer that it is measured with, and what the peer says that it got."""

    channel: Channel
    peer: Callable[[Path], AbstractContextManager[int]]  # a file to note what was got in; gives its port
    settings: Callable[[int], Mapping[str, str]]
    got: Callable[[Path], list[str]]  # a name for each message, as often as it came


def mailboxes(database: Database, gate: Gate, count: int) -> None:
    """A mailbox for each borrower, beside the mobile that he has."""
    people = [person_id(LENDER.lender_id, f"C{n}") for n in range(count)]
    boxes = pl.DataFrame(
        {
            "person_id": people, "kind": "email", "label": "email", "zone": None, "consent": "contract",
            "value": [f"demo-{n}@example.com" for n in range(count)],
        },
        schema=parties.POINTS,
    )  # fmt: skip
    nobody, none = pl.DataFrame(schema=parties.PERSONS), pl.DataFrame(schema=parties.PARTIES)
    fit, findings = parties.inspect(LENDER, Batch(nobody, boxes, none))
    assert not findings, findings[:3]
    with database.transaction(LENDER.lender_id) as tx:
        parties.register_parties(
            tx, vault=gate.vault, fit=fit, source="bench", day=MORNING.date(), actor=ACTOR, now=MORNING
        )


def queue(database: Database, gate: Gate, channel: Channel, numbers: Iterable[int]) -> None:
    """Make and queue messages to some borrowers, in one transaction."""
    lender, vault, made = LENDER.lender_id, gate.vault, list[Prepared]()
    template = TEMPLATES[channel]
    people = {person_id(lender, f"C{n}"): n for n in numbers}
    with database.transaction(lender) as tx:
        places: dict[int, int] = dict(
            tx.execute(
                "SELECT person_id, contact_point_id FROM contact_point WHERE lender_id = %s AND person_id = ANY (%s) "
                "AND kind = %s",
                (lender, list(people), "email" if channel is Channel.EMAIL else "phone"),
            ).fetchall()
        )
        for person, n in people.items():
            number = messages.next_id(tx)
            stop = f"https://lender.example{stop_link.PATH}/{stop_link.token(vault, lender, number)}"
            values = example_values(template, "zh") | {"loan_tail": f"{n:04d}"}
            words = compose(template, values, "zh", verify=None)
            content = whole(words, stop if channel is Channel.EMAIL else "")
            request = PermitRequest(
                person_id=person, loan_keys=(loan_key(lender, f"L{n}"),), contact_point_id=places[person],
                channel=channel, at=MORNING, template_id=template.id, content_hash=sha256(content).hexdigest(),
                sender=OFFICE, idempotency_key=f"message-{n}",
            )  # fmt: skip
            key = vault.person(lender, person, persons.wrapped(tx, person))
            made.append(sealed(vault, key, number, content, request=request, lang="zh", chance=os.urandom))
    answers = queue_prepared(database, lender, gate=gate, prepared=made, actor=ACTOR, clock=lambda: MORNING)
    assert all(isinstance(one, Permit) for one in answers), answers[0]


def clock(began: datetime, ahead: datetime) -> Callable[[], datetime]:
    """A clock that goes, and that stood at some instant of the morning when the worker began."""
    return lambda: ahead + (app.now() - began)


def main_of_process(url: str, home: str, role: str, channel: str, share: tuple[int, int]) -> None:
    """A process of the bench: ready when the law is read, it queues its share, or sends what waits; then it ends."""
    gate = Gate(app.vault_of(app.settings({"DUECOURSE_HOME": home})))
    gate.law("CN")
    first, last = share
    threads = last
    with Database(url, connections_max=threads + 4 if role == "send" else 2) as database:
        print("ready", flush=True)
        sys.stdin.readline()
        began = process_time()
        if role == "queue":
            for start in range(first, last, BATCH):
                queue(database, gate, Channel(channel), range(start, min(start + BATCH, last)))
            print(process_time() - began)
            return
        with database.transaction(LENDER.lender_id) as tx:  # not before what was sent a while ago
            ahead = tx.value("SELECT greatest(max(next_at), %s) FROM transport", (MORNING,))
        assert isinstance(ahead, datetime)
        post = Post(database, gate, clock(app.now(), ahead), lambda what, said: print(what, said, file=sys.stderr))
        work_on(post, threads=threads, once=True, chance=os.urandom)
        print(process_time() - began)


def together(commands: list[list[str]]) -> tuple[float, float]:
    """How long processes take together, from the word go until the last has ended; their CPU time, both in seconds."""
    running = [subprocess.Popen(one, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for one in commands]
    for one in running:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    began, spent = perf_counter(), 0.0
    for one in running:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    for one in running:
        said, _ = one.communicate()
        assert one.returncode == 0
        spent += float(said)
    return perf_counter() - began, spent


def measured(way: Way) -> str:
    """Measure a way, and return the table."""
    count, threads = asked("MESSAGES", MESSAGES), asked("THREADS", THREADS)
    with folder() as home, postgresql(home) as (place, version), way.peer(home / "taken") as port:
        url = new_database(place, "outbox")
        migrate(url)
        gate = Gate(app.vault_of(app.settings({"DUECOURSE_HOME": str(home)})))

        def process(role: str, first: int, last: int) -> list[str]:
            given = (url, str(home), role, way.channel.value, str(first), str(last))
            return [sys.executable, "-m", "bench._outbox", *given]

        with Database(url) as database:
            set_up(database, home, count + WARM)
            mailboxes(database, gate, count + WARM)
            with database.transaction(LENDER.lender_id) as tx:
                set_up_channel(
                    tx, vault=gate.vault, name=way.channel.value, given=way.settings(port), minute_max=1_000_000,
                    actor=ACTOR, now=MORNING,
                )  # fmt: skip
            together([process("queue", 0, WARM)])
            together([process("send", 0, 1)])
            with psycopg.connect(url, autocommit=True) as owner:
                owner.execute("ANALYZE")
            half = WARM + count // 2
            spent = [server_cpu_us(url)]
            queued, queued_cpu = together([process("queue", WARM, half), process("queue", half, WARM + count)])
            spent.append(server_cpu_us(url))
            sent, sent_cpu = together([process("send", 0, threads) for _ in range(WORKERS)])
            spent.append(server_cpu_us(url))
            with database.transaction(LENDER.lender_id) as tx:
                states = {state: many for (_channel, state), many in messages.counts(tx).items()}
                records = tx.value("SELECT count(*) FROM log_entry WHERE kind LIKE 'message.%%'")
                outcomes = tx.value("SELECT count(*) FROM contact WHERE outcome = 'sent'")
        names = way.got(home / "taken")
    whole_count = count + WARM
    assert states == {"sent": whole_count}, states
    assert (len(names), len(set(names))) == (whole_count, whole_count)
    assert (outcomes, records) == (whole_count, 3 * whole_count)
    cpu = [
        f"{(after - before) / count / 1_000:.2f} + {ours * 1_000 / count:.2f}"
        for (before, after), ours in zip(pairwise(spent), (queued_cpu, sent_cpu), strict=True)
    ]
    return (
        f"{count:,} messages, {version}, {WORKERS} workers of {threads} threads, load {load()}.\n\n"
        "| what | seconds | per second | CPU ms each: PostgreSQL + ours | aim |\n|---|---|---|---|---|\n"
        f"| made, permitted, queued | {queued:.1f} | {count / queued:,.0f} | {cpu[0]} | - |\n"
        f"| asked again, sent, settled | {sent:.1f} | {count / sent:,.0f} | {cpu[1]} | - |\n"
        f"| both | {queued + sent:.1f} | {count / (queued + sent):,.0f} | | 300/s |\n\n"
        f"The peer got {len(names):,} with those before, none twice; as many contacts are settled, each message left 3 "
        "records of its own beside those of its permit.\n"
    )


if __name__ == "__main__":
    _url, _home, _role, _channel, _first, _last = sys.argv[1:]
    main_of_process(_url, _home, _role, _channel, (int(_first), int(_last)))
