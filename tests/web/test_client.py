"""The Python client: typed answers, typed troubles, and again only where that changes nothing."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from duecourse import client
from duecourse.client import ApiTrouble, Client, Contact, Permit, Refused, troubles
from duecourse.storage.tokens import Scope
from duecourse.web.api.problem import Kind
from tests.desk import loan, person
from tests.permit_desk import MORNING, point
from tests.web.conftest import Site
from tests.web.test_permits import DIALLER, NUMBERS

SCRIPT = "the script as it is spoken"


def call(site: Site, number: int, **changed: object) -> Contact:
    values: dict[str, object] = {
        "person": str(person(number)), "loans": [str(loan(number))], "contact_point": str(point(site.database, number)),
        "channel": "call", "at": site.now(), "template": "m1.call", "content": SCRIPT, "staff": "a017",
    }  # fmt: skip
    return Contact(**(values | changed))  # type: ignore[arg-type]


@pytest.fixture
def gate(site: Site) -> Iterator[Client]:
    token = site.token(*DIALLER, Scope.LAW_READ, firm="acme", name="client")
    with Client(site.url.removesuffix("/api/v1"), token) as opened:
        yield opened


def test_the_way_of_a_contact(site: Site, gate: Client) -> None:
    contact = call(site, next(NUMBERS))
    assert gate.check(contact).allowed
    permit = gate.request(contact)
    assert (permit.purpose, permit.at, permit.expires_at) == ("collect", MORNING, MORNING + timedelta(minutes=10))
    assert permit.token not in repr(permit)
    assert gate.redeem(permit, content=SCRIPT, staff="a017").at == MORNING
    assert gate.report(permit, "unanswered") == gate.report(permit.permit, "unanswered")
    with pytest.raises(client.Conflict):
        gate.report(permit, "connected")
    with pytest.raises(Refused) as no:
        gate.redeem(permit, content=SCRIPT, staff="a017")
    assert no.value.why == "used"


def test_several_at_once(site: Site, gate: Client) -> None:
    contact = call(site, next(NUMBERS))
    answers = gate.request_many({uuid4().hex: contact for _ in range(4)})
    assert [type(one) for one in answers.values()] == [Permit] * 3 + [Refused]
    (refused,) = (one for one in answers.values() if isinstance(one, Refused))
    assert refused.reasons[0].rule == "cn.contact.connected_calls"
    assert refused.next_open == datetime(2026, 3, 3, tzinfo=UTC)


def test_an_explanation_is_typed(gate: Client) -> None:
    at = MORNING + timedelta(hours=12, minutes=10)
    found = gate.explain(channel="call", at=at, template="m1.call", assume="ordinary")
    assert not found.allowed
    assert found.refusals[0].source.instrument
    assert found.next_open == MORNING + timedelta(hours=22)
    assert found.assumed["connected_calls_person_day"] == 0


def test_each_kind_of_problem_has_its_class() -> None:
    for kind in Kind:
        found = troubles.of({"type": kind.type, "title": kind.title, "status": kind.status, "detail": "x"}, None)
        assert found.status == kind.status
        assert type(found) is not ApiTrouble or kind in {Kind.NO_METHOD, Kind.NOT_JSON}, kind


def test_troubles_are_typed(site: Site, gate: Client) -> None:
    with pytest.raises(client.Invalid) as wrong:
        gate.request(call(site, 1, channel="fax"))
    assert [one["pointer"] for one in wrong.value.errors] == ["/channel"]
    with pytest.raises(client.NotFound):
        gate.report(str(10**9), "connected")
    contact, key = call(site, next(NUMBERS)), uuid4().hex
    gate.request(contact, key=key)
    with pytest.raises(client.OtherRequest):
        gate.request(call(site, next(NUMBERS)), key=key)
    with Client(site.url.removesuffix("/api/v1"), "x") as nobody, pytest.raises(client.NoToken):
        nobody.check(contact)
    with Client(site.url.removesuffix("/api/v1"), site.token(Scope.LAW_READ)) as reader, pytest.raises(client.NoScope):
        reader.check(contact)
    with pytest.raises(ValueError, match="know its zone"):
        call(site, 1, at=datetime(2026, 3, 2, 10))  # noqa: DTZ001 - that is what is refused


class Proxy:
    """Stands between client and server and breaks connections after the server has answered: the answer is lost."""

    def __init__(self, port: int, losses: int) -> None:
        self.asked = 0
        self._server, self._losses = port, losses
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    def run(self) -> None:
        """Serve one connection after the other, until the listener is closed."""
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            with near, socket.create_connection(("127.0.0.1", self._server)) as far:
                self._carry(near, far)

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        """Carry bytes both ways until one side is done, or an answer is lost: it was done, and nobody is told."""
        while True:
            ready, _, _ = select.select([near, far], [], [], 30)
            for one in ready:
                content = one.recv(65_536)
                if not content:
                    return
                if one is near:
                    self.asked += content.startswith(b"POST ")
                    far.sendall(content)
                elif self.asked <= self._losses:
                    return
                else:
                    near.sendall(content)
            if not ready:
                return

    def close(self) -> None:
        """Take no more connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextmanager
def losing(site: Site, losses: int) -> Iterator[tuple[Client, Proxy]]:
    """A client whose first answers get lost on the way."""
    proxy = Proxy(int(site.url.rpartition(":")[2].partition("/")[0]), losses)
    thread = threading.Thread(target=proxy.run)
    thread.start()
    token = site.token(*DIALLER, firm="acme", name="client")
    try:
        with Client(f"http://127.0.0.1:{proxy.port}", token) as opened:
            yield opened, proxy
    finally:
        proxy.close()
        thread.join()


def test_a_lost_answer_is_asked_for_again_and_reserves_once(site: Site, gate: Client) -> None:
    contact = call(site, next(NUMBERS))
    with losing(site, 2) as (weak, proxy):
        permit = weak.request(contact)
        assert proxy.asked == 3
    assert permit.channel == "call"
    for _ in range(2):  # of three a day, one is used
        gate.request(contact)
    with pytest.raises(Refused):
        gate.request(contact)


def test_a_redemption_is_asked_once(site: Site, gate: Client) -> None:
    permit = gate.request(call(site, next(NUMBERS)))
    with losing(site, 1) as (weak, proxy):
        with pytest.raises(client.Unreachable):
            weak.redeem(permit, content=SCRIPT, staff="a017")
        assert proxy.asked == 1
    assert gate.report(permit, "not_sent").outcome == "not_sent"


def test_nobody_there_is_said_in_the_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with Client(f"http://127.0.0.1:{port}", "x", tries=2) as lost, pytest.raises(client.Unreachable, match="no answer"):
        lost.explain(channel="call", at=MORNING)
