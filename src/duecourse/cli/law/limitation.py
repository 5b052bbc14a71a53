"""``duecourse law limitation``: when limitation of a claim runs out, step by step."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.law.measure import said
from duecourse.cli.law.options import Folder, Jurisdiction, Without, lang_asked, read_place
from duecourse.cli.output import Json, print_json, say, table
from duecourse.cli.words import _
from duecourse.trouble import N_, BadInput

if TYPE_CHECKING:
    from duecourse.law.limitation import Act, Limitation, Obstacle

_MARKS = ("reached", "failed", "reserved", "untraceable", "part", "joint")


class NotAnAct(BadInput):
    """An act, obstacle or day on the command line that cannot be read."""


def limitation(
    due: Annotated[str, typer.Argument(metavar="DAY", help="Due day, of the last instalment where there are several.")],
    *,
    act: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DAY=KIND[,MARK…]",
            help="What happened, such as 2024-12-01=message,reached; may be repeated. Kinds are those of the fact "
            "limitation_act. Marks: reached (arrived, with proof), failed, reserved (to a card's reserved point), "
            "untraceable (the debtor), part (of the debt only), joint (another debtor who owes the whole too).",
        ),
    ] = None,
    obstacle: Annotated[
        list[str] | None,
        typer.Option(metavar="DAY/DAY", help="What kept the creditor from claiming, and when it ended; open: DAY/."),
    ] = None,
    card: Annotated[bool, typer.Option("--card", help="The debt is a credit card's.")] = False,
    fact: Annotated[
        list[str] | None, typer.Option("--fact", metavar="NAME=VALUE", help="A fact; may be repeated.")
    ] = None,
    on: Annotated[str | None, typer.Option(metavar="DAY", help="Say also whether it has run out on this day.")] = None,
    jurisdiction: Jurisdiction = None,
    without: Without = None,
    packs: Folder = None,
    json: Json = False,
) -> None:
    """Reckon when limitation of a claim runs out: what restarts, suspends and revives it, with the articles.

    An act counts only with what is proven of it: a message that failed, or of which nobody knows whether it
    arrived, does nothing. Beyond the published calendar of holidays the last day is provisional.
    """
    from duecourse.law.limitation import Claim
    from duecourse.law.limitation import limitation as reckon
    from duecourse.law.workdays import rest_days

    place = read_place(packs, jurisdiction, without)
    book = place.book
    claim = Claim(
        book,
        _day(due),
        rest_days(book.jurisdiction),
        tuple(_obstacle(one) for one in obstacle or []),
        {"card_account": card, **place.facts, **said(fact or [])},
    )
    asked = None if on is None else _day(on)
    found = reckon(claim, [_act(one) for one in act or []])
    if json:
        print_json(_plain(found, asked))
    else:
        _print(found, asked)


def _plain(found: Limitation, asked: date | None) -> dict[str, object]:
    from duecourse.law.limitation import told
    from duecourse.law.plain import plain_finding

    return {
        "last_day": found.last_day,
        "provisional": found.provisional,
        "expired": None if asked is None else found.expired(asked),
        "on": asked,
        "steps": [
            {
                "step": line.step,
                "day": line.day,
                "ends": line.ends,
                "act": line.act.kind if line.act else None,
                "says": {lang: told(line, lang) for lang in ("zh", "en")},
                "by": [plain_finding(one) for one in line.by],
            }
            for line in found.lines
        ],
    }


def _print(found: Limitation, asked: date | None) -> None:
    from duecourse.law import wording
    from duecourse.law.limitation import told

    lang = lang_asked()
    if found.last_day is None:
        say(_("Limitation does not run out while the obstacle stands."))
    else:
        say(_("Limitation runs out with {day}.").format(day=found.last_day))
    if found.provisional:
        say(_("Provisional: the calendar of holidays does not reach that day; only weekends are known."))
    if asked is not None:
        said = _("On {day} it has run out.") if found.expired(asked) else _("On {day} it has not run out.")
        say(said.format(day=asked))
    table(
        _("How it is reckoned"),
        (_("step"), _("by")),
        [
            (told(line, lang), "; ".join(f"{one.rule.id}, {wording.cited(one.rule.source, lang)}" for one in line.by))
            for line in found.lines
        ],
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise NotAnAct(N_("{text!r} is no day: write 2022-01-31"), text=text) from None


def _act(text: str) -> Act:
    from duecourse.law.facts import nearest
    from duecourse.law.limitation import Act
    from duecourse.law.terms import LimitationAct

    day, sign, rest = text.partition("=")
    kind, *marks = (part.strip() for part in rest.split(","))
    kinds = [one.value for one in LimitationAct]
    if not sign or kind not in kinds:
        raise NotAnAct(
            N_("--act {text!r}: {kind!r} is no act{near}; one of {kinds}"),
            text=text,
            kind=kind,
            near=nearest(kind, kinds),
            kinds=", ".join(kinds),
        )
    if wrong := [mark for mark in marks if mark not in _MARKS]:
        raise NotAnAct(
            N_("--act {text!r}: {wrong!r} is no mark{near}; one of {marks}"),
            text=text,
            wrong=wrong[0],
            near=nearest(wrong[0], _MARKS),
            marks=", ".join(_MARKS),
        )
    return Act(
        _day(day), LimitationAct(kind), reached="reached" in marks, failed="failed" in marks,
        reserved="reserved" in marks, whereabouts_unknown="untraceable" in marks,
        in_part="part" in marks, joint="joint" in marks,
    )  # fmt: skip


def _obstacle(text: str) -> Obstacle:
    from duecourse.law.limitation import Obstacle

    begins, sign, ends = text.partition("/")
    if not sign:
        raise NotAnAct(
            N_("--obstacle {text!r}: write 2024-06-01/2024-12-01, or 2024-06-01/ while it stands"), text=text
        )
    found = Obstacle(_day(begins), _day(ends) if ends.strip() else None)
    if found.ends is not None and found.ends < found.begins:
        raise NotAnAct(N_("--obstacle {text!r} ends before it begins"), text=text)
    return found
