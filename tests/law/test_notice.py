"""What a dunning letter says at least: the shipped one says it, and one that leaves a part out is refused."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from duecourse.law.claims import SLOTS
from duecourse.law.document import Flaws
from duecourse.law.notice import NEEDED, PARTS, Part, lacking, shows_debt
from duecourse.law.templates import load_register
from duecourse.law.terms import Channel, Purpose

WHOLE = {slot: "x" for part in PARTS for slot in part.slots}
REGISTER = files("duecourse.law") / "register"


def test_every_letter_of_the_register_that_collects_is_whole() -> None:
    letters = [
        one
        for one in load_register().templates.values()
        if one.purpose is Purpose.COLLECT and Channel.LETTER in one.channels
    ]
    assert letters
    short = {one.id: [part.name for part in lacking(set(one.slots))] for one in letters}
    assert short.pop("acceleration.letter") == ["next_step"], (
        "what it is about is its next step: cure, or all is called"
    )
    assert not any(short.values())
    needed = {part.name for part in NEEDED["CN", "acceleration_notice"]}
    assert needed == {part.name for part in PARTS} - {"next_step"} | {"cure", "called"}


def test_every_slot_of_a_part_is_a_slot() -> None:
    assert set(WHOLE) <= set(SLOTS)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_each_part_is_missed(part: Part) -> None:
    for slot in part.slots:
        assert lacking(WHOLE | {slot: None}) == (part,)
        assert lacking(WHOLE | {slot: " "}) == (part,)
        assert lacking(set(WHOLE) - {slot}) == (part,)
    assert lacking(WHOLE) == ()


def test_a_letter_without_a_part_is_not_approved(tmp_path: Path) -> None:
    text = (REGISTER / "m3.yaml").read_text(encoding="utf-8")
    (tmp_path / "own.yaml").write_text(text.replace("> {seal}\\\n", ""), encoding="utf-8")
    with pytest.raises(Flaws, match=r"a dunning letter lacks: seal or electronic signature \(seal\)"):
        load_register(tmp_path)


@pytest.mark.parametrize("words", ["被告张三", "张三（老赖）", "失信人张三"])
def test_the_window_of_an_envelope_calls_nobody_names(words: str) -> None:
    assert shows_debt(words)
