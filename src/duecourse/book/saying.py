"""A strategy's conditions in words, as collectors and borrowers' advocates read them; the text stays what is run."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import exp

from duecourse.book.strategy import FACTS, FLAGS
from duecourse.core.reading import Stage
from duecourse.law.facts import FACTS as LAW_FACTS
from duecourse.law.wording import NO_POINT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from duecourse.book.strategy import Strategy
    from duecourse.law.rule import Rule

NUMBERS: dict[str, tuple[str, str]] = {
    "dpd": ("days past due", "逾期天数"),
    "plan_dpd": ("days past due under the plan", "方案逾期天数"),
    "stage_rank": ("stage", "账龄"),
    "class_rank": ("class", "五级分类"),
    "loans": ("loans", "借据数"),
    "overdue_minor": ("amount overdue (minor units)", "逾期金额（分）"),
    "due_minor": ("amount due (minor units)", "到期应还金额（分）"),
    "settle_minor": ("amount to settle everything (minor units)", "结清金额（分）"),
    "next_minor": ("next instalment (minor units)", "下期应还金额（分）"),
    "days_to_due": ("days to the next due day", "距下一还款日天数"),
    "days_since_paid": ("days since the last payment", "距上次还款天数"),
    "days_to_promise": ("days to the promised day", "距承诺还款日天数"),
    "promise_left_minor": ("left of the promise (minor units)", "承诺未付金额（分）"),
    "days_in_case": ("days since the case was opened", "立案后天数"),
    "warn_rank": ("early warning", "预警等级"),
    "score": ("score", "评分"),
}
"""English and Chinese for every fact that is a number."""

STATES: dict[str, tuple[str, str, str, str]] = {
    "on_plan": ("a plan is agreed", "no plan is agreed", "已约定还款方案", "未约定还款方案"),
    "written_off": ("a loan is written off", "nothing is written off", "有核销借据", "无核销借据"),
    "card": ("a loan is a card", "no loan is a card", "含信用卡", "不含信用卡"),
    "secured": ("a loan is secured", "no loan is secured", "有抵押", "无抵押"),
    "unreachable": ("the borrower cannot be reached", "the borrower can be reached", "借款人失联", "借款人可联系"),
    "hold_dispute": ("a dispute stands", "no dispute stands", "有异议", "无异议"),
    "hold_hardship": ("hardship was found", "no hardship was found", "已认定困难", "未认定困难"),
    "hold_bereavement": ("a bereavement stands", "no bereavement stands", "有亲故", "无亲故"),
    "hold_breathing_space": ("a breathing space runs", "no breathing space runs", "在债务宽限期内", "不在债务宽限期内"),
    "hold_cease": (
        "the borrower asked to cease",
        "the borrower did not ask to cease",
        "要求停止联系",
        "未要求停止联系",
    ),
    "hold_insolvency": ("an insolvency runs", "no insolvency runs", "破产程序进行中", "无破产程序"),
    "hold_identity_theft": ("identity theft is suspected", "no identity theft is suspected", "疑似冒名", "无冒名嫌疑"),
    "hold_other": ("another hold stands", "no other hold stands", "有其他冻结", "无其他冻结"),
}
"""English yes and no, Chinese yes and no, for every fact that is true or false."""

_CLASSES = (
    ("normal", "正常"), ("special mention", "关注"), ("substandard", "次级"), ("doubtful", "可疑"), ("loss", "损失"),
)  # fmt: skip
_SIGNS: dict[type[exp.Expr], tuple[str, str]] = {
    exp.EQ: ("{fact} = {value}", "{fact}为{value}"),
    exp.NEQ: ("{fact} not {value}", "{fact}不为{value}"),
    exp.LT: ("{fact} under {value}", "{fact}少于{value}"),
    exp.LTE: ("{fact} at most {value}", "{fact}不超过{value}"),
    exp.GT: ("{fact} over {value}", "{fact}超过{value}"),
    exp.GTE: ("{fact} at least {value}", "{fact}不少于{value}"),
}
_TURNED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.LT: exp.GT, exp.LTE: exp.GTE, exp.GT: exp.LT, exp.GTE: exp.LTE, exp.EQ: exp.EQ, exp.NEQ: exp.NEQ,
}  # fmt: skip
_CONTRARY: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.LT: exp.GTE, exp.LTE: exp.GT, exp.GT: exp.LTE, exp.GTE: exp.LT, exp.EQ: exp.NEQ, exp.NEQ: exp.EQ,
}  # fmt: skip


@lru_cache(maxsize=1_024)
def in_words(condition: str, language: str) -> str:
    """A validated condition of a strategy in words; ``zh`` or ``en``. One that no words are known for stays as it is.

    >>> in_words("dpd BETWEEN 61 AND 90 AND NOT unreachable", "en")
    'days past due 61 to 90, and the borrower can be reached'
    >>> in_words("stage_rank = 7 AND NOT on_plan", "zh")
    '账龄为M6+，且未约定还款方案'
    """
    try:
        return _said(sqlglot.parse_one(condition, dialect="postgres"), zh=language == "zh")
    except (KeyError, TypeError, ValueError):
        return condition


def why(strategy: Strategy, reasons: Mapping[str, Any], language: str) -> list[str]:
    """The reasons of a proposal in words: its condition, then what earned its case its points; ``zh`` or ``en``."""
    place = reasons.get("treatment")
    said = [] if place is None else [in_words(strategy.treatments[place].when.text, language)]
    earned = (strategy.priority[number] for number in reasons.get("points", []))
    return [*said, *(f"{one.says[language]} (+{one.points})" for one in earned)]


def against(
    rules: Sequence[str], missing: Sequence[str], known: Mapping[str, Rule], *, reached: bool
) -> tuple[list[str], list[str]]:
    """What stands against a proposal: facts that were missing, then rules; ``known`` are rules by id.

    Where nothing reaches the person, that goes before all else and in place of what is asked of a contact point.
    """
    if reached:
        return list(missing), list(rules)
    asked = {name for name, fact in LAW_FACTS.items() if fact.source == "contact points"}
    return (
        [NO_POINT, *(name for name in missing if name not in asked)],
        [name for name in rules if name not in known or not asked.intersection(known[name].facts)],
    )


def _said(node: exp.Expr, *, zh: bool, inside: bool = False, no: bool = False) -> str:
    if isinstance(node, exp.Paren):
        return _said(node.this, zh=zh, inside=inside, no=no)
    if isinstance(node, exp.Not):
        return _said(node.this, zh=zh, inside=inside, no=not no)
    if isinstance(node, exp.And | exp.Or):
        return _joined(node, zh=zh, inside=inside, no=no)
    if isinstance(node, exp.Boolean):
        return (("总是", "从不") if zh else ("always", "never"))[bool(node.this) is no]
    if isinstance(node, exp.Column):
        yes_en, no_en, yes_zh, no_zh = STATES[node.name]
        return (no_zh if no else yes_zh) if zh else (no_en if no else yes_en)
    return _compared(node, zh=zh, no=no)


def _joined(node: exp.And | exp.Or, *, zh: bool, inside: bool, no: bool) -> str:
    """The parts of a chain of AND or OR; one within the other stands in brackets."""
    kind = type(node)
    parts = [_said(part, zh=zh, inside=True, no=no) for part in node.flatten()]
    also = (kind is exp.And) is not no
    said = (("，且" if also else "，或") if zh else (", and " if also else ", or ")).join(parts)
    return (f"（{said}）" if zh else f"({said})") if inside else said


def _compared(node: exp.Expr, *, zh: bool, no: bool) -> str:
    if isinstance(node, exp.Between):
        text, deny = ("{fact}{value}", "{fact}不在{value}之间") if zh else ("{fact} {value}", "{fact} outside {value}")
        low, high = (_value(node.this, node.args[end], zh=zh) for end in ("low", "high"))
        return (deny if no else text).format(fact=_fact(node.this, zh=zh), value=low + ("至" if zh else " to ") + high)
    if isinstance(node, exp.In):
        values = [_value(node.this, each, zh=zh) for each in node.expressions]
        sign = _SIGNS[exp.NEQ if no else exp.EQ][zh]
        return sign.format(fact=_fact(node.this, zh=zh), value=_either(values, zh=zh))
    kind, left, right = type(node), node.this, node.expression
    if not isinstance(left, exp.Column):
        kind, left, right = _TURNED[kind], right, left
    kind = _CONTRARY[kind] if no else kind
    if left.name in FLAGS and isinstance(right, exp.Boolean):
        return _said(left, zh=zh, no=(kind is exp.NEQ) == bool(right.this))
    return _SIGNS[kind][zh].format(fact=_fact(left, zh=zh), value=_value(left, right, zh=zh))


def _either(values: Sequence[str], *, zh: bool) -> str:
    if len(values) == 1:
        return values[0]
    return ("、" if zh else ", ").join(values[:-1]) + ("或" if zh else " or ") + values[-1]


def _fact(node: exp.Expr, *, zh: bool) -> str:
    return NUMBERS[node.name][zh]


def _value(fact: exp.Expr, value: exp.Expr, *, zh: bool) -> str:
    if isinstance(value, exp.Column):
        return _fact(value, zh=zh)
    number = -int(value.this.this) if isinstance(value, exp.Neg) else int(value.this)
    named = _NAMED.get(fact.name)
    return named(number, zh) if named else f"{number:,}"


def _stage(rank: int, _zh: bool) -> str:  # noqa: FBT001 - of the shape of `_class`
    stages = list(Stage)
    return stages[rank].value if 0 <= rank < len(stages) else str(rank)


def _class(rank: int, zh: bool) -> str:  # noqa: FBT001 - called by position
    return _CLASSES[rank - 1][zh] if 0 < rank <= len(_CLASSES) else str(rank)


_NAMED: dict[str, Callable[[int, bool], str]] = {"stage_rank": _stage, "class_rank": _class}

if set(NUMBERS) | set(STATES) != set(FACTS) or set(STATES) != FLAGS:
    raise AssertionError("every fact of a strategy has its words")
