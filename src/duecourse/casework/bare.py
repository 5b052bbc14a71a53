"""People of whom a tape says no more than their customer number, in bulk: most borrowers come in this way.

They are written as `casework.parties` writes everybody, with a secret of their own and the number sealed, masked and
part of the facts; but a column at a time, and sealed a slice ahead of what the database takes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import polars as pl

from duecourse.storage import frames
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.storage.vault.mask import mask_account

AT_ONCE = 50_000
"""People sealed and written at a time."""

BARE: dict[str, pl.DataType | type[pl.DataType]] = {"person_id": pl.Int64, "reference": pl.String}
"""Columns of people known by their number alone."""

NATURAL = "natural"


def register_bare(tx: Tx, *, vault: Vault, people: pl.DataFrame, source: str, now: datetime) -> int:
    """Insert people (columns `BARE`, each person once, none of them stored yet); returns how many."""
    parts = list(people.select(list(BARE)).sort("person_id").iter_slices(AT_ONCE))
    with ThreadPoolExecutor(max_workers=1) as ahead:
        sealing = [ahead.submit(_sealed, vault, tx.lender_id, part) for part in parts[:1]]
        for following in [*parts[1:], None]:
            if not sealing:
                break
            frame = sealing.pop().result()
            if following is not None:
                sealing.append(ahead.submit(_sealed, vault, tx.lender_id, following))
            frames.insert(tx, frame.with_columns(source=pl.lit(source), known_at=pl.lit(now)), "person")
    return people.height


def facts_index(vault: Vault, lender_id: str, kind: str, id_kind: str | None, values: Mapping[str, str]) -> bytes:
    """A keyed digest of all that is known of a person: where it is the stored one, nothing changed."""
    return vault.index_normal(lender_id, "facts", json.dumps([kind, id_kind, sorted(values.items())]))


def _sealed(vault: Vault, lender_id: str, people: pl.DataFrame) -> pl.DataFrame:
    """The people as rows of table ``person``."""
    persons = people["person_id"].to_list()
    references = people["reference"].str.strip_chars().to_list()
    made = list(vault.new_people(lender_id, persons))
    sealed = vault.seal_many([(key, "reference", said) for (key, _), said in zip(made, references, strict=True)])
    facts = [facts_index(vault, lender_id, NATURAL, None, {"reference": said}) for said in references]
    return pl.DataFrame(
        {
            "person_id": persons,
            "kind": [NATURAL] * len(persons),
            "facts_index": facts,
            "key_id": [wrapped.key_id for _, wrapped in made],
            "secret_wrapped": [wrapped.sealed for _, wrapped in made],
            "reference_sealed": list(sealed),
            "reference_masked": [mask_account(said) for said in references],
        },
        schema_overrides={"person_id": pl.Int64},
    )
