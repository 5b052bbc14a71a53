"""A tape from files to what it adds: read, checked, assembled, compared with the book. Nothing is written.

`arrive` is the whole of it, the same for a dry run and for an import.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from duecourse.book.store import SHARDS
from duecourse.book.tape import assemble, faults, quarantine, relaid
from duecourse.book.tape.change import AT, Change, change, present, schedule_subject
from duecourse.book.tape.checks import Frame, check, key
from duecourse.book.tape.intake import PLACE, sums, take
from duecourse.book.tape.keys import loan_keys
from duecourse.book.tape.layout import LOAN_KEYED, Records
from duecourse.book.tape.terms import PRINCIPAL
from duecourse.core.days import EVERY_DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from duecourse.book.store import BookVersion, Store
    from duecourse.book.tape.checks import Present
    from duecourse.book.tape.intake import Intake, Told, Unread
    from duecourse.book.tape.mapping import Mapping
    from duecourse.book.tape.patch import Patch
    from duecourse.book.tape.readers import Source
    from duecourse.book.tape.values import Setting
    from duecourse.core.days import Calendar

BORROWERS = {
    "loan_key": pl.Int64,
    "person_id": pl.Int64,
    "borrower_ref": pl.String,
    "start": pl.Date,
    "new": pl.Boolean,
}
PEOPLE = (Records.PERSONS, Records.CONTACT_POINTS, Records.PARTIES, Records.HOLDS)


@dataclass(frozen=True, slots=True)
class FileCount:
    """What became of one kind of record of one file: rows_in = accepted + quarantined."""

    src: int
    records: Records
    rows_in: int
    accepted: int
    quarantined: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a tape brings. ``people`` are records for the desk, in the clear; they show themselves nowhere."""

    sources: Sequence[Source]
    counts: list[FileCount]
    change: Change
    faults: pl.DataFrame = field(repr=False)  # with file and hash, masked
    people: dict[Records, pl.DataFrame] = field(repr=False)
    borrowers: pl.DataFrame = field(
        repr=False
    )  # loan_key, person_id, borrower_ref, start, new; of loans new or changed
    unread_payments: pl.DataFrame = field(repr=False)  # loan_key, amount, of payments quarantined
    stated: pl.DataFrame = field(repr=False)  # loan_key, day, item, value: the lender's figures
    told: dict[str, pl.DataFrame] = field(repr=False)  # all rows of the tape by table, new or not
    principal_in: dict[str, int]  # minor units by currency, of rows whose amount could be read
    principal_accepted: dict[str, int]
    principal_unread: dict[str, int]  # rows by currency whose amount could not be read: in neither sum
    loans_in: pl.Series = field(repr=False)  # loan_key of the loans that the tape names as loans
    loans_of_nothing: pl.DataFrame = field(repr=False)  # src, row of loans taken whose principal is 0
    columns_unread: Sequence[Unread]
    rates_ppm: tuple[int, int] | None  # the lowest contract rate above 0 of loans taken, and the highest

    @property
    def quarantined(self) -> int:
        """Rows that were not taken."""
        return sum(count.quarantined for count in self.counts)

    def looked_at(self, open_breaks: pl.DataFrame) -> pl.DataFrame:
        """Of breaks that are open, those that this tape speaks of: it shows them again, or they are over."""
        subject = pl.col("subject")
        sets = self.told["instalments"].select("loan_key", "set_no").unique()
        sets = sets.select("loan_key", kind=pl.lit("schedule"), subject=schedule_subject())
        events = self.told["events"].select(
            "loan_key", kind=pl.lit(["payment_differs", "event_differs", "payment_unmatched"]), subject="ref"
        ).explode("kind", empty_as_null=False)  # fmt: skip
        figures = self.stated.select(
            "loan_key",
            kind=pl.when(pl.col("item") == "dpd").then(pl.lit("dpd")).otherwise(pl.lit("balance")),
            subject="item",
        )
        back = pl.DataFrame({"loan_key": self.loans_in}).with_columns(
            kind=pl.lit("balance"), subject=pl.lit(["vanished", PRINCIPAL])
        ).explode("subject", empty_as_null=False)  # fmt: skip
        told = pl.concat([part.select("loan_key", "kind", "subject") for part in (sets, events, figures, back)])
        files = [source.hash[:16] for source in self.sources]
        of_file = (pl.col("kind") == "payment_unmatched") & subject.str.split(" of ").list.last().is_in(files)
        spoken = open_breaks.join(told, on=["loan_key", "kind", "subject"], how="semi")
        named = open_breaks.with_columns(whole=subject, subject=subject.str.replace(AT, ""))
        dated = named.join(told, on=["loan_key", "kind", "subject"], how="semi").with_columns(subject="whole")
        found = [spoken, dated.select(open_breaks.columns), open_breaks.filter(of_file)]
        return pl.concat(found).unique(maintain_order=True)


