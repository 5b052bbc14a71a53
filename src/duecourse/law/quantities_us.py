"""Quantities that only the packs of the United States give."""

from __future__ import annotations

from duecourse.law.quantity import Quantity
from duecourse.law.terms import Combine

_MIN, _MAX = Combine.MIN, Combine.MAX

US: tuple[Quantity, ...] = (
    Quantity(
        "validation_notice_days",
        _MIN,
        "days after the initial communication within which the validation notice is sent",
        "首次沟通后发送债务确认通知的期限",
        "days",
    ),
    Quantity(
        "validation_receipt_days",
        _MAX,
        "days after which a validation notice may be assumed received: no Saturdays, Sundays and public holidays",
        "推定收到债务确认通知的天数（周六、周日及法定假日除外）",
        "days",
    ),
    Quantity(
        "validation_period_days",
        _MAX,
        "calendar days from receipt to the end of the validation period",
        "债务确认期（自收到起的日历天数）",
        "days",
    ),
    Quantity(
        "credit_report_wait_days",
        _MAX,
        "days to wait after a message about the debt before it is reported to a credit bureau",
        "寄发通知后报送征信前的等待天数",
        "days",
    ),
    Quantity(
        "consent_revocation_days",
        _MIN,
        "business days within which a revoked consent is honoured",
        "撤回同意的落实期限（工作日）",
        "days",
    ),
    Quantity(
        "stop_confirmations",
        _MIN,
        "messages that may confirm to an address that messages to it end, once its holder asked for that",
        "本人要求停止后，可向该地址发送的确认条数",
        "messages",
    ),
)
