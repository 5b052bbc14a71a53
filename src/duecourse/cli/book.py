"""``duecourse book``: import tapes, mend and map them; look at versions and breaks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.output import Json, facts, note, print_json, say, table
from duecourse.cli.progress import say_if_compiling, step
from duecourse.cli.report import report
from duecourse.cli.words import _, joined, word
from duecourse.trouble import BadInput, Exit

if TYPE_CHECKING:
    from duecourse.book.tape.intake import Unmatched
    from duecourse.casework.book_import import Imported, Looked, Order

app = typer.Typer(help="The book: import tapes, map and mend them; versions, breaks, reports.")
app.command()(report)

FAULTS_SHOWN = 20

Files = Annotated[list[Path], typer.Argument(help="Files or folders of the tape.", show_default=False)]
MappingOption = Annotated[
    str, typer.Option("--mapping", "-m", help="A mapping file, or the name of a shipped one.", metavar="FILE|NAME")
]


@app.command("import")
def import_(
    files: Files,
    *,
    mapping: MappingOption = "standard",
    patch: Annotated[Path | None, typer.Option(help="A patch that mends rows; see `book mend`.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Do everything but write.")] = False,
    full: Annotated[
        bool, typer.Option("--full", help="The tape holds every loan: list those missing from it.")
    ] = False,
    all_or_nothing: Annotated[bool, typer.Option("--all-or-nothing", help="Import nothing if a row is wrong.")] = False,
    shards: Annotated[int, typer.Option(min=1, max=4096, help="Shards of a new book; fixed from then on.")] = 8,
    json: Json = False,
) -> None:
    """Import a tape. Exit status 1 if rows were quarantined, breaks found, or a table of the mapping has no file."""
    from duecourse.book.tape import intake
    from duecourse.book.tape import mapping as mappings
    from duecourse.book.tape import patch as patches
    from duecourse.casework.book_import import Order

    read = mappings.load(mappings.find(mapping))
    order = Order(
        mapping=read,
        sources=intake.sources(files, read),
        patch=patches.load(patch) if patch else None,
        full=full,
        all_or_nothing=all_or_nothing,
        shards=shards,
    )
    left = intake.unmatched(files, read)
    if check:
        _check(order, left, json=json)
    else:
        _import(order, left, json=json)


@app.command()
def mend(
    patch: Annotated[Path, typer.Argument(help="CSV: source, row, field, value.", show_default=False)],
    files: Files,
    *,
    mapping: MappingOption = "standard",
    check: Annotated[bool, typer.Option("--check", help="Do everything but write.")] = False,
    json: Json = False,
) -> None:
    """Read the lender's own file again with a patch applied, and import what it mends."""
    import_(files, mapping=mapping, patch=patch, check=check, json=json)


def _check(order: Order, left: Unmatched, *, json: bool) -> None:
    from duecourse.app import now, open_desk, store_of
    from duecourse.casework.book_import import look
    from duecourse.storage.connection import BATCH

    with (
        open_desk(limits=BATCH) as desk,
        desk.database.transaction(desk.settings.lender_id) as tx,
        step(_("Checking the tape"), quiet=json),
    ):
        looked = look(tx, store=store_of(desk.settings), order=order, now=now())
    _say_looked(looked, left, json=json)
    if looked.quarantined or left.tables:
        raise typer.Exit(Exit.FOUND)


def _states_figures(order: Order) -> bool:
    """Whether a file of the tape has balances: only to compare them does an import need the engine."""
    balances = [table for table in order.mapping.tables if table.records == "balances"]
    return any(table.takes(source.name) for table in balances for source in order.sources)


def _import(order: Order, left: Unmatched, *, json: bool) -> None:
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework.actor import Actor, Role
    from duecourse.casework.book_import import import_tape
    from duecourse.casework.ledger import take_up_first
    from duecourse.casework.mending import file_of
    from duecourse.storage import standing
    from duecourse.storage.connection import BATCH

    with open_desk(limits=BATCH) as desk:
        store, instant = store_of(desk.settings), now()
        say_if_compiling(quiet=json or not _states_figures(order))
        with step(_("Importing the tape"), quiet=json):
            take_up_first(
                desk.database, store, desk.settings.lender_id, vault=vault_of(desk.settings),
                actor=Actor(Role.OPERATOR, "cli"), now=instant,
            )  # fmt: skip
            with desk.database.transaction(desk.settings.lender_id) as tx:
                done = import_tape(
                    tx,
                    vault=vault_of(desk.settings),
                    store=store,
                    order=order,
                    quarantine_file=file_of(store, order, instant),
                    actor=Actor(Role.OPERATOR, "cli"),
                    now=instant,
                )
            store.done()
            desk.database.gather(standing.TABLES)
    _say_imported(done, left, json=json)
    if done.looked.quarantined or done.breaks.height or left.tables:
        raise typer.Exit(Exit.FOUND)


