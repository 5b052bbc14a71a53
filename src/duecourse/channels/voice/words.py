"""What the robot says besides an approved text: how to press keys, what was done, goodbye. No word of a debt.

These sentences name nobody and are the same in every call. What is said about a debt comes from approved templates
alone, after who answered is verified.
"""

from __future__ import annotations

from hashlib import sha256

WORDS: dict[str, dict[str, str]] = {
    "who": {
        "zh": "如您是本人，请按1。如您不是本人，但可以联系到本人，请按2。如您不认识此人，请按3。"
        "如不希望再接到这样的来电，请按0。",
        "en": "If you are this person, press 1. If you are not, but know them, press 2. If you do not know this "
        "person, press 3. If you do not want such calls any more, press 0.",
    },
    "birth": {
        "zh": "为保护您的信息，请输入您的出生年月日，共8位数字，例如1月应输入0 1。",
        "en": "To protect your data, please enter your date of birth: four digits of the year, two of the month, two "
        "of the day.",
    },
    "birth_again": {"zh": "输入不符，请再输入一次。", "en": "That does not match. Please enter it once more."},
    "unverified": {
        "zh": "抱歉，未能核实您的身份，本次不再说明其他内容。再见。",
        "en": "I am sorry, I could not verify who you are, so I shall say no more. Goodbye.",
    },
    "menu": {
        "zh": "再听一遍，请按1。告知付款日期，请按2。与工作人员通话，请按3。对内容有异议，请按4。"
        "不希望再接到这样的来电，请按0。",
        "en": "To hear it again, press 1. To name a day, press 2. To speak to a person, press 3. If you disagree, "
        "press 4. If you do not want such calls any more, press 0.",
    },
    "day": {
        "zh": "请输入日期，月和日各两位，共4位数字。",
        "en": "Please enter the day: two digits of the month, two of the day.",
    },
    "day_not": {
        "zh": "这个日期不能登记，请输入今天起两个月以内的日期。",
        "en": "That day cannot be taken. Please enter one within two months from today.",
    },
    "confirm": {"zh": "确认请按1，重新输入请按2。", "en": "To confirm, press 1. To enter it again, press 2."},
    "confirmed": {"zh": "已登记，谢谢。再见。", "en": "It is on record. Thank you, goodbye."},
    "not_confirmed": {"zh": "没有登记任何日期。", "en": "No day was put on record."},
    "choice": {
        "zh": "与工作人员的通话将继续录音。如不同意录音，请按9；同意请按1。",
        "en": "Your talk with a person is recorded too. If you do not agree to that, press 9; if you do, press 1.",
    },
    "person": {"zh": "正在为您转接工作人员。", "en": "You are being put through to a person."},
    "recorded": {"zh": "转接后通话继续录音。", "en": "The call is recorded from then on too."},
    "unrecorded": {"zh": "转接后不再录音。", "en": "From then on it is not recorded any more."},
    "wait": {"zh": "请稍候。", "en": "Please hold the line."},
    "no_person": {
        "zh": "现在没有工作人员能够接听，您的要求已登记，会有人与您联系。再见。",
        "en": "Nobody can take your call now. Your wish is on record and somebody will call you. Goodbye.",
    },
    "dispute": {
        "zh": "您的异议已登记，核实期间不会再就此联系您。再见。",
        "en": "Your objection is on record; while it is looked into you will not be contacted about it. Goodbye.",
    },
    "stopped": {
        "zh": "已登记，这个号码不会再接到这样的来电。再见。",
        "en": "It is on record: no such calls to this number any more. Goodbye.",
    },
    "other": {"zh": "谢谢，打扰了。再见。", "en": "Thank you, and sorry for the trouble. Goodbye."},
    "again": {"zh": "没有听到您的选择。", "en": "I did not get your choice."},
    "bye": {"zh": "再见。", "en": "Goodbye."},
}

DESK: dict[str, dict[str, str]] = {
    "asks": {
        "zh": "案件{case}的当事人已核实身份，要求与工作人员通话。",
        "en": "The party of case {case} is verified and asks for a person.",
    },
    "recorded": {"zh": "通话继续录音。", "en": "The call stays recorded."},
    "unrecorded": {"zh": "转接后不录音。", "en": "It is not recorded from now on."},
    "take": {"zh": "接听请按1。", "en": "To take it, press 1."},
    "calls": {"zh": "案件{case}。", "en": "Case {case}."},
    "begin": {"zh": "拨打请按1，通话会录音。", "en": "To call, press 1. The call is recorded."},
    "dialling": {"zh": "正在拨打，请稍候。", "en": "Calling. Please hold the line."},
    "refused": {"zh": "现在不得呼叫，原因见屏幕。", "en": "No call may be made now. The screen says why."},
    "nobody": {"zh": "对方未接听。", "en": "The call was not answered."},
}
"""What somebody of the house hears whose telephone rings for a call."""


def words_hash() -> str:
    """The hash of all of them: which version a call was made with."""
    return sha256(repr(sorted((name, sorted(both.items())) for name, both in WORDS.items())).encode()).hexdigest()
