"""Field visits: two collectors, permits as they set out, nothing opened to others, what came of it taken over once."""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from duecourse.casework import outbox, settling, visits
from duecourse.casework.actor import Actor, Role
from duecourse.casework.gate import Gate
from duecourse.casework.holds import HoldKind, place
from duecourse.casework.outcomes import NotOfThisChannel, Outcome
from duecourse.casework.permit import Sender
from duecourse.casework.visit_report import NotAReport, Picture, Report, checked
from duecourse.casework.visit_route import NotAPlace, read_place, route
from duecourse.casework.visits import NotARound, NotTheirRound, ReportedOtherwise, RoundMoved, VisitsPaused
from duecourse.law.terms import Channel, SenderType
from duecourse.storage import documents
from duecourse.storage import visits as rows
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from duecourse.storage.visits import Round, VisitRow
from tests.notice_desk import COLLECTOR, Desk
from tests.permit_desk import Clock
from tests.visit_desk import OFFICE, PLACES, visit_desk
from tests.work_desk import NOW

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
STRANGER = Actor(Role.COLLECTOR, "a3")


@dataclass
class Town:
    desk: Desk
    cases: list[int]
    gate: Gate
    clock: Clock

    @property
    def database(self) -> Database:
        return self.desk.database

    def plan(self, *cases: int, staff: tuple[str, str] = ("a0", "a1"), leaves: float = 60) -> int:
        at = self.clock() + timedelta(seconds=leaves)
        with self.database.transaction("demo") as tx:
            return visits.plan_round(
                tx, vault=self.desk.vault, case_ids=cases or self.cases, leaves=at, staff=staff, start=OFFICE,
                actor=COLLECTOR, now=self.clock(),
            ).round_id  # fmt: skip

    def set_out(self, number: int, actor: Actor = COLLECTOR) -> Round:
        return visits.set_out(self.database, "demo", gate=self.gate, round_id=number, actor=actor, clock=self.clock)

    def rows(self, number: int) -> list[VisitRow]:
        with self.database.transaction("demo") as tx:
            return rows.of_round(tx, number)

    def record(self, visit: int, report: Report, actor: Actor = COLLECTOR) -> VisitRow:
        with self.database.transaction("demo") as tx:
            return visits.record_visit(
                tx, gate=self.gate, visit_id=visit, report=report, actor=actor, clock=self.clock, chance=os.urandom
            )

    def log(self) -> list[str]:
        with self.database.transaction("demo") as tx:
            found = tx.execute("SELECT kind FROM log_entry WHERE kind LIKE 'visit.%%' ORDER BY entry_id")
            return [str(kind) for (kind,) in found]


@pytest.fixture
def town(database: Database, tmp_path: Path) -> Town:
    vault = Vault(new_ring())
    desk, cases = visit_desk(database, tmp_path, vault)
    return Town(desk, cases, Gate(vault), Clock(NOW))


@pytest.mark.parametrize("line", ["busy", "power_off", "not_in_service", "voicemail"])
def test_a_door_is_neither_engaged_nor_switched_off(town: Town, line: str) -> None:
    number = town.plan(town.cases[0])
    town.set_out(number)
    ((permit, person),) = [(one.permit_id, one.person_id) for one in town.rows(number)]
    said = f"{line} is no outcome of a contact by visit: it is one of connected"
    with town.database.transaction("demo") as tx:
        loans = [int(key) for (key,) in tx.execute("SELECT loan_key FROM party WHERE person_id = %s", (person,))]
    assert permit is not None
    for outcome, stands in ((Outcome(line), False), (Outcome.UNANSWERED, True)):
        with nullcontext() if stands else pytest.raises(NotOfThisChannel, match=said):
            settling.record_outcome(
                town.database, "demo", gate=town.gate, permit_id=permit, outcome=outcome,
                sender=Sender(SenderType.LENDER, staff="a0"), actor=COLLECTOR, clock=town.clock,
            )  # fmt: skip
        with nullcontext() if stands else pytest.raises(NotOfThisChannel, match=said):
            settling.record_inbound(
                town.database, "demo", gate=town.gate, person_id=person, loan_keys=loans[:1], channel=Channel.VISIT,
                outcome=outcome, at=town.clock(), actor=COLLECTOR, clock=town.clock,
            )  # fmt: skip


