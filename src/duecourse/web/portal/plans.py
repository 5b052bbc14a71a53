"""Ways to pay otherwise than agreed: compared to the cent, chosen by the borrower, signed by both, taken away."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

from starlette.responses import Response

from duecourse.casework.actor import Role
from duecourse.casework.authority import plan_alone
from duecourse.casework.plans import offer_plan, sign_plan, work_out
from duecourse.casework.portal.entry import borrower
from duecourse.casework.portal.own import NoSuchOwnThing, Own, loans, own, whose
from duecourse.casework.portal.papers import KNOWN_IN_PORTAL, Reader, plan_file, plan_paper
from duecourse.core.contract import Method
from duecourse.core.plan_choice import Best, pick
from duecourse.core.plan_options import OptionKind
from duecourse.storage import plans
from duecourse.storage.connection import Tx
from duecourse.storage.plans import NoSuchPlan, Plan
from duecourse.trouble import N_, Trouble
from duecourse.web.fields import NotAFieldValue
from duecourse.web.page import PORTAL, Open, Pages
from duecourse.web.portal.own_number import number
from duecourse.web.portal.taking import handed
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("portal")

KINDS = {
    OptionKind.INSTALMENTS: N_("What is overdue in parts"),
    OptionKind.DEFERRAL: N_("Nothing for some months, then in parts"),
    OptionKind.STEP_UP: N_("What is overdue in parts that grow"),
    OptionKind.RESCHEDULE: N_("All that is owed on a new schedule"),
    OptionKind.INTEREST_STOP: N_("All that is owed in equal parts, without interest"),
    OptionKind.EXTENSION: N_("Later days for what is not yet due"),
    OptionKind.RE_AGE: N_("What is overdue in parts, and the days past due start anew"),
}
"""What each kind is, in the borrower's words."""

OF_A_CARD = KINDS | {
    OptionKind.INSTALMENTS: N_("All that is owed in parts"),
    OptionKind.STEP_UP: N_("All that is owed in parts that grow"),
    OptionKind.RE_AGE: N_("All that is owed in parts, and the days past due start anew"),
}
"""The same of a card, of which a plan takes everything."""

BEST = {
    Best.AFFORDABLE: N_("Fits what you said is left of a month, and costs least of those"),
    Best.CHEAPEST: N_("Costs least in all"),
    Best.LIGHTEST: N_("The smallest payments"),
    Best.SOONEST: N_("Over soonest"),
    Best.AT_ONCE: N_("Costs least of those that you can sign at once"),
}
"""What a way to pay is best in, in the borrower's words."""


def kinds_of(method: Method) -> Mapping[OptionKind, str]:
    """What the kinds are of a loan of this method."""
    return OF_A_CARD if method is Method.CARD else KINDS


@pages.get(f"{PORTAL}/loans/{{loan}}/plans", right=Open.BORROWER)
def options(visit: Visit) -> Response:
    """Every lawful way to pay a loan of his, those that differ most first; and what was offered already."""
    return _options(visit, number(visit, "loan"))


@pages.post(f"{PORTAL}/loans/{{loan}}/plans", right=Open.BORROWER)
def choose(visit: Visit) -> Response:
    """Choose one: within what a collector may agree to alone it can be signed at once, else somebody decides it."""
    wanted = number(visit, "loan")
    try:
        with visit.transaction() as tx:
            mine = own(tx, visit.borrower)
            made = offer_plan(
                tx, visit.parts.store(visit.lender_id), vault=visit.parts.vault, case_id=mine.open_case.case_id,
                loan_key=mine.loan(wanted), kind=_kind(visit), months=visit.number("months"),
                deferred=visit.number("deferred"), reason=visit.say("asked for by the borrower in the portal"),
                actor=borrower(visit.borrower.person_id), now=visit.now,
            )  # fmt: skip
    except NoSuchOwnThing:
        raise
    except Trouble as error:
        return _options(visit, wanted, said=sentence(error, visit.choice.language))
    return visit.go(f"{PORTAL}/plans/{made.plan_id}")


@pages.get(f"{PORTAL}/plans/{{plan}}", right=Open.BORROWER)
def plan(visit: Visit) -> Response:
    """One plan of his: every payment, what breaks it, where it stands."""
    return _plan(visit, number(visit, "plan"))


