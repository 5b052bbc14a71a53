"""Trying the law out: another law over the planned contacts, scenario files, coverage; and a person's open windows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from threading import Lock
from zoneinfo import ZoneInfo

from starlette.responses import Response

from duecourse.casework import lender_law, planned, scenario
from duecourse.casework.person_calendar import person_calendar
from duecourse.casework.rights import Right
from duecourse.law import wording
from duecourse.law.calendar import Calendar, Way
from duecourse.law.coverage import coverage
from duecourse.law.diff import Difference, as_of, compare
from duecourse.law.pack import Pack, PackKind
from duecourse.law.rulebook import Rulebook, rulebook
from duecourse.law.terms import word
from duecourse.storage import cases, lenders, own_packs, persons, runs
from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput, Busy
from duecourse.web.fields import NotAFieldValue
from duecourse.web.oversight.law import branch
from duecourse.web.page import Pages
from duecourse.web.visit import Visit

pages = Pages("oversight")

SCENARIO_BYTES_MAX = 200_000
LISTED = 50
_one_at_a_time = Lock()


class NotText(BadInput):
    """An uploaded file that is no text."""

    def __init__(self) -> None:
        super().__init__(N_("a scenario file is plain text in UTF-8"))


class Comparing(Busy):
    """Another comparison is under way in this process."""

    def __init__(self) -> None:
        super().__init__(N_("somebody compares laws just now; try again in a moment"))


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a day in the picture: from which minute, how wide, open or not, and why."""

    x: int
    width: int
    open: bool
    says: str


@dataclass(frozen=True, slots=True)
class DayShown:
    """One day of a way of contact."""

    day: str
    stretches: list[Stretch]
    now: int | None
    open_minutes: int


@pages.get("/cases/{case}/windows", right=Right.CASE_READ)
def windows(visit: Visit) -> Response:
    """When the borrower of a case may be contacted over the next 14 days, by channel, as a picture."""
    number = visit.number("case", visit.path)
    with visit.transaction() as tx:
        case = cases.get(tx, number)
        person = persons.get(tx, case.person_id)
    found = person_calendar(
        visit.parts.database, visit.lender_id, gate=visit.parts.gate, person_id=case.person_id, clock=visit.parts.clock
    )
    ways = [(one, _days(one, found, visit.lang)) for one in found.ways]
    closed = {
        refusal.rule.id: refusal.rule.says[visit.lang]
        for one in found.ways
        for span in one.spans
        for refusal in span.refusals
    }
    return visit.page(
        "oversight/windows.html", case=case, name=person.name_masked, found=found, ways=ways, closed=closed,
        word=lambda value: word(str(value), visit.lang),
    )  # fmt: skip


