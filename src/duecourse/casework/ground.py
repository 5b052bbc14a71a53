"""The facts of one contact: what the gate is asked about, reckoned from the rows that were read under lock.

A fact that no register, table or statement gives is missing, and the gate refuses where it needs it. Only of facts
whose register is the desk itself does silence mean no: what nobody put on record has not happened. What is reckoned
here goes before what somebody stated.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from duecourse.book.cases import HOLDS, UNREACHABLE_ATTEMPTS, UNREACHABLE_DAYS
from duecourse.book.propose import CONSENT
from duecourse.casework import counting
from duecourse.casework.counting import About, Made
from duecourse.casework.permit import PermitRequest, Sender
from duecourse.casework.staff import AGES, STANDS, sender_facts
from duecourse.law import once
from duecourse.law.clock import local
from duecourse.law.fact import Fact, Kind, Value, grown
from duecourse.law.facts import FACTS
from duecourse.law.silence import OF_THE_DEBT, OF_THE_DEBTOR, OF_THE_SENDER, SILENT
from duecourse.law.terms import LenderType, Relation, SenderType
from duecourse.storage.counters import COUNTERS, DAYS_BACK
from duecourse.storage.standing import REACH_DAYS, Standing

HOLD_FACTS = HOLDS | {
    "vulnerable": "vulnerable",
    "incapable": "capacity_limited",
    "represented": "attorney_known",
    "court_stay": "hold_court_stay",
    "complaint": "hold_complaint",
    "other": "hold_other",
    "storage_only": "storage_only",
}
"""The fact that each kind of hold sets."""

OF_THE_PERSON = frozenset({"bereavement", "deceased", "incapable", "insolvency", "vulnerable"})
"""Holds for what befalls the person: for all debts, even where one was named."""

RECKONED = frozenset(
    {
        "on", "second_local", "purpose", "moment", "channel", "relation", "lender_type", "sender_type",
        "contact_person_refused", "contact_point_valid", "wrong_number", "point_takes_text", "at_workplace",
        "number_mobile", "debt_collector", "debtor_unreachable", "debtor_dead", "debtor_incapable",
        "relation_proven", "named_by_debtor", "inheritance_renounced", "estate_left_minor", "guarantee_period_open",
        "days_past_due", "demand_minor", "information_consent", "visit_collectors", "visit_enters_private",
        once.MEDIUM,
        *HOLD_FACTS.values(), *COUNTERS, *STANDS, *AGES,
        *(one.name for one in FACTS.values() if one.source == "register of templates"),
    }
)  # fmt: skip
"""Facts that are reckoned from tables: nobody's word stands for them."""

STOP_CONFIRMED = "opt_out_confirmation_open"
"""The fact that lets the one confirmation of a stop go to the address that was stopped; `casework.confirming`."""

CONFIRMING: Mapping[str, Value] = {
    STOP_CONFIRMED: True, "asked_by_person": True, "address_basis": "used_by_person", "days_since_text_renewal": 0,
}  # fmt: skip
"""What a stop that somebody wrote from an address proves, for the one message that confirms it."""

BEGAN = datetime.fromtimestamp(0, UTC)
"""From when on rows count microseconds."""
_CALLS = frozenset({"call", "robot_call"})


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant, and the day and second of it by the law's own clock."""

    at: datetime
    day: date
    second: int
    zone: ZoneInfo

    def days_since(self, micros: int) -> int:
        """Local days from the day of an earlier instant."""
        return (self.day - local(BEGAN + timedelta(microseconds=micros), self.zone)[0]).days

    @property
    def micros(self) -> int:
        """The instant as rows have it: microseconds since 1970."""
        return micros(self.at)


def micros(at: datetime) -> int:
    """An instant in microseconds since 1970."""
    return (at - BEGAN) // timedelta(microseconds=1)


def is_lapsed(one: Made, now: datetime) -> bool:
    """Whether a reservation was not redeemed in time."""
    return one["state"] == "reserved" and one["expires"] is not None and one["expires"] <= micros(now)


def live(contacts: Sequence[Made], now: datetime, *, without: int | None = None) -> list[Made]:
    """The contacts that count at an instant: without lapsed reservations, and without the one that is asked about."""
    return [one for one in contacts if one["contact_id"] != without and not is_lapsed(one, now)]


