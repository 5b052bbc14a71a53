"""Which packs may apply together, and what a policy pack may say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from duecourse.law.document import Flaws
from duecourse.law.pack import load_packs
from duecourse.law.rulebook import ClocksDiffer, rulebook


def test_law_packs_of_one_jurisdiction_go_by_one_clock() -> None:
    law = next(pack for pack in load_packs() if pack.id == "cn")
    second = replace(law, id="aa", rules=(), zone="America/New_York")
    with pytest.raises(ClocksDiffer, match="aa: America/New_York, cn: Asia/Shanghai"):
        rulebook((*load_packs(), second))


@pytest.mark.parametrize(("quantity", "value"), [("act_effect", 2), ("last_day_moves", 1)])
def test_policy_gives_nothing_that_has_no_stricter_side(tmp_path: Path, quantity: str, value: int) -> None:
    pack = tmp_path / "lift"
    pack.mkdir()
    (pack / "pack.yaml").write_text(
        "pack: lift\njurisdiction: CN\nkind: policy\nstatus: in_force\nlang: zh-CN\nsays: {zh: 政策, en: policy}\n"
        "sources: [{instrument: x, known: x}]\n",
        encoding="utf-8",
    )
    (pack / "act.yaml").write_text(
        "rule: lift.act\nsays: {zh: 文, en: text}\n"
        "source: {instrument: x, authority: lender_policy, modal: shall, grade: product}\n"
        f"gives: {{quantity: {quantity}, value: {value}, combine: max}}\nvalues: [{{from: 2020-01-01}}]\n"
        f"cases: [{{on: 2026-01-01, answer: {value}}}, {{on: 2019-12-31, answer: 0, because: not in force}}]\n",
        encoding="utf-8",
    )
    with pytest.raises(Flaws, match="for the law alone"):
        load_packs(tmp_path)


def test_holds_bind_always() -> None:
    (house,) = (pack for pack in load_packs() if pack.id == "house")
    assert house.always
    assert not any(pack.always for pack in load_packs() if pack.id != "house")
