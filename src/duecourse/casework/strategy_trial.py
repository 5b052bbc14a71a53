"""What a strategy would change on a day that was run: proposals added, removed, changed, with their reasons."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import polars as pl

from duecourse.book.saying import why
from duecourse.book.store import Store
from duecourse.book.strategy import Strategy, read_strategy
from duecourse.casework.actor import Actor
from duecourse.casework.day_past import InputsUnknown, tried_on
from duecourse.casework.strategy_draft import fault_of
from duecourse.storage import drafts, log, runs, strategies
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput

CHANGES_MAX = 20_000
"""Changes of a trial that are kept one by one; its sums are over all of them."""

_KEY = ["person_id", "loan_key", "treatment", "recipient_id", "nth"]
_OF_VERSION = r"^([^@ ]+)@[0-9]+:"
"""A strategy's own rule names the version that it stands in; the same rule of the next version is no change."""
_SAID = ["channel", "template_id", "slot_second", "slot_zone", "answer", "rules"]


class CannotTry(BadInput):
    """A text that is no strategy cannot be tried out."""

    def __init__(self, fault: str) -> None:
        super().__init__(N_("this cannot be tried out: {fault}"), fault=fault)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two outcomes of one day: sums, and the changes in the order of persons."""

    sums: Mapping[str, Any]
    changes: pl.DataFrame


def try_out(
    database: Database,
    store: Store,
    *,
    lender_id: str,
    vault: Vault,
    content: str,
    actor: Actor,
    now: datetime,
    day: date | None = None,
    threads: int = 2,
) -> int:
    """Run a published day by another strategy, keep what it would change, and return the trial's number.

    The latest published day without a ``day``. Raises `CannotTry`.
    """
    with database.transaction(lender_id) as tx:
        strategy, fault = fault_of(tx, content)
        ran = runs.published(tx, day)
        manifest: Mapping[str, Any] = ran.manifest or {}
        if "inputs" not in manifest:
            raise InputsUnknown(ran.day)
        used = manifest["inputs"]["strategy"]
        kept = strategies.get(tx, str(used["name"]), int(used["kept_version"]))
    if strategy is None:
        raise CannotTry(fault or "")
    before = read_strategy(kept.content, kept.strategy_id) if kept else strategy
    was, would = tried_on(database, store, lender_id=lender_id, day=ran.day, strategy=strategy, threads=threads)
    found = compare(was.proposals, would.proposals)
    opened = set(would.snapshot["person_id"]) - set(was.snapshot["person_id"])
    closed = set(was.snapshot["person_id"]) - set(would.snapshot["person_id"])
    sums = {**found.sums, "cases_opened": len(opened), "cases_closed": len(closed), "strategy": strategy.id}
    listed = [_change(row, before, strategy) for row in found.changes.head(CHANGES_MAX).iter_rows(named=True)]
    digest = sha256(content.encode()).digest()
    with database.transaction(lender_id) as tx:
        trial = drafts.keep_trial(
            tx,
            content_hash=digest,
            day=ran.day,
            run_id=ran.run_id,
            sums=sums,
            changes=listed,
            actor=str(actor),
            now=now,
        )
        log.append(
            tx, vault=vault, kind="strategy.tried", at=now, actor=str(actor),
            stated={
                "strategy": strategy.id, "sha256": digest.hex(), "day": ran.day.isoformat(), "trial": trial,
                "changes": found.changes.height,
            },
        )  # fmt: skip
    return trial


def compare(before: pl.DataFrame, after: pl.DataFrame) -> Comparison:
    """The proposals of two runs of one day: which stand in one alone, and which are not the same in both.

    A proposal is the same one if it is for the same borrower, loan, treatment and recipient; of several such the first
    is compared with the first.
    """
    old, new = (_plain(frame) for frame in (before, after))
    both = old.join(new, on=_KEY, how="full", nulls_equal=True, coalesce=True, suffix="_after")
    same = [pl.col(name).eq_missing(pl.col(f"{name}_after")) for name in _SAID]
    marked = both.with_columns(
        change=pl.when(pl.col("here").is_null())
        .then(pl.lit("added"))
        .when(pl.col("here_after").is_null())
        .then(pl.lit("removed"))
        .when(~pl.all_horizontal(same))
        .then(pl.lit("changed"))
    )
    changes = marked.filter(pl.col("change").is_not_null()).sort(
        "person_id", "treatment", "loan_key", "recipient_id", "nth", nulls_last=True
    )
    return Comparison(_sums(old, new, changes), changes)


def _plain(proposals: pl.DataFrame) -> pl.DataFrame:
    return (
        proposals.sort("person_id", "ordinal")
        .with_columns(
            nth=pl.int_range(pl.len()).over("person_id", "loan_key", "treatment", "recipient_id"),
            answer=pl.when("allowed").then(pl.lit("allowed")).otherwise(pl.lit("refused")),
            rules=pl.concat_list(
                pl.col("refused").list.eval(pl.element().str.replace(_OF_VERSION, "$1:")),
                pl.col("missing").list.eval(pl.concat_str(pl.lit("missing "), pl.element())),
            ).list.sort().list.join(" "),
            here=pl.lit(value=True),
        )
        .select(*_KEY, *_SAID, "reasons", "here")
    )  # fmt: skip


def _sums(old: pl.DataFrame, new: pl.DataFrame, changes: pl.DataFrame) -> dict[str, Any]:
    counted = changes.group_by("treatment", "change").len().sort("treatment", "change")
    treatments: dict[str, dict[str, int]] = {}
    for frame, name in ((old, "before"), (new, "after")):
        for treatment, allowed, refused in (
            frame.group_by("treatment")
            .agg((pl.col("answer") == "allowed").sum(), refused=(pl.col("answer") == "refused").sum())
            .sort("treatment")
            .iter_rows()
        ):
            row = treatments.setdefault(treatment, {})
            row |= {f"{name}_allowed": allowed, f"{name}_refused": refused}
    for treatment, change, count in counted.iter_rows():
        treatments.setdefault(treatment, {})[change] = count
    rules: dict[str, dict[str, int]] = {}
    for frame, name in ((old, "before"), (new, "after")):
        exploded = frame.filter(pl.col("rules") != "").select(rule=pl.col("rules").str.split(" ")).explode("rule")
        for rule, count in exploded.group_by("rule").len().sort("rule").iter_rows():
            rules.setdefault(rule, {})[name] = count
    totals = dict(changes.group_by("change").len().iter_rows())
    return {
        "before": old.height,
        "after": new.height,
        **{one: totals.get(one, 0) for one in ("added", "removed", "changed")},
        "treatments": treatments,
        "rules": {
            rule: counts for rule, counts in sorted(rules.items()) if counts.get("before", 0) != counts.get("after", 0)
        },
    }


def _change(
    row: Mapping[str, Any], before: Strategy, after: Strategy
) -> tuple[int, str, str, dict[str, Any] | None, dict[str, Any] | None]:
    return (
        row["person_id"],
        row["change"],
        row["treatment"],
        _side(row, "", before) if row["here"] else None,
        _side(row, "_after", after) if row["here_after"] else None,
    )


def _side(row: Mapping[str, Any], suffix: str, strategy: Strategy) -> dict[str, Any]:
    """One side of a change, with its reasons in both languages."""
    reasons = json.loads(row[f"reasons{suffix}"] or "{}")
    place = {"treatment": reasons.get("treatment")}
    return {
        **{name: row[f"{name}{suffix}"] for name in _SAID},
        "why": {lang: why(strategy, place, lang) for lang in ("zh", "en")},
    }
