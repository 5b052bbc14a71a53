"""What somebody raises, and what it stops: disputes, complaints, corrections of credit records, hardship, acceleration.

Opening one places its hold in the same transaction, so that contact stops with it; the clock comes from the packs that
bind. While a dispute or a correction is open nothing is reported of the loan (`reporting_frozen`). What we tell,
acceleration, is in `casework.acceleration`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from duecourse.casework import holds, storage_only
from duecourse.casework.actor import Actor, Role
from duecourse.casework.documents import keep_document
from duecourse.casework.holds import HoldKind, NotAHold, NotYetBegun
from duecourse.casework.ledger import today_of
from duecourse.casework.lender_law import law_of
from duecourse.casework.matter_kinds import ANSWERS, CATEGORIES, CAUSES, MatterKind
from duecourse.casework.reveal import NoPurpose, RevealPurpose
from duecourse.law.measure import measure
from duecourse.storage import cases, changes, documents, lenders, log, matters, persons
from duecourse.storage.connection import Tx
from duecourse.storage.holds import HoldStands
from duecourse.storage.matters import Matter
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput

WORDS_MAX = 4_000
REVIEW_DAYS_MAX = 184


_HOLDS = {
    (MatterKind.DISPUTE, None): HoldKind.DISPUTE, (MatterKind.COMPLAINT, None): HoldKind.COMPLAINT,
    (MatterKind.HARDSHIP, None): HoldKind.HARDSHIP, (MatterKind.HARDSHIP, "bereavement"): HoldKind.BEREAVEMENT,
    (MatterKind.HARDSHIP, "breathing_space"): HoldKind.BREATHING_SPACE,
    (MatterKind.HARDSHIP, "vulnerable"): HoldKind.VULNERABLE, (MatterKind.DISPUTE, "fraud"): HoldKind.IDENTITY_THEFT,
}  # fmt: skip


class NotAMatter(BadInput):
    """A matter that cannot be opened, or not so ended."""


def open_matter(
    tx: Tx,
    *,
    vault: Vault,
    case_id: int,
    kind: MatterKind,
    category: str,
    words: str,
    actor: Actor,
    clock: Callable[[], datetime],
    loan_key: int | None = None,
    severity: str = "ordinary",
    review_days: int | None = None,
) -> Matter:
    """Open a matter, place its hold and start its clock, in one transaction. ``words`` are sealed.

    ``review_days``: of hardship, when it is looked at again. Raises `NotAMatter`, `cases.NoSuchCase`,
    `standing.CountersBusy`.
    """
    case, said = cases.get(tx, case_id), words.strip()
    if kind not in CATEGORIES:
        raise NotAMatter(N_("an acceleration is told by `matter accelerate`"))
    if category not in CATEGORIES[kind]:
        raise NotAMatter(
            N_("{category!r} is no category of a {kind}; known: {known}"), category=category, kind=kind.value,
            known=", ".join(CATEGORIES[kind]),
        )  # fmt: skip
    if not 1 <= len(said) <= WORDS_MAX or "\0" in said:
        raise NotAMatter(N_("say what it is about, in 1 to {most} characters"), most=WORDS_MAX)
    if loan_key is not None and loan_key not in cases.loans_of(tx, case_id):
        raise NotAMatter(N_("the loan is not in case {case}"), case=case_id)
    if severity not in {"ordinary", "complex", "special"}:
        raise NotAMatter(N_("{severity!r} is no severity: ordinary, complex or special"), severity=severity)
    if (review_days is not None) != (kind is MatterKind.HARDSHIP) or not 1 <= (review_days or 1) <= REVIEW_DAYS_MAX:
        raise NotAMatter(N_("hardship is looked at again within {most} days; nothing else is"), most=REVIEW_DAYS_MAX)
    hold_id = _hold(tx, vault, case.person_id, kind, category, loan_key=loan_key, actor=actor, clock=clock)
    now = clock()
    day = today_of(tx, now)
    due, rule = _clock(tx, kind, severity, day, review_days)
    key = vault.person(tx.lender_id, case.person_id, persons.wrapped(tx, case.person_id))
    number = matters.add(
        tx, person_id=case.person_id, case_id=case_id, loan_key=loan_key, kind=kind.value, category=category,
        severity=severity, sealed=vault.seal(key, matters.FIELD, said), day=day, due=due, rule=rule, hold_id=hold_id,
        actor=str(actor), now=now,
    )  # fmt: skip
    made = matters.get(tx, number)
    record(tx, vault, "matter.opened", made, actor=actor, now=now, words=said)
    changes.tell(tx, case.person_id, by=str(actor))
    return made


def _hold(
    tx: Tx, vault: Vault, person_id: int, kind: MatterKind, category: str, *, loan_key: int | None, actor: Actor,
    clock: Callable[[], datetime],
) -> int | None:  # fmt: skip
    wanted = _HOLDS.get((kind, category)) or _HOLDS.get((kind, None))
    if wanted is None:
        return None
    try:
        with tx.connection.transaction():
            placed = holds.place(
                tx, vault=vault, person_id=person_id, kind=wanted, source=f"matter:{kind}", actor=actor, clock=clock,
                loan_key=loan_key if wanted is HoldKind.DISPUTE else None,
            )  # fmt: skip
    except HoldStands:  # contact is stopped already, and by whoever placed it goes on
        return None
    return placed.hold_id


def _clock(
    tx: Tx, kind: MatterKind, severity: str, day: date, review_days: int | None
) -> tuple[date | None, str | None]:
    """By when it is answered, and by which rule; nothing where no rule that binds gives a clock."""
    if review_days is not None:
        return day + timedelta(days=review_days), "house.hardship.review"
    quantity = "complaint_days" if kind is MatterKind.COMPLAINT else "credit_dispute_days"
    asked = {"on": day, "lender_type": lenders.get(tx).lender_type, "complaint_kind": severity}
    found = measure(law_of(tx), quantity, asked)
    if not isinstance(found.value, int) or not found.by:
        return None, None
    return day + timedelta(days=found.value), found.by[0].rule.id


def read_words(tx: Tx, *, vault: Vault, matter_id: int, purpose: str, actor: Actor, now: datetime) -> str:
    """What was said of a matter, in clear, with a record that its person can see; empty where it is no longer there.

    Raises `NoPurpose`, `matters.NoSuchMatter`, `vault.Destroyed`, `storage_only.StorageOnly`.
    """
    if purpose not in set(RevealPurpose):
        raise NoPurpose(purpose)
    found = matters.get(tx, matter_id)
    storage_only.guard(tx, found.person_id, now=now, purpose=purpose)
    key = vault.person(tx.lender_id, found.person_id, persons.wrapped(tx, found.person_id))
    opened = key.open(matters.FIELD, found.words_sealed)
    if opened is None:
        return ""
    log.append(
        tx, vault=vault, kind="person.reveal", at=now, actor=str(actor), subject=key,
        stated={"purpose": purpose, "field": matters.FIELD},
        facts={"field": f"{matters.FIELD}/{matter_id}", "value": opened.value},
    )  # fmt: skip
    return opened.value


def reporting_frozen(tx: Tx, loan_key: int) -> bool:
    """Whether nothing may be reported of a loan: a dispute or a correction about it, or about all, is open."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT FROM matter m WHERE m.lender_id = %(lender)s AND m.ended_at IS NULL "
            "AND m.kind IN ('dispute', 'credit_correction') AND (m.loan_key = %(loan)s OR (m.loan_key IS NULL "
            "AND EXISTS (SELECT FROM case_loan l WHERE l.lender_id = m.lender_id AND l.case_id = m.case_id "
            "AND l.loan_key = %(loan)s))))",
            {"lender": tx.lender_id, "loan": loan_key},
        )
    )


