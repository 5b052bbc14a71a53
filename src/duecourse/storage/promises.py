"""Promises to pay, and what the payments of a version of the book make of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString

import polars as pl

from duecourse.storage import frames
from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput


class NoSuchPromise(BadInput):
    """A promise number that the lender does not have."""

    def __init__(self, promise_id: int) -> None:
        super().__init__(
            N_("promise {promise_id} is not known to this lender; `duecourse promise list` shows them"),
            promise_id=promise_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A promise with the latest reckoning; ``state`` is None where no version of the book was reckoned yet."""

    promise_id: int
    person_id: int
    case_id: int
    promised_by: int
    contact_id: int | None
    amount_minor: int
    currency: str
    made_day: date
    due_day: date
    actor: str
    at: datetime
    ended_at: datetime | None
    ended_by: str | None
    end_kind: str | None
    given: str | None
    replaces: int | None
    why: str | None
    renegotiations: int
    replaced_by: int | None
    version: int | None
    state: str | None
    paid_minor: int | None
    kept_day: date | None
    through_day: date | None

    @property
    def became(self) -> str | None:
        """What became of it: how it ended before its day, else what the payments say; None before any reckoning."""
        if self.end_kind in RENEGOTIATED:
            return "renegotiated"
        return self.end_kind if self.end_kind == "withdrawn" else self.state


RENEGOTIATED = frozenset({"renegotiated", "replaced"})
"""Ends of a promise that another took the place of before its day; such a promise is neither kept nor broken."""

NEVER_DUE = ("withdrawn", *sorted(RENEGOTIATED))
"""Ends after which nobody asks any more whether a promise was kept."""

_COLUMNS: LiteralString = (
    "p.promise_id, p.person_id, p.case_id, p.promised_by, p.contact_id, p.amount_minor, p.currency, p.made_day, "
    "p.due_day, p.actor, p.at, p.ended_at, p.ended_by, p.end_kind, p.given, p.replaces, p.why, "
    "p.renegotiations, (SELECT n.promise_id FROM promise n WHERE n.lender_id = p.lender_id "
    "AND n.replaces = p.promise_id) AS replaced_by, r.version, r.state, r.paid_minor, r.kept_day, r.through_day"
)
_FROM: LiteralString = " FROM promise p LEFT JOIN promise_reckoning r USING (lender_id, person_id, promise_id) "


def add(
    tx: Tx,
    *,
    person_id: int,
    case_id: int,
    promised_by: int,
    amount_minor: int,
    currency: str,
    made_day: date,
    due_day: date,
    actor: str,
    now: datetime,
    given: str,
    contact_id: int | None = None,
    replaces: Promise | None = None,
    why: str | None = None,
) -> int:
    """Keep a promise and return its number; the one that stood for the case must have been ended.

    ``replaces`` is the promise that it was agreed on in place of, and ``why`` says for what reason.
    """
    added = tx.value(
        "INSERT INTO promise (lender_id, person_id, case_id, promised_by, contact_id, amount_minor, currency, "
        "made_day, due_day, actor, at, given, replaces, why, renegotiations) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING promise_id",
        (
            tx.lender_id, person_id, case_id, promised_by, contact_id, amount_minor, currency, made_day, due_day,
            actor, now, given, replaces.promise_id if replaces else None, why,
            replaces.renegotiations + 1 if replaces else 0,
        ),
    )  # fmt: skip
    return int(str(added))


def end(tx: Tx, *, case_id: int, kind: str, by: str, now: datetime) -> int | None:
    """End the promise that stands for a case: ``renegotiated``, ``settled`` or ``withdrawn``; its number or None."""
    found = tx.value(
        "UPDATE promise SET ended_at = %s, ended_by = %s, end_kind = %s WHERE lender_id = %s AND case_id = %s "
        "AND ended_at IS NULL RETURNING promise_id",
        (now, by, kind, tx.lender_id, case_id),
    )
    return None if found is None else int(str(found))


