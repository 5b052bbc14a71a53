"""What a lender's people did before duecourse: collectors, absences and contacts made, read from files.

The files are CSV with the columns of `COLUMNS` (``docs/desk-files.md``). A folder is taken whole or not at all: what
stands in it decides whom the law allows to be called today, so nothing of it may be left out unsaid. The same folder
twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from duecourse.casework.actor import Actor
from duecourse.casework.lender_law import law_of
from duecourse.casework.outcomes import COUNTS, NotOfThisChannel, Outcome, outcomes_of
from duecourse.casework.staff import UnknownFirm, check_firm
from duecourse.casework.stating import NotStated, read_value, state_fact
from duecourse.casework.their_loan import NotTheirLoan
from duecourse.core.ids import loan_key, person_id
from duecourse.evidence.record import instant_text
from duecourse.law.terms import THIRD_PERSONS, Channel, Purpose, Relation
from duecourse.storage import collectors, contacts, lenders, log, parties, points, registering, stated
from duecourse.storage.collectors import Absence, Collector
from duecourse.storage.connection import Tx
from duecourse.storage.lenders import Lender
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Said, Trouble

COLUMNS: dict[str, dict[str, Any]] = {
    "collectors": {
        "collector_id": pl.String,
        "team": pl.String,
        "skills": pl.String,  # words of the strategy, spaces between
        "languages": pl.String,
        "capacity": pl.Int64,  # cases a day
        "from_day": pl.Date,
        "to_day": pl.Date,  # first day on which the collector is gone
    },
    "absences": {"collector_id": pl.String, "from_day": pl.Date, "to_day": pl.Date, "kind": pl.String},
    "contacts": {
        "contact_ref": pl.String,
        "person_ref": pl.String,  # who was spoken to
        "debtor_ref": pl.String,  # whose debt it was about
        "loan_refs": pl.String,  # spaces between
        "relation": pl.String,
        "point_kind": pl.String,  # kind and label name one of the person's contact points
        "point_label": pl.String,
        "channel": pl.String,
        "purpose": pl.String,
        "direction": pl.String,  # out or in
        "at": pl.String,  # instant with offset
        "outcome": pl.String,
        "connected": pl.Boolean,
        "collector_id": pl.String,
        "firm": pl.String,  # the outside firm that made it or was reached; empty: the lender itself
    },
    "facts": {
        "person_ref": pl.String,
        "loan_ref": pl.String,  # of the one loan it is about
        "fact": pl.String,
        "value": pl.String,
        "from_day": pl.Date,
        "to_day": pl.Date,  # first day on which it holds no longer
        "source": pl.String,
        "firm": pl.String,  # the outside firm to which a consent was given; empty: the lender itself
    },
}
"""Columns of each file; of contacts, ``collector_id`` and ``firm`` may be empty, of facts, ``loan_ref``, ``to_day`` and
``firm``."""

_LATER = frozenset({"firm"})
"""Columns that a file may do without."""

_MAY_BE_EMPTY = frozenset({"collector_id", "firm"})
"""Of a contact."""

ABSENCES = ("leave", "sick", "training", "suspended", "other")
"""Kinds of absence."""

WORDS: dict[str, tuple[str, ...]] = {
    "relation": tuple(Relation),
    "channel": tuple(Channel),
    "purpose": tuple(Purpose),
    "direction": ("out", "in"),
}
"""The closed lists that words of a contact come from."""

OUTCOMES: dict[str, Outcome] = {
    **{one.value: one for one in Outcome if one is not Outcome.NOT_SENT},
    "spoke": Outcome.CONNECTED,
    "no_answer": Outcome.UNANSWERED,
}
"""What may have come of a contact that was made; two words are other systems' own, and mean what ours do."""

WRONG_NUMBER, REFUSED = "wrong_number", "refused"
"""Outcomes that change more than a counter: the point is wrong; a third person must never be asked again."""


ROWS_NAMED = 20
"""Of how many rows with one fault the numbers are given."""


class BadDeskFile(BadInput):
    """A file of the desk that cannot be taken, by the rows of which it is true; by none if it is the file's own."""

    def __init__(self, path: Path, rows: Sequence[int], what: Said | Trouble) -> None:
        listed = ", ".join(map(str, rows[:ROWS_NAMED]))
        where: Said | str = str(path)
        if len(rows) == 1:
            where = Said(N_("{path}, row {row}"), path=path, row=listed)
        elif len(rows) > ROWS_NAMED:
            where = Said(N_("{path}, rows {rows} and {more} more"), path=path, rows=listed, more=len(rows) - ROWS_NAMED)
        elif rows:
            where = Said(N_("{path}, rows {rows}"), path=path, rows=listed)
        super().__init__(N_("{where}: {what}. Nothing of the folder was taken."), where=where, what=what)


