"""Importing a tape: one act that writes book, people, breaks and evidence, or nothing.

The tape is read, checked and compared without writing (`look`). `import_tape` then appends to the Delta tables, which
nobody sees yet, and writes the people, the ``book_version`` row that makes the new version exist, the breaks and a log
entry in the caller's transaction: whatever dies before its commit leaves the old version.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Rows
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from duecourse.book.store import SHARDS, BookVersion, Store, version_from
from duecourse.book.tape import figures, quarantine
from duecourse.book.tape.arrival import Arrival, FileCount, arrive
from duecourse.book.tape.change import BREAKS, CONFIRMED, breaks
from duecourse.book.tape.checks import Frame
from duecourse.book.tape.faults import TODO, Rule
from duecourse.book.tape.layout import Records
from duecourse.book.tape.mapping import Mapping
from duecourse.book.tape.patch import Patch
from duecourse.book.tape.readers import Source
from duecourse.book.tape.values import Setting
from duecourse.casework.actor import Actor
from duecourse.casework.parties import PARTIES, PERSONS, POINTS, Batch, Finding, Fit, inspect, register_parties
from duecourse.casework.promises import reckon_promises
from duecourse.casework.tape_holds import place_holds
from duecourse.core.days import Calendar
from duecourse.law.workdays import rest_days
from duecourse.storage import books, desk_events, frames, lenders, log, registering
from duecourse.storage import breaks as break_rows
from duecourse.storage.connection import Tx
from duecourse.storage.lenders import Lender
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput

Told = Callable[[str, int, int], None]

MANY = 5_000
"""Loans of a tape beyond which all payments that were confirmed are read, and not those of its loans."""

_FRAMES = {
    "persons": Records.PERSONS, "points": Records.CONTACT_POINTS, "parties": Records.PARTIES, "holds": Records.HOLDS,
}  # fmt: skip
_KINDS = ["balance", "dpd", "schedule", "payment_differs", "event_differs", "payment_unmatched"]


class Quarantined(BadInput):
    """Rows are wrong and all or nothing was asked for."""

    def __init__(self, faults: pl.DataFrame, path: Path) -> None:
        super().__init__(
            N_(
                "rows that are wrong: {rows:,}, with {faults:,} faults. All or nothing was asked for, so nothing was "
                "imported. They are named in {path}; mend them with a patch (`duecourse book mend`) or import without "
                "--all-or-nothing"
            ),
            rows=faults.select("source", "row").n_unique(),
            faults=faults.height,
            path=path,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be imported and how. ``full``: the tape holds every loan; those missing are listed as breaks."""

    mapping: Mapping
    sources: Sequence[Source]
    patch: Patch | None = None
    full: bool = False
    all_or_nothing: bool = False
    shards: int = SHARDS  # for a new book only
    calendar: Calendar | None = None  # that of the lender's country
    threads: int = 2


