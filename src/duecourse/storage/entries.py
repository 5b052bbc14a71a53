"""Entries of a collector's worklist as screens list them: filtered, in order, by cursor; and cases that were lost.

Whose an entry is, is what the case says now: one that was taken or handed back since the day run moves at once. What
is owed, proposed and answered is what the day run found. Each query walks an index in the order of the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, LiteralString

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput

PAGE_MAX = 200
_NOWHERE = 1_000_000_000


class Scope(StrEnum):
    """Which cases are listed."""

    TODAY = "today"  # the worklist of the day, and what was taken since
    ALL = "all"  # every open case of the collector, listed today or not
    LOST = "lost"  # worked once, then forgotten: no contact, standing promise or kept plan for some days
    NOBODY = "nobody"  # open cases that nobody has


class EntryState(StrEnum):
    """Where an entry stands today."""

    OPEN = "open"  # nothing was done yet
    DONE = "done"  # a contact was made today
    SKIPPED = "skipped"  # passed over for the day


class NotACursor(BadInput):
    """A cursor that no answer of ours gave."""

    def __init__(self) -> None:
        super().__init__(N_("the cursor is not one that this list gave; begin without one"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a list is narrowed to; what is left out does not narrow. Amounts are minor units, overdue."""

    collector_id: str | None = None
    scope: Scope = Scope.TODAY
    stages: tuple[str, ...] = ()
    amount_min: int | None = None
    amount_max: int | None = None
    product: str | None = None
    channel: str | None = None
    language: str | None = None
    state: EntryState | None = None
    new: bool = False  # the case was opened on the day of the run
    promise_due: bool = False  # a standing promise falls due by today, or was broken
    lost_days: int = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line. ``place`` is 0 for a case taken by hand; ``treatment`` is None where nothing is proposed."""

    place: int
    collector_id: str | None
    case_id: int
    person_id: int
    name_masked: str | None
    loans: int
    dpd: int
    stage: str
    five_class: str
    currency: str
    overdue_minor: int
    settle_minor: int
    opened_day: date
    products: list[str]
    language: str | None
    ordinal: int | None
    treatment: str | None
    channel: str | None
    recipient_id: int | None
    relation: str | None
    contact_point_id: int | None
    template_id: str | None
    slot_at: datetime | None
    slot_second: int | None
    slot_zone: str | None
    answer: str | None
    rules: list[str] | None
    missing: list[str] | None
    reasons: Mapping[str, object] | None
    skipped: str | None
    last_at: datetime | None
    last_channel: str | None
    last_outcome: str | None
    worked_today: bool
    promise_amount: int | None
    promise_due: date | None
    promise_state: str | None
    holds: int

    @property
    def state(self) -> EntryState:
        """Where it stands today."""
        if self.worked_today:
            return EntryState.DONE
        return EntryState.SKIPPED if self.skipped else EntryState.OPEN

    @property
    def cursor(self) -> str:
        """From where the list goes on after this entry."""
        return f"{self.place}-{self.person_id}"


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, and the cursor of the next page if there may be more."""

    entries: list[Entry]
    cursor: str | None


@dataclass(slots=True)
class _Query:
    """A query put together from constants; values are parameters."""

    where: list[LiteralString] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)

    def also(self, condition: LiteralString, **values: object) -> None:
        self.where.append(condition)
        self.params |= values


_IN_THE_LIST: LiteralString = (
    "LEFT JOIN LATERAL (SELECT w.place, w.ordinal FROM worklist w WHERE w.lender_id = m.lender_id "
    "AND w.day = %(day)s AND w.run_id = %(run)s AND w.person_id = m.person_id LIMIT 1) w ON TRUE "
)
"""Where the cases ``m`` stand in the day's list. Looked up one by one: a join would walk through everybody's places."""

