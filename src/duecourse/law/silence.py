"""What silence means: where no register, table or statement gives a fact, and who may say what once for all.

Only of facts whose register is the desk itself does silence mean no: what nobody put on record has not happened. All
others are missing, and refuse where a rule needs them.
"""

from __future__ import annotations

from duecourse.law.fact import NEVER, Kind, Value
from duecourse.law.facts import FACTS

_OURS = frozenset({"desk", "holds of the person", "contact points"})
"""Sources that are registers of the desk's own."""

_OF_LINES = frozenset({"calls_unrecorded", "visits_undocumented", "call_recorded"})
"""Facts about a sender's lines that are not so until they are on record; all others of lines are missing until then."""

SILENT: dict[str, Value] = {
    one.name: False if one.kind is Kind.BOOL else NEVER
    for one in FACTS.values()
    if (one.source in _OURS or one.name in _OF_LINES) and not one.lifts and (one.kind is Kind.BOOL or one.ages)
}
"""What those facts are where nothing is on record."""

OF_THE_DEBTOR = "word of the debtor"
"""The source of what the debtor alone can say of contacts with others: their own word for it is nothing."""

OF_THE_DEBT = frozenset(
    {
        OF_THE_DEBTOR,
        "book", "contract", "limitation", "record of assignments", "balance of the loans", "table cn.lpr_1y",
        "transfer of the claim", "notice of the moratorium", "register of notices", "decisions", "lender's set-up",
        "mandates of law firms",
    }
)  # fmt: skip
"""Sources whose facts are the debt's, or the lender's, whoever is contacted; all others speak of one person."""

OF_THE_SENDER = frozenset({"sender's lines", "sender's systems", "printing"})
"""Sources whose facts are about how one house sends: the lender's own, or one outside firm's."""

OF_THE_LENDER = OF_THE_SENDER | {
    "lender's set-up", "contract", "record of assignments", "transfer of the claim", "register of notices",
    "scripts and contact points", "balance of the loans",
}  # fmt: skip
"""Sources whose facts a lender may say once of all its claims; what is said of a person or a debt goes before it."""
