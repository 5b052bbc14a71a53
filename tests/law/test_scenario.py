"""Scenarios: what they can say, what the law answers, and faults that name file, line and the nearest word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from duecourse.casework.scenario import run_scenarios, scenario_counting
from duecourse.core.story.case import Fault
from duecourse.law.pack import load_packs
from duecourse.law.scenario import Scenario, Verdict, parse_scenarios, verdicts
from duecourse.law.templates import load_register

PAGE = Path(__file__).parents[2] / "docs" / "scenarios.md"
COUNTING = scenario_counting()
PACKS = load_packs()
LOAN = "2026-01-05 loan L1 12,000.00 CNY 12 monthly 9.0% equal_instalment\n"


def run(text: str) -> tuple[list[Scenario], list[Verdict], list[str]]:
    told, faults = parse_scenarios(text, name="x.scenario", outcomes=COUNTING.of)
    found: list[Verdict] = []
    wrong: list[Fault] = list(faults)
    for one in told:
        more, others = verdicts(one, PACKS, lambda code: load_register(jurisdiction=code), COUNTING)
        found += more
        wrong += others
    return told, found, [str(fault) for fault in wrong]


def examples() -> str:
    """The indented lines of the page from the beginning of a case on."""
    kept: list[str] = []
    inside = False
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        inside = line.startswith("    ==") or (inside and (line.startswith("    ") or not line))
        kept += [line.removeprefix("    ")] if inside else []
    return "\n".join(kept)


def test_the_examples_of_the_page_hold() -> None:
    told, found, faults = run(examples())
    assert faults == []
    assert len(told) == 7
    assert sum(1 for one in told for attempt in one.attempts if attempt.expected) == len(found) > 15


def test_the_mark_that_some_editors_put_before_a_text_is_none_of_it() -> None:
    told, _, faults = run("\ufeff== A first case\n" + LOAN)
    assert ([one.title for one in told], faults) == (["A first case"], [])


def test_what_a_chinese_keyboard_writes_is_read() -> None:
    told, found, faults = run(
        "＝＝ 夜间（二十二点后）\n"
        "2026－01－05　loan　L1　１２，０００．００　CNY　12 monthly　９．０％　equal_instalment\n"
        "2026-03-01　２２：１０　call　L1　－＞　refused　cn.contact.window ＃ 夜间\n"
        "2026-03-01 22：10：30 letter L1 → allowed\n"
    )
    assert ([one.title for one in told], faults) == (["夜间（二十二点后）"], [])
    assert [f"{one.at:%H:%M:%S}" for one in found] == ["14:10:00", "14:10:30"]


def test_nothing_is_ended_that_does_not_stand_and_no_contact_comes_before_its_loan() -> None:
    for line, said in (
        ("2026-03-02 release L1 dispute", "no hold dispute of L1 stands on 2026-03-02: no line before says so"),
        ("2026-03-02 withdraw L1 time_agreed", "no time_agreed of L1 stands on 2026-03-02: no line before says so"),
        ("2026-01-04 10:00 call L1 -> allowed", "call L1 on 2026-01-04 is before its loan: L1 begins on 2026-01-05"),
        ("2026-01-04 10:00 inbound call L1", "call L1 on 2026-01-04 is before its loan: L1 begins on 2026-01-05"),
    ):
        assert f"x.scenario:2: {said}" in fails(line)
    hold = "2026-02-01 hold L1 dispute\n"
    assert "line 2 ends it on 2026-02-10" in fails(f"{hold[:-1]} until 2026-02-10\n2026-03-02 release L1 dispute")
    assert "x.scenario:4: no hold dispute of L1 stands on 2026-03-03: it ended by line 3" in fails(
        f"{hold}2026-03-02 release L1 dispute\n2026-03-03 release L1 dispute"
    )
    holds(hold, "2026-03-02 release L1 dispute", "2026-03-02 10:00 call L1 -> allowed")


def holds(*lines: str) -> None:
    _, found, faults = run(LOAN + "\n".join(lines))
    assert faults == []
    assert found


def fails(*lines: str) -> str:
    _, _, faults = run(LOAN + "\n".join(lines))
    assert len(faults) == 1, faults
    return faults[0]


def test_history_counts_and_is_not_asked() -> None:
    holds(
        "2026-03-02 23:00 call L1",
        "2026-03-02 23:10 call L1 connected",
        "2026-03-02 21:00 call L1",
        "2026-03-02 23:30 call L1 -> refused cn.contact.connected_calls",
    )


def test_contacts_are_asked_in_the_order_of_time_whatever_the_order_of_lines() -> None:
    holds(
        "2026-03-02 13:00 sms L1 -> refused house.contact.sms_day",
        "2026-03-02 09:00 sms L1 -> allowed",
    )


def test_one_number_shared_by_two_people_has_one_budget() -> None:
    holds(
        "2026-01-05 loan L2 5,000.00 CNY 12 monthly 9.0% equal_instalment",
        *(f"2026-03-02 09:0{n} call L1 to 139 unanswered" for n in range(9)),
        "2026-03-02 10:00 call L2 to 139 -> refused cn_cba_2026.contact.attempts",
        "2026-03-02 10:00 call L2 to 138 -> allowed",
    )


def test_the_next_instant_knows_what_falls_out_of_a_count_and_when_a_hold_ends() -> None:
    holds(
        "2026-03-02 law US",
        "2026-03-02 lives L1 America/New_York",
        "2026-03-02 fact L1 resident_territory=new_york_state governing_territory=new_york_state",
        *(f"2026-03-02 {hour}:00 call L1 by agency acme unanswered" for hour in ("09", "10", "11")),
        *(f"2026-03-0{day} 09:00 call L1 by agency acme unanswered" for day in (3, 4, 5, 6)),
        "2026-03-06 10:00 call L1 by agency acme -> refused us.contact.calls_7d next 2026-03-09 08:00:01",
        "2026-03-06 10:01 call L1 by agency acme call_attempts_debt_7d=7 -> refused us.contact.calls_7d next never",
    )
    holds(
        "2026-03-02 10:00 hold L1 dispute until 2026-03-04 12:00",
        "2026-03-02 11:00 call L1 -> refused house.hold.dispute next 2026-03-04 12:00",
        "2026-03-04 07:00 sms L1 sms_person_day=1 -> refused house.contact.sms_day next 2026-03-05 08:00",
    )


def test_a_consent_lifts_while_it_lasts() -> None:
    holds(
        "2026-03-02 22:00 consent L1 time_consent_recorded until 2026-03-02 23:00",
        "2026-03-02 22:30 call L1 -> allowed",
        "2026-03-02 23:00 call L1 -> refused cn.contact.window",
    )
    holds(
        "2026-03-02 consent L1 time_consent_recorded",
        "2026-03-02 22:30 withdraw L1 time_consent_recorded",
        "2026-03-02 22:29 call L1 -> allowed",
        "2026-03-02 22:30 call L1 -> refused cn.contact.window",
    )


def test_what_is_known_of_the_debtor_is_known_for_others_and_what_is_of_a_person_is_his_own() -> None:
    holds(
        "2026-01-05 person H heir of L1",
        "2026-02-01 dies L1",
        "2026-03-02 10:00 call L1 -> refused house.contact.dead_debtor",
        "2026-03-02 fact L1 contact_point_valid=no",
        "2026-03-02 fact H estate_left_minor=9999999",
        "2026-03-02 10:00 letter H -> allowed",
    )


def test_both_zones_must_be_open_and_the_line_may_speak_in_another() -> None:
    holds(
        "2026-03-02 lives L1 Asia/Urumqi",
        "2026-03-02 09:00 call L1 -> refused cn.contact.window next 2026-03-02 10:00",
        "2026-03-02 10:00 Asia/Urumqi call L1 -> allowed",
    )


def test_what_is_wrong_is_said_in_chinese() -> None:
    lines = [
        "2026-03-02 release L1 dispute",
        "2026-03-02 10:00 call L2 -> allowed",
        "2026-03-01 22:10 call L1 -> allowed",
        "2026-03-02 expect L1 dpd 3",
        "2026-03-02 fact L1",
        "2026-03-02 10:00 call L1 -> refused next 2026-03-02 08:00",
    ]
    told, faults = run_scenarios({"x.scenario": LOAN + "\n".join(lines)}, PACKS, "zh")
    assert len(faults) == len(lines)
    for fault in faults:
        said = fault.partition(": ")[2]
        assert re.search(r"[\u4e00-\u9fff]", said), said
        assert not re.search(r"\b(the|of|is|not|expected)\b", said), said
    wrong = [said for one in told for verdict in one.verdicts for said in verdict.wrong]
    assert "call L1：期望 准许；拒绝：" in wrong[0]


def test_what_came_of_a_contact_binds_later_ones_as_at_the_gate() -> None:
    third = ("2026-01-05 person W contact_person of L1", "2026-03-03 fact L1 debtor_unreachable=yes")
    stopped = (
        "call W for relay -> refused only cn.party.third_person_stop house.contact.third_person_refused next never"
    )
    holds(*third, "2026-03-03 10:00 call W for relay refused -> allowed", f"2026-03-04 10:00 {stopped}")
    holds(*third, "2026-03-03 10:00 inbound call W refused", f"2026-03-04 10:00 {stopped}")
    holds(
        *third,
        "2026-03-03 09:00 sms W for relay refused",
        "2026-03-03 09:30 fact W contact_person_refused=no",
        f"2026-03-30 10:00 {stopped}",
    )
    holds(*third, "2026-03-03 10:00 call W for relay connected", "2026-03-04 10:00 call W for relay -> allowed")
    holds(
        "2026-01-05 person G guarantor of L1",
        "2026-01-05 fact G relation_proven=yes guarantee_period_open=yes",
        "2026-03-03 10:00 call G refused",
        "2026-03-03 11:00 call L1 refused",
        "2026-03-04 10:00 call G -> allowed",
        "2026-03-04 11:00 call L1 -> allowed",
    )
    holds(
        "2026-03-01 fact L1 contact_point_valid=yes wrong_number=no",
        "2026-03-03 10:00 call L1 wrong_number -> allowed",
        "2026-03-03 11:00 call L1 -> refused only house.contact.point next never",
        "2026-03-03 11:00 sms L1 -> refused house.contact.point",
        "2026-03-03 11:00 call L1 to 139 -> allowed",
        "2026-03-03 11:10 letter L1 -> allowed",
        "2026-03-05 fact L1 contact_point_valid=yes",
        "2026-03-05 10:00 call L1 -> refused only house.contact.point",
        "2026-03-05 10:30 fact L1 wrong_number=no until 2026-03-06",
        "2026-03-05 11:00 call L1 unanswered -> allowed",
        "2026-03-06 11:00 call L1 -> refused only house.contact.point",
    )
    holds(
        "2026-03-03 10:00 inbound call L1 wrong_number", "2026-03-03 11:00 call L1 -> refused only house.contact.point"
    )


def test_an_end_is_in_the_zone_of_its_line_and_after_its_beginning() -> None:
    america = (
        "2026-01-05 law US\n2026-01-05 lives L1 America/Chicago\n2026-01-05 fact L1 resident_territory=other_state\n"
    )
    early = "it ends on 2026-03-02, before it begins on 2026-03-02; write a later day or time"
    for line in (
        "2026-03-02 09:00 America/New_York hold L1 cease until 2026-03-02 08:00",
        "2026-03-02 09:00 America/New_York consent L1 direct_consent until 2026-03-02 09:00",
        "2026-03-02 09:00 America/New_York fact L1 time_agreed=yes no_calls=yes until 2026-03-02 08:00 America/Chicago",
        "2026-03-02 09:00 fact L1 time_agreed=yes no_calls=yes until 2026-03-02 10:00 America/New_York",
    ):
        assert fails(america + line) == f"x.scenario:5: {early}"
    holds(
        america[:-1],
        "2026-03-02 09:00 America/New_York hold L1 dispute until 2026-03-02 09:30",
        "2026-03-02 08:29 call L1 -> refused house.hold.dispute",
        "2026-03-02 08:30 call L1 -> allowed",
    )
    holds(
        america[:-1],
        "2026-03-02 09:00 America/New_York hold L1 dispute until 2026-03-02 08:30 America/Chicago",
        "2026-03-02 08:29 call L1 -> refused house.hold.dispute",
        "2026-03-02 08:30 call L1 -> allowed",
    )


def test_a_time_that_no_clock_shows_is_named() -> None:
    assert "clocks in America/Chicago do not show 2:30:00 on 2026-03-08" in fails(
        "2026-03-08 02:30 America/Chicago call L1"
    )
    assert "clocks in America/Chicago do not show 2:30:00 on 2026-03-08" in fails(
        "2026-03-07 10:00 America/Chicago hold L1 dispute until 2026-03-08 02:30 America/Chicago"
    )


def test_a_line_holds_only_if_everything_it_says_holds() -> None:
    assert fails("2026-03-02 10:00 call L1 -> refused cn.contact.window") == (
        "x.scenario:2: call L1: expected refused cn.contact.window; Allowed."
    )
    found = fails("2026-03-01 22:10 call L1 -> allowed")
    assert found.startswith("x.scenario:2: call L1: expected allowed; Refused: No collection between 22:00 and 08:00")
    assert "GB/T 45251-2025 §5.3" in found
    assert "x.scenario:2: call L1: cn.matrix does not refuse" in fails("2026-03-01 22:10 call L1 -> refused cn.matrix")
    assert "refused by" in fails("2026-03-01 22:10 call L1 -> refused only cn.contact.window")
    assert "expected next 2026-03-02 08:01:00, is next open 2026-03-02 08:00:00" in fails(
        "2026-03-01 22:10 call L1 -> refused next 2026-03-02 08:01"
    )
    assert "expected next never" in fails("2026-03-01 22:10 call L1 -> refused next never")
    assert "second_local is not missing; missing is nothing" in fails(
        "2026-03-01 22:10 call L1 -> refused missing second_local"
    )


def test_figures_of_loans_are_held_too() -> None:
    assert fails("2026-03-01 expect L1 dpd 25") == "x.scenario:2: L1 dpd: expected 25, is 24"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2026-03-02 10:00 cal L1 -> allowed", "did you mean 'call'?"),
        ("2026-03-02 10:00 call L2 -> allowed", "nobody is called 'L2' here; did you mean 'L1'?; the case knows L1"),
        ("2026-03-02 call L1 -> allowed", "a contact has a time of day: 2026-03-02 10:00 call"),
        ("2026-03-02 25:00 call L1", "'25:00' is not a time of day; times look like 22:10"),
        ("2026-03-02 10:00 Asia/Shanghia call L1", "did you mean 'Asia/Shanghai'?"),
        ("2026-03-02 10:00 call L1 for colect", "did you mean 'collect'?"),
        ("2026-03-02 10:00 call L1 -> alowed", "did you mean 'allowed'?"),
        ("2026-03-02 10:00 call L1 -> refused cn.contact.windw", "did you mean 'cn.contact.window'?"),
        ("2026-03-02 10:00 call L1 using m1.cal -> allowed", "did you mean 'm1.call'?"),
        ("2026-03-02 10:00 call L1 hold_disput=yes", "there is no fact 'hold_disput'; did you mean 'hold_dispute'?"),
        ("2026-03-02 10:00 call L1 hold_dispute=maybe", "'maybe' is no value of hold_dispute, which is yes or no"),
        ("2026-03-02 10:00 call L1 second_local=3", "second_local comes from the line itself"),
        ("2026-03-02 10:00 call L1 sms_person_day=-1", "'-1' is no value of sms_person_day, which is a whole number"),
        ("2026-03-02 10:00 call L1 ansered", "it is one of: connected, promised"),
        ("2026-03-02 hold L1 dispte", "did you mean 'dispute'?"),
        ("2026-03-02 consent L1 time_agred", "did you mean 'time_agreed'?"),
        ("2026-03-02 fact L1 dispute", "expected FACT=VALUE, found 'dispute'"),
        ("2026-03-02 person W contct_person of L1", "did you mean 'contact_person'?"),
        ("2026-03-02 10:00 pay L1 1.00", "'pay' is told by the day, without time or zone"),
        ("2026-03-02 10:00 inbound call L1 -> allowed", "what comes in is not asked of the law"),
        ("2026-03-02 10:00 call L1 -> refused next 2026-03-03", "the next open instant has a time of day"),
        ("2026-03-02 law CN without hous", "only policy packs can be left out"),
        ("2026-03-02 10:00 call L1 -> refused missing second", "there is no fact 'second'"),
    ],
)  # fmt: skip
def test_a_fault_names_file_line_and_the_nearest_word(line: str, said: str) -> None:
    _, _, faults = run(f"{LOAN}{line}\n")
    (fault,) = [one for one in faults if said in one] or [str(faults)]
    assert said in fault
    assert re.match(r"x\.scenario:[12]: ", fault)


def test_a_case_says_which_law_and_packs() -> None:
    attempts = [f"2026-03-02 09:0{n} call L1 unanswered" for n in range(9)]
    law = "2026-03-02 law CN without cn-cba-2026 without house-cn"
    holds(law, *attempts, "2026-03-02 10:00 call L1 unanswered -> allowed")
    holds("2026-03-02 law XX", "2026-03-02 10:00 Asia/Shanghai call L1 -> refused law.closed next never")
    assert "which zone is meant? the law of XX has no clock" in fails(
        "2026-03-02 law XX", "2026-03-02 10:00 call L1 -> refused law.closed"
    )
    holds(
        "2026-03-02 lender private",
        "2026-03-02 law CN without house without cn-cba-2026",
        "2026-03-02 23:00 call L1 -> allowed",
    )


def test_nothing_of_one_case_is_known_in_another() -> None:
    _, _, faults = run(f"== one\n{LOAN}== two\n2026-03-02 10:00 call L1 -> allowed\n")
    assert len(faults) == 1
    assert "nobody is called 'L1' here" in faults[0]


def test_what_was_assumed_is_told() -> None:
    _, (verdict,), _ = run(f"{LOAN}2026-03-02 10:00 call L1 -> allowed\n")
    assert verdict.assumed["hold_dispute"] is False
    assert not {"days_past_due", "sms_person_day", "relation"} & set(verdict.assumed)


AMERICA = """
2026-01-05  law US
2026-01-05  loan L1  12,000.00 USD  12 monthly  9.0%  equal_instalment
2026-01-05  lives L1 America/Chicago
2026-01-05  fact L1 resident_territory=other_state
"""

ONCE = {
    "a consent lives seven days, its own the first": """
