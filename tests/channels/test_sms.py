"""Texts as a message centre that is not ours got them: in their alphabet, in parts, each once; what it sends back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duecourse.channels.conformance import Mood, described, findings
from duecourse.channels.contract import (
    Arrived,
    BadSetting,
    Heard,
    Message,
    NotReady,
    Part,
    Receipt,
    Refused,
    Taken,
    Transport,
    checked,
    kinds,
)
from duecourse.channels.sms import KIND
from duecourse.channels.sms.alphabet import Alphabet, read, split
from duecourse.channels.sms.pdu import Garbled, Pdu, read_deliver, take
from duecourse.channels.sms.smpp import NoAnswer, PartlyTaken, Smpp
from tests.sms_peer import Centre, sms_peer

MESSAGE = Message(
    reference="bank.7", token="bank.7.0123456789abcdef", to="+8615400000001", lang="zh", subject="",
    text="【示例银行】您好。", html="", at=datetime(2026, 3, 2, 2, 0, tzinfo=UTC),
)  # fmt: skip
LONG = "【示例银行】尊敬的示例先生,截至2026年11月20日,您尾号0042的借款已逾期66天。" * 3


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with sms_peer(tmp_path_factory.mktemp("sms")) as centre:
        yield centre


@pytest.fixture
def centre(running: Centre) -> Centre:
    running.tell(mood="takes", receipts="", hang_up=True)
    running.file.write_text("", encoding="utf-8")
    return running


def opened(centre: Centre, **more: str) -> Smpp:
    line = KIND.open(checked(KIND, centre.settings(**more)))
    assert isinstance(line, Smpp)
    return line


def until(true: Callable[[], object], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("text", "alphabet", "units", "parts"),
    [
        ("a" * 160, "gsm7", 160, [160]),
        ("a" * 161, "gsm7", 161, [153, 8]),
        ("€" * 80, "gsm7", 160, [160]),
        ("€" * 81, "gsm7", 162, [152, 10]),  # an escape is never the last septet of a part
        ("a" + "€" * 80, "gsm7", 161, [153, 8]),
        ("@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà^{}\\[~]|€", "gsm7", 80, [80]),
        ("ç", "ucs2", 1, [2]),  # the small one is not in the alphabet
        ("款" * 70, "ucs2", 70, [140]),
        ("款" * 71, "ucs2", 71, [134, 8]),
        ("款" * 66 + "😀" + "款" * 10, "ucs2", 78, [132, 24]),  # the pair is not torn apart
        ("a\r\nb\rc", "gsm7", 5, [5]),
    ],
)
def test_alphabet_and_parts(text: str, alphabet: str, units: int, parts: list[int]) -> None:
    found = split(text)
    assert (found.alphabet, found.units, [len(part) for part in found.parts]) == (alphabet, units, parts)


@given(
    st.text(alphabet=st.one_of(st.sampled_from("a€[~\n款😀é"), st.characters(exclude_categories=["Cs"])), max_size=900)
)
def test_parts_read_one_by_one_give_the_text(text: str) -> None:
    for bits, room in ((8, {"gsm7": 153, "ucs2": 134}), (16, {"gsm7": 152, "ucs2": 132})):
        found = split(text, bits=bits)
        assert "".join(read(part, found.alphabet) for part in found.parts) == text.replace("\r\n", "\n").replace(
            "\r", "\n"
        )
        assert len(found.parts) == 1 or max(map(len, found.parts)) <= room[found.alphabet]
    assert read(b"".join(split(text, only=Alphabet.UCS2).parts), Alphabet.UCS2) == text.replace("\r\n", "\n").replace(
        "\r", "\n"
    )


@given(st.binary(max_size=300))
def test_whatever_comes_is_a_unit_or_garbled(raw: bytes) -> None:
    buffer = bytearray(raw)
    try:
        while (unit := take(buffer)) is not None:
            read_deliver(unit.body)
    except Garbled:
        pass
    whole = Pdu(5, 0, 7, raw)
    assert take(bytearray(whole.raw())) == whole


def test_it_arrives_as_it_was(centre: Centre) -> None:
    line = opened(centre)
    taken = line.send(MESSAGE)
    assert isinstance(taken, Taken)
    english = line.send(replace(MESSAGE, reference="bank.8", text="Pay 1,234.50 € [today]", to="95588"))
    assert isinstance(english, Taken)
    long = line.send(replace(MESSAGE, reference="bank.300", text=LONG))
    line.close()
    assert isinstance(long, Taken)
    first, second, *parts = centre.kept()
    assert (first.to, first.source, first.coding, first.receipt, first.text) == (
        "8615400000001",
        "10690000",
        8,
        True,
        MESSAGE.text,
    )
    assert (second.to, second.coding, second.text) == ("95588", 0, "Pay 1,234.50 € [today]")
    assert [one.header for one in parts] == [
        bytes([5, 0, 3, 300 % 256, len(parts), n]) for n in range(1, len(parts) + 1)
    ]
    assert centre.texts()[2] == LONG
    assert taken.parts == (first.reference,)
    assert long.parts == tuple(one.reference for one in parts)


def test_the_reference_may_have_two_octets(centre: Centre) -> None:
    line = opened(centre, reference_bits="16")
    line.send(replace(MESSAGE, reference="bank.300", text=LONG))
    line.close()
    assert [one.header for one in centre.kept()] == [bytes([6, 8, 4, 1, 44, 3, n]) for n in (1, 2, 3)]
    assert centre.texts() == [LONG]


def test_many_go_in_the_window_and_each_gets_its_own_answer(centre: Centre) -> None:
    line = opened(centre, window="7")
    texts = [
        replace(MESSAGE, reference=f"bank.{n}", to=f"+861540000{n:04d}", text=LONG if n % 3 else "kurz")
        for n in range(50)
    ]
    odd = [replace(MESSAGE, to="nobody"), replace(MESSAGE, text="长" * 5_000)]
    found = line.send_all([odd[0], *texts, odd[1]], time.monotonic() + 20)
    line.close()
    assert [type(one) for one in found] == [Refused, *[Taken] * 50, Refused]
    by_name = {one.reference: one.to for one in centre.kept()}
    for message, taken in zip(texts, found[1:-1], strict=True):
        assert isinstance(taken, Taken)
        assert {by_name[name] for name in taken.parts} == {message.to[1:]}
    assert sorted(centre.texts()) == sorted(one.text for one in texts)


def test_what_is_not_begun_in_time_is_not_sent(centre: Centre) -> None:
    line = opened(centre)
    assert line.send_all([MESSAGE], time.monotonic() - 1) == [Refused("not handed over in time", permanent=False)]
    line.close()
    assert centre.kept() == []


def test_what_is_refused_for_a_moment_is_offered_again_and_taken_once(centre: Centre) -> None:
    centre.tell(mood="hiccups")
    line = opened(centre)
    assert isinstance(line.send(replace(MESSAGE, text=LONG)), Taken)
    line.close()
    assert centre.texts() == [LONG]


def test_a_message_of_which_a_part_was_taken_is_neither_sent_nor_failed(centre: Centre) -> None:
    centre.tell(mood="tears")
    line = opened(centre)
    with pytest.raises(PartlyTaken, match="1 of 3 parts were taken; ESME_RTHROTTLED"):
        line.send(replace(MESSAGE, text=LONG))
    line.close()
    assert len(centre.kept()) == 1


def test_a_first_part_that_is_refused_leaves_nothing_behind(centre: Centre) -> None:
    centre.tell(mood="refuses")
    line = opened(centre)
    assert line.send(replace(MESSAGE, text=LONG)) == Refused("ESME_RINVDSTADR (0x0b)", permanent=True)
    line.close()
    assert centre.kept() == []


def test_a_line_that_breaks_is_seen_and_opened_anew(centre: Centre) -> None:
    line = opened(centre)
    line.heard_by(lambda _came: None)
    line.ready()
    assert centre.tell(binds=True)["binds"]["bind_transceiver"] == 1
    assert centre.tell(ask=True) == {"asked": "ESME_ROK"}
    centre.tell(hang_up=True)
    until(lambda: line._link is None or line._link.broken)
    assert isinstance(line.send(MESSAGE), Taken)
    centre.tell(mood="drops")
    with pytest.raises(NoAnswer):
        line.send(MESSAGE)
    centre.tell(mood="takes")
    line.ready()
    assert isinstance(line.send(MESSAGE), Taken)
    line.close()
    assert len(centre.kept()) == 3
    until(lambda: centre.tell(binds=True)["binds"] == {})


def test_receipts_and_replies_are_kept_before_they_are_acknowledged(centre: Centre) -> None:
    came: list[Receipt | Heard] = []
    broken = [True]

    def keep(some: Sequence[Receipt | Heard]) -> None:
        if broken[0]:
            raise OSError
        came.extend(some)

    line = opened(centre, dead_codes="001, 005")
    line.heard_by(keep)
    line.ready()
    assert centre.tell(receipt="abc", said="stat:UNDELIV err:005") == {"delivered": "ESME_RX_T_APPN"}
    broken[0] = False
    assert centre.tell(receipt="abc", said="stat:UNDELIV err:005") == {"delivered": "ESME_ROK"}
    assert centre.tell(receipt="abd", said="stat:DELIVRD err:000") == {"delivered": "ESME_ROK"}
    assert centre.tell(receipt="abe", said="stat:EXPIRED err:102") == {"delivered": "ESME_ROK"}
    assert centre.tell(receipt="abf", said="stat:ENROUTE err:000") == {"delivered": "ESME_ROK"}
    assert came == [
        Receipt("abc", Arrived.FAILED, "UNDELIV 005", nobody_there=True),
        Receipt("abd", Arrived.DELIVERED, "DELIVRD 000"),
        Receipt("abe", Arrived.FAILED, "EXPIRED 102"),
        Receipt("abf", Arrived.UNDERWAY, "ENROUTE 000"),
    ]
    came.clear()
    said = {"source": "8615400000001", "to": "10690000"}
    centre.tell(deliver="发工资就还,15号".encode("utf-16-be").hex(), coding=8, **said)
    centre.tell(deliver=b"STOP".hex(), **said)
    centre.tell(deliver=(bytes([5, 0, 3, 9, 2, 2]) + "第二".encode("utf-16-be")).hex(), coding=8, header=True, **said)
    line.close()
    assert came == [
        Heard("+8615400000001", "10690000", "发工资就还,15号"),
        Heard("+8615400000001", "10690000", "STOP"),
        Heard("+8615400000001", "10690000", "第二", part=Part(9, 2, 2)),
    ]


def test_nobody_is_let_in_by_a_wrong_password_and_nothing_goes_to_a_wrong_name(centre: Centre, tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="ESME_RINVPASWD"):
        opened(centre, password="wrong").ready()
    with sms_peer(tmp_path, tls=True) as behind:
        line = opened(behind)
        assert isinstance(line.send(replace(MESSAGE, text=LONG)), Taken)
        line.close()
        assert behind.texts() == [LONG]
        with pytest.raises(NotReady, match="CERTIFICATE_VERIFY_FAILED"):
            opened(behind, host="localhost").ready()  # the certificate names 127.0.0.1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("host", "smsc example"), ("tls", "starttls"), ("port", "0"), ("window", "0"), ("parts_max", "256"),
        ("password", "nine signs"), ("system_id", "账号"), ("from", "twelve signs"), ("from", ""),
        ("alphabet", "ascii"),
        ("reference_bits", "7"), ("ca_file", "/nowhere"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(centre: Centre, name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        checked(KIND, centre.settings(**{"tls": "implicit", name: value}))


def test_a_number_in_clear_stays_near(centre: Centre) -> None:
    with pytest.raises(BadSetting, match="tls"):
        checked(KIND, centre.settings(host="smsc.example"))
    assert checked(KIND, centre.settings(host="10.1.2.3"))["tls"] == "none"
    assert KIND.inland({"host": "10.1.2.3"}) is False


class Trial:
    """Texts beside a centre that is not ours."""

    to = "+8615400000001"
    moods = {Mood.TAKES: "takes", Mood.REFUSES: "refuses", Mood.LATER: "later", Mood.VANISHES: "drops"}  # noqa: RUF012

    def __init__(self, centre: Centre) -> None:
        self.centre, self.down = centre, False

    def transport(self) -> Transport:
        return opened(self.centre, **({"port": "1"} if self.down else {}))

    def mood(self, mood: Mood) -> None:
        self.down = mood is Mood.DOWN
        self.centre.tell(mood=self.moods.get(mood, "takes"))

    def delivered(self) -> list[str]:
        return [f"trial.{one.number}" for one in self.centre.kept()]


def test_sms_keeps_the_contract(centre: Centre) -> None:
    assert findings(Trial(centre)) == []
    assert described(KIND) == []
    assert kinds()["sms"] is KIND
