"""Plans and what they draw: keeping, announcing, drawing, answering, closing, drawing again."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from duecourse.cli.acting import acting
from duecourse.cli.audit.shown import plain, state_of, today_of, what
from duecourse.cli.output import Json, count, facts, note, print_json, say, table
from duecourse.cli.words import _, joined, lang, word
from duecourse.trouble import N_, BadInput, Exit

if TYPE_CHECKING:
    from duecourse.storage.audits import Audit
    from duecourse.storage.connection import Tx

TURN_S = 30
"""So long the log is waited for while whoever serves puts its records in order."""

Number = Annotated[int, typer.Argument(help="The audit's number; `audit list` shows it.", min=1)]


def plan(
    file: Annotated[Path, typer.Argument(help="A plan (YAML); docs/audit.md says what stands in it.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check it and keep nothing.")] = False,
    json: Json = False,
) -> None:
    """Check a sampling plan line by line and keep it as the next version under its name."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.audits import drawing
    from duecourse.casework.audits.plan import read_plan
    from duecourse.casework.lender_law import law_of
    from duecourse.casework.rights import Right

    try:
        content = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadInput(N_("{file} is no text in UTF-8: save it so, or name an audit plan"), file=file) from None
    with open_desk() as desk:
        if dry_run:
            with desk.database.transaction(desk.settings.lender_id) as tx:
                made = read_plan(content, file.name, {rule.id for rule in law_of(tx).rules})
            said, shown = _("Plan {plan} is in order; nothing was kept."), {"plan": made.plan, "kept": False}
        else:
            actor = acting(desk, now()).by(Right.AUDIT_WORK)
            with desk.database.transaction(desk.settings.lender_id) as tx:
                kept = drawing.keep_plan(
                    tx, vault=vault_of(desk.settings), content=content, file=file.name, actor=actor, now=now()
                )
            said = _("Plan {plan} is kept as version {version}.")
            shown = {"plan": kept.plan, "version": kept.version, "sha256": kept.hash.hex(), "kept": True}
    if json:
        print_json(shown)
    else:
        say(said.format(**shown))


def plans(
    name: Annotated[str | None, typer.Argument(help="Print the text of this one.")] = None, *, json: Json = False
) -> None:
    """List the plans that were kept and those that come with the software, or print one as a file to begin with."""
    from duecourse.app import open_desk
    from duecourse.casework.audits.plan import read_plan, shipped, shipped_text
    from duecourse.storage import audits

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        kept = {one.plan: one for one in audits.plans(tx)}
    texts = {**{one: shipped_text(one) for one in shipped()}, **{one: kept[one].content for one in kept}}
    if name is not None:
        text = texts[name] if name in texts else shipped_text(name)
        if json:
            print_json({"plan": name, "content": text})
        else:
            sys.stdout.write(text)
        return
    read = {one: read_plan(text, one, None) for one, text in sorted(texts.items())}
    shown = [
        {
            "plan": one, "says": made.says[lang()], "version": kept[one].version if one in kept else None,
            "period": made.period, "samples": len(made.samples),
            "questions": sum(len(each.questions) for each in made.samples),
        }
        for one, made in read.items()
    ]  # fmt: skip
    if json:
        print_json(shown)
        return
    table(
        _("Audit plans"),
        [_("Plan"), _("What"), _("Version"), _("Period"), _("Samples"), _("Questions")],
        [
            [
                str(one["plan"]), str(one["says"]), str(one["version"] or _("not kept yet")), word(str(one["period"])),
                str(one["samples"]), str(one["questions"]),
            ]
            for one in shown
        ],
    )  # fmt: skip


