"""What waits for a second pair of eyes: the list, one request, deciding it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from starlette.responses import Response

from duecourse.book.strategy import first_in, read_strategy, shipped
from duecourse.casework import approval
from duecourse.casework.actor import Actor, Role
from duecourse.casework.kinds import KINDS
from duecourse.casework.rights import Right
from duecourse.storage import approvals, drafts, lenders, plans, strategies, waivers
from duecourse.storage.approvals import Approval
from duecourse.storage.connection import Tx
from duecourse.trouble import Trouble
from duecourse.web.difference import difference
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("entrance")


@dataclass(frozen=True, slots=True)
class Shown:
    """A request with what it would do, in words, and whether whoever looks may decide it."""

    request: Approval
    says: str
    asked: Mapping[str, str]
    role: Role | None
    own: bool


@dataclass(frozen=True, slots=True)
class About:
    """What whoever decides must see first: where it stands in full, what it would change, what a trial found."""

    link: str = ""
    against: str = ""  # the version that the difference is from
    diff: Sequence[tuple[str, str]] = ()
    trial: drafts.Trial | None = None


@pages.get("/approvals", right=Right.APPROVAL_READ)
def pending(visit: Visit) -> Response:
    """Open requests, the one that lapses next first, and those decided last."""
    with visit.transaction() as tx:
        approval.lapse(tx, vault=visit.parts.vault, now=visit.now)
        waiting, done = approvals.pending(tx), approvals.decided(tx)
    return visit.page(
        "entrance/approvals.html", waiting=[_shown(visit, one) for one in waiting],
        done=[_shown(visit, one) for one in done],
    )  # fmt: skip


@pages.get("/approvals/{number}", right=Right.APPROVAL_READ)
def one(visit: Visit) -> Response:
    """One request in full."""
    return _one(visit)


@pages.post("/approvals/{number}/approval", right=Right.APPROVAL_DECIDE)
def approve(visit: Visit) -> Response:
    """Approve it: what was asked is done with that."""
    return _decide(visit, "approve")


@pages.post("/approvals/{number}/refusal", right=Right.APPROVAL_DECIDE)
def refuse(visit: Visit) -> Response:
    """Refuse it, with a reason."""
    return _decide(visit, "refuse")


@pages.post("/approvals/{number}/withdrawal", right=Right.APPROVAL_READ)
def withdraw(visit: Visit) -> Response:
    """Take one's own request back."""
    with visit.transaction() as tx:
        approval.withdraw(
            tx,
            vault=visit.parts.vault,
            approval_id=visit.number("number", visit.path),
            actor=visit.actor,
            now=visit.now,
        )
    return visit.go("/approvals", said=visit.say("The request is withdrawn."))


def _decide(visit: Visit, how: str) -> Response:
    number = visit.number("number", visit.path)
    try:
        with visit.transaction() as tx:
            request = approvals.get(tx, number)
            role = approval.may_decide(KINDS, request, frozenset(visit.signed.roles), visit.signed.ref)
            actor = Actor(role, visit.signed.ref) if role else visit.actor
            act = approval.approve if how == "approve" else approval.refuse
            act(
                tx, kinds=KINDS, vault=visit.parts.vault, approval_id=number, reason=visit.text("reason"), actor=actor,
                now=visit.now,
            )  # fmt: skip
    except Trouble as error:
        return _one(visit, said=sentence(error, visit.choice.language))
    done = visit.say("It is approved and done.") if how == "approve" else visit.say("It is refused.")
    return visit.go("/approvals", said=done)


def _one(visit: Visit, said: str = "") -> Response:
    with visit.transaction() as tx:
        found = approvals.get(tx, visit.number("number", visit.path))
        about = _about(visit, tx, found)
    return visit.page(
        "entrance/approval.html", status=409 if said else 200, shown=_shown(visit, found), about=about, error=said
    )


_PLACES = {
    "strategy.activate": ("/strategies/drafts/{draft}", Right.STRATEGY_READ),
    "strategy.roll_back": ("/strategies", Right.STRATEGY_READ),
    "template.approve": ("/law/templates/drafts/{draft}", Right.LAW_READ),
    "law.pack": ("/law/packs", Right.LAW_READ),
    "law.own_pack": ("/law/packs", Right.LAW_READ),
    "payment.place": ("/suspense", Right.PAYMENT_READ),
    "payment.refund": ("/suspense", Right.PAYMENT_READ),
    "retention.destroy": ("/retention", Right.RETENTION_READ),
    "retention.release": ("/retention", Right.RETENTION_READ),
    "retention.read": ("/retention", Right.RETENTION_READ),
}
"""Where what was asked for stands in full, and the right to see it there."""


def _about(visit: Visit, tx: Tx, request: Approval) -> About:
    asked, (place, right) = request.asked, _PLACES.get(request.kind, ("", Right.CASE_READ))
    if request.kind == "plan.offer":
        place = f"/cases/{plans.get(tx, int(asked['plan'])).case_id}/ways"
    elif request.kind == "waiver.offer":
        place = f"/cases/{waivers.get(tx, int(asked['waiver'])).case_id}/ways"
    if not place or not visit.may(right):
        return About()
    link = place.format_map(asked)
    if not request.kind.startswith("strategy.") or request.decision:
        return About(link)
    used = strategies.in_use(tx, date.fromisoformat(str(asked["from"])))
    before = used.content if used else shipped(first_in(lenders.get(tx).jurisdiction))
    digest = bytes.fromhex(str(asked["sha256"]))
    kept = strategies.get(tx, str(asked["strategy"]), int(asked["version"])) if "version" in asked else None
    after = (kept.content if kept else drafts.content_of(tx, digest)) or before
    return About(
        link, read_strategy(before, "kept").id, difference(before, after), next(iter(drafts.trials(tx, digest)), None)
    )


def _shown(visit: Visit, request: Approval) -> Shown:
    kind = KINDS.get(request.kind)
    asked = {name: _told(visit, value) for name, value in request.asked.items()}
    says = visit.say(kind.says, **asked) if kind else request.kind
    says = says[:1].upper() + says[1:]
    role = approval.may_decide(KINDS, request, frozenset(visit.signed.roles), visit.signed.ref)
    return Shown(request, says, asked, role, request.asker == visit.signed.ref)


def _told(visit: Visit, value: object) -> str:
    """What was asked for, in words where the house has words for it; anything else stands exactly as it was asked."""
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    word = value.replace("_", " ")
    said = visit.say(word)
    return said if said != word else value