2026-03-01 09:00 call L1 by agency acme connected -> allowed
2026-03-01 18:00 consent L1 call_consent_direct to acme
2026-03-07 09:00 call L1 by agency acme unanswered -> allowed
2026-03-07 09:10 call L1 by agency acme unanswered -> allowed
2026-03-07 09:20 inbound call L1 by agency acme connected
2026-03-08 09:00 call L1 by agency acme unanswered -> refused us.contact.after_conversation
""",
    "an eighth day closes it": """
2026-03-01 18:00 consent L1 call_consent_direct to acme
2026-03-02 09:00 call L1 by agency acme unanswered -> allowed
2026-03-02 09:01 call L1 by agency acme unanswered -> allowed
2026-03-02 09:02 call L1 by agency acme unanswered -> allowed
2026-03-02 09:03 call L1 by agency acme unanswered -> allowed
2026-03-02 09:04 call L1 by agency acme unanswered -> allowed
2026-03-02 09:05 call L1 by agency acme unanswered -> allowed
2026-03-02 09:06 call L1 by agency acme unanswered -> allowed
2026-03-07 09:00 call L1 by agency acme unanswered -> allowed
2026-03-08 09:00 call L1 by agency acme unanswered -> refused us.contact.calls_7d
""",
    "it is the house's to which it was given": """
