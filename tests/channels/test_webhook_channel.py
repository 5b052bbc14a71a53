"""Notifications by a signed call to a server that checks the signature by the library: each once, its answer read."""

from __future__ import annotations

import json
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from duecourse.channels.conformance import Mood, described, findings
from duecourse.channels.contract import (
    Attachment,
    BadSetting,
    Message,
    NotReady,
    Refused,
    Taken,
    Transport,
    checked,
    kinds,
)
from duecourse.channels.webhook import KIND
from duecourse.channels.webhook.post import NoAnswer
from tests.mail_peer import certificate

SECRET = "whsec_" + b64encode(bytes(range(32))).decode()
ANSWERS = {Mood.TAKES: 202, Mood.REFUSES: 410, Mood.LATER: 429}


@dataclass
class App:
    """The app's server."""

    port: int
    status: int | None = 202  # None: hangs up after it took the message
    got: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def settings(self, **more: str) -> dict[str, str]:
        return {"url": f"http://127.0.0.1:{self.port}/push?v=1", "secret": SECRET, "seconds": "2", **more}


@contextmanager
def app_server(context: ssl.SSLContext | None = None) -> Iterator[App]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                said = Webhook(SECRET).verify(body, dict(self.headers.items()))
            except WebhookVerificationError as error:
                running.wrong.append(str(error))
                self.send_error(401)
                return
            if running.status is None or running.status < 400 or running.status == 500:
                running.got.append({**said["data"], "webhook-id": self.headers["Webhook-Id"]})
            if running.status is None:
                self.connection.close()
                return
            self.send_response(running.status)
            self.end_headers()
            self.wfile.write(json.dumps({"id": f"app-{len(running.got)}"}).encode())

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    running = App(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def app() -> Iterator[App]:
    with app_server() as running:
        yield running


def a_message() -> Message:
    """At the true time: the library's receivers refuse old calls."""
    return Message(
        reference="bank.7", token="bank.7.0123456789abcdef", to="demo-app-1", lang="zh", subject="示例银行给您的函件",
        text="您尾号0042的借款应还12,345.60元。\n", html="", at=datetime.now(UTC),
        attachments=(Attachment("notice.png", "image/png", b"\x89PNG"),),
    )  # fmt: skip


def opened(app: App, **more: str) -> Transport:
    return KIND.open(checked(KIND, app.settings(**more)))


def test_a_call_is_signed_and_says_on_a_locked_screen_nothing_of_a_debt(app: App) -> None:
    line = opened(app)
    assert line.send(a_message()) == Taken("app-1")
    line.close()
    assert app.got == [
        {
            "id": "bank.7", "webhook-id": "bank.7", "to": "demo-app-1", "lang": "zh", "alert": "示例银行给您的函件",
            "text": "您尾号0042的借款应还12,345.60元。",
            "files": [{"name": "notice.png", "type": "image/png", "data": b64encode(b"\x89PNG").decode()}],
        }
    ]  # fmt: skip
    other = opened(app, secret="whsec_" + b64encode(bytes(32)).decode())
    assert other.send(a_message()) == Refused("answered 401", permanent=False)
    assert (len(app.got), len(app.wrong)) == (1, 1)


@pytest.mark.parametrize(
    ("status", "found"),
    [(200, Taken), (301, False), (400, True), (401, False), (404, True), (410, True), (429, False), (503, False)],
)
def test_what_an_answer_means(app: App, status: int, found: object) -> None:
    app.status = status
    line = opened(app)
    answer = line.send(a_message())
    line.close()
    assert (
        isinstance(answer, Taken) if found is Taken else answer == Refused(f"answered {status}", permanent=bool(found))
    )


def test_a_server_that_failed_may_have_passed_it_on(app: App) -> None:
    app.status = 500
    line = opened(app)
    with pytest.raises(NoAnswer):
        line.send(a_message())
    line.close()
    assert len(app.got) == 1


def test_the_servers_name_is_proven(tmp_path: Path) -> None:
    public, secret = certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(public, secret)
    with app_server(context) as app:
        url = f"https://127.0.0.1:{app.port}/"
        line = opened(app, url=url, ca_file=str(public))
        assert isinstance(line.send(a_message()), Taken)
        line.close()
        with pytest.raises(NotReady, match="CERTIFICATE_VERIFY_FAILED"):
            opened(app, url=url).ready()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("url", "http://app.example/push"), ("url", "https://user@app.example"), ("url", "nowhere"),
        ("url", "https://app.example:0"), ("secret", "whsec_c2hvcnQ="), ("secret", "no base64"), ("seconds", "0"),
        ("ca_file", "/nowhere"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(app: App, name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        checked(KIND, app.settings(**{"url": "https://app.example/push", name: value}))


class Trial:
    """The channel beside a server."""

    to = "demo-app-1"

    def __init__(self, app: App) -> None:
        self.app, self.down = app, False

    def transport(self) -> Transport:
        return _Now(opened(self.app, **({"url": "http://127.0.0.1:1/"} if self.down else {})))

    def mood(self, mood: Mood) -> None:
        self.down, self.app.status = mood is Mood.DOWN, ANSWERS.get(mood)

    def delivered(self) -> list[str]:
        return [one["webhook-id"] for one in self.app.got]


@dataclass
class _Now:
    """The suite's messages are of another day, which receivers refuse: sent as of now."""

    line: Transport

    def ready(self) -> None:
        self.line.ready()

    def send(self, message: Message) -> Taken | Refused:
        return self.line.send(replace(message, at=datetime.now(UTC)))

    def close(self) -> None:
        self.line.close()


def test_the_channel_keeps_the_contract(app: App) -> None:
    assert findings(Trial(app)) == []
    assert described(KIND) == []
    assert kinds()["webhook"] is KIND