def _days(way: Way, found: Calendar, lang: str) -> list[DayShown]:
    zone = ZoneInfo(found.clock)
    shown = []
    for day in found.days:
        start = datetime(day.year, day.month, day.day, tzinfo=zone)
        stretches = []
        minutes = 0
        for span in way.on(day, found.clock):
            begin = max(0, int((span.at - start.astimezone(UTC)).total_seconds()) // 60)
            end = min(1_440, int((span.until - start.astimezone(UTC)).total_seconds()) // 60)
            if end <= begin:
                continue
            minutes += (end - begin) * span.open
            clock = f"{begin // 60:02d}:{begin % 60:02d}–{end // 60:02d}:{end % 60:02d}"
            why = ", ".join(one.rule.says[lang] for one in span.refusals)
            stretches.append(Stretch(begin, end - begin, span.open, f"{clock} {why}".strip()))
        local = found.at.astimezone(zone)
        now = local.hour * 60 + local.minute if local.date() == day else None
        shown.append(DayShown(day.isoformat(), stretches, now, minutes))
    return shown


@pages.get("/law/compare", right=Right.LAW_TRY)
def compare_form(visit: Visit) -> Response:
    """Choose two laws and see what the second would change over the contacts planned for the last day."""
    return _compare(visit)


@pages.post("/law/compare", right=Right.LAW_TRY)
def compare_laws(visit: Visit) -> Response:
    """Work out what another law would change over the live book."""
    with visit.transaction() as tx:
        lender, day = lenders.get(tx), runs.published(tx).day
        before, after = (_law(visit, tx, lender.jurisdiction, side) for side in ("before", "after"))
    if not _one_at_a_time.acquire(blocking=False):
        raise Comparing
    try:
        frames = planned.planned_days(
            visit.parts.database, visit.parts.store(visit.lender_id), lender_id=visit.lender_id, days=[day]
        )
        found = compare(before, after, frames, turns=planned.TURNS, group=("treatment",), most=LISTED)
    finally:
        _one_at_a_time.release()
    return _compare(visit, found=found, day=day)


def _law(visit: Visit, tx: Tx, jurisdiction: str, side: str) -> Rulebook:
    off = [str(one) for one in visit.form.getlist(f"{side}_off")]
    own = [_own(tx, str(one)) for one in visit.form.getlist(f"{side}_own") if one]
    every = (*lender_law.installed(), *own)
    policies = {pack.id for pack in every if pack.kind is PackKind.POLICY}
    book = rulebook(every, jurisdiction=jurisdiction, without=policies & set(off))
    text = visit.text(f"{side}_day")
    return as_of(book, visit.day(f"{side}_day")) if text else book


def _own(tx: Tx, said: str) -> Pack:
    """A version of the lender's own pack, as the form names it: PACK@VERSION."""
    version = said.rpartition("@")[2]
    if not version.isdecimal() or len(version) > 9:
        raise NotAFieldValue("own")
    return lender_law.kept_pack(tx, said)


def _compare(visit: Visit, *, found: Difference | None = None, day: date | None = None) -> Response:
    with visit.transaction() as tx:
        stands = lender_law.standing(tx)
        ran = runs.last_day(tx)
        binding = lenders.get(tx).own_packs
        kept = {f"{one.pack_id}@{one.version}": one for one in own_packs.every(tx)}
    bound = [name for name, one in kept.items() if lender_law.name_of(visit.lender_id, one.hash) in binding]
    own = {side: [str(one) for one in visit.form.getlist(f"{side}_own")] for side in ("before", "after")}
    if not visit.form:
        own["before"] = own["after"] = bound
    by_pack: dict[str, list[str]] = {}
    for name in kept:
        by_pack.setdefault(name.rpartition("@")[0], []).append(name)
    installed = {pack.id for pack in lender_law.installed()}
    chosen = {side: [str(one) for one in visit.form.getlist(f"{side}_off")] for side in ("before", "after")}
    if not visit.form:
        chosen["before"] = chosen["after"] = [one.pack.id for one in stands if not one.on]
    return visit.page(
        "oversight/compare.html", policies=[one for one in stands if one.may_be_off and one.pack.id in installed],
        by_pack=by_pack, own=own, ran=ran, chosen=chosen, found=found, day=day,
        days={side: str(visit.form.get(f"{side}_day", "")) for side in ("before", "after")},
    )  # fmt: skip


@pages.get("/law/scenarios", right=Right.LAW_TRY)
def scenario_form(visit: Visit) -> Response:
    """Put a file of scenarios to the law."""
    return visit.page("oversight/scenarios.html", told=None, faults=[], name="", text="")


@pages.post("/law/scenarios", right=Right.LAW_TRY, body_max=SCENARIO_BYTES_MAX + 10_000)
def run_scenarios(visit: Visit) -> Response:
    """Run an uploaded file of scenarios, or what was written: each line, the law's answer, what is not as expected."""
    name, text = _scenario_text(visit)
    told, faults = scenario.run_scenarios({name: text}, lender_law.installed(), visit.lang)
    shown = [
        (one.case, [(found, wording.sentence(found.decision, visit.lang)) for found in one.verdicts]) for one in told
    ]
    return visit.page("oversight/scenarios.html", told=shown, faults=faults, name=name, text=text)


def _scenario_text(visit: Visit) -> tuple[str, str]:
    upload = visit.form.get("file")
    name = getattr(upload, "filename", "") or ""
    if name:
        raw = visit.file("file")
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise NotText from None
    else:
        name, text = "scenario", str(visit.form.get("text", "")).replace("\r\n", "\n")
    if "\0" in text or len(text.encode()) > SCENARIO_BYTES_MAX:
        raise NotAFieldValue("file")
    return name[:80], text


@pages.get("/law/coverage", right=Right.LAW_TRY)
def show_coverage(visit: Visit) -> Response:
    """What the cases of the packs exercise: every branch and limit of every rule, or only some."""
    with visit.transaction() as tx:
        stands = lender_law.standing(tx)
    names = [one.pack.id for one in stands]
    chosen = visit.query.get("pack", names[0] if names else "")
    packs = [one.pack for one in stands if one.pack.id == chosen]
    if not packs:
        raise NotAFieldValue("pack")
    found = coverage(packs)
    return visit.page(
        "oversight/coverage.html",
        branch=partial(branch, visit),
        found=found,
        sums=found.packs[0],
        names=names,
        chosen=chosen,
    )
