"""Numbers, products and currencies of the loans that are or were in a case, as the book has them."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from duecourse.storage import frames
from duecourse.storage.connection import Tx

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "person_id": pl.Int64,
    "loan_key": pl.Int64,
    "loan_ref": pl.String,
    "product": pl.String,
    "currency": pl.String,
}
"""Columns of `put`."""


def unnamed(tx: Tx, loans: pl.DataFrame) -> pl.DataFrame:
    """Those of these loans (``person_id``, ``loan_key``) that have no name here yet."""
    known = frames.read(
        tx,
        "SELECT person_id, loan_key FROM case_loan_name WHERE lender_id = %s",
        (tx.lender_id,),
        {"person_id": pl.Int64, "loan_key": pl.Int64},
    )
    wanted = loans.select(pl.col("person_id", "loan_key").cast(pl.Int64))
    return wanted.join(known, on=["person_id", "loan_key"], how="anti")


def put(tx: Tx, names: pl.DataFrame) -> None:
    """Keep the names of loans that have none yet."""
    if names.height:
        frames.insert(tx, names.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items()), "case_loan_name")


def references(tx: Tx, loan_keys: Collection[int]) -> dict[int, str]:
    """The lender's numbers of some loans of cases; loans that were in no case are not in it."""
    rows = tx.execute(
        "SELECT loan_key, loan_ref FROM case_loan_name WHERE lender_id = %s AND loan_key = ANY (%s)",
        (tx.lender_id, list(loan_keys)),
    )
    return {int(key): str(ref) for key, ref in rows}