@pages.post(f"{PORTAL}/plans/{{plan}}/sign", right=Open.BORROWER)
def sign(visit: Visit) -> Response:
    """Sign it, and let the lender sign: from then on the loan does what it says."""
    wanted, one = number(visit, "plan"), visit.borrower
    try:
        with visit.transaction() as tx:
            mine = own(tx, one)
            found = _own_plan(tx, mine, wanted)
            sign_plan(
                tx, visit.parts.store(visit.lender_id), vault=visit.parts.vault, plan_id=found.plan_id,
                signed_by=one.person_id, actor=borrower(one.person_id), now=visit.now,
                proof=KNOWN_IN_PORTAL.format(session=one.session.session_id, channel=one.session.channel),
            )  # fmt: skip
    except NoSuchOwnThing:
        raise
    except Trouble as error:
        return _plan(visit, wanted, said=sentence(error, visit.choice.language))
    return visit.go(f"{PORTAL}/plans/{wanted}", said=visit.say("Signed by both. The plan holds from now on."))


@pages.get(f"{PORTAL}/plans/{{plan}}/file", right=Open.BORROWER)
def file(visit: Visit) -> Response:
    """The plan as it was signed: the bytes, both signatures, both keys' names."""
    with visit.transaction() as tx:
        found = _own_plan(tx, own(tx, visit.borrower), number(visit, "plan"))
    return Response(
        plan_file(found), media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="plan-{found.plan_id}.json"'},
    )  # fmt: skip


@pages.get(f"{PORTAL}/plans/{{plan}}/paper", right=Open.BORROWER)
def signed_paper(visit: Visit) -> Response:
    """The plan that both signed as PDF, with both signatures; that he took it is on record."""
    wanted = number(visit, "plan")
    with visit.transaction() as tx:
        mine = own(tx, visit.borrower)
        found = _own_plan(tx, mine, wanted)
        its = loans(tx, visit.parts.store(visit.lender_id), mine.only(found.loan_key), day=visit.today, now=visit.now)
        if not its:
            raise NoSuchOwnThing
        named = visit.say(kinds_of(its[0].read.held.loan.terms.method)[OptionKind(found.kind)])
        paper = plan_paper(tx, found, named=named, to=Reader(visit.lang, visit.say), now=visit.now)
    return handed(visit, paper)


def _kind(visit: Visit) -> OptionKind:
    said = visit.text("kind")
    if said not in set(OptionKind):
        raise NotAFieldValue("kind")
    return OptionKind(said)


def _own_plan(tx: Tx, mine: Own, wanted: int) -> Plan:
    try:
        found = plans.get(tx, wanted)
    except NoSuchPlan:
        raise NoSuchOwnThing from None
    mine.loan(found.loan_key)
    return found


def _options(visit: Visit, wanted: int, *, said: str = "") -> Response:
    with visit.transaction() as tx:
        mine = own(tx, visit.borrower)
        key = mine.loan(wanted)
        store = visit.parts.store(visit.lender_id)
        worked = work_out(tx, store, loan_key=key, now=visit.now, borrowers=whose(tx, key))
        there = plans.of_loan(tx, key)
    left = worked.left if visit.borrower.person_id in mine.debtor else None  # what another said is not shown
    few, rest = pick(
        [one.option for one in worked.choices if one.option.lawful], left=left,
        alone=lambda one: plan_alone(Role.BORROWER, one.kind, one.deferred + one.months),
    )  # fmt: skip
    return visit.page(
        "portal/plans.html", status=422 if said else 200, error=said, worked=worked, few=few, rest=rest, left=left,
        fits=any(Best.AFFORDABLE in one.best for one in few), there=there, mine=mine, key=key, now=visit.now,
        kinds={kind.value: visit.say(words) for kind, words in kinds_of(worked.method).items()},
        bests={one.value: visit.say(words) for one, words in BEST.items()},
    )  # fmt: skip


def _plan(visit: Visit, wanted: int, *, said: str = "") -> Response:
    with visit.transaction() as tx:
        mine = own(tx, visit.borrower)
        found = _own_plan(tx, mine, wanted)
        (its,) = loans(
            tx, visit.parts.store(visit.lender_id), mine.only(found.loan_key), day=visit.today, now=visit.now
        )  # fmt: skip
    content = json.loads(found.content)
    named = kinds_of(its.read.held.loan.terms.method)[OptionKind(found.kind)]
    rows = [(date.fromisoformat(day), minor) for day, minor in (*content["payments"], *content["after"])]
    return visit.page(
        "portal/plan.html", status=422 if said else 200, error=said, plan=found, content=content, rows=rows,
        state=found.state(visit.now), named=visit.say(named),
        open=dict(its.plan.open) if its.plan and its.plan.plan.plan_id == found.plan_id else None,
    )  # fmt: skip
