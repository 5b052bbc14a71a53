"""``duecourse law``: the rules in force, what they say of contacts, and what other rules would change."""

from __future__ import annotations

import typer

from duecourse.cli.law.calendar import calendar
from duecourse.cli.law.check import check
from duecourse.cli.law.coverage import coverage
from duecourse.cli.law.diff import diff, replay
from duecourse.cli.law.explain import explain
from duecourse.cli.law.limitation import limitation
from duecourse.cli.law.measure import measure
from duecourse.cli.law.options import Folder, Jurisdiction, Without, lang_asked, read_place
from duecourse.cli.law.packs import activate, keep, packs, switch
from duecourse.cli.law.show import show
from duecourse.cli.output import Json, print_json, table
from duecourse.cli.words import _

app = typer.Typer(help="Law as data: the rules, their sources and cases, and why a contact is allowed or refused.")

app.command("show")(show)
app.command("explain")(explain)
app.command("measure")(measure)
app.command("limitation")(limitation)
app.command("calendar")(calendar)
app.command("check")(check)
app.command("coverage")(coverage)
app.command("diff")(diff)
app.command("replay")(replay)
app.command("packs")(packs)
app.command("switch")(switch)
app.command("keep")(keep)
app.command("activate")(activate)


@app.command("list")
def list_rules(
    *,
    jurisdiction: Jurisdiction = None,
    without: Without = None,
    packs: Folder = None,
    json: Json = False,
) -> None:
    """List the rules that bind in a jurisdiction, in the order in which answers name them."""
    from duecourse.law.plain import plain_source
    from duecourse.law.terms import word

    book, lang = read_place(packs, jurisdiction, without).book, lang_asked()
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
def list_templates(*, jurisdiction: Jurisdiction = None, json: Json = False) -> None:
    """List the approved templates and scripts, from which the gate reads the purpose."""
    from duecourse.law.plain import plain_template
    from duecourse.law.terms import word

    register, lang = read_place(jurisdiction=jurisdiction).register, lang_asked()
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
