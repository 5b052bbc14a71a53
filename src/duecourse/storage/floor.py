"""The floor as it is now: who works on what, teams, the freshness of data, jobs under way. Screens' own queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from duecourse.core.money import BrokenInvariant
from duecourse.storage.connection import Tx


@dataclass(frozen=True, slots=True)
class Desk:
    """A collector as the floor sees them since the last run: what is listed, what was done, what is being done."""

    collector_id: str
    team: str
    skills: list[str]
    capacity: int
    absent: str | None
    open_cases: int
    listed: int
    contacts: int
    connected: int
    promised: int
    unreported: int
    last_at: datetime | None
    last_case: int | None
    last_outcome: str | None


def desks(tx: Tx, day: date, today: date) -> list[Desk]:
    """Every collector in service: worklist and contacts since the run of ``day``, absence on ``today``."""
    return tx.rows(
        Desk,
        "WITH made AS (SELECT split_part(c.sender, '/', 2) AS staff, c.debtor_id, c.at, c.outcome, c.connected, "
        "c.state FROM contact c WHERE c.lender_id = %(lender)s AND c.local_day >= %(day)s AND c.direction = 'out' "
        "AND c.sender LIKE 'lender/_%%' AND (c.state = 'redeemed' OR (c.state = 'reported' AND c.outcome <> "
        "'not_sent'))), done AS (SELECT staff, count(*) AS contacts, count(*) FILTER (WHERE connected) AS connected, "
        "count(*) FILTER (WHERE outcome = 'promised') AS promised, count(*) FILTER (WHERE state = 'redeemed') AS "
        "unreported, max(at) AS last_at FROM made GROUP BY staff), "
        "last AS (SELECT DISTINCT ON (staff) staff, debtor_id, outcome FROM made ORDER BY staff, at DESC), "
        "listed AS (SELECT w.collector_id, count(*) AS listed FROM worklist w JOIN day_run r USING (lender_id, "
        "day, run_id) "
        "WHERE w.lender_id = %(lender)s AND w.day = %(day)s AND r.state = 'published' GROUP BY w.collector_id), "
        "held AS (SELECT collector_id, count(*) AS open_cases FROM cases WHERE lender_id = %(lender)s "
        "AND closed_day IS NULL AND collector_id IS NOT NULL GROUP BY collector_id) "
        "SELECT k.collector_id, k.team, k.skills, k.capacity, a.kind AS absent, coalesce(held.open_cases, 0) AS "
        "open_cases, coalesce(listed.listed, 0) AS listed, coalesce(done.contacts, 0) AS contacts, "
        "coalesce(done.connected, 0) AS connected, coalesce(done.promised, 0) AS promised, "
        "coalesce(done.unreported, 0) AS unreported, done.last_at, (SELECT max(case_id) FROM cases c "
        "WHERE c.lender_id = %(lender)s AND c.person_id = last.debtor_id) AS last_case, last.outcome AS last_outcome "
        "FROM collector k LEFT JOIN done ON done.staff = k.collector_id LEFT JOIN last ON last.staff = k.collector_id "
        "LEFT JOIN listed USING (collector_id) LEFT JOIN held USING (collector_id) "
        "LEFT JOIN LATERAL (SELECT kind FROM absence b WHERE b.lender_id = k.lender_id AND b.collector_id = "
        "k.collector_id AND b.from_day <= %(today)s AND b.to_day > %(today)s LIMIT 1) a ON true "
        "WHERE k.lender_id = %(lender)s AND k.from_day <= %(today)s AND (k.to_day IS NULL OR k.to_day > %(today)s) "
        "ORDER BY k.team, k.collector_id",
        {"lender": tx.lender_id, "day": day, "today": today},
    )


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old what people see is."""

    book_version: int | None
    book_known_at: datetime | None
    tape_at: datetime | None
    run_day: date | None
    run_at: datetime | None
    running_day: date | None
    prepared_at: datetime | None
    breaks: int
    unassigned: int  # open cases that nobody works


