"""``duecourse outbox`` and ``channel``: set up, checked, sent by the worker, paused, and found out about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from duecourse.app import open_desk, settings, vault_of
from duecourse.casework.gate import Gate
from duecourse.storage.connection import Database
from duecourse.trouble import Exit
from tests.conftest import Program
from tests.desk import NOW
from tests.mail_peer import PASSWORD, Peer, mail_peer
from tests.permit_desk import Clock
from tests.post_desk import Desk


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    with open_desk(settings({"DUECOURSE_HOME": str(home)}), lender_needed=False) as desk:
        yield desk.database


@pytest.fixture
def desk(database: Database, home: Path) -> Desk:
    desk = Desk(database, Gate(vault_of(settings({"DUECOURSE_HOME": str(home)}))), Clock())
    desk.fill(1, 2)
    return desk


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    with mail_peer(tmp_path) as running:
        yield running


def said(duecourse: Program, *arguments: str, status: int = Exit.OK) -> Any:  # noqa: ANN401 - JSON
    done = duecourse(*arguments, "--json")
    assert done.returncode == status, done.stderr
    return json.loads(done.stdout)


def test_a_channel_is_set_up_and_checked(duecourse: Program, desk: Desk, peer: Peer, tmp_path: Path) -> None:
    assert desk.states() == []
    names = [one["name"] for one in said(duecourse, "channel", "list")]
    assert names == ["captured", "email", "sms", "sms_http", "voice", "webhook"]
    assert "邮件服务器名称" in duecourse("--lang", "zh-CN", "channel", "list").stdout
    nothing = duecourse("channel", "check", "email")
    assert (nothing.returncode, "nothing is set up" in nothing.stderr) == (Exit.BAD_INPUT, True)
    secret = tmp_path / "password"
    secret.write_text(PASSWORD)
    given = {**peer.settings(), "password": f"@{secret}"}
    made = said(duecourse, "channel", "set", "email", *(f"{name}={value}" for name, value in given.items()))
    assert "password" not in made["settings"]
    assert said(duecourse, "channel", "check", "email") == {"channel": "email", "findings": []}
    assert PASSWORD not in duecourse("channel", "show").stdout
    said(duecourse, "channel", "set", "email", "port=1")
    assert "ConnectionRefused" in said(duecourse, "channel", "check", "email", status=Exit.FOUND)["findings"][0]


def test_the_worker_withholds_what_came_too_late_and_people_pause_it(
    duecourse: Program, desk: Desk, peer: Peer
) -> None:
    desk.set_up(peer)
    desk.queue(1, 2)  # by the clock of a day long ago, so that the program's own clock finds the permits ended
    first = str(desk.rows()[0].message_id)
    said(duecourse, "outbox", "pause", "--reason", "a test")
    shown = duecourse("--lang", "zh-CN", "outbox", "show").stdout
    assert "已暂停：全部发送" in shown
    said(duecourse, "outbox", "withdraw", first)
    said(duecourse, "outbox", "resume")
    assert said(duecourse, "outbox", "work", "--once") == {"messages": 1}
    assert [one["state"] for one in said(duecourse, "outbox", "list")] == ["withheld", "withdrawn"]
    assert "未予发送" in duecourse("--lang", "zh-CN", "outbox", "list").stdout
    assert peer.handler.kept == []
    settled = duecourse("outbox", "settle", first, "sent")
    assert (settled.returncode, "nothing to find out" in settled.stderr) == (Exit.REFUSED, True)
    assert duecourse("outbox", "queue", "1").returncode == Exit.BAD_INPUT


def test_what_a_killed_worker_left_is_listed_until_somebody_found_out(
    duecourse: Program, desk: Desk, peer: Peer
) -> None:
    desk.set_up(peer)
    desk.queue(1)
    number = desk.rows()[0].message_id
    with desk.database.transaction("demo") as tx:
        tx.execute("UPDATE contact SET state = 'redeemed', redeemed_at = at")
        tx.execute("UPDATE message SET state = 'sending', worker = 'dead', sending_at = %s", (NOW,))
    said(duecourse, "outbox", "work", "--once")
    assert [one["message"] for one in said(duecourse, "outbox", "unknown")] == [number]
    assert "发送过程中断" in duecourse("--lang", "zh-CN", "outbox", "unknown").stdout
    assert said(duecourse, "outbox", "settle", str(number), "failed")["state"] == "failed"
