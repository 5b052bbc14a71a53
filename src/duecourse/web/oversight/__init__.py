"""The screens of supervisors, compliance officers, strategists and administrators: figures, law, strategies."""

from __future__ import annotations

from collections.abc import Iterator

from duecourse.casework.rights import Right
from duecourse.trouble import N_
from duecourse.web.oversight import (
    administration,
    audits,
    bank_statements,
    book,
    deliveries,
    figures,
    floor,
    jobs,
    law,
    lender_says,
    letters,
    outbox,
    overview,
    retention,
    strategies,
    suspense,
    texts,
    trying,
)
from duecourse.web.page import Link, Page

_MODULES = (
    overview,
    floor,
    figures,
    strategies,
    law,
    lender_says,
    retention,
    outbox,
    deliveries,
    letters,
    suspense,
    bank_statements,
    audits,
    texts,
    trying,
    book,
    jobs,
    administration,
)


def pages() -> Iterator[Page]:
    """The pages of this part."""
    for module in _MODULES:
        yield from module.pages


def links() -> Iterator[Link]:
    """What the navigation shows of this part, to whoever has the right."""
    yield Link("/overview", N_("Overview"), Right.FIGURE_READ)
    yield Link("/floor", N_("Floor"), Right.FLOOR_READ)
    yield Link("/outbox", N_("Outbox"), Right.OUTBOX_READ)
    yield Link("/law", N_("Law"), Right.LAW_READ)
    yield Link("/strategies", N_("Strategies"), Right.STRATEGY_READ)
    yield Link("/webhooks", N_("Deliveries"), Right.WEBHOOK_READ, apart=True)
    yield Link("/refusals", N_("Refusals and near misses"), Right.FIGURE_READ, apart=True)
    yield Link("/suspense", N_("Suspense queue"), Right.PAYMENT_READ, apart=True)
    yield Link("/statements", N_("Bank statements"), Right.PAYMENT_READ, apart=True)
    yield Link("/retention", N_("Retention"), Right.RETENTION_READ, apart=True)
    yield Link("/audits", N_("Audits"), Right.AUDIT_READ, apart=True)
    yield Link("/findings", N_("My findings"), Right.FINDING_ANSWER, apart=True)
    yield Link("/figures", N_("Figures"), Right.FIGURE_READ, apart=True)
    yield Link("/book", N_("Book"), Right.BOOK_READ, apart=True)
    yield Link("/staff", N_("Staff and firms"), Right.STAFF_READ, apart=True)
    yield Link("/jobs", N_("Jobs"), Right.JOB_READ, apart=True)
    yield Link("/administration", N_("Administration"), Right.JOB_READ, apart=True)
