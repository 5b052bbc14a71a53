"""The outbox on screen and over HTTP: one click stops all sending, unknown outcomes are settled by somebody."""

from __future__ import annotations

from pathlib import Path

import pytest

from duecourse.casework.actor import Role
from duecourse.casework.gate import Gate
from duecourse.casework.handover import against
from duecourse.casework.permit import Refusal, Why
from duecourse.client import Client
from duecourse.client.troubles import ApiTrouble
from duecourse.storage import messages
from duecourse.storage.tokens import Scope
from tests.desk import register
from tests.mail_peer import PASSWORD, mail_peer
from tests.permit_desk import Clock
from tests.post_desk import Desk, mailboxes
from tests.web.conftest import Site
from tests.web.reader import Ground


def sending(ground: Ground, tmp_path: Path) -> Desk:
    desk = Desk(ground.database, Gate(ground.vault), ground.clock)
    register(ground.database, ground.vault, mailboxes(1, 2, 3), now=ground.clock())
    with mail_peer(tmp_path) as peer:
        desk.set_up(peer)
    return desk


def lost(desk: Desk) -> int:
    """A message whose worker died, and of which nobody knows what became."""
    desk.queue(1)
    number = desk.rows()[-1].message_id
    with desk.database.transaction("demo") as tx:
        tx.execute("UPDATE contact SET state = 'redeemed', redeemed_at = at WHERE state = 'reserved'")
        tx.execute("UPDATE message SET state = 'sending', worker = 'dead', sending_at = %s", (desk.clock(),))
    desk.work()
    assert desk.states() == ["unknown"]
    return number


def test_one_click_stops_all_sending_and_another_lets_it_go_on(ground: Ground, tmp_path: Path) -> None:
    desk = sending(ground, tmp_path)
    boss = ground.reader(Role.SUPERVISOR)
    assert "Pause all sending now" in boss.get("/outbox").text
    assert boss.post("/outbox/pauses").status_code == 303
    page = boss.get("/outbox").text
    assert "All sending is paused" in page
    assert "supervisor:one-supervisor" in page
    desk.queue(2)
    assert desk.work() == 0
    assert boss.post("/outbox/pauses").status_code == 422, "it stands already"
    auditor = ground.reader(Role.AUDITOR)
    assert "All sending is paused" in auditor.get("/live/outbox").text
    assert auditor.post("/outbox/pauses/ending").status_code == 403
    assert boss.post("/outbox/pauses/ending").status_code == 303
    assert boss.post("/outbox/pauses", channel="email", reason="mailbox full").status_code == 303
    assert "mailbox full" in boss.get("/outbox").text
    assert boss.post("/outbox/pauses", channel="pigeon").status_code == 422
    assert desk.kinds()[-1] == "outbox.paused"
    assert PASSWORD not in boss.get("/outbox").text
    assert "shown to nobody" in boss.get("/outbox").text


def test_what_nobody_knows_is_settled_by_somebody(ground: Ground, tmp_path: Path) -> None:
    desk = sending(ground, tmp_path)
    number = lost(desk)
    boss = ground.reader(Role.SUPERVISOR)
    page = boss.get("/outbox?state=unknown").text
    assert "Nobody knows what became of these" in page
    assert f"/outbox/messages/{number}/settlement" in page
    assert boss.post(f"/outbox/messages/{number}/settlement", found="perhaps").status_code == 422
    assert boss.post(f"/outbox/messages/{number}/settlement", found="failed").status_code == 303
    told = boss.get(f"/outbox/messages/{number}").text
    assert "supervisor:one-supervisor" in told
    assert boss.post(f"/outbox/messages/{number}/settlement", found="sent").status_code == 422
    assert "Nobody knows" not in boss.get("/outbox").text
    assert boss.get("/outbox/messages/999").status_code == 404


def test_a_withheld_message_shows_the_law(ground: Ground, tmp_path: Path) -> None:
    desk = sending(ground, tmp_path)
    desk.queue(2)
    row = desk.rows()[-1]
    refused = Refusal(
        permit_id=row.permit_id, lender_id="demo", person_id=row.person_id, why=Why.LAW,
        says={"zh": "夜间", "en": "night"}, reasons=({"rule": "cn.contact.window"}, {"rule": "gone.rule"}), missing=(),
        lifts=(), next_open=None, at=ground.clock(),
    )  # fmt: skip
    with desk.database.transaction("demo") as tx:
        messages.end(tx, row.message_id, state="withheld", now=ground.clock(), why=against(refused))
    page = ground.reader(Role.COMPLIANCE).get(f"/outbox/messages/{row.message_id}").text
    assert "No collection between 22:00 and 08:00" in page
    assert "GB/T 45251-2025" in page
    assert "gone.rule" in page


def test_the_same_over_http(own_site: Site, tmp_path: Path) -> None:
    desk = Desk(own_site.database, Gate(own_site.vault), Clock())
    register(own_site.database, own_site.vault, mailboxes(1, 2), now=desk.clock())
    with mail_peer(tmp_path) as peer:
        desk.set_up(peer)
    number = lost(desk)
    token = own_site.token(Scope.OUTBOX_READ, Scope.OUTBOX_WORK)
    with Client(own_site.url.removesuffix("/api/v1"), token) as client:
        whole = client.read_outbox()
        assert [(one.state, one.count) for one in whole.counts] == [("unknown", 1)]
        assert "password" not in whole.channels[0].settings
        assert [one.message for one in client.list_messages(state="unknown").messages] == [str(number)]
        made = client.pause_sending(reason="over HTTP")
        assert [one.pause for one in client.read_outbox().pauses] == [made.pause]
        with pytest.raises(ApiTrouble):
            client.pause_sending(reason="again")
        client.resume_sending()
        assert client.settle_message(str(number), found="sent").state == "sent"
        desk.queue(2)
        waiting = client.list_messages(state="queued", channel="email").messages[0].message
        assert client.withdraw_message(waiting).state == "withdrawn"
        assert client.read_message(waiting).why_en is None