def draw(
    name: Annotated[
        str | None, typer.Argument(metavar="[PLAN]", help="A plan's name; `audit plans` lists them.")
    ] = None,
    *,
    since: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day; else the plan's last period.")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")] = None,
    again: Annotated[str | None, typer.Option(help="Why these days are drawn again by this plan.")] = None,
    audit: Annotated[int | None, typer.Option(min=1, help="Instead: draw this one, which is announced.")] = None,
    json: Json = False,
) -> None:
    """Announce an audit in the log, publish the log, and draw by the checkpoint that nobody could know before."""
    from duecourse.app import now, open_desk, sequencer_of, vault_of
    from duecourse.casework.audits import drawing
    from duecourse.casework.rights import Right
    from duecourse.storage.checkpoints import SequencerBusy
    from duecourse.storage.connection import BATCH

    if (name is None) is (audit is None):
        raise typer.BadParameter(_("give a plan, or --audit"))
    if (since is None) is not (until is None):
        raise typer.BadParameter(_("give --from and --to together"))
    with open_desk(limits=BATCH) as desk:
        actor, vault = acting(desk, now()).by(Right.AUDIT_WORK), vault_of(desk.settings)
        lender = desk.settings.lender_id
        if name is not None:
            with desk.database.transaction(lender) as tx:
                made = drawing.announce(
                    tx, vault=vault, name=name, days=(since.date(), until.date()) if since and until else None,
                    again=again, actor=actor, today=today_of(tx), now=now(), chance=os.urandom,
                )  # fmt: skip
            audit = made.audit_id
            note(_("Audit {number} is announced; the log is being published.").format(number=audit))
        sequencer = sequencer_of(desk)
        for turn in Retrying(
            retry=retry_if_exception_type(SequencerBusy), wait=wait_fixed(0.1), stop=stop_after_delay(TURN_S),
            reraise=True,
        ):  # fmt: skip
            with turn:
                sequencer.run()
        with desk.database.transaction(lender) as tx:
            made = drawing.draw(tx, vault=vault, audit_id=audit or 0, actor=actor, now=now())
            _say_audit(tx, made, json=json)


def list_audits(*, json: Json = False) -> None:
    """List audits, the latest first, with what is still open."""
    from duecourse.app import open_desk
    from duecourse.casework.audits import answering
    from duecourse.storage import audits

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = [(one, answering.unanswered(tx, one)) for one in audits.every(tx)]
        held = audits.findings(tx)
    if json:
        print_json([plain(one) | {"open": left} for one, left in found])
        return
    table(
        _("Audits"),
        [
            _("Audit"), _("Plan"), _("First day"), _("Last day"), _("State"), _("Unanswered"), _("Findings"),
            _("Announced by"),
        ],
        [
            [
                str(one.audit_id), f"{one.plan}@{one.version}", one.first_day, one.last_day, state_of(one),
                count(left) if one.drawn_at else None,
                str(sum(each.audit_id == one.audit_id for each in held)), one.announced_by,
            ]
            for one, left in found
        ],
    )  # fmt: skip


def show(
    number: Number,
    *,
    unanswered: Annotated[bool, typer.Option("--open", help="Only items with an open question.")] = False,
    notes: Annotated[bool, typer.Option("--notes", help="Open the notes too, on record.")] = False,
    json: Json = False,
) -> None:
    """Show the items of an audit with their questions and answers."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.audits import answering, drawing
    from duecourse.casework.rights import Right
    from duecourse.storage import audits

    with open_desk() as desk:
        actor = acting(desk, now()).by(Right.AUDIT_READ) if notes else None
        with desk.database.transaction(desk.settings.lender_id) as tx:
            audit, items = audits.get(tx, number), audits.items(tx, number)
            made = drawing.plan_of(tx, audit)
            said = {(one.item, one.question): one for one in audits.answers(tx, number)}
            read = {}
            if actor is not None:
                for one in answering.read_notes(
                    tx, vault=vault_of(desk.settings), audit_id=number, actor=actor, now=now()
                ):
                    read[one.item, one.question] = one.text.value if one.text else _("destroyed with the person's data")
    rows = [
        (one, question, said.get((one.item, question.id)), read.get((one.item, question.id)))
        for one in items
        for question in made.sample(one.sample).questions
        if not unanswered or (one.item, question.id) not in said
    ]
    if json:
        print_json(
            {
                **plain(audit),
                "items": [
                    {"item": one.item, "sample": one.sample, "key": one.key, "person_id": one.person_id, "at": one.at,
                     "stratum": one.stratum, "always": one.always, "shown": one.shown, "question": question.id,
                     "answer": answer.answer if answer else None, "by": answer.actor if answer else None, "note": text}
                    for one, question, answer, text in rows
                ],
            }
        )  # fmt: skip
        return
    table(
        _("Audit {number}: {state}").format(number=number, state=state_of(audit)),
        [_("Item"), _("Sample"), _("What"), _("Person"), _("At"), _("By"), _("Question"), _("Answer"), _("Note")],
        [
            [
                str(one.item), one.sample, joined(word(str(each)) or "" for each in what(one.shown)) or one.key,
                None if one.person_id is None else str(one.person_id), f"{one.at:%Y-%m-%d %H:%M}", joined(one.acted),
                f"{question.id}: {question.asks[lang()]}",
                word(answer.answer) if answer else _("not answered yet"), text,
            ]
            for one, question, answer, text in rows
        ],
    )  # fmt: skip


def answer(
    number: Number,
    item: Annotated[int, typer.Argument(help="The item's number; `audit show` lists them.", min=1)],
    question: Annotated[str, typer.Argument(help="The question's name.")],
    said: Annotated[str, typer.Argument(metavar="ANSWER", help="yes (as it should be), no, or not_applicable.")],
    *,
    about: Annotated[str, typer.Option("--note", help="What was seen, in free text; sealed.")] = "",
    json: Json = False,
) -> None:
    """Answer a question of an item in one's own name; nobody answers for what he or she did."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.audits import answering
    from duecourse.casework.rights import Right
    from duecourse.storage import audits

    with open_desk() as desk:
        actor = acting(desk, now()).by(Right.AUDIT_WORK)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            answering.answer(
                tx, vault=vault_of(desk.settings), audit_id=number, number=item, question=question, said=said,
                note=about, actor=actor, now=now(), chance=os.urandom,
            )  # fmt: skip
            left = answering.unanswered(tx, audits.get(tx, number))
    if json:
        print_json({"audit": number, "item": item, "question": question, "answer": said, "open": left})
    else:
        say(_("It is on record. Questions without an answer: {count}.").format(count=count(left)))


