"""Coming into the portal: the code of a notice, and a one-time code to a contact point on file. Nothing else opens it.

Whoever types a code learns nothing by it: the answer is the same, and the same is done before it is given, whether a
notice has the code or none. The one-time code goes by the ordinary way, with a permit, to a contact point that was on
file before; where the law or a limit stands against it, it does not go, and that is not told either.

What is never asked for: digits of an identity number, a day of birth. Others know them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from duecourse.casework import lender_texts, stating
from duecourse.casework.actor import Actor, Role
from duecourse.casework.gate import Gate
from duecourse.casework.message import NowhereToSend, point_for, queue_prepared, sealed, whole
from duecourse.casework.notice_code import normal
from duecourse.casework.permit import PermitRequest, Refusal, Sender
from duecourse.casework.permits import Clock
from duecourse.casework.verify_notice import code_index
from duecourse.channels.render import compose
from duecourse.core.ids import letters
from duecourse.law.once import QUESTION
from duecourse.law.terms import Channel, Purpose, SenderType
from duecourse.storage import lenders, log, messages, notices, persons, portal, transports
from duecourse.storage.connection import Database, Tx
from duecourse.storage.lenders import Lender
from duecourse.storage.notices import Notice
from duecourse.storage.portal import Challenge, PortalSession
from duecourse.storage.transports import NoTransport
from duecourse.storage.vault import Destroyed, Vault
from duecourse.trouble import N_, BadInput, Busy, Refused

DIGITS: Final = 6
GOOD_FOR = timedelta(minutes=10)
WRONG_MAX: Final = 5
"""So many wrong tries end a code."""

WINDOW = timedelta(minutes=10)
ADDRESS_TRIES_MAX: Final = 40
ASKED_WINDOW, ASKED_MAX = timedelta(minutes=15), 3
DAY, DAY_ASKED_MAX, DAY_WRONG_MAX = timedelta(days=1), 8, 15
"""A person is sent so many codes; where so many wrong ones were tried in a day, none for the rest of it."""

LASTS = timedelta(hours=1)
IDLE = timedelta(minutes=15)
SEEN_EVERY = timedelta(seconds=30)
CHANNELS: Final = (Channel.SMS, Channel.EMAIL)
TEMPLATES: Final = ("portal.code", "us.portal.code")
PRIORITY: Final = 0

_NOTHING = "\0"
_ID_BYTES = 8
_AGENT_MAX = 80
_MACHINE = Sender(SenderType.LENDER)


class TooManyTries(Busy):
    """Too many codes were asked for or tried from one address."""

    def __init__(self) -> None:
        super().__init__(
            N_("there were too many tries from here. Wait {minutes} minutes, or call the lender by a number you know"),
            minutes=WINDOW // timedelta(minutes=1),
        )


class NoSuchWay(BadInput):
    """A code by a way that does not exist."""

    def __init__(self) -> None:
        super().__init__(N_("a one-time code goes by text message or by e-mail"))


class WrongOneTimeCode(Refused):
    """The code is none, was used, or is over; which of them is not said."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "this code does not open the portal: it was mistyped, used, is older than {minutes} minutes, or was "
                "tried too often. Look at the latest message, or begin again."
            ),
            minutes=GOOD_FOR // timedelta(minutes=1),
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """That a code was asked for: what the cookie holds, and what is to be sent, nothing where nobody gets one."""

    cookie: str = field(repr=False)
    lender_id: str = field(repr=False)
    challenge_id: int = field(repr=False)
    code: str = field(repr=False)  # drawn in any case
    notice: Notice | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Entered:
    """Who is in the portal: the lender, the person, and the session."""

    lender: Lender
    session: PortalSession

    @property
    def person_id(self) -> int:
        """Whose portal it is."""
        return self.session.person_id


def borrower(person_id: int) -> Actor:
    """A person as records of the portal name him."""
    return Actor(Role.BORROWER, f"portal-{person_id}")


