"""The statements by which people come in from a tape, in bulk: what is stored of them, and what is new or changed.

Used by `casework.parties`, which decides what is what; nothing here sees a value in the clear but the rows it is given.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import blake2b

import polars as pl

from duecourse.law.terms import THIRD_PERSONS
from duecourse.storage import frames
from duecourse.storage.connection import Tx
from duecourse.storage.points import field_name
from duecourse.storage.vault import Wrapped

_FIELDS = ("name", "id", "birth", "reference")
_INDEXED = ("name", "id")


@dataclass(frozen=True, slots=True)
class Point:
    """A contact point to be registered, in the clear; ``row`` is its place in the batch."""

    row: int
    person_id: int
    kind: str
    label: str
    value: str = field(repr=False)
    normal_form: str = field(repr=False)
    zone: str | None
    consent: str | None
    line: str | None = None  # of a phone: mobile, fixed or unknown


@dataclass(frozen=True, slots=True)
class Tie:
    """A party to be registered."""

    row: int
    person_id: int
    loan_key: int
    relation: str
    from_day: date
    proof_kind: str | None
    proof_until: date | None
    named_by_debtor: bool


@dataclass(frozen=True, slots=True)
class Sealed:
    """A person as written: sealed, masked and indexed by field. Without a secret, the stored one stays."""

    person_id: int
    kind: str
    id_kind: str | None
    wrapped: Wrapped | None
    facts_index: bytes = field(repr=False)
    sealed: Mapping[str, bytes] = field(repr=False)
    masked: Mapping[str, str]
    index: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredPerson:
    """What is needed to tell whether a person changed; ``wrapped`` None: destroyed."""

    facts_index: bytes = field(repr=False)
    wrapped: Wrapped | None


@dataclass(frozen=True, slots=True)
class StoredPoint:
    """A current point, as far as needed to tell whether it changed."""

    contact_point_id: int
    kind: str
    value_index: bytes = field(repr=False)
    zone: str | None
    consent: str | None
    line: str | None


@dataclass(frozen=True, slots=True)
class StoredPoints:
    """The points of the persons of a batch: current ones by (person, label), and the last ordinal of each person."""

    current: dict[tuple[int, str], StoredPoint]
    ordinals: dict[int, int]

    def next_ordinal(self, person_id: int) -> int:
        """The next free ordinal of a person, counted up."""
        self.ordinals[person_id] = self.ordinals.get(person_id, 0) + 1
        return self.ordinals[person_id]


def point_id(lender_id: str, person_id: int, ordinal: int) -> int:
    """The id of a person's n-th contact point: 63 bits, the same on every machine that saw the same tapes."""
    text = f"{lender_id}\0{person_id}\0{ordinal}".encode()
    digest = blake2b(text, digest_size=8, person=b"duecourse:point").digest()
    return int.from_bytes(digest, "big") & ((1 << 63) - 1)


def point_field(lender_id: str, person_id: int, ordinal: int) -> str:
    """The field name under which the n-th point's value is sealed."""
    return field_name(point_id(lender_id, person_id, ordinal))


def stored_persons(tx: Tx, person_ids: Collection[int]) -> dict[int, StoredPerson]:
    """What is stored of these persons, locked for the rest of the transaction."""
    _stage_ids(tx, person_ids)
    found = tx.execute(
        "SELECT p.person_id, p.facts_index, p.key_id, p.secret_wrapped FROM person p "
        "JOIN pg_temp.stage_ids USING (person_id) WHERE p.lender_id = %s ORDER BY p.person_id FOR UPDATE OF p",
        (tx.lender_id,),
    )
    return {
        int(person): StoredPerson(bytes(facts), None if secret is None else Wrapped(str(key_id), bytes(secret)))
        for person, facts, key_id, secret in found
    }


def secrets(tx: Tx, person_ids: Collection[int]) -> dict[int, Wrapped]:
    """Wrapped secrets of these persons; destroyed ones are absent."""
    if not person_ids:
        return {}
    _stage_ids(tx, person_ids)
    found = tx.execute(
        "SELECT p.person_id, p.key_id, p.secret_wrapped FROM person p JOIN pg_temp.stage_ids USING (person_id) "
        "WHERE p.lender_id = %s AND p.secret_wrapped IS NOT NULL",
        (tx.lender_id,),
    )
    return {int(person): Wrapped(str(key_id), bytes(secret)) for person, key_id, secret in found}


