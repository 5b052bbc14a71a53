"""What a break is about, in words: a quantity of a loan, a row of a file, or an event."""

from __future__ import annotations

import re
from collections.abc import Mapping

from duecourse.book.tape.assemble import OURS
from duecourse.book.tape.change import parted
from duecourse.trouble import N_

QUANTITIES: Mapping[str, str] = {
    "principal_due": N_("principal due"), "interest_due": N_("interest due"), "fee_due": N_("fees due"),
    "cost_due": N_("costs due"), "penalty_due": N_("default interest due"),
    "compound_due": N_("compound interest due"), "due": N_("due in all"), "overdue": N_("overdue in all"),
    "accrued": N_("interest accrued"), "settle": N_("what settles the loan"), "credit": N_("credit of the borrower"),
    "paid_total": N_("paid in all"), "next_amount": N_("next instalment"), "dpd": N_("days past due"),
    "vanished": N_("missing in a full tape"),
}  # fmt: skip
"""What a tape states of a loan."""

_ROW = N_("row {row} of file {file}")


def about(subject: str) -> tuple[str, Mapping[str, str], str]:
    """The sentence of a break's subject, its values, and the day it names, as it is; a file by its hash's beginning.

    >>> about("principal_due"), about("row 7 of 0123456789ab")[1]
    (('principal due', {}, ''), {'row': '7', 'file': '01234567'})
    """
    row = re.fullmatch(r"row (\d+) of (\w+)", subject)
    if row is not None:
        return _ROW, {"row": row[1], "file": row[2][:8]}, ""
    name, at = parted(subject)
    name = name.removeprefix("~").partition(":")[0] if name.startswith(OURS) else name
    return QUANTITIES.get(name, name.replace("_", " ")), {}, at
