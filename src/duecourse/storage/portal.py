"""How borrowers come in: codes asked for, tries by address, sessions. Clear codes and cookies are kept nowhere."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from duecourse.storage.connection import Tx

SECRET_BYTES = 32
_TEXT = re.compile(r"([a-z0-9][a-z0-9_-]{0,31})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Challenge:
    """A code that was asked for; ``person_id`` is None where nobody gets one."""

    challenge_id: int
    person_id: int | None
    notice_id: int | None
    channel: str
    lang: str
    code_index: bytes | None
    at: datetime
    expires_at: datetime
    tries: int
    ended_as: str | None


@dataclass(frozen=True, slots=True)
class PortalSession:
    """A session of a borrower. ``notice_ended_as`` is what became of the notice that opened it."""

    session_id: str
    person_id: int
    notice_id: int
    channel: str
    agent: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    notice_ended_as: str | None


def secret(chance: Callable[[int], bytes]) -> str:
    """What a cookie holds of a code that was asked for."""
    return urlsafe_b64encode(chance(SECRET_BYTES)).rstrip(b"=").decode()


def new_text(lender_id: str, chance: Callable[[int], bytes]) -> str:
    """What the cookie of a new session holds."""
    return f"{lender_id}.{secret(chance)}"


def lender_of(text: str) -> str | None:
    """The lender whose session a cookie says it is, None where it is none at all."""
    found = _TEXT.fullmatch(text)
    return found.group(1) if found else None


def digest(text: str) -> bytes:
    """What is kept of a cookie."""
    return sha256(text.encode()).digest()


_CHALLENGE = (
    "SELECT challenge_id, person_id, notice_id, channel, lang, code_index, at, expires_at, tries, ended_as "
    "FROM portal_challenge "
)


def next_id(tx: Tx) -> int:
    """The number of the next challenge."""
    return int(str(tx.value("SELECT nextval('portal_challenge_challenge_id_seq')")))


def add_challenge(tx: Tx, one: Challenge, cookie: str) -> None:
    """Keep that a code was asked for; what is older than two days is forgotten."""
    tx.execute(
        "INSERT INTO portal_challenge (lender_id, challenge_id, digest, person_id, notice_id, channel, lang, "
        "code_index, at, expires_at) OVERRIDING SYSTEM VALUE VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            tx.lender_id, one.challenge_id, digest(cookie), one.person_id, one.notice_id, one.channel, one.lang,
            one.code_index, one.at, one.expires_at,
        ),
    )  # fmt: skip
    tx.execute(
        "DELETE FROM portal_challenge WHERE lender_id = %s AND at < %s::timestamptz - interval '2 days'",
        (tx.lender_id, one.at),
    )


def challenge(tx: Tx, cookie: str) -> Challenge | None:
    """The code that was asked for with a cookie, its row held."""
    return tx.row(
        Challenge, _CHALLENGE + "WHERE lender_id = %s AND digest = %s FOR UPDATE", (tx.lender_id, digest(cookie))
    )


def asked(tx: Tx, person_id: int, *, since: datetime) -> tuple[int, int]:
    """How many codes a person was sent since an instant, and how many wrong ones were tried."""
    found = tx.execute(
        "SELECT count(*), coalesce(sum(tries), 0)::bigint FROM portal_challenge "
        "WHERE lender_id = %s AND person_id = %s AND at >= %s",
        (tx.lender_id, person_id, since),
    ).fetchone()
    return (int(found[0]), int(found[1])) if found else (0, 0)


def count_wrong(tx: Tx, challenge_id: int) -> None:
    """Count a wrong code."""
    tx.execute(
        "UPDATE portal_challenge SET tries = tries + 1 WHERE lender_id = %s AND challenge_id = %s",
        (tx.lender_id, challenge_id),
    )


def end_challenge(tx: Tx, challenge_id: int, *, as_: str, now: datetime) -> None:
    """Let a code open nothing any more."""
    tx.execute(
        "UPDATE portal_challenge SET ended_at = %s, ended_as = %s WHERE lender_id = %s AND challenge_id = %s "
        "AND ended_at IS NULL",
        (now, as_, tx.lender_id, challenge_id),
    )


def count_try(tx: Tx, address: bytes, *, now: datetime) -> None:
    """Count that somebody asked for a code or tried one; what is older than a day is forgotten."""
    tx.execute(
        "INSERT INTO portal_try (lender_id, address, minute, tries) VALUES (%s, %s, date_trunc('minute', "
        "%s::timestamptz), 1) ON CONFLICT (lender_id, address, minute) DO UPDATE SET tries = portal_try.tries + 1",
        (tx.lender_id, address, now),
    )
    tx.execute(
        "DELETE FROM portal_try WHERE lender_id = %s AND minute < %s::timestamptz - interval '1 day'",
        (tx.lender_id, now),
    )


def tries(tx: Tx, address: bytes, *, since: datetime) -> int:
    """How often somebody at an address asked for a code or tried one since an instant."""
    return int(
        str(
            tx.value(
                "SELECT coalesce(sum(tries), 0) FROM portal_try WHERE lender_id = %s AND address = %s AND minute >= %s",
                (tx.lender_id, address, since),
            )
        )
    )


_SESSION = (
    "SELECT s.session_id, s.person_id, s.notice_id, s.channel, s.agent, s.created_at, s.seen_at, s.expires_at, "
    "s.ended_at, n.ended_as AS notice_ended_as FROM portal_session s JOIN notice n "
    "USING (lender_id, person_id, notice_id) "
)


def add_session(tx: Tx, one: PortalSession, text: str) -> None:
    """Keep a new session under the digest of its cookie."""
    tx.execute(
        "INSERT INTO portal_session (lender_id, session_id, digest, person_id, notice_id, channel, agent, created_at, "
        "seen_at, expires_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            tx.lender_id, one.session_id, digest(text), one.person_id, one.notice_id, one.channel, one.agent,
            one.created_at, one.seen_at, one.expires_at,
        ),
    )  # fmt: skip


def known(tx: Tx, text: str) -> PortalSession | None:
    """The session of a cookie, live or not."""
    return tx.row(PortalSession, _SESSION + "WHERE s.lender_id = %s AND s.digest = %s", (tx.lender_id, digest(text)))


def seen(tx: Tx, session_id: str, *, now: datetime) -> None:
    """The session is in use."""
    tx.execute(
        "UPDATE portal_session SET seen_at = %s WHERE lender_id = %s AND session_id = %s AND seen_at < %s",
        (now, tx.lender_id, session_id, now),
    )


def of_person(tx: Tx, person_id: int, most: int = 50) -> list[PortalSession]:
    """The sessions of a person, the latest first, ended ones too."""
    return tx.rows(
        PortalSession,
        _SESSION + "WHERE s.lender_id = %s AND s.person_id = %s ORDER BY s.created_at DESC LIMIT %s",
        (tx.lender_id, person_id, most),
    )


def end_session(tx: Tx, person_id: int, *, by: str, now: datetime, session_id: str | None = None, but: str = "") -> int:
    """End one session of a person, or all but one; how many were ended."""
    return tx.execute(
        "UPDATE portal_session SET ended_at = %s, ended_by = %s WHERE lender_id = %s AND person_id = %s "
        "AND ended_at IS NULL AND session_id = coalesce(%s, session_id) AND session_id <> %s",
        (now, by, tx.lender_id, person_id, session_id, but),
    ).rowcount


def restrict(tx: Tx, persons: Sequence[int]) -> None:
    """From here to its end the transaction reads these persons' rows and nobody else's, whatever it asks for."""
    tx.execute("SELECT set_config('duecourse.persons', %s, true)", (",".join(str(int(one)) for one in persons),))
    tx.execute("SET LOCAL ROLE duecourse_portal")


@dataclass(frozen=True, slots=True)
class Touch:
    """One contact, as the person it was with, or whose debt it was about, may see it."""

    contact_id: int
    person_id: int
    at: datetime
    channel: str
    purpose: str
    direction: str
    outcome: str | None
    state: str
    relation: str
    sender: str | None
    agency: str | None


def touches(tx: Tx, persons: Sequence[int], *, before: int | None = None, most: int = 50) -> list[Touch]:
    """Contacts that were made or came in, the latest first; what was only permitted and never made is left out."""
    return tx.rows(
        Touch,
        "SELECT contact_id, person_id, at, channel, purpose, direction, outcome, state, relation, sender, agency "
        "FROM contact WHERE lender_id = %(lender)s AND (person_id = ANY (%(me)s) OR debtor_id = ANY (%(me)s)) "
        "AND state IN ('redeemed', 'reported') AND contact_id < coalesce(%(before)s, 9223372036854775807) "
        "ORDER BY contact_id DESC LIMIT %(most)s",
        {"lender": tx.lender_id, "me": list(persons), "before": before, "most": most},
    )


@dataclass(frozen=True, slots=True)
class Firm:
    """An outside firm that contacted somebody: its code, its name as its letters say it, and when."""

    firm: str
    name: str | None
    first: datetime
    last: datetime
    contacts: int


def firms(tx: Tx, persons: Sequence[int]) -> list[Firm]:
    """The outside firms that contacted a person about his debts, the latest first."""
    return tx.rows(
        Firm,
        "SELECT c.agency AS firm, (SELECT h.value FROM letterhead h WHERE h.lender_id = c.lender_id "
        "AND h.firm = c.agency AND h.name IN ('agency', 'law_firm') ORDER BY h.line_id DESC LIMIT 1) AS name, "
        "min(c.at) AS first, max(c.at) AS last, count(*) AS contacts FROM contact c WHERE c.lender_id = %(lender)s "
        "AND (c.person_id = ANY (%(me)s) OR c.debtor_id = ANY (%(me)s)) AND c.agency IS NOT NULL AND c.agency <> '' "
        "AND c.state IN ('redeemed', 'reported') GROUP BY c.lender_id, c.agency ORDER BY max(c.at) DESC",
        {"lender": tx.lender_id, "me": list(persons)},
    )


@dataclass(frozen=True, slots=True)
class Noted:
    """A record about a person: what, when, by whom; its bytes as they are in the log."""

    entry_id: int
    kind: str
    at: datetime
    actor: str
    content: bytes
    seq: int | None


def records(
    tx: Tx, persons: Sequence[int], *, kind: str | None = None, before: int | None = None, most: int = 50
) -> list[Noted]:
    """Records about a person, the latest first; of one kind, or of all."""
    return tx.rows(
        Noted,
        "SELECT entry_id, kind, at, actor, bytes AS content, seq FROM log_entry WHERE lender_id = %(lender)s "
        "AND person_id = ANY (%(me)s) AND kind = coalesce(%(kind)s, kind) "
        "AND entry_id < coalesce(%(before)s, 9223372036854775807) ORDER BY entry_id DESC LIMIT %(most)s",
        {"lender": tx.lender_id, "me": list(persons), "kind": kind, "before": before, "most": most},
    )


def loans(tx: Tx, persons: Sequence[int], relations: Sequence[str]) -> list[tuple[int, str]]:
    """The loans that a person is tied to today in one of these relations: key and relation, each loan once."""
    found = tx.execute(
        "SELECT DISTINCT ON (loan_key) loan_key, relation FROM party WHERE lender_id = %s AND person_id = ANY (%s) "
        "AND relation = ANY (%s) AND to_day IS NULL ORDER BY loan_key, relation",
        (tx.lender_id, list(persons), list(relations)),
    )
    return [(int(key), str(relation)) for key, relation in found]
