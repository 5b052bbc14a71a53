"""The address that stops e-mails: one click from a mail program or a person; signed; asked twice it stays so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from duecourse import app
from duecourse.casework import stop_link
from duecourse.casework.gate import Gate
from duecourse.casework.permit import Refusal
from duecourse.storage import log, points
from duecourse.storage.connection import Database
from tests.conftest import _base
from tests.desk import person
from tests.mail_peer import mail_peer
from tests.permit_desk import Clock
from tests.post_desk import Desk
from tests.web.conftest import _listening


@pytest.fixture
def served(database: Database, tmp_path: Path) -> Iterator[tuple[Desk, str]]:
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    where = app.settings({"DUECOURSE_HOME": str(home)})
    desk = Desk(database, Gate(app.vault_of(where)), Clock())
    desk.fill(1, 2)
    with (
        mail_peer(tmp_path) as peer,
        _listening(app.web(app.Desk(where, database), clock=desk.clock)) as url,
    ):
        desk.set_up(peer)
        yield desk, url
        desk.lines.close()


def address(desk: Desk, url: str, place: int = 0) -> str:
    number = desk.rows()[place].message_id
    return f"{url}{stop_link.PATH}/{stop_link.token(desk.gate.vault, 'demo', number)}"


def state(desk: Desk, number: int) -> str:
    with desk.database.transaction("demo") as tx:
        return next(one.state for one in points.of_person(tx, person(number)) if one.kind == "email")


def test_one_click_stops_what_waits_and_what_would_come(served: tuple[Desk, str]) -> None:
    desk, url = served
    desk.queue(1, 2)
    stop = address(desk, url)
    asked = httpx.get(stop)
    assert asked.status_code == 200
    assert asked.headers["referrer-policy"] == "no-referrer"
    assert state(desk, 1) == "ok"  # programs follow addresses before people read them
    for _twice in range(2):
        done = httpx.post(stop, data={"List-Unsubscribe": "One-Click"}, headers={"accept-language": "zh-CN"})
        assert done.status_code == 200
        assert "不再向此邮箱发送邮件" in done.text
    assert (state(desk, 1), state(desk, 2)) == ("stopped", "ok")
    desk.work()
    assert desk.states() == ["withheld", "sent"]
    assert isinstance(desk.queue(1)[0], Refusal)
    with desk.database.transaction("demo") as tx:
        kinds = [one.kind for one in log.of_person(tx, person(1))]
    assert kinds.count("point.stopped") == 1


def test_nobody_stops_anybody_elses(served: tuple[Desk, str]) -> None:
    desk, url = served
    desk.queue(1, 2)
    first, second = address(desk, url), address(desk, url, 1)
    mixed = f"{first.rpartition('.')[0]}.{second.rpartition('.')[2]}"
    for odd in (mixed, first[:-1], f"{url}/u/demo.1.{'0' * 32}", f"{url}/u/x", f"{url}/u/{'9' * 200}"):
        for method in ("GET", "POST"):
            assert httpx.request(method, odd).status_code == 404, odd
    assert (state(desk, 1), state(desk, 2)) == ("ok", "ok")
