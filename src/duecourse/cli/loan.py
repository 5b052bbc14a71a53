"""``duecourse loan``: one loan, explained to the cent."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer

from duecourse.cli import words
from duecourse.cli.output import Json, amount, facts, print_json, table
from duecourse.cli.words import _

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
    from duecourse.app import open_desk, store_of
    from duecourse.book.loan import read_loan
    from duecourse.book.store import version_from
    from duecourse.core.delinquency import due_in_a_week, explained
    from duecourse.core.ids import loan_key
    from duecourse.core.reading import stage
    from duecourse.storage import books, lenders

    day = as_of.date()
    with open_desk() as desk:
        lender_id = desk.settings.lender_id
        with desk.database.transaction(lender_id) as tx:
            lender = lenders.get(tx)
            row = books.get(tx, book) if book else books.newest(tx)
        if row is None:
            raise books.NoSuchVersion(None)
        learnt = known.replace(tzinfo=known.tzinfo or UTC) if known else row.known_at
        version = version_from(row.version, row.tables)
        found = read_loan(store_of(desk.settings), version, loan_key=loan_key(lender_id, loan), ref=loan, known=learnt)
        reading, trace = explained(found.loan, day, known=learnt)
        week = due_in_a_week(found.loan, day, known=learnt)
        classed = _class(lender, day, reading.dpd, found.loan.terms.method == "card")
    if json:
        print_json(
            {
                "loan": loan, "day": day, "known": learnt, "book_version": row.version, "currency": found.currency,
                "reading": reading, "stage": stage(reading.dpd), "class": classed["class"],
                "class_rules": classed["rules"], "due": reading.due, "due_in_week": week, "settle": reading.settle,
                "lines": trace.lines, "totals": trace.totals(),
            }
        )  # fmt: skip
        return
    _print(loan, day, found, reading, trace, week, classed)


def _class(lender: Any, day: date, dpd: int, card: bool) -> dict[str, Any]:  # noqa: ANN401, FBT001
    from duecourse.law.measure import measure
    from duecourse.law.rulebook import rulebook

    asked = {"on": day, "days_past_due": dpd, "card_account": card, "lender_type": lender.lender_type}
    found = measure(rulebook(jurisdiction=lender.jurisdiction), "class_rank", asked)
    chinese = words.language() == "zh-CN"
    return {
        "class": found.label,
        "word": found.label_zh if chinese else found.label.replace("_", " "),
        "rules": [one.rule.id for one in found.by],
    }


def _print(loan: str, day: date, found: Any, reading: Any, trace: Any, week: int, classed: dict[str, Any]) -> None:  # noqa: ANN401, PLR0917
    from duecourse.core.explain import Account
    from duecourse.core.reading import stage
    from duecourse.core.wording import account_word, line_words

    chinese, currency = words.language() == "zh-CN", found.currency
    rules = f" ({', '.join(classed['rules'])})" if classed["rules"] else ""
    facts(
        _("Loan {loan} on {day}").format(loan=loan, day=day),
        [
            (_("Days past due"), reading.dpd),
            (_("Days past due under the plan"), reading.plan_dpd if reading.plan_dpd != reading.dpd else None),
            (_("Stage"), str(stage(reading.dpd))),
            (_("Class"), classed["word"] + rules),
            (_("To pay today"), f"{amount(reading.due, currency)} {currency}"),
            (_("To be current"), f"{amount(reading.overdue, currency)} {currency}"),
            (_("To pay in 7 days"), f"{amount(week, currency)} {currency}"),
            (_("To settle everything"), f"{amount(reading.settle, currency)} {currency}"),
        ],
    )
    used = [account for account in Account if any(account in dict(line.moves) for line in trace.lines)]
    rows = []
    for line in trace.lines:
        moved = dict(line.moves)
        until = f" → {line.until}" if line.until else ""
        cells = [amount(moved[account], currency) if account in moved else "" for account in used]
        rows.append([f"{line.day}{until}", line_words(line, currency, chinese=chinese), line.ref, *cells])
    totals = trace.totals()
    rows.append(["", _("Sum"), "", *(amount(totals[account], currency) for account in used)])
    heads = [account_word(account, chinese=chinese) for account in used]
    table(
        _("Derivation ({currency})").format(currency=currency),
        [_("Day"), _("What"), _("Event"), *heads],
        rows,
        right=range(3, 3 + len(used)),
    )
    parts = [
        (reading.due, _("due")),
        (reading.not_due, _("principal not due")),
        (reading.accrued, _("interest accrued since the last due day")),
    ]
    said = " + ".join(f"{amount(minor, currency)} {what}" for minor, what in parts)
    facts(
        "",
        [
            (
                _("To settle"),
                f"{said} − {amount(reading.credit, currency)} {_('held')} = {amount(reading.settle, currency)}",
            )
        ],
    )
