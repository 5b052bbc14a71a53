"""``duecourse loan``: one loan, explained to the cent."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from duecourse.cli import words
from duecourse.cli.output import Cell, Json, amount, facts, in_currency, print_json, rate, say, table
from duecourse.cli.words import _
from duecourse.trouble import N_

if TYPE_CHECKING:
    from duecourse.app import Desk
    from duecourse.core.delinquency import Loan
    from duecourse.core.reading import Reading
    from duecourse.law.rulebook import Rulebook
    from duecourse.storage.lenders import Lender

_OURS = re.compile(r"~\D")
"""References of events that no row of the lender's names; a payment without one is named by day, amount and count."""

app = typer.Typer(help="One loan: what is owed, and why.")

DayOption = Annotated[datetime, typer.Option("--as-of", formats=["%Y-%m-%d"], help="The day, in the lender's zone.")]


@app.command()
def explain(
    loan: Annotated[str, typer.Argument(help="The lender's own loan number.")],
    *,
    as_of: DayOption,
    known: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"],
            help="Only what was known by then; a day alone: by its end, in the lender's zone.",
        ),
    ] = None,
    book: Annotated[int | None, typer.Option(help="Version of the book; the newest without it.")] = None,
    json: Json = False,
) -> None:
    """Derive what a loan owes on a day, line by line; the lines add up to the cent."""
    from duecourse.app import open_desk

    with open_desk() as desk:
        found = loan_facts(desk, loan, as_of.date(), known=known, book=book)
    if json:
        print_json({name: value for name, value in found.items() if name != "words"})
    else:
        print_loan(found)


@app.command()
def share(
    minor: Annotated[
        int, typer.Argument(metavar="AMOUNT", help="What was paid, in minor units: 50000 is 500.00.", min=1)
    ],
    loans: Annotated[
        list[str], typer.Argument(metavar="LOAN...", help="The lender's own numbers of one borrower's loans.")
    ],
    *,
    as_of: DayOption,
    designated: Annotated[
        list[str] | None, typer.Option("--designated", metavar="LOAN", help="What the debtor named, in his order.")
    ] = None,
    json: Json = False,
) -> None:
    """Show how one payment is shared over several loans of a borrower (民法典 560). Nothing is booked."""
    from duecourse.app import open_desk, store_of
    from duecourse.book.sharing import share_payment
    from duecourse.book.store import version_from
    from duecourse.storage import books

    with open_desk() as desk:
        lender_id = desk.settings.lender_id
        with desk.database.transaction(lender_id) as tx:
            row = books.newest(tx)
        if row is None:
            raise books.NoSuchVersion(None)
        found = share_payment(
            store_of(desk.settings), version_from(row.version, row.tables), loans, lender_id=lender_id, minor=minor,
            day=as_of.date(), known=row.known_at, designated=designated or (),
        )  # fmt: skip
    if json:
        print_json(found)
        return
    currency = found.amount.currency
    table(
        in_currency(_("The loans on {day}").format(day=as_of.date()), currency),
        [_("Loan"), _("Due now"), _("Not due"), _("Secured"), _("Yearly rate"), _("Due since")],
        [
            [
                one.ref, amount(one.due_minor, currency), amount(one.not_due_minor, currency),
                _("yes") if one.secured else _("no"), rate(one.burden_ppm), one.oldest_due,
            ]
            for one in found.debts
        ],
        right=(1, 2, 4),
    )  # fmt: skip
    table(
        in_currency(_("Who gets what"), currency),
        [_("Loan"), _("Amount"), _("Ground")],
        [[one.ref, amount(one.minor, currency), _(one.because)] for one in found.shares],
        right=(1,),
    )
    say(_("No loan takes: {amount} {currency}").format(amount=amount(found.left, currency), currency=currency))


_LIMBS = (
    N_("民法典 560(1) designation"), N_("民法典 560(2) due"), N_("民法典 560(2) due pro rata"),
    N_("民法典 560(2) not due"), N_("民法典 560(2) not due pro rata"),
)  # fmt: skip
"""What `core.allocation` says of a share, so that the catalogue knows it."""


def loan_facts(
    desk: Desk, loan: str, day: date, *, known: datetime | None = None, book: int | None = None
) -> dict[str, Any]:
    """What a loan owes on a day, and its derivation."""
    from duecourse.app import now, store_of
    from duecourse.casework.ledger import read_loan
    from duecourse.casework.lender_law import law_of
    from duecourse.core.delinquency import due_in_a_week, explained
    from duecourse.core.ids import loan_key
    from duecourse.core.reading import stage
    from duecourse.storage import lenders

    lender_id = desk.settings.lender_id
    with desk.database.transaction(lender_id) as tx:
        lender, law = lenders.get(tx), law_of(tx)
        read = read_loan(
            tx, store_of(desk.settings), loan_key=loan_key(lender_id, loan), ref=loan, now=now(), version=book,
            known=_by(known, ZoneInfo(lender.zone)) if known else None,
        )  # fmt: skip
    found, learnt = read.held, read.known
    reading, trace = explained(found.loan, day, known=learnt)
    classed = _class(lender, law, found.loan, reading, learnt)
    return {
        "loan": loan,
        "day": day,
        "known": learnt,
        "book_version": read.version,
        "at_the_desk": [one.event.ref for one in read.after],
        "currency": found.currency,
        "reading": reading,
        "stage": stage(reading.dpd),
        "class": classed["class"],
        "class_rules": classed["rules"],
        "due": reading.due,
        "due_in_week": due_in_a_week(found.loan, day, known=learnt),
        "settle": reading.settle,
        "lines": trace.lines,
        "totals": trace.totals(),
        "words": classed["word"],
    }


