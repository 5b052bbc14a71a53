"""The ordinary contact: what is taken for granted where somebody tries the law out and does not say everything.

For `law explain`, `law calendar` and scenarios only, which always say what they assumed. The gate assumes nothing:
there a fact that is not known is missing, and refuses.

A fact that can only tighten stands on its loose side (no hold, nothing counted yet, everything proven); a lift is never
assumed. Where that would be no ordinary contact, the value stands in `SAID`.
"""

from __future__ import annotations

from datetime import date

from duecourse.law.fact import NEVER
from duecourse.law.facts import VOCABULARY, Fact, Kind, Tightens, Value
from duecourse.law.templates import Register
from duecourse.law.terms import Purpose

SAID: dict[str, Value] = {
    "opt_out_days": 0,
    "lender_type": "bank",
    "sender_type": "lender",
    "demand_minor": 0,
    "estate_left_minor": 0,
    "debtor_unreachable": False,
    "visit_collectors": 2,
    "moment": "permit",
    "debt_collector": True,
    "consumer_debt": True,
    "address_basis": "direct_consent",
    "visit_place": "residence",
    "days_since_debt_adviser": NEVER,
    "moratorium_debt": True,
}
"""Ordinary values that do not follow from the direction of a fact."""

PER_CONTACT = frozenset({"on", "second_local", "day_of_rest_local", "purpose", "channel", "relation"})
"""Facts that every contact has of its own; nothing is assumed about them."""


def _assumed(fact: Fact) -> Value | None:
    if fact.name in PER_CONTACT or fact.lifts:
        return None
    if fact.name in SAID:
        return SAID[fact.name]
    if fact.kind is Kind.BOOL:
        return fact.tightens is Tightens.DOWN
    if fact.kind is Kind.INT and fact.tightens is not Tightens.NEITHER:
        return fact.low if fact.tightens is Tightens.UP else fact.high
    return None


ORDINARY: dict[str, Value] = {fact.name: value for fact in VOCABULARY if (value := _assumed(fact)) is not None}
"""What is assumed of each fact about which nothing is said."""


def ordinary_text(purpose: str | None) -> dict[str, Value]:
    """A text as it should be for a purpose: approved, complete, naming a debt if it asks for one."""
    silent = purpose in (Purpose.RELAY, Purpose.LOCATE, Purpose.SERVICE)
    return {
        "template_approved": True,
        "mentions_debt": not silent,
        "states_identity": True,
        "states_lender": True,
        "states_purpose": True,
        "poses_as_lender": False,
        "poses_as_authority": False,
    }


def text_facts(
    register: Register, *, template: str | None, purpose: str | None, day: date, channel: str
) -> dict[str, Value]:
    """What the gate reads of the text: from the register, or of an ordinary text of the purpose where none is named.

    Raises `UnknownTemplate`.
    """
    if template is not None:
        return register[template].facts(day, channel)
    return {**ordinary_text(purpose), **({} if purpose is None else {"purpose": purpose})}
