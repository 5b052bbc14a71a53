"""Matching: whose payment each line in the suspense queue is, or may be, with the reason; for one line or for all.

Every sign is found by a keyed index or a number of ours; then `core.matching` judges. What is found is kept beside the
line, and found anew whenever it is asked: nothing is decided by an earlier look.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import polars as pl

from duecourse.book import ledger
from duecourse.book.owing import Beside, figures
from duecourse.book.store import BookVersion, Store, version_from
from duecourse.casework import signs
from duecourse.casework.actor import Actor
from duecourse.casework.statements import Details
from duecourse.casework.verify_notice import code_index
from duecourse.core.ids import loan_key
from duecourse.core.matching import Hint, Owed, Sign, Verdict, judge
from duecourse.storage import books, desk_events, lenders, log, matching, reach, statements
from duecourse.storage.connection import Tx
from duecourse.storage.matching import PROPOSALS
from duecourse.storage.vault import Vault, Wrapped
from duecourse.storage.vault.blind import BadPhone

_ORDER = (Sign.PROMISE, Sign.OVERDUE, Sign.SETTLES, Sign.INSTALMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """What matching found: how many lines, how many of them certain, and how many wait for each reason."""

    lines: int
    certain: int
    waits: Mapping[str, int]


@dataclass(slots=True)
class _Line:
    """A line with what it may name, as indexes and numbers."""

    line_id: int
    minor: int
    day: date
    name: str | None
    account: str | None
    credited: str | None = None
    loans: dict[int, bool] = field(default_factory=dict)  # loan key: hardly there by chance
    links: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Owing:
    """What debtors owe on a day, and their loans' figures."""

    owed: Mapping[tuple[int, date], Owed]
    rows: Mapping[tuple[int, date], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on one line."""

    line_id: int
    minor: int
    day: date
    verdict: Verdict


def match_lines(
    tx: Tx, store: Store, *, vault: Vault, actor: Actor, now: datetime, line_ids: Collection[int] | None = None
) -> Matched:
    """Look at the lines that wait, all or some, and keep what was found. Nothing is applied by that."""
    statements.lock(tx)
    found, _ = judged(tx, store, vault=vault, line_ids=line_ids)
    back = matching.waiting(tx, line_ids=line_ids).filter(pl.col("reversal"))["line_id"].to_list()
    waits = [(one.line_id, one.verdict.why.value if one.verdict.why else "certain") for one in found]
    waits += [(line, "reversal") for line in back]
    matching.keep(
        tx, pl.DataFrame(waits, schema={"line_id": pl.Int64, "waits_as": pl.String}, orient="row"), _proposals(found),
        now=now,
    )  # fmt: skip
    counts = Counter(why for _, why in waits)
    certain = counts.pop("certain", 0)
    log.append(
        tx, vault=vault, kind="statement.matched", at=now, actor=str(actor),
        stated={"lines": len(waits), "certain": certain, **{f"waits_{why}": n for why, n in sorted(counts.items())}},
    )  # fmt: skip
    return Matched(lines=len(waits), certain=certain, waits=dict(sorted(counts.items())))


def judged(
    tx: Tx, store: Store, *, vault: Vault, line_ids: Collection[int] | None = None
) -> tuple[list[Judged], _Owing]:
    """Judge lines that came in and wait, in order of their numbers, with what their debtors owe."""
    rows = matching.waiting(tx, line_ids=line_ids).filter(pl.col("incoming") & ~pl.col("reversal"))
    country = lenders.get(tx).jurisdiction
    lines = [_named(tx, vault, row, country) for row in rows.iter_rows(named=True)]
    hints = _hints(tx, lines, _roots(tx))
    owing = owing_of(tx, store, {(hint.debtor, line.day) for line in lines for hint in hints[line.line_id]})
    found = []
    for line in lines:
        told = hints[line.line_id]
        owed = {
            hint.debtor: owing.owed[hint.debtor, line.day] for hint in told if (hint.debtor, line.day) in owing.owed
        }
        found.append(Judged(line.line_id, line.minor, line.day, judge(line.minor, told, owed)))
    return found, owing


def _roots(tx: Tx) -> dict[int, int]:
    """Persons who turned out to be another, and who that is."""
    return dict(reach.aliases(tx).select("person_id", "root_id").iter_rows())


def _named(tx: Tx, vault: Vault, row: Mapping[str, Any], country: str) -> _Line:
    """What a line may name, each as its index."""
    lender, number = tx.lender_id, int(row["line_id"])
    wrapped = Wrapped(row["key_id"], bytes.fromhex(row["sealed"]))
    said = Details.of(vault.open_secret(lender, statements.owner(number), wrapped))
    text = f"{said.text} {said.end_to_end}"
    found = _Line(number, int(row["amount_minor"]), row["value_day"], row["name"], row["account"])
    if said.credited:
        found.credited = vault.index(lender, "bank_account", said.credited, "").hex()
    found.loans = {loan_key(lender, one): signs.hardly_by_chance(one) for one in signs.loan_numbers(text)}
    found.links = signs.links(text)
    found.codes = [code_index(vault, lender, one).hex() for one in signs.codes(text)]
    for one in signs.phones(text):
        try:
            found.phones.append(vault.index(lender, "phone", one, country).hex())
        except BadPhone:
            continue
    found.names = [vault.index(lender, "name", one, "").hex() for one in signs.names(said.text)]
    return found


def _hints(tx: Tx, lines: Iterable[_Line], roots: Mapping[int, int]) -> dict[int, list[Hint]]:
    """The signs of each line, each debtor under the one person that he or she is."""
    every = list(lines)

    def grouped(frame: pl.DataFrame) -> dict[Any, list[int]]:
        by: defaultdict[Any, set[int]] = defaultdict(set)
        for value, debtor in frame.iter_rows():
            by[value].add(roots.get(debtor, debtor))
        return {value: sorted(debtors) for value, debtors in by.items()}

    loans = grouped(matching.loans(tx, {key for line in every for key in line.loans}))
    accounts = grouped(matching.virtual_accounts(tx, {line.credited for line in every if line.credited}))
    links = grouped(matching.links(tx, {one for line in every for one in line.links}))
    notices = grouped(matching.notices(tx, {one for line in every for one in line.codes}))
    payers = grouped(matching.payers(tx, {line.account for line in every if line.account}))
    phones = grouped(matching.phones(tx, {one for line in every for one in line.phones}))
    wanted = {line.name for line in every if line.name} | {one for line in every for one in line.names}
    names = grouped(matching.names(tx, wanted))
    found: dict[int, list[Hint]] = {}
    for line in every:
        hints = [
            Hint(debtor, Sign.LOAN if sure else Sign.LOAN_SHORT, len(loans[key]), key)
            for key, sure in line.loans.items() if key in loans for debtor in loans[key]
        ]  # fmt: skip
        hints += _each(Sign.VIRTUAL_ACCOUNT, [line.credited], accounts)
        hints += _each(Sign.LINK, line.links, links)
        hints += _each(Sign.NOTICE, line.codes, notices)
        hints += _each(Sign.PAYER, [line.account], payers)
        hints += _each(Sign.PHONE, line.phones, phones)
        hints += _each(Sign.NAME, [line.name], names)
        hints += _each(Sign.NAME_IN_TEXT, [one for one in line.names if one != line.name], names)
        found[line.line_id] = hints
    return found


def _each(sign: Sign, values: Iterable[str | None], known: Mapping[Any, list[int]]) -> list[Hint]:
    return [Hint(debtor, sign, len(known[value])) for value in values if value in known for debtor in known[value]]


def owing_of(tx: Tx, store: Store, wanted: Collection[tuple[int, date]]) -> _Owing:
    """What debtors owe on days, by the newest version of the book; those without a loan in it are not in it."""
    row = books.newest(tx)
    if row is None or not wanted:
        return _Owing({}, {})
    debtors = {debtor for debtor, _ in wanted}
    aliases = defaultdict(set)
    for person, root in _roots(tx).items():
        aliases[root].add(person)
    people = {person: debtor for debtor in debtors for person in (debtor, *aliases[debtor])}
    owner = {key: people[person] for key, person in matching.loans_of(tx, people).iter_rows()}
    days: defaultdict[int, set[date]] = defaultdict(set)
    for debtor, day in wanted:
        days[debtor].add(day)
    pairs = [(key, day) for key, debtor in owner.items() for day in days[debtor]]
    asked = pl.DataFrame(pairs, schema={"loan_key": pl.Int64, "day": pl.Date}, orient="row")
    version = version_from(row.version, row.tables)
    beside = _beside(tx, store, version, owner, row.known_at)
    known = max([row.known_at, *beside.events["known"].to_list()]) if beside else row.known_at
    found = figures(store, version, asked, known=known, beside=beside)
    rows: defaultdict[tuple[int, date], list[dict[str, Any]]] = defaultdict(list)
    for one in found.sort("loan_key", "day").iter_rows(named=True):
        rows[owner[one["loan_key"]], one["day"]].append(one)
    promised = defaultdict(list)
    for debtor, minor in matching.promised(tx, people):
        promised[people[debtor]].append(minor)
    owed = {key: _owed(each, promised.get(key[0], [])) for key, each in rows.items()}
    return _Owing(owed, rows)


def _beside(
    tx: Tx, store: Store, version: BookVersion, loan_keys: Collection[int], known_at: datetime
) -> Beside | None:
    """What the desk entered of these loans and the version lacks, as rows of the book's tables; None where nothing."""
    told = desk_events.after(tx, sorted(loan_keys), version.version)
    if not told:
        return None
    keys = sorted({one.loan_key for one in told})
    same = ledger.by_loan(
        [(one.loan_key, one.desk_ref, one.tape_ref) for one in desk_events.confirmed(tx, keys) if one.stands == "tape"]
    )
    added = []
    for key, held in ledger.held(store, version, keys).items():
        mine = {one.event.ref: one for one in told if one.loan_key == key}
        joined = ledger.join(
            held.events, [one.event for one in mine.values()], of_desk=held.of_desk, same=same.get(key, {})
        )
        added += [(key, held.shard, one, mine[one.ref].source) for one in joined.added]
    rows = ledger.rows(added, since=known_at)
    return Beside(rows["events"], rows["instalments"]) if added else None


def _owed(rows: list[dict[str, Any]], promised: Iterable[int]) -> Owed:
    """All that is owed, and the amounts that mean something: of each loan, and of all together."""
    told: defaultdict[Sign, set[int]] = defaultdict(set)
    told[Sign.PROMISE].update(promised)
    every = {name: sum(one[name] for one in rows) for name in ("due", "overdue", "settle", "next_amount")}
    for one in (*rows, every):
        told[Sign.OVERDUE].update((one["due"], one["overdue"]))
        told[Sign.SETTLES].add(one["settle"])
        told[Sign.INSTALMENT].update((one["next_amount"], one["due"] + one["next_amount"]))
    amounts = {minor: sign for sign in reversed(_ORDER) for minor in told[sign] if minor > 0}
    return Owed(every["settle"], amounts)


def _proposals(found: Iterable[Judged]) -> pl.DataFrame:
    rows = [
        (
            one.line_id, place, each.debtor, each.score, [sign.value for sign in each.signs], list(each.loans),
            one.verdict.by.value if one.verdict.by and place == 1 else None,
        )
        for one in found
        for place, each in enumerate(one.verdict.proposals, 1)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=PROPOSALS, orient="row")
