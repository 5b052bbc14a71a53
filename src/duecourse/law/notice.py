"""What a document must say at least, by jurisdiction and kind: each part, the slots that give it, and its source.

For a dunning letter of China (催款函) no statute has a form: to restart limitation it must claim the right and reach
the debtor. Where the source of a part reads "house", it is the product's own list, derived from the rules on identity,
purpose, truth, interest, complaints and plans. `lacking` checks a text by its slots, or a letter by its values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from duecourse.law.terms import Channel, Purpose

HOUSE = "house"
"""The source of a part that no text asks for in so many words."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a document says, the slots that together say it, and where that is asked for."""

    name: str
    slots: tuple[str, ...]
    means: str
    means_zh: str
    source: str = HOUSE


_CREDITOR = Part("creditor", ("lender",), "the lender", "放款机构")
_SENDER = Part("sender", ("collector", "staff_no"), "who writes, and on what authority", "经办人及其身份")
_DEBTOR = Part(
    "debtor", ("salutation", "debtor_id"), "the debtor, with a masked number", "债务人及隐去部分号码的证件号"
)
_NAMED = Part("debtor", ("salutation",), "the person it is written to", "收件人")
_CONTRACT = Part("contract", ("loan_tail",), "the contract", "合同编号")
_SPLIT = Part(
    "amounts",
    ("principal_due", "interest_due", "fees_due", "amount_due", "as_of"),
    "principal, interest and fees apart, with their day",
    "本金、利息、费用分项及计算截止日",
)
_RATE = Part("rate", ("rate_basis",), "how interest is reckoned", "计息依据")
_PAYMENT = Part("payment", ("pay_at",), "the official way to pay", "官方还款渠道")
_COMPLAINT = Part("complaint", ("complaint",), "where to object and complain", "异议与投诉渠道")
_PLAN = Part("plan", ("callback",), "where to arrange a plan in hardship", "困难协商渠道")
_ASK = Part("contact", ("callback",), "where to ask", "咨询渠道")
_ISSUED = Part("issued", ("issued_on",), "the day of issue", "出具日期")
_SEAL = Part("seal", ("seal",), "seal or electronic signature", "盖章或电子签名")

PARTS: tuple[Part, ...] = (
    _CREDITOR,
    _SENDER,
    _DEBTOR,
    _CONTRACT,
    Part("due_day", ("due_day",), "the due day", "到期日"),
    _SPLIT,
    _RATE,
    _PAYMENT,
    _COMPLAINT,
    _PLAN,
    Part("next_step", ("next_step",), "the next step, truthfully", "如实告知的后续安排"),
    _ISSUED,
    _SEAL,
)
"""Of a dunning letter of China, in the order in which a letter has them. None may show outside the envelope."""

_OFFER = Part("offer", ("amount_offer", "plan_terms"), "what is offered, and on what terms", "方案金额与条件")
_PAID = Part("paid", ("amount_paid", "paid_on"), "what was paid, and when", "收款金额与日期")
_CERTIFIED = (_CREDITOR, _DEBTOR, _CONTRACT)
_LETTER = (
    _CREDITOR,
    _NAMED,
    _CONTRACT,
    _SPLIT,
    _PAYMENT,
    _PLAN,
    _COMPLAINT,
    Part("sender", ("collector",), "who writes", "经办人"),
    Part("due_day", ("due_day",), "the due day", "到期日"),
    _RATE,
    _ISSUED,
)

_US_VALIDATION = (
    Part(
        "collector",
        ("agency", "dispute_address"),
        "the collector, and where disputes go",
        "收债人及异议地址",
        "12 CFR 1006.34(c)(2)(i)",
    ),
    Part(
        "consumer",
        ("salutation", "postal_address"),
        "the consumer's name and address",
        "消费者姓名与地址",
        "12 CFR 1006.34(c)(2)",
    ),
    Part(
        "creditors",
        ("creditor_then", "lender"),
        "the creditor on the itemization day and the current one",
        "分项日及当前债权人",
        "12 CFR 1006.34(c)(2)",
    ),
    Part("account", ("loan_tail",), "the account, cut short", "账户尾号", "12 CFR 1006.34(c)(2)"),
    Part(
        "itemization",
        ("itemization_day", "amount_then", "changes_since"),
        "the amount on the itemization day, and what came since",
        "分项日金额及其后变动",
        "12 CFR 1006.34(c)(2)",
    ),
    Part("amount", ("amount_due",), "the current amount", "当前金额", "12 CFR 1006.34(c)(2)"),
    Part(
        "period", ("validation_end",), "the last day of the validation period", "核实期截止日", "12 CFR 1006.34(c)(3)"
    ),
)
"""Paragraphs are named as far as they are known; the statements in words are checked by `law.claims`."""

