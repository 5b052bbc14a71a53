"""Putting a fact on record that the gate asks and no table gives: a time agreed, a question asked, a consent.

An officer's override is such a fact too, for one request and no other; which rules it lifts is the packs' matter, and
their loader lets it stand only where the text says should or should not.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from duecourse.casework.actor import Actor, Role
from duecourse.casework.ground import RECKONED, STOP_CONFIRMED, bound
from duecourse.casework.permit import Sender
from duecourse.casework.staff import check_firm
from duecourse.casework.their_loan import check_their_loan
from duecourse.law import once
from duecourse.law.fact import Fact, Kind, Value, nearest
from duecourse.law.facts import FACTS
from duecourse.storage import log, persons, stated
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Refused, Said

FIELD = "stated"
"""Under which a reason is sealed."""

OVERRIDE = "officer_override"
OVERRIDE_LIVES = timedelta(hours=24)
"""How long an override may wait for its request."""


class NotStated(BadInput):
    """A fact that is not put on record this way."""


class UnknownFact(NotStated):
    """A word that the vocabulary does not have."""

    def __init__(self, fact: str) -> None:
        like = nearest(fact, list(FACTS))
        super().__init__(
            N_("the fact {fact} was not put on record: it is no word of the law's vocabulary{like}"),
            fact=fact, like=like,
        )  # fmt: skip


class NotAValue(NotStated):
    """A value that the fact cannot have."""

    def __init__(self, fact: str, value: Value) -> None:
        super().__init__(
            N_("the fact {fact} was not put on record: {value} is not a value it can have; it takes {takes}"),
            fact=fact, value=repr(value), takes=takes(FACTS[fact]),
        )  # fmt: skip


def takes(fact: Fact) -> Said:
    """Which values a fact can have, in words."""
    match fact.kind:
        case Kind.BOOL:
            return Said(N_("true or false"))
        case Kind.DATE:
            return Said(N_("a day such as 2026-03-01"))
        case Kind.WORD:
            return Said(N_("one of {options}"), options=", ".join(fact.options))
    if fact.high is not None:
        return Said(N_("a whole number from {low} to {high}"), low=fact.low or 0, high=fact.high)
    if fact.low is not None:
        return Said(N_("a whole number, at least {low}"), low=fact.low)
    return Said(N_("a whole number"))


class NotAnOfficer(Refused):
    """Somebody overrides who may not."""

    def __init__(self, actor: Actor) -> None:
        super().__init__(
            N_("{actor} may not override a recommendation; a compliance officer does, with a reason"), actor=actor
        )


def read_value(text: str) -> Value:
    """A value as files and command lines have it: true, false, a whole number, a day, or a word.

    >>> read_value("true"), read_value("scotland")
    (True, 'scotland')
    """
    if text in ("true", "false"):
        return text == "true"
    if text.lstrip("-").isdecimal() and text.isascii():
        return int(text)
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def state_fact(
    tx: Tx,
    *,
    vault: Vault,
    person_id: int,
    fact: str,
    value: Value,
    source: str,
    actor: Actor,
    now: datetime,
    from_at: datetime | None = None,
    until: datetime | None = None,
    loan_key: int | None = None,
    seconds: tuple[int, int] | None = None,
    reason: str | None = None,
    firm: str = "",
) -> int:
    """Put a fact about a person, or about one debt, on record; returns its id. ``source`` names the proof.

    ``seconds`` are those of the local day between which it holds, over midnight where the first is the later one.
    ``firm`` names the outside firm to which a consent was given; without it the lender itself may use it.
    Raises `NotStated`, `NotTheirLoan`, `staff.UnknownFirm`, `persons.NoSuchPerson`.
    """
    if fact not in FACTS:
        raise UnknownFact(fact)
    if fact in RECKONED:
        raise NotStated(
            N_("the fact {fact} was not put on record: it is reckoned ({source}) and takes nobody's word"),
            fact=fact, source=FACTS[fact].source,
        )  # fmt: skip
    if fact == OVERRIDE:
        raise NotStated(N_("an override is given for one request: `duecourse permit override`"))
    if fact == STOP_CONFIRMED:
        raise NotStated(
            N_("the fact {fact} was not put on record: a stop that somebody wrote opens it, and nobody's word"),
            fact=fact,
        )
    if FACTS[fact].read(value) is None:
        raise NotAValue(fact, value)
    begins = from_at or now
    if until is not None and until <= begins:
        raise NotStated(
            N_("the fact {fact} was not put on record: it would end ({until}) before it begins ({begins})"),
            fact=fact, until=until.isoformat(), begins=begins.isoformat(),
        )  # fmt: skip
    if begins > now and fact in once.NO_PLAN:
        raise NotStated(
            N_("the fact {fact} was not put on record: it begins with what the person said, not later ({begins})"),
            fact=fact, begins=begins.isoformat(),
        )  # fmt: skip
    if seconds is not None and seconds[0] == seconds[1]:
        raise NotStated(
            N_("the fact {fact} was not put on record: its hours begin and end at once; leave them out for whole days"),
            fact=fact,
        )
    if firm and fact not in once.GIVEN_TO:
        raise NotStated(
            N_("the fact {fact} was not put on record: it is said to no one house, so leave the firm out"), fact=fact
        )
    check_firm(tx, firm)
    check_their_loan(tx, person_id, loan_key)
    return _write(
        tx, vault=vault, person_id=person_id, fact=fact, value=value, source=source, actor=actor, now=now,
        from_at=begins, until=until, loan_key=loan_key, seconds=seconds, bound_to=None, reason=reason,
        firm=firm if fact in once.GIVEN_TO else None,
    )  # fmt: skip


def override(
    tx: Tx,
    *,
    vault: Vault,
    person_id: int,
    sender: Sender,
    key: str,
    reason: str,
    actor: Actor,
    clock: Callable[[], datetime],
) -> int:
    """A compliance officer lets one request pass what only recommends; returns the fact's id.

    ``key`` is the idempotency key that the request will bear. Raises `NotAnOfficer`, `NotStated` without a reason.
    """
    if actor.role is not Role.COMPLIANCE:
        raise NotAnOfficer(actor)
    if not reason.strip():
        raise NotStated(N_("an override needs a reason"))
    now = clock()
    return _write(
        tx, vault=vault, person_id=person_id, fact=OVERRIDE, value=True, source="override", actor=actor, now=now,
        from_at=now, until=now + OVERRIDE_LIVES, loan_key=None, seconds=None, bound_to=bound(sender, key),
        reason=reason,
    )  # fmt: skip


def state_for(
    tx: Tx,
    *,
    vault: Vault,
    person_id: int,
    fact: str,
    value: Value,
    sender: Sender,
    key: str,
    source: str,
    until: datetime,
    actor: Actor,
    now: datetime,
) -> int:
    """Put on record what holds for one request alone, until an instant; for acts that saw it themselves."""
    return _write(
        tx, vault=vault, person_id=person_id, fact=fact, value=value, source=source, actor=actor, now=now, from_at=now,
        until=until, loan_key=None, seconds=None, bound_to=bound(sender, key), reason=None,
    )  # fmt: skip


def end_fact(tx: Tx, *, vault: Vault, person_id: int, stated_id: int, actor: Actor, now: datetime) -> None:
    """End a fact that stands; raises `NotStated` if there is none."""
    if not stated.end(tx, person_id=person_id, stated_id=stated_id, to_at=now, ended_by=str(actor)):
        raise NotStated(
            N_("person {person} has no fact of this number that stands: {number}"), person=person_id, number=stated_id
        )
    key = vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
    log.append(
        tx, vault=vault, kind="fact.ended", at=now, actor=str(actor), subject=key, stated={"stated": str(stated_id)}
    )


def _write(
    tx: Tx,
    *,
    vault: Vault,
    person_id: int,
    fact: str,
    value: Value,
    source: str,
    actor: Actor,
    now: datetime,
    from_at: datetime,
    until: datetime | None,
    loan_key: int | None,
    seconds: tuple[int, int] | None,
    bound_to: str | None,
    reason: str | None,
    firm: str | None = None,
) -> int:
    key = vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
    plain = value.isoformat() if isinstance(value, date) else value
    stated_id = stated.add(
        tx, person_id=person_id, fact=fact, value=plain, from_at=from_at, to_at=until, source=source,
        actor=str(actor), now=now, loan_key=loan_key, seconds=seconds, bound_to=bound_to, firm=firm,
        reason_sealed=vault.seal(key, FIELD, reason) if reason else None,
    )  # fmt: skip
    log.append(
        tx, vault=vault, kind="fact.stated", at=now, actor=str(actor), subject=key,
        stated={"stated": str(stated_id), "fact": fact, "kind": FACTS[fact].kind.value},
        facts={"value": plain, "source": source, "reason": reason, "bound_to": bound_to, "firm": firm},
    )  # fmt: skip
    return stated_id
