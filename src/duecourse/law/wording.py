"""Decisions in words, Chinese or English: what, by which rule, on which facts, how well known, what instead.

``lang`` is ``zh`` or ``en`` throughout. The words of a rule come from its pack.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from duecourse.law.columns import Reason
from duecourse.law.decide import Decision
from duecourse.law.facts import FACTS, Kind, Value
from duecourse.law.judge import Finding, Outcome
from duecourse.law.measure import Measure
from duecourse.law.rule import Rule, Source
from duecourse.law.terms import Authority, Grade, Modal, Status, word

_OUTCOME_ZH = {
    Outcome.NOT_IN_FORCE: "当日无效",
    Outcome.NOT_BOUND: "不约束该机构",
    Outcome.NOT_APPLICABLE: "不适用",
    Outcome.PASSES: "通过",
    Outcome.LIFTED: "已解除",
    Outcome.MISSING: "缺少事实",
    Outcome.REFUSES: "拒绝",
    Outcome.ADVISES: "提示",
    Outcome.GIVES: "给出",
}


def outcome(found: Outcome, lang: str) -> str:
    """The outcome as one word."""
    return _OUTCOME_ZH[found] if lang == "zh" else found.value


def shown(name: str, value: Value | None, lang: str) -> str:
    """The value of a fact for people.

    >>> shown("second_local", 79200, "en"), shown("purpose", "collect", "zh"), shown("mentions_debt", True, "zh")
    ('22:00:00', '催收', '是')
    """
    if value is None:
        return "缺失" if lang == "zh" else "missing"
    if isinstance(value, bool):
        return ("是" if value else "否") if lang == "zh" else ("yes" if value else "no")
    if name == "second_local" and isinstance(value, int):
        return f"{value // 3600:02d}:{value // 60 % 60:02d}:{value % 60:02d}"
    if isinstance(value, str):
        return word(value, lang)
    return value.isoformat() if isinstance(value, date) else f"{value:,}"


NO_POINT = "contact_point"
"""Named among missing facts where a person has no contact point for a channel at all; no rule asks for it."""


def meaning(name: str, lang: str) -> str:
    """What a fact means, in a few words; a name that is no fact's stays as it is."""
    if name == NO_POINT:
        return "该渠道可用的联系方式" if lang == "zh" else "a contact point by which this channel reaches the person"
    if name not in FACTS:
        return name
    return FACTS[name].means_zh if lang == "zh" else FACTS[name].means


def cited(source: Source, lang: str) -> str:
    """Instrument and clause, authority, verb, and how well the words are known."""
    clause = source.clause if not source.clause or not source.clause[0].isdigit() else f"§{source.clause}"
    if source.clause_grade is not None:
        grade = word(source.clause_grade, lang)
        clause += f"（条号{grade}）" if lang == "zh" else f" (number {grade})"
    parts = [word(source.authority, lang), word(source.modal, lang), word(source.grade, lang)]
    if source.status is not Status.IN_FORCE:
        parts.append(word(source.status, lang))
    joined = ("、" if lang == "zh" else ", ").join(dict.fromkeys(parts))
    place = f"{source.instrument} {clause}".strip()
    return f"{place}（{joined}）" if lang == "zh" else f"{place} ({joined})"


def versioned(finding: Finding) -> str:
    """The rule's id with the day from which its numbers hold: ``cn.contact.window v2025-02-28``."""
    return f"{finding.rule.id} v{finding.version.start}" if finding.version else finding.rule.id


def why(finding: Finding, lang: str) -> str:
    """What the rule says here: its sentence, or the facts that it lacks."""
    says = finding.rule.says[lang]
    if finding.missing:
        return unknown(finding.missing, says, lang)
    if finding.outcome is Outcome.LIFTED:
        names = ("、" if lang == "zh" else ", ").join(finding.lifted_by)
        return f"{says}（已由 {names} 解除）" if lang == "zh" else f"{says} (lifted by {names})"
    return says


def told(reason: Mapping[str, Any], lang: str) -> str:
    """What a rule said, of a finding as it is stored (`law.plain.plain_finding`)."""
    says = str(reason["says"][lang])
    return unknown(reason["missing"], says, lang) if reason["missing"] else says


