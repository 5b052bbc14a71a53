"""``duecourse law coverage``: which cases exercise each branch and limit of each rule, and which nobody does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.law.options import Folder, read_packs
from duecourse.cli.output import Json, count, facts, print_json, say, share, table
from duecourse.cli.words import _
from duecourse.trouble import N_, BadInput, Exit

if TYPE_CHECKING:
    from duecourse.law.coverage import Coverage, RuleCoverage


def coverage(
    name: Annotated[
        str | None, typer.Argument(metavar="[RULE|PACK]", help="One rule, with every case; or one pack.")
    ] = None,
    *,
    gaps: Annotated[
        bool,
        typer.Option(
            "--gaps", help="Only rules with a branch that no case takes; such a branch too gives exit status 1."
        ),
    ] = False,
    packs: Folder = None,
    json: Json = False,
) -> None:
    """Which cases exercise each branch and limit of the rules; exit status 1 if a change goes unnoticed."""
    from dataclasses import replace

    from duecourse.law.coverage import coverage as coverage_of
    from duecourse.law.facts import nearest

    loaded = read_packs(packs)
    if name is not None:
        ids = [pack.id for pack in loaded]
        rules = {rule.id: pack for pack in loaded for rule in pack.rules}
        if name in rules:
            pack = rules[name]
            loaded = (replace(pack, rules=tuple(rule for rule in pack.rules if rule.id == name)),)
        elif name in ids:
            loaded = tuple(pack for pack in loaded if pack.id == name)
        else:
            raise BadInput(
                N_("no rule or pack {name!r}{near}; `duecourse law list` shows them"),
                name=name,
                near=nearest(name, [*rules, *ids]),
            )
    found = coverage_of(loaded)
    if json:
        print_json(found)
    elif len(found.rules) == 1:
        _print_rule(found.rules[0])
    else:
        _print(found, gaps=gaps)
    if found.gaps if gaps else any(one.unnoticed or one.failing for one in found.rules):
        raise typer.Exit(Exit.FOUND)


def _print(found: Coverage, *, gaps: bool) -> None:
    table(
        _("Coverage"),
        (_("pack"), _("rules"), _("cases"), _("branches"), _("without a case"), _("changes"), _("noticed")),
        [
            (
                one.pack,
                one.rules,
                one.cases,
                one.branches,
                one.branches_without_case,
                one.limits,
                share(one.killed, one.limits),
            )
            for one in found.packs
        ],
        right=(6,),
    )
    rows = [
        (one.rule, one.cases, "\n".join(one.without_case) or None, "\n".join(one.unnoticed) or None)
        for one in found.rules
        if one.without_case or one.unnoticed or not gaps
    ]
    table(_("Rules"), (_("rule"), _("cases"), _("branch without a case"), _("change that no case notices")), rows)
    unused = [one.fact for one in found.facts if not one.rules]
    if unused:
        say(_("Facts that no rule of these packs asks: {count}.").format(count=count(len(unused))))


def _print_rule(one: RuleCoverage) -> None:
    def lines(cases: tuple[int, ...]) -> str | None:
        return ", ".join(str(line) for line in cases) or None

    noticed = f"{one.killed} / {len(one.limits)}"
    facts(one.rule, [(_("file"), one.file), (_("cases"), one.cases), (_("changes noticed"), noticed)])
    table(
        _("Branches"),
        (_("says"), _("cases in line")),
        [(branch.says, lines(branch.cases) or _("none")) for branch in one.branches],
    )
    table(
        _("Changes"),
        (_("change"), _("noticed in line")),
        [(limit.change, lines(limit.cases) or _("none")) for limit in one.limits],
    )
