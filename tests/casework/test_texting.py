"""A text goes once, by a message centre that is not ours; its receipts say what became of it, whenever they come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from duecourse.casework.gate import Gate
from duecourse.casework.inbound import read_text
from duecourse.casework.permit import Permit
from duecourse.casework.receipts import take_receipts
from duecourse.storage import inbound, points
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import person
from tests.permit_desk import OPERATOR, Clock
from tests.post_desk import Desk
from tests.sms_peer import Centre, sms_peer

VAULT = Vault(new_ring())
GATE = Gate(VAULT)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with sms_peer(tmp_path_factory.mktemp("sms")) as centre:
        yield centre


@pytest.fixture
def centre(running: Centre) -> Centre:
    running.tell(mood="takes", receipts="", hang_up=True)
    running.file.write_text("", encoding="utf-8")
    return running


@pytest.fixture
def desk(database: Database, centre: Centre) -> Iterator[Desk]:
    desk = Desk(database, GATE, Clock())
    desk.fill(1, 2, 3, 4)
    desk.set_up(centre, dead_codes="001")
    yield desk
    desk.lines.close()


def take(desk: Desk, true: Callable[[], object]) -> None:
    """Act on receipts until something is true."""
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, (desk.states(), desk.contacts())
        take_receipts(desk.database, "demo", gate=GATE, actor=OPERATOR, clock=desk.clock)
        time.sleep(0.01)


def state(desk: Desk, number: int = 1) -> str:
    with desk.database.transaction("demo") as tx:
        return next(one.state for one in points.of_person(tx, person(number)) if one.kind == "phone")


def test_texts_are_sent_each_once_in_their_parts_and_on_record(desk: Desk, centre: Centre) -> None:
    assert all(isinstance(one, Permit) for one in desk.queue(1, 2, 3, 4))
    assert desk.work() == 4, desk.told
    assert desk.work() == 0
    assert desk.states() == ["sent"] * 4
    assert len(centre.texts()) == 4
    assert all("【示例消费金融有限公司】尊敬的示例先生" in one and "66天" in one for one in centre.texts())
    assert desk.kinds().count("message.sent") == 4
    parts = {one.reference: one.number for one in centre.kept()}
    for row in desk.rows():
        assert row.provider_ref is not None
        assert {parts[name] for name in row.provider_ref.split()} == {row.message_id}
    assert desk.told == []


def test_a_receipt_that_comes_before_its_answer_is_written_counts(desk: Desk, centre: Centre) -> None:
    centre.tell(receipts="stat:DELIVRD err:000")
    desk.queue(1, 2)
    desk.work()
    take(desk, lambda: desk.contacts() == [("reported", "delivered")] * 2)
    assert (desk.states(), desk.kinds().count("message.delivered")) == (["sent", "sent"], 2)


def test_a_message_is_delivered_when_all_its_parts_are(desk: Desk, centre: Centre) -> None:
    desk.queue(1)
    desk.work()
    names = [one.reference for one in centre.kept()]
    assert len(names) > 1
    for name in names[:-1]:
        centre.tell(receipt=name, said="stat:DELIVRD err:000")
    centre.tell(receipt=names[-1], said="stat:ENROUTE err:000")
    centre.tell(receipt="of-another-system", said="stat:DELIVRD err:000")
    take_receipts(desk.database, "demo", gate=GATE, actor=OPERATOR, clock=desk.clock)
    assert desk.contacts() == [("reported", "sent")]
    centre.tell(receipt=names[-1], said="stat:DELIVRD err:000")
    centre.tell(receipt=names[-1], said="stat:DELIVRD err:000")
    take(desk, lambda: desk.contacts() == [("reported", "delivered")])
    assert desk.kinds().count("message.delivered") == 1


@pytest.mark.parametrize(
    ("said", "permanent", "point"),
    [
        ("stat:UNDELIV err:001", True, "unreachable"),
        ("stat:EXPIRED err:027", False, "ok"),
        ("stat:REJECTD err:1", False, "ok"),
    ],
)
def test_a_part_that_did_not_arrive_fails_the_message(
    desk: Desk, centre: Centre, *, said: str, permanent: bool, point: str
) -> None:
    desk.queue(1)
    desk.work()
    first, *others = [one.reference for one in centre.kept()]
    centre.tell(receipt=first, said=said)
    take(desk, lambda: desk.states() == ["failed"])
    for name in others:
        centre.tell(receipt=name, said="stat:DELIVRD err:000")
    take_receipts(desk.database, "demo", gate=GATE, actor=OPERATOR, clock=desk.clock)
    row = desk.rows()[0]
    assert (row.state, row.permanent, desk.contacts()) == ("failed", permanent, [("reported", "failed")])
    assert state(desk) == point


@pytest.mark.parametrize(
    ("mood", "found", "parts"),
    [
        ("refuses", ("failed", True, "failed"), False),
        ("later", ("failed", False, "failed"), False),
        ("tears", ("unknown", None, "sent"), True),
        ("drops", ("unknown", None, "sent"), True),
        ("slow", ("unknown", None, "sent"), True),
    ],
)
def test_moods_of_the_centre(
    desk: Desk, centre: Centre, *, mood: str, found: tuple[str, bool | None, str], parts: bool
) -> None:
    desired, permanent, outcome = found
    centre.tell(mood=mood)
    desk.queue(1)
    desk.work(threads=1)
    row = desk.rows()[0]
    assert (row.state, row.permanent, desk.contacts()) == (desired, permanent, [("reported", outcome)])
    assert bool(centre.kept()) is parts
    assert row.why is not None
    assert "154" not in str(row.why)
    centre.tell(mood="takes")
    before = len(centre.kept())
    desk.clock.forward(hours=1)
    desk.work()
    assert (desk.states(), len(centre.kept())) == ([desired], before)  # nothing is sent again by itself


def test_receipts_are_heard_while_nothing_is_sent(desk: Desk, centre: Centre) -> None:
    desk.work()
    assert centre.tell(binds=True)["binds"]["bind_transceiver"] == 1
    centre.tell(hang_up=True)
    deadline = time.monotonic() + 10
    while not centre.tell(binds=True)["binds"]:
        assert time.monotonic() < deadline
        desk.work()


def replies(desk: Desk) -> list[tuple[str, str | None]]:
    """What came in: whose it is, and its words."""
    with desk.database.transaction("demo") as tx:
        found = []
        for (number,) in tx.execute("SELECT inbound_id FROM inbound ORDER BY inbound_id").fetchall():
            text = read_text(tx, vault=VAULT, inbound_id=number, purpose="contact", actor=OPERATOR, now=desk.clock())
            found.append((inbound.get(tx, number).state, text.value if text else None))
    return found


def test_replies_land_once_whole_and_with_what_they_answer(desk: Desk, centre: Centre) -> None:
    desk.queue(1)
    desk.work()
    said = {"source": "8615400000001", "to": "10690000"}
    again = {"deliver": "发工资就还,15号".encode("utf-16-be").hex(), "coding": 8, **said}
    assert [centre.tell(**again) for _ in range(2)] == [{"delivered": "ESME_ROK"}] * 2  # our thanks got lost
    text = "我上个月住院了,现在没有收入,能不能分期还?" * 4
    for place in (3, 1, 2):
        part = text[(place - 1) * 34 : place * 34].encode("utf-16-be")
        found = centre.tell(deliver=(bytes([5, 0, 3, 9, 3, place]) + part).hex(), coding=8, header=True, **said)
        assert found == {"delivered": "ESME_ROK"}
    centre.tell(deliver=b"   ".hex(), **said)
    centre.tell(deliver=b"Who is this?".hex(), source="8615499999999", to="10690000")
    assert replies(desk) == [("landed", "发工资就还,15号"), ("landed", text[:102]), ("unplaced", "Who is this?")]
    with desk.database.transaction("demo") as tx:
        numbers = tx.execute("SELECT inbound_id FROM inbound ORDER BY inbound_id").fetchall()
        answered = [inbound.get(tx, number).answers for (number,) in numbers]
        assert answered == [desk.rows()[0].permit_id] * 2 + [None]
        assert tx.value("SELECT count(*) FROM heard_part") == 0


def test_a_reply_whose_part_is_lost_is_received_as_far_as_it_came(desk: Desk, centre: Centre) -> None:
    desk.work()
    said = {"source": "8615400000001", "to": "10690000"}
    for place, words in ((1, b"I lost my job "), (3, b" call me")):
        centre.tell(deliver=(bytes([5, 0, 3, 7, 3, place]) + words).hex(), header=True, **said)
    with desk.database.transaction("demo") as tx:
        kept = str(tx.execute("SELECT h.*::text FROM heard_part h").fetchall())
    assert "job" not in kept
    assert "5400000001" not in kept
    desk.work()
    assert replies(desk) == []
    desk.clock.forward(minutes=16)
    desk.work()
    assert [words for _, words in replies(desk)] == ["I lost my job […] call me"]
