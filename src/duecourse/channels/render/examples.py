"""Values that are visibly invented, so that every template can be looked at without a desk.

Nobody is meant: names say that they are examples, numbers are of no place, amounts add up.
"""

from __future__ import annotations

from duecourse.channels.render.content import Verify
from duecourse.law.templates import Template

VERIFY = Verify("EXAM-PLE0-0000-0000", "https://notices.example/v/EXAMPLE000000000")

_CURRENCY = {"CN": "CNY", "US": "USD", "UK": "GBP", "HK": "HKD", "IN": "INR", "EU": "EUR"}
_AMOUNTS = {
    "amount_due": "12,345.60", "principal_due": "11,000.00", "interest_due": "1,100.50", "fees_due": "245.10",
    "amount_paid": "1,600.05", "amount_offer": "9,000.00", "amount_then": "12,000.00",
    "amount_promised": "2,000.00", "not_due": "48,000.00",
}  # fmt: skip
_DAYS = {
    "as_of": "2026-11-20", "assigned_on": "2026-10-31", "due_day": "2026-09-15", "issued_on": "2026-11-21",
    "itemization_day": "2026-08-31", "paid_on": "2026-11-18", "promised_day": "2026-11-25", "reported_on": "2026-11-20",
    "valid_until": "2026-12-31", "validation_end": "2027-01-05",
}  # fmt: skip
_PLAIN = {
    "days_past_due": "66", "cure_days": "15", "loan_tail": "0042", "staff_no": "E0017", "callback": "000-0000-0000",
    "complaint": "000-0000-0001", "debtor_id": "1101**********000X", "payment_ref": "00000001",
    "mandate": "2026-000", "pay_link": "https://pay.example", "opt_out": "STOP",
    "one_time_code": "000000",
}  # fmt: skip
_ZH = {
    "agency": "示例信用服务有限公司", "authorisation": "公共登记簿第000号", "business": "示例客户服务中心",
    "collector": "示例员", "complaint_authority": "示例消费者保护机构", "contact_person": "示例联系人",
    "contact_point": "示例客户服务中心，000-0000-0002", "creditor_then": "示例银行", "debtor": "示例先生",
    "dispute_address": "示例市示例路1号", "governing_law": "示例国法律", "law_firm": "示例律师事务所",
    "lawyer": "示例某", "lender": "示例消费金融有限公司", "next_step": "我们会在七日后再次与您联系，听取您的安排",
    "original_creditor": "示例银行股份有限公司", "pay_at": "示例消费金融App“还款”页",
    "plan_terms": "2026年12月31日前一次付清",
    "postal_address": "示例省示例市示例区\n示例路100号1单元101室", "provider": "示例数据服务公司",
    "rate_basis": "合同第五条，年利率14.4%", "salutation": "示例先生", "seal": "（电子签章示例）",
}  # fmt: skip
_EN = {
    "agency": "Example Credit Services Ltd", "authorisation": "entry 000 of the public register",
    "business": "Example Customer Services", "collector": "E. Example",
    "complaint_authority": "the Example Consumer Authority", "contact_person": "Mr Contact Example",
    "contact_point": "Example Customer Services, 000-0000-0002", "creditor_then": "Example Bank",
    "debtor": "Mr A. N. Example", "dispute_address": "1 Example Road, Exampletown", "governing_law": "Exampleland",
    "law_firm": "Example & Example LLP", "lawyer": "L. Example", "lender": "Example Finance Ltd",
    "next_step": "We will contact you again in seven days to hear what you can arrange",
    "original_creditor": "Example Bank plc", "pay_at": "the Pay page of the Example Finance app",
    "plan_terms": "paid at once until 31 December 2026",
    "postal_address": "100 Example Street\nExampletown EX1 1EX", "provider": "Example Data Services",
    "rate_basis": "clause 5 of the contract, 14.4% a year", "salutation": "Mr A. N. Example",
    "seal": "(electronic seal, example)",
}  # fmt: skip


def example_values(template: Template, lang: str) -> dict[str, str]:
    """A value for every slot, invented."""
    currency = _CURRENCY.get(template.jurisdictions[0], "CNY")
    money = {slot: f"{number} {currency}" for slot, number in _AMOUNTS.items()}
    months = ((1, "2026-12-15"), (2, "2027-01-15"), (3, "2027-02-15"))
    schedule = "\n".join(f"{number}|{day}|3,000.00 {currency}" for number, day in months)
    interest = "利息" if lang == "zh" else "Interest"
    paid = "付款" if lang == "zh" else "Payments"
    changes = f"{interest}|545.60 {currency}\n{paid}|-200.00 {currency}"
    return {
        **_PLAIN,
        **_DAYS,
        **money,
        "schedule": schedule,
        "changes_since": changes,
        **(_ZH if lang == "zh" else _EN),
    }
