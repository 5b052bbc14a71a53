"""What other packs would change: the same planned contacts asked of two rulebooks, and every difference explained.

    compare(before, after, frames)          two rulebooks; rules that are alike in both are asked once
    recall(after, frames)                   what was answered then (columns ``was_allowed``, ``was_refused``) and now

A frame has a row per contact: facts of `law.facts` as columns and any columns that name the contact. Frames are read
one after the other, so a book of any size fits; counts are over all of them. What is not decided here: which contacts
are planned (book), where they are kept (casework).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

import polars as pl

from duecourse.law.facts import FACTS, Value
from duecourse.law.reasons import listed
from duecourse.law.rule import Effect, Rule, Version
from duecourse.law.rulebook import Rulebook
from duecourse.law.turns import Turns, decide_in_turn


class Change(StrEnum):
    """What becomes of one contact."""

    STOPPED = "stopped"  # was allowed, would be refused
    OPENED = "opened"  # was refused, would be allowed
    REASONS = "reasons"  # refused both times, by other rules


class Edit(StrEnum):
    """What becomes of one rule."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class RuleCount:
    """One rule over all contacts."""

    rule: str
    edit: Edit
    refused_before: int
    refused_after: int
    stopped: int  # contacts stopped that this rule refuses now and did not before
    stopped_alone: int  # of these, those that no other rule refuses now
    opened: int  # contacts opened that this rule had refused
    opened_alone: int  # of these, those that no other rule had refused


@dataclass(frozen=True, slots=True)
class GroupCount:
    """The contacts of one group, for example one treatment."""

    group: tuple[object, ...]
    contacts: int
    allowed_before: int
    allowed_after: int
    stopped: int
    opened: int


@dataclass(frozen=True, slots=True)
class Changed:
    """One contact whose answer differs."""

    contact: dict[str, object]  # the columns of its row that name it
    change: Change
    before: tuple[str, ...]  # rules that refuse
    after: tuple[str, ...]
    facts: dict[str, Value | None]  # what the rules that differ asked, as far as the row knows it
    elsewhere: tuple[int, ...] = ()  # seconds of the day at the other places asked, where these asked for it
    unrecorded: tuple[
        str, ...
    ] = ()  # of these, what the record of then does not hold, not even as missing; a lift that nobody gave is no gap


@dataclass(frozen=True, slots=True)
class Difference:
    """What the change of packs changes."""

    before: str  # hash of the rulebook, or `as recorded`
    after: str
    contacts: int
    allowed_before: int
    allowed_after: int
    stopped: int
    opened: int
    reasons: int
    rules: tuple[RuleCount, ...]  # those that are not the same, or not equally often; most stopped first
    groups: tuple[GroupCount, ...]
    changed: tuple[Changed, ...]  # the first few of each kind of change, in the order of the frames
    edits: dict[str, tuple[str, ...]] = field(default_factory=dict)  # rule -> what of it differs

    @property
    def none(self) -> bool:
        """Whether no answer differs."""
        return not (self.stopped or self.opened or self.reasons)


_ASKED = ("versions", "binds", "applies", "asks", "lifted_by")
"""What of a rule decides."""

_ALWAYS = date(1, 1, 1)

RECORDED = "as recorded"


def as_of(book: Rulebook, day: date) -> Rulebook:
    """The rulebook as it stands on a day, taken for every day: rules not in force then are left out."""
    rules = tuple(
        replace(rule, versions=(Version(_ALWAYS, None, version.published, version.values),))
        for rule in book.rules
        if (version := rule.version(day)) is not None
    )
    return replace(book, rules=rules)


def edits(before: Rulebook, after: Rulebook) -> dict[str, tuple[str, ...]]:
    """Rules that differ between two rulebooks, by id: ``added``, ``removed``, or what of them is not the same."""
    old, new = ({rule.id: rule for rule in book.rules if rule.effect is Effect.REFUSE} for book in (before, after))
    found: dict[str, tuple[str, ...]] = {}
    for name in dict.fromkeys((*old, *new)):
        if name not in new or name not in old:
            found[name] = (Edit.REMOVED if name in old else Edit.ADDED,)
        elif told := _differs(old[name], new[name]):
            found[name] = told
    return found


def _differs(old: Rule, new: Rule) -> tuple[str, ...]:
    words = {"versions": "values", "applies": "applies_when", "asks": "refuse_when"}
    return tuple(words.get(name, name) for name in _ASKED if getattr(old, name) != getattr(new, name))


