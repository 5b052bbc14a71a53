"""Field visits: places of addresses, rounds, visits with what came of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg.types.json import Jsonb

from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput


class NoSuchRound(BadInput):
    """A number that no round has."""

    def __init__(self, round_id: int) -> None:
        super().__init__(N_("there is no round of visits {number}; `duecourse visit list` shows them"), number=round_id)


class NoSuchVisit(BadInput):
    """A number that no visit has."""

    def __init__(self, visit_id: int) -> None:
        super().__init__(N_("there is no visit {number}; `duecourse visit show ROUND` lists them"), number=visit_id)


@dataclass(frozen=True, slots=True)
class Round:
    """A row of ``visit_round``, with how many visits it has, were left out, and were handed in."""

    round_id: int
    leaves: datetime
    first_staff: str
    second_staff: str
    start_north: int
    start_east: int
    length_m: int
    state: str
    made_at: datetime
    made_by: str
    out_at: datetime | None
    out_by: str | None
    ended_at: datetime | None
    ended_by: str | None
    visits: int
    left_out: int
    handed_in: int


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A row of ``visit`` but for what is sealed in it."""

    visit_id: int
    person_id: int
    round_id: int
    case_id: int
    contact_point_id: int
    position: int
    planned_at: datetime
    permit_id: int | None
    until: datetime | None
    left_out: Mapping[str, str] | None
    outcome: str | None
    made_at: datetime | None
    entered: bool | None
    report_hash: bytes | None
    handed_in_at: datetime | None
    handed_in_by: str | None


_ROUND: LiteralString = (
    "SELECT r.round_id, r.leaves, r.first_staff, r.second_staff, r.start_north, r.start_east, r.length_m, r.state, "
    "r.made_at, r.made_by, r.out_at, r.out_by, r.ended_at, r.ended_by, n.visits, n.left_out, n.handed_in "
    "FROM visit_round r, LATERAL (SELECT count(*) AS visits, count(*) FILTER (WHERE v.left_out IS NOT NULL) AS "
    "left_out, count(*) FILTER (WHERE v.handed_in_at IS NOT NULL) AS handed_in FROM visit v WHERE v.lender_id = "
    "r.lender_id AND v.round_id = r.round_id) n WHERE r.lender_id = %s "
)
_VISIT: LiteralString = (
    "SELECT visit_id, person_id, round_id, case_id, contact_point_id, position, planned_at, permit_id, until, "
    "left_out, outcome, made_at, entered, report_hash, handed_in_at, handed_in_by FROM visit WHERE lender_id = %s "
)


def locate(tx: Tx, *, person_id: int, contact_point_id: int, sealed: bytes, by: str, now: datetime) -> None:
    """Say where an address lies."""
    tx.execute(
        "INSERT INTO visit_place (lender_id, person_id, contact_point_id, place_sealed, at, by) VALUES (%s, %s, %s, "
        "%s, %s, %s) ON CONFLICT (lender_id, person_id, contact_point_id) DO UPDATE SET place_sealed = "
        "excluded.place_sealed, at = excluded.at, by = excluded.by",
        (tx.lender_id, person_id, contact_point_id, sealed, now, by),
    )


def place(tx: Tx, person_id: int, contact_point_id: int) -> bytes | None:
    """Where an address lies, sealed."""
    found = tx.value(
        "SELECT place_sealed FROM visit_place WHERE lender_id = %s AND person_id = %s AND contact_point_id = %s",
        (tx.lender_id, person_id, contact_point_id),
    )
    return None if found is None else bytes(found)  # type: ignore[call-overload]


def begin(
    tx: Tx,
    *,
    leaves: datetime,
    staff: tuple[str, str],
    start: tuple[int, int],
    length_m: int,
    by: str,
    now: datetime,
) -> int:
    """Plan a round; its number."""
    return int(
        str(
            tx.value(
                "INSERT INTO visit_round (lender_id, leaves, first_staff, second_staff, start_north, start_east, "
                "length_m, made_at, made_by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING round_id",
                (tx.lender_id, leaves, *staff, *start, length_m, now, by),
            )
        )
    )


