"""What a borrower says and stops in the portal. Each act is his own, at once, with its record; none needs a reason.

What he writes lands where everything lands that people write (`casework.inbound`), so that somebody answers it. A stop
takes the locks of his counters, as every hold does: what is permitted before it is void, and what is asked after it
meets it (`casework.handover` for the second within which a message may still begin to go).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from duecourse.casework import holds
from duecourse.casework.documents import DocumentKind
from duecourse.casework.gate import Gate
from duecourse.casework.holds import HoldKind, locked
from duecourse.casework.inbound import Home, Inbound, receive
from duecourse.casework.matter_kinds import MatterKind
from duecourse.casework.matters import bring_evidence, open_matter
from duecourse.casework.permits import Clock
from duecourse.casework.portal.entry import borrower
from duecourse.casework.portal.own import Own
from duecourse.casework.stating import end_fact, state_fact
from duecourse.law.once import STOPS
from duecourse.law.terms import Channel
from duecourse.storage import changes, inbound, permits, stated
from duecourse.storage import holds as kept_holds
from duecourse.storage import standing as counted
from duecourse.storage.connection import Tx
from duecourse.storage.holds import HoldStands
from duecourse.storage.inbound import InboundRow
from duecourse.storage.standing import Subject
from duecourse.storage.stated import Stated
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput

SOURCE = "portal"
TEXT_MAX = 4_000
DAY_SECONDS = 86_400


class Matter(StrEnum):
    """What somebody writes about."""

    DISPUTE = "dispute"  # I do not owe this, or not so much; freezes at once
    COMPLAINT = "complaint"  # I was treated badly
    HARDSHIP = "hardship"  # I cannot pay for now
    DEFERRAL = "deferral"  # I ask for more time
    REPRESENTATIVE = "representative"  # somebody speaks for me
    CREDIT = "credit"  # what you report of me is wrong
    CORRECTION = "correction"  # something you hold of me is wrong
    DELETION = "deletion"  # delete what you need not keep
    QUESTION = "question"


_SAYS: Mapping[Matter, Mapping[str, str]] = {
    Matter.DISPUTE: {"zh": "【自助平台：异议】", "en": "[Portal: dispute]"},
    Matter.COMPLAINT: {"zh": "【自助平台：投诉】", "en": "[Portal: complaint]"},
    Matter.HARDSHIP: {"zh": "【自助平台：困难说明】", "en": "[Portal: hardship]"},
    Matter.DEFERRAL: {"zh": "【自助平台：申请延期】", "en": "[Portal: more time asked for]"},
    Matter.REPRESENTATIVE: {"zh": "【自助平台：指定代理人】", "en": "[Portal: representative named]"},
    Matter.CREDIT: {
        "zh": "【自助平台：信用记录更正请求】",
        "en": "[Portal: correction of the credit record asked for]",
    },
    Matter.CORRECTION: {"zh": "【自助平台：更正请求】", "en": "[Portal: correction asked for]"},
    Matter.DELETION: {"zh": "【自助平台：删除请求】", "en": "[Portal: deletion asked for]"},
    Matter.QUESTION: {"zh": "【自助平台：询问】", "en": "[Portal: question]"},
}

CLOCKED: Mapping[Matter, MatterKind] = {
    Matter.DISPUTE: MatterKind.DISPUTE, Matter.COMPLAINT: MatterKind.COMPLAINT, Matter.HARDSHIP: MatterKind.HARDSHIP,
    Matter.CREDIT: MatterKind.CREDIT_CORRECTION,
}  # fmt: skip
"""What opens a matter of the desk, with the hold and the clock that the packs give it (`casework.matters`)."""

REVIEW_DAYS = 30
"""A hardship that is told here is looked at within so many days; whoever reads it may choose another day."""

TIMES = "time_refused"


PAPERS = (
    DocumentKind.RECEIPT, DocumentKind.INCOME, DocumentKind.MEDICAL, DocumentKind.COURT, DocumentKind.CORRESPONDENCE,
    DocumentKind.OTHER,
)  # fmt: skip
"""What may be sent with what opens a matter; no document of identity is asked for or taken."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that somebody sends with what he writes."""

    kind: str
    name: str = field(repr=False)
    content: bytes = field(repr=False)


