"""``duecourse case note|notes|skip|unskip|take|hand-back|assign|language``: what people do to a case by hand."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated, TypeVar

import typer

from duecourse.cli.output import Json, print_json, say, table
from duecourse.cli.output import note as told
from duecourse.cli.person import operator
from duecourse.cli.words import _

_W = TypeVar("_W", bound=StrEnum)

CaseId = Annotated[int, typer.Argument(metavar="CASE", help="The case's number, as in the worklist.", min=1)]


def note(
    case: CaseId,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is to be noted; - reads it from stdin.")],
    *,
    json: Json = False,
) -> None:
    """Write a note on a case. The text is sealed; corrections are notes of their own."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.notes import record_note

    said = sys.stdin.read() if text == "-" else text
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        number = record_note(tx, vault=vault_of(desk.settings), case_id=case, text=said, actor=operator(), now=now())
    if json:
        print_json({"case_id": case, "note_id": number})
    else:
        say(_("Note {note} is written on case {case}.").format(note=number, case=case))


def notes(
    case: CaseId,
    *,
    purpose: Annotated[
        str,
        typer.Option(help="contact, identify, document, claim, dispute, subject_request, correction or supervision."),
    ] = "",
    json: Json = False,
) -> None:
    """Read the notes on a person's cases in the clear, for a purpose. It leaves a record that the person can see."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.notes import read_notes
    from duecourse.storage import cases

    with open_desk() as desk:
        with desk.database.transaction(desk.settings.lender_id) as tx:
            found = read_notes(
                tx, vault=vault_of(desk.settings), person_id=cases.get(tx, case).person_id, purpose=purpose,
                actor=operator(), now=now(),
            )  # fmt: skip
        # Shown only now that the record is committed.
        if json:
            print_json([{"note_id": n.note_id, "actor": n.actor, "at": n.at, "text": n.text.value} for n in found])
            return
    table(
        _("Notes"),
        [_("Note"), _("At"), _("By"), _("Text")],
        [[str(n.note_id), n.at.isoformat(timespec="seconds"), n.actor, n.text.value] for n in found],
    )
    if found:
        told(_("A record of this was written; the person can see it."))


def skip(
    case: CaseId,
    *,
    reason: Annotated[
        str,
        typer.Option(
            help="no_contact_point, wait_for_callback, wait_for_payment, wait_for_document, needs_supervisor, "
            "language, later_today or other."
        ),
    ],
    json: Json = False,
) -> None:
    """Pass a case over in the latest day's worklist, with the reason; it stands at the end until taken back."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.assignment import SkipReason, skip_entry

    chosen = _one_of(SkipReason, reason)
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        number = skip_entry(tx, vault=vault_of(desk.settings), case_id=case, reason=chosen, actor=operator(), now=now())
    if json:
        print_json({"case_id": case, "skip_id": number, "reason": chosen})
    else:
        say(_("Case {case} is skipped for the day; `case unskip` brings it back.").format(case=case))


def unskip(case: CaseId, *, json: Json = False) -> None:
    """Bring a skipped case back to its place in the worklist."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.assignment import take_back_skip

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        take_back_skip(tx, vault=vault_of(desk.settings), case_id=case, actor=operator(), now=now())
    if json:
        print_json({"case_id": case})
    else:
        say(_("Case {case} is back in its place.").format(case=case))


def take(
    case: CaseId,
    collector: Annotated[str, typer.Argument(metavar="COLLECTOR", help="Staff number of who takes it.")],
    *,
    json: Json = False,
) -> None:
    """Take a case that is nobody's."""
    _assign(case, collector, "taken", json=json)


def hand_back(case: CaseId, *, json: Json = False) -> None:
    """Hand a case back, so that it is nobody's until somebody takes it or the next day run assigns it."""
    _assign(case, None, "handed_back", json=json)


def assign(
    case: CaseId,
    collector: Annotated[str, typer.Argument(metavar="COLLECTOR", help="Staff number of who gets it.")],
    *,
    reason: Annotated[str, typer.Option(help="reassigned or absence.")] = "reassigned",
    json: Json = False,
) -> None:
    """Give a case to a collector, whoever has it now."""
    _assign(case, collector, reason, json=json)


def language(
    person: Annotated[int, typer.Argument(metavar="PERSON", help="The person's id, as `person find` shows it.", min=0)],
    code: Annotated[str, typer.Argument(metavar="LANGUAGE", help="zh, yue, en: as collectors' languages are written.")],
    *,
    json: Json = False,
) -> None:
    """Note in which language a person wants to be spoken to; worklists can be filtered by it."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.language import note_language

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        note_language(tx, vault=vault_of(desk.settings), person_id=person, language=code, actor=operator(), now=now())
    if json:
        print_json({"person_id": person, "language": code})
    else:
        say(_("Person {person} speaks {language}.").format(person=person, language=code))


def _assign(case: int, to: str | None, reason: str, *, json: bool) -> None:
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.assignment import Handover, assign_case

    chosen = _one_of(Handover, reason)
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = assign_case(
            tx, vault=vault_of(desk.settings), case_id=case, to=to, reason=chosen, actor=operator(), now=now()
        )
    if json:
        print_json(found)
    elif found.collector_id:
        say(_("Case {case} is {collector}'s now.").format(case=case, collector=found.collector_id))
    else:
        say(_("Case {case} is nobody's now.").format(case=case))


def _one_of(words: type[_W], given: str) -> _W:
    from duecourse.cli.lender import UnknownWord

    if given not in set(words):
        raise UnknownWord(_("reason"), given, tuple(words))
    return words(given)
