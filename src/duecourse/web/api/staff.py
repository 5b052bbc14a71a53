"""The register of staff and firms, and teams with capacity and absence, over HTTP: the acts of the command line."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator, Field

from duecourse.casework import registers
from duecourse.casework import team as acts
from duecourse.casework.staff import OfFirm, OfStaff
from duecourse.law.clock import zone
from duecourse.storage import collectors, senders, teams
from duecourse.storage.collectors import Absence, Collector
from duecourse.storage.connection import Tx
from duecourse.storage.senders import Record
from duecourse.storage.tokens import Scope
from duecourse.trouble import N_, Said
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.keyed import Key, once
from duecourse.web.api.problem import Kind, Problem
from duecourse.web.api.shapes import PREFIX, Code, Day, Id, Shape, Told, problems

router = APIRouter(prefix=PREFIX, tags=["staff"])

StaffReader = Annotated[Inquiry, admitted(Scope.STAFF_READ)]
StaffWriter = Annotated[Inquiry, admitted(Scope.STAFF_WRITE)]
TeamReader = Annotated[Inquiry, admitted(Scope.TEAM_READ)]
TeamWriter = Annotated[Inquiry, admitted(Scope.TEAM_WRITE)]
_WRONG = (Kind.INVALID, Kind.NOT_JSON, Kind.OTHER_REQUEST)
_KINDS = sorted({*OfStaff, *OfFirm})


def _kind(word: str) -> str:
    if word not in _KINDS:
        raise ValueError(N_("this is no kind of record"))
    return word


RecordKind = Annotated[
    str, AfterValidator(_kind), Field(json_schema_extra={"enum": [str(one) for one in _KINDS]}, examples=["training"])
]
Number = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9._@-]{0,64}$", description="Staff number; empty where it is of the firm itself.")
]
Firm = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9._@-]{0,64}$", description="Outside firm; empty for the lender's own.")
]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$", examples=["field"])]
CollectorId = Annotated[Code, Path()]
Most = Annotated[int, Query(ge=1, le=500)]


class RecordShape(Shape):
    """One thing on record of a member of staff, or of a firm."""

    record: Id
    firm: str = Field(description="Empty for the lender's own.")
    staff: str = Field(description="Empty where it is of the firm itself.")
    kind: str
    begins: date
    until: date | None = Field(description="First day on which it holds no longer; none while it holds.")
    source: str
    by: str
    known_at: Told
    ended_by: str | None


class RecordsShape(Shape):
    """A page of the register, in the order in which things were put on record."""

    records: list[RecordShape]
    next: Id | None = Field(description="The cursor of the next page; none at the end.")


class WantedRecord(Shape):
    """What is put on record, with the document that proves it."""

    kind: RecordKind
    staff: Number = ""
    firm: Firm = ""
    begins: Day
    until: Day | None = Field(default=None, description="First day on which it holds no longer.")
    source: Annotated[
        str, Field(pattern=r"^[^\x00]*[^\x00\s][^\x00]*$", max_length=200, examples=["certificate 2026/41"])
    ]


class RecordMade(Shape):
    """What was put on record."""

    record: Id


class WantedEnd(Shape):
    """What holds no longer: all open records of the kind, or the one named."""

    kind: RecordKind
    staff: Number = ""
    firm: Firm = ""
    on: Day = Field(description="First day on which it holds no longer.")
    record: Id | None = None


class RecordsEnded(Shape):
    """How many records ended."""

    ended: int


class AbsenceShape(Shape):
    """Days on which a collector does not work."""

    first: date
    back: date = Field(description="First day back.")
    kind: str


class CollectorShape(Shape):
    """Who works cases, with absences that are not over."""

    collector: str
    team: str
    skills: list[str]
    languages: list[str]
    capacity: int = Field(description="Cases a day.")
    begins: date
    until: date | None
    away: list[AbsenceShape]


class CollectorsShape(Shape):
    """A page of those who work cases, by staff number."""

    collectors: list[CollectorShape]
    next: str | None = Field(description="The cursor of the next page; none at the end.")


class WantedCollector(Shape):
    """All of a collector's row; it counts from the next day run on."""

    team: Word
    skills: list[Word] = Field(max_length=64)
    languages: list[Word] = Field(max_length=64)
    capacity: int = Field(ge=0, le=acts.CAPACITY_MAX)


class NewCollector(WantedCollector):
    """Who is to work cases, by staff number, from a day on."""

    collector: Word
    begins: Day | None = Field(default=None, description="First day of work; none: today at the lender.")
    until: Day | None = Field(default=None, description="First day on which the collector is gone.")


class WantedLeaving(Shape):
    """When a collector leaves."""

    until: Day | None = Field(description="First day on which the collector is gone; null: the collector stays.")


class WantedAbsence(Shape):
    """Days on which a collector will not work."""

    kind: str = Field(json_schema_extra={"enum": list(acts.ABSENCES)})
    first: Day
    back: Day = Field(description="First day back.")


