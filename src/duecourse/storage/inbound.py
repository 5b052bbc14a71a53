"""What came in from people: who wrote, to whom it belongs, what it answers; the text is sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import LiteralString

from duecourse.storage.connection import Tx
from duecourse.storage.vault import Wrapped
from duecourse.trouble import N_, BadInput

ANSWERS_WITHIN = timedelta(days=30)
"""A text answers the last one that we sent to its sender on that channel, if that is no longer ago."""


class NoSuchInbound(BadInput):
    """A number that nothing which came in has."""

    def __init__(self, inbound_id: int) -> None:
        super().__init__(
            N_("nothing that came in has the number {number}; `duecourse inbound list` shows the latest"),
            number=inbound_id,
        )


def field_name(inbound_id: int) -> str:
    """The name under which a text is sealed to its row by its person's key."""
    return f"inbound/{inbound_id}"


def owner(inbound_id: int) -> str:
    """Under which name a text is sealed while nobody knows whose it is."""
    return f"inbound:{inbound_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundRow:
    """A row of ``inbound`` but for what is sealed in it."""

    inbound_id: int
    channel: str
    provider_ref: str
    at: datetime
    received_at: datetime
    received_by: str
    sender_masked: str
    receiver: str | None
    characters: int
    unplaced: str | None
    person_id: int | None
    debtor_id: int | None
    case_id: int | None
    contact_point_id: int | None
    contact_id: int | None
    answers: int | None
    other_sender: bool
    placed_at: datetime | None
    placed_by: str | None
    dismissed_at: datetime | None
    dismissed_by: str | None
    sender_index: bytes | None = field(repr=False)

    @property
    def state(self) -> str:
        """landed, unplaced, or dismissed."""
        if self.dismissed_at is not None:
            return "dismissed"
        return "unplaced" if self.person_id is None else "landed"


_COLUMNS: LiteralString = (
    "inbound_id, channel, provider_ref, at, received_at, received_by, sender_masked, receiver, characters, unplaced, "
    "person_id, debtor_id, case_id, contact_point_id, contact_id, answers, other_sender, placed_at, placed_by, "
    "dismissed_at, dismissed_by, sender_index"
)


def lock(tx: Tx, channel: str, provider_ref: str) -> None:
    """Take the lock of a provider's name, so that of two who bring the same text at once one waits."""
    tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 175))", (f"{tx.lender_id}\n{channel}\n{provider_ref}",)
    )


def of_ref(tx: Tx, channel: str, provider_ref: str) -> InboundRow | None:
    """What came in under a provider's name before."""
    return tx.row(
        InboundRow,
        "SELECT " + _COLUMNS + " FROM inbound WHERE lender_id = %s AND channel = %s AND provider_ref = %s",
        (tx.lender_id, channel, provider_ref),
    )


def get(tx: Tx, inbound_id: int, *, held: bool = False) -> InboundRow:
    """One that came in, its row held until the end where that is asked; raises `NoSuchInbound`."""
    locked: LiteralString = " FOR UPDATE" if held else ""
    found = tx.row(
        InboundRow,
        "SELECT " + _COLUMNS + " FROM inbound WHERE lender_id = %s AND inbound_id = %s" + locked,
        (tx.lender_id, inbound_id),
    )
    if found is None:
        raise NoSuchInbound(inbound_id)
    return found


def sealed(tx: Tx, inbound_id: int) -> tuple[str | None, bytes | None]:
    """The key of the ring, if one seals it, and the sealed text, None where it was erased."""
    found = tx.execute(
        "SELECT key_id, text_sealed FROM inbound WHERE lender_id = %s AND inbound_id = %s", (tx.lender_id, inbound_id)
    ).fetchone()
    if found is None:
        raise NoSuchInbound(inbound_id)
    return found[0], None if found[1] is None else bytes(found[1])


def next_id(tx: Tx) -> int:
    """The number that the next one bears."""
    return int(str(tx.value("SELECT nextval('inbound_inbound_id_seq')")))


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """What came in, to be kept."""

    inbound_id: int
    channel: str
    provider_ref: str
    at: datetime
    sender_index: bytes | None
    sender_masked: str
    receiver: str | None
    characters: int
    text_sealed: bytes = field(repr=False)
    key_id: str | None = None
    unplaced: str | None = None
    person_id: int | None = None
    debtor_id: int | None = None
    case_id: int | None = None
    contact_point_id: int | None = None
    contact_id: int | None = None
    answers: int | None = None
    other_sender: bool = False