def relation(standing: Standing, loans: Sequence[int], day: date) -> Relation | None:
    """What the person is to all of the loans: the closest tie to each; None where they are not the same."""
    ties = _ties(standing, day)
    if not ties:
        return Relation.OTHER
    found = {_closest(ties.get(loan, [])) for loan in loans}
    return found.pop() if len(found) == 1 else None


def facts(
    standing: Standing,
    request: PermitRequest,
    contacts: Sequence[Made],
    moment: Moment,
    *,
    text: Mapping[str, Value],
    asked: Collection[str] = COUNTERS,
) -> dict[str, Value | None]:
    """Every fact that is known of the contact, but for the clock's; ``contacts`` are the live ones.

    Of the counters only those among ``asked`` are counted.
    """
    what = relation(standing, request.loan_keys, moment.day)
    point = standing.point or [None] * 8
    base = {**SILENT, **_of_lender(standing, request, moment)}
    known: dict[str, Value | None] = {
        **base,
        **_stated(standing, request, contacts, moment, base),
        **text,
        "moment": "permit",
        "channel": request.channel.value,
        "relation": what.value if what else None,
        "lender_type": standing.lender_type,
        "sender_type": request.sender.type.value,
        "contact_person_refused": standing.refused,
        "contact_point_valid": point[3] == "ok" and not point[5],
        "wrong_number": point[3] == "wrong",
        "point_takes_text": point[4],
        "at_workplace": point[6] == "work",
        "number_mobile": {"mobile": True, "fixed": False}.get(str(point[7])),
        "debt_collector": _collects_for_another(standing, request),
        "debtor_unreachable": _unreachable(standing, contacts, moment.day),
        **_party(standing, request, what, moment.day),
        **_holds(standing, request, moment),
        **counting.count(contacts, About(moment.day, point[1], request.loan_keys, request.sender.firm), asked),
        **sender_facts(standing.records, request.sender, moment.day),
        **_notices(standing, request, contacts, moment),
    }
    if known.get(STOP_CONFIRMED) and not (point[3] == "stopped" and not point[5] and text.get("confirms_stop")):
        known[STOP_CONFIRMED] = None
    if standing.snapshot is not None:
        known |= {"days_past_due": standing.snapshot[0], "demand_minor": standing.snapshot[1]}
    if request.visit is not None:
        known |= {
            "visit_collectors": request.visit.collectors,
            "visit_enters_private": request.visit.enters_private,
        }
    return known


def _collects_for_another(standing: Standing, request: PermitRequest) -> bool | None:
    """Whether the sender collects what is owed to another; not known of a lender that bought the claim."""
    if request.sender.type is not SenderType.LENDER:
        return True
    return None if standing.lender_type == LenderType.TRANSFEREE else False


def _ties(standing: Standing, day: date) -> dict[int, list[list[Any]]]:
    """The ties that hold on a day, by loan."""
    found: dict[int, list[list[Any]]] = {}
    for tie in standing.ties:
        if date.fromisoformat(tie[2]) <= day and (tie[3] is None or day < date.fromisoformat(tie[3])):
            found.setdefault(tie[0], []).append(tie)
    return found


_CLOSENESS = {one.value: place for place, one in enumerate(Relation)}


def _closest(ties: Iterable[list[Any]]) -> Relation | None:
    return min((Relation(tie[1]) for tie in ties), key=lambda one: _CLOSENESS[one], default=None)


def _party(standing: Standing, request: PermitRequest, what: Relation | None, day: date) -> dict[str, Value | None]:
    """The facts of the ties in which the person is addressed; of several loans, what holds for all of them."""
    if what is None or what is Relation.OTHER:
        return {"relation_proven": False, "named_by_debtor": False}
    held = _ties(standing, day)
    ties = [tie for loan in request.loan_keys for tie in held.get(loan, []) if tie[1] == what]
    until = [None if tie[5] is None else date.fromisoformat(tie[5]) for tie in ties]
    left = [tie[8] for tie in ties]
    proven = [tie[4] is not None and (last is None or day <= last) for tie, last in zip(ties, until, strict=True)]
    found: dict[str, Value | None] = {
        "relation_proven": what is Relation.BORROWER or all(proven),
        "named_by_debtor": all(tie[6] for tie in ties),
        "information_consent": all(proven) and all(tie[4] == CONSENT for tie in ties),
        "inheritance_renounced": any(tie[7] is not None and date.fromisoformat(tie[7]) <= day for tie in ties),
        "estate_left_minor": None if None in left else min(left),
    }
    if what is Relation.GUARANTOR and None not in until:
        found["guarantee_period_open"] = all(last is not None and day <= last for last in until)
    return found