def _facts(looked: Looked, left: Unmatched) -> dict[str, object]:
    from duecourse.casework.jobs import plain_look

    rows = {name: frame.height for name, frame in sorted(looked.arrival.change.rows.items())}
    return {**plain_look(looked, left), "principal_unread_rows": looked.arrival.principal_unread, "new_rows": rows}


def _say_looked(looked: Looked, left: Unmatched, *, json: bool) -> None:
    if json:
        print_json({**_facts(looked, left), "faults": looked.faults.to_dicts()})
        return
    _tables(looked, left)
    say(_("Nothing was written (--check)."))


def _say_imported(done: Imported, left: Unmatched, *, json: bool) -> None:
    if json:
        print_json({
            **_facts(done.looked, left), "version": done.version, "changed": done.changed,
            "breaks": done.breaks.to_dicts(), "faults": done.looked.faults.to_dicts(),
            "figures_agreed": done.figures_agreed, "vanished": done.vanished,
            "people_rows": done.people, "quarantine": str(done.quarantine) if done.quarantine else None,
        })  # fmt: skip
        return
    _tables(done.looked, left)
    facts(
        _("Import"),
        [
            (_("Book version"), str(done.version) if done.version else None),
            (_("Rows written about people"), done.people),
            (_("Lender's figures that agree with ours"), done.figures_agreed),
            (_("Breaks found"), done.breaks.height),
            (_("Loans missing from a full tape"), done.vanished),
        ],
    )
    if not done.changed:
        say(_("The book has all of this already; nothing changed."))
    if done.quarantine:
        note(
            _("Rows that were not taken are named in {path}; mend them with `duecourse book mend`.").format(
                path=done.quarantine
            )
        )


def _tables(looked: Looked, left: Unmatched) -> None:
    from duecourse.core.money import plain

    names = [source.name for source in looked.arrival.sources]
    headings = [_("File"), _("Kind of records"), _("Rows in"), _("Accepted"), _("Quarantined"), _("Left out")]
    table(
        _("The tape"),
        headings,
        [[names[c.src], word(str(c.records)), c.rows_in, c.accepted, c.quarantined, c.left_out] for c in looked.counts],
    )
    for name in looked.skipped:
        note(_("{name} was read before; it is passed over.").format(name=name))
    for name in left.files:
        note(_("No table of the mapping takes {name}, so it was left alone.").format(name=name))
    for name in left.tables:
        note(_("The table {name} of the mapping found no file in the folder.").format(name=name))
    _say_doubts(looked, names)
    unread = looked.arrival.principal_unread
    if looked.arrival.principal_in:
        table(
            _("Principal"),
            [_("Currency"), _("In"), _("Accepted"), _("Quarantined"), _("Rows without a readable amount")],
            [
                [code, plain(total, code), plain(accepted, code), plain(total - accepted, code), unread.get(code, 0)]
                for code, total in looked.arrival.principal_in.items()
                for accepted in (looked.arrival.principal_accepted.get(code, 0),)
            ],
            right=(1, 2, 3, 4),
        )
        if unread:
            note(
                _(
                    "Loans without a readable amount in a known currency, which are in none of these sums: {rows}."
                ).format(rows=sum(unread.values()))
            )
    rows = sorted(looked.arrival.change.rows.items())
    table(_("New in the book"), [_("Table"), _("Rows")], [[name, frame.height] for name, frame in rows])
    _say_terms(looked)
    if not looked.faults.is_empty():
        shown = looked.faults.head(FAULTS_SHOWN)
        table(
            _("Rows not taken (faults shown: {shown} of {all})").format(shown=shown.height, all=looked.faults.height),
            [_("File"), _("Row"), _("Field"), _("Value"), _("Rule"), _("Why"), _("What to do")],
            [
                [file, row, field, value, word(rule), _reason(why), _(what)]
                for file, row, field, value, rule, why, what in shown.select(
                    "file", "row", "field", "value", "rule", "why", "todo"
                ).iter_rows()
            ],
        )
        if looked.faults.height > shown.height:
            note(_("With --json all {all} faults are printed.").format(all=looked.faults.height))