def ask_code(
    database: Database,
    *,
    vault: Vault,
    usual: str,
    text: str,
    channel: str,
    lang: str,
    address: str,
    now: datetime,
    chance: Callable[[int], bytes],
) -> Asked:
    """Keep that somebody asks for a one-time code by the code of a notice, as it was typed; `send_code` sends it.

    Raises `TooManyTries`, `NoSuchWay`.
    """
    if channel not in CHANNELS:
        raise NoSuchWay
    known = _lenders(database)
    home = next((one for one in known if one.lender_id == usual), known[0])
    place = vault.index_normal(home.lender_id, "address", address)
    _count(database, home, place, now)
    found: tuple[Lender, Notice] | None = None
    for lender in known:
        with database.transaction(lender.lender_id) as tx:
            notice = notices.by_code(tx, code_index(vault, lender.lender_id, normal(text) or _NOTHING))
            if notice is not None and notice.ended_as != "withdrawn":
                found = (lender, notice)
    lender = found[0] if found else home
    notice = found[1] if found else None
    cookie, code = portal.secret(chance), _drawn(chance)
    with database.transaction(lender.lender_id) as tx:
        if _tired(tx, notice.person_id if notice else -1, now):  # asked in any case: the work is the same
            notice = None
        number = portal.next_id(tx)
        portal.add_challenge(
            tx,
            Challenge(
                number, notice.person_id if notice else None, notice.notice_id if notice else None, channel, lang,
                _index(vault, lender.lender_id, number, code) if notice else None, now, now + GOOD_FOR, 0, None,
            ),
            cookie,
        )  # fmt: skip
    return Asked(cookie, lender.lender_id, number, code, notice)


def send_code(database: Database, *, gate: Gate, asked: Asked, channel: str, lang: str, clock: Clock,
              chance: Callable[[int], bytes]) -> bool:  # fmt: skip
    """Put the one-time code on its way; false where nobody gets one, or the law or a missing way stands against it."""
    if asked.notice is None:
        return False
    notice, vault, now = asked.notice, gate.vault, clock()
    actor, key_of_request = borrower(notice.person_id), f"portal-{asked.challenge_id}"
    try:
        with database.transaction(asked.lender_id) as tx:
            transports.get(tx, channel)
            lender = lender_texts.learn(tx, lenders.get(tx))
            register = lender_texts.register_of(lender).templates
            template = next((register[name] for one in TEMPLATES if (name := f"{one}.{channel}") in register), None)
            if template is None:
                return False
            point = point_for(tx, notice.person_id, Channel(channel))
            if template.purpose is Purpose.ANSWER:
                stating.state_for(
                    tx, vault=vault, person_id=notice.person_id, fact=QUESTION, value=True, source="portal",
                    sender=_MACHINE, key=key_of_request, actor=actor, now=now, until=now + GOOD_FOR,
                )  # fmt: skip
            content = compose(template, {"lender": lender.name, "one_time_code": asked.code}, lang, verify=None)
            said = whole(content)
            key = vault.person(tx.lender_id, notice.person_id, persons.wrapped(tx, notice.person_id))
            number = messages.next_id(tx)
            made = sealed(
                vault, key, number, said, lang=lang, chance=chance, priority=PRIORITY,
                request=PermitRequest(
                    person_id=notice.person_id, loan_keys=tuple(notice.loan_keys), contact_point_id=point,
                    channel=Channel(channel), at=now, template_id=template.id,
                    content_hash=sha256(said).hexdigest(), sender=_MACHINE,
                    idempotency_key=key_of_request,
                ),
            )  # fmt: skip
            log.append(
                tx, vault=vault, kind="portal.code_asked", at=now, actor=str(actor), subject=key,
                stated={"notice": str(notice.notice_id), "channel": channel},
            )  # fmt: skip
    except (NoTransport, NowhereToSend, Destroyed):
        return False
    answer = queue_prepared(database, asked.lender_id, gate=gate, prepared=[made], actor=actor, clock=clock)[0]
    return not isinstance(answer, Refusal)


def enter(
    database: Database,
    *,
    vault: Vault,
    usual: str,
    cookie: str,
    code: str,
    agent: str,
    address: str,
    now: datetime,
    chance: Callable[[int], bytes],
) -> tuple[Entered, str]:
    """Begin a session by a one-time code; gives what its cookie holds. A wrong one is counted.

    Raises `WrongOneTimeCode`, `TooManyTries`.
    """
    known = _lenders(database)
    home = next((one for one in known if one.lender_id == usual), known[0])
    _count(database, home, vault.index_normal(home.lender_id, "address", address), now)
    typed = "".join(sign for sign in code if sign.isdecimal())[: DIGITS + 1]
    begun: tuple[Entered, str] | None = None
    for lender in known:
        with database.transaction(lender.lender_id) as tx:
            found = portal.challenge(tx, cookie)
            if found is not None:
                begun = _tried(tx, vault, lender, found, typed, agent=agent, now=now, chance=chance)
    if begun is None:
        raise WrongOneTimeCode
    return begun


