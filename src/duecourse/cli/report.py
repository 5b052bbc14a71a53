"""``duecourse book report``: the book by stage and class, roll rates, vintages, cures."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from duecourse.cli.output import Json, amount, bars, in_currency, note, print_json, share, table
from duecourse.cli.progress import step
from duecourse.cli.words import _, word

MONTHS = 12
VINTAGE_MONTHS = (3, 6, 9, 12, 18, 24)


def report(
    *,
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="The day; the last day run without it.")
    ] = None,
    months: Annotated[int, typer.Option(min=1, max=120, help="Month ends to look back over.")] = MONTHS,
    dpd: Annotated[int, typer.Option(min=0, help="A vintage counts loans that passed these days past due.")] = 30,
    json: Json = False,
) -> None:
    """Show the book by stage and class, roll rates, vintages and cures."""
    from duecourse.app import open_desk, store_of
    from duecourse.book import report as numbers
    from duecourse.book.store import version_from
    from duecourse.storage import books, runs

    with open_desk() as desk:
        with desk.database.transaction(desk.settings.lender_id) as tx:
            row = books.newest(tx)
            day = as_of.date() if as_of else None
            ran = day is None or any(run.day == day and run.state == "published" for run in runs.every(tx))
            if day is None:
                day = runs.published(tx).day if row and "ages" in row.tables else None
        if row is None:
            raise books.NoSuchVersion(None)
        store, version = store_of(desk.settings), version_from(row.version, row.tables)
        rolls = numbers.observed_rolls(store.read(version, "observations"))
        found: dict[str, Any] = {"day": day, "book_version": row.version, "observed_rolls": rolls.to_dicts()}
        if day is not None and "loans" in version.tables:
            ages = numbers.ages_of(store, version, day) if ran else None
            with step(_("Ageing month ends"), version.shards * (months + 1), quiet=json) as advance:
                ends = numbers.month_ends(day, months)
                history = numbers.at_month_ends(store, version, ends, known=row.known_at, progress=advance)
            found |= {
                "stages": numbers.by_stage_and_class(ages).to_dicts() if ages is not None else [],
                "roll_rates": numbers.roll_rates(history).to_dicts(),
                "cures": numbers.cures(history).to_dicts(),
                "vintages": numbers.vintages(history, dpd=dpd).to_dicts(),
            }
    if json:
        print_json(found)
        return
    _print(found, dpd, ran=ran)


def print_stages(rows: list[dict[str, Any]], day: object) -> None:
    """The book by stage and class, as a table and a small chart."""
    from duecourse.core.reading import Stage
    from duecourse.law.quantities import QUANTITIES

    stages, classes = list(Stage), QUANTITIES["class_rank"]
    total = sum(row["loans"] for row in rows)
    currencies = {row["currency"] for row in rows}
    one_currency = currencies.pop() if len(currencies) == 1 else None
    table(
        in_currency(_("The book on {day}").format(day=day), one_currency),
        [_("Stage"), _("Class"), _("Loans"), _("Share"), _("Principal owed"), _("Overdue"), _("Currency")],
        [
            [
                stages[row["stage_rank"]].value,
                word(classes.labels[row["class_rank"] - classes.base]) if row["class_rank"] else None,
                row["loans"],
                share(row["loans"], total),
                amount(row["owed"], row["currency"]),
                amount(row["overdue"], row["currency"]),
                None if one_currency else row["currency"],
            ]
            for row in rows
        ],
        right=(3, 4, 5),
    )
    if any(row["overdue"] and not row["stage_rank"] for row in rows):
        note(
            _(
                "Overdue in M0: amounts within a contract's tolerance, materiality or grace, which do not age it, "
                "and charges due at once."
            )
        )
    overdue = [row for row in rows if row["stage_rank"]]
    bars(
        _("Loans past due, by stage"),
        [
            (stages[rank].value, sum(row["loans"] for row in overdue if row["stage_rank"] == rank))
            for rank in range(1, len(stages))
        ],
    )


def _print(found: dict[str, Any], dpd: int, *, ran: bool) -> None:
    if found.get("stages"):
        print_stages(found["stages"], found["day"])
    elif found["day"] and ran:
        note(
            _(
                "The day run of {day} aged no open loan: the book has none with amounts, so there is no stage or class."
            ).format(day=found["day"])
        )
    elif found["day"]:
        note(
            _("No day run of {day} is published; run `duecourse day run --as-of {day}` for stage and class.").format(
                day=found["day"]
            )
        )
    if found.get("roll_rates"):
        _matrix(
            _("Roll rates: from stage (rows) to stage a month later, per cent of loans"),
            found["roll_rates"],
            "loans",
            "of_loans",
        )
        _print_cures(found["cures"])
        _print_vintages(found["vintages"], dpd)
    if found["observed_rolls"]:
        _matrix(
            _("Observed statuses: from (rows) to a month later, per cent of accounts"),
            found["observed_rolls"],
            "accounts",
            "of",
        )


def _matrix(title: str, rows: list[dict[str, Any]], part: str, whole: str) -> None:
    befores = list(dict.fromkeys(str(row["before"]) for row in rows))
    names = {str(row["after"]) for row in rows}
    afters = [*(name for name in befores if name in names), *sorted(names - set(befores))]
    cells = {(str(row["before"]), str(row["after"])): per_cent(row[part], row[whole]) for row in rows}
    sizes = {str(row["before"]): row[whole] for row in rows}
    table(
        title,
        [_("From"), _("Months"), *(str(word(name)) for name in afters)],
        [[word(before), sizes[before], *(cells.get((before, after), "") for after in afters)] for before in befores],
        right=range(1, 2 + len(afters)),
    )


def _print_cures(rows: list[dict[str, Any]]) -> None:
    table(
        _("Cures: past due at a month's end, current at the next; past due again a month later"),
        [
            _("Stage"),
            _("Months"),
            _("Cured"),
            _("Share of months"),
            _("Cured and watched a month longer"),
            _("Past due again"),
            _("Share of those watched"),
        ],
        [
            [
                str(row["stage"]),
                row["loans"],
                row["cured"],
                share(row["cured"], row["loans"]),
                row["watched"],
                row["again"],
                share(row["again"], row["watched"]),
            ]
            for row in rows
        ],
        right=(3, 6),
    )


def _print_vintages(rows: list[dict[str, Any]], dpd: int) -> None:
    by = {(row["cohort"], row["months"]): row for row in rows}
    ages = [month for month in VINTAGE_MONTHS if any(row["months"] == month for row in rows)]
    table(
        _("Vintages: per cent of loans that had passed {dpd} days past due, by months on book").format(dpd=dpd),
        [_("Paid out in"), *(str(month) for month in ages)],
        [
            [f"{cohort.year} Q{(cohort.month + 2) // 3}", *(_vintage(by.get((cohort, month))) for month in ages)]
            for cohort in sorted({row["cohort"] for row in rows if row["months"] in ages})
        ],
        right=range(1, 1 + len(ages)),
    )


def _vintage(row: dict[str, Any] | None) -> str:
    return per_cent(row["bad"], row["loans"]) if row else ""


def per_cent(part: int, whole: int) -> str:
    """A share without its sign, where the title says per cent."""
    return share(part, whole).removesuffix(" %")