class NothingSaid(BadInput):
    """A text that is none, or too long."""

    def __init__(self) -> None:
        super().__init__(N_("write what it is about, in at most {most} characters"), most=TEXT_MAX)


class NoPaperHere(BadInput):
    """A document with what opens no matter, or of a kind that is not taken."""

    def __init__(self) -> None:
        super().__init__(
            N_("no document can be sent with this; nothing was sent. Say it in words, or leave the file out")
        )


class NoDebtHere(BadInput):
    """Somebody writes about a debt, and none of his is with this lender."""

    def __init__(self) -> None:
        super().__init__(N_("no loan of yours is with this lender any more, so there is nothing to write about here"))


class NotATime(BadInput):
    """A window that is none."""

    def __init__(self) -> None:
        super().__init__(N_("say from when to when you may be contacted: two full hours of one day, the earlier first"))


def write(
    tx: Tx, *, gate: Gate, mine: Own, person_id: int, matter: Matter, text: str, lang: str, key: str, clock: Clock,
    category: str = "other", paper: Paper | None = None,
) -> InboundRow:  # fmt: skip
    """Write to the lender; a matter is opened with it where there is a case, so a dispute freezes contact at once.

    Whoever answers for debts of several people writes about those of each, his own first: that is what is returned.
    ``category``: one of `matter_kinds.CATEGORIES`; ``key``: the same form again is one; ``paper``: kept as evidence of
    the matter that is opened. Raises `NothingSaid`, `NoDebtHere`, `NoPaperHere`, `matters.NotAMatter`,
    `documents.NotADocument`.
    """
    said = text.strip()
    if not 1 <= len(said) <= TEXT_MAX or "\0" in said:
        raise NothingSaid
    homes = _homes(tx, mine, person_id)
    if not homes:
        raise NoDebtHere
    if paper is not None and (paper.kind not in PAPERS or not takes_papers(mine, matter)):
        raise NoPaperHere
    every = tuple(loan for home in homes for loan in home.loan_keys)
    counted.locked(counted.lock(tx, [Subject(person_id, -1, every, "", "", "", "", "")]))
    received = [
        receive(
            tx, gate=gate, actor=borrower(person_id), clock=clock, home=home,
            came=Inbound(
                channel=Channel.PORTAL, sender="", receiver="", text=f"{_SAYS[matter][lang]}\n{said}", at=clock(),
                provider_ref=f"portal-{person_id}-{key}" + (f"-{home.debtor_id}" if place else ""),
            ),
        )
        for place, home in enumerate(homes)
    ]  # fmt: skip
    kind = CLOCKED.get(matter)
    if kind is not None and mine.owes and not received[0].again:
        if mine.case is not None:
            made = open_matter(
                tx, vault=gate.vault, case_id=mine.case.case_id, kind=kind, category=category, words=said,
                actor=borrower(person_id), clock=clock,
                review_days=REVIEW_DAYS if kind is MatterKind.HARDSHIP else None,
            )  # fmt: skip
            if paper is not None:
                bring_evidence(
                    tx, vault=gate.vault, matter_id=made.matter_id, kind=paper.kind, name=paper.name,
                    content=paper.content, actor=borrower(person_id), now=clock(), chance=os.urandom,
                )  # fmt: skip
        elif kind is MatterKind.DISPUTE:
            freeze(tx, vault=gate.vault, person_id=person_id, clock=clock)
    return received[0].row


def _homes(tx: Tx, mine: Own, person_id: int) -> list[Home]:
    """Where what he writes lands: with each person whose debts he answers for, about those debts; himself first."""
    known = {key for key, _ in mine.loans}
    debts: dict[int, list[int]] = {}
    for one in inbound.owed(tx, mine.persons):
        if one.loan_key in known:
            debts.setdefault(one.debtor_id, []).append(one.loan_key)
    order = sorted(debts, key=lambda debtor: (debtor not in mine.persons, debtor))
    return [Home(person_id, None, debtor, tuple(debts[debtor]), None) for debtor in order]


