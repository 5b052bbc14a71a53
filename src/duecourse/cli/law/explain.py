"""``duecourse law explain``: one contact at one instant, with every rule that was asked."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.law.options import Folder, Jurisdiction, Without, lang_asked, read_place
from duecourse.cli.output import Json, note, print_json, say, table
from duecourse.cli.words import _
from duecourse.trouble import N_, BadInput, Exit, Said

if TYPE_CHECKING:
    from duecourse.law.decide import Decision
    from duecourse.law.facts import Fact, Value


class NotAFact(BadInput):
    """A fact on the command line that cannot be read."""


def explain(
    *,
    channel: Annotated[str, typer.Option(help="By which way, such as call, sms, letter.")],
    at: Annotated[str, typer.Option(metavar="INSTANT", help="2026-03-01T22:10 by the law's clock, or with an offset.")],
    template: Annotated[
        str | None, typer.Option(help="Approved template or script; gives purpose and content.")
    ] = None,
    purpose: Annotated[str | None, typer.Option(help="Purpose, to try one out without a template.")] = None,
    relation: Annotated[str, typer.Option(help="What the person is to the debt.")] = "borrower",
    zone: Annotated[
        list[str] | None, typer.Option(metavar="ZONE", help="Another zone the person may be in; may be repeated.")
    ] = None,
    fact: Annotated[
        list[str] | None,
        typer.Option(
            "--fact", metavar="NAME=VALUE", help="A fact; null leaves it out. Repeatable; one said twice may be either."
        ),
    ] = None,
    bare: Annotated[bool, typer.Option("--bare", help="Assume nothing: facts not given are missing.")] = False,
    jurisdiction: Jurisdiction = None,
    without: Without = None,
    packs: Folder = None,
    json: Json = False,
) -> None:
    """Explain one contact at one instant: allowed or refused, by which rules, when it would be open.

    Exit status 4 where it is refused, as of `permit check`.
    """
    from duecourse.law.clock import local
    from duecourse.law.clock import zone as zone_of
    from duecourse.law.decide import decide_at, next_open
    from duecourse.law.ordinary import ORDINARY, text_facts
    from duecourse.law.plain import plain_decision

    place = read_place(packs, jurisdiction, without)
    book, register, zone = place.book, place.register, place.zones(zone)
    clock = book.zone or next(iter(zone), "")
    instant = instant_of(at, clock)
    day = local(instant, zone_of(clock))[0] if clock else instant.date()
    text = text_facts(register, template=template, purpose=purpose, day=day, channel=channel)
    assumed: dict[str, Value] = {} if bare else {**ORDINARY, **text}
    said: dict[str, object] = {"channel": channel, "relation": relation, **place.facts}
    said |= register[template].facts(day, channel) if template else {"purpose": purpose}
    told, homes = facts_of(fact or [])
    said |= told
    known = {**assumed, **said}
    for one in (known, *homes):
        check_words(one)
    decision = decide_at(book, known, instant, zone, homes)
    opens = None if decision.allowed else next_open(book, known, instant, zones=zone, homes=homes)
    asked = {name for finding in decision.findings for name in finding.rule.facts}
    guessed = {name: value for name, value in assumed.items() if name not in said and name in asked}
    if json:
        print_json({**plain_decision(decision), "instant": instant, "next_open": opens, "assumed": guessed})
    else:
        _print_decision(decision, clock, opens)
    if guessed and not json:
        from duecourse.law import wording

        pairs = ", ".join(f"{name} = {wording.shown(name, value, lang_asked())}" for name, value in guessed.items())
        note(_("Assumed, since not given: {facts}").format(facts=pairs))
    if not decision.allowed:
        raise typer.Exit(Exit.REFUSED)


_YEARS = 1900, 2199
"""Before them there is no law here, and beyond them nobody plans a contact."""


def instant_of(text: str, clock: str) -> datetime:
    """The instant that a person typed, by the clock of a zone where no offset stands. Raises `NotAFact`."""
    from duecourse.law.clock import instants, zone

    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise NotAFact(
            N_("--at {text!r} is no instant: write 2026-03-01T22:10 or 2026-03-01T22:10+08:00"), text=text
        ) from None
    if not _YEARS[0] <= given.year <= _YEARS[1]:
        raise NotAFact(
            N_("--at {text!r} lies beyond the calendars here: write a year from {first} to {last}"),
            text=text, first=_YEARS[0], last=_YEARS[1],
        )  # fmt: skip
    if given.tzinfo is not None:
        return given.astimezone(UTC)
    if not clock:
        raise NotAFact(
            N_(
                "--at {text!r} needs an offset such as 2026-03-01T22:10+08:00, or --zone where the person is: the "
                "law here has no clock of its own"
            ),
            text=text,
        )
    return instants(given.date(), given.hour * 3600 + given.minute * 60 + given.second, zone(clock))[0]


def facts_of(pairs: list[str]) -> tuple[dict[str, object], list[dict[str, object]]]:
    """The facts said once, and each combination of those said more than once: any of them may be true."""
    from duecourse.law.facts import FACTS, Kind, nearest

    found: dict[str, list[object]] = {}
    for pair in pairs:
        name, sign, text = pair.partition("=")
        name, text = name.strip(), text.strip()
        if not sign and name in FACTS:
            raise NotAFact(
                N_("--fact {pair!r} has no value: write {pair}=VALUE, null where it is not known"), pair=pair
            )
        if name not in FACTS:
            raise NotAFact(
                N_("--fact {pair!r}: no fact {name!r}{near}; `duecourse law facts` lists them"),
                pair=pair,
                name=name,
                near=nearest(name, list(FACTS)),
            )
        if name in ("on", "second_local"):
            raise NotAFact(N_("--fact {pair!r}: the day and the second come from --at"), pair=pair)
        words = {"null": None, "true": True, "false": False}
        if text in words:
            value: object = words[text]
        elif FACTS[name].kind is Kind.INT and text.removeprefix("-").isdigit():
            value = int(text)
        else:
            value = text
        found.setdefault(name, []).append(value)
    once = {name: values[0] for name, values in found.items()}
    several = {name: values for name, values in found.items() if len(values) > 1}
    homes = [dict(zip(several, values, strict=True)) for values in product(*several.values())] if several else []
    return once, homes


def _wanted(fact: Fact) -> Said:
    """What a fact that has no list of words may be."""
    from duecourse.law.facts import Kind

    if fact.kind is Kind.BOOL:
        return Said(N_("; it is true, false or null"))
    if fact.kind is Kind.DATE:
        return Said(N_("; it is a day such as 2026-03-01"))
    if fact.high is None:
        return Said(N_("; it is a whole number from {low}"), low=fact.low or 0)
    return Said(N_("; it is a whole number from {low} to {high}"), low=fact.low or 0, high=fact.high)


def check_words(known: dict[str, object]) -> None:
    """A word that a person typed and that is not in its list is an error here; the gate would call it missing."""
    from duecourse.law.facts import FACTS, nearest

    for name, value in known.items():
        if value is not None and FACTS[name].read(value) is None:
            options = ", ".join(FACTS[name].options)
            hint = Said(N_("; one of {words}"), words=options) if options else _wanted(FACTS[name])
            raise NotAFact(
                N_("{value!r} is no {name}{near}{hint}"),
                value=value,
                name=name,
                near=nearest(str(value), FACTS[name].options),
                hint=hint,
            )


def _that_fall(decision: Decision) -> list[str]:
    """The counters over several days by which it is refused, if it is by nothing else."""
    from duecourse.law.facts import FACTS

    asked = [[name for name in one.rule.facts if FACTS[name].rolling] for one in decision.refusals]
    return list(dict.fromkeys(name for names in asked for name in names)) if all(asked) else []


def _print_decision(decision: Decision, clock: str, opens: datetime | None) -> None:
    from duecourse.law import wording
    from duecourse.law.judge import Outcome

    lang = lang_asked()
    say(wording.sentence(decision, lang))
    if not decision.allowed:
        counts = _that_fall(decision)
        if opens is None and counts:
            say(_("When it opens is not known: earlier contacts fall out of {counts} one by one.").format(
                counts=", ".join(counts)))  # fmt: skip
        elif opens is None:
            say(_("Not open within 14 days as things stand."))
        else:
            from duecourse.law.clock import zone

            there = opens.astimezone(zone(clock))
            say(_("Next allowed: {when} ({zone}).").format(when=f"{there:%Y-%m-%d %H:%M:%S}", zone=clock))
    if decision.lifts:
        lifts = ", ".join(f"{name} ({wording.meaning(name, lang)})" for name in decision.lifts)
        say(_("Would be lifted by: {lifts}.").format(lifts=lifts))
    telling = [one for one in decision.findings if one.outcome is not Outcome.PASSES]
    if telling:
        table(
            _("What determined it"),
            (_("outcome"), _("rule"), _("source"), _("facts and values")),
            [
                (
                    wording.outcome(one.outcome, lang),
                    wording.versioned(one),
                    wording.cited(one.rule.source, lang),
                    wording.used(one, lang),
                )
                for one in sorted(telling, key=lambda one: not one.outcome.says_no)
            ],
        )
    passed = [wording.versioned(one) for one in decision.findings if one.outcome is Outcome.PASSES]
    if passed:
        say(_("Asked and passed: {rules}").format(rules=", ".join(passed)))
    for one in decision.advice:
        say(wording.why(one, lang))
