"""What was said in a call, in turns: read from WebVTT, from JSON, and from a speech recogniser over HTTP.

JSON, and what a recogniser answers:

    {"lang": "zh", "turns": [{"speaker": "us", "start_ms": 0, "end_ms": 2400, "text": "您好。"}, …]}

``speaker`` is ``us`` or ``them``: left and right of a recording. In WebVTT it is the voice of a cue, ``<v us>``. A
recogniser is posted the WAV (``Content-Type: audio/wav``, ``Accept: application/json``, the token as ``Bearer``) at its
address with ``?lang=``, and answers 200 with that document, once; anything else is no transcript.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import unescape
from io import StringIO
from typing import Any

import httpx
import orjson
import webvtt
from webvtt.errors import MalformedCaptionError, MalformedFileError

from duecourse.trouble import N_, BadInput, Said, Unavailable

SPEAKERS = ("us", "them")
TURNS_MAX = 5_000
TEXT_MAX = 4_000
BYTES_MAX = 5_000_000
RECOGNISER_S = 300


class NotATranscript(BadInput):
    """A transcript that cannot be read."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(N_("transcript, {where}: {what}; nothing was kept"), where=where, what=what)


class NoRecogniser(Unavailable):
    """The recogniser cannot be reached, or does not answer as agreed."""

    def __init__(self, why: str) -> None:
        super().__init__(N_("the speech recogniser gave no transcript: {why}"), why=why)


@dataclass(frozen=True, slots=True)
class Turn:
    """Who spoke, from when to when in the recording, and what."""

    speaker: str  # us or them
    start_ms: int
    end_ms: int
    text: str = field(repr=False)

    def plain(self) -> dict[str, object]:
        """The turn for JSON."""
        return {"speaker": self.speaker, "start_ms": self.start_ms, "end_ms": self.end_ms, "text": self.text}


def read_vtt(raw: bytes) -> list[Turn]:
    """The turns of a WebVTT file. Raises `NotATranscript`."""
    try:
        cues = webvtt.from_buffer(StringIO(_text(raw))).captions
    except (MalformedFileError, MalformedCaptionError):
        raise NotATranscript("WEBVTT", N_("it is not a WebVTT file")) from None
    return read_turns(
        [
            {
                "speaker": cue.voice, "start_ms": _millis(cue.start), "end_ms": _millis(cue.end),
                "text": unescape(cue.text),
            }
            for cue in cues
        ]
    )  # fmt: skip


def read_json(raw: bytes) -> tuple[list[Turn], str]:
    """The turns of a JSON document, and its language where it says one. Raises `NotATranscript`."""
    try:
        said = orjson.loads(_text(raw))
    except ValueError:
        raise NotATranscript("JSON", N_("it is not JSON")) from None
    if not isinstance(said, dict) or not isinstance(said.get("turns"), list):
        raise NotATranscript("JSON", N_("it is an object with a list of turns"))
    lang = said.get("lang", "")
    return read_turns(said["turns"]), lang if lang in {"zh", "en"} else ""


def recognised(url: str, token: str, sound: bytes, lang: str) -> list[Turn]:
    """Ask a recogniser, once. Raises `NoRecogniser`, `NotATranscript`."""
    head = {"Content-Type": "audio/wav", "Accept": "application/json"}
    if token:
        head["Authorization"] = f"Bearer {token}"
    try:
        answer = httpx.post(url, params={"lang": lang}, content=sound, headers=head, timeout=RECOGNISER_S)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NoRecogniser(type(error).__name__) from None
    if answer.status_code != httpx.codes.OK:
        raise NoRecogniser(f"HTTP {answer.status_code}")
    return read_json(answer.content)[0]


def _text(raw: bytes) -> str:
    if len(raw) > BYTES_MAX:
        raise NotATranscript("file", Said(N_("it has more than {most} MB"), most=BYTES_MAX // 1_000_000))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotATranscript("file", N_("it is not UTF-8")) from None


def _millis(text: str) -> int:
    """Milliseconds of a cue's instant.

    >>> _millis("00:01:02.500")
    62500
    """
    hours, minutes, rest = text.split(":")
    seconds, _, thousandths = rest.partition(".")
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(thousandths)


def read_turns(given: list[Any]) -> list[Turn]:
    """Turns as JSON has them, by their instants. Raises `NotATranscript`."""
    if not 1 <= len(given) <= TURNS_MAX:
        raise NotATranscript("turns", Said(N_("there are 1 to {most}"), most=TURNS_MAX))
    found = []
    for place, one in enumerate(given, 1):
        where = f"turn {place}"
        if not isinstance(one, dict) or one.get("speaker") not in SPEAKERS:
            raise NotATranscript(where, N_("its speaker is us or them"))
        start, end, text = one.get("start_ms"), one.get("end_ms"), one.get("text")
        if type(start) is not int or type(end) is not int or not 0 <= start <= end:
            raise NotATranscript(where, N_("start_ms and end_ms are whole numbers, the end not before the start"))
        if not isinstance(text, str) or not 1 <= len(text.strip()) <= TEXT_MAX or "\0" in text:
            raise NotATranscript(where, Said(N_("its text has 1 to {most} characters"), most=TEXT_MAX))
        found.append(Turn(str(one["speaker"]), start, end, text.strip()))
    return sorted(found, key=lambda turn: (turn.start_ms, turn.end_ms))