def test_a_round_sets_out_by_permits_and_hands_in(town: Town) -> None:
    for wrong in ({"staff": ("a0", "a0")}, {"staff": ("a0", "")}, {"leaves": -5}):
        with pytest.raises(NotARound):
            town.plan(**wrong)
    with pytest.raises(NotARound):
        town.plan(town.cases[0], town.cases[0])
    number = town.plan()
    assert len(town.rows(number)) == 3
    with pytest.raises(NotTheirRound):
        town.set_out(number, STRANGER)
    with town.database.transaction("demo") as tx:
        outbox.pause(tx, vault=town.desk.vault, channel=None, reason="a test", actor=COLLECTOR, now=town.clock())
    with pytest.raises(VisitsPaused):
        town.set_out(number)
    held = town.rows(number)[0]
    with town.database.transaction("demo") as tx:
        outbox.resume(tx, vault=town.desk.vault, channel=None, actor=COLLECTOR, now=town.clock())
        place(
            tx, vault=town.desk.vault, person_id=held.person_id, kind=HoldKind.CEASE, source="letter:1",
            actor=COLLECTOR, clock=town.clock,
        )  # fmt: skip
    assert town.set_out(number).state == "out"
    with pytest.raises(RoundMoved):
        town.set_out(number)
    first, *others = town.rows(number)
    assert "rules" in (first.left_out or {})
    assert [(one.left_out, one.until) for one in others] == [(None, NOW + visits.LASTS)] * 2
    with town.database.transaction("demo") as tx, pytest.raises(NotTheirRound):
        visits.open_round(tx, vault=town.desk.vault, round_id=number, actor=STRANGER, now=town.clock())
    with town.database.transaction("demo") as tx:
        _round, stops, text = visits.open_round(
            tx, vault=town.desk.vault, round_id=number, actor=COLLECTOR, now=town.clock()
        )
    assert {one.place for one in stops} < set(PLACES)
    assert all("幸福路" in one.address for one in stops)
    assert text is not None
    assert text.id == "m3.visit"
    with pytest.raises(NotAReport):
        town.record(first.visit_id, report(town))

    town.clock.forward(minutes=40)
    met = report(
        town, entered=True, consent_by="本人", present="本人", photos=(Picture(PNG, NOW, PLACES[0]),), signature=PNG,
        signer="本人", place=PLACES[0],
    )  # fmt: skip
    done = town.record(others[0].visit_id, met)
    assert (done.outcome, done.entered) == ("connected", True)
    assert town.record(others[0].visit_id, met) == done, "sent twice, it is one"
    with pytest.raises(ReportedOtherwise):
        town.record(others[0].visit_id, replace(met, note="more"))
    town.record(others[1].visit_id, report(town, outcome=Outcome.UNANSWERED))
    with town.database.transaction("demo") as tx:
        kept = visits.read_report(tx, vault=town.desk.vault, visit_id=others[0].visit_id)
        papers = documents.of_person(tx, others[0].person_id)
        outcomes = tx.execute("SELECT outcome FROM contact WHERE channel = 'visit' ORDER BY contact_id").fetchall()
        state = rows.get(tx, number).state
    assert (kept["present"], kept["photos"][0]["place"]) == ("本人", list(PLACES[0]))
    assert sorted(one.kind for one in papers) == ["agreement", "other"]
    assert sorted(str(one) for (one,) in outcomes) == ["connected", "unanswered"]
    assert state == "ended"
    assert town.log()[-4:] == ["visit.planned", "visit.set_out", "visit.made", "visit.made"]


def report(town: Town, **changed: Any) -> Report:  # noqa: ANN401 - fields of a report
    values: dict[str, Any] = {"at": town.clock(), "outcome": Outcome.CONNECTED, "passes_shown": True}
    return Report(**(values | changed))


@pytest.mark.parametrize(
    "wrong",
    [
        {"entered": True}, {"outcome": Outcome.SENT}, {"signature": b"no picture", "signer": "x"}, {"signature": PNG},
        {"photos": (Picture(b"GIF89a", NOW),)}, {"photos": (Picture(PNG, NOW),) * 7}, {"note": "x" * 2001},
    ],
)  # fmt: skip
def test_a_report_that_cannot_be(wrong: dict[str, Any]) -> None:
    values: dict[str, Any] = {"at": NOW, "outcome": Outcome.CONNECTED, "passes_shown": True}
    with pytest.raises(NotAReport):
        checked(Report(**(values | wrong)))


def test_visits_end_before_the_night(town: Town) -> None:
    number = town.plan(town.cases[0])
    town.clock.at = NOW.replace(hour=13)  # 21:00 in Shanghai
    town.set_out(number)
    assert town.rows(number)[0].until == NOW.replace(hour=13, minute=45)
    late = town.plan(town.cases[1])
    town.clock.at = NOW.replace(hour=14, minute=30)
    town.set_out(late)
    assert "22" in str((town.rows(late)[0].left_out or {})["zh"])


def test_the_shortest_way() -> None:
    found = route(OFFICE, PLACES)
    assert found.order in {(2, 0, 1), (2, 1, 0), (0, 1, 2), (1, 0, 2)}
    assert list(found.after_s) == sorted(found.after_s)
    assert route(OFFICE, ()).length_m == 0
    for wrong in ("91", "x", "", "1e3", "1.2.3"):
        with pytest.raises(NotAPlace):
            read_place(wrong, "0")
