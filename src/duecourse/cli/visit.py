"""``duecourse visit``: field visits: planned by the shortest way, set out by permits, taken over afterwards."""

from __future__ import annotations

import json as json_
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from duecourse.cli.output import Json, facts, print_json, say, table
from duecourse.cli.person import operator
from duecourse.cli.words import _, lang, word
from duecourse.trouble import N_, BadInput

if TYPE_CHECKING:
    from duecourse.storage.visits import Round, VisitRow

app = typer.Typer(help="Field visits: rounds of two collectors, permits as they set out, what came of each visit.")

Number = Annotated[int, typer.Argument(metavar="ROUND", help="Its number, as in `visit list`.", min=1)]


class NotAnInstant(BadInput):
    """When a round leaves cannot be read."""

    def __init__(self, text: str) -> None:
        super().__init__(N_("{text} is no instant: write it as 2026-03-02T09:30, by the lender's clock"), text=text)


class NotAReportFile(BadInput):
    """A file that is no report of a visit."""

    def __init__(self, path: Path) -> None:
        super().__init__(N_("{path} is no report of a visit; docs/visits.md describes one"), path=path)


@app.command()
def locate(
    person: Annotated[int, typer.Argument(help="The person whose address it is.", min=0)],
    north: Annotated[str, typer.Argument(help="Degrees north, such as 31.230416; south begins with a minus.")],
    east: Annotated[str, typer.Argument(help="Degrees east, such as 121.473701.")],
    *,
    point: Annotated[int | None, typer.Option(help="Which address; without it the first.", min=0)] = None,
    json: Json = False,
) -> None:
    """Say where an address lies. It is kept sealed; no map service is asked."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.visit_route import read_place
    from duecourse.casework.visits import locate as located

    place = read_place(north, east)
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        chosen = located(
            tx, vault=vault_of(desk.settings), person_id=person, place=place, point=point, actor=operator(), now=now()
        )
    if json:
        print_json({"person": str(person), "contact_point": str(chosen)})
    else:
        say(_("The place of the address is kept, sealed."))


@app.command()
def plan(
    cases: Annotated[list[int], typer.Argument(metavar="CASE...", help="Whose borrowers are seen.", min=1)],
    *,
    leaves: Annotated[str, typer.Option(help="When the round leaves, by the lender's clock: 2026-03-02T09:30.")],
    staff: Annotated[tuple[str, str], typer.Option(help="The two collectors, by their staff numbers.")],
    start: Annotated[tuple[str, str], typer.Option(help="The office: degrees north, degrees east.")],
    json: Json = False,
) -> None:
    """Plan a round by the shortest way. Nobody is asked, and nobody is visited by that."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.visit_route import read_place
    from duecourse.casework.visits import plan_round
    from duecourse.storage import lenders, visits

    try:
        at = datetime.fromisoformat(leaves)
    except ValueError:
        raise NotAnInstant(leaves) from None
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        zone = ZoneInfo(lenders.get(tx).zone)
        made = plan_round(
            tx, vault=vault_of(desk.settings), case_ids=cases, leaves=at if at.tzinfo else at.replace(tzinfo=zone),
            staff=staff, start=read_place(*start), actor=operator(), now=now(),
        )  # fmt: skip
        listed = visits.of_round(tx, made.round_id)
    _shown(made, listed, json=json)


@app.command("list")
def list_rounds(
    *,
    before: Annotated[int | None, typer.Option(min=1, help="Only rounds before this number: the next page.")] = None,
    most: Annotated[int, typer.Option(min=1, max=500, help="Lines shown at the most.")] = 50,
    json: Json = False,
) -> None:
    """List rounds, the latest first."""
    from duecourse.app import open_desk
    from duecourse.storage import visits

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = visits.rounds(tx, before=before, most=most)
    if json:
        print_json([_plain(one) for one in found])
        return
    table(
        _("Rounds"),
        [_("Round"), _("State"), _("Leaves"), _("Collectors"), _("Visits"), _("Left out"), _("Handed in")],
        [
            [
                str(one.round_id), word(one.state), f"{one.leaves:%Y-%m-%d %H:%M}",
                f"{one.first_staff}, {one.second_staff}", one.visits, one.left_out, one.handed_in,
            ]
            for one in found
        ],
        right=(4, 5, 6),
    )  # fmt: skip