class TeamShape(Shape):
    """A team and the user who leads it."""

    team: str
    led_by: str | None


class TeamsShape(Shape):
    """All teams."""

    teams: list[TeamShape]


class WantedLeader(Shape):
    """A supervisor who leads a team; none: nobody does."""

    leader: Code | None


@router.get("/staff", responses=problems(Kind.INVALID))
def list_staff(
    inquiry: StaffReader,
    *,
    staff: Annotated[Code | None, Query(description="Of one member of staff.")] = None,
    firm: Annotated[Code | None, Query(description="Of one outside firm and its people.")] = None,
    cursor: Annotated[Id | None, Query(description="What the page before gave.")] = None,
    most: Most = 100,
) -> RecordsShape:
    """List the register of staff and outside firms: exam, training, undertaking, breaches, contracts."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = senders.page(tx, firm=firm, staff=staff, after=cursor, most=most)
    return RecordsShape(
        records=[_record(one) for one in found], next=found[-1].record_id if len(found) >= most else None
    )


@router.post("/staff", status_code=201, responses=problems(*_WRONG))
def record_staff(said: WantedRecord, key: Key, inquiry: StaffWriter) -> RecordMade:
    """Put one thing on record, of a member of staff or of a firm; the gate goes by it from then on."""

    def act() -> RecordMade:
        return RecordMade(
            record=registers.put_on_record(
                tx, vault=inquiry.parts.vault, firm=said.firm, staff=said.staff, kind=_of(said.kind, said.staff),
                from_day=said.begins, to_day=said.until, source=said.source, actor=inquiry.caller.actor,
                now=inquiry.parts.clock(),
            )
        )  # fmt: skip

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place="staff", said=said, shape=RecordMade, act=act)


@router.post("/staff/ending", responses=problems(*_WRONG))
def end_staff_record(said: WantedEnd, key: Key, inquiry: StaffWriter) -> RecordsEnded:
    """End what stands on record: a post left, a breach closed, a contract ended. Nothing is deleted."""

    def act() -> RecordsEnded:
        return RecordsEnded(
            ended=registers.end_record(
                tx, vault=inquiry.parts.vault, firm=said.firm, staff=said.staff, kind=_of(said.kind, said.staff),
                to_day=said.on, record_id=said.record, actor=inquiry.caller.actor, now=inquiry.parts.clock(),
            )
        )  # fmt: skip

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place="end of staff", said=said, shape=RecordsEnded, act=act)


@router.get("/collectors", responses=problems(Kind.INVALID))
def list_collectors(
    inquiry: TeamReader,
    *,
    cursor: Annotated[Code | None, Query(description="What the page before gave.")] = None,
    most: Most = 100,
) -> CollectorsShape:
    """List who works cases: team, skills, languages, cases a day, and absences that are not over."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = collectors.page(tx, after=cursor or "", most=most)
        away = collectors.absences(tx, since=_today(inquiry))
    return CollectorsShape(
        collectors=[_collector(one, away) for one in found],
        next=found[-1].collector_id if len(found) >= most else None,
    )


@router.post("/collectors", status_code=201, responses=problems(Kind.CONFLICT, *_WRONG))
def add_collector(said: NewCollector, key: Key, inquiry: TeamWriter) -> CollectorShape:
    """Enter a collector; the next day run from the first day on assigns cases. A known staff number is refused."""

    def act() -> CollectorShape:
        acts.add_collector(
            tx, vault=inquiry.parts.vault, collector_id=said.collector, team=said.team, skills=said.skills,
            languages=said.languages, capacity=said.capacity, from_day=said.begins or _today(inquiry),
            to_day=said.until, actor=inquiry.caller.actor, now=inquiry.parts.clock(),
        )  # fmt: skip
        return _again(tx, inquiry, said.collector)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place="collector", said=said, shape=CollectorShape, act=act)


@router.put("/collectors/{collector}", responses=problems(Kind.NOT_FOUND, *_WRONG))
def change_collector(collector: CollectorId, said: WantedCollector, key: Key, inquiry: TeamWriter) -> CollectorShape:
    """Change team, skills, languages and cases a day of a collector; the next day run goes by it."""

    def act() -> CollectorShape:
        acts.change_collector(
            tx, vault=inquiry.parts.vault, collector_id=collector, team=said.team, skills=said.skills,
            languages=said.languages, capacity=said.capacity, actor=inquiry.caller.actor, now=inquiry.parts.clock(),
        )  # fmt: skip
        return _again(tx, inquiry, collector)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"collector {collector}", said=said, shape=CollectorShape, act=act)


