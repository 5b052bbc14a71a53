"""A desk that sends: borrowers with mailboxes, a mail server set up, messages with words of a shipped template."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count

import polars as pl

from duecourse.casework import stop_link
from duecourse.casework.channel_setup import set_up as set_up_channel
from duecourse.casework.gate import Gate
from duecourse.casework.handover import Post
from duecourse.casework.message import Prepared, queue_prepared, sealed, whole
from duecourse.casework.parties import Batch
from duecourse.casework.permit import Answer, PermitRequest, Sender
from duecourse.casework.posting import Lines, lock_name, work_off
from duecourse.channels.render import compose
from duecourse.channels.render.examples import example_values
from duecourse.law.templates import load_register
from duecourse.law.terms import Channel, SenderType
from duecourse.storage import messages, persons
from duecourse.storage.connection import Database
from duecourse.storage.messages import MessageRow
from tests.desk import loan, person, phones, register, ties
from tests.desk import persons as people
from tests.mail_peer import Peer
from tests.permit_desk import OPERATOR, Clock, point, set_up
from tests.sms_peer import Centre

URL = "https://lender.example"
MACHINE = Sender(SenderType.LENDER, staff="E01")
_REGISTER = load_register(jurisdiction="CN")
TEMPLATES = {Channel.EMAIL: _REGISTER["m1.notice.email"], Channel.SMS: _REGISTER["m1.notice.sms"]}
_KEYS = count(1)


def mailboxes(*numbers: int) -> Batch:
    """A mailbox for each of these borrowers."""
    return Batch(
        people(), pl.concat([phones(n, kind="email", label="email", value=f"demo-{n}@example.com") for n in numbers]),
        ties(),
    )  # fmt: skip


@dataclass
class Desk:
    """Borrowers C1… with mailboxes, and a worker."""

    database: Database
    gate: Gate
    clock: Clock
    told: list[str] = field(default_factory=list)
    worker: str = "w1"
    channel: Channel = Channel.EMAIL
    lines: Lines = field(default_factory=Lines)

    @property
    def post(self) -> Post:
        return Post(self.database, self.gate, self.clock, lambda what, said: self.told.append(f"{what}: {said}"))

    def fill(self, *numbers: int) -> None:
        """Enter the lender and its borrowers."""
        set_up(self.database, self.gate.vault, *numbers)
        register(self.database, self.gate.vault, mailboxes(*numbers), now=self.clock())

    def set_up(self, peer: Peer | Centre, minute_max: int = 60_000, **more: str) -> None:
        """Let the lender send by a server; messages that are prepared from now on go by it."""
        self.channel = Channel.EMAIL if isinstance(peer, Peer) else Channel.SMS
        with self.database.transaction("demo") as tx:
            set_up_channel(
                tx, vault=self.gate.vault, name=self.channel.value, given=peer.settings(**more), minute_max=minute_max,
                actor=OPERATOR, now=self.clock(),
            )  # fmt: skip

    def prepare(self, number: int, **changed: object) -> Prepared:
        """A message to a borrower in the words of the channel's template."""
        vault, template, mailed = self.gate.vault, TEMPLATES[self.channel], self.channel is Channel.EMAIL
        with self.database.transaction("demo") as tx:
            message_id = messages.next_id(tx)
            key = vault.person("demo", person(number), persons.wrapped(tx, person(number)))
        stop = f"{URL}{stop_link.PATH}/{stop_link.token(vault, 'demo', message_id)}"
        content = whole(compose(template, example_values(template, "zh"), "zh", verify=None), stop if mailed else "")
        values: dict[str, object] = {
            "person_id": person(number), "loan_keys": (loan(number),),
            "contact_point_id": point(self.database, number, "email" if mailed else "phone"), "channel": self.channel,
            "at": self.clock(), "template_id": template.id, "content_hash": sha256(content).hexdigest(),
            "sender": MACHINE, "idempotency_key": f"message-{next(_KEYS)}",
        }  # fmt: skip
        priority = int(str(changed.pop("priority", 5)))
        request = PermitRequest(**(values | changed))  # type: ignore[arg-type]
        return sealed(vault, key, message_id, content, request=request, lang="zh", chance=os.urandom, priority=priority)

    def queue(self, *numbers: int, **changed: object) -> list[Answer]:
        """Queue a message to each of these borrowers."""
        made = [self.prepare(number, **changed) for number in numbers]
        return self.put(made)

    def put(self, made: Sequence[Prepared]) -> list[Answer]:
        return queue_prepared(self.database, "demo", gate=self.gate, prepared=made, actor=OPERATOR, clock=self.clock)

    def work(self, threads: int = 2) -> int:
        """One round of a worker that lives for it."""
        with self.database.session_lock(lock_name(self.worker)) as held:
            assert held
            return work_off(self.post, "demo", worker=self.worker, lines=self.lines, threads=threads)

    def rows(self) -> list[MessageRow]:
        """All messages, the earliest first."""
        with self.database.transaction("demo") as tx:
            return messages.latest(tx, most=500)[::-1]

    def states(self) -> list[str]:
        return [one.state for one in self.rows()]

    def contacts(self) -> list[tuple[str, str | None]]:
        """State and outcome of every contact."""
        with self.database.transaction("demo") as tx:
            return [(s, o) for s, o in tx.execute("SELECT state, outcome FROM contact ORDER BY contact_id")]

    def kinds(self) -> list[str]:
        """The kinds of the records about messages, in the order they were written."""
        with self.database.transaction("demo") as tx:
            found = tx.execute(
                "SELECT kind FROM log_entry WHERE kind LIKE 'message.%%' OR kind LIKE 'outbox.%%' ORDER BY entry_id"
            )
            return [str(kind) for (kind,) in found]