def close(number: Number, *, json: Json = False) -> None:
    """Close an audit: every question is answered, every no stands in a finding. Its findings go on."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.audits import answering
    from duecourse.casework.rights import Right

    with open_desk() as desk:
        actor = acting(desk, now()).by(Right.AUDIT_WORK)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            made = answering.close(tx, vault=vault_of(desk.settings), audit_id=number, actor=actor, now=now())
    if json:
        print_json(plain(made))
    else:
        say(_("Audit {number} is closed.").format(number=number))


def replay(number: Number, *, json: Json = False) -> None:
    """Draw again by plan, log and what is in the database now; tell whether the sample is the same."""
    from duecourse.app import open_desk
    from duecourse.casework.audits import drawing
    from duecourse.storage.connection import BATCH

    with open_desk(limits=BATCH) as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        made = drawing.replay(tx, number)
    if json:
        print_json(
            {
                "audit": number, "same": made.same, "seed_holds": made.seed_holds, "record_holds": made.record_holds,
                "populations": made.populations, "missing": made.missing, "extra": made.extra,
            }
        )  # fmt: skip
    else:
        table(
            _("Audit {number}, drawn again").format(number=number),
            [_("Sample"), _("Announced"), _("Now"), _("Population")],
            [
                [one.sample, count(one.announced), count(one.found), _("the same") if one.same else _("changed")]
                for one in made.populations
            ],
        )  # fmt: skip
        facts(
            "",
            [
                (_("Seed follows from plan and checkpoint"), _yes(made.seed_holds)),
                (_("Sample is the one that was drawn"), _yes(made.record_holds)),
                (_("Would be drawn now too"), joined(made.missing[:10]) or None),
                (_("Would not be drawn now"), joined(made.extra[:10]) or None),
            ],
        )
        say(_("The same population and seed give the same sample.") if made.same else _("It is not the same."))
    if not made.same:
        raise typer.Exit(Exit.FOUND)


def _say_audit(tx: Tx, made: Audit, *, json: bool) -> None:
    from duecourse.storage import audits

    items = len(audits.items(tx, made.audit_id))
    if json:
        print_json(plain(made) | {"items": items})
        return
    facts(
        _("Audit {number}: {state}").format(number=made.audit_id, state=state_of(made)),
        [
            (_("Plan"), f"{made.plan}@{made.version}"), (_("First day"), made.first_day),
            (_("Last day"), made.last_day), (_("Items"), count(items)),
            (_("Seed"), made.seed.hex() if made.seed else None),
            (_("From the checkpoint of size"), count(made.drawn_size)),
            (_("Digest of the sample"), made.sample_digest.hex() if made.sample_digest else None),
        ],
    )  # fmt: skip


def _yes(held: bool) -> str:  # noqa: FBT001 - what is said of it
    return _("yes") if held else _("no")