def add(tx: Tx, one: New, *, actor: str, now: datetime) -> None:
    """Keep what came in."""
    tx.execute(
        "INSERT INTO inbound (lender_id, inbound_id, channel, provider_ref, at, received_at, received_by, "
        "sender_index, sender_masked, receiver, characters, key_id, text_sealed, unplaced, person_id, debtor_id, "
        "case_id, contact_point_id, contact_id, answers, other_sender) OVERRIDING SYSTEM VALUE VALUES "
        "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            tx.lender_id, one.inbound_id, one.channel, one.provider_ref, one.at, now, actor, one.sender_index,
            one.sender_masked, one.receiver, one.characters, one.key_id, one.text_sealed, one.unplaced, one.person_id,
            one.debtor_id, one.case_id, one.contact_point_id, one.contact_id, one.answers, one.other_sender,
        ),
    )  # fmt: skip


def place(
    tx: Tx,
    inbound_id: int,
    *,
    person_id: int,
    debtor_id: int,
    case_id: int | None,
    contact_point_id: int | None,
    contact_id: int | None,
    answers: int | None,
    text_sealed: bytes,
    actor: str,
    now: datetime,
) -> None:
    """Write whose it is, and its text as the person's key seals it."""
    tx.execute(
        "UPDATE inbound SET person_id = %s, debtor_id = %s, case_id = %s, contact_point_id = %s, contact_id = %s, "
        "answers = %s, key_id = NULL, text_sealed = %s, placed_at = %s, placed_by = %s "
        "WHERE lender_id = %s AND inbound_id = %s",
        (
            person_id, debtor_id, case_id, contact_point_id, contact_id, answers, text_sealed, now, actor,
            tx.lender_id, inbound_id,
        ),
    )  # fmt: skip


def dismiss(tx: Tx, inbound_id: int, *, actor: str, now: datetime) -> None:
    """Write that it is nobody's, and erase its text."""
    tx.execute(
        "UPDATE inbound SET key_id = NULL, text_sealed = NULL, dismissed_at = %s, dismissed_by = %s "
        "WHERE lender_id = %s AND inbound_id = %s",
        (now, actor, tx.lender_id, inbound_id),
    )


@dataclass(frozen=True, slots=True)
class Holder:
    """A person to whom an address belongs now."""

    person_id: int
    root_id: int
    contact_point_id: int
    state: str


