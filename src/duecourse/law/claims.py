"""What a text says of itself must fit its words: the slots it may have, and the claims that are checked against them.

Every text claims the facts of `FLAGS`; one approved for a jurisdiction of `MORE` claims those too. What cannot be read
off a text (whether a sentence overshadows a right) stays the approver's word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from duecourse.law.document import Node
from duecourse.law.notice import NEEDED, lacking, parts
from duecourse.law.terms import Channel, Purpose

SLOTS: dict[str, str] = {
    "agency": "name of the outside firm",
    "amount_due": "amount overdue or falling due, with currency",
    "amount_offer": "amount of the plan or settlement, with currency",
    "amount_paid": "amount of a payment, with currency",
    "amount_promised": "amount that the person promised to pay, with currency",
    "amount_then": "amount of the debt on the itemization day, with currency",
    "as_of": "day of the figures",
    "assigned_on": "day on which the claim was assigned",
    "authorisation": "where the servicer's authorisation is shown, such as an entry of the public register",
    "business": "name of the business, which does not show that it collects debts",
    "callback": "number or page by which the sender is reached",
    "changes_since": "interest, fees, payments and credits since the itemization day, one by one",
    "collector": "name or alias of the collector",
    "complaint": "number or page for objections and complaints",
    "complaint_authority": "public authority that hears complaints",
    "contact_point": "point at which the person gets information about the debt",
    "contact_person": "form of address of the contact person",
    "cure_days": "days for which what is overdue can be paid before everything is called",
    "creditor_then": "name of the creditor on the itemization day",
    "days_past_due": "days past due",
    "debtor": "name of the debtor, as a third person may hear it",
    "debtor_id": "number of the debtor's identity document, most of it hidden",
    "dispute_address": "address to which a dispute is written",
    "due_day": "due day",
    "governing_law": "law that governs the debt",
    "fees_due": "fees and penalties due, with currency",
    "interest_due": "interest due, with currency",
    "issued_on": "day on which the letter is issued",
    "itemization_day": "day from which the amount is itemized",
    "law_firm": "name of the law firm",
    "lawyer": "name of the lawyer",
    "lender": "name of the lender",
    "loan_tail": "last four digits of the loan number",
    "mandate": "number of the law firm's mandate",
    "next_step": "what happens next, as it has been decided",
    "one_time_code": "code that lets the person in once, for some minutes",
    "not_due": "principal not yet due, with currency",
    "opt_out": "how to stop messages to this address or number",
    "original_creditor": "name of the creditor who transferred the claim",
    "paid_on": "day of a payment; of the last one, where nothing is owed any more",
    "pay_at": "the lender's own way to pay",
    "pay_link": "page on which somebody who offered to pay can do so; it names no debt",
    "payment_ref": "reference of a payment, its last characters",
    "plan_terms": "terms of the plan offered",
    "postal_address": "postal address of the person",
    "promised_day": "day by which the person promised to pay",
    "provider": "name of another firm that works for the servicer",
    "principal_due": "principal due, with currency",
    "rate_basis": "how interest and penalties are reckoned",
    "reported_on": "day on which something was reported to the credit register",
    "salutation": "form of address of the person",
    "schedule": "instalments of a plan, one a line: number, day and amount, parted by |",
    "seal": "seal or electronic signature of the sender",
    "staff_no": "staff number of the collector",
    "valid_until": "last day on which an offer can be accepted",
    "validation_end": "last day of the validation period",
}
"""Every slot a text may have, and what is put in."""

FLAGS = (
    "mentions_debt",
    "states_identity",
    "states_lender",
    "states_purpose",
    "poses_as_lender",
    "poses_as_authority",
)
"""What every text says of itself."""

RARE = (
    "threatens",
    "misstates",
    "asks_extra",
    "shows_person",
    "seen_by_others",
    "states_machine",
    "names_suit",
    "asks_signature",
    "tells_expiry",
    "tells_decision",
    "presses_payment",
    "confirms_stop",
    "for_guarantor",
)
"""What few texts say of themselves: false where a text does not name it."""

MORE: dict[str, tuple[str, ...]] = {
    "US": (
        "discloses_attempt",
        "discloses_collector",
        "names_firm",
        "opt_out_offered",
        "limited_content",
        "gives_validation",
        "overshadows",
        "after_cease_notice",
        "names_suit",
        "tells_expiry",
    ),
    "UK": ("statutory_notice", "leaves_remainder", "states_remainder"),
}
"""What a text approved for a jurisdiction says of itself besides."""

READ = ("identity_first", "discusses_payment")
"""What is read off a text and not claimed (`read_off`)."""

_DEBT_SLOTS = frozenset(
    {
        "amount_due", "amount_offer", "amount_paid", "amount_promised", "amount_then", "assigned_on",
        "changes_since", "creditor_then", "days_past_due", "due_day", "fees_due", "interest_due", "itemization_day",
        "loan_tail", "not_due", "paid_on", "payment_ref", "plan_terms", "pay_at", "principal_due", "promised_day",
        "rate_basis", "reported_on", "schedule", "validation_end",
    }
)  # fmt: skip
_FIRM_SLOTS = frozenset({"agency", "business", "law_firm"})
_IDENTITY_SLOTS = frozenset({"collector", "staff_no", "lender", "lawyer"}) | _FIRM_SLOTS
_DEBT_WORDS = re.compile(
    r"借款|贷款|欠款|逾期|还款|债务|账单|应还|催收|\b(loan|debts?|owe|owed|owes|overdue|repay|repayment|instalment|arrears)\b",
    re.IGNORECASE,
)
_PAY_SLOTS = frozenset({"amount_offer", "pay_at", "pay_link", "plan_terms"})
_ASKS_PAYMENT = (Purpose.REMIND, Purpose.COLLECT, Purpose.OFFER)
_OPENING = frozenset({"salutation", "contact_person", "debtor_id", "postal_address"})
_SLOT = re.compile(r"\{(\w+)\}")
_THIRD_PERSON = (Purpose.RELAY, Purpose.LOCATE)
_STATED = (("states_identity", "states_lender", "states_purpose"), "identity, lender and purpose")
_STATED_IN = {"US": (("states_identity",), "identity")}
"""12 CFR 1006.10(b), 1006.2(j): where others may hear, creditor and purpose are not named, so less must be stated."""

_VALIDATION_SLOTS = frozenset(
    {
        "agency", "amount_due", "amount_then", "changes_since", "creditor_then", "dispute_address", "itemization_day",
        "lender", "loan_tail", "postal_address", "salutation", "validation_end",
    }
)  # fmt: skip
"""12 CFR 1006.34(c)(1)-(3), as far as it is filled in."""
_VALIDATION_WORDS = tuple(
    re.compile(word, re.IGNORECASE) for word in (r"\bdispute\b", r"\boriginal creditor\b", r"\bassume\b")
)
_LIMITED_SLOTS = (frozenset({"business", "collector", "callback"}), frozenset({"salutation"}))
"""12 CFR 1006.2(j): what a limited-content message needs, and what else it may have."""
_COLLECTOR_WORDS = re.compile(r"\bdebt collector\b", re.IGNORECASE)
_ATTEMPT_WORDS = re.compile(r"\battempt to collect a debt\b.*\bused for that purpose\b", re.IGNORECASE | re.DOTALL)
_SUIT_WORDS = re.compile(r"\b(sue|sued|suing|lawsuit|legal action|court)\b", re.IGNORECASE)


_BARRED = ("presses_payment", "threatens", "misstates", "asks_extra", "shows_person", "seen_by_others")
_SAYS = {
    "threatens": re.compile(r"后果自负|找上门|\b(or else|we know where)\b", re.IGNORECASE),
    "misstates": re.compile(
        r"逮捕|拘留|通缉|坐牢|刑事责任|黑名单|失信(被执行人)?名单|\b(arrest(ed)?|prison|jail|blacklist(ed)?)\b",
        re.IGNORECASE,
    ),
    "asks_extra": re.compile(r"催收费|催收手续费|\bcollection fee\b", re.IGNORECASE),
    "presses_payment": re.compile(
        r"(今日|今天|立即|马上|限期|\d+小时内).{0,6}(全额|一次性|结清|付清)|变卖|"
        r"\b(in full (today|now|immediately)|full balance (today|now)|within \d+ hours|sell your)\b",
        re.IGNORECASE,
    ),
    "names_suit": re.compile(r"起诉|提起诉讼|支付令|\b(payment order|may sue|will sue|lawsuit)\b", re.IGNORECASE),
    "asks_signature": re.compile(r"请.{0,8}(签字|签名|签收|签署)|\bplease (sign|countersign)\b", re.IGNORECASE),
}
"""Words that a text cannot have without saying so of itself; it may say so without them."""


_PICTURE = re.compile(r"!\[|\]\(|<\s*/?\s*[a-z!]|data:\w+/", re.IGNORECASE)
"""What would bring in a picture or another page: faces, identity documents, anything that was not checked."""


_MACHINE_WORDS = re.compile(
    r"机器人|智能语音|自动语音|语音系统|\b(machine|robot|automated|automatic voice|recorded voice)\b", re.IGNORECASE
)
OPENING_ENDS = re.compile(r"^---$", re.MULTILINE)
"""A line of a text for robot calls: what stands before is said to whoever answers, what stands behind once it is
verified who that is."""


@dataclass(frozen=True, slots=True)
class Claims:
    """A text, and what it says of itself."""

    purpose: Purpose
    channels: tuple[Channel, ...]
    jurisdictions: tuple[str, ...]
    states: dict[str, bool]
    text: dict[str, str]
    slots: frozenset[str]
    document: str | None = None


def forbidden_words(text: str) -> list[tuple[str, str]]:
    """What a text cannot say without saying so of itself: the name of the claim, and the words.

    >>> forbidden_words("否则后果自负"), forbidden_words("七日后再次联系您")
    ([('threatens', '后果自负')], [])
    """
    return [(name, found.group()) for name, words in _SAYS.items() if (found := words.search(text))]


def read_off(one: Claims) -> dict[str, bool]:
    """The facts of `READ`: how a text begins, and whether it is about payment."""
    first = one.states["states_identity"] and one.states["states_lender"]
    return {
        "identity_first": first and all(_opens_with_identity(body) for body in one.text.values()),
        "discusses_payment": one.purpose in _ASKS_PAYMENT or bool(one.slots & _PAY_SLOTS),
    }


def _opens_with_identity(body: str) -> bool:
    """Whether who speaks and the lender stand before the first word or slot about anything else."""
    word = _DEBT_WORDS.search(body)
    end = word.start() if word else len(body)
    seen: set[str] = set()
    for slot in _SLOT.finditer(body):
        name = slot.group(1)
        if slot.start() > end or name not in _IDENTITY_SLOTS | _OPENING:
            break
        seen.add(name)
    return "lender" in seen


def check_claims(node: Node, one: Claims) -> None:
    """Raises `Flaw` where a text is not what it claims, or claims what nobody may do."""
    states = one.states
    worded = next((found.group() for body in one.text.values() if (found := _DEBT_WORDS.search(body))), "")
    names_debt = bool(one.slots & _DEBT_SLOTS) or bool(worded)
    if names_debt and one.purpose in _THIRD_PERSON:
        what = worded or ", ".join(sorted(one.slots & _DEBT_SLOTS))
        raise node.flaw(f"a text for third persons ({one.purpose}) names the debt: {what!r}", "text")
    if names_debt and not states["mentions_debt"]:
        what = worded or ", ".join(sorted(one.slots & _DEBT_SLOTS))
        raise node.flaw(f"mentions_debt is false, but the text says {what!r}", "states")
    if states["mentions_debt"] and one.purpose in _THIRD_PERSON:
        raise node.flaw(f"purpose {one.purpose} never mentions a debt", "states")
    if states["states_identity"] and not one.slots & _IDENTITY_SLOTS:
        raise node.flaw(f"states_identity needs one of the slots {', '.join(sorted(_IDENTITY_SLOTS))}", "states")
    if states["states_lender"] and "lender" not in one.slots:
        raise node.flaw("states_lender needs the slot lender", "states")
    if one.purpose not in (Purpose.SERVICE, Purpose.ANSWER):
        for place in one.jurisdictions:
            needed, words = _STATED_IN.get(place, _STATED)
            if not all(states[name] for name in needed):
                raise node.flaw(f"purpose {one.purpose} must state {words}", "states")
    _check_fit(node, one)
    _check_spoken(node, one)
    _check_document(node, one)
    if "US" in one.jurisdictions:
        if states["after_cease_notice"] and one.purpose is not Purpose.NOTIFY:
            raise node.flaw("a notice after a request to cease is of purpose notify and nothing else", "purpose")
        _check_us(node, one)


def _check_document(node: Node, one: Claims) -> None:
    """What a document says at least, and that it is one which its jurisdictions know."""
    if one.document is not None:
        unknown = [place for place in one.jurisdictions if (place, one.document) not in NEEDED]
        if unknown:
            known = sorted(kind for place, kind in NEEDED if place == unknown[0])
            raise node.flaw(
                f"a {one.document} has no list of parts in {unknown[0]}; there are: {', '.join(known)}", "document"
            )
    if short := lacking(one.slots, parts(one.jurisdictions, one.document, one.channels, one.purpose)):
        missing = "; ".join(f"{part.means} ({', '.join(part.slots)})" for part in short)
        letter = Channel.LETTER in one.channels and one.purpose is Purpose.COLLECT
        kind = (one.document or ("dunning letter" if letter else "message about a debt")).replace("_", " ")
        raise node.flaw(f"a {kind} lacks: {missing}", "text")
    for lang, body in one.text.items():
        if found := _PICTURE.search(body):
            raise node.flaw(f"a text has no pictures, links or HTML of its own: {found.group()!r}", lang)


def _check_fit(node: Node, one: Claims) -> None:
    """What no text may do, and words that it cannot have without saying so of itself."""
    states = one.states
    if states["poses_as_authority"] or states["poses_as_lender"]:
        raise node.flaw("a text that poses as somebody else is not approved", "states")
    if barred := next((name for name in _BARRED if states[name]), ""):
        raise node.flaw(f"a text that {barred} is not approved", "states")
    for name, words in _SAYS.items():
        found = next((hit.group() for body in one.text.values() if (hit := words.search(body))), "")
        if found and not states[name]:
            raise node.flaw(f"{name} is false, but the text says {found!r}", "states")


def _check_spoken(node: Node, one: Claims) -> None:
    """A text that a machine speaks says so at once, and nothing about a debt before it is known who listens."""
    if Channel.ROBOT_CALL not in one.channels:
        return
    if one.channels != (Channel.ROBOT_CALL,):
        raise node.flaw(
            "a text for robot_call is for robot_call alone: no person says that a machine speaks", "channels"
        )
    if not one.states["states_machine"]:
        raise node.flaw("a text for robot_call states_machine: nobody is called by a machine that hides it", "states")
    for lang, body in one.text.items():
        parts = OPENING_ENDS.split(body)
        opening, rest = parts[0], parts[1:]
        if not _MACHINE_WORDS.search(opening):
            raise node.flaw(
                f"states_machine is claimed, but the opening ({lang}) does not say that a machine speaks", lang
            )
        if found := _DEBT_WORDS.search(opening) or next(
            (slot for slot in _SLOT.finditer(opening) if slot.group(1) in _DEBT_SLOTS), None
        ):
            raise node.flaw(
                f"the opening ({lang}) says {found.group()!r} before it is verified who listens; a line --- ends the "
                "opening",
                lang,
            )
        if "lender" in one.slots and "{lender}" not in opening:
            raise node.flaw(f"the opening ({lang}) does not say for whom the machine calls: {{lender}}", lang)
        if len(rest) > 1 or (one.purpose in _THIRD_PERSON and rest):
            raise node.flaw(f"the text ({lang}) has too many lines ---: one ends the opening, a relay has none", lang)
        if one.states["mentions_debt"] and not (rest and rest[0].strip()):
            raise node.flaw(
                f"the text ({lang}) says nothing after who listens is verified: a line --- ends the opening", lang
            )


def _check_us(node: Node, one: Claims) -> None:
    """12 CFR part 1006, as far as a text shows it; words are looked for in the English text, the one that is used."""
    english, states, slots = one.text["en"], one.states, one.slots
    needed, more = _LIMITED_SLOTS
    alone = one.purpose is Purpose.RELAY and one.channels == (Channel.CALL,)
    held = {
        "discloses_collector": bool(_COLLECTOR_WORDS.search(english)),
        "discloses_attempt": bool(_ATTEMPT_WORDS.search(english)),
        "opt_out_offered": "opt_out" in slots,
        "gives_validation": slots >= _VALIDATION_SLOTS and all(word.search(english) for word in _VALIDATION_WORDS),
        "limited_content": needed <= slots <= needed | more and alone and not states["mentions_debt"],
    }
    for name, true in held.items():
        if states[name] and not true:
            raise node.flaw(f"{name} is claimed, but the text does not have what that takes (docs/law-us.md)", "states")
    firm = _FIRM_SLOTS | {"lender"} if one.purpose is Purpose.LOCATE else _FIRM_SLOTS
    if slots & firm and not states["names_firm"]:
        raise node.flaw("names_firm is false, but the text has a slot for the firm", "states")
    if (found := _SUIT_WORDS.search(english)) and not states["names_suit"]:
        raise node.flaw(f"names_suit is false, but the text says {found.group()!r}", "states")