def known_ids(tx: Tx, person_ids: Collection[int]) -> set[int]:
    """Which of these persons exist and are not destroyed."""
    if not person_ids:
        return set()
    _stage_ids(tx, person_ids)
    found = tx.execute(
        "SELECT p.person_id FROM person p JOIN pg_temp.stage_ids USING (person_id) "
        "WHERE p.lender_id = %s AND p.secret_wrapped IS NOT NULL",
        (tx.lender_id,),
    )
    return {int(row[0]) for row in found}


def standing(tx: Tx, persons: pl.Series) -> pl.DataFrame:
    """Which of these persons are stored: ``person_id``, and ``destroyed`` where the person's data was."""
    return frames.read(
        tx,
        "SELECT person_id, secret_wrapped IS NULL FROM person WHERE lender_id = %s "
        + frames.picked(tx, persons, "person_id"),
        (tx.lender_id,),
        {"person_id": pl.Int64, "destroyed": pl.Boolean},
    )


def known_beyond_number(tx: Tx, persons: pl.Series) -> pl.Series:
    """Which of these persons the desk knows by more than their number, or did before their data was destroyed."""
    found = frames.read(
        tx,
        "SELECT person_id FROM person WHERE lender_id = %s AND (name_sealed IS NOT NULL OR id_sealed IS NOT NULL "
        "OR alias_of IS NOT NULL OR destroyed_at IS NOT NULL OR EXISTS (SELECT FROM contact_point c "
        "WHERE c.lender_id = person.lender_id AND c.person_id = person.person_id)) "
        + frames.picked(tx, persons, "person_id"),
        (tx.lender_id,),
        {"person_id": pl.Int64},
    )
    return found["person_id"]


def borrowers(tx: Tx, loans: pl.Series) -> pl.DataFrame:
    """Who is the borrower of these loans now: ``person_id``, ``loan_key``."""
    return frames.read(
        tx,
        "SELECT person_id, loan_key FROM party WHERE lender_id = %s AND relation = 'borrower' AND to_day IS NULL "
        + frames.picked(tx, loans, "loan_key"),
        (tx.lender_id,),
        {"person_id": pl.Int64, "loan_key": pl.Int64},
    )


def claimed(tx: Tx, loans: pl.DataFrame) -> pl.Series:
    """Of loans with a borrower each (``loan_key``, ``person_id``), those of which somebody else is the borrower now.

    Two persons who turned out to be one are one here.
    """
    stand = borrowers(tx, loans["loan_key"])
    other = loans.join(stand, on="loan_key", suffix="_stands").filter(pl.col("person_id") != pl.col("person_id_stands"))
    if other.is_empty():
        return other["loan_key"]
    roots = _roots(tx, pl.concat([other["person_id"], other["person_id_stands"]]).unique())
    for name in ("person_id", "person_id_stands"):
        other = other.join(roots, left_on=name, right_on="person_id", how="left", suffix="_" + name)
    root = pl.coalesce("root", "person_id")
    return other.filter(root != pl.col("root_person_id_stands"))["loan_key"]


def tied(tx: Tx, pairs: pl.DataFrame) -> pl.DataFrame:
    """Of persons with a loan each (``person_id``, ``loan_key``), those who have or had a tie to it under any name."""
    ties = frames.read(
        tx,
        "SELECT person_id, loan_key FROM party WHERE lender_id = %s "
        + frames.picked(tx, pairs["loan_key"].unique(), "loan_key"),
        (tx.lender_id,),
        {"person_id": pl.Int64, "loan_key": pl.Int64},
    )
    roots = _roots(tx, pl.concat([pairs["person_id"], ties["person_id"]]).unique())

    def rooted(rows: pl.DataFrame) -> pl.DataFrame:
        found = rows.join(roots, on="person_id", how="left", maintain_order="left")
        return found.with_columns(pl.coalesce("root", "person_id").alias("root"))

    return rooted(pairs).join(rooted(ties), on=["root", "loan_key"], how="semi").select("person_id", "loan_key")


def _roots(tx: Tx, people: pl.Series) -> pl.DataFrame:
    """Which one of several that turned out to be one each person goes by: ``person_id``, ``root``."""
    return frames.read(
        tx,
        "SELECT person_id, person_root(lender_id, person_id) FROM person WHERE lender_id = %s "
        + frames.picked(tx, people, "person_id"),
        (tx.lender_id,),
        {"person_id": pl.Int64, "root": pl.Int64},
    )