def holders(tx: Tx, index: bytes) -> list[Holder]:
    """Everybody to whom an address belongs now, wrong numbers left out; of one person's points the one in use first."""
    return tx.rows(
        Holder,
        "SELECT person_id, person_root(lender_id, person_id) AS root_id, contact_point_id, state FROM contact_point "
        "WHERE lender_id = %s AND value_index = %s AND to_at IS NULL AND state <> 'wrong' "
        "ORDER BY state <> 'ok', person_id, ordinal LIMIT 200",
        (tx.lender_id, index),
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """A contact that we made."""

    contact_id: int
    person_id: int
    debtor_id: int
    loan_keys: list[int]
    contact_point_id: int | None
    point_index: bytes | None
    at: datetime
    answered: bool  # whether somebody answered, as far as is known


_SENT: LiteralString = (
    "SELECT contact_id, person_id, debtor_id, loan_keys, contact_point_id, point_index, at, "
    "connected IS NOT FALSE AS answered FROM contact "
)


def sent(tx: Tx, contact_id: int) -> Sent | None:
    """A contact that we made, by its number, which is its permit's."""
    return tx.row(
        Sent,
        _SENT + "WHERE lender_id = %s AND contact_id = %s AND direction = 'out'",
        (tx.lender_id, contact_id),
    )


def last_sent(tx: Tx, *, index: bytes, person_ids: Sequence[int], channels: Sequence[str], at: datetime) -> Sent | None:
    """The last that we sent to somebody's address on these channels before an instant; see `ANSWERS_WITHIN`."""
    since = at - ANSWERS_WITHIN
    return tx.row(
        Sent,
        _SENT + "WHERE lender_id = %s AND point_index = %s AND local_day >= %s::date - 1 AND person_id = ANY (%s) "
        "AND channel = ANY (%s) AND direction = 'out' AND state IN ('redeemed', 'reported') AND at <= %s AND at > %s "
        "ORDER BY at DESC, contact_id DESC LIMIT 1",
        (tx.lender_id, index, since.date(), list(person_ids), list(channels), at, since),
    )


@dataclass(frozen=True, slots=True)
class Owed:
    """A loan that a person is tied to, and who owes it."""

    loan_key: int
    debtor_id: int
    case_id: int | None  # the debtor's open case


def owed(tx: Tx, person_ids: Sequence[int]) -> list[Owed]:
    """Loans that people are tied to now, with their debtors' open cases."""
    return tx.rows(
        Owed,
        "WITH tied AS MATERIALIZED (SELECT loan_key FROM party WHERE lender_id = %(lender)s "
        "AND person_id = ANY (%(people)s) AND to_day IS NULL), owing AS MATERIALIZED (SELECT DISTINCT o.loan_key, "
        "person_root(%(lender)s, o.person_id) AS debtor_id FROM party o WHERE o.lender_id = %(lender)s "
        "AND o.loan_key = ANY (ARRAY(SELECT loan_key FROM tied)) AND o.relation = 'borrower' AND o.to_day IS NULL), "
        "us AS MATERIALIZED (SELECT debtor_id, same_persons(%(lender)s, ARRAY[debtor_id]) AS numbers FROM owing "
        "GROUP BY debtor_id) SELECT o.loan_key, o.debtor_id, (SELECT max(c.case_id) FROM cases c "
        "WHERE c.lender_id = %(lender)s AND c.person_id = ANY (us.numbers) AND c.closed_day IS NULL) AS case_id "
        "FROM owing o JOIN us USING (debtor_id) ORDER BY o.loan_key",
        {"lender": tx.lender_id, "people": list(person_ids)},
    )


def open_case(tx: Tx, debtor_id: int) -> int | None:
    """The open case of a debtor, under whichever of his numbers."""
    found = tx.value(
        "SELECT max(case_id) FROM cases WHERE lender_id = %(lender)s AND closed_day IS NULL "
        "AND person_id = ANY (same_persons(%(lender)s, ARRAY[person_root(%(lender)s, %(person)s)]))",
        {"lender": tx.lender_id, "person": debtor_id},
    )
    return None if found is None else int(str(found))


def latest(
    tx: Tx,
    *,
    state: str | None = None,
    case_id: int | None = None,
    before: int | None = None,
    most: int = 50,
) -> list[InboundRow]:
    """What came in, the latest first; of one state (landed, unplaced, dismissed), of one case."""
    which: dict[str | None, LiteralString] = {
        None: "",
        "landed": "AND person_id IS NOT NULL AND dismissed_at IS NULL ",
        "unplaced": "AND person_id IS NULL AND dismissed_at IS NULL ",
        "dismissed": "AND dismissed_at IS NOT NULL ",
    }
    return tx.rows(
        InboundRow,
        "SELECT " + _COLUMNS + " FROM inbound WHERE lender_id = %(lender)s " + which[state]
        + "AND (%(case)s::bigint IS NULL OR case_id = %(case)s) "
        "AND (%(before)s::bigint IS NULL OR inbound_id < %(before)s) ORDER BY inbound_id DESC LIMIT %(most)s",
        {"lender": tx.lender_id, "case": case_id, "before": before, "most": most},
    )  # fmt: skip


def ring_sealed(tx: Tx, newest: str, most: int) -> list[tuple[int, Wrapped]]:
    """Texts that an older key of the ring seals, some at a time, their rows held."""
    found = tx.execute(
        "SELECT inbound_id, key_id, text_sealed FROM inbound WHERE lender_id = %s AND person_id IS NULL "
        "AND dismissed_at IS NULL AND key_id <> %s ORDER BY inbound_id LIMIT %s FOR UPDATE",
        (tx.lender_id, newest, most),
    )
    return [(int(number), Wrapped(str(key), bytes(text))) for number, key, text in found]


def reseal(tx: Tx, inbound_id: int, wrapped: Wrapped) -> None:
    """Keep a text as another key of the ring seals it."""
    tx.execute(
        "UPDATE inbound SET key_id = %s, text_sealed = %s WHERE lender_id = %s AND inbound_id = %s",
        (wrapped.key_id, wrapped.sealed, tx.lender_id, inbound_id),
    )
