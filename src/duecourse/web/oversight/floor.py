"""The floor: who works on what since the last run, team by team; giving many cases to others, with a preview."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from duecourse.casework import mending, reassigning
from duecourse.casework.assignment import Handover
from duecourse.casework.figures.figure import Span
from duecourse.casework.lender_law import rules_named
from duecourse.casework.reassigning import Choice, Preview, preview, reassign
from duecourse.casework.rights import Right
from duecourse.core.reading import Stage
from duecourse.storage import approvals, collectors, floor, runs
from duecourse.storage.floor import Desk
from duecourse.trouble import N_, BadInput, Trouble
from duecourse.web import fields
from duecourse.web.oversight.reading import reading, rows_path, summed
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("oversight")

REFRESH_SECONDS = 10
MOST = 50
"""Cases that change hands where nothing else is said."""

_CHOSEN = frozenset({"from", "team", "stage", "to", "most"})


class NothingChosen(BadInput):
    """No case fits what was chosen."""

    def __init__(self) -> None:
        super().__init__(N_("no open case fits what you chose; choose by collector, team or stage"))


@dataclass(frozen=True, slots=True)
class Team:
    """A team with its sums."""

    name: str
    desks: list[Desk]

    @property
    def capacity(self) -> int:
        """Cases a day of those present."""
        return sum(one.capacity for one in self.desks if one.absent is None)

    @property
    def listed(self) -> int:
        """Cases in worklists."""
        return sum(one.listed for one in self.desks)

    @property
    def contacts(self) -> int:
        """Contacts made since the run."""
        return sum(one.contacts for one in self.desks)

    @property
    def connected(self) -> int:
        """Contacts answered."""
        return sum(one.connected for one in self.desks)

    @property
    def promised(self) -> int:
        """Promises given."""
        return sum(one.promised for one in self.desks)

    @property
    def away(self) -> int:
        """Collectors absent today."""
        return sum(one.absent is not None for one in self.desks)


@pages.get("/floor", right=Right.FLOOR_READ)
def show(visit: Visit) -> Response:
    """Who works on what, team by team, and what waits."""
    return visit.page("oversight/floor.html", refresh=REFRESH_SECONDS, **_floor(visit))


@pages.get("/floor/now", right=Right.FLOOR_READ)
def now(visit: Visit) -> Response:
    """The part of the floor that is read again and again."""
    return visit.page("oversight/floor_now.html", refresh=REFRESH_SECONDS, **_floor(visit))


def _floor(visit: Visit) -> dict[str, Any]:
    with visit.transaction() as tx:
        ran = runs.last_day(tx)
        desks = floor.desks(tx, ran, visit.today) if ran else []
        fresh = floor.freshness(tx)
        quarantined = mending.waiting(tx, visit.parts.store(visit.lender_id)).rows
        waiting = len(approvals.pending(tx))
    teams: dict[str, Team] = {}
    for one in desks:
        teams.setdefault(one.team, Team(one.team, [])).desks.append(one)
    queues: list[tuple[str, int, int, str]] = []
    with reading(visit) as reader:
        if reader is not None and visit.may(Right.FIGURE_READ):
            day = Span(reader.ran, reader.ran)
            asked = summed(reader.cells("proposal.asked", by=["treatment"], days=day), ["treatment"])
            done = summed(reader.cells("proposal.done", by=["treatment"], days=day), ["treatment"])
            queues = [
                (
                    reader.treatments(name), of["allowed"], done.get((name,), {}).get("done", 0),
                    rows_path("proposal.asked", day, {"treatment": name}),
                )
                for (name,), of in sorted(asked.items(), key=lambda item: -item[1]["allowed"])
                if name != "leave_alone" and of["allowed"]
            ]  # fmt: skip
    return {
        "ran": ran, "teams": list(teams.values()), "fresh": fresh, "quarantined": quarantined, "waiting": waiting,
        "queues": queues,
    }  # fmt: skip


@pages.get("/floor/reassign", right=Right.CASE_ASSIGN)
def reassign_form(visit: Visit) -> Response:
    """Choose cases by collector, team or stage, see who would get them, then give them."""
    if visit.query.keys().isdisjoint(_CHOSEN):
        return _reassign(visit)
    try:
        with visit.transaction() as tx:
            found = preview(tx, _choice(visit), today=visit.today)
        if not found.moves:
            raise NothingChosen
    except Trouble as error:
        return _reassign(visit, error=sentence(error, visit.choice.language))
    return _reassign(visit, found=found)


@pages.post("/floor/reassign", right=Right.CASE_ASSIGN)
def give(visit: Visit) -> Response:
    """Give the cases as the preview showed; if anything moved meanwhile, nothing is done."""
    pairs = [str(one).partition(":") for one in visit.form.getlist("move")]
    moves = [(int(case), to) for case, _sign, to in pairs if case.isdecimal() and len(case) < 19]
    reason = Handover.ABSENCE if visit.text("reason") == "absence" else Handover.REASSIGNED
    try:
        with visit.transaction() as tx:
            reassign(
                tx, vault=visit.parts.vault, moves=moves, seen=visit.text("seen"), reason=reason, actor=visit.actor,
                now=visit.now,
            )  # fmt: skip
    except Trouble as error:
        return _reassign(visit, error=sentence(error, visit.choice.language))
    return visit.go(
        "/floor",
        said=visit.say("Cases that changed hands: {count}.", count=len(moves)),
    )


def _choice(visit: Visit) -> Choice:
    """What was chosen; raises `NotAFieldValue`."""
    return Choice(
        from_collector=visit.query.get("from") or None,
        from_team=visit.query.get("team") or None,
        stages=tuple(
            fields.one_of(one, "stage", [stage.value for stage in Stage]) for one in visit.query.getlist("stage") if one
        ),
        to=tuple(one for one in visit.query.getlist("to") if one),
        most=fields.within(visit.query.get("most", "").strip() or str(MOST), "most", 1, reassigning.MOST),
    )


def _reassign(visit: Visit, *, found: Preview | None = None, error: str = "") -> Response:
    with visit.transaction() as tx:
        people = [
            one for one in collectors.every(tx)
            if one.from_day <= visit.today and (one.to_day is None or one.to_day > visit.today)
        ]  # fmt: skip
        away = {one.collector_id for one in collectors.absences(tx, since=visit.today) if one.from_day <= visit.today}
        known = rules_named(tx) if found and any(one.barred for one in found.loads) else {}
    return visit.page(
        "oversight/reassign.html",
        status=422 if error else 200,
        people=people,
        away=away,
        teams=sorted({one.team for one in people}),
        stages=[stage.value for stage in Stage],
        chosen={name: visit.query.getlist(name) for name in _CHOSEN},
        most=visit.query.get("most", str(MOST)),
        found=found,
        known=known,
        error=error,
        again=urlencode(visit.query.multi_items()),
    )
