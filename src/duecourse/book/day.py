"""The day run: one pass over the book for one day, a pure function of what goes in.

Age and class each loan, make cases, say what is wanted: that is done shard by shard. Then who is to be reached, the
law's answers and the assignment, for all at once: one person may be tied to loans of several shards, and is reached no
more often for it. `Outcome.hashes` are taken over canonical content, so the same inputs give the same hashes in any
number of shards or threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from duecourse.book.assign import assign
from duecourse.book.cases import case_facts, facts_by_person, loan_facts
from duecourse.book.desk import KEYS
from duecourse.book.digest import digest
from duecourse.book.kernels.age import age
from duecourse.book.loan import loans_of
from duecourse.book.plan_facts import ATTEMPTS, asked_of_plans
from duecourse.book.propose import Setting, left_alone, propose, reached, third_party_loans, want
from duecourse.book.tables import ORDER
from duecourse.core.events import Kind
from duecourse.core.observation import observation
from duecourse.core.reading import Stage, Status
from duecourse.law.measure import measure
from duecourse.law.quantities import QUANTITIES
from duecourse.trouble import N_, BadInput

if TYPE_CHECKING:
    from datetime import date, datetime

    from duecourse.book.desk import Desk, People
    from duecourse.law.rulebook import Rulebook

Hook = Callable[[pl.DataFrame], pl.DataFrame]
"""A model's columns for aged loans: from their frame to one with loan_key, warn_rank and score (integers)."""

Progress = Callable[[str, int, int], None]
"""Told the name of the step, how much is done, of how much."""


class NotClassed(BadInput):
    """No rule in force gives a loan that is past due its stage or class, so the day cannot be run."""

    def __init__(self, day: date, quantity: str, lender_type: str) -> None:
        super().__init__(
            N_(
                "no rule in force on {day} gives {quantity} for a lender of type {lender_type}; `duecourse law list` "
                "shows from when each rule counts. Run a later day, or bind a pack of the lender's own that gives it"
            ),
            day=day,
            quantity=quantity,
            lender_type=lender_type,
        )


@dataclass(frozen=True, slots=True)
class Shard:
    """The book of one shard as known for the run."""

    loans: pl.DataFrame
    instalments: pl.DataFrame
    events: pl.DataFrame


Load = Callable[[], Shard]
"""Reads a shard when its turn has come."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found. Frames are sorted; ``ages`` has every loan, the others what needs work."""

    ages: pl.DataFrame
    snapshot: pl.DataFrame
    proposals: pl.DataFrame
    worklist: pl.DataFrame
    case_loans: pl.DataFrame
    faults: pl.DataFrame  # loans that cannot be reckoned, and why; they stop no other loan
    desk: Desk  # as far as it was asked: with it alone, the run comes out the same

    def hashes(self) -> dict[str, dict[str, Any]]:
        """Rows and content hash of each output, for the manifest."""
        return {
            name: {"rows": frame.height, "sha256": digest(frame, by)}
            for name, frame, by in (
                ("ages", self.ages, ["loan_key"]),
                ("snapshot", self.snapshot, ["person_id"]),
                ("proposals", self.proposals, ["person_id", "ordinal"]),
                ("worklist", self.worklist, ["collector_id", "place"]),
                ("case_loans", self.case_loans, ["loan_key"]),
                ("faults", self.faults, ["loan_key"]),
            )
        }


STATUS = {place: status.value for place, status in enumerate(Status)}
"""Words of the kernel's status codes."""

AGES = [
    "loan_key", "person_id", "currency", "product", "status", "dpd", "plan_dpd", "stage_rank", "class_rank", "cost",
    "fee", "interest", "penalty", "compound", "principal", "not_due", "accrued", "credit", "overdue", "oldest_due",
    "next_due", "next_amount", "due_in_week", "paid_total", "last_payment", "warn_rank", "score",
]  # fmt: skip
"""Columns of the book's ``ages`` table, beside shard, day and known."""