def compare(
    before: Rulebook,
    after: Rulebook,
    frames: Iterable[pl.DataFrame],
    *,
    turns: Turns | None = None,
    group: Sequence[str] = (),
    most: int = 20,
) -> Difference:
    """The same contacts asked of both rulebooks.

    ``turns`` says how contacts of one person use up his counters one after the other; ``group`` names columns to count
    by; ``most`` limits the contacts listed of each kind of change. Raises `WrongColumn`.
    """
    edited = edits(before, after)
    old = [rule for rule in before.rules if rule.effect is Effect.REFUSE]
    new = [rule for rule in after.rules if rule.effect is Effect.REFUSE]
    edited_new = [rule for rule in new if rule.id in edited]
    kept = {rule.id for rule in new} - set(edited)
    both = replace(after, rules=(*old, *edited_new))
    sides = {
        "before": [True] * len(old) + [False] * len(edited_new),
        "after": [rule.id in kept for rule in old] + [True] * len(edited_new),
    }
    order = {rule.id: place for place, rule in enumerate(new)}
    tally = _Tally(both, edited, tuple(group), most, order)
    for frame in frames:
        answers = decide_in_turn(both, frame, turns, sides)
        tally.add(frame, answers, {side: listed(side, tally.ids) for side in sides})
    return tally.difference(before.hash, after.hash)


def recall(
    after: Rulebook,
    frames: Iterable[pl.DataFrame],
    *,
    turns: Turns | None = None,
    group: Sequence[str] = (),
    most: int = 20,
) -> Difference:
    """Contacts with the answer that was given then, asked anew; the parameters are those of `compare`.

    Frames have the columns ``was_allowed`` (Boolean) and ``was_refused`` (list of rule ids) beside the facts. Where
    ``was_missing`` (list of facts that the answer named as missing) is there too, a fact that neither stands in the row
    nor in it was not recorded then.
    """
    ids = [judge.rule.id for judge in after.gate]
    tally = _Tally(after, {}, tuple(group), most, {name: place for place, name in enumerate(ids)})
    for frame in frames:
        answers = decide_in_turn(after, frame, turns, {"after": [True] * len(ids)})
        then = frame.select(
            pl.when(~pl.col("was_allowed")).then(pl.col("was_refused").list.join(_SEP)).fill_null("").alias("then")
        )
        told = pl.when(pl.col("then") == "").then(pl.lit([], dtype=pl.List(pl.String))).otherwise(
            pl.col("then").str.split(_SEP)
        )  # fmt: skip
        tally.add(frame, answers.hstack(then), {"before": told, "after": listed("after", ids)})
    return tally.difference(RECORDED, after.hash)


_SEP = "\x1f"


