"""``duecourse law``: the rules in force, one rule with its cases, all cases run, one contact explained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.law.explain import explain
from duecourse.cli.law.limitation import limitation
from duecourse.cli.law.measure import measure
from duecourse.cli.law.options import Folder, Jurisdiction, Without, lang_asked, read_book, read_packs
from duecourse.cli.law.show import show
from duecourse.cli.output import Json, count, print_json, say, share, table
from duecourse.cli.words import _
from duecourse.trouble import Exit

if TYPE_CHECKING:
    from duecourse.law.pack import Pack

app = typer.Typer(help="Law as data: the rules, their sources and cases, and why a contact is allowed or refused.")

app.command("show")(show)
app.command("explain")(explain)
app.command("measure")(measure)
app.command("limitation")(limitation)


@app.command("list")
def list_rules(
    *,
    jurisdiction: Jurisdiction = "CN",
    without: Without = None,
    packs: Folder = None,
    json: Json = False,
) -> None:
    """List the rules that bind in a jurisdiction, in the order in which answers name them."""
    from duecourse.law.plain import plain_source
    from duecourse.law.terms import word

    book, lang = read_book(packs, jurisdiction, without), lang_asked()
    if json:
        rules = [
            {
                "rule": rule.id,
                "pack": rule.pack,
                "effect": rule.effect,
                "says": rule.says,
                "from": rule.versions[-1].start,
                "source": plain_source(rule.source),
            }
            for rule in book.rules
        ]
        listed = [{"pack": one.id, "kind": one.kind, "status": one.status, "sha256": one.hash} for one in book.packs]
        print_json({"jurisdiction": book.jurisdiction, "rulebook": book.hash, "packs": listed, "rules": rules})
        return
    table(
        _("Packs"),
        (_("pack"), _("what"), _("kind"), _("status"), _("rules"), _("content")),
        [
            (one.id, one.says[lang], _(one.kind), word(one.status, lang), len(one.rules), one.hash[:12])
            for one in book.packs
        ],
    )
    table(
        _("Rules"),
        (_("rule"), _("says"), _("source"), _("known by")),
        [
            (
                rule.id,
                rule.says[lang],
                f"{rule.source.instrument} {rule.source.clause}".strip(),
                word(rule.source.grade, lang),
            )
            for rule in book.rules
        ],
    )


@app.command("facts")
def list_facts(*, json: Json = False) -> None:
    """List the vocabulary: every fact a condition may ask, with type, meaning and source."""
    from duecourse.law.facts import VOCABULARY
    from duecourse.law.plain import plain_fact

    if json:
        print_json([plain_fact(one) for one in VOCABULARY])
        return
    zh = lang_asked() == "zh"
    table(
        _("Facts"),
        (_("fact"), _("type"), _("meaning"), _("unit or words"), _("from whom")),
        [
            (one.name, one.kind, one.means_zh if zh else one.means, one.unit or ", ".join(one.options), one.source)
            for one in VOCABULARY
        ],
    )


@app.command("templates")
def list_templates(*, jurisdiction: Jurisdiction = "CN", json: Json = False) -> None:
    """List the approved templates and scripts, from which the gate reads the purpose."""
    from duecourse.law.plain import plain_template
    from duecourse.law.templates import load_register
    from duecourse.law.terms import word

    register, lang = load_register(jurisdiction=jurisdiction.upper()), lang_asked()
    if json:
        found = [plain_template(one) for one in register.templates.values()]
        print_json({"register": register.hash, "templates": found})
        return
    table(
        _("Templates and scripts"),
        (_("template"), _("version"), _("channels"), _("purpose"), _("names a debt"), _("approved")),
        [
            (
                one.id,
                one.version,
                ", ".join(word(channel, lang) for channel in one.channels),
                word(one.purpose, lang),
                _("yes") if one.states["mentions_debt"] else _("no"),
                one.approved_on,
            )
            for one in register.templates.values()
        ],
    )


@app.command()
def check(
    *,
    packs: Folder = None,
    referee: Annotated[
        int, typer.Option(metavar="ROWS", help="Also compare the engines with DuckDB on this many random contacts.")
    ] = 0,
    seed: Annotated[int, typer.Option(help="Seed of the random contacts.")] = 1,
    json: Json = False,
) -> None:
    """Run every case, change every rule to see whether a case notices, and compare the engines."""
    from duecourse.law.check import mutants, run_cases, survivors
    from duecourse.law.rulebook import rulebook
    from duecourse.law.templates import load_register

    loaded, register = read_packs(packs), load_register(jurisdiction=None)
    rules = [rule for pack in loaded for rule in pack.rules]
    failures = list(run_cases(rules))
    changed = sum(1 for rule in rules for _mutant in mutants(rule))
    alive = [mutant for rule in rules for mutant in survivors(rule)]
    disputes = []
    if referee:
        from duecourse.law.referee import disputes as compare

        for jurisdiction in sorted({pack.jurisdiction for pack in loaded if pack.matrix}):
            disputes += list(compare(rulebook(loaded, jurisdiction=jurisdiction), referee, seed, scalar_rows=10_000))
    found = bool(failures or alive or disputes)
    if json:
        print_json(
            {
                "rules": len(rules),
                "cases": sum(len(rule.cases) for rule in rules),
                "failures": [str(failure) for failure in failures],
                "mutants": changed,
                "survivors": [{"rule": one.rule.id, "change": one.change} for one in alive],
                "referee_rows": referee,
                "disputes": [
                    {"engine": one.engine, "rule": one.rule, "row": one.row, "facts": one.facts} for one in disputes
                ],
                "templates": len(register.templates),
            }
        )
    else:
        _print_check(loaded, [str(one) for one in failures], [f"{one.rule.id}: {one.change}" for one in alive], changed)
        say(_("{count} templates and scripts stand in the register.").format(count=len(register.templates)))
        if referee:
            rows = count(referee)
            say(_("Python, Polars and DuckDB on {rows} random contacts: {count} differences.").format(
                rows=rows, count=len(disputes)))  # fmt: skip
        for one in disputes[:20]:
            say(f"{one.engine} {one.rule}: {one.facts}")
    if found:
        raise typer.Exit(Exit.FOUND)


def _print_check(packs: tuple[Pack, ...], failures: list[str], alive: list[str], changed: int) -> None:
    table(
        _("Cases"),
        (_("pack"), _("rules"), _("cases")),
        [(pack.id, len(pack.rules), sum(len(rule.cases) for rule in pack.rules)) for pack in packs],
    )
    for failure in failures:
        say(failure)
    say(_("All cases hold.") if not failures else _("{count} cases fail.").format(count=len(failures)))
    killed = changed - len(alive)
    say(
        _("Of {changed} changes to operators, numbers, words and lifts the cases notice {killed} ({share}).").format(
            changed=count(changed), killed=count(killed), share=share(killed, changed)
        )
    )
    for one in alive:
        say(_("not noticed: {change}").format(change=one))
