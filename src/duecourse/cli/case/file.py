"""``duecourse case openings|happenings``: what may be done now, and all that happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from duecourse.cli.case.work import CaseId
from duecourse.cli.output import NOTHING, Json, lines, note, print_json, table
from duecourse.cli.words import _, lang, word

if TYPE_CHECKING:
    from duecourse.storage.case_file import Happening


def openings(
    case: CaseId,
    *,
    staff: Annotated[
        str | None, typer.Option(help="Staff number of who would speak; whoever has the case without it.")
    ] = None,
    json: Json = False,
) -> None:
    """Show what may be done now, for each person of a case by each channel: the gate's answer, nothing reserved."""
    from duecourse.app import gate_of, now, open_desk
    from duecourse.casework.opened_case import circle
    from duecourse.casework.openings import openings as asked
    from duecourse.casework.permit import Sender
    from duecourse.law.terms import SenderType
    from duecourse.storage import lenders

    with open_desk() as desk:
        lender_id = desk.settings.lender_id
        with desk.database.transaction(lender_id) as tx:
            opened, lender = circle(tx, case), lenders.get(tx)
        speaker = opened.case.collector_id if staff is None else staff
        ways = asked(
            desk.database, lender_id, gate=gate_of(desk), ties=opened.ties, points=opened.points,
            proposed=opened.proposals, lender=lender,
            sender=Sender(SenderType.LENDER, staff=speaker or ""), clock=now,
        )  # fmt: skip
    if json:
        print_json(
            [
                {
                    "person_id": one.person_id, "relation": one.relation, "channel": one.channel,
                    "contact_point_id": one.point.contact_point_id, "value": one.point.value_masked,
                    "template": one.template.id if one.template else None, "answer": one.checked,
                }
                for one in ways
            ]
        )  # fmt: skip
        return
    names = {one.person_id: one.name_masked for one in opened.ties}
    table(
        _("What {staff} may do now").format(staff=speaker) if speaker else _("What may be done now"),
        [_("Person"), _("Relation"), _("Channel"), _("Contact point"), _("Answer"), _("Next allowed")],
        [
            [
                names.get(one.person_id), word(one.relation.value), word(one.channel.value), one.point.value_masked,
                _("no approved text") if one.checked is None
                else _("allowed") if one.checked.allowed
                else lines(_("refused"), *(str(_of(reason)) for reason in one.checked.reasons)),
                one.checked.next_open.isoformat(timespec="minutes") if one.checked and one.checked.next_open else None,
            ]
            for one in ways
        ],
    )  # fmt: skip


def happenings(
    case: CaseId,
    *,
    before: Annotated[str | None, typer.Option(help="The cursor of the page before.")] = None,
    most: Annotated[int, typer.Option(min=1, max=200, help="Lines shown at the most.")] = 50,
    json: Json = False,
) -> None:
    """List all that happened to a case, the latest first: contacts, refusals, notes, promises, holds, who looked."""
    from duecourse.app import now, open_desk
    from duecourse.casework.opened_case import circle
    from duecourse.storage import case_file

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        opened = circle(tx, case)
        found = case_file.happenings(
            tx, person_id=opened.case.person_id, people=opened.people, now=now(), before=before, most=most
        )
    if json:
        print_json([_plain(one) for one in found])
        return
    table(
        _("What happened"),
        [_("At"), _("What"), _("By"), _("More")],
        [
            [one.at.isoformat(timespec="seconds"), word(one.kind), one.actor, _more(_plain(one)["what"])]
            for one in found
        ],
    )
    if len(found) == most:
        note(_("More: --before {cursor}").format(cursor=found[-1].cursor))


def _plain(one: Happening) -> dict[str, Any]:
    from duecourse.evidence.record import read

    stated = read(one.content)["stated"] if one.content is not None else None
    return {
        "kind": one.kind, "id": one.id, "person_id": one.person_id, "at": one.at, "actor": one.actor,
        "what": {**one.what, **({"stated": stated} if stated else {})},
    }  # fmt: skip


def _more(what: dict[str, Any]) -> str:
    told = {name: value for name, value in what.items() if value is not None and name not in ("says", "stated")}
    told |= what.get("stated") or {}
    return ", ".join(f"{name} {value}" for name, value in told.items()) or NOTHING


def _of(reason: Any) -> str:  # noqa: ANN401 - a finding as plain values
    return str(reason["says"][lang()])
