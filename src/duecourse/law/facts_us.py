"""Facts that the packs of the United States ask, and of them alone but for the lender's policy.

How the counters count. A call, message, visit or letter counts for every debt that it is about, and a fact about "this
debt" is the largest of the debts that the contact is about. The counters of Regulation F belong to one collector: the
lender's own staff are one, each agency is another. Days are local days where the person is; a counter over N days takes
the day of the contact and the N - 1 days before it. Live permits count as made (12 CFR 1006.14(b), 1006.2(b)).

What does not belong here: facts that another jurisdiction asks too (`law.facts`, `law.facts_world`), and values.
"""

from __future__ import annotations

from duecourse.law.fact import Fact, Kind, Tightens, count, flag, since, word
from duecourse.law.terms import AddressBasis

_UP, _DOWN = Tightens.UP, Tightens.DOWN
_TEXT, _DESK, _POINTS, _DEBT = "register of templates", "desk", "contact points", "contract"

_COVERAGE = (
    flag(
        "debt_collector",
        "the sender is a debt collector for this debt (15 USC 1692a(6)): an agency, a buyer of debts whose principal "
        "purpose is collection, or a creditor under another name; not a creditor in its own name, nor a servicer that "
        "took the debt before default",
        "触达方就该债务属于FDCPA所称收债人（委外机构、以收债为主业的受让人、以他名催收的债权人）",
        "lender's set-up and referral",
        _UP,
    ),
    flag(
        "consumer_debt",
        "the debt is of a natural person, for personal, family or household purposes",
        "个人、家庭生活目的的债务",
        _DEBT,
        _UP,
    ),
)

_TIME_AND_PLACE = (
    flag(
        "time_named_inconvenient",
        "the person named this time as inconvenient (a weekday, an hour), or the sender should know that it is; "
        '"I am busy" ends one call and names no time',
        "本人指明或催收方应知该时段不便",
        _DESK,
        _UP,
    ),
    flag(
        "place_known_inconvenient",
        "this contact reaches the person at a place known to be inconvenient, such as a hospital",
        "触达地点已知不便（如医院）",
        _DESK,
        _UP,
    ),
    flag("at_workplace", "the contact reaches the person at the place of work", "触达本人工作场所", _POINTS),
    flag(
        "employer_prohibits",
        "the sender knows, or has reason to know, that the employer prohibits such contacts",
        "已知或应知雇主禁止此类联系",
        _DESK,
        _UP,
    ),
    flag(
        "attorney_known",
        "an attorney represents the person on this debt, and name and address are known or can be found",
        "已知本人就该债务有律师代理",
        _DESK,
        _UP,
    ),
    flag(
        "attorney_released",
        "the attorney consented to direct contact, or did not answer within a reasonable time",
        "律师同意直接联系或合理期限内未答复",
        _DESK,
        _DOWN,
        lifts=True,
    ),
    flag(
        "direct_consent",
        "the person himself consented beforehand, to this sender, in a communication that broke no rule, to contact at "
        "this hour or place; a consent copied from the creditor's file is none",
        "本人事先直接向该催收方同意在此时段或地点联系（债权人档案中的同意不算）",
        _DESK,
        _DOWN,
        lifts=True,
    ),
    flag(
        "direct_consent_work",
        "likewise, to being contacted at the place of work",
        "本人事先直接向该催收方同意在工作场所联系",
        _DESK,
        _DOWN,
        lifts=True,
    ),
    flag(
        "direct_consent_attorney",
        "likewise, to being contacted although an attorney represents him on this debt",
        "本人事先直接向该催收方同意虽有律师代理仍可直接联系",
        _DESK,
        _DOWN,
        lifts=True,
    ),
    flag(
        "debtor_direct_consent",
        "the debtor consented beforehand, directly to this sender, to its telling this person of the debt; the word of "
        "that person is none",
        "债务人事先直接向该催收方同意其向此人谈及债务（此人自己的同意不算）",
        "word of the debtor",
        _DOWN,
        lifts=True,
    ),
    flag("court_permission", "a court permitted it expressly", "法院明示许可", _DESK, _DOWN, lifts=True),
)

