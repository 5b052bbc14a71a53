"""What a new version of the packs would change over a week of planned contacts of 1,000,000 accounts.

Each account has one planned contact on each of seven days. The law of today is compared with the same without the pack
modelled on CBA 2026 and with one call less a day. One account in eleven is another of the same person, whose second
contact of the day is asked with what the first used up. Timed is the comparing, from facts in memory to counts by rule
and channel and the changed contacts explained; one day's facts are in memory at a time. ACCOUNTS names another size.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from statistics import median
from time import perf_counter

import polars as pl

from bench._ground import asked, load, shown
from bench._proposals import DAY, proposals
from duecourse.law.diff import Difference, compare
from duecourse.law.pack import load_packs
from duecourse.law.rulebook import Rulebook, rulebook
from duecourse.law.templates import load_register
from duecourse.law.turns import Turns

ACCOUNTS = 1_000_000
DAYS = 7
ROUNDS = 3
TURNS = Turns(person=("person",), order=("second_local",))


def changed() -> Rulebook:
    """The law of today without one policy pack, and with two connected calls a day instead of three."""
    packs = []
    for pack in load_packs():
        rules = tuple(
            replace(rule, versions=tuple(
                replace(one, values={**one.values, "calls_max": 2}) for one in rule.versions
            ))
            if rule.id == "cn.contact.connected_calls"
            else rule
            for rule in pack.rules
        )  # fmt: skip
        packs.append(replace(pack, rules=rules))
    return rulebook(packs, jurisdiction="CN", without=["cn-cba-2026"])


def planned(book: Rulebook, accounts: int, day: date) -> pl.DataFrame:
    """A day's planned contacts: one of each account, with the person it is about."""
    frame = proposals(book, load_register(), accounts, day.toordinal(), day=day)
    persons = pl.int_range(accounts, eager=True)
    return frame.with_columns(person=pl.when(persons % 11 == 10).then(persons - 1).otherwise(persons), day=pl.lit(day))


def main() -> str:
    """Measure the comparing of a week."""
    accounts = asked("ACCOUNTS", ACCOUNTS)
    before = load()
    today, other = rulebook(jurisdiction="CN"), changed()
    taken: list[float] = []
    made = 0.0

    def week() -> Iterator[pl.DataFrame]:
        nonlocal made
        for ahead in range(DAYS):
            begun = perf_counter()
            frame = planned(today, accounts, DAY + timedelta(days=ahead))
            made += perf_counter() - begun
            yield frame

    found: Difference | None = None
    for _ in range(ROUNDS):
        made, begun = 0.0, perf_counter()
        found = compare(today, other, week(), turns=TURNS, group=("channel",), most=20)
        taken.append(perf_counter() - begun - made)
    assert found is not None
    assert found.contacts == accounts * DAYS
    assert found.stopped
    assert found.opened
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
    first = found.rules[0]
    rate = found.contacts / median(taken)
    told = (
        f"{len(today.gate)} rules before, {len(other.gate)} after. Of {found.contacts:,} contacts {found.stopped:,} "
        f"are stopped, {found.opened:,} opened, {found.reasons:,} refused by other rules; most by "
        f"{first.rule} ({first.stopped:,} stopped). Peak memory {peak:.1f} GiB, the making of the facts included."
    )
    return "\n".join([
        "| | accounts × days | all | contacts a second, both laws | aim |",
        "|---|---:|---:|---:|---:|",
        f"| comparing | {accounts:,} × {DAYS} | {shown(taken)} | {rate:,.0f} | ≤ 30 s |",
        "",
        told,
        "",
        f"Medians of {ROUNDS}. Load before: {before}; after: {load()}.",
    ])  # fmt: skip


if __name__ == "__main__":
    print(main())
