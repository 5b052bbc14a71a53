"""``duecourse statement``: bank statements: imported, proved, and their lines shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.output import Cell, Json, amount, facts, print_json, say, table
from duecourse.cli.person import one_of, operator
from duecourse.cli.words import _, joined, word

if TYPE_CHECKING:
    from duecourse.storage.matching import ProposalRow

app = typer.Typer(help="Bank statements: CSV by a mapping, CAMT.053 or MT940; what came in, and what became of it.")

LineId = Annotated[int, typer.Argument(metavar="LINE", help="Its number, as in `statement lines`.", min=1)]


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="The statement as the bank gave it.")],
    *,
    mapping: Annotated[
        Path | None, typer.Option(help="For a table: which column is what (docs/payments.md); else it is not needed.")
    ] = None,
    quarantine: Annotated[
        Path | None, typer.Option(help="Where wrong rows are named; beside the statement without it.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and prove it, and keep nothing.")] = False,
    json: Json = False,
) -> None:
    """Read a statement, prove its balances, keep each line once. The same file again changes nothing."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.book.statement.table import load
    from duecourse.casework.statements import import_statement, look_at
    from duecourse.storage.connection import BATCH
    from duecourse.trouble import Exit

    looked = look_at(file, mapping=load(mapping) if mapping else None)
    if dry_run:
        found = looked.read
        told: dict[str, object] = {
            "format": found.format, "statements": len(found.statements),
            "lines": sum(len(one.lines) for one in found.statements), "quarantined": len(found.flaws),
            "unbooked": found.unbooked,
            "flaws": [{"row": one.row, "field": one.field, "rule": one.rule, "why": one.why} for one in found.flaws],
        }  # fmt: skip
    else:
        with open_desk(limits=BATCH) as desk, desk.database.transaction(desk.settings.lender_id) as tx:
            made = import_statement(
                tx, vault=vault_of(desk.settings), looked=looked,
                quarantine_file=quarantine or file.with_name(f"{file.name}.quarantine.csv"), actor=operator(),
                now=now(),
            )  # fmt: skip
        told = {
            "format": looked.read.format, "statements": list(made.statements), "lines": made.lines, "new": made.new,
            "quarantined": made.quarantined, "unbooked": made.unbooked, "again": made.again,
            "quarantine": str(made.quarantine) if made.quarantine else None,
        }  # fmt: skip
    if json:
        print_json(told)
    else:
        _said(told, dry=dry_run)
    if looked.read.flaws:
        raise typer.Exit(Exit.FOUND)


def _said(told: dict[str, object], *, dry: bool) -> None:
    if told.get("again"):
        say(_("This file was read before; nothing was done."))
        return
    facts(
        _("Bank statement, not kept") if dry else _("Bank statement"),
        [
            (_("Format"), str(told["format"])),
            (_("Lines"), int(str(told["lines"]))),
            (_("New"), None if dry else int(str(told["new"]))),
            (_("Not booked yet"), int(str(told["unbooked"])) or None),
            (_("Wrong rows"), int(str(told["quarantined"])) or None),
            (_("Named in"), str(told["quarantine"]) if told.get("quarantine") else None),
        ],
    )


@app.command("list")
def list_statements(
    *,
    before: Annotated[int | None, typer.Option(min=1, help="Only statements before this number.")] = None,
    most: Annotated[int, typer.Option(min=1, max=500, help="Lines shown at the most.")] = 50,
    json: Json = False,
) -> None:
    """List statements, the latest first."""
    from duecourse.app import open_desk
    from duecourse.storage import statements

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = statements.latest(tx, before=before, most=most)
    if json:
        print_json(
            [
                {
                    "statement": one.statement_id, "source_sha256": one.source_hash.hex(), "place": one.place,
                    "format": one.format, "name": one.name, "account": one.account_masked, "currency": one.currency,
                    "from": one.from_day, "to": one.to_day, "opening_minor": one.opening_minor,
                    "closing_minor": one.closing_minor, "lines": one.lines, "new": one.lines_new,
                    "waiting": one.waiting, "quarantined": one.quarantined, "difference_minor": one.difference_minor,
                    "imported_at": one.imported_at, "imported_by": one.imported_by,
                }
                for one in found
            ]
        )  # fmt: skip
        return
    table(
        _("Bank statements"),
        [_("Statement"), _("Format"), _("Bank account"), _("First day"), _("Last day"), _("Lines"), _("New lines"),
         _("Waiting lines"), _("Wrong rows")],
        [
            [
                str(one.statement_id), one.format, one.account_masked, one.from_day, one.to_day, one.lines,
                one.lines_new, one.waiting, one.quarantined,
            ]
            for one in found
        ],
        right=(5, 6, 7, 8),
    )  # fmt: skip


