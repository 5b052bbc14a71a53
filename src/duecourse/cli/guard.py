"""``duecourse guard``: what nobody may say to a borrower, found in a text; its rules; what it was measured to find."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from duecourse.cli.output import Json, count, print_json, say, share, table
from duecourse.cli.public_sets import Data, Into, write
from duecourse.cli.words import _, lang
from duecourse.trouble import Exit

app = typer.Typer(help="The speech guard: what nobody may say to a borrower, found in a text before it goes out.")


@app.command()
def check(
    text: Annotated[
        list[str] | None, typer.Argument(metavar="[TEXT]...", help="Texts; without any, lines are read.")
    ] = None,
    *,
    own: Annotated[
        list[str] | None, typer.Option("--own", help="A phone number of the lender's own, which a text may name.")
    ] = None,
    json: Json = False,
) -> None:
    """Say what is wrong with texts: the words, the rule, whether they were hidden. Exit status 1 if anything is."""
    from duecourse.casework.speech import SAYS, guard

    texts = text or [line.rstrip("\n") for line in sys.stdin]
    found = [
        (number, said, one)
        for number, said in enumerate(texts, 1)
        for one in guard().screen(said, own_numbers=own or ())
    ]
    if json:
        print_json([
            {
                "text": number, "category": one.category, "rule": one.rule, "start": one.start, "end": one.end,
                "words": one.words(said), "disguised": one.disguised, "says": one.says,
            }
            for number, said, one in found
        ])  # fmt: skip
    elif not found:
        say(_("Nothing in it that nobody may say."))
    else:
        table(
            _("What nobody may say"),
            [_("Text"), _("Words"), _("Category"), _("Rule"), _("Hidden"), _("Says")],
            [
                [
                    str(number), one.words(said), _(SAYS[one.category]), one.rule, _("yes") if one.disguised else None,
                    one.says[lang()],
                ]
                for number, said, one in found
            ],
        )  # fmt: skip
    if found:
        raise typer.Exit(Exit.FOUND)


@app.command()
def rules(*, json: Json = False) -> None:
    """List the rules: what each finds, and the fact of the law that it answers."""
    from duecourse.insight.guard.screen import read_rules

    found: list[dict[str, Any]] = [
        {
            "rule": one["rule"], "category": one["category"], "law": one["law"], "says": one["says"],
            "phrases": sum(len(one.get(kind, ())) for kind in ("zh", "sound", "tokens", "en", "hidden")),
        }
        for one in read_rules()
    ]  # fmt: skip
    if json:
        print_json(found)
        return
    table(
        _("Rules of the speech guard"),
        [_("Rule"), _("Says"), _("Fact of the law"), _("Phrases")],
        [[one["rule"], one["says"][lang()], one["law"], count(one["phrases"])] for one in found],
        right=(3,),
    )


@app.command()
def measure(data: Data, *, json: Json = False) -> None:
    """Measure the guard on public sets: what it finds, what it takes for bad; docs/guard.md has the figures."""
    from duecourse.casework.speech import guard
    from duecourse.insight.guard import measuring

    found = measuring.measure(guard(), data)
    if json:
        print_json(found)
        return
    table(
        _("The speech guard, measured"),
        [
            _("Public set"), _("Cut"), _("Bad"), _("Bad found"), _("Of them"), _("Harmless"), _("Taken for bad"),
            _("Of them"),
        ],
        [
            [
                one.name, one.part, count(one.bad), count(one.found), share(one.found, one.bad) if one.bad else None,
                count(one.harmless), count(one.alarms), share(one.alarms, one.harmless) if one.harmless else None,
            ]
            for one in found
        ],
        right=(2, 3, 4, 5, 6, 7),
    )  # fmt: skip


@app.command()
def train(data: Data, into: Into, *, json: Json = False) -> None:
    """Make the tables of the models anew from the public sets of class A; needs the packages of the tests."""
    from duecourse.insight.guard import training

    write(training.tables(data), into, json=json)