def lifted(finding: Mapping[str, Any], lang: str) -> str:
    """What lifted a rule, what the rule says, and where that stands, of a finding as it is stored.

    >>> source = {"instrument": "A", "clause": None, "authority": "law", "modal": "should", "grade": "text"}
    >>> found = {"lifted_by": ["time_agreed"], "says": {"en": "No calls at night"}, "rule": "a.night", "source": source}
    >>> lifted(found, "en")  # doctest: +ELLIPSIS
    'Lifted by time_agreed (another time was agreed with the debtor and covers ... (law, should, text)'
    """
    zh = lang == "zh"
    names = (
        f"{name}（{meaning(name, lang)}）" if zh else f"{name} ({meaning(name, lang)})" for name in finding["lifted_by"]
    )
    by, says = ("、" if zh else ", ").join(names), finding["says"][lang]
    held = finding["source"]
    source = Source(
        held["instrument"], Authority(held["authority"]), Modal(held["modal"]), Grade(held["grade"]),
        Status(held.get("status", Status.IN_FORCE)), held["clause"] or "",
        Grade(held["clause_grade"]) if held.get("clause_grade") else None,
    )  # fmt: skip
    where = f"{finding['rule']}{'，' if zh else ', '}{cited(source, lang)}"
    return f"因{by}而解除：{says}——{where}" if zh else f"Lifted by {by}: {says} – {where}"


_REGISTERS = {
    "staff register": ("the staff register", "人员登记册"),
    "register of agencies": ("the register of agencies", "委外机构登记册"),
}
"""Registers of people and firms: that one says nothing of somebody must not read as if it said something."""


def unknown(missing: Sequence[str], says: str, lang: str) -> str:
    """What a rule says that lacks facts: those, in words, then what it asks for.

    >>> unknown(("staff_open_breach",), "Nobody with a serious breach open collects", "en")[:90]
    'the staff register does not know whether a serious breach by the collector is open (staff_'
    """
    zh = lang == "zh"
    sources = {FACTS[name].source for name in missing}
    register = _REGISTERS.get(sources.pop()) if len(sources) == 1 else None
    if register is not None:
        named = ("、" if zh else ", ").join(_asked(name, lang) for name in missing)
        en, cn = register
        return f"{cn}未记载{named}；规则：{says}" if zh else f"{en} does not know {named}; the rule: {says}"
    if zh:
        named = "、".join(f"{name}（{meaning(name, lang)}）" for name in missing)
        return f"缺少所需事实：{named}；规则：{says}"
    named = ", ".join(f"{name} ({meaning(name, lang)})" for name in missing)
    return f"a needed fact is missing: {named}; the rule: {says}"


def _asked(name: str, lang: str) -> str:
    """A fact as what is not known: whether it is so."""
    of = FACTS[name]
    if lang == "zh":
        return f"{'是否' if of.kind is Kind.BOOL else ''}“{of.means_zh}”（{name}）"
    return f"{'whether ' if of.kind is Kind.BOOL else 'the '}{of.means} ({name})"


def used(finding: Finding, lang: str) -> str:
    """The facts asked and the dated values, as ``name = value``."""
    values = finding.version.values.items() if finding.version else ()
    pairs = [
        (name, shown(name, value, lang)) for name, value in finding.facts if name not in ("lender_type", "sender_type")
    ]
    pairs += [(name, _value(finding.rule, name, value, lang)) for name, value in values]
    return ("，" if lang == "zh" else ", ").join(f"{name} = {value}" for name, value in pairs)


def _value(rule: Rule, name: str, value: Value, lang: str) -> str:
    """A dated value; one that the clock is compared with is shown as a time of day."""
    return shown("second_local" if "second_local" in rule.facts else name, value, lang)


def instead(rule: Rule, lang: str) -> str:
    """What may be done instead."""
    return rule.instead[lang] if rule.instead else ""


def recommendation(rule: Rule, lang: str) -> str:
    """A remark where the text only recommends, else empty."""
    if rule.source.modal not in (Modal.SHOULD, Modal.SHOULD_NOT):
        return ""
    if "officer_override" not in rule.lifted_by:
        return "属推荐性条款，但任何人不得放行" if lang == "zh" else "a recommendation that nobody overrides"
    return (
        "属推荐性条款，合规人员可附理由放行"
        if lang == "zh"
        else "a recommendation; a compliance officer may override it"
    )


def sentence(decision: Decision, lang: str) -> str:
    """The answer in one sentence: the first reason, how many more, what may be done instead."""
    zh = lang == "zh"
    stop = "。" if zh else "."
    if decision.allowed:
        lifted = [finding for finding in decision.findings if finding.outcome is Outcome.LIFTED]
        said = "".join(
            f"{'；' if zh else '; '}{versioned(one)}{'：' if zh else ': '}{why(one, lang)}" for one in lifted
        )
        return ("准许" if zh else "Allowed") + said + stop
    first, *more = decision.refusals
    said = "拒绝：" if zh else "Refused: "
    said += f"{why(first, lang)} – {versioned(first)}{'，' if zh else ', '}{cited(first.rule.source, lang)}"
    if more:
        others = ("、" if zh else ", ").join(finding.rule.id for finding in more)
        refuse = "more rule refuses" if len(more) == 1 else "more rules refuse"
        said += f"；另有{len(more)}条规则拒绝：{others}" if zh else f"; {len(more)} {refuse}: {others}"
    way = instead(first.rule, lang)
    if not way:
        return said + stop
    return f"{said}{stop}可改为：{way}{stop}" if zh else f"{said}{stop} Instead: {way}{stop}"


