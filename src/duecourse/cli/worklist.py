"""``duecourse worklist``: what a collector does today, in which order, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.output import Json, amount, clock, facts, in_currency, lines, print_json, say, table
from duecourse.cli.words import _, joined, lang, word

if TYPE_CHECKING:
    from duecourse.book.strategy import Strategy
    from duecourse.casework.registers import Barred
    from duecourse.storage.worklists import Place


def command(
    *,
    collector: Annotated[str | None, typer.Option(help="Staff number; everybody's without it.")] = None,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; the last day run without it.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Lines shown at the most.")] = 50,
    json: Json = False,
) -> None:
    """Show a day's worklist: cases in order, what to do, what the law allows, and why the case stands there."""
    from dataclasses import asdict

    from duecourse.app import open_desk
    from duecourse.casework.lender_law import rules_named
    from duecourse.casework.registers import barred
    from duecourse.cli.grounds import not_by
    from duecourse.cli.strategy import used_by
    from duecourse.storage import runs, worklists

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        ran = runs.published(tx, day.date() if day else None)
        places = worklists.worklist(tx, ran.day, collector_id=collector, most=most)
        strategy, no, known = used_by(tx, ran), barred(tx, ran.day), rules_named(tx)
    if json:
        print_json([
            {**asdict(one), "refused_to_collector": list(no[one.collector_id].rules) if speaks_for(one, no) else []}
            for one in places
        ])  # fmt: skip
        return
    if not places:
        say(_("No case stands in this worklist on {day}.").format(day=ran.day))
    for staff in dict.fromkeys(one.collector_id for one in places):
        _print(staff, ran.day, [one for one in places if one.collector_id == staff], strategy, no)
        if staff in no:
            facts(
                "", [(_("Calls and visits refused to {collector}").format(collector=staff), not_by(no[staff], known))]
            )


def speaks_for(one: Place, no: Mapping[str, Barred]) -> bool:
    """Whether a place asks its collector to speak to somebody, and the law lets that collector speak to nobody."""
    return one.channel in {"call", "visit"} and one.answer == "allowed" and one.collector_id in no


def _print(collector: str, day: date, places: list[Place], strategy: Strategy | None, no: Mapping[str, Barred]) -> None:
    currencies = {one.currency for one in places}
    one_currency = currencies.pop() if len(currencies) == 1 else None
    table(
        _("Worklist of {collector} on {day}").format(collector=collector, day=day),
        [
            "", _("Case"), _("Borrower"), _("Stage"), _("DPD"), in_currency(_("Overdue"), one_currency),
            _("What to do, and why here"),
        ],
        [
            [
                one.place, str(one.case_id), one.name_masked, one.stage, one.dpd,
                amount(one.overdue_minor, one.currency) + ("" if one_currency else f" {one.currency}"),
                lines(
                    doing(one.treatment, one.channel, one.slot_second, strategy),
                    _("refused to {collector}").format(collector=collector) if speaks_for(one, no) else "",
                    earned(strategy, one.reasons),
                ),
            ]
            for one in places
        ],
        right=(5,),
    )  # fmt: skip


def doing(treatment: str, channel: str | None, second: int | None, strategy: Strategy | None) -> str:
    """What is to be done: when, by which way, what."""
    from duecourse.cli.strategy import treatment_word

    said = treatment_word(treatment, strategy)
    if channel is None:
        return said
    return _("{clock} {channel}: {treatment}").format(clock=clock(second), channel=word(channel), treatment=said)


def earned(strategy: Strategy | None, reasons: Mapping[str, object]) -> str:
    """What earned a case its place, in words."""
    from duecourse.book.saying import why

    return joined(why(strategy, {**reasons, "treatment": None}, lang())) if strategy else ""