_EU_TRANSFER = (
    Part(
        "transfer",
        ("original_creditor", "lender", "assigned_on"),
        "the transfer and its day, the purchaser",
        "转让及日期、受让人",
        "Directive (EU) 2021/2167 art. 10(2)(a)-(b)",
    ),
    Part(
        "servicer",
        ("agency", "authorisation"),
        "the servicer, and what shows that it is authorised",
        "服务机构及授权",
        "Directive (EU) 2021/2167 art. 10(2)(c)-(d)",
    ),
    Part(
        "provider",
        ("provider",),
        "another firm that works for the servicer",
        "其他服务商",
        "Directive (EU) 2021/2167 art. 10(2)(e)",
    ),
    Part(
        "contact_point",
        ("contact_point",),
        "the contact point, prominently",
        "联络点",
        "Directive (EU) 2021/2167 art. 10(2)(f)",
    ),
    _SPLIT,
    Part("law", ("governing_law",), "the law that governs the debt", "适用法律"),
    Part("authority", ("complaint_authority", "complaint"), "where complaints go", "投诉渠道"),
    _NAMED,
    _CONTRACT,
    _ISSUED,
)

NEEDED: dict[tuple[str, str], tuple[Part, ...]] = {
    ("CN", "dunning_letter"): PARTS,
    ("CN", "lawyer_letter"): (
        Part(
            "mandate", ("law_firm", "lawyer", "mandate"), "law firm, lawyer and mandate", "律师事务所、律师与委托书编号"
        ),
        _CREDITOR,
        _DEBTOR,
        _CONTRACT,
        _SPLIT,
        _RATE,
        _PAYMENT,
        _PLAN,
        _COMPLAINT,
        _ISSUED,
    ),
    ("CN", "assignment_notice"): (
        Part(
            "assignment",
            ("original_creditor", "lender", "assigned_on"),
            "who assigned the claim to whom, and when",
            "转让人、受让人与转让日",
            "民法典 546",
        ),
        _DEBTOR,
        _CONTRACT,
        _SPLIT,
        _PAYMENT,
        _ASK,
        _COMPLAINT,
        _ISSUED,
        _SEAL,
    ),
    ("CN", "acceleration_notice"): (
        *(part for part in PARTS if part.name != "next_step"),
        Part("cure", ("cure_days",), "for how many days it can be cured", "补救期限"),
        Part("called", ("not_due",), "what would be called", "将提前到期的本金"),
    ),
    ("CN", "settlement_offer"): (
        *_CERTIFIED,
        _SPLIT,
        _OFFER,
        Part("until", ("valid_until",), "until when the offer stands", "方案有效期"),
        _PAYMENT,
        _ASK,
        _COMPLAINT,
        _ISSUED,
        _SEAL,
    ),
    ("CN", "plan_confirmation"): (
        *_CERTIFIED,
        Part(
            "schedule",
            ("schedule", "amount_offer"),
            "each instalment with its day, and their sum",
            "各期日期、金额与合计",
        ),
        _PAYMENT,
        _ASK,
        _COMPLAINT,
        _ISSUED,
        _SEAL,
    ),
    ("CN", "receipt"): (
        *_CERTIFIED,
        _PAID,
        Part("payment_ref", ("payment_ref",), "the payment's reference", "交易流水"),
        Part("left", ("amount_due", "as_of"), "what is still to be paid, with its day", "剩余应还及截止日"),
        _ASK,
        _COMPLAINT,
        _ISSUED,
        _SEAL,
    ),
    ("CN", "paid_in_full"): (
        *_CERTIFIED,
        Part("paid_on", ("paid_on",), "since when nothing is owed", "结清日期"),
        _ASK,
        _COMPLAINT,
        _ISSUED,
        _SEAL,
    ),
    ("CN", "credit_repair"): (
        *_CERTIFIED,
        Part("paid_on", ("paid_on",), "since when nothing is owed", "结清日期"),
        Part("reported_on", ("reported_on",), "when that was reported to the credit register", "报送征信日期"),
        Part("objection", ("callback", "complaint"), "where to object to an entry", "异议渠道", "征信业管理条例 25"),
        _ISSUED,
        _SEAL,
    ),
    ("CN", "dunning_image"): (_CREDITOR, _SENDER, _NAMED, _CONTRACT, _SPLIT, _PAYMENT, _PLAN, _COMPLAINT),
    ("US", "validation_notice"): _US_VALIDATION,
    ("US", "dunning_letter"): (
        _CREDITOR,
        _NAMED,
        _CONTRACT,
        Part("amount", ("amount_due", "as_of"), "the amount, with its day", "金额及截止日"),
        _PAYMENT,
        _ASK,
        _COMPLAINT,
        _ISSUED,
    ),
    **{(place, "dunning_letter"): _LETTER for place in ("UK", "HK", "IN")},
    ("EU", "dunning_letter"): (
        *_LETTER,
        Part("contact_point", ("contact_point",), "the contact point", "联络点", "Directive (EU) 2021/2167 art. 10(3)"),
    ),
    ("EU", "assignment_notice"): _EU_TRANSFER,
    ("UK", "settlement_offer"): (
        _CREDITOR,
        _NAMED,
        _CONTRACT,
        Part("amount", ("amount_due", "as_of"), "the amount, with its day", "金额及截止日"),
        _OFFER,
        Part("until", ("valid_until",), "until when the offer stands", "方案有效期"),
        _PAYMENT,
        _ASK,
        _COMPLAINT,
        _ISSUED,
    ),
}
"""By jurisdiction and kind of document. A kind that does not stand here for a jurisdiction is not issued under it."""

