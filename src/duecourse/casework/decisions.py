"""The decisions of a day as leaves of a tree, in slices: a record of the log for each slice covers all of its rows.

A leaf is a salt of 32 bytes and the row as canonical JSON. A slice holds `SLICE` rows, so that its root is a node of
the tree over the whole day. The salt keeps the rows beside a proven one unknown: their hashes are in its proof, and a
row could be guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import ECB

from duecourse.core.money import BrokenInvariant
from duecourse.evidence import tree

COLUMNS = (
    "person_id", "ordinal", "treatment", "channel", "template_id", "template_version", "contact_point_id", "slot_at",
    "allowed", "refused", "missing",
)  # fmt: skip
"""What stands in a leaf, in this order: numbers as text, the slot in seconds since 1970."""

SLICE = 65_536
"""Rows of a slice; a power of two."""

SALT = 32
"""Bytes of a salt."""

_CONTROL = r"[\x00-\x1f]"


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows of a day that one record covers: from which row on, how many, and the Merkle root (RFC 6962) over them."""

    first: int
    rows: int
    root: bytes


def slices_of(proposals: pl.DataFrame, key: bytes) -> list[Slice]:
    """The slices of a day's decisions, in the order of person and ordinal; ``key`` makes their salts."""
    ordered = proposals.sort("person_id", "ordinal")
    return [
        Slice(first, part.height, tree.root(map(tree.leaf_hash, entries(part, key))))
        for first, part in zip(range(0, ordered.height, SLICE), ordered.iter_slices(SLICE), strict=True)
    ]


def decisions_root(slices: list[Slice]) -> bytes:
    """The root over all rows of the day: a slice's root is the node over its rows."""
    return tree.root(one.root for one in slices)


def entries(proposals: pl.DataFrame, key: bytes) -> Iterator[bytes]:
    """What is hashed into each leaf: salt and text of the row, in the order of the rows; ``key`` has 16 bytes."""
    salted = salts(proposals, key)
    for at, text in zip(range(0, len(salted), SALT), leaves(proposals), strict=True):
        yield salted[at : at + SALT] + text.encode()


def salts(proposals: pl.DataFrame, key: bytes) -> bytes:
    """The salts of these rows, one after the other: AES-128 of (person, ordinal, half), two blocks a row.

    No two rows of a lender's day have the same person and ordinal, so no block is enciphered twice: the cipher is then
    a pseudo-random function, and a whole day is one call of it.
    """
    blocks = np.zeros((proposals.height, 2), dtype=[("person", ">i8"), ("ordinal", ">i4"), ("half", ">i4")])
    for name in ("person", "ordinal"):
        blocks[name] = proposals["person_id" if name == "person" else name].to_numpy()[:, np.newaxis]
    blocks["half"] = (0, 1)
    encryptor = Cipher(AES128(key), ECB()).encryptor()  # noqa: S305  # blocks that differ, and nobody deciphers them
    return encryptor.update(blocks.tobytes()) + encryptor.finalize()


def leaves(proposals: pl.DataFrame) -> Iterator[str]:
    """Each row as a JSON array in canonical form (RFC 8785), in the order of the rows."""
    rows = proposals.select(COLUMNS).with_columns(pl.col("slot_at").dt.epoch("s"))
    parts = [_json(name, dtype) for name, dtype in rows.schema.items()]
    texts = rows.select(pl.concat_str(pl.lit("["), pl.concat_str(parts, separator=","), pl.lit("]"))).to_series()
    if texts.str.contains(_CONTROL).any():
        raise BrokenInvariant("a decision row names a rule, fact or template with a control character in it")
    return iter(texts)


def _json(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if dtype == pl.Boolean:
        text = column.cast(pl.String)
    elif isinstance(dtype, pl.List):
        text = pl.concat_str(pl.lit("["), column.list.eval(_quoted(pl.element())).list.join(","), pl.lit("]"))
    else:
        text = _quoted(column.cast(pl.String))
    return text.fill_null("null")


def _quoted(text: pl.Expr) -> pl.Expr:
    """A JSON string, of text without control characters."""
    escaped = text.str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True)
    return pl.concat_str(pl.lit('"'), escaped, pl.lit('"'))