@dataclass(frozen=True, slots=True)
class Aged:
    """The book aged, before anything is settled between cases: what `work_out` needs of it."""

    ages: pl.DataFrame
    cases: pl.DataFrame
    wanted: pl.DataFrame
    alone: pl.DataFrame
    faults: pl.DataFrame

    @property
    def case_loans(self) -> pl.DataFrame:
        """``person_id`` and ``loan_key`` of every loan in a case, by loan."""
        return self.cases.select("person_id", "loan_key").explode("loan_key").sort("loan_key")


def run_day(
    shards: Sequence[Load],
    conventions: pl.DataFrame,
    desk: Desk,
    setting: Setting,
    *,
    known: datetime,
    people: People | None = None,
    hooks: tuple[Hook, ...] = (),
    threads: int = 2,
    progress: Progress = lambda _step, _done, _of: None,
) -> Outcome:
    """Run one day, both parts of it: `age_book` and `work_out`. The result does not depend on shards or threads."""
    aged = age_book(shards, conventions, desk, setting, known=known, hooks=hooks, threads=threads, progress=progress)
    return work_out(aged, desk, setting, people)


def age_book(
    shards: Sequence[Load],
    conventions: pl.DataFrame,
    desk: Desk,
    setting: Setting,
    *,
    known: datetime,
    hooks: tuple[Hook, ...] = (),
    threads: int = 2,
    progress: Progress = lambda _step, _done, _of: None,
) -> Aged:
    """Age every loan and say what each case wants; each thread holds one shard at a time.

    ``known``: facts learnt later do not count.
    """
    persons = facts_by_person(desk)
    moved: list[Shard] = []
    done = 0

    def found_in(part: Shard) -> tuple[pl.DataFrame, ...]:
        nonlocal done
        loans, faults = age_shard(part, conventions, setting, known=known, hooks=hooks)
        facts = loan_facts(loans, persons, setting.day)
        cases = case_facts(facts, setting.strategy.opens_when.expression, setting.strategy.at_least_minor)
        found = loans.select(AGES), cases, want(cases, facts, setting), left_alone(cases, setting), faults
        done += 1
        progress("shards", min(done, len(shards)), len(shards))
        return found

    def one(load: Load) -> tuple[pl.DataFrame, ...]:
        part, away = without_merged(load(), desk.aliases)
        if away:
            moved.append(away)
        return found_in(part)

    with ThreadPoolExecutor(max_workers=threads) as pool:
        found = list(pool.map(one, shards))
    if moved:
        found.append(found_in(together(moved)))
    ages, cases, wanted, alone, faults = (pl.concat(frames) for frames in zip(*found, strict=True))
    return Aged(ages.sort("loan_key"), cases.sort("person_id"), wanted, alone, faults.sort("loan_key"))


def work_out(aged: Aged, desk: Desk, setting: Setting, people: People | None = None) -> Outcome:
    """Propose, ask the law, assign the cases and order the worklists.

    ``people`` is asked for parties and contact points; without it the desk has all that are needed.
    """
    desk = _introduced(desk, aged.wanted, people, setting.rulebook) if people else desk
    proposals = pl.concat([propose(aged.wanted, desk, setting), aged.alone])
    return _settle(aged, proposals, desk, setting)


def _introduced(desk: Desk, wanted: pl.DataFrame, people: People, book: Rulebook) -> Desk:
    """The desk with the parties, contact points and facts on record that the run is about."""
    parties = people.parties(third_party_loans(wanted))
    met = reached(wanted, parties)
    points = pl.concat([desk.points, people.points(met)]).unique(KEYS["points"])
    asked = asked_of_plans(book)
    about = pl.concat([met, wanted["person_id"]]).unique().sort()
    return replace(
        desk,
        parties=parties.sort(KEYS["parties"]),
        points=points.sort(KEYS["points"]),
        stated=people.stated(about, sorted(asked)).sort(KEYS["stated"]),
        attempts=people.attempts(met).sort(KEYS["attempts"]) if asked & ATTEMPTS else desk.attempts,
    )