def insert_persons(tx: Tx, people: Sequence[Sealed], *, source: str, now: datetime) -> None:
    """Insert persons who are not there yet."""
    if people:
        frame = _person_frame(people).with_columns(
            key_id=pl.Series([p.wrapped and p.wrapped.key_id for p in people], dtype=pl.String),
            secret_wrapped=pl.Series([p.wrapped and p.wrapped.sealed for p in people], dtype=pl.Binary),
            source=pl.lit(source),
            known_at=pl.lit(now),
        )
        frames.insert(tx, frame, "person")


def update_persons(tx: Tx, people: Sequence[Sealed], *, source: str, now: datetime) -> None:
    """Replace the facts of persons by new ones, and keep the earlier ones in the history."""
    if not people:
        return
    frames.stage(tx, _person_frame(people), "person")
    columns = [c for f in _FIELDS for c in (f"{f}_sealed", f"{f}_masked")] + [f"{f}_index" for f in _INDEXED]
    columns += ["kind", "id_kind", "facts_index"]
    names = ", ".join(columns)
    tx.connection.execute(
        f"INSERT INTO person_history (lender_id, person_id, known_at, until_at, source, {names}) "
        f"SELECT p.lender_id, p.person_id, p.known_at, %s, p.source, {', '.join('p.' + c for c in columns)} "
        "FROM person p JOIN pg_temp.stage_person s USING (person_id) WHERE p.lender_id = %s",
        (now, tx.lender_id),
    )
    tx.connection.execute(
        f"UPDATE person p SET {', '.join(f'{c} = s.{c}' for c in columns)}, source = %s, known_at = %s "
        "FROM pg_temp.stage_person s WHERE p.lender_id = %s AND p.person_id = s.person_id",
        (source, now, tx.lender_id),
    )


def references(tx: Tx, person_ids: Collection[int]) -> dict[int, bytes]:
    """The sealed customer numbers of these persons, where they have one."""
    if not person_ids:
        return {}
    _stage_ids(tx, person_ids)
    found = tx.execute(
        "SELECT p.person_id, p.reference_sealed FROM person p JOIN pg_temp.stage_ids USING (person_id) "
        "WHERE p.lender_id = %s AND p.reference_sealed IS NOT NULL",
        (tx.lender_id,),
    )
    return {int(person): bytes(sealed) for person, sealed in found}


def stored_points(tx: Tx, person_ids: Collection[int]) -> StoredPoints:
    """The contact points of these persons."""
    stored = StoredPoints({}, {})
    if not person_ids:
        return stored
    _stage_ids(tx, person_ids)
    found = tx.execute(
        "SELECT c.person_id, c.label, c.contact_point_id, c.kind, c.value_index, c.zone, c.consent, c.ordinal, "
        "c.line, c.to_at IS NULL FROM contact_point c JOIN pg_temp.stage_ids USING (person_id) "
        "WHERE c.lender_id = %s ORDER BY c.person_id, c.ordinal",
        (tx.lender_id,),
    )
    for person, label, contact_point_id, kind, index, zone, consent, ordinal, line, is_current in found:
        if is_current:
            stored.current[person, label] = StoredPoint(contact_point_id, kind, bytes(index), zone, consent, line)
        stored.ordinals[person] = ordinal
    return stored


def states_before(tx: Tx, numbers: Sequence[tuple[int, bytes]]) -> dict[tuple[int, bytes], str]:
    """The state with which a number (person, index) begins anew, where it is not ok.

    A number once found to be somebody else's stays so for its person under whichever name, and one that was stopped
    stays so whoever has it.
    """
    if not numbers:
        return {}
    frame = pl.DataFrame(
        numbers, schema={"person_id": pl.Int64, "value_index": pl.Binary}, orient="row"
    ).unique(maintain_order=True)  # fmt: skip
    frames.stage(tx, frame, "numbers")
    found = tx.execute(
        "SELECT s.person_id, s.value_index, bool_or(c.state = 'wrong' AND person_root(%(lender)s, c.person_id) "
        "= person_root(%(lender)s, s.person_id)) FROM pg_temp.stage_numbers s "
        "JOIN contact_point c ON c.lender_id = %(lender)s AND c.value_index = s.value_index "
        "WHERE c.state = 'stopped' OR c.stopped_at IS NOT NULL OR (c.state = 'wrong' "
        "AND person_root(%(lender)s, c.person_id) = person_root(%(lender)s, s.person_id)) "
        "GROUP BY s.person_id, s.value_index",
        {"lender": tx.lender_id},
    )
    return {(int(person), bytes(index)): "wrong" if wrong else "stopped" for person, index, wrong in found}


