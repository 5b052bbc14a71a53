"""A collector calls by click: his telephone first, the law at the instant of dialling, then the other's telephone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from duecourse.casework import outbox, recordings
from duecourse.casework.actor import Actor, Role
from duecourse.casework.desk_calls import NoDesk, NotAllowedNow, Paused, ask_call, whom, work_calls
from duecourse.casework.holds import HoldKind, place
from duecourse.casework.outcomes import Outcome
from duecourse.casework.settling import record_outcome
from duecourse.channels.contract import BadSetting
from duecourse.channels.voice.sound import legs, levels
from duecourse.law.terms import Channel
from duecourse.storage import desk_calls, log, permits
from duecourse.storage import recordings as kept
from duecourse.storage.connection import Database
from duecourse.storage.desk_calls import DeskCall, OnTheTelephone
from tests.casework.test_calls import VAULT, Case, add_desk_line
from tests.notice_desk import COLLECTOR, OFFICE, notice_desk
from tests.permit_desk import OPERATOR
from tests.voice_peer import PROGRAMS, callee, share_at_end, sipp, tone
from tests.work_desk import NOW


@pytest.fixture
def case(database: Database, tmp_path: Path, tool: Callable[[str], Path]) -> Case:
    for program in PROGRAMS:
        tool(program)
    (tmp_path / "book").mkdir()
    return Case(notice_desk(database, tmp_path / "book", VAULT, loans=60))


def ask(case: Case, user: str = "a0") -> DeskCall:
    asked = whom(case.desk.post, "demo", case_id=case.notices.case, user_id=user, contact_point_id=case.point_id)
    return ask_call(case.desk.post, "demo", asked=asked, actor=Actor(Role.COLLECTOR, user))


def made(case: Case, call: DeskCall) -> DeskCall:
    work_calls(case.desk.post, once=True, chance=os.urandom)
    with case.desk.database.transaction("demo") as tx:
        return desk_calls.get(tx, call.call_id)


def redeemed(case: Case) -> int:
    with case.desk.database.transaction("demo") as tx:
        return int(str(tx.value("SELECT count(*) FROM contact WHERE channel = 'call' AND redeemed_at IS NOT NULL")))


def test_his_telephone_rings_first_then_the_law_is_asked_and_both_hear_each_other(case: Case, tmp_path: Path) -> None:
    hums, speaks = tone(tmp_path / "hums.wav", ("beep", 90_000)), tone(tmp_path / "speaks.wav", ("voice", 90_000))
    with (
        callee("hear 4000", "hang up", greeting=hums, numbers=(1,)) as borrower,
        callee("1", users=["a0"], greeting=speaks) as desk,
    ):
        case.set_up(borrower)
        add_desk_line(case, "a0", f"a0@127.0.0.1:{desk.port}")
        call = made(case, ask(case))
        at_desk = desk.heard()
    assert (call.state, call.outcome, borrower.calls, desk.calls) == ("ended", "connected", 1, 1)
    assert call.permit_id is not None
    assert share_at_end(at_desk, 2, over=5_000) > 80
    with case.desk.database.transaction("demo") as tx:
        (one,) = kept.of_debtor(tx, case.notices.person)
        contact = permits.reserved(permits.contact(tx, case.notices.person, call.permit_id))
        sound = recordings.opened(tx, vault=VAULT, found=one)
        entries = log.of_person(tx, case.notices.person)
    assert contact is not None
    assert contact.state == "redeemed"  # what came of it he says himself
    assert one.contact_id == call.permit_id
    assert [share_at_end(levels(leg).tolist(), 2) > 80 for leg in legs(sound)] == [True, True]
    kinds = [one.content.partition(b'"kind":"')[2].partition(b'"')[0].decode() for one in entries][::-1]
    order = ["call.asked", "permit.granted", "permit.redeemed", "person.reveal", "recording.kept", "call.ended"]
    places = [len(kinds) - 1 - kinds[::-1].index(kind) for kind in order]
    assert places == sorted(places)
    settled = record_outcome(
        case.desk.database, "demo", gate=case.gate, permit_id=call.permit_id, outcome=Outcome.CONNECTED, sender=OFFICE,
        actor=COLLECTOR, clock=case.desk.clock,
    )  # fmt: skip
    assert settled.state == "reported"


@pytest.mark.parametrize("turn", ["2", "hang up"])
def test_a_telephone_that_is_not_taken_by_key_dials_nobody_and_uses_no_permit(case: Case, turn: str) -> None:
    with callee(numbers=(1,)) as borrower, callee(turn, users=["a0"]) as desk:
        case.set_up(borrower)
        add_desk_line(case, "a0", f"a0@127.0.0.1:{desk.port}")
        call = made(case, ask(case))
    assert (call.state, call.permit_id, borrower.calls, redeemed(case)) == ("not_taken", None, 0, 0)


@pytest.mark.parametrize("between", ["hold", "pause", "night"])
def test_what_comes_between_the_click_and_the_dialling_stops_it(case: Case, between: str) -> None:
    with callee(numbers=(1,)) as borrower, callee("1", users=["a0"]) as desk:
        case.set_up(borrower)
        add_desk_line(case, "a0", f"a0@127.0.0.1:{desk.port}")
        if between == "night":
            case.desk.clock.at = NOW.replace(hour=13, minute=59, second=59)  # 21:59:59 in Shanghai
        asked = ask(case)
        case.desk.clock.forward(seconds=1 if between == "night" else 0)
        with case.desk.database.transaction("demo") as tx:
            if between == "hold":
                place(
                    tx, vault=VAULT, person_id=case.notices.person, kind=HoldKind.DISPUTE, source="test",
                    actor=COLLECTOR, clock=case.desk.clock,
                )  # fmt: skip
            if between == "pause":
                outbox.pause(
                    tx, vault=VAULT, channel=None, reason="test", actor=OPERATOR, now=case.desk.clock()
                )  # fmt: skip
        call = made(case, asked)
    assert (call.state, borrower.calls, redeemed(case)) == ("refused", 0, 0)
    assert call.why is not None
    rule = {"hold": "dispute", "pause": "", "night": "cn.contact.window"}[between]
    assert rule in str(call.why.get("rules", ""))


def test_a_refusal_shows_its_rule_before_any_telephone_rings(case: Case) -> None:
    case.set_up(9)
    with pytest.raises(NoDesk):
        ask(case)
    add_desk_line(case, "a0", "a0@127.0.0.1:9")
    case.desk.clock.at = NOW.replace(hour=14)
    with pytest.raises(NotAllowedNow, match=r"cn\.contact\.window"):
        ask(case)
    case.desk.clock.at = NOW
    with case.desk.database.transaction("demo") as tx:
        outbox.pause(tx, vault=VAULT, channel=Channel.CALL, reason="test", actor=OPERATOR, now=NOW)
    with pytest.raises(Paused):
        ask(case)
    with case.desk.database.transaction("demo") as tx:
        outbox.resume(tx, vault=VAULT, channel=Channel.CALL, actor=OPERATOR, now=NOW)
    ask(case)
    with pytest.raises(OnTheTelephone):
        ask(case)
    assert redeemed(case) == 0


def test_who_does_not_answer_is_recorded_by_the_line(case: Case, tmp_path: Path) -> None:
    with sipp(tmp_path, "busy") as borrower, callee("1", users=["a0"]) as desk:
        case.set_up(borrower)
        add_desk_line(case, "a0", f"a0@127.0.0.1:{desk.port}")
        call = made(case, ask(case))
    assert (call.state, call.outcome) == ("ended", "busy")
    with case.desk.database.transaction("demo") as tx:
        assert kept.of_debtor(tx, case.notices.person) == []
        assert tx.value("SELECT outcome FROM contact WHERE contact_id = %s", (call.permit_id,)) == "busy"


def test_a_call_that_nobody_makes_or_whose_worker_died_says_so(case: Case) -> None:
    case.set_up(9)
    add_desk_line(case, "a0", "a0@127.0.0.1:9")
    call = ask(case)
    case.desk.clock.forward(minutes=1)
    assert made(case, call).state == "failed"
    call = ask(case)
    with case.desk.database.transaction("demo") as tx:
        desk_calls.claim(tx, worker="dead", since=NOW, now=case.desk.clock())
    found = made(case, call)
    assert (found.state, found.why is not None) == ("failed", True)


def test_numbers_to_call_from_in_turn_are_refused(case: Case) -> None:
    with pytest.raises(BadSetting, match="in turn"):
        case.set_up(9, caller="+864001234567,+864001234568")