def bring_evidence(
    tx: Tx,
    *,
    vault: Vault,
    matter_id: int,
    kind: str,
    name: str,
    content: bytes,
    actor: Actor,
    now: datetime,
    chance: Callable[[int], bytes],
) -> int:
    """Keep a document on the matter's case as evidence of it; its number.

    Raises `NotAMatter` of one that is answered, `documents.NotADocument`, `NoSuchMatter`.
    """
    found = matters.get(tx, matter_id, lock=True)
    if found.ended_at is not None:
        raise NotAMatter(
            N_("matter {matter} is answered: nothing is brought in evidence of it any more"), matter=matter_id
        )
    number = keep_document(
        tx, vault=vault, case_id=found.case_id, kind=kind, name=name, content=content, actor=actor, now=now,
        chance=chance,
    )  # fmt: skip
    documents.bring(tx, person_id=found.person_id, matter_id=matter_id, document_id=number)
    key = vault.person(tx.lender_id, found.person_id, persons.wrapped(tx, found.person_id))
    log.append(
        tx, vault=vault, kind="matter.evidence", at=now, actor=str(actor), subject=key,
        stated={"matter": str(matter_id), "document": str(number), "case": str(found.case_id)},
    )  # fmt: skip
    return number


def escalate_matter(tx: Tx, *, vault: Vault, matter_id: int, actor: Actor, now: datetime) -> None:
    """Take a matter up to compliance. Raises `NotAMatter`."""
    found = matters.get(tx, matter_id, lock=True)
    if found.ended_at is not None or found.escalated_at is not None:
        raise NotAMatter(N_("matter {matter} is ended, or went up before"), matter=matter_id)
    matters.escalate(tx, matter_id, by=str(actor), now=now)
    record(tx, vault, "matter.escalated", found, actor=actor, now=now)