def add(tx: Tx, round_id: int, rows: Sequence[tuple[int, int, int, datetime]]) -> None:
    """Put visits into a round, in their order: person, case, contact point, planned instant."""
    tx.many(
        "INSERT INTO visit (lender_id, person_id, round_id, case_id, contact_point_id, position, planned_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [
            (tx.lender_id, person, round_id, case, point, place, at)
            for place, (person, case, point, at) in enumerate(rows, 1)
        ],
    )


def get(tx: Tx, round_id: int, *, held: bool = False) -> Round:
    """One round, its row held where that is asked; raises `NoSuchRound`."""
    if held:
        tx.execute(
            "SELECT FROM visit_round WHERE lender_id = %s AND round_id = %s FOR UPDATE", (tx.lender_id, round_id)
        )
    found = tx.row(Round, _ROUND + "AND r.round_id = %s", (tx.lender_id, round_id))
    if found is None:
        raise NoSuchRound(round_id)
    return found


def rounds(tx: Tx, *, before: int | None = None, most: int = 50) -> list[Round]:
    """Rounds, the latest first."""
    return tx.rows(
        Round,
        _ROUND + "AND r.round_id < coalesce(%s, 9223372036854775807) ORDER BY r.round_id DESC LIMIT %s",
        (tx.lender_id, before, most),
    )


def of_round(tx: Tx, round_id: int) -> list[VisitRow]:
    """The visits of a round, in their order."""
    return tx.rows(VisitRow, _VISIT + "AND round_id = %s ORDER BY position", (tx.lender_id, round_id))


def visit(tx: Tx, visit_id: int, *, held: bool = False) -> VisitRow:
    """One visit; raises `NoSuchVisit`."""
    locked: LiteralString = " FOR UPDATE" if held else ""
    found = tx.row(VisitRow, _VISIT + "AND visit_id = %s" + locked, (tx.lender_id, visit_id))
    if found is None:
        raise NoSuchVisit(visit_id)
    return found


def report_sealed(tx: Tx, visit_id: int) -> bytes | None:
    """What was handed in of a visit, sealed."""
    found = tx.value("SELECT report_sealed FROM visit WHERE lender_id = %s AND visit_id = %s", (tx.lender_id, visit_id))
    return None if found is None else bytes(found)  # type: ignore[call-overload]


def leave_out(tx: Tx, visit_id: int, why: Mapping[str, str]) -> None:
    """Write why a visit is not made."""
    tx.execute(
        "UPDATE visit SET left_out = %s WHERE lender_id = %s AND visit_id = %s",
        (Jsonb(dict(why)), tx.lender_id, visit_id),
    )


def permitted(tx: Tx, visit_id: int, permit_id: int, *, until: datetime) -> None:
    """Write by which permit a visit is made, and until when."""
    tx.execute(
        "UPDATE visit SET permit_id = %s, until = %s WHERE lender_id = %s AND visit_id = %s",
        (permit_id, until, tx.lender_id, visit_id),
    )


def move(tx: Tx, round_id: int, state: str, *, by: str, now: datetime) -> None:
    """A round sets out, or ends."""
    if state == "out":
        tx.execute(
            "UPDATE visit_round SET state = 'out', out_at = %s, out_by = %s WHERE lender_id = %s AND round_id = %s",
            (now, by, tx.lender_id, round_id),
        )
        return
    tx.execute(
        "UPDATE visit_round SET state = 'ended', ended_at = %s, ended_by = %s WHERE lender_id = %s AND round_id = %s",
        (now, by, tx.lender_id, round_id),
    )


def hand_in(
    tx: Tx,
    visit_id: int,
    *,
    outcome: str,
    made_at: datetime,
    entered: bool,
    sealed: bytes,
    report_hash: bytes,
    by: str,
    now: datetime,
) -> None:
    """Write what came of a visit."""
    tx.execute(
        "UPDATE visit SET outcome = %s, made_at = %s, entered = %s, report_sealed = %s, report_hash = %s, "
        "handed_in_at = %s, handed_in_by = %s WHERE lender_id = %s AND visit_id = %s",
        (outcome, made_at, entered, sealed, report_hash, now, by, tx.lender_id, visit_id),
    )
