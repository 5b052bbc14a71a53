"""How somebody sounds is kept with texts and transcribed turns, counted once; a person looks where it is distress."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from duecourse.book.store import Store
from duecourse.casework import disclosure, inbound, moods, recordings, transcripts
from duecourse.casework.figures import asking
from duecourse.casework.figures.figure import Ground, Span, asked
from duecourse.casework.moods import NobodyWaits
from duecourse.channels.voice.turns import Turn
from duecourse.storage import log, persons, readings
from duecourse.storage import moods as kept
from duecourse.storage.connection import Database
from tests.casework.test_inbound import came
from tests.casework.test_replies import CLOCK, GATE, VAULT, desk
from tests.casework.test_transcripts import sound
from tests.desk import person
from tests.permit_desk import MORNING, OPERATOR, Clock, ask, granted

__all__ = ["desk"]

TURNS = [
    Turn("us", 0, 900, "您好"), Turn("them", 1_000, 2_000, "好的，谢谢"),
    Turn("them", 3_000, 4_000, "我真的撑不下去了，天天哭"),
]  # fmt: skip


def recorded(desk: Database, turns: list[Turn]) -> int:
    permit = granted(ask(desk, GATE, Clock(), 2))
    with desk.transaction("demo") as tx:
        number = recordings.keep(
            tx, vault=VAULT, contact_id=permit.permit_id, content=sound(), actor=OPERATOR, now=MORNING,
            chance=os.urandom,
        )  # fmt: skip
        transcripts.keep(
            tx, vault=VAULT, recording_id=number, source="json", lang="zh", turns=turns, actor=OPERATOR, now=MORNING,
            chance=os.urandom,
        )  # fmt: skip
    return number


def test_a_text_is_kept_with_how_it_sounds_and_who_may_be_in_distress_stands_before_the_rest(desk: Database) -> None:
    for n, text in ((1, "好的，谢谢提醒"), (2, "我已经走投无路了，求你们给我一条活路")):
        with desk.transaction("demo") as tx:
            number = inbound.receive(tx, gate=GATE, came=came(n, text), actor=OPERATOR, clock=CLOCK).row.inbound_id
            row = readings.get(tx, number)
        assert row is not None
        assert (row.mood, row.urgent) == ("calm" if n == 1 else "distressed", False)
        assert row.mood_ppm is not None
        assert 0 < row.mood_ppm <= 1_000_000
    with desk.transaction("demo") as tx:
        assert [one.person_id for one in readings.waiting(tx)] == [person(2), person(1)]
        assert [one.mood for one in kept.of_debtor(tx, person(2))] == ["distressed"]


def test_turns_of_whoever_was_called_are_estimated_and_a_person_looks_once(desk: Database) -> None:
    number = recorded(desk, TURNS)
    with desk.transaction("demo") as tx:
        assert [(one.turn, one.mood) for one in kept.of_debtor(tx, person(2))] == [(1, "calm"), (2, "distressed")]
        assert [one.recording_id for one in kept.to_look_at(tx)] == [number]
        moods.look(tx, vault=VAULT, recording_id=number, actor=OPERATOR, now=MORNING)
        assert kept.to_look_at(tx) == []
        with pytest.raises(NobodyWaits):
            moods.look(tx, vault=VAULT, recording_id=number, actor=OPERATOR, now=MORNING)
        key = VAULT.person("demo", person(2), persons.wrapped(tx, person(2)))
        seen = next(one for one in log.of_person(tx, person(2)) if one.kind == "distress.seen")
        assert list(disclosure.openings(tx, seen, key)) == []


def test_a_calm_call_waits_for_nobody(desk: Database) -> None:
    number = recorded(desk, TURNS[:2])
    with desk.transaction("demo") as tx:
        assert kept.to_look_at(tx) == []
        with pytest.raises(NobodyWaits):
            moods.look(tx, vault=VAULT, recording_id=number, actor=OPERATOR, now=MORNING)


def test_the_figure_counts_each_turn_once_with_whoever_made_the_contact(desk: Database, tmp_path: Path) -> None:
    recorded(desk, TURNS)
    with desk.transaction("demo") as tx:
        inbound.receive(tx, gate=GATE, came=came(1, "你们有完没完，天天骚扰"), actor=OPERATOR, clock=CLOCK)
        day = MORNING.date()
        of = asking.figure("mood.turn")
        found = asking.answer(
            of, asked(of, Span(day, day + timedelta(days=1)), by=["collector"]), Ground(tx, Store(tmp_path), MORNING)
        )
        cells = {one.at["collector"]: dict(one.of) for one in found.cells}
    assert cells["E01"] | {"sure_ppm": 0} == {
        "turns": 2, "calm": 1, "worried": 0, "angry": 0, "distressed": 1, "sure_ppm": 0, "whole_ppm": 2_000_000,
    }  # fmt: skip
    assert cells[""]["angry"] == 1
