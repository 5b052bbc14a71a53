"""``duecourse day``: run a day, verify one, see what came out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from duecourse.cli.output import Json, bar, facts, lines, note, print_json, say, table
from duecourse.cli.progress import say_if_compiling, step
from duecourse.cli.words import _, word
from duecourse.trouble import Exit

if TYPE_CHECKING:
    from duecourse.app import Desk
    from duecourse.book.strategy import Strategy
    from duecourse.casework.day_past import Verdict
    from duecourse.casework.day_standing import Differs
    from duecourse.casework.registers import Barred
    from duecourse.law.rule import Rule

app = typer.Typer(help="The day run: age the book, propose treatments, ask the law, assign; and prove it.")

Day = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="A day, in the lender's zone.")]


def run_one(desk: Desk, day: date, *, strategy: str | None = None, ahead: bool = False, quiet: bool = False) -> Any:  # noqa: ANN401 - casework.day_run.Run
    """Run a day on an open desk, with progress."""
    from duecourse.app import now, store_of, vault_of
    from duecourse.casework.actor import Actor, Role
    from duecourse.casework.day_run import run

    say_if_compiling(quiet=quiet)
    with step(_("Day run {day}").format(day=day), quiet=quiet) as advance:
        return run(
            desk.database,
            store_of(desk.settings),
            lender_id=desk.settings.lender_id,
            day=day,
            vault=vault_of(desk.settings),
            actor=Actor(Role.OPERATOR, "cli"),
            clock=now,
            strategy=strategy,
            ahead=ahead,
            progress=lambda _step, done, _of: advance(done),
        )


@app.command()
def run(
    *,
    as_of: Annotated[datetime, typer.Option("--as-of", formats=["%Y-%m-%d"], help="The day, in the lender's zone.")],
    strategy: Annotated[
        str | None, typer.Option(help="The strategy by which treatments are proposed; the one in use without it.")
    ] = None,
    ahead: Annotated[bool, typer.Option("--ahead", help="Run a day that has not begun yet at the lender's.")] = False,
    json: Json = False,
) -> None:
    """Run a day: age, classify, propose, ask the law, assign, publish."""
    from duecourse.app import open_desk
    from duecourse.casework.day_run import DayAhead, outputs_hash
    from duecourse.cli.lender import say_if_closed
    from duecourse.storage import lenders
    from duecourse.storage.connection import BATCH

    with open_desk(limits=BATCH) as desk:
        with desk.database.transaction(desk.settings.lender_id) as tx:
            say_if_closed(lenders.get(tx).jurisdiction)
        try:
            ran = run_one(desk, as_of.date(), strategy=strategy, ahead=ahead, quiet=json)
        except DayAhead:
            note(_("--ahead runs it all the same."))
            raise
        _sequence(desk)
        first = _first_loan(desk)
        if first is not None and first > as_of.date():
            note(
                _("On {day} no loan of the book existed yet: the first begins on {first}.").format(
                    day=as_of.date(), first=first
                )
            )
        if json:
            print_json({
                "run": ran.run_id, "day": ran.day, "restated": ran.restated, "cases_of": ran.cases_of,
                "manifest": ran.manifest,
                "outputs_hash": outputs_hash(ran.manifest),
            })  # fmt: skip
            return
        print_day(desk, as_of.date())
        if ran.cases_of != ran.day:
            note(
                _("Open cases stay as the run of {latest} left them, since {day} is earlier.").format(
                    latest=ran.cases_of, day=ran.day
                )
            )


def _sequence(desk: Desk) -> None:
    """Give the records of the run their places in the log; where that cannot be, the day stands all the same."""
    from duecourse.app import sequencer_of
    from duecourse.trouble import Trouble

    try:
        sequencer_of(desk).run()
    except Trouble as trouble:
        note(str(trouble))


def _first_loan(desk: Desk) -> date | None:
    """The day on which the first loan of the book begins."""
    from duecourse.app import store_of
    from duecourse.book.store import version_from
    from duecourse.storage import books

    with desk.database.transaction(desk.settings.lender_id) as tx:
        row = books.newest(tx)
    if row is None:
        return None
    at = version_from(row.version, row.tables)
    found = store_of(desk.settings).scan(at, "loans").select("start").min().collect().item()
    return found if isinstance(found, date) else None


@app.command()
def verify(day: Day, *, json: Json = False) -> None:
    """Recompute a published day and read what is stored of it; exit status 1 if anything differs."""
    from duecourse.app import open_desk, store_of
    from duecourse.casework.day_past import verify as verify_day
    from duecourse.storage.connection import BATCH

    with open_desk(limits=BATCH) as desk, step(_("Verifying {day}").format(day=day.date()), quiet=json):
        verdict = verify_day(desk.database, store_of(desk.settings), lender_id=desk.settings.lender_id, day=day.date())
    if json:
        print_json(_verdict_plain(verdict))
    else:
        _print_verdict(verdict)
    if not verdict.holds:
        raise typer.Exit(Exit.FOUND)


def _verdict_plain(verdict: Verdict) -> dict[str, Any]:
    return {
        "day": verdict.day,
        "holds": verdict.holds,
        "outputs": verdict.outputs,
        "stored": {
            name: {
                "holds": verdict.stands(name), "sha256": one.digest, "rows_differ": one.rows,
                "first": [{"row": row.row, "columns": row.columns} for row in one.first],
            }
            for name, one in verdict.stored.items()
        },
        "manifest": verdict.manifest,
    }  # fmt: skip


def _print_verdict(verdict: Verdict) -> None:
    def stored(name: str) -> str:
        if name not in verdict.stored:
            return _("not stored")
        if verdict.stands(name):
            return _("same")
        one = verdict.stored[name]
        return (
            _("DIFFERS, rows: {count}").format(count=one.rows) if one.rows else _("DIFFERS: not to be read as written")
        )

    differs = _("DIFFERS")
    rows = [
        [word(name), said[:16], _("same") if said == again else f"{differs} {again[:16]}", stored(name)]
        for name, (said, again) in verdict.outputs.items()
    ]
    columns = [_("Output"), _("Published"), _("Recomputed"), _("Stored")]
    table(_("Day {day}, recomputed and read").format(day=verdict.day), columns, rows)
    for name, one in verdict.stored.items():
        for row in one.first:
            say(f"{word(name)}, {', '.join(f'{key} {value}' for key, value in row.row.items())}: {_differs(row)}")
        if one.rows > len(one.first):
            say(_("{name}: {count} more rows differ").format(name=word(name), count=one.rows - len(one.first)))
    if verdict.manifest[0] != verdict.manifest[1]:
        say(_("The manifest is not the one that the log recorded when the day was published."))
    if "snapshot" not in verdict.stored:
        note(
            _("The rows of the day in the database went in their time; of what is stored, the ages alone are compared.")
        )
    say(_("The day stands as published.") if verdict.holds else _("The day does not stand as published."))


def _differs(row: Differs) -> str:
    from duecourse.casework.day_standing import ADDED, GONE

    if row.columns == (GONE,):
        return _("the row is gone")
    return _("the run did not write it") if row.columns == (ADDED,) else ", ".join(row.columns)


@app.command()
def show(day: Annotated[datetime | None, typer.Argument(formats=["%Y-%m-%d"])] = None, *, json: Json = False) -> None:
    """Show what a published day found; the last one without a day."""
    from duecourse.app import open_desk
    from duecourse.storage import runs

    with open_desk() as desk:
        with desk.database.transaction(desk.settings.lender_id) as tx:
            found = runs.published(tx, day.date() if day else None)
        if json:
            print_json(day_facts(desk, found.day))
        else:
            print_day(desk, found.day)


@app.command("list")
def list_runs(*, json: Json = False) -> None:
    """List day runs, the latest first."""
    from duecourse.app import open_desk
    from duecourse.storage import runs

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = runs.every(tx)
    if json:
        print_json([{"run": r.run_id, "day": r.day, "state": r.state, "book_version": r.version} for r in found])
        return
    table(
        _("Day runs"),
        [_("Run"), _("Day"), _("State"), _("Book version"), _("Started")],
        [[str(r.run_id), r.day, word(r.state), str(r.version), f"{r.started_at:%Y-%m-%d %H:%M:%S}"] for r in found],
    )


def day_facts(desk: Desk, day: date) -> dict[str, Any]:
    """What a published day found: stages, proposals, refusals."""
    from duecourse.app import store_of
    from duecourse.book.report import ages_of, by_stage_and_class
    from duecourse.book.store import version_from
    from duecourse.casework.day_run import outputs_hash
    from duecourse.casework.registers import barred
    from duecourse.cli.strategy import used_by
    from duecourse.cli.worklist import speaks_for
    from duecourse.storage import books, runs, worklists

    with desk.database.transaction(desk.settings.lender_id) as tx:
        run_found = runs.published(tx, day)
        row = books.newest(tx)
        proposals = worklists.proposal_counts(tx, day).to_dicts()
        refusals = worklists.refusal_counts(tx, day).to_dicts()
        places, no = worklists.worklist(tx, day, most=1_000_000), barred(tx, day)
        strategy = used_by(tx, run_found)
    stages: list[dict[str, Any]] = []
    if row:
        stages = by_stage_and_class(
            ages_of(store_of(desk.settings), version_from(row.version, row.tables), day)
        ).to_dicts()
    return {
        "day": day,
        "run": run_found.run_id,
        "stages": stages,
        "proposals": proposals,
        "refusals": refusals,
        "worklist": len(places),
        "refused_to_collector": Counter(one.collector_id for one in places if speaks_for(one, no)),
        "strategy": strategy.id if strategy else None,
        "manifest_hash": run_found.manifest_hash.hex() if run_found.manifest_hash else None,
        "outputs_hash": outputs_hash(run_found.manifest) if run_found.manifest else None,
    }


def print_day(desk: Desk, day: date) -> None:
    """What a published day found, for people."""
    from duecourse.casework.lender_law import rules_named
    from duecourse.casework.registers import barred
    from duecourse.cli.report import print_stages
    from duecourse.cli.strategy import used_by
    from duecourse.storage import runs

    found = day_facts(desk, day)
    with desk.database.transaction(desk.settings.lender_id) as tx:
        strategy, known, no = used_by(tx, runs.published(tx, day)), rules_named(tx), barred(tx, day)
    print_stages(found["stages"], day)
    _print_proposals(found["proposals"], day, strategy)
    _print_barred(no, found["refused_to_collector"], known)
    if found["refusals"] or not no:
        _print_refusals(found["refusals"], strategy, known)
    digest, outputs = found["manifest_hash"], found["outputs_hash"]
    facts(
        "",
        [
            (_("Cases in worklists"), found["worklist"]),
            *([(_("Manifest"), digest[:16])] if digest else []),
            *([(_("Outputs, the same when it is run again"), outputs[:16])] if outputs else []),
        ],
    )


def _print_proposals(rows: list[dict[str, Any]], day: date, strategy: Strategy | None) -> None:
    from duecourse.cli.strategy import LEAVE_ALONE, treatment_word

    by: dict[tuple[str, str | None], dict[str, int]] = {}
    for row in rows:
        by.setdefault((row["treatment"], row["channel"]), {})[row["answer"]] = row["proposals"]
    order = [one.name for one in strategy.treatments] if strategy else []
    alone = by.pop((LEAVE_ALONE, None), {})
    table(
        _("Proposals of {day}").format(day=day),
        [_("Treatment"), _("Channel"), _("Allowed"), _("Refused")],
        [
            [treatment_word(name, strategy), word(channel), counts.get("allowed", 0), counts.get("refused", 0)]
            for (name, channel), counts in sorted(
                by.items(), key=lambda item: (order.index(item[0][0]) if item[0][0] in order else len(order), item[0])
            )
        ],
    )
    if alone:
        say(_("Cases left alone by the strategy: {count}.").format(count=sum(alone.values())))
        say("")


def _print_barred(no: Mapping[str, Barred], held: Mapping[str, int], known: Mapping[str, Rule]) -> None:
    """Who may speak to nobody: a plan is asked about before anybody is chosen, so that it counts as allowed."""
    from duecourse.cli.grounds import not_by

    if not no:
        return
    table(
        _("Allowed, but refused to the collector who has the case"),
        [_("Collector"), _("Calls and visits"), _("Why")],
        [[staff, held.get(staff, 0), not_by(one, known)] for staff, one in no.items()],
    )
    note(
        _(
            "The day run asks the law before anybody is chosen; the gate asks again who speaks. It refuses these until "
            "`duecourse staff add`, `exam`, `train` and `undertake` have put on record what the law asks, or somebody "
            "else takes the case."
        )
    )


def _print_refusals(rows: list[dict[str, Any]], strategy: Strategy | None, known: Mapping[str, Rule]) -> None:
    from duecourse.cli.grounds import ground

    by: dict[str, int] = {}
    for row in rows:
        by[row["cause"]] = by.get(row["cause"], 0) + row["proposals"]
    if not by:
        say(_("Nothing was refused."))
        return
    most = max(by.values())
    said = [(number, ground(cause, strategy, known)) for cause, number in sorted(by.items(), key=lambda item: -item[1])]
    table(
        _("Refused or left alone, by rule"),
        [_("Proposals"), "", _("What stands against it")],
        [[number, Text(bar(number, most, 12), style="cyan"), lines(one.says, one.where)] for number, one in said],
    )
