"""``duecourse strategy``: which treatments a case gets, as data: shown, drafted, tried out, decided by two people."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from duecourse.cli.output import Json, clock, lines, print_json, say, table
from duecourse.cli.strategy import drafts
from duecourse.cli.strategy.text import content_of
from duecourse.cli.words import _, lang, word

if TYPE_CHECKING:
    from duecourse.book.strategy import Strategy
    from duecourse.storage.connection import Tx
    from duecourse.storage.runs import Run

LEAVE_ALONE = "leave_alone"
"""The treatment of a case that the strategy never touches."""

app = typer.Typer(help="Strategies: which treatments a case gets. They propose; the law decides.")

app.command("versions")(drafts.versions)
app.command("drafts")(drafts.drafts)
app.command("draft")(drafts.draft)
app.command("begin")(drafts.begin)
app.command("write")(drafts.write)
app.command("discard")(drafts.discard)
app.command("try")(drafts.try_it)
app.command("trial")(drafts.trial)
app.command("activate")(drafts.activate)
app.command("roll-back")(drafts.roll_back)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A shipped strategy, or a file.")] = "first", *, json: Json = False
) -> None:
    """Explain a strategy: when what is proposed, in which order, and what is left alone."""
    strategy, _text = _read(name)
    if json:
        print_json(strategy)
        return
    _print(strategy)


@app.command()
def check(file: Annotated[Path, typer.Argument(help="The strategy's YAML file.")], *, json: Json = False) -> None:
    """Validate a strategy: words, conditions, templates. Changes nothing."""
    strategy, _text = _read(str(file))
    if json:
        print_json({"strategy": strategy.name, "version": strategy.version, "sha256": strategy.hash, "valid": True})
    else:
        say(_("{strategy} is valid. Treatments: {count}.").format(strategy=strategy.id, count=len(strategy.treatments)))


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="The strategy's YAML file.")],
    *,
    start: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day on which it counts.")],
    json: Json = False,
) -> None:
    """Keep the first strategy that a lender chooses; day runs from that day on use it.

    Afterwards one person alone changes nothing: `strategy begin`, `write`, `try`, `activate`, and `approval approve`.
    """
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.actor import Actor, Role
    from duecourse.casework.strategy import load_strategy

    strategy, text = _read(str(file))
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        version = load_strategy(
            tx,
            vault=vault_of(desk.settings),
            strategy=strategy,
            text=text,
            from_day=start.date(),
            actor=Actor(Role.OPERATOR, "cli"),
            now=now(),
        )
    if json:
        print_json({"strategy": strategy.name, "kept_version": version, "from": start.date()})
    else:
        say(
            _("{strategy} counts from {day} on, as version {version} of this lender.").format(
                strategy=strategy.id, day=start.date(), version=version
            )
        )


def used_by(tx: Tx, ran: Run) -> Strategy | None:
    """The strategy that a published run used, or None if it is not kept."""
    inputs: Any = (ran.manifest or {}).get("inputs", {})
    used = inputs.get("strategy", {})
    return strategy_of(tx, used.get("name"), used.get("kept_version"))


def strategy_of(tx: Tx, name: str | None, version: int | None) -> Strategy | None:
    """A version of a strategy as the lender keeps it, or None."""
    from duecourse.book.strategy import read_strategy
    from duecourse.storage import strategies

    kept = strategies.get(tx, name, version) if name and version else None
    return None if kept is None else read_strategy(kept.content, kept.strategy_id)


def treatment_word(name: str, strategy: Strategy | None) -> str:
    """A treatment in the reader's language, as its strategy says it."""
    if name == LEAVE_ALONE:
        return _("left alone")
    said = {one.name: one.says[lang()] for one in strategy.treatments} if strategy else {}
    return said.get(name) or str(word(name))


def _read(name: str) -> tuple[Strategy, str]:
    from duecourse.book.strategy import read_strategy, shipped
    from duecourse.casework.strategy import checked

    path = Path(name)
    text = content_of(path) if path.suffix in {".yaml", ".yml"} else shipped(name)
    return checked(read_strategy(text, path.name)), text


def _print(strategy: Strategy) -> None:
    from duecourse.book.saying import in_words

    say(f"{strategy.id}: {strategy.says[lang()]}")
    least = f"{strategy.at_least_minor:,}"
    say(
        _("A case is opened when: {when}, and at least {least} minor units are overdue.").format(
            when=in_words(strategy.opens_when.text, lang()), least=least
        )
    )
    say("")
    table(
        _("Proposed"),
        [_("Treatment, its condition and template"), _("By"), _("To"), _("Channel"), _("At")],
        [
            [
                lines(one.says[lang()], in_words(one.when.text, lang()), one.template or ""),
                word(one.by), word(one.to),
                word(one.channel), clock(one.slot) if one.channel else None,
            ]
            for one in strategy.treatments
        ],
    )  # fmt: skip
    table(
        _("Left alone"),
        [_("When"), _("Why")],
        [[in_words(rule.when.text, lang()), rule.says[lang()]] for rule in strategy.never],
    )
    table(
        _("Order of the worklist"),
        [_("Points"), _("When"), _("Why")],
        [[rule.points, in_words(rule.when.text, lang()), rule.says[lang()]] for rule in strategy.priority],
    )