2026-03-01 09:00 call L1 by agency acme connected -> allowed
2026-03-01 09:00 call L1 by agency bolt connected -> allowed
2026-03-02 09:00 consent L1 call_consent_direct to bolt
2026-03-02 10:00 call L1 by agency acme unanswered -> refused us.contact.after_conversation
2026-03-02 10:00 call L1 by agency bolt unanswered -> allowed
2026-03-02 11:00 call L1 connected
2026-03-02 12:00 call L1 by agency bolt unanswered -> allowed
""",
    "each notice after a cease goes out once": """
2026-03-02 08:30 hold L1 cease
2026-03-03 09:00 letter L1 using us.cease.ends.letter by agency acme -> allowed
2026-03-04 09:00 letter L1 using us.cease.ends.letter by agency acme -> refused us.contact.cease_notice
2026-03-05 09:00 letter L1 for notify by agency acme after_cease_notice=yes -> allowed
2026-03-06 09:00 letter L1 for notify by agency acme after_cease_notice=yes -> refused us.contact.cease_notice
2026-03-06 10:00 hold L1 cease
2026-03-07 09:00 letter L1 using us.cease.ends.letter by agency acme -> refused us.contact.cease_notice
2026-03-08 09:00 release L1 cease
2026-03-08 10:00 hold L1 cease
2026-03-09 09:00 letter L1 using us.cease.ends.letter by agency acme -> allowed
""",
    "what a law requires goes out once": """
