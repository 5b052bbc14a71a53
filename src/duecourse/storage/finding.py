"""Finding people by what somebody wrote: name, phone, mailbox, identity number, customer, loan or case number.

Nothing is decrypted and nothing is compared in the clear: personal values are looked up by their keyed index, so only
a whole value finds somebody. Numbers of ours and of the lender (case, loan, customer) are no personal values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from duecourse.storage.connection import Tx


@dataclass(frozen=True, slots=True)
class Found:
    """A person that was found, masked, with the latest case; ``by`` says which value it was."""

    by: list[str]
    person_id: int
    kind: str
    name_masked: str | None
    id_masked: str | None
    reference_masked: str | None
    case_id: int | None
    case_closed: date | None
    collector_id: str | None
    stage: str | None
    dpd: int | None
    currency: str | None
    overdue_minor: int | None
    relations: list[str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a text may mean; what it cannot mean is None or empty."""

    case_id: int | None = None
    loan_key: int | None = None
    person_id: int | None = None  # by the lender's customer number
    name_index: bytes | None = None
    id_index: bytes | None = None
    point_indexes: tuple[bytes, ...] = ()


def find(tx: Tx, wanted: Wanted, *, day: date | None, run_id: int | None, most: int = 20) -> list[Found]:
    """People to whom a value belongs, those with an open case first."""
    return tx.rows(
        Found,
        "WITH hit AS ("
        "SELECT 'case' AS how, person_id FROM cases WHERE lender_id = %(lender)s AND case_id = %(case)s UNION ALL "
        "SELECT 'loan', person_id FROM party WHERE lender_id = %(lender)s AND loan_key = %(loan)s UNION ALL "
        "SELECT 'customer', person_id FROM person WHERE lender_id = %(lender)s AND person_id = %(person)s UNION ALL "
        "(SELECT 'name', person_id FROM person WHERE lender_id = %(lender)s AND name_index = %(name)s "
        "ORDER BY person_id LIMIT %(reach)s) UNION ALL "
        "SELECT 'id', person_id FROM person WHERE lender_id = %(lender)s AND id_index = %(id)s UNION ALL "
        "(SELECT 'contact_point', person_id FROM contact_point WHERE lender_id = %(lender)s "
        "AND value_index = ANY (%(points)s) LIMIT %(reach)s)), "
        "who AS (SELECT person_id, array_agg(DISTINCT how ORDER BY how) AS how FROM hit GROUP BY person_id) "
        "SELECT w.how AS by, p.person_id, p.kind, p.name_masked, p.id_masked, p.reference_masked, c.case_id, "
        "c.closed_day AS case_closed, c.collector_id, s.stage, s.dpd, s.currency, s.overdue_minor, t.relations "
        "FROM who w JOIN person p ON p.lender_id = %(lender)s AND p.person_id = w.person_id "
        "CROSS JOIN LATERAL (SELECT coalesce(array_agg(DISTINCT relation::text ORDER BY relation::text), '{}') "
        "AS relations, array_agg(DISTINCT loan_key) AS loans FROM party t WHERE t.lender_id = %(lender)s "
        "AND t.person_id = w.person_id AND t.to_day IS NULL) t "
        "LEFT JOIN LATERAL (SELECT k.case_id, k.person_id, k.closed_day, k.collector_id FROM cases k "
        "WHERE k.lender_id = %(lender)s AND k.person_id = ANY (ARRAY[w.person_id] || ARRAY(SELECT b.person_id "
        "FROM party b WHERE b.lender_id = %(lender)s AND b.loan_key = ANY (t.loans) AND b.relation = 'borrower' "
        "AND b.to_day IS NULL)) ORDER BY k.closed_day IS NOT NULL, k.case_id DESC LIMIT 1) c ON TRUE "
        "LEFT JOIN case_snapshot s ON s.lender_id = %(lender)s AND s.person_id = c.person_id AND s.day = %(day)s "
        "AND s.run_id = %(run)s "
        "WHERE NOT EXISTS (SELECT FROM hold o WHERE o.lender_id = %(lender)s AND o.person_id = p.person_id "
        "AND o.kind = 'storage_only' AND o.to_at IS NULL) "
        "ORDER BY c.case_id IS NULL, c.closed_day IS NOT NULL, s.overdue_minor DESC NULLS LAST, p.person_id "
        "LIMIT %(most)s",
        {
            "lender": tx.lender_id, "case": wanted.case_id, "loan": wanted.loan_key, "person": wanted.person_id,
            "name": wanted.name_index, "id": wanted.id_index, "points": list(wanted.point_indexes),
            "reach": max(most * 5, 100), "day": day, "run": run_id, "most": most,
        },
    )  # fmt: skip


def persons_of_cases(tx: Tx, case_ids: Sequence[int]) -> dict[int, int]:
    """The persons of some cases, by case number."""
    rows = tx.execute(
        "SELECT case_id, person_id FROM cases WHERE lender_id = %s AND case_id = ANY (%s)",
        (tx.lender_id, list(case_ids)),
    )
    return {int(case): int(person) for case, person in rows}
