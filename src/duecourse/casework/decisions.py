"""The decisions of a day as leaves of a tree: one canonical text for each row, and the root that the log keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from duecourse.core.money import BrokenInvariant
from duecourse.evidence import tree

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = (
    "person_id", "ordinal", "treatment", "channel", "template_id", "template_version", "contact_point_id", "slot_at",
    "allowed", "refused", "missing",
)  # fmt: skip
"""What stands in a leaf, in this order: numbers as text, the slot in seconds since 1970."""

_CONTROL = r"[\x00-\x1f]"


def decisions_root(proposals: pl.DataFrame) -> bytes:
    """The Merkle root (RFC 6962) over the decision rows as `leaves` has them, in the order of person and ordinal."""
    return tree.root(tree.leaf_hash(text.encode()) for text in leaves(proposals.sort("person_id", "ordinal")))


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
