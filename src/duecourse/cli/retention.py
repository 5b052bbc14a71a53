"""``duecourse retention``: what is kept until when and by which rule, legal holds, storage only, destruction."""

from __future__ import annotations

import json as jsonlib
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from duecourse.cli.acting import acting
from duecourse.cli.approval import print_asked
from duecourse.cli.output import Json, count, facts, note, print_json, say, table
from duecourse.cli.permit import PersonId
from duecourse.cli.person import operator
from duecourse.cli.words import _, joined, lang, word

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from duecourse.casework.kept import Kept
    from duecourse.storage.connection import Tx

app = typer.Typer(help="What is kept, until when and by which rule; legal holds, storage only, destruction.")

Reason = Annotated[str, typer.Option(help="Why, for the record.")]
Day = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="As of this day; today in the lender's zone if left out.")
]
Number = Annotated[int, typer.Argument(help="The destruction's number; `retention destructions` lists them.", min=1)]


@app.command()
def schedule(
    *,
    person: Annotated[int | None, typer.Option(help="This person alone, rule by rule.")] = None,
    day: Day = None,
    over: Annotated[bool, typer.Option("--over", help="Only people whose periods are all over.")] = False,
    most: Annotated[int, typer.Option(min=1, max=100_000, help="So many people at the most.")] = 50,
    json: Json = False,
) -> None:
    """Show who is kept until when and by which rule, what may be destroyed, and what is only stored since when."""
    from duecourse.app import now, open_desk, store_of
    from duecourse.casework import retention
    from duecourse.casework.kept import Phase
    from duecourse.storage import persons
    from duecourse.storage.connection import BATCH

    with open_desk(limits=BATCH) as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        on, at, store = _day(tx, day), now(), store_of(desk.settings)
        if person is not None:
            persons.get(tx, person)
            found = retention.schedule(tx, store=store, person_ids=[person], day=on, now=at)
        else:
            found = []
            for one in retention.every(tx, store=store, day=on, now=at):
                if one.phase is Phase.OVER or not over:
                    found.append(one)
                if len(found) >= most:
                    break
    if json:
        print_json(found)
        return
    table(
        _("What is kept on {day}").format(day=on),
        [
            _("Person"), _("Phase"), _("Until"), _("By rule"), _("Last loan ended"), _("Only stored since"),
            _("Legal holds"),
        ],
        [
            [
                str(one.person_id), word(one.phase), one.until, joined(one.by) or _why(one), one.ended,
                one.stored.since.date() if one.stored else None,
                joined(str(each.legal_hold_id) for each in one.holds) or None,
            ]
            for one in found
        ],
    )  # fmt: skip
    if person is not None:
        _say_terms(found[0])


def _why(one: Kept) -> str | None:
    if one.running:
        return joined(one.running[:3])
    return _("missing: {facts}").format(facts=joined(one.missing)) if one.missing else None


def _say_terms(kept: Kept) -> None:
    table(
        _("Periods"),
        [_("Loan"), _("Kind"), _("Counted from"), _("Begins"), _("Years"), _("Ends"), _("By rule")],
        [
            [
                one.loan, word(one.kind), _("the record") if one.clock == "record" else _("the end of the loan"),
                one.begins, None if one.years is None else str(one.years), one.ends,
                joined(one.rules) or _("missing: {facts}").format(facts=joined(one.missing)),
            ]
            for one in kept.terms
        ],
    )  # fmt: skip
    if kept.longest is not None:
        note(_("A rule wants the data destroyed by {day}.").format(day=kept.longest))


