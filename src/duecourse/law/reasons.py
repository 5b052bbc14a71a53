"""The reasons of millions of answers, spelled out: rules, articles and missing facts of each row.

Rows have few distinct masks, so each distinct one is spelled out once and the rows are joined to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_

import numpy as np
import polars as pl

from duecourse.law.columns import WORD_BITS
from duecourse.law.rule import Rule
from duecourse.law.rulebook import Rulebook

BETWEEN = "; "
"""What stands between two reasons or facts of one row."""


def masks(answers: pl.DataFrame) -> list[str]:
    """The mask columns of a frame that `law.columns.decide_columns` gave."""
    return [name for name in answers.columns if name.startswith(("refused_", "missing_"))]


def words_of(places: Iterable[int], words: int) -> tuple[int, ...]:
    """Bits at these places, as so many words of a mask.

    >>> words_of([0, 65], 2)
    (1, 2)
    """
    bits = [1 << place for place in places]
    whole = reduce(or_, bits, 0)
    return tuple(whole >> (WORD_BITS * word) & ((1 << WORD_BITS) - 1) for word in range(words))


def listed(prefix: str, names: Iterable[str | None]) -> pl.Expr:
    """The names whose bits are set in the words ``prefix_0``, ``prefix_1`` …; a name that is ``None`` never appears."""
    some = [
        pl.when(pl.col(f"{prefix}_{place // WORD_BITS}") & pl.lit(1 << place % WORD_BITS, dtype=pl.UInt64) != 0).then(
            pl.lit(name)
        )
        for place, name in enumerate(names)
        if name is not None
    ]
    return pl.concat_list(some).list.drop_nulls() if some else pl.lit([], dtype=pl.List(pl.String))


def article(rule: Rule) -> str:
    """Instrument and clause as one text.

    >>> from duecourse.law.rulebook import rulebook
    >>> article(next(rule for rule in rulebook().rules if rule.id == "cn.contact.window"))
    'GB/T 45251-2025 5.3'
    """
    return f"{rule.source.instrument} {rule.source.clause}".strip()


def reasoned(book: Rulebook, answers: pl.DataFrame) -> pl.DataFrame:
    """The answers of `law.columns.decide_columns` with their reasons, in the same order.

    Columns: ``allowed``; ``refused_by`` (every rule that says no, with its article, in the rulebook's order) and
    ``missing`` (the facts for want of which rules say no), both Enum, null where
    there is none.
    """
    keys = masks(answers)
    told = answers.select(pl.any_horizontal(pl.col(name) != 0 for name in keys).arg_true()).to_series()
    some = answers.select(keys)[told]
    distinct = some.unique(maintain_order=False).with_row_index("place", 1)
    places = np.zeros(answers.height, dtype=np.uint32)  # 0: nothing refuses
    places[told.to_numpy()] = some.join(distinct, on=keys, how="left", maintain_order="left")["place"].to_numpy()
    rules = [f"{judge.rule.id} ({article(judge.rule)})" for judge in book.gate]
    spelled = distinct.select(
        listed("refused", rules).list.join(BETWEEN).alias("refused_by"),
        listed("missing", book.gate_facts).list.join(BETWEEN).alias("missing"),
    )
    columns = [answers["allowed"]]
    for column in spelled.get_columns():
        words = column.replace("", None)
        kind = pl.Enum(words.drop_nulls().unique().sort())
        columns.append(pl.Series(column.name, [None, *words], dtype=kind).gather(pl.Series(places)))
    return pl.DataFrame(columns)