@dataclass(frozen=True, slots=True)
class Taken:
    """What was new in a folder."""

    collectors: int
    absences: int
    contacts: int
    wrong_numbers: int
    refusals: int
    facts: int = 0
    contacts_known: int = 0


def import_desk(tx: Tx, folder: Path, *, vault: Vault, actor: Actor, now: datetime) -> Taken:
    """Take the files of a folder; raises `BadDeskFile`. The caller commits."""
    lender = lenders.get(tx)
    if not any((folder / f"{name}.csv").exists() for name in COLUMNS):
        raise BadDeskFile(
            folder, (), Said(N_("there is none of {columns}"), columns=", ".join(f"{name}.csv" for name in COLUMNS))
        )
    staff, away, made, told = (_read(folder, name) for name in COLUMNS)
    _check_staff(folder, staff, away, known={one.collector_id for one in collectors.every(tx)})
    rows = _resolved(tx, folder / "contacts.csv", made, lender, now)
    for row in staff.iter_rows(named=True):
        words = {name: str(row[name] or "").split() for name in ("skills", "languages")}
        collectors.put(tx, Collector(**row | words))
    for row in away.iter_rows(named=True):
        collectors.put_absence(tx, Absence(**row))
    added = contacts.add_many(tx, rows.select(list(contacts.NEW)), now=now)
    wrong = rows.filter((pl.col("outcome") == WRONG_NUMBER) & (pl.col("point_state") != "wrong"))
    points_wrong = wrong.select("person_id", "contact_point_id").unique(maintain_order=True)
    points.mark_wrong(tx, points_wrong, now=now)
    refused = rows.filter(pl.col("outcome") == REFUSED)
    refusals = 0
    for (person,), rows_of in refused.sort("at").group_by("person_id", maintain_order=True):
        bound = parties.refuse(tx, pl.DataFrame({"person_id": [person], "at": [rows_of["at"][0]]}))
        refusals += bound
        for row in rows_of.filter(pl.col("relation").is_in(list(THIRD_PERSONS))).iter_rows(named=True):
            if not bound:
                refusals += parties.refuse_untied(tx, person, row["loan_keys"], at=row["at"], day=row["local_day"])
    facts = _state(tx, folder / "facts.csv", told, lender, vault=vault, actor=actor, now=now)
    taken = Taken(staff.height, away.height, added, points_wrong.height, refusals, facts, rows.height - added)
    log.append(tx, vault=vault, kind="desk.imported", at=now, actor=str(actor), stated=asdict(taken))
    return taken


def _check_staff(folder: Path, staff: pl.DataFrame, away: pl.DataFrame, *, known: set[str]) -> None:
    path = folder / "collectors.csv"
    _filled(path, staff, ["collector_id", "team", "capacity", "from_day"])
    _demand(
        path, staff, pl.col("collector_id").str.contains(r"^[A-Za-z0-9._-]{1,64}$"),
        Said(N_("collector_id is a staff number of letters, digits, . _ and -, not a name")),
    )  # fmt: skip
    _demand(path, staff, pl.col("capacity") >= 0, Said(N_("capacity is a number of cases a day, 0 or more")))
    _demand(path, staff, ~(pl.col("to_day") <= pl.col("from_day")).fill_null(value=False), _TO_DAY)
    path = folder / "absences.csv"
    _filled(path, away, list(COLUMNS["absences"]))
    _demand(path, away, pl.col("to_day") > pl.col("from_day"), _TO_DAY)
    _one_of(path, away, "kind", ABSENCES)
    everybody = known | set(staff["collector_id"])
    _demand(
        path, away, pl.col("collector_id").is_in(sorted(everybody)),
        Said(N_("nobody has this collector_id; collectors.csv says who collects")),
    )  # fmt: skip


def _read(folder: Path, name: str) -> pl.DataFrame:
    path = folder / f"{name}.csv"
    columns = COLUMNS[name]
    if not path.exists():
        return pl.DataFrame(schema=columns)
    try:
        frame = pl.read_csv(path, schema_overrides=columns)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise BadDeskFile(
            path, (), Said(N_("cannot be read as CSV: {error}"), error=str(error).splitlines()[0])
        ) from error
    frame = frame.with_columns(
        pl.lit(None, columns[column]).alias(column) for column in _LATER & set(columns) if column not in frame.columns
    )
    if lacking := [column for column in columns if column not in frame.columns]:
        raise BadDeskFile(
            path,
            (),
            Said(
                N_("lacks the columns {lacking}; it needs {columns}"),
                lacking=", ".join(lacking),
                columns=", ".join(columns),
            ),
        )
    return frame.select(list(columns))


