"""Limitation: the worked examples, what restarts, suspends and revives, and which article says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duecourse.core.days import add_months
from duecourse.law.limitation import Act, Claim, Limitation, NoPeriod, Obstacle, Step, limitation, told
from duecourse.law.rulebook import rulebook
from duecourse.law.terms import LimitationAct
from duecourse.law.workdays import rest_days

BOOK = rulebook()
CHINA = rest_days("CN")
DUE = date(2022, 1, 31)


def claim(start: date = DUE, *obstacles: Obstacle, card: bool = False) -> Claim:
    return Claim(BOOK, start, CHINA, obstacles, {"card_account": card})


def act(day: date, kind: LimitationAct, **proof: bool) -> Act:
    return Act(day, kind, **proof)


def steps(found: Limitation) -> list[Step]:
    return [line.step for line in found.lines]


def test_three_years_end_after_the_spring_festival() -> None:
    found = limitation(claim())
    assert (found.last_day, found.provisional) == (date(2025, 2, 5), False)
    assert not found.expired(date(2025, 2, 5))
    assert found.expired(date(2025, 2, 6))
    assert steps(found) == [Step.BEGINS, Step.MOVED, Step.ENDS]


def test_a_message_that_arrived_starts_it_anew() -> None:
    found = limitation(claim(), [act(date(2024, 12, 1), LimitationAct.MESSAGE, reached=True)])
    assert found.last_day == date(2027, 12, 1)
    assert found.provisional  # holidays of 2027 are not published
    (restart,) = (line for line in found.lines if line.step is Step.RESTARTS)
    assert [one.rule.id for one in restart.by] == ["cn.limitation.demand"]


@pytest.mark.parametrize(
    "proof",
    [{"failed": True}, {"reached": True, "failed": True}, {"reserved": True, "failed": True}, {}, {"reserved": True}],
)
def test_a_message_that_failed_or_of_which_nothing_is_known_does_not_count(proof: dict[str, bool]) -> None:
    found = limitation(claim(), [act(date(2024, 12, 1), LimitationAct.MESSAGE, **proof)])
    assert found.last_day == date(2025, 2, 5)
    assert Step.NO_EFFECT in steps(found)


@pytest.mark.parametrize("proof", [{"in_part": True}, {"joint": True}, {"in_part": True, "joint": True}])
def test_a_claim_in_part_or_against_a_joint_debtor_reaches_all(proof: dict[str, bool]) -> None:
    day = date(2024, 12, 1)
    found = limitation(claim(), [act(day, LimitationAct.DEMAND, reached=True, **proof)])
    assert found.last_day == date(2027, 12, 1)
    (restart,) = (line for line in found.lines if line.step is Step.RESTARTS)
    rules = {"in_part": "cn.limitation.in_part", "joint": "cn.limitation.joint"}
    assert [one.rule.id for one in restart.by] == ["cn.limitation.demand", *(rules[name] for name in proof)]
    lost = limitation(claim(), [act(day, LimitationAct.DEMAND, failed=True, **proof)])
    assert lost.last_day == date(2025, 2, 5)


def test_where_no_rule_says_so_a_joint_debtor_s_payment_reaches_nobody_else() -> None:
    england = Claim(
        rulebook(jurisdiction="UK"), date(2020, 6, 1), rest_days("UK"), (), {"governing_territory": "england_wales"}
    )
    paid = act(date(2022, 6, 1), LimitationAct.PART_PAYMENT, reached=True)
    assert limitation(england, [paid]).last_day == date(2028, 6, 1)
    assert limitation(england, [replace(paid, joint=True)]).last_day == date(2026, 6, 1)


def test_after_expiry_a_joint_debtor_gives_up_his_own_defence_alone() -> None:
    late = date(2025, 6, 1)
    own = act(late, LimitationAct.SIGNED_NOTICE)
    assert limitation(claim(), [own]).last_day == date(2028, 6, 1)
    assert limitation(claim(), [replace(own, joint=True)]).last_day == date(2025, 2, 5)


def test_a_card_s_reserved_number_is_enough_unless_it_failed() -> None:
    sent = act(date(2024, 12, 1), LimitationAct.MESSAGE, reserved=True)
    assert limitation(claim(card=True), [sent]).last_day == date(2027, 12, 1)
    failed = act(date(2024, 12, 1), LimitationAct.MESSAGE, reserved=True, failed=True)
    assert limitation(claim(card=True), [failed]).last_day == date(2025, 2, 5)


@pytest.mark.parametrize(
    ("due", "last"),
    [
        (date(2015, 9, 30), date(2017, 9, 30)),  # two years had run out the day before
        (date(2015, 10, 1), date(2018, 10, 1)),  # they had not: three years
        (date(2017, 10, 1), date(2020, 10, 1)),
        (date(2018, 2, 28), date(2021, 3, 1)),  # a Sunday under the Civil Code
    ],
)
def test_the_change_from_two_years_to_three(due: date, last: date) -> None:
    assert limitation(claim(due)).last_day == last


def test_a_leap_day_ends_on_the_last_of_the_month() -> None:
    assert limitation(claim(date(2020, 2, 29))).last_day == date(2023, 2, 28)


@pytest.mark.parametrize("kind", [one for one in LimitationAct if one is not LimitationAct.ACKNOWLEDGEMENT])
def test_every_act_has_its_rule(kind: LimitationAct) -> None:
    """With everything proven each act restarts the period, and not one day before it."""
    day = date(2024, 3, 11)
    proven = act(day, kind, reached=True, whereabouts_unknown=True)
    found = limitation(claim(), [proven])
    assert found.last_day == date(2027, 3, 11)
    (line,) = (one for one in found.lines if one.act == proven)
    assert line.by
    assert all(one.rule.source.clause for one in line.by)


@pytest.mark.parametrize("kind", [LimitationAct.DEMAND, LimitationAct.ASSIGNMENT_NOTICE, LimitationAct.PUBLIC_NOTICE])
def test_what_must_arrive_and_did_not(kind: LimitationAct) -> None:
    assert limitation(claim(), [act(date(2024, 3, 11), kind)]).last_day == date(2025, 2, 5)


def test_an_act_on_the_last_day_counts_and_on_the_day_after_it_does_not() -> None:
    paid = LimitationAct.PART_PAYMENT
    assert limitation(claim(), [act(date(2025, 2, 5), paid)]).last_day == date(2028, 2, 7)  # 5th and 6th: a weekend
    late = limitation(claim(), [act(date(2025, 2, 6), paid)])
    assert late.last_day == date(2025, 2, 5)
    assert Step.TOO_LATE in steps(late)


@pytest.mark.parametrize(
    "kind", [LimitationAct.AGREEMENT_TO_PAY, LimitationAct.SIGNED_NOTICE, LimitationAct.REPAYMENT_PLAN]
)
def test_who_agrees_to_pay_after_expiry_revives_the_claim(kind: LimitationAct) -> None:
    found = limitation(claim(), [act(date(2025, 6, 3), kind)])
    assert found.last_day == date(2028, 6, 5)  # 3 June 2028 is a Saturday
    (line,) = (one for one in found.lines if one.step is Step.REVIVES)
    assert [one.rule.id for one in line.by] == ["cn.limitation.revived"]


def test_an_act_before_the_due_day_does_nothing() -> None:
    found = limitation(claim(), [act(date(2022, 1, 30), LimitationAct.PART_PAYMENT)])
    assert found.last_day == date(2025, 2, 5)


@pytest.mark.parametrize(
    ("begins", "ends", "last"),
    [
        (date(2024, 6, 1), date(2024, 7, 31), date(2025, 2, 5)),  # over when the last six months begin
        (date(2024, 6, 1), date(2024, 8, 1), date(2025, 2, 5)),  # one day of them: six months from it are no later
        (date(2024, 6, 1), date(2024, 12, 2), date(2025, 6, 3)),  # 2 June 2025 is a holiday
        (date(2024, 12, 1), date(2025, 3, 10), date(2025, 9, 10)),
        (date(2025, 1, 31), date(2026, 1, 5), date(2026, 7, 6)),  # 5 July 2026 is a Sunday
        (date(2025, 2, 1), date(2026, 1, 5), date(2025, 2, 5)),  # begins after the end
    ],
)
def test_an_obstacle_in_the_last_six_months(begins: date, ends: date, last: date) -> None:
    assert limitation(claim(DUE, Obstacle(begins, ends))).last_day == last


def test_while_an_obstacle_stands_nothing_runs_out() -> None:
    found = limitation(claim(DUE, Obstacle(date(2024, 12, 1), None)))
    assert found.last_day is None
    assert not found.expired(date(2099, 1, 1))
    assert "stands" in told(found.lines[-1], "en")
    assert "尚未消除" in told(found.lines[-1], "zh")


def test_the_outer_limit_is_not_moved_by_acts() -> None:
    start = date(2006, 3, 1)
    paid = [act(date(2006 + n, 3, 1), LimitationAct.PART_PAYMENT) for n in range(1, 19)]
    found = limitation(claim(start), paid)
    assert found.last_day == date(2026, 3, 2)  # 1 March 2026 is a Sunday
    assert Step.OUTER in steps(found)


def test_where_no_rule_gives_a_period_it_is_said() -> None:
    with pytest.raises(NoPeriod, match="no rule in force on 1989-12-31 gives limitation_years"):
        limitation(claim(date(1989, 12, 31)))


def test_each_step_is_told_in_both_languages() -> None:
    found = limitation(
        claim(DUE, Obstacle(date(2024, 12, 1), date(2025, 3, 10))),
        [
            act(date(2024, 11, 1), LimitationAct.MESSAGE, failed=True),
            act(date(2024, 11, 2), LimitationAct.MESSAGE),
            act(date(2024, 11, 3), LimitationAct.PUBLIC_NOTICE),
            act(date(2025, 12, 1), LimitationAct.PART_PAYMENT),
            act(date(2025, 12, 2), LimitationAct.SIGNED_NOTICE),
        ],
    )
    en, zh = ([told(line, lang) for line in found.lines] for lang in ("en", "zh"))
    for part in ("it did not arrive", "no proof that it arrived", "could be found", "nothing restarts", "gave up"):
        assert any(part in one for one in en), part
    for part in ("未送达", "无到达证明", "并非下落不明", "不再中断", "放弃时效抗辩"):
        assert any(part in one for one in zh), part
    assert {Step.SUSPENDED, Step.TOO_LATE, Step.REVIVES, Step.ENDS} <= set(steps(found))


DAYS = st.dates(date(2021, 1, 1), date(2026, 12, 31))
ACTS = st.lists(
    st.builds(
        Act,
        DAYS,
        st.sampled_from(LimitationAct),
        reached=st.booleans(),
        failed=st.booleans(),
        reserved=st.booleans(),
        whereabouts_unknown=st.booleans(),
    ),
    max_size=6,
)


@given(start=DAYS, acts=ACTS, more=ACTS, card=st.booleans())
def test_more_acts_never_bring_the_end_forward(start: date, acts: list[Act], more: list[Act], *, card: bool) -> None:
    before = limitation(claim(start, card=card), acts).last_day
    after = limitation(claim(start, card=card), [*acts, *more]).last_day
    assert before is not None
    assert after is not None
    assert before <= after <= add_months(start, 12 * 20) + timedelta(days=14)


@given(start=DAYS, acts=ACTS, begins=DAYS, length=st.integers(0, 900))
def test_an_obstacle_never_brings_the_end_forward(start: date, acts: list[Act], begins: date, length: int) -> None:
    plain = limitation(claim(start), acts).last_day
    hindered = limitation(claim(start, Obstacle(begins, begins + timedelta(days=length))), acts).last_day
    assert plain is not None
    assert hindered is not None
    assert plain <= hindered


@given(start=DAYS, acts=ACTS)
def test_the_order_in_which_acts_are_told_does_not_matter(start: date, acts: list[Act]) -> None:
    days = [one.day for one in acts]
    if len(set(days)) == len(days):
        assert limitation(claim(start), acts) == limitation(claim(start), acts[::-1])


@given(start=DAYS, acts=ACTS)
def test_the_last_day_is_a_working_day(start: date, acts: list[Act]) -> None:
    last = limitation(claim(start), acts).last_day
    assert last is not None
    assert not CHINA.rests(last)
