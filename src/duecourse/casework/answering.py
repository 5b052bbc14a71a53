"""Answering one request under lock: decide, reserve or refuse, and write the record.

What is written is kept until `Answering.write`, and then only sent: it travels with the commit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from duecourse.casework import ground, permit_token
from duecourse.casework.actor import Actor
from duecourse.casework.gate import Gate, Question
from duecourse.casework.permit import Answer, Permit, PermitRequest, Refusal, Why
from duecourse.casework.permit_rows import KeyReused, digest, said_of, stored_answer
from duecourse.casework.staff import counted_as
from duecourse.core.money import BrokenInvariant
from duecourse.evidence.record import Fact, instant_text
from duecourse.law import wording
from duecourse.law.fact import Value
from duecourse.law.plain import plain_finding
from duecourse.law.rulebook import CLOSED
from duecourse.storage import log, permits
from duecourse.storage.connection import Tx
from duecourse.storage.permits import PermitRow, Written
from duecourse.storage.standing import Standing, Subject
from duecourse.storage.vault import PersonKey, Wrapped


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with what stands about it."""

    request: PermitRequest
    subject: Subject
    standing: Standing
    contacts: list[dict[str, Any]]
    debtor_id: int
    actor: Actor

    def key(self, gate: Gate, lender_id: str) -> PersonKey:
        """The key of the person contacted, whose secret salts the record."""
        found = self.standing
        wrapped = None if found.secret_wrapped is None else Wrapped(found.key_id, found.secret_wrapped)
        return gate.vault.person(lender_id, self.request.person_id, wrapped)


@dataclass(frozen=True, slots=True)
class Answering:
    """One transaction in which requests are answered, one after the other, by one clock."""

    tx: Tx
    gate: Gate
    now: datetime  # read after the locks
    granted: list[tuple[Asked, dict[str, Any]]] = field(default_factory=list)  # in this transaction
    written: list[Written] = field(default_factory=list)

    def write(self) -> None:
        """Send everything that was answered."""
        permits.write(self.tx, self.written)

    def answer(self, asked: Asked) -> Answer:
        """Decide one request and keep what is to be written; raises `KeyReused`."""
        request, found, now = asked.request, asked.standing, self.now
        known_by = digest(request)
        if found.earlier is not None:
            if found.earlier[1] != known_by.hex():
                raise KeyReused(request.idempotency_key)
            return stored_answer(permits.get(self.tx, found.earlier[0]), self.tx.lender_id)
        gone = [one for one in asked.contacts if ground.is_lapsed(one, now)]
        if gone:  # Whoever finds a reservation lapsed ends it, so that no slower clock redeems it afterwards.
            permits.release(self.tx, [(one["person_id"], one["contact_id"]) for one in gone], now=now)
        contacts = [*ground.live(asked.contacts, now), *_seen(asked, self.granted)]
        question = self.gate.ask(found, request, contacts, max(request.at, now))
        why = self._why(asked, question)
        row = _row(asked, question, known_by, now)
        return self._grant(asked, question, row) if why is None else self._refuse(asked, question, row, why)

    def _why(self, asked: Asked, question: Question) -> Why | None:
        if not question.decision.allowed:
            return Why.LAW
        if asked.request.at >= self.now + self.gate.parameters.valid:
            return Why.TOO_EARLY
        if asked.standing.unreported >= self.gate.parameters.unreported_max:
            return Why.SENDER_STOPPED
        return None

    def _grant(self, asked: Asked, question: Question, row: PermitRow) -> Permit:
        request = asked.request
        if question.relation is None or question.template is None or asked.standing.point is None:
            raise BrokenInvariant("the gate allowed a contact without relation, template or contact point")
        permit = Permit(
            permit_id=row.permit_id,
            lender_id=self.tx.lender_id,
            person_id=request.person_id,
            debtor_id=asked.debtor_id,
            loan_keys=request.loan_keys,
            relation=question.relation,
            contact_point_id=request.contact_point_id,
            channel=request.channel,
            purpose=question.template.purpose,
            template_id=request.template_id,
            template_version=question.template.version,
            content_hash=request.content_hash,
            sender=request.sender,
            at=question.moment.at,
            issued_at=self.now,
            expires_at=self.gate.closes(question, self.now + self.gate.parameters.valid),
            token="",
            advice=tuple(plain_finding(one) for one in question.decision.advice),
            lifted=tuple(plain_finding(one) for one in question.decision.lifted),
        )
        visit = None if request.visit is None else [request.visit.collectors, request.visit.enters_private]
        permit = replace(permit, token=permit_token.sign(self.gate.signer, permit))
        what = _asked(question)
        granted = replace(
            row, answer="granted", contact_id=row.permit_id, expires_at=permit.expires_at, token=permit.token,
            said={"advice": list(permit.advice), "lifted": list(permit.lifted), "visit": visit, **what},
        )  # fmt: skip
        point = asked.standing.point
        self.written.append(
            Written(
                granted, self._record(asked, question, permit, what["facts"]), bytes.fromhex(point[1]), point[6],
                question.moment.day, counted_as(asked.standing.records, request.sender),
            )
        )  # fmt: skip
        self.granted.append((asked, _as_made(asked, permit, question)))
        return permit

    def _refuse(self, asked: Asked, question: Question, row: PermitRow, why: Why) -> Refusal:
        decision = question.decision
        refusal = Refusal(
            permit_id=row.permit_id,
            lender_id=self.tx.lender_id,
            person_id=row.person_id,
            why=why,
            says=says(question) if why is Why.LAW else said_of(why, self.gate.parameters),
            reasons=tuple(plain_finding(one) for one in decision.refusals),
            missing=decision.missing,
            lifts=decision.lifts,
            next_open=self.gate.next_open(question) if why is Why.LAW else None,
            at=row.answered_at,
        )
        what = _asked(question)
        said = {
            "says": dict(refusal.says), "reasons": list(refusal.reasons), "missing": list(refusal.missing),
            "lifts": list(refusal.lifts), **what,
        }  # fmt: skip
        final = replace(row, said=said, why=why.value, next_open=refusal.next_open)
        self.written.append(Written(final, self._record(asked, question, refusal, what["facts"])))
        return refusal

    def _record(self, asked: Asked, question: Question, answer: Answer, facts: dict[str, Fact]) -> log.Row:
        """The evidence: what was asked and answered may be read; what it was about, and the facts, are committed to."""
        request, found, decision = asked.request, asked.standing, question.decision
        stated: dict[str, Fact] = {
            "permit": str(found.permit_id),
            "channel": request.channel.value,
            "template": request.template_id,
            "content": request.content_hash,
            "sender_type": request.sender.type.value,
            "rulebook": decision.rulebook,
            "at": instant_text(question.moment.at),
        }
        if isinstance(answer, Permit):
            kind, rules = "permit.granted", [one.rule.id for one in decision.lifted]
            stated["expires"] = instant_text(answer.expires_at)
        else:
            kind, rules = "permit.refused", [one.rule.id for one in decision.refusals]
            stated["why"] = answer.why.value
            stated["missing"] = list(answer.missing)
        return log.row_of(
            self.tx,
            found.entry_id,
            vault=self.gate.vault,
            kind=kind,
            at=self.now,
            actor=str(asked.actor),
            subject=asked.key(self.gate, self.tx.lender_id),
            rules=rules,
            stated=stated,
            facts={
                "about": about(request, asked.debtor_id),
                "facts": facts,
            },
        )


