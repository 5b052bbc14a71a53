"""A first look over the book's columns: which rows are whose, and which loans need more than a straight pass.

Rows of a loan stand together in the book's tables, and loans stand in the same order in all of them; so one walk over
the keys finds each loan's range.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from duecourse.book.kernels.compiled import SOURCES, entry_point
from duecourse.book.kernels.fold import MORE_KINDS
from duecourse.core.events import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

REVERSAL, PAUSE = int(Kind.REVERSAL), int(Kind.PAUSE)
VERSIONS, DISORDER = 1, 2


def _align(sources: int) -> Callable[..., int]:
    @entry_point
    def align(
        loan_keys: NDArray[np.int64], keys: NDArray[np.int64], start: NDArray[np.int64], stop: NDArray[np.int64]
    ) -> int:
        at = 0 if sources >= 0 else len(keys)
        for loan in range(len(loan_keys)):
            start[loan] = at
            while at < len(keys) and keys[at] == loan_keys[loan]:
                at += 1
            stop[loan] = at
        return at

    return align


align = _align(SOURCES)
"""Find each loan's range of rows; how many rows were walked over: fewer than there are where the order differs."""


def _survey_schedules(sources: int) -> Callable[..., int]:
    @entry_point
    def survey_schedules(
        start: NDArray[np.int64],
        stop: NDArray[np.int64],
        set_no: NDArray[np.int64],
        due: NDArray[np.int32],
        known: NDArray[np.int64],
        contract_stop: NDArray[np.int64],
        first: int,
        last: int,
    ) -> int:
        found = 0 if sources >= 0 else DISORDER
        for loan in range(first, last):
            contract_stop[loan] = start[loan]
            for k in range(start[loan], stop[loan]):
                if set_no[k] == 0:
                    contract_stop[loan] = k + 1
                if k > start[loan]:
                    if set_no[k] == set_no[k - 1]:
                        if known[k] != known[k - 1]:
                            found |= VERSIONS
                        if due[k] < due[k - 1]:
                            found |= DISORDER
                    elif set_no[k] < set_no[k - 1]:
                        found |= DISORDER
        return found

    return survey_schedules


survey_schedules = _survey_schedules(SOURCES)
"""Where each loan's contract schedule ends; whether a schedule has several versions, or rows out of order (bits)."""


def _survey_events(sources: int) -> Callable[..., int]:
    @entry_point
    def survey_events(
        start: NDArray[np.int64],
        stop: NDArray[np.int64],
        effective: NDArray[np.int32],
        rank: NDArray[np.int8],
        known: NDArray[np.int64],
        kind: NDArray[np.int8],
        special: NDArray[np.bool_],
        more: NDArray[np.int64],
        first: int,
        last: int,
    ) -> int:
        longest = 0 if sources >= 0 else -1
        for loan in range(first, last):
            longest = max(longest, stop[loan] - start[loan])
            count = 0
            odd = False
            for k in range(start[loan], stop[loan]):
                count += MORE_KINDS >> kind[k] & 1
                odd = odd or kind[k] == REVERSAL or kind[k] == PAUSE
                if k > start[loan]:
                    if effective[k] != effective[k - 1]:
                        odd = odd or effective[k] < effective[k - 1]
                    elif rank[k] != rank[k - 1]:
                        odd = odd or rank[k] < rank[k - 1]
                    else:
                        odd = odd or known[k] <= known[k - 1]
            special[loan] = odd
            more[loan] = 0 if odd else count
        return longest

    return survey_events


survey_events = _survey_events(SOURCES)
"""Which loans have reversals, pauses, or events whose order the columns do not settle; how many events with parts the
others have; the longest list of events."""


def _list_more(sources: int) -> Callable[..., int]:
    @entry_point
    def list_more(
        start: NDArray[np.int64],
        stop: NDArray[np.int64],
        kind: NDArray[np.int8],
        more: NDArray[np.int64],
        rows: NDArray[np.int64],
        owner: NDArray[np.int64],
    ) -> int:
        at = 0 if sources >= 0 else -1
        for loan in range(len(start)):
            wanted = at + more[loan]
            for k in range(start[loan], stop[loan]):
                if at >= wanted:
                    break
                if MORE_KINDS >> kind[k] & 1:
                    rows[at] = k
                    owner[at] = loan
                    at += 1
        return at

    return list_more


list_more = _list_more(SOURCES)
"""The rows of events with parts, and the loans that they belong to, of loans that have ``more`` of them."""


def _find_schedules(sources: int) -> Callable[..., int]:
    @entry_point
    def find_schedules(
        owner: NDArray[np.int64],
        wanted: NDArray[np.int64],
        start: NDArray[np.int64],
        stop: NDArray[np.int64],
        set_no: NDArray[np.int64],
        set_from: NDArray[np.int64],
        set_to: NDArray[np.int64],
    ) -> int:
        found = 0 if sources >= 0 else -1
        for at in range(len(owner)):
            if wanted[at] == 0:
                continue
            low, high = start[owner[at]], stop[owner[at]]
            while low < high and set_no[low] != wanted[at]:
                low += 1
            set_from[at] = low
            while low < high and set_no[low] == wanted[at]:
                low += 1
            set_to[at] = low
            found += 1
        return found

    return find_schedules


find_schedules = _find_schedules(SOURCES)
"""The range of instalment rows of the schedule that comes with an event; empty where there is none."""
