"""When limitation of a claim runs out: the period, what restarts it, what suspends it, each step with its article.

Everything that a text decides comes from the packs: the length of the period (`limitation_years`), its outer limit,
what an act does (`act_effect`), how long it runs after an obstacle (`limitation_tail_months`). What stands here is the
reckoning: the first day is not counted, a period ends on the corresponding day or else on the last of the month, and
where the law says so (`last_day_moves`) a last day that is a rest day moves to the next working day. Where it counts
from the end of the year (`limitation_start`), the first period does; one that an act restarts runs from that act.

An act counts from its own day and only with what its rule asks, such as proof of arrival; what is not known to be so
is not so. An act that claimed a part only, or that was against another joint debtor, counts where a rule says that it
reaches the rest (`part_reaches_rest`) or all (`joint_reaches_all`): 时效规定 9, 15.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from duecourse.core.days import Calendar, HolidayShift, add_months
from duecourse.law.judge import Finding
from duecourse.law.measure import Measure, measure
from duecourse.law.rulebook import Rulebook
from duecourse.law.terms import LimitationAct, word
from duecourse.trouble import N_, BadInput, Said

_RESTARTS, _REVIVES = 1, 2
_YEAR_END = 1


class NoPeriod(BadInput):
    """No rule says what a period of limitation needs."""

    def __init__(self, found: Measure, day: date) -> None:
        lacks = Said(N_("; missing: {facts}"), facts=", ".join(found.missing)) if found.missing else ""
        super().__init__(
            N_("no rule in force on {day} gives {quantity} ({means}){lacks}"),
            day=day,
            quantity=found.quantity.name,
            means=found.quantity.means,
            lacks=lacks,
        )


@dataclass(frozen=True, slots=True)
class Act:
    """What creditor, debtor or court did, and what is proven of it."""

    day: date
    kind: LimitationAct
    reached: bool = False  # reached the other side, or should have, with proof
    failed: bool = False  # carrier or post reported that it did not arrive
    reserved: bool = False  # sent to the point that the cardholder reserved with the issuer
    whereabouts_unknown: bool = False  # the debtor could not be found
    in_part: bool = False  # it claimed, or was about, a part of the debt only
    joint: bool = False  # it was against, or by, another debtor who owes the whole too

    def facts(self) -> dict[str, object]:
        """The act as the rules ask about it."""
        return {
            "on": self.day,
            "limitation_act": self.kind.value,
            "act_reached": self.reached,
            "act_failed": self.failed,
            "act_to_reserved_point": self.reserved,
            "whereabouts_unknown": self.whereabouts_unknown,
        }


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that kept the creditor from claiming; ``ends`` is the day it was removed, None while it stands."""

    begins: date
    ends: date | None


class Step(StrEnum):
    """What a line of the reckoning says."""

    BEGINS = "begins"  # the day from which the period is counted
    LONGER = "longer"  # a longer period came into force before the old one had run out
    RESTARTS = "restarts"  # an act restarts the period
    NO_EFFECT = "no effect"  # an act does nothing
    TOO_LATE = "too late"  # an act after expiry that does not revive the claim
    REVIVES = "revives"  # the debtor gave up the defence
    SUSPENDED = "suspended"  # an obstacle in the last months moves the end
    OUTER = "outer limit"  # the outer limit comes first
    MOVED = "moved"  # the last day is a rest day
    ENDS = "ends"  # the last day of the period


@dataclass(frozen=True, slots=True)
class Line:
    """One step, the day it happened, the last day of the period as it then stands, and the rules behind it."""

    step: Step
    day: date
    ends: date | None
    act: Act | None = None
    by: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Limitation:
    """When limitation runs out. ``last_day`` still belongs to the period; None while an obstacle stands in its end."""

    last_day: date | None
    provisional: bool  # the calendar of rest days does not reach the last day
    lines: tuple[Line, ...]

    def expired(self, on: date) -> bool:
        """Whether the period has run out on a day."""
        return self.last_day is not None and on > self.last_day