def _check_made(tx: Tx, path: Path, made: pl.DataFrame) -> None:
    """What each contact says of itself goes together, before anything is looked up but the houses."""
    _filled(path, made, [name for name in COLUMNS["contacts"] if name not in _MAY_BE_EMPTY])
    for name, words in WORDS.items():
        _one_of(path, made, name, words)
    _demand(path, made, pl.col("loan_refs").str.contains(r"\S"), Said(N_("loan_refs names at least one loan")))
    _one_of(path, made, "outcome", tuple(OUTCOMES))
    for channel, direction, word in made.select("channel", "direction", "outcome").unique(maintain_order=True).rows():
        came = [one for one in outcomes_of(Channel(channel), inbound=direction == "in") if one in OUTCOMES]
        if OUTCOMES[word] not in came:
            such = (pl.col("channel") == channel) & (pl.col("direction") == direction) & (pl.col("outcome") == word)
            never = NotOfThisChannel(Channel(channel), OUTCOMES[word], came)
            _demand(path, made, ~such, Said(never.sentence, **never.values | {"outcome": f"`{word}`"}))
    answered = {word: COUNTS[outcome].connected for word, outcome in OUTCOMES.items()}
    for word in made["outcome"].unique(maintain_order=True):
        both = (pl.col("outcome") != word) | (pl.col("connected") == answered[word])
        _demand(path, made, both, _ANSWERED[answered[word]](word))
    for firm in made["firm"].drop_nulls().unique(maintain_order=True):
        try:
            check_firm(tx, firm)
        except UnknownFirm as unknown:
            _demand(path, made, pl.col("firm").ne_missing(firm), unknown)


def _resolved(tx: Tx, path: Path, made: pl.DataFrame, lender: Lender, now: datetime) -> pl.DataFrame:
    """The contacts as the desk keeps them: ids for references, instants for texts."""
    _check_made(tx, path, made)
    ids = {ref: int(person_id(lender.lender_id, ref)) for ref in {*made["person_ref"], *made["debtor_ref"]}}
    frame = made.with_columns(
        person_id=pl.col("person_ref").replace_strict(ids, return_dtype=pl.Int64, default=None),
        debtor_id=pl.col("debtor_ref").replace_strict(ids, return_dtype=pl.Int64, default=None),
        loan_keys=pl.Series(
            [[int(loan_key(lender.lender_id, ref)) for ref in refs.split()] for refs in made["loan_refs"]],
            dtype=pl.List(pl.Int64),
        ),
        at=pl.col("at")
        .str.to_datetime("%Y-%m-%dT%H:%M:%S%z", time_unit="us", strict=False)
        .dt.convert_time_zone("UTC"),
    )
    _demand(
        path, frame, pl.col("at").is_not_null(),
        Said(N_("`at` must be an instant with its offset (2026-03-01T09:30:00+08:00)")),
    )  # fmt: skip
    _demand(
        path, frame, pl.col("at") <= now,
        Said(N_("`at` lies in the future, it is {now}; leave out what has not been made yet"), now=instant_text(now)),
    )  # fmt: skip
    there = sorted(registering.known_ids(tx, set(ids.values())))
    _demand(
        path, frame, pl.col("debtor_id").is_in(there),
        Said(N_("the lender has no debtor of this debtor_ref; import the tape first")),
    )  # fmt: skip
    _check_loans(tx, path, frame)
    asked = frame.select("person_id", "at", kind="point_kind", label="point_label")
    stood = points.standing_at(tx, asked).select(
        "contact_point_id", point_index="value_index", point_state="state", point_zone="zone"
    )
    found = frame.hstack(stood.with_columns(pl.when(frame["person_id"].is_in(there)).then(pl.all())))
    _demand(
        path, found, pl.col("contact_point_id").is_not_null(),
        Said(N_("the person has no such contact point on the desk; the tape says which there are")),
    )  # fmt: skip
    return found.with_columns(
        local_day=_local_day(tx, found, lender), state=pl.lit("reported"),
        agency=pl.col("firm"), template_id=pl.lit(None, dtype=pl.String),
        template_version=pl.lit(None, dtype=pl.Int32),
    )  # fmt: skip


def _local_day(tx: Tx, found: pl.DataFrame, lender: Lender) -> pl.Series:
    """The day of each contact by the law's own clock; where it has none, by that of the number, else the lender's."""
    clock = law_of(tx).zone
    zones = [clock or name or lender.zone for name in found["point_zone"]]
    return pl.Series(
        [at.astimezone(ZoneInfo(name)).date() for at, name in zip(found["at"], zones, strict=True)], dtype=pl.Date
    )