_LISTED: dict[Scope, LiteralString] = {
    Scope.TODAY: (
        "SELECT w.place, w.person_id, w.ordinal FROM worklist w WHERE w.lender_id = %(lender)s AND w.day = %(day)s "
        "AND w.run_id = %(run)s AND w.collector_id = %(collector)s UNION ALL "
        "SELECT coalesce(w.place, 0), a.person_id, w.ordinal FROM (SELECT DISTINCT person_id FROM cases m "
        "WHERE m.lender_id = %(lender)s AND m.collector_id = %(collector)s AND m.closed_day IS NULL AND EXISTS ("
        "SELECT FROM case_assignment h WHERE h.lender_id = m.lender_id AND h.person_id = m.person_id "
        "AND h.case_id = m.case_id AND h.to_collector = m.collector_id)) a LEFT JOIN worklist w "
        "ON w.lender_id = %(lender)s AND w.day = %(day)s AND w.run_id = %(run)s AND w.person_id = a.person_id "
        "WHERE w.collector_id IS DISTINCT FROM %(collector)s"
    ),
    Scope.ALL: (
        "SELECT coalesce(w.place, %(nowhere)s) AS place, m.person_id, w.ordinal FROM cases m "
        + _IN_THE_LIST
        + "WHERE m.lender_id = %(lender)s AND m.collector_id = %(collector)s AND m.closed_day IS NULL"
    ),
    Scope.NOBODY: (
        "SELECT %(nowhere)s AS place, m.person_id, NULL::smallint AS ordinal FROM cases m "
        "WHERE m.lender_id = %(lender)s AND m.collector_id IS NULL AND m.closed_day IS NULL"
    ),
}
_LISTED[Scope.LOST] = _LISTED[Scope.ALL]

_EVERYBODY: LiteralString = (
    "SELECT w.place, w.person_id, w.ordinal FROM worklist w WHERE w.lender_id = %(lender)s AND w.day = %(day)s "
    "AND w.run_id = %(run)s"
)
_OPEN: LiteralString = (
    "SELECT %(nowhere)s AS place, m.person_id, NULL::smallint AS ordinal FROM cases m "
    "WHERE m.lender_id = %(lender)s AND m.closed_day IS NULL"
)

_FORGOTTEN: LiteralString = (
    " AND NOT EXISTS (SELECT FROM promise i WHERE i.lender_id = m.lender_id AND i.case_id = m.case_id "
    "AND i.ended_at IS NULL) AND EXISTS (SELECT FROM contact j WHERE j.lender_id = m.lender_id "
    "AND j.debtor_id = m.person_id AND j.state IN ('redeemed', 'reported')) "
    "AND NOT EXISTS (SELECT FROM contact j WHERE j.lender_id = m.lender_id AND j.debtor_id = m.person_id "
    "AND j.state IN ('redeemed', 'reported') AND j.local_day >= %(lost)s) "
    "AND NOT EXISTS (SELECT FROM note e WHERE e.lender_id = m.lender_id AND e.person_id = m.person_id "
    "AND e.at >= %(lost)s)"
)
"""Of the cases ``m``, those that were worked once and not of late: known before anything is joined to them."""

_SELECT: LiteralString = (
    "SELECT l.place, c.collector_id, c.case_id, c.person_id, p.name_masked, s.loans, s.dpd, s.stage, "
    "s.class AS five_class, s.currency, s.overdue_minor, s.settle_minor, c.opened_day, n.products, g.language, "
    "o.ordinal, o.treatment, o.channel, o.recipient_id, o.relation, o.contact_point_id, o.template_id, o.slot_at, "
    "o.slot_second, o.slot_zone, o.answer, o.rules, o.missing, o.reasons, k.reason AS skipped, t.at AS last_at, "
    "t.channel AS last_channel, t.outcome AS last_outcome, coalesce(t.local_day = %(today)s, FALSE) AS worked_today, "
    "v.amount_minor AS promise_amount, v.due_day AS promise_due, r.state AS promise_state, f.holds "
)

