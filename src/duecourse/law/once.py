"""What holds once: a consent that a conversation uses up, a question that an answer closes, a notice sent once.

Somebody's word begins it and the contacts made since end it, so it is reckoned at the moment of asking, by the gate and
by scenarios alike. Live reservations count as made: what is permitted may still become the conversation or the answer.

Contacts are rows with the columns of the counters, and ``with_person``, ``agency``, ``loan_keys``, ``template_id`` and
``at``; instants are microseconds since 1970. A contact at the very instant counts as made since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from duecourse.law.terms import Channel, Purpose

CONSENT = "call_consent_direct"
QUESTION = "asked_by_person"
MEDIUM = "medium_answer_open"
NOTICE = "cease_notice_sent"
REQUIRED = "medium_required_by_law"
LOCATION = "location_again_open"

RELEASED = "attorney_released"
"""An attorney let the person be contacted: said of those who were known then, and of none who became known later."""

USED_UP = frozenset({CONSENT, QUESTION, MEDIUM, REQUIRED, LOCATION})
"""Facts that are true until they are used up."""

NO_PLAN = USED_UP | {RELEASED}
"""Facts on which no plan rests: whether they hold is reckoned when the contact is asked for."""

GIVEN_TO = frozenset({
    CONSENT, "direct_consent", "direct_consent_attorney", "direct_consent_work", "debtor_direct_consent",
})  # fmt: skip
"""Consents that hold for the one house to which the person gave them: the lender itself, or one outside firm."""

CONSENT_DAYS = 7
"""12 CFR 1006.14(b)(3)(i): local days on which the consent holds, its own day the first."""

OPEN_DAYS = 30
"""House parameter: local days after which a question that nobody answered, or another word on which nobody acted, is to
be said anew, its own day the first. What was used before that is forgotten sooner than contacts are read back."""

TRIES_MAX = 3
"""House parameter: calls that may try to answer one question, where nobody picks up the phone."""

REFUSED = "medium_refused"
"""The person asked not to be contacted by a medium, and named none: it holds for every one."""

STOPS: Mapping[str, tuple[str, ...]] = {
    "no_calls": ("call", "robot_call"),
    "no_texts": ("sms", "mms_image"),
    "no_emails": ("email",),
    "no_pushes": ("push", "im"),
    "no_letters": ("letter", "lawyer_letter"),
    "no_visits": ("visit",),
}
"""Facts by which a way of contact is stopped, and the channels that each stops."""

OWN = "own."
"""How the names of a lender's own texts begin."""

CALLS = frozenset({Channel.CALL.value, Channel.ROBOT_CALL.value})
_TEXTS = frozenset({Channel.SMS.value, Channel.MMS_IMAGE.value})

Rows = Iterable[Mapping[str, Any]]


def consent_stands(contacts: Rows, *, since: int, days: int, firm: str | None) -> bool:
    """Whether a consent to be called still holds for the house it was given to, ``days`` local days after its own.

    It ends with the first telephone conversation, whoever began it; without a known house with anybody's.
    """
    return days < CONSENT_DAYS and not any(
        one["channel"] in CALLS and one["talked"] and (firm is None or (one["agency"] or "") == firm)
        for one in _since(contacts, since)
    )


def question_open(contacts: Rows, *, since: int, days: int) -> bool:
    """Whether a question is open ``days`` local days after its own: nobody has answered it yet.

    The first answer made closes it, whether or not it came back. A call that nobody picked up is no answer; of such
    calls there are `TRIES_MAX`.
    """
    answers = [one for one in _ours(contacts, since) if one["purpose"] == Purpose.ANSWER]
    return (
        days < OPEN_DAYS
        and len(answers) < TRIES_MAX
        and all(one["channel"] in CALLS and not one["answered"] for one in answers)
    )


def medium_open(contacts: Rows, *, channel: str, since: int, firm: str) -> bool:
    """Whether the person used a medium towards this house after having refused it, and has not been answered in it."""
    rows = list(contacts)
    used = [
        one["at"]
        for one in rows
        if one["with_person"] and one["direction"] == "in" and one["at"] > since
        and one["channel"] == channel and (one["agency"] or "") == firm
    ]  # fmt: skip
    return bool(used) and not any(_alike(one["channel"], channel) for one in _ours(rows, max(used)))


def refusals(channel: str) -> frozenset[str]:
    """The facts by which a person may have refused the medium of a channel.

    >>> sorted(refusals("sms")), sorted(refusals("portal"))
    (['medium_refused', 'no_texts'], ['medium_refused'])
    """
    return frozenset({REFUSED, *(fact for fact, stopped in STOPS.items() if channel in stopped)})


def required_open(contacts: Rows, *, since: int, days: int) -> bool:
    """Whether what a law requires to be sent in a refused medium is still to be sent: the first contact was it."""
    return days < OPEN_DAYS and not any(_ours(contacts, since))


def location_open(contacts: Rows, *, since: int, days: int) -> bool:
    """Whether a third person may be asked again where the debtor is: once for each time that there is reason to."""
    return days < OPEN_DAYS and all(one["purpose"] != Purpose.LOCATE for one in _ours(contacts, since))


def notice_sent(contacts: Rows, *, since: int, loans: Iterable[int], template: str) -> bool:
    """Whether a notice of the same kind went to the person about one of these loans.

    Which of them a lender's own text is, or one that another system sent, no name tells: it may be any.
    """
    about, asked = set(loans), kind_of_notice(template)
    return any(
        not about.isdisjoint(one["loan_keys"])
        and (_may_be(one["template_id"], asked) if one["purpose"] == Purpose.NOTIFY else one["template_id"] == template)
        for one in _ours(contacts, since)
    )


def _may_be(sent: str | None, asked: str) -> bool:
    """Whether a notice was of a kind; what a lender's own text says, or one that another system sent, nobody knows."""
    return sent is None or OWN in (sent[:4], asked[:4]) or kind_of_notice(sent) == asked


def kind_of_notice(template: str) -> str:
    """Which notice a text is, on whichever channel.

    >>> kind_of_notice("us.cease.ends.letter"), kind_of_notice("farewell")
    ('us.cease.ends', 'farewell')
    """
    stem, _, last = template.rpartition(".")
    return stem if last in set(Channel) else template


def _since(contacts: Rows, since: int) -> list[Mapping[str, Any]]:
    return [one for one in contacts if one["with_person"] and one["at"] >= since]


def _ours(contacts: Rows, since: int) -> list[Mapping[str, Any]]:
    return [one for one in _since(contacts, since) if one["direction"] == "out"]


def _alike(one: str, other: str) -> bool:
    return one == other or {one, other} <= CALLS or {one, other} <= _TEXTS
