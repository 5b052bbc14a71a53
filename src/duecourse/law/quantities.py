"""The vocabulary of quantities: the numbers and orders that rules give, each with its unit and how rules are joined.

The direction stands here and not in a pack, so that no pack can turn a cap into a floor: joining by ``min`` or
``max`` a further rule can only make the result stricter.
"""

from __future__ import annotations

from duecourse.core.contract import Category
from duecourse.law.quantities_us import US
from duecourse.law.quantities_world import WORLD
from duecourse.law.quantity import Quantity
from duecourse.law.terms import Combine

__all__ = ["QUANTITIES", "Quantity"]


def _least(name: str, unit: str, means: str, means_zh: str, *, law_alone: bool = False) -> Quantity:
    return Quantity(name, Combine.MIN, means, means_zh, unit, law_alone=law_alone)


def _most(name: str, unit: str, means: str, means_zh: str) -> Quantity:
    return Quantity(name, Combine.MAX, means, means_zh, unit)


_RATES = (
    _least(
        "rate_cap_ppm",
        "ppm a year",
        "interest, penalties, damages and fees of a year: at most this",
        "利息、违约金及各项费用合计年化上限",
    ),
    _least("rate_warn_ppm", "ppm a year", "yearly cost above which a court may cut it down", "年化成本司法调减警戒线"),
    _least(
        "overdue_rate_ppm", "ppm a year", "rate after the due day where none was agreed", "未约定逾期利率时的逾期利率"
    ),
    _least(
        "penalty_markup_ppm",
        "ppm of the contract rate",
        "penalty interest above the contract rate: at most this",
        "罚息加收比例上限",
    ),
    _least(
        "damages_warn_ppm",
        "ppm of the loss",
        "liquidated damages above which they count as excessive",
        "违约金过高的警戒比例",
    ),
    _least(
        "principal_cap_minor",
        "minor units",
        "principal where interest was deducted up front: at most this",
        "预扣利息时的本金上限",
    ),
    _least(
        "rolled_interest_cap_ppm_days",
        "ppm × days of the first principal",
        "all interest of a loan whose interest was rolled into principal: at most this",
        "利息滚入本金时整个期间利息上限（占最初本金，百万分比乘天数）",
    ),
    _least(
        "judgment_delay_ppm_day",
        "ppm a day",
        "extra interest on money of a judgment paid late",
        "迟延履行期间加倍部分债务利息日利率",
    ),
)
_PERIODS = (
    _least(
        "stop_confirmation_minutes",
        "minutes",
        "minutes after a request to stop within which it is confirmed, where it is confirmed at all",
        "停止要求的确认时限（分钟；仅在允许确认之处）",
    ),
    _least("limitation_years", "years", "limitation period", "诉讼时效期间"),
    _least(
        "limitation_outer_years",
        "years",
        "limitation: outer limit, neither interrupted nor suspended",
        "最长权利保护期间",
    ),
    _least(
        "limitation_tail_months",
        "months",
        "limitation after an obstacle: it ends so long after",
        "中止原因消除后的时效期间",
    ),
    _least("enforcement_years", "years", "time to apply for enforcement", "申请执行期间"),
    _least("guarantee_months", "months", "guarantee period where none was agreed", "未约定时的保证期间"),
    _least(
        "payment_order_days", "days", "time of a debtor to object to a payment order", "支付令异议期", law_alone=True
    ),
    _least("complaint_days", "days", "time to decide a complaint", "投诉处理期限"),
    _least("credit_dispute_days", "days", "time to answer a dispute about a credit record", "征信异议答复期限"),
    _least(
        "negative_record_years", "years", "time for which a credit agency keeps a negative record", "不良信息保存年限"
    ),
    _least(
        "extension_days_due",
        "days",
        "an extension may be agreed up to so many days after the due day",
        "逾期多少日内仍可展期",
    ),
    _least("card_plan_months", "months", "longest personal instalment plan of a card", "信用卡个性化分期最长期限"),
    _least("agency_evaluation_days", "days", "an agency's evaluation is good for so long", "委外机构评估有效天数"),
    _least(
        "staff_training_days",
        "days",
        "a collector's training with exam is good for so long",
        "催收人员培训考核有效天数",
    ),
    _most(
        "retention_years",
        "years",
        "records are kept at least so long, from the record",
        "记录最短保存年限，自记录之日起",
    ),
    _most(
        "retention_years_after_end",
        "years",
        "records are kept at least so long, from the settlement or transfer of the loan",
        "记录最短保存年限，自贷款结清或转让之日起",
    ),
    _most(
        "observation_periods",
        "periods",
        "restructured loan: consecutive periods to be kept before it is upgraded",
        "重组观察期最少连续还款期数",
    ),
    _most(
        "observation_years",
        "years",
        "restructured loan: time to be observed, from the first new due day",
        "重组观察期最短年限",
    ),
)

