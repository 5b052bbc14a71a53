"""``duecourse law check``: every case of the packs, every changed rule, the engines beside each other; or scenarios."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.law.options import Folder, lang_asked, read_packs
from duecourse.cli.output import Json, count, print_json, say, share, table
from duecourse.cli.words import _
from duecourse.trouble import N_, BadInput, Exit

if TYPE_CHECKING:
    from duecourse.law.pack import Pack
    from duecourse.law.scenario import Verdict


def check(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="Scenario files to run instead.")
    ] = None,
    *,
    packs: Folder = None,
    referee: Annotated[
        int, typer.Option(metavar="ROWS", help="Also compare the engines with DuckDB on this many random contacts.")
    ] = 0,
    seed: Annotated[int, typer.Option(help="Seed of the random contacts.")] = 1,
    json: Json = False,
) -> None:
    """Run scenario files; or every case, change every rule to see whether a case notices, and compare the engines."""
    if files:
        _scenarios(files, read_packs(packs), json=json)
        return
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
        say(_("Templates and scripts in the register: {count}.").format(count=len(register.templates)))
        if referee:
            rows = count(referee)
            say(_("Python, Polars and DuckDB on random contacts: {rows}; differences: {count}.").format(
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
    say(_("All cases hold.") if not failures else _("Cases that fail: {count}.").format(count=len(failures)))
    killed = changed - len(alive)
    say(
        _("Of {changed} changes to operators, numbers, words and lifts the cases notice {killed} ({share}).").format(
            changed=count(changed), killed=count(killed), share=share(killed, changed)
        )
    )
    for one in alive:
        say(_("not noticed: {change}").format(change=one))


def _scenarios(files: list[Path], packs: tuple[Pack, ...], *, json: bool) -> None:
    """Run scenario files; exit status 1 if a line does not hold."""
    from duecourse.casework.scenario import run_scenarios

    texts: dict[str, str] = {}
    for file in files:
        try:
            texts[str(file)] = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise BadInput(N_("{file} is no text in UTF-8: save it so, or name a scenario file"), file=file) from None
    told, faults = run_scenarios(texts, packs, lang_asked())
    if json:
        print_json({"cases": [_plain(one.file, one.case, one.verdicts) for one in told], "faults": faults})
    else:
        rows = [(one.file, one.case, len(one.verdicts)) for one in told]
        table(_("Scenarios"), (_("file"), _("scenario"), _("contacts")), rows)
        for fault in faults:
            say(fault)
        say(_("Every line holds.") if not faults else _("Lines that do not hold: {count}.").format(count=len(faults)))
    if faults:
        raise typer.Exit(Exit.FOUND)


def _plain(file: str, title: str, found: list[Verdict]) -> dict[str, object]:
    from duecourse.law import wording

    return {
        "file": file,
        "case": title,
        "contacts": [
            {
                "line": one.line,
                "at": one.at,
                "what": one.what,
                "allowed": one.decision.allowed,
                "refused_by": [finding.rule.id for finding in one.decision.refusals],
                "says": wording.sentence(one.decision, lang_asked()),
                "next_open": one.next_open,
                "assumed": dict(one.assumed),
                "wrong": list(one.wrong),
            }
            for one in found
        ],
    }
