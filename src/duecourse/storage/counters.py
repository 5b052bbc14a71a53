"""The counters of law over contacts: one table says what each counts, and everybody who counts reads it.

Each counter is a fact of the law (source "contact counters"). ``where`` is SQL over `COLUMNS`: PostgreSQL evaluates the
text itself when it counts for a whole day run, and `casework.counting` compiles the same text to count for one contact
under lock. So the gate and the day run cannot drift apart.

Counting is conservative: a live reservation counts as used, and a contact that was made and never reported counts as
attempt, as answered and as a conversation. A reservation that was not redeemed by ``expires_at`` has lapsed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import LiteralString

COLUMNS = (
    "channel", "purpose", "relation", "direction", "answered", "unanswered", "talked", "placed", "at_work",
)  # fmt: skip
"""What a ``where`` may ask: columns of the view ``counted_contact``, each always known.

``answered`` and ``unanswered`` are both true of a contact without outcome. ``talked``: a human answered. ``placed``: it
reached the number, which an engaged or dead line does not. ``at_work``: at the number or address of a place of work.
"""

LIVE: LiteralString = "state <> 'released' AND (state <> 'reserved' OR expires_at IS NULL OR expires_at > {now})"
"""What counts at all; ``{now}`` stands for the instant asked."""


class Over(StrEnum):
    """What a counter attaches to."""

    PERSON = "person"  # the person contacted
    POINT = "point"  # the number or mailbox, whoever holds it
    DEBTOR = "debtor"  # the person whose debt it is about, over all parties, and the person contacted
    DEBT = "debt"  # the person contacted and one debt; of several debts the one that counts most
    LOCATED = "located"  # the person contacted and the debtor who is looked for


class Gives(StrEnum):
    """What a counter gives."""

    COUNT = "count"  # how many contacts
    DAYS_SINCE = "days_since"  # days from the latest one to the day asked


@dataclass(frozen=True, slots=True)
class Counter:
    """One counter: ``days`` natural days by the law's clock, the day asked included; `EVER`: all that is known."""

    over: Over
    days: int
    where: LiteralString
    gives: Gives = Gives.COUNT
    same_sender: bool = False  # only contacts of the same collector: the lender, or one agency


EVER = 100_000
CONVERSATION_DAYS = 35
"""How far back the latest conversation is looked for; no law asks for one longer ago than 7 days."""

_OUT_CALL: LiteralString = "direction = 'out' AND channel IN ('call', 'robot_call')"

_TOWARDS: LiteralString = "direction = 'out' AND channel NOT IN ('letter', 'lawyer_letter', 'portal')"
_PHONE: LiteralString = "direction = 'out' AND channel IN ('call', 'robot_call', 'sms', 'mms_image') AND placed"

COUNTERS: dict[str, Counter] = {
    # GB/T 45251-2025 5.3, per debtor: calls that we started and that were answered, with the debtor about anything or
    # with anybody about his debts; and those with the person contacted. A callback that the person asked for (purpose
    # answer) is not ours; nor is a call of the person's own.
    "connected_calls_person_day": Counter(Over.DEBTOR, 1, f"{_OUT_CALL} AND answered AND purpose <> 'answer'"),
    "unanswered_attempts_number_day": Counter(Over.POINT, 1, f"{_OUT_CALL} AND unanswered"),
    "sms_person_day": Counter(Over.PERSON, 1, "direction = 'out' AND channel IN ('sms', 'mms_image')"),
    "push_person_day": Counter(Over.PERSON, 1, "direction = 'out' AND channel = 'push'"),
    # Attempts on a person by the lender and all agencies together.
    "attempts_person_day": Counter(Over.PERSON, 1, _TOWARDS),
    "attempts_person_7d": Counter(Over.PERSON, 7, _TOWARDS),
    # What asks for something; a notice, an answer or a letter about something else presses nobody.
    "letters_person_7d": Counter(
        Over.PERSON,
        7,
        "direction = 'out' AND channel IN ('letter', 'lawyer_letter') "
        "AND purpose NOT IN ('service', 'notify', 'answer')",
    ),
    # 12 CFR 1006.14(b)(2): of one collector, by person and debt; busy and dead lines do not count, conversations do
    # whoever began them. A call within a direct consent need not count; it does here, since nobody marks it.
    "call_attempts_debt_7d": Counter(Over.DEBT, 7, f"{_OUT_CALL} AND placed", same_sender=True),
    "days_since_conversation_debt": Counter(
        Over.DEBT, CONVERSATION_DAYS, "channel IN ('call', 'robot_call') AND talked", Gives.DAYS_SINCE, same_sender=True
    ),
    # New York City and Massachusetts: contacts and attempts of one sender about one debt.
    "contacts_debt_7d": Counter(Over.DEBT, 7, "direction = 'out'", same_sender=True),
    "contacts_work_debt_7d": Counter(Over.DEBT, 7, "direction = 'out' AND at_work", same_sender=True),
    "phone_contacts_debt_7d": Counter(Over.DEBT, 7, f"{_PHONE} AND NOT at_work", same_sender=True),
    "phone_contacts_work_debt_30d": Counter(Over.DEBT, 30, f"{_PHONE} AND at_work", same_sender=True),
    "visits_debt_30d": Counter(Over.DEBT, 30, "direction = 'out' AND channel = 'visit'", same_sender=True),
    "robot_calls_number_30d": Counter(Over.POINT, 30, "direction = 'out' AND channel = 'robot_call'"),
    # 15 USC 1692b(3): how often a third person was asked where the debtor is, ever.
    "location_contacts_person": Counter(Over.LOCATED, EVER, "direction = 'out' AND purpose = 'locate'"),
}
"""Every counter, by the fact that it gives."""

ATTEMPTS: LiteralString = "direction = 'out'"
"""Every contact that we started, on any channel."""

DAYS_BACK = max(counter.days for counter in COUNTERS.values() if counter.days < EVER)
"""How far back anything is counted, in days, but for what is counted for ever."""


def source(now: LiteralString) -> LiteralString:
    """The live contacts of a lender with `COLUMNS`, as a subselect; ``now`` is SQL for the instant asked."""
    return "(SELECT * FROM counted_contact WHERE lender_id = %(lender)s AND " + LIVE.replace("{now}", now) + ")"
