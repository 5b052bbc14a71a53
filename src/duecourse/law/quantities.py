"""The vocabulary of quantities: the numbers and orders that rules give, each with its unit and how rules are joined.

The direction stands here and not in a pack, so that no pack can turn a cap into a floor: joining by ``min`` or
``max`` a further rule can only make the result stricter.
"""

from __future__ import annotations

from dataclasses import dataclass

from duecourse.core.contract import Category
from duecourse.law.terms import Combine


@dataclass(frozen=True, slots=True)
class Quantity:
    """One thing that rules give."""

    name: str
    combine: Combine
    means: str
    means_zh: str
    unit: str = ""
    labels: tuple[str, ...] = ()  # the words of the values, the first for `base`
    labels_zh: tuple[str, ...] = ()
    base: int = 0  # what holds where no rule that applies gives more; the code of labels[0]
    parts: tuple[str, ...] = ()  # of an order: each of these exactly once


QUANTITIES: dict[str, Quantity] = {
    q.name: q
    for q in (
        Quantity(
            "class_rank",
            Combine.MAX,
            "five-tier class: at least this",
            "五级分类(至少)",
            labels=("normal", "special_mention", "substandard", "doubtful", "loss"),
            labels_zh=("正常", "关注", "次级", "可疑", "损失"),
            base=1,
        ),
        Quantity(
            "stage_rank",
            Combine.MAX,
            "delinquency month: stage M0 to M6+, the credit report's codes 1 to 7",
            "账龄(征信逾期期数)",
            labels=("M0", "M1", "M2", "M3", "M4", "M5", "M6", "M6+"),
            labels_zh=("M0", "M1", "M2", "M3", "M4", "M5", "M6", "M6+"),
        ),
        Quantity(
            "allocation_order",
            Combine.SPECIAL,
            "the order in which money is applied within one debt",
            "同一债务内的冲抵顺序",
            parts=tuple(category.name.lower() for category in Category),
        ),
    )
}
