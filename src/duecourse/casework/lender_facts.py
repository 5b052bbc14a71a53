"""What a lender says once of all its claims, or of the lines of one house, and answers for: with proof, from a day on.

The gate and the day run ask it of every contact. What is on record of a person or a debt goes before it, and what is
reckoned from tables before both. What speaks of one person (where he lives, what he consented to) is said of him, never
of all.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from duecourse.book.plan_facts import asked_of_plans
from duecourse.casework.actor import Actor
from duecourse.casework.ground import RECKONED
from duecourse.casework.lender_law import law_of
from duecourse.casework.staff import check_firm
from duecourse.casework.stating import NotAValue, NotStated, UnknownFact
from duecourse.law.fact import Value
from duecourse.law.facts import FACTS
from duecourse.law.silence import OF_THE_LENDER, OF_THE_SENDER, SILENT
from duecourse.storage import lender_facts, log
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_

_FIRM = re.compile(r"[A-Za-z0-9._@-]{1,64}")

SAYABLE: tuple[str, ...] = tuple(
    one.name for one in FACTS.values() if one.source in OF_THE_LENDER and not one.lifts and one.name not in RECKONED
)
"""The facts that a lender may say of all its claims, in the order of the vocabulary."""


class NoSuchLenderFact(NotStated):
    """No fact of this number that stands."""

    def __init__(self, stated_id: int) -> None:
        super().__init__(N_("the lender has no fact of this number that stands: {number}"), number=stated_id)


def state_lender_fact(
    tx: Tx,
    *,
    vault: Vault,
    fact: str,
    value: Value,
    source: str,
    actor: Actor,
    now: datetime,
    from_at: datetime | None = None,
    until: datetime | None = None,
    firm: str = "",
) -> int:
    """Put a fact on record; returns its id. ``firm`` names the outside firm whose lines or systems it is about.

    Raises `stating.NotStated`, `staff.UnknownFirm`.
    """
    if fact not in FACTS:
        raise UnknownFact(fact)
    if fact not in SAYABLE:
        raise NotStated(
            N_(
                "the fact {fact} was not put on record: it comes from {source} and is not said of all claims at once; "
                "of one person it is: `duecourse fact state`"
            ),
            fact=fact, source=FACTS[fact].source,
        )  # fmt: skip
    if firm and FACTS[fact].source not in OF_THE_SENDER:
        raise NotStated(
            N_("the fact {fact} was not put on record: it is not about the lines of a firm; leave the firm out"),
            fact=fact,
        )  # fmt: skip
    if FACTS[fact].read(value) is None:
        raise NotAValue(fact, value)
    if firm and not _FIRM.fullmatch(firm):
        raise NotStated(N_("a firm is named by its code: letters, digits, dot, dash, underscore and @, up to 64"))
    check_firm(tx, firm)
    if not source.strip():
        raise NotStated(
            N_("the fact {fact} was not put on record: it needs a source, the document that proves it"), fact=fact
        )
    begins = from_at or now
    if until is not None and until <= begins:
        raise NotStated(
            N_("the fact {fact} was not put on record: it would end ({until}) before it begins ({begins})"),
            fact=fact, until=until.isoformat(), begins=begins.isoformat(),
        )  # fmt: skip
    plain = value.isoformat() if isinstance(value, date) else value
    number = lender_facts.add(
        tx, firm=firm, fact=fact, value=plain, from_at=begins, to_at=until, source=source, actor=str(actor), now=now
    )
    log.append(
        tx, vault=vault, kind="lender.fact_stated", at=now, actor=str(actor),
        stated={
            "stated": str(number), "fact": fact, "firm": firm, "value": plain,
            "source": vault.text_pseudonym(tx.lender_id, source),
        },
    )  # fmt: skip
    return number


def unsaid(tx: Tx, now: datetime) -> list[str]:
    """What the lender's law may ask of a plan, the lender may say of all claims, and nobody has said by now."""
    said = {
        one.fact
        for one in lender_facts.every(tx)
        if not one.firm and one.from_at <= now and (one.to_at is None or now < one.to_at)
    }
    asked = asked_of_plans(law_of(tx))
    return [name for name in SAYABLE if name in asked and name not in said and name not in SILENT]


def end_lender_fact(tx: Tx, *, vault: Vault, stated_id: int, actor: Actor, now: datetime) -> None:
    """End a fact that stands; raises `NoSuchLenderFact`."""
    if not lender_facts.end(tx, stated_id=stated_id, to_at=now, ended_by=str(actor)):
        raise NoSuchLenderFact(stated_id)
    log.append(tx, vault=vault, kind="lender.fact_ended", at=now, actor=str(actor), stated={"stated": str(stated_id)})
