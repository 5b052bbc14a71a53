"""Facts that the packs of the United Kingdom, India, the European Union and Hong Kong ask, and policy beside them.

What does not belong here: facts that China or the United States ask too (`law.facts`), and values.
"""

from __future__ import annotations

from duecourse.law.fact import Fact, Kind, Tightens, count, flag, since, word
from duecourse.law.terms import Territory, VisitPlace

_UP, _DOWN = Tightens.UP, Tightens.DOWN
_TEXT = "register of templates"


_PLACES = (
    word(
        "resident_territory",
        Territory,
        "part of the jurisdiction in which the person lives",
        "居住地所属法域",
        "parties of the loan",
    ),
    word(
        "governing_territory",
        Territory,
        "part of the jurisdiction whose law governs the debt",
        "债务准据法所属法域",
        "contract",
    ),
    flag(
        "state_pack_in_force",
        "the law of the member state in which the person lives stands beside this pack as a pack of its own",
        "居住国本国法规则包已启用",
        "lender's set-up",
        _DOWN,
    ),
)

_CONTACT = (
    flag(
        "day_of_rest_local",
        "the local day is a Sunday or a public holiday where the person is",
        "当地为星期日或公众假期",
        "planned instant, zone and calendar",
        _UP,
    ),
    flag(
        "against_request",
        "goes against a standing, reasonable request of the person on when, where or how to be contacted",
        "违反本人关于联系时间、地点或方式的有效合理要求",
        "desk",
        _UP,
    ),
    flag(
        "identity_checked",
        "who the person is, is established before anything about the debt is said: by the script's check, by login, "
        "or by a checked name and address",
        "披露债务信息前已核实身份（话术核身、登录或核对姓名地址）",
        "scripts and contact points",
        _DOWN,
    ),
    flag(
        "sealed",
        "the item is closed, addressed to the person by name, and shows nothing of a debt or of collection outside",
        "信函封口、写明收件人姓名，外部无债务或催收信息",
        "printing",
        _DOWN,
    ),
    flag("caller_id_shown", "the number that calls is shown", "主叫号码正常显示", "sender's lines", _DOWN),
    flag(
        "callback_premium",
        "to call back costs more than a call at the standard geographic rate",
        "回拨号码资费高于普通地区通话",
        "sender's lines",
        _UP,
    ),
    count(
        "attempts_person_day",
        "calls, messages and visits started towards this person on that natural day by the lender or any of its "
        "agencies, answered or not; letters and the portal do not count",
        "当日主动触达次数（放款机构及其全部委外机构；信函与自助页面不计）",
        "contacts",
    ),
    count(
        "letters_person_7d",
        "letters and lawyer's letters that ask something of this person, over seven natural days, that day the last; "
        "not notices, answers and service",
        "连续七日（含当日）寄送的催款信函数（不计通知、答复和服务信函）",
        "letters",
        rolling=7,
    ),
    count(
        "attempts_person_7d",
        "the same over seven natural days, that day the last",
        "连续七日（含当日）主动触达次数",
        "contacts",
        rolling=7,
    ),
    flag(
        "statutory_notice",
        "the text is a notice that a law or the regulator requires, and nothing more",
        "文本仅为法律或监管要求的通知",
        _TEXT,
        _DOWN,
    ),
    flag(
        "presses_payment",
        "urges to pay in one or few or large sums, in a short time, or by selling property",
        "迫使一次性、大额或限期还款，或变卖财产还款",
        _TEXT,
        _UP,
    ),
    flag(
        "leaves_remainder", "offers to take less than the whole without settling it", "部分和解，余额仍存续", _TEXT, _UP
    ),
    flag(
        "states_remainder",
        "says that the rest is still owed and may be sold",
        "说明余额仍存续且可能被转让",
        _TEXT,
        _DOWN,
    ),
    flag(
        "visit_notice_given",
        "the visit was announced in good time, with its purpose",
        "外访已提前告知及说明目的",
        "visit plan",
        _DOWN,
    ),
    word("visit_place", VisitPlace, "where the visit is made", "外访地点", "visit plan"),
)

