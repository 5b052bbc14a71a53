"""What a day run depends on, and the first part of its work, which whoever works a past day out again does as well."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from duecourse.book.day import Aged, Hook, Load, Shard, age_book
from duecourse.book.desk import Desk
from duecourse.book.propose import Setting
from duecourse.book.store import BookVersion, Store
from duecourse.book.strategy import Strategy
from duecourse.casework import lender_texts
from duecourse.casework.lender_law import book_of
from duecourse.casework.strategy import checked
from duecourse.storage.lenders import Lender

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a run depends on."""

    lender: Lender
    base: BookVersion
    known: datetime
    desk: Desk
    setting: Setting
    entries: int
    kept_version: int  # under which the strategy is kept


def setting_of(lender: Lender, day: date, strategy: Strategy) -> Setting:
    """What a day is worked out by: the lender's law and texts, and a strategy. Raises `BadStrategy`."""
    book = book_of(lender)
    register = lender_texts.register_of(lender)
    return Setting(day, lender.lender_type, lender.zone, checked(strategy, register), book, register)


def _shards(store: Store, version: BookVersion, known: datetime) -> list[Load]:
    def load(shard: int) -> Shard:
        return Shard(
            *(store.read(version, table, shard=shard, known=known) for table in ("loans", "instalments", "events"))
        )

    return [partial(load, shard) for shard in range(version.shards)]


def age(
    store: Store,
    inputs: Inputs,
    *,
    hooks: Mapping[str, Hook] | None,
    threads: int,
    progress: Progress = lambda _step, _done, _of: None,
) -> Aged:
    """The book of a run, aged."""
    hooks = hooks or {}
    return age_book(
        _shards(store, inputs.base, inputs.known),
        store.read(inputs.base, "conventions"),
        inputs.desk,
        inputs.setting,
        known=inputs.known,
        hooks=tuple(hooks[name] for name in sorted(hooks)),
        threads=threads,
        progress=progress,
    )
