"""``duecourse case list|next``: cases as a collector's list has them, filtered; and the one that comes next."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from duecourse.cli.output import Json, amount, in_currency, lines, note, print_json, say, table
from duecourse.cli.strategy import strategy_of, treatment_word
from duecourse.cli.words import _, word
from duecourse.trouble import BadInput


def list_cases(
    *,
    collector: Annotated[str | None, typer.Option(help="Staff number; everybody's without it.")] = None,
    scope: Annotated[str, typer.Option(help="today, all, lost (worked once, then forgotten) or nobody.")] = "today",
    stage: Annotated[list[str] | None, typer.Option(help="M1 … M6+; may be repeated.")] = None,
    least: Annotated[int | None, typer.Option("--min", help="At least so many minor units overdue.")] = None,
    largest: Annotated[int | None, typer.Option("--max", help="At most so many minor units overdue.")] = None,
    product: Annotated[str | None, typer.Option(help="A loan of this product is in the case.")] = None,
    channel: Annotated[str | None, typer.Option(help="By which way the next action goes.")] = None,
    speaks: Annotated[str | None, typer.Option("--language", help="The person's language, as noted.")] = None,
    state: Annotated[str | None, typer.Option(help="open, done or skipped today.")] = None,
    new: Annotated[bool, typer.Option("--new", help="Opened on the day of the run.")] = False,
    promise_due: Annotated[
        bool, typer.Option("--promise-due", help="A promise is due by today, or was broken.")
    ] = False,
    lost_days: Annotated[int, typer.Option(help="Days after which a case counts as lost.", min=1)] = 14,
    after: Annotated[str | None, typer.Option(help="The cursor of the page before.")] = None,
    most: Annotated[int, typer.Option(min=1, max=200, help="Lines shown at the most.")] = 50,
    json: Json = False,
) -> None:
    """List cases with the next lawful action of each, as of the latest published day; filtered, by cursor."""
    from duecourse.app import now, open_desk
    from duecourse.storage import entries, lenders
    from duecourse.storage.entries import EntryState, Filter, Scope

    wanted = Filter(
        collector_id=collector, scope=Scope(_word(scope, tuple(Scope))), stages=tuple(stage or ()), amount_min=least,
        amount_max=largest, product=product, channel=channel, language=speaks,
        state=EntryState(_word(state, tuple(EntryState))) if state else None, new=new, promise_due=promise_due,
        lost_days=lost_days,
    )  # fmt: skip
    at = now()
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        shown = entries.published(tx)
        if shown is None:
            raise BadInput(_("no day run is published yet; run `duecourse day run --as-of DAY`"))
        today = at.astimezone(ZoneInfo(lenders.get(tx).zone)).date()
        found = entries.page(
            tx, wanted, day=shown.day, run_id=shown.run_id, today=today, now=at, after=after, most=most
        )
        strategy = strategy_of(tx, shown.strategy, shown.strategy_version)
    if json:
        print_json({"day": shown.day, "entries": found.entries, "cursor": found.cursor})
        return
    if not found.entries:
        say(_("No case meets this filter on {day}.").format(day=shown.day))
        return
    currencies = {one.currency for one in found.entries}
    one_currency = currencies.pop() if len(currencies) == 1 else None
    table(
        _("Cases on {day}").format(day=shown.day),
        [
            _("Case"), _("Borrower"), _("Collector"), _("Stage"), _("DPD"), in_currency(_("Overdue"), one_currency),
            _("Next"), _("State"), _("Last contact"),
        ],
        [
            [
                str(one.case_id), one.name_masked, one.collector_id, one.stage, one.dpd,
                amount(one.overdue_minor, one.currency) + ("" if one_currency else f" {one.currency}"),
                lines(treatment_word(one.treatment, strategy), word(one.channel) or "") if one.treatment else None,
                word(one.state.value) if not one.skipped else word(one.skipped),
                lines(str(one.last_at.date()), word(one.last_outcome) or "") if one.last_at else None,
            ]
            for one in found.entries
        ],
        right=(5,),
    )  # fmt: skip
    if found.cursor:
        note(_("More: --after {cursor}").format(cursor=found.cursor))


def next_case(
    collector: Annotated[str, typer.Argument(metavar="COLLECTOR", help="Staff number.")],
    *,
    after: Annotated[int | None, typer.Option(help="The case just worked.")] = None,
    json: Json = False,
) -> None:
    """Show which case a collector works next: the first that is neither done nor skipped."""
    from duecourse.app import now, open_desk
    from duecourse.storage import entries, lenders

    at = now()
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        shown = entries.published(tx)
        if shown is None:
            raise BadInput(_("no day run is published yet; run `duecourse day run --as-of DAY`"))
        today = at.astimezone(ZoneInfo(lenders.get(tx).zone)).date()
        case = entries.next_open(tx, collector, day=shown.day, run_id=shown.run_id, today=today, now=at, after=after)
    if json:
        print_json({"collector_id": collector, "case_id": case})
    else:
        say(str(case) if case else _("Nothing is left in this worklist."))


def _word(given: str, known: tuple[str, ...]) -> str:
    from duecourse.cli.lender import UnknownWord

    if given not in known:
        raise UnknownWord(_("word"), given, known)
    return given