2026-03-02 08:30 fact L1 medium_refused=yes
2026-03-02 08:40 consent L1 medium_required_by_law
2026-03-02 09:00 letter L1 by agency acme -> allowed
2026-03-03 09:00 letter L1 by agency acme -> refused us.contact.medium
2026-04-20 09:00 letter L1 by agency acme -> refused us.contact.medium
""",
    "what is said of one debt is said of no other": """
2026-01-05  loan L2  12,000.00 USD  12 monthly  9.0%  equal_instalment
2026-03-02 person G guarantor of L1,L2
2026-03-02 lives G America/Chicago
2026-03-02 fact G resident_territory=other_state
2026-03-02 08:00 hold L1 dispute
2026-03-02 08:30 hold L2 dispute
2026-03-02 09:00 release L2 dispute
2026-03-02 10:00 call G by agency acme -> refused us.validation.dispute
""",
    "an attorney who becomes known later released nobody": """
2026-03-02 08:30 fact L1 attorney_known=yes
2026-03-02 08:40 consent L1 attorney_released
2026-03-02 09:00 call L1 by agency acme unanswered -> allowed
2026-03-02 10:00 fact L1 attorney_known=yes
2026-03-02 11:00 call L1 by agency acme unanswered -> refused us.contact.attorney
""",
    "a third person hears of the debt by the debtor's consent alone": """