def _by(known: datetime, zone: ZoneInfo) -> datetime:
    """The last instant that counts as known by then; a day without a time runs to its end."""
    if known.tzinfo is None:
        known = known.replace(tzinfo=zone) + timedelta(days=1) - timedelta(microseconds=1)
    return known.astimezone(UTC)


def _class(lender: Lender, law: Rulebook, loan: Loan, reading: Reading, known: datetime) -> dict[str, Any]:
    from duecourse.core.contract import Method
    from duecourse.core.observation import observation
    from duecourse.core.reading import Status
    from duecourse.law.measure import classify

    standing = reading.status in {Status.ACTIVE, Status.WRITTEN_OFF}
    seen = observation(loan, reading.day, known=known) if standing else None
    asked: dict[str, object] = {
        "on": reading.day, "days_past_due": reading.dpd, "card_account": loan.terms.method is Method.CARD,
        "lender_type": lender.lender_type,
    }  # fmt: skip
    if seen is not None:
        asked |= {"restructured": True, "observed_years": seen.years, "observed_periods": seen.periods()}
    found = classify(law, asked)
    chinese = words.language() == "zh-CN"
    return {
        "class": found.label,
        "word": found.label_zh if chinese else found.label.replace("_", " "),
        "rules": [one.rule.id for one in found.by],
    }


def print_loan(found: dict[str, Any]) -> None:
    """A loan's derivation for people."""
    from duecourse.core.explain import Account
    from duecourse.core.reading import Status
    from duecourse.core.wording import account_word, line_words

    reading, derivation, totals = found["reading"], found["lines"], found["totals"]
    chinese, currency = words.language() == "zh-CN", found["currency"]
    rules = f" ({', '.join(found['class_rules'])})" if found["class_rules"] else ""
    planned = [(_("Days past due under the plan"), reading.plan_dpd)] if reading.plan_dpd != reading.dpd else []
    facts(
        _("Loan {loan} on {day}").format(loan=found["loan"], day=found["day"]),
        [
            (_("Days past due"), reading.dpd),
            *planned,
            (_("Stage"), str(found["stage"])),
            (_("Class"), found["words"] + rules),
            (_("To pay today"), f"{amount(reading.due, currency)} {currency}"),
            (_("To be current"), f"{amount(reading.overdue, currency)} {currency}"),
            (_("To pay in 7 days"), f"{amount(found['due_in_week'], currency)} {currency}"),
            (_("To settle everything"), f"{amount(reading.settle, currency)} {currency}"),
        ],
    )
    if reading.status is Status.NOT_DRAWN:
        say(_("On {day} this loan did not exist yet: it was not paid out.").format(day=found["day"]))
    rows: list[list[Cell]] = []
    for line in derivation:
        said = line_words(line, currency, chinese=chinese)
        ref = "" if _OURS.match(line.ref) else line.ref
        moves = [(account_word(account, chinese=chinese), signed(minor, currency)) for account, minor in line.moves]
        what = Text.assemble(said, "  ", (ref, "dim")) if ref else Text(said)
        accounts, amounts = (
            "\n".join(account for account, _minor in moves),
            "\n".join(minor for _account, minor in moves),
        )
        rows.append([line.day, what, accounts, amounts])
    table(
        in_currency(_("Derivation"), currency),
        [_("Day"), _("What, and its event"), _("Account"), _("Amount")],
        rows,
        right=(3,),
    )
    moved = {account for line in derivation for account, _minor in line.moves}
    table(
        in_currency(_("Sums of the lines"), currency),
        [_("Account"), _("Amount")],
        [
            [account_word(account, chinese=chinese), amount(totals[account], currency)]
            for account in Account
            if account in moved
        ],
        right=(1,),
    )
    settle = [
        (_("due"), signed(reading.due, currency)),
        (_("principal not due"), signed(reading.not_due, currency)),
        (_("interest accrued since the last due day"), signed(reading.accrued, currency)),
        *([(_("money held"), signed(-reading.credit, currency))] if reading.credit else []),
        (_("To settle everything"), amount(reading.settle, currency)),
    ]
    table(in_currency(_("To settle"), currency), [_("Part"), _("Amount")], settle, right=(1,))


def signed(minor: int, currency: str) -> str:
    """An amount with its sign.

    >>> signed(-5, "CNY"), signed(5, "CNY")
    ('−0.05', '+0.05')
    """
    return f"{'−' if minor < 0 else '+'}{amount(abs(minor), currency)}"
