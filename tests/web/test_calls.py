"""Calls by click and recordings over HTTP: refusals name their rules, no number is chosen, hearing has a purpose."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest

from duecourse.casework import recordings, user
from duecourse.casework.channel_setup import set_up
from duecourse.casework.desks import set_line
from duecourse.casework.gate import Gate
from duecourse.storage import cases
from duecourse.storage.tokens import Scope
from duecourse.web.api.problem import Kind
from tests.casework.test_transcripts import sound
from tests.desk import person
from tests.permit_desk import MORNING, OPERATOR, Clock, ask, granted
from tests.web.conftest import Site, problem
from tests.web.test_cases import case

__all__ = ["case"]

TURNS: list[dict[str, Any]] = [
    {"speaker": "us", "start_ms": 0, "end_ms": 900, "text": "不还钱就让你全家不得安宁。"},
    {"speaker": "them", "start_ms": 900, "end_ms": 1800, "text": "不还钱就让你全家不得安宁。"},
]


@pytest.fixture
def desk(site: Site) -> Site:
    with site.database.transaction("demo") as tx:
        if not tx.value("SELECT count(*) FROM app_user WHERE user_id = 'E01'"):
            user.add_user(tx, vault=site.vault, user_id="E01", team=None, actor=OPERATOR, now=MORNING)
        set_line(tx, vault=site.vault, user_id="E01", address="e01@127.0.0.1:9", actor=OPERATOR, now=MORNING)
        given = {"host": "127.0.0.1", "port": "9", "caller": "+864001234567"}
        set_up(tx, vault=site.vault, name="voice", given=given, actor=OPERATOR, now=MORNING)
    return site


def test_a_call_is_asked_for_once_and_refused_by_rule_or_without_a_telephone(desk: Site, case: tuple[int, int]) -> None:
    number, _ = case
    with desk.client(Scope.CALL_MAKE, Scope.CASE_READ, name="calls") as office:
        at = f"/cases/{number}/calls"
        problem(office.post(at, json={"staff": "E02"}, headers={"Idempotency-Key": "c0"}), Kind.CONFLICT)
        desk.set_clock(MORNING + timedelta(hours=12, minutes=30))  # 22:30
        no = office.post(at, json={"staff": "E01"}, headers={"Idempotency-Key": "c1"})
        assert no.status_code == 409
        assert "cn.contact.window" in no.text
        desk.set_clock(MORNING)
        chosen = {"staff": "E01", "caller": "+864009999999"}  # there is one number to call from, and it is not chosen
        problem(office.post(at, json=chosen, headers={"Idempotency-Key": "c2"}), Kind.INVALID)
        made = office.post(at, json={"staff": "E01"}, headers={"Idempotency-Key": "c3"})
        assert (made.status_code, made.json()["state"], made.json()["permit"]) == (201, "asked", None)
        again = office.post(at, json={"staff": "E01"}, headers={"Idempotency-Key": "c3"})
        assert again.json() == made.json()
        other = office.post(at, json={"staff": "E01"}, headers={"Idempotency-Key": "c4"})
        assert other.status_code == 409  # he has one telephone
        assert [one["call"] for one in office.get(at).json()["calls"]] == [made.json()["call"]]
        assert office.get(f"{at}/{made.json()['call']}").json()["state"] == "asked"
    with desk.database.transaction("demo") as tx:
        tx.execute("UPDATE desk_call SET state = 'failed', changed_at = now() WHERE state = 'asked'")


def test_a_recording_is_listed_heard_for_a_purpose_and_its_words_are_screened(
    site: Site, case: tuple[int, int]
) -> None:
    number, borrower = case
    permit = granted(ask(site.database, Gate(site.vault), Clock(MORNING), borrower))
    with site.database.transaction("demo") as tx:
        recording = recordings.keep(
            tx, vault=site.vault, contact_id=permit.permit_id, content=sound(), actor=OPERATOR, now=MORNING,
            chance=os.urandom,
        )  # fmt: skip
        assert cases.get(tx, number).person_id == person(borrower)
    scopes = (Scope.CASE_READ, Scope.CASE_WORK, Scope.RECORDING_HEAR)
    with site.client(*scopes, name="recordings") as office, site.client(Scope.CASE_READ, name="reads") as reader:
        at = f"/cases/{number}/recordings"
        (listed,) = office.get(at).json()["recordings"]
        assert (listed["recording"], listed["transcript"]) == (str(recording), None)
        problem(office.post(f"{at}/{recording}/hearing", json={"purpose": "curious"}), Kind.INVALID)
        problem(reader.post(f"{at}/{recording}/hearing", json={"purpose": "dispute"}), Kind.NO_SCOPE)
        heard = office.post(f"{at}/{recording}/hearing", json={"purpose": "dispute"})
        assert (heard.headers["content-type"], heard.content) == ("audio/wav", sound())
        problem(office.post(f"{at}/{recording}/words", json={"purpose": "dispute"}), Kind.NOT_FOUND)
        kept = office.post(
            f"{at}/{recording}/transcript", json={"lang": "zh", "turns": TURNS}, headers={"Idempotency-Key": "t1"}
        )
        assert kept.status_code == 201
        found = kept.json()["findings"]
        assert {one["turn"] for one in found} == {0}  # what they say is theirs
        assert TURNS[0]["text"] not in kept.text
        assert office.get(at).json()["recordings"][0]["transcript"]["findings"] == found
        words = office.post(f"{at}/{recording}/words", json={"purpose": "dispute"}).json()
        assert (words["said"], words["findings"]) == (TURNS, found)
    with site.database.transaction("demo") as tx:
        purposes = tx.execute("SELECT purpose FROM recording_hearing WHERE recording_id = %s", (recording,)).fetchall()
    assert purposes == [("dispute",)] * 2
