"""The lines of letters that speak of who writes: entered once with their proof, and put into every notice from then on.

A lawyer letter is written by a law firm that is on file: its name, its lawyer and the mandate for these claims.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from duecourse.casework.actor import Actor
from duecourse.casework.speech import screened
from duecourse.law.claims import SLOTS
from duecourse.law.fact import nearest
from duecourse.storage import lenders, letterhead, log
from duecourse.storage.connection import Tx
from duecourse.storage.letterhead import Line
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput

OF_LENDER = (
    "pay_at", "callback", "complaint", "complaint_authority", "dispute_address", "rate_basis", "seal",
    "original_creditor", "governing_law", "authorisation", "business", "contact_point",
)  # fmt: skip
"""The lines of the lender's own letters: slots of templates that are the same in every letter."""

OF_FIRM = ("agency", "law_firm", "lawyer", "mandate", "callback", "dispute_address")
"""The lines of a firm that writes for the lender. ``mandate`` is the number of the mandate, its proof the mandate."""

VALUE_MAX = 500
_FIRM = re.compile(r"[A-Za-z0-9._@-]{0,64}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


class NoSuchLine(BadInput):
    """A line that letters do not have, or none of this number stands."""

    def __init__(self, name: str) -> None:
        super().__init__(
            N_("letters have no line {line}{like}; those of the lender are {lender}, those of a firm {firm}"),
            line=name, like=nearest(name, [*OF_LENDER, *OF_FIRM]), lender=", ".join(OF_LENDER), firm=", ".join(OF_FIRM),
        )  # fmt: skip


class NotALine(BadInput):
    """A value or proof that is missing, too long, or holds what no letter can print."""

    def __init__(self, name: str) -> None:
        super().__init__(
            N_("{line} was not entered: it is one line of at most {most} characters, with the document that proves it"),
            line=name, most=VALUE_MAX,
        )  # fmt: skip


class NoLineStands(BadInput):
    """No line of this number stands."""

    def __init__(self, line_id: int) -> None:
        super().__init__(N_("no line {number} stands"), number=line_id)


def enter_line(
    tx: Tx,
    *,
    vault: Vault,
    name: str,
    value: str,
    source: str,
    actor: Actor,
    now: datetime,
    firm: str = "",
    from_day: date | None = None,
    to_day: date | None = None,
) -> int:
    """Enter a line of letters, before what was entered earlier. Raises `NoSuchLine`, `NotALine`, `NotToBeSaid`."""
    if name not in (OF_FIRM if firm else OF_LENDER) or not _FIRM.fullmatch(firm):
        raise NoSuchLine(name)
    said, proof = value.strip(), source.strip()
    if not 1 <= len(said) <= VALUE_MAX or _CONTROLS.search(said) or not 1 <= len(proof) <= VALUE_MAX:
        raise NotALine(name)
    screened({name: said}, own=lambda: [said])
    day = from_day or _today(tx, now)
    if to_day is not None and to_day <= day:
        raise NotALine(name)
    number = letterhead.add(
        tx, firm=firm, name=name, value=said, from_day=day, to_day=to_day, source=proof, actor=str(actor), now=now
    )
    log.append(
        tx, vault=vault, kind="letterhead.entered", at=now, actor=str(actor),
        stated={
            "line": number, "firm": firm, "name": name, "value": vault.text_pseudonym(tx.lender_id, said),
            "source": vault.text_pseudonym(tx.lender_id, proof), "from": day.isoformat(),
            "to": to_day.isoformat() if to_day else None,
        },
    )  # fmt: skip
    return number


def end_line(tx: Tx, *, vault: Vault, line_id: int, actor: Actor, now: datetime) -> None:
    """End a line from today on. Raises `NoLineStands`."""
    if not letterhead.end(tx, line_id=line_id, to_day=_today(tx, now), by=str(actor)):
        raise NoLineStands(line_id)
    log.append(tx, vault=vault, kind="letterhead.ended", at=now, actor=str(actor), stated={"line": line_id})


def lines_on(tx: Tx, firm: str, day: date) -> dict[str, Line]:
    """The lines of a letter of the lender, or of a firm for it, on a day; the firm's own go first."""
    own = letterhead.on_day(tx, "", day)
    return {**own, **(letterhead.on_day(tx, firm, day) if firm else {})}


def _today(tx: Tx, now: datetime) -> date:
    return now.astimezone(ZoneInfo(lenders.get(tx).zone)).date()


assert set(OF_LENDER) | set(OF_FIRM) <= set(SLOTS), "a line of a letter is a slot of templates"  # noqa: S101 - at import
