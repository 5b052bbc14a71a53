"""Keys of loans and persons from the lender's references, for whole columns; references that meet in one key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from duecourse.core import ids

if TYPE_CHECKING:
    from collections.abc import Callable


def loan_keys(lender_id: str, refs: pl.Series) -> pl.DataFrame:
    """Distinct references and their ``loan_key``."""
    return _keys(lender_id, refs, "loan_ref", "loan_key", ids.loan_key)


def person_ids(lender_id: str, refs: pl.Series) -> pl.DataFrame:
    """Distinct references and their ``person_id``."""
    return _keys(lender_id, refs, "person_ref", "person_id", ids.person_id)


def _keys(lender_id: str, refs: pl.Series, ref: str, key: str, make: Callable[[str, str], int]) -> pl.DataFrame:
    distinct = refs.drop_nulls().unique()
    keys = pl.Series(key, [make(lender_id, text) for text in distinct], dtype=pl.Int64)
    return pl.DataFrame({ref: distinct, key: keys})


def shards(persons: pl.Series, count: int) -> pl.DataFrame:
    """Distinct persons and their shard."""
    distinct = persons.unique()
    made = pl.Series("shard", [ids.shard(person, count) for person in distinct], dtype=pl.Int16)
    return pl.DataFrame({"person_id": distinct, "shard": made})


def set_numbers(refs: pl.Series) -> pl.DataFrame:
    """Distinct references of schedules and their ``set_no``: a number from 1 that depends on the reference alone."""
    return _keys("", refs, "set_ref", "set_no", lambda lender_id, ref: max(ids.loan_key(lender_id, f"set\0{ref}"), 1))


def collisions(keys: pl.DataFrame, known: pl.DataFrame, ref: str, key: str) -> pl.DataFrame:
    """Rows of ``keys`` whose key belongs to another reference, among themselves or in the book."""
    both = pl.concat([keys.select(ref, key), known.select(ref, key)]).unique()
    twice = both.group_by(key).len().filter(pl.col("len") > 1)
    return keys.join(twice, on=key, how="semi")