_MESSAGE = (_CREDITOR, _ASK)
_MESSAGES = frozenset({Channel.SMS, Channel.EMAIL, Channel.PUSH, Channel.IM, Channel.MMS_IMAGE})
_ABOUT_DEBT = frozenset({Purpose.COLLECT, Purpose.REMIND, Purpose.OFFER})


def parts(
    jurisdictions: Iterable[str], document: str | None, channels: Iterable[str], purpose: str
) -> tuple[Part, ...]:
    """What a text must say at least: by kind of document, else by channel and purpose.

    >>> [part.name for part in parts(["CN"], "paid_in_full", ["letter"], "notify")][:2]
    ['creditor', 'debtor']
    >>> [part.name for part in parts(["CN"], None, ["sms"], "collect")]
    ['creditor', 'contact']
    """
    found: dict[tuple[str, ...], Part] = {}
    for place in jurisdictions:
        wanted = NEEDED.get((place, document or ""), ())
        dunning = place == "CN" and purpose == Purpose.COLLECT and Channel.LETTER in channels
        if document is None and dunning:
            wanted = PARTS
        elif document is None and place == "CN" and purpose in _ABOUT_DEBT and _MESSAGES & set(channels):
            wanted = _MESSAGE
        found |= {one.slots: one for one in wanted}
    return tuple(found.values())


def lacking(given: AbstractSet[str] | Mapping[str, str | None], wanted: tuple[Part, ...] = PARTS) -> tuple[Part, ...]:
    """The parts that are not there, or not whole: of a text's slots, or of values by slot (empty ones count as none).

    >>> [part.name for part in lacking({part: "x" for p in PARTS for part in p.slots if part != "seal"})]
    ['seal']
    """
    filled = {name for name, value in given.items() if value and value.strip()} if isinstance(given, Mapping) else given
    return tuple(part for part in wanted if not all(slot in filled for slot in part.slots))


_DEBT = re.compile(
    r"借款|贷款|被告|老赖|失信|法院|律师函|欠款|欠债|逾期|还款|债务|债权|账单|应还|催收|催款|清收|"
    r"\b(loans?|debts?|debtor|owe[ds]?|overdue|arrears|repay\w*|collections?|collectors?|recover(y|ies))\b",
    re.IGNORECASE,
)


def shows_debt(text: str) -> str:
    """The first word by which a text seen from outside (envelope, file name, lock screen) would tell of a debt.

    >>> shows_debt("示范消费金融有限公司"), shows_debt("ABC Debt Recovery Ltd")
    ('', 'Debt')
    """
    found = _DEBT.search(text)
    return found.group() if found else ""
