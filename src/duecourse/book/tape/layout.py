"""The standard layout: what a record of each kind holds, field by field. Everything else is mapped onto it.

``docs/tape.md`` holds these tables for people; `document.tables` writes them from here and a test compares.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import fields as fields_of
from enum import StrEnum
from functools import cache

from duecourse.core.contract import RATE_PPM_MAX, Category, Method, Terms
from duecourse.core.events import Kind
from duecourse.core.money import MINOR_MAX, PPM


class Shape(StrEnum):
    """What kind of value a field holds, and how the standard layout writes it."""

    REF = "reference"  # the lender's own number, as text; spaces around it do not count
    TEXT = "text"
    WORD = "word"  # one of a closed list
    WORDS = "words"  # several of a closed list, with spaces between
    MONEY = "money"  # whole minor units (fen, cents), 0 to 10^13
    RATE = "rate"  # annual parts per million: 18 % is 180000
    DAY = "day"  # YYYY-MM-DD, in the lender's zone
    INSTANT = "instant"  # ISO 8601 with offset: 2026-03-01T09:30:00+08:00
    COUNT = "count"  # a whole number
    FLAG = "flag"  # true or false


class Records(StrEnum):
    """The kinds of record that a tape may hold; each is a file of the standard layout."""

    LOANS = "loans"
    INSTALMENTS = "instalments"
    OPENINGS = "openings"
    PAYMENTS = "payments"
    ADJUSTMENTS = "adjustments"
    BALANCES = "balances"
    OBSERVATIONS = "observations"
    PERSONS = "persons"
    PARTIES = "parties"
    CONTACT_POINTS = "contact_points"
    HOLDS = "holds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column. ``personal`` values are shown masked only."""

    name: str
    shape: Shape
    says: str
    required: bool = False
    personal: bool = False
    words: tuple[str, ...] = ()
    lowest: int = 0
    highest: int | None = None


RELATIONS = (
    "borrower", "co_borrower", "guarantor", "spouse_liable", "spouse", "heir", "representative", "lawyer",
    "contact_person", "employer", "other",
)  # fmt: skip
HOLD_KINDS = (
    "dispute", "hardship", "bereavement", "deceased", "incapable", "breathing_space", "insolvency", "court_stay",
    "cease", "represented", "complaint", "vulnerable", "identity_theft", "other",
)  # fmt: skip
POINT_KINDS = ("phone", "email", "address", "app", "im")
PAYMENT_KINDS = ("payment", "prepayment", "recovery")
ADJUSTMENT_KINDS = tuple(
    kind.name.lower()
    for kind in Kind
    if kind not in {Kind.OPENING, Kind.PAYMENT, Kind.PREPAYMENT, Kind.RECOVERY, Kind.PAUSE_END, Kind.BOUNCE}
)
CATEGORIES = tuple(category.name.lower() for category in Category)
PAUSES = ("interest", "penalty", "dpd")
BALANCE_MONEY = (
    "principal", "not_due", "principal_due", "interest_due", "fee_due", "cost_due", "penalty_due", "compound_due",
    "due", "overdue", "accrued", "settle", "credit", "paid_total", "next_amount",
)  # fmt: skip
BALANCE_ITEMS = (*BALANCE_MONEY, "dpd")

_KNOWN = Field(
    name="known",
    shape=Shape.INSTANT,
    says="when the lender learnt it; the instant of import where empty",
)
_LOAN = Field(
    name="loan_ref",
    shape=Shape.REF,
    says="the lender's own loan number",
    required=True,
)
_PERSON = Field(
    name="person_ref",
    shape=Shape.REF,
    says="the lender's own customer number",
    required=True,
)


def _money(name: str, says: str, *, lowest: int = 0, required: bool = False) -> Field:
    return Field(name=name, shape=Shape.MONEY, says=says, lowest=lowest, highest=MINOR_MAX, required=required)


def _rate(name: str, says: str) -> Field:
    return Field(name=name, shape=Shape.RATE, says=says, highest=RATE_PPM_MAX)


def _day(name: str, says: str, *, required: bool = False, personal: bool = False) -> Field:
    return Field(name=name, shape=Shape.DAY, says=says, required=required, personal=personal)


def _count(name: str, says: str, *, lowest: int = 0, highest: int = 40_000, required: bool = False) -> Field:
    return Field(name=name, shape=Shape.COUNT, says=says, lowest=lowest, highest=highest, required=required)


def _text(name: str, says: str, *, required: bool = False, personal: bool = False) -> Field:
    return Field(name=name, shape=Shape.TEXT, says=says, required=required, personal=personal)


def _ref(name: str, says: str, *, required: bool = False) -> Field:
    return Field(name=name, shape=Shape.REF, says=says, required=required)


def _word(name: str, says: str, words: tuple[str, ...], *, required: bool = False) -> Field:
    return Field(name=name, shape=Shape.WORD, says=says, words=words, required=required)


def _words(name: str, says: str, words: tuple[str, ...]) -> Field:
    return Field(name=name, shape=Shape.WORDS, says=says, words=words)