_COUNTERS = (
    count(
        "call_attempts_debt_7d",
        "calls placed by this collector to this person about this debt, on any of his numbers: rung without answer, "
        "answered, dropped, voice box, message left; not those that met busy or not in service, those within a consent "
        "of `call_consent_direct`, or those that the person made",
        "该催收方就该债务拨给本人的电话次数（含振铃未接、语音信箱、掉线；占线、停机及直接同意的不计）",
        "calls",
        rolling=7,
    ),
    since(
        "days_since_conversation_debt",
        "local days since the last telephone conversation of this collector with this person about this debt, whoever "
        "began it: 0 on its day",
        "距最近一次就该债务通话（无论谁发起）的天数",
        "contact counters",
        _DOWN,
    ),
    flag(
        "call_consent_direct",
        "the person consented, directly to this collector, to being called; within 7 days, the day of consent the "
        "first, and no conversation has used it up: reckoned from when and to whom it was given",
        "本人直接同意来电（含当日7日内，且尚未因通话用尽）",
        _DESK,
        _DOWN,
        lifts=True,
    ),
    count(
        "contacts_debt_7d",
        "contacts and attempts of this sender to this person about this debt by every channel, answered or not",
        "该触达方就该债务以各种渠道联系本人的次数（含未成功）",
        "contacts",
        rolling=7,
    ),
    count(
        "contacts_work_debt_7d",
        "the same at the place of work",
        "其中在工作场所的次数",
        "contacts",
        rolling=7,
    ),
    count(
        "phone_contacts_debt_7d",
        "calls, texts and recorded messages of this sender to this person's home, mobile or personal number about this "
        "debt; a call that could have left a message counts, one that could neither reach nor leave one does not",
        "该触达方就该债务拨打或发送至本人住宅、手机等个人号码的电话、短信、录音次数",
        "contacts",
        rolling=7,
    ),
    count(
        "phone_contacts_work_debt_30d",
        "the same to any other number, such as that of the place of work",
        "其中至工作场所等其他号码的次数",
        "contacts",
        rolling=30,
    ),
    count("visits_debt_30d", "visits to the household about this debt", "就该债务上门次数", "visits", rolling=30),
    count(
        "robot_calls_number_30d",
        "calls with an artificial or prerecorded voice to this number",
        "至该号码的人工合成或预录语音电话次数",
        "calls",
        rolling=30,
    ),
    Fact(
        "location_contacts_person",
        Kind.INT,
        "earlier contacts with this third person to find out where this debtor is",
        "此前为查找该债务人而联系该第三人的次数",
        "contact counters",
        "contacts",
        low=0,
        tightens=_UP,
    ),
    flag(
        "location_again_open",
        "this third person asked to be contacted again, or the earlier answer is believed wrong or incomplete and "
        "better information is believed to be there now",
        "该第三人要求再次联系，或有理由相信先前答复有误且现有更准确信息",
        _DESK,
        _DOWN,
        lifts=True,
    ),
    since(
        "days_since_work_refusal",
        "local days since the person asked, by word of mouth, not to be contacted at work",
        "距本人口头要求勿在工作场所联系的天数",
        _DESK,
        _DOWN,
    ),
    flag(
        "work_refusal_confirmed",
        "that request was made or confirmed in writing",
        "该要求已书面提出或确认",
        _DESK,
        _UP,
    ),
    flag("visit_consent_recorded", "the person agreed to this visit", "本人同意该次上门", _DESK, _DOWN, lifts=True),
)

_STOPS = (
    flag(
        "cease_notice_sent",
        "a notice of this kind has been sent since the person asked that contact cease",
        "要求停止联系后已发出同类通知",
        _DESK,
        _UP,
    ),
    flag(
        "medium_refused",
        "the person asked not to be contacted by a medium and named none, so none is used; of a named one: no_calls, "
        "no_texts and so on",
        "本人要求停用联系方式而未指明，故全部停用；已指明的，见 no_calls、no_texts 等",
        _DESK,
        _UP,
    ),
    flag(
        "medium_answer_open",
        "the person has since used this medium himself and has not been answered in it",
        "本人其后自行使用该方式且尚未答复",
        "contact history",
        _DOWN,
        lifts=True,
    ),
    flag(
        "opt_out_confirmation_open",
        "the text only confirms the opting out, and none has been sent since",
        "仅为退订确认且尚未发出",
        _DESK,
        _DOWN,
        lifts=True,
    ),
    flag(
        "confirms_stop",
        "the text confirms that messages to this address or number end, as the person asked, and says nothing else",
        "文本仅确认已按本人要求停止向该地址或号码发送，不含其他内容",
        "register of templates",
    ),
    flag("medium_required_by_law", "a law requires this medium", "法律要求以该方式送达", _DESK, _DOWN, lifts=True),
    flag(
        "consent_revoked",
        "the person revoked, by any reasonable means, the consent to automated or prerecorded calls and texts of this "
        "kind",
        "本人已撤回对此类自动或预录电话、短信的同意",
        _POINTS,
        _UP,
    ),
    flag(
        "consent_revoked_elsewhere",
        "the same, in answer to a call or text on an unrelated matter",
        "本人在回复无关事项时撤回同意",
        _POINTS,
        _UP,
    ),
)

