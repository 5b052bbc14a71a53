"""Runs in Tryton's own console, in an environment of its own: makes overdue lines there, and times its dunning.

Nothing of Tryton is imported: the console gives ``pool`` and ``transaction``.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

LEVELS = (0, 30, 90)
"""Days overdue from which each level of the procedure counts."""

PART = 1_000
SPREAD = 180
"""Lines are 1 to this many days overdue."""

LOCKED = ("account_fiscalyear", "account_journal_period", "account_move", "account_period")
"""Tables that Tryton asks its caller to lock before books are set up."""


class Ledger(NamedTuple):
    """What a line of a receivable hangs on; records of Tryton's models."""

    company: Any
    journal: Any
    period: Any
    receivable: Any
    revenue: Any
    procedure: Any


def prepare(pool: Any, transaction: Any, *, lines: int, day: date) -> None:  # noqa: ANN401 - Tryton's own, untyped
    """A company with a chart of accounts, a procedure of three levels, and one overdue receivable line per party."""
    company = _company(pool)
    user = pool.get("res.user")
    user.write([user(transaction.user)], {"companies": [("add", [company.id])], "company": company.id})
    with transaction.set_context(user.get_preferences(context_only=True)):
        ledger = _ledger(pool, company, day)
        for first in range(0, lines, PART):
            _lines(pool, range(first, min(first + PART, lines)), ledger, day)
            transaction.commit()


def _one(pool: Any, model: str, **values: Any) -> Any:  # noqa: ANN401 - as above
    return pool.get(model).create([values])[0]


def _company(pool: Any) -> Any:  # noqa: ANN401 - as above
    currency = _one(
        pool, "currency.currency", name="Renminbi", symbol="¥", code="CNY", numeric_code="156", digits=2,
        rounding=Decimal("0.01"),
    )  # fmt: skip
    _one(pool, "currency.currency.rate", currency=currency.id, rate=Decimal(1), date=date(2020, 1, 1))
    party = _one(pool, "party.party", name="Lender")
    return _one(pool, "company.company", party=party.id, currency=currency.id)


def _ledger(pool: Any, company: Any, day: date) -> Ledger:  # noqa: ANN401 - as above
    chart = pool.get("ir.model.data").get_id("account", "account_template_root_en")
    wizard = pool.get("account.create_chart", type="wizard")
    session, *_ = wizard.create()
    create = wizard(session)
    create.account.account_template = pool.get("account.account.template")(chart)
    create.account.company = company
    create.transition_create_account()
    accounts = pool.get("account.account")
    receivable, revenue = (
        accounts.search([(f"type.{kind}", "=", True), ("company", "=", company.id), ("closed", "!=", True)], limit=1)[0]
        for kind in ("receivable", "revenue")
    )
    kind = pool.get("ir.sequence.type").search([("name", "=", "Account Move")], limit=1)[0]
    sequence = _one(pool, "ir.sequence.strict", name="bench", sequence_type=kind.id, company=company.id)
    span = {"start_date": date(day.year, 1, 1), "end_date": date(day.year, 12, 31)}
    year = _one(pool, "account.fiscalyear", name="bench", company=company.id, move_sequence=sequence.id, **span)
    levels = [{"sequence": place, "overdue": timedelta(days=days)} for place, days in enumerate(LEVELS)]
    return Ledger(
        company,
        pool.get("account.journal").search([("type", "=", "general")], limit=1)[0],
        _one(pool, "account.period", name="bench", fiscalyear=year.id, **span),
        receivable,
        revenue,
        _one(pool, "account.dunning.procedure", name="bench", levels=[("create", levels)]),
    )


def _lines(pool: Any, numbers: range, ledger: Ledger, day: date) -> None:  # noqa: ANN401 - as above
    parties = pool.get("party.party").create(
        [{"name": f"Borrower {number}", "dunning_procedure": ledger.procedure.id} for number in numbers]
    )
    amount, nothing = Decimal("1000.00"), Decimal(0)
    moves = pool.get("account.move")
    made = moves.create([
        {
            "company": ledger.company.id, "journal": ledger.journal.id, "period": ledger.period.id,
            "date": ledger.period.start_date,
            "lines": [("create", [
                {
                    "account": ledger.receivable.id, "party": party.id, "debit": amount, "credit": nothing,
                    "maturity_date": day - timedelta(days=1 + number % SPREAD),
                },
                {"account": ledger.revenue.id, "debit": nothing, "credit": amount},
            ])],
        }
        for number, party in zip(numbers, parties, strict=True)
    ])  # fmt: skip
    moves.post(made)


def measure(pool: Any, transaction: Any, *, day: date, rounds: int, into: str) -> None:  # noqa: ANN401 - as above
    """Create the dunnings of a day several times over, each time from none; writes seconds and how many, as JSON."""
    dunning = pool.get("account.dunning")
    seconds, made = [], 0
    with transaction.set_context(pool.get("res.user").get_preferences(context_only=True)):
        for _ in range(rounds):
            begun = perf_counter()
            dunning.generate_dunnings(date=day)
            transaction.commit()
            seconds.append(perf_counter() - begun)
            found = dunning.search([])
            made = len(found)
            dunning.delete(found)
            transaction.commit()
    Path(into).write_text(json.dumps({"seconds": seconds, "made": made}), encoding="utf-8")