_JOINED: LiteralString = (
    "CROSS JOIN LATERAL (SELECT c.* FROM cases c WHERE c.lender_id = %(lender)s AND c.person_id = l.person_id "
    "AND c.closed_day IS NULL LIMIT 1) c "
    "JOIN case_snapshot s ON s.lender_id = %(lender)s AND s.person_id = l.person_id AND s.day = %(day)s "
    "AND s.run_id = %(run)s "
    "JOIN person p ON p.lender_id = %(lender)s AND p.person_id = l.person_id "
    "LEFT JOIN person_language g ON g.lender_id = %(lender)s AND g.person_id = l.person_id "
    "LEFT JOIN worklist_skip k ON k.lender_id = %(lender)s AND k.person_id = l.person_id AND k.day = %(day)s "
    "AND k.taken_back_at IS NULL "
    "LEFT JOIN promise v ON v.lender_id = %(lender)s AND v.case_id = c.case_id AND v.ended_at IS NULL "
    "LEFT JOIN promise_reckoning r ON r.lender_id = %(lender)s AND r.person_id = v.person_id "
    "AND r.promise_id = v.promise_id "
    "LEFT JOIN LATERAL (SELECT q.* FROM proposal q WHERE q.lender_id = %(lender)s AND q.person_id = l.person_id "
    "AND q.day = %(day)s AND q.run_id = %(run)s AND q.ordinal = coalesce(l.ordinal, q.ordinal) "
    "ORDER BY q.answer = 'allowed' DESC, q.ordinal LIMIT 1) o ON TRUE "
    "LEFT JOIN LATERAL (SELECT k.at, k.channel, k.outcome, k.local_day FROM contact k WHERE k.lender_id = %(lender)s "
    "AND k.debtor_id = l.person_id AND k.state IN ('redeemed', 'reported') ORDER BY k.local_day DESC, k.at DESC "
    "LIMIT 1) t ON TRUE "
    "CROSS JOIN LATERAL (SELECT coalesce(array_agg(DISTINCT z.product) FILTER (WHERE z.product IS NOT NULL), '{}') "
    "AS products FROM case_loan_name z JOIN case_loan y ON y.lender_id = z.lender_id AND y.person_id = z.person_id "
    "AND y.loan_key = z.loan_key AND y.to_day IS NULL WHERE z.lender_id = %(lender)s AND z.person_id = l.person_id) n "
    "CROSS JOIN LATERAL (SELECT count(*)::integer AS holds FROM hold h WHERE h.lender_id = %(lender)s "
    "AND h.person_id = l.person_id AND h.from_at <= %(now)s AND (h.to_at IS NULL OR h.to_at > %(now)s)) f "
)


def page(
    tx: Tx,
    wanted: Filter,
    *,
    day: date,
    run_id: int,
    today: date,
    now: datetime,
    after: str | None = None,
    most: int = 50,
) -> Page:
    """One page of a list. ``today`` is the lender's natural day, ``day`` and ``run_id`` name the published run.

    Entries that are skipped stand after the others of the page's own kind only where the filter asks for them; screens
    show them by ``state``. Raises `NotACursor`.
    """
    most = min(max(most, 1), PAGE_MAX)
    query = _Query(
        params={
            "lender": tx.lender_id, "day": day, "run": run_id, "today": today, "now": now, "nowhere": _NOWHERE,
            "collector": wanted.collector_id, "most": most + 1,
        }
    )  # fmt: skip
    listed = _listed(wanted)
    if wanted.scope is Scope.NOBODY:
        query.also("c.collector_id IS NULL")
    elif wanted.collector_id is not None:
        # The list is the collector's already. Said plainly, it would be counted twice: a page of few rows is expected
        # then, and everything is joined for all of the list before it is cut.
        query.also("CASE WHEN c.collector_id = %(collector)s THEN TRUE END")
    _narrow(query, wanted, today)
    # Where all stand in one place, an index gives the people in order; a constant to sort by would hide that.
    flat = wanted.scope is Scope.NOBODY or (wanted.collector_id is None and wanted.scope is not Scope.TODAY)
    order: LiteralString = "person_id" if flat else "place, {}person_id"
    since: LiteralString = ""
    if after is not None:
        query.params["after_place"], query.params["after"] = _read(after)
        since = "WHERE u.person_id > %(after)s " if flat else "WHERE (place, person_id) > (%(after_place)s, %(after)s) "
    where: LiteralString = "".join([" AND " + one for one in query.where])
    # The list is put in order before anything is joined to it, so that the joins stop when the page is full.
    found = tx.rows(
        Entry,
        _SELECT + "FROM (SELECT * FROM (" + listed + ") u " + since + "ORDER BY " + order.replace("{}", "") + ") l "
        + _JOINED + "WHERE TRUE" + where + " ORDER BY l." + order.replace("{}", "l.") + " LIMIT %(most)s",
        query.params,
    )  # fmt: skip
    return Page(found[:most], found[most - 1].cursor if len(found) > most else None)


