"""The closed lists that rules speak in: who is spoken to, why, by which way; and how well a rule is founded.

Their values stand in packs, in the book and in the desk, so a name once used stays. What does not belong here: the
facts that carry these values (``law.facts``), and any rule about them (``law/packs``).
"""

from __future__ import annotations

from enum import StrEnum


class Relation(StrEnum):
    """What the person spoken to is to the debt."""

    BORROWER = "borrower"  # owes
    CO_BORROWER = "co_borrower"  # owes together with the borrower
    GUARANTOR = "guarantor"  # answers for the debt by a guarantee
    SPOUSE_LIABLE = "spouse_liable"  # husband or wife who owes too, with proof
    SPOUSE = "spouse"  # husband or wife, without proof of owing
    HEIR = "heir"  # inherited from the debtor
    REPRESENTATIVE = "representative"  # acts for the debtor: guardian, administrator, agent
    LAWYER = "lawyer"  # the debtor's lawyer
    CONTACT_PERSON = "contact_person"  # named by the debtor so that he can be found
    EMPLOYER = "employer"  # the debtor's employer or colleague
    OTHER = "other"  # anyone else


THIRD_PERSONS = frozenset({Relation.CONTACT_PERSON, Relation.SPOUSE, Relation.EMPLOYER, Relation.OTHER})
"""Who does not owe: their refusal of contact holds for ever."""


class Purpose(StrEnum):
    """Why the contact is made; read from the approved template or script, never from the caller's word."""

    SERVICE = "service"  # nothing about a debt
    REMIND = "remind"  # an amount will fall due
    COLLECT = "collect"  # asks for payment
    RELAY = "relay"  # asks a third person to pass on "please call us back"
    LOCATE = "locate"  # asks a third person how the debtor can be reached
    OFFER = "offer"  # offers a plan or a settlement
    NOTIFY = "notify"  # legal notice, assignment, receipt
    ANSWER = "answer"  # answers the person's own question
    FOLLOW_UP = "follow_up"  # post-loan follow-up with a performing borrower


class Channel(StrEnum):
    """By which way."""

    CALL = "call"  # a collector's telephone call
    ROBOT_CALL = "robot_call"  # a call spoken by a machine
    SMS = "sms"  # text message
    EMAIL = "email"
    PUSH = "push"  # notification of the lender's app
    IM = "im"  # instant message (enterprise WeChat and the like)
    MMS_IMAGE = "mms_image"  # picture message
    LETTER = "letter"  # paper letter
    LAWYER_LETTER = "lawyer_letter"  # letter of a law firm
    VISIT = "visit"  # a collector comes in person
    PORTAL = "portal"  # the borrower's own pages, read when the borrower likes


class LenderType(StrEnum):
    """What kind of firm owns the claim; decides which texts bind it."""

    BANK = "bank"  # commercial bank, card issuer
    CONSUMER_FINANCE = "consumer_finance"  # licensed consumer finance company
    MICROLOAN = "microloan"  # microloan company
    AUTO_FINANCE = "auto_finance"  # licensed auto finance company
    TRUST = "trust"  # trust company
    TRANSFEREE = "transferee"  # bought the claim: asset management company, other assignee
    PRIVATE = "private"  # no licence: a person or an ordinary firm (民间借贷)
    OTHER = "other"  # none of these


class SenderType(StrEnum):
    """Who makes the contact."""

    LENDER = "lender"  # the lender's own staff or systems
    AGENCY = "agency"  # an outside firm on the lender's behalf
    LAW_FIRM = "law_firm"  # a law firm with a mandate


class Moment(StrEnum):
    """When the gate is asked."""

    PLAN = "plan"  # the day run checks what it proposes; nobody has been chosen to do it yet
    PERMIT = "permit"  # a permit is requested, or redeemed


class RecordKind(StrEnum):
    """What kind of record is kept."""

    COLLECTION = "collection"  # notes of the process, results, letters sent
    RECORDING = "recording"  # sound of a call, pictures of a visit
    IMPACT_ASSESSMENT = "impact_assessment"  # of personal information, with the record of how it is processed
    OTHER_RECORD = "other_record"


class ComplaintKind(StrEnum):
    """How hard a complaint is to decide."""

    ORDINARY = "ordinary"
    COMPLEX = "complex"
    SPECIAL = "special"


