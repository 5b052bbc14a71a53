"""Paying: a link to the payment provider for an amount that is owed, and what became of it."""

from __future__ import annotations

import os

from starlette.responses import Response

from duecourse.casework.pay_links import make_link
from duecourse.casework.portal.entry import borrower
from duecourse.casework.portal.own import NoSuchOwnThing, OwnLoan, loans, own
from duecourse.core.money import Money
from duecourse.storage import letterhead, pay_links
from duecourse.trouble import Trouble
from duecourse.web.page import PORTAL, Open, Pages
from duecourse.web.portal.amounts import amount
from duecourse.web.portal.own_number import number
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("portal")

MINUTES = 30
"""A link is good for so long: what is owed can be another amount tomorrow."""


@pages.get(f"{PORTAL}/pay", right=Open.BORROWER)
def choose(visit: Visit) -> Response:
    """What is due, what settles everything, or another amount; where no provider is set up, the official way."""
    return _choose(visit)


@pages.post(f"{PORTAL}/pay", right=Open.BORROWER)
def pay(visit: Visit) -> Response:
    """Have a link made for the amount chosen; nobody is charged by that."""
    parts, lender, person, provider = visit.parts, visit.lender_id, visit.borrower.person_id, _provider(visit)
    if provider is None:
        raise NoSuchOwnThing
    try:
        found = _own(visit)
        due, all_ = _owed(visit, found)
        planned = {f"plan-{one.plan.plan.plan_id}": one for one in _planned(visit, found) if one.plan}
        plan = planned.get(visit.text("what"))
        wanted = {"due": due, "all": all_}.get(visit.text("what"))
        if plan is not None and plan.plan is not None:
            wanted = plan.plan.open[0][1]
        made = make_link(
            parts.database, parts.store(lender), lender, vault=parts.vault, person_id=person,
            amount=amount(visit) if wanted is None else Money(wanted, visit.lender.currency), minutes=MINUTES,
            actor=borrower(person), clock=parts.clock, chance=os.urandom, provider=provider,
            loan_keys=[plan.key] if plan else [],
        )  # fmt: skip
    except Trouble as error:
        return _choose(visit, said=sentence(error, visit.choice.language))
    return visit.go(f"{PORTAL}/pay/{made.link_id}")


@pages.get(f"{PORTAL}/pay/{{link}}", right=Open.BORROWER)
def link(visit: Visit) -> Response:
    """One link: where it leads, until when, and whether the money has come."""
    wanted = number(visit, "link")
    with visit.transaction() as tx:
        mine = own(tx, visit.borrower)
        found = pay_links.get(tx, wanted)
    if found is None or found.person_id not in mine.persons or found.url is None:
        raise NoSuchOwnThing
    return visit.page(
        "portal/link.html", link=found, over=found.payment_id is None and visit.now >= found.expires_at, mine=mine
    )


def _provider(visit: Visit) -> str | None:
    """Who makes links for this lender; nobody for whoever does not owe it himself."""
    with visit.transaction() as tx:
        mine = own(tx, visit.borrower)
        names = [one.name for one in pay_links.providers(tx)]
    return names[0] if names and visit.borrower.person_id in mine.debtor else None


def _own(visit: Visit) -> list[OwnLoan]:
    """His loans in the lender's currency, as they stand today."""
    with visit.transaction() as tx:
        mine = own(tx, visit.borrower)
        found = loans(tx, visit.parts.store(visit.lender_id), mine, day=visit.today, now=visit.now)
    return [one for one in found if one.read.held.currency == visit.lender.currency]


def _owed(visit: Visit, found: list[OwnLoan]) -> tuple[int, int]:
    """What is due today and what settles everything."""
    figures = [one.read.on(visit.today) for one in found]
    return sum(one.due for one in figures), sum(one.settle for one in figures)


def _planned(visit: Visit, found: list[OwnLoan]) -> list[OwnLoan]:
    """Those with a plan that asks for a payment yet, no higher than what is owed."""
    return [
        one for one in found
        if one.plan and one.plan.open and one.plan.open[0][1] <= one.read.on(visit.today).settle
    ]  # fmt: skip


def _choose(visit: Visit, *, said: str = "") -> Response:
    found = _own(visit)
    due, all_ = _owed(visit, found)
    with visit.transaction() as tx:
        lines = letterhead.on_day(tx, "", visit.today)
    return visit.page(
        "portal/pay.html", status=422 if said else 200, error=said, due=due, all=all_,
        can=all_ > 0 and _provider(visit) is not None, lines=lines, minutes=MINUTES,
        planned=_planned(visit, found),
    )  # fmt: skip
