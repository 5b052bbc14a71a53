"""Facts about who makes a contact: the collector, the agency, the law firm.

They come from the registers of staff and agencies and are asked when a permit is requested and again when it is
redeemed (`moment`). The day run's proposals have no collector yet, so rules about a collector ask for that moment.
"""

from __future__ import annotations

from duecourse.law import terms
from duecourse.law.fact import Fact, Tightens, flag, since, word

_UP, _DOWN = Tightens.UP, Tightens.DOWN
_STAFF = "staff register"
_AGENCY = "register of agencies"
LINES = "sender's lines"
"""What is on record of how a sender calls and visits (`casework.lender_facts`)."""

SENDER: tuple[Fact, ...] = (
    word(
        "moment",
        terms.Moment,
        "when the question is asked: of a plan that nobody has been chosen for yet, or for a permit",
        "询问时点：计划（尚未指定人员）或许可",
        "day run or permit",
    ),
    flag(
        "staff_exam_passed",
        "the collector passed the exam before taking the post",
        "催收人员已通过上岗考试",
        _STAFF,
        _DOWN,
    ),
    since(
        "staff_training_age_days",
        "days since the collector's last training with exam",
        "距最近一次培训考核的天数",
        _STAFF,
        _UP,
    ),
    flag(
        "staff_confidentiality_signed",
        "the collector signed the undertaking to keep personal data confidential",
        "已签署个人信息保密承诺",
        _STAFF,
        _DOWN,
    ),
    flag("staff_open_breach", "a serious breach by the collector is open", "存在未结的严重违规", _STAFF, _UP),
    flag(
        "agency_listed",
        "the agency stands on the lender's list of those admitted",
        "委外机构在准入名单内",
        _AGENCY,
        _DOWN,
    ),
    flag(
        "agency_published",
        "the agency stands in the list that the lender publishes",
        "委外机构已在放款机构公示名单内",
        _AGENCY,
        _DOWN,
    ),
    flag(
        "agency_contract_in_date",
        "a contract with the agency is in date and fixes purpose, period, method, categories and safeguards",
        "委托合同在有效期内并约定目的、期限、方式、信息种类和保护措施",
        _AGENCY,
        _DOWN,
    ),
    since(
        "agency_evaluation_age_days", "days since the agency was last evaluated", "距最近一次评估的天数", _AGENCY, _UP
    ),
    since(
        "agency_inspection_age_days",
        "days since the agency was last inspected, or listed where it never was",
        "距最近一次检查（从未检查的，距列入名单）的天数",
        _AGENCY,
        _UP,
    ),
    flag(
        "agency_violent_record", "the agency has a record of violent collection", "委外机构有暴力催收记录", _AGENCY, _UP
    ),
    flag(
        "agency_subdelegated",
        "the agency has passed the case on to another firm",
        "委外机构将案件转委托他人",
        _AGENCY,
        _UP,
    ),
    flag(
        "subdelegation_consent_recorded",
        "the lender agreed to the passing on, in a record whose id is kept",
        "放款机构同意转委托且有记录",
        _AGENCY,
        _DOWN,
        lifts=True,
    ),
    flag(
        "agency_impact_assessed",
        "an assessment of the impact on personal information was made before the agency was entrusted",
        "委托前已进行个人信息保护影响评估",
        _AGENCY,
        _DOWN,
    ),
    flag(
        "agency_private_accounts",
        "the agency's collectors use their own phones or social accounts",
        "委外催收人员使用私人电话或社交账号",
        _AGENCY,
        _UP,
    ),
    flag(
        "calls_unrecorded",
        "it is on record that the lines of the sender do not record calls",
        "已登记该触达方线路不录音",
        LINES,
        _UP,
    ),
    flag(
        "visits_undocumented",
        "it is on record that the visits of the sender leave no documents",
        "已登记该触达方外访不留记录",
        LINES,
        _UP,
    ),
    flag("call_recorded", "the line records the call", "通话录音", LINES, _DOWN),
    flag(
        "law_firm_mandate",
        "a law firm's mandate for this claim, with a named lawyer, is on file",
        "律师事务所受托证明在档且有具名律师",
        "mandates of law firms",
        _DOWN,
    ),
)
"""In the order of the vocabulary."""
