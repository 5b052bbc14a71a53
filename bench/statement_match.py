"""A bank statement of 50,000 lines matched against 90,000 open cases: aim 30 s at most; how good the matching is.

The statement is made with the truth beside it: whose payment each line is, or that it is nobody's. Names are drawn from
26,000, so that debtors have namesakes, and so has whoever is no debtor. LINES and CASES name another size. Reading,
proving and sealing the statement is measured apart from matching, which opens every line, looks up all that it may
name, reckons what is owed on its day, judges, and keeps reasons and proposals.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from time import perf_counter

import polars as pl
import psycopg

from bench._desk_ground import name_of
from bench._ground import asked, folder, load, new_database, postgresql
from bench._lender import ACTOR, BEGAN, LENDER
from bench._synthetic import AS_OF, KNOWN, book
from duecourse.book.owing import figures
from duecourse.book.statement.table import parse
from duecourse.book.store import BookVersion, Store
from duecourse.casework import parties
from duecourse.casework.matching import Matched, match_lines
from duecourse.casework.parties import Batch
from duecourse.casework.statements import import_statement, look_at
from duecourse.casework.suspense import give_account
from duecourse.core.ids import loan_key
from duecourse.storage import books, cases, lenders
from duecourse.storage.connection import BATCH, Database
from duecourse.storage.migrate import migrate
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring

LINES, CASES = 50_000, 90_000
AIM_SECONDS = 30.0
NOW = datetime(AS_OF.year, AS_OF.month, AS_OF.day, 14, tzinfo=UTC)
DAY = AS_OF - timedelta(days=1)
MAPPING = parse(
    'statement: bench\naccount: "6222"\ncurrency: CNY\nfields: {value_day: day, amount: amount, reference: ref, '
    "name: name, account: account, credited: credited, text: text}\n", "bench",
)  # fmt: skip
KINDS = {
    "loan number, own name": 30, "loan number, somebody else pays": 6, "loan number torn by a space": 3,
    "loan number with a wrong figure": 2, "account of ours given to the debtor": 4, "phone, name, amount due": 15,
    "phone and name, another amount": 5, "name and amount due": 15, "name, another amount": 8,
    "name in the text, a firm pays": 4, "nobody's, called like a debtor": 3, "nobody's": 5,
}  # fmt: skip
"""What the lines are, in per cent."""


@dataclass(frozen=True, slots=True)
class Debtor:
    """What a debtor's lines are made of."""

    person: int
    name: str
    phone: str
    ref: str
    due: int
    settle: int