def _check_loans(tx: Tx, path: Path, frame: pl.DataFrame) -> None:
    """The debtor, under whichever name, has or had a tie to each loan of the contact."""
    about = frame.select(
        "debtor_ref", "debtor_id", loan_ref=pl.col("loan_refs").str.extract_all(r"\S+"), loan_key="loan_keys"
    ).with_row_index("row", offset=1).explode("loan_ref", "loan_key")  # fmt: skip
    untied = parties.untied(tx, about.select("loan_key", person_id="debtor_id").unique())
    wrong = about.join(untied, left_on=["debtor_id", "loan_key"], right_on=["person_id", "loan_key"], how="semi")
    if not wrong.is_empty():
        debtor, loan = wrong.row(0, named=True)["debtor_ref"], wrong.row(0, named=True)["loan_ref"]
        rows = wrong.filter((pl.col("debtor_ref") == debtor) & (pl.col("loan_ref") == loan))["row"]
        no_tie = Said(
            N_("debtor {debtor} has no tie to a loan {loan}; `duecourse person show` lists the loans of a person"),
            debtor=debtor, loan=loan,
        )  # fmt: skip
        raise BadDeskFile(path, rows.unique().sort().to_list(), no_tie)


def _state(tx: Tx, path: Path, told: pl.DataFrame, lender: Lender, *, vault: Vault, actor: Actor, now: datetime) -> int:
    """Put facts on record that are not there yet, with the same value and proof; how many were new."""
    _filled(path, told, ["person_ref", "fact", "value", "from_day", "source"])
    _demand(path, told, ~(pl.col("to_day") <= pl.col("from_day")).fill_null(value=False), _TO_DAY)
    ids = {ref: int(person_id(lender.lender_id, ref)) for ref in told["person_ref"].unique()}
    there = registering.known_ids(tx, set(ids.values()))
    _demand(
        path,
        told,
        pl.col("person_ref").is_in([ref for ref, one in ids.items() if one in there]),
        Said(N_("nobody is known by this person_ref; import the tape first")),
    )
    zone, added = ZoneInfo(lender.zone), 0
    for number, row in enumerate(told.iter_rows(named=True), 1):
        begins, ends = (
            None if day is None else datetime.combine(day, time(), zone) for day in (row["from_day"], row["to_day"])
        )
        loan = None if row["loan_ref"] is None else loan_key(lender.lender_id, row["loan_ref"])
        value = read_value(row["value"])
        who = ids[row["person_ref"]]
        plain = value.isoformat() if isinstance(value, date) else value
        firm = row["firm"] or ""
        same = [
            one
            for one in stated.of_person(tx, who)
            if (one.fact, one.value, one.loan_key, one.from_at, one.source, one.firm or "")
            == (row["fact"], plain, loan, begins, row["source"], firm)
        ]
        if any(one.ended_by or one.to_at == ends for one in same):
            continue  # what somebody ended since stays ended
        try:
            state_fact(
                tx, vault=vault, person_id=who, fact=row["fact"], value=value, source=row["source"], actor=actor,
                now=now, from_at=begins, until=ends, loan_key=loan, firm=firm,
            )  # fmt: skip
        except NotTheirLoan as wrong:  # in the words of the file, not by our key
            said = Said(wrong.sentence, person=row["person_ref"], loan=row["loan_ref"])
            raise BadDeskFile(path, [number], said) from wrong
        except (NotStated, UnknownFirm) as wrong:
            raise BadDeskFile(path, [number], wrong) from wrong
        added += 1
    return added


_TO_DAY = Said(N_("to_day is the first day after it, so it is later than from_day; correct one of the two"))
_ANSWERED: dict[bool, Callable[[str], Said]] = {
    True: lambda word: Said(
        N_("`connected` is false and contradicts `outcome`: of {word} somebody answered; correct one of the two"),
        word=f"`{word}`",
    ),
    False: lambda word: Said(
        N_("`connected` is true and contradicts `outcome`: of {word} nobody answered; correct one of the two"),
        word=f"`{word}`",
    ),
}  # fmt: skip


def _filled(path: Path, frame: pl.DataFrame, columns: Sequence[str]) -> None:
    """Nothing that is needed is empty."""
    for name in columns:
        _demand(path, frame, pl.col(name).is_not_null(), Said(N_("{column} is needed"), column=f"`{name}`"))


def _one_of(path: Path, frame: pl.DataFrame, name: str, words: Sequence[str]) -> None:
    """A column has words of a closed list."""
    _demand(
        path, frame, pl.col(name).is_in(words),
        Said(N_("{column} is one of {words}"), column=f"`{name}`", words=", ".join(words)),
    )  # fmt: skip


def _demand(path: Path, frame: pl.DataFrame, holds: pl.Expr, what: Said | Trouble) -> None:
    wrong = frame.with_row_index("row", offset=1).filter(~holds)
    if not wrong.is_empty():
        raise BadDeskFile(path, wrong["row"].to_list(), what)
