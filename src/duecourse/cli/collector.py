"""``duecourse collector``: who works cases, by staff number: team, skills, languages, cases a day, absences."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.output import Json, note, print_json, say, table
from duecourse.cli.person import operator
from duecourse.cli.words import _, word

if TYPE_CHECKING:
    from datetime import date

    from duecourse.casework.team import Lacks
    from duecourse.storage.collectors import Collector
    from duecourse.storage.connection import Tx

app = typer.Typer(help="Who works cases: enter collectors, change them, say who is away; the next day run goes by it.")

Number = Annotated[str, typer.Argument(metavar="COLLECTOR", help="Staff number; never a name.")]


@app.command()
def add(
    collector: Number,
    *,
    team: Annotated[str, typer.Option(help="The team.")],
    capacity: Annotated[int, typer.Option(help="Cases a day.")],
    skill: Annotated[
        list[str] | None, typer.Option("--skill", help="A word of the strategy, such as early; may be repeated.")
    ] = None,
    language: Annotated[list[str] | None, typer.Option("--language", help="zh, yue, en; may be repeated.")] = None,
    begins: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day of work; today without it.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day on which the collector is gone.")
    ] = None,
    json: Json = False,
) -> None:
    """Enter a collector; the next day run assigns cases. Whoever signs in under the staff number works them."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.team import add_collector, lacks

    at = now()
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        today = _today(tx, at)
        made = add_collector(
            tx, vault=vault_of(desk.settings), collector_id=collector, team=team, skills=skill or (),
            languages=language or (), capacity=capacity, from_day=begins.date() if begins else today,
            to_day=until.date() if until else None, actor=operator(), now=at,
        )  # fmt: skip
        lacking = lacks(tx, made, day=max(today, made.from_day))
    if json:
        print_json(made)
        return
    say(
        _(
            "{collector} works in team {team} from {day} on, cases a day: {capacity}. The next day run goes by it."
        ).format(collector=made.collector_id, team=made.team, day=made.from_day, capacity=made.capacity)
    )
    _tell(made, lacking)


@app.command("list")
def list_collectors(*, json: Json = False) -> None:
    """List who works cases, those who left too, and absences that are not over."""
    from duecourse.app import now, open_desk
    from duecourse.storage import collectors

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = collectors.every(tx)
        away = collectors.absences(tx, since=_today(tx, now()))
    if json:
        print_json({"collectors": found, "absences": away})
        return
    if not found:
        say(_("There is no collector yet; `duecourse collector add` enters one."))
        return
    table(
        _("Collectors"),
        [_("Collector"), _("Team"), _("Skills"), _("Languages"), _("Cases a day"), _("From"), _("Until"), _("Away")],
        [
            [
                one.collector_id, one.team, " ".join(one.skills) or None, " ".join(one.languages) or None,
                str(one.capacity), one.from_day, one.to_day,
                ", ".join(
                    f"{word(each.kind)} {each.from_day} – {each.to_day}"
                    for each in away
                    if each.collector_id == one.collector_id
                )
                or None,
            ]
            for one in found
        ],
    )  # fmt: skip