@dataclass(frozen=True, slots=True)
class _End:
    last_day: date | None
    provisional: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim and the law that it is under. ``start`` is the due day, the last instalment's where there are several."""

    book: Rulebook
    start: date
    calendar: Calendar
    obstacles: tuple[Obstacle, ...] = ()
    facts: Mapping[str, object] | None = None  # what else the rules ask, such as `card_account`


def limitation(claim: Claim, acts: Iterable[Act] = ()) -> Limitation:
    """When limitation of a claim runs out after all that happened. Raises `NoPeriod`."""
    counted = _measured(claim, "limitation_start", claim.start)
    start = date(claim.start.year, 12, 31) if counted.value == _YEAR_END else claim.start
    lines = [Line(Step.BEGINS, start, None, by=(*counted.by, *_measured(claim, "last_day_moves", start).by))]
    end = _end(claim, start)
    for act in sorted(acts, key=lambda one: one.day):
        if act.day < claim.start:
            lines.append(Line(Step.NO_EFFECT, act.day, end.last_day, act))
            continue
        found = _measured(claim, "act_effect", act.day, act.facts())
        reach = _reach(claim, act)
        effect = found.value if reach is not None and isinstance(found.value, int) else 0
        if act.joint:  # what another debtor gives up after expiry binds nobody else
            effect = min(effect, _RESTARTS)
        over = end.last_day is not None and act.day > end.last_day
        if over:
            lines += [one for one in end.lines if one not in lines]
        if effect < (_REVIVES if over else _RESTARTS):
            lines.append(Line(Step.TOO_LATE if over and effect else Step.NO_EFFECT, act.day, end.last_day, act))
            continue
        end = _end(claim, act.day)
        lines.append(
            Line(Step.REVIVES if over else Step.RESTARTS, act.day, end.last_day, act, (*found.by, *(reach or ())))
        )
    return Limitation(end.last_day, end.provisional, (*lines, *(one for one in end.lines if one not in lines)))


def days_safe(book: Rulebook, facts: Mapping[str, object]) -> int | None:
    """Days past due up to which limitation has surely not run out on the day ``on``; None where no rule gives a period.

    Whatever happened since the due day can only make the period end later, so nothing else need be known to say no.
    """
    day = facts["on"]
    years = measure(book, "limitation_years", facts).value
    if not isinstance(years, int) or not isinstance(day, date):
        return None
    return (day - add_months(day, -12 * years)).days


def _reach(claim: Claim, act: Act) -> tuple[Finding, ...] | None:
    """The rules by which an act for a part, or against a joint debtor, reaches this claim; None where it does not."""
    needed = ["part_reaches_rest"] * act.in_part + ["joint_reaches_all"] * act.joint
    found = [_measured(claim, name, act.day) for name in needed]
    return tuple(rule for one in found for rule in one.by) if all(one.value == 1 for one in found) else None


def _measured(claim: Claim, quantity: str, day: date, more: Mapping[str, object] | None = None) -> Measure:
    facts: dict[str, object] = {"card_account": False, **(claim.facts or {}), **(more or {}), "on": day}
    return measure(claim.book, quantity, facts)


def _number(claim: Claim, quantity: str, day: date) -> tuple[int, tuple[Finding, ...]]:
    found = _measured(claim, quantity, day)
    if not isinstance(found.value, int):
        raise NoPeriod(found, day)
    return found.value, found.by


def _end(claim: Claim, start: date) -> _End:
    """The end of a period that is counted from a day, as far as nothing restarts it."""
    years, by = _number(claim, "limitation_years", start)
    end, lines = add_months(start, 12 * years), list[Line]()
    while (longer := _number(claim, "limitation_years", end))[0] > years:
        years, by = longer
        end = add_months(start, 12 * years)
        lines.append(Line(Step.LONGER, start, end, by=by))
    stays, found = _suspended(claim, end)
    lines += found
    if stays is None:
        return _End(None, provisional=False, lines=tuple(lines))
    end = stays
    outer = _measured(claim, "limitation_outer_years", end)
    if isinstance(outer.value, int) and (limit := add_months(claim.start, 12 * outer.value)) < end:
        end, by = limit, outer.by
        lines.append(Line(Step.OUTER, claim.start, end, by=by))
    moves = _measured(claim, "last_day_moves", end)
    moved = claim.calendar.shift(end, HolidayShift.FOLLOWING) if moves.value else end
    if moved != end:
        lines.append(Line(Step.MOVED, end, moved, by=moves.by))
    known = not moves.value or (claim.calendar.known(end) and claim.calendar.known(moved))
    return _End(moved, not known, (*lines, Line(Step.ENDS, moved, moved, by=by)))


