"""Texts by a provider that a file describes: a real server that answers as the file says, or as it does not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from duecourse.channels.conformance import Mood, described, findings, message
from duecourse.channels.contract import BadSetting, Refused, Taken, Transport, checked, kinds
from duecourse.channels.sms_http import KIND, NoAnswer
from duecourse.channels.sms_http.spec import BadSpec, read_spec

EXAMPLE = (Path(__file__).parents[2] / "docs/examples/sms-provider.yaml").read_text(encoding="utf-8")
MOODS: dict[Mood, tuple[int, object] | None] = {
    Mood.TAKES: (200, {"code": "0", "data": {"id": "p-1"}}), Mood.VANISHES: None,
    Mood.REFUSES: (200, {"code": "4001", "message": "+8615400000001 is no number"}),
    Mood.LATER: (429, {"code": "9", "message": "slow down"}),
}  # fmt: skip
TO = "+8615400000001"


@dataclass
class Provider:
    port: int
    answer: tuple[int, object] | None = MOODS[Mood.TAKES]
    got: list[tuple[str, str, bytes]] = field(default_factory=list)  # path, authorisation, body
    taken: list[str] = field(default_factory=list)

    def opened(self, spec: str = EXAMPLE, **more: str) -> Transport:
        given = {"url": f"http://127.0.0.1:{self.port}", "spec": spec, "key": "k1", "from": "10690000", "seconds": "2"}
        return KIND.open(checked(KIND, given | more))


@pytest.fixture
def provider() -> Iterator[Provider]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            running.got.append((self.path, self.headers["Authorization"], body))
            if running.answer in (None, MOODS[Mood.TAKES]) and body.startswith(b"{"):
                running.taken.append(json.loads(body)["id"])
            if running.answer is None:
                self.connection.close()
                return
            self.send_response(running.answer[0])
            self.end_headers()
            self.wfile.write(json.dumps(running.answer[1]).encode())

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running = Provider(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield running
    server.shutdown()
    server.server_close()
    thread.join()


def test_it_is_called_as_the_file_says(provider: Provider) -> None:
    one = message(TO)
    assert provider.opened().send(one) == Taken("p-1", ("p-1",))  # receipts will speak of it by this name
    path, allowed, body = provider.got[0]
    assert (path, allowed) == ("/v1/messages", "Bearer k1")
    assert json.loads(body) == {"to": TO, "from": "10690000", "text": one.text.strip(), "id": one.reference}
    silent = EXAMPLE.partition("callbacks:")[0]
    assert provider.opened(silent).send(one) == Taken("p-1")
    provider.got.pop()
    form = EXAMPLE.replace('json: {to: "{to}", from: "{from}",', 'form: {to: "{to}",')
    provider.opened(form).send(one)
    assert {name: value[0] for name, value in parse_qs(provider.got[1][2].decode()).items()} == {
        "to": TO, "text": one.text.strip(), "id": one.reference,
    }  # fmt: skip


def test_what_the_file_says_nothing_about_is_no_answer(provider: Provider) -> None:
    for answer in ((200, {"code": "7"}), (500, {}), (200, "?")):
        provider.answer = answer
        with pytest.raises(NoAnswer):
            provider.opened().send(message(TO))
    provider.answer = MOODS[Mood.REFUSES]
    assert provider.opened().send(message(TO)) == Refused("*** is no number", permanent=True)


@pytest.mark.parametrize(
    ("old", "new", "line", "name"),
    [
        ("method: POST", "method: GET", 3, "method"),
        ("path: /v1", "path: v1", 4, "path"),
        ("path: /v1", "path: /{to}", 4, "path"),
        ("{key}", "{keys}", 5, "headers"),
        ("{key}", "{text}", 5, "headers"),
        ("{text}", "words", 6, "json"),
        ("{status: [200, 202]", "{status: 200", 7, "taken"),
        ("later: {status", "later: {state", 9, "later"),
        ("later:", "latter:", 9, "latter"),
        ("refused: {", "refused: }{", 8, "file"),
        ("later: {", "taken: {", 9, "taken"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_line(old: str, new: str, line: int, name: str) -> None:
    with pytest.raises(BadSpec, match=f"line {line}, {name}"):
        read_spec(EXAMPLE.replace(old, new))


def test_settings_that_cannot_be_are_refused(provider: Provider) -> None:
    for name, value in (
        ("url", "http://api.example"),
        ("url", "https://api.example/v1"),
        ("spec", "a: b"),
        ("key", "钥"),
    ):
        with pytest.raises(BadSetting, match=name):
            provider.opened(**{name: value})


class Trial:
    """The channel beside a provider."""

    to = TO

    def __init__(self, provider: Provider) -> None:
        self.provider, self.down = provider, False

    def transport(self) -> Transport:
        return self.provider.opened(**({"url": "http://127.0.0.1:1"} if self.down else {}))

    def mood(self, mood: Mood) -> None:
        self.down, self.provider.answer = mood is Mood.DOWN, MOODS.get(mood)

    def delivered(self) -> list[Any]:
        return self.provider.taken


def test_it_keeps_the_contract(provider: Provider) -> None:
    assert findings(Trial(provider)) == []
    assert described(KIND) == []
    assert kinds()["sms_http"] is KIND
