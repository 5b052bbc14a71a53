"""A call from the gate to the recording: a real telephone at the other end presses keys, the case changes at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from duecourse.casework import posting, recordings
from duecourse.casework import user as user_acts
from duecourse.casework.channel_setup import DemoStaysHere, set_up
from duecourse.casework.desks import DemoRingsHere, set_line
from duecourse.casework.gate import Gate
from duecourse.casework.lender_texts import text_from
from duecourse.casework.message import NoBirth, Queued, Wanted, queue_message
from duecourse.casework.parties import Batch
from duecourse.casework.permit import Refusal
from duecourse.casework.recordings import NotHeard
from duecourse.casework.reveal import NoPurpose
from duecourse.channels.voice.desk import NotADesk
from duecourse.channels.voice.sound import measured
from duecourse.law.terms import Channel
from duecourse.storage import collectors, holds, log, points, promises
from duecourse.storage import recordings as kept
from duecourse.storage.collectors import Absence
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import persons, phones, register, ties
from tests.notice_desk import COLLECTOR, OFFICE, notice_desk
from tests.notice_desk import Desk as NoticeDesk
from tests.permit_desk import OPERATOR, Clock, refused
from tests.post_desk import Desk
from tests.voice_peer import PROGRAMS, Callee, callee, sipp, tone
from tests.work_desk import NOW

VAULT = Vault(new_ring())
BIRTH = "19900517"
NUMBER = "+8615400000001"
_KEYS = count(1)


class Case:
    """An overdue case whose borrower has a telephone and a date of birth, both on file."""

    def __init__(self, notices: NoticeDesk) -> None:
        self.notices = notices
        self.gate = Gate(VAULT, texts=lambda name: text_from(notices.database.url, name))
        self.desk = Desk(notices.database, self.gate, Clock(NOW))
        known = persons(1, person_id=notices.person, reference=None)
        phone = phones(1, person_id=notices.person, value="154 0000 0001")
        register(notices.database, VAULT, Batch(known, phone, ties()), now=NOW)
        self.point_id = self.point()

    def set_up(self, peer: Callee | int, **more: str) -> None:
        given = peer.settings(**more) if isinstance(peer, Callee) else {
            "host": "127.0.0.1", "port": str(peer), "caller": "+864001234567", "ring_seconds": "5", **more,
        }  # fmt: skip
        with self.desk.database.transaction("demo") as tx:
            set_up(tx, vault=VAULT, name="voice", given=given, actor=OPERATOR, now=self.desk.clock())

    def point(self) -> int:
        with self.desk.database.transaction("demo") as tx:
            found = points.of_person(tx, self.notices.person)
        return next(one.contact_point_id for one in found if one.value_masked.endswith("0001") and one.to_at is None)

    def queue(self, **changed: object) -> Queued | Refusal:
        values: dict[str, Any] = {
            "case_id": self.notices.case, "person_id": self.notices.person, "channel": Channel.ROBOT_CALL,
            "sender": OFFICE, "key": f"call-{next(_KEYS)}", "template_id": "m1.robot_call",
            "contact_point_id": self.point_id,
        }  # fmt: skip
        return queue_message(
            self.desk.database, "demo", gate=self.gate, store=self.notices.store, wanted=Wanted(**(values | changed)),
            public_url=None, actor=COLLECTOR, clock=self.desk.clock, chance=os.urandom,
        )  # fmt: skip

    def call(self, **changed: object) -> Queued:
        """Queue a call and place it."""
        found = self.queue(**changed)
        assert isinstance(found, Queued), found
        with self.desk.database.session_lock(posting.lock_name("w1")), closing(posting.Lines()) as lines:
            posting.work_off(self.desk.post, "demo", worker="w1", lines=lines, speaking=True)
        return found

    def outcome(self) -> tuple[str, str | None]:
        """State of the latest message, outcome of its contact."""
        row = self.desk.rows()[-1]
        with self.desk.database.transaction("demo") as tx:
            found = tx.value("SELECT outcome FROM contact WHERE contact_id = %s", (row.permit_id,))
        return row.state, str(found)

    def kinds(self) -> list[str]:
        with self.desk.database.transaction("demo") as tx:
            return [str(k) for (k,) in tx.execute("SELECT kind FROM log_entry ORDER BY entry_id DESC LIMIT 12")][::-1]


@pytest.fixture
def case(database: Database, tmp_path: Path, tool: Callable[[str], Path]) -> Case:
    for program in PROGRAMS:
        tool(program)
    (tmp_path / "book").mkdir()
    return Case(notice_desk(database, tmp_path / "book", VAULT, loans=60))


def test_a_call_verifies_tells_takes_a_promise_and_is_recorded(case: Case) -> None:
    due = NOW.date() + timedelta(days=5)
    with callee("1", BIRTH, "2", f"{due:%m%d}", "1", numbers=(1,)) as peer:
        case.set_up(peer)
        case.call()
    assert peer.missed == []
    assert case.outcome() == ("sent", "promised")
    with case.desk.database.transaction("demo") as tx:
        (promise,) = promises.of_person(tx, case.notices.person)
        (recording,) = kept.of_debtor(tx, case.notices.person)
        record = next(one for one in log.of_person(tx, case.notices.person) if b'"recording.kept"' in one.content)
        sealed = str(tx.execute("SELECT * FROM recording").fetchall())
    assert (promise.due_day, promise.promised_by, promise.contact_id) == (
        due, case.notices.person, case.desk.rows()[-1].permit_id,
    )  # fmt: skip
    assert promise.actor == "borrower:call-keys"
    assert recording.millis > 8_000
    assert b"RIFF" not in sealed.encode()
    assert b"19900517" not in record.content
    kinds = case.kinds()
    assert kinds.index("message.queued") < kinds.index("permit.redeemed") < kinds.index("promise.recorded")
    assert kinds.index("promise.recorded") < kinds.index("contact.settled") < kinds.index("recording.kept")
    _heard_for_a_purpose_and_on_record(case, recording)


def _heard_for_a_purpose_and_on_record(case: Case, recording: kept.Recording) -> None:
    def sound(by: Any = COLLECTOR) -> bytes:  # noqa: ANN401 - an actor
        with case.desk.database.transaction("demo") as tx:
            return recordings.sound(
                tx, vault=VAULT, recording_id=recording.recording_id, actor=by, now=case.desk.clock()
            )

    with pytest.raises(NotHeard):
        sound()
    for purpose, error in (("curious", NoPurpose), ("supervision", None)):
        with case.desk.database.transaction("demo") as tx:
            if error is None:
                recordings.hear(
                    tx, vault=VAULT, recording_id=recording.recording_id, purpose=purpose, actor=COLLECTOR,
                    now=case.desk.clock(),
                )  # fmt: skip
                continue
            with pytest.raises(error):
                recordings.hear(
                    tx, vault=VAULT, recording_id=recording.recording_id, purpose=purpose, actor=COLLECTOR,
                    now=case.desk.clock(),
                )  # fmt: skip
    both = measured(sound())
    assert abs(both.millis - recording.millis) <= 1
    assert both.loud[0] > 20  # we were heard, on the left
    assert 3_000 < both.peaks[0] < 32_700  # neither faint nor clipped
    with pytest.raises(NotHeard):
        sound(OPERATOR)
    case.desk.clock.forward(minutes=31)
    with pytest.raises(NotHeard):
        sound()
    assert case.kinds()[-1] == "person.reveal"


def test_whoever_is_not_verified_hears_no_word_of_the_debt(case: Case) -> None:
    with callee("1", "19990101", "20000202", numbers=(1,)) as peer:
        case.set_up(peer)
        case.call()
    assert case.outcome() == ("sent", "hung_up")
    with case.desk.database.transaction("demo") as tx:
        entry = next(one for one in log.of_person(tx, case.notices.person) if b'"message.sent"' in one.content)
        read = [one for one in log.of_person(tx, case.notices.person) if b'"identify"' in one.content]
    assert b"unverified" in entry.content
    assert b'"verified"' not in entry.content
    assert len(read) == 2  # each try is a reading on record


@pytest.mark.parametrize("turns", [("0",), ("1", BIRTH, "0"), ("1", BIRTH, "4"), ("3",)])
def test_a_key_acts_at_once(case: Case, turns: tuple[str, ...]) -> None:
    with callee(*turns, numbers=(1,)) as peer:
        case.set_up(peer)
        case.call()
    with case.desk.database.transaction("demo") as tx:
        state = next(
            one.state for one in points.of_person(tx, case.notices.person) if one.contact_point_id == case.point_id
        )
        placed = [one.kind for one in holds.of_person(tx, case.notices.person) if one.to_at is None]
        confirmed = [str(one) for (one,) in tx.execute("SELECT state FROM stop_confirmation")]
    assert confirmed == (["spoken"] if turns[-1] == "0" else [])  # the call says it, and nothing is sent besides
    wanted = {"0": ("stopped", []), "4": ("ok", ["dispute"]), "3": ("wrong", [])}[turns[-1]]
    assert (state, placed) == wanted
    assert isinstance(case.queue(contact_point_id=case.point_id), Refusal)


def test_nobody_is_called_at_night_nor_by_a_text_that_hides_the_machine(case: Case, tmp_path: Path) -> None:
    with sipp(tmp_path, "busy") as port:
        case.set_up(port)
        case.desk.clock.at = NOW.replace(hour=14)  # 22:00 in Shanghai
        assert "cn.contact.window" in refused(case.queue())
        case.desk.clock.at = NOW
        case.call()
        assert case.outcome() == ("sent", "busy")
        with case.desk.database.transaction("demo") as tx:
            assert kept.of_debtor(tx, case.notices.person) == []


def test_a_demo_lender_calls_this_machine_alone(case: Case) -> None:
    with case.desk.database.transaction("demo") as tx, pytest.raises(DemoStaysHere):
        set_up(tx, vault=VAULT, name="voice", given={"host": "sip.example", "caller": "4001"}, actor=OPERATOR, now=NOW)


def test_a_machine_keeps_nothing_but_a_request_to_call_back(case: Case, tmp_path: Path) -> None:
    greeting = tone(tmp_path / "greeting.wav", ("voice", 3_400), ("silence", 200), ("beep", 400))
    with callee(greeting=greeting, numbers=(1,)) as peer:
        case.set_up(peer)
        case.call()
    assert case.outcome() == ("sent", "voicemail")
    with case.desk.database.transaction("demo") as tx:
        entry = next(one for one in log.of_person(tx, case.notices.person) if b'"message.sent"' in one.content)
    assert b"word_left" in entry.content


def test_without_a_date_of_birth_no_machine_calls(case: Case) -> None:
    case.set_up(9)
    with case.desk.database.transaction("demo") as tx:
        tx.execute("UPDATE person SET birth_sealed = NULL, birth_masked = NULL")
    with pytest.raises(NoBirth):
        case.queue()


def add_desk_line(case: Case, user: str, address: str, *, roles: tuple[str, ...] = ("collector",)) -> None:
    with case.desk.database.transaction("demo") as tx:
        user_acts.add_user(tx, vault=VAULT, user_id=user, team="t1", actor=OPERATOR, now=NOW)
        for role in roles:
            user_acts.give_role(tx, vault=VAULT, user_id=user, role=role, actor=OPERATOR, now=NOW)
        set_line(tx, vault=VAULT, user_id=user, address=address, actor=OPERATOR, now=NOW)


def test_who_asks_for_a_person_is_put_through_to_one_at_work_whom_the_law_lets_speak(
    case: Case, tmp_path: Path
) -> None:
    hums, speaks = tone(tmp_path / "hums.wav", ("beep", 90_000)), tone(tmp_path / "speaks.wav", ("voice", 90_000))
    with (
        callee("1", BIRTH, "3", "hear 9000", numbers=(1,), greeting=hums) as borrower,
        callee("1", "hear 9000", "hang up", users=["a0"], greeting=speaks) as desk,
    ):
        case.set_up(borrower, machines="no")
        add_desk_line(case, "a0", f"a0@127.0.0.1:{desk.port}")
        add_desk_line(case, "x9", f"x9@127.0.0.1:{desk.port}")  # stands in no register of staff: rings nowhere
        case.call()
    assert not borrower.missed
    assert not desk.missed
    assert case.outcome() == ("sent", "connected")
    with case.desk.database.transaction("demo") as tx:
        entries = [one for one in log.of_person(tx, case.notices.person) if b'"call.put_through"' in one.content]
        (recording,) = kept.of_debtor(tx, case.notices.person)
        assert tx.value("SELECT count(*) FROM inbound") == 0
    assert len(entries) == 1
    assert b'"recorded":true' in entries[0].content
    assert b"a0@" not in entries[0].content
    assert recording.millis > 10_000


@pytest.mark.parametrize("why", ["nobody", "absent", "not_allowed", "busy"])
def test_where_nobody_may_or_can_take_the_call_who_asked_is_called_back(case: Case, tmp_path: Path, why: str) -> None:
    with callee("1", BIRTH, "3", numbers=(1,)) as borrower, sipp(tmp_path, "busy") as busy:
        case.set_up(borrower, machines="no")
        if why != "nobody":
            add_desk_line(case, "a0", f"a0@127.0.0.1:{busy}")
        with case.desk.database.transaction("demo") as tx:
            if why == "absent":
                team = Absence("a0", NOW.date(), NOW.date() + timedelta(days=1), "leave")
                collectors.put_absence(tx, team)
            if why == "not_allowed":
                tx.execute("UPDATE sender_record SET to_day = %s WHERE staff = 'a0'", (NOW.date() - timedelta(days=1),))
        case.call()
    with case.desk.database.transaction("demo") as tx:
        (landed,) = tx.execute("SELECT channel, person_id, answers FROM inbound").fetchall()
        (read,) = tx.execute("SELECT meaning FROM reading").fetchall()
    assert landed == ("robot_call", case.notices.person, case.desk.rows()[-1].permit_id)
    assert "wants_person" in str(read)
    assert "call.put_through" not in case.kinds()


@pytest.mark.parametrize("address", ["+8615400000009", "15400000009", "c017@", "c 017", "c017@pbx.example"])
def test_a_desk_telephone_is_no_public_number_and_of_a_demo_lender_on_this_machine(case: Case, address: str) -> None:
    with pytest.raises(NotADesk if "pbx" not in address else DemoRingsHere):
        add_desk_line(case, "a1", address)