class _Tally:
    """Counts over frames. Rows with the same answers are counted as one; there are few different ones."""

    def __init__(
        self,
        book: Rulebook,
        edited: Mapping[str, tuple[str, ...]],
        group: tuple[str, ...],
        most: int,
        order: Mapping[str, int],
    ) -> None:
        self.ids = [judge.rule.id for judge in book.gate]
        self.facts = {judge.rule.id: judge.rule.facts for judge in book.gate}
        self.edited, self.group, self.most, self.order = edited, group, most, order
        self.counts: list[pl.DataFrame] = []
        self.changed: dict[Change, list[Changed]] = {change: [] for change in Change}

    def add(self, frame: pl.DataFrame, answers: pl.DataFrame, told: Mapping[str, pl.Expr]) -> None:
        """Count the rows of a frame, and keep the first few that differ."""
        keys = answers.columns
        distinct = answers.unique().with_row_index("answer")
        spelled = distinct.select("answer", **told).with_columns(_CHANGE)
        coded = answers.join(distinct, on=keys, how="left", maintain_order="left", nulls_equal=True).select("answer")
        counted = coded.hstack(frame.select(self.group)).group_by("answer", *self.group).len("contacts")
        self.counts.append(counted.join(spelled, on="answer").drop("answer"))
        for change, held in self.changed.items():
            wanted = spelled.filter(pl.col("change") == change.value)
            if wanted.is_empty() or len(held) >= self.most:
                continue
            rows = coded["answer"].is_in(wanted["answer"].implode()).arg_true().head(self.most - len(held))
            some = frame[rows].hstack(coded[rows].join(wanted, on="answer", how="left", maintain_order="left"))
            held.extend(self._changed(row, change) for row in some.iter_rows(named=True))

    def _changed(self, row: dict[str, Any], change: Change) -> Changed:
        before, after = (tuple(sorted(row[side], key=self._place)) for side in ("before", "after"))
        telling = [name for name in (*after, *before) if (name in before) is not (name in after)]
        asked = dict.fromkeys(fact for name in telling for fact in self.facts.get(name, ()))
        contact = {
            name: value
            for name, value in row.items()
            if name not in FACTS and name not in _OWN and not name.startswith("other_second")
        }
        facts = {name: row.get(name) for name in asked}
        missed = row.get("was_missing")
        silent = [name for name, value in facts.items() if value is None and not FACTS[name].lifts]
        unrecorded = () if missed is None else tuple(name for name in silent if name not in missed)
        return Changed(contact, change, before, after, facts, _elsewhere(row, facts), unrecorded)

    def _place(self, name: str) -> tuple[int, str]:
        return self.order.get(name, len(self.order)), name

    def difference(self, before: str, after: str) -> Difference:
        """All that was counted."""
        empty = pl.DataFrame(schema=dict.fromkeys(self.group, pl.String) | _COUNTED)
        counts = pl.concat(self.counts, how="vertical_relaxed") if self.counts else empty
        counts = counts.with_columns(
            allowed_before=pl.col("before").list.len() == 0, allowed_after=pl.col("after").list.len() == 0
        )
        groups = counts.group_by(self.group).agg(_SUMS).sort(self.group) if self.group else pl.DataFrame()
        (total,) = counts.select(*_SUMS, reasons=_of(Change.REASONS)).rows(named=True)
        return Difference(
            before=before,
            after=after,
            **total,
            rules=self._rules(counts),
            groups=tuple(
                GroupCount(group=tuple(row[name] for name in self.group), **{name: row[name] for name in _SUMS_NAMES})
                for row in groups.iter_rows(named=True)
            ),
            changed=tuple(one for change in Change for one in self.changed[change]),
            edits=dict(self.edited),
        )

    def _rules(self, counts: pl.DataFrame) -> tuple[RuleCount, ...]:
        found: list[RuleCount] = []
        seen = {name for side in ("before", "after") for name in counts[side].explode().drop_nulls().unique()}
        for name in dict.fromkeys((*self.edited, *sorted(seen, key=self._place))):
            was, now = (pl.col(side).list.contains(name) for side in ("before", "after"))
            stopped = now & ~was & (pl.col("change") == Change.STOPPED.value)
            opened = was & ~now & (pl.col("change") == Change.OPENED.value)
            (row,) = counts.select(
                refused_before=_sum(was),
                refused_after=_sum(now),
                stopped=_sum(stopped),
                stopped_alone=_sum(stopped & (pl.col("after").list.len() == 1)),
                opened=_sum(opened),
                opened_alone=_sum(opened & (pl.col("before").list.len() == 1)),
            ).rows(named=True)
            edit = self.edited.get(name, (Edit.SAME,))[0]
            one = RuleCount(rule=name, edit=Edit(edit) if edit in tuple(Edit) else Edit.CHANGED, **row)
            if one.edit is not Edit.SAME or one.refused_before != one.refused_after or one.stopped or one.opened:
                found.append(one)
        return tuple(sorted(found, key=lambda one: (-one.stopped, -one.opened, self._place(one.rule))))


_OWN = ("answer", "before", "after", "change", "chain", "law_second", "was_allowed", "was_refused", "was_missing")
_COUNTED: dict[str, Any] = {
    "contacts": pl.UInt32, "before": pl.List(pl.String), "after": pl.List(pl.String), "change": pl.String,
}  # fmt: skip
_SAME = pl.col("before").list.set_symmetric_difference("after").list.len() == 0
_CHANGE = (
    pl.when(_SAME)
    .then(pl.lit(None, dtype=pl.String))
    .when(pl.col("before").list.len() == 0)
    .then(pl.lit(Change.STOPPED.value))
    .when(pl.col("after").list.len() == 0)
    .then(pl.lit(Change.OPENED.value))
    .otherwise(pl.lit(Change.REASONS.value))
    .alias("change")
)


def _elsewhere(row: Mapping[str, Any], facts: Mapping[str, Value | None]) -> tuple[int, ...]:
    """What the other clocks show at which a contact is asked: each must be open."""
    if "second_local" not in facts:
        return ()
    clocks = [row[name] for name in row if name == "law_second" or name.startswith("other_second")]
    return tuple(dict.fromkeys(one for one in clocks if one is not None and one != facts["second_local"]))


def _sum(where: pl.Expr) -> pl.Expr:
    return pl.col("contacts").filter(where).sum().cast(pl.Int64)


def _of(change: Change) -> pl.Expr:
    return _sum(pl.col("change") == change.value)


_SUMS = [
    pl.col("contacts").sum().cast(pl.Int64),
    _sum(pl.col("allowed_before")).alias("allowed_before"),
    _sum(pl.col("allowed_after")).alias("allowed_after"),
    _of(Change.STOPPED).alias("stopped"),
    _of(Change.OPENED).alias("opened"),
]
_SUMS_NAMES = ("contacts", "allowed_before", "allowed_after", "stopped", "opened")