def freshness(tx: Tx) -> Freshness:
    """How old the book, the last run and the prepared figures are, and what is open between the lender and us."""
    found = tx.row(
        Freshness,
        "SELECT (SELECT max(version) FROM book_version WHERE lender_id = %(lender)s) AS book_version, "
        "(SELECT known_at FROM book_version WHERE lender_id = %(lender)s ORDER BY version DESC LIMIT 1) AS "
        "book_known_at, (SELECT max(known_at) FROM source_file WHERE lender_id = %(lender)s) AS tape_at, "
        "(SELECT max(day) FROM day_run WHERE lender_id = %(lender)s AND state = 'published') AS run_day, "
        "(SELECT ended_at FROM day_run WHERE lender_id = %(lender)s AND state = 'published' ORDER BY day DESC LIMIT 1) "
        "AS run_at, (SELECT day FROM day_run WHERE lender_id = %(lender)s AND state = 'running') AS running_day, "
        "(SELECT max(prepared_at) FROM figure_day WHERE lender_id = %(lender)s) AS prepared_at, "
        "(SELECT count(*) FROM break WHERE lender_id = %(lender)s AND closed_day IS NULL) AS breaks, "
        "(SELECT count(*) FROM cases WHERE lender_id = %(lender)s AND closed_day IS NULL AND collector_id IS NULL) "
        "AS unassigned",
        {"lender": tx.lender_id},
    )
    if found is None:
        raise BrokenInvariant("a query without FROM gave no row")
    return found


@dataclass(frozen=True, slots=True)
class Held:
    """An open case with whose it is and how it stands."""

    case_id: int
    person_id: int
    collector_id: str | None
    name_masked: str | None
    stage: str | None
    dpd: int | None
    overdue_minor: int | None
    currency: str | None
    plan_dpd: int | None
    loans: int | None
    settle_minor: int | None


def held(tx: Tx, *, collector: str | None, team: str | None, stages: Sequence[str], most: int) -> list[Held]:
    """Open cases of a collector or a team, in some stages or all, the longest overdue first."""
    return tx.rows(
        Held,
        "SELECT c.case_id, c.person_id, c.collector_id, p.name_masked, s.stage, s.dpd, s.overdue_minor, s.currency, "
        "s.dpd_plan AS plan_dpd, s.loans, s.settle_minor "
        "FROM cases c JOIN person p USING (lender_id, person_id) "
        "LEFT JOIN collector k ON k.lender_id = c.lender_id AND k.collector_id = c.collector_id "
        "LEFT JOIN day_run r ON r.lender_id = c.lender_id AND r.state = 'published' AND r.day = (SELECT max(day) "
        "FROM day_run WHERE lender_id = %(lender)s AND state = 'published') "
        "LEFT JOIN case_snapshot s ON s.lender_id = c.lender_id AND s.person_id = c.person_id AND s.day = r.day "
        "AND s.run_id = r.run_id WHERE c.lender_id = %(lender)s AND c.closed_day IS NULL "
        "AND (%(collector)s::text IS NULL OR c.collector_id = %(collector)s) "
        "AND (%(team)s::text IS NULL OR k.team = %(team)s) "
        "AND (%(all)s OR s.stage = ANY (%(stages)s)) ORDER BY s.dpd DESC NULLS LAST, c.case_id LIMIT %(most)s",
        {
            "lender": tx.lender_id, "collector": collector, "team": team, "stages": list(stages), "all": not stages,
            "most": most,
        },
    )  # fmt: skip


def loads(tx: Tx) -> dict[str, int]:
    """Open cases of each collector."""
    found = tx.execute(
        "SELECT collector_id, count(*) FROM cases WHERE lender_id = %s AND closed_day IS NULL "
        "AND collector_id IS NOT NULL GROUP BY collector_id",
        (tx.lender_id,),
    )
    return {row[0]: row[1] for row in found}


def whose(tx: Tx, cases: Sequence[int]) -> dict[int, str | None]:
    """Whose these cases are, of those that are open; held until the transaction ends."""
    found = tx.execute(
        "SELECT case_id, collector_id FROM cases WHERE lender_id = %s AND case_id = ANY (%s) AND closed_day IS NULL "
        "ORDER BY case_id FOR UPDATE",
        (tx.lender_id, list(cases)),
    )
    return {row[0]: row[1] for row in found}