def takes_papers(mine: Own, matter: Matter) -> bool:
    """Whether a document may be sent with it: where a matter is opened on his own case."""
    return matter in CLOCKED and mine.case is not None and mine.owes


def freeze(tx: Tx, *, vault: Vault, person_id: int, clock: Clock) -> None:
    """Hold contact about what he disputes of his own debts; `write` asks whether he owes any."""
    try:
        holds.place(
            tx, vault=vault, person_id=person_id, kind=HoldKind.DISPUTE, source=SOURCE, actor=borrower(person_id),
            clock=clock,
        )  # fmt: skip
    except HoldStands:
        return


def stopped(tx: Tx, mine: Own, now: datetime) -> list[Stated]:
    """What he stopped and which times he refused, as it stands now."""
    return [
        one
        for person in mine.persons
        for one in stated.of_person(tx, person)
        if (one.fact in STOPS or one.fact == TIMES) and one.value is True and (one.to_at is None or one.to_at > now)
    ]


def ceased(tx: Tx, mine: Own, now: datetime) -> list[kept_holds.Hold]:
    """Holds by which he stopped everything."""
    return [
        one
        for person in mine.persons
        for one in kept_holds.of_person(tx, person)
        if one.kind == HoldKind.CEASE and (one.to_at is None or one.to_at > now)
    ]


def choose_ways(tx: Tx, *, vault: Vault, mine: Own, person_id: int, stop: Sequence[str], clock: Clock) -> datetime:
    """Stop these ways of contact and let the others go again; returns since when. Permits not used yet are void."""
    now = locked(tx, person_id, clock)
    actor = borrower(person_id)
    standing = [one for one in stopped(tx, mine, now) if one.fact in STOPS]
    there = {one.fact for one in standing}
    for one in standing:
        if one.fact not in stop:
            end_fact(tx, vault=vault, person_id=one.person_id, stated_id=one.stated_id, actor=actor, now=now)
    new = [fact for fact in STOPS if fact in stop and fact not in there]
    for fact in new:
        state_fact(tx, vault=vault, person_id=person_id, fact=fact, value=True, source=SOURCE, actor=actor, now=now)
    if new:
        permits.void(tx, list(mine.persons), now=now, channels=[channel for fact in new for channel in STOPS[fact]])
    changes.tell(tx, person_id, by=str(actor))
    return now


def stop_all(tx: Tx, *, vault: Vault, person_id: int, clock: Clock) -> None:
    """Stop everything but what the law asks to be sent and answers to what he asks."""
    try:
        holds.place(
            tx, vault=vault, person_id=person_id, kind=HoldKind.CEASE, source=SOURCE, actor=borrower(person_id),
            clock=clock,
        )  # fmt: skip
    except HoldStands:
        return


def go_on(tx: Tx, *, vault: Vault, mine: Own, person_id: int, clock: Clock) -> None:
    """Take back a stop of everything that he himself said in the portal; what others placed stays."""
    for one in ceased(tx, mine, clock()):
        if one.source == SOURCE:
            holds.end(
                tx, vault=vault, person_id=one.person_id, hold_id=one.hold_id, actor=borrower(person_id), clock=clock
            )


def choose_times(
    tx: Tx, *, vault: Vault, mine: Own, person_id: int, window: tuple[int, int] | None, clock: Clock
) -> datetime:
    """Be contacted between two hours of the day alone, or at any that the law leaves. Raises `NotATime`."""
    if window is not None and not 0 <= window[0] < window[1] <= 24:
        raise NotATime
    now = locked(tx, person_id, clock)
    actor = borrower(person_id)
    for one in stopped(tx, mine, now):
        if one.fact == TIMES:
            end_fact(tx, vault=vault, person_id=one.person_id, stated_id=one.stated_id, actor=actor, now=now)
    if window is not None:
        opens, closes = (3_600 * hour for hour in window)
        for seconds in ((0, opens), (closes, DAY_SECONDS)):
            if seconds[0] < seconds[1]:
                state_fact(
                    tx, vault=vault, person_id=person_id, fact=TIMES, value=True, source=SOURCE, actor=actor, now=now,
                    seconds=seconds,
                )  # fmt: skip
    return now
