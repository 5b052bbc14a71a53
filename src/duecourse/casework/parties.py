"""Registering the people of a tape: persons, their contact points, and their ties to loans, in bulk.

Two steps. `inspect` looks at values alone: it refuses rows that cannot be right, says which and why without quoting
them, and needs no database, so a dry run shows what a real one would refuse. `register_parties` writes what is fit, in
the transaction that also commits the book version. The same batch again changes nothing; changed values keep their
history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

import polars as pl

from duecourse.casework.actor import Actor
from duecourse.casework.bare import facts_index, register_bare
from duecourse.casework.invented import objection
from duecourse.core.money import BrokenInvariant
from duecourse.law.clock import known_zone
from duecourse.storage import log, registering
from duecourse.storage.connection import Tx
from duecourse.storage.lenders import Lender
from duecourse.storage.registering import Point, Sealed, Tie
from duecourse.storage.vault import PersonKey, Vault, Wrapped
from duecourse.storage.vault.blind import BadPhone, is_mailbox, normal, normal_account
from duecourse.storage.vault.line import line_of, zone_of
from duecourse.storage.vault.mask import mask_account, mask_birth, mask_firm, mask_id, mask_name, mask_point

PERSONS: dict[str, pl.DataType | type[pl.DataType]] = {
    "person_id": pl.Int64,
    "kind": pl.String,  # natural or firm
    "name": pl.String,
    "id_kind": pl.String,  # resident_id, passport, credit_code, ...
    "id": pl.String,
    "birth": pl.Date,
    "reference": pl.String,  # the lender's customer number
}
"""Columns of persons; all but the first two may be null."""

POINTS: dict[str, pl.DataType | type[pl.DataType]] = {
    "person_id": pl.Int64,
    "kind": pl.String,  # phone, email, address, app or im
    "label": pl.String,  # which of the person's points: mobile, home, work ...; null: the kind
    "value": pl.String,
    "zone": pl.String,  # IANA zone, null if not known
    "consent": pl.String,  # basis on which it may be used, null if not known
}
"""Columns of contact points. A new value under the same label replaces the old one."""

PARTIES: dict[str, pl.DataType | type[pl.DataType]] = {
    "person_id": pl.Int64,
    "loan_key": pl.Int64,
    "relation": pl.String,
    "from_day": pl.Date,
    "proof_kind": pl.String,
    "proof_until": pl.Date,
    "named_by_debtor": pl.Boolean,
}
"""Columns of parties."""

RELATIONS = frozenset({
    "borrower", "co_borrower", "guarantor", "spouse_liable", "spouse", "heir", "representative", "lawyer",
    "contact_person", "employer", "other",
})  # fmt: skip
_R = TypeVar("_R", Point, Tie)
POINT_KINDS = ("phone", "email", "address", "app", "im")


@dataclass(frozen=True, slots=True)
class Batch:
    """What a tape says of people, in the clear; shows only its sizes. Frames have the columns named above."""

    persons: pl.DataFrame = field(repr=False)
    points: pl.DataFrame = field(repr=False)
    parties: pl.DataFrame = field(repr=False)

    def __str__(self) -> str:
        """Sizes only."""
        return f"{self.persons.height} persons, {self.points.height} contact points, {self.parties.height} parties"


@dataclass(frozen=True, slots=True)
class Finding:
    """A row that is not taken: frame (persons, points, parties), row from 0, column, and why; never the value."""

    frame: str
    row: int
    column: str
    why: str


@dataclass(frozen=True, slots=True)
class Human:
    """A person fit to be registered, in the clear."""

    row: int
    person_id: int
    kind: str
    id_kind: str | None
    values: Mapping[str, str] = field(repr=False)  # name, id, birth, reference: those that are given
    normals: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fit:
    """What `inspect` found fit, with normal forms; in the clear, so it shows nothing of itself."""

    lender: Lender
    humans: list[Human] = field(repr=False)
    points: list[Point] = field(repr=False)
    ties: list[Tie] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Registered:
    """What changed. ``refused``: what only the desk could tell (unknown or destroyed person, a second borrower)."""

    persons_new: int
    persons_changed: int
    points_new: int
    points_changed: int
    parties_new: int
    parties_changed: int
    refused: tuple[Finding, ...]

    @property
    def changes(self) -> int:
        """Rows written in all; 0 if the batch was known already."""
        return (
            self.persons_new + self.persons_changed + self.points_new + self.points_changed
            + self.parties_new + self.parties_changed
        )  # fmt: skip


def inspect(lender: Lender, batch: Batch) -> tuple[Fit, list[Finding]]:
    """Part the fit rows from those that cannot be right, by their values alone."""
    findings: list[Finding] = []
    humans = _humans(lender, _columns(batch.persons, PERSONS, "persons"), findings)
    points = _points(lender, _columns(batch.points, POINTS, "points"), findings)
    ties = _ties(_columns(batch.parties, PARTIES, "parties"), findings)
    return Fit(lender, humans, points, ties), findings


def register_parties(
    tx: Tx,
    *,
    vault: Vault,
    fit: Fit,
    source: str,
    day: date,
    actor: Actor,
    now: datetime,
    bare: pl.DataFrame | None = None,
) -> Registered:
    """Write persons, contact points and parties, and one record of it. ``source`` names the file, by its hash.

    ``bare`` are people of whom only the number is known and who are not stored yet, in the columns `bare.BARE`.
    ``now`` is the instant at which this became known; ``day`` the lender's day, on which changed proofs take effect.
    """
    if fit.lender.lender_id != tx.lender_id:
        raise BrokenInvariant(f"people of lender {fit.lender.lender_id} in a transaction of {tx.lender_id}")
    refused: list[Finding] = []
    keys, new, changed = _write_persons(tx, vault, fit, source=source, now=now, refused=refused)
    if bare is not None:
        new += register_bare(tx, vault=vault, people=bare, source=source, now=now)
    known = registering.known_ids(tx, {p.person_id for p in fit.points} | {t.person_id for t in fit.ties})
    points = _of_known(fit.points, known, "points", refused)
    ties = _of_known(fit.ties, known, "parties", refused)
    points_new, points_changed = _write_points(tx, vault, points, keys, source=source, now=now)
    parties_new, parties_changed, second = registering.write_ties(tx, ties, day=day, source=source, now=now)
    refused += [
        Finding("parties", tie.row, "relation", "the loan has another borrower; end that tie first") for tie in second
    ]
    done = Registered(new, changed, points_new, points_changed, parties_new, parties_changed, tuple(refused))
    if done.changes:
        log.append(
            tx,
            vault=vault,
            kind="parties.register",
            at=now,
            actor=str(actor),
            stated={
                "source": source,
                "persons_new": new,
                "persons_changed": changed,
                "points_new": points_new,
                "points_changed": points_changed,
                "parties_new": parties_new,
                "parties_changed": parties_changed,
            },
        )
    return done


def _columns(
    frame: pl.DataFrame, schema: Mapping[str, pl.DataType | type[pl.DataType]], name: str
) -> Iterable[tuple[object, ...]]:
    missing = [column for column in schema if column not in frame.columns]
    if missing:
        raise BrokenInvariant(f"frame {name} lacks the columns {', '.join(missing)}")
    return frame.select(pl.col(column).cast(kind) for column, kind in schema.items()).iter_rows()


def _humans(lender: Lender, rows: Iterable[tuple[object, ...]], findings: list[Finding]) -> list[Human]:
    humans: list[Human] = []
    seen: dict[int, tuple[object, ...]] = {}
    for at, row in enumerate(rows):
        person_id, kind, name, id_kind, number, birth, reference = row
        if not isinstance(person_id, int):
            findings.append(Finding("persons", at, "person_id", "missing"))
            continue
        if person_id in seen:
            if seen[person_id] != row:
                findings.append(Finding("persons", at, "person_id", "the same person again, with other facts"))
            continue
        seen[person_id] = row
        if kind not in {"natural", "firm"}:
            findings.append(Finding("persons", at, "kind", "neither natural nor firm"))
            continue
        given = {"name": name, "id": number, "birth": birth, "reference": reference}
        values = {
            k: v.isoformat() if isinstance(v, date) else str(v).strip() for k, v in given.items() if v is not None
        }
        values = {k: v for k, v in values.items() if v}
        normals = {k: normal(k, v, lender.jurisdiction) for k, v in values.items() if k in {"name", "id"}}
        why = objection("id", normals["id"], demo=lender.demo) if "id" in normals else None
        if why:
            findings.append(Finding("persons", at, "id", why))
            continue
        humans.append(Human(at, person_id, str(kind), None if id_kind is None else str(id_kind), values, normals))
    return humans


def _points(lender: Lender, rows: Iterable[tuple[object, ...]], findings: list[Finding]) -> list[Point]:
    points: list[Point] = []
    seen: dict[tuple[int, str], str] = {}
    for at, (person_id, kind, label, value, zone, consent) in enumerate(rows):
        text = str(value or "").strip()
        if not isinstance(person_id, int) or not text:
            findings.append(Finding("points", at, "value" if isinstance(person_id, int) else "person_id", "missing"))
            continue
        if kind not in POINT_KINDS:
            findings.append(Finding("points", at, "kind", f"not one of {', '.join(POINT_KINDS)}"))
            continue
        try:
            form = normal(str(kind), text, lender.jurisdiction)
        except BadPhone as error:
            findings.append(Finding("points", at, "value", str(error)))
            continue
        why = objection(str(kind), form, demo=lender.demo)
        if why:
            findings.append(Finding("points", at, "value", why))
            continue
        if kind == "email" and not lender.demo and not is_mailbox(form):  # invented ones are of no domain of the net
            findings.append(Finding("points", at, "value", "no e-mail address, such as name@company.cn"))
            continue
        if _text(zone) and not known_zone(str(_text(zone))):
            findings.append(Finding("points", at, "zone", "no zone of the IANA data base, such as Asia/Shanghai"))
            continue
        name = str(label or kind)
        if (person_id, name) in seen:
            if seen[person_id, name] != form:
                findings.append(Finding("points", at, "label", f"two values under the label {name!r}"))
            continue
        seen[person_id, name] = form
        rings_at = line_of(form).value if kind == "phone" else None
        there = _text(zone) or (zone_of(form) if kind == "phone" else None)
        points.append(Point(at, person_id, str(kind), name, text, form, there, _text(consent), rings_at))
    return points


def _ties(rows: Iterable[tuple[object, ...]], findings: list[Finding]) -> list[Tie]:
    ties: list[Tie] = []
    seen: set[tuple[int, int, str]] = set()
    for at, (person_id, loan_key, relation, from_day, proof_kind, proof_until, named) in enumerate(rows):
        if not isinstance(person_id, int) or not isinstance(loan_key, int) or not isinstance(from_day, date):
            findings.append(Finding("parties", at, "person_id, loan_key, from_day", "one of them is missing"))
            continue
        if relation not in RELATIONS:
            findings.append(Finding("parties", at, "relation", f"not one of {', '.join(sorted(RELATIONS))}"))
            continue
        if proof_until is not None and proof_kind is None:
            findings.append(Finding("parties", at, "proof_until", "an end of proof, but no proof"))
            continue
        if (person_id, loan_key, str(relation)) in seen:
            continue
        seen.add((person_id, loan_key, str(relation)))
        until = proof_until if isinstance(proof_until, date) else None
        ties.append(Tie(at, person_id, loan_key, str(relation), from_day, _text(proof_kind), until, bool(named)))
    return ties


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _of_known(rows: list[_R], known: set[int], frame: str, refused: list[Finding]) -> list[_R]:
    refused += [
        Finding(
            frame, row.row, "person_id", "no such person, on this tape or before, or the person's data was destroyed"
        )
        for row in rows
        if row.person_id not in known
    ]
    return [row for row in rows if row.person_id in known]


def _write_persons(
    tx: Tx, vault: Vault, fit: Fit, *, source: str, now: datetime, refused: list[Finding]
) -> tuple[dict[int, PersonKey], int, int]:
    """Insert new and update changed persons; returns the keys made or opened on the way, and both counts."""
    stored = registering.stored_persons(tx, [human.person_id for human in fit.humans])
    new: list[tuple[Human, bytes]] = []
    changed: list[tuple[Human, bytes]] = []
    keys: dict[int, PersonKey] = {}
    for human in fit.humans:
        facts = facts_index(vault, tx.lender_id, human.kind, human.id_kind, human.values)
        old = stored.get(human.person_id)
        if old is None:
            new.append((human, facts))
        elif old.wrapped is None:
            refused.append(Finding("persons", human.row, "person_id", "the person's data was destroyed and stays so"))
        elif old.facts_index != facts:
            keys[human.person_id] = vault.person(tx.lender_id, human.person_id, old.wrapped)
            changed.append((human, facts))
    strangers = _strangers(tx, [human for human, _ in changed], keys)
    refused += [
        Finding("persons", human.row, "reference", _MET) for human, _ in changed if human.person_id in strangers
    ]
    changed = [each for each in changed if each[0].person_id not in strangers]
    made = list(vault.new_people(tx.lender_id, [human.person_id for human, _ in new]))
    keys |= {key.person_id: key for key, _ in made}
    wrapped = {key.person_id: secret for key, secret in made}
    registering.insert_persons(tx, _sealed(vault, new, keys, wrapped), source=source, now=now)
    registering.update_persons(tx, _sealed(vault, changed, keys, {}), source=source, now=now)
    return keys, len(new), len(changed)


_MET = "another customer number has this person's id; give one of the two another number in the lender's system"


def _strangers(tx: Tx, changed: Sequence[Human], keys: Mapping[int, PersonKey]) -> set[int]:
    """Ids under which somebody else is known: an id is a digest of the customer number, and two may meet in one."""
    told = {human.person_id: human.values["reference"] for human in changed if "reference" in human.values}
    found = set()
    for person_id, sealed in registering.references(tx, told.keys()).items():
        was = keys[person_id].open("reference", sealed)
        if was is not None and normal_account(was.value) != normal_account(told[person_id]):
            found.add(person_id)
    return found


def _sealed(
    vault: Vault,
    humans: Sequence[tuple[Human, bytes]],
    keys: Mapping[int, PersonKey],
    wrapped: Mapping[int, Wrapped],
) -> list[Sealed]:
    seals = vault.seal_many(
        [(keys[human.person_id], name, value) for human, _ in humans for name, value in human.values.items()]
    )
    return [
        Sealed(
            person_id=human.person_id,
            kind=human.kind,
            id_kind=human.id_kind,
            wrapped=wrapped.get(human.person_id),
            facts_index=facts,
            sealed={name: next(seals) for name in human.values},
            masked={name: _masked(human.kind, name, value) for name, value in human.values.items()},
            index={
                name: vault.index_normal(keys[human.person_id].lender_id, name, form)
                for name, form in human.normals.items()
            },
        )
        for human, facts in humans
    ]


def _masked(kind: str, name: str, value: str) -> str:
    if name == "name":
        return mask_firm(value) if kind == "firm" else mask_name(value)
    return {"id": mask_id, "birth": mask_birth, "reference": mask_account}[name](value)


def _write_points(
    tx: Tx, vault: Vault, points: list[Point], keys: dict[int, PersonKey], *, source: str, now: datetime
) -> tuple[int, int]:
    """Insert new points, replacing what stood under their label, and update zone, consent and line of known ones."""
    stored = registering.stored_points(tx, {point.person_id for point in points})
    fresh: list[tuple[Point, bytes]] = []
    touched: list[tuple[int, Point]] = []
    for point in points:
        index = vault.index_normal(tx.lender_id, point.kind, point.normal_form)
        current = stored.current.get((point.person_id, point.label))
        if current is None or current.value_index != index or current.kind != point.kind:
            fresh.append((point, index))
        elif (current.zone, current.consent, current.line) != (point.zone, point.consent, point.line):
            touched.append((current.contact_point_id, point))
    missing = {point.person_id for point, _ in fresh} - keys.keys()
    for person_id, wrapped in registering.secrets(tx, missing).items():
        keys[person_id] = vault.person(tx.lender_id, person_id, wrapped)
    before = registering.states_before(tx, [(point.person_id, index) for point, index in fresh])
    rows = [
        (point, index, stored.next_ordinal(point.person_id), before.get((point.person_id, index), "ok"))
        for point, index in fresh
    ]
    seals = vault.seal_many(
        [
            (keys[p.person_id], registering.point_field(tx.lender_id, p.person_id, ordinal), p.value)
            for p, _, ordinal, _ in rows
        ]
    )
    registering.insert_points(
        tx,
        [
            (
                point,
                index,
                ordinal,
                state,
                sealed,
                mask_point(point.kind, point.normal_form if point.kind == "phone" else point.value),
            )
            for (point, index, ordinal, state), sealed in zip(rows, seals, strict=True)
        ],
        source=source,
        now=now,
    )
    registering.touch_points(tx, touched)
    return len(fresh), len(touched)
