"""What is kept, until when, by which rule: the schedule, legal holds, destructions; what takes two people is asked."""

from __future__ import annotations

from starlette.responses import Response

from duecourse.casework import approval, destruction, destruction_paper, legal_hold, retention
from duecourse.casework.kept import Phase
from duecourse.casework.kinds import KINDS
from duecourse.casework.rights import Right
from duecourse.storage import persons
from duecourse.storage import retention as stored
from duecourse.trouble import Trouble
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("oversight")

ROWS = 50
LEVELS = {"in_use": "info", "period_runs": "none", "unknown": "warn", "held": "warn", "over": "good"}
"""How each phase is shown."""


@pages.get("/retention", right=Right.RETENTION_READ)
def schedule(visit: Visit) -> Response:
    """The schedule, a page of people at a time, with legal holds and destructions."""
    return _page(visit)


@pages.post("/retention/holds", right=Right.RETENTION_WORK)
def hold(visit: Visit) -> Response:
    """Place a legal hold, at once."""
    try:
        with visit.transaction() as tx:
            number = legal_hold.place(
                tx, vault=visit.parts.vault, person_id=visit.number("person"), source=visit.text("matter"),
                reason=visit.text("reason"), until=visit.day("until") if visit.text("until") else None,
                actor=visit.actor, day=visit.today, now=visit.now,
            )  # fmt: skip
    except Trouble as error:
        return _page(visit, error=sentence(error, visit.choice.language))
    return visit.go("/retention", said=visit.say("Legal hold {hold} stands.", hold=number))


@pages.post("/retention/holds/{number}/release", right=Right.RETENTION_WORK)
def release(visit: Visit) -> Response:
    """Ask for the release of a legal hold."""
    number = visit.number("number", visit.path)
    return _ask(visit, legal_hold.RELEASE.kind, f"legal_hold/{number}", {"hold": number})


@pages.post("/retention/destructions", right=Right.RETENTION_WORK)
def destroy(visit: Visit) -> Response:
    """Ask for the destruction of one person's data, whose periods are all over."""
    try:
        with visit.transaction() as tx:
            found = destruction.propose(
                tx, vault=visit.parts.vault, store=visit.parts.store(visit.lender_id),
                person_ids=[visit.number("person")], day=visit.today, actor=visit.actor, now=visit.now,
            )  # fmt: skip
            approval.ask(
                tx, kinds=KINDS, vault=visit.parts.vault, kind=destruction.APPROVE.kind,
                subject=f"destruction/{found.destruction_id}", asked=destruction.asked(found),
                reason=visit.text("reason"), actor=visit.actor, now=visit.now,
            )  # fmt: skip
    except Trouble as error:
        return _page(visit, error=sentence(error, visit.choice.language))
    return visit.go("/retention", said=visit.say("It is asked for, and waits for somebody else."))


@pages.get("/retention/destructions/{number}/certificate.pdf", right=Right.RETENTION_READ)
def certificate(visit: Visit) -> Response:
    """The certificate of a destruction to print, with its proof in it."""
    number = visit.number("number", visit.path)
    with visit.transaction() as tx:
        found = destruction_paper.certified(tx, number)
    signing = visit.parts.certificate(visit.lender_id)
    made = destruction_paper.pdf(found, visit.lang, certificate=signing, now=visit.now)
    named = f'attachment; filename="destruction-{number}.pdf"'
    return Response(made, media_type="application/pdf", headers={"Content-Disposition": named})


def _ask(visit: Visit, kind: str, subject: str, asked: dict[str, int]) -> Response:
    try:
        with visit.transaction() as tx:
            approval.ask(
                tx, kinds=KINDS, vault=visit.parts.vault, kind=kind, subject=subject, asked=asked,
                reason=visit.text("reason"), actor=visit.actor, now=visit.now,
            )  # fmt: skip
    except Trouble as error:
        return _page(visit, error=sentence(error, visit.choice.language))
    return visit.go("/retention", said=visit.say("It is asked for, and waits for somebody else."))


def _page(visit: Visit, *, error: str = "") -> Response:
    after = visit.number("after", visit.query) if visit.query.get("after") else -1
    wanted = visit.query.get("phase", "")
    phase = Phase(wanted) if wanted in set(Phase) else None
    with visit.transaction() as tx:
        kept, later = retention.page(
            tx, store=visit.parts.store(visit.lender_id), day=visit.today, now=visit.now, after=min(after, 2**63 - 1),
            most=ROWS, phase=phase,
        )  # fmt: skip
        names = {one.person_id: persons.get(tx, one.person_id).name_masked for one in kept}
        held, destroyed = stored.holds(tx), stored.destructions(tx)
    return visit.page(
        "oversight/retention.html", status=422 if error else 200, error=error, kept=kept, levels=LEVELS, names=names,
        holds=held, destructions=destroyed, later=later, phase=phase, phases=list(Phase),
    )  # fmt: skip
