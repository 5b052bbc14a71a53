"""Quantities: class, stage, order of allocation; scalar, columns and DuckDB alike."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from duecourse.core.contract import CIVIL_CODE_ORDER, PRINCIPAL_FIRST
from duecourse.law import wording
from duecourse.law.measure import NoColumnForm, classify, classify_columns, measure, measure_columns
from duecourse.law.pack import load_packs
from duecourse.law.rulebook import rulebook

BOOK = rulebook()
DAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("dpd", "rank", "zh", "rule"),
    [
        (0, 1, "正常", None),
        (1, 2, "关注", "cn.class.special_mention"),
        (90, 2, "关注", "cn.class.special_mention"),
        (91, 3, "次级", "cn.class.substandard"),
        (270, 3, "次级", "cn.class.substandard"),
        (271, 4, "可疑", "cn.class.doubtful"),
        (360, 4, "可疑", "cn.class.doubtful"),
        (361, 5, "损失", "cn.class.loss"),
    ],
)
def test_the_class_of_a_bank_s_loan(dpd: int, rank: int, zh: str, rule: str | None) -> None:
    found = classify(BOOK, {"on": DAY, "lender_type": "bank", "days_past_due": dpd})
    assert (found.value, found.label_zh) == (rank, zh)
    assert [one.rule.id for one in found.by] == ([rule] if rule else [])


def test_the_article_and_how_well_its_number_is_known_are_said() -> None:
    found = classify(BOOK, {"on": DAY, "lender_type": "bank", "days_past_due": 91})
    assert "第十一条（条号凭记忆，把握中）" in wording.measured(found, "zh")
    assert "special mention" not in wording.measured(found, "en")


@pytest.mark.parametrize(
    ("facts", "value", "missing"),
    [
        ({"on": DAY, "lender_type": "microloan", "days_past_due": 91}, 3, ()),  # by its own policy
        ({"on": date(2023, 6, 30), "lender_type": "bank", "days_past_due": 91}, None, ()),  # no rule speaks yet
        ({"on": date(2023, 7, 1), "lender_type": "bank", "days_past_due": 91}, 3, ()),
        ({"on": DAY, "lender_type": "bank"}, None, ("days_past_due",)),
        ({"on": DAY, "lender_type": "bank", "days_past_due": -1}, None, ("days_past_due",)),
        ({"on": DAY, "days_past_due": 1}, None, ("lender_type",)),
        ({"lender_type": "bank", "days_past_due": 1}, None, ("on",)),
    ],
)
def test_nothing_is_assumed(facts: dict[str, object], value: int | None, missing: tuple[str, ...]) -> None:
    found = classify(BOOK, facts)
    assert (found.value, found.missing) == (value, missing)


@pytest.mark.parametrize(
    ("dpd", "label"),
    [(0, "M0"), (1, "M1"), (30, "M1"), (31, "M2"), (60, "M2"), (61, "M3"), (90, "M3"), (91, "M4"), (120, "M4"),
     (121, "M5"), (150, "M5"), (151, "M6"), (180, "M6"), (181, "M6+"), (4000, "M6+")],
)  # fmt: skip
def test_the_stage(dpd: int, label: str) -> None:
    assert measure(BOOK, "stage_rank", {"on": DAY, "days_past_due": dpd}).label == label


def test_the_order_of_allocation_is_the_core_s() -> None:
    facts: dict[str, object] = {"on": DAY, "lender_type": "bank", "card_account": True, "days_past_due": 90}
    early = measure(BOOK, "allocation_order", facts)
    late = measure(BOOK, "allocation_order", facts | {"days_past_due": 91})
    assert early.value == tuple(part.name.lower() for part in CIVIL_CODE_ORDER)
    assert late.value == tuple(part.name.lower() for part in PRINCIPAL_FIRST)
    assert [one.rule.id for one in late.by] == ["cn.allocation.card_late"]
    with pytest.raises(NoColumnForm):
        measure_columns(BOOK, "allocation_order", pl.DataFrame(facts))


def test_special_rules_that_differ_give_no_value(tmp_path: Path) -> None:
    law = tmp_path / "law"
    law.mkdir()
    (law / "pack.yaml").write_text(
        "{pack: law, jurisdiction: CN, kind: law, status: in_force, lang: zh, zone: Asia/Shanghai, "
        "says: {zh: 法, en: law}, sources: [{instrument: x, known: x}]}",
        encoding="utf-8",
    )
    (law / "order.yaml").write_text(
        """
rule: law.order
says: {zh: 序, en: order}
source: {instrument: x, authority: law, modal: shall, grade: text}
values: [{from: 2020-01-01}]
gives: {quantity: allocation_order, value: [principal, cost, fee, interest, penalty, compound], combine: special}
cases:
  - {on: 2020-01-01, answer: [principal, cost, fee, interest, penalty, compound]}
  - {on: 2019-12-31, answer: none}
""",
        encoding="utf-8",
    )
    book = rulebook((*load_packs(), *load_packs(tmp_path)))
    found = measure(
        book, "allocation_order", {"on": DAY, "lender_type": "bank", "card_account": False, "days_past_due": 0}
    )
    assert found.value is None
    assert {one.rule.id for one in found.disagree} == {"cn.allocation.within_debt", "law.order"}
    assert "rules disagree" in wording.measured(found, "en")


def frame() -> pl.DataFrame:
    days = [date(2019, 1, 1), date(2023, 6, 30), date(2023, 7, 1), DAY, None]
    lenders = ["bank", "microloan", "neighbour", None]
    overdue = [*range(-1, 400, 3), 90, 91, 270, 271, 360, 361, None]
    return pl.DataFrame({"on": days}).join(pl.DataFrame({"lender_type": lenders}), how="cross").join(
        pl.DataFrame({"days_past_due": overdue}), how="cross"
    )  # fmt: skip


def test_columns_give_what_the_scalar_gives() -> None:
    facts = frame()
    for row, answer in zip(
        facts.iter_rows(named=True), classify_columns(BOOK, facts).iter_rows(named=True), strict=True
    ):
        rank, stage = classify(BOOK, row), measure(BOOK, "stage_rank", row)
        assert (answer["class_rank"], answer["stage_rank"]) == (rank.value, stage.value), row
        assert answer["class_by"] == (rank.by[0].rule.id if rank.by else None)


def test_duckdb_gives_what_the_columns_give() -> None:
    facts = frame().filter(pl.col("on") == DAY, pl.col("days_past_due") >= 0, pl.col("lender_type") == "bank")
    rule = next(rule for rule in BOOK.rules if rule.id == "cn.stage.months")
    assert rule.gives is not None
    values = ", ".join(f"{value} AS {name}" for name, value in rule.versions[-1].values.items())
    with duckdb.connect(":memory:") as connection:
        connection.register("facts", facts.to_arrow())
        query = f"SELECT {rule.gives.text} FROM (SELECT *, {values} FROM facts)"  # noqa: S608
        by_duckdb = [stage for (stage,) in connection.execute(query).fetchall()]
    assert by_duckdb == classify_columns(BOOK, facts)["stage_rank"].to_list()