def _stands(begins: int, ends: int | None, moment: Moment) -> bool:
    return begins <= moment.micros and (ends is None or moment.micros < ends)


def _holds(standing: Standing, request: PermitRequest, moment: Moment) -> dict[str, Value]:
    """A hold counts if it is the person's or the debtor's, for all debts or for one that the contact is about.

    Who has died, whichever debt it was learnt with, has died.
    """
    found: dict[str, Value] = {"debtor_dead": False, "debtor_incapable": False}
    for debtors, kind, loan, begins, ends in standing.holds:
        of_another = loan is not None and loan not in request.loan_keys and kind not in OF_THE_PERSON
        if of_another or not _stands(begins, ends, moment):
            continue
        if kind in HOLD_FACTS:
            found[HOLD_FACTS[kind]] = True
        if debtors and kind == "deceased":
            found["debtor_dead"] = True
        if debtors and kind == "incapable":
            found["debtor_incapable"] = True
    return found


def _of_lender(standing: Standing, request: PermitRequest, moment: Moment) -> dict[str, Value | None]:
    """What the lender said once of all its claims, and of the lines of whoever sends; the latest known."""
    found: dict[str, Value | None] = {}
    for name, value, firm, begins, ends in standing.of_lender:
        its_own = firm == request.sender.firm
        if (
            name in FACTS
            and (its_own if FACTS[name].source in OF_THE_SENDER else not firm)
            and _stands(begins, ends, moment)
        ):
            found[name] = date.fromisoformat(value) if FACTS[name].kind is Kind.DATE else value
    return found


@dataclass(frozen=True, slots=True)
class _Said:
    """A statement that holds for a request at a moment."""

    fact: Fact
    value: Any  # as JSON has it
    loan: int | None  # the one debt that it is about
    begins: int  # in microseconds
    for_one: bool  # for this very request, and no other

    def read(self, moment: Moment) -> Value:
        """What it says by now."""
        if self.fact.ages:
            return grown(self.fact, self.value, moment.micros - self.begins)
        value: Value = date.fromisoformat(self.value) if self.fact.kind is Kind.DATE else self.value
        return value


def _on_record(standing: Standing, request: PermitRequest, moment: Moment) -> Iterator[_Said]:
    """What was put on record and holds now, the latest known last.

    What is said of a person (a place, an hour) holds for whoever said it; what is said of a debt, for all; and a
    consent that is given to one house for that house alone. A withdrawal that names no house is from all.
    """
    owes = standing.root_id in {root for _loan, _person, root in standing.borrowers}
    for name, value, loan, begins, ends, opens, closes, bound_to, own, firm in standing.stated:
        if name not in FACTS or not (own or FACTS[name].source in OF_THE_DEBT):
            continue
        source = FACTS[name].source
        if own and not owes and (source == OF_THE_DEBTOR or (source in OF_THE_DEBT and loan is None)):
            continue  # what others say of debts is of those that they name, or of their own
        elsewhere = loan is not None and loan not in request.loan_keys
        other_hours = opens is not None and not _within(moment.second, opens, closes)
        another = bound_to is not None and bound_to != bound(request.sender, request.idempotency_key)
        withdrawn = value is False and not firm
        anothers = name in once.GIVEN_TO and firm != request.sender.firm and not withdrawn
        if not (elsewhere or other_hours or another or anothers) and _stands(begins, ends, moment):
            yield _Said(FACTS[name], value, loan, begins, bound_to is not None)