_ELECTRONIC = (
    word("address_basis", AddressBasis, "on what the e-mail address or text number rests", "电子地址的依据", _POINTS),
    flag(
        "address_opted_out",
        "the person opted out of messages to this address or number, or withdrew the consent to it",
        "本人已退订该地址或撤回同意",
        _POINTS,
        _UP,
    ),
    flag(
        "address_confirmed",
        "reasonable steps were taken to confirm that the address or number is right",
        "已采取合理步骤确认地址准确",
        _POINTS,
        _DOWN,
    ),
    flag(
        "address_known_disclosure",
        "a message to this address or number is known to have told a third person of the debt",
        "已知该地址曾导致向第三人泄露",
        _POINTS,
        _UP,
    ),
    flag("employer_email", "the address is known to be provided by an employer", "雇主提供的邮箱", _POINTS, _UP),
    Fact(
        "opt_out_days",
        Kind.INT,
        "days from the creditor's notice about the address to the day by which it lets the person opt out; 0 without "
        "such a notice",
        "债权人通知给予的退订天数；无此通知为0",
        _POINTS,
        "days",
        low=0,
        tightens=Tightens.NEITHER,
    ),
    since(
        "days_since_address_notice",
        "local days since the creditor's notice that the address may be used",
        "距债权人发出地址使用通知的天数",
        _POINTS,
        _DOWN,
    ),
    since(
        "days_since_text_renewal",
        "local days since the person last texted from this number or renewed the consent",
        "距本人最近以该号码发短信或更新同意的天数",
        _POINTS,
        _UP,
    ),
    since(
        "days_since_number_check",
        "local days since the number was checked against a complete and accurate database of reassigned numbers",
        "距最近一次号码重新分配核查的天数",
        _POINTS,
        _UP,
    ),
    flag("message_private", "nobody but the person can see the message", "消息仅本人可见", "sender's systems", _DOWN),
    flag(
        "esign_consent",
        "the person agreed to electronic disclosures under section 101(c) of the E-SIGN Act",
        "本人已按E-SIGN法第101(c)条同意电子披露",
        _DESK,
        _DOWN,
    ),
    flag(
        "electronic_consent_written",
        "the person agreed in writing to messages of this medium and has not revoked it",
        "本人书面同意该电子方式且未撤回",
        _DESK,
        _DOWN,
    ),
    flag("number_mobile", "the number belongs to a mobile service", "号码为移动电话", _POINTS),
    flag(
        "autodialled",
        "an automatic dialling system chooses and dials the number",
        "自动拨号系统拨打",
        "sender's lines",
        _UP,
    ),
    flag(
        "automated_consent",
        "the person consented expressly to automated or prerecorded calls and texts to this number",
        "本人明示同意自动或预录语音电话、短信",
        _POINTS,
        _DOWN,
    ),
)

_CONTENT = (
    flag(
        "discloses_attempt",
        "says that this is an attempt to collect a debt and that any information obtained is used for that purpose",
        "表明系催收债务且所获信息将用于该目的",
        _TEXT,
        _DOWN,
    ),
    flag("discloses_collector", "says that it comes from a debt collector", "表明来自收债人", _TEXT, _DOWN),
    flag("names_firm", "names the firm that collects", "文本写明催收机构名称", _TEXT),
    flag(
        "opt_out_offered",
        "says clearly how to stop messages to this address or number, simply, without cost and further data",
        "清楚说明免费、简便的退订方式",
        _TEXT,
        _DOWN,
    ),
    flag(
        "limited_content",
        "a limited-content message: a business name that shows no collection, a request to call back, a natural "
        "person's name, a number, and nothing else that 12 CFR 1006.2(j) does not list",
        "有限内容留言（12 CFR 1006.2(j)）",
        _TEXT,
        _DOWN,
    ),
    flag("gives_validation", "is the validation notice, whole", "文本即完整的债务确认通知", _TEXT),
    flag(
        "overshadows",
        "asks for payment before the validation period ends, or otherwise overshadows the right to dispute",
        "要求在确认期届满前付款等，冲淡异议权利",
        _TEXT,
        _UP,
    ),
    flag(
        "after_cease_notice",
        "says only that efforts end, or which remedy may or will be invoked",
        "仅告知停止催收或可能、将要采取的救济",
        _TEXT,
    ),
)

_VALIDATION = (
    flag(
        "initial_communication",
        "nothing about this debt has yet been conveyed to this person by this sender",
        "该催收方首次就该债务沟通",
        "contact history",
    ),
    since(
        "days_since_initial_communication",
        "local days since the initial communication about this debt; 0 if this is it",
        "距首次沟通的天数（本次为首次则为0）",
        "contact history",
        _UP,
    ),
    flag(
        "validation_given",
        "the validation information was given, and did not come back undelivered",
        "已提供债务确认信息且未退回",
        "contact history",
        _DOWN,
    ),
    flag(
        "validation_period_open",
        "the validation period has not ended",
        "债务确认期尚未届满",
        "contact history",
        _UP,
    ),
    flag(
        "creditor_request_open",
        "a written request for the original creditor's name and address, made within the period, is unanswered",
        "期内书面要求告知原债权人，尚未答复",
        _DESK,
        _UP,
    ),
)

_CLAIM = (
    flag(
        "amount_authorised",
        "every part of the amount asked for is authorised by the agreement or permitted by law, fees for paying too",
        "请求金额各部分均有合同授权或法律许可",
        "balance of the loans",
        _DOWN,
    ),
    flag("active_service", "the person is on active military service", "现役军人", "desk"),
    flag("debt_before_service", "the debt is older than that service", "债务发生于服役之前", _DEBT),
    flag("contract_written", "the contract is in writing", "书面合同", _DEBT),
)

US: tuple[Fact, ...] = (
    *_COVERAGE,
    *_TIME_AND_PLACE,
    *_COUNTERS,
    *_STOPS,
    *_ELECTRONIC,
    *_CONTENT,
    *_VALIDATION,
    *_CLAIM,
)