@app.command()
def show(round_: Number, *, json: Json = False) -> None:
    """Show a round: its visits in their order, what the gate said, what came of each."""
    from duecourse.app import open_desk
    from duecourse.storage import visits

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found, listed = visits.get(tx, round_), visits.of_round(tx, round_)
    _shown(found, listed, json=json)


@app.command("set-out")
def set_out(round_: Number, *, json: Json = False) -> None:
    """Ask the gate for each visit of a round; what it allows counts as made from then on."""
    from duecourse.app import gate_of, now, open_desk
    from duecourse.casework.visits import set_out as sets_out
    from duecourse.storage import visits

    with open_desk() as desk:
        found = sets_out(
            desk.database, desk.settings.lender_id, gate=gate_of(desk), round_id=round_, actor=operator(), clock=now
        )
        with desk.database.transaction(desk.settings.lender_id) as tx:
            listed = visits.of_round(tx, round_)
    _shown(found, listed, json=json)


@app.command()
def record(
    visit: Annotated[int, typer.Argument(help="Its number, as in `visit show`.", min=1)],
    report: Annotated[Path, typer.Argument(help="A JSON file: what came of it, as the phone hands it in.")],
    *,
    json: Json = False,
) -> None:
    """Take over what came of a visit; the same again changes nothing."""
    from duecourse.app import gate_of, now, open_desk
    from duecourse.casework.visit_report import report_of
    from duecourse.casework.visits import record_visit

    try:
        said = report_of(json_.loads(report.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise NotAReportFile(report) from None
    with open_desk() as desk:
        gate = gate_of(desk)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            row = record_visit(
                tx, gate=gate, visit_id=visit, report=said, actor=operator(), clock=now, chance=os.urandom
            )
    if json:
        print_json(_visit(row))
    else:
        say(_("Visit {number}: {outcome}.").format(number=visit, outcome=word(row.outcome or "")))


def _shown(found: Round, listed: list[VisitRow], *, json: bool) -> None:
    if json:
        print_json({**_plain(found), "list": [_visit(one) for one in listed]})
        return
    facts(
        _("Round {number}").format(number=found.round_id),
        [
            (_("State"), word(found.state)),
            (_("Leaves"), f"{found.leaves:%Y-%m-%d %H:%M}"),
            (_("Collectors"), f"{found.first_staff}, {found.second_staff}"),
            (_("Way, km"), f"{found.length_m // 1000}.{found.length_m % 1000 // 100}"),
        ],
    )
    table(
        _("Visits"),
        [_("Visit"), _("Case"), _("Planned"), _("Not after"), _("What came of it"), _("Why")],
        [
            [
                str(one.visit_id), str(one.case_id), f"{one.planned_at:%H:%M}",
                f"{one.until:%H:%M}" if one.until else None, word(one.outcome) if one.outcome else None,
                (one.left_out or {}).get(lang()),
            ]
            for one in listed
        ],
    )  # fmt: skip


def _plain(one: Round) -> dict[str, object]:
    return {
        "round": one.round_id, "state": one.state, "leaves": one.leaves, "staff": [one.first_staff, one.second_staff],
        "length_m": one.length_m, "out_at": one.out_at, "ended_at": one.ended_at, "visits": one.visits,
        "left_out": one.left_out, "handed_in": one.handed_in,
    }  # fmt: skip


def _visit(one: VisitRow) -> dict[str, object]:
    return {
        "visit": one.visit_id, "case": one.case_id, "position": one.position, "planned_at": one.planned_at,
        "permit": one.permit_id, "until": one.until, "left_out": one.left_out, "outcome": one.outcome,
        "made_at": one.made_at, "entered": one.entered, "handed_in_at": one.handed_in_at,
    }  # fmt: skip
