"""The ways to pay of a case: every option to the cent, compared; what is agreed and what is raised; offering a plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from starlette.responses import Response

from duecourse.casework import plans as acts
from duecourse.casework.ledger import read_loan
from duecourse.casework.matter_kinds import CATEGORIES
from duecourse.casework.rights import Right
from duecourse.casework.waivers import PAY_DAYS_MAX, owed
from duecourse.core.contract import Category
from duecourse.core.plan_options import MONTHS, OptionKind
from duecourse.storage import cases, matters, plans, waivers
from duecourse.trouble import N_, Trouble
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("workbench")

SHOWN = (6, 12, 24, 60)
"""Lengths that are compared on the page; the command line works out any."""

GIVEN: Mapping[Category, str] = {
    Category.COST: N_("Costs of the claim"), Category.FEE: N_("Fees"), Category.INTEREST: N_("Interest"),
    Category.PENALTY: N_("Default interest"), Category.COMPOUND: N_("Compound interest"),
    Category.PRINCIPAL: N_("Principal"),
}  # fmt: skip
"""What can be given up."""


@pages.get("/cases/{case}/ways", right=Right.CASE_READ)
def show_ways(visit: Visit) -> Response:
    """Every way to pay each loan of a case, compared, and what stands."""
    return ways_of(visit)


def ways_of(visit: Visit, error: str = "") -> Response:
    """The page, with what went wrong on it."""
    number = visit.number("case", visit.path)
    store = visit.parts.store(visit.lender_id)
    with visit.transaction() as tx:
        case = cases.get(tx, number)
        worked = [
            acts.work_out(tx, store, loan_key=key, now=visit.now, months=SHOWN) for key in cases.loans_of(tx, number)
        ]
        owes = {
            one.loan_key: owed(read_loan(tx, store, loan_key=one.loan_key, now=visit.now), visit.today)
            for one in worked
        }  # fmt: skip
        there, given = plans.of_case(tx, number), waivers.of_case(tx, number)
        raised = matters.listed(tx, case_id=number)
    return visit.page(
        "workbench/ways.html", status=422 if error else 200, case=case, worked=worked, plans=there, waivers=given,
        matters=raised, error=error, months=MONTHS, categories=CATEGORIES,
        owes=owes, called={one: visit.say(said) for one, said in GIVEN.items()},
        latest=visit.today + timedelta(days=PAY_DAYS_MAX),
    )  # fmt: skip


@pages.post("/cases/{case}/loans/{loan}/plans", right=Right.CASE_WORK)
def offer_plan(visit: Visit) -> Response:
    """Offer one of the ways; beyond what the role may offer alone it waits for a second person."""
    number, loan = visit.number("case", visit.path), visit.number("loan", visit.path)
    kind, months, deferred = visit.text("kind"), visit.number("months"), visit.number("deferred")
    try:
        with visit.transaction() as tx:
            made = acts.offer_plan(
                tx, visit.parts.store(visit.lender_id), vault=visit.parts.vault, case_id=number, loan_key=loan,
                kind=OptionKind(kind), months=months, deferred=deferred, reason=visit.text("reason"),
                actor=visit.actor, now=visit.now,
            )  # fmt: skip
    except Trouble as error:
        return ways_of(visit, error=sentence(error, visit.choice.language))
    said = N_("The plan is offered.") if made.approved_at else N_("The plan waits for a second person.")
    return visit.go(f"/cases/{number}/ways", said=visit.say(said))