@dataclass(frozen=True, slots=True)
class Looked:
    """What an import would do. Shows no people."""

    arrival: Arrival
    fit: Fit = field(repr=False)
    counts: list[FileCount]
    faults: pl.DataFrame = field(repr=False)
    skipped: tuple[str, ...]  # names of files that were read before, with this mapping and patch
    by_number: int  # loans, new or changed, of whose borrower tape and desk know no more than the number

    @property
    def quarantined(self) -> int:
        """Rows that are not taken."""
        return sum(count.quarantined for count in self.counts)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. ``version`` is None where nothing changed and the book has no version yet."""

    version: int | None
    changed: bool
    looked: Looked
    breaks: pl.DataFrame
    figures_agreed: int
    vanished: int
    people: int  # rows written about people
    quarantine: Path | None


def look(tx: Tx, *, store: Store, order: Order, now: datetime, told: Told | None = None) -> Looked:
    """Read and check a tape against the book and write nothing; raises what reading raises."""
    lender = lenders.get(tx)
    at = _version(tx)
    return _look(tx, lender, at, store=store, order=order, now=now, told=told)


def import_tape(
    tx: Tx,
    *,
    vault: Vault,
    store: Store,
    order: Order,
    quarantine_file: Path,
    actor: Actor,
    now: datetime,
    told: Told | None = None,
) -> Imported:
    """Import a tape; the caller commits ``tx`` and then calls ``store.done()``.

    ``quarantine_file`` is written where rows are wrong. Raises `books.BookLocked` while another import or run writes,
    `Quarantined`, and what reading raises.
    """
    books.lock(tx)
    lender = lenders.get(tx)
    at = _version(tx)
    looked = _look(tx, lender, at, store=store, order=order, now=now, told=told)
    arrival, tell = looked.arrival, told or (lambda _what, _done, _of: None)
    wrong = looked.faults
    if not wrong.is_empty():
        quarantine.write(wrong, quarantine_file)
    if order.all_or_nothing and not wrong.is_empty():
        raise Quarantined(wrong, quarantine_file)
    today = now.astimezone(ZoneInfo(lender.zone)).date()
    tell("write the book and its people", 0, 2)
    rows = arrival.change.rows
    with ThreadPoolExecutor(max_workers=1) as aside:
        appended = aside.submit(_append, store, at, rows, order.shards)
        people = _register(tx, looked, lender, vault=vault, actor=actor, now=now, today=today)
        written = appended.result()
    tell("compare figures", 1, 2)
    found, agreed = _breaks(store, written, looked, now=now, threads=order.threads)
    vanished = _vanished(store, at, arrival, now) if order.full else pl.DataFrame(schema=BREAKS)
    result = Imported(
        version=at.version if at else None, changed=False, looked=looked, breaks=pl.concat([found, vanished]),
        figures_agreed=agreed, vanished=vanished.height, people=people,
        quarantine=quarantine_file if not wrong.is_empty() else None,
    )  # fmt: skip
    if at is not None:
        desk_events.confirm(
            tx,
            [
                desk_events.Pair(loan_key, mine, theirs, at.version, "desk")
                for loan_key, theirs, mine in arrival.change.confirmed.iter_rows()
            ],
        )
    was = break_rows.open_breaks(tx).select(list(BREAKS))
    over = arrival.looked_at(was).join(result.breaks, on=list(BREAKS), how="anti", nulls_equal=True)
    news = result.breaks.join(was, on=list(BREAKS), how="anti", nulls_equal=True)
    if not (rows or people or not over.is_empty() or not news.is_empty() or _mended(tx, looked, order)):
        return result
    new = replace(written or BookVersion(0, order.shards, {}), version=(at.version if at else 0) + 1)
    _commit(tx, new, at, looked, order, actor=actor, now=now)
    _set_breaks(tx, result.breaks, was, over, version=new.version, day=today)
    _record(tx, new, result, order, vault=vault, actor=actor, now=now)
    reckon_promises(tx, store)
    return replace(result, version=new.version, changed=True)


def _mended(tx: Tx, looked: Looked, order: Order) -> bool:
    """Whether a file leaves fewer rows in quarantine than ever: that is on record, also where the book had them."""
    now: dict[str, int] = {}
    for count in looked.counts:
        source = looked.arrival.sources[count.src].hash
        now[source] = now.get(source, 0) + count.quarantined
    for source, left in now.items():
        before: dict[int, int] = {}
        for row in books.sources(tx, source_hash=bytes.fromhex(source)):
            before[row.version] = before.get(row.version, 0) + row.rows_quarantined
        if left < min(before.values(), default=1 if order.patch else 0):
            return True
    return False


def _append(store: Store, at: BookVersion | None, rows: Rows[str, pl.DataFrame], shards: int) -> BookVersion | None:
    if not rows:
        return at
    store.begin(at)
    return store.append(at, rows, shards=shards)


def _version(tx: Tx) -> BookVersion | None:
    row = books.newest(tx)
    return None if row is None else version_from(row.version, row.tables)


def _look(
    tx: Tx,
    lender: Lender,
    at: BookVersion | None,
    *,
    store: Store,
    order: Order,
    now: datetime,
    told: Told | None,
) -> Looked:
    zone = order.mapping.zone or lender.zone
    setting = Setting(zone, order.mapping.currency or lender.currency, order.mapping.empty)
    frame = Frame(
        lender.lender_id, setting.currency, now.astimezone(ZoneInfo(zone)).date(), now,
        lambda loans: registering.claimed(tx, loans),
    )  # fmt: skip
    fresh = [each for each in order.sources if not _read_before(tx, each, order)]
    skipped = tuple(each.name for each in order.sources if each not in fresh)
    arrival = arrive(
        fresh, order.mapping, setting, frame, store=store, at=at, patch=order.patch if fresh else None,
        shards=order.shards, calendar=order.calendar or rest_days(lender.jurisdiction),
        desk_pays=lender.masters.get("payment", "tape") != "tape",
        confirmed=lambda loans: _confirmed(tx, loans), told=told,
    )  # fmt: skip
    fit, findings = inspect(lender, _batch(arrival))
    untied = _untied(tx, arrival, fit)
    faults, counts = _with_findings(arrival, [*findings, *untied])
    if untied:
        kept = arrival.people[Records.HOLDS].with_row_index("place")
        kept = kept.filter(~pl.col("place").is_in([one.row for one in untied])).drop("place")
        arrival = replace(arrival, people={**arrival.people, Records.HOLDS: kept})
    return Looked(arrival, fit, counts, faults, skipped, _by_number(tx, arrival, fit))


def _untied(tx: Tx, arrival: Arrival, fit: Fit) -> list[Finding]:
    """Holds about loans that their persons have no tie to, by this tape or the desk.

    Such a hold would stop nothing, and look as if it did.
    """
    rows = arrival.people.get(Records.HOLDS)
    if rows is None:
        return []
    rows = rows.with_row_index("place")
    pairs = rows.filter(pl.col("loan_key").is_not_null()).select("person_id", "loan_key").unique()
    if pairs.is_empty():
        return []
    by_tape = pl.DataFrame(
        [(one.person_id, one.loan_key) for one in fit.ties],
        schema={"person_id": pl.Int64, "loan_key": pl.Int64}, orient="row",
    )  # fmt: skip
    known = pl.concat([registering.tied(tx, pairs), by_tape, arrival.borrowers.select("person_id", "loan_key")])
    stray = pairs.join(known, on=["person_id", "loan_key"], how="anti")
    wrong = rows.join(stray, on=["person_id", "loan_key"], how="semi", maintain_order="left")
    why = "the person has no tie to this loan, by the tape or the desk"
    return [Finding("holds", place, "loan_ref", why) for place in wrong["place"]]


def _confirmed(tx: Tx, loans: pl.Series) -> pl.DataFrame:
    """Which payments of these loans were found to be one before."""
    pairs = desk_events.confirmed(tx, loans.to_list() if loans.len() <= MANY else None)
    return pl.DataFrame([(one.loan_key, one.tape_ref, one.desk_ref) for one in pairs], schema=CONFIRMED, orient="row")


def _by_number(tx: Tx, arrival: Arrival, fit: Fit) -> int:
    told = pl.Series([*(one.person_id for one in fit.humans), *(one.person_id for one in fit.points)], dtype=pl.Int64)
    loans = arrival.borrowers.filter(~pl.col("person_id").is_in(told.implode()))
    known = registering.known_beyond_number(tx, loans["person_id"].unique())
    return loans.filter(~pl.col("person_id").is_in(known.implode())).height


def _read_before(tx: Tx, source: Source, order: Order) -> bool:
    """Whether a file was read whole before, by the same mapping and patch: then it can bring nothing."""
    patch = bytes.fromhex(order.patch.hash) if order.patch else None
    found = [
        row
        for row in books.sources(tx, source_hash=bytes.fromhex(source.hash))
        if row.mapping_hash == bytes.fromhex(order.mapping.hash) and row.patch_hash == patch
    ]
    return bool(found) and not any(row.rows_quarantined for row in found)


def _batch(arrival: Arrival) -> Batch:
    people = arrival.people
    persons = people.get(Records.PERSONS)
    if persons is not None:
        persons = persons.with_columns(
            pl.col("kind").fill_null("natural"), id=pl.col("id_number"), reference=pl.col("person_ref")
        )
    points = people.get(Records.CONTACT_POINTS)
    ties = people.get(Records.PARTIES)
    if ties is not None:
        ties = ties.with_columns(pl.col("named_by_debtor").fill_null(value=False))
    return Batch(
        pl.DataFrame(schema=PERSONS) if persons is None else persons,
        pl.DataFrame(schema=POINTS) if points is None else points,
        pl.DataFrame(schema=PARTIES) if ties is None else ties,
    )


def _with_findings(arrival: Arrival, findings: Sequence[Finding]) -> tuple[pl.DataFrame, list[FileCount]]:
    """Faults and counts with what the desk's own checks of people found."""
    if not findings:
        return arrival.faults, arrival.counts
    made = []
    for finding in findings:
        records = _FRAMES[finding.frame]
        row = arrival.people[records].row(finding.row, named=True)
        rule = Rule.TIE if records is Records.HOLDS else Rule.FORM
        made.append({
            "src": row["src"], "records": str(records), "row": row["row"], "field": finding.column,
            "rule": str(rule), "value": "", "why": finding.why, "todo": TODO[rule],
        })  # fmt: skip
    schema = {"src": pl.UInt16, "row": pl.UInt32}
    extra = quarantine.named(pl.DataFrame(made, schema_overrides=schema), arrival.sources)
    bad = pl.DataFrame(made, schema_overrides=schema).select("src", "records", "row").unique()
    lost = {(src, records): n for src, records, n in bad.group_by("src", "records").len().iter_rows()}
    counts = [
        replace(
            count,
            accepted=count.accepted - lost.get((count.src, str(count.records)), 0),
            quarantined=count.quarantined + lost.get((count.src, str(count.records)), 0),
        )
        for count in arrival.counts
    ]
    return pl.concat([arrival.faults, extra.cast(arrival.faults.schema)]), counts


