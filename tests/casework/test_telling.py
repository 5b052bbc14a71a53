"""Telling others what was done: signed as the standard says, at least once, and never to an address within."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from duecourse import app
from duecourse.casework import holds, telling, webhook
from duecourse.casework.actor import Actor, Role
from duecourse.casework.telling import Unreachable, deliver_due, pinned
from duecourse.casework.webhook import AddressTooLong, NotAnAddress, NotOutside, UnknownKinds
from duecourse.storage import rotation, webhooks
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import person
from tests.permit_desk import Clock, set_up

RING = new_ring()
VAULT = Vault(RING)
ADMIN = Actor(Role.ADMIN, "a1")


@dataclass
class Ear:
    """A system that is told: what it heard, and what it answers."""

    url: str
    status: int = 204
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def ear() -> Iterator[Ear]:
    made = Ear("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            made.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(made.status)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - of the library
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}/hooks?of=us"
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def desk(database: Database) -> Database:
    set_up(database, VAULT, 1, 2)
    return database


def listen(desk: Database, ear: Ear, clock: Clock, *kinds: str) -> tuple[int, str]:
    with desk.transaction("demo") as tx:
        made = webhook.add_endpoint(
            tx, vault=VAULT, url=ear.url, kinds=kinds or ("hold.placed",), actor=ADMIN, now=clock(), chance=os.urandom,
            loopback=True,
        )  # fmt: skip
    return made.endpoint.endpoint_id, made.secret


class Undone(Exception):
    """What undoes an act in a test."""


def place(desk: Database, clock: Clock, number: int = 1, *, undone: bool = False) -> None:
    with suppress(Undone), desk.transaction("demo") as tx:
        holds.place(
            tx, vault=VAULT, person_id=person(number), kind=holds.HoldKind.DISPUTE, source="letter:1", actor=ADMIN,
            clock=clock,
        )  # fmt: skip
        if undone:
            raise Undone


def deliver(desk: Database, clock: Clock) -> telling.Sum:
    return deliver_due(desk, "demo", vault=VAULT, clock=clock, loopback=True)


def test_an_act_is_told_signed_and_without_names(desk: Database, ear: Ear) -> None:
    clock = Clock()
    _number, secret = listen(desk, ear, clock)
    place(desk, clock)
    place(desk, clock, 2, undone=True)
    assert deliver(desk, clock) == telling.Sum(1, 0)
    assert deliver(desk, clock) == telling.Sum(0, 0)
    ((headers, body),) = ear.heard
    standard = Webhook(secret)
    mac = standard.sign(headers["webhook-id"], clock(), body.decode())
    assert headers["webhook-signature"] == mac
    assert headers["webhook-timestamp"] == str(int(clock().timestamp()))
    said = json.loads(body)
    assert said["type"] == "hold.placed"
    assert said["data"]["person"] == str(person(1))
    assert said["data"]["kind"] == "dispute"
    assert "张" not in body.decode()
    assert "154" not in {part for part in body.decode().split('"') if part.isdigit()}


def test_a_forged_body_does_not_verify(desk: Database, ear: Ear) -> None:
    clock = Clock(app.now())
    _number, secret = listen(desk, ear, clock)
    place(desk, clock)
    deliver(desk, clock)
    ((headers, body),) = ear.heard
    assert Webhook(secret).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body.replace(b"dispute", b"nothing"), headers)


def test_what_is_not_taken_is_told_again_later_under_the_same_id(desk: Database, ear: Ear) -> None:
    clock = Clock()
    listen(desk, ear, clock)
    place(desk, clock)
    ear.status = 503
    assert deliver(desk, clock) == telling.Sum(0, 1)
    assert deliver(desk, clock) == telling.Sum(0, 0), "not before its time"
    clock.forward(seconds=telling.WAITS[0].total_seconds())
    ear.status = 302
    assert deliver(desk, clock) == telling.Sum(0, 1), "it goes nowhere that it is sent to"
    clock.forward(seconds=telling.WAITS[1].total_seconds())
    ear.status = 200
    assert deliver(desk, clock) == telling.Sum(1, 0)
    assert len({headers["webhook-id"] for headers, _body in ear.heard}) == 1
    with desk.transaction("demo") as tx:
        (told,) = webhooks.latest(tx)
    assert (told.state, told.attempts) == ("delivered", 3)


def test_after_the_last_attempt_it_is_given_up_and_may_be_told_again(desk: Database, ear: Ear) -> None:
    clock = Clock()
    number, _secret = listen(desk, ear, clock)
    place(desk, clock)
    ear.status = 500
    for wait in (*telling.WAITS, timedelta(0)):
        deliver(desk, clock)
        clock.forward(seconds=wait.total_seconds())
    with desk.transaction("demo") as tx:
        assert webhooks.counts(tx) == {number: {"failed": 1}}
    ear.status = 200
    with desk.transaction("demo") as tx:
        count = webhook.tell_again(
            tx,
            vault=VAULT,
            endpoint_id=number,
            first=clock() - timedelta(days=30),
            last=clock(),
            reason="their system was down",
            actor=ADMIN,
            now=clock(),
        )
    assert count == 1
    assert deliver(desk, clock) == telling.Sum(1, 0)


def test_one_act_is_told_again_under_its_id_for_a_reason_on_record(desk: Database, ear: Ear) -> None:
    clock = Clock()
    number, _secret = listen(desk, ear, clock)
    place(desk, clock)
    assert deliver(desk, clock) == telling.Sum(1, 0)

    def again(entries: list[int], reason: str = "they lost it") -> int:
        with desk.transaction("demo") as tx:
            return webhook.tell_some_again(
                tx, vault=VAULT, endpoint_id=number, entries=entries, reason=reason, actor=ADMIN, now=clock()
            )

    with desk.transaction("demo") as tx:
        (told,) = webhooks.latest(tx)
    with pytest.raises(webhook.NoReplayReason):
        again([told.entry_id], " ")
    for wrong in ([told.entry_id, 10**9], []):
        with pytest.raises(webhook.NotTold):
            again(wrong)
    with desk.transaction("demo") as tx:
        assert webhooks.latest(tx)[0].state == "delivered"  # nothing of it was done
    assert again([told.entry_id]) == 1
    assert deliver(desk, clock) == telling.Sum(1, 0)
    assert len(ear.heard) == 2
    assert len({headers["webhook-id"] for headers, _body in ear.heard}) == 1
    with desk.transaction("demo") as tx:
        (kept,) = webhooks.replays(tx)
        assert (kept.entry_ids, kept.events, kept.reason, kept.by) == ([told.entry_id], 1, "they lost it", str(ADMIN))
        assert tx.value("SELECT count(*) FROM log_entry WHERE kind = 'webhook.replayed'") == 1
        webhook.end_endpoint(tx, vault=VAULT, endpoint_id=number, actor=ADMIN, now=clock())
    with pytest.raises(webhook.EndpointOver):
        again([told.entry_id])


def test_an_ended_endpoint_and_other_kinds_are_not_told(desk: Database, ear: Ear) -> None:
    clock = Clock()
    number, _secret = listen(desk, ear, clock, "permit.granted")
    place(desk, clock)
    assert deliver(desk, clock) == telling.Sum(0, 0)
    with desk.transaction("demo") as tx:
        assert webhook.end_endpoint(tx, vault=VAULT, endpoint_id=number, actor=ADMIN, now=clock())
        assert not webhook.end_endpoint(tx, vault=VAULT, endpoint_id=number, actor=ADMIN, now=clock())
    with pytest.raises(UnknownKinds):
        listen(desk, ear, clock, "person.reveal")
    with desk.transaction("demo") as tx, pytest.raises(webhook.NoKind, match="choose at least one kind"):
        webhook.add_endpoint(
            tx, vault=VAULT, url=ear.url, kinds=(), actor=ADMIN, now=clock(), loopback=True, chance=os.urandom
        )
    assert ear.heard == []


def test_secrets_move_to_a_new_key_with_all_others(desk: Database, ear: Ear) -> None:
    clock = Clock()
    listen(desk, ear, clock)
    place(desk, clock)
    newer = Vault(RING.with_new("k2"))
    rotation.rotate(desk, "demo", newer)
    with desk.transaction("demo") as tx:
        keys = {row[0] for row in tx.execute("SELECT key_id FROM webhook_endpoint")}
    assert keys == {"k2"}
    assert deliver_due(desk, "demo", vault=newer, clock=clock, loopback=True) == telling.Sum(1, 0)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "https://user:word@example.com/", "ftp://example.com/", "https:///nothing",
        "http://127.0.0.1:80/", "https://example.com:99999/", "https://example.com:0/", "https://例子.example/",
        "https://example.com/a b", "https://example.com/\x00", "https://a..example/", f"https://{'a' * 64}.example/",
        "https://.example.com/", f"https://{'a.' * 130}example/",
    ],
)  # fmt: skip
def test_what_is_no_address_outside_is_refused(desk: Database, url: str) -> None:
    with pytest.raises(NotAnAddress):
        add(desk, url)


def add(desk: Database, url: str, *, loopback: bool = False) -> None:
    with desk.transaction("demo") as tx:
        webhook.add_endpoint(
            tx, vault=VAULT, url=url, kinds=["hold.placed"], actor=ADMIN, now=Clock()(), chance=os.urandom,
            loopback=loopback,
        )  # fmt: skip


def test_an_address_is_as_long_as_is_kept_and_no_longer(desk: Database) -> None:
    longest = "https://example.com/".ljust(webhook.URL_MAX, "a")
    add(desk, longest)
    with pytest.raises(AddressTooLong, match="at most 2048 characters; this one has 2049"):
        add(desk, longest + "a")
    with pytest.raises(AddressTooLong, match="this one has 3000"):
        add(desk, "https://example.com/".ljust(3_000, "a"))


WITHIN = [
    "127.0.0.1", "localhost", "[::1]", "10.0.0.8", "192.168.1.1", "169.254.169.254", "0.0.0.1", "[::ffff:10.0.0.1]",
    "[64:ff9b::a00:1]", "[fd00::1]", "224.0.0.1", "100.64.0.1",
]  # fmt: skip


@pytest.mark.parametrize("host", WITHIN)
def test_nobody_within_is_told(host: str) -> None:
    with pytest.raises(Unreachable):
        pinned(f"https://{host}/hooks", loopback=False)


@pytest.mark.parametrize(
    "host",
    [
        *WITHIN, "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "10.8", "LOCALHOST", "localhost.", "hooks.localhost",
        "127.0.0.1.", "[fe80::1%25eth0]",
    ],
)  # fmt: skip
def test_nobody_within_is_entered(desk: Database, host: str) -> None:
    with pytest.raises(NotOutside):
        add(desk, f"https://{host}:8443/hooks")
    with desk.transaction("demo") as tx:
        assert webhooks.every(tx) == []


def test_for_trying_out_this_machine_alone_is_entered(desk: Database) -> None:
    for host in ("127.0.0.1", "localhost", "[::1]"):
        add(desk, f"https://{host}/hooks", loopback=True)
    with pytest.raises(NotOutside):
        add(desk, "https://10.0.0.8/hooks", loopback=True)


@pytest.mark.parametrize(
    "host", ["8.8.8.8", "[2606:4700::1111]", "example.com", "example.com.", "10.example", "1e100.net"]
)
def test_who_may_be_outside_is_entered(desk: Database, host: str) -> None:
    add(desk, f"https://{host}/hooks")


def test_an_address_kept_of_old_that_is_none_any_more_holds_up_no_other(desk: Database, ear: Ear) -> None:
    clock = Clock()
    listen(desk, ear, clock)
    for url in (f"https://{'a' * 64}.example/", "https://a..example/", "https://10.0.0.8/"):
        with desk.transaction("demo") as tx:
            number = webhooks.number(tx)
            secret = VAULT.seal_secret("demo", webhook.owner(number), os.urandom(32))
            webhooks.add(
                tx, number, url=url, kinds=["hold.placed"], secret=secret, actor=str(ADMIN),
                now=clock() - timedelta(seconds=1),
            )  # fmt: skip
    place(desk, clock)
    assert deliver(desk, clock) == telling.Sum(1, 3)
    assert len(ear.heard) == 1


def test_the_number_that_was_looked_up_is_the_one_that_is_called() -> None:
    there, host, extensions = pinned("https://8.8.8.8:8443/hooks?x=1", loopback=False)
    assert (there, host, extensions) == ("https://8.8.8.8:8443/hooks?x=1", "8.8.8.8:8443", {"sni_hostname": "8.8.8.8"})
