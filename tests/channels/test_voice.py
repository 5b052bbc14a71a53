"""Calls as the channel makes them: who answered, what is said before and after it is known who listens, settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from duecourse.channels.contract import BadSetting, Desk, Message, Refused, checked
from duecourse.channels.voice import KIND, ear
from duecourse.channels.voice.ear import Heard
from duecourse.channels.voice.sound import legs, levels, measured, so_far
from duecourse.channels.voice.talk import Ask, Connect, Do, Keys, Say, So, conversation
from duecourse.channels.voice.words import WORDS
from duecourse.law.claims import _DEBT_WORDS
from tests.voice_peer import PROGRAMS, House, callee, share_at_end, sipp, tone

OPENING, MATTER = "这里是示例银行的智能语音机器人。", "您尾号0042的借款逾期14天，应还¥1,234.50。"
KEYS = ("", "0", "1", "2", "3", "4", "19900517", "20000101", "0305")


@pytest.fixture
def _programs(tool: Callable[[str], Path]) -> None:
    for program in PROGRAMS:
        tool(program)


with_peers = pytest.mark.usefixtures("_programs")


def told(lang: str = "zh") -> Message:
    return Message(
        reference="dc.demo.7", token="dc.demo.7.0", to="+86 154 0000 0001", lang=lang, subject="", html="",
        text=f"{OPENING}\n\n{'- ' * 20}\n\n{MATTER}\n", at=datetime(2026, 3, 2, 2, tzinfo=UTC),
    )  # fmt: skip


def settings(**more: str) -> dict[str, str]:
    return {"host": "127.0.0.1", "caller": "+864001234567", "machines": "no"} | more


# --- the conversation, by itself


def walk(keys: list[str], *, free: str = "must", taken: str = "yes") -> tuple[list[str], So, list[Do]]:
    """What is said when these keys are pressed in turn (and nothing after them), and what the house is asked."""
    so = So()
    said: list[str] = []
    asked: list[Do] = []
    talk = conversation(OPENING, MATTER, so, year=2026)
    left, answer = list(keys), None
    while True:
        try:
            step = talk.send(answer) if answer is not None else next(talk)
        except StopIteration:
            return said, so, asked
        match step:
            case Say(what):
                said += what
                answer = ""
            case Keys(what):
                said += what
                answer = left.pop(0) if left else ""
            case Ask(do, given):
                asked.append(do)
                answer = {
                    Do.VERIFY: "yes" if given == "19900517" else "", Do.PERSON: free,
                    Do.OFFER: f"您承诺还款。|{given}",
                }.get(do, "yes")  # fmt: skip
            case Connect():
                answer = taken


def test_no_way_of_keys_leads_to_a_word_of_the_debt_before_who_listens_is_verified() -> None:
    ways: list[list[str]] = [[]]
    for _ in range(4):
        ways += [[*way, key] for way in ways if len(way) == _ for key in KEYS]
    assert len(ways) > 7_000
    for way in ways:
        said, so, _asked = walk(way)
        verified = "verified" in so.done
        assert verified is ("19900517" in way[1:4] and "=" + MATTER in said)
        words = [one[1:] if one.startswith("=") else WORDS[one][lang] for one in said for lang in ("zh", "en")]
        if not verified:
            assert not any(_DEBT_WORDS.search(one) for one in words), way
            assert so.outcome not in {"connected", "promised"}


@pytest.mark.parametrize(
    ("keys", "outcome", "done"),
    [
        ([], "hung_up", ["no_choice"]),
        (["0"], "hung_up", ["stopped"]),
        (["2"], "other_person", ["other_person"]),
        (["3"], "wrong_number", ["wrong_number"]),
        (["1", "20000101", "20000102"], "hung_up", ["unverified"]),
        (["1", "", "19900517"], "connected", ["verified"]),
        (["1", "19900517", "0"], "connected", ["verified", "stopped"]),
        (["1", "19900517", "4"], "connected", ["verified", "disputed"]),
        (["1", "19900517", "2", "0305", "1"], "promised", ["verified", "promised"]),
        (["1", "19900517", "2", "0230", "99", ""], "connected", ["verified"]),
        (["1", "19900517", "2", "0305", "2", "0306", "1"], "promised", ["verified", "promised"]),
        (["1", "19900517", "3"], "connected", ["verified", "asked_for_person", "put_through"]),
        (["1", "19900517", "1", "1", "1", "1", "1", "1", "1"], "connected", ["verified"]),
    ],
)
def test_ways_through_the_menu(keys: list[str], outcome: str, done: list[str]) -> None:
    _said, so, _asked = walk(keys)
    assert (so.outcome, so.done) == (outcome, done)


@pytest.mark.parametrize(
    ("free", "taken", "keys", "done"),
    [
        ("must", "yes", [], ["put_through"]),
        ("must", "", [], ["call_back"]),
        ("may", "yes", ["1"], ["put_through"]),
        ("may", "yes", ["9"], ["unrecorded", "put_through"]),
        ("may", "", ["9"], ["unrecorded", "call_back"]),
        ("", "yes", [], ["call_back"]),
    ],
)
def test_who_asks_for_a_person_is_told_of_the_recording_and_called_back_where_nobody_comes(
    free: str, taken: str, keys: list[str], done: list[str]
) -> None:
    said, so, asked = walk(["1", "19900517", "3", *keys], free=free, taken=taken)
    assert so.done == ["verified", "asked_for_person", *done]
    assert ("call_back" in done) is (Do.CALL_BACK in asked) is (said[-1] == "no_person")
    assert ("unrecorded" in said) is ("unrecorded" in done)
    assert ("recorded" in said) is (bool(free) and "unrecorded" not in done)


# --- who answered


@pytest.mark.parametrize(
    ("parts", "heard"),
    [
        ([("silence", 2_100)], Heard.PERSON),
        ([("silence", 300), ("voice", 700), ("silence", 800)], Heard.PERSON),
        ([("silence", 300), ("voice", 900), ("silence", 300), ("voice", 600), ("silence", 800)], Heard.PERSON),
        ([("silence", 400), ("voice", 3_000)], Heard.MACHINE),
        ([("voice", 1_400), ("silence", 200), ("voice", 1_500)], Heard.MACHINE),
        ([("voice", 2_500), ("silence", 800)], Heard.MACHINE),
        ([("silence", 300), ("voice", 700)], Heard.NOT_YET),
        ([("silence", 1_000)], Heard.NOT_YET),
    ],
)
def test_a_person_says_little_and_waits_a_machine_goes_on(
    tmp_path: Path, parts: list[tuple[str, int]], heard: Heard
) -> None:
    samples = so_far(tone(tmp_path / "a.wav", *parts, behind_s=0))
    assert ear.who(samples) is heard


@pytest.mark.parametrize(
    ("parts", "over"),
    [
        ([("voice", 4_000), ("silence", 300)], False),
        ([("voice", 4_000), ("silence", 300), ("beep", 400)], False),  # the tone still sounds
        ([("voice", 4_000), ("silence", 300), ("beep", 400), ("silence", 150)], True),
        ([("voice", 4_000), ("silence", 1_700)], True),
    ],
)
def test_a_greeting_ends_with_a_tone_or_a_long_silence(
    tmp_path: Path, parts: list[tuple[str, int]], *, over: bool
) -> None:
    assert ear.greeted(so_far(tone(tmp_path / "a.wav", *parts, behind_s=0))) is over


# --- settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("caller", "+864001234567,+864001234568"),
        ("caller", "+864001234567 +864001234568"),
        ("caller", "anonymous"),
        ("caller", ""),
        ("host", "sip.example;x=1"),
        ("port", "0"),
        ("rtp_last", "16400"),
        ("lines", "61"),
        ("transport", "carrier"),
        ("local", "here"),
        ("password", "alone"),
        ("machines", "perhaps"),
    ],
)
def test_settings_that_cannot_be_are_told_with_their_name(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        checked(KIND, settings() | {name: value})


def test_a_list_of_numbers_to_call_from_is_refused() -> None:
    with pytest.raises(BadSetting, match="in turn"):
        checked(KIND, settings(caller="+864001234567;+864001234568"))


# --- real calls


@with_peers
@pytest.mark.parametrize(
    ("mood", "outcome"),
    [("busy", "busy"), ("rejects", "unanswered"), ("nobody", "not_in_service"), ("off", "power_off"), ("broken", None)],
)
def test_what_a_provider_answers(tmp_path: Path, mood: str, outcome: str | None) -> None:
    with sipp(tmp_path, mood) as port:
        line = KIND.open(checked(KIND, settings(port=str(port))))
        found = line.talk(told(), House())  # type: ignore[attr-defined]
    if outcome is None:
        assert isinstance(found, Refused)
        assert not found.permanent
        assert "0000" not in found.why
    else:
        assert (found.outcome, found.recording) == (outcome, b"")


@with_peers
def test_a_telephone_that_rings_is_let_ring_for_so_long_and_no_longer(tmp_path: Path) -> None:
    with sipp(tmp_path, "rings") as port:
        line = KIND.open(checked(KIND, settings(port=str(port), ring_seconds="5")))
        found = line.talk(told(), House())  # type: ignore[attr-defined]
    assert (found.outcome, found.done) == ("unanswered", ("rang",))


@with_peers
def test_a_machine_hears_what_may_be_left_after_its_tone_or_nothing(tmp_path: Path) -> None:
    greeting = tone(tmp_path / "greeting.wav", ("silence", 300), ("voice", 3_600), ("silence", 300), ("beep", 500))
    with callee(greeting=greeting) as peer:
        line = KIND.open(checked(KIND, peer.settings()))
        left = line.talk(told(), House(word="请机主本人方便时回电4 0 0。"))  # type: ignore[attr-defined]
        none = line.talk(told(), House())  # type: ignore[attr-defined]
    assert (left.outcome, left.done) == ("voicemail", ("machine", "word_left"))
    assert (none.outcome, none.done) == ("voicemail", ("machine", "nothing_left"))
    assert measured(left.recording).loud[0] > 0
    assert measured(none.recording).peaks[0] == 0  # not a sound was made


@with_peers
def test_without_a_telephone_nothing_is_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("duecourse.channels.voice.phone.MODULES", ())
    found = KIND.open(checked(KIND, settings(port="9"))).talk(told(), House())  # type: ignore[attr-defined]
    assert isinstance(found, Refused)
    assert "make system" in found.why


@with_peers
@pytest.mark.parametrize("must_record", [True, False])
def test_a_person_of_the_house_takes_the_call_by_key_and_both_hear_each_other(
    tmp_path: Path, *, must_record: bool
) -> None:
    keys = ("1", "19900517", "3", *(() if must_record else ("9",)), "hear 12000", "hang up")
    hums, speaks = tone(tmp_path / "hums.wav", ("beep", 90_000)), tone(tmp_path / "speaks.wav", ("voice", 90_000))
    with callee(*keys, greeting=hums) as borrower, callee("1", users=["c017"], greeting=speaks) as desk:
        house = House(desks=(Desk("C17", f"c017@127.0.0.1:{desk.port}"),), must_record=must_record)
        line = KIND.open(checked(KIND, borrower.settings(machines="no")))
        found = line.talk(told(), house)  # type: ignore[attr-defined]
        at_desk, at_borrower = desk.heard(), borrower.heard()
    assert house.asked == ["verify 19900517", f"handed C17 {'recorded' if must_record else 'unrecorded'}"]
    assert "put_through" in found.done
    # The one hums, the other speaks; the last seconds of each are what the other's telephone gave out.
    assert share_at_end(at_desk, 2, over=5_000) > 80
    assert share_at_end(at_borrower, 2) > 80
    both = measured(found.recording)
    ours = levels(legs(found.recording)[0]).tolist()
    assert both.loud[1] > 80  # what the borrower hummed is on the right, from the first second
    assert (share_at_end(ours, 4) > 80) is must_record  # the collector is on the left, or nowhere


@with_peers
def test_where_nobody_of_the_house_takes_the_call_a_call_back_is_asked_for(tmp_path: Path) -> None:
    with callee("1", "19900517", "3") as borrower, sipp(tmp_path, "busy") as busy, callee("2", users=["c018"]) as other:
        desks = (Desk("C17", f"c017@127.0.0.1:{busy}"), Desk("C18", f"c018@127.0.0.1:{other.port}"))
        house = House(desks=desks)
        line = KIND.open(checked(KIND, borrower.settings()))
        found = line.talk(told(), house)  # type: ignore[attr-defined]
    assert house.asked == ["verify 19900517", "call back"]
    assert found.done == ("verified", "asked_for_person", "call_back")
    assert other.calls == 1  # it rang there, and was not taken: 2 is not 1
