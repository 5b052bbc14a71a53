"""What the API takes and answers: tapes.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A row that was not taken: where, what is wrong, what to do."""

    source: str
    file: str
    records: str
    row: int
    field: str
    rule: str
    value: str | None
    why: str
    todo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """Faults of the latest quarantine of each file, the latest file first."""

    faults: tuple[Fault, ...]
