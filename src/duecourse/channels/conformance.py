"""Whether a channel keeps the contract (`channels.contract`): for its author to run, against a provider of his own.

    class MyTrial(Trial):
        def transport(self) -> Transport: ...        a new line to the provider
        def mood(self, mood: Mood) -> None: ...      how the provider shall behave from now on
        def delivered(self) -> list[str]: ...        the references of what it has got, one for each time

    def test_my_channel_keeps_the_contract() -> None:
        assert findings(MyTrial()) == []

The provider is a real one, or a server that speaks its protocol: nothing here stands in for it. How the provider knows
a message (`delivered`) is the author's affair, by the reference, the token or the text.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from itertools import count
from typing import Protocol

from duecourse.channels.contract import (
    REFERENCE_MAX,
    Kind,
    Message,
    NotReady,
    Refused,
    Taken,
    Transport,
)
from duecourse.trouble import N_, Said


class Mood(StrEnum):
    """How a provider behaves."""

    TAKES = "takes"
    REFUSES = "refuses"  # for good: no such contact point
    LATER = "later"  # for now: too much, come back
    VANISHES = "vanishes"  # takes the message, and the answer is lost
    DOWN = "down"  # nobody is there


class Trial(Protocol):
    """A channel beside a provider whose mood can be set."""

    to: str
    """A contact point that the provider knows, such as a mailbox of a reserved domain."""

    def transport(self) -> Transport:
        """A new line, as the channel's `Kind` opens it."""

    def mood(self, mood: Mood) -> None:
        """Let the provider behave so from now on."""

    def delivered(self) -> list[str]:
        """The references of the messages that the provider has got, in order, as often as it got them."""


def findings(trial: Trial) -> list[str]:
    """What is not as the contract says; empty for a channel that keeps it."""
    found: list[str] = []
    for check in _CHECKS:
        trial.mood(Mood.TAKES)
        line = trial.transport()
        try:
            found += [f"{check.__name__.removeprefix('_')}: {one}" for one in check(trial, line)]
        except Exception as error:  # noqa: BLE001 - a channel that raises here is what the author wants to hear of
            found.append(f"{check.__name__.removeprefix('_')}: it raised {type(error).__name__}")
        finally:
            line.close()
            line.close()  # closing twice is no trouble
    return found


def described(kind: Kind) -> list[Said]:
    """What is wrong with how a channel describes itself; calls nobody."""
    names = [one.name for one in kind.settings]
    twice = sorted({one for one in names if names.count(one) > 1})
    silent = [one.name for one in kind.settings if not one.says.strip()]
    given = [one.name for one in kind.settings if one.secret and one.default]
    return [
        *(Said(N_("the setting {name} is described twice"), name=name) for name in twice),
        *(Said(N_("the setting {name} does not say what it is"), name=name) for name in silent),
        *(Said(N_("the secret {name} has a default"), name=name) for name in given),
    ]


_NUMBERS = count(1)


def message(to: str) -> Message:
    """A message to nobody in particular, with a name of its own."""
    number = next(_NUMBERS)
    return Message(
        reference=f"trial.{number}", token=f"trial.{number}.0123456789abcdef", to=to, lang="zh", subject="一封试信",
        text="这是一封试信。\n.\n..\nThis line begins after a dot.\n", html="<p>这是一封试信。</p>",
        at=datetime(2026, 3, 2, 2, 0, tzinfo=UTC),
    )  # fmt: skip


def _takes_each_once(trial: Trial, line: Transport) -> list[str]:
    line.ready()
    one, other = message(trial.to), message(trial.to)
    answers = [line.send(one), line.send(other)]
    found = []
    for answer in answers:
        if not isinstance(answer, Taken):
            found.append(f"a provider that takes a message is reported as {type(answer).__name__}")
        elif not answer.reference or len(answer.reference) > REFERENCE_MAX:
            found.append("the provider's own name for a message is empty or too long")
    got = trial.delivered()
    found += [f"message {each.reference} arrived {got.count(each.reference)} times"
              for each in (one, other) if got.count(each.reference) != 1]  # fmt: skip
    return found


def _a_refusal_is_certain(trial: Trial, line: Transport) -> list[str]:
    found = []
    for mood, permanent in ((Mood.REFUSES, True), (Mood.LATER, False)):
        trial.mood(mood)
        one = message(trial.to)
        answer = line.send(one)
        if not isinstance(answer, Refused):
            found.append(f"{mood}: reported as {type(answer).__name__}")
            continue
        if answer.permanent is not permanent:
            found.append(f"{mood}: permanent is {answer.permanent}")
        if not answer.why or trial.to in answer.why:
            found.append(f"{mood}: why is empty, or names the contact point")
        if one.reference in trial.delivered():
            found.append(f"{mood}: reported as refused, and it arrived")
    trial.mood(Mood.TAKES)
    if not isinstance(line.send(message(trial.to)), Taken):
        found.append("after a refusal the line takes nothing more")
    return found


def _a_lost_answer_is_no_answer(trial: Trial, line: Transport) -> list[str]:
    line.ready()
    trial.mood(Mood.VANISHES)
    one = message(trial.to)
    try:
        answer = line.send(one)
    except Exception:  # noqa: BLE001 - whatever it raises means that nobody knows
        answer = None
    found = [] if answer is None else [f"an answer that was lost is reported as {type(answer).__name__}"]
    if trial.delivered().count(one.reference) > 1:
        found.append("a message whose answer was lost was sent again")
    trial.mood(Mood.TAKES)
    line.ready()
    if not isinstance(line.send(message(trial.to)), Taken):
        found.append("after a lost answer the line takes nothing more")
    return found


def _nobody_there_costs_no_message(trial: Trial, _line: Transport) -> list[str]:
    trial.mood(Mood.DOWN)
    line = trial.transport()
    found = []
    try:
        line.ready()
        found.append("ready says nothing although nobody is there")
    except NotReady:
        pass
    one = message(trial.to)
    answer = line.send(one)
    if not isinstance(answer, Refused) or answer.permanent:
        found.append("a provider that is not there is a refusal for now")
    line.close()
    return found


_CHECKS: tuple[Callable[[Trial, Transport], list[str]], ...] = (
    _takes_each_once,
    _a_refusal_is_certain,
    _a_lost_answer_is_no_answer,
    _nobody_there_costs_no_message,
)