@app.command()
def hold(
    person: PersonId,
    *,
    matter: Annotated[str, typer.Option(help="What it is kept for: a court's or an authority's reference.")],
    reason: Annotated[str, typer.Option(help="Why, in free text; sealed with the person's key.")],
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First day on which it stands no more; else until it is released."),
    ] = None,
    json: Json = False,
) -> None:
    """Place a legal hold: nothing of the person is destroyed while it stands, whatever period is over."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import legal_hold

    at = now()
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        number = legal_hold.place(
            tx, vault=vault_of(desk.settings), person_id=person, source=matter, reason=reason,
            until=until.date() if until else None, actor=operator(), day=_day(tx, None), now=at,
        )  # fmt: skip
    if json:
        print_json({"legal_hold": number, "person_id": person})
    else:
        say(_("Legal hold {hold} keeps the data of person {person}.").format(hold=number, person=person))


@app.command()
def holds(*, json: Json = False) -> None:
    """List legal holds, those that stand first."""
    from duecourse.app import open_desk
    from duecourse.storage import retention

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found, today = retention.holds(tx), _day(tx, None)
    if json:
        print_json(found)
        return
    table(
        _("Legal holds"),
        [_("Hold"), _("Person"), _("Matter"), _("Since"), _("Until"), _("Stands"), _("Placed by"), _("Released by")],
        [
            [
                str(one.legal_hold_id), str(one.person_id), one.source, one.placed_at.date(), one.until_day,
                _("yes") if one.stands(today) else _("no"), one.placed_by, one.released_by,
            ]
            for one in found
        ],
    )  # fmt: skip


@app.command()
def release(
    hold: Annotated[int, typer.Argument(help="The legal hold's number; `retention holds` lists them.", min=1)],
    *,
    reason: Reason,
    json: Json = False,
) -> None:
    """Ask for the release of a legal hold; another decides by `duecourse approval approve`."""
    from duecourse.casework import legal_hold

    _ask(legal_hold.RELEASE.kind, f"legal_hold/{hold}", lambda _tx, _at: {"hold": hold}, reason, json=json)


@app.command()
def store(person: PersonId, *, json: Json = False) -> None:
    """Let the data of a person be stored and no more, since only the law still wants them kept (PIPL art. 47)."""
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework import retention, storage_only
    from duecourse.casework.rights import Right
    from duecourse.storage import persons

    with open_desk() as desk:
        actor = acting(desk, now()).by(Right.RETENTION_WORK)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            persons.get(tx, person)
            (kept,) = retention.schedule(
                tx, store=store_of(desk.settings), person_ids=[person], day=_day(tx, None), now=now()
            )
            number = storage_only.store(tx, vault=vault_of(desk.settings), kept=kept, actor=actor, clock=now)
    if json:
        print_json({"person_id": person, "hold": number})
    else:
        say(_("The data of person {person} are only stored and protected from now on.").format(person=person))


@app.command()
def read(
    person: PersonId,
    *,
    purpose: Annotated[str, typer.Option(help="claim (a court) or supervision (a regulator).")],
    reason: Reason,
    json: Json = False,
) -> None:
    """Ask that what is only stored of a person may be read for a day; another decides."""
    from duecourse.casework import storage_only

    def wanted(tx: Tx, at: datetime) -> Mapping[str, Any]:
        return storage_only.wanted(tx, person, purpose, at)

    _ask(storage_only.READ.kind, None, wanted, reason, json=json)


@app.command()
def destroy(
    *,
    person: Annotated[list[int] | None, typer.Option(help="This person; may be given again.")] = None,
    over: Annotated[bool, typer.Option("--over", help="Everybody whose periods are all over, up to 1,000.")] = False,
    reason: Reason,
    json: Json = False,
) -> None:
    """Ask for the destruction of data whose periods are all over. Once approved, the next run carries it out."""
    from itertools import islice

    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework import approval, destruction, retention
    from duecourse.casework.kept import Phase
    from duecourse.casework.kinds import KINDS
    from duecourse.casework.rights import Right
    from duecourse.storage.connection import BATCH

    if bool(person) is over:
        raise typer.BadParameter(_("give --person or --over"))
    at = now()
    with open_desk(limits=BATCH) as desk:
        actor, shelf = acting(desk, at).by(Right.RETENTION_WORK), store_of(desk.settings)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            day = _day(tx, None)
            listed = (one for one in retention.every(tx, store=shelf, day=day, now=at))
            people = person or [
                one.person_id
                for one in islice((one for one in listed if one.phase is Phase.OVER), destruction.PEOPLE_MAX)
            ]
            if not people:
                raise destruction.NothingOver
            found = destruction.propose(
                tx, vault=vault_of(desk.settings), store=shelf, person_ids=people, day=day, actor=actor, now=at
            )
            made = approval.ask(
                tx, kinds=KINDS, vault=vault_of(desk.settings), kind=destruction.APPROVE.kind,
                subject=f"destruction/{found.destruction_id}", asked=destruction.asked(found), reason=reason,
                actor=actor, now=at,
            )  # fmt: skip
    print_asked(made, json=json)


@app.command()
def run(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    json: Json = False,
) -> None:
    """Carry out retention for today: approved destructions, then who is only stored, and who is needed again."""
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework import retention_run
    from duecourse.storage.connection import BATCH

    with open_desk(limits=BATCH) as desk:
        with desk.database.transaction(desk.settings.lender_id) as tx:
            day = _day(tx, None)
        done = retention_run.run(
            desk.database, desk.settings.lender_id, vault=vault_of(desk.settings), store=store_of(desk.settings),
            day=day, actor=operator(), clock=now, dry=dry_run,
        )  # fmt: skip
    if json:
        print_json(done)
        return
    facts(
        _("Retention on {day}, dry run: nothing was changed").format(day=day)
        if dry_run
        else _("Retention on {day}").format(day=day),
        [
            *((word(phase) or "", count(of)) for phase, of in sorted(done.people.items())),
            (_("Only stored from now on"), count(len(done.stored))),
            (_("In use again"), count(len(done.restored))),
            (_("People whose data were destroyed"), count(sum(one["people"] for one in done.certificates))),
        ],
    )
    for one in done.certificates:
        note(
            _("Destruction {number}: `duecourse retention certificate {number}` prints its certificate.").format(
                number=one["destruction"]
            )
        )


@app.command()
def destructions(*, json: Json = False) -> None:
    """List destructions that were asked for, and what became of them."""
    from duecourse.app import open_desk
    from duecourse.storage import retention

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = retention.destructions(tx)
    if json:
        print_json(found)
        return
    table(
        _("Destructions"),
        [_("Number"), _("People"), _("Asked by"), _("Approved by"), _("Carried out"), _("Destroyed"), _("Record")],
        [
            [
                str(one.destruction_id), count(len(one.person_ids)), one.asked_by, one.approved_by,
                one.done_at.date() if one.done_at else None,
                count(one.certificate["people"]) if one.certificate else None,
                None if one.entry_id is None else str(one.entry_id),
            ]
            for one in found
        ],
    )  # fmt: skip


@app.command()
def certificate(
    number: Number,
    *,
    pdf: Annotated[
        Path | None, typer.Option(help="Write the certificate as PDF, with its proof in it, into this file.")
    ] = None,
    into: Annotated[str | None, typer.Option("--in", metavar="zh|en", help="Language of the PDF; else yours.")] = None,
    json: Json = False,
) -> None:
    """Print the certificate of a destruction; its hash stands in the record, `duecourse log prove` proves that."""
    from duecourse.app import certificate_of, now, open_desk
    from duecourse.casework import destruction, destruction_paper

    if into not in {None, "zh", "en"}:
        raise typer.BadParameter(_("--in is zh or en"))
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        signing = certificate_of(desk.settings, desk.settings.lender_id) if pdf else None
        made = destruction_paper.certified(tx, number)
    found, digest = made.certificate, destruction.digest(made.certificate)
    if pdf is not None:
        pdf.write_bytes(destruction_paper.pdf(made, into or lang(), certificate=signing, now=now()))
    if json:
        print_json({"certificate": found, "entry": made.entry, "sha256": digest, "proven": made.proof is not None})
        return
    say(_("Certificate of destruction {number}").format(number=number))
    sys.stdout.write(jsonlib.dumps(found, ensure_ascii=False, indent=1) + "\n")
    say(
        _("SHA-256 of it as canonical JSON (RFC 8785): {digest}. It stands in record {entry} of the log.").format(
            digest=digest, entry=made.entry
        )
    )
    if found["left"]:
        note(_("Left out, since they are kept: {count}.").format(count=count(sum(found["left"].values()))))
    if pdf is not None:
        say(
            _("{file} carries the proof; `verify_duecourse.py` checks it.").format(file=pdf.name)
            if made.proof
            else _("No published checkpoint covers the record yet: {file} carries no proof.").format(file=pdf.name)
        )


def _ask(kind: str, subject: str | None, wanted: Any, reason: str, *, json: bool) -> None:  # noqa: ANN401 - a function of the transaction and the instant
    """Ask for what takes two people."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import approval
    from duecourse.casework.kinds import KINDS
    from duecourse.casework.rights import Right

    at = now()
    with open_desk() as desk:
        actor = acting(desk, at).by(Right.RETENTION_WORK)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            asked = wanted(tx, at)
            made = approval.ask(
                tx, kinds=KINDS, vault=vault_of(desk.settings), kind=kind,
                subject=subject or f"stored/{asked['hold']}/{asked['purpose']}", asked=asked, reason=reason,
                actor=actor, now=at,
            )  # fmt: skip
    print_asked(made, json=json)


def _day(tx: Tx, day: datetime | None) -> date:
    from duecourse.app import now
    from duecourse.storage import lenders

    return day.date() if day else now().astimezone(ZoneInfo(lenders.get(tx).zone)).date()
