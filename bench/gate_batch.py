"""The whole CN gate over 5,000,000 planned contacts, with reasons and articles, beside ZEN, Cedar and DuckDB.

What is timed, for everybody: from the facts in memory to each contact's answer with every rule that refuses it. Ours
and DuckDB's give the reasons as text with their articles; ours also names the missing facts. ZEN and Cedar decide one
contact at a time, so they get fewer contacts, a process per core, and no articles. They are only run: from PyPI, by the
locked versions of ``peer_rules.txt``, in an environment that this bench makes and removes. The rules of all are made
from the same packs (`_dialects`), and every answer that a peer gives is compared with ours. ROWS names another size.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter

import duckdb
import polars as pl

from bench._dialects import cedar_policies, sql_query, zen_expression, zen_table
from bench._ground import ROUNDS, asked, folder, load, shown
from bench._proposals import proposals
from duecourse.law.columns import decide_columns, decode
from duecourse.law.facts import FACTS, Kind
from duecourse.law.reasons import article, reasoned
from duecourse.law.rulebook import Rulebook, rulebook
from duecourse.law.templates import load_register

HERE = Path(__file__).parent
LOCK = HERE / "peer_rules.txt"
ROWS = 5_000_000
SHARE = {"zen_compiled": 200_000, "zen_table": 10_000, "cedar": 20_000}
"""Contacts that each peer gets."""

NAMES = {
    "zen_compiled": "ZEN, one compiled expression",
    "zen_table": "ZEN, a decision table",
    "cedar": "Cedar, a policy per rule",
}


def ours(book: Rulebook, frame: pl.DataFrame) -> pl.DataFrame:
    """Facts in, answers with reasons out."""
    return reasoned(book, decide_columns(book, frame))


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """The facts as peers take them: words as text, days as numbers, what cannot be believed missing."""
    columns = []
    for name in frame.columns:
        fact, column = FACTS[name], pl.col(name)
        if fact.kind is Kind.WORD:
            columns.append(column.cast(pl.String))
        elif fact.kind is Kind.DATE:
            columns.append((column.cast(pl.Int32) + date(1970, 1, 1).toordinal()).alias(name))
        elif fact.kind is Kind.INT:
            inside = (fact.low is None or column >= fact.low, fact.high is None or column <= fact.high)
            columns.append(pl.when(pl.lit(value=True) & inside[0] & inside[1]).then(column).alias(name))
        else:
            columns.append(column)
    return frame.select(columns)


def duck(book: Rulebook, frame: pl.DataFrame) -> tuple[list[float], pl.DataFrame]:
    """The same rules as one statement of plain SQL over the same columns."""
    rules = [judge.rule for judge in book.gate]
    query = sql_query(rules, {rule.id: article(rule) for rule in rules})
    with duckdb.connect(":memory:", config={"threads": os.cpu_count() or 2}) as connection:
        connection.register("proposals", plain(frame).with_row_index("row").to_arrow())
        connection.execute("CREATE TABLE held AS SELECT * FROM proposals")
        connection.unregister("proposals")
        connection.execute("ALTER TABLE held RENAME TO proposals")
        taken = []
        for _ in range(ROUNDS):
            begun = perf_counter()
            found = connection.sql(query).to_arrow_table()
            taken.append(perf_counter() - begun)
    return taken, pl.DataFrame(pl.from_arrow(found)).sort("row")


def peers(home: Path, book: Rulebook, frame: pl.DataFrame) -> dict[str, tuple[list[float], int]]:
    """ZEN and Cedar in an environment of their own; seconds, and contacts. Every answer must be ours."""
    subprocess.run([sys.executable, "-m", "venv", home / "peers"], check=True)
    python = str(home / "peers" / "bin" / "python")
    pip = [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--require-hashes", "-r", str(LOCK)], check=True)
    rules = [judge.rule for judge in book.gate]
    sizes = {peer: min(size, frame.height) for peer, size in SHARE.items()}
    rows = plain(frame.head(max(sizes.values()))).to_dicts()
    job = {
        "rules": [rule.id for rule in rules],
        "zen_expression": zen_expression(rules),
        "zen_table": zen_table(rules),
        "cedar": cedar_policies(rules),
        "contacts": {peer: rows[:size] for peer, size in sizes.items()},
        "processes": os.cpu_count() or 2,
        "rounds": ROUNDS,
    }
    asked_for, result = home / "job.json", home / "result.json"
    asked_for.write_text(json.dumps(job), encoding="utf-8")
    subprocess.run([python, str(HERE / "_peers_side.py"), str(asked_for), str(result)], check=True)
    told = json.loads(result.read_text(encoding="utf-8"))
    some = frame.head(max(sizes.values()))
    wanted = [
        sorted(reason.rule.id for reason in decode(book, row))
        for row in decide_columns(book, some).iter_rows(named=True)
    ]
    for peer, found in told.items():
        differ = sum(sorted(theirs) != own for theirs, own in zip(found["answers"], wanted, strict=False))
        assert not differ, f"{peer} answers {differ} contacts otherwise"
    return {peer: (told[peer]["seconds"], sizes[peer]) for peer in told}


def main() -> str:
    """Measure all of them."""
    rows = asked("ROWS", ROWS)
    before = load()
    book, register = rulebook(jurisdiction="CN"), load_register()
    frame = proposals(book, register, rows, 1)
    ours(book, frame.head(1000))
    taken = []
    for _ in range(ROUNDS):
        begun = perf_counter()
        answers = ours(book, frame)
        taken.append(perf_counter() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
    refused = rows - int(answers["allowed"].sum())
    kinds = answers["refused_by"].drop_nulls().n_unique()
    duck_taken, theirs = duck(book, frame)
    same = (theirs["refused_by"] == answers["refused_by"].cast(pl.String).fill_null("")).all()
    assert same, "DuckDB gives other reasons"
    del theirs
    with folder() as home:
        told = peers(home, book, frame)
    own = rows / median(taken)

    def line(name: str, seconds: list[float], size: int) -> str:
        rate = size / median(seconds)
        return f"| {name} | {size:,} | {shown(seconds)} | {rate:,.0f} | {own / rate:,.1f} |"

    told_of = (
        f"{len(book.gate)} refusing rules over {len(book.gate_facts)} facts; {refused:,} of {rows:,} contacts are "
        f"refused, for {kinds:,} different sets of reasons."
    )
    held = frame.estimated_size() / (1 << 30)
    aim = (
        f"Aim: 2,000,000 decisions a second in 6 GiB. Peak memory of ours, with the {held:.2f} GiB of facts and their "
        f"making: {peak:.1f} GiB. All answers of all peers are the same as ours."
    )
    return "\n".join([
        told_of,
        "",
        "| | contacts | all | decisions a second | ratio |",
        "|---|---:|---:|---:|---:|",
        line("duecourse: answer, reasons, articles, missing facts", taken, rows),
        line("DuckDB, the same rules as one SQL statement", duck_taken, rows),
        *(line(NAMES[peer], seconds, size) for peer, (seconds, size) in told.items()),
        "",
        aim,
        "",
        f"Load before: {before}; after: {load()}.",
    ])  # fmt: skip


if __name__ == "__main__":
    print(main())
