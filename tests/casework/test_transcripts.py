"""What was said in a recorded call: brought by a file or by a recogniser, sealed, screened, read for a purpose."""

from __future__ import annotations

import io
import json
import os
import threading
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from duecourse.casework import disclosure, recordings, transcripts
from duecourse.casework.gate import Gate
from duecourse.casework.recordings import NotARecording, NotHeard
from duecourse.channels.voice.turns import NoRecogniser, NotATranscript, Turn, read_json, read_vtt, recognised
from duecourse.storage import log
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import person
from tests.permit_desk import MORNING, OPERATOR, Clock, ask, granted, set_up

VAULT = Vault(new_ring())
GATE = Gate(VAULT)
VTT = """WEBVTT

00:00.200 --> 00:02.500
<v us>您好，这里是示例银行。

00:00:03.000 --> 00:00:04.250
<v them>嗯，你说。

00:00:05.000 --> 00:00:06.000
<v us>你这个老赖，再不还钱就打断你的腿。
"""


def sound(seconds: int = 7) -> bytes:
    kept = io.BytesIO()
    with wave.open(kept, "wb") as out:
        out.setparams((2, 2, 8000, 0, "NONE", ""))
        out.writeframes(b"\x10\x00\x20\x00" * 8000 * seconds)
    return kept.getvalue()


@pytest.fixture
def recording(database: Database) -> int:
    set_up(database, VAULT, 1)
    permit = granted(ask(database, GATE, Clock()))
    with database.transaction("demo") as tx:
        with pytest.raises(NotARecording):
            recordings.keep(
                tx, vault=VAULT, contact_id=permit.permit_id, content=b"RIFF no", actor=OPERATOR, now=MORNING,
                chance=os.urandom,
            )  # fmt: skip
        return recordings.keep(
            tx, vault=VAULT, contact_id=permit.permit_id, content=sound(), actor=OPERATOR, now=MORNING,
            chance=os.urandom,
        )  # fmt: skip


def test_a_transcript_is_sealed_screened_and_read_with_the_recording(database: Database, recording: int) -> None:
    turns = read_vtt(VTT.encode())
    assert turns[1] == Turn("them", 3_000, 4_250, "嗯，你说。")
    with database.transaction("demo") as tx:
        made = transcripts.keep(
            tx, vault=VAULT, recording_id=recording, source="vtt", lang="zh", turns=turns, actor=OPERATOR, now=MORNING,
            chance=os.urandom,
        )  # fmt: skip
        assert {one["turn"] for one in made.findings} == {2}
        assert {"insult", "threat"} & {one["category"] for one in made.findings}
        with pytest.raises(NotHeard):
            transcripts.read(tx, vault=VAULT, recording_id=recording, actor=OPERATOR, now=MORNING)
        recordings.hear(tx, vault=VAULT, recording_id=recording, purpose="dispute", actor=OPERATOR, now=MORNING)
        assert transcripts.read(tx, vault=VAULT, recording_id=recording, actor=OPERATOR, now=MORNING) == turns
        stored = str(tx.execute("SELECT t.*::text, l.bytes FROM transcript t, log_entry l").fetchall())
        entries = log.of_person(tx, person(1))
        key = disclosure.key_of(tx, VAULT, person(1))
        assert key is not None
        opened = {
            one.kind: {each.field for each in disclosure.openings(tx, one, key)}
            for one in entries
            if one.kind in {"recording.kept", "transcript.kept", "person.reveal"}
        }
    assert "老赖" not in stored
    assert opened == {"recording.kept": {"sha256"}, "transcript.kept": {"sha256"}, "person.reveal": {"field", "value"}}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b"[]", "object"),
        (b"{", "not JSON"),
        (b'{"turns": []}', "1 to"),
        (b'{"turns": [{"speaker": "she", "start_ms": 0, "end_ms": 1, "text": "a"}]}', "us or them"),
        (b'{"turns": [{"speaker": "us", "start_ms": 2, "end_ms": 1, "text": "a"}]}', "turn 1"),
        (b'{"turns": [{"speaker": "us", "start_ms": true, "end_ms": 1, "text": "a"}]}', "whole numbers"),
        (b'{"turns": [{"speaker": "us", "start_ms": 0, "end_ms": 1, "text": " "}]}', "characters"),
    ],
)
def test_a_file_that_is_none_is_told_where_and_nothing_is_kept(raw: bytes, said: str) -> None:
    with pytest.raises(NotATranscript, match=said):
        read_json(raw)
    with pytest.raises(NotATranscript):
        read_vtt(raw)


class Recogniser(BaseHTTPRequestHandler):
    """A recogniser that hears how long a sound is, and keeps to the contract, or not."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        agreed = (
            self.headers["Authorization"] == "Bearer token" and self.headers["Content-Type"] == "audio/wav"
            and self.path == "/asr?lang=zh"
        )  # fmt: skip
        with wave.open(io.BytesIO(body)) as heard:
            millis = heard.getnframes() * 1000 // heard.getframerate()
        turns = [{"speaker": "us", "start_ms": 0, "end_ms": millis, "text": "您好"}]
        answer = json.dumps({"lang": "zh", "turns": turns}).encode()
        self.send_response(200 if agreed else 403)
        self.end_headers()
        self.wfile.write(answer if agreed else b"")

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


@contextmanager
def running() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Recogniser) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/asr"
        finally:
            server.shutdown()
            thread.join()


def test_a_recogniser_is_given_the_sound_and_answers_in_turns() -> None:
    with running() as url:
        assert recognised(url, "token", sound(), "zh") == [Turn("us", 0, 7_000, "您好")]
        with pytest.raises(NoRecogniser, match="403"):
            recognised(url, "other", sound(), "zh")
    with pytest.raises(NoRecogniser):
        recognised(url, "token", sound(), "zh")
