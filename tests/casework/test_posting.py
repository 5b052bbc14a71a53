"""A message goes once: permitted, asked again at the instant of sending, taken, refused, or unknown and left alone."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from duecourse.casework import outbox
from duecourse.casework.channel_setup import DemoStaysHere, NotARate, set_up
from duecourse.casework.gate import Gate
from duecourse.casework.handover import FAILURES_MAX, SHUT_FOR
from duecourse.casework.holds import HoldKind, place
from duecourse.casework.message import queue_prepared
from duecourse.casework.outbox import Found
from duecourse.casework.permit import Permit, Refusal
from duecourse.casework.posting import Lines, lock_name, recover, work_off
from duecourse.channels.contract import BadSetting, NoSuchTransport
from duecourse.law.terms import Channel
from duecourse.storage import log, messages, transports
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import person
from tests.mail_peer import Peer, mail_peer
from tests.permit_desk import CLOSING, OPERATOR, Clock, refused
from tests.post_desk import Desk

VAULT = Vault(new_ring())
GATE = Gate(VAULT)


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    with mail_peer(tmp_path) as running:
        yield running


@pytest.fixture
def desk(database: Database, peer: Peer) -> Iterator[Desk]:
    desk = Desk(database, GATE, Clock())
    desk.fill(1, 2, 3, 4, 5, 6)
    desk.set_up(peer)
    yield desk
    desk.lines.close()


def test_a_message_is_sent_once_and_each_step_is_on_record(desk: Desk, peer: Peer) -> None:
    permit = desk.queue(1)[0]
    assert isinstance(permit, Permit)
    assert (desk.states(), desk.contacts()) == (["queued"], [("reserved", None)])
    assert desk.work() == 1
    assert desk.work() == 0
    row = desk.rows()[0]
    assert (row.state, row.permit_id, row.provider_ref) == ("sent", permit.permit_id, "OK queued as 1")
    assert desk.contacts() == [("reported", "sent")]
    assert desk.kinds() == ["message.queued", "message.sending", "message.sent"]
    assert [one.rcpt_tos for one in peer.handler.kept] == [["demo-1@example.com"]]
    assert peer.named()[0].startswith(f"<dc.demo.{row.message_id}.")


def test_the_text_is_sealed_and_the_record_names_nobody(desk: Desk) -> None:
    desk.queue(1)
    desk.work()
    with desk.database.transaction("demo") as tx:
        kept = str(tx.execute("SELECT m.*::text, l.bytes FROM message m, log_entry l").fetchall())
        entries = [one.content for one in log.of_person(tx, person(1))]
    assert "example.com" not in kept
    assert "逾期" not in kept
    assert not any(b"example.com" in one for one in entries)


def test_the_same_key_queues_once(desk: Desk) -> None:
    made = desk.prepare(1)
    first, again = desk.put([made])[0], desk.put([made])[0]
    assert isinstance(first, Permit)
    assert isinstance(again, Permit)
    assert first.permit_id == again.permit_id
    assert (desk.states(), desk.kinds()) == (["queued"], ["message.queued"])


def test_what_the_law_refuses_is_not_queued(desk: Desk) -> None:
    desk.clock.at = CLOSING
    answers = desk.queue(1, 2)
    assert all(isinstance(one, Refusal) for one in answers)
    assert desk.states() == []


def test_the_law_is_asked_again_at_the_instant_of_sending(desk: Desk, peer: Peer) -> None:
    desk.queue(1, 2)
    with desk.database.transaction("demo") as tx:
        place(
            tx, vault=VAULT, person_id=person(1), kind=HoldKind.DISPUTE, source="test", actor=OPERATOR,
            clock=desk.clock,
        )  # fmt: skip
    desk.work()
    assert desk.states() == ["withheld", "sent"]
    assert [one.rcpt_tos for one in peer.handler.kept] == [["demo-2@example.com"]]
    assert "message.withheld" in desk.kinds()


def test_a_message_whose_permit_ended_is_withheld(desk: Desk, peer: Peer) -> None:
    desk.queue(1)
    desk.clock.forward(minutes=11)
    desk.work()
    row = desk.rows()[0]
    assert (row.state, desk.contacts()) == ("withheld", [("released", None)])
    assert row.why is not None
    assert "expired" in row.why["en"]
    assert peer.handler.kept == []


def test_the_urgent_go_first(desk: Desk, peer: Peer) -> None:
    desk.queue(1)
    desk.queue(2, priority=0)
    desk.work(threads=1)
    assert [one.rcpt_tos for one in peer.handler.kept] == [["demo-2@example.com"], ["demo-1@example.com"]]


@pytest.mark.parametrize(
    ("mood", "found"),
    [
        ("refuses", ("failed", True, "failed", 0)),
        ("later", ("failed", False, "failed", 0)),
        ("rejects", ("failed", True, "failed", 0)),
        ("drops", ("unknown", None, "sent", 1)),
        ("slow", ("unknown", None, "sent", 1)),
    ],
)
def test_moods_of_the_server(desk: Desk, peer: Peer, mood: str, found: tuple[str, bool | None, str, int]) -> None:
    state, permanent, outcome, delivered = found
    peer.handler.mood = mood
    desk.set_up(peer, seconds="1")
    desk.queue(1)
    desk.work()
    row = desk.rows()[0]
    assert (row.state, row.permanent, desk.contacts()) == (state, permanent, [("reported", outcome)])
    assert len(peer.handler.kept) == delivered
    assert row.why is not None
    assert "example.com" not in str(row.why)
    peer.handler.mood = "takes"
    desk.clock.forward(hours=1)
    desk.work()
    assert (desk.states(), len(peer.handler.kept)) == ([state], delivered)  # nothing is sent again by itself


def test_an_unknown_one_is_settled_by_a_person_and_by_nobody_else(desk: Desk, peer: Peer) -> None:
    peer.handler.mood = "drops"
    desk.queue(1, 2)
    desk.work(threads=1)
    first, second = (one.message_id for one in desk.rows())
    with desk.database.transaction("demo") as tx:
        assert outbox.settle(
            tx, gate=GATE, message_id=first, found=Found.FAILED, actor=OPERATOR, clock=desk.clock
        ).settled_by == str(OPERATOR)
        outbox.settle(tx, gate=GATE, message_id=second, found=Found.SENT, actor=OPERATOR, clock=desk.clock)
    assert desk.states() == ["failed", "sent"]
    assert desk.contacts() == [("reported", "failed"), ("reported", "sent")]
    assert desk.kinds().count("message.settled") == 2
    with pytest.raises(outbox.NotUnknown), desk.database.transaction("demo") as tx:
        outbox.settle(tx, gate=GATE, message_id=first, found=Found.SENT, actor=OPERATOR, clock=desk.clock)


def test_what_a_dead_worker_left_is_unknown_and_what_a_live_one_sends_is_not(desk: Desk, peer: Peer) -> None:
    desk.queue(1, 2)
    with desk.database.transaction("demo") as tx:
        for row, worker in zip(desk.rows(), ("dead", "alive"), strict=True):
            tx.execute(
                "UPDATE contact SET state = 'redeemed', redeemed_at = at WHERE contact_id = %s", (row.permit_id,)
            )
            messages.sending(tx, [row.message_id], worker=worker, now=desk.clock())
    with desk.database.session_lock(lock_name("alive")) as held:
        assert held
        desk.work()
    assert desk.states() == ["unknown", "sending"]
    assert desk.contacts() == [("reported", "sent"), ("redeemed", None)]
    assert peer.handler.kept == []
    assert recover(desk.post, "demo", worker="w1") == 1
    assert desk.states() == ["unknown", "unknown"]


def test_a_row_never_goes_back(desk: Desk) -> None:
    desk.queue(1)
    desk.work()
    for state in ("queued", "sending", "unknown"):
        with (
            pytest.raises(psycopg.errors.RestrictViolation),
            desk.database.transaction("demo") as tx,
        ):
            tx.execute("UPDATE message SET state = %s, ended_at = NULL", (state,))


def test_paused_nothing_goes_and_resumed_it_goes_on(desk: Desk, peer: Peer) -> None:
    desk.queue(1)
    for channel in (None, Channel.EMAIL):
        with desk.database.transaction("demo") as tx:
            outbox.pause(tx, vault=VAULT, channel=channel, reason="test", actor=OPERATOR, now=desk.clock())
        with pytest.raises(outbox.PausedAlready), desk.database.transaction("demo") as tx:
            outbox.pause(tx, vault=VAULT, channel=channel, reason="test", actor=OPERATOR, now=desk.clock())
        assert desk.work() == 0
        with desk.database.transaction("demo") as tx:
            outbox.resume(tx, vault=VAULT, channel=channel, actor=OPERATOR, now=desk.clock())
    with pytest.raises(outbox.NotPaused), desk.database.transaction("demo") as tx:
        outbox.resume(tx, vault=VAULT, channel=None, actor=OPERATOR, now=desk.clock())
    with desk.database.transaction("demo") as tx:
        outbox.pause(tx, vault=VAULT, channel=Channel.SMS, reason="test", actor=OPERATOR, now=desk.clock())
    assert desk.work() == 1
    assert len(peer.handler.kept) == 1
    assert [one for one in desk.kinds() if one.startswith("outbox")] == [
        "outbox.paused", "outbox.resumed", "outbox.paused", "outbox.resumed", "outbox.paused",
    ]  # fmt: skip


def test_a_message_that_waits_is_taken_back(desk: Desk, peer: Peer) -> None:
    desk.queue(1)
    number = desk.rows()[0].message_id
    with desk.database.transaction("demo") as tx:
        assert outbox.withdraw(tx, gate=GATE, message_id=number, actor=OPERATOR, clock=desk.clock).state == "withdrawn"
    assert desk.work() == 0
    assert (desk.contacts(), peer.handler.kept) == ([("released", None)], [])
    with pytest.raises(outbox.NotQueued), desk.database.transaction("demo") as tx:
        outbox.withdraw(tx, gate=GATE, message_id=number, actor=OPERATOR, clock=desk.clock)


def test_the_rate_of_a_channel_is_kept(desk: Desk, peer: Peer) -> None:
    desk.set_up(peer, minute_max=30)
    desk.queue(1, 2, 3, 4, 5, 6)
    desk.clock.forward(seconds=1)
    desk.work(threads=3)
    assert len(peer.handler.kept) == 2  # of the two seconds before, and of this instant
    desk.clock.forward(seconds=60)
    desk.work(threads=3)
    assert len(peer.handler.kept) == 4  # what was saved up is lost after two seconds


def test_a_provider_that_is_down_costs_no_message_and_is_left_alone_for_a_while(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with mail_peer(tmp_path / "other") as gone:
        pass
    desk.set_up(gone)
    desk.queue(1)
    for _ in range(FAILURES_MAX):
        assert desk.work(threads=1) == 0
    assert desk.states() == ["queued"]
    tried = len(desk.told)
    assert desk.work() == 0
    assert len(desk.told) == tried  # nobody calls it
    with desk.database.transaction("demo") as tx:
        row = transports.get(tx, "email")
    assert (row.failures, row.shut_until) == (FAILURES_MAX, desk.clock() + SHUT_FOR)
    desk.clock.at += SHUT_FOR
    with mail_peer(tmp_path / "other") as back:
        with desk.database.transaction("demo") as tx:
            tx.execute(
                "UPDATE transport SET settings = settings || jsonb_build_object('port', %s::text)", (str(back.port),)
            )
            tx.execute("UPDATE transport SET set_at = set_at + interval '1 second'")
        assert desk.work() == 1
        desk.lines.close()
    with desk.database.transaction("demo") as tx:
        assert transports.get(tx, "email").failures == 0


def test_several_workers_send_each_message_once(desk: Desk, peer: Peer) -> None:
    desk.queue(1, 2, 3, 4, 5, 6)

    def worker(name: str) -> int:
        lines = Lines()
        with desk.database.session_lock(lock_name(name)):
            done = work_off(desk.post, "demo", worker=name, lines=lines, threads=2)
        lines.close()
        return done

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(worker, ("a", "b", "c"))) == 6
    assert sorted(one.rcpt_tos[0] for one in peer.handler.kept) == [f"demo-{n}@example.com" for n in range(1, 7)]
    assert desk.states() == ["sent"] * 6


def test_a_text_that_does_not_open_stops_nobody_else(desk: Desk) -> None:
    desk.queue(1, 2)
    first = desk.rows()[0].message_id
    with desk.database.transaction("demo") as tx:
        tx.connection.execute("RESET ROLE")
        tx.execute("UPDATE message SET content_sealed = '\\x00' WHERE message_id = %s", (first,))
    desk.work(threads=1)
    assert desk.states() == ["queued", "sent"]
    assert len(desk.told) == 1
    desk.clock.forward(minutes=11)
    desk.work()
    assert desk.states() == ["withheld", "sent"]


def test_a_certificate_that_nobody_vouches_for_gets_nothing(desk: Desk, peer: Peer) -> None:
    desk.set_up(peer, ca_file="")
    desk.queue(1)
    assert desk.work(threads=1) == 0
    assert "CERTIFICATE_VERIFY_FAILED" in desk.told[0]
    assert (desk.states(), peer.handler.kept) == (["queued"], [])


@pytest.mark.parametrize(
    ("given", "trouble"),
    [
        ({"host": "mail.example.com"}, DemoStaysHere),
        ({"host": "mail.example.com", "tls": "none"}, BadSetting),
        ({"tls": "perhaps"}, BadSetting),
        ({"port": "0"}, BadSetting),
        ({"from": "nobody"}, BadSetting),
        ({"from_name": "a\r\nBcc: all@example.com"}, BadSetting),
        ({"dkim_domain": "bank.example"}, BadSetting),
        ({"password": ""}, BadSetting),
        ({"unheard": "of"}, BadSetting),
    ],
)
def test_settings_that_cannot_be_are_refused(
    desk: Desk, peer: Peer, given: dict[str, str], trouble: type[Exception]
) -> None:
    with pytest.raises(trouble), desk.database.transaction("demo") as tx:
        set_up(tx, vault=VAULT, name="email", given=peer.settings() | given, actor=OPERATOR, now=desk.clock())


def test_a_channel_is_set_up_by_name_at_a_rate_and_its_secrets_are_sealed(desk: Desk, peer: Peer) -> None:
    with pytest.raises(NoSuchTransport), desk.database.transaction("demo") as tx:
        set_up(tx, vault=VAULT, name="pigeon", given={}, actor=OPERATOR, now=desk.clock())
    with pytest.raises(NotARate), desk.database.transaction("demo") as tx:
        set_up(tx, vault=VAULT, name="email", given=peer.settings(), minute_max=-1, actor=OPERATOR, now=desk.clock())
    with desk.database.transaction("demo") as tx:
        set_up(tx, vault=VAULT, name="email", given={"seconds": "9"}, actor=OPERATOR, now=desk.clock())
        kept = transports.get(tx, "email")
    assert kept.settings["seconds"] == "9"
    assert "password" not in kept.settings
    desk.queue(1)
    assert desk.work() == 1  # the password that was set before still opens
    assert kept.set_at + timedelta(0) == desk.clock()


def test_a_batch_is_queued_in_one_transaction_or_not_at_all(desk: Desk) -> None:
    made = [desk.prepare(1), desk.prepare(2)]
    answers = queue_prepared(desk.database, "demo", gate=GATE, prepared=made, actor=OPERATOR, clock=desk.clock)
    assert [type(one) for one in answers] == [Permit, Permit]
    assert desk.states() == ["queued", "queued"]
    desk.clock.at = CLOSING
    assert "cn.contact.window" in refused(desk.queue(3)[0])