def _stated(
    standing: Standing,
    request: PermitRequest,
    contacts: Sequence[Made],
    moment: Moment,
    base: Mapping[str, Value | None],
) -> dict[str, Value | None]:
    """What was put on record and holds now; of several statements of one fact the latest known.

    What is said of one debt is said of no other: of a contact about several it holds what is strictest of theirs, where
    nothing was said of one what ``base`` has. The one answer in a refused medium is open by the contacts alone.
    """
    loans = request.loan_keys
    found: dict[str, dict[int, Value]] = {}
    refused_at: dict[tuple[str, int], int | None] = {}
    refusals = once.refusals(request.channel.value)
    for said in _on_record(standing, request, moment):
        name, value = said.fact.name, _holds_still(said, standing, request, contacts, moment)
        by_loan = found.setdefault(name, {})
        for loan in loans if said.loan is None else (said.loan,):
            by_loan[loan] = value
            if name in refusals:
                refused_at[name, loan] = said.begins if said.value else None
    since = max((at for at in refused_at.values() if at is not None), default=None)
    opened = since is not None and once.medium_open(
        contacts, channel=request.channel.value, since=since, firm=request.sender.firm
    )
    known = {
        name: FACTS[name].strictest(by_loan.get(loan, base.get(name)) for loan in loans)
        for name, by_loan in found.items()
    }
    return {**known, once.MEDIUM: opened}


def _holds_still(
    said: _Said, standing: Standing, request: PermitRequest, contacts: Sequence[Made], moment: Moment
) -> Value:
    """What a statement says by now; what a contact uses up holds until one did."""
    if said.value is not True or said.for_one:
        return said.read(moment)
    days = moment.days_since(said.begins)
    match said.fact.name:
        case once.CONSENT:
            return once.consent_stands(contacts, since=said.begins, days=days, firm=request.sender.firm)
        case once.QUESTION:
            return once.question_open(contacts, since=said.begins, days=days)
        case once.REQUIRED:
            return once.required_open(contacts, since=said.begins, days=days)
        case once.LOCATION:
            return once.location_open(contacts, since=said.begins, days=days)
        case once.RELEASED:
            known = [begins for _, kind, _loan, begins, _ends in standing.holds if kind == "represented"]
            return all(begins <= said.begins for begins in known)
    return said.read(moment)


def _notices(
    standing: Standing, request: PermitRequest, contacts: Sequence[Made], moment: Moment
) -> dict[str, Value | None]:
    """Whether a notice such as this one went out since the person asked that contact cease.

    Contacts are read some weeks back. Of what was sent before that only somebody's word tells; without it that is not
    known.
    """
    ceased = [
        begins
        for _, kind, loan, begins, ends in standing.holds
        if kind == "cease" and _stands(begins, ends, moment) and (loan is None or loan in request.loan_keys)
    ]
    if not ceased:
        return {}
    since = min(ceased)
    said = [one for one in _on_record(standing, request, moment) if one.fact.name == once.NOTICE]
    if any(one.value is True and one.begins >= since for one in said) or once.notice_sent(
        contacts, since=since, loans=request.loan_keys, template=request.template_id
    ):
        return {once.NOTICE: True}
    not_sent = [one for one in said if one.value is False]
    told = min(
        max([since, *(one.begins for one in not_sent if one.loan in (None, loan))]) for loan in request.loan_keys
    )
    return {once.NOTICE: False if moment.days_since(told) <= DAYS_BACK else None}


def _within(second: int, opens: int, closes: int) -> bool:
    """Whether a second of the day lies within hours, which may go over midnight.

    >>> [_within(hour * 3600, 22 * 3600, 8 * 3600) for hour in (21, 22, 0, 7, 8)]
    [False, True, True, True, False]
    """
    return opens <= second < closes if opens < closes else second >= opens or second < closes


def bound(sender: Sender, key: str) -> str:
    """How a fact on record names the one request that it holds for: the sender's house and the idempotency key."""
    return f"{sender.type}:{sender.firm} {key}"


def _unreachable(standing: Standing, contacts: Sequence[Made], day: date) -> bool:
    """Whether each of the debtors' own valid numbers was tried often enough on enough days, and nobody ever answered.

    The same reading as the day run's (`book.cases`): calls of the days before, none of today.
    """
    if not standing.numbers:
        return False
    first = day - timedelta(days=REACH_DAYS)
    own = [one for one in contacts if one["with_debtor"] and one["about_debtor"] and first <= one["local_day"] < day]
    calls = [one for one in own if one["direction"] == "out" and one["channel"] in _CALLS]
    if any(one["direction"] == "in" for one in own) or any(one["answered"] for one in calls):
        return False
    for number in set(standing.numbers):
        tried = [one["local_day"] for one in calls if one["point_index"] == number]
        if len(tried) < UNREACHABLE_ATTEMPTS or len(set(tried)) < UNREACHABLE_DAYS:
            return False
    return True
