"""Giving up part of a claim on screen: offered within authority, told to the borrower, taken back before that."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from duecourse.casework import waivers as acts
from duecourse.casework.rights import Right
from duecourse.core.contract import Category
from duecourse.storage.waivers import Waiver
from duecourse.trouble import N_, Trouble
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence
from duecourse.web.workbench.contacting import money
from duecourse.web.workbench.ways import ways_of

pages = Pages("workbench")


@pages.post("/cases/{case}/loans/{loan}/waivers", right=Right.CASE_WORK)
def offer_waiver(visit: Visit) -> Response:
    """Offer to give up amounts by category, at once or if so much is paid by a day."""

    def act() -> Waiver:
        give = {one: _minor(visit, one.name.lower()) for one in Category if visit.text(one.name.lower())}
        pay = _minor(visit, "pay") if visit.text("pay") else 0
        with visit.transaction() as tx:
            return acts.offer_waiver(
                tx, visit.parts.store(visit.lender_id), vault=visit.parts.vault,
                case_id=visit.number("case", visit.path), loan_key=visit.number("loan", visit.path), give=give, pay=pay,
                pay_by=visit.day("by") if visit.text("by") else None, reason=visit.text("reason"), actor=visit.actor,
                now=visit.now,
            )  # fmt: skip

    return _offered(visit, act)


@pages.post("/cases/{case}/loans/{loan}/settlements", right=Right.CASE_WORK)
def offer_settlement(visit: Visit) -> Response:
    """Offer to take less than the whole in full and final, if it is paid by a day."""

    def act() -> Waiver:
        pay, by = _minor(visit, "pay"), visit.day("by")
        with visit.transaction() as tx:
            return acts.offer_settlement(
                tx, visit.parts.store(visit.lender_id), vault=visit.parts.vault,
                case_id=visit.number("case", visit.path), loan_key=visit.number("loan", visit.path), pay=pay, pay_by=by,
                reason=visit.text("reason"), actor=visit.actor, now=visit.now,
            )  # fmt: skip

    return _offered(visit, act)


@pages.post("/cases/{case}/waivers/{waiver}/notice", right=Right.CASE_WORK)
def tell(visit: Visit) -> Response:
    """Note that the borrower was told: from then on it is not taken back (civil code 575)."""
    return _ended(visit, tell=True)


@pages.post("/cases/{case}/waivers/{waiver}/withdrawal", right=Right.CASE_WORK)
def withdraw(visit: Visit) -> Response:
    """Take an offer back of which the borrower was not told."""
    return _ended(visit, tell=False)


def _offered(visit: Visit, act: Callable[[], Waiver]) -> Response:
    try:
        made = act()
    except Trouble as error:
        return ways_of(visit, error=sentence(error, visit.choice.language))
    said = N_("It is approved, and binds once the borrower is told.")
    if made.approved_at is None:
        said = N_("It waits for a second person.")
    return visit.go(f"/cases/{made.case_id}/ways", said=visit.say(said))


def _ended(visit: Visit, *, tell: bool) -> Response:
    number, waiver = visit.number("case", visit.path), visit.number("waiver", visit.path)
    try:
        with visit.transaction() as tx:
            if tell:
                acts.notify_waiver(
                    tx, visit.parts.store(visit.lender_id), vault=visit.parts.vault, waiver_id=waiver,
                    actor=visit.actor, now=visit.now,
                )  # fmt: skip
            else:
                acts.withdraw_waiver(tx, vault=visit.parts.vault, waiver_id=waiver, actor=visit.actor, now=visit.now)
    except Trouble as error:
        return ways_of(visit, error=sentence(error, visit.choice.language))
    said = N_("The borrower was told; it stands.") if tell else N_("The offer is taken back.")
    return visit.go(f"/cases/{number}/ways", said=visit.say(said))


def _minor(visit: Visit, name: str) -> int:
    return money(visit, name).minor