def answer_matter(
    tx: Tx,
    *,
    vault: Vault,
    matter_id: int,
    answer: str,
    cause: str,
    actor: Actor,
    clock: Callable[[], datetime],
    redress: int = 0,
) -> Matter:
    """Answer a matter: how it ended, what was behind it, what was made good; its hold ends with it.

    What went up is answered by compliance. Raises `NotAMatter`, `holds.NotYetBegun`.
    """
    found = matters.get(tx, matter_id, lock=True)
    if found.ended_at is not None or found.kind == MatterKind.ACCELERATION:
        raise NotAMatter(N_("matter {matter} is not open to an answer"), matter=matter_id)
    if answer not in ANSWERS or cause not in CAUSES or redress < 0:
        raise NotAMatter(
            N_("an answer is one of {answers}, its cause one of {causes}"), answers=", ".join(ANSWERS),
            causes=", ".join(CAUSES),
        )  # fmt: skip
    if found.escalated_at is not None and actor.role not in {Role.COMPLIANCE, Role.OPERATOR}:
        raise NotAMatter(N_("matter {matter} went up: compliance answers it"), matter=matter_id)
    if found.hold_id is not None:
        try:
            with tx.connection.transaction():
                holds.end(
                    tx, vault=vault, person_id=found.person_id, hold_id=found.hold_id, actor=actor, clock=clock,
                    reason=f"matter {matter_id}: {answer}",
                )  # fmt: skip
        except NotYetBegun:
            raise
        except NotAHold:  # somebody ended it before
            pass
    now = clock()
    matters.end(tx, matter_id, as_=answer, by=str(actor), now=now, cause=cause, redress=redress)
    made = matters.get(tx, matter_id)
    record(tx, vault, "matter.answered", made, actor=actor, now=now)
    changes.tell(tx, made.person_id, by=str(actor))
    return made


def record(
    tx: Tx, vault: Vault, kind: str, found: Matter, *, actor: Actor, now: datetime, words: str | None = None
) -> None:
    """Write of a matter that something became of it."""
    key = vault.person(tx.lender_id, found.person_id, persons.wrapped(tx, found.person_id))
    log.append(
        tx, vault=vault, kind=kind, at=now, actor=str(actor), subject=key,
        rules=[found.due_rule] if found.due_rule else [],
        stated={
            "matter": str(found.matter_id), "case": str(found.case_id), "kind": found.kind,
            "due": found.due_day.isoformat() if found.due_day else None, "ended_as": found.ended_as,
        },
        facts={
            "category": found.category, "loan": None if found.loan_key is None else str(found.loan_key),
            "words": words, "cause": found.cause, "redress": found.redress_minor,
        },
    )  # fmt: skip
