"""``duecourse worklist``: what a collector does today, in which order, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from duecourse.cli.output import Json, amount, print_json, say, table
from duecourse.cli.words import _


def command(
    *,
    collector: Annotated[str | None, typer.Option(help="Staff number; everybody's without it.")] = None,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; the last day run without it.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Lines shown at the most.")] = 50,
    json: Json = False,
) -> None:
    """Show a day's worklist: cases in order, with what the law allows for each."""
    from duecourse.app import open_desk
    from duecourse.cli.day import treatment_word
    from duecourse.storage import runs, worklists

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        ran = runs.published(tx, day.date() if day else None)
        places = worklists.worklist(tx, ran.day, collector_id=collector, most=most)
    if json:
        print_json(places)
        return
    if not places:
        say(_("No case stands in this worklist on {day}.").format(day=ran.day))
        return
    table(
        _("Worklist of {day}").format(day=ran.day),
        [
            _("Collector"), _("Place"), _("Case"), _("Borrower"), _("Stage"), _("Days past due"), _("Overdue"),
            _("Treatment"), _("Channel"), _("At"),
        ],
        [
            [
                one.collector_id, one.place, str(one.case_id), one.name_masked, one.stage, one.dpd,
                f"{amount(one.overdue_minor, one.currency)} {one.currency}", treatment_word(one.treatment),
                _(one.channel) if one.channel else None, clock(one.slot_second),
            ]
            for one in places
        ],
        right=(6,),
    )  # fmt: skip


def clock(second: int | None) -> str | None:
    """A second of the day as a clock shows it.

    >>> clock(34200)
    '09:30'
    """
    return None if second is None else f"{second // 3600:02d}:{second % 3600 // 60:02d}"
