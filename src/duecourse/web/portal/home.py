"""The first page of the portal, and each loan with its working line by line."""

from __future__ import annotations

from starlette.responses import Response

from duecourse.casework.portal.certificate import certificates
from duecourse.casework.portal.own import loans, own
from duecourse.casework.portal.promised import promised
from duecourse.core.delinquency import due_in_a_week, explained
from duecourse.core.explain import Account
from duecourse.core.reading import Reading, Status
from duecourse.core.wording import account_word, line_words
from duecourse.storage import letterhead
from duecourse.storage.notices import Notice
from duecourse.web.page import PORTAL, Open, Pages
from duecourse.web.portal.own_number import number
from duecourse.web.visit import Visit

pages = Pages("portal")


@pages.get(f"{PORTAL}/home", right=Open.BORROWER)
def home(visit: Visit) -> Response:
    """What is owed, what can be done, where everything is."""
    with visit.transaction() as tx:
        mine = own(tx, visit.borrower)
        found = loans(tx, visit.parts.store(visit.lender_id), mine, day=visit.today, now=visit.now)
        lines = letterhead.on_day(tx, "", visit.today)
        given = promised(tx, mine, visit.today)
    shown = [(one, one.read.on(visit.today), due_in_a_week(one.read.loan, visit.today, known=one.read.known))
             for one in found]  # fmt: skip
    sums: dict[str, list[int]] = {}
    for one, figures, _week in shown:
        had = sums.setdefault(one.read.held.currency, [0, 0])
        had[0] += figures.due
        had[1] += figures.settle
    return visit.page("portal/home.html", loans=shown, sums=sums, lines=lines, promises=given, mine=mine)


@pages.get(f"{PORTAL}/loans/{{loan}}", right=Open.BORROWER)
def loan(visit: Visit) -> Response:
    """One loan: what is owed today, and how it came to that, line by line."""
    return working(visit, number(visit, "loan"))


def working(visit: Visit, wanted: int, *, said: str = "") -> Response:
    """The page of a loan, with what went wrong where something did."""
    with visit.transaction() as tx:
        mine = own(tx, visit.borrower)
        key = mine.loan(wanted)
        found = loans(tx, visit.parts.store(visit.lender_id), mine.only(key), day=visit.today, now=visit.now)
        certified = certificates(tx, mine, key)
    if not found:
        return visit.page("portal/nothing.html")
    (one,) = found
    held, chinese = one.read.held, visit.lang == "zh"
    figures, trace = explained(held.loan, visit.today, known=one.read.known)
    totals = trace.totals()
    moved = {account for line in trace.lines for account, _minor in line.moves}
    return visit.page(
        "portal/loan.html", status=422 if said else 200, error=said, key=key, certified=certified,
        may_ask=visit.borrower.person_id in mine.debtor and _certifiable(visit, one.read.on(visit.today), certified),
        ref=held.loan.ref, currency=held.currency, figures=figures, today=visit.today, terms=held.loan.terms,
        lines=[
            (line, line_words(line, held.currency, chinese=chinese),
             [(account_word(account, chinese=chinese), minor) for account, minor in line.moves])
            for line in trace.lines
        ],
        totals=[(account_word(each, chinese=chinese), totals[each]) for each in Account if each in moved],
    )  # fmt: skip


def _certifiable(visit: Visit, figures: Reading, certified: list[Notice]) -> bool:
    """Whether it is paid in full, and no certificate in the reader's language was issued since the last payment."""
    if figures.status is not Status.SETTLED or figures.settle:
        return False
    last = figures.last_payment
    days = [one.at.astimezone(visit.zone).date() for one in certified if one.lang == visit.lang]
    return not any(last is None or last <= day for day in days)