def _tried(
    tx: Tx,
    vault: Vault,
    lender: Lender,
    found: Challenge,
    typed: str,
    *,
    agent: str,
    now: datetime,
    chance: Callable[[int], bytes],
) -> tuple[Entered, str] | None:
    """What a code does to what was asked for; the transaction is committed either way, or failures would not count."""
    if found.ended_as is not None or now >= found.expires_at:
        return None
    right = found.code_index is not None and bytes(found.code_index) == _index(
        vault, lender.lender_id, found.challenge_id, typed
    )
    if not right or found.person_id is None or found.notice_id is None:
        portal.count_wrong(tx, found.challenge_id)
        if found.tries + 1 >= WRONG_MAX:
            portal.end_challenge(tx, found.challenge_id, as_="tries", now=now)
        if found.person_id is not None:
            _record(tx, vault, "portal.code_wrong", found.person_id, now, tries=found.tries + 1)
        return None
    if notices.get(tx, found.notice_id).ended_as == "withdrawn":
        return None
    portal.end_challenge(tx, found.challenge_id, as_="used", now=now)
    session = PortalSession(
        letters(chance(_ID_BYTES)), found.person_id, found.notice_id, found.channel, agent[:_AGENT_MAX], now, now,
        now + LASTS, None, None,
    )  # fmt: skip
    text = portal.new_text(lender.lender_id, chance)
    portal.add_session(tx, session, text)
    _record(tx, vault, "portal.entered", found.person_id, now, session=session.session_id, by=found.channel)
    return Entered(lender, session), text


def who(database: Database, cookie: str, now: datetime) -> Entered | None:
    """Whose portal a cookie opens, None where it opens none."""
    lender_id = portal.lender_of(cookie)
    if lender_id is None:
        return None
    with database.transaction(lender_id) as tx:
        found = portal.known(tx, cookie)
        if found is None or not live(found, now):
            return None
        if now - found.seen_at >= SEEN_EVERY:
            portal.seen(tx, found.session_id, now=now)
        return Entered(lenders.get(tx), found)


def live(one: PortalSession, now: datetime) -> bool:
    """Whether a session opens anything: not ended, over or idle for too long, and its notice not withdrawn."""
    return (
        one.ended_at is None and now < one.expires_at and now - one.seen_at < IDLE
        and one.notice_ended_as != "withdrawn"
    )  # fmt: skip


def leave(tx: Tx, *, vault: Vault, entered: Entered, now: datetime, everywhere: bool = False) -> int:
    """End this session, or every other one of the person; how many were ended."""
    mine = entered.session
    done = portal.end_session(
        tx, mine.person_id, by=str(borrower(mine.person_id)), now=now,
        session_id=None if everywhere else mine.session_id, but=mine.session_id if everywhere else "",
    )  # fmt: skip
    _record(tx, vault, "portal.left", mine.person_id, now, sessions=done)
    return done


def shut_out(tx: Tx, *, vault: Vault, person_id: int, actor: Actor, now: datetime) -> int:
    """Staff end every session of a person at once: somebody else may be in it."""
    done = portal.end_session(tx, person_id, by=str(actor), now=now)
    key = vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
    log.append(
        tx, vault=vault, kind="portal.shut", at=now, actor=str(actor), subject=key, stated={"sessions": done}
    )  # fmt: skip
    return done


def _lenders(database: Database) -> Sequence[Lender]:
    with database.register() as tx:
        known = lenders.every(tx)
    if not known:
        raise WrongOneTimeCode
    return known


def _count(database: Database, home: Lender, place: bytes, now: datetime) -> None:
    """Count a try, whatever comes of it; raises `TooManyTries`."""
    with database.transaction(home.lender_id) as tx:
        tired = portal.tries(tx, place, since=now - WINDOW) >= ADDRESS_TRIES_MAX
        if not tired:
            portal.count_try(tx, place, now=now)
    if tired:
        raise TooManyTries


def _tired(tx: Tx, person_id: int, now: datetime) -> bool:
    """Whether a person is sent no more codes for now."""
    lately, _ = portal.asked(tx, person_id, since=now - ASKED_WINDOW)
    today, wrong = portal.asked(tx, person_id, since=now - DAY)
    return lately >= ASKED_MAX or today >= DAY_ASKED_MAX or wrong >= DAY_WRONG_MAX


def _drawn(chance: Callable[[int], bytes]) -> str:
    """Digits, each as likely as any other."""
    while True:
        drawn = int.from_bytes(chance(4))
        if drawn < (2**32 // 10**DIGITS) * 10**DIGITS:
            return f"{drawn % 10**DIGITS:0{DIGITS}d}"


def _index(vault: Vault, lender_id: str, challenge_id: int, code: str) -> bytes:
    return vault.index_normal(lender_id, "one-time code", f"{challenge_id}:{code}")


def _record(tx: Tx, vault: Vault, kind: str, person_id: int, now: datetime, **stated: str | int) -> None:
    key = vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
    log.append(
        tx, vault=vault, kind=kind, at=now, actor=str(borrower(person_id)), subject=key, stated=dict(stated)
    )  # fmt: skip