_PERSON = (
    flag(
        "vulnerable",
        "known or suspected to be particularly vulnerable",
        "已知或疑似特别弱势",
        "holds of the person",
        _UP,
    ),
    flag(
        "capacity_limited",
        "limits of mental capacity are known or reasonably suspected",
        "已知或合理怀疑心智能力受限",
        "holds of the person",
        _UP,
    ),
    flag(
        "occasion",
        "a calamity, a marriage in the family or a festival of the person runs",
        "灾害、家庭婚礼或节庆期间",
        "holds of the person",
        _UP,
    ),
    since(
        "days_since_debt_adviser",
        "local days since the lender learnt that a debt adviser helps the person to build a plan",
        "得知债务顾问协助制定方案至今的天数",
        "desk",
        Tightens.NEITHER,
    ),
    flag(
        "payment_offer_open",
        "an offer to pay, by the person or an adviser, is unanswered or was refused without recorded reasons",
        "还款提议未答复或拒绝未记录理由",
        "desk",
        _UP,
    ),
    flag(
        "balance_request_open",
        "the person or a representative asked for arrears and balance and has not been given them",
        "本人或其代表请求提供拖欠额和余额，尚未提供",
        "desk",
        _UP,
    ),
    flag(
        "refused_as_barred",
        "the person said that he will not pay because the debt is barred",
        "本人以超过时效为由拒付",
        "desk",
        _UP,
    ),
    flag(
        "data_restricted",
        "processing is restricted at the person's request",
        "应本人要求限制处理其个人信息",
        "desk",
        _UP,
    ),
    flag(
        "privacy_notice_given",
        "the person was told where the data come from, in an earlier notice or in this one",
        "已告知个人信息来源（此前或本次）",
        "desk",
        _DOWN,
    ),
)

_DEBT = (
    flag(
        "moratorium_debt",
        "the debt is one of those in the moratorium",
        "该债务属于宽限期债务",
        "notice of the moratorium",
        _UP,
    ),
    flag(
        "silent_in_period",
        "the lender was out of contact with the debtor while the limitation period ran",
        "时效期间内放款机构未与债务人联系",
        "contact history",
        _UP,
    ),
    flag(
        "high_cost_short_term",
        "the loan is high-cost short-term credit",
        "高成本短期信贷",
        "contract",
    ),
    flag(
        "arrears_notice_missed",
        "a notice of arrears or of a default sum that the law requires was not given in time and is still not given",
        "应发而未发的拖欠或违约金通知",
        "register of notices",
        _UP,
    ),
    flag("microfinance_loan", "the loan is a microfinance loan", "印度规则所称小额信贷", "contract"),
    flag("digital_loan", "the loan was made by a digital lender or app", "数字化贷款", "contract"),
    Fact(
        "missed_meetings",
        Kind.INT,
        "occasions in a row on which the borrower did not come to the agreed place of payment",
        "连续未到约定还款地点的次数",
        "visit plan",
        "occasions",
        low=0,
        tightens=_DOWN,
    ),
    flag(
        "transferred_credit",
        "a non-performing credit agreement of an EU credit institution, transferred to a credit purchaser",
        "欧盟信贷机构转让给信贷购买人的不良信贷",
        "transfer of the claim",
    ),
    flag(
        "transfer_notice_delivered",
        "the notice of transfer was delivered on paper or a durable medium: transfer and day, purchaser, servicer, "
        "proof of authorisation, service provider, contact point",
        "转让通知已以持久介质送达（转让及日期、受让人、服务机构、授权证明、服务商、联络点）",
        "transfer of the claim",
        _DOWN,
    ),
    flag(
        "transfer_notice_complete",
        "the notice of transfer also states the amounts due, the law that applies and who hears complaints",
        "转让通知载明应付金额、适用法律及投诉机构",
        "transfer of the claim",
        _DOWN,
    ),
    flag(
        "forbearance_considered",
        "forbearance was considered for this debt and the outcome recorded",
        "已考虑宽限措施并记录结果",
        "desk",
        _DOWN,
    ),
)

_AGENCY = (
    flag(
        "agent_announced",
        "the person was told beforehand which agent is assigned",
        "已事先告知指派的催收机构",
        "desk",
        _DOWN,
    ),
    flag(
        "agent_certified",
        "the person who collects holds the certificate that his trade asks",
        "催收人员持有行业证书",
        "staff",
        _DOWN,
    ),
    flag(
        "servicer_registered",
        "the credit servicer stands in the public register",
        "信贷服务机构已登记",
        "agencies",
        _DOWN,
    ),
)

_MEASURED = (
    Fact(
        "npa_months_begun",
        Kind.INT,
        "months begun since the loan became non-performing; 0 if it is not, 1 in the first",
        "成为不良以来已开始的月数（非不良为0，首月为1）",
        "book",
        "months",
        low=0,
        tightens=_UP,
    ),
    flag("arrears_cleared", "all arrears are paid", "全部拖欠已清偿", "book", _DOWN),
    flag("graduate", "the agent holds a university degree", "催收人员为大学毕业", "staff"),
)

WORLD: tuple[Fact, ...] = (*_PLACES, *_CONTACT, *_PERSON, *_DEBT, *_AGENCY, *_MEASURED)