@router.put("/collectors/{collector}/leaving", responses=problems(Kind.NOT_FOUND, *_WRONG))
def set_leaving(collector: CollectorId, said: WantedLeaving, key: Key, inquiry: TeamWriter) -> CollectorShape:
    """Say on which day a collector is gone, or that the collector stays; day runs from then on give the cases away."""

    def act() -> CollectorShape:
        acts.set_leaving(
            tx, vault=inquiry.parts.vault, collector_id=collector, to_day=said.until, actor=inquiry.caller.actor,
            now=inquiry.parts.clock(),
        )  # fmt: skip
        return _again(tx, inquiry, collector)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"leaving {collector}", said=said, shape=CollectorShape, act=act)


@router.post("/collectors/{collector}/absences", status_code=201, responses=problems(Kind.NOT_FOUND, *_WRONG))
def enter_absence(collector: CollectorId, said: WantedAbsence, key: Key, inquiry: TeamWriter) -> AbsenceShape:
    """Enter an absence; one that begins on the same day is changed by it."""

    def act() -> AbsenceShape:
        acts.enter_absence(
            tx, vault=inquiry.parts.vault, collector_id=collector, from_day=said.first, to_day=said.back,
            kind=said.kind, actor=inquiry.caller.actor, now=inquiry.parts.clock(),
        )  # fmt: skip
        return AbsenceShape(first=said.first, back=said.back, kind=said.kind)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"absence {collector}", said=said, shape=AbsenceShape, act=act)


@router.post("/collectors/{collector}/absences/{first}/ending", responses=problems(Kind.NOT_FOUND, *_WRONG))
def remove_absence(
    collector: CollectorId, first: Annotated[Day, Path()], key: Key, inquiry: TeamWriter
) -> CollectorShape:
    """Take away the absence that begins on a day."""

    def act() -> CollectorShape:
        collectors.get(tx, collector)
        if not acts.remove_absence(
            tx, vault=inquiry.parts.vault, collector_id=collector, from_day=first.isoformat(),
            actor=inquiry.caller.actor, now=inquiry.parts.clock(),
        ):  # fmt: skip
            raise Problem(Kind.NOT_FOUND, N_("No absence of this collector begins on that day."))
        return _again(tx, inquiry, collector)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(
            tx, inquiry, key, place=f"end of absence {collector} {first}", said=None, shape=CollectorShape, act=act
        )


@router.get("/teams", responses=problems())
def list_teams(inquiry: TeamReader) -> TeamsShape:
    """List all teams that anybody belongs to or leads."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return TeamsShape(teams=[TeamShape(team=one.team_id, led_by=one.led_by) for one in teams.every(tx)])


@router.put("/teams/{team}/leader", responses=problems(Kind.NOT_FOUND, *_WRONG))
def set_leader(team: Annotated[Word, Path()], said: WantedLeader, key: Key, inquiry: TeamWriter) -> TeamShape:
    """Say who leads a team: a supervisor who may sign in, or nobody."""

    def act() -> TeamShape:
        acts.set_leader(
            tx, vault=inquiry.parts.vault, team_id=team, user_id=said.leader, actor=inquiry.caller.actor,
            now=inquiry.parts.clock(),
        )  # fmt: skip
        return TeamShape(team=team, led_by=said.leader)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"leader {team}", said=said, shape=TeamShape, act=act)


def _of(kind: str, staff: str) -> OfStaff | OfFirm:
    """The kind as one of staff or of firms, as the record is of the one or the other."""
    known = OfStaff if staff else OfFirm
    if kind not in set(known):
        says = (
            N_("Of a member of staff there may be on record: {kinds}.")
            if staff
            else N_("Of a firm (staff is empty) there may be on record: {kinds}.")
        )
        raise Problem(Kind.INVALID, Said(says, kinds=", ".join(known)))
    return known(kind)


def _again(tx: Tx, inquiry: Inquiry, collector: str) -> CollectorShape:
    return _collector(collectors.get(tx, collector), collectors.absences(tx, since=_today(inquiry)))


def _today(inquiry: Inquiry) -> date:
    return inquiry.parts.clock().astimezone(zone(inquiry.caller.lender.zone)).date()


def _record(one: Record) -> RecordShape:
    return RecordShape(
        record=one.record_id, firm=one.firm, staff=one.staff, kind=one.kind, begins=one.from_day, until=one.to_day,
        source=one.source, by=one.actor, known_at=one.known_at, ended_by=one.ended_by,
    )  # fmt: skip


def _away(away: list[Absence], collector: str) -> list[AbsenceShape]:
    return [
        AbsenceShape(first=one.from_day, back=one.to_day, kind=one.kind)
        for one in away
        if one.collector_id == collector
    ]


def _collector(one: Collector, away: list[Absence]) -> CollectorShape:
    return CollectorShape(
        collector=one.collector_id, team=one.team, skills=one.skills, languages=one.languages, capacity=one.capacity,
        begins=one.from_day, until=one.to_day, away=_away(away, one.collector_id),
    )  # fmt: skip
