"""The suspense queue on screen: lines of statements that nobody may place by a rule, each with whose it may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from duecourse.casework import approval, payments, statements
from duecourse.casework import suspense as acts
from duecourse.casework.kinds import KINDS
from duecourse.casework.refunds import REFUND
from duecourse.casework.reveal import RevealPurpose
from duecourse.casework.rights import Right
from duecourse.storage import approvals, matching
from duecourse.storage import payments as paid
from duecourse.storage import statements as kept
from duecourse.storage.connection import Tx
from duecourse.storage.matching import ProposalRow
from duecourse.storage.statements import LineRow
from duecourse.trouble import N_, Trouble
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("oversight")

PATH = "/suspense"
SHOWN = 40
LATELY = 12


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line that waits, with the debtor it may belong to first of all."""

    line: LineRow
    first: ProposalRow | None


@pages.get(PATH, right=Right.PAYMENT_READ)
def queue(visit: Visit) -> Response:
    """What waits for a person, and what was applied last."""
    return _page(visit)


@pages.post(PATH + "/matching", right=Right.PAYMENT_WORK)
def match_now(visit: Visit) -> Response:
    """Look at all lines that wait anew."""
    with visit.transaction() as tx:
        from duecourse.casework.matching import match_lines  # noqa: PLC0415 - it brings the engine with it

        found = match_lines(
            tx, visit.parts.store(visit.lender_id), vault=visit.parts.vault, actor=visit.actor, now=visit.now
        )
    said = N_("Lines looked at: {lines}; certain: {certain}.")
    return visit.go(PATH, said=visit.say(said, lines=found.lines, certain=found.certain))


@pages.post(PATH + "/{line}/opening", right=Right.PAYMENT_WORK)
def open_line(visit: Visit) -> Response:
    """Open one: who paid, what was written, whose it may be; the reading is on record."""
    return _line(visit)


@pages.post(PATH + "/{line}/placement", right=Right.PAYMENT_WORK)
def place(visit: Visit) -> Response:
    """Say whose it is. A large one is asked for first, and placed once somebody else has approved."""
    number, person = visit.number("line", visit.path), visit.number("person")
    try:
        with visit.transaction() as tx:
            row = kept.line(tx, number)
            request = _approved(tx, number, person)
            if row.amount_minor > payments.ALONE_MAX_MINOR and request is None:
                approval.ask(
                    tx, kinds=KINDS, vault=visit.parts.vault, kind=payments.PLACE.kind, subject=f"bank_line/{number}",
                    asked={"line": str(number), "person": str(person)},
                    reason=visit.text("reason") or visit.say(N_("Seen on screen.")), actor=visit.actor, now=visit.now,
                )  # fmt: skip
                said = N_("Asked: somebody else approves it, then place it again.")
            else:
                payments.place(
                    tx, visit.parts.store(visit.lender_id), vault=visit.parts.vault, line_id=number, person_id=person,
                    actor=visit.actor, now=visit.now, approval_id=request,
                )  # fmt: skip
                said = N_("The payment stands on the ledger.")
    except Trouble as error:
        return _page(visit, error=sentence(error, visit.choice.language))
    return visit.go(PATH, said=visit.say(said))


@pages.post(PATH + "/{line}/dismissal", right=Right.PAYMENT_WORK)
def dismiss(visit: Visit) -> Response:
    """Say that it is no payment of a debt, and why."""
    try:
        with visit.transaction() as tx:
            acts.dismiss_line(
                tx, vault=visit.parts.vault, line_id=visit.number("line", visit.path), reason=visit.text("reason"),
                actor=visit.actor, now=visit.now,
            )  # fmt: skip
    except Trouble as error:
        return _page(visit, error=sentence(error, visit.choice.language))
    return visit.go(PATH, said=visit.say(N_("It is no payment of a debt; that is on record.")))


@pages.post(PATH + "/{line}/refund", right=Right.PAYMENT_WORK)
def refund(visit: Visit) -> Response:
    """Ask that the money goes back to the account that it came from."""
    number = visit.number("line", visit.path)
    try:
        with visit.transaction() as tx:
            approval.ask(
                tx, kinds=KINDS, vault=visit.parts.vault, kind=REFUND.kind, subject=f"bank_line/{number}",
                asked={"line": str(number)}, reason=visit.text("reason"), actor=visit.actor, now=visit.now,
            )  # fmt: skip
    except Trouble as error:
        return _page(visit, error=sentence(error, visit.choice.language))
    return visit.go(PATH, said=visit.say(N_("Asked: somebody else approves that the money goes back.")))


def _approved(tx: Tx, line_id: int, person_id: int) -> int | None:
    """A request that another approved, for this line and this person."""
    asked = {"line": str(line_id), "person": str(person_id)}
    return approvals.approved_of(tx, payments.PLACE.kind, f"bank_line/{line_id}", asked)


def _page(visit: Visit, *, error: str = "", opened: Mapping[str, Any] | None = None) -> Response:
    after = visit.number("after", visit.query) if visit.query.get("after") else 0
    with visit.transaction() as tx:
        lines = kept.lines(tx, state="waiting", after=after, most=SHOWN + 1)
        found = matching.proposals(tx, [one.line_id for one in lines[:SHOWN]])
        done = paid.latest(tx, most=LATELY)
    firsts = {one.line_id: one for one in reversed(found)}
    return visit.page(
        "oversight/suspense.html", status=422 if error else 200, error=error,
        waits=[Waiting(one, firsts.get(one.line_id)) for one in lines[:SHOWN]], done=done,
        earlier=PATH if after else "", later=f"{PATH}?after={lines[SHOWN - 1].line_id}" if len(lines) > SHOWN else "",
        writable=visit.may(Right.PAYMENT_WORK), opened=opened is not None, **(opened or {}),
    )  # fmt: skip


def _line(visit: Visit) -> Response:
    number = visit.number("line", visit.path)
    with visit.transaction() as tx:
        row = acts.waiting_line(tx, number)
        said = statements.read_line(
            tx, vault=visit.parts.vault, line_id=number, purpose=RevealPurpose.IDENTIFY, actor=visit.actor,
            now=visit.now,
        )  # fmt: skip
        found = matching.proposals(tx, [number])
    told: dict[str, Any] = {
        "row": row, "said": said, "proposals": found, "large": row.amount_minor > payments.ALONE_MAX_MINOR,
        "linked": visit.may(Right.CASE_READ),
    }  # fmt: skip
    if visit.fragment_wanted:
        return visit.page("oversight/suspense_line.html", **told)
    return _page(visit, opened=told)  # without script the whole page comes, the line in it
