"""Calls by click: asked for on a case page, made by a worker, on record step by step.

The collector's own telephone rings first. Only when he took it the law is asked for this very instant: the permit is
asked for and redeemed, or the refusal stands with its rules and nobody is dialled. He does not see the number; whom he
calls sees the lender's one number. A pause of calls, or of all sending, holds for him too. What came of the contact he
says himself where somebody answered; where nobody did, the line says it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

import psycopg

from duecourse.casework import channel_setup, recordings, settling
from duecourse.casework.actor import Actor, Role
from duecourse.casework.dialling import reveal_number
from duecourse.casework.handover import OUTBOX, Post, against
from duecourse.casework.opened_case import circle
from duecourse.casework.openings import openings
from duecourse.casework.outcomes import Outcome
from duecourse.casework.permit import Checked, Permit, PermitRequest, Redeemed, Refusal, Sender
from duecourse.casework.permits import check_contact, request_permit
from duecourse.casework.redemption import redeem_permit
from duecourse.channels.contract import Desk, NotReady, Refused, Talked
from duecourse.channels.voice.connect import NotDialled, connect
from duecourse.channels.voice.line import VoiceLine
from duecourse.core.money import BrokenInvariant
from duecourse.law.templates import Template
from duecourse.law.terms import Channel, SenderType
from duecourse.storage import cases, changes, desk_calls, desk_lines, lenders, log, messages, persons, transports
from duecourse.storage.connection import NoDatabase, Tx
from duecourse.storage.desk_calls import DeskCall
from duecourse.storage.vault.blind import normal_phone
from duecourse.trouble import N_, BadInput, Busy, Trouble, masked
from duecourse.trouble import Refused as RefusedHere

WAITS = timedelta(seconds=30)
"""After so long a call that nobody took up is not made any more: whoever asked is gone."""

LOOKS_EACH_S = 0.3
RECOVERS_EACH_S = 5.0
CALLS_MAX = 8
TRANSPORT = Channel.ROBOT_CALL.value
"""What the voice line of a lender is set up under."""


class NoDesk(RefusedHere):
    """A user without a telephone."""

    def __init__(self, user_id: str) -> None:
        super().__init__(
            N_("no telephone of {user} is kept: say which under Account, or by `duecourse user phone`"), user=user_id
        )


class Paused(RefusedHere):
    """Nothing is sent, or nobody is called, while a pause stands."""

    def __init__(self) -> None:
        super().__init__(N_("calls are paused; who paused them and why stands on the outbox page"))


class NotAllowedNow(RefusedHere):
    """The gate would refuse; nobody's telephone rings."""

    def __init__(self, checked: Checked) -> None:
        self.checked = checked
        rules = [str(one["rule"]) for one in checked.reasons]
        super().__init__(
            N_("nobody is called, the gate says no: {rules}"), rules=", ".join([*rules, *checked.missing]) or "–"
        )