def _register(tx: Tx, looked: Looked, lender: Lender, *, vault: Vault, actor: Actor, now: datetime, today: date) -> int:
    """Write the people: those of the tape, and by number alone those whom it only names; then ties and holds."""
    people = looked.arrival.people
    source = " ".join(each.hash[:16] for each in looked.arrival.sources)
    named = [looked.arrival.borrowers.select("person_id", reference="borrower_ref")]
    named += [
        frame.select("person_id", reference="person_ref")
        for records, frame in people.items()
        if records is not Records.PERSONS
    ]
    told = pl.Series([human.person_id for human in looked.fit.humans], dtype=pl.Int64)
    everybody = pl.concat(named).unique("person_id")
    stored = registering.standing(tx, everybody["person_id"])
    bare = everybody.join(stored, on="person_id", how="anti").filter(~pl.col("person_id").is_in(told.implode()))
    destroyed = stored.filter("destroyed")["person_id"].implode()
    ties = looked.arrival.borrowers.select(
        "person_id", "loan_key", "new", relation=pl.lit("borrower"), from_day=pl.col("start"),
        proof_kind=pl.lit(None, pl.String), proof_until=pl.lit(None, pl.Date), named_by_debtor=pl.lit(value=False),
    ).filter(~pl.col("person_id").is_in(destroyed))  # fmt: skip
    # A borrower who stands already, by an earlier tape or entered by hand, is the same: `_look` saw to that.
    ties = ties.join(registering.borrowers(tx, ties["loan_key"]), on="loan_key", how="anti")
    told_again = ties.filter(~pl.col("new"))
    again, _ = inspect(lender, Batch(pl.DataFrame(schema=PERSONS), pl.DataFrame(schema=POINTS), told_again))
    fit = replace(looked.fit, ties=[*again.ties, *looked.fit.ties])
    done = register_parties(tx, vault=vault, fit=fit, source=source, day=today, actor=actor, now=now, bare=bare)
    begun = ties.filter("new").drop("new")
    # The borrower of a loan that is new to the book and has none: nothing stands against it, so all go in at once.
    tied = frames.insert(tx, begun.with_columns(source=pl.lit(source), known_at=pl.lit(now)), "party")
    held = people.get(Records.HOLDS)
    placed = 0 if held is None else place_holds(tx, held, lender, source=source, now=now)
    return done.changes + tied + placed


