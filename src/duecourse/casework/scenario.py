"""Scenarios run: their contacts count by the same table as those of the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from duecourse.casework import counting
from duecourse.casework.outcomes import COUNTS, Outcome, outcomes_of
from duecourse.core.story.case import Fault
from duecourse.law.pack import Pack
from duecourse.law.scenario import Counting, Verdict, parse_scenarios, verdicts
from duecourse.law.templates import Register, load_register
from duecourse.law.terms import Channel
from duecourse.locale import catalogue, language_of
from duecourse.trouble import N_, Said

UNREPORTED = "unreported"
"""What a scenario calls a contact that was made and of which nobody told what came of it."""


def _count(
    made: Sequence[Mapping[str, Any]], day: date, point: str, loans: tuple[int, ...], firm: str
) -> Mapping[str, int]:
    return counting.count(made, counting.About(day, point, loans, firm))


def scenario_counting() -> Counting:
    """Counters and outcomes as the desk has them."""
    outcomes: dict[str, dict[str, bool]] = {
        outcome.value: {
            "answered": counts.connected,
            "unanswered": not counts.connected,
            "talked": counts.talked,
            "placed": counts.placed,
        }
        for outcome, counts in COUNTS.items()
        if outcome is not Outcome.NOT_SENT  # of a contact that a story tells of as made
    }
    outcomes[UNREPORTED] = dict.fromkeys(("answered", "unanswered", "talked", "placed"), True)
    return Counting(_count, outcomes, _words)


def _words(channel: str, inbound: bool) -> tuple[str, ...]:  # noqa: FBT001  # a function of the law's layer, by place
    known = (one.value for one in outcomes_of(Channel(channel), inbound=inbound) if one is not Outcome.NOT_SENT)
    return (*known, UNREPORTED)


@dataclass(frozen=True, slots=True)
class Told:
    """One case of a scenario file, with the answer to every contact that it tells of."""

    file: str
    case: str
    verdicts: list[Verdict]


def run_scenarios(texts: Mapping[str, str], packs: tuple[Pack, ...], lang: str = "en") -> tuple[list[Told], list[str]]:
    """The cases of scenario texts, by file name, and every line that cannot be read or does not hold.

    What is wrong is said in ``lang``, ``zh`` or ``en``.
    """
    counting, speak = scenario_counting(), catalogue(language_of(lang)).gettext
    told: list[Told] = []
    faults: list[Fault] = []
    for name, text in texts.items():
        cases, unread = parse_scenarios(text, name=name, outcomes=counting.of)
        faults += unread
        if not cases and not unread:
            faults.append(Fault(name, 1, Said(N_("no case stands here; a line says what happens on a day"))))
        for case in cases:
            found, wrong = verdicts(case, packs, _register, counting, lang=lang)
            told.append(Told(name, case.title, [one.told(speak) for one in found]))
            faults += wrong
    return told, [one.told(speak) for one in faults]


def _register(jurisdiction: str) -> Register:
    return load_register(jurisdiction=jurisdiction)
