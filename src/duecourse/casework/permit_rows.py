"""Answers as they are stored and said: from a row, in one sentence, and the hash by which a request is known again."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from duecourse.casework.permit import Answer, Parameters, Permit, PermitRequest, Refusal, Sender, Why
from duecourse.core.money import BrokenInvariant
from duecourse.evidence.record import canonical, instant_text
from duecourse.law.terms import Channel, Purpose, Relation, SenderType
from duecourse.storage.permits import PermitRow
from duecourse.trouble import N_, BadInput


class KeyReused(BadInput):
    """An idempotency key that stands for another request."""

    def __init__(self, key: str) -> None:
        super().__init__(
            N_("the idempotency key {key!r} stands for another request of this sender; use a new one"), key=key
        )


def stored_answer(row: PermitRow, lender_id: str) -> Answer:
    """An answer as it was given."""
    if row.answer == "refused":
        said = row.said
        return Refusal(
            permit_id=row.permit_id,
            lender_id=lender_id,
            person_id=row.person_id,
            why=Why(str(row.why)),
            says=said["says"],
            reasons=tuple(said["reasons"]),
            missing=tuple(said["missing"]),
            lifts=tuple(said["lifts"]),
            next_open=row.next_open,
            at=row.answered_at,
        )
    if row.expires_at is None or row.token is None:
        raise BrokenInvariant(f"permit {row.permit_id} was granted without an end or a token")
    return Permit(
        permit_id=row.permit_id,
        lender_id=lender_id,
        person_id=row.person_id,
        debtor_id=row.debtor_id,
        loan_keys=tuple(row.loan_keys),
        relation=Relation(str(row.relation)),
        contact_point_id=row.contact_point_id,
        channel=Channel(row.channel),
        purpose=Purpose(str(row.purpose)),
        template_id=row.template_id,
        template_version=int(str(row.template_version)),
        content_hash=row.content_hash.hex(),
        sender=Sender(SenderType(row.sender_type), row.firm, row.staff),
        at=row.at,
        issued_at=row.answered_at,
        expires_at=row.expires_at,
        token=row.token,
        advice=tuple(row.said.get("advice", ())),
        lifted=tuple(row.said.get("lifted", ())),
    )


def said_of(why: Why, parameters: Parameters) -> Mapping[str, str]:
    """In one sentence, why there is no permit though the law allows the contact, or why a permit is not redeemed."""
    minutes = int(parameters.valid.total_seconds()) // 60
    most = parameters.unreported_max
    zh, en = {
        Why.LAW: ("规则不准许", "A rule refuses"),
        Why.TOO_EARLY: (
            f"计划时刻未到；许可有效{minutes}分钟，请临近时再申请或使用",
            f"It is too early: a permit lives {minutes} minutes, so ask for it, and use it, when the time has come",
        ),
        Why.SENDER_STOPPED: (
            f"该触达方已有{most}次触达未回报结果；请先回报",
            f"This sender owes the outcomes of {most} contacts or more; report them first",
        ),
        Why.EXPIRED: ("许可已过期；请重新申请", "The permit has expired; ask for a new one"),
        Why.USED: ("许可已使用；每次触达须另行申请", "The permit was used before; each contact needs one of its own"),
        Why.ENDED: (
            "许可已终止（已交回，或因冻结而作废）；请重新申请",
            "The permit was ended: given back, or voided by a hold; ask for a new one",
        ),
        Why.OTHER_SENDER: ("许可不是发给该触达方的", "The permit was given to another sender"),
        Why.OTHER_CONTENT: ("内容与许可不符", "This is not the content that the permit was given for"),
    }[why]
    return {"zh": f"{zh}。", "en": f"{en}."}


def digest(request: PermitRequest) -> bytes:
    """The hash by which a repeated request is known."""
    said = {
        "person": str(request.person_id),
        "loans": [str(loan) for loan in request.loan_keys],
        "point": str(request.contact_point_id),
        "channel": request.channel.value,
        "at": instant_text(request.at),
        "template": request.template_id,
        "content": request.content_hash,
        "sender": [request.sender.type.value, request.sender.firm, request.sender.staff],
        "visit": None if request.visit is None else [request.visit.collectors, request.visit.enters_private],
    }
    return sha256(canonical(said)).digest()