def _breaks(
    store: Store, at: BookVersion | None, looked: Looked, *, now: datetime, threads: int
) -> tuple[pl.DataFrame, int]:
    """Breaks that the tape shows, and how many of its figures agree with ours."""
    arrival = looked.arrival
    found = [arrival.change.breaks]
    agreed = 0
    if at is not None and not arrival.stated.is_empty():
        unlike, agreed = figures.compare(store, at, arrival.stated, known=now, threads=threads)
        found.append(unlike)
    unread = arrival.unread_payments.unique(["src", "row"])
    names = [source.hash[:16] for source in arrival.sources]
    file = pl.col("src").replace_strict(list(range(len(names))), names, return_dtype=pl.String)
    found.append(breaks(unread, kind=pl.lit("payment_unmatched"), subject=pl.format("row {} of {}", "row", file)))
    return pl.concat(found), agreed


def _vanished(store: Store, at: BookVersion | None, arrival: Arrival, now: datetime) -> pl.DataFrame:
    """Loans of the book that a full tape no longer holds; they stay in the book."""
    if at is None or not any(count.records is Records.LOANS for count in arrival.counts):
        return pl.DataFrame(schema=BREAKS)
    have = store.read(at, "loans", columns=["loan_key", "currency"], known=now)
    gone = have.filter(~pl.col("loan_key").is_in(arrival.loans_in.implode()))
    return breaks(gone, kind=pl.lit("balance"), subject=pl.lit("vanished"), currency=pl.col("currency"))


