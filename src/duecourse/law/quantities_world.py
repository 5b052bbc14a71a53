"""Quantities that only the packs of the United Kingdom, India, the European Union and Hong Kong give."""

from __future__ import annotations

from duecourse.law.quantity import Quantity
from duecourse.law.terms import Combine

_MIN, _MAX = Combine.MIN, Combine.MAX

_MORATORIUM = (
    Quantity(
        "moratorium_days",
        _MAX,
        "length of a breathing space, the day after registration the first",
        "债务宽限期天数（自登记次日起算）",
        "days",
    ),
    Quantity(
        "moratorium_days_after_treatment",
        _MAX,
        "days for which a mental-health-crisis moratorium outlasts the treatment",
        "精神健康危机宽限期在治疗结束后延续的天数",
        "days",
    ),
    Quantity("moratorium_months", _MAX, "length of a statutory moratorium", "法定暂缓期月数", "months"),
    Quantity(
        "moratorium_review_first_day", _MAX, "first day of the midway review", "中期审查首日（宽限期第几天）", "day"
    ),
    Quantity(
        "moratorium_review_last_day", _MIN, "last day of the midway review", "中期审查末日（宽限期第几天）", "day"
    ),
    Quantity(
        "accrual_stopped",
        _MAX,
        "whether interest, fees and charges accrue",
        "利息及费用是否停止计收",
        labels=("accrues", "stopped"),
        labels_zh=("计收", "停止计收"),
    ),
)

_NOTICES = (
    Quantity(
        "default_notice_days", _MAX, "days to remedy that a default notice gives", "违约通知给予的补救天数", "days"
    ),
    Quantity("arrears_notice_days", _MIN, "days within which a notice of arrears is given", "拖欠通知期限", "days"),
    Quantity(
        "arrears_notice_repeat_months", _MIN, "months after which it is given again", "拖欠通知重发间隔", "months"
    ),
    Quantity("default_sum_notice_days", _MIN, "days within which a default sum is notified", "违约金通知期限", "days"),
    Quantity("default_sum_free_days", _MAX, "first days without interest on a default sum", "违约金免息天数", "days"),
    Quantity(
        "privacy_notice_months", _MIN, "months within which the source of data is told", "告知信息来源期限", "months"
    ),
    Quantity(
        "data_request_months", _MIN, "months within which a data request is answered", "信息权利请求答复期限", "months"
    ),
    Quantity("data_request_extension_months", _MIN, "months by which that may be extended", "可延长月数", "months"),
    Quantity("breach_notice_hours", _MIN, "hours within which a breach is notified", "个人信息泄露通知期限", "hours"),
)

_CHARGES = (
    Quantity(
        "daily_cost_cap_ppm", _MIN, "cap of interest and charges a day, of the amount lent", "每日成本上限", "ppm a day"
    ),
    Quantity("default_fee_cap_minor", _MIN, "cap of all default fees", "违约费上限", "minor units"),
    Quantity("total_cost_cap_ppm", _MIN, "cap of the total cost, of the amount lent", "总成本上限", "ppm"),
    Quantity(
        "failed_debits_max",
        _MIN,
        "failed requests under a continuous payment authority",
        "持续扣款失败次数上限",
        "requests",
    ),
    Quantity(
        "penal_interest_cap_ppm", _MIN, "cap of interest added to the rate as a penalty", "惩罚性加息上限", "ppm a year"
    ),
    Quantity("penal_compound_cap_ppm", _MIN, "cap of interest on penal charges", "惩罚性费用计息上限", "ppm a year"),
)

_OTHERS = (
    Quantity(
        "asset_class_rank",
        _MAX,
        "asset class of India: at least this",
        "印度资产分类（至少）",
        labels=("standard", "SMA-0", "SMA-1", "SMA-2", "substandard", "doubtful"),
        labels_zh=("标准", "SMA-0", "SMA-1", "SMA-2", "次级", "可疑"),
    ),
    Quantity(
        "limitation_effect",
        _MAX,
        "what is left of a debt when its time has run out",
        "时效届满后的效力",
        labels=("not enforceable", "extinguished"),
        labels_zh=("不可强制执行", "债务消灭"),
    ),
    Quantity(
        "limitation_start",
        _MAX,
        "from when limitation runs",
        "时效起算",
        labels=("the due day", "the end of the year of the due day"),
        labels_zh=("到期日", "到期日所在年度末"),
        law_alone=True,
    ),
    Quantity(
        "retention_years_max",
        _MIN,
        "records are kept at most so long, from the end of the loan",
        "记录最长保存年限，自贷款终结之日起",
        "years",
    ),
    Quantity("agent_training_hours", _MAX, "hours of training of a recovery agent", "催收人员培训学时", "hours"),
)

WORLD: tuple[Quantity, ...] = (*_MORATORIUM, *_NOTICES, *_CHARGES, *_OTHERS)
