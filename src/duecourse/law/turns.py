"""Contacts asked one after the other, so that what an allowed one uses up counts for the next.

Planned contacts carry the counters as they stood before the first of them. Where several are planned for one person,
each is asked with what the allowed ones before it used up, as if they had been made and answered. A contact that
reaches a person in another zone than the law's is asked at every clock (``law_second``, ``other_second…`` beside
``second_local``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from duecourse.law.columns import decide_columns
from duecourse.law.reasons import words_of
from duecourse.law.rulebook import Rulebook
from duecourse.law.terms import Channel

_TOWARDS = tuple(one for one in Channel if one not in (Channel.LETTER, Channel.LAWYER_LETTER, Channel.PORTAL))
USES: Mapping[str, tuple[Channel, ...]] = {
    "connected_calls_person_day": (Channel.CALL, Channel.ROBOT_CALL),
    "sms_person_day": (Channel.SMS, Channel.MMS_IMAGE),
    "push_person_day": (Channel.PUSH,),
    "attempts_person_day": _TOWARDS,
    "attempts_person_7d": _TOWARDS,
}
"""The counters that an allowed contact uses up, by channel, taken as made and answered."""

OF_DEBTORS = frozenset({"connected_calls_person_day"})
"""Those that count for the debtor as well, whoever is contacted about his debts."""


@dataclass(frozen=True, slots=True)
class Turns:
    """Whose contacts follow one another, and in which order."""

    person: tuple[str, ...]  # columns that are alike in the contacts of one person and day, the person's first
    order: tuple[str, ...]  # columns by which these follow one another
    debtor: str | None = None  # the person whose debts it is about: `OF_DEBTORS` counts for both
    chain: tuple[str, ...] = ()  # columns alike in contacts that take turns, where these are of several persons
    uses: Mapping[str, tuple[Channel, ...]] = field(default_factory=lambda: USES)


def decide_in_turn(
    book: Rulebook, frame: pl.DataFrame, turns: Turns | None, sides: Mapping[str, Sequence[bool]]
) -> pl.DataFrame:
    """Which rules refuse each contact, for several sides that each ask some of the book's rules.

    ``sides`` names for each side, rule by rule of ``book.gate``, whether it is asked. Columns: ``<side>_0``,
    ``<side>_1`` … (UInt64), as the ``refused`` words of `law.columns.decide_columns`. In the order of the frame.
    """
    if turns is None or frame.is_empty():
        return _asked(book, frame, sides)
    channels = frame["channel"].cast(pl.String)
    used = [name for name in turns.uses if name in frame.columns]
    numbered = frame.with_columns(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("_row"),
        *(
            channels.is_in([str(one) for one in turns.uses[name]]).cast(pl.Int64).alias(f"_uses_{name}")
            for name in used
        ),
    ).sort(*(turns.chain or turns.person), *turns.order, "_row")
    chain = turns.chain or turns.person
    numbered = numbered.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).over(chain).alias("_turn"))
    parts: list[pl.DataFrame] = []
    spent = {side: pl.DataFrame() for side in sides}
    for part in numbered.partition_by("_turn", maintain_order=True):
        answers = _turn(book, part, turns, sides, used=used, spent=spent)
        parts.append(answers.with_columns(part["_row"]))
        for side in sides:
            allowed = answers.select(pl.all_horizontal(pl.col(f"^{side}_\\d+$") == 0)).to_series()
            made = [spent[side]] * bool(spent[side].width) + _made(part.filter(allowed), turns, used)
            spent[side] = pl.concat(made).group_by(turns.person).agg(pl.all().sum())
    return pl.concat(parts).sort("_row").drop("_row")


def _made(allowed: pl.DataFrame, turns: Turns, used: list[str]) -> list[pl.DataFrame]:
    """What allowed contacts use up, of whom they reach and of whose debts they are about."""
    columns = (*turns.person, *(f"_uses_{name}" for name in used))
    if turns.debtor is None:
        return [allowed.select(columns)]
    who = turns.person[0]
    others = allowed.filter(pl.col(turns.debtor) != pl.col(who)).with_columns(
        *(pl.lit(0, dtype=pl.Int64).alias(f"_uses_{name}") for name in used if name not in OF_DEBTORS),
        pl.col(turns.debtor).alias(who),
    )
    return [allowed.select(columns), others.select(columns)]


def _turn(
    book: Rulebook,
    part: pl.DataFrame,
    turns: Turns,
    sides: Mapping[str, Sequence[bool]],
    *,
    used: list[str],
    spent: Mapping[str, pl.DataFrame],
) -> pl.DataFrame:
    """The answers of one turn, in which every person has one contact at most."""
    if not any(one.width for one in spent.values()):
        return _asked(book, part, sides)
    own: dict[str, pl.DataFrame] = {}
    for side, before in spent.items():
        left = before.select(*turns.person, pl.col("^_uses_.*$").name.suffix("_spent"))
        joined = part.join(left, on=turns.person, how="left", maintain_order="left")
        more = {name: [pl.col(f"_uses_{name}_spent").fill_null(0)] for name in used}
        if turns.debtor is not None:
            whose = before.select(
                *turns.person, *(pl.col(f"_uses_{n}").alias(f"_{n}_about") for n in used if n in OF_DEBTORS)
            )
            keys = [turns.debtor, *turns.person[1:]]
            joined = joined.join(whose, left_on=keys, right_on=turns.person, how="left", maintain_order="left")
            for name in set(used) & OF_DEBTORS:
                more[name].append(pl.col(f"_{name}_about").fill_null(0))
        own[side] = joined.select((pl.col(name) + pl.max_horizontal(more[name])).alias(name) for name in used)
    first, *others = own.values()
    if all(first.equals(other) for other in others):
        return _asked(book, part.with_columns(first), sides)
    return pl.concat(
        [_asked(book, part.with_columns(own[side]), {side: sides[side]}) for side in sides], how="horizontal"
    )


def _asked(book: Rulebook, frame: pl.DataFrame, sides: Mapping[str, Sequence[bool]]) -> pl.DataFrame:
    """The refused words of each side; at both clocks where they differ."""
    answers = _refused(decide_columns(book, frame))
    for clock in (name for name in frame.columns if name == "law_second" or name.startswith("other_second")):
        apart = (frame[clock] != frame["second_local"]).fill_null(value=False)
        if apart.any():
            rows = apart.arg_true()
            there = _refused(decide_columns(book, frame[rows].with_columns(second_local=clock)))
            answers = answers.with_columns(
                answers[name].scatter(rows, answers[name][rows] | there[name]) for name in answers.columns
            )
    return answers.select(
        (pl.col(f"refused_{word}") & pl.lit(bits, dtype=pl.UInt64)).alias(f"{side}_{word}")
        for side, asked in sides.items()
        for word, bits in enumerate(words_of((place for place, on in enumerate(asked) if on), answers.width))
    )


def _refused(answers: pl.DataFrame) -> pl.DataFrame:
    return answers.select(pl.col("^refused_\\d+$"))
