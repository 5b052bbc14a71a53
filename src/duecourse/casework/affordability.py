"""What somebody has and needs in a month: stated, sealed; plans are held against what is left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from duecourse.casework.actor import Actor
from duecourse.evidence.record import Fact, canonical
from duecourse.storage import cases, changes, lenders, log, persons, plans
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput

AMOUNT_MAX = 10**12

INCOME = ("wages", "benefits", "pension", "business", "support", "other")
OUTGOINGS = (
    "housing", "food", "utilities", "transport", "health", "children", "care", "insurance", "other_debts", "other",
)  # fmt: skip
"""The lines of a statement, each an amount of a month."""


class NotAStatement(BadInput):
    """A statement that cannot be."""


def state_affordability(
    tx: Tx,
    *,
    vault: Vault,
    case_id: int,
    income: Mapping[str, int],
    outgoings: Mapping[str, int],
    proof: str,
    actor: Actor,
    now: datetime,
) -> int:
    """Keep what somebody has and needs in a month, sealed; returns its number. Amounts are minor units.

    ``proof``: ``stated``, or ``documents`` where papers were seen. Raises `NotAStatement`, `cases.NoSuchCase`.
    """
    case = cases.get(tx, case_id)
    for named, known in ((income, INCOME), (outgoings, OUTGOINGS)):
        for name, minor in named.items():
            if name not in known:
                raise NotAStatement(
                    N_("{name!r} is no line of a statement; known: {known}"), name=name, known=", ".join(known)
                )
            if not 0 <= minor <= AMOUNT_MAX:
                raise NotAStatement(N_("{name}: {minor} is no amount of a month"), name=name, minor=minor)
    if not income and not outgoings:
        raise NotAStatement(N_("a statement has at least one line"))
    if proof not in {"stated", "documents"}:
        raise NotAStatement(N_("{proof!r} is no proof of a statement: stated, or documents"), proof=proof)
    left = sum(income.values()) - sum(outgoings.values())
    said: dict[str, Fact] = {"income": dict(income), "outgoings": dict(outgoings)}
    key = vault.person(tx.lender_id, case.person_id, persons.wrapped(tx, case.person_id))
    currency = lenders.get(tx).currency
    number = plans.state(
        tx, person_id=case.person_id, case_id=case_id, sealed=vault.seal(key, plans.FIELD, canonical(said).decode()),
        left=left, currency=currency, proof=proof, actor=str(actor), now=now,
    )  # fmt: skip
    log.append(
        tx, vault=vault, kind="affordability.stated", at=now, actor=str(actor), subject=key,
        stated={"statement": str(number), "case": str(case_id), "proof": proof}, facts={**said, "left": left},
    )  # fmt: skip
    changes.tell(tx, case.person_id, by=str(actor))
    return number
