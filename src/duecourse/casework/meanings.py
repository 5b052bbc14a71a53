"""What each figure of a worklist and of a case means, once, in both languages, for whoever shows one."""

from __future__ import annotations

from collections.abc import Mapping

MEANINGS: Mapping[str, Mapping[str, str]] = {
    "dpd": {
        "en": "Days from the due day of the oldest instalment not fully paid to the day of the run, by the contract; "
        "of several loans the highest.",
        "zh": "自最早一期未足额偿还的应还日至跑批日的天数，按合同计算；多笔借据取最大值。",
    },
    "dpd_plan": {
        "en": "The same by the agreed plan, where there is one.",
        "zh": "按已约定的还款方案计算的逾期天数（有方案时）。",
    },
    "stage": {
        "en": "By days past due: 1-30 is M1, 31-60 M2, and so on; over 180 is M6+.",
        "zh": "按逾期天数划分：1–30 天为 M1，31–60 天为 M2，依此类推；180 天以上为 M6+。",
    },
    "class": {
        "en": "Five-tier class by the rules in force on the day of the run.",
        "zh": "按跑批日有效的规则认定的五级分类。",
    },
    "overdue_minor": {
        "en": "What has to be paid today to be current: instalments due and unpaid, with fees, interest and default "
        "interest on them, less money held.",
        "zh": "今日补齐逾期所需金额：到期未还的各期本金、利息、费用及其罚息复利，减去已收未冲抵款项。",
    },
    "settle_minor": {
        "en": "What has to be paid today to settle all loans of the case: overdue, not due, accrued interest.",
        "zh": "今日结清案件全部借据所需金额：逾期金额、未到期本金及已计提利息之和。",
    },
    "due_in_week_minor": {
        "en": "What falls due within seven days, with what is overdue.",
        "zh": "逾期金额与 7 日内到期金额之和。",
    },
    "not_due_minor": {"en": "Principal that has not fallen due.", "zh": "尚未到期的本金。"},
    "paid_total_minor": {"en": "All payments on the loan so far.", "zh": "该笔借据迄今的全部还款。"},
    "principal_minor": {
        "en": "Principal owed over the loans of the case, due or not.",
        "zh": "案件各借据的全部未还本金，含未到期。",
    },
    "interest_minor": {"en": "Contract interest due and unpaid.", "zh": "到期未还的合同利息。"},
    "penalty_minor": {"en": "Default interest and compound interest due and unpaid.", "zh": "到期未还的罚息与复利。"},
    "fee_minor": {"en": "Fees and costs due and unpaid.", "zh": "到期未还的费用。"},
    "paid_minor": {
        "en": "Paid on the loans of the case from the day of the promise to its due day, as the book knows it.",
        "zh": "自承诺日至约定还款日，案件各借据的已入账还款。",
    },
    "place": {
        "en": "Place in the collector's list of the day: by the strategy's points, then by the slot.",
        "zh": "当日清单位次：按策略分值，再按时段排列。",
    },
}
"""By the name of the field."""


def meaning(name: str, lang: str) -> str:
    """What a figure means, ``zh`` or ``en``; empty for one that is none of ours."""
    return MEANINGS.get(name, {}).get(lang, "")