QUANTITIES: dict[str, Quantity] = {
    q.name: q
    for q in (
        Quantity(
            "class_rank",
            Combine.MAX,
            "five-tier class: at least this",
            "五级分类（至少）",
            labels=("normal", "special_mention", "substandard", "doubtful", "loss"),
            labels_zh=("正常", "关注", "次级", "可疑", "损失"),
            base=1,
        ),
        Quantity(
            "stage_rank",
            Combine.MAX,
            "delinquency month: stage M0 to M6+, the credit report's codes 1 to 7",
            "账龄（征信逾期期数）",
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
        Quantity(
            "debts_order",
            Combine.SPECIAL,
            "the order in which several debts are paid by money that is not enough for all",
            "数项债务之间的抵充顺序",
            parts=("designated", "due", "least_secured", "heaviest", "earliest_due", "pro_rata"),
        ),
        Quantity(
            "enforcement_order",
            Combine.SPECIAL,
            "the order in which money is applied in enforcement",
            "执行中的清偿顺序",
            parts=("judgment_debt", "delay_interest"),
        ),
        Quantity(
            "observed_class_rank",
            Combine.MAX,
            "five-tier class of a restructured loan under observation: at least this",
            "重组观察期内五级分类（至少）",
            labels=("normal", "special_mention", "substandard", "doubtful", "loss"),
            labels_zh=("正常", "关注", "次级", "可疑", "损失"),
            base=1,
        ),
        Quantity(
            "act_effect",
            Combine.MAX,
            "what an act does to a limitation period",
            "行为对诉讼时效的影响",
            labels=("nothing", "restarts", "restarts_even_after_expiry"),
            labels_zh=("无影响", "中断并重新计算", "届满后亦重新计算"),
            law_alone=True,
        ),
        Quantity(
            "last_day_moves",
            Combine.MAX,
            "whether the last day of a period moves to the next working day when it is a rest day",
            "期间最后一日为休息日时是否顺延",
            labels=("stays", "moves"),
            labels_zh=("不顺延", "顺延"),
            law_alone=True,
        ),
        Quantity(
            "part_reaches_rest",
            Combine.MAX,
            "whether a claim to part of a debt restarts the period of the rest",
            "对部分债权主张权利是否及于剩余债权",
            labels=("part alone", "the rest too"),
            labels_zh=("仅及于该部分", "及于剩余债权"),
            law_alone=True,
        ),
        Quantity(
            "joint_reaches_all",
            Combine.MAX,
            "whether what restarts the period against one joint debtor does against all",
            "对连带债务人之一的中断是否及于其他连带债务人",
            labels=("that debtor alone", "every joint debtor"),
            labels_zh=("仅及于该债务人", "及于全部连带债务人"),
            law_alone=True,
        ),
        Quantity(
            "rate_clause_effect",
            Combine.MAX,
            "what a clause on interest or fees is worth",
            "利息、费用条款的效力",
            labels=("stands", "no part of the contract"),
            labels_zh=("有效", "不成为合同内容"),
        ),
        Quantity(
            "negative_report_notice",
            Combine.MAX,
            "whether a person is told before negative information is given to a credit agency",
            "报送不良信息前是否须告知本人",
            labels=("not asked", "told before"),
            labels_zh=("无要求", "事先告知"),
        ),
        *_RATES,
        *_PERIODS,
        *US,
        *WORLD,
    )
}