def _say_terms(looked: Looked) -> None:
    """Which terms of standing loans the tape changes, since they count from the start of each loan."""
    from duecourse.book.tape.terms import shown

    change = looked.arrival.change
    if not change.terms_changed:
        return
    table(
        _("Terms of standing loans that change (terms shown: {shown}; loans: {loans})").format(
            shown=change.terms.height, loans=change.terms_changed
        ),
        [_("Loan"), _("Term"), _("The book has"), _("The tape says")],
        [
            [loan, name, shown(name, was, currency), shown(name, now, currency)]
            for loan, currency, name, was, now in change.terms.iter_rows()
        ],
        right=(2, 3),
    )
    if not change.terms_reckoned:
        note(
            _(
                "By these terms nothing that was due changes: what was paid out, and when, are drawdowns. Where they "
                "differ a break is listed."
            )
        )
        return
    note(
        _(
            "A loan's row counts from its start: what was due, overdue and settled is reckoned anew of {loans} of "
            "these loans. A rate that changed on a day is an adjustment, rate_change."
        ).format(loans=change.terms_reckoned)
    )


def _say_doubts(looked: Looked, names: list[str]) -> None:
    """What was taken and may be meant otherwise."""
    from duecourse.core.wording import rate_words

    rest: dict[str, list[str]] = {}
    for one in looked.arrival.columns_unread:
        if one.near is None:
            rest.setdefault(one.file, []).append(one.column)
        else:
            note(
                _("The column {column} of {file} is read by nothing. Did you mean {near}?").format(
                    column=one.column, file=one.file, near=one.near
                )
            )
    for file, columns in rest.items():
        note(_("Columns of {file} that nothing reads: {columns}.").format(file=file, columns=joined(columns)))
    if looked.arrival.rates_ppm is not None:
        low, high = (rate_words(ppm) for ppm in looked.arrival.rates_ppm)
        note(_("Contract rates a year, as the mapping reads them: {low} to {high}.").format(low=low, high=high))
    nothing = looked.arrival.loans_of_nothing
    if not nothing.is_empty():
        src, row = nothing.row(0)
        note(
            _(
                "Loans whose principal is 0: {count}; the first is row {row} of {file}. They are taken as they are."
            ).format(count=nothing.height, row=row, file=names[src])
        )
    if looked.by_number:
        note(
            _("Loans whose borrowers are known by number alone: {count}. Send persons and contact points.").format(
                count=looked.by_number
            )
        )


def _reason(why: str) -> str:
    """Why a row was not taken, in the reader's language."""
    from duecourse.book.tape.reasons import said

    return said(why, _)


@app.command("map")
def map_(
    sample: Annotated[list[Path], typer.Argument(help="Files of the layout, or folders of them.", show_default=False)],
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write here instead of to the terminal.")
    ] = None,
    json: Json = False,
) -> None:
    """Propose a mapping from samples of a lender's files; what is unsure is said in comments."""
    from duecourse.book.tape.propose import propose

    text = propose(sample)
    if json:
        print_json({"mapping": text})
        return
    if output is None:
        typer.echo(text, nl=False)
        return
    if output.exists():
        raise BadInput(_("{path} is there already; name another file").format(path=output))
    output.write_text(text, encoding="utf-8")
    say(
        _("Written to {path}. Read the comments, then try it: duecourse book import --check -m {path} …").format(
            path=output
        )
    )


@app.command()
def layout(*, json: Json = False) -> None:
    """Print the standard layout as the tables of docs/tape.md."""
    from duecourse.book.tape.document import tables
    from duecourse.book.tape.layout import Records, fields

    if json:
        print_json({str(records): fields(records) for records in Records})
        return
    typer.echo(tables(), nl=False)


@app.command()
def versions(*, json: Json = False) -> None:
    """List the versions of the book, the latest first."""
    from duecourse.app import open_desk
    from duecourse.storage import books

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = books.every(tx)
    if json:
        print_json([
            {"version": v.version, "known_at": v.known_at, "by": v.written_by, "content": v.content_hash.hex()}
            for v in found
        ])  # fmt: skip
        return
    table(
        _("Versions of the book"),
        [_("Version"), _("Known at"), _("By"), _("Content")],
        [
            [str(v.version), f"{v.known_at:%Y-%m-%d %H:%M:%S}", _writer(v.written_by), v.content_hash.hex()[:16]]
            for v in found
        ],
    )


