"""What anybody learns who has the code of a notice: whether it is genuine, and what it said, naming nobody.

Codes that cannot be and codes that no notice has are answered alike, by the same work. Misses are counted by address
and over all; whoever missed too often waits. Over all, only those wait who missed before: a flood of guesses shuts out
nobody who has a letter in hand, and 80 bits are not guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from duecourse.casework.notice_code import normal
from duecourse.storage import lenders, notices
from duecourse.storage.connection import Database
from duecourse.storage.lenders import Lender
from duecourse.storage.notices import Notice
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, Busy

WINDOW = timedelta(minutes=10)
ADDRESS_MISSES_MAX = 20
MISSES_MAX = 1_000

PRINTED = ("pay_at", "callback", "complaint", "complaint_authority", "law_firm", "lawyer", "mandate", "agency")
"""Lines of the letter that its verify page repeats, where the letter has them."""

_NOTHING = "\0"
"""What is looked up in place of a code that cannot be one; no code is so."""


class TooManyMisses(Busy):
    """Too many codes that no notice has came from there, or of late."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "too many codes that no notice has were asked about from here. Wait {minutes} minutes, or call the "
                "lender by a number that you know already"
            ),
            minutes=WINDOW // timedelta(minutes=1),
        )


@dataclass(frozen=True, slots=True)
class Genuine:
    """A notice that exists. ``shown`` is what was kept for this answer when it was issued; it names nobody."""

    lender: Lender
    notice_id: int
    template_id: str
    document: str | None
    shown: Mapping[str, Any]
    entry_id: int
    at: datetime
    ended_as: str | None
    ended_at: datetime | None


def code_index(vault: Vault, lender_id: str, code: str) -> bytes:
    """The keyed hash of a code, as it is kept."""
    return vault.index_normal(lender_id, "notice code", code)


def verify_notice(
    database: Database, *, vault: Vault, usual: str, text: str, address: str, now: datetime
) -> Genuine | None:
    """The notice of a code as somebody wrote it, None where there is none; a miss is counted at the ``usual`` lender.

    Every lender is asked whatever is found, and nothing is asked without the limit. Raises `TooManyMisses`.
    """
    with database.register() as tx:
        known = lenders.every(tx)
    counted = next((one.lender_id for one in known if one.lender_id == usual), known[0].lender_id if known else None)
    if counted is None:
        return None
    place = vault.index_normal(counted, "address", address)
    with database.transaction(counted) as tx:
        own, all_ = notices.misses(tx, place, since=now - WINDOW)
    if own >= ADDRESS_MISSES_MAX or (own and all_ >= MISSES_MAX):
        raise TooManyMisses
    found = _found(database, vault, known, normal(text) or _NOTHING)
    if found is None:
        with database.transaction(counted) as tx:
            notices.count_miss(tx, place, now=now)
        return None
    return _genuine(*found)


def _found(database: Database, vault: Vault, known: Sequence[Lender], code: str) -> tuple[Lender, Notice] | None:
    found = None
    for lender in known:
        with database.transaction(lender.lender_id) as tx:
            notice = notices.by_code(tx, code_index(vault, lender.lender_id, code))
        if notice is not None:
            found = (lender, notice)
    return found


def _genuine(lender: Lender, notice: Notice) -> Genuine:
    return Genuine(
        lender=lender, notice_id=notice.notice_id, template_id=notice.template_id, document=notice.document,
        shown=notice.shown, entry_id=notice.entry_id, at=notice.at, ended_as=notice.ended_as, ended_at=notice.ended_at,
    )  # fmt: skip