def without_merged(part: Shard, aliases: pl.DataFrame) -> tuple[Shard, Shard | None]:
    """A shard without the loans of merged persons, and those loans under their one root.

    A person's shard is fixed when the book is created, so two people who turn out to be one may lie in different ones:
    their loans are worked off `together`, after all shards.
    """
    merged = pl.concat([aliases["person_id"], aliases["root_id"]]).unique()
    inside = part.loans["person_id"].is_in(merged.implode())
    if not inside.any():
        return part, None
    keys = part.loans.filter(inside).select("loan_key").unique()
    root = pl.col("person_id").replace(aliases["person_id"], aliases["root_id"])
    rest, away = (
        [frame.join(keys, on="loan_key", how=how) for frame in (part.instalments, part.events)]
        for how in ("anti", "semi")
    )
    return Shard(part.loans.filter(~inside), *rest), Shard(part.loans.filter(inside).with_columns(root), *away)


def together(parts: list[Shard]) -> Shard:
    """Several shards as one, in the tables' order."""
    frames = [pl.concat(same) for same in zip(*((p.loans, p.instalments, p.events) for p in parts), strict=True)]
    order = (ORDER[name] for name in ("loans", "instalments", "events"))
    return Shard(*(frame.sort(by) for frame, by in zip(frames, order, strict=True)))