class LimitationAct(StrEnum):
    """What creditor, debtor or a court did that may bear on limitation."""

    DEMAND = "demand"  # the creditor claims his right by letter, in person, by telephone
    MESSAGE = "message"  # the same by SMS, e-mail or another data message
    PUBLIC_NOTICE = "public_notice"  # the same in a newspaper, where the debtor cannot be found
    DEBIT = "debit"  # the lender debits the debtor's account as the contract allows
    ASSIGNMENT_NOTICE = "assignment_notice"  # the debtor is told that the claim was assigned
    PART_PAYMENT = "part_payment"
    INSTALMENT_REQUEST = "instalment_request"  # the debtor asks to pay by instalments
    DEFERRAL_REQUEST = "deferral_request"  # the debtor asks for more time
    SECURITY = "security"  # the debtor gives security
    REPAYMENT_PLAN = "repayment_plan"  # the debtor draws up or signs a plan of repayment
    ACKNOWLEDGEMENT = "acknowledgement"  # the debtor acknowledges the debt in writing, signed
    AGREEMENT_TO_PAY = "agreement_to_pay"  # the debtor says that he will pay
    SIGNED_NOTICE = "signed_notice"  # the debtor signs a demand notice
    SUIT = "suit"
    ARBITRATION = "arbitration"
    PAYMENT_ORDER = "payment_order"
    ENFORCEMENT = "enforcement"
    INSOLVENCY_CLAIM = "insolvency_claim"
    MEDIATION = "mediation"  # asked of a people's mediation committee
    POLICE_REPORT = "police_report"  # to the police or the procuratorate


class Territory(StrEnum):
    """A part of a jurisdiction that has law of its own: those of which a text of ours speaks, and the rest."""

    ENGLAND_WALES = "england_wales"
    SCOTLAND = "scotland"
    NORTHERN_IRELAND = "northern_ireland"
    GERMANY = "germany"
    FRANCE = "france"
    SPAIN = "spain"
    ITALY = "italy"
    NETHERLANDS = "netherlands"
    POLAND = "poland"
    OTHER_MEMBER_STATE = "other_member_state"  # of the European Union
    MASSACHUSETTS = "massachusetts"
    NEW_YORK_CITY = "new_york_city"
    NEW_YORK_STATE = "new_york_state"  # outside the city
    WASHINGTON_STATE = "washington_state"
    DISTRICT_OF_COLUMBIA = "district_of_columbia"
    CALIFORNIA = "california"
    OTHER_STATE = "other_state"  # of the United States


class AddressBasis(StrEnum):
    """On what an e-mail address or a number for texts rests (12 CFR 1006.6(d)(4), (5))."""

    NONE = "none"
    USED_BY_PERSON = "used_by_person"  # the person wrote from it to this sender about the debt
    DIRECT_CONSENT = "direct_consent"  # the person consented to it, directly to this sender
    CREDITOR_NOTICE = "creditor_notice"  # the creditor had it from the person and gave notice that it may be used
    PRIOR_COLLECTOR = "prior_collector"  # the collector before used it under the same rules


class VisitPlace(StrEnum):
    """Where a visit is made."""

    AGREED = "agreed"  # chosen by, or agreed with, the person; a central place that the loan names
    RESIDENCE = "residence"
    WORKPLACE = "workplace"
    ELSEWHERE = "elsewhere"


class Authority(StrEnum):
    """What stands behind a rule, the highest first. A lower one never relaxes a higher one."""

    LAW = "law"
    JUDICIAL_INTERPRETATION = "judicial_interpretation"
    DEPARTMENT_RULE = "department_rule"
    NATIONAL_STANDARD = "national_standard"
    SELF_REGULATION = "self_regulation"
    LENDER_POLICY = "lender_policy"


class Modal(StrEnum):
    """The verb of the text; it decides whether an officer may override."""

    SHALL = "shall"  # 应
    SHALL_NOT = "shall_not"  # 不应, 不得, 严禁
    SHOULD = "should"  # 宜
    SHOULD_NOT = "should_not"  # 不宜
    MAY = "may"  # 可
    ADVISES = "advises"  # shown, never refuses


class Grade(StrEnum):
    """How the words of a rule are known; it stands beside the rule on every screen and is never raised."""

    TEXT = "text"  # the instrument itself was read
    REPORT = "report"  # press, law firm or other account of it was read
    RECALLED_HIGH = "recalled_high"  # from memory, firmly; check before relying on it
    RECALLED_MEDIUM = "recalled_medium"  # from memory, fairly
    RECALLED_LOW = "recalled_low"  # from memory, weakly
    PRODUCT = "product"  # decided by duecourse or the lender; no outside text


class Status(StrEnum):
    """Whether a pack or rule binds."""

    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"  # binds on the days it was in force, for looking back
    DRAFT = "draft"  # never binds
    UNCONFIRMED = "unconfirmed"  # seen in reports only, no date or article: ships as a named policy pack