class NoWayToCall(BadInput):
    """A person, contact point or text by which nobody of the case can be called."""

    def __init__(self, case_id: int) -> None:
        super().__init__(
            N_("case {case} has no such person with such a telephone and an approved text for calls"), case=case_id
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a collector wants to call, in which text."""

    case_id: int
    person_id: int
    contact_point_id: int
    loan_keys: tuple[int, ...]
    template: Template
    user_id: str
    lang: str = "zh"


def whom(
    post: Post,
    lender_id: str,
    *,
    case_id: int,
    user_id: str,
    person_id: int | None = None,
    contact_point_id: int | None = None,
    template_id: str = "",
    lang: str = "zh",
) -> Asked:
    """Whom a call would be to: without a person the borrower, without a contact point the first telephone in use.

    Raises `NoWayToCall`, `cases.NoSuchCase`.
    """
    with post.database.transaction(lender_id) as tx:
        found, lender = circle(tx, case_id), lenders.get(tx)
    person = found.case.person_id if person_id is None else person_id
    ways = openings(
        post.database, lender_id, gate=post.gate, ties=[one for one in found.ties if one.person_id == person],
        points=[one for one in found.points if contact_point_id in {None, one.contact_point_id}],
        proposed=found.proposals, lender=lender, sender=Sender(SenderType.LENDER, staff=user_id), clock=post.clock,
        channels=(Channel.CALL,), prefer={Channel.CALL: template_id} if template_id else None,
    )  # fmt: skip
    for way in ways:
        text = way.template
        if text is not None and way.point.state == "ok" and template_id in {"", text.id}:
            return Asked(case_id, person, way.point.contact_point_id, way.loan_keys, text, user_id, lang)
    raise NoWayToCall(case_id)


def ask_call(post: Post, lender_id: str, *, asked: Asked, actor: Actor) -> DeskCall:
    """Ask for a call: a worker makes it at once. The gate is asked now, and again at the instant of dialling.

    Raises `NoDesk`, `Paused`, `NotAllowedNow`, `desk_calls.OnTheTelephone`, `transports.NoTransport`.
    """
    with post.database.transaction(lender_id) as tx:
        transports.get(tx, TRANSPORT)
        if not desk_lines.of_user(tx, asked.user_id):
            raise NoDesk(asked.user_id)
        if paused(tx):
            raise Paused
        debtor = cases.get(tx, asked.case_id).person_id
    checked = check_contact(
        post.database, lender_id, gate=post.gate, request=_request(asked, post, "check"), clock=post.clock
    )  # fmt: skip
    if not checked.allowed:
        raise NotAllowedNow(checked)
    with post.database.transaction(lender_id) as tx:
        now = post.clock()
        number = desk_calls.add(
            tx, person_id=asked.person_id, debtor_id=debtor, case_id=asked.case_id,
            contact_point_id=asked.contact_point_id, loan_keys=asked.loan_keys, template_id=asked.template.id,
            user_id=asked.user_id, lang=asked.lang, actor=str(actor), now=now,
        )  # fmt: skip
        _record(tx, post, "call.asked", desk_calls.get(tx, number), actor=actor)
        return desk_calls.get(tx, number)


def paused(tx: Tx) -> bool:
    """Whether calls, or everything, are paused."""
    return any(one.channel in {None, Channel.CALL.value} for one in messages.pauses(tx))


def work_calls(post: Post, *, once: bool, chance: Callable[[int], bytes]) -> int:
    """Make the calls that are asked for, for all lenders, until `Post.stopping`, or until none waits; how many."""
    done = 0
    with ThreadPoolExecutor(CALLS_MAX, thread_name_prefix="desk calls") as pool:
        under_way: set[Future[None]] = set()
        recovers = monotonic()
        while not post.stopping.is_set():
            under_way = {one for one in under_way if not one.done()}
            try:
                with post.database.register() as tx:
                    every = [one.lender_id for one in lenders.every(tx)]
                looks = monotonic() >= recovers
                recovers = monotonic() + RECOVERS_EACH_S if looks else recovers
                for lender in every:
                    if looks:
                        _recover(post, lender)
                    if len(under_way) < CALLS_MAX and _waits(post, lender):
                        under_way.add(pool.submit(_next, post, lender, chance(8).hex()))
                        done += 1
            except (psycopg.Error, Trouble) as error:
                post.told("desk calls", str(error))
            if once and not under_way:
                return done
            post.stopping.wait(LOOKS_EACH_S)
    return done


def _waits(post: Post, lender_id: str) -> bool:
    with post.database.transaction(lender_id) as tx:
        return desk_calls.waits(tx)


def _next(post: Post, lender_id: str, worker: str) -> None:
    """Make the next call, under a lock by which others see that it is held."""
    with post.database.session_lock(_lock(worker)):
        with post.database.transaction(lender_id) as tx:
            now = post.clock()
            call = desk_calls.claim(tx, worker=worker, since=now - WAITS, now=now)
        if call is not None:
            _make(post, lender_id, call)


def _make(post: Post, lender_id: str, call: DeskCall) -> None:
    making = _Making(post, lender_id, call)
    found: Talked | Refused | NotDialled | Exception
    try:
        line, address = _line(post, lender_id, call.user_id)
        desk = Desk(call.user_id, address)
        found = connect(line, desk=desk, case=call.case_id, lang=call.lang, caller=making)
    except Exception as error:  # noqa: BLE001 - whatever it is, the row says where the call stands
        found = error
    making.ended(found)


def _line(post: Post, lender_id: str, user_id: str) -> tuple[VoiceLine, str]:
    """The lender's voice line, ready, and the user's telephone. Raises `NotReady`, `NoDesk`."""
    with post.database.transaction(lender_id) as tx:
        line = channel_setup.line(tx, vault=post.gate.vault, row=transports.get(tx, TRANSPORT))
        address = desk_lines.of_user(tx, user_id)
    if not address:
        raise NoDesk(user_id)
    if not isinstance(line, VoiceLine):
        raise NotReady(TRANSPORT, N_("what is set up there joins no calls"))
    line.ready()
    return line, address


@dataclass(slots=True)
class _Making:
    """The house at the other end of a call that is being made (`channels.voice.connect.Caller`)."""

    post: Post
    lender_id: str
    call: DeskCall
    permit: int | None = None
    refusal: Refusal | None = None
    stopped: bool = False
    actor: Actor = field(init=False)
    sender: Sender = field(init=False)

    def __post_init__(self) -> None:
        """Who calls, as records name him."""
        role, _, ref = self.call.actor.partition(":")
        self.actor = Actor(Role(role), ref)
        self.sender = Sender(SenderType.LENDER, staff=self.call.user_id)

    def number(self) -> str:
        """The number, for a permit that is asked for and redeemed now; empty where the law or a pause says no."""
        post, call = self.post, self.call
        with post.database.transaction(self.lender_id) as tx:
            if paused(tx):
                self.stopped = True
                return ""
            lender = lenders.get(tx)
            text = post.gate.register(lender).templates.get(call.template_id)
        if text is None:
            raise BrokenInvariant(f"call {call.call_id} is by a text that is gone")
        asked = Asked(
            call.case_id, call.person_id, call.contact_point_id, tuple(call.loan_keys), text, call.user_id, call.lang
        )  # fmt: skip
        answer = request_permit(
            post.database, self.lender_id, gate=post.gate, request=_request(asked, post, f"desk-call-{call.call_id}"),
            actor=self.actor, clock=post.clock,
        )  # fmt: skip
        if isinstance(answer, Permit):
            self.permit = answer.permit_id
            used = redeem_permit(
                post.database, self.lender_id, gate=post.gate, permit_id=answer.permit_id, sender=self.sender,
                content_hash=answer.content_hash, actor=self.actor, clock=post.clock,
            )  # fmt: skip
            if isinstance(used, Redeemed):
                return self._number(answer.permit_id, lender.jurisdiction)
            answer = used
        self.refusal = answer
        return ""

    def _number(self, permit_id: int, jurisdiction: str) -> str:
        with self.post.database.transaction(self.lender_id) as tx:
            now = self.post.clock()
            value = reveal_number(
                tx, vault=self.post.gate.vault, permit_id=permit_id, sender=self.sender, actor=OUTBOX, now=now
            )
            desk_calls.move(tx, self.call.call_id, "dialling", now=now, permit_id=permit_id)
            changes.tell(tx, self.call.debtor_id, by=self.call.actor)
            return normal_phone(value.value, jurisdiction)

    def talking(self) -> None:
        """Both hear each other from now on."""
        with self.post.database.transaction(self.lender_id) as tx:
            desk_calls.move(tx, self.call.call_id, "talking", now=self.post.clock())
            changes.tell(tx, self.call.debtor_id, by=self.call.actor)

    def ended(self, found: Talked | Refused | NotDialled | Exception) -> None:
        """Write what became of it, however long the database is away."""
        while True:
            try:
                self._ended(found)
            except (Busy, NoDatabase, psycopg.OperationalError, psycopg.InterfaceError) as error:
                self.post.told(f"call {self.call.call_id}", str(error))
                if self.post.stopping.wait(LOOKS_EACH_S):
                    raise
            else:
                return

    def _ended(self, found: Talked | Refused | NotDialled | Exception) -> None:
        state, outcome, why = self._read(found)
        post, call = self.post, self.call
        if self.permit is not None and outcome is not None and outcome is not Outcome.CONNECTED:
            settling.record_outcome(
                post.database, self.lender_id, gate=post.gate, permit_id=self.permit, outcome=outcome,
                sender=self.sender, actor=OUTBOX, clock=post.clock,
            )  # fmt: skip
        with post.database.transaction(self.lender_id) as tx:
            if not desk_calls.get(tx, call.call_id, held=True).under_way:
                return
            answered = self.permit or (self.refusal.permit_id if self.refusal else None)
            desk_calls.move(
                tx, call.call_id, state, now=post.clock(), permit_id=answered,
                outcome=None if outcome is None else outcome.value, why=why,
            )  # fmt: skip
            if isinstance(found, Talked) and found.recording and self.permit is not None:
                recordings.keep(
                    tx, vault=post.gate.vault, contact_id=self.permit, content=found.recording, actor=OUTBOX,
                    now=post.clock(), chance=post.chance,
                )  # fmt: skip
            _record(tx, post, "call.ended", desk_calls.get(tx, call.call_id), actor=OUTBOX)

    def _read(
        self, found: Talked | Refused | NotDialled | Exception
    ) -> tuple[str, Outcome | None, Mapping[str, str] | None]:
        """State, outcome where the line knows it, and why."""
        if isinstance(found, Talked):
            return "ended", Outcome(found.outcome), None
        if isinstance(found, NotDialled):
            if not found.taken:
                return "not_taken", None, None
            if self.refusal is not None:
                return "refused", None, against(self.refusal)
            return "refused", None, _PAUSED
        if isinstance(found, Refused):
            return "failed", Outcome.NOT_SENT, {"zh": found.why, "en": found.why}
        said = str(found) if isinstance(found, Trouble) else masked(f"{type(found).__name__}: {found}")[:300]
        return ("failed" if self.permit is None else "unknown"), None, {"zh": said, "en": said}


_PAUSED = {"zh": "呼叫已暂停", "en": "calls are paused"}
_GONE = {
    "zh": "没有程序拨打：`duecourse outbox work` 未在运行",
    "en": "nobody makes calls: `duecourse outbox work` does not run",
}
_DIED = {"zh": "拨打的程序已中断", "en": "whoever held the call died"}


def _recover(post: Post, lender_id: str) -> None:
    """Say of calls whose worker died that nobody knows, and of those that nobody took up that they were not made."""
    with post.database.transaction(lender_id) as tx:
        found = desk_calls.left(tx, before=post.clock() - WAITS)
    for call in found:
        if call.worker is None:
            _leave(post, lender_id, call, "failed", _GONE)
            continue
        with post.database.session_lock(_lock(call.worker)) as dead:
            if dead:
                _leave(post, lender_id, call, "unknown" if call.permit_id else "failed", _DIED)


def _leave(post: Post, lender_id: str, call: DeskCall, state: str, why: dict[str, str]) -> None:
    with post.database.transaction(lender_id) as tx:
        if desk_calls.get(tx, call.call_id, held=True).state != call.state:
            return
        desk_calls.move(tx, call.call_id, state, now=post.clock(), why=why)
        _record(tx, post, "call.ended", desk_calls.get(tx, call.call_id), actor=OUTBOX)


def _lock(worker: str) -> str:
    return f"desk call {worker}"


def _request(asked: Asked, post: Post, key: str) -> PermitRequest:
    return PermitRequest(
        person_id=asked.person_id, loan_keys=asked.loan_keys, contact_point_id=asked.contact_point_id,
        channel=Channel.CALL, at=post.clock(), template_id=asked.template.id, content_hash=asked.template.hash,
        sender=Sender(SenderType.LENDER, staff=asked.user_id), idempotency_key=key,
    )  # fmt: skip


def _record(tx: Tx, post: Post, kind: str, call: DeskCall, *, actor: Actor) -> None:
    vault = post.gate.vault
    log.append(
        tx, vault=vault, kind=kind, at=post.clock(), actor=str(actor),
        subject=vault.person(tx.lender_id, call.person_id, persons.wrapped(tx, call.person_id)),
        stated={
            "call": str(call.call_id), "case": str(call.case_id), "state": call.state,
            "staff": vault.actor_pseudonym(tx.lender_id, f"user:{call.user_id}"),
            **({"permit": str(call.permit_id)} if call.permit_id else {}),
            **({"outcome": call.outcome} if call.outcome else {}),
        },
    )  # fmt: skip
    changes.tell(tx, call.debtor_id, by=call.actor)  # whoever calls knows; others are told