def get(tx: Tx, promise_id: int) -> Promise:
    """One promise; raises `NoSuchPromise`."""
    found = tx.row(
        Promise,
        "SELECT " + _COLUMNS + _FROM + "WHERE p.lender_id = %s AND p.promise_id = %s",
        (tx.lender_id, promise_id),
    )
    if found is None:
        raise NoSuchPromise(promise_id)
    return found


def of_case(tx: Tx, case_id: int) -> Promise | None:
    """The promise that stands for a case. The case stays locked, so that of two who promise at once one waits."""
    tx.execute("SELECT FROM cases WHERE lender_id = %s AND case_id = %s FOR NO KEY UPDATE", (tx.lender_id, case_id))
    return standing_of_case(tx, case_id)


def standing_of_case(tx: Tx, case_id: int) -> Promise | None:
    """The promise that stands for a case; nothing is held."""
    return tx.row(
        Promise,
        "SELECT " + _COLUMNS + _FROM + "WHERE p.lender_id = %s AND p.case_id = %s AND p.ended_at IS NULL",
        (tx.lender_id, case_id),
    )


def channel_of(tx: Tx, contact_id: int) -> str | None:
    """The channel of a contact; None where it is not there."""
    found = tx.value("SELECT channel FROM contact WHERE lender_id = %s AND contact_id = %s", (tx.lender_id, contact_id))
    return None if found is None else str(found)


@dataclass(frozen=True, slots=True)
class Limits:
    """How far promises may go: renegotiations in a row, and days ahead."""

    renegotiations_max: int
    days_max: int


DEFAULT = Limits(renegotiations_max=1, days_max=62)
"""Of a lender that set none: a promise is renegotiated once, and what is to be paid later than this is a plan."""


def limits(tx: Tx) -> Limits:
    """The lender's limits, or the default."""
    found = tx.row(
        Limits, "SELECT renegotiations_max, days_max FROM promise_limits WHERE lender_id = %s", (tx.lender_id,)
    )
    return found or DEFAULT


def set_limits(tx: Tx, to: Limits, *, actor: str, now: datetime) -> None:
    """Set the lender's limits."""
    tx.execute(
        "INSERT INTO promise_limits (lender_id, renegotiations_max, days_max, actor, at) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (lender_id) DO UPDATE SET renegotiations_max = excluded.renegotiations_max, "
        "days_max = excluded.days_max, actor = excluded.actor, at = excluded.at",
        (tx.lender_id, to.renegotiations_max, to.days_max, actor, now),
    )


def of_person(tx: Tx, person_id: int) -> list[Promise]:
    """All promises about a person's debts, the latest first."""
    return tx.rows(
        Promise,
        "SELECT " + _COLUMNS + _FROM + "WHERE p.lender_id = %s AND p.person_id = %s ORDER BY p.promise_id DESC",
        (tx.lender_id, person_id),
    )


def standing(
    tx: Tx, *, since: date | None = None, until: date | None = None, after: int | None = None, most: int = 1_000
) -> list[Promise]:
    """Promises that were not ended, by due day, both ends included; those alone that come after one of them."""
    return tx.rows(
        Promise,
        "SELECT " + _COLUMNS + _FROM + "WHERE p.lender_id = %s AND p.ended_at IS NULL "
        "AND p.due_day BETWEEN coalesce(%s::date, '-infinity') AND coalesce(%s::date, 'infinity') "
        "AND (%s::bigint IS NULL OR (p.due_day, p.promise_id) > (SELECT l.due_day, l.promise_id FROM promise l "
        "WHERE l.lender_id = p.lender_id AND l.promise_id = %s)) ORDER BY p.due_day, p.promise_id LIMIT %s",
        (tx.lender_id, since, until, after, after, most),
    )


TO_COME: dict[str, pl.DataType | type[pl.DataType]] = {
    "person_id": pl.Int64, "due_day": pl.Date, "left_minor": pl.Int64,
}  # fmt: skip
"""Columns of `to_come`."""