class Combine(StrEnum):
    """How several rules that give the same quantity are joined."""

    MIN = "min"  # the smallest wins: caps
    MAX = "max"  # the largest wins: classes, retention
    SPECIAL = "special"  # the one rule that no other applying rule overrides


ZH: dict[str, str] = {
    "borrower": "借款人",
    "co_borrower": "共同借款人",
    "guarantor": "保证人",
    "spouse_liable": "负有共同债务的配偶",
    "spouse": "配偶",
    "heir": "继承人",
    "representative": "代理人",
    "lawyer": "律师",
    "contact_person": "联系人",
    "employer": "工作单位",
    "other": "其他",
    "service": "服务",
    "remind": "还款提醒",
    "collect": "催收",
    "relay": "请转告",
    "locate": "询问联系方式",
    "offer": "协商方案",
    "notify": "法定通知",
    "answer": "答复本人询问",
    "follow_up": "贷后回访",
    "call": "电话",
    "robot_call": "智能语音",
    "sms": "短信",
    "email": "电子邮件",
    "push": "应用推送",
    "im": "即时通讯",
    "mms_image": "图片消息",
    "letter": "信函",
    "lawyer_letter": "律师函",
    "visit": "外访",
    "portal": "自助页面",
    "bank": "银行",
    "consumer_finance": "消费金融公司",
    "microloan": "小额贷款公司",
    "auto_finance": "汽车金融公司",
    "trust": "信托公司",
    "transferee": "债权受让人",
    "private": "民间出借人",
    "lender": "放款机构",
    "agency": "委外机构",
    "law_firm": "律师事务所",
    "plan": "计划",
    "permit": "许可",
    "collection": "催收过程记录",
    "recording": "录音录像",
    "impact_assessment": "影响评估报告",
    "other_record": "其他记录",
    "ordinary": "一般",
    "complex": "复杂",
    "special": "特别复杂",
    "demand": "主张权利",
    "message": "短信等数据电文",
    "public_notice": "公告",
    "debit": "依约扣款",
    "assignment_notice": "债权转让通知",
    "part_payment": "部分履行",
    "instalment_request": "请求分期",
    "deferral_request": "请求延期",
    "security": "提供担保",
    "repayment_plan": "制定还款计划",
    "acknowledgement": "书面承认债务",
    "agreement_to_pay": "同意履行",
    "signed_notice": "签收催收通知单",
    "suit": "起诉",
    "arbitration": "申请仲裁",
    "payment_order": "申请支付令",
    "enforcement": "申请执行",
    "insolvency_claim": "申报破产债权",
    "mediation": "申请人民调解",
    "police_report": "报案、控告",
    "england_wales": "英格兰和威尔士",
    "scotland": "苏格兰",
    "northern_ireland": "北爱尔兰",
    "germany": "德国",
    "france": "法国",
    "spain": "西班牙",
    "italy": "意大利",
    "netherlands": "荷兰",
    "poland": "波兰",
    "other_member_state": "其他成员国",
    "massachusetts": "马萨诸塞州",
    "new_york_city": "纽约市",
    "new_york_state": "纽约州（市外）",
    "washington_state": "华盛顿州",
    "district_of_columbia": "哥伦比亚特区",
    "california": "加利福尼亚州",
    "other_state": "其他州",
    "none": "无",
    "used_by_person": "本人使用过",
    "direct_consent": "本人直接同意",
    "creditor_notice": "债权人已通知",
    "prior_collector": "前手收债人使用过",
    "agreed": "约定地点",
    "residence": "住所",
    "workplace": "工作地点",
    "elsewhere": "其他地点",
    "law": "法律",
    "judicial_interpretation": "司法解释",
    "department_rule": "部门规章或规范性文件",
    "national_standard": "国家标准",
    "self_regulation": "行业自律",
    "lender_policy": "机构政策",
    "shall": "应",
    "shall_not": "不应",
    "should": "宜",
    "should_not": "不宜",
    "may": "可",
    "advises": "提示",
    "text": "已核原文",
    "report": "据报道",
    "recalled_high": "凭记忆，把握高",
    "recalled_medium": "凭记忆，把握中",
    "recalled_low": "凭记忆，把握低",
    "product": "产品规定",
    "in_force": "有效",
    "superseded": "已被取代",
    "draft": "草案",
    "unconfirmed": "未经核实",
}
"""The zh-CN word of each member above, as screens show it."""


def word(value: str, lang: str) -> str:
    """A closed-list value as the reader's language says it; ``lang`` is ``zh`` or ``en``."""
    return ZH.get(value, value) if lang == "zh" else value.replace("_", " ")