def _suspended(claim: Claim, end: date) -> tuple[date | None, list[Line]]:
    """The end after obstacles that stood in the last months of the period (民法典 194)."""
    lines: list[Line] = []
    for obstacle in sorted(claim.obstacles, key=lambda one: one.begins):
        if obstacle.begins > end:
            break
        months, by = _number(claim, "limitation_tail_months", end)
        if obstacle.ends is None:
            return None, [*lines, Line(Step.SUSPENDED, obstacle.begins, None, by=by)]
        if obstacle.ends > add_months(end, -months):
            end = max(end, add_months(obstacle.ends, months))
            lines.append(Line(Step.SUSPENDED, obstacle.ends, end, by=by))
    return end, lines


_SAID: dict[Step, tuple[str, str]] = {
    Step.BEGINS: ("{day} 起算（当日不计入）", "counted from {day}, that day left out"),
    Step.LONGER: (
        "{day} 起算的期间在新法施行时尚未届满，改按新期间，止于 {ends}",
        "the period from {day} had not run out when a longer one came into force: to {ends}",
    ),
    Step.RESTARTS: ("{day} {act}：时效中断，重新计算至 {ends}", "{day} {act}: starts anew, to {ends}"),
    Step.NO_EFFECT: ("{day} {act}：不影响时效（{why}）", "{day} {act}: no effect ({why})"),
    Step.TOO_LATE: (
        "{day} {act}：时效已于 {ends} 届满，不再中断",
        "{day} {act}: limitation had run out on {ends}, nothing restarts",
    ),
    Step.REVIVES: (
        "{day} {act}：债务人放弃时效抗辩，重新计算至 {ends}",
        "{day} {act}: the debtor gave up the defence, to {ends}",
    ),
    Step.SUSPENDED: ("障碍于 {day} 消除：中止后至 {ends} 届满", "an obstacle removed on {day}: ends on {ends}"),
    Step.OUTER: ("自 {day} 起的最长保护期间先届满：{ends}", "the outer limit from {day} comes first: {ends}"),
    Step.MOVED: ("{day} 为休息日，顺延至 {ends}", "{day} is a rest day, so {ends}"),
    Step.ENDS: ("期间最后一日：{ends}", "last day of the period: {ends}"),
}


def told(line: Line, lang: str) -> str:
    """A line of the reckoning in words; ``lang`` is ``zh`` or ``en``."""
    zh = lang == "zh"
    if line.step is Step.SUSPENDED and line.ends is None:
        return f"{line.day} 起的障碍尚未消除，期间不届满" if zh else f"an obstacle since {line.day} stands: no end"
    said = _SAID[line.step][0 if zh else 1]
    act = "" if line.act is None else word(line.act.kind.value, lang)
    return said.format(day=line.day, ends=line.ends, act=act, why=_why(line.act, zh=zh))


def _why(act: Act | None, *, zh: bool) -> str:
    """Why an act does nothing, as far as what is proven of it tells."""
    if act is None:
        return ""
    if act.failed:
        return "未送达" if zh else "it did not arrive"
    if act.kind in _ARRIVES and not (act.reached or act.reserved):
        return "无到达证明" if zh else "no proof that it arrived"
    if act.in_part or act.joint:
        return (
            "仅涉及部分债权或其他连带债务人，且无规则使其及于本债权"
            if zh
            else "about a part, or another debtor, and no rule lets it reach this claim"
        )
    if act.kind is LimitationAct.PUBLIC_NOTICE and not act.whereabouts_unknown:
        return "债务人并非下落不明" if zh else "the debtor could be found"
    return "没有规则使其中断" if zh else "no rule makes it count"


_ARRIVES = (LimitationAct.DEMAND, LimitationAct.MESSAGE, LimitationAct.ASSIGNMENT_NOTICE)