def _set_breaks(tx: Tx, found: pl.DataFrame, was: pl.DataFrame, over: pl.DataFrame, *, version: int, day: date) -> None:
    """Open what was found, close what is over, leave alone what the tape did not speak of."""
    key = ["kind", "loan_key", "subject"]
    checked = pl.concat([found["loan_key"], over["loan_key"]]).unique()
    left = was.filter(pl.col("loan_key").is_in(checked.implode())).join(over, on=key, how="anti")
    every = pl.concat([found, left.join(found, on=key, how="anti")])
    break_rows.set_open(tx, every, checked=checked, kinds=_KINDS, version=version, day=day, by=f"import {version}")


def _commit(
    tx: Tx, new: BookVersion, at: BookVersion | None, looked: Looked, order: Order, *, actor: Actor, now: datetime
) -> None:
    sources = [
        books.SourceFile(
            source_hash=bytes.fromhex(looked.arrival.sources[count.src].hash),
            kind=str(count.records),
            mapping_hash=bytes.fromhex(order.mapping.hash),
            patch_hash=bytes.fromhex(order.patch.hash) if order.patch else None,
            rows_in=count.rows_in,
            rows_accepted=count.accepted,
            rows_quarantined=count.quarantined,
            sums=_sums(looked.arrival, count),
        )
        for count in looked.counts
    ]
    row = books.BookVersion(
        version=new.version,
        parent=at.version if at else None,
        known_at=now,
        written_by=str(actor),
        tables=new.plain(),
        content_hash=new.content_hash,
        log_entries=log.last_id(tx),
    )
    books.commit_version(tx, row, sources)


def _sums(arrival: Arrival, count: FileCount) -> dict[str, dict[str, int]]:
    if count.records is not Records.LOANS:
        return {}
    return {"principal_in": arrival.principal_in, "principal_accepted": arrival.principal_accepted}


def _record(
    tx: Tx, new: BookVersion, result: Imported, order: Order, *, vault: Vault, actor: Actor, now: datetime
) -> None:
    looked = result.looked
    log.append(
        tx,
        vault=vault,
        kind="book.import",
        at=now,
        actor=str(actor),
        stated={
            "version": new.version,
            "content": new.content_hash.hex(),
            "mapping": order.mapping.hash,
            "sources": [source.hash for source in looked.arrival.sources],
            "rows_in": sum(count.rows_in for count in looked.counts),
            "rows_quarantined": looked.quarantined,
            "breaks": result.breaks.height,
        },
    )