def no_template(decision: Decision, template: str, near: str | None, lang: str) -> str:
    """The answer where the template asked for stands in no register, so that most rules cannot be asked at all."""
    unasked = sum(finding.outcome is Outcome.MISSING for finding in decision.refusals)
    if lang == "zh":
        hint = f"，最接近的是 {near}" if near else ""
        return f"拒绝：登记册中没有模板 {template}{hint}；{unasked}条规则因此无法询问。"
    hint = f"; the nearest is {near}" if near else ""
    rules = "1 rule" if unasked == 1 else f"{unasked} rules"
    return f"Refused: no template {template} in the register{hint}; {rules} could not be asked."


def no_zone(lang: str) -> str:
    """The answer where nobody knows which clock the person's number rings by, so that no rule can be asked."""
    if lang == "zh":
        return "拒绝：不知道该号码所在的时区，无法判断时段；请在联系方式中写明时区（zone 列）。"
    return "Refused: the zone of this number is not known, so no hour can be judged; state it with the number (`zone`)."


def reason(found: Reason, lang: str) -> str:
    """A decoded reason of the columnar engine, in one sentence."""
    rule = found.rule
    if found.missing:
        names = ("、" if lang == "zh" else ", ").join(found.missing)
        return f"{rule.id}：缺少事实 {names}" if lang == "zh" else f"{rule.id}: missing {names}"
    return f"{rule.id}{'：' if lang == 'zh' else ': '}{rule.says[lang]} – {cited(rule.source, lang)}"


def weak(rule: Rule) -> bool:
    """Whether a screen should mark the rule: its text was not read, or is not confirmed."""
    return rule.source.grade not in (Grade.TEXT, Grade.PRODUCT) or rule.source.status is not Status.IN_FORCE


def measured(found: Measure, lang: str) -> str:
    """A quantity in words, with the rules that gave it or why there is none."""
    zh = lang == "zh"
    name = f"{found.quantity.means_zh}：" if zh else f"{found.quantity.means}: "
    if found.value is None:
        return name + _no_value(found, lang)
    comma = "，" if zh else ", "
    by = ("；" if zh else "; ").join(f"{versioned(one)}{comma}{cited(one.rule.source, lang)}" for one in found.by)
    return f"{name}{amount(found, lang)}" + (f" – {by}" if by else "")


def _no_value(found: Measure, lang: str) -> str:
    zh = lang == "zh"
    if found.gaps:
        return ("；" if zh else "; ").join(gap.says(lang) for gap in found.gaps)
    if found.missing:
        return f"缺少事实 {'、'.join(found.missing)}" if zh else f"missing {', '.join(found.missing)}"
    if found.disagree:
        names = [one.rule.id for one in found.disagree]
        return f"规则不一致：{'、'.join(names)}" if zh else f"rules disagree: {', '.join(names)}"
    return "没有适用的规则" if zh else "no rule speaks"


_UNITS_ZH = {
    "years": "年",
    "months": "个月",
    "days": "天",
    "hours": "小时",
    "periods": "期",
    "a year": "/年",
    "a day": "/日",
    "of the contract rate": "（合同利率的比例）",
    "of the loss": "（损失的比例）",
}
_PPM_PER_CENT = 10_000


def amount(found: Measure, lang: str) -> str:
    """The value of a quantity with its unit: its word where it has one, parts per million as per cent.

    Empty without a value.
    """
    value, unit = found.value, found.quantity.unit
    if not isinstance(value, int) or found.quantity.labels:
        return found.label_zh if lang == "zh" else found.label
    text = f"{value:,}"
    if unit.startswith("ppm"):
        whole, rest = divmod(value, _PPM_PER_CENT)
        text, unit = f"{whole}.{rest:04d}".rstrip("0").rstrip(".") + " %", unit.removeprefix("ppm").strip()
    unit = _UNITS_ZH.get(unit, unit) if lang == "zh" else unit
    return f"{text} {unit}".strip() if lang == "en" or unit.isascii() else f"{text}{unit}"