def to_come(tx: Tx, day: date) -> pl.DataFrame:
    """The promises that stand on a day, with what of each has not come by the latest reckoning; none kept."""
    return frames.read(
        tx,
        "SELECT p.person_id, p.due_day, greatest(p.amount_minor - coalesce(r.paid_minor, 0), 0)::bigint AS left_minor"
        + _FROM
        + "WHERE p.lender_id = %s AND p.ended_at IS NULL AND p.made_day <= %s AND p.due_day >= %s "
        "AND coalesce(r.state, 'open') <> 'kept'",
        (tx.lender_id, day, day),
        TO_COME,
    )


RESTS_DAYS = 60
"""Days after its due day for which a promise is reckoned anew: a payment may be learnt late."""


@dataclass(frozen=True, slots=True)
class ToReckon:
    """A promise that a version of the book may say something new about, with the loans of its case."""

    promise_id: int
    person_id: int
    amount_minor: int
    made_day: date
    at: datetime
    due_day: date
    loan_keys: list[int]


_TO_RECKON: LiteralString = (
    "SELECT p.promise_id, p.person_id, p.amount_minor, p.made_day, p.at, p.due_day, array(SELECT DISTINCT l.loan_key "
    "FROM case_loan l WHERE l.lender_id = p.lender_id AND l.person_id = p.person_id AND l.case_id = p.case_id "
    "ORDER BY 1) AS loan_keys"
)


def to_reckon(tx: Tx, version: int, *, person_id: int | None = None, most: int = 5_000) -> list[ToReckon]:
    """Promises of which a version of the book was not asked yet, of one person or of all.

    Those withdrawn or renegotiated are left, and those whose due day lies `RESTS_DAYS` behind the last reckoning.
    """
    return tx.rows(
        ToReckon,
        _TO_RECKON + _FROM + "WHERE p.lender_id = %(lender)s AND (p.end_kind IS NULL OR p.end_kind <> ALL (%(over)s)) "
        "AND (r.version IS NULL OR r.version < %(version)s) "
        "AND (r.through_day IS NULL OR r.through_day < p.due_day + %(rests)s) "
        "AND (%(person)s::bigint IS NULL OR p.person_id = %(person)s) ORDER BY p.promise_id LIMIT %(most)s",
        {
            "lender": tx.lender_id, "version": version, "person": person_id, "most": most, "rests": RESTS_DAYS,
            "over": list(NEVER_DUE),
        },
    )  # fmt: skip


def to_settle(tx: Tx, through: date, *, after: int, most: int = 1_000) -> list[ToReckon]:
    """Promises whose day had ended by ``through`` and that are looked at still, by number; ``after`` one of them."""
    return tx.rows(
        ToReckon,
        _TO_RECKON + " FROM promise p JOIN person h ON h.lender_id = p.lender_id AND h.person_id = p.person_id "
        "AND h.destroyed_at IS NULL WHERE p.lender_id = %(lender)s AND p.promise_id > %(after)s "
        "AND (p.end_kind IS NULL OR p.end_kind <> ALL (%(over)s)) "
        "AND p.due_day BETWEEN %(through)s::date - %(rests)s AND %(through)s ORDER BY p.promise_id LIMIT %(most)s",
        {
            "lender": tx.lender_id, "through": through, "after": after, "most": most, "rests": RESTS_DAYS,
            "over": list(NEVER_DUE),
        },
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What a version of the book makes of one promise."""

    person_id: int
    promise_id: int
    version: int
    state: str
    paid_minor: int
    kept_day: date | None
    through_day: date


def keep(tx: Tx, rows: Sequence[Reckoned]) -> None:
    """Keep reckonings, each in place of an earlier one; what an older version says is not kept."""
    tx.many(
        "INSERT INTO promise_reckoning (lender_id, person_id, promise_id, version, state, paid_minor, kept_day, "
        "through_day) VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (lender_id, person_id, promise_id) "
        "DO UPDATE SET version = excluded.version, state = excluded.state, paid_minor = excluded.paid_minor, "
        "kept_day = excluded.kept_day, through_day = excluded.through_day "
        "WHERE promise_reckoning.version <= excluded.version",
        [
            (
                tx.lender_id, one.person_id, one.promise_id, one.version, one.state, one.paid_minor, one.kept_day,
                one.through_day,
            )
            for one in rows
        ],
    )  # fmt: skip
