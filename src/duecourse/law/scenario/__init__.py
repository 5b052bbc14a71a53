"""Scenarios: dated text about contacts that a compliance officer writes and the law answers.

    == A call after ten at night
    2026-01-05                      loan   L1  12,000.00 CNY  12 monthly  9.0%  equal_instalment
    2026-03-01 22:10 Asia/Shanghai  call   L1    -> refused cn.contact.window  next 2026-03-02 08:00
    2026-03-01 22:10                letter L1    -> allowed

A file holds many cases, each begun by ``==``; lines about loans are those of `core.story`, and what is owed and
overdue comes from there. Contacts made earlier in a case count towards the counters of the later ones. What nobody says
is as in the ordinary contact (`law.ordinary`).

`lines` reads the text, `telling` holds what was read, `verdict` asks the law and compares. How contacts are counted
comes from outside (`telling.Counting`), since it is the counters' own table that says it.
"""

from duecourse.law.scenario.lines import parse_scenarios
from duecourse.law.scenario.telling import Attempt, Counting, Scenario
from duecourse.law.scenario.verdict import Verdict, verdicts

__all__ = ["Attempt", "Counting", "Scenario", "Verdict", "parse_scenarios", "verdicts"]
