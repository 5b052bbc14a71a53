"""The e-mail channel keeps the contract, by the suite that an outsider runs; and channels that do not are found out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from duecourse.channels.conformance import Mood, described, findings
from duecourse.channels.contract import (
    BadSetting,
    Kind,
    Message,
    NoSuchTransport,
    Refused,
    Setting,
    Taken,
    Transport,
    checked,
    kind_named,
    kinds,
)
from duecourse.channels.email import KIND
from duecourse.channels.email.letter import tokens_in
from duecourse.law.terms import Channel
from tests.mail_peer import Peer, mail_peer

MOODS = {Mood.TAKES: "takes", Mood.REFUSES: "refuses", Mood.LATER: "later", Mood.VANISHES: "drops"}


class Trial:
    """E-mail beside a server that is not ours."""

    to = "demo-1@example.com"

    def __init__(self, folder: Path, running: ExitStack) -> None:
        self.peer: Peer = running.enter_context(mail_peer(folder))
        self.down = False

    def transport(self) -> Transport:
        settings = checked(KIND, self.peer.settings(seconds="1"))
        return KIND.open({**settings, "port": "1"} if self.down else settings)

    def mood(self, mood: Mood) -> None:
        self.down = mood is Mood.DOWN
        self.peer.handler.mood = MOODS.get(mood, "takes")

    def delivered(self) -> list[str]:
        return [tokens_in(name)[0].rpartition(".")[0] for name in self.peer.named()]


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    with ExitStack() as running:
        yield Trial(tmp_path, running)


def test_email_keeps_the_contract(trial: Trial) -> None:
    assert findings(trial) == []
    assert described(KIND) == []


class Hasty:
    """Tries again by itself, and calls a lost answer a refusal."""

    def __init__(self, inner: Transport) -> None:
        self.inner = inner

    def ready(self) -> None:
        return None

    def send(self, message: Message) -> Taken | Refused:
        for _ in range(2):
            try:
                return self.inner.send(message)
            except Exception:  # noqa: BLE001, S112 - what this channel does wrong
                continue
        return Refused(f"no answer for {message.to}", permanent=False)

    def close(self) -> None:
        self.inner.close()


def test_a_channel_that_does_not_is_found_out(trial: Trial) -> None:
    honest = trial.transport
    trial.transport = lambda: Hasty(honest())  # type: ignore[method-assign]
    found = "\n".join(findings(trial))
    assert "an answer that was lost is reported as Refused" in found
    assert "a message whose answer was lost was sent again" in found
    assert "ready says nothing although nobody is there" in found


def test_a_channel_is_found_by_its_name() -> None:
    assert kinds()["email"] is KIND
    with pytest.raises(NoSuchTransport):
        kind_named("pigeon")
    with pytest.raises(BadSetting):
        checked(KIND, {})
    odd = Kind("odd", Channel.SMS, (Setting("a", ""), Setting("a", "x", secret=True, default="y")), KIND.open)
    assert len(described(odd)) == 3
    assert replace(odd, name="other").inland({}) is False