def insert_points(
    tx: Tx, points: Sequence[tuple[Point, bytes, int, str, bytes, str]], *, source: str, now: datetime
) -> None:
    """Insert (point, index, ordinal, state, sealed, masked), ending the point that stood under the same label."""
    if not points:
        return
    frame = pl.DataFrame(
        {
            "person_id": [p.person_id for p, *_ in points],
            "contact_point_id": [point_id(tx.lender_id, p.person_id, ordinal) for p, _, ordinal, *_ in points],
            "ordinal": [ordinal for _, _, ordinal, *_ in points],
            "kind": [p.kind for p, *_ in points],
            "label": [p.label for p, *_ in points],
            "value_sealed": [sealed for *_, sealed, _ in points],
            "value_masked": [masked for *_, masked in points],
            "value_index": [index for _, index, *_ in points],
            "zone": [p.zone for p, *_ in points],
            "consent": [p.consent for p, *_ in points],
            "state": [state for _, _, _, state, *_ in points],
            "line": [p.line for p, *_ in points],
        },
        schema={
            "person_id": pl.Int64, "contact_point_id": pl.Int64, "ordinal": pl.Int16, "kind": pl.String,
            "label": pl.String, "value_sealed": pl.Binary, "value_masked": pl.String, "value_index": pl.Binary,
            "zone": pl.String, "consent": pl.String, "state": pl.String,
            "line": pl.String,
        },
    ).with_columns(source=pl.lit(source), state_at=pl.lit(now), known_at=pl.lit(now))  # fmt: skip
    frames.stage(tx, frame.select("person_id", "label"), "labels")
    tx.execute(
        "UPDATE contact_point c SET to_at = %s FROM pg_temp.stage_labels s "
        "WHERE c.lender_id = %s AND c.person_id = s.person_id AND c.label = s.label AND c.to_at IS NULL",
        (now, tx.lender_id),
    )
    frames.insert(tx, frame, "contact_point")


def touch_points(tx: Tx, points: Sequence[tuple[int, Point]]) -> None:
    """Set zone, consent and kind of line of known points."""
    if points:
        tx.many(
            "UPDATE contact_point SET zone = %s, consent = %s, line = %s "
            "WHERE lender_id = %s AND person_id = %s AND contact_point_id = %s",
            [(p.zone, p.consent, p.line, tx.lender_id, p.person_id, found) for found, p in points],
        )


def write_ties(tx: Tx, ties: Sequence[Tie], *, day: date, source: str, now: datetime) -> tuple[int, int, list[Tie]]:
    """Insert new parties; where the proof changed, end the old row on ``day`` and begin a new one.

    Returns how many are new, how many changed, and those refused because the loan has another borrower.
    """
    if not ties:
        return 0, 0, []
    _stage_ids(tx, {tie.loan_key for tie in ties})
    open_ties = {
        (person, loan, relation): (from_day, proof_kind, proof_until, named)
        for person, loan, relation, from_day, proof_kind, proof_until, named in tx.execute(
            "SELECT p.person_id, p.loan_key, p.relation, p.from_day, p.proof_kind, p.proof_until, p.named_by_debtor "
            "FROM party p JOIN pg_temp.stage_ids s ON s.person_id = p.loan_key "
            "WHERE p.lender_id = %s AND p.to_day IS NULL",
            (tx.lender_id,),
        )
    }
    borrowers = {loan: person for (person, loan, relation) in open_ties if relation == "borrower"}
    new: list[Tie] = []
    begun_anew: list[Tie] = []
    mended: list[Tie] = []
    second: list[Tie] = []
    for tie in ties:
        if tie.relation == "borrower" and borrowers.setdefault(tie.loan_key, tie.person_id) != tie.person_id:
            second.append(tie)
            continue
        old = open_ties.get((tie.person_id, tie.loan_key, tie.relation))
        if old is None:
            new.append(tie)
        elif old[1:] != (tie.proof_kind, tie.proof_until, tie.named_by_debtor):
            (begun_anew if old[0] < day else mended).append(tie)
    tx.many(
        "UPDATE party SET to_day = %s WHERE lender_id = %s AND person_id = %s AND loan_key = %s AND relation = %s "
        "AND to_day IS NULL",
        [(day, tx.lender_id, t.person_id, t.loan_key, t.relation) for t in begun_anew],
    )
    tx.many(
        "UPDATE party SET proof_kind = %s, proof_until = %s, named_by_debtor = %s, source = %s, known_at = %s "
        "WHERE lender_id = %s AND person_id = %s AND loan_key = %s AND relation = %s AND to_day IS NULL",
        [
            (
                t.proof_kind,
                t.proof_until,
                t.named_by_debtor,
                source,
                now,
                tx.lender_id,
                t.person_id,
                t.loan_key,
                t.relation,
            )
            for t in mended
        ],
    )
    _insert_ties(tx, [(t, t.from_day) for t in new] + [(t, day) for t in begun_anew], source=source, now=now)
    return len(new), len(begun_anew) + len(mended), second