def _flag(name: str, says: str) -> Field:
    return Field(name=name, shape=Shape.FLAG, says=says)


LOANS = (
    _LOAN,
    _ref("borrower_ref", "the borrower's customer number", required=True),
    _ref("contract_ref", "the contract that the loan is under"),
    _text("product", "the lender's product code"),
    _text("region", "division code or state, for reports"),
    _text("currency", "ISO 4217 code; the lender's currency where empty"),
    _money("principal_minor", "amount of the loan", required=True),
    _day("start", "day on which the money was paid out", required=True),
    _day("first_due", "due day of the first instalment; needed where no instalments are given"),
    _count("instalment_count", "number of instalments; needed where none are given", lowest=1, highest=1200),
    _count(
        "due_day",
        "day of the month of later instalments, 31 for the last; the first due day's own where empty",
        highest=31,
    ),
    _count(
        "statement_day",
        "card: day of the month of the statement, 31 for the last; needed where no ``days`` of instalments are given",
        lowest=1,
        highest=31,
    ),
    _day("maturity", "last due day; reckoned where empty"),
    _rate("rate_ppm", "contract rate"),
    _rate("penalty_ppm", "default interest (罚息)"),
    _rate("compound_ppm", "compound default interest (复利)"),
    _flag("secured", "whether collateral secures it"),
    _KNOWN,
)
"""One row per loan. Every field of the contract's conventions (`conventions`) may be a column as well."""

INSTALMENTS = (
    _LOAN,
    _day("due", "due day", required=True),
    _count(
        "days",
        "days of interest in the period; reckoned by the day count where empty. card: from statement to payment day",
    ),
    _money("principal_minor", "principal of the instalment"),
    _money("interest_minor", "interest of the instalment"),
    _money("fee_minor", "fee of the instalment"),
    _ref("set_ref", "the adjustment that gave this schedule; empty for the contract's own"),
    _KNOWN,
)
"""Amounts count where the method is ``free`` or ``set_ref`` is given; else the engine lays them."""

OPENINGS = (
    _LOAN,
    _day("day", "day of the position, at its end", required=True),
    _money("not_due_minor", "principal that has not fallen due"),
    _money("principal_minor", "principal due and unpaid"),
    _money("interest_minor", "interest due and unpaid"),
    _money("fee_minor", "fees due and unpaid"),
    _money("penalty_minor", "default interest unpaid"),
    _money("compound_minor", "compound default interest unpaid"),
    _day("oldest_due", "due day of the oldest unpaid instalment; needed if anything is due"),
    _KNOWN,
)
"""A loan taken over in mid-life: the position stands in place of all history before it."""

PAYMENTS = (
    _LOAN,
    _ref("payment_ref", "the lender's reference; without it (loan, day, amount, n-th of them) tells payments apart"),
    _day("paid_on", "value day", required=True),
    _money("amount_minor", "amount", lowest=1, required=True),
    _word("kind", "what the money is meant as; ``payment`` where empty", PAYMENT_KINDS),
    _flag("reduce_term", "prepayment: shortens the term instead of lowering the instalments"),
    _KNOWN,
)

ADJUSTMENTS = (
    _LOAN,
    _ref("ref", "the lender's reference, unique for the loan", required=True),
    _day("effective", "day from which it counts", required=True),
    _word("kind", "what happened", ADJUSTMENT_KINDS, required=True),
    _money(
        "amount_minor", "drawdown, fee: the amount. waiver: the amount, empty for all of the category. sale: the price"
    ),
    _word("category", "fee: ``cost`` or ``fee``. waiver: what is given up", CATEGORIES),
    _rate("rate_ppm", "rate_change, restructure: the new contract rate"),
    _rate("penalty_ppm", "rate_change: new default rate; unchanged where empty"),
    _rate("compound_ppm", "rate_change: new compound rate; unchanged where empty"),
    _day("until", "pause: first day after it; empty for no end"),
    _ref("target", "reversal: the reference of what did not stand"),
    _count("days", "grace: grace days. extension: days added", highest=4000),
    _count("months", "extension: months added", highest=600),
    _words("pause", "pause: what stands still", PAUSES),
    _words("capitalised", "restructure: categories that become principal", CATEGORIES),
    _flag("with_interest", "extension: the added time bears interest"),
    _KNOWN,
)
"""Events other than money in. instalment_set, restructure and plan bring rows of instalments by ``set_ref``."""

BALANCES = (
    _LOAN,
    _day("day", "day of the figure, at its end", required=True),
    _word("item", "which figure", BALANCE_ITEMS, required=True),
    _count("value", "minor units, or days for ``dpd``", highest=MINOR_MAX, required=True),
    _KNOWN,
)
"""What the lender's system says of a loan; compared with ours, and the breaks are listed."""

OBSERVATIONS = (
    _LOAN,
    _ref("borrower_ref", "needed for an account that is not in the loans"),
    _day("day", "last day of the month observed", required=True),
    _text("bucket", "the lender's own status code; never turned into DPD", required=True),
    _KNOWN,
)