@app.command()
def lines(
    *,
    state: Annotated[
        str | None, typer.Option(help="waiting, applied, outgoing, returned or dismissed; all of them without it.")
    ] = None,
    statement: Annotated[int | None, typer.Option(min=1, help="Of this statement alone.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Only lines after this number: the next page.")] = 0,
    most: Annotated[int, typer.Option(min=1, max=1_000, help="Lines shown at the most.")] = 50,
    json: Json = False,
) -> None:
    """List lines, masked, by number."""
    from duecourse.app import open_desk
    from duecourse.casework.suspense import LineState
    from duecourse.storage import statements

    wanted = None if state is None else one_of(LineState, state, "state").value
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = statements.lines(tx, state=wanted, statement_id=statement, after=after, most=most)
    if json:
        print_json(
            [
                {
                    "line": one.line_id, "statement": one.statement_id, "row": one.row_number, "incoming": one.incoming,
                    "amount_minor": one.amount_minor, "currency": one.currency, "value_day": one.value_day,
                    "reversal": one.reversal, "name": one.name_masked, "account": one.account_masked,
                    "text": one.text_masked, "state": one.state, "person": one.person_id,
                    "decided_at": one.decided_at, "decided_by": one.decided_by, "why": one.why,
                }
                for one in found
            ]
        )  # fmt: skip
        return
    table(
        _("Lines of bank statements"),
        [_("Line"), _("Value day"), _("Amount"), _("Other side"), _("Account"), _("Text"), _("State"), _("Person")],
        [
            [
                str(one.line_id), one.value_day, ("" if one.incoming else "-") + amount(one.amount_minor, one.currency),
                one.name_masked, one.account_masked, one.text_masked, word(one.state),
                str(one.person_id) if one.person_id is not None else None,
            ]
            for one in found
        ],
        right=(2,),
    )  # fmt: skip


@app.command()
def read(
    line: LineId,
    *,
    purpose: Annotated[str, typer.Option(help="What it is read for; it is put on record.")] = "identify",
    json: Json = False,
) -> None:
    """Read in clear who paid and what was written; that is on record."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.statements import read_line

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = read_line(tx, vault=vault_of(desk.settings), line_id=line, purpose=purpose, actor=operator(), now=now())
    told = {
        "name": found.name, "account": found.account, "text": found.text, "reference": found.reference,
        "end_to_end": found.end_to_end,
    }  # fmt: skip
    if json:
        print_json(told)
    else:
        facts(
            _("Line {number}").format(number=line), [(word(name) or name, text or None) for name, text in told.items()]
        )


@app.command()
def match(*, json: Json = False) -> None:
    """Look at all lines that wait: whose payment each is, or may be, and why. Nothing is applied by that."""
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework.matching import match_lines
    from duecourse.storage.connection import BATCH

    with open_desk(limits=BATCH) as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = match_lines(tx, store_of(desk.settings), vault=vault_of(desk.settings), actor=operator(), now=now())
    if json:
        print_json({"lines": found.lines, "certain": found.certain, "waits": found.waits})
        return
    facts(
        _("Lines that waited"),
        [
            (_("Lines"), found.lines),
            (_("Certain"), found.certain),
            *((word(why) or why, count) for why, count in found.waits.items()),
        ],
    )


@app.command()
def suspense(
    *,
    after: Annotated[int, typer.Option(min=0, help="Only lines after this number: the next page.")] = 0,
    most: Annotated[int, typer.Option(min=1, max=500, help="Lines shown at the most.")] = 30,
    json: Json = False,
) -> None:
    """Show the suspense queue: each line, why it waits, and whose it may be, the likeliest first."""
    from duecourse.app import open_desk
    from duecourse.storage import matching, statements

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        waits = statements.lines(tx, state="waiting", after=after, most=most)
        found = matching.proposals(tx, [one.line_id for one in waits])
    by_line = {one.line_id: [each for each in found if each.line_id == one.line_id] for one in waits}
    if json:
        print_json(
            [
                {
                    "line": one.line_id, "amount_minor": one.amount_minor, "currency": one.currency,
                    "value_day": one.value_day, "name": one.name_masked, "account": one.account_masked,
                    "text": one.text_masked, "waits_as": one.waits_as,
                    "proposals": [
                        {
                            "person": each.person_id, "name": each.name_masked, "case": each.case_id,
                            "score": each.score, "signs": each.signs, "certain_by": each.certain_by,
                        }
                        for each in by_line[one.line_id]
                    ],
                }
                for one in waits
            ]
        )  # fmt: skip
        return
    table(
        _("Suspense queue"),
        [_("Line"), _("Value day"), _("Amount"), _("Other side"), _("Why it waits"), _("May be"), _("Score"),
         _("Signs")],
        [
            [
                str(one.line_id), one.value_day, amount(one.amount_minor, one.currency), one.name_masked,
                word(one.waits_as) or _("not looked at yet"), *cells,
            ]
            for one in waits
            for cells in ([_may_be(each) for each in by_line[one.line_id][:3]] or [[None, None, None]])
        ],
        right=(2, 6),
    )  # fmt: skip


def _may_be(one: ProposalRow) -> list[Cell]:
    return [str(one.person_id), one.score, joined(word(sign) or sign for sign in one.signs)]


@app.command()
def dismiss(
    line: LineId,
    *,
    reason: Annotated[str, typer.Option(help="Why it is no payment of a debt.")],
    json: Json = False,
) -> None:
    """Say that a line is no payment of a debt; that is on record."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.suspense import dismiss_line

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        dismiss_line(tx, vault=vault_of(desk.settings), line_id=line, reason=reason, actor=operator(), now=now())
    if json:
        print_json({"line": line, "state": "dismissed"})
    else:
        say(_("Line {number} is no payment of a debt.").format(number=line))


@app.command("give-account")
def give(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The number of an account of ours.")],
    person: Annotated[int, typer.Argument(metavar="PERSON", help="The debtor whose payments come in on it.", min=0)],
    *,
    json: Json = False,
) -> None:
    """Give an account of ours to one debtor, for ever: what comes in on it is that debtor's payment."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.suspense import give_account

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        masked = give_account(
            tx, vault=vault_of(desk.settings), person_id=person, account=account, actor=operator(), now=now()
        )
    if json:
        print_json({"account": masked, "person": person})
    else:
        say(_("Account {account} is given to person {person}.").format(account=masked, person=person))