def main() -> str:
    """Make the desk and the statement, import and match it, and compare with the truth."""
    lines, people = asked("LINES", LINES), asked("CASES", CASES)
    rng = Random(210)
    with folder() as home, postgresql(home / "server") as (place, named):
        url = new_database(place, "statement_match")
        migrate(url)
        store, vault = Store(home / "book"), Vault(new_ring())
        with Database(url, limits=BATCH) as database:
            debtors = _desk(database, store, vault, people)
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("ANALYZE")  # as PostgreSQL does by itself within a minute of such an import
            given = _accounts(database, vault, debtors[: max(lines // 50, 10)])
            path, truth = _statement(home / "statement.csv", debtors, given, lines, rng)
            begun = perf_counter()
            looked = look_at(path, mapping=MAPPING)
            with database.transaction(LENDER.lender_id) as tx:
                made = import_statement(
                    tx, vault=vault, looked=looked, quarantine_file=home / "wrong.csv", actor=ACTOR, now=NOW
                )
            imported = perf_counter()
            with database.transaction(LENDER.lender_id) as tx:
                found = match_lines(tx, store, vault=vault, actor=ACTOR, now=NOW)
            matched = perf_counter()
            assert made.new == found.lines == lines
            quality = _quality(database, truth)
    took = matched - imported
    aim = f"≤ {AIM_SECONDS:.0f}{'' if (lines, people) == (LINES, CASES) else ' (at full size)'}"
    return "\n".join(
        [
            f"{lines:,} lines, {people:,} open cases of {len(debtors):,} debtors; {named}; load {load()}.",
            "",
            "| work | seconds | aim |",
            "|---|---|---|",
            f"| statement read, its lines sealed, indexed and kept | {imported - begun:.1f} | |",
            f"| all lines matched, reasons and proposals kept | {took:.1f} | {aim} |",
            "",
            *quality,
            "",
            _waits(found),
        ]
    )


def _desk(database: Database, store: Store, vault: Vault, people: int) -> list[Debtor]:
    """Overdue loans under the keys of their numbers, their borrowers, an open case for each."""
    with database.transaction(LENDER.lender_id) as tx:
        lenders.add(tx, LENDER, now=BEGAN)
    made = book(people * 11 // 10 + 64, overdue_ppm=1_000_000)
    refs = made.loans.select("loan_key", ref=pl.lit("LN") + pl.col("loan_ref"))
    new = {key: int(loan_key(LENDER.lender_id, ref)) for key, ref in refs.iter_rows()}
    numbered = dict(refs.iter_rows())
    tables = {
        name: frame.with_columns(pl.col("loan_key").replace_strict(new, return_dtype=pl.Int64))
        for name, frame in (("loans", made.loans), ("instalments", made.instalments), ("events", made.events))
    }
    tables["loans"] = tables["loans"].with_columns(loan_ref=pl.lit("LN") + pl.col("loan_ref"))
    store.begin(None)
    version = store.append(None, {**tables, "conventions": made.conventions})
    with database.transaction(LENDER.lender_id) as tx:
        books.lock(tx)
        books.commit_version(
            tx, books.BookVersion(version.version, None, KNOWN, str(ACTOR), version.plain(), version.content_hash, 0)
        )
    store.done()
    ids = made.loans["person_id"].unique().sort().to_list()[:people]
    ties = tables["loans"].filter(pl.col("person_id").is_in(ids)).select("person_id", "loan_key", from_day="start")
    _people(database, vault, ids, ties)
    owed = _owed(store, version, ties)
    rows = (
        ties.join(owed, on="loan_key")
        .sort("person_id", "loan_key")
        .unique("person_id", keep="first", maintain_order=True)
    )
    back = {key: numbered[old] for old, key in new.items()}
    place = {person: n for n, person in enumerate(ids)}
    total = ties.join(owed, on="loan_key").group_by("person_id").agg(pl.col("settle").sum())
    settle = dict(total.iter_rows())
    return [
        Debtor(person, name_of(place[person]), _phone(place[person]), back[key], due, settle[person])
        for person, key, due in rows.select("person_id", "loan_key", "due").iter_rows()
        if due > 0
    ]


def _phone(number: int) -> str:
    return f"154{number:08d}"


def _people(database: Database, vault: Vault, ids: list[int], ties: pl.DataFrame) -> None:
    number = range(len(ids))
    persons = pl.DataFrame(
        {
            "person_id": ids, "kind": "natural", "name": [name_of(n) for n in number], "id_kind": "resident_id",
            "id": [f"9901011990{n:07d}X" for n in number], "birth": date(1990, 1, 1),
            "reference": [f"C{n}" for n in number],
        },
        schema=parties.PERSONS,
    )  # fmt: skip
    points = pl.DataFrame(
        {
            "person_id": ids, "kind": "phone", "label": "mobile", "value": [_phone(n) for n in number], "zone": None,
            "consent": "contract",
        },
        schema=parties.POINTS,
    )  # fmt: skip
    owes = ties.select(
        "person_id", "loan_key", "from_day", relation=pl.lit("borrower"), proof_kind=pl.lit("contract"),
        proof_until=pl.lit(None, dtype=pl.Date), named_by_debtor=pl.lit(value=False),
    )  # fmt: skip
    fit, findings = parties.inspect(LENDER, Batch(persons, points, owes))
    assert not findings, findings[:3]
    with database.transaction(LENDER.lender_id) as tx:
        parties.register_parties(tx, vault=vault, fit=fit, source="bench", day=AS_OF, actor=ACTOR, now=BEGAN)
        cases.open_many(
            tx,
            pl.Series(ids),
            day=AS_OF - timedelta(days=20),
            by="bench",
            collectors=pl.Series([None] * len(ids), dtype=pl.String),
        )
        cases.set_loans(tx, ties.select("person_id", "loan_key"), day=AS_OF - timedelta(days=20))


def _owed(store: Store, version: BookVersion, ties: pl.DataFrame) -> pl.DataFrame:
    found = figures(store, version, ties.select("loan_key", day=pl.lit(DAY)), known=KNOWN)
    return found.select("loan_key", "due", "settle")


def _accounts(database: Database, vault: Vault, debtors: list[Debtor]) -> dict[int, str]:
    given = {}
    with database.transaction(LENDER.lender_id) as tx:
        for n, one in enumerate(debtors):
            given[one.person] = f"62229{n:010d}"
            give_account(tx, vault=vault, person_id=one.person, account=given[one.person], actor=ACTOR, now=NOW)
    return given


def _wrong(ref: str, rng: Random) -> str:
    at = rng.randrange(8, len(ref))
    return f"{ref[:at]}{(int(ref[at]) + 1) % 10}{ref[at + 1 :]}"


def _said(kind: str, one: Debtor, rng: Random) -> tuple[str, str, int]:
    """Name, text and amount of a line."""
    some, anybody = min(rng.randrange(one.due) + 1, one.settle), name_of(rng.randrange(26_000))
    either, anything = rng.choice((one.due, some)), rng.randrange(100, 900_000)
    told = {
        "loan number, own name": (one.name, f"{one.ref}还款", either),
        "loan number, somebody else pays": (anybody, f"代还{one.ref}", either),
        "loan number torn by a space": (one.name, f"贷款 {one.ref[:7]} {one.ref[7:]}", one.due),
        "loan number with a wrong figure": (one.name, _wrong(one.ref, rng), one.due),
        "account of ours given to the debtor": (rng.choice((one.name, anybody)), "还款", one.due),
        "phone, name, amount due": (one.name, f"{one.phone}还款", one.due),
        "phone and name, another amount": (one.name, one.phone, some),
        "name and amount due": (one.name, "还款", one.due),
        "name, another amount": (one.name, "还款", some),
        "name in the text, a firm pays": (f"演示商贸{rng.randrange(900)}有限公司", f"代{one.name}还款", one.due),
        "nobody's, called like a debtor": (one.name, rng.choice(("货款", "转账", "借款")), anything),
        "nobody's": (f"演示客户{rng.randrange(9000)}", rng.choice(("货款", "利息", "往来款")), anything),
    }
    return told[kind]


def _statement(
    path: Path, debtors: list[Debtor], given: dict[int, str], lines: int, rng: Random
) -> tuple[Path, list[tuple[str, int | None]]]:
    """Write the statement; returns what each line is and whose."""
    holders = [one for one in debtors if one.person in given]
    rows, truth = ["day,amount,ref,name,account,credited,text"], list[tuple[str, int | None]]()
    for n, kind in enumerate(rng.choices(list(KINDS), weights=list(KINDS.values()), k=lines)):
        virtual = kind.startswith("account")
        one = rng.choice(holders if virtual else debtors)
        name, text, minor = _said(kind, one, rng)
        account, credited = f"6217{rng.randrange(10**12):012d}", given[one.person] if virtual else ""
        rows.append(f"{DAY},{minor // 100}.{minor % 100:02d},R{n},{name},{account},{credited},{text}")
        truth.append((kind, None if kind.startswith("nobody") else one.person))
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path, truth


def _quality(database: Database, truth: list[tuple[str, int | None]]) -> list[str]:
    """What was certain and right, and where the truth stands among the proposals of the rest."""
    with database.transaction(LENDER.lender_id) as tx:
        rows = tx.execute(
            "SELECT l.row_number, p.place, p.person_id, p.certain_by IS NOT NULL FROM bank_line l "
            "LEFT JOIN bank_line_proposal p USING (lender_id, line_id) ORDER BY 1, 2"
        ).fetchall()
    proposed: dict[int, list[tuple[int, bool]]] = {}
    for row, place, person, certain in rows:
        proposed.setdefault(int(row), [])
        if place is not None:
            proposed[int(row)].append((int(person), bool(certain)))
    total: Counter[str] = Counter()
    by_kind: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for row, (kind, person) in enumerate(truth, 1):
        told = proposed[row]
        what = _what(told, person)
        total[what] += 1
        by_kind[kind][what] += 1
        total["debtors"] += person is not None
    right, wrong = total["right"], total["wrong"]
    sure, waits = right + wrong, len(truth) - right - wrong
    theirs = total["first"] + total["among"] + total["none"]
    said = (
        f"Certain: {sure:,} lines, of them wrong: {wrong}. Precision {_share(right, sure)}; recall "
        f"{_share(right, total['debtors'])} of the lines that are some debtor's. To the suspense queue "
        f"{_share(waits, len(truth))} of all lines; of the debtors' lines among them the right one stands first in "
        f"{_share(total['first'], theirs)}, among the five in {_share(total['first'] + total['among'], theirs)}."
    )
    heads = ("lines", "number", "certain, right", "certain, wrong", "waits, first", "waits, among five", "waits, else")
    share = [said, "", f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for kind, found in by_kind.items():
        none = found["none"] + found["nobody"]
        share.append(
            f"| {kind} | {sum(found.values()):,} | {found['right']:,} | {found['wrong']:,} | {found['first']:,} | "
            f"{found['among']:,} | {none:,} |"
        )
    return share


def _what(told: list[tuple[int, bool]], person: int | None) -> str:
    if told and told[0][1]:
        return "right" if told[0][0] == person else "wrong"
    if person is None:
        return "nobody"
    if told and told[0][0] == person:
        return "first"
    return "among" if person in [one for one, _ in told] else "none"


def _share(part: int, whole: int) -> str:
    hundredths = (20_000 * part + whole) // (2 * whole) if whole else 0
    return f"{hundredths // 100}.{hundredths % 100:02d} %"


def _waits(found: Matched) -> str:
    told = ", ".join(f"{why.replace('_', ' ')} {count:,}" for why, count in found.waits.items())
    return f"Why lines wait: {told}."


if __name__ == "__main__":
    print(main())
