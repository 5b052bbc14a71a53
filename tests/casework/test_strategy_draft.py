"""Strategies as data: drafts, what they would change, activation by two people, and going back."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from duecourse.book.store import Store
from duecourse.book.strategy import shipped
from duecourse.casework import approval, strategy_draft
from duecourse.casework.actor import Actor, Role
from duecourse.casework.approval import MayNotDecide, SameEyes
from duecourse.casework.day_past import verify
from duecourse.casework.kinds import KINDS
from duecourse.casework.strategy_draft import (
    DraftClosed,
    DraftFaulty,
    DraftMoved,
    EditedElsewhere,
    NoSuchStrategy,
    NotTried,
    TooEarly,
)
from duecourse.casework.strategy_trial import CannotTry, compare, try_out
from duecourse.storage import approvals, drafts, runs, strategies, worklists
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.day_desk import DAY, clock, fill, run_day

VAULT = Vault(new_ring())
WRITER = Actor(Role.STRATEGIST, "s1")
OTHER = Actor(Role.SUPERVISOR, "v1")
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def store(database: Database, tmp_path: Path) -> Store:
    made = Store(tmp_path / "book")
    fill(database, made, VAULT)
    run_day(database, made, VAULT)
    return made


def without_calls(text: str) -> str:
    """The strategy with one treatment less: nobody is asked to relay, and calls begin on the tenth day."""
    changed = text.replace("when: dpd BETWEEN 4 AND 30", "when: dpd BETWEEN 10 AND 30").replace(
        "version: 1", "version: 2"
    )
    assert changed != text
    return changed


def a_draft(database: Database, change: str | None = None) -> drafts.Draft:
    with database.transaction("demo") as tx:
        made = strategy_draft.begin_draft(tx, vault=VAULT, strategy_id=None, actor=WRITER, now=clock())
        if change is not None:
            made = strategy_draft.write_draft(
                tx, vault=VAULT, draft_id=made.draft_id, content=change, after=1, actor=WRITER, now=clock()
            )
    return made


@pytest.mark.usefixtures("store")
def test_a_draft_of_no_strategy_is_refused_by_name(database: Database) -> None:
    with database.transaction("demo") as tx, pytest.raises(NoSuchStrategy, match="nowhere"):
        strategy_draft.begin_draft(tx, vault=VAULT, strategy_id="nowhere", actor=WRITER, now=clock())


def ask(database: Database, draft: int, day: date = NEXT, *, untried: bool = True) -> int:
    with database.transaction("demo") as tx:
        made = strategy_draft.ask_activation(
            tx,
            kinds=KINDS,
            vault=VAULT,
            draft_id=draft,
            from_day=day,
            reason="later calls",
            actor=WRITER,
            now=clock(),
            untried=untried,
        )
    return made.approval_id


def approve(database: Database, number: int, actor: Actor = OTHER) -> None:
    with database.transaction("demo") as tx:
        approval.approve(tx, kinds=KINDS, vault=VAULT, approval_id=number, reason="", actor=actor, now=clock())


def used(database: Database, day: date) -> tuple[str, int]:
    with database.transaction("demo") as tx:
        found = runs.published(tx, day).manifest
    assert found is not None
    strategy = found["inputs"]["strategy"]  # type: ignore[index]
    return strategy["name"], strategy["version"]


@pytest.mark.usefixtures("store")
def test_a_faulty_draft_is_kept_and_says_what_is_wrong(database: Database) -> None:
    made = a_draft(database, shipped().replace("dpd BETWEEN 1 AND 30", "ddp BETWEEN 1 AND 30"))
    assert made.revision == 2
    assert made.fault is not None
    assert "'ddp' is not a fact; did you mean 'dpd'?" in made.fault
    with pytest.raises(DraftFaulty, match="ddp"):
        ask(database, made.draft_id)
    with pytest.raises(EditedElsewhere), database.transaction("demo") as tx:
        strategy_draft.write_draft(
            tx, vault=VAULT, draft_id=made.draft_id, content="x", after=1, actor=WRITER, now=clock()
        )


def test_what_nobody_tried_on_the_last_day_is_asked_for_by_saying_so(database: Database, store: Store) -> None:
    made = a_draft(database, without_calls(shipped()))
    with pytest.raises(NotTried, match=f"was not tried out on {DAY}"):
        ask(database, made.draft_id, untried=False)
    told = ask(database, made.draft_id)
    with database.transaction("demo") as tx:
        assert approvals.get(tx, told).asked["tried"] == "no", "whoever decides sees it"
        approval.withdraw(tx, vault=VAULT, approval_id=told, actor=WRITER, now=clock())
    try_out(
        database, store, lender_id="demo", vault=VAULT, content=made.content, actor=WRITER, now=clock(),
    )  # fmt: skip
    told = ask(database, made.draft_id, untried=False)
    with database.transaction("demo") as tx:
        assert approvals.get(tx, told).asked["tried"] == "yes"
        approval.withdraw(tx, vault=VAULT, approval_id=told, actor=WRITER, now=clock())
    run_day(database, store, VAULT, NEXT)
    with pytest.raises(NotTried, match=f"was not tried out on {NEXT}"):
        ask(database, made.draft_id, NEXT + timedelta(days=1), untried=False)


def test_a_draft_is_activated_by_two_people_and_the_day_run_takes_it(database: Database, store: Store) -> None:
    made = a_draft(database, without_calls(shipped()))
    number = ask(database, made.draft_id)
    run_day(database, store, VAULT, NEXT)
    assert used(database, NEXT) == ("first", 1), "until somebody else approves, nothing changes"
    after = NEXT + timedelta(days=1)
    with pytest.raises(SameEyes):
        approve(database, number, Actor(Role.SUPERVISOR, "s1"))
    with pytest.raises(MayNotDecide):
        approve(database, number, Actor(Role.COLLECTOR, "e1"))
    with pytest.raises(TooEarly):
        approve(database, number)  # the day was run meanwhile
    with database.transaction("demo") as tx:
        approval.withdraw(tx, vault=VAULT, approval_id=number, actor=WRITER, now=clock())
    approve(database, ask(database, made.draft_id, after))
    run_day(database, store, VAULT, after)
    assert used(database, after) == ("first", 2)
    assert verify(database, store, lender_id="demo", day=after).holds
    assert verify(database, store, lender_id="demo", day=DAY).holds, "days before stay as they were run"
    with database.transaction("demo") as tx:
        closed = drafts.get(tx, made.draft_id)
        kinds = [row[0] for row in tx.execute("SELECT kind FROM log_entry WHERE kind LIKE 'strategy.%%' ORDER BY 1")]
    assert closed.closed_as == "activated"
    assert "strategy.activated" in kinds
    with pytest.raises(DraftClosed):
        ask(database, made.draft_id, after + timedelta(days=1))


def test_going_back_takes_two_people_too(database: Database, store: Store) -> None:
    with database.transaction("demo") as tx:
        before = strategies.on_day(tx, "first", DAY)
    assert before is not None
    made = a_draft(database, without_calls(shipped()))
    approve(database, ask(database, made.draft_id))
    with database.transaction("demo") as tx:
        made_ = strategy_draft.ask_rollback(
            tx, kinds=KINDS, vault=VAULT, strategy_id="first", version=before.version,
            from_day=NEXT + timedelta(days=1), reason="it was better", actor=WRITER, now=clock(),
        )  # fmt: skip
    approve(database, made_.approval_id)
    run_day(database, store, VAULT, NEXT)
    run_day(database, store, VAULT, NEXT + timedelta(days=1))
    assert used(database, NEXT) == ("first", 2)
    assert used(database, NEXT + timedelta(days=1)) == ("first", 1)


@pytest.mark.usefixtures("store")
def test_what_was_shown_is_what_runs(database: Database) -> None:
    made = a_draft(database, without_calls(shipped()))
    number = ask(database, made.draft_id)
    with database.transaction("demo") as tx:
        strategy_draft.write_draft(
            tx,
            vault=VAULT,
            draft_id=made.draft_id,
            content=shipped() + "\n# more\n",
            after=2,
            actor=WRITER,
            now=clock(),
        )
    with pytest.raises(DraftMoved):
        approve(database, number)


def test_a_trial_says_what_would_change_and_changes_nothing(database: Database, store: Store) -> None:
    text = without_calls(shipped())
    with database.transaction("demo") as tx:
        was = worklists.proposal_counts(tx, DAY)
    trial = try_out(database, store, lender_id="demo", vault=VAULT, content=text, actor=WRITER, now=clock())
    with database.transaction("demo") as tx:
        found = drafts.trial(tx, trial)
        rows = drafts.changes(tx, trial, most=1_000)
        paged = [one.place for page in range(0, len(rows), 7) for one in drafts.changes(tx, trial, after=page, most=7)]
        still = worklists.proposal_counts(tx, DAY)
        calls = tx.value(
            "SELECT count(*) FROM proposal p JOIN case_snapshot s USING (lender_id, person_id, day, run_id) "
            "WHERE p.treatment = 'in_house_call' AND s.dpd BETWEEN 4 AND 9"
        )
    assert still.equals(was)
    assert isinstance(calls, int)
    assert found.sums["removed"] == calls > 0
    assert found.sums["treatments"]["in_house_call"]["removed"] == calls
    assert [one.place for one in rows] == paged == list(range(1, len(rows) + 1))
    gone = [one for one in rows if one.change == "removed"]
    assert all(one.treatment == "in_house_call" and one.after is None for one in gone)
    assert all("days past due 4 to 30" in one.before["why"]["en"][0] for one in gone if one.before)
    assert len(rows) == sum(found.sums[name] for name in ("added", "removed", "changed"))


def left_alone(version: int, rule: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "person_id": [1], "ordinal": [0], "loan_key": [2], "treatment": ["leave_alone"], "recipient_id": [None],
            "channel": [None], "template_id": [None], "slot_second": [None], "slot_zone": [None], "allowed": [False],
            "refused": [[f"first@{version}:never.{rule}"]], "missing": [[]], "reasons": ["{}"],
        },
        schema_overrides={"missing": pl.List(pl.String)},
    )  # fmt: skip


def test_the_same_rule_of_the_next_version_is_no_change() -> None:
    next_one = compare(left_alone(1, "dispute"), left_alone(2, "dispute"))
    other = compare(left_alone(1, "dispute"), left_alone(2, "hardship"))
    assert (next_one.changes.height, next_one.sums["rules"]) == (0, {})
    assert other.changes["change"].to_list() == ["changed"]
    assert other.sums["rules"] == {"first:never.dispute": {"before": 1}, "first:never.hardship": {"after": 1}}


def test_the_same_strategy_changes_nothing(database: Database, store: Store) -> None:
    trial = try_out(database, store, lender_id="demo", vault=VAULT, content=shipped(), actor=WRITER, now=clock())
    with database.transaction("demo") as tx:
        sums = drafts.trial(tx, trial).sums
    assert (sums["added"], sums["removed"], sums["changed"], sums["rules"]) == (0, 0, 0, {})
    with pytest.raises(CannotTry):
        try_out(database, store, lender_id="demo", vault=VAULT, content="a: b", actor=WRITER, now=clock())
