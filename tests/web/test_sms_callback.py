"""A provider of texts calls back over real HTTP: proven, receipts and replies act; unproven or again, nothing does."""

from __future__ import annotations

import hmac
import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from duecourse.casework.channel_setup import set_up
from duecourse.casework.gate import Gate
from duecourse.channels.sms_http.callbacks import BadCallbacks, Signed, read_callbacks
from duecourse.channels.sms_http.spec import BadSpec, read_spec
from duecourse.law.terms import Channel
from duecourse.storage import points
from tests.desk import person, phones
from tests.permit_desk import OPERATOR
from tests.post_desk import Desk
from tests.web.reader import Ground

EXAMPLE = (Path(__file__).parents[2] / "docs/examples/sms-provider.yaml").read_text(encoding="utf-8")
SECRET = "of-a-provider-that-is-none"


@pytest.fixture
def provider() -> Iterator[str]:
    """A provider's server, which takes every text under a name of its own."""

    class Handler(BaseHTTPRequestHandler):
        names = iter(range(1, 1_000))

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"code": "0", "data": {"id": f"p-{next(self.names)}"}}).encode())

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


class Called:
    """A desk that sends by the provider, and the provider's calls to the pages."""

    def __init__(self, ground: Ground, provider: str, secret: str = SECRET) -> None:
        self.ground, self.desk = ground, Desk(ground.database, Gate(ground.vault), ground.clock, channel=Channel.SMS)
        with ground.database.transaction("demo") as tx:
            set_up(
                tx, vault=ground.vault, name="sms_http",
                given={
                    "url": provider, "spec": EXAMPLE, "key": "k1", "from": "10690000", "callback_secret": secret,
                },
                minute_max=60_000, actor=OPERATOR, now=ground.clock(),
            )  # fmt: skip

    def call(
        self, said: object, *, secret: str = SECRET, late: int = 0, lender: str = "demo", raw: bytes | None = None
    ) -> int:
        body = json.dumps(said).encode() if raw is None else raw
        at = str(int((self.ground.clock() - timedelta(seconds=late)).timestamp())).encode()
        mac = hmac.digest(secret.encode(), at + b"." + body, "sha256").hex()
        headers = {"X-Timestamp": at.decode(), "X-Signature": f"sha256={mac}"} if secret else {}
        return httpx.post(f"{self.ground.url}/sms/{lender}", content=body, headers=headers).status_code

    def state(self, number: int) -> str:
        with self.ground.database.transaction("demo") as tx:
            return next(one.state for one in points.of_person(tx, person(number)) if one.kind == "phone")


def status(name: str, state: str) -> dict[str, object]:
    return {"event": "status", "data": {"id": name, "state": state}}


def test_receipts_act_once_and_only_where_they_are_proven(ground: Ground, provider: str) -> None:
    called = Called(ground, provider)
    called.desk.queue(1, 2)
    assert called.desk.work(threads=1) == 2, called.desk.told
    names = [str(one.provider_ref) for one in called.desk.rows()]
    done = status(names[0], "DELIVRD")
    for wrong in (called.call(done, secret=""), called.call(done, secret="another"), called.call(done, late=301)):
        assert wrong == 401
    called.desk.work()
    assert called.desk.contacts() == [("reported", "sent")] * 2, "nothing of it was read"
    assert called.call([done, status(names[1], "NO_SUCH_NUMBER"), status("of-nobody", "DELIVRD"), "?"]) == 204
    called.desk.work()
    assert called.desk.contacts() == [("reported", "delivered"), ("reported", "failed")]
    assert (called.desk.states(), called.state(2)) == (["sent", "failed"], "unreachable")
    before = called.desk.kinds()
    assert called.call([done, status(names[1], "NO_SUCH_NUMBER")]) == 204
    called.desk.work()
    assert called.desk.kinds() == before
    called.desk.lines.close()


def test_a_reply_lands_once_and_a_stop_acts_at_once(ground: Ground, provider: str) -> None:
    called = Called(ground, provider)
    sender = str(phones(1)["value"][0])
    said = {"event": "inbound", "data": {"id": "mo-1", "from": sender, "to": "10690000", "text": "退订"}}
    assert called.call(said, secret="another") == 401
    assert called.state(1) == "ok"
    assert called.call(said) == 204
    assert called.state(1) == "stopped"
    assert called.call(said) == 204
    with ground.database.transaction("demo") as tx:
        assert tx.value("SELECT count(*) FROM inbound") == 1
        assert tx.value("SELECT count(*) FROM reading WHERE meaning = 'stop'") == 1
        stored = str(tx.execute("SELECT i.*::text FROM inbound i").fetchall())
    assert "退订" not in stored


def test_what_is_no_call_of_a_provider_is_refused(ground: Ground, provider: str) -> None:
    assert httpx.post(f"{ground.url}/sms/demo", content=b"{}").status_code == 404  # no channel is set up
    called = Called(ground, provider)
    assert called.call({}, lender="nobody") == 404
    assert called.call({}, raw=b"\xff\xfe") == 400
    assert called.call({}, raw=b"[" * 200_000) == 400
    assert called.call([{}] * 501) == 400
    assert called.call({}, raw=b"x" * 300_000) == 413
    assert called.call({"event": "weather"}) == 204  # left alone


def test_without_a_secret_nobody_is_believed(ground: Ground, provider: str) -> None:
    called = Called(ground, provider, secret="")
    assert called.call(status("p-1", "DELIVRD"), secret="") == 401
    assert called.call(status("p-1", "DELIVRD")) == 401


def test_a_shared_secret_and_a_plain_body_are_other_ways(ground: Ground) -> None:
    now = ground.clock()
    shared, plain = Signed("X-Token"), Signed("X-Mac", "sha512")
    assert shared.proves("s1", {"x-token": "s1"}, b"{}", now)
    assert not shared.proves("s1", {"x-token": "s2"}, b"{}", now)
    assert not shared.proves("", {"x-token": ""}, b"{}", now)
    mac = b64encode(hmac.digest(b"s1", b"a=b", "sha512")).decode()
    assert plain.proves("s1", {"x-mac": mac}, b"a=b", now)
    assert not plain.proves("s1", {"x-mac": mac}, b"a=c", now)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("hmac: sha256", "hmac: md5"),
        ("header: X-Signature, ", ""),
        ("{hmac: sha256, header: X-Signature, timestamp: X-Timestamp}", "{}"),
        (", delivered: [DELIVRD]", ""),
        ("text: data.text, ", ""),
        ("reply: {where", "replies: {where"),
        ("failed: [UNDELIV, EXPIRED]", "failed: UNDELIV"),
    ],
)
def test_a_description_that_is_none_is_told_with_its_line(old: str, new: str) -> None:
    assert old in EXAMPLE
    with pytest.raises(BadSpec, match="line 11, callbacks"):
        read_spec(EXAMPLE.replace(old, new))
    with pytest.raises(BadCallbacks):
        read_callbacks([])