PERSONS = (
    _PERSON,
    _word("kind", "``natural`` where empty", ("natural", "firm")),
    _text("name", "name", personal=True),
    _text("id_kind", "kind of number: resident_id, passport, firm_code …"),
    _text("id_number", "number of the document", personal=True),
    _day("birth", "day of birth", personal=True),
    _KNOWN,
)

PARTIES = (
    _LOAN,
    _PERSON,
    _word("relation", "how the person is tied to the loan", RELATIONS, required=True),
    _day("from_day", "first day; the loan's start where empty"),
    _day("to_day", "first day on which it no longer holds"),
    _text(
        "proof_kind",
        "what proves it: guarantee_contract, marriage_certificate, power_of_attorney; consent to be asked …",
    ),
    _day("proof_until", "last day on which the proof binds"),
    _flag("named_by_debtor", "the borrower gave this person as a contact"),
    _KNOWN,
)
"""Everybody but the borrower, who follows from the loan."""

CONTACT_POINTS = (
    _PERSON,
    _word("kind", "what it is", POINT_KINDS, required=True),
    _text("label", "which of the person's points: mobile, home, work; the kind where empty"),
    _text("value", "number, mailbox, address or account", required=True, personal=True),
    _text("zone", "IANA zone where it rings; unknown where empty", personal=True),
    _text("consent", "the consent it was given with"),
    _KNOWN,
)

HOLDS = (
    _PERSON,
    _ref("loan_ref", "the debt it is about; empty for all of the person's"),
    _word("kind", "why contact or steps stop", HOLD_KINDS, required=True),
    _day("from_day", "first day", required=True),
    _day("to_day", "first day on which it no longer holds"),
    _KNOWN,
)

FIELDS: dict[Records, tuple[Field, ...]] = {
    Records.LOANS: LOANS,
    Records.INSTALMENTS: INSTALMENTS,
    Records.OPENINGS: OPENINGS,
    Records.PAYMENTS: PAYMENTS,
    Records.ADJUSTMENTS: ADJUSTMENTS,
    Records.BALANCES: BALANCES,
    Records.OBSERVATIONS: OBSERVATIONS,
    Records.PERSONS: PERSONS,
    Records.PARTIES: PARTIES,
    Records.CONTACT_POINTS: CONTACT_POINTS,
    Records.HOLDS: HOLDS,
}

KEYS: dict[Records, tuple[str, ...]] = {
    Records.LOANS: ("loan_ref",),
    Records.INSTALMENTS: ("loan_ref", "set_ref", "due"),
    Records.OPENINGS: ("loan_ref", "day"),
    Records.PAYMENTS: ("loan_ref", "payment_ref"),
    Records.ADJUSTMENTS: ("loan_ref", "ref"),
    Records.BALANCES: ("loan_ref", "day", "item"),
    Records.OBSERVATIONS: ("loan_ref", "day"),
    Records.PERSONS: ("person_ref",),
    Records.PARTIES: ("loan_ref", "person_ref", "relation", "from_day"),
    Records.CONTACT_POINTS: ("person_ref", "kind", "label"),
    Records.HOLDS: ("person_ref", "loan_ref", "kind", "from_day"),
}
"""What may stand in one tape once only; a second row with the same key is quarantined."""

LOAN_KEYED = (
    Records.LOANS, Records.INSTALMENTS, Records.OPENINGS, Records.PAYMENTS, Records.ADJUSTMENTS, Records.BALANCES,
    Records.OBSERVATIONS, Records.PARTIES,
)  # fmt: skip
"""What hangs on a loan."""

_NOT_CONVENTIONS = {"rate_ppm", "penalty_ppm", "compound_ppm", "currency"}


@cache
def conventions() -> tuple[Field, ...]:
    """The contract's conventions as fields of a loan: every field of ``Terms`` but rates and currency."""
    made = []
    for each in fields_of(Terms):
        if each.name in _NOT_CONVENTIONS:
            continue
        made.append(_convention(each.name))
    return tuple(made)


@cache
def fields(records: Records) -> dict[str, Field]:
    """All fields that a record of a kind may have, by name, in the order of the layout."""
    every = (*FIELDS[records], *conventions()) if records is Records.LOANS else FIELDS[records]
    return {each.name: each for each in every}


def _convention(name: str) -> Field:
    example = getattr(Terms(method=Method.FREE, rate_ppm=0), name)
    says = "see docs/conventions.md"
    if isinstance(example, tuple):
        return Field(name=name, shape=Shape.WORDS, says=says, words=CATEGORIES)
    if isinstance(example, StrEnum):
        return Field(name=name, shape=Shape.WORD, says=says, words=tuple(type(example)))
    if isinstance(example, bool):
        return Field(name=name, shape=Shape.FLAG, says=says)
    if name.endswith("_ppm"):
        return Field(name=name, shape=Shape.COUNT, says=says, highest=PPM)
    return Field(name=name, shape=Shape.COUNT, says=says, highest=MINOR_MAX)