@app.command()
def change(
    collector: Number,
    *,
    team: Annotated[str | None, typer.Option(help="The team.")] = None,
    capacity: Annotated[int | None, typer.Option(help="Cases a day.")] = None,
    skill: Annotated[list[str] | None, typer.Option("--skill", help="All skills from now on; may be repeated.")] = None,
    language: Annotated[
        list[str] | None, typer.Option("--language", help="All languages from now on; may be repeated.")
    ] = None,
    json: Json = False,
) -> None:
    """Change team, skills, languages or cases a day; what is not named stays. The next day run goes by it."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.team import change_collector, lacks
    from duecourse.storage import collectors

    if all(one is None for one in (team, capacity, skill, language)):
        raise typer.BadParameter(_("name what changes: --team, --capacity, --skill or --language"))
    at = now()
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        held = collectors.get(tx, collector)
        change_collector(
            tx, vault=vault_of(desk.settings), collector_id=collector, team=held.team if team is None else team,
            skills=skill or held.skills, languages=language or held.languages,
            capacity=held.capacity if capacity is None else capacity, actor=operator(), now=at,
        )  # fmt: skip
        changed = collectors.get(tx, collector)
        lacking = lacks(tx, changed, day=max(_today(tx, at), changed.from_day))
    if json:
        print_json(changed)
        return
    say(_("Changed; the next day run goes by it."))
    _tell(changed, lacking)


@app.command()
def leave(
    collector: Number,
    *,
    gone: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day on which the collector is gone.")
    ] = None,
    stays: Annotated[bool, typer.Option("--stays", help="The collector does not leave after all.")] = False,
    json: Json = False,
) -> None:
    """Say on which day a collector is gone; the day runs from then on give the cases to others."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.team import set_leaving

    if (gone is None) is not stays:
        raise typer.BadParameter(_("name the day with --from, or --stays"))
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        changed = set_leaving(
            tx, vault=vault_of(desk.settings), collector_id=collector, to_day=gone.date() if gone else None,
            actor=operator(), now=now(),
        )  # fmt: skip
    if json:
        print_json(changed)
    elif changed.to_day is None:
        say(_("{collector} stays.").format(collector=collector))
    else:
        say(
            _("{collector} is gone from {day} on; the day runs from then on give the cases to others.").format(
                collector=collector, day=changed.to_day
            )
        )


@app.command()
def away(
    collector: Number,
    *,
    begins: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day away.")],
    back: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day back.")] = None,
    kind: Annotated[str, typer.Option(help="leave, sick, training, suspended or other.")] = "leave",
    end: Annotated[bool, typer.Option("--end", help="Take the absence away that begins on that day.")] = False,
    json: Json = False,
) -> None:
    """Enter an absence, or take one away: who is away is given no cases by the day run."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.team import enter_absence, remove_absence
    from duecourse.storage import collectors

    if not end and back is None:
        raise typer.BadParameter(_("--back names the first day back"))
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        vault = vault_of(desk.settings)
        collectors.get(tx, collector)
        if back is None or end:
            first = begins.date().isoformat()
            changed = remove_absence(
                tx, vault=vault, collector_id=collector, from_day=first, actor=operator(), now=now()
            )
        else:
            changed = True
            enter_absence(
                tx, vault=vault, collector_id=collector, from_day=begins.date(), to_day=back.date(), kind=kind,
                actor=operator(), now=now(),
            )  # fmt: skip
    if json:
        print_json({"collector_id": collector, "from_day": begins.date(), "ended": end, "changed": changed})
    elif not changed:
        say(_("No absence of {collector} begins on {day}.").format(collector=collector, day=begins.date()))
    elif end:
        say(_("The absence is taken away."))
    else:
        say(_("The absence is entered."))


def _today(tx: Tx, at: datetime) -> date:
    from duecourse.law.clock import zone
    from duecourse.storage import lenders

    return at.astimezone(zone(lenders.get(tx).zone)).date()


def _tell(collector: Collector, lacking: Lacks) -> None:
    """Say what is still to be done before this collector can work."""
    name = collector.collector_id
    if lacking.user:
        note(
            _("Nobody signs in as {collector} yet: `duecourse user add {collector} --role collector`.").format(
                collector=name
            )
        )
    if lacking.post:
        note(
            _(
                "The register of staff has no post of {collector}, so the gate gives no permit: `duecourse staff add "
                "{collector}`, then `exam`, `train` and `undertake`."
            ).format(collector=name)
        )
    if lacking.unasked:
        note(
            _("The strategy asks for `{asked}`; it asks nobody for `{skills}`, which brings no cases.").format(
                asked=" ".join(lacking.asked), skills=" ".join(lacking.unasked)
            )
        )
