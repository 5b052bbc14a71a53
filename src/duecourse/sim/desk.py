"""What the demo lender's people did of late: holds, collectors, and contacts of the last ten days.

On each of the three days of the deltas some debtors have been spoken to three times by noon, some numbers have rung
six times, some people have had their text message: so that the rules have something to refuse. Others turned out to
be wrong numbers, contact persons who want to be left alone, or debtors whom nobody can reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice
from random import Random
from typing import Final

from duecourse.sim.lender import DELTA_DAYS, FULL_DAY, LAST_DAY, instant
from duecourse.sim.people import Human
from duecourse.sim.products import Deal
from duecourse.sim.tape import Bundle, Row
from duecourse.sim.ties import Circle


class Outcome(StrEnum):
    """How a contact ended."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    POWER_OFF = "power_off"
    SPOKE = "spoke"  # answered by the person meant
    PROMISED = "promised"
    HUNG_UP = "hung_up"
    WRONG_NUMBER = "wrong_number"  # somebody else answered: the contact point is wrong from then on
    REFUSED = "refused"  # a third person wants no contact: for ever
    DELIVERED = "delivered"


CONNECTED: Final = frozenset({Outcome.SPOKE, Outcome.PROMISED, Outcome.HUNG_UP, Outcome.WRONG_NUMBER, Outcome.REFUSED})
UNANSWERED: Final = (Outcome.NO_ANSWER, Outcome.BUSY, Outcome.POWER_OFF)

COLLECTORS: Final[tuple[Row, ...]] = (
    ("E01", "early", "early", "zh", 110, date(2024, 7, 1), None),
    ("E02", "early", "early", "zh yue", 110, date(2024, 7, 1), None),
    ("E03", "early", "early", "zh", 100, date(2025, 3, 3), None),
    ("E04", "early", "early", "zh en", 100, date(2025, 6, 2), None),
    ("E05", "early", "early card", "zh", 90, date(2024, 9, 2), None),
    ("E06", "early", "early", "zh", 60, date(2026, 5, 6), None),
    ("E07", "early", "early", "zh", 110, date(2024, 7, 1), date(2026, 6, 1)),
    ("L01", "late", "late", "zh", 90, date(2024, 7, 1), None),
    ("L02", "late", "late", "zh yue", 90, date(2024, 7, 1), None),
    ("L03", "late", "late", "zh", 80, date(2025, 1, 6), None),
    ("L04", "late", "late card", "zh en", 80, date(2025, 9, 1), None),
    ("L05", "late", "early late", "zh", 80, date(2025, 11, 3), None),
    ("S01", "special", "early late card", "zh yue en", 40, date(2024, 7, 1), None),
)
ABSENCES: Final[tuple[Row, ...]] = (
    ("E03", date(2026, 6, 15), date(2026, 6, 22), "leave"),
    ("L02", date(2026, 6, 17), date(2026, 6, 18), "training"),
    ("E02", date(2026, 6, 18), date(2026, 6, 19), "sick"),
)

HOLDS: Final = (
    ("dispute", 12), ("hardship", 12), ("bereavement", 4), ("deceased", 4), ("breathing_space", 6), ("insolvency", 2),
    ("represented", 4), ("complaint", 6), ("vulnerable", 3), ("cease", 5), ("identity_theft", 3),
)  # fmt: skip
"""Kinds of hold, by how many in a thousand overdue borrowers have one; each kind has at least one."""

HISTORY_DAYS: Final = 10
OF_ONE_LOAN: Final = frozenset({"dispute"})
STILL_OPEN: Final = 0.8


@dataclass(slots=True)
class Debtor:
    """An overdue borrower as the desk knows one: loans, days past due on the last day, circle."""

    human: Human
    dpd: int
    deals: list[Deal]
    circle: Circle
    agreed: bool = False
    known: set[str] = field(default_factory=set)  # persons of the circle who are written already


