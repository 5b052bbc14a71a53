"""The vocabulary of facts: everything a condition may ask, with type, unit, meaning and source.

A fact is a whole number, a truth value, a date or a word of a closed list. It is either known or missing; a value
outside its list or range counts as missing, and a missing fact that a rule needs refuses. Names are forever: packs,
the day run's columns, permits and the evidence log all use them.

What does not belong here: values (they come from the book, the desk and the register of templates), and rules.
"""

from __future__ import annotations

from duecourse.law import terms
from duecourse.law.fact import Fact, Kind, Tightens, Value, count, flag, nearest, word
from duecourse.law.facts_claim import CLAIM
from duecourse.law.facts_sender import SENDER
from duecourse.law.facts_us import US
from duecourse.law.facts_world import WORLD

__all__ = ["FACTS", "VOCABULARY", "Fact", "Kind", "Tightens", "Value", "nearest"]

_UP, _DOWN = Tightens.UP, Tightens.DOWN
_HOLD, _TEXT = "holds of the person", "register of templates"

VOCABULARY: tuple[Fact, ...] = (
    # When, at the place of the person spoken to.
    Fact(
        "on",
        Kind.DATE,
        "day of the contact by the law's own clock",
        "触达日期（以法域时区计）",
        "planned instant",
        "day",
    ),
    Fact(
        "second_local",
        Kind.INT,
        "second of the local day at which the contact reaches the person; missing where the zone is not known",
        "触达当地时刻（当日第几秒）；时区不明则缺失",
        "planned instant and zone",
        "second of the day",
        low=0,
        high=86_399,
    ),
    # What is done, and by whom.
    word("purpose", terms.Purpose, "why the contact is made", "目的", "approved template or script"),
    word("channel", terms.Channel, "by which way", "渠道", "proposal or permit request"),
    word("relation", terms.Relation, "what the person is to the debt", "与债务的关系", "parties of the loan"),
    word("lender_type", terms.LenderType, "kind of firm that owns the claim", "放款机构类型", "lender's set-up"),
    word("sender_type", terms.SenderType, "who makes the contact", "触达方", "proposal or permit request"),
    # What is said.
    flag(
        "template_approved",
        "the template or script stands in the register, approved and not withdrawn on that day",
        "模板或话术已在登记册批准且未撤回",
        "register of templates",
        _DOWN,
    ),
    flag("mentions_debt", "the text names or hints at a debt", "文本提及债务", "register of templates", _UP),
    flag(
        "for_guarantor",
        "the text speaks to whoever guarantees the loan, as such",
        "文本以保证人为对象",
        "register of templates",
        _UP,
    ),
    flag("states_identity", "the text says who is speaking", "文本表明催收人身份", "register of templates", _DOWN),
    flag(
        "states_lender", "the text names the lender represented", "文本表明所代表的机构", "register of templates", _DOWN
    ),
    flag("states_purpose", "the text says why it is sent", "文本表明目的", "register of templates", _DOWN),
    flag(
        "identity_first",
        "the text says who speaks and for which lender before anything about a debt; read off the text",
        "文本在提及债务前先表明催收人身份和所代表的机构（由文本读出）",
        _TEXT,
        _DOWN,
    ),
    flag(
        "discusses_payment",
        "the text asks for payment, offers a plan, or says how to pay; read off the text",
        "文本要求还款、提出方案或说明如何付款（由文本读出）",
        _TEXT,
        _UP,
    ),
    flag(
        "poses_as_lender", "an agency speaks as if it were the lender", "冒用放款机构名义", "register of templates", _UP
    ),
    flag(
        "poses_as_authority",
        "speaks as if it were a court or a public office",
        "冒用行政机关、司法机关名义",
        "register of templates",
        _UP,
    ),
    flag("threatens", "threatens, insults, or hints at violence or gangs", "含威胁、侮辱或暗示暴力、涉黑", _TEXT, _UP),
    flag(
        "misstates",
        "invents or exaggerates: a false blacklist, a larger amount, a false legal consequence",
        "虚构或夸大事实（虚假黑名单、虚增金额、虚假法律后果）",
        _TEXT,
        _UP,
    ),
    flag(
        "asks_extra",
        "asks for a fee of collection, or urges to borrow elsewhere",
        "以催收名义收费或诱导另行借款",
        _TEXT,
        _UP,
    ),
    flag(
        "shows_person",
        "shows a face, an identity document or a family picture",
        "含人脸、证件或家人照片",
        _TEXT,
        _UP,
    ),
    flag(
        "seen_by_others",
        "is posted in public, or names the debt where others see it: on an envelope, on a lock screen",
        "在公共场所张贴，或在信封、锁屏等处可见债务信息",
        _TEXT,
        _UP,
    ),
    flag("states_machine", "says at once that a machine speaks", "开头表明由机器（人工智能）拨打", _TEXT, _DOWN),
    flag("names_suit", "names a court case or a payment order as a next step", "提及起诉或申请支付令", _TEXT, _UP),
    flag("asks_signature", "asks the debtor to sign or to confirm the debt", "请债务人签字或确认债务", _TEXT, _UP),
    flag("tells_expiry", "says that limitation has run out", "告知诉讼时效已届满", _TEXT, _DOWN),
    flag(
        "tells_decision",
        "tells of a decision with a major effect on the person, such as a refused plan",
        "告知对个人权益有重大影响的决定（如拒绝还款方案）",
        _TEXT,
        _UP,
    ),
    # The decision that is told.
    flag("decided_by_model", "a model made the decision that is told", "该决定由模型作出", "decisions", _UP),
    flag("model_explained", "how the model came to it can be explained", "模型决策可解释", "decisions", _DOWN),
    flag(
        "decision_reviewed",
        "a person reviewed the decision before it was told",
        "决定在告知前已由人工复核",
        "decisions",
        _DOWN,
    ),
    # Who makes the contact.
    *SENDER,
    # The person spoken to.
    flag(
        "relation_proven",
        "proof of the relation is on file and in date",
        "关系证明在档且在有效期",
        "parties of the loan",
        _DOWN,
    ),
    flag(
        "named_by_debtor",
        "the debtor named this person as contact person",
        "由债务人指定为联系人",
        "parties of the loan",
        _DOWN,
    ),
    flag(
        "contact_person_refused",
        "a third person has refused, or asked to stop; for ever",
        "第三人已拒绝或要求停止联系（永久）",
        "parties of the loan",
        _UP,
    ),
    flag(
        "guarantee_period_open",
        "the guarantee period has not lapsed, or a claim was made on the guarantor within it",
        "保证期间未届满，或已在期间内主张权利",
        "guarantee notes of the loan",
        _DOWN,
    ),
    flag(
        "inheritance_renounced",
        "the heir has renounced the inheritance",
        "继承人已放弃继承",
        "parties of the loan",
        _UP,
    ),
    Fact(
        "demand_minor",
        Kind.INT,
        "amount asked for",
        "请求金额",
        "balance of the loans",
        "minor units",
        low=0,
        tightens=_UP,
    ),
    Fact(
        "estate_left_minor",
        Kind.INT,
        "value of the estate this heir took over, less what he has paid of its debts",
        "继承人所得遗产实际价值减去已清偿部分",
        "parties of the loan",
        "minor units",
        low=0,
        tightens=_DOWN,
    ),
    flag(
        "payment_offered",
        "this person offered of his own accord to pay, on record",
        "该人主动表示愿意代偿，有记录",
        "desk",
        _DOWN,
    ),
    *(
        flag(name, f"the person asked not to be reached by {way}", f"本人要求不以{zh}联系", "desk", _UP)
        for name, way, zh in (
            ("no_calls", "calls", "电话"),
            ("no_texts", "text or picture messages", "短信、彩信"),
            ("no_emails", "e-mails", "电子邮件"),
            ("no_pushes", "messages of an app or chat", "应用通知或即时消息"),
            ("no_letters", "letters", "信函"),
            ("no_visits", "visits", "上门"),
        )
    ),
    flag("time_refused", "the person asked not to be reached at this time", "本人要求此时段不联系", "desk", _UP),
    flag("asked_by_person", "this person has put a question that is still open", "该人有未答复的询问", "desk", _DOWN),
    flag(
        "information_consent",
        "this person consented to the use of his data for being asked, on record and in date",
        "本人同意为联系目的处理其个人信息，有记录且在有效期",
        "parties of the loan",
        _DOWN,
    ),
    # The contact point.
    flag(
        "contact_point_valid",
        "the contact point is in use and has not failed for good",
        "联系方式有效",
        "contact points",
        _DOWN,
    ),
    flag(
        "point_takes_text",
        "texts reach this contact point; false for a fixed line, and for an extension behind one",
        "该联系方式可接收短信；固定电话及分机为否",
        "contact points",
        _DOWN,
    ),
    flag(
        "wrong_number",
        "somebody else answered at this contact point",
        "错号：该联系方式属于他人",
        "contact points",
        _UP,
    ),
    # The debtor.
    flag(
        "debtor_unreachable",
        "computed and evidenced: the debtor could not be reached by any known way",
        "债务人无法联系（有计算依据和存证）",
        "contact history",
        _DOWN,
    ),
    flag("debtor_dead", "the debtor has died, with proof", "债务人已死亡", "person"),
    flag(
        "debtor_incapable",
        "the debtor has no, or limited, legal capacity, with proof",
        "债务人无或限制民事行为能力",
        "person",
    ),
    # Holds.
    flag("hold_dispute", "the debt is disputed", "异议冻结", _HOLD, _UP),
    flag("hold_cease", "the person asked that contact cease", "要求停止联系冻结", _HOLD, _UP),
    flag("hold_bereavement", "a death in the family, or the debtor's own", "亲故冻结", _HOLD, _UP),
    flag("hold_breathing_space", "a breathing space runs", "债务宽限期冻结", _HOLD, _UP),
    flag("hold_insolvency", "an insolvency procedure runs", "破产程序冻结", _HOLD, _UP),
    flag("hold_hardship", "hardship was found and pressing is paused", "困难认定冻结", _HOLD, _UP),
    flag("hold_identity_theft", "somebody else may have taken the loan in this name", "冒名贷款冻结", _HOLD, _UP),
    flag("hold_court_stay", "a court stayed enforcement", "法院中止执行冻结", _HOLD, _UP),
    flag("hold_complaint", "a complaint by the person is not answered yet", "投诉未答复冻结", _HOLD, _UP),
    flag("storage_only", "the person's data are only stored and protected", "个人信息仅限存储", _HOLD, _UP),
    flag("hold_other", "a hold for a reason that has no kind of its own", "其他原因冻结", _HOLD, _UP),
    # Counters, live reservations included.
    count(
        "connected_calls_person_day",
        "calls started by the lender or any of its agencies and answered on that natural day: by this person, over all "
        "debts, or about the debtor's debts, by anybody",
        "当日主动接通通话次数（放款机构及其全部委外机构合计：与该人就全部债务，或就该债务人的债务与任何相关人）",
        "calls",
    ),
    count(
        "unanswered_attempts_number_day",
        "unanswered calls to this number on that natural day",
        "当日同一号码未接通次数",
        "calls",
    ),
    count("sms_person_day", "text messages to this person on that natural day", "当日短信条数", "messages"),
    count("push_person_day", "app notifications to this person on that natural day", "当日应用推送条数", "messages"),
    # Visits.
    Fact(
        "visit_collectors", Kind.INT, "collectors who come", "外访人数", "visit plan", "persons", low=0, tightens=_DOWN
    ),
    flag(
        "visit_enters_private",
        "the visit enters a home, another private place or the debtor's office area",
        "进入住所等私密场所",
        "visit plan",
        _UP,
    ),
    # What lifts.
    flag(
        "time_agreed",
        "another time was agreed with the debtor and covers this instant",
        "另行约定了该联系时间",
        "desk",
        _DOWN,
        lifts=True,
    ),
    flag(
        "time_consent_recorded",
        "the debtor asked for, or agreed to, this time in a record whose id is kept",
        "债务人同意该时间且有记录",
        "desk",
        _DOWN,
        lifts=True,
    ),
    flag("entry_consent_recorded", "consent to enter was recorded", "同意进入且有记录", "desk", _DOWN, lifts=True),
    flag(
        "officer_override",
        "a compliance officer overrides a recommendation, with a reason on record",
        "合规人员附理由放行（仅限“宜/不宜”条款）",
        "desk",
        _DOWN,
        lifts=True,
    ),
    # The loan.
    Fact("days_past_due", Kind.INT, "contractual days past due", "合同逾期天数", "book", "days", low=0, tightens=_UP),
    flag("card_account", "the loan is a revolving credit card", "信用卡账户", "book"),
    flag(
        "assignment_notified",
        "the debtor was told, with proof, that the claim was assigned",
        "债权转让已通知债务人且有证据",
        "record of assignments",
        _DOWN,
    ),
    flag(
        "provision_basis",
        "the person consented separately to the transfer of his data to this lender, or another basis is on record",
        "向本机构提供个人信息已取得单独同意或具备其他合法性基础，有记录",
        "record of assignments",
        _DOWN,
    ),
    flag("limitation_expired", "the limitation period has run out", "诉讼时效已届满", "limitation", _UP),
    # The claim and its records.
    *CLAIM,
    *US,
    *WORLD,
)

FACTS: dict[str, Fact] = {fact.name: fact for fact in VOCABULARY}
