"""What a dunning letter of China must say at least (催款函): each part, and the slots of a text that give it.

No statute has a form for it. To restart limitation it must claim the right and reach the debtor; the parts here are
derived from the rules on identity, purpose, truth, interest, complaints and plans, and are the product's own list.
`lacking` checks a text by its slots, or a letter by the values that were filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that the letter says, and the slots that together say it."""

    name: str
    slots: tuple[str, ...]
    means: str
    means_zh: str


PARTS: tuple[Part, ...] = (
    Part("creditor", ("lender",), "the lender", "放款机构"),
    Part("sender", ("collector", "staff_no"), "who writes, and on what authority", "经办人及其身份"),
    Part("debtor", ("salutation", "debtor_id"), "the debtor, with a masked number", "债务人及隐去部分号码的证件号"),
    Part("contract", ("loan_tail",), "the contract", "合同编号"),
    Part("due_day", ("due_day",), "the due day", "到期日"),
    Part(
        "amounts",
        ("principal_due", "interest_due", "fees_due", "amount_due", "as_of"),
        "principal, interest and fees apart, with their day",
        "本金、利息、费用分项及计算截止日",
    ),
    Part("rate", ("rate_basis",), "how interest is reckoned", "计息依据"),
    Part("payment", ("pay_at",), "the official way to pay", "官方还款渠道"),
    Part("complaint", ("complaint",), "where to object and complain", "异议与投诉渠道"),
    Part("plan", ("callback",), "where to arrange a plan in hardship", "困难协商渠道"),
    Part("next_step", ("next_step",), "the next step, truthfully", "如实告知的后续安排"),
    Part("issued", ("issued_on",), "the day of issue", "出具日期"),
    Part("seal", ("seal",), "seal or electronic signature", "盖章或电子签名"),
)
"""The parts in the order in which a letter has them. Nothing of them may show outside the envelope."""


def lacking(given: AbstractSet[str] | Mapping[str, str | None]) -> tuple[Part, ...]:
    """The parts that are not there, or not whole: of a text's slots, or of values by slot (empty ones count as none).

    >>> [part.name for part in lacking({part: "x" for p in PARTS for part in p.slots if part != "seal"})]
    ['seal']
    """
    filled = {name for name, value in given.items() if value and value.strip()} if isinstance(given, Mapping) else given
    return tuple(part for part in PARTS if not all(slot in filled for slot in part.slots))