def holds(rng: Random, debtors: Sequence[Debtor], bundle: Bundle) -> None:
    """Put holds on some debtors, with the people that come with them (heirs, lawyers)."""
    order = rng.sample(debtors, len(debtors))
    for debtor in order[: len(order) // 4]:  # agreements of hardship bring their hold with them
        if debtor.agreed:
            _hold(rng, debtor, "hardship", bundle)
    free = iter([debtor for debtor in order if not debtor.agreed])
    for kind, per_mille in HOLDS:
        for debtor in islice(free, max(len(debtors) * per_mille // 1000, 1)):
            _hold(rng, debtor, kind, bundle)


def _hold(rng: Random, debtor: Debtor, kind: str, bundle: Bundle) -> None:
    day = LAST_DAY - timedelta(days=rng.randint(0, 45))
    known = instant(day, 30_000 + rng.randrange(30_000))
    loan = debtor.deals[0].ref if kind in OF_ONE_LOAN else None
    until = None if rng.random() < STILL_OPEN or kind == "deceased" else day + timedelta(days=rng.choice((14, 30, 60)))
    bundle.add("holds", known, (debtor.human.ref, loan, kind, day, until))
    before = len(debtor.circle.ties)
    if kind == "deceased":
        debtor.circle.heir(debtor.deals, day)
    elif kind == "represented":
        debtor.circle.lawyer(debtor.deals, day)
    for human in debtor.circle.humans:
        if human.ref not in debtor.known:
            bundle.person(human, known)
    for tie in debtor.circle.ties[before:]:
        bundle.add("parties", known, tie.row)


class Telephone:
    """Writes down contacts, each with a number of its own."""

    def __init__(self, rng: Random, bundle: Bundle) -> None:
        self.rng = rng
        self.bundle = bundle
        self.count = 0

    def contact(
        self,
        debtor: Debtor,
        day: date,
        second: int,
        outcome: Outcome,
        *,
        channel: str = "call",
        purpose: str = "collect",
        to: Human | None = None,
        label: str = "mobile",
    ) -> None:
        """One contact with the debtor, or with a contact person of the debtor."""
        self.count += 1
        person = to or debtor.human
        row = (
            f"T{self.count:06d}", person.ref, debtor.human.ref, " ".join(deal.ref for deal in debtor.deals),
            "contact_person" if to else "borrower", "phone", label, channel, purpose, "out",
            instant(day, second).isoformat(), str(outcome), outcome in CONNECTED, self.collector(debtor),
        )  # fmt: skip
        self.bundle.desk[max(day, FULL_DAY), "contacts"].append(row)

    def collector(self, debtor: Debtor) -> str:
        """Who has the debtor: always the same, of the team for the stage."""
        team = "E" if debtor.dpd <= 30 else "L"
        names = [str(row[0]) for row in COLLECTORS if str(row[0]).startswith(team) and row[6] is None]
        return names[int(debtor.human.ref[1:]) % len(names)]


def history(rng: Random, debtors: Sequence[Debtor], bundle: Bundle) -> None:
    """Put the collectors and the contacts of the last ten days."""
    bundle.desk[FULL_DAY, "collectors"] += COLLECTORS
    bundle.desk[FULL_DAY, "absences"] += ABSENCES
    line = Telephone(rng, bundle)
    apart = _special(rng, debtors, line)
    for back in range(HISTORY_DAYS, -1, -1):
        day = LAST_DAY - timedelta(days=back)
        for debtor in debtors:
            if debtor.human.ref not in apart and debtor.dpd - back > 2 and rng.random() < 0.14:
                _ordinary(rng, debtor, day, line)


def _ordinary(rng: Random, debtor: Debtor, day: date, line: Telephone) -> None:
    second = rng.randrange(30_600, 41_000)
    if rng.random() < 0.35:
        line.contact(debtor, day, second, Outcome.DELIVERED, channel="sms", purpose="remind")
        return
    for _ in range(rng.randint(1, 2)):
        outcome = rng.choice((*UNANSWERED, Outcome.SPOKE, Outcome.PROMISED, Outcome.HUNG_UP))
        line.contact(debtor, day, second, outcome)
        if outcome in CONNECTED:
            return
        second += rng.randrange(900, 3_600)


def _special(rng: Random, debtors: Sequence[Debtor], line: Telephone) -> set[str]:
    """Debtors on whose account the rules refuse something; returns who they are."""
    late = [debtor for debtor in debtors if debtor.dpd >= 12]
    order = iter(rng.sample(late, len(late)))
    size = max(len(late) // 60, 1)
    apart: set[str] = set()

    def some(wanted: int) -> list[Debtor]:
        found = list(islice(order, wanted))
        apart.update(debtor.human.ref for debtor in found)
        return found

    for day in DELTA_DAYS:
        for debtor in some(size):
            for n in range(3):
                line.contact(debtor, day, 29_400 + 1_800 * n, Outcome.SPOKE if n < 2 else Outcome.HUNG_UP)
        for debtor in some(size):
            for n in range(6):
                line.contact(debtor, day, 29_100 + 1_000 * n, rng.choice(UNANSWERED))
        for debtor in some(size):
            line.contact(debtor, day, 29_400, Outcome.DELIVERED, channel="sms", purpose="remind")
    for debtor in some(size):
        day = LAST_DAY - timedelta(days=rng.randint(4, 9))
        line.contact(debtor, day, 36_000, Outcome.WRONG_NUMBER)
    for debtor in some(2 * size):
        _unreachable(rng, debtor, line)
    return apart


def _unreachable(rng: Random, debtor: Debtor, line: Telephone) -> None:
    """Nobody answers on any number, day after day; of the contact persons then asked, every third refuses."""
    labels = [point.label for point in debtor.human.points if point.kind == "phone"]
    for back in (9, 8, 7, 6):
        for label in labels:
            line.contact(
                debtor,
                LAST_DAY - timedelta(days=back),
                rng.randrange(32_400, 64_000),
                rng.choice(UNANSWERED),
                label=label,
            )
    named = {tie.person_ref for tie in debtor.circle.ties if tie.relation == "contact_person"}
    asked = [human for human in debtor.circle.humans if human.ref in named][:1]
    for human in asked:
        outcome = Outcome.REFUSED if rng.random() < 0.33 else Outcome.NO_ANSWER
        line.contact(debtor, LAST_DAY - timedelta(days=5), 37_800, outcome, purpose="relay", to=human)