def _row(asked: Asked, question: Question, digest: bytes, now: datetime) -> PermitRow:
    request, template = asked.request, question.template
    return PermitRow(
        person_id=request.person_id,
        permit_id=asked.standing.permit_id,
        debtor_id=asked.debtor_id,
        loan_keys=list(request.loan_keys),
        relation=question.relation.value if question.relation else None,
        contact_point_id=request.contact_point_id,
        channel=request.channel.value,
        purpose=template.purpose.value if template else None,
        template_id=request.template_id,
        template_version=template.version if template else None,
        content_hash=bytes.fromhex(request.content_hash),
        sender_type=request.sender.type.value,
        firm=request.sender.firm,
        staff=request.sender.staff,
        idempotency_key=request.idempotency_key,
        request_hash=digest,
        at=question.moment.at,
        answered_at=now,
        answer="refused",
        rulebook=question.decision.rulebook,
        said={},
        why=None,
        next_open=None,
        contact_id=None,
        expires_at=None,
        token=None,
    )


def about(request: PermitRequest, debtor_id: int) -> dict[str, Fact]:
    """Whom a contact is with and about, as a record commits to it."""
    return {
        "person": str(request.person_id),
        "debtor": str(debtor_id),
        "loans": [str(loan) for loan in request.loan_keys],
        "contact_point": str(request.contact_point_id),
        "sender": str(request.sender),
        "key": request.idempotency_key,
    }


def said(value: Value) -> Fact:
    """A fact as a record holds it."""
    return value.isoformat() if isinstance(value, date) else value


def _asked(question: Question) -> dict[str, Any]:
    """What the gate was asked, so that another law can be asked the same later (`casework.planned.permits_between`)."""
    facts = {name: said(value) if isinstance(value, date) else value for name, value in question.facts.items()}
    return {"facts": facts, "zones": list(question.zones)}


def says(question: Question) -> Mapping[str, str]:
    """The answer in one sentence, by language; what nobody knows (zone, template) goes before all but a closed gate."""
    decision = question.decision
    if not question.zones and not question.law.book.zone:
        return {lang: wording.no_zone(lang) for lang in ("zh", "en")}
    if question.template is None and decision.refusals and decision.refusals[0].rule.id != CLOSED:
        near = next(iter(get_close_matches(question.template_id, list(question.law.register.templates), n=1)), None)
        return {lang: wording.no_template(decision, question.template_id, near, lang) for lang in ("zh", "en")}
    return {lang: wording.sentence(decision, lang) for lang in ("zh", "en")}


def _as_made(asked: Asked, permit: Permit, question: Question) -> dict[str, Any]:
    """A contact reserved a moment ago, in this batch, as rows have it."""
    return {
        "contact_id": permit.permit_id,
        "person_id": permit.person_id,
        "point_index": asked.standing.point[1] if asked.standing.point else None,
        "loan_keys": list(permit.loan_keys),
        "agency": permit.sender.firm or None,
        "local_day": question.moment.day,
        "state": "reserved",
        "expires": ground.micros(permit.expires_at),
        "channel": permit.channel.value,
        "purpose": permit.purpose.value,
        "relation": permit.relation.value,
        "direction": "out",
        "answered": True,
        "unanswered": True,
        "talked": True,
        "placed": True,
        "at_work": asked.standing.point is not None and asked.standing.point[6] == "work",
        "at": question.moment.micros,
        "template_id": permit.template_id,
    }


def _seen(asked: Asked, granted: list[tuple[Asked, dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """The contacts reserved a moment ago, from where another request stands: those that its counters may count."""
    point = asked.standing.point[1] if asked.standing.point else None
    for other, made in granted:
        seen = {
            "with_person": other.standing.root_id == asked.standing.root_id,
            "about_debtor": other.debtor_id == asked.debtor_id,
            "with_debtor": other.standing.root_id == asked.debtor_id,
        }
        if any(seen.values()) or made["point_index"] == point:
            yield {**made, **seen}