def _listed(wanted: Filter) -> LiteralString:
    forgotten: LiteralString = _FORGOTTEN if wanted.scope is Scope.LOST else ""
    if wanted.collector_id is None and wanted.scope is not Scope.NOBODY:
        return _EVERYBODY if wanted.scope is Scope.TODAY else _OPEN + forgotten
    return _LISTED[wanted.scope] + forgotten


_BY_VALUE: dict[str, LiteralString] = {
    "stages": "s.stage = ANY (%(stages)s)",
    "amount_min": "s.overdue_minor >= %(amount_min)s",
    "amount_max": "s.overdue_minor <= %(amount_max)s",
    "product": "%(product)s = ANY (n.products)",
    "channel": "o.channel = %(channel)s",
    "language": "g.language = %(language)s",
}
_BY_FLAG: dict[str, LiteralString] = {
    "new": "c.opened_day = %(day)s",
    "promise_due": "v.promise_id IS NOT NULL AND (v.due_day <= %(today)s OR r.state IN ('broken', 'partly_kept'))",
}
_BY_STATE: dict[EntryState, LiteralString] = {
    EntryState.DONE: "t.local_day = %(today)s",
    EntryState.SKIPPED: "k.skip_id IS NOT NULL AND t.local_day IS DISTINCT FROM %(today)s",
    EntryState.OPEN: "k.skip_id IS NULL AND t.local_day IS DISTINCT FROM %(today)s",
}


def _narrow(query: _Query, wanted: Filter, today: date) -> None:
    for name, condition in _BY_VALUE.items():
        value = getattr(wanted, name)
        if value is not None and value != ():
            query.also(condition, **{name: list(value) if isinstance(value, tuple) else value})
    for name, condition in _BY_FLAG.items():
        if getattr(wanted, name):
            query.also(condition)
    if wanted.state is not None:
        query.also(_BY_STATE[wanted.state])
    if wanted.scope is Scope.LOST:
        query.also("s.dpd_plan > 0", lost=today - timedelta(days=wanted.lost_days))


def _read(cursor: str) -> tuple[int, int]:
    place, _dash, person = cursor.partition("-")
    if not (place.isdecimal() and person.isdecimal() and len(place) <= 10 and len(person) <= 19):
        raise NotACursor
    return int(place), int(person)


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another proposal of a case: what else was wanted, and the law's answer at its slot."""

    person_id: int
    ordinal: int
    treatment: str
    channel: str | None
    relation: str | None
    recipient_id: int | None
    contact_point_id: int | None
    template_id: str | None
    slot_at: datetime | None
    slot_second: int | None
    slot_zone: str | None
    answer: str
    rules: list[str]
    missing: list[str]


def alternatives(tx: Tx, persons: list[int], *, day: date, run_id: int) -> list[Alternative]:
    """All proposals of a day for these persons, in order."""
    return tx.rows(
        Alternative,
        "SELECT person_id, ordinal, treatment, channel, relation, recipient_id, contact_point_id, template_id, "
        "slot_at, slot_second, slot_zone, answer, rules, missing FROM proposal WHERE lender_id = %s AND day = %s "
        "AND run_id = %s AND person_id = ANY (%s) ORDER BY person_id, ordinal",
        (tx.lender_id, day, run_id, persons),
    )


@dataclass(frozen=True, slots=True)
class Published:
    """The day whose results are shown."""

    day: date
    run_id: int
    published_at: datetime
    strategy: str | None
    strategy_version: int | None  # as the lender keeps it


def published(tx: Tx) -> Published | None:
    """The latest published day, without its manifest; None before the first."""
    return tx.row(
        Published,
        "SELECT day, run_id, ended_at AS published_at, manifest #>> '{inputs,strategy,name}' AS strategy, "
        "(manifest #>> '{inputs,strategy,kept_version}')::integer AS strategy_version "
        "FROM day_run WHERE lender_id = %s AND state = 'published' "
        "ORDER BY day DESC LIMIT 1",
        (tx.lender_id,),
    )