@app.command()
def show(
    version: Annotated[int | None, typer.Argument(help="The version; the latest without it.")] = None,
    *,
    verify: Annotated[bool, typer.Option("--verify", help="Read all rows and compare their hashes.")] = False,
    json: Json = False,
) -> None:
    """Show one version of the book: its tables, and the files that went into it."""
    from duecourse.app import open_desk, store_of
    from duecourse.book.store import version_from
    from duecourse.storage import books
    from duecourse.storage.connection import BATCH

    with open_desk(limits=BATCH) as desk:
        with desk.database.transaction(desk.settings.lender_id) as tx:
            row = books.newest(tx) if version is None else books.get(tx, version)
            if row is None:
                raise books.NoSuchVersion(None)
            sources = [source for source in books.sources(tx) if source.version == row.version]
        at = version_from(row.version, row.tables)
        wrong: list[str] = []
        if verify:
            with step(_("Reading the book"), quiet=json):
                wrong = store_of(desk.settings).verified(at)
    if json:
        print_json({
            "version": row.version, "known_at": row.known_at, "by": row.written_by, "tables": row.tables,
            "sources": [{"hash": s.source_hash.hex(), "records": s.kind, "rows_in": s.rows_in} for s in sources],
            "verified": None if not verify else not wrong, "differ": wrong,
        })  # fmt: skip
    else:
        facts(
            _("Book version {version}").format(version=row.version),
            [
                (_("Known at"), f"{row.known_at:%Y-%m-%d %H:%M:%S}"),
                (_("By"), _writer(row.written_by)),
                (_("Shards"), at.shards),
            ],
        )
        table(
            _("Tables"),
            [_("Table"), _("Rows"), _("Content"), _("Delta version")],
            [[name, t.rows, t.hash, str(t.version)] for name, t in sorted(at.tables.items())],
        )
        table(
            _("Files read"),
            [_("Hash"), _("Kind of records"), _("Rows in"), _("Accepted"), _("Quarantined")],
            [[s.source_hash.hex()[:16], word(s.kind), s.rows_in, s.rows_accepted, s.rows_quarantined] for s in sources],
        )
        if verify:
            say(_("All rows have the hashes of the version.") if not wrong else _("DIFFERENT: ") + ", ".join(wrong))
    if wrong:
        raise typer.Exit(Exit.FOUND)


@app.command()
def breaks(*, json: Json = False) -> None:
    """List open breaks: where the lender's figure and ours differ. Exit status 1 if there are any."""
    from duecourse.app import open_desk, store_of
    from duecourse.book.store import version_from
    from duecourse.core.money import plain
    from duecourse.storage import books
    from duecourse.storage import breaks as rows

    with open_desk() as desk:
        with desk.database.transaction(desk.settings.lender_id) as tx:
            found = rows.open_breaks(tx)
            at = books.newest(tx)
        if at is not None and "loans" in at.tables:
            scan = store_of(desk.settings).scan(version_from(at.version, at.tables), "loans")
            names = scan.select("loan_key", "loan_ref").unique("loan_key").collect()
            found = found.join(names, on="loan_key", how="left", maintain_order="left")
    if json:
        print_json(found.to_dicts())
    else:

        def figure(minor: int | None, days: int | None, currency: str | None) -> str | None:
            return plain(minor, currency) if minor is not None and currency else None if days is None else str(days)

        table(
            _("Open breaks"),
            [_("Loan"), _("Kind"), _("What"), _("Lender's"), _("Ours"), _("Currency"), _("Since")],
            [
                [
                    row.get("loan_ref") or str(row["loan_key"]), _break_kind(row["kind"]), _subject(row["subject"]),
                    figure(row["theirs_minor"], row["theirs_days"], row["currency"]),
                    figure(row["ours_minor"], row["ours_days"], row["currency"]), row["currency"], row["opened_day"],
                ]
                for row in found.iter_rows(named=True)
            ],
            right=(3, 4),
        )  # fmt: skip
    if not found.is_empty():
        raise typer.Exit(Exit.FOUND)


def _break_kind(kind: str) -> str | None:
    return _("days past due") if kind == "dpd" else word(kind)


def _subject(said: str) -> str:
    """What a break is about, in words."""
    from duecourse.book.tape.differing import about

    says, values, at = about(said)
    return _(says).format(**values) + at


def _writer(by: str) -> str:
    """Who wrote a version of the book: a day run, or an actor."""
    day = by.removeprefix("day run ")
    return by if day == by else _("Day run {day}").format(day=day)
