"""How borrowers sound: words of each mood are found, shares add up, and what is published is what is measured."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from duecourse.insight.mood import Mood, estimate
from duecourse.insight.mood.estimate import WHOLE, folded, read_weights, weights
from duecourse.insight.mood.measuring import measure
from duecourse.insight.replies import Meaning, read
from duecourse.law.facts import FACTS
from tests.insight.test_replies import MONDAY

SENTENCES = Path(__file__).parents[1] / "data" / "moods.yaml"
SOURCE = Path(__file__).parents[2] / "src" / "duecourse"
DATA = os.environ.get("DUECOURSE_TEST_DATA")
MAY_READ = {
    "insight/mood", "casework/moods.py", "casework/replies.py", "casework/transcripts.py", "casework/figures",
    "casework/opened_case.py", "cli/mood.py", "web/workbench", "web/api/cases.py", "web/api/inbound.py",
    "storage/readings.py", "storage/moods.py", "storage/case_file.py",
}  # fmt: skip
"""Where moods are made, kept and shown: nothing of it decides."""


def test_sentences_written_before_the_rules_sound_as_meant() -> None:
    for one in measure(SENTENCES, None):
        assert one.found * 8 >= one.there * 7, one
        assert one.taken * 10 <= one.others, one


def test_words_of_self_harm_are_distress_whatever_else_is_said() -> None:
    for text in ("再逼我我就去跳楼，骗子", "去死了算了", "I want to die, stop harassing me"):
        assert estimate(text).mood is Mood.DISTRESSED, text
    for lang, rows in yaml.safe_load((SENTENCES.parent / "replies.yaml").read_text("utf-8")).items():
        for meaning, text in rows:
            if meaning == Meaning.CRISIS:
                assert Meaning.CRISIS in read(text, today=MONDAY, country="CN", currency="CNY").acts
                assert estimate(str(text)).mood is Mood.DISTRESSED, (lang, text)


@given(st.text(max_size=200))
def test_shares_are_of_a_whole_and_the_estimate_is_their_largest(text: str) -> None:
    told = estimate(text)
    assert 0 <= told.ppm <= WHOLE
    for lang in ("zh", "en"):
        shares = weights(lang).shares(folded(text))
        assert sum(shares.values()) == WHOLE
        assert min(shares.values()) >= 0
    assert estimate(text) == told


def test_a_table_is_read_as_it_was_written() -> None:
    held = read_weights(
        "bias_calm=1 bias_worried=2 bias_angry=3 bias_distressed=4 scale=1000000 shift_calm=0 shift_worried=0 "
        "shift_angry=0 shift_distressed=0 mood.angry=5\n\\t\t0\t0\t7\t0\n",
        "en",
    )
    assert held.models[Mood.ANGRY].weights == {"\t": 7}
    assert held.worth == {"mood.angry": 5}


def test_no_law_no_proposal_and_no_permit_reads_a_mood() -> None:
    assert not [name for name in FACTS if "mood" in name or "emotion" in name]
    for path in SOURCE.rglob("*.py"):
        text, place = path.read_text("utf-8"), path.relative_to(SOURCE).as_posix()
        reads = "insight.mood" in text or "import moods" in text or "storage.moods" in text or ".mood_ppm" in text
        assert not reads or any(place.startswith(one) for one in MAY_READ), place


@pytest.mark.skipif(not DATA, reason="DUECOURSE_TEST_DATA is not set: the public sets are not there")
def test_what_was_cut_off_is_found_as_documented_and_as_sure_as_it_is_right() -> None:
    lines = {(one.name, one.mood): one for one in measure(SENTENCES, Path(DATA or ""))}
    for name, found in (("CPED (class A), cut off", 60), ("GoEmotions (class A), cut off", 84)):
        of = [one for (each, _mood), one in lines.items() if each == name]
        assert 100 * sum(one.found for one in of) >= found * sum(one.there for one in of), of
        for one in of:
            said = one.found + one.taken
            assert said < 50 or abs(one.sure_ppm - one.right_ppm) <= 80_000, one
    assert lines["GoEmotions (class A), cut off", Mood.DISTRESSED].found >= 140
