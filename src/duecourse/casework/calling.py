"""What a call asks of the house while it lasts: each key acts at once, in a transaction of its own, on record.

The call itself is a message of the outbox (`casework.posting`): permitted, asked again at the instant of dialling,
written as sending before the telephone is told, never placed twice. Who answered is verified by the whole date of birth
on file, entered by keys: not by digits of an identity number, and nothing about a debt is said before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from hmac import compare_digest
from typing import TYPE_CHECKING, TypeVar

import psycopg

from duecourse.casework import counting, ground, lender_texts, letterhead
from duecourse.casework.actor import Actor, Role
from duecourse.casework.desks import put_through, who_takes
from duecourse.casework.holds import HoldKind, locked, place
from duecourse.casework.inbound import Inbound, receive
from duecourse.casework.promises import NotAPromise, check_promise, record_promise
from duecourse.casework.redemption import hold
from duecourse.casework.reveal import NothingThere, RevealPurpose, reveal
from duecourse.casework.revoking import revoke
from duecourse.casework.stopping import Why, end_use
from duecourse.channels.contract import Handing
from duecourse.channels.render.words import locale_of, written
from duecourse.core.money import Money, plain
from duecourse.law.terms import Channel, Purpose
from duecourse.storage import cases, confirmations, entries, holds, lenders, permits, worklists
from duecourse.storage.connection import NoDatabase, Tx
from duecourse.trouble import Busy, Trouble

if TYPE_CHECKING:
    from duecourse.casework.handover import Post
    from duecourse.law.templates import Template
    from duecourse.storage.cases import Case

KEYS = Actor(Role.BORROWER, "call-keys")
"""Whoever presses keys in a call: before they are verified nothing else is known of them."""

ROBOT = Actor(Role.SCHEDULE, "robot-call")
TRIED_FOR_S = 8
"""So long an act of a call is tried again while the database is away or counters are busy."""

_WANTS_PERSON = {
    "zh": "来电中按键要求与工作人员通话，请回电。",
    "en": "Pressed a key in a call: please have a person call me back.",
}
_T = TypeVar("_T")


class KeyNotActedOn(Exception):
    """A key was pressed and could not be acted on: a person has to."""

    def __init__(self, what: str, error: BaseException) -> None:
        super().__init__(f"a key asked for {what}, which could not be put on record ({type(error).__name__})")


@dataclass(slots=True)
class Call:
    """The house at the other end of a call's questions (`channels.contract.House`)."""

    post: Post
    lender_id: str
    message_id: int
    person_id: int
    permit_id: int
    lang: str
    tries: int = 0
    left: str = ""  # what was left on a machine, or why nothing was
    waits: Callable[[float], None] = field(default=time.sleep)

    def verified(self, digits: str) -> bool:
        """Whether these are year, month and day of birth as on file; each try is a reading on record."""

        def read(tx: Tx) -> bool:
            try:
                found = reveal(
                    tx, vault=self.post.gate.vault, person_id=self.person_id, field="birth",
                    purpose=RevealPurpose.IDENTIFY, actor=ROBOT, now=self.post.clock(),
                )  # fmt: skip
            except NothingThere:
                return False
            return compare_digest(found.value.replace("-", ""), digits)

        self.tries += 1
        return self._done("verification", read)

    def stop(self) -> None:
        """Use the number no more; permits for it are void."""

        def stopped(tx: Tx) -> None:
            at = end_use(
                tx, vault=self.post.gate.vault, message_id=self.message_id, why=Why.ASKED, actor=KEYS,
                clock=self.post.clock,
            )  # fmt: skip
            row = self._row(tx)
            now = locked(tx, row.person_id, self.post.clock)
            revoke(tx, vault=self.post.gate.vault, person_id=row.person_id, source=self._named(), actor=KEYS, now=now)
            if at is not None:  # the call says it at once, which is its one confirmation
                confirmations.owe(
                    tx, person_id=row.person_id, contact_point_id=row.contact_point_id, channel=row.channel,
                    lang=self.lang, at=at, answers=self.permit_id, spoken=True,
                )  # fmt: skip

        self._done("an end of calls", stopped)

    def dispute(self) -> None:
        """Hold everything while the objection is looked into."""

        def held(tx: Tx) -> None:
            try:
                place(
                    tx, vault=self.post.gate.vault, person_id=self._row(tx).debtor_id, kind=HoldKind.DISPUTE,
                    source=self._named(), actor=KEYS, clock=self.post.clock,
                )  # fmt: skip
            except holds.HoldStands:
                return

        self._done("a dispute", held)

    def offer(self, due: str) -> str:
        """The promise of what is overdue by a day, in words; empty where it cannot be taken."""

        def found(tx: Tx) -> str:
            case, amount = self._owed(tx)
            if case is None or amount is None:
                return ""
            day = date.fromisoformat(due)
            try:
                check_promise(tx, case_id=case, by=self.person_id, amount=amount, due=day, now=self.post.clock())
            except NotAPromise:
                return ""
            locale = locale_of(self.lang, lenders.get(tx).jurisdiction)
            said = written(f"{plain(amount.minor, amount.currency)} {amount.currency}", locale), written(due, locale)
            text = "您承诺在{1}前还款{0}。" if self.lang == "zh" else "You promise to pay {0} by {1}."
            return f"{text.format(*said)}|{due}"

        return self._done("a promise", found)

    def promise(self, due: str) -> bool:
        """The same, put on record as the word of who was verified."""

        def kept(tx: Tx) -> bool:
            case, amount = self._owed(tx)
            if case is None or amount is None:
                return False
            try:
                record_promise(
                    tx, vault=self.post.gate.vault, case_id=case, amount=amount, due=date.fromisoformat(due),
                    actor=KEYS, now=self.post.clock(), promised_by=self.person_id, contact_id=self.permit_id,
                )  # fmt: skip
            except NotAPromise:
                return False
            return True

        return self._done("a promise", kept)

    def person(self) -> Handing | None:
        """Who of the house may take the call now; None where the gate lets nobody, or nobody is there."""
        return self._done(
            "a person",
            lambda tx: who_takes(
                tx, self.post.gate, permit_id=self.permit_id, case=self._case_row(tx), clock=self.post.clock
            ),
        )  # fmt: skip

    def handed(self, staff: str, *, recorded: bool) -> None:
        """Somebody of the house took the call."""
        self._done(
            "a person",
            lambda tx: put_through(
                tx, vault=self.post.gate.vault, permit_id=self.permit_id, staff=staff, recorded=recorded, actor=ROBOT,
                now=self.post.clock(),
            ),
        )  # fmt: skip

    def call_back(self) -> None:
        """Who was called asked for a person, and nobody took the call: it lands with what came in, for a person."""
        text = (
            "来电中按键要求与工作人员通话，请回电。"
            if self.lang == "zh"
            else "Pressed a key in a call: please have a person call me back."
        )

        def asked(tx: Tx) -> None:
            came = Inbound(
                channel=Channel.ROBOT_CALL, sender="", receiver="", text=text, at=self.post.clock(),
                provider_ref=f"{self._named()} person", answers=self.permit_id,
            )  # fmt: skip
            receive(tx, gate=self.post.gate, came=came, actor=KEYS, clock=self.post.clock)

        self._done("a call back", asked)

    def word_to_leave(self) -> str:
        """What the law lets a machine keep now, asked for this very contact; empty for nothing."""

        def asked(tx: Tx) -> str:
            held = hold(tx, self.post.gate, self.permit_id, self.post.clock)
            lender = lender_texts.learn(tx, lenders.get(tx))
            day = self.post.gate.moment(held.standing, held.now).day
            text = _word(lender_texts.register_for(tx).templates.values(), day)
            if text is None:
                self.left = "no_text"
                return ""
            request = replace(held.request, template_id=text.id, content_hash=text.hash)
            contacts = ground.live(counting.made(held.standing.made), held.now, without=self.permit_id)
            if not self.post.gate.ask(held.standing, request, contacts, held.now).decision.allowed:
                self.left = "refused"
                return ""
            known = {name: line.value for name, line in letterhead.lines_on(tx, held.permit.sender.firm, day).items()}
            known["lender"] = lender.name
            if any(slot not in known for slot in text.slots):
                self.left = "no_text"
                return ""
            self.left = text.id
            return text.text[self.lang].format(**known)

        return self._done("a word to leave", asked)

    def _done(self, what: str, act: Callable[[Tx], _T]) -> _T:
        """Do one thing in a transaction of its own, again for a while where others are in the way."""
        until = time.monotonic() + TRIED_FOR_S
        while True:
            try:
                with self.post.database.transaction(self.lender_id) as tx:
                    return act(tx)
            except (Busy, NoDatabase, psycopg.OperationalError) as error:
                if time.monotonic() > until:
                    raise KeyNotActedOn(what, error) from error
                self.waits(0.2)
            except (Trouble, psycopg.Error) as error:
                raise KeyNotActedOn(what, error) from error

    def _row(self, tx: Tx) -> permits.PermitRow:
        return permits.get(tx, self.permit_id)

    def _case_row(self, tx: Tx) -> Case | None:
        found = [one for one in cases.of_person(tx, self._row(tx).debtor_id) if one.closed_day is None]
        return found[0] if found else None

    def _case(self, tx: Tx) -> int | None:
        found = self._case_row(tx)
        return None if found is None else found.case_id

    def _owed(self, tx: Tx) -> tuple[int | None, Money | None]:
        """The open case, and what is overdue by the day that was last published."""
        case, shown = self._case(tx), entries.published(tx)
        if case is None or shown is None:
            return None, None
        snap = worklists.snapshot(tx, shown.day, self._row(tx).debtor_id)
        return case, Money(snap.overdue_minor, snap.currency) if snap is not None and snap.overdue_minor > 0 else None

    def _named(self) -> str:
        return f"call {self.message_id}, by key"


def _word(texts: Iterable[Template], day: date) -> Template | None:
    """The approved text for a machine: a request to call back that a machine speaks and that names no debt."""
    fit = (one for one in texts if one.purpose is Purpose.RELAY and one.usable(day, Channel.ROBOT_CALL))
    return min(fit, key=lambda one: one.id, default=None)
