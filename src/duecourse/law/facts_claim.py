"""Facts about the claim and its records: what quantities are reckoned from, and acts that bear on limitation.

What the tables of rates give (`lpr_…`) is looked up by `law.series` from the day beside it; a person never types it.
"""

from __future__ import annotations

from duecourse.law import terms
from duecourse.law.fact import Fact, Kind, flag, word

_BOOK, _ACT = "book", "record of the act"


def _day(name: str, means: str, means_zh: str) -> Fact:
    return Fact(name, Kind.DATE, means, means_zh, _BOOK, "day")


def _number(name: str, means: str, means_zh: str, unit: str, source: str = _BOOK) -> Fact:
    return Fact(name, Kind.INT, means, means_zh, source, unit, low=0)


def _lpr(name: str, day: str, means: str, means_zh: str) -> Fact:
    said = f"one-year LPR in force on {means} (`{day}`)"
    return Fact(name, Kind.INT, said, f"{means_zh}一年期LPR", "table cn.lpr_1y", "ppm a year", low=0, high=1_000_000)


CLAIM: tuple[Fact, ...] = (
    _day("contract_on", "day on which the contract was made", "合同成立日"),
    _day("case_filed_on", "day on which the court case was filed", "起诉立案日"),
    _day("default_on", "first day of default", "逾期起始日"),
    _lpr("lpr_1y_contract_ppm", "contract_on", "the day of the contract", "合同成立时"),
    _lpr("lpr_1y_filing_ppm", "case_filed_on", "the day of filing", "起诉时"),
    _lpr("lpr_1y_default_ppm", "default_on", "the first day of default", "逾期时"),
    flag("platform_loan", "a bank's loan made together with an internet platform", "商业银行互联网助贷业务", _BOOK),
    flag("overdue_rate_agreed", "the contract agrees a rate for the time after the due day", "约定了逾期利率", _BOOK),
    flag("term_rate_agreed", "the contract agrees a rate for the term", "约定了借期内利率", _BOOK),
    _number("term_rate_ppm", "rate of the term as agreed", "借期内约定利率", "ppm a year"),
    _number("received_minor", "money that the borrower actually received", "借款人实际收到的金额", "minor units"),
    flag("rolled_over", "interest of earlier terms was made principal of a later one", "前期利息计入后期本金", _BOOK),
    _number(
        "loan_days", "days from the first loan to the end of the last term", "自首次借款至最后到期日的天数", "days"
    ),
    flag(
        "rate_clause_highlighted",
        "the clause on interest and fees was highlighted or explained when the contract was made",
        "订约时已对利息、费用条款作出提示或说明",
        "contract",
    ),
    flag("restructured", "the loan was restructured because of financial difficulty", "因财务困难而重组的贷款", _BOOK),
    _number(
        "observed_periods",
        "consecutive payment periods kept since the restructuring",
        "重组后连续正常还款期数",
        "periods",
    ),
    _number(
        "observed_years", "whole years since the first due day of the new terms", "自新首个还款日起满年数", "years"
    ),
    word("record_kind", terms.RecordKind, "what kind of record is kept", "记录种类", "register of records"),
    word("complaint_kind", terms.ComplaintKind, "how hard a complaint is to decide", "投诉复杂程度", "complaints"),
    word("limitation_act", terms.LimitationAct, "an act that may bear on limitation", "与诉讼时效有关的行为", _ACT),
    flag(
        "act_reached",
        "the act reached, or should have reached, the other side, with proof",
        "已到达或应当到达，有证据",
        _ACT,
    ),
    flag("act_failed", "carrier or post reported that it did not arrive", "运营商或邮局反馈未送达", _ACT),
    flag(
        "act_to_reserved_point",
        "sent to the number, address or mailbox that the cardholder reserved with the issuer",
        "发送至持卡人预留的号码、地址或邮箱",
        _ACT,
    ),
    flag("whereabouts_unknown", "where the debtor is cannot be found out", "债务人下落不明", _ACT),
)
"""In the order of the vocabulary."""