def _insert_ties(tx: Tx, ties: Sequence[tuple[Tie, date]], *, source: str, now: datetime) -> None:
    if not ties:
        return
    frame = pl.DataFrame(
        [
            (t.person_id, t.loan_key, t.relation, begins, t.proof_kind, t.proof_until, t.named_by_debtor)
            for t, begins in ties
        ],
        schema={
            "person_id": pl.Int64, "loan_key": pl.Int64, "relation": pl.String, "from_day": pl.Date,
            "proof_kind": pl.String, "proof_until": pl.Date, "named_by_debtor": pl.Boolean,
        },
        orient="row",
    )  # fmt: skip
    frames.insert(tx, frame.with_columns(source=pl.lit(source), known_at=pl.lit(now)), "party")
    # Who asked to be left alone before anybody said who he is has asked it as a third person; and who has the number or
    # mailbox of a third person who refused is taken for him.
    third = sorted({t.person_id for t, _ in ties if t.relation in THIRD_PERSONS})
    if third:
        tx.execute(
            "UPDATE party p SET refused_at = k.at FROM (SELECT person_id, min(at) AS at FROM ("
            "SELECT person_id, state_at AS at FROM contact_point "
            "WHERE lender_id = %(lender)s AND person_id = ANY (%(third)s) AND state = 'stopped' UNION ALL "
            "SELECT c.person_id, r.refused_at FROM contact_point c JOIN contact_point o "
            "ON o.lender_id = c.lender_id AND o.value_index = c.value_index AND o.person_id <> c.person_id "
            "JOIN party r ON r.lender_id = o.lender_id AND r.person_id = o.person_id AND r.refused_at IS NOT NULL "
            "WHERE c.lender_id = %(lender)s AND c.person_id = ANY (%(third)s) AND c.kind <> 'address' "
            "AND c.state <> 'wrong' AND o.state <> 'wrong') said GROUP BY person_id) k "
            "WHERE p.lender_id = %(lender)s AND p.person_id = k.person_id AND p.relation = ANY (%(relations)s) "
            "AND p.refused_at IS NULL",
            {"lender": tx.lender_id, "third": third, "relations": sorted(THIRD_PERSONS)},
        )


def _person_frame(people: Sequence[Sealed]) -> pl.DataFrame:
    data: dict[str, pl.Series] = {
        "person_id": pl.Series([p.person_id for p in people], dtype=pl.Int64),
        "kind": pl.Series([p.kind for p in people], dtype=pl.String),
        "id_kind": pl.Series([p.id_kind for p in people], dtype=pl.String),
        "facts_index": pl.Series([p.facts_index for p in people], dtype=pl.Binary),
    }
    for name in _FIELDS:
        data[f"{name}_sealed"] = pl.Series([p.sealed.get(name) for p in people], dtype=pl.Binary)
        data[f"{name}_masked"] = pl.Series([p.masked.get(name) for p in people], dtype=pl.String)
    for name in _INDEXED:
        data[f"{name}_index"] = pl.Series([p.index.get(name) for p in people], dtype=pl.Binary)
    return pl.DataFrame(data)


def _stage_ids(tx: Tx, ids: Collection[int]) -> None:
    frames.stage(tx, pl.DataFrame({"person_id": sorted(ids)}, schema={"person_id": pl.Int64}), "ids")