def age_shard(
    part: Shard, conventions: pl.DataFrame, setting: Setting, *, known: datetime, hooks: tuple[Hook, ...] = ()
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The loans of a shard with their reading, stage, class and what cases need; and those that cannot be reckoned."""
    aged = age(part.loans, conventions, part.instalments, part.events, as_of=setting.day, known=known, threads=1)
    aged = aged.with_columns(pl.col("status").replace_strict(STATUS, return_dtype=pl.String)).rename(
        {"due_in_a_week": "due_in_week"}
    )
    loans = part.loans.filter(pl.col("known") <= known).sort("loan_key", "known").unique("loan_key", keep="last")
    cards = conventions.filter(pl.col("terms").str.contains('"method":"card"', literal=True))["conventions"]
    plans = part.events.filter(
        (pl.col("kind") == Kind.PLAN) & (pl.col("known") <= known) & (pl.col("effective") <= setting.day)
    ).sort("effective", "rank", "known", "ref")
    on_plan = plans.group_by("loan_key", maintain_order=True).agg((pl.col("set_no").last() != 0).alias("on_plan"))
    attributes = loans.select(
        "loan_key", "currency", "product", "secured", pl.col("conventions").is_in(cards.implode()).alias("card")
    )
    frame = (
        aged.join(attributes, on="loan_key", how="left")
        .join(on_plan, on="loan_key", how="left")
        .with_columns(
            pl.col("on_plan", "secured", "card").fill_null(value=False),
            written_off=pl.col("status") == "written_off",
            warn_rank=pl.lit(0, dtype=pl.Int32),
            score=pl.lit(0, dtype=pl.Int32),
        )
    )
    for hook in hooks:
        frame = (
            frame.drop("warn_rank", "score")
            .join(hook(frame), on="loan_key", how="left")
            .with_columns(pl.col("warn_rank", "score").fill_null(0).cast(pl.Int32))
        )
    sound = frame.filter(pl.col("fault").is_null())
    classed = _observed(_classed(sound, setting), part, loans, conventions, setting, known)
    return classed, frame.filter(pl.col("fault").is_not_null()).select("loan_key", "fault")


def _classed(frame: pl.DataFrame, setting: Setting) -> pl.DataFrame:
    """Stage and class of each loan, by the rules that give them; there are few distinct day counts, each asked once."""
    facts = frame.select(days_past_due="dpd", card_account="card").unique().sort(pl.all())
    rows = []
    for dpd, card in facts.iter_rows():
        asked = {"on": setting.day, "days_past_due": dpd, "card_account": card, "lender_type": setting.lender_type}
        ranks = [_rank(setting, quantity, asked) for quantity in ("stage_rank", "class_rank")]
        rows.append((dpd, card, *ranks))
    schema: dict[str, Any] = {"dpd": pl.Int32, "card": pl.Boolean, "stage_rank": pl.Int32, "class_rank": pl.Int32}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.join(table, on=["dpd", "card"], how="left", maintain_order="left")


def _observed(  # noqa: PLR0917 - what a shard is aged with
    frame: pl.DataFrame,
    part: Shard,
    loans: pl.DataFrame,
    conventions: pl.DataFrame,
    setting: Setting,
    known: datetime,
) -> pl.DataFrame:
    """The same loans, restructured ones at least in the class of their observation; each is read by itself."""
    asked = {"on": setting.day, "lender_type": setting.lender_type, "restructured": True}
    floor = measure(
        setting.rulebook, "observed_class_rank", asked | {"observed_periods": 0, "observed_years": 0}
    ).value  # fmt: skip
    if not isinstance(floor, int):
        return frame
    agreed = pl.col("kind").is_in([Kind.PLAN, Kind.RESTRUCTURE]) & (pl.col("set_no") != 0)
    keys = part.events.filter(agreed & (pl.col("known") <= known) & (pl.col("effective") <= setting.day))["loan_key"]
    below = frame.filter(
        pl.col("loan_key").is_in(keys.unique().implode())
        & pl.col("status").is_in(["active", "written_off"])
        & (pl.col("class_rank").fill_null(0) < floor)
    )["loan_key"]
    if below.is_empty():
        return frame
    rows, grids, events = (
        one.filter(pl.col("loan_key").is_in(below.implode()) & (pl.col("known") <= known))
        for one in (loans, part.instalments, part.events)
    )
    raised = []
    for key, loan in loans_of(rows, conventions, grids, events):
        found = observation(loan, setting.day, known=known)
        if found is None:
            continue
        facts = asked | {"observed_years": found.years, "observed_periods": len(found.dues)}  # were each one kept
        rank = measure(setting.rulebook, "observed_class_rank", facts).value
        if not isinstance(rank, int):
            facts |= {"observed_periods": found.periods()}
            rank = measure(setting.rulebook, "observed_class_rank", facts).value
        if isinstance(rank, int):
            raised.append((key, rank))
    table = pl.DataFrame(raised, schema={"loan_key": pl.Int64, "observed": pl.Int32}, orient="row")
    return frame.join(table, on="loan_key", how="left", maintain_order="left").with_columns(
        pl.max_horizontal("class_rank", "observed").alias("class_rank")
    ).drop("observed")  # fmt: skip


def _rank(setting: Setting, quantity: str, asked: dict[str, Any]) -> int | None:
    found = measure(setting.rulebook, quantity, asked).value
    if isinstance(found, int):
        return found
    if asked["days_past_due"] > 0:  # a case, which must have both
        raise NotClassed(setting.day, quantity, setting.lender_type)
    return None


def _settle(aged: Aged, proposals: pl.DataFrame, desk: Desk, setting: Setting) -> Outcome:
    """The global part: number the proposals, assign the cases, order the worklists."""
    ranked = proposals.sort("person_id", "order", "loan_key", "recipient_id", nulls_last=True).with_columns(
        ordinal=(pl.int_range(pl.len()).over("person_id") + 1).cast(pl.Int16)
    )
    scored = aged.cases.with_columns(score=_points(setting), needs=_needs(setting), earned=_earned(setting))
    work = ranked.filter(pl.col("allowed") & (pl.col("by") == "collector") & pl.col("loan_key").is_null())
    first = work.sort("person_id", "ordinal").unique("person_id", keep="first", maintain_order=True)
    given = assign(
        scored.join(first, on="person_id", how="semi")
        .join(desk.cases.select("person_id", "collector_id"), on="person_id", how="left")
        .select("person_id", "needs", "score", known="collector_id"),
        desk.collectors,
    )
    worklist = (
        first.join(given.drop_nulls(), on="person_id")
        .join(scored.select("person_id", "score"), on="person_id")
        .sort("collector_id", "score", "slot_second", "person_id", descending=[False, True, False, False])
        .with_columns(place=(pl.int_range(pl.len()).over("collector_id") + 1).cast(pl.Int32))
        .select("collector_id", "place", "person_id", "ordinal")
    )
    keeps = desk.cases.select("person_id", kept="collector_id")
    snapshot = (
        scored.join(given, on="person_id", how="left")
        .join(keeps, on="person_id", how="left")
        .with_columns(collector_id=pl.coalesce("collector_id", "kept"))
        .select(
            "person_id", pl.col("loans").cast(pl.Int16), pl.col("dpd").cast(pl.Int32),
            pl.col("plan_dpd").cast(pl.Int32).alias("dpd_plan"), _label("stage_rank"), _label("class_rank"),
            pl.col("oldest_due").alias("oldest_due_day"), "currency",
            principal_minor=pl.col("principal") + pl.col("not_due"),
            interest_minor="interest", penalty_minor=pl.col("penalty") + pl.col("compound"),
            fee_minor=pl.col("fee") + pl.col("cost"), overdue_minor="overdue_minor", settle_minor="settle_minor",
            collector_id="collector_id", score=pl.col("score").cast(pl.Int32),
        )
        .sort("person_id")
    )  # fmt: skip
    proposed = ranked.join(
        scored.select("person_id", "earned", pl.col("score").cast(pl.Int32)), on="person_id", how="left"
    ).with_columns(reasons=_reasons())
    proposed = proposed.drop("order", "earned").sort("person_id", "ordinal")
    return Outcome(aged.ages, snapshot, proposed, worklist, aged.case_loans, aged.faults, desk)


def _points(setting: Setting) -> pl.Expr:
    terms = [pl.when(rule.when.expression).then(rule.points).otherwise(0) for rule in setting.strategy.priority]
    return pl.sum_horizontal(pl.lit(0), *terms).cast(pl.Int64)


def _earned(setting: Setting) -> pl.Expr:
    """The places, in the strategy's priority list, of what earned a case its points."""
    places = [
        pl.when(rule.when.expression).then(pl.lit(place, dtype=pl.Int32))
        for place, rule in enumerate(setting.strategy.priority)
    ]
    return pl.concat_list(places).list.drop_nulls() if places else pl.lit([], dtype=pl.List(pl.Int32))


def _reasons() -> pl.Expr:
    """Why a row is there, as JSON: its place among the strategy's treatments, and what earned its case its points.

    `book.strategy.why` puts it in words; the strategy's version stands in the manifest.
    """
    earned = pl.col("earned").list.eval(pl.element().cast(pl.String)).list.join(",").fill_null("")
    place = (
        pl.when(pl.col("treatment") != "leave_alone").then(pl.col("order").cast(pl.String)).otherwise(pl.lit("null"))
    )
    return pl.format('{{"points":[{}],"treatment":{}}}', earned, place)


def _needs(setting: Setting) -> pl.Expr:
    words = [pl.when(skill.when.expression).then(pl.lit(skill.skill)) for skill in setting.strategy.skills]
    return pl.concat_str(words, separator=" ", ignore_nulls=True) if words else pl.lit("")


def _label(column: str) -> pl.Expr:
    """The word of a stage or class rank; none of a loan that is not past due and that no rule speaks of."""
    if column == "stage_rank":
        names = {place: stage.value for place, stage in enumerate(Stage)}
        return pl.col(column).replace_strict(names, return_dtype=pl.String, default=None).alias("stage")
    quantity = QUANTITIES["class_rank"]
    names = dict(enumerate(quantity.labels, start=quantity.base))
    return pl.col(column).replace_strict(names, return_dtype=pl.String, default=None).alias("class")