2026-03-02 person W contact_person of L1
2026-03-02 lives W America/Chicago
2026-03-02 fact W resident_territory=other_state
2026-03-02 08:40 consent W debtor_direct_consent to acme
2026-03-02 08:40 consent W direct_consent to acme
2026-03-02 09:00 letter W for answer by agency acme mentions_debt=yes -> refused us.party.third_person_silence
2026-03-02 09:30 consent L1 debtor_direct_consent to bolt
2026-03-02 09:40 letter W for answer by agency acme mentions_debt=yes -> refused us.party.third_person_silence
2026-03-02 09:50 consent L1 debtor_direct_consent to acme
2026-03-02 10:00 letter W for answer by agency acme mentions_debt=yes -> allowed
""",
    "a medium that is named is refused alone": """
2026-03-02 08:30 fact L1 no_letters=yes
2026-03-02 09:00 letter L1 by agency acme -> refused us.contact.medium
2026-03-02 09:00 call L1 by agency acme unanswered -> allowed
2026-03-03 09:00 inbound letter L1 by agency acme
2026-03-04 09:00 letter L1 by agency acme -> refused only house.contact.channel_refused
""",
    "a refused medium is answered once": """
2026-03-02 08:30 fact L1 medium_refused=yes
2026-03-02 09:00 letter L1 by agency acme -> refused us.contact.medium
2026-03-03 09:00 inbound letter L1 by agency acme
2026-03-04 09:00 letter L1 by agency acme -> allowed
2026-03-05 09:00 letter L1 by agency acme -> refused us.contact.medium
2026-03-06 09:00 consent L1 medium_answer_open
2026-03-07 09:00 letter L1 by agency acme -> allowed
2026-03-08 09:00 letter L1 by agency acme -> refused us.contact.medium
""",
    "a question is answered once, and a call that nobody picked up is no answer": """
