"""``duecourse loan``: one loan, explained to the cent."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from duecourse.cli import words
from duecourse.cli.output import Cell, Json, amount, facts, in_currency, print_json, say, table
from duecourse.cli.words import _

if TYPE_CHECKING:
    from duecourse.app import Desk
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
        datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"], help="Only what was known by then.")
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


def loan_facts(
    desk: Desk, loan: str, day: date, *, known: datetime | None = None, book: int | None = None
) -> dict[str, Any]:
    """What a loan owes on a day, and its derivation."""
    from duecourse.app import store_of
    from duecourse.book.loan import read_loan
    from duecourse.book.store import version_from
    from duecourse.casework.lender_law import law_of
    from duecourse.core.delinquency import due_in_a_week, explained
    from duecourse.core.ids import loan_key
    from duecourse.core.reading import stage
    from duecourse.storage import books, lenders

    lender_id = desk.settings.lender_id
    with desk.database.transaction(lender_id) as tx:
        lender, law = lenders.get(tx), law_of(tx)
        row = books.get(tx, book) if book else books.newest(tx)
    if row is None:
        raise books.NoSuchVersion(None)
    learnt = known.replace(tzinfo=known.tzinfo or UTC) if known else row.known_at
    version = version_from(row.version, row.tables)
    found = read_loan(store_of(desk.settings), version, loan_key=loan_key(lender_id, loan), ref=loan, known=learnt)
    reading, trace = explained(found.loan, day, known=learnt)
    classed = _class(lender, law, day, reading.dpd, card=found.loan.terms.method == "card")
    return {
        "loan": loan,
        "day": day,
        "known": learnt,
        "book_version": row.version,
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


def _class(lender: Lender, law: Rulebook, day: date, dpd: int, *, card: bool) -> dict[str, Any]:
    from duecourse.law.measure import measure

    asked = {"on": day, "days_past_due": dpd, "card_account": card, "lender_type": lender.lender_type}
    found = measure(law, "class_rank", asked)
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