def arrive(
    sources: Sequence[Source],
    mapping: Mapping,
    setting: Setting,
    frame: Frame,
    *,
    store: Store,
    at: BookVersion | None,
    patch: Patch | None = None,
    shards: int = SHARDS,
    calendar: Calendar = EVERY_DAY,
    desk_pays: bool = False,
    confirmed: Callable[[pl.Series], pl.DataFrame] | None = None,
    told: Told | None = None,
) -> Arrival:
    """Read a tape and find what it adds to version ``at`` of the book (None: there is none yet).

    ``confirmed`` tells of loans which payments of desk and tape were found to be one before.
    """
    tell = told or (lambda _what, _done, _of: None)
    intake = take(sources, mapping, setting, patch=patch, told=told)
    tell("check", 0, 3)
    key(intake, frame)
    named = [intake.frames[r]["loan_key"] for r in LOAN_KEYED if r in intake.frames]
    refs = pl.concat(named).unique() if named else pl.Series("loan_key", [], dtype=pl.Int64)
    have, loans = present(store, at, refs, frame.now)
    check(intake, have, frame)
    tell("assemble", 1, 3)
    made = assemble.rows(intake, have, frame, shards=at.shards if at else shards, calendar=calendar)
    anew = relaid.find(intake, made["instalments"], have, frame, calendar)
    tell("compare with the book", 2, 3)
    one = confirmed(refs) if confirmed else None
    changed = change(made, have, loans, store, at, anew=anew, desk_pays=desk_pays, confirmed=one)
    return _arrival(intake, made, changed, have, setting=setting, frame=frame)


def _arrival(
    intake: Intake, made: dict[str, pl.DataFrame], changed: Change, have: Present, *, setting: Setting, frame: Frame
) -> Arrival:
    found = intake.found()
    loans = intake.get(Records.LOANS)
    return Arrival(
        sources=intake.sources,
        counts=_counts(intake, found),
        change=changed,
        faults=quarantine.named(found, intake.sources),
        people=_people(intake, have, frame),
        borrowers=_borrowers(loans, changed, have, intake.person_ids),
        unread_payments=_unread(intake, have),
        stated=made["balances"].select("loan_key", "day", "item", "value"),
        told=made,
        principal_in=intake.principal_in,
        principal_accepted=sums(loans, "principal_minor", setting.currency) if loans is not None else {},
        principal_unread=intake.principal_unread,
        loans_in=loans["loan_key"] if loans is not None else pl.Series("loan_key", [], dtype=pl.Int64),
        loans_of_nothing=faults.none().select(PLACE)
        if loans is None
        else loans.filter(pl.col("principal_minor") == 0).select(PLACE).sort(PLACE),
        columns_unread=intake.columns_unread,
        rates_ppm=_rates(loans),
    )


def _rates(loans: pl.DataFrame | None) -> tuple[int, int] | None:
    if loans is None or "rate_ppm" not in loans.columns:
        return None
    stated = loans.filter(pl.col("rate_ppm") > 0)["rate_ppm"]
    return None if stated.is_empty() else (int(str(stated.min())), int(str(stated.max())))


def _counts(intake: Intake, faults: pl.DataFrame) -> list[FileCount]:
    bad = faults.select("src", "records", "row").unique().group_by("src", "records").len()
    lost = {(src, records): n for src, records, n in bad.iter_rows()}
    counts = []
    for (src, records), count in sorted(intake.counts.items()):
        gone = lost.get((src, str(records)), 0)
        if records is Records.BALANCES:  # several figures may stand in one row, and go with it
            frames = intake.lost.get(records, [])
            gone = sum(rows.filter(pl.col("src") == src).height for rows in frames)
        counts.append(FileCount(src, records, count.rows_in, count.rows_in - gone, gone, count.left_out))
    return counts


def _people(intake: Intake, have: Present, frame: Frame) -> dict[Records, pl.DataFrame]:
    found: dict[Records, pl.DataFrame] = {}
    for records in PEOPLE:
        rows = intake.get(records)
        if rows is None:
            continue
        rows = rows.join(intake.person_ids, on="person_ref", how="left", maintain_order="left")
        if records is Records.PARTIES:
            rows = _begun(rows, intake, have)
        if records is Records.HOLDS:
            loans = loan_keys(frame.lender_id, rows["loan_ref"])
            rows = rows.join(loans, on="loan_ref", how="left", maintain_order="left")
        found[records] = rows
    return found


def _begun(rows: pl.DataFrame, intake: Intake, have: Present) -> pl.DataFrame:
    from duecourse.book.tape.checks import starts  # noqa: PLC0415

    begun = rows.join(starts(intake, have), on="loan_key", how="left", maintain_order="left")
    return begun.with_columns(from_day=pl.coalesce("from_day", "start")).drop("start")


def _borrowers(loans: pl.DataFrame | None, changed: Change, have: Present, ids: pl.DataFrame) -> pl.DataFrame:
    if loans is None or "loans" not in changed.rows:
        return pl.DataFrame(schema=BORROWERS)
    loans = loans.join(changed.rows["loans"].select("loan_key"), on="loan_key", how="semi", maintain_order="left")
    rows = loans.join(ids, left_on="borrower_ref", right_on="person_ref", how="left", maintain_order="left")
    known = have.loans["loan_key"].implode()
    return rows.with_columns(new=~pl.col("loan_key").is_in(known)).select(list(BORROWERS))


def _unread(intake: Intake, have: Present) -> pl.DataFrame:
    """Payments that were quarantined, of loans that stand: while they are not mended we know less than the lender."""
    lost = intake.lost_of(Records.PAYMENTS)
    empty = pl.DataFrame(schema={"loan_key": pl.Int64, "amount_minor": pl.Int64, "src": pl.UInt16, "row": pl.UInt32})
    if lost is None:
        return empty
    standing = have.loans.select("loan_key")
    loans = intake.get(Records.LOANS)
    if loans is not None:
        standing = pl.concat([standing, loans.select("loan_key")]).unique()
    return lost.join(standing, on="loan_key", how="semi").select("loan_key", "amount_minor", *PLACE)
