"""Dated tables of published numbers: the value of each day, and a refusal that names what is missing."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from duecourse.law import wording
from duecourse.law.document import Flaw, Flaws, read
from duecourse.law.facts import FACTS
from duecourse.law.measure import measure
from duecourse.law.pack import load_packs
from duecourse.law.rulebook import rulebook
from duecourse.law.series import Entry, Gap, Series, filled, read_series
from duecourse.law.terms import Grade

BOOK = rulebook()
LPR = {table.id: table for table in BOOK.series}["cn.lpr_1y"]
DAY = date(2026, 3, 1)

TABLE = """\
series: own.rate
says: {zh: 利率, en: rate}
source: own
unit: ppm a year
fills: [{fact: lpr_1y_contract_ppm, day: contract_on}]
known: [{from: 2020-01-01, grade: report, by: a list}]
rows:
  - {from: 2020-01-01, value: 10000}
  - {from: 2020-02-01, value: 20000}
"""


def table(text: str = TABLE) -> Series:
    return read_series(read(text, "own/series/rate.yaml"), "own")


@pytest.mark.parametrize(
    ("day", "ppm"),
    [
        (date(2019, 8, 20), 42_500),
        (date(2024, 10, 20), 33_500),  # the day before the publication
        (date(2024, 10, 21), 31_000),  # its day
        (date(2025, 5, 19), 31_000),
        (date(2025, 5, 20), 30_000),
        (date(2026, 6, 22), 30_000),  # the last known
    ],
)
def test_the_one_year_lpr(day: date, ppm: int) -> None:
    found = LPR.value_on(day)
    assert isinstance(found, Entry)
    assert found.value == ppm


@pytest.mark.parametrize("day", [date(2019, 8, 19), date(2026, 6, 23), date(2026, 7, 20), date(2030, 1, 1)])
def test_outside_the_table_there_is_no_value(day: date) -> None:
    assert isinstance(LPR.value_on(day), Gap)


def test_a_gap_names_the_month_that_is_missing() -> None:
    gap = LPR.value_on(date(2026, 9, 1))
    assert isinstance(gap, Gap)
    assert "published from 2026-07 on is missing" in gap.says("en")
    assert "缺 2026-07 起公布的数值" in gap.says("zh")
    early = LPR.value_on(date(2019, 1, 1))
    assert isinstance(early, Gap)
    assert "begins with 2019-08-20" in early.says("en")
    assert "自 2019-08-20 起" in early.says("zh")


def test_the_months_have_one_publication_each_and_rows_say_how_well_they_are_known() -> None:
    months = [(row.start.year, row.start.month) for row in LPR.rows]
    assert len(set(months)) == len(months) == 83
    assert all(
        later.start - row.start <= timedelta(days=35) for row, later in zip(LPR.rows, LPR.rows[1:], strict=False)
    )
    assert all(20 <= row.start.day <= 24 for row in LPR.rows)
    assert {row.grade for row in LPR.rows} == {Grade.REPORT}
    assert "weaker" in LPR.rows[-1].known
    assert "weaker" not in LPR.rows[-5].known
    assert all(FACTS[fact].source == "table cn.lpr_1y" for fact, _, _ in LPR.fills)


def test_a_table_fills_its_facts_and_nobody_types_them() -> None:
    known, gaps = filled(BOOK.series, {"contract_on": date(2024, 10, 20), "lpr_1y_contract_ppm": 1})
    assert (known["lpr_1y_contract_ppm"], gaps) == (33_500, ())
    assert "lpr_1y_contract_ppm" not in filled(BOOK.series, {"lpr_1y_contract_ppm": 1})[0]
    known, gaps = filled(BOOK.series, {"contract_on": date(2026, 8, 1)})
    assert "lpr_1y_contract_ppm" not in known
    assert [gap.fact for gap in gaps] == ["lpr_1y_contract_ppm"]


@pytest.mark.parametrize(
    ("facts", "ppm"),
    [
        ({"lender_type": "private", "contract_on": date(2024, 10, 20)}, 134_000),
        ({"lender_type": "private", "contract_on": date(2024, 10, 21)}, 124_000),
        ({"lender_type": "private", "contract_on": date(2025, 5, 20)}, 120_000),
        ({"lender_type": "private", "contract_on": date(2020, 8, 20)}, 154_000),
        ({"lender_type": "private", "contract_on": date(2020, 8, 19), "case_filed_on": date(2024, 10, 21)}, 124_000),
        ({"lender_type": "private", "contract_on": date(2020, 8, 19), "case_filed_on": date(2020, 8, 19)}, None),
        ({"lender_type": "private", "contract_on": date(2026, 6, 22)}, 120_000),
        ({"lender_type": "private", "contract_on": date(2026, 6, 23)}, None),
        ({"lender_type": "microloan", "contract_on": date(2024, 10, 20)}, 240_000),
        ({"lender_type": "bank", "platform_loan": True}, 240_000),
        ({"lender_type": "bank", "platform_loan": False}, None),
        ({"lender_type": "consumer_finance"}, None),
    ],
)
def test_the_cap_of_a_loan(facts: dict[str, object], ppm: int | None) -> None:
    assert measure(BOOK, "rate_cap_ppm", {"on": DAY, **facts}).value == ppm


def test_a_contract_later_than_the_table_has_no_cap_and_says_which_lpr_is_missing() -> None:
    found = measure(BOOK, "rate_cap_ppm", {"on": DAY, "lender_type": "private", "contract_on": date(2026, 7, 1)})
    assert found.value is None
    assert found.missing == ("lpr_1y_contract_ppm",)
    assert "cn.lpr_1y has no value for 2026-07-01" in wording.measured(found, "en")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("series: own.rate", "series: other.rate", "must begin with its name"),
        ("from: 2020-02-01", "from: 2020-01-01", "does not come after"),
        ("known: [{from: 2020-01-01", "known: [{from: 2020-01-02", "nothing under `known`"),
        ("value: 20000", "value: 2.5", "decimal fraction"),
        ("day: contract_on", "day: contract_oon", "did you mean 'contract_on'?"),
        ("fact: lpr_1y_contract_ppm", "fact: card_account", "must be a whole number"),
        ("unit: ppm a year\n", "", "key 'unit' is missing"),
    ],
)
def test_a_table_that_is_not_in_order_is_refused(old: str, new: str, said: str) -> None:
    assert old in TABLE
    with pytest.raises(Flaw, match=said.replace("(", "\\(").replace("?", "\\?")):
        table(TABLE.replace(old, new, 1))


def test_a_table_belongs_to_the_content_of_its_pack(tmp_path: Path) -> None:
    place = tmp_path / "own"
    (place / "series").mkdir(parents=True)
    (place / "pack.yaml").write_text(
        "{pack: own, jurisdiction: CN, kind: law, zone: local, status: in_force, lang: en, says: {zh: 自有, en: own}, "
        "sources: [{instrument: own, known: ours}]}",
        encoding="utf-8",
    )
    file = place / "series" / "rate.yaml"
    file.write_text(TABLE, encoding="utf-8")
    (before,) = load_packs(tmp_path)
    file.write_text(TABLE.replace("20000", "20001"), encoding="utf-8")
    (after,) = load_packs(tmp_path)
    assert [len(one.series) for one in (before, after)] == [1, 1]
    assert before.hash != after.hash
    file.write_text(TABLE.replace("20000", "many"), encoding="utf-8")
    with pytest.raises(Flaws, match=r"own/series/rate\.yaml:9"):
        load_packs(tmp_path)