def book_of(tx: Tx, run_id: int) -> int | None:
    """The version of the book that a run was made from."""
    found = tx.value(
        "SELECT manifest #>> '{inputs,book,version}' FROM day_run WHERE lender_id = %s AND run_id = %s",
        (tx.lender_id, run_id),
    )
    return None if found is None else int(str(found))


def next_open(
    tx: Tx, collector_id: str, *, day: date, run_id: int, today: date, now: datetime, after: int | None = None
) -> int | None:
    """The next case of a collector's list that is neither done nor skipped, after a case's place, else the first."""
    wanted = Filter(collector_id=collector_id, state=EntryState.OPEN)
    cursor = None
    if after is not None:
        place = tx.value(
            "SELECT w.place || '-' || w.person_id FROM worklist w JOIN cases c USING (lender_id, person_id) "
            "WHERE w.lender_id = %s AND w.day = %s AND w.run_id = %s AND c.case_id = %s",
            (tx.lender_id, day, run_id, after),
        )
        cursor = None if place is None else str(place)
    for start in dict.fromkeys((cursor, None)):
        found = page(tx, wanted, day=day, run_id=run_id, today=today, now=now, after=start, most=2).entries
        for one in found:
            if one.case_id != after:
                return one.case_id
    return None


@dataclass(frozen=True, slots=True)
class Reach:
    """The loans of a case that the person to be reached next is tied to, in the relation that the day proposed."""

    case_id: int
    loan_keys: list[int]


def reaches(tx: Tx, shown: list[Entry]) -> dict[int, tuple[int, ...]]:
    """By case, the loans that the next contact would be about; cases whose next action reaches nobody are not in it."""
    rows = tx.rows(
        Reach,
        "SELECT w.case_id, array_agg(DISTINCT l.loan_key ORDER BY l.loan_key) AS loan_keys "
        "FROM unnest(%(persons)s::bigint[], %(cases)s::bigint[], %(to)s::bigint[], %(relations)s::text[]) "
        "AS w (person_id, case_id, to_id, relation) JOIN case_loan l ON l.lender_id = %(lender)s "
        "AND l.person_id = w.person_id AND l.case_id = w.case_id AND l.to_day IS NULL "
        "JOIN party t ON t.lender_id = %(lender)s AND t.person_id = w.to_id AND t.loan_key = l.loan_key "
        "AND t.relation = w.relation AND t.to_day IS NULL GROUP BY w.case_id",
        {
            "lender": tx.lender_id,
            "persons": [one.person_id for one in shown],
            "cases": [one.case_id for one in shown],
            "to": [one.recipient_id for one in shown],
            "relations": [one.relation for one in shown],
        },
    )
    return {one.case_id: tuple(one.loan_keys) for one in rows}


def of_cases(tx: Tx, case_ids: list[int], *, day: date, run_id: int, today: date, now: datetime) -> list[Entry]:
    """The entries of some open cases, whoever has them, in the order of their places."""
    query: LiteralString = (
        "SELECT coalesce(w.place, %(nowhere)s) AS place, m.person_id, w.ordinal FROM cases m "
        + _IN_THE_LIST
        + "WHERE m.lender_id = %(lender)s AND m.case_id = ANY (%(cases)s) AND m.closed_day IS NULL"
    )
    return tx.rows(
        Entry,
        _SELECT + "FROM (" + query + ") l " + _JOINED + " ORDER BY l.place, l.person_id",
        {
            "lender": tx.lender_id, "day": day, "run": run_id, "today": today, "now": now, "nowhere": _NOWHERE,
            "cases": case_ids,
        },
    )  # fmt: skip


def products(tx: Tx) -> list[str]:
    """The products that loans of cases have, for a list to choose from."""
    rows = tx.execute(
        "WITH RECURSIVE one AS ((SELECT product FROM case_loan_name WHERE lender_id = %(lender)s "
        "AND product IS NOT NULL ORDER BY product LIMIT 1) UNION ALL SELECT (SELECT n.product FROM case_loan_name n "
        "WHERE n.lender_id = %(lender)s AND n.product > one.product ORDER BY n.product LIMIT 1) FROM one "
        "WHERE one.product IS NOT NULL) SELECT product FROM one WHERE product IS NOT NULL",
        {"lender": tx.lender_id},
    )
    return [str(row[0]) for row in rows]