2026-03-02 08:30 fact L1 asked_by_person=yes
2026-03-02 09:00 call L1 for answer unanswered -> allowed
2026-03-02 09:10 call L1 for answer unanswered -> allowed
2026-03-02 09:20 call L1 for answer connected -> allowed
2026-03-02 09:30 letter L1 for answer -> refused us.purpose.answer_asked
""",
    "three calls that nobody picked up are the last": """
2026-03-02 08:30 fact L1 asked_by_person=yes
2026-03-02 09:00 call L1 for answer unanswered -> allowed
2026-03-02 09:10 call L1 for answer unanswered -> allowed
2026-03-02 09:20 call L1 for answer unanswered -> allowed
2026-03-02 09:30 call L1 for answer unanswered -> refused us.purpose.answer_asked
""",
}


@pytest.mark.parametrize("story", ONCE.values(), ids=list(ONCE))
def test_what_holds_once_is_used_up_by_the_contacts_of_the_case(story: str) -> None:
    _, found, faults = run(AMERICA + story)
    assert found
    assert faults == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("2026-03-02 10:00 call L1 delivered", "'delivered'"),
        ("2026-03-02 10:00 sms L1 connected", "'connected'"),
        ("2026-03-02 09:00 inbound sms L1 connected", "'connected'"),
        ("2026-03-02 10:00 visit L1 busy", "'busy'"),
        ("2026-03-02 09:00 hold L1 dispute until 2026-03-01", "before it begins"),
        ("2026-03-02 09:00 hold L1 dispute until 2026-03-02 09:00", "before it begins"),
        ("2026-03-02 09:00 fact L1 time_agreed=true until 2026-03-02 08:00", "before it begins"),
    ],
)
def test_what_cannot_be_is_no_line(line: str, says: str) -> None:
    """An outcome that the channel cannot have, and what ends before it begins."""
    _, _, wrong = run(LOAN + line)
    assert len(wrong) == 1
    assert says in wrong[0]
